"""The list of errata (`kdsrc.theory.errata`) as HTML tables for a page, each with both numbers as measured now."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from kdsrc.report.markup import plain, render
from kdsrc.report.text import thousands, to_rounding
from kdsrc.theory.errata.erratum import KINDS, Erratum

__all__ = ["counts", "errata_table", "folded", "measured"]

_STATEMENT = r"“[^”]*”|\bEq\. ?(?=\()|\b(?P<kind>Theorem|Lemma|Assumption)s? (?=\d)"

_TABLE = """\
<div class="verdicts errata"><table style="table-layout: auto">
<thead><tr><th scope="col">Place and kind</th><th scope="col">Printed, repaired, and why</th>
{#- -#}
<th scope="col">Measured: printed → repaired</th></tr></thead>
<tbody>
{%- for row, page, numbers in rows %}
<tr><td class="mathjax_process">
{%- if page %}<a href="{{ page }}.html">{{ row.place | formulas }}</a>{% else %}{{ row.place | formulas }}{% endif -%}
<br><span class="place">{{ row.kind }}</span></td><td class="mathjax_process">
{#- -#}
<span class="place">printed</span> {{ row.printed | formulas }}<br>
{#- -#}
<span class="place">repaired</span> {{ row.repaired | formulas }}<br>{{ row.reason | formulas }}</td>
{#- -#}
<td class="mathjax_process">
{%- if numbers %}<b>{{ numbers[0] }}</b> → <b>{{ numbers[1] }}</b><br>{% endif %}{{ row.quantity | formulas }}
{%- if row.problem != "none" %}<span class="place">; {{ row.problem }}</span>{% endif %}</td></tr>
{%- endfor %}
</tbody></table></div>"""
_FOLDED = """\
{%- for title, (count, table) in tables.items() -%}
<details class="part"><summary>{{ title }} ({{ count }})</summary>
{{ table | safe }}</details>
{%- if not loop.last %}
{% endif %}{% endfor %}"""


def measured(erratum: Erratum, seeds: Sequence[int]) -> tuple[float, float]:
    """Median over the seeds of (the printed text's number, the repaired one's).

    A repaired residual below `erratum.tolerance` is rounding error: zero. The numbers of a bound stay as they are.

    Raises
    ------
    ValueError
        For an erratum without a measure.

    Examples
    --------
    >>> from kdsrc.theory.errata import ERRATA
    >>> printed, repaired = measured(ERRATA[1], seeds=[0])
    >>> bool(printed > 0.01), repaired
    (True, 0.0)
    """
    if erratum.measure is None:
        raise ValueError(f"measured: {erratum.place} has no measure ({erratum.quantity}); expected one that has")
    before, after = (float(value) for value in np.median([erratum.measure(seed) for seed in seeds], axis=0))
    return before, after if erratum.bound or abs(after) >= erratum.tolerance else 0.0


def counts(errata: Sequence[Erratum]) -> dict[str, tuple[int, int]]:
    """Of every kind, how many errata there are and how many of them are measured.

    Examples
    --------
    >>> from kdsrc.theory.errata import ERRATA
    >>> sum(total for total, _ in counts(ERRATA).values()) == len(ERRATA)
    True
    """
    return {
        kind: (
            len(found := [erratum for erratum in errata if erratum.kind == kind]),
            sum(erratum.measure is not None for erratum in found),
        )
        for kind in KINDS
    }


def errata_table(errata: Sequence[Erratum], seeds: Sequence[int], pages: Mapping[str, str]) -> str:
    r"""One row an erratum; formulas ``$…$`` become ``\(…\)`` for MathJax.

    Parameters
    ----------
    errata : sequence of Erratum
    seeds : sequence of int
        The random problems; numbers are medians over them.
    pages : mapping
        From the beginning of a place to the page that derives it: the longest that fits; no link where none fits.

    Examples
    --------
    >>> from kdsrc.theory.errata import ERRATA
    >>> errata_table(ERRATA[:1], [0], {}).count("<tr>")
    2
    """
    rows = [(erratum, _page(erratum, pages), _numbers(erratum, seeds)) for erratum in errata]
    return render(_TABLE, {"formulas": _formulas}, rows=rows)


def folded(errata: Sequence[Erratum], seeds: Sequence[int], pages: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """`errata_table` cut by the page that derives its rows, each part folded under its title and number of rows.

    Parameters
    ----------
    titles : mapping
        From a page to the title of its part, in the order wanted; the key ``""`` has the rows that no page derives.

    Raises
    ------
    ValueError
        For a page of a row that has no title.

    Examples
    --------
    >>> from kdsrc.theory.errata import ERRATA
    >>> folded(ERRATA[:1], [0], {}, {"": "All"})[:41]
    '<details class="part"><summary>All (1)</s'
    """
    parts: dict[str, list[Erratum]] = {page: [] for page in titles}
    for erratum in errata:
        page = _page(erratum, pages) or ""
        if page not in parts:
            raise ValueError(f"folded: no title for {page!r}; expected one for each page that derives a row")
        parts[page].append(erratum)
    tables = {titles[page]: (len(rows), errata_table(rows, seeds, pages)) for page, rows in parts.items() if rows}
    return render(_FOLDED, tables=tables)


def _page(erratum, pages):
    """The page that derives a row: that of the longest beginning of its place; None where none fits."""
    fits = [start for start in pages if erratum.place.startswith(start)]
    return pages[max(fits, key=len)] if fits else None


def _numbers(erratum, seeds):
    """Both numbers as shown; none without a measure."""
    if erratum.measure is None:
        return ()
    before, after = measured(erratum, seeds)
    if 0 < erratum.tolerance < 0.1 and after == 0:
        return _short(before), to_rounding(erratum.tolerance).replace("-", "−")
    return _short(before), _short(after)


def _marked(found):
    """A statement's name with P- before it; a quotation as it is."""
    if found["kind"] is None:
        return "P-" if found[0].startswith("Eq") else found[0]
    return f"P-{found[0]}"


def _formulas(text):
    """Text as HTML: code, formulas for MathJax, and the paper's statements and equations marked as the paper's."""
    text = re.sub(_STATEMENT, _marked, plain(text))
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", text)
    return Markup(re.sub(r"\$(.+?)\$", r"\\(\1\\)", text))


def _short(value):
    if value == 0:
        return "0"
    if 1e3 <= abs(value) < 1e5:
        return thousands(round(value))
    if 1e-4 <= abs(value) < 1e3:
        return f"{value:.{max(0, 2 - int(np.floor(np.log10(abs(value)))))}f}".replace("-", "−")
    mantissa, power = f"{value:.1e}".split("e")
    return rf"\({mantissa}\cdot10^{{{int(power)}}}\)"
