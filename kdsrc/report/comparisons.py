"""Two arms of a record beside each other: the change of a loss with its 95 % interval, at the end and on the way.

Differences are taken within a seed, on the logarithm of the loss (`kdsrc.statistics.log_ratio`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kdsrc.claims.criteria import Contrast
from kdsrc.claims.horizons import readings
from kdsrc.claims.measures import final
from kdsrc.report import plots, strips
from kdsrc.report.markup import Box
from kdsrc.statistics import Estimate, log_ratio

__all__ = ["change", "over_iterations", "strip"]

SMALLEST = 5.0  # per cent: the smallest effect of interest, shaded
_FIRST = 10  # iterations; before them arms of one start have not parted
_COLORS = (plots.GREEN, plots.NAVY, plots.VERMILION, plots.PINK, plots.OCHRE, plots.PURPLE)
_DASHES = ("-", plots.DASHES, plots.DASHDOT, plots.DOTS, "-", plots.DASHES)


def change(record: Any, arm: str, against: str, metric: str = "train_loss", *, at: int | None = None) -> Estimate:
    """Change of a loss from one arm to another, in per cent, with its interval over the seeds.

    Parameters
    ----------
    record : Record
        With ``curves``.
    arm, against : str
        Names of arms.
    metric : str
        A key of the curves, of positive numbers.
    at : int, optional
        The recorded iteration at which both are read; the last of each arm unless given.

    Raises
    ------
    ValueError
        For an iteration that is not recorded.

    Examples
    --------
    >>> from kdsrc import records
    >>> change(records.load("figure1"), "teacher", "student_alone").effect < 0.0
    True
    """
    return log_ratio(*(_loss(record.curves[name], metric, at) for name in (arm, against))).percent()


def over_iterations(
    record: Any, pairs: Mapping[str, tuple[str, str]], metric: str = "train_loss", *, ax: Any | None = None
) -> Any:
    """Draw the change of `metric` between two arms over the iterations, one line a pair, inside its interval.

    The lines begin at the tenth iteration: before it, arms of one start have not parted.

    The shaded stripe is the smallest effect of interest: what stays inside is too small to be seen in a figure. A line
    looks like its arm elsewhere, unless two pairs have the same.

    Parameters
    ----------
    record : Record
    pairs : mapping of str to (arm, against)
        By the name at the end of the line; the arms of a pair are recorded at the same iterations.

    Returns
    -------
    matplotlib axes

    Examples
    --------
    >>> from kdsrc import records
    >>> pair = {"taught": ("student_taught", "student_alone")}
    >>> over_iterations(records.load("figure1"), pair).get_xscale()
    'log'
    """
    ax = ax if ax is not None else plots.figure()[1]
    ax.axhspan(-SMALLEST, SMALLEST, color=plots.GREY, alpha=0.15, linewidth=0)
    ax.axhline(0.0, color=plots.INK, linewidth=0.8)
    looks = _looks([arm for arm, _ in pairs.values()])
    for (name, pair), (color, dash) in zip(pairs.items(), looks, strict=True):
        steps = np.asarray(record.curves[pair[0]]["iterations"])
        steps = steps[steps >= min(_FIRST, steps[-1])]
        found = [change(record, *pair, metric, at=int(step)) for step in steps]
        ax.plot(steps, [one.effect for one in found], color=color, linestyle=dash, label=name)
        if len(record.seeds) > 1:
            low, high = ([getattr(one, end) for one in found] for end in ("low", "high"))
            ax.fill_between(steps, low, high, color=color, alpha=0.18, linewidth=0)
    ax.set(xscale="log", xlabel="iterations", ylabel=f"change of\n{plots.METRICS.get(metric, metric)}, %")
    return plots.end_labels(ax)


def strip(record: Any, arm: str, against: str, *later: Any) -> Box:
    """What would be said of "`arm` has a lower loss than `against`" if the runs had ended earlier, or had gone on.

    `later` are records of the same arms, read where `record` ends.

    The strips of the scorecard (`kdsrc.report.strips`), one for the training loss and one for the test loss.

    Examples
    --------
    >>> from kdsrc import records
    >>> strip(records.load("figure1"), "student_taught", "student_alone").text.splitlines()[0][:14]
    'training loss:'
    """
    parts = {}
    for metric, name in (("train_loss", "training loss"), ("test_loss", "test loss")):
        parts[name] = readings(Contrast(final(metric), name, arm, against), [record, *later])
    return strips.labelled(parts)


def _looks(arms):
    """Colour and dashes of each line."""
    if len(set(arms)) == len(arms) and set(arms) <= set(plots.STYLES):
        return [(look.color, look.dash) for look in map(plots.style, arms)]
    return [(_COLORS[number % len(_COLORS)], _DASHES[number % len(_DASHES)]) for number in range(len(arms))]


def _loss(curve, metric, at):
    if at is None:
        return np.asarray(curve[metric])[:, -1]
    place = np.flatnonzero(np.asarray(curve["iterations"]) == at)
    if not place.size:
        raise ValueError(f"change: at={at}; expected a recorded iteration, up to {curve['iterations'][-1]}")
    return np.asarray(curve[metric])[:, place[0]]
