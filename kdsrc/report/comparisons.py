"""Two arms of a record beside each other: the change of a loss with its 95 % interval, at the end and on the way.

Differences are taken within a seed, on the logarithm of the loss (`kdsrc.statistics.log_ratio`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kdsrc.claims.words import decide
from kdsrc.report import page, plots
from kdsrc.report.labels import end_labels
from kdsrc.report.markup import Box
from kdsrc.statistics import Estimate, log_ratio

__all__ = ["change", "over_iterations", "strip"]

SMALLEST = 5.0  # per cent: the smallest effect of interest, shaded
_HORIZONS = (50, 100, 200, 500, 1_000, 2_000, 4_000)  # iterations at which a strip of verdicts is read
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
    """
    return log_ratio(*(_loss(record.curves[name], metric, at) for name in (arm, against))).percent()


def over_iterations(
    record: Any, pairs: Mapping[str, tuple[str, str]], metric: str = "train_loss", *, ax: Any | None = None
) -> Any:
    """Draw the change of `metric` between two arms at every recorded iteration, one line a pair, inside its interval.

    The shaded stripe is the smallest effect of interest: what stays inside is too small to be seen in a figure.

    Parameters
    ----------
    record : Record
    pairs : mapping of str to (arm, against)
        By the name at the end of the line; the arms of a pair are recorded at the same iterations.

    Returns
    -------
    matplotlib axes
    """
    with plots.context():
        ax = ax if ax is not None else plots.figure()[1]
        ax.axhspan(-SMALLEST, SMALLEST, color=plots.GREY, alpha=0.15, linewidth=0)
        ax.axhline(0.0, color=plots.INK, linewidth=0.8)
        for number, (name, pair) in enumerate(pairs.items()):
            steps = np.asarray(record.curves[pair[0]]["iterations"])
            steps = steps[steps >= min(_FIRST, steps[-1])]
            found = [change(record, *pair, metric, at=int(step)) for step in steps]
            color, dash = _COLORS[number % len(_COLORS)], _DASHES[number % len(_DASHES)]
            ax.plot(steps, [one.effect for one in found], color=color, linestyle=dash, label=name)
            if len(record.seeds) > 1:
                low, high = ([getattr(one, end) for one in found] for end in ("low", "high"))
                ax.fill_between(steps, low, high, color=color, alpha=0.18, linewidth=0)
        ax.set(xscale="log", xlabel="iterations", ylabel=f"change of the {plots.METRICS.get(metric, metric)}, per cent")
        return end_labels(ax)


def strip(record: Any, arm: str, against: str, *, horizons: tuple[int, ...] = _HORIZONS) -> Box:
    """A table of what would be said of "`arm` has a lower loss than `against`" if the runs had ended earlier.

    One row for each of the horizons that both arms have recorded: both losses' changes with the words that
    `kdsrc.claims.words.decide` has for them.
    """
    recorded = set(np.asarray(record.curves[arm]["iterations"])) & set(np.asarray(record.curves[against]["iterations"]))
    kept = [step for step in horizons if step in recorded]
    columns: dict[str, list] = {"iterations": kept}
    for metric, name in (("train_loss", "training"), ("test_loss", "test")):
        found = [change(record, arm, against, metric, at=step) for step in kept]
        told = [f"{one.effect:+.1f} [{one.low:+.1f}, {one.high:+.1f}]" for one in found]
        columns[f"{name} loss, %"] = [text.replace("-", "−") for text in told]
        columns[f"{name} verdict"] = [
            decide(one.effect, (one.low, one.high), direction=-1, smallest=SMALLEST) for one in found
        ]
    return page.table(columns)


def _loss(curve, metric, at):
    if at is None:
        return np.asarray(curve[metric])[:, -1]
    place = np.flatnonzero(np.asarray(curve["iterations"]) == at)
    if not place.size:
        raise ValueError(f"change: at={at}; expected a recorded iteration, up to {curve['iterations'][-1]}")
    return np.asarray(curve[metric])[:, place[0]]
