"""What a sweep is: many points, each a list of conditions, and what is measured at each.

`kdsrc.studies.sweep_runner` makes its record, with a row for every point and seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.settings import SEEDS, Settings

__all__ = ["Point", "Sweep", "at_horizons", "six_digits"]


@dataclass(frozen=True)
class Point:
    """One place of a sweep.

    Attributes
    ----------
    levels : dict of str to number
        What distinguishes it: columns of the record.
    settings : Settings
        Those of the sweep, but for the widths.
    arms : dict of str to Condition
        The same names at every point.

    Examples
    --------
    >>> from kdsrc.studies import SWEEPS
    >>> pairs = SWEEPS["pairs"]
    >>> sorted(pairs.points(pairs.settings["quick"])["0-1"].levels)
    ['first', 'second']
    """

    levels: dict[str, float]
    settings: Settings
    arms: dict[str, Condition]


@dataclass(frozen=True)
class Sweep:
    """An experiment over many points.

    Attributes
    ----------
    name, title : str
        The record's name, and what is asked.
    points : callable (settings) -> dict of str to Point
        By name, the cheapest first.
    measure : callable (bench, arms) -> dict of str to array
        Of one point and seed, when all conditions have been trained; the same names and shapes everywhere.
    settings : dict of str to Settings
        By scale.
    seeds : dict of str to int
        How many seeds, by scale, unless told.

    Examples
    --------
    >>> from kdsrc.studies import SWEEPS
    >>> len(SWEEPS["pairs"].points(SWEEPS["pairs"].settings["paper"]))
    45
    """

    name: str
    title: str
    points: Callable[[Settings], dict[str, Point]]
    measure: Callable[[Bench, dict[str, Condition]], dict[str, np.ndarray]]
    settings: dict[str, Settings]
    seeds: dict[str, int] = field(default_factory=lambda: SEEDS)


def at_horizons(
    bench: Bench,
    arms: dict[str, Condition],
    horizons: Sequence[int],
    metrics: Sequence[str] = ("train_loss", "test_loss"),
) -> dict[str, np.ndarray]:
    """``<metric>_<arm>`` (horizons,) at these iterations, and ``horizons`` themselves; for `Sweep.measure`.

    Raises
    ------
    ValueError
        For an iteration that is not among those that histories keep (`kdsrc.studies.settings.recorded`).
    """
    found = {"horizons": np.array(horizons)}
    for name, one in arms.items():
        history = bench.history(one)
        if not np.isin(horizons, history.iterations).all():
            raise ValueError(f"at_horizons: {list(horizons)} of {name}; expected iterations that are recorded")
        places = np.searchsorted(history.iterations, horizons)
        found |= {f"{metric}_{name}": six_digits(getattr(history, metric)[places]) for metric in metrics}
    return found


def six_digits(values: ArrayLike) -> np.ndarray:
    """The values to six digits, which is more than machines agree on after training in single precision."""
    return np.array([float(f"{value:.6g}") for value in np.atleast_1d(values)]).reshape(np.shape(values))
