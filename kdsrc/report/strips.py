"""Verdicts over iterations as a strip: a cell for each horizon, with a sign, its spoken word, and a colour."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup, escape

from kdsrc.claims import words
from kdsrc.claims.horizons import Reading
from kdsrc.claims.words import slug
from kdsrc.report.markup import Box, render
from kdsrc.report.text import measured, thousands, typeset

__all__ = ["SIGNS", "labelled", "legend", "strip"]

SIGNS = {
    words.HOLDS: "✓",
    words.HOLDS_SMALL: "(✓)",
    words.CONDITIONAL: "✓?",
    words.NO_EFFECT: "=",
    words.UNDECIDED: "?",
    words.OPPOSITE_SMALL: "(✗)",
    words.OPPOSITE: "✗",
}
_TEMPLATE = """\
{%- for images, row in rows | groupby("images", default=0) | reverse %}
<div class="strip"><span class="strip-images">{{ images | on }}</span>
<ol aria-label="Verdict by iterations, {{ images | on }}">
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
    filters = {"slug": slug, "short": _short, "told": _told, "on": _on}
    return Markup(render(_TEMPLATE, filters, rows=readings, signs=SIGNS))


def labelled(parts: Mapping[str, Sequence[Reading]]) -> Box:
    """Strips below their names, with what the signs mean; in a terminal a line for each horizon."""
    html = "\n".join(f'<p class="strip-of">{escape(name)}</p>{strip(readings)}' for name, readings in parts.items())
    lines = [f"{name}: {_told(one)}" for name, readings in parts.items() for one in readings]
    told = re.sub("(?<!·) ", "\N{NO-BREAK SPACE}", legend())  # a line ends after a dot
    return Box(f'<div class="strips">{html}\n<p class="strip-legend">{told}</p></div>', "\n".join(lines))


def legend() -> str:
    """What the signs mean, in one line.

    Examples
    --------
    >>> legend()[:7]
    '✓ holds'
    """
    return " · ".join(f"{sign} {word}" for word, sign in SIGNS.items())


def _on(images: int) -> str:
    return f"trained on {thousands(images)} images" if images else "each pair"


def _short(iterations: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if iterations >= size:
            return f"{iterations / size:g} {letter}"
    return str(iterations)


def _told(one) -> str:
    """What a cell says when it is pointed at."""
    head = f"{thousands(one.iterations)} iterations: {one.verdict.verdict}"
    if not np.isfinite(one.verdict.effect):
        return head
    effect, span, meaning = measured(one.verdict)
    unit = " %" if meaning.startswith("per cent") else ""
    return f"{head}, {typeset(effect)}{unit}{typeset(span)}"
