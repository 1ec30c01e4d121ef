"""The look of the book's figures: colours, lines of the arms, sizes of letters.

An arm has one colour and one line in the whole book (`STYLES`). Figures are drawn in ink on white, in colours of which
each has a contrast above 4.5 to white, and above 4.5 to the dark page after the style sheet has turned its lightness
round; those of Figure 1 stay apart for colour-blind eyes. Maps run from paper to ink, so that more stands out more on
either page. Letters grow with the width of their figure, since a phone shows every figure at one width.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np

from kdsrc.report.text import thousands
from kdsrc.studies.names import EARLY_STOPS, early

__all__ = ["STYLES", "Style", "context", "letters", "shades", "style"]

WIDTH = 6.0  # inches of a figure that is not told another
INK, GRID, PAPER = "#333333", "#E3E3E3", "#FFFFFF"
BLUE, VERMILION, GREEN, NAVY, PINK = "#0068B5", "#C24100", "#007F52", "#22306F", "#C2257A"
OCHRE, PURPLE, GREY = "#8A6500", "#8E44AD", "#5E5E5E"
PALETTE = (BLUE, VERMILION, GREEN, NAVY, PINK, OCHRE, PURPLE, GREY)
RC = {
    "figure.dpi": 144,
    "figure.labelsize": "medium",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=PALETTE),
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "image.cmap": "YlGnBu",
}


@dataclass(frozen=True)
class Style:
    """How an arm is drawn and what it is called at the end of its line.

    Examples
    --------
    >>> Style("#000000", "teacher").dash
    '-'
    """

    color: str
    label: str
    dash: str | tuple = "-"
    width: float = 1.8


# Light colours alone would not be legible by day, nor dark ones told apart at night: the hue changes, too
_SWEEP = mpl.colors.LinearSegmentedColormap.from_list(
    "sweep", ["#000022", "#1F2F8F", "#6A2FB0", "#B8268A", "#CA4838", "#A56A00"]
)


def shades(count: int) -> list[str]:
    """`count` colours of an ordered sweep, dark to light, all legible on both pages.

    Examples
    --------
    >>> len(shades(4))
    4
    """
    return [mpl.colors.to_hex(color) for color in _SWEEP(np.linspace(0.0, 1.0, count))]


DOTS, DASHES, DASHDOT = (0, (1, 1.2)), (0, (5, 2)), (0, (6, 1.5, 1, 1.5))
STYLES = {
    "teacher": Style(BLUE, "teacher"),
    "student_alone": Style(VERMILION, "student alone"),
    "student_taught": Style(GREEN, "student taught"),
    "taught_no_penalty": Style(NAVY, "taught start, λ = 0", DASHES),
    "random_penalty": Style(PINK, "random start, λ = 0.01", DASHDOT),
    "taught_scaled": Style(GREEN, "student taught, scale q", DOTS),
    "teacher_scaled": Style(BLUE, "teacher, scale q", DOTS),
    "teacher_long": Style(BLUE, "teacher, twice as long", DASHES),
    "alone_long": Style(VERMILION, "student alone, twice as long", DASHES),
    "taught_penalty_0": Style(NAVY, "λ = 0", DASHES),
    "taught_penalty_0.01": Style(GREEN, "λ = 0.01"),
    "taught_penalty_0.1": Style(OCHRE, "λ = 0.1", DASHDOT),
    "taught_penalty_1": Style(PURPLE, "λ = 1"),
    "taught_penalty_inf": Style(GREY, "λ → ∞", DOTS),
    "from_full": Style(GREEN, "trained teacher"),
    "random_full_outputs": Style(PINK, "random start, trained teacher’s Φ", DASHDOT),
    **{
        early(stop): Style(color, f"teacher at {thousands(stop)}", DASHES)
        for stop, color in zip(EARLY_STOPS, shades(len(EARLY_STOPS)), strict=True)
    },
    **{
        f"{arm}_{inputs}": Style(color, f"{arm.replace('_', ' ')}, {inputs}", dash)
        for arm, color in (("teacher", BLUE), ("student_alone", VERMILION), ("student_taught", GREEN))
        for inputs, dash in (("pixels", DASHES), ("embedded", "-"))
    },
    **{
        f"{start}_{penalty}{q}": Style(
            color, f"{start} start, λ = {penalty}" + (", scale q" if q else ""), DOTS if q else "-"
        )
        for start, colors in (("random", (VERMILION, PINK)), ("early", (OCHRE, PURPLE)), ("full", (NAVY, GREEN)))
        for penalty, color in zip(("0", "0.01"), colors, strict=True)
        for q in ("", "_q")
    },
}


def letters(width: float) -> float:
    """Points of the letters in a figure so many inches wide: on a phone 9 pixels, in every figure.

    Examples
    --------
    >>> round(letters(5.0), 1)
    9.5
    """
    return 1.9 * width


@contextmanager
def context(width: float = WIDTH) -> Iterator[None]:
    """Matplotlib's settings for a figure so many inches wide, as a context manager: outside of it nothing is changed.

    But for one: a notebook's backend is loaded with the first figure and turns interactive mode on. Were this undone,
    the notebook would show that figure and no later one.

    Examples
    --------
    >>> with context():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    size = letters(width)
    with mpl.rc_context({**RC, "font.size": size, "axes.titlesize": 1.1 * size}):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)


def style(arm: str, styles: Mapping[str, Style] | None = None) -> Style:
    """The style of an arm: from `styles` when it is there, else from `STYLES`.

    Examples
    --------
    >>> style("teacher").label
    'teacher'
    """
    known = {**STYLES, **(styles or {})}
    if arm not in known:
        raise ValueError(
            f"plotting: no style for the arm {arm!r}; expected one of {', '.join(known)}: "
            "give it one with styles={arm: Style(color, label)}"
        )
    return known[arm]
