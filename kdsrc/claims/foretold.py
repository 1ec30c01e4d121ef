"""The tests on where the theory's regime begins: numbers of `kdsrc.claims.gains`, each within a margin or below zero.

`EachWithin` and `EachBelow` judge several numbers a seed, one of each comparison, by the rule of most that
`kdsrc.claims.words` has; `SameSigns` compares the gains themselves.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kdsrc.claims.framework import SMALLEST, Verdict
from kdsrc.claims.gains import MARGIN, Compared, gains, named, penalties
from kdsrc.claims.judging import between, change, effect, nothing, together, uncapitalised
from kdsrc.claims.words import AGAINST, CONDITIONAL, HOLDS, IN_FAVOUR, REFUTED, UNDECIDED, condition
from kdsrc.records import Record
from kdsrc.statistics import mean_interval

__all__ = ["EachBelow", "EachWithin", "SameSigns"]

_SOMEWHERE = "at some place or in some seed"


@dataclass(frozen=True)
class Each(ABC):
    """Several numbers a seed, one of each comparison, and what is said of them all.

    Attributes
    ----------
    quantity : str
        What the numbers are.
    compared : callable (Record) -> dict of tuple of str to (seeds,) array
        The levels of each comparison -> its numbers.
    """

    quantity: str
    compared: Callable[[Record], Compared]

    @abstractmethod
    def judged(self, found: Compared, what: str) -> Verdict:
        """The verdict on numbers that are all there."""

    def __call__(self, record: Record) -> Verdict:
        found, what = self.compared(record), uncapitalised(self.quantity)
        return self.judged(found, what) if _complete(found.values()) else nothing(what, _SOMEWHERE)


@dataclass(frozen=True)
class EachWithin(Each):
    """Whether several numbers lie within a margin of zero.

    Each does when the 95 % interval over the seeds of its mean does. The claim *holds* when all do,
    *only under a condition* when most do; it is *refuted* when most lie outside altogether, else *undecided*. Effect
    and interval are of the mean over the comparisons.

    Attributes
    ----------
    quantity : str
        What the numbers are.
    compared : callable (Record) -> dict of tuple of str to (seeds,) array
        The levels of each comparison -> its numbers.
    margin : float
    several : bool
        Whether there is more than one comparison.

    Examples
    --------
    >>> record = Record("planted", {}, {}, [0, 1], {}, {})
    >>> EachWithin("The gap", lambda record: {("here",): np.array([0.01, 0.02])}, 0.05)(record).verdict
    'undecided'
    """

    margin: float = MARGIN
    several: bool = True

    @property
    def criterion(self) -> str:
        text = f"{self.quantity}: the 95 % interval over the seeds lies within ±{self.margin:g}"
        if not self.several:
            return f"{text}. Refuted when it lies outside altogether, undecided when it reaches across."
        return (
            f"{text}, in each comparison. Only under a condition when it does in most; refuted when it lies outside "
            "altogether in most."
        )

    def judged(self, found: Compared, what: str) -> Verdict:
        words = [between(values, -self.margin, self.margin, what).verdict for values in found.values()]
        holding = [word == HOLDS for word in words]
        outside = words.count(REFUTED)
        told = f"{what}; the interval lies within the margin in {sum(holding)} of {len(words)}, outside in {outside}"
        return _said(_mean(found), _most(words), told if self.several else what, [*found], holding)


@dataclass(frozen=True)
class EachBelow(Each):
    """Whether several numbers are below zero, each by the mean over the seeds and its interval.

    The word is that of `kdsrc.claims.words.combined`; effect and interval are of the mean over the comparisons.

    Attributes
    ----------
    quantity : str
        What the numbers are.
    compared : callable (Record) -> dict of tuple of str to (seeds,) array
        The levels of each comparison -> its numbers.
    smallest : float
        Smallest effect of interest, in the numbers' unit.

    Examples
    --------
    >>> record = Record("planted", {}, {}, [0, 1], {}, {})
    >>> EachBelow("The fall", lambda record: {("here",): np.array([-0.91, -0.92])}, 0.05)(record).verdict
    'holds'
    """

    smallest: float = MARGIN

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}: below zero, by the mean over the seeds and its 95 % interval; smallest change of "
            f"interest {self.smallest:g}. It holds when that is clear in each comparison, and of that size in most; "
            "only under a condition when it is clear in most."
        )

    def judged(self, found: Compared, what: str) -> Verdict:
        each = [effect(values, -1, self.smallest, what) for values in found.values()]
        return together(effect(_mean(found), -1, self.smallest, what), each, "the scales", [*found])


@dataclass(frozen=True)
class SameSigns:
    """Whether the gain foretold has the sign of the gain trained, wherever that is clear and of five per cent or more.

    At each place and λ that counts, the means over the seeds have the same sign, or not. The claim *holds* when all
    have, *only under a condition* when most have, else it is *refuted*; *undecided* when no place counts. The effect
    is the share of those places, in per cent, averaged over the seeds.

    Examples
    --------
    >>> SameSigns().criterion[:8]
    'At every'
    """

    smallest: float = SMALLEST

    @property
    def criterion(self) -> str:
        return (
            "At every width, std and λ where the gain trained is clear (its 95 % interval over the seeds leaves zero "
            f"out) and changes the training loss by {self.smallest:.0%} or more, the mean of the gain foretold has the "
            "same sign. Only under a condition when that is so at most of them; refuted when it is not."
        )

    def __call__(self, record: Record) -> Verdict:
        what = "per cent of the places with a clear gain at which the gain foretold has the same sign"
        counted: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = {}
        for penalty in penalties(record):
            trained, ahead = (gains(record, penalty, foretold=which) for which in (False, True))
            for place, values in trained.items():
                if not _complete([values, ahead[place]]):
                    return nothing(what, _SOMEWHERE)
                if change(values, -1, self.smallest, what).verdict in (IN_FAVOUR[0], AGAINST[0]):
                    counted[*named(place), f"λ = {penalty:g}"] = values, ahead[place]
        if not counted:
            return nothing(what, _SOMEWHERE)
        same = [bool(one.mean() * other.mean() > 0.0) for one, other in counted.values()]
        verdict = _most([HOLDS if one else REFUTED for one in same], even=REFUTED)
        shares = 100.0 * np.mean([np.sign(one) == np.sign(other) for one, other in counted.values()], axis=0)
        told = f"{what}, seed by seed; by the means over the seeds at {sum(same)} of {len(same)}"
        return _said(shares, verdict, told, [*counted], same)


def _complete(found: Iterable[np.ndarray]) -> bool:
    each = [np.isfinite(values).all() for values in found]
    return bool(each) and all(each)


def _mean(found: Compared) -> np.ndarray:
    return np.mean([*found.values()], axis=0)


def _said(values, verdict, told, labels, holding) -> Verdict:
    """The verdict with mean and interval of values (seeds,), and its condition where it has one."""
    estimate = mean_interval(values)
    met = condition(labels, holding) if verdict == CONDITIONAL else ""
    return Verdict(verdict, estimate.effect, (estimate.low, estimate.high), told, condition=met)


def _most(words: Sequence[str], even: str = UNDECIDED) -> str:
    """The word of most comparisons of a statement without a direction."""
    if all(word == HOLDS for word in words):
        return HOLDS
    for word, verdict in ((HOLDS, CONDITIONAL), (REFUTED, REFUTED)):
        if 2 * list(words).count(word) > len(words):
            return verdict
    return even
