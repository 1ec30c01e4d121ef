"""The README's table of Figure 1 is what the record says, and its example runs."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kdsrc import claims, records
from kdsrc.statistics import image_interval, log_ratio

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


def row(words, arms):
    """The table's line for one comparison of final losses, with 95 % intervals over seeds."""
    record, cells = records.load("figure1"), []
    for metric in ("train_loss", "test_loss"):
        found = log_ratio(*(record.curves[arm][metric][:, -1] for arm in arms)).percent()
        cells.append(told("{:+.1f} % [{:+.1f}, {:+.1f}]", found.effect, found.low, found.high))
    if over := over_images(record, arms):
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
    curves = records.load("figure1").curves
    rows = curves["student_alone"]["iterations"]
    cells = []
    for iterations in (50, 100, 200, 500, 1_000, 2_000):
        place = int(np.flatnonzero(rows == iterations)[0])
        found = log_ratio(*(curves[arm][metric][:, place] for arm in ("student_taught", "student_alone"))).percent()
        cells.append(told("{:+.1f} %", found.effect))
    assert f"| {metric.replace('_', ' ').replace('train ', 'training ')} | {' | '.join(cells)} |" in README


def test_images_of_the_records_are_told_in_the_readme():
    assert "JPEG" in records.load("figure1").dataset["images"]
    assert "re-encoded as JPEG, in another order" in README.replace("\n", " ")


def test_sentence_below_the_table_is_the_record():
    curves = records.load("figure1").curves
    taught, alone, long = (curves[arm]["train_loss"] for arm in ("student_taught", "student_alone", "alone_long"))
    assert (taught < alone).all()
    assert log_ratio(taught[:, -1], long[:, -1]).low > 0.0
    assert (taught[:, -1] > curves["taught_no_penalty"]["train_loss"][:, -1]).all()
    needed = [
        np.interp(-end[-1], -loss, curves["student_taught"]["iterations"])
        for loss, end in zip(taught, alone, strict=True)
    ]
    assert 0.4 < np.mean(needed) / curves["student_alone"]["iterations"][-1] < 0.6


CLAIMS = {
    "λ = 0.01 needs fewer iterations than λ = 0 (Figure 2)": "figure2-reach-zero",
    "a full teacher's student has a lower test loss than an early one's (Figure 3)": "figure3-test-early",
    "kernel features lower the teacher's test loss (Figure 4)": "figure4-test-teacher",
    "because they are aligned: lower than on the uniform combination (Figure 4)": "figure4-alignf-uniform",
    "a trained teacher's features overlap more with the kernel's eigenvectors (Figure 5)": "figure5-teacher",
    "and its student has that from it (Figure 5)": "figure5-student",
    "the taught student's overlap is larger on kernel features (Figure 6)": "figure6-student",
    "trained to the end, λ = 0.01 has a lower test loss than λ = 0": "horizon-penalty-test",
    "the teacher's units as start lower the training loss, all else crossed": "causes-start-random-train",
    "the penalty does, all else crossed": "causes-penalty-train",
}


@pytest.fixture(scope="module")
def judged():
    return {claim.id: verdict for claim, verdict in claims.verdicts()}


@pytest.mark.parametrize("words", CLAIMS)
def test_verdicts_in_the_readme_are_the_computed_ones(words, judged):
    verdict = judged[CLAIMS[words]]
    measured = told("{:+.1f} % [{:+.1f}, {:+.1f}]", verdict.effect, *verdict.interval)
    assert f"| {words} | {measured} | {verdict.verdict} |" in README


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
