"""Verdicts as coloured squares with their signs: of pairs of digits, and of arms at several levels of a factor."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from kdsrc.claims import words
from kdsrc.claims.framework import Verdict
from kdsrc.report import plots
from kdsrc.report.strips import SIGNS

__all__ = ["levels", "pairs", "square", "tally"]

Pairs = Mapping[tuple[int, int], Verdict]
# a word's fill, how much of it, and the colour of its sign
_FILLS = {
    words.HOLDS: (plots.GREEN, 1.0, plots.PAPER),
    words.HOLDS_SMALL: (plots.GREEN, 0.25, plots.INK),
    words.NO_EFFECT: (plots.GREY, 0.0, plots.INK),
    words.UNDECIDED: (plots.GREY, 0.2, plots.INK),
    words.OPPOSITE_SMALL: (plots.VERMILION, 0.25, plots.INK),
    words.OPPOSITE: (plots.VERMILION, 1.0, plots.PAPER),
}
_DIGITS = range(10)


def tally(found: Pairs) -> dict[str, int]:
    """How many pairs have which word, the words that point the other way taken together as *opposite*.

    Examples
    --------
    >>> tally({(0, 1): Verdict(words.HOLDS, -9.0, (-10.0, -8.0), "")})["holds"]
    1
    """
    counts = Counter(one.verdict for one in found.values())
    most = (words.HOLDS, words.HOLDS_SMALL, words.NO_EFFECT, words.UNDECIDED)
    return {word: counts[word] for word in most} | {words.OPPOSITE: sum(counts[word] for word in words.AGAINST)}


def square(ax: Axes, test: Pairs, train: Pairs, title: str) -> Axes:
    """Draw one comparison on all pairs of digits, test loss above the diagonal and training loss below it.

    Parameters
    ----------
    ax : matplotlib axes
    test, train : mapping of (int, int) to Verdict
        Of each pair (first, second), first below second, as `kdsrc.claims.rows.OnEachPair.each` gives them.
    title : str

    Returns
    -------
    matplotlib axes
    """
    for verdicts, above in ((test, True), (train, False)):
        for (first, second), found in verdicts.items():
            row, column = (first, second) if above else (second, first)
            _cell(ax, column - 0.5, row - 0.5, found.verdict)
    ax.set(xlim=(-0.6, 9.6), ylim=(9.6, -0.6), aspect="equal", xticks=_DIGITS, yticks=_DIGITS, title=title)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.grid(False)
    return ax


def pairs(found: Mapping[str, tuple[Pairs, Pairs]], *, columns: int = 2) -> Any:
    """A `square` for each comparison, title -> (test, train), and after them what the signs mean; returns the axes.

    Examples
    --------
    >>> len(pairs({"none": ({}, {})}))
    2
    """
    rows = -(-(len(found) + 1) // columns)
    axes = plots.figure(rows, columns, size=(3.1 * columns, 3.45 * rows))[1].ravel()
    for ax, (title, (test, train)) in zip(axes, found.items(), strict=False):
        square(ax, test, train, title)
    for ax in axes[len(found) :]:
        ax.set_axis_off()
    legend = axes[len(found)]
    legend.set(xlim=(-0.6, 9.6), ylim=(9.6, -0.6), aspect="equal")
    _legend(legend)
    legend.text(0.0, 8.9, "above the diagonal: test loss\nbelow it: training loss", va="center")
    return axes


def levels(found: Mapping[str, Mapping[str, Mapping[str, Verdict]]]) -> Any:
    """A panel for each title: rows of fields, one a level, as title -> row -> level -> Verdict; returns the axes.

    The last axes, below the panels, tell what the signs mean.

    Examples
    --------
    >>> held = Verdict(words.HOLDS, -9.0, (-10.0, -8.0), "")
    >>> len(levels({"at the end": {"outputs": {"0 %": held}}}))
    2
    """
    tallest = max(map(len, found.values()))
    layout, size = [[*found], ["legend"] * len(found)], (5.0, 1.3 + 0.27 * tallest)
    *panels, legend = plots.mosaic(layout, size=size, height_ratios=(tallest, 4.2))[1].values()
    for ax, (title, rows) in zip(panels, found.items(), strict=True):
        for row, verdicts in enumerate(rows.values()):
            for column, one in enumerate(verdicts.values()):
                _cell(ax, column, row, one.verdict)
        names = next(iter(rows.values()))
        ax.set(xlim=(-0.1, len(names) + 0.1), ylim=(tallest + 0.1, -0.1), title=title)
        ax.set(xticks=[place + 0.5 for place in range(len(names))], xticklabels=list(names))
        ax.set(yticks=[place + 0.5 for place in range(len(rows))], yticklabels=list(rows))
        ax.tick_params(length=0, labelleft=ax is panels[0])
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.grid(False)
    legend.set_axis_off()
    legend.set(xlim=(-0.1, 9.5), ylim=(4.0, -0.3))
    _legend(legend, rows=3)
    return [*panels, legend]


def _legend(ax, *, rows=None):
    per_column = rows or len(_FILLS)
    for place, word in enumerate(_FILLS):
        left, top = 5.0 * (place // per_column), 1.3 * (place % per_column)
        _cell(ax, left, top, word)
        ax.text(left + 1.35, top + 0.5, word, va="center")


def _cell(ax, left, top, word):
    color, strength, ink = _FILLS[word]
    ax.add_patch(Rectangle((left, top), 1, 1, facecolor=(color, strength), edgecolor=plots.GREY, linewidth=0.4))
    ax.text(left + 0.5, top + 0.54, SIGNS[word].strip("()"), color=ink, ha="center", va="center")
