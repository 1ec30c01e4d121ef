"""What Figure 1's record says, in words that follow the numbers, and the annotated picture of the first page."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from kdsrc.report import plots
from kdsrc.report.comparisons import change
from kdsrc.report.page import which

__all__ = ["PAIRS", "SHOWN", "outcome", "picture"]

SHOWN = ("teacher", "student_alone", "taught_no_penalty", "student_taught")
PAIRS = {
    "gain": ("student_taught", "student_alone"),
    "start": ("taught_no_penalty", "student_alone"),
    "penalty": ("student_taught", "taught_no_penalty"),
    "equal": ("student_taught", "alone_long"),
}


def outcome(record: Any) -> dict[str, str]:
    """Changes of the final training loss between arms of Figure 1, and what they amount to.

    Parameters
    ----------
    record : Record
        Of the study figure1.

    Returns
    -------
    dict of str to str
        ``gain``, ``start``, ``penalty`` and ``equal`` as "4.4 % lower" (mean of the log ratios over the seeds), or "not
        clearly different" when the 95 % interval holds zero; and ``cause``, ``cost`` and ``alone``, the parts of a
        sentence about the student with a teacher.

    Examples
    --------
    >>> from kdsrc import records
    >>> sorted(outcome(records.load("figure1")))
    ['alone', 'cause', 'cost', 'equal', 'gain', 'penalty', 'start']
    """
    found = {name: change(record, *pair) for name, pair in PAIRS.items()}
    told = {
        name: which(one, f"{-one.effect:.1f}\N{NO-BREAK SPACE}% lower", f"{one.effect:.1f}\N{NO-BREAK SPACE}% higher")
        for name, one in found.items()
    }
    ahead, by_start = found["gain"].high < 0, found["start"].high < -abs(found["penalty"].effect)
    return told | {
        "cause": ("is ahead" if ahead else "is not clearly ahead")
        + (" because it starts from trained units" if ahead and by_start else " in this book's runs"),
        "cost": which(found["penalty"], "adds a little", "costs it a little", "makes no clear difference"),
        "alone": which(found["equal"], "stays behind even so", "does better still", "does as well"),
    }


def picture(record: Any) -> Axes:
    """Training curves of `SHOWN` with the lead of the taught student at both ends pointed at; returns the axes.

    Examples
    --------
    >>> from kdsrc import records
    >>> len(picture(records.load("figure1")).lines)
    4
    """
    ax = plots.curves(record, "train_loss", arms=SHOWN)
    first, last = ({arm: np.median(record.curves[arm]["train_loss"][:, step]) for arm in SHOWN} for step in (0, -1))
    steps, note = record.settings["iterations"], {"arrowprops": {"arrowstyle": "->", "shrinkB": 4}}
    gain = outcome(record)["gain"]
    joint = "\nthan" if gain.endswith(("lower", "higher")) else ",\nagainst"
    low, high = ax.get_ylim()
    ax.annotate(
        "at the start: its units have\nalready been trained",
        (0, first["student_taught"]),
        (0.16 * steps, low**0.22 * high**0.78),
        **note,
    )
    ax.annotate(
        f"at the end: {gain}{joint} the student alone",
        (steps, last["student_taught"]),
        (0.52 * steps, low**0.45 * high**0.55),
        **note,
    )
    return ax
