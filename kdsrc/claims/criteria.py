"""The tests that decide claims from records: callables ``(record) -> Verdict`` with their criterion as text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from kdsrc.claims.framework import ABSENT, CONDITIONAL, HOLDS, REFUTED, SMALLEST, Criterion, Verdict, decide
from kdsrc.records import Record
from kdsrc.spectra import average
from kdsrc.statistics import Estimate, log_ratio, mean_interval
from kdsrc.studies.conditions import differences

__all__ = ["AllOf", "Constant", "Contrast", "LogLogSlope", "MainEffect", "OverlapContrast"]


@dataclass(frozen=True)
class Contrast:
    """Whether one arm's measure is smaller than that of another arm (or of the best of several), seed by seed.

    Attributes
    ----------
    measure : callable (curves, curves) -> two (seeds,) arrays
        From `kdsrc.claims.measures`; less is better.
    quantity : str
        What it measures, for people.
    arm : str
        A name that ends in ``*`` is the arm of that beginning with the largest number at its end.
    against : str or tuple of str
        With several arms the smallest is taken in each seed.
    smallest : float
        Smallest relative change that counts.
    cause : tuple of str
        For a claim about a cause, the factors that it names: arms that differ in any other are refused.
    """

    measure: Callable
    quantity: str
    arm: str
    against: str | tuple[str, ...]
    smallest: float = SMALLEST
    cause: tuple[str, ...] = ()

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}, {self.arm} against {self._others}: lower by at least {self.smallest:.0%} in the "
            "geometric mean over the seeds, and the 95 % interval of the change lies wholly below zero."
        )

    @property
    def _others(self) -> str:
        return self.against if isinstance(self.against, str) else "the best of " + ", ".join(self.against)

    def __call__(self, record: Record) -> Verdict:
        arm = _largest(record, self.arm)
        others = (self.against,) if isinstance(self.against, str) else self.against
        check_cause(record.conditions, [(arm, other) for other in others], self.cause)
        pairs = [self.measure(record.curves[arm], record.curves[other]) for other in others]
        ratios = np.max([one / other for one, other in pairs], axis=0)  # (seeds,), the strongest rival of each seed
        what = f"{small(self.quantity)}, {self.arm} against {self._others}"
        if not np.isfinite(ratios).all():
            return Verdict(ABSENT, np.nan, (np.nan, np.nan), f"{what}: nothing to compare in some seed")
        return _change(log_ratio(ratios, np.ones_like(ratios)), -1, self.smallest, what)


@dataclass(frozen=True)
class MainEffect:
    """A `Contrast` averaged over pairs of arms: the main effect of what distinguishes the two of a pair.

    Attributes
    ----------
    measure, quantity, smallest
        As in `Contrast`.
    what : str
        The two levels that are compared.
    pairs : tuple of (str, str)
        Arm with the first level, arm with the second, everything else equal.
    """

    measure: Callable
    quantity: str
    what: str
    pairs: tuple[tuple[str, str], ...]
    smallest: float = SMALLEST
    cause: tuple[str, ...] = ()

    @property
    def criterion(self) -> str:
        return (
            f"{self.quantity}, {self.what}, averaged over {len(self.pairs)} pairs of arms that differ in nothing "
            f"else: lower by at least {self.smallest:.0%} in the geometric mean over the seeds, and the 95 % "
            "interval of the change lies wholly below zero."
        )

    def __call__(self, record: Record) -> Verdict:
        check_cause(record.conditions, self.pairs, self.cause)
        measured = (self.measure(record.curves[one], record.curves[other]) for one, other in self.pairs)
        found = mean_interval(np.mean([np.log(one / other) for one, other in measured], axis=0))
        return _change(found, -1, self.smallest, f"{small(self.quantity)}, {self.what}")


@dataclass(frozen=True)
class OverlapContrast:
    """Whether the overlap parameter, averaged over the units, is larger for one network than for another (§4.4).

    Attributes
    ----------
    network, against : str
        Measures of the record: products (seeds, units, eigenvectors).
    top, skip : int
        The reading, as in `kdsrc.spectra.average`.
    """

    network: str
    against: str
    top: int = 20
    skip: int = 0
    smallest: float = SMALLEST

    @property
    def criterion(self) -> str:
        return (
            f"Mean absolute overlap with {self._vectors}, {self.network} against {self.against}: larger by at "
            f"least {self.smallest:.0%} in the geometric mean over the seeds, and the 95 % interval of the change "
            "lies wholly above zero."
        )

    @property
    def _vectors(self) -> str:
        return f"eigenvectors {self.skip + 1} to {self.top}"

    def __call__(self, record: Record) -> Verdict:
        one, other = (
            average(record.measures[name], top=self.top, skip=self.skip).mean(axis=-1)
            for name in (self.network, self.against)
        )  # (seeds,)
        what = f"overlap with {self._vectors}, {self.network} against {self.against}"
        return _change(log_ratio(one, other), 1, self.smallest, what)


@dataclass(frozen=True)
class AllOf:
    """Several tests of one claim: it holds when all do, under a condition when some do.

    When none holds the first one's verdict stands. Effect and interval are the first one's.
    """

    tests: tuple[Criterion, ...]
    rule: str  # what varies between the tests

    @property
    def criterion(self) -> str:
        return (
            f"{self.tests[0].criterion} The same for {self.rule} ({len(self.tests)} comparisons): all must hold; "
            "if some do, the claim holds under a condition."
        )

    def __call__(self, record: Record) -> Verdict:
        found = [test(record) for test in self.tests]
        holding = sum(verdict.verdict == HOLDS for verdict in found)
        first = found[0]
        if holding in (0, len(found)):
            verdict = first.verdict
        else:
            verdict = CONDITIONAL
        return replace(
            first,
            verdict=verdict,
            meaning=f"{first.meaning}; holds in {holding} of {len(found)} comparisons over {self.rule}",
        )


@dataclass(frozen=True)
class Constant:
    """Whether an arm's losses stay, at every iteration, where another arm's start.

    Attributes
    ----------
    arm, start : str
    tolerance : float
        Relative; losses are computed in single precision.
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
    """

    error: str
    quantity: str
    proportional: bool

    @property
    def criterion(self) -> str:
        claimed = (
            "the 95 % interval over the seeds lies within 1 ± 0.2"
            if self.proportional
            else f"at least {SMALLEST:g}, and the 95 % interval over the seeds lies wholly above zero"
        )
        return (
            f"Slope of the logarithm of {self.quantity} in ln(1 − m/m̄), least squares over the widths m < m̄: {claimed}."
        )

    def __call__(self, record: Record) -> Verdict:
        widths = record.measures["widths"][0]  # the same for every seed
        smaller = widths < record.settings["teacher_width"]
        if self.error == "train_loss":
            errors = np.stack([record.curves[f"width_{width:g}"]["train_loss"][:, -1] for width in widths], axis=1)
        else:
            errors = record.measures[self.error]
        shares = np.log1p(-widths[smaller] / record.settings["teacher_width"])
        found = mean_interval(np.polyfit(shares, np.log(errors[:, smaller]).T, 1)[0])
        verdict = decide(found, direction=1, smallest=SMALLEST)
        if self.proportional and verdict == HOLDS:
            verdict = HOLDS if 0.8 <= found.low and found.high <= 1.2 else ABSENT
        return Verdict(
            verdict, found.effect, (found.low, found.high), f"slope of the logarithm of {self.quantity} in ln(1 − m/m̄)"
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
        Factors that the claim names; none for a claim that names no cause.

    Raises
    ------
    ValueError
        It names the arms and the other factors.
    """
    if not cause or not conditions:
        return
    for one, other in pairs:
        if more := differences(conditions[one], conditions[other]) - set(cause):
            raise ValueError(
                f"check_cause: {one} and {other} differ in {', '.join(sorted(more))}; expected arms that differ in "
                f"{', '.join(cause)} alone: compare others, or name the cause"
            )


def _change(found: Estimate, direction: int, smallest: float, what: str) -> Verdict:
    """Verdict on a log ratio, told as a change in per cent."""
    verdict = decide(found, direction=direction, smallest=abs(float(np.log1p(direction * smallest))))
    percent = found.percent()
    return Verdict(verdict, percent.effect, (percent.low, percent.high), f"per cent, change of {what}")


def _endings(record, beginning: str) -> list[str]:
    return [
        name.removeprefix(beginning)
        for name in record.curves
        if name.startswith(beginning) and name.removeprefix(beginning).isdigit()
    ]


def _largest(record, arm: str) -> str:
    if not arm.endswith("*"):
        return arm
    return arm[:-1] + max(_endings(record, arm[:-1]), key=int)


def small(text: str) -> str:
    """The text with a small first letter."""
    return text[0].lower() + text[1:]
