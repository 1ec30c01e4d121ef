"""Where the theory's regime begins, as pictures: gaps as squares by width and scale, and gains over the width.

The numbers come from `kdsrc.claims.gains`: (width, std) -> one number a seed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from kdsrc.claims.gains import MARGIN, Place
from kdsrc.claims.judging import between
from kdsrc.claims.words import HOLDS, REFUTED, UNDECIDED
from kdsrc.report import plots
from kdsrc.report.text import thousands
from kdsrc.statistics import mean_interval

__all__ = ["by_width", "counted", "diagram"]

Numbers = Mapping[Place, np.ndarray]
_SIDE = 0.46  # inches
# where the interval lies: what that is called, the square's fill, how much of it, and the colour of its number
_FILLS = {
    HOLDS: ("within", plots.GREEN, 1.0, plots.PAPER),
    UNDECIDED: ("reaches across", plots.GREY, 0.2, plots.INK),
    REFUTED: ("outside", plots.VERMILION, 1.0, plots.PAPER),
}


def counted(found: Numbers, margin: float = MARGIN) -> dict[str, int]:
    """At how many places the interval of the mean lies within the margin of zero, across it, and outside.

    Examples
    --------
    >>> counted({(100.0, 0.1): np.array([0.011, 0.012]), (100.0, 1.0): np.array([0.31, 0.32])})
    {'within': 1, 'reaches across': 0, 'outside': 1}
    """
    where = [_lies(values, margin) for values in found.values()]
    return {name: where.count(word) for word, (name, *_) in _FILLS.items()}


def diagram(found: Mapping[str, Numbers], margin: float = MARGIN) -> Any:
    """A panel for each title: a column for each width, a row for each scale, the largest on top; returns the axes.

    A square has 100 times the mean gap, rounded, and the colour of where the 95 % interval of the mean lies.

    Examples
    --------
    >>> axes = diagram({"λ = 0": {(100.0, 0.1): np.array([0.01, 0.02])}})
    >>> [text.get_text() for text in axes[0].texts]
    ['+2']
    """
    some = next(iter(found.values()))
    widths, scales = (sorted({place[axis] for place in some}) for axis in (0, 1))
    tall, wide = len(scales), len(widths)
    columns = min(2, len(found))
    rows = -(-len(found) // columns)
    size = (0.9 + _SIDE * columns * (wide + 0.8), 0.7 + rows * (0.5 + _SIDE * tall))
    axes = plots.figure(rows, columns, size=size, squeeze=False)[1].ravel()
    for ax, (title, numbers) in zip(axes, found.items(), strict=False):
        for (width, std), values in numbers.items():
            place = widths.index(width), scales.index(std)
            _square(ax, *place, f"{round(100.0 * float(values.mean())):+d}", _lies(values, margin))
        ax.set(xlim=(-0.05, wide + 0.05), ylim=(-0.05, tall + 0.05), aspect="equal", title=title)
        ax.set(xticks=np.arange(wide) + 0.5, xticklabels=_counts(widths))
        ax.set(yticks=np.arange(tall) + 0.5, yticklabels=[f"{std:g}" for std in scales])
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.grid(False)
        ax.set_xlabel("units of the teacher")
    for ax in axes[::columns]:
        ax.set_ylabel("scale of the weights")
    handles = [Rectangle((0, 0), 1, 1, facecolor=(color, strength)) for _, color, strength, _ in _FILLS.values()]
    names = [name for name, *_ in _FILLS.values()]
    if len(found) < len(axes):
        axes[-1].set_axis_off()
        axes[-1].legend(handles, names, loc="center")
    else:
        axes[0].figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    return axes[: len(found)]


def by_width(trained: Numbers, foretold: Numbers) -> Any:
    """A panel for each scale: gains over the width, trained and foretold, with the band of their interval.

    Returns the axes, the smallest scale first.

    Examples
    --------
    >>> numbers = {(width, 0.1): np.array([-0.1, -0.2]) for width in (100.0, 200.0)}
    >>> len(by_width(numbers, numbers)[0].lines)
    3
    """
    scales = sorted({std for _, std in trained})
    columns = min(2, len(scales))
    rows = -(-len(scales) // columns)
    axes = plots.figure(rows, columns, size=(6.4, 0.8 + 2.0 * rows), sharex=True, sharey=True, squeeze=False)[1].ravel()
    looks = (("trained", trained, plots.GREEN, "-"), ("foretold", foretold, plots.INK, plots.DOTS))
    for ax, std in zip(axes, scales, strict=False):
        ax.axhline(0.0, color=plots.GREY, linewidth=1.0, zorder=0)
        for name, numbers, color, dash in looks:
            widths = sorted(width for width, scale in numbers if scale == std)
            each = [mean_interval(numbers[width, std]) for width in widths]
            ax.plot(widths, [one.effect for one in each], "o", linestyle=dash, color=color, ms=3.5, label=name)
            ax.fill_between(widths, *np.transpose([(one.low, one.high) for one in each]), color=color, alpha=0.18)
        ax.set(xscale="log", title=f"scale {std:g}", xticks=widths, xticklabels=_counts(widths))
        ax.minorticks_off()
        ax.margins(x=0.1)  # else the last width of a panel runs into the first of the next
    for ax in axes[-columns:]:
        ax.set_xlabel("units of the teacher")
    for ax in axes[::columns]:
        ax.set_ylabel("gain")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return axes


def _counts(widths):
    return [thousands(round(width)) for width in widths]


def _lies(values, margin):
    return between(values, -margin, margin, "").verdict


def _square(ax, left, bottom, number, word):
    _, color, strength, ink = _FILLS[word]
    ax.add_patch(Rectangle((left, bottom), 1, 1, facecolor=(color, strength), edgecolor=plots.PAPER, linewidth=1.0))
    ax.text(left + 0.5, bottom + 0.48, number, color=ink, ha="center", va="center")
