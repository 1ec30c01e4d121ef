"""Claims and verdicts: a sentence of the paper, the criterion that decides it, and what the record says.

A criterion is part of the code, committed before the paper-scale run it judges, and chosen from the paper's
sentence alone; `kdsrc.claims.designs` tells what was changed later, and why. The words are those of
`kdsrc.claims.words`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kdsrc import records
from kdsrc.claims.words import CONDITIONAL, PENDING, VERDICTS
from kdsrc.records import Record

__all__ = ["Claim", "Verdict", "claim", "judge", "record_if_made", "with_seeds"]

LIVE = "live"
CAUSE = "cause"
KINDS = ("theory", "quality", "speed", CAUSE, "spectrum")
PAPER, BOOK = "paper", "book"
ORIGINS = (PAPER, BOOK)
SMALLEST = 0.05  # differences below five per cent would not be called better or faster from a plot
# Seeds whose results were known when the words of the verdicts were made, by record; of the others none.
_FIVE = ("figure1", "figure2", "figure3", "figure4", "figure5", "figure6", "prediction", "horizon", "causes", "width")
SEEN = dict.fromkeys(_FIVE, 5) | {"digits": 10}
_FEWEST = 2  # fresh seeds, from which on there is a spread


@dataclass(frozen=True)
class Verdict:
    """What was found about a claim.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    effect : float
        The measured quantity, averaged over seeds; of an identity the largest misfit; NaN when nothing was run.
    interval : tuple of float
        Its 95 % interval over seeds. Both ends are the effect itself for a computation without chance.
    meaning : str
        What the effect is, and its unit.
    tolerance : float
        An effect below it is a zero with rounding errors, whose digits mean nothing; zero where no effect is one.
    condition : str
        For *only under a condition*: which.
    before : str
        The outcome by the criterion until November 2026 (`kdsrc.claims.earlier`); empty where there was no other.
    p : float
        Two-sided p value of the effect's t statistic; of several comparisons the largest. NaN where there is none.
    images : (float, float), optional
        Of a final test loss: the ends of the effect's 95 % interval over test images (`kdsrc.claims.images`).
    fresh : Verdict, optional
        The same judged on the seeds alone that had not been seen when the words were made.

    Examples
    --------
    >>> Verdict("holds", -9.0, (-10.0, -8.0), "per cent, change of the loss").rounding
    False
    """

    verdict: str
    effect: float
    interval: tuple[float, float]
    meaning: str
    tolerance: float = 0.0
    condition: str = ""
    before: str = ""
    p: float = np.nan
    images: tuple[float, float] | None = None
    fresh: "Verdict | None" = None

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"Verdict: got {self.verdict!r}; expected one of {', '.join(VERDICTS)}")
        if self.verdict == CONDITIONAL and not self.condition:
            raise ValueError(f"Verdict: {CONDITIONAL!r} without a condition; expected one that says which")

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
        What it says; formulas stand between ``\\(`` and ``\\)``.
    criterion : str
        What must be found for it to hold.
    record : str
        Name of the record that decides it, or ``live`` for a computation that needs none.
    page : str
        Page of the book that shows the evidence (file name without ending).
    kind : str
        One of `KINDS`.
    judge : callable (Record or None) -> Verdict
        It takes the record, and after it those that its attribute ``also`` names. Use `judge` below, which knows what
        to do without a record.
    origin : {'paper', 'book'}
        Whether the paper says it, or the book asks it beyond the paper.

    Examples
    --------
    >>> found = Verdict("holds", 1.0, (1.0, 1.0), "one")
    >>> one = Claim("one", "§2", "One is one.", "It is.", LIVE, "theorem1", "theory", lambda record: found)
    >>> judge(one).verdict
    'holds'
    """

    id: str
    source: str
    statement: str
    criterion: str
    record: str
    page: str
    kind: str
    judge: Callable[..., Verdict]
    origin: str = PAPER

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Claim {self.id}: kind {self.kind!r}; expected one of {', '.join(KINDS)}")
        if self.origin not in ORIGINS:
            raise ValueError(f"Claim {self.id}: origin {self.origin!r}; expected one of {', '.join(ORIGINS)}")
        if (self.kind == CAUSE) != bool(self.cause):
            factors = ", ".join(self.cause) or "no factor"
            raise ValueError(
                f"Claim {self.id}: {self.kind}, of {factors}; expected factors of a cause, and of no other"
            )

    @property
    def cause(self) -> tuple[str, ...]:
        """The factors that a claim about a cause names; the arms that it compares differ in no other."""
        return getattr(self.judge, "cause", ())

    @property
    def also(self) -> tuple[str, ...]:
        """Names of other records that it reads."""
        return getattr(self.judge, "also", ())


Judged = Sequence[tuple[Any, Any]]  # claims and their verdicts, or what stands for them


def claim(
    id: str,
    source: str,
    statement: str,
    test: Any,
    *,
    record: str,
    page: str | None = None,
    kind: str,
    origin: str = PAPER,
) -> Claim:
    """The claim that `test` decides; its criterion is ``test.criterion``, its page the record's unless given."""
    return Claim(id, source, statement, test.criterion, record, page or record, kind, test, origin)


def judge(claim: Claim, *found: Record | None) -> Verdict:
    """Verdict on a claim from its record and those that it also reads; *not yet run* when one is missing.

    A record with fresh seeds is judged twice: with all seeds, and with the fresh ones alone.

    Examples
    --------
    >>> from kdsrc.claims import all_claims
    >>> judge(all_claims()[-1], None).verdict
    'not yet run'
    """
    if claim.record == LIVE:
        return claim.judge(None)
    names = (claim.record, *claim.also)
    there = [record for record in found if record is not None]
    if missing := [name for name, record in zip(names, (*found, *[None] * len(names)), strict=False) if record is None]:
        return Verdict(PENDING, np.nan, (np.nan, np.nan), f"no record {', '.join(missing)}")
    verdict, seen = claim.judge(*found), SEEN.get(claim.record, 0)
    fresh = [record for record in there if sum(seed >= seen for seed in record.seeds) >= _FEWEST]
    if not seen or len(fresh) < len(found):
        return verdict
    return replace(verdict, fresh=claim.judge(*(with_seeds(record, lambda seed: seed >= seen) for record in there)))


def record_if_made(name: str, folder: str | Path | None = None, scale: str | None = None) -> Record | None:
    """The record as `kdsrc.records.load` reads it; None where the study has not been run, and for ``live``."""
    return records.load(name, folder, scale=scale) if records.path(name, folder).is_file() else None


def with_seeds(record: Record, wanted: Callable[[int], bool]) -> Record:
    """The record of some of its seeds.

    Examples
    --------
    >>> from kdsrc import records
    >>> with_seeds(records.load("figure1"), lambda seed: seed < 2).seeds
    [0, 1]
    """
    kept = np.array([bool(wanted(seed)) for seed in record.seeds])

    def some(table: Mapping) -> dict:
        return {name: values if name == "iterations" else np.asarray(values)[kept] for name, values in table.items()}

    return replace(
        record,
        seeds=[seed for seed, keep in zip(record.seeds, kept, strict=True) if keep],
        curves={arm: some(curve) for arm, curve in record.curves.items()},
        measures=some(record.measures),
    )
