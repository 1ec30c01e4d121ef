"""The tests that decide claims by computation on small random problems, without a record."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kdsrc.claims.framework import Verdict
from kdsrc.claims.judging import between, effect, uncapitalised
from kdsrc.claims.words import CONDITIONAL, HOLDS, REFUTED, REPAIRED
from kdsrc.records import Record

__all__ = ["LIVE_SEEDS", "BetweenBounds", "Effect", "Identity"]

LIVE_SEEDS = 5


@dataclass(frozen=True)
class Identity:
    """Whether a statement is true to rounding on small random problems; if not, whether it is when mended.

    It holds when its misfit is within the tolerance in every problem. Otherwise it holds under a condition, or with a
    repair, when the misfit is within the tolerance there; else it is refuted. What is shown is the largest misfit of
    the statement as it stands. A tolerance is about a hundred times the largest rounding error seen, for other
    processors add in another order.

    Attributes
    ----------
    quantity : str
        What the misfit is.
    misfit : callable (int) -> float
        From a seed, as stated.
    tolerance : float
        For the misfit, as stated and under the condition.
    exact : bool
        Whether a misfit within the tolerance is rounding error; otherwise the tolerance is a bound on a real number.
    under : callable (int) -> float, optional
        The same where `condition` holds.
    repaired : callable (int) -> float, optional
        The same for the statement after `repair`, within `repaired_tolerance`.

    Examples
    --------
    >>> always = Identity("a misfit", lambda seed: 0.0, 1e-12)
    >>> always(None).verdict
    'holds'
    """

    quantity: str
    misfit: Callable[[int], float]
    tolerance: float = 1e-12
    exact: bool = True
    condition: str = ""
    under: Callable[[int], float] | None = None
    repair: str = ""
    repaired: Callable[[int], float] | None = None
    repaired_tolerance: float = 1e-12

    @property
    def criterion(self) -> str:
        text = f"{self.quantity}: at most {self.tolerance:g} in each of {LIVE_SEEDS} random problems."
        if self.under:
            text += f" If not, but at most that {self.condition}: under this condition."
        if self.repaired:
            text += f" If not, but at most {self.repaired_tolerance:g} with {self.repair}: with this repair."
        return text

    def __call__(self, record: Record | None = None) -> Verdict:
        largest = float(_over_seeds(self.misfit).max())  # it decides; a mean's interval could reach below zero
        condition = mended = ""
        if largest <= self.tolerance:
            verdict = HOLDS
        elif self.under and _over_seeds(self.under).max() <= self.tolerance:
            verdict, condition = CONDITIONAL, self.condition
        elif self.repaired and _over_seeds(self.repaired).max() <= self.repaired_tolerance:
            verdict, mended = REPAIRED, f"; {self._left()} with {self.repair}"
        else:
            verdict = REFUTED
        what, rounding = uncapitalised(self.quantity), verdict == HOLDS and self.exact
        if not rounding:
            largest_of = "in" if what.startswith("largest ") else "the largest in"
            what = f"{what} ({largest_of} {LIVE_SEEDS} problems){mended}"
        return Verdict(verdict, largest, (largest, largest), what, self.tolerance if rounding else 0.0, condition)

    def _left(self) -> str:
        """What the repair leaves: of an error nothing, of a bound's ratio no more than the bound."""
        if self.exact:
            return "zero"
        return f"at most {self.tolerance:g}" if self.repaired_tolerance == self.tolerance else "none"


@dataclass(frozen=True)
class BetweenBounds:
    """Whether a quantity's 95 % interval over random problems lies between two bounds.

    Refuted when it lies outside altogether; undecided when it holds a bound. The lowest may be −∞.

    Examples
    --------
    >>> BetweenBounds("A slope", lambda seed: -0.5 + 0.01 * seed, -0.6, -0.4)(None).verdict
    'holds'
    >>> BetweenBounds("A slope", lambda seed: -0.5 + 0.01 * seed, -np.inf, -0.4).criterion
    'A slope: the 95 % interval over 5 random problems lies below -0.4.'
    """

    quantity: str
    measure: Callable[[int], float]
    lowest: float
    highest: float

    @property
    def criterion(self) -> str:
        if np.isneginf(self.lowest):
            bounds = f"below {self.highest:g}"
        else:
            bounds = f"between {self.lowest:g} and {self.highest:g}"
        return f"{self.quantity}: the 95 % interval over {LIVE_SEEDS} random problems lies {bounds}."

    def __call__(self, record: Record | None = None) -> Verdict:
        return between(_over_seeds(self.measure), self.lowest, self.highest, uncapitalised(self.quantity))


@dataclass(frozen=True)
class Effect:
    """Whether a quantity is above zero over random problems, judged by its interval as effects of training are.

    Attributes
    ----------
    smallest : float
        Smallest effect of interest, in the quantity's unit.

    Examples
    --------
    >>> Effect("Time saved", lambda seed: 0.3 + 0.01 * seed, 0.05)(None).verdict
    'holds'
    """

    quantity: str
    measure: Callable[[int], float]
    smallest: float

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}: above zero. Judged by the mean over {LIVE_SEEDS} random problems and its 95 % interval; "
            f"smallest effect of interest {self.smallest:g}."
        )

    def __call__(self, record: Record | None = None) -> Verdict:
        return effect(_over_seeds(self.measure), 1, self.smallest, uncapitalised(self.quantity))


def _over_seeds(measure) -> np.ndarray:
    return np.array([measure(seed) for seed in range(LIVE_SEEDS)])
