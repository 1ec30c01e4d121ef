"""Verdicts as an HTML table, for the pages: short rows, with the criterion and its earlier outcome to unfold."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from markupsafe import Markup, escape

from kdsrc.claims import BOOK, LIVE, earlier
from kdsrc.claims.framework import Judged
from kdsrc.claims.horizons import strips
from kdsrc.claims.words import PENDING, slug
from kdsrc.report.markup import pills, render
from kdsrc.report.plots import STYLES
from kdsrc.report.strips import strip
from kdsrc.report.text import bracket, by_verdict, measured, typeset

__all__ = ["folded", "html_table", "mathematics", "worded"]

_TEMPLATE = """\
{%- macro numbers(verdict) -%}
{%- if verdict.effect | finite -%}
<b>{{ verdict | effect }}</b>{{ verdict | span }}
{%- endif -%}
{%- endmacro -%}
<div class="verdicts"><table>
<colgroup><col class="claim"><col class="verdict"><col class="measured"></colgroup>
<thead><tr><th scope="col">Claim</th><th scope="col">Verdict</th><th scope="col">Measured</th></tr></thead>
<tbody>
{%- for claim, verdict in judged %}
<tr id="claim-{{ claim.id }}" data-kind="{{ claim.kind }}" data-verdict="{{ verdict.verdict | slug }}"
 data-page="{{ claim.page }}" data-origin="{{ claim.origin }}" data-record="{{ claim.record }}">
<td><span class="statement">{{ claim.statement | mathematics }}</span>
<span class="place">{% if links and verdict.verdict != pending -%}
<a href="{{ claim.page }}.html">{{ claim.source }}</a>{% else %}{{ claim.source }}{% endif -%}
{% if claim.origin == book %} · the book’s own question{% endif %}</span>
<details class="criterion"><summary>Criterion</summary><p>{{ claim.criterion | worded | mathematics }}</p>
{%- if verdict.before %}<p>Until November 2026: {{ claim | earlier | worded | mathematics }}
Its outcome: <i>{{ verdict.before }}</i>.</p>{% endif %}</details></td>
<td><span class="verdict verdict-{{ verdict.verdict | slug }}">{{ verdict.verdict }}</span>
{%- if verdict.condition %} <span class="condition">{{ verdict.condition | mathematics }}</span>{% endif %}</td>
<td>{{ numbers(verdict) }}
{%- if verdict.images %} <span class="over-images">over test images{{ verdict.images | bracket }}</span>{% endif %}
{%- if verdict.effect | finite %}<br>{% endif %}{{ verdict | meaning | worded | mathematics }}
{%- if verdict.fresh and verdict.fresh.verdict != verdict.verdict %}<br><span class="fresh">On the fresh seeds alone:
<i>{{ verdict.fresh.verdict }}</i>, {{ numbers(verdict.fresh) }}</span>{% endif %}
{%- if claim.id in strips %}{{ strips[claim.id] | strip }}{% endif %}</td></tr>
{%- endfor %}
</tbody></table>
{%- if recorded %}<p class="covers">Square brackets: 95 % intervals over random weights and choices of units; the images
are always the same.{% if second %} Where a second bracket stands, it covers the choice of the test images, for the
networks at hand.{% endif %}</p>{% endif %}</div>"""

_SUB = re.compile(r"((?<![A-Za-z])[^\W\d_]\u0304?|[)}>\u0304])_(\{[^{}]*\}|min\b|max\b|frozen\b|[A-Za-z0-9∞])")
_ARM = re.compile(r"\b[a-z]{2,}(?:_[a-z0-9]+(?:\.\d+)?)+(?:\b|_\*)")
_SUP = re.compile(r"\^(\{[^{}]*\}|\([a-z]\)|[A-Za-z0-9∞½])")


def html_table(judged: Judged, *, links: bool = False, horizons: bool = False, folder: str | Path | None = None) -> str:
    """One row a claim: what is said and where, the verdict, the effect with its interval.

    Rows say kind, verdict, page, origin and record in ``data-`` attributes.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    links : bool
        Whether each claim that has been judged links to the page that decides it.
    horizons : bool
        Whether claims on losses show their verdicts over iterations, as `kdsrc.claims.horizons` gives them.
    folder : path, optional
        Where the records for these are; ``results/`` unless given.

    Examples
    --------
    >>> html_table([]).count("<tr>")
    1
    """
    shown = strips((claim for claim, _ in judged), folder) if horizons else {}
    recorded = any(claim.record != LIVE and np.isfinite(verdict.effect) for claim, verdict in judged)
    return render(
        _TEMPLATE,
        _FILTERS,
        judged=judged,
        links=links,
        pending=PENDING,
        book=BOOK,
        recorded=recorded,
        second=any(verdict.images for _, verdict in judged),
        strips=shown,
    )


def folded(groups: Mapping[str, Judged], **options) -> str:
    """A table for each group, folded under its name and the number of claims of each verdict.

    `options` are those of `html_table`.

    Parameters
    ----------
    groups : mapping of str to list of (Claim, Verdict)
        By name, in the order of the page; empty ones are left out.

    Examples
    --------
    >>> folded({"nothing": []})
    ''
    """
    return "\n".join(
        f'<details class="part claims"><summary>{escape(name)} ({len(judged)}) {pills(by_verdict(judged))}</summary>\n'
        f"{html_table(judged, **options)}</details>"
        for name, judged in groups.items()
        if judged
    )


def mathematics(text: str) -> Markup:
    """Escaped text in which ``H_k``, ``f_∞``, ``f^(k)`` and ``e^{−p_jt}`` have their indices and exponents.

    Names in code, as ``student_taught``, stay as they are.
    """
    shown = _SUP.sub(lambda found: f"<sup>{_SUB.sub(_lowered, _bare(found[1]))}</sup>", str(escape(text)))
    return Markup(_SUB.sub(_lowered, shown))


def worded(text: str) -> str:
    """Text in which names of arms, as in records, are those that figures show; others lose their underscores.

    Examples
    --------
    >>> worded("student_taught against taught_penalty_0.1; f_frozen, outputs_0.5_full, compare_alignf_*")
    'student taught against λ = 0.1; f_frozen, outputs 0.5 full, alignf'
    """

    def shown(found):
        name = found[0].removeprefix("compare_").removesuffix("_*")
        return STYLES[name].label if name in STYLES else name.replace("_", " ")

    return _ARM.sub(shown, text)


def _lowered(found):
    return f"{found[1]}<sub>{_bare(found[2])}</sub>"


def _bare(script):
    return script.removeprefix("{").removesuffix("}").replace("-", "−")


_FILTERS = {
    "slug": slug,
    "mathematics": mathematics,
    "worded": worded,
    "earlier": earlier.criterion,
    "strip": strip,
    "finite": np.isfinite,
    "effect": lambda verdict: typeset(measured(verdict)[0]),
    "bracket": lambda ends: typeset(bracket(ends)),
    "span": lambda verdict: typeset(measured(verdict)[1]),
    "meaning": lambda verdict: measured(verdict)[2],
}
