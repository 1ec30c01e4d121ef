"""Names of lines at their ends, in place of a legend."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from kdsrc.report.plots.styles import letters

__all__ = ["end_labels"]

_END_LABEL = "end-label"
_LONG = 18  # characters; a longer name is written in two lines where there is room


def end_labels(ax: Axes, *, ranked: bool = False) -> Axes:
    """Write each line's name beside its end, moved up or down just enough that no two overlap; returns the axes.

    Call it again after a change of the limits or the scale.

    Parameters
    ----------
    ax : matplotlib axes
    ranked : bool
        Names in the order in which the lines were drawn, the first on top, also where the ends have another order.

    Examples
    --------
    >>> from kdsrc.report.plots import figure
    >>> axes = figure()[1]
    >>> line = axes.plot([0, 1], [1, 2], label="rising")
    >>> [text.get_text() for text in end_labels(axes).texts]
    ['rising']
    """
    for old in [text for text in ax.texts if text.get_gid() == _END_LABEL]:
        old.remove()
    lines = [line for line in ax.lines if not line.get_label().startswith("_") and len(line.get_xdata())]
    if not lines:
        return ax
    size = 0.94 * letters(ax.figure.get_figwidth())
    ax.figure.draw_without_rendering()  # the layout decides how high the axes are
    room = ax.get_window_extent().height * 72 / ax.figure.dpi / size  # in heights of a letter
    to_axes = ax.transData - ax.transAxes
    ends = to_axes.transform([line.get_xydata()[-1] for line in lines])
    wanted = np.clip(ends[:, 1], 0.0, 1.0)
    names, heights = _written([line.get_label() for line in lines], room)
    places = _apart(wanted, heights, np.arange(len(lines))[::-1] if ranked else None)
    for line, name, (x, _), place, y in zip(lines, names, ends, places, wanted, strict=True):
        color = line.get_color()
        ax.annotate(
            name,
            (x, y),
            (max(x, 1.0) + 0.03, place),
            xycoords="axes fraction",
            color=color,
            fontsize=size,
            va="center",
            linespacing=1.0,
            annotation_clip=False,
            gid=_END_LABEL,
            arrowprops={
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.7,
                "shrinkA": 1,
                "shrinkB": 1,
                "relpos": (0, 0.5),
            },
        )
    return ax


def _written(names: list[str], room: float) -> tuple[list[str], np.ndarray]:
    """The names, long ones broken after a comma if all of them fit so, and their heights as parts of the room."""
    broken = [",\n".join(name.rsplit(", ", 1)) if len(name) > _LONG else name for name in names]
    for written in (broken, names):
        heights = np.array([1.25 * (1 + name.count("\n")) for name in written]) / room
        if heights.sum() <= 1.0:
            break
    return written, heights


def _apart(wanted: np.ndarray, heights: ArrayLike, order: np.ndarray | None = None) -> np.ndarray:
    """Places of labels of these heights within 0 and 1, nearest in least squares; from below in the order of those
    wanted, or in one that is given."""
    order = np.argsort(wanted, kind="stable") if order is None else order
    heights = np.broadcast_to(heights, wanted.shape)[order]
    steps = np.cumsum(heights) - heights / 2
    places = np.empty(len(order))
    lowest = isotonic_regression(wanted[order] - steps).x  # where each would be, were those below it without height
    slack = 1.0 - heights.sum()  # below zero where there are too many, which then stand out at both ends alike
    places[order] = np.clip(lowest, min(0.0, slack / 2), max(slack, slack / 2)) + steps
    return places
