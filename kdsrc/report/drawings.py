"""Drawings that compute nothing: the model of the paper's experiments, teacher and student side by side (Eq. 1-2)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from kdsrc.distillation import choose_units
from kdsrc.report import plots

__all__ = ["model"]


def model(*, teacher_width: int = 100, width: int = 20, seed: int = 0) -> Axes:
    """Draw a teacher, its units that a student takes over, and the links of the penalty between the twins.

    Parameters
    ----------
    teacher_width, width : int
        m̄ and m; the units are those that `kdsrc.distillation.choose_units` draws with `seed`.

    Returns
    -------
    matplotlib axes

    Examples
    --------
    >>> type(model(teacher_width=10, width=2)).__name__
    'Axes'
    """
    chosen = np.sort(choose_units(teacher_width, width, seed=seed))
    _, ax = plots.figure(size=(7.6, 3.8))
    ax.set(xlim=(0, 10), ylim=(0.65, 5.6), xticks=[], yticks=[])
    ax.set_axis_off()
    columns = 25
    spots = np.array(
        [(2.3 + 5.2 * (k % columns) / (columns - 1), 5.0 - 0.32 * (k // columns)) for k in range(teacher_width)]
    )
    places = np.column_stack([np.linspace(2.3, 7.5, width), np.full(width, 1.35)])
    # the twin of a unit stands below it: units are linked in the order of their columns
    order = chosen[np.argsort(spots[chosen, 0], kind="stable")]
    for (x0, y0), (x1, y1) in zip(spots[order], places, strict=True):
        ax.plot([x0, x1], [y0 - 0.09, y1 + 0.13], color=plots.GREEN, linewidth=0.9, alpha=0.75, zorder=1)
    ax.scatter(*spots.T, s=26, facecolor="white", edgecolor=plots.GREY, linewidth=0.8, zorder=2)
    ax.scatter(*spots[order].T, s=40, color=plots.BLUE, zorder=3)
    ax.scatter(*places.T, s=62, color=plots.VERMILION, zorder=3)
    _box(ax, 0.2, 2.55, 1.25, "image x")
    _box(ax, 8.45, 4.2, 1.45, "teacher's\noutput")
    _box(ax, 8.45, 1.1, 1.45, "student's\noutput")
    _box(ax, 8.45, 2.65, 1.45, "label y")
    arrow = {"arrowstyle": "-|>", "color": plots.INK, "linewidth": 1.0}
    for tip, tail in (
        ((2.15, 4.5), (1.45, 3.1)),
        ((2.15, 1.5), (1.45, 2.7)),
        ((8.4, 4.55), (7.65, 4.55)),
        ((8.4, 1.4), (7.65, 1.4)),
    ):
        ax.annotate("", tip, tail, arrowprops=arrow)
    for tip, tail in (((9.17, 2.62), (9.17, 1.78)), ((9.17, 3.32), (9.17, 4.16))):
        ax.annotate("", tip, tail, arrowprops=arrow | {"arrowstyle": "<|-|>", "linestyle": ":"})
    ax.text(
        2.25,
        5.28,
        f"teacher: {teacher_width} hidden units, trained on the labels; {width} are chosen (blue)",
        fontsize=9.5,
    )
    ax.text(2.25, 0.85, f"student: {width} hidden units (red), one for each that was chosen", fontsize=9.5)
    ax.text(
        4.9,
        2.62,
        "penalty: each unit is held to\nwhat its twin in the teacher computes",
        fontsize=9.5,
        color=plots.GREEN,
        ha="center",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.5},
    )
    return ax


def _box(ax, x, y, width, text):
    ax.add_patch(
        FancyBboxPatch(
            (x, y), width, 0.66, boxstyle="round,pad=0.02", facecolor="white", edgecolor=plots.INK, linewidth=1
        )
    )
    ax.text(x + width / 2, y + 0.33, text, ha="center", va="center", fontsize=9)
