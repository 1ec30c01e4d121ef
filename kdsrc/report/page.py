"""What every page says in the same way: its verdict, one line a check, a comparison in words, small tables."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from kdsrc.claims import VERDICTS, all_claims, verdicts
from kdsrc.claims.designs import LOG, RECORDED
from kdsrc.claims.words import slug
from kdsrc.report.markup import Box, pills, render
from kdsrc.report.tables import mathematics
from kdsrc.report.text import counted, tally, thousands, typeset
from kdsrc.statistics import Estimate

__all__ = ["Checks", "agree", "compared", "moved", "table", "verdict_box", "verdict_line", "which"]

_TABLE = """\
<table class="table numbers">
<thead><tr>
{%- for head in heads %}<th scope="col" class="mathjax_process">{{ head | plain }}</th>{% endfor -%}
</tr></thead>
<tbody>
{%- for row in rows %}
<tr>{% for cell in row %}<td>{{ cell | plain | mathematics }}</td>{% endfor %}</tr>
{%- endfor %}
</tbody></table>"""
_VERDICT_LINE = """\
<p class="verdict-line"><a href="#verdict">Verdict</a> on {% for whose, told in parts.items() -%}
{{ whose }}: {{ told | pills }}{{ " · " if not loop.last }}{% endfor %}</p>"""
_VERDICT_BOX = """\
<div class="verdict-box verdict-{{ slug }}" role="note" aria-label="Verdict">
{#- -#}
<p class="verdict-title">Verdict: {{ verdict }}</p>
{#- -#}
<p class="mathjax_process">{{ text | plain }}</p></div>"""
_HOW = {"higher": "high", "more": "many", "larger": "large", "longer": "long", "slower": "slow"}


def agree(what: str, one: ArrayLike, other: ArrayLike, *, tolerance: float = 1e-10, relative: bool = False) -> None:
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
    Checks().agree(what, one, other, tolerance=tolerance, relative=relative)


class Checks:
    """The checks of one page, told one a line; true when there are some and all of them held.

    Attributes
    ----------
    held : list of bool
        One entry a check, in their order.

    Examples
    --------
    >>> checks = Checks()
    >>> checks.that("three is odd", 3 % 2 == 1)
    ✓ three is odd
    >>> checks.agree("half of one", 0.5, 0.6)
    ✗ half of one: the sides differ by 0.1, more than 1e-10
    >>> bool(checks), checks.held
    (False, [True, False])
    """

    def __init__(self) -> None:
        self.held: list[bool] = []

    def __bool__(self) -> bool:
        return bool(self.held) and all(self.held)

    def that(self, what: str, holds: ArrayLike) -> None:
        """Print ``✓ what`` or ``✗ not so: what``, and note it; an array holds when all of it does."""
        self.held.append(bool(np.all(holds)))
        print(f"✓ {what}" if self.held[-1] else f"✗ not so: {what}")

    def agree(
        self, what: str, one: ArrayLike, other: ArrayLike, *, tolerance: float = 1e-10, relative: bool = False
    ) -> None:
        """As the function `agree`, and note whether they do."""
        one, other = np.asarray(one), np.asarray(other)
        apart = float(np.abs(one - other).max())
        if relative:
            apart /= float(np.abs(other).max())
        self.held.append(apart < tolerance)  # false for a NaN
        told = f"{tolerance:g}" if tolerance >= 1e-3 else np.format_float_scientific(tolerance, trim="-", exp_digits=1)
        if self.held[-1]:
            print(f"✓ {what}: both sides agree to {told}")
        else:
            print(f"✗ {what}: the sides differ by {apart:.2g}, more than {told}")


def table(columns: Mapping[str, Iterable], formats: Mapping[str, str] | None = None) -> Box:
    r"""A small table, one column an entry, for numbers that a page compares.

    Parameters
    ----------
    columns : mapping of str to iterable
        The heading, in which a formula stands between ``\(`` and ``\)``, and the entries of its column: text as it is,
        but ``H_k`` with its index, numbers as `formats` or the caller formats them, counts in groups of three digits,
        truth values as *yes* and *no*.
    formats : mapping of str to str, optional
        Formats of numbers by their heading, as in ``{"gain": ".1%"}``.

    Raises
    ------
    ValueError
        For columns of different lengths, for none, and for a format of a column that is not there.

    Examples
    --------
    >>> table({"units": [10, 20], "gain": [0.1, 0.25]}, {"gain": ".0%"})
    units  gain
    10  10%
    20  25%
    """
    formats = formats or {}
    if unknown := set(formats) - set(columns):
        raise ValueError(f"table: formats of {', '.join(sorted(unknown))}; expected some of {', '.join(columns)}")
    cells = [[_cell(entry, formats.get(name, "")) for entry in column] for name, column in columns.items()]
    if not cells or len({len(column) for column in cells}) != 1:
        lengths = dict(zip(columns, map(len, cells), strict=True))
        raise ValueError(f"table: columns of lengths {lengths}; expected one length: give every row an entry a column")
    rows = list(zip(*cells, strict=True))
    return Box(
        render(_TABLE, {"mathematics": mathematics}, heads=list(columns), rows=rows),
        "\n".join("  ".join(row) for row in [tuple(columns), *rows]),
    )


def _cell(entry, form) -> str:
    if isinstance(entry, bool | np.bool_):
        return ("no", "yes")[int(entry)]
    if isinstance(entry, int | np.integer) and not form:
        return thousands(int(entry))
    return typeset(f"{entry:{form}}") if form else str(entry)


def verdict_line(page: str) -> Box:
    """How many claims this page decides, with which outcomes, linked to its section *Verdict*; for its top.

    Claims of the paper and questions of the book's own are counted apart.

    Examples
    --------
    >>> verdict_line("theorem3").text[:10]
    'Verdict on'
    """
    judged = verdicts(page=page)
    html = render(_VERDICT_LINE, {"pills": pills}, parts=counted(judged))
    return Box(html, f"Verdict on {' · '.join(tally(judged))}")


def moved(page: str) -> Box:
    """The claims of a page that got another verdict when their record was made again, as the log of designs has them.

    Examples
    --------
    >>> moved("theorem3")
    No verdict of this page moved.
    """
    said = {claim.id: claim.statement for claim in all_claims() if claim.page == page}
    rows = [
        (said[name], before, after)
        for entry in LOG
        if entry.kind == RECORDED
        for name, before, after in entry.moved
        if name in said
    ]
    if not rows:
        nothing = "No verdict of this page moved."
        return Box(f"<p>{nothing}</p>", nothing)
    return table(dict(zip(("claim", "before", "now"), zip(*rows, strict=True), strict=True)))


def verdict_box(verdict: str, text: str) -> Box:
    r"""A verdict and its reason; formulas in `text` stand between ``\(`` and ``\)``.

    Parameters
    ----------
    verdict : str
        One of `kdsrc.claims.VERDICTS`; the style sheet colours the box by it.
    text : str
        Plain text: one or two sentences with the numbers that decide.

    Raises
    ------
    ValueError
        For another word.

    Examples
    --------
    >>> verdict_box("holds", "Both sides agree.")
    Verdict: holds. Both sides agree.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"verdict_box: got {verdict!r}; expected one of {', '.join(VERDICTS)}")
    return Box(render(_VERDICT_BOX, verdict=verdict, slug=slug(verdict), text=text), f"Verdict: {verdict}. {text}")


def which(found: Estimate, below: str = "lower", above: str = "higher", neither: str = "not clearly different") -> str:
    """The word for an interval that lies below zero, above it, or holds it: prose that stays true when a number moves.

    Examples
    --------
    >>> which(Estimate(-4.4, -5.6, -3.2, 5)), which(Estimate(1.5, -0.1, 3.1, 5), neither="about equal")
    ('lower', 'about equal')
    """
    return below if found.high < 0.0 else above if found.low > 0.0 else neither


def compared(found: Estimate, words: tuple[str, str] = ("lower", "higher"), *, of: str = "") -> str:
    r"""A change in per cent with its 95 % interval, in words; from a doubling on, as a multiple.

    Where nothing is clear, what rounds to zero has no direction.

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
    >>> " ".join(compared(Estimate(-4.4, -5.6, -3.2, 5)).split())  # with usual spaces before the signs %
    '4.4 % lower (95 % interval 3.2 to 5.6 % lower)'
    >>> " ".join(compared(Estimate(-0.2, -0.6, 0.2, 5)).split())
    'not clearly different: 0.2 % lower (95 % interval 0.6 % lower to 0.2 % higher)'
    >>> " ".join(compared(Estimate(-0.03, -0.1, 0.04, 5)).split())
    'not clearly different: 0.0 % (95 % interval 0.1 % lower to 0.0 %)'
    >>> " ".join(compared(Estimate(250.0, -11.0, 14906.0, 5), ("fewer", "more"), of="iterations").split())
    'not clearly different: 3.5 times as many iterations (95 % interval 0.89 to 150 times)'
    """
    noun = f" {of}" if of else ""
    start = "" if found.low > 0.0 or found.high < 0.0 else "not clearly different: "
    if not np.isfinite([found.low, found.high]).all():
        return _unbroken(f"{_change(found.effect, words, noun)} (one seed, hence no interval)")
    if max(found.effect, found.high) >= 100.0:
        effect, low, high = (
            f"{float(f'{1.0 + value / 100.0:.2g}'):g}" for value in (found.effect, found.low, found.high)
        )
        how = f"times as {_HOW.get(words[1], words[1])}"
        return _unbroken(f"{start}{effect} {how}{noun} (95 % interval {low} to {high} times)")
    if start:
        span = f"{_or_zero(found.low, words)} to {_or_zero(found.high, words)}"
        return _unbroken(f"{start}{_or_zero(found.effect, words, noun)} (95 % interval {span})")
    near, far = sorted((found.low, found.high), key=abs)
    return _unbroken(f"{_change(found.effect, words, noun)} (95 % interval {abs(near):.1f} to {_change(far, words)})")


def _unbroken(text: str) -> str:
    """No line ends between a number and its per cent."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _or_zero(value: float, words: tuple[str, str], noun: str = "") -> str:
    return _change(value, words, noun) if f"{abs(value):.1f}" != "0.0" else "0.0 %"


def _change(value: float, words: tuple[str, str], noun: str = "") -> str:
    return f"{abs(value):.1f} % {words[value > 0]}{noun}"
