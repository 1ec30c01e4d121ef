"""Names of lines at their ends, in place of a legend."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from scipy.optimize import isotonic_regression

__all__ = ["end_labels"]

_END_LABEL = "end-label"


def end_labels(ax: Axes) -> Axes:
    """Write each line's name beside its end, moved up or down just enough that no two overlap; returns the axes.

    Call it again after a change of the limits or the scale.

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
    size = mpl.rcParams["font.size"] * 0.92
    ax.figure.draw_without_rendering()  # the layout decides how high the axes are
    height = ax.get_window_extent().height
    to_axes = ax.transData - ax.transAxes
    ends = to_axes.transform([line.get_xydata()[-1] for line in lines])
    wanted = np.clip(ends[:, 1], 0.0, 1.0)
    gap = 1.25 * size * ax.figure.dpi / 72 / height
    for line, (x, _), place, y in zip(lines, ends, _apart(wanted, gap), wanted, strict=True):
        color = line.get_color()
        ax.annotate(
            line.get_label(),
            (x, y),
            (max(x, 1.0) + 0.03, place),
            xycoords="axes fraction",
            color=color,
            fontsize=size,
            va="center",
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


def _apart(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Places at least `gap` apart, in the order of the wanted ones, nearest to them in least squares."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    places = np.empty(len(order))
    places[order] = isotonic_regression(wanted[order] - steps).x + steps
    return places
