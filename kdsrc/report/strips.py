"""Verdicts over iterations as a strip: a cell for each horizon, with a sign, its word for who hears it, a colour."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from kdsrc.claims import words
from kdsrc.claims.horizons import Reading
from kdsrc.claims.words import slug
from kdsrc.report.markup import render
from kdsrc.report.text import measured, typeset

__all__ = ["SIGNS", "legend", "strip"]

SIGNS = {
    words.HOLDS: "✓",
    words.SMALL: "(✓)",
    words.CONDITIONAL: "✓?",
    words.NO_EFFECT: "=",
    words.UNDECIDED: "?",
    words.OPPOSITE_SMALL: "(✗)",
    words.OPPOSITE: "✗",
}
_TEMPLATE = """\
{%- for images, row in rows | groupby("images", default=0) | reverse %}
<div class="strip"><span class="strip-images">{{ images | count }} images</span>
<ol aria-label="Verdict by iterations, {{ images | count }} images">
{%- for one in row %}<li class="strip-cell verdict-{{ one.verdict.verdict | slug }}" title="{{ one | told }}">
<span class="strip-at">{{ one.iterations | short }}</span>
<span aria-hidden="true">{{ signs[one.verdict.verdict] }}</span>
<span class="visually-hidden">{{ one.verdict.verdict }}</span></li>{% endfor %}</ol></div>
{%- endfor %}"""


def strip(readings: Sequence[Reading]) -> Markup:
    """The strip of one claim.

    Parameters
    ----------
    readings : list of Reading
        From `kdsrc.claims.horizons.strips`.
    """
    filters = {"slug": slug, "short": _short, "told": _told, "count": _count}
    return Markup(render(_TEMPLATE, filters, rows=readings, signs=SIGNS))


def legend() -> str:
    """What the signs mean, in one line."""
    return " · ".join(f"{sign} {word}" for word, sign in SIGNS.items())


def _count(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _short(iterations: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if iterations >= size:
            return f"{iterations / size:g} {letter}"
    return str(iterations)


def _told(one) -> str:
    """What a cell says when it is pointed at."""
    head = f"{_count(one.iterations)} iterations: {one.verdict.verdict}"
    if not np.isfinite(one.verdict.effect):
        return head
    effect, span = map(typeset, measured(one.verdict))
    return f"{head}, {effect} %{span}" if effect[-1].isdigit() else f"{head}, {effect}{span}"
