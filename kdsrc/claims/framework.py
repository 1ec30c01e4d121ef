"""Claims and verdicts: a sentence of the paper, the criterion that decides it, and what the record says.

A criterion is part of the code, committed before the paper-scale run it judges, and chosen from the paper's
sentence alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from kdsrc.records import Record
from kdsrc.statistics import Estimate

__all__ = ["KINDS", "LIVE", "VERDICTS", "Claim", "Criterion", "Judged", "Verdict", "claim", "decide", "judge"]

HOLDS = "holds"
REPAIRED = "holds with a repair"
CONDITIONAL = "holds only under a condition"
ABSENT = "does not reproduce"
REFUTED = "refuted"
PENDING = "not yet run"
VERDICTS = (HOLDS, REPAIRED, CONDITIONAL, ABSENT, REFUTED, PENDING)

LIVE = "live"
KINDS = ("theory", "quality", "speed", "cause", "spectrum")
SMALLEST = 0.05  # differences below five per cent would not be called better or faster from a plot


@dataclass(frozen=True)
class Verdict:
    """What was found about a claim.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    effect : float
        The measured quantity, averaged over seeds; NaN when nothing was run.
    interval : tuple of float
        Its 95 % interval over seeds. Both ends are the effect itself for a computation without chance.
    meaning : str
        What the effect is, and its unit.
    tolerance : float
        An effect below it is a zero with rounding errors, whose digits mean nothing; zero where no effect is one.

    Examples
    --------
    >>> Verdict("holds", -0.2, (-0.3, -0.1), "log ratio of final losses").interval
    (-0.3, -0.1)
    """

    verdict: str
    effect: float
    interval: tuple[float, float]
    meaning: str
    tolerance: float = 0.0

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"Verdict: got {self.verdict!r}; expected one of {', '.join(VERDICTS)}")

    @property
    def rounding(self) -> bool:
        """Whether the effect is rounding error alone; it is then told by its tolerance, without an interval."""
        return abs(self.effect) < self.tolerance


@dataclass(frozen=True)
class Claim:
    """One thing the paper says, in our words, and how it is decided.

    Attributes
    ----------
    id : str
        Short and unique.
    source : str
        Where the paper says it.
    statement : str
        What it says.
    criterion : str
        What must be found for it to hold.
    record : str
        Name of the record that decides it, or ``live`` for a computation that needs none.
    page : str
        Page of the book that shows the evidence (file name without ending).
    kind : str
        One of `KINDS`.
    judge : callable (Record or None) -> Verdict
        Use `judge` below, which knows what to do without a record.

    Examples
    --------
    >>> from kdsrc.claims import all_claims
    >>> {claim.kind for claim in all_claims()} <= set(KINDS)
    True
    """

    id: str
    source: str
    statement: str
    criterion: str
    record: str
    page: str
    kind: str
    judge: Callable[[Record | None], Verdict]

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Claim {self.id}: kind {self.kind!r}; expected one of {', '.join(KINDS)}")


@runtime_checkable
class Criterion(Protocol):
    """What decides a claim: in words, and as the verdict on a record."""

    @property
    def criterion(self) -> str: ...

    def __call__(self, record: Record) -> Verdict: ...


Judged = Sequence[tuple[Any, Any]]  # claims and their verdicts, or what stands for them


def claim(id: str, source: str, statement: str, test: Any, *, record: str, page: str | None = None, kind: str) -> Claim:
    """The claim that `test` decides; its criterion is ``test.criterion``, its page the record's unless given."""
    return Claim(id, source, statement, test.criterion, record, page or record, kind, test)


def judge(claim: Claim, record: Record | None) -> Verdict:
    """Verdict on a claim; *not yet run* when it needs a record and there is none.

    Examples
    --------
    >>> from kdsrc.claims import all_claims
    >>> claim = next(claim for claim in all_claims() if claim.record == "figure1")
    >>> judge(claim, None).verdict
    'not yet run'
    """
    if record is None and claim.record != LIVE:
        return Verdict(PENDING, np.nan, (np.nan, np.nan), f"no record {claim.record}")
    return claim.judge(record)


def decide(found: Estimate, *, direction: int, smallest: float) -> str:
    """*holds*, *refuted* or *does not reproduce*, for a claim that a quantity is below (-1) or above (+1) zero.

    It holds when the interval lies on the claimed side of zero and the effect is at least `smallest`; it is
    refuted when the same is true of the other side; anything else is a failure to reproduce.
    """
    for verdict, sign in ((HOLDS, direction), (REFUTED, -direction)):
        if min(sign * found.low, sign * found.high) > 0.0 and sign * found.effect >= smallest:
            return verdict
    return ABSENT
