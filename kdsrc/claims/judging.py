"""How effects become a verdict and its words: one effect over the seeds, several comparisons together, causes alone."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from kdsrc.claims.framework import SMALLEST, Verdict
from kdsrc.claims.words import AGAINST, CONDITIONAL, HOLDS, IN_FAVOUR, UNDECIDED, combined, condition, decide, within
from kdsrc.records import Record
from kdsrc.statistics import mean_interval, p_value
from kdsrc.studies.conditions import differences

__all__ = ["Comparison", "between", "change", "check_cause", "effect", "nothing", "rule", "together", "uncapitalised"]

_ROUNDING = 1e-12  # two runs of a quantity in double precision agree to about this part of it


@dataclass(frozen=True)
class Comparison(ABC):
    """Whether a positive quantity is smaller, or larger, in one place of a record than in another, seed by seed.

    A kind of comparison says what is `compared`, its `changes`, and, where these are arms, which it `compares`.

    Attributes
    ----------
    smallest : float
        Smallest relative change of interest.
    cause : tuple of str
        For a claim about a cause, the factors that it names: arms that differ in any other are refused.
    direction : {-1, 1}
        Whether smaller or larger is claimed.

    Examples
    --------
    >>> from kdsrc.claims.criteria import Contrast
    >>> issubclass(Contrast, Comparison)
    True
    """

    smallest: float = field(default=SMALLEST, kw_only=True)
    cause: tuple[str, ...] = field(default=(), kw_only=True)
    direction: ClassVar[int] = -1

    @property
    @abstractmethod
    def compared(self) -> str:
        """The quantity and the two places, for people."""

    @property
    def told(self) -> str:
        """The same, of a verdict."""
        return uncapitalised(self.compared)

    @property
    def criterion(self) -> str:
        return f"{self.compared}: {'larger' if self.direction > 0 else 'lower'}. {rule(self.smallest)}"

    @abstractmethod
    def changes(self, record: Record) -> np.ndarray:
        """Logarithms of the ratio of one to the other, (seeds,)."""

    def compares(self, record: Record) -> list[tuple[str, str]]:
        """Pairs of conditions of the record."""
        return []

    def arms(self, record: Record) -> set[str]:
        """The arms of the record that are compared."""
        return {arm for pair in self.compares(record) for arm in pair}

    def __call__(self, record: Record) -> Verdict:
        check_cause(record.conditions, self.compares(record), self.cause)
        changes = self.changes(record)
        if not np.isfinite(changes).all():
            return nothing(self.told, "in some seed")
        return change(changes, self.direction, self.smallest, self.told)


def together(shown: Verdict, found: Sequence[Verdict], rule: str, labels: Sequence[tuple[str, ...]]) -> Verdict:
    """`shown` with the word that `kdsrc.claims.words.combined` has for comparisons found, and with how many were clear.

    Parameters
    ----------
    shown : Verdict
        It has the effect and the interval.
    found : list of Verdict
        One a comparison, on which the word depends.
    rule : str
        What varies between them.
    labels : list of tuple of str
        The level of each factor that varies, so that a condition can be said.
    """
    words = [one.verdict for one in found]
    verdict, holding = combined(words), [word in IN_FAVOUR for word in words]
    clear = sum(holding)
    side = next((side for side in (IN_FAVOUR, AGAINST) if 2 * sum(word in side for word in words) > len(words)), words)
    told = f"clear in {clear} of {len(found)} comparisons over {rule}"
    if clear:
        told += f"; {words.count(HOLDS)} of them of that size"
    if against := sum(word in AGAINST for word in words):
        told += f"; clear on the other side in {against}"
    return replace(
        shown,
        verdict=verdict,
        meaning=f"{shown.meaning}; {told}",
        condition=condition(labels, holding) if verdict == CONDITIONAL else "",
        p=float(np.max([one.p for one in found if one.verdict in side])),
    )


def check_cause(conditions: dict[str, dict], pairs: Iterable[tuple[str, str]], cause: tuple[str, ...]) -> None:
    """Refuse a claim about a cause whose arms differ in anything else.

    Parameters
    ----------
    conditions : dict of str to dict
        Of a record: what each arm is. A record that does not say it cannot be checked.
    pairs : sequence of (str, str)
        Arms that are compared.
    cause : tuple of str
        Factors that the claim names; none for a claim that is not about a cause.

    Raises
    ------
    ValueError
        It names the arms and the other factors; or for a cause without arms that are compared.
    """
    if not cause or not conditions:
        return
    pairs = list(pairs)
    if not pairs:
        raise ValueError(f"check_cause: {', '.join(cause)} of no arms; expected arms that differ in it: say which")
    for one, other in pairs:
        if more := differences(conditions[one], conditions[other]) - set(cause):
            raise ValueError(
                f"check_cause: {one} and {other} differ in {', '.join(sorted(more))}; expected arms that differ in "
                f"{', '.join(cause)} alone: compare others, or name the cause"
            )


def change(changes: np.ndarray, direction: int, smallest: float, what: str) -> Verdict:
    """Verdict on log ratios (seeds,), told as a change in per cent; one of rounding errors counts as none."""
    changes = np.where(np.abs(changes) < _ROUNDING, 0.0, changes)
    found = mean_interval(changes)
    percent = found.percent()
    interval = percent.low, percent.high
    verdict = decide(percent.effect, interval, direction=direction, smallest=100.0 * smallest)
    return Verdict(verdict, percent.effect, interval, f"per cent, change of {what}", p=p_value(changes))


def effect(values: np.ndarray, direction: int, smallest: float, what: str) -> Verdict:
    """Verdict on numbers (seeds,) in their own unit."""
    found = mean_interval(values)
    interval = found.low, found.high
    verdict = decide(found.effect, interval, direction=direction, smallest=smallest)
    return Verdict(verdict, found.effect, interval, what, p=p_value(values))


def between(values: np.ndarray, lowest: float, highest: float, what: str) -> Verdict:
    """Verdict on numbers (seeds,) that shall lie between two bounds."""
    found = mean_interval(values)
    interval = found.low, found.high
    return Verdict(within(interval, lowest, highest), found.effect, interval, what)


def nothing(what: str, where: str) -> Verdict:
    """Verdict where numbers are missing."""
    return Verdict(UNDECIDED, np.nan, (np.nan, np.nan), f"{what}: nothing to compare {where}")


def rule(smallest: float, what: str = "change") -> str:
    """How the effect is judged, for a criterion."""
    size = f"{smallest:.0%}" if what == "change" else f"{smallest:g}"
    mean = "geometric mean over the seeds" if what == "change" else "mean over the seeds"
    return f"Judged by the {what} ({mean}) and its 95 % interval; smallest {what} of interest {size}."


def uncapitalised(text: str) -> str:
    """The text with a small first letter, unless it begins with a name such as P-(2)."""
    return text if text.startswith("P-") else text[0].lower() + text[1:]
