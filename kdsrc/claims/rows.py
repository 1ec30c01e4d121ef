"""The tests that decide claims from a sweep's record, whose measures have a row for each point and seed."""

from dataclasses import dataclass

import numpy as np

from kdsrc.claims.framework import Verdict
from kdsrc.claims.judging import Comparison, together, uncapitalised
from kdsrc.records import Record

__all__ = ["OnEachPair", "RowContrast"]


@dataclass(frozen=True)
class RowContrast(Comparison):
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
    called : (str, str), optional
        What people call the two; the arms' names in the record unless given.

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
    horizon: int = -1
    called: tuple[str, str] | None = None

    @property
    def compared(self) -> str:
        return f"{self._arms}, {', '.join(f'{name} {level:g}' for name, level in self.where)}"

    @property
    def told(self) -> str:
        return uncapitalised(self._arms)

    @property
    def _arms(self) -> str:
        keys = (name.split("_loss_")[-1].removeprefix("best_") for name in (self.measure, self.against))
        arms = self.called or keys
        return f"{self.quantity}, {' against '.join(arms)}"

    def changes(self, record: Record) -> np.ndarray:
        rows = np.all([record.measures[name] == level for name, level in self.where], axis=0)
        one, other = (
            record.measures[name][rows].reshape(np.count_nonzero(rows), -1)[:, self.horizon]
            for name in (self.measure, self.against)
        )
        return np.log(one / other)


@dataclass(frozen=True)
class OnEachPair(Comparison):
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
    horizon: int = -1

    @property
    def compared(self) -> str:
        return f"{self.quantity}, {self.arm} against {self.against}, pair by pair"

    @property
    def told(self) -> str:
        return f"{uncapitalised(self.quantity)}, {self.arm} against {self.against}, mean over the pairs"

    @property
    def criterion(self) -> str:
        return (
            f"{super().criterion} It holds when the change is clear on the claimed side on all pairs, and of that size "
            "on most; only under a condition when it is clear on most."
        )

    def compares(self, record: Record) -> list[tuple[str, str]]:
        points = dict.fromkeys(label.split("/")[0] for label in record.conditions)
        return [(f"{point}/{self.arm}", f"{point}/{self.against}") for point in points]

    def changes(self, record: Record) -> np.ndarray:
        one, other = (record.measures[f"{self.metric}_{arm}"][:, self.horizon] for arm in (self.arm, self.against))
        seeds = np.asarray(record.measures["seed"])
        return np.array([np.log(one / other)[seeds == seed].mean() for seed in record.seeds])

    def each(self, record: Record) -> dict[tuple[int, int], Verdict]:
        """The verdict on each pair (first, second), in the record's order."""
        rows = np.stack([record.measures["first"], record.measures["second"]], axis=1).astype(int)
        one, other = (f"{self.metric}_{arm}" for arm in (self.arm, self.against))
        return {
            (first, second): RowContrast(
                one, other, self.quantity, (("first", first), ("second", second)), self.horizon, smallest=self.smallest
            )(record)
            for first, second in dict.fromkeys(map(tuple, rows.tolist()))
        }

    def __call__(self, record: Record) -> Verdict:
        found = self.each(record)
        labels = [(f"{first}/{second}",) for first, second in found]
        return together(super().__call__(record), list(found.values()), f"{len(found)} pairs", labels)
