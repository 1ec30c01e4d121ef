"""Drawings that compute nothing: the model of the paper's experiments, teacher and student side by side (Eq. 1–2)."""

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
    _, ax = plots.figure(size=(5.4, 4.0))
    ax.set(xlim=(-0.1, 10.1), ylim=(0, 7.4), xticks=[], yticks=[])
    ax.set_axis_off()
    columns = 25
    spots = np.array(
        [(2.2 + 5.2 * (k % columns) / (columns - 1), 6.0 - 0.4 * (k // columns)) for k in range(teacher_width)]
    )
    places = np.column_stack([np.linspace(2.2, 7.4, width), np.full(width, 1.5)])
    # the twin of a unit stands below it: units are linked in the order of their columns
    order = chosen[np.argsort(spots[chosen, 0], kind="stable")]
    for (x0, y0), (x1, y1) in zip(spots[order], places, strict=True):
        ax.plot([x0, x1], [y0 - 0.09, y1 + 0.13], color=plots.GREEN, linewidth=0.9, alpha=0.75, zorder=1)
    ax.scatter(*spots.T, s=18, facecolor="white", edgecolor=plots.GREY, linewidth=0.8, zorder=2)
    ax.scatter(*spots[order].T, s=26, color=plots.BLUE, zorder=3)
    ax.scatter(*places.T, s=36, color=plots.VERMILION, zorder=3)
    _box(ax, 0.0, 3.2, 1.6, "image\nx")
    _box(ax, 8.2, 5.0, 1.8, "teacher’s\noutput")
    _box(ax, 8.2, 1.1, 1.8, "student’s\noutput")
    _box(ax, 8.2, 3.05, 1.8, "label\ny")
    arrow = {"arrowstyle": "-|>", "color": plots.INK, "linewidth": 1.0}
    for tip, tail in (
        ((2.0, 5.3), (1.2, 4.3)),
        ((2.0, 1.65), (1.2, 3.1)),
        ((8.15, 5.5), (7.55, 5.5)),
        ((8.15, 1.55), (7.55, 1.55)),
    ):
        ax.annotate("", tip, tail, arrowprops=arrow)
    for tip, tail in (((9.1, 3.0), (9.1, 2.15)), ((9.1, 4.1), (9.1, 4.95))):
        ax.annotate("", tip, tail, arrowprops=arrow | {"arrowstyle": "<|-|>", "linestyle": ":"})
    words = {"ha": "center", "va": "center"}
    told = f"teacher: {teacher_width} hidden units, trained on\nthe labels; {width} are chosen (filled)"
    ax.text(4.8, 6.9, told, **words)
    ax.text(4.8, 0.6, f"student: {width} hidden units,\none for each that was chosen", **words)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 2.5}
    told = "penalty: each unit\nis held to what its twin\nin the teacher computes"
    ax.text(4.8, 3.2, told, color=plots.GREEN, bbox=ground, **words)
    return ax


def _box(ax, x, y, width, text):
    ax.add_patch(
        FancyBboxPatch(
            (x, y), width, 1.0, boxstyle="round,pad=0.02", facecolor="white", edgecolor=plots.INK, linewidth=1
        )
    )
    ax.text(x + width / 2, y + 0.5, text, ha="center", va="center")
