"""The README's table of Figure 1 is what the record says, and its example runs."""

import re
from collections import Counter
from pathlib import Path

import by_hand
import numpy as np
import pytest

from kdsrc import claims, records
from kdsrc.report import headline
from kdsrc.statistics import image_interval

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMPARISONS = {
    "student with teacher against student alone": ("student_taught", "student_alone"),
    "the teacher's units as start, no penalty, against student alone": ("taught_no_penalty", "student_alone"),
    "the penalty λ = 0.01 on top of this start": ("student_taught", "taught_no_penalty"),
    "the penalty on top of a random start": ("random_penalty", "student_alone"),
    "student with teacher against student alone trained twice as long": ("student_taught", "alone_long"),
}


def told(form, *numbers):
    """Signs as the README sets them; a zero has none."""
    return re.sub(r"[-+](0\.0)(?!\d)", r"\1", form.format(*numbers)).replace("-", "−")


def ratios(record, arm, against, metric, iteration=None):
    return by_hand.loss(record, arm, metric, iteration) / by_hand.loss(record, against, metric, iteration)


def row(words, arms):
    """The table's line for one comparison of final losses, with 95 % intervals over seeds."""
    found = [by_hand.change(ratios("figure1", *arms, metric)) for metric in ("train_loss", "test_loss")]
    cells = [told("{:+.1f} % [{:+.1f}, {:+.1f}]", *one) for one in found]
    if over := over_images(records.load("figure1"), arms):
        cells[1] += told(" [{:+.1f}, {:+.1f}]", over.low, over.high)
    return f"| {words} | {' | '.join(cells)} |"


def over_images(record, arms):
    """The second interval of a test loss, once every seed has its residuals."""
    if not records.path("images").is_file():
        return None
    images = records.load("images")
    if not set(record.seeds) <= set(images.seeds):
        return None
    rows = [images.seeds.index(seed) for seed in record.seeds]
    return image_interval(*(np.array(images.measures[f"residuals_{arm}"])[rows] / 1_000 for arm in arms)).percent()


@pytest.mark.parametrize("words", COMPARISONS)
def test_figure1_in_the_readme_is_the_record(words):
    assert row(words, COMPARISONS[words]) in README


def test_number_of_seeds_and_images_in_the_readme():
    record = records.load("figure1")
    images = f"{record.dataset['n_train']:,}".replace(",", " ")
    assert f"{images} images, {len(record.seeds)} seeds" in README


def test_example_of_the_readme_prints_what_stands_below_it(capsys):
    ((example, printed),) = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", README, flags=re.S)
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("metric", ["train_loss", "test_loss"])
def test_horizons_in_the_readme_are_the_record(metric):
    found = [
        by_hand.change(ratios("figure1", "student_taught", "student_alone", metric, iterations))[0]
        for iterations in (50, 100, 200, 500, 1_000, 2_000)
    ]
    cells = [told("{:+.1f} %", one) for one in found]
    assert f"| {metric.replace('_', ' ').replace('train ', 'training ')} | {' | '.join(cells)} |" in README


@pytest.mark.parametrize("words", [*COMPARISONS][:3])
def test_later_iterations_in_the_readme_are_the_record(words):
    found = [
        by_hand.change(ratios("far", *COMPARISONS[words], "train_loss", iterations))
        for iterations in (10_000, 50_000, 200_000)
    ]
    cells = [told("{:+.1f} % [{:+.1f}, {:+.1f}]", *one) for one in found]
    assert f"| {words} | {' | '.join(cells)} |" in README
    assert f"({len(records.load('far').seeds)} seeds)" in README


@pytest.mark.parametrize(
    ("name", "arms"),
    [
        ("gain", ("student_taught", "student_alone")),
        ("start", ("taught_no_penalty", "student_alone")),
        ("penalty", ("student_taught", "taught_no_penalty")),
        ("equal", ("student_taught", "alone_long")),
    ],
)
def test_numbers_of_the_first_page_are_the_record(name, arms):
    effect, low, high = by_hand.change(ratios("figure1", *arms, "train_loss"))
    words = (
        "not clearly different" if low <= 0.0 <= high else f"{abs(effect):.1f}\xa0% {'lower' if high < 0 else 'higher'}"
    )
    assert headline.outcome(records.load("figure1"))[name] == words


def test_images_of_the_records_are_told_in_the_readme():
    assert "JPEG" in records.load("figure1").dataset["images"]
    assert "re-encoded as JPEG, in another order" in README.replace("\n", " ")


def test_sentences_below_the_table_are_the_record():
    """Ahead all along, half the iterations, the start, the penalty's cost, and the teacher's iterations for both."""
    curves = by_hand.kept("figure1")["curves"]
    taught, alone = (np.array(curves[arm]["train_loss"]) for arm in ("student_taught", "student_alone"))
    assert (taught < alone).all()
    needed = by_hand.reached("figure1", "student_taught", "train_loss", alone[:, -1])
    assert 0.4 < needed.mean() / curves["student_alone"]["iterations"][-1] < 0.6
    for arms, side in (
        (("taught_no_penalty", "student_alone"), "holds"),
        (("student_taught", "taught_no_penalty"), "opposite, small"),
        (("student_taught", "alone_long"), "opposite, small"),
    ):
        assert by_hand.word(by_hand.change(ratios("figure1", *arms, "train_loss"))) == side


STOPS = (100, 25, 50, 200, 500, 1000)
READINGS = ((20, 0), (20, 1), (5, 0), (5, 1))
SCALES = ("", "_q")


def reach_of_figure2():
    arms = "taught_penalty_0.01", "taught_penalty_0"
    level = np.maximum(*(by_hand.loss("figure2", arm, "train_loss") for arm in arms))
    one, other = (by_hand.reached("figure2", arm, "train_loss", level) for arm in arms)
    return [one / other]


def overlaps(record, pairs):
    return [
        np.divide(*(by_hand.overlap(record, network, *reading) for network in pair))
        for pair in pairs
        for reading in READINGS
    ]


FOUND = {  # ratios of the seeds, comparison by comparison, and the sign that is claimed
    "figure2-reach-zero": (reach_of_figure2, -1),
    "figure3-test-early": (
        lambda: [ratios("figure3", "from_full", f"from_early_{stop}", "test_loss") for stop in STOPS],
        -1,
    ),
    "figure4-test-teacher": (lambda: [ratios("figure4", "teacher_embedded", "teacher_pixels", "test_loss")], -1),
    "figure4-alignf-uniform": (lambda: [ratios("figure4", "compare_alignf_1000", "compare_uniform", "test_loss")], -1),
    "figure5-teacher": (lambda: overlaps("figure5", [("teacher_full", f"teacher_{stop}") for stop in STOPS]), 1),
    "figure5-student": (lambda: overlaps("figure5", [("student_full", f"student_{stop}") for stop in STOPS]), 1),
    "figure6-student": (
        lambda: overlaps(
            "figure6",
            [
                ("student_taught_embedded", "student_taught_pixels"),
                ("student_taught_embedded_on_pixels", "student_taught_pixels"),
            ],
        ),
        1,
    ),
    "horizon-penalty-test": (lambda: [ratios("horizon", "student_taught", "taught_no_penalty", "test_loss")], -1),
    "causes-start-random-train": (
        lambda: [
            by_hand.main_effect(
                "causes", [(f"full_{p}{q}", f"random_{p}{q}") for p in ("0", "0.01") for q in SCALES], "train_loss"
            )
        ],
        -1,
    ),
    "causes-penalty-train": (
        lambda: [
            by_hand.main_effect(
                "causes",
                [(f"{start}_0.01{q}", f"{start}_0{q}") for start in ("full", "early", "random") for q in SCALES],
                "train_loss",
            )
        ],
        -1,
    ),
}


CLAIMS = {
    "λ = 0.01 needs fewer iterations than λ = 0 (Figure 2)": "figure2-reach-zero",
    "a full teacher's student has a lower test loss than an early one's (Figure 3)": "figure3-test-early",
    "kernel features lower the teacher's test loss (Figure 4)": "figure4-test-teacher",
    "because they are aligned: lower than on the uniform combination (Figure 4)": "figure4-alignf-uniform",
    "a trained teacher's features overlap more with the kernel's eigenvectors (Figure 5)": "figure5-teacher",
    "and so do those of its student, against an early teacher's student (Figure 5)": "figure5-student",
    "the taught student's overlap is larger on kernel features (Figure 6)": "figure6-student",
    "trained to the end, λ = 0.01 has a lower test loss than λ = 0": "horizon-penalty-test",
    "the teacher's units as start lower the training loss, all else crossed": "causes-start-random-train",
    "the penalty does, all else crossed": "causes-penalty-train",
}


@pytest.fixture(scope="module")
def judged():
    return {claim.id: verdict for claim, verdict in claims.verdicts()}


@pytest.mark.parametrize("words", CLAIMS)
def test_verdicts_in_the_readme_are_computed_from_the_records_by_hand(words):
    compared, claimed = FOUND[CLAIMS[words]]
    found = [by_hand.change(one) for one in compared()]
    verdicts = [by_hand.word(one, claimed) for one in found]
    verdict = by_hand.together(verdicts) if len(verdicts) > 1 else verdicts[0]
    assert f"| {words} | {told('{:+.1f} % [{:+.1f}, {:+.1f}]', *found[0])} | {verdict} |" in README


WORDS = {  # in the README's sentence
    "holds": "hold",
    "holds, but small": "hold with a small effect",
    "holds with a repair": "hold with a repair",
    "only under a condition": "hold only under a condition",
    "no effect": "show no effect",
    "undecided": "are undecided",
    "opposite, small": "show a small opposite",
    "opposite": "show the opposite",
    "refuted": "are refuted",
    "not yet run": "are not yet run",
}


@pytest.mark.parametrize(("origin", "whose"), [("paper", "claims of the paper"), ("book", "questions of our own")])
def test_numbers_of_claims_in_the_readme(origin, whose, judged):
    own = {claim.id for claim in claims.all_claims() if claim.origin == origin}
    found = Counter(verdict.verdict for name, verdict in judged.items() if name in own)
    *most, last = [f"{found[word]} {words}" for word, words in WORDS.items() if found[word]]
    for plural, single in (("hold", "holds"), ("show", "shows"), ("are", "is")):
        most = [re.sub(rf"^1 {plural}\b", f"1 {single}", one) for one in most]
        last = re.sub(rf"^1 {plural}\b", f"1 {single}", last)
    assert f"f {len(own)} {whose} {', '.join(most)} and {last}" in README.replace("\n", " ")


def test_what_the_number_of_comparisons_takes_away_in_the_readme(judged):
    """Benjamini and Hochberg: the k-th smallest of N values of p counts N/k times, or as the next larger one does."""
    clear = ("holds", "holds, but small", "only under a condition", "opposite", "opposite, small")
    compared = sorted((verdict.p, verdict.verdict in clear) for verdict in judged.values() if verdict.p == verdict.p)
    lost, smallest = 0, 1.0
    for rank in range(len(compared), 0, -1):
        p, is_clear = compared[rank - 1]
        smallest = min(smallest, p * len(compared) / rank)
        lost += is_clear and smallest >= 0.05
    assert f"number of comparisons, {lost} of the clear verdicts would no longer be clear" in README.replace("\n", " ")
