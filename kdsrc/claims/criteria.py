"""The tests that compare arms: callables ``(record) -> Verdict`` with their criterion as text.

Those of a record's other measures are in `kdsrc.claims.on_measures`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdsrc.claims.framework import Verdict
from kdsrc.claims.judging import Comparison, together, uncapitalised
from kdsrc.claims.words import IN_FAVOUR
from kdsrc.records import Record

__all__ = ["AllOf", "Contrast", "MainEffect"]


@dataclass(frozen=True)
class Contrast(Comparison):
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

    Examples
    --------
    >>> from kdsrc import records
    >>> from kdsrc.claims.measures import final
    >>> test = Contrast(final("train_loss"), "Final training loss", "student_taught", "student_alone")
    >>> test(records.load("figure1")).effect < 0.0
    True
    """

    measure: Callable
    quantity: str
    arm: str
    against: str | tuple[str, ...]

    @property
    def compared(self) -> str:
        others = self.against if isinstance(self.against, str) else "the best of " + ", ".join(self.against)
        return f"{self.quantity}, {self.arm} against {others}"

    def compares(self, record: Record) -> list[tuple[str, str]]:
        rivals = (self.against,) if isinstance(self.against, str) else self.against
        return [(_largest(record, self.arm), other) for other in rivals]

    def changes(self, record: Record) -> np.ndarray:
        pairs = [self.measure(record.curves[one], record.curves[other]) for one, other in self.compares(record)]
        return np.log(np.max([one / other for one, other in pairs], axis=0))  # against each seed's strongest rival


@dataclass(frozen=True)
class MainEffect(Comparison):
    """A `Contrast` averaged over pairs of arms: the main effect of what distinguishes the two of a pair.

    Attributes
    ----------
    measure : callable (curves, curves) -> two (seeds,) arrays
        As in `Contrast`.
    quantity : str
        As in `Contrast`.
    what : str
        The two levels that are compared.
    pairs : tuple of (str, str)
        Arm with the first level, arm with the second, everything else equal.

    Examples
    --------
    >>> from kdsrc import records
    >>> from kdsrc.claims.measures import final
    >>> pairs = (("full_0", "random_0"), ("full_0.01", "random_0.01"))
    >>> test = MainEffect(final("train_loss"), "Final training loss", "start", pairs)
    >>> test(records.load("causes")).effect < 0.0
    True
    """

    measure: Callable
    quantity: str
    what: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def compared(self) -> str:
        pairs = f"averaged over {len(self.pairs)} pairs of arms that differ in nothing else"
        return f"{self.quantity}, {self.what}, {pairs}"

    @property
    def told(self) -> str:
        return f"{uncapitalised(self.quantity)}, {self.what}"

    def compares(self, record: Record) -> list[tuple[str, str]]:
        return [*self.pairs]

    def changes(self, record: Record) -> np.ndarray:
        measured = (self.measure(record.curves[one], record.curves[other]) for one, other in self.pairs)
        return np.mean([np.log(one / other) for one, other in measured], axis=0)


@dataclass(frozen=True)
class AllOf:
    """Several tests of one claim, combined as `kdsrc.claims.words.combined` says.

    Effect and interval are the first one's. A claim of order has a test of the `whole` besides, from end to end: when
    every step is clear, its word is the claim's, and effect and interval are its.

    Attributes
    ----------
    tests : tuple of callable (Record) -> Verdict
    rule : str
        What varies between the tests.
    labels : tuple of tuple of str
        For each test the level of every factor that varies, so that a condition can be said.
    whole : callable (Record) -> Verdict, optional

    Examples
    --------
    >>> from kdsrc import records
    >>> from kdsrc.claims.measures import final
    >>> tests = [Contrast(final("train_loss"), "Loss", "from_full", f"from_early_{stop}") for stop in (25, 50)]
    >>> both = AllOf(tuple(tests), "two teachers", (("stopped at 25",), ("stopped at 50",)))
    >>> len(both.labels), both(records.load("figure3")).effect < 0.0
    (2, True)
    """

    tests: tuple[Any, ...]
    rule: str
    labels: tuple[tuple[str, ...], ...]
    whole: Any = None

    def __post_init__(self):
        if len(self.labels) != len(self.tests):
            raise ValueError(f"AllOf: {len(self.tests)} tests and {len(self.labels)} labels; expected one for each")
        if len({getattr(test, "cause", ()) for test in self.tests}) > 1:
            raise ValueError("AllOf: tests of several causes; expected all to name the same factors")

    @property
    def criterion(self) -> str:
        first, size = self.shown.criterion, "the whole decides its size" if self.whole else "of that size in most"
        return (
            f"{first} The same for {self.rule} ({len(self.tests)} comparisons): it holds when the change is "
            f"clear on the claimed side in all of them, and {size}; only under a condition when it is clear in most."
        )

    @property
    def shown(self) -> Any:
        """The test whose effect and interval are the claim's."""
        return self.whole or self.tests[0]

    @property
    def cause(self) -> tuple[str, ...]:
        """The factors that all tests name."""
        return getattr(self.tests[0], "cause", ())

    @property
    def also(self) -> tuple[str, ...]:
        """The other records that the tests read."""
        return getattr(self.tests[0], "also", ())

    def arms(self, record: Record) -> set[str]:
        """The arms of the record that are compared, by tests of arms."""
        return set().union(*(test.arms(record) for test in self.tests))

    def __call__(self, *records: Record) -> Verdict:
        found = [test(*records) for test in self.tests]
        shown = self.whole(*records) if self.whole else found[0]
        told = together(shown, found, self.rule, self.labels)
        if self.whole and all(one.verdict in IN_FAVOUR for one in found):
            return replace(told, verdict=shown.verdict)
        return told


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
