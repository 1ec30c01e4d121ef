"""What figures are drawn with: the book's look, sheets that keep it, names at the ends of lines, charts of records.

In the order in which they build on each other: `styles`, `sheets`, `labels`, `charts`.
"""

from kdsrc.report.plots.charts import METRICS, curves, histograms, intervals
from kdsrc.report.plots.labels import end_labels
from kdsrc.report.plots.sheets import figure, mosaic
from kdsrc.report.plots.styles import (
    BLUE,
    DASHDOT,
    DASHES,
    DOTS,
    GREEN,
    GREY,
    INK,
    NAVY,
    OCHRE,
    PALETTE,
    PAPER,
    PINK,
    PURPLE,
    STYLES,
    VERMILION,
    Style,
    context,
    shades,
    style,
)

__all__ = [
    "BLUE",
    "DASHDOT",
    "DASHES",
    "DOTS",
    "GREEN",
    "GREY",
    "INK",
    "METRICS",
    "NAVY",
    "OCHRE",
    "PALETTE",
    "PAPER",
    "PINK",
    "PURPLE",
    "STYLES",
    "VERMILION",
    "Style",
    "context",
    "curves",
    "end_labels",
    "figure",
    "histograms",
    "intervals",
    "mosaic",
    "shades",
    "style",
]
