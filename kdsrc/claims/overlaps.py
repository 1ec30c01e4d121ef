"""The tests of §4.4: whether an overlap is larger, and whether a larger one goes with a lower loss."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from kdsrc.claims.framework import Verdict
from kdsrc.claims.judging import Comparison, effect, rule, uncapitalised
from kdsrc.records import Record
from kdsrc.spectra import average

__all__ = ["OverlapContrast", "RankAgreement"]


@dataclass(frozen=True)
class OverlapContrast(Comparison):
    """Whether the overlap parameter, averaged over the units, is larger for one network than for another (§4.4).

    Attributes
    ----------
    network, against : str
        Measures of the record: products (seeds, units, eigenvectors).
    top, skip : int
        The reading, as in `kdsrc.spectra.average`.

    Examples
    --------
    >>> from kdsrc import records
    >>> record = records.load("figure5")
    >>> OverlapContrast("teacher_full", "teacher_25", top=5)(record).meaning
    '...overlap with eigenvectors 1 to 5, teacher_full against teacher_25'
    """

    network: str
    against: str
    top: int = 20
    skip: int = 0

    direction = 1

    @property
    def compared(self) -> str:
        return f"Mean absolute {self.told}"

    @property
    def told(self) -> str:
        return f"overlap with eigenvectors {self.skip + 1} to {self.top}, {self.network} against {self.against}"

    def compares(self, record: Record) -> list[tuple[str, str]]:
        return [(self.network.removesuffix("_on_pixels"), self.against)]

    def changes(self, record: Record) -> np.ndarray:
        one, other = (
            average(record.measures[name], top=self.top, skip=self.skip).mean(axis=-1)
            for name in (self.network, self.against)
        )
        return np.log(one / other)


@dataclass(frozen=True)
class RankAgreement:
    """Whether a larger overlap of the teacher goes with a lower final loss of its student, over when it was stopped.

    In each seed that both records have, Spearman's rank correlation over the teachers.

    Attributes
    ----------
    which : {'train', 'test'}
        The student's loss, from the record ``figure3``; overlaps are `OverlapContrast`'s record's.
    top, skip : int
        The reading, as in `kdsrc.spectra.average`.
    smallest : float
        Smallest correlation of interest.

    Examples
    --------
    >>> from kdsrc import records
    >>> found = RankAgreement("train")(records.load("figure5"), records.load("figure3"))
    >>> -1.0 <= found.effect <= 1.0
    True
    """

    which: str
    top: int = 20
    skip: int = 0
    smallest: float = 0.5

    also = ("figure3",)

    @property
    def criterion(self) -> str:
        return f"{self._correlation}: below zero. {rule(self.smallest, 'correlation')}"

    @property
    def _correlation(self) -> str:
        return (
            f"Rank correlation, over the teachers stopped early and the full one, of the teacher's overlap with "
            f"eigenvectors {self.skip + 1} to {self.top} and its student's final {self.which} loss, seed by seed"
        )

    def __call__(self, overlaps: Record, losses: Record) -> Verdict:
        stops = [name.removeprefix("teacher_") for name in overlaps.measures if name.startswith("teacher_")]
        arms = ["from_full" if stop == "full" else f"from_early_{stop}" for stop in stops]
        common = [seed for seed in overlaps.seeds if seed in losses.seeds]
        rows = [[record.seeds.index(seed) for seed in common] for record in (overlaps, losses)]
        size = np.stack(
            [
                average(overlaps.measures[f"teacher_{stop}"][rows[0]], top=self.top, skip=self.skip).mean(axis=-1)
                for stop in stops
            ]
        )  # (teachers, seeds)
        loss = np.stack([losses.curves[arm][f"{self.which}_loss"][rows[1], -1] for arm in arms])
        values = np.array([_spearman(one, other) for one, other in zip(size.T, loss.T, strict=True)])
        return effect(values, -1, self.smallest, uncapitalised(self._correlation))


def _spearman(one, other):
    """Correlation of the ranks, equal values sharing theirs; zero where all of one are equal, which ranks nothing."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return spearmanr(one, other).statistic
