"""Every claim on losses at every horizon: what would be said if training had been stopped earlier, or gone on.

The paper does not say for how many iterations its networks are trained. Its objective (2) has no factor ½, so that its
gradient is twice that of our losses: read by the word, η = 2·10⁻⁴ makes one iteration of the paper's two of ours, and
its 1 000 our 2 000. Verdicts are therefore given from 50 iterations on: from a claim's own record as far as it goes,
from there by the records of the same arms that go on, ``far`` (10 000 images) and ``horizon`` (1 000 images, to rest).
A teacher stays as it was trained; it is the student whose training is cut. Records with a row for each point and seed
are read at the few horizons that they keep.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kdsrc.claims.criteria import AllOf, Contrast, MainEffect
from kdsrc.claims.framework import Claim, Verdict, record_if_made
from kdsrc.claims.rows import OnEachPair, RowContrast
from kdsrc.records import Record

__all__ = ["ALIASES", "ITERATIONS", "SHARING", "Reading", "on_losses", "readings", "strips", "truncated"]

ITERATIONS = (50, 100, 200, 500, 1_000, 2_000, 4_000, 10_000, 20_000, 50_000, 100_000, 200_000, 2_000_000)
LONGER = ("far", "horizon")
_NEAR = 0.97  # a row this close below an iteration stands for it
SHARING = ("figure1", "figure2", "figure3")  # their arms of one meaning are one network a seed
# The names of these arms in the other records.
ALIASES = {
    "taught_penalty_0.01": "student_taught",
    "taught_penalty_0": "taught_no_penalty",
    "from_full": "student_taught",
    "random_full_outputs": "random_penalty",
}


@dataclass(frozen=True)
class Reading:
    """A claim's verdict at one horizon.

    Attributes
    ----------
    iterations : int
    images : int
        How many the record was trained on; 0 where that varies from pair to pair.
    verdict : Verdict

    Examples
    --------
    >>> Reading(1_000, 10_000, Verdict("undecided", 0.1, (-0.2, 0.4), "per cent")).verdict.effect
    0.1
    """

    iterations: int
    images: int
    verdict: Verdict


def on_losses(claim: Claim) -> bool:
    """Whether the claim compares losses that its record has at several iterations."""
    if isinstance(claim.judge, OnEachPair):
        return True
    if isinstance(claim.judge, RowContrast):
        return "_loss_" in claim.judge.measure
    tests = claim.judge.tests if isinstance(claim.judge, AllOf) else (claim.judge,)
    return all(
        isinstance(one, Contrast | MainEffect) and "before the student trains" not in one.quantity for one in tests
    )


def truncated(record: Record, iterations: int) -> Record | None:
    """The record as if its runs had been stopped; None when a run has no row close enough.

    A run that is longer than the others is stopped in proportion: the student that is trained twice as long, at twice
    the iterations.
    """
    ends = {arm: curve["iterations"][-1] for arm, curve in record.curves.items()}
    shortest, curves = min(ends.values()), {}
    for arm, curve in record.curves.items():
        stop = iterations * ends[arm] / shortest
        rows = int(np.searchsorted(curve["iterations"], stop, side="right"))
        if stop > ends[arm] or curve["iterations"][rows - 1] < _NEAR * stop:
            return None
        curves[arm] = {name: values[..., :rows] for name, values in curve.items()}
    return replace(record, curves=curves)


def readings(test: Any, found: Iterable[Record]) -> list[Reading]:
    """What a test says at every horizon that one of the records holds.

    Parameters
    ----------
    test : Contrast, MainEffect, AllOf of these, RowContrast or OnEachPair
        A claim that is `on_losses` is judged by one.
    found : iterable of Record
        A claim's own first, then those of the same arms that go on. Only the arms that are compared decide how far.
    """
    if isinstance(test, RowContrast | OnEachPair):
        return [one for record in found for one in _of_rows(test, record)]
    told: dict[tuple[int, int], Reading] = {}
    for record in found:
        curves, conditions = (
            known | {new: known[old] for new, old in ALIASES.items() if old in known}
            for known in (record.curves, record.conditions)
        )
        record = replace(record, curves=curves, conditions=conditions)
        arms = test.arms(record)
        if not arms <= curves.keys():  # an arm that does not go on
            continue
        compared = replace(record, curves={arm: curves[arm] for arm in arms})
        for iterations in ITERATIONS:
            where = iterations, record.dataset["n_train"]
            shorter = truncated(compared, iterations)
            if shorter is not None and where not in told:
                told[where] = Reading(*where, test(shorter))
    return [*told.values()]


def _of_rows(test, record):
    images = 0 if isinstance(test, OnEachPair) else record.dataset["n_train"]
    for place, iterations in enumerate(record.measures["horizons"][0]):
        yield Reading(int(iterations), images, replace(test, horizon=place)(record))


def strips(claims: Iterable[Claim], folder: str | Path | None = None) -> dict[str, list[Reading]]:
    """Claim -> its `readings`, for those that are `on_losses` and have a record.

    Claims of Figures 1 to 3 are also read from the records that go on; others from their own.
    """
    wanted = [claim for claim in claims if on_losses(claim)]
    loaded = {name: record_if_made(name, folder) for name in {*LONGER, *(claim.record for claim in wanted)}}
    found = {}
    for claim in wanted:
        names = (claim.record, *(LONGER if claim.record in SHARING else ()))
        records = [one for name in names if (one := loaded[name])]
        if loaded[claim.record] and (told := readings(claim.judge, records)):
            found[claim.id] = told
    return found
