"""The tests that decide claims from a sweep's record, whose measures have a row for each point and seed."""

from dataclasses import dataclass

import numpy as np

from kdsrc.claims.framework import SMALLEST, Verdict
from kdsrc.claims.judging import change, rule, together, uncapitalised
from kdsrc.records import Record

__all__ = ["OnEachPair", "RowContrast"]


@dataclass(frozen=True)
class RowContrast:
    """Whether a measure of a sweep's record ends smaller than another, in the rows of one level of its factors.

    Attributes
    ----------
    measure, against : str
        Measures of the record, ``<metric>_loss_<arm>`` (rows, horizons) or ``best_<arm>`` (rows,).
    quantity : str
    where : tuple of (str, float)
        Measures that tell rows apart, and their level in the rows that count: one row a seed.
    horizon : int
        The place of the horizon that is compared; the last unless given.

    Examples
    --------
    >>> measures = {"test_loss_one": np.full((2, 1), 0.5), "test_loss_other": np.ones((2, 1)), "flipped": np.zeros(2)}
    >>> record = Record("planted", {}, {}, [0, 1], {}, {}, measures)
    >>> RowContrast("test_loss_one", "test_loss_other", "Final test loss", (("flipped", 0.0),))(record).verdict
    'holds'
    """

    measure: str
    against: str
    quantity: str
    where: tuple[tuple[str, float], ...]
    smallest: float = SMALLEST
    horizon: int = -1

    @property
    def criterion(self) -> str:
        levels = ", ".join(f"{name} {level:g}" for name, level in self.where)
        return f"{self._compared}, {levels}: lower. {rule(self.smallest)}"

    @property
    def _compared(self) -> str:
        arms = (name.split("_loss_")[-1].removeprefix("best_") for name in (self.measure, self.against))
        return f"{self.quantity}, {' against '.join(arms)}"

    def __call__(self, record: Record) -> Verdict:
        rows = np.all([record.measures[name] == level for name, level in self.where], axis=0)
        one, other = (
            record.measures[name][rows].reshape(np.count_nonzero(rows), -1)[:, self.horizon]
            for name in (self.measure, self.against)
        )
        return change(np.log(one / other), -1, self.smallest, uncapitalised(self._compared))


@dataclass(frozen=True)
class OnEachPair:
    """Whether one arm ends with a lower loss than another on each pair of digits, of the record ``pairs``.

    The word is that of `kdsrc.claims.words.combined` for the pairs' own. Effect and interval are of the geometric mean
    over the pairs.

    Attributes
    ----------
    metric : {'train_loss', 'test_loss'}
    quantity, arm, against : str
    horizon : int
        As in `RowContrast`.

    Examples
    --------
    >>> OnEachPair("test_loss", "Final test loss", "student_taught", "student_alone").criterion[:15]
    'Final test loss'
    """

    metric: str
    quantity: str
    arm: str
    against: str
    smallest: float = SMALLEST
    horizon: int = -1

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}, {self.arm} against {self.against}, pair by pair: lower. {rule(self.smallest)} It holds "
            "when the change is clear on the claimed side on all pairs, and of that size on most; only under a "
            "condition when it is clear on most."
        )

    def each(self, record: Record) -> dict[tuple[int, int], Verdict]:
        """The verdict on each pair (first, second), in the record's order."""
        rows = np.stack([record.measures["first"], record.measures["second"]], axis=1).astype(int)
        one, other = (f"{self.metric}_{arm}" for arm in (self.arm, self.against))
        return {
            (first, second): RowContrast(
                one, other, self.quantity, (("first", first), ("second", second)), self.smallest, self.horizon
            )(record)
            for first, second in dict.fromkeys(map(tuple, rows.tolist()))
        }

    def __call__(self, record: Record) -> Verdict:
        found, seeds = self.each(record), np.asarray(record.measures["seed"])
        one, other = (record.measures[f"{self.metric}_{arm}"][:, self.horizon] for arm in (self.arm, self.against))
        changes = np.log(one / other)
        means = np.array([changes[seeds == seed].mean() for seed in record.seeds])
        what = f"{uncapitalised(self.quantity)}, {self.arm} against {self.against}, mean over the pairs"
        shown = change(means, -1, self.smallest, what)
        labels = [(f"{first}/{second}",) for first, second in found]
        return together(shown, list(found.values()), f"{len(found)} pairs", labels)
