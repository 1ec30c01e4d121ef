"""Write the README's numbers anew from the records and the verdicts: what stands between its comments.

python tools/refresh_readme.py [--check]     --check only says whether something would change

A new row is a line with its words, added to `COMPARISONS` or `CLAIMS` below, and once more in tests/test_readme.py,
which computes the same numbers in another way.
"""

import argparse
import re
import sys
import textwrap
from pathlib import Path

from kdsrc import claims, records
from kdsrc.claims import images
from kdsrc.claims.counting import unclear
from kdsrc.claims.framework import Verdict
from kdsrc.claims.horizons import ITERATIONS
from kdsrc.report.comparisons import change
from kdsrc.report.text import counted, estimated, short, typeset

README = Path(__file__).resolve().parents[1] / "README.md"
WIDTH = 116
HORIZONS = ITERATIONS[: ITERATIONS.index(2_000) + 1]
LATER = (10_000, 50_000, 200_000)
LOSSES = {"train_loss": "training loss", "test_loss": "test loss"}
COMPARISONS = {
    "student with teacher against student alone": ("student_taught", "student_alone"),
    "the teacher's units as start, no penalty, against student alone": ("taught_no_penalty", "student_alone"),
    "the penalty λ = 0.01 on top of this start": ("student_taught", "taught_no_penalty"),
    "the penalty on top of a random start": ("random_penalty", "student_alone"),
    "student with teacher against student alone trained twice as long": ("student_taught", "alone_long"),
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
SAID = {
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
ONE = {"hold": "holds", "show": "shows", "are": "is"}


def figure1(record, second) -> str:
    """The sentence above the table, and the table; `second` has the intervals over test images by comparison."""
    trained = short(record.dataset["n_train"])
    over = ", then over test images" if second else ""
    head = textwrap.fill(
        f"**What it found about Figure 1** (CIFAR-10, {trained} images, {len(record.seeds)} seeds; change of the final "
        f"loss with its 95 % interval over the seeds{over}):",
        WIDTH,
    )
    lines = ["| comparison | training loss | test loss |", "|---|---|---|"]
    for words, arms in COMPARISONS.items():
        cells = [number(change(record, *arms, metric)) for metric in LOSSES]
        if words in second:
            cells[1] += bracket(second[words])
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join([head, "", *lines])


def horizons(record) -> str:
    lines = ["| after iterations | " + " | ".join(map(short, HORIZONS)) + " |", "|---" * (len(HORIZONS) + 1) + "|"]
    for metric, name in LOSSES.items():
        found = [change(record, "student_taught", "student_alone", metric, at=one).effect for one in HORIZONS]
        lines.append(f"| {name} | " + " | ".join(f"{signed(one)} %" for one in found) + " |")
    return "\n".join(lines)


def later(record) -> str:
    """Training losses of the main arms far beyond the paper's horizon."""
    head = textwrap.fill(
        f"Trained on for a hundred times as long ({len(record.seeds)} seeds), the price of the penalty grows and uses "
        "up the lead of the start. Change of the training loss:",
        WIDTH,
    )
    lines = ["| after iterations | " + " | ".join(map(short, LATER)) + " |", "|---" * (len(LATER) + 1) + "|"]
    for words in [*COMPARISONS][:3]:
        found = [number(change(record, *COMPARISONS[words], "train_loss", at=one)) for one in LATER]
        lines.append(f"| {words} | {' | '.join(found)} |")
    return "\n".join([head, "", *lines])


def verdicts(judged) -> str:
    by_id = {claim.id: verdict for claim, verdict in judged}
    head = (
        "**What it found about other claims** (change with its 95 % interval over seeds; a change below 5 % is called\n"
        "small. A verdict on several comparisons stands beside the numbers of one of them):\n\n"
        "| claim of the paper, or question of our own | measured | verdict |\n|---|---|---|"
    )
    rows = [f"| {words} | {number(by_id[name])} | {by_id[name].verdict} |" for words, name in CLAIMS.items()]
    told = []
    for whose, words in counted(judged).items():
        *most, last = [f"{count} {said(word, count)}" for word, count in words.items()]
        told.append(f"of {whose} {', '.join(most)} and {last}")
    sentence = "; ".join(told)
    lost = len(unclear(judged))
    many = (
        f"Corrected for the number of comparisons, {lost} of the clear verdicts would no longer be clear; "
        "the scorecard names them."
    )
    end = textwrap.fill(f"O{sentence[1:]}. {many} The book shows each claim.", WIDTH, break_on_hyphens=False)
    return "\n".join([head, *rows, "", end])


def said(word, count) -> str:
    """What so many claims do: one *holds*, two *hold*."""
    verb, _, rest = SAID[word].partition(" ")
    return f"{ONE[verb] if count == 1 else verb} {rest}".rstrip()


def number(found) -> str:
    low, high = found.interval if isinstance(found, Verdict) else (found.low, found.high)
    return estimated(found.effect, (low, high), unit=" %")


def bracket(ends) -> str:
    return f" [{signed(ends[0])}, {signed(ends[1])}]"


def signed(value) -> str:
    """With one digit and its sign."""
    return typeset(f"{value:+.1f}")


def over_images(record) -> dict:
    """Comparison -> its interval over test images, once every seed has its residuals."""
    if not records.path(images.RECORD).is_file():
        return {}
    left = records.load(images.RECORD)
    return {words: ends for words, arms in COMPARISONS.items() if (ends := images.between(record, left, *arms))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    record, judged, before = records.load("figure1"), claims.verdicts(), README.read_text(encoding="utf-8")
    blocks = {
        "figure1": figure1(record, over_images(record)),
        "horizons": horizons(record),
        "later": later(records.load("far")),
        "verdicts": verdicts(judged),
    }
    after = before
    for name, block in blocks.items():
        between = rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)"
        after, count = re.subn(between, block.replace("\\", r"\\"), after, flags=re.S)
        if count != 1:
            raise SystemExit(f"refresh_readme: {count} blocks <!-- {name} --> in {README}; expected one")
    if before != after and not options.check:
        README.write_text(after, encoding="utf-8")
    print("the README says what the records say" if before == after else "the README changes")
    return int(options.check and before != after)


if __name__ == "__main__":
    sys.exit(main())
