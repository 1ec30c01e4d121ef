"""What every page says in the same way: its verdict at the top, and one line for a check of two sides."""

from collections import Counter
from html import escape

import numpy as np

from kdsrc.claims import BOOK, PAPER, VERDICTS, verdicts
from kdsrc.claims.words import slug
from kdsrc.report.plots import Box

__all__ = ["agree", "verdict_line"]


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
    """How many claims this page decides, with which outcomes, linked to its section *Verdict*; for its top.

    Claims of the paper and questions of the book's own are counted apart.
    """
    judged = verdicts(page=page)
    parts = []
    for origin, one, several in ((PAPER, "claim", "claims"), (BOOK, "question of our own", "questions of our own")):
        counts = Counter(verdict.verdict for claim, verdict in judged if claim.origin == origin)
        if number := sum(counts.values()):
            told = [(name, counts[name]) for name in VERDICTS if counts[name]]
            pills = " ".join(
                f'<span class="verdict verdict-{slug(name)}">{count} × {escape(name)}</span>' for name, count in told
            )
            whose = f"{number} {one if number == 1 else several}"
            parts.append((f"{whose}: {pills}", f"{whose}: " + ", ".join(f"{count} × {name}" for name, count in told)))
    html, text = (" · ".join(side) for side in zip(*parts, strict=True))
    return Box(f'<p class="verdict-line"><a href="#verdict">Verdict</a> on {html}</p>', f"Verdict on {text}")
