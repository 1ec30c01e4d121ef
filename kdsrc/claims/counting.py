"""What the number of comparisons does to the verdicts: Benjamini and Hochberg's rule over the claims' p values."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import false_discovery_control

from kdsrc.claims.framework import Judged, Verdict
from kdsrc.claims.words import AGAINST, CONDITIONAL, IN_FAVOUR

__all__ = ["adjusted", "lost", "unclear"]


def adjusted(judged: Judged) -> dict[str, float]:
    """Claim -> its p value adjusted for all those that have one; a clear verdict needs less than 0.05.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    """
    found = {claim.id: verdict.p for claim, verdict in judged if np.isfinite(verdict.p)}
    values = false_discovery_control(list(found.values())) if found else []
    return dict(zip(found, map(float, values), strict=True))


def unclear(judged: Judged) -> list[str]:
    """Claims whose sign is clear by its own interval, and would not be at a false discovery rate of five per cent.

    Examples
    --------
    >>> unclear([])
    []
    """
    rates = adjusted(judged)
    return [claim.id for claim, verdict in judged if _lost(verdict, rates.get(claim.id, 0.0))]


def lost(found: Sequence[Verdict]) -> int:
    """How many of these comparisons are clear by their own interval, and not at a false discovery rate of 5 %.

    Examples
    --------
    >>> lost([Verdict("holds", -9.0, (-10.0, -8.0), "", p=0.001)])
    0
    """
    rates = false_discovery_control([one.p for one in found])
    return sum(_lost(one, rate) for one, rate in zip(found, rates, strict=True))


def _lost(verdict, rate):
    """Whether a verdict is clear by its own interval, and not at this adjusted p value."""
    return bool(verdict.verdict in (*IN_FAVOUR, *AGAINST, CONDITIONAL) and rate >= 0.05)
