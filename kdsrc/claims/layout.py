"""Verdicts as plain text, for a terminal."""

import textwrap
from collections import Counter

import numpy as np

from kdsrc.claims.framework import VERDICTS

__all__ = ["table"]


def table(judged, *, width: int = 100) -> str:
    """Claims with their verdicts, and how many there are of each.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    width : int
        Columns of the terminal.
    """
    lines = []
    for claim, verdict in judged:
        lines += [f"{claim.id}  [{verdict.verdict}]", *_block(f"{claim.statement} ({claim.place})", width)]
        lines += _block(_numbers(verdict), width)
    counts = Counter(verdict.verdict for _, verdict in judged)
    total = ", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts[name])
    return "\n".join([*lines, f"{len(judged)} claims: {total}" if judged else "no claims"])


def _numbers(verdict) -> str:
    if not np.isfinite(verdict.effect):
        return verdict.meaning
    low, high = verdict.interval
    span = "" if low == high == verdict.effect else f" [{low:.3g}, {high:.3g}]"
    return f"{verdict.effect:.3g}{span} {verdict.meaning}"


def _block(text, width):
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")
