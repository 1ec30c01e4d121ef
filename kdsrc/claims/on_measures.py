"""The tests that decide claims from a record's measures, from a width, or from one arm that must not move."""

from dataclasses import dataclass

import numpy as np

from kdsrc.claims.framework import SMALLEST, Verdict
from kdsrc.claims.judging import Comparison, between, effect, rule, uncapitalised
from kdsrc.claims.words import HOLDS, REFUTED
from kdsrc.records import Record

__all__ = ["Constant", "LogLogSlope", "MeasureContrast", "SameShape"]

BAND = 0.2  # of a slope that is claimed to be one, and of what is said to be approximately equal


@dataclass(frozen=True)
class Constant:
    """Whether an arm's losses stay, at every iteration, where another arm's start.

    Attributes
    ----------
    arm, start : str
    tolerance : float
        Relative; losses are computed in single precision.

    Examples
    --------
    >>> from kdsrc import records
    >>> Constant("taught_penalty_inf", "taught_penalty_0")(records.load("figure2")).verdict
    'holds'
    """

    arm: str
    start: str
    tolerance: float = 1e-5

    @property
    def criterion(self) -> str:
        return (
            f"Training and test loss of {self.arm} differ at no iteration and in no seed from those with which "
            f"{self.start} starts by as much as {self.tolerance:g} of themselves."
        )

    def __call__(self, record: Record) -> Verdict:
        off = max(
            float(np.abs(record.curves[self.arm][metric] / record.curves[self.start][metric][:, :1] - 1.0).max())
            for metric in ("train_loss", "test_loss")
        )
        return Verdict(
            HOLDS if off < self.tolerance else REFUTED,
            off,
            (off, off),
            f"largest relative distance of the losses of {self.arm} from the start of {self.start}",
            self.tolerance,
        )


@dataclass(frozen=True)
class LogLogSlope:
    """How the logarithm of an error grows with ln(1 − m/m̄) over students of several widths m, m̄ the teacher's.

    Attributes
    ----------
    error : str
        Measure of the record, (seeds, widths), or ``train_loss`` for the final one of the arms ``width_m``.
    quantity : str
        What it is, for people.
    proportional : bool
        Claim a slope of one; otherwise that there is one at all.

    Examples
    --------
    >>> from kdsrc import records
    >>> LogLogSlope("train_loss", "the final training loss", False)(records.load("width")).effect > 0.0
    True
    """

    error: str
    quantity: str
    proportional: bool

    @property
    def criterion(self) -> str:
        if self.proportional:
            return (
                f"{self.compared}: the 95 % interval over the seeds lies within 1 ± {BAND}. Refuted when it lies "
                "outside altogether, undecided when it reaches across a bound."
            )
        return f"{self.compared}: above zero. {rule(SMALLEST, 'slope')}"

    @property
    def compared(self) -> str:
        """Which slope it is."""
        return f"Slope of the logarithm of {self.quantity} in ln(1 − m/m̄), least squares over the widths m < m̄"

    def __call__(self, record: Record) -> Verdict:
        widths = record.measures["widths"][0]  # the same for every seed
        smaller = widths < record.settings["teacher_width"]
        if self.error == "train_loss":
            errors = np.stack([record.curves[f"width_{width:g}"]["train_loss"][:, -1] for width in widths], axis=1)
        else:
            errors = record.measures[self.error]
        shares = np.log1p(-widths[smaller] / record.settings["teacher_width"])
        slopes = np.polyfit(shares, np.log(errors[:, smaller]).T, 1)[0]
        what = f"slope of the logarithm of {self.quantity} in ln(1 − m/m̄)"
        if self.proportional:
            return between(slopes, 1.0 - BAND, 1.0 + BAND, what)
        return effect(slopes, 1, SMALLEST, what)


@dataclass(frozen=True)
class MeasureContrast(Comparison):
    """Whether a measure of the record is smaller than another, seed by seed.

    Attributes
    ----------
    measure, against : str
        Measures of the record, positive, (seeds,) or (seeds, numbers), of which the geometric mean is compared.
    quantity : str
        What they are, and what distinguishes them, for people.

    Examples
    --------
    >>> measures = {"one": np.array([1.0, 1.1, 1.2]), "other": np.array([2.0, 2.2, 2.4])}
    >>> record = Record("planted", {}, {}, [0, 1, 2], {}, {}, measures)
    >>> MeasureContrast("one", "other", "What is left of the way, one against other")(record).verdict
    'holds'
    """

    measure: str
    against: str
    quantity: str

    @property
    def compared(self) -> str:
        return self.quantity

    def changes(self, record: Record) -> np.ndarray:
        changes = np.log(record.measures[self.measure] / record.measures[self.against])
        return changes.reshape(len(record.seeds), -1).mean(axis=1)


@dataclass(frozen=True)
class SameShape:
    """Whether two rows of positive numbers are equal up to one factor, to a fifth of their size.

    Attributes
    ----------
    measure, other : str
        Measures of the record, (seeds, numbers).
    quantity : str
        What is compared, for people.
    tolerance : float
        Of the distance between the rows at the best factor, relative to the first: the sine of their angle.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [1.0, 3.0]])
    >>> record = Record("planted", {}, {}, [0, 1], {}, {}, {"one": rows, "other": 7.0 * rows})
    >>> SameShape("one", "other", "The rows")(record).verdict
    'holds'
    """

    measure: str
    other: str
    quantity: str
    tolerance: float = BAND

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}, at the factor that suits best: the 95 % interval over the seeds of their relative "
            f"distance lies below {self.tolerance:g}. Refuted when it lies above, undecided when it reaches across."
        )

    def __call__(self, record: Record) -> Verdict:
        one, other = (np.abs(record.measures[name]) for name in (self.measure, self.other))
        norms = np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1)
        cosines = np.sum(one * other, axis=1) / (norms[0] * norms[1])
        sines = np.sqrt(np.maximum(1.0 - cosines**2, 0.0))
        return between(sines, -np.inf, self.tolerance, f"relative distance: {uncapitalised(self.quantity)}")
