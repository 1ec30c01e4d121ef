"""Verdicts as an HTML table, for the pages."""

import re
from html import escape

import numpy as np

from kdsrc.claims.framework import PENDING, Judged
from kdsrc.report.text import measured

__all__ = ["html_table"]


def html_table(judged: Judged, *, links: bool = False) -> str:
    """One row a claim: what is said and where, the verdict, the effect with its interval.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    links : bool
        Whether each claim that has been judged links to the page that decides it.

    Examples
    --------
    >>> html_table([]).count("<th ")
    3
    """
    rows = "\n".join(_row(claim, verdict, links) for claim, verdict in judged)
    columns = "".join(f'<col class="{name}">' for name in ("claim", "verdict", "measured"))
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Claim", "Verdict", "Measured"))
    return (
        f'<div class="verdicts"><table>\n<colgroup>{columns}</colgroup>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(claim, verdict, links):
    place = escape(claim.source)
    if links and verdict.verdict != PENDING:
        place = f'<a href="{escape(claim.page)}.html">{place}</a>'
    kind = verdict.verdict.replace(" ", "-")
    return (
        f'<tr id="claim-{escape(claim.id)}"><td>{escape(claim.statement)} <span class="place">{place}</span></td>'
        f'<td><span class="verdict verdict-{kind}">{escape(verdict.verdict)}</span></td>'
        f'<td title="{escape(claim.criterion)}">{_measured(verdict)}</td></tr>'
    )


def _measured(verdict):
    if not np.isfinite(verdict.effect):
        return escape(verdict.meaning)
    effect, span = (re.sub(r"(?<=\d) (?=\d)", "\u202f", text.replace("-", "−")) for text in measured(verdict))
    return f"<b>{escape(effect)}</b>{span}<br>{escape(verdict.meaning)}"
