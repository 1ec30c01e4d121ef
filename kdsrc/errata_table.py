"""The errata as an HTML table for a page: place, printed, repaired, why, and both numbers measured on the spot."""

import re
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from kdsrc.claims.layout import to_rounding
from kdsrc.errata import Erratum

__all__ = ["errata_table", "measured"]


def measured(erratum: Erratum, seeds: Sequence[int]) -> tuple[float, float]:
    """Median over the seeds of (the printed text's number, the repaired one's).

    A repaired number below `erratum.tolerance` is rounding error: zero.
    """
    before, after = (float(value) for value in np.median([erratum.measure(seed) for seed in seeds], axis=0))
    return before, after if abs(after) >= erratum.tolerance else 0.0


def errata_table(errata: Sequence[Erratum], seeds: Sequence[int], pages: Mapping[str, str]) -> str:
    r"""One row an erratum; formulas ``$…$`` become ``\(…\)`` for MathJax.

    Parameters
    ----------
    errata : sequence of Erratum
    seeds : sequence of int
        The random problems; numbers are medians over them.
    pages : mapping
        From the beginning of a place to the page that derives it: the longest that fits; no link where none fits.
    """
    heads = "".join(f'<th scope="col">{name}</th>' for name in
                    ("Place", "Printed, repaired, and why", "Measured"))
    rows = "\n".join(_row(erratum, measured(erratum, seeds), pages) for erratum in errata)
    return (f'<div class="verdicts errata"><table style="table-layout: auto">\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>")


def _row(erratum, numbers, pages):
    place, fits = _formulas(erratum.place), [start for start in pages if erratum.place.startswith(start)]
    if fits:
        place = f'<a href="{escape(pages[max(fits, key=len)])}.html">{place}</a>'
    problem = "" if erratum.problem == "none" else f"; {escape(erratum.problem)}"
    before, after = _short(numbers[0]), _short(numbers[1])
    if erratum.tolerance and numbers[1] == 0:
        after = escape(to_rounding(erratum.tolerance)).replace("-", "−")
    texts = (f'<span class="place">printed</span> {_formulas(erratum.printed)}',
             f'<span class="place">repaired</span> {_formulas(erratum.repaired)}', _formulas(erratum.reason))
    cells = (place, "<br>".join(texts),
             f'<b>{before}</b> → <b>{after}</b><br>{_formulas(erratum.quantity)}<span class="place">{problem}</span>')
    return "<tr>" + "".join(f'<td class="mathjax_process">{cell}</td>' for cell in cells) + "</tr>"


def _formulas(text):
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\$(.+?)\$", r"\\(\1\\)", text)


def _short(value):
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e5:
        return f"{value:.{max(0, 2 - int(np.floor(np.log10(abs(value)))))}f}".replace("-", "−")
    mantissa, power = f"{value:.1e}".split("e")
    return rf"\({mantissa}\cdot10^{{{int(power)}}}\)"
