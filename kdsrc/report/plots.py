"""Figures from records and arrays; nothing is computed but centre and band over seeds.

Every function draws into the axes it is given, or into a new figure, and returns the axes. An arm has one colour and
one line in the whole book (`STYLES`). Figures are drawn in ink on white, in colours of which each has a contrast above
4.5 to white, and above 4.5 to the dark page after the style sheet has turned its lightness round; those of Figure 1
stay apart for colour-blind eyes. Lines differ in their dashes too and carry their names at their ends, so that colour
is never the only sign.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from kdsrc.report.labels import end_labels
from kdsrc.studies.names import EARLY_STOPS, early

__all__ = ["Style", "context", "curves", "figure", "histograms", "intervals", "shades", "style"]

INK, GRID, PAPER = "#333333", "#E3E3E3", "#FFFFFF"
BLUE, VERMILION, GREEN, NAVY, PINK = "#0068B5", "#C24100", "#007F52", "#22306F", "#C2257A"
OCHRE, PURPLE, GREY = "#8A6500", "#8E44AD", "#5E5E5E"
PALETTE = (BLUE, VERMILION, GREEN, NAVY, PINK, OCHRE, PURPLE, GREY)
RC = {
    "figure.figsize": (6.0, 3.4),
    "figure.dpi": 144,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10.5,
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
    "font.size": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "image.cmap": "viridis",
}
METRICS = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "train_accuracy": "training accuracy",
    "test_accuracy": "test accuracy",
}
BANDS = {"range": (0, 50, 100), "quartiles": (25, 50, 75)}


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


def shades(count: int) -> list[str]:
    """`count` colours of an ordered sweep, dark to light, all legible on both pages.

    Examples
    --------
    >>> len(shades(4))
    4
    """
    return [mpl.colors.to_hex(color) for color in mpl.colormaps["plasma"](np.linspace(0.0, 0.47, count))]


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
    "random_full_outputs": Style(PINK, "random start, trained teacher's Φ", DASHDOT),
    **{
        early(stop): Style(color, f"teacher at {stop}", DASHES)
        for stop, color in zip(EARLY_STOPS, reversed(shades(len(EARLY_STOPS))), strict=True)
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


@contextmanager
def context() -> Iterator[None]:
    """Matplotlib's settings for a figure of the book, as a context manager: outside of it nothing is changed.

    But for one: a notebook's backend is loaded with the first figure and turns interactive mode on. Were this undone,
    the notebook would show that figure and no later one.

    Examples
    --------
    >>> with context():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    with mpl.rc_context(RC):
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


def figure(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float] | None = None, **options
) -> tuple[Figure, Any]:
    """A new figure and its axes in the book's style; `options` go to `matplotlib.pyplot.subplots`.

    Examples
    --------
    >>> drawing, axes = figure()
    >>> type(axes).__name__
    'Axes'
    """
    with context():
        return plt.subplots(rows, columns, figsize=size or (6.0, 3.4 * rows), **options)


def curves(
    source: Any,
    metric: str = "train_loss",
    arms: Iterable[str] | None = None,
    *,
    ax: Axes | None = None,
    band: str | None = "range",
    styles: Mapping[str, Style] | None = None,
    log: bool | None = None,
    x: str = "iterations",
) -> Axes:
    """Draw one line an arm, the median over seeds, inside a band.

    Parameters
    ----------
    source : Record, or mapping of arm to curve or History
        A curve has ``iterations`` (T,) and `metric` (seeds, T) or (T,).
    metric : str
        ``train_loss``, ``test_loss``, ``train_accuracy`` or ``test_accuracy``; another key of the curves does as well.
    arms : iterable of str, optional
        Which arms, in which order; all unless given.
    ax : matplotlib axes, optional
        Where; a new figure unless given.
    band : {"range", "quartiles", None}
        From the lowest to the highest seed, or the middle half of them.
    styles : mapping of str to Style, optional
        Styles of arms that `STYLES` lacks, or that shall look otherwise here.
    log : bool, optional
        Logarithmic vertical axis; unless given, for losses.
    x : str
        Key of the horizontal axis.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        For an unknown arm, metric or band.

    Examples
    --------
    >>> axes = curves({"teacher": {"iterations": np.arange(3), "train_loss": np.array([1.0, 0.5, 0.2])}})
    >>> len(axes.lines)
    1
    """
    if band is not None and band not in BANDS:
        raise ValueError(f"curves: got band={band!r}; expected one of {', '.join(BANDS)} or None")
    found = getattr(source, "curves", source)
    with context():
        ax = ax if ax is not None else plt.subplots()[1]
        for arm in found if arms is None else arms:
            look, steps, values = style(arm, styles), _column(found, arm, x), _column(found, arm, metric)
            low, centre, high = np.percentile(np.atleast_2d(values), BANDS[band or "range"], axis=0)
            ax.plot(steps, centre, color=look.color, linestyle=look.dash, linewidth=look.width, label=look.label)
            if band is not None and np.ndim(values) == 2 and len(values) > 1:
                ax.fill_between(steps, low, high, color=look.color, alpha=0.18, linewidth=0)
        if log if log is not None else metric.endswith("loss"):
            _logarithmic(ax)
        ax.set(xlabel=x, ylabel=METRICS.get(metric, metric.replace("_", " ")))
        return end_labels(ax)


def histograms(
    values: Mapping[str, ArrayLike],
    *,
    bins: int | np.ndarray = 30,
    ax: Axes | None = None,
    colors: Mapping[str, str] | None = None,
    xlabel: str = "",
    density: bool = True,
) -> Axes:
    """Outlined histograms of several samples over common bins, with a legend; returns the axes.

    Parameters
    ----------
    values : mapping of str to array
        The samples by their name in the legend.
    bins : int or (B+1,) array
        As in `numpy.histogram_bin_edges`.

    Examples
    --------
    >>> histograms({"draws": np.arange(10.0)}).get_ylabel()
    'density'
    """
    pooled = np.concatenate([np.ravel(sample) for sample in values.values()])
    edges = np.histogram_bin_edges(pooled[np.isfinite(pooled)], bins)
    dashes = ("-", DASHES, DOTS, DASHDOT)
    with context():
        ax = ax if ax is not None else plt.subplots()[1]
        for number, (name, sample) in enumerate(values.items()):
            color = (colors or {}).get(name, PALETTE[number % len(PALETTE)])
            ax.hist(np.ravel(sample), edges, density=density, histtype="stepfilled", color=color, alpha=0.12)
            ax.hist(
                np.ravel(sample),
                edges,
                density=density,
                histtype="step",
                color=color,
                linewidth=1.6,
                label=name,
                linestyle=dashes[number % len(dashes)],
            )
        ax.set(xlabel=xlabel, ylabel="density" if density else "count")
        ax.legend()
        return ax


def intervals(
    rows: Mapping[str, tuple[float, float, float]],
    *,
    ax: Axes | None = None,
    reference: float | None = None,
    xlabel: str = "",
    colors: Mapping[str, str] | None = None,
) -> Axes:
    """A dot with an interval a row, (centre, low, high), the first row on top; `reference` draws a vertical line.

    Examples
    --------
    >>> len(intervals({"effect": (0.0, -1.0, 1.0)}).lines)
    2
    """
    with context():
        ax = ax if ax is not None else plt.subplots(figsize=(6.0, 0.8 + 0.36 * len(rows)))[1]
        for number, (name, (centre, low, high)) in enumerate(rows.items()):
            color = (colors or {}).get(name, BLUE)
            ax.plot([low, high], [number, number], color=color, linewidth=2.2, solid_capstyle="round")
            ax.plot(centre, number, "o", color=color, markersize=6)
        if reference is not None:
            ax.axvline(reference, color=INK, linewidth=1, linestyle=DASHES, zorder=0)
        ax.set(xlabel=xlabel, yticks=range(len(rows)), yticklabels=list(rows), ylim=(len(rows) - 0.5, -0.5))
        ax.grid(False, axis="y")
        return ax


def _column(found, arm, key):
    if arm not in found:
        raise ValueError(f"curves: got the arm {arm!r}; expected one of {', '.join(found)}")
    curve = found[arm]
    names = curve if isinstance(curve, Mapping) else vars(curve)
    if key not in names:
        raise ValueError(f"curves: got {key!r} for the arm {arm!r}; expected one of {', '.join(names)}")
    return np.asarray(names[key])


def _logarithmic(ax):
    """A logarithmic vertical axis with plain numbers at its ticks, more of them the fewer decades there are."""
    ax.set_yscale("log")
    decades = np.log10(ax.get_ylim()[1] / ax.get_ylim()[0])
    few = (1, 2, 5) if decades < 3 else (1,)
    steps = range(1, 10) if decades < 0.4 else (1, 2, 3, 4, 6, 8) if decades < 1.2 else few
    ax.yaxis.set_major_locator(LogLocator(subs=steps, numticks=12))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
