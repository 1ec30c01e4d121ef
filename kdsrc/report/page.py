"""What every page says in the same way: its verdict, a check of two sides, a comparison in words, a table."""

from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from kdsrc.claims import VERDICTS, verdicts
from kdsrc.report.plots import Box
from kdsrc.statistics import Estimate

__all__ = ["agree", "compared", "table", "verdict_line", "which"]

_HOW = {"higher": "high", "more": "many", "larger": "large", "longer": "long", "slower": "slow"}


def agree(what: str, one, other, *, tolerance: float = 1e-10, relative: bool = False) -> None:
    """Print ``✓ what: both sides agree to 1e-10``, or ``✗`` and by how much they differ.

    Parameters
    ----------
    what : str
        What is computed in two ways.
    one, other : array_like of one shape, or of shapes that broadcast
    tolerance : float
        Of the largest absolute difference, or, when `relative`, of its ratio to the largest entry of `other`.

    Examples
    --------
    >>> agree("half of one", 0.5, 1 / 2)
    ✓ half of one: both sides agree to 1e-10
    >>> agree("a tenth", [0.1, 0.1], [0.1, 0.2])
    ✗ a tenth: the sides differ by 0.1, more than 1e-10
    """
    one, other = np.asarray(one), np.asarray(other)
    apart = float(np.abs(one - other).max())
    if relative:
        apart /= float(np.abs(other).max())
    told = f"{tolerance:g}".replace("e-0", "e-")
    if apart < tolerance:  # not for a NaN
        print(f"✓ {what}: both sides agree to {told}")
    else:
        print(f"✗ {what}: the sides differ by {apart:.2g}, more than {told}")


def verdict_line(page: str) -> Box:
    """How many claims this page decides, with which outcomes, linked to its section *Verdict*; for its top."""
    judged = verdicts(page=page)
    counts = Counter(verdict.verdict for _, verdict in judged)
    told = [(name, counts[name]) for name in VERDICTS if counts[name]]
    pills = " ".join(
        f'<span class="verdict verdict-{name.replace(" ", "-")}">{count} × {escape(name)}</span>'
        for name, count in told
    )
    claims = "claim" if len(judged) == 1 else "claims"
    return Box(
        f'<p class="verdict-line"><a href="#verdict">Verdict</a> on {len(judged)} {claims}: {pills}</p>',
        f"Verdict on {len(judged)} {claims}: " + ", ".join(f"{count} {name}" for name, count in told),
    )


def which(found: Estimate, below: str = "lower", above: str = "higher", neither: str = "not clearly different") -> str:
    """The word for an interval that lies below zero, above it, or holds it: prose that stays true when a number moves.

    Examples
    --------
    >>> which(Estimate(-4.4, -5.6, -3.2, 5)), which(Estimate(1.5, -0.1, 3.1, 5), neither="about equal")
    ('lower', 'about equal')
    """
    return below if found.high < 0.0 else above if found.low > 0.0 else neither


def compared(found: Estimate, words: tuple[str, str] = ("lower", "higher"), *, of: str = "") -> str:
    """A change in per cent with its 95 % interval, in words; from a doubling on, as a multiple.

    Parameters
    ----------
    found : Estimate
        In per cent, as `Estimate.percent` gives it.
    words : (str, str)
        What a negative and a positive change are called. A multiple is told of the second: *twice as high*.
    of : str
        A noun that follows the words, as *iterations* in *9 % more iterations*.

    Examples
    --------
    >>> compared(Estimate(-4.4, -5.6, -3.2, 5))
    '4.4 % lower (95 % interval 3.2 to 5.6 % lower)'
    >>> compared(Estimate(-0.2, -0.6, 0.2, 5))
    'not clearly different: 0.2 % lower (95 % interval 0.6 % lower to 0.2 % higher)'
    >>> compared(Estimate(250.0, -11.0, 14906.0, 5), ("fewer", "more"), of="iterations")
    'not clearly different: 3.5 times as many iterations (95 % interval 0.89 to 150 times)'
    """
    noun = f" {of}" if of else ""
    start = "" if found.low > 0.0 or found.high < 0.0 else "not clearly different: "
    if not np.isfinite([found.low, found.high]).all():
        return f"{_change(found.effect, words, noun)} (one seed, hence no interval)"
    if max(found.effect, found.high) >= 100.0:
        effect, low, high = (
            f"{float(f'{1.0 + value / 100.0:.2g}'):g}" for value in (found.effect, found.low, found.high)
        )
        how = f"times as {_HOW.get(words[1], words[1])}"
        return f"{start}{effect} {how}{noun} (95 % interval {low} to {high} times)"
    if not start:
        near, far = sorted((found.low, found.high), key=abs)
        span = f"{abs(near):.1f} to {_change(far, words)}"
    else:
        span = f"{_change(found.low, words)} to {_change(found.high, words)}"
    return f"{start}{_change(found.effect, words, noun)} (95 % interval {span})"


def table(columns: Sequence[str], rows: Sequence[Sequence]) -> Box:
    """Rows under named columns, the first column as the head of its row; a notebook shows HTML, a terminal text."""
    frame = pd.DataFrame([[str(cell) for cell in row] for row in rows], columns=list(columns)).set_index(columns[0])
    frame.columns.name, frame.index.name = columns[0], None
    return Box(frame.to_html(border=0, classes="rows", justify="left"), frame.to_string())


def _change(value: float, words: tuple[str, str], noun: str = "") -> str:
    return f"{abs(value):.1f} % {words[value > 0]}{noun}"
