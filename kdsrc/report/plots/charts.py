"""Figures from records and arrays; nothing is computed but centre and band over seeds.

Every function draws into the axes it is given, or into a new figure, and returns the axes. Lines differ in colour and
dashes (`kdsrc.report.plots.styles`) and carry their names at their ends, so that colour is never the only sign.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatterMathtext, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from kdsrc.report.plots.labels import end_labels
from kdsrc.report.plots.sheets import figure
from kdsrc.report.plots.styles import BLUE, DASHDOT, DASHES, DOTS, INK, PALETTE, WIDTH, Style, context, style

__all__ = ["METRICS", "curves", "histograms", "intervals"]

METRICS = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "train_accuracy": "training accuracy",
    "test_accuracy": "test accuracy",
}
BANDS = {"range": (0, 50, 100), "quartiles": (25, 50, 75)}


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
        ax = ax if ax is not None else figure()[1]
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
        ax = ax if ax is not None else figure()[1]
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
        ax = ax if ax is not None else figure(size=(WIDTH, 0.8 + 0.36 * len(rows)))[1]
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
    """A logarithmic vertical axis: the fewer decades, the more ticks; plain numbers at them, if none is too small."""
    ax.set_yscale("log")
    decades = np.log10(ax.get_ylim()[1] / ax.get_ylim()[0])
    few = (1, 2, 5) if decades < 3 else (1,)
    steps = range(1, 10) if decades < 0.4 else (1, 2, 3, 4, 6, 8) if decades < 1.2 else few
    ax.yaxis.set_major_locator(LogLocator(subs=steps, numticks=12))
    ax.yaxis.set_major_formatter("{x:g}" if ax.get_ylim()[0] >= 1e-4 else LogFormatterMathtext())
    ax.yaxis.set_minor_formatter(NullFormatter())
