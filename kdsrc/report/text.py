"""Verdicts as plain text, for a terminal; and the form of the numbers in them, there and on the pages."""

import textwrap
from collections import Counter

import numpy as np

from kdsrc.claims.framework import VERDICTS, Judged, Verdict

__all__ = ["measured", "short", "table", "to_rounding"]


def table(judged: Judged, *, width: int = 100) -> str:
    """Claims with their verdicts, and how many there are of each.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    width : int
        Columns of the terminal.

    Examples
    --------
    >>> table([])
    'no claims'
    """
    lines = []
    for claim, verdict in judged:
        lines += [f"{claim.id}  [{verdict.verdict}]", *_block(f"{claim.statement} ({claim.source})", width)]
        lines += _block(_numbers(verdict), width)
    counts = Counter(verdict.verdict for _, verdict in judged)
    total = ", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts[name])
    return "\n".join([*lines, f"{len(judged)} claims: {total}" if judged else "no claims"])


def _numbers(verdict) -> str:
    if not np.isfinite(verdict.effect):
        return verdict.meaning
    effect, span = measured(verdict)
    return f"{effect}{':' if verdict.rounding else span} {verdict.meaning}"


def measured(verdict: Verdict) -> tuple[str, str]:
    """A finite effect and its interval as text; rounding error is not told in digits, and has no interval."""
    if verdict.rounding:
        return to_rounding(verdict.tolerance), ""
    low, high = verdict.interval
    return short(verdict.effect), "" if low == high == verdict.effect else f" [{short(low)}, {short(high)}]"


def to_rounding(tolerance: float) -> str:
    """What is shown in place of a number smaller than `tolerance` that an exact computation would make zero."""
    return f"0 to rounding, < {tolerance:g}".replace("e-0", "e-")


def short(value: float) -> str:
    """Three digits; groups of thousands instead of a power of ten.

    Examples
    --------
    >>> short(0.12345), short(12345.6)
    ('0.123', '12 300')
    """
    digits = f"{value:.3g}"
    return digits if not np.isfinite(value) or abs(value) < 1000 else f"{float(digits):,.0f}".replace(",", " ")


def _block(text, width):
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")
