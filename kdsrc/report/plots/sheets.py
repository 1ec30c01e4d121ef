"""Figures that carry the book's style: what is drawn into them later has it too, wherever that is done.

Matplotlib reads its settings when something is drawn, so a page that calls ``ax.legend()`` would get Matplotlib's own.
The axes of `figure` take the book's settings for each of their methods that reads any.
"""

from functools import wraps
from typing import Any

from matplotlib import axes, pyplot
from matplotlib import figure as figures

from kdsrc.report.plots.styles import WIDTH, context

__all__ = ["figure", "mosaic"]


def _in_style(*names):
    """A class decorator: these inherited methods run in the `context` of the width that the figure was made with."""

    def decorate(cls):
        for name in names:
            setattr(cls, name, _styled(getattr(cls, name)))
        return cls

    return decorate


def _styled(method):
    @wraps(method)
    def inside(self, *arguments, **options):
        with context(self.get_figure(root=True).width):
            return method(self, *arguments, **options)

    return inside


@_in_style("annotate", "axhline", "axvline", "bar", "bar_label", "barh", "contour", "errorbar", "hist", "hlines")
@_in_style("imshow", "legend", "pcolormesh", "plot", "text", "tick_params", "vlines")
@_in_style("set_title", "set_xticklabels", "set_xticks", "set_yticklabels", "set_yticks")
class Axes(axes.Axes):
    """Axes whose methods draw in the book's style."""


@_in_style("colorbar", "draw", "get_tightbbox", "legend", "suptitle", "supxlabel", "supylabel", "text")
class Figure(figures.Figure):
    """A figure whose methods draw in the book's style; Matplotlib makes some ticks only when it is rendered.

    Its `width` in inches is kept, for while a picture is cropped to what it shows the figure has another.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.width = self.get_figwidth()


def figure(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float] | None = None, **options
) -> tuple[Figure, Any]:
    """A new figure and its axes in the book's style; `options` go to `matplotlib.pyplot.subplots`.

    Parameters
    ----------
    rows, columns : int
        Panels.
    size : (float, float), optional
        Width and height in inches. Letters grow with the width (`kdsrc.report.plots.styles.letters`): a phone shows a
        figure of twice the width at half its size.

    Examples
    --------
    >>> drawing, axes = figure()
    >>> axes.legend(handles=[]).get_frame_on()
    False
    """
    size = size or (WIDTH, 3.4 * rows)
    with context(size[0]):
        return pyplot.subplots(rows, columns, figsize=size, **_CLASSES, **options)


def mosaic(layout: list, *, size: tuple[float, float], **options) -> tuple[Figure, dict[str, Any]]:
    """The same with panels laid out by name; `options` go to `matplotlib.pyplot.subplot_mosaic`.

    Examples
    --------
    >>> sorted(mosaic([["left", "right"], ["below", "below"]], size=(5.0, 3.0))[1])
    ['below', 'left', 'right']
    """
    with context(size[0]):
        return pyplot.subplot_mosaic(layout, figsize=size, **_CLASSES, **options)


_CLASSES: dict[str, Any] = {"FigureClass": Figure, "subplot_kw": {"axes_class": Axes}}
