"""What every page says in the same way: its verdict at the top, one line for a check of two sides, a small table."""

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

import numpy as np

from kdsrc.claims import VERDICTS, verdicts
from kdsrc.report.plots import Box

__all__ = ["agree", "table", "verdict_line"]


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


def table(columns: Mapping[str, Iterable], formats: Mapping[str, str] | None = None) -> Box:
    """A small table: one row an entry, numbers as `formats` says, ✓ and ✗ for true and false.

    Parameters
    ----------
    columns : mapping of heading to column
        Columns of one length.
    formats : mapping of heading to format, optional
        As in ``{"gain": ".1%"}``; without one an entry is shown as `str` has it.

    Raises
    ------
    ValueError
        For columns of different lengths, or a format of a column that is not there.

    Examples
    --------
    >>> table({"λ": [0.1, 1.0], "gain": [0.04, 0.5], "more": [True, False]}, {"gain": ".0%"})
    λ    gain  more
    0.1  4%    ✓
    1.0  50%   ✗
    """
    formats = formats or {}
    columns = {name: list(column) for name, column in columns.items()}
    if unknown := set(formats) - set(columns):
        raise ValueError(f"table: formats of {', '.join(sorted(unknown))}; expected some of {', '.join(columns)}")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"table: columns of lengths {lengths}; expected one length")
    cells = [[_cell(entry, formats.get(name, "")) for entry in column] for name, column in columns.items()]
    rows = [list(columns), *map(list, zip(*cells, strict=True))]
    head, *body = ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)
    head = head.replace("<td>", '<th scope="col">').replace("</td>", "</th>")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return Box(
        f'<table class="table small-table">\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
        + "\n".join(f"<tr>{row}</tr>" for row in body)
        + "\n</tbody></table>",
        "\n".join(lines),
    )


def _cell(entry, form):
    if isinstance(entry, bool | np.bool_):
        return "✓" if entry else "✗"
    return f"{entry:{form}}".replace("-", "−") if form else str(entry)


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
