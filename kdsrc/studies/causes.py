"""What causes the gain: start (random, early teacher, full teacher) × λ × scale q × total iterations, all crossed.

Every student has the same width; the levels of "total iterations" are read from its curve.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

from kdsrc.studies.conditions import Condition
from kdsrc.studies.figure1 import scaled_teacher
from kdsrc.studies.names import EARLY_STOP
from kdsrc.studies.settings import Settings

__all__ = ["arm_name", "arms", "design", "main_effect"]

STARTS = ("random", "early", "full")
PENALTIES = (0.0, 0.01)
SCALED = (False, True)


def arm_name(start: str, penalty: float, with_scale: bool) -> str:
    """Name of a student, e.g. ``early_0.01_q``."""
    return f"{start}_{penalty:g}" + ("_q" if with_scale else "")


ARMS = {
    arm_name(start, penalty, q): f"{start} start, λ = {penalty:g}" + (", teacher under the scale q" if q else "")
    for start, penalty, q in product(STARTS, PENALTIES, SCALED)
}


def design(curves: dict, metric: str, iterations: Sequence[int] | None = None) -> np.ndarray:
    """The logarithm of the loss of all students, by the levels of the four factors.

    Parameters
    ----------
    curves : dict
        Of a record.
    metric : str
        ``train_loss`` or ``test_loss``.
    iterations : sequence of int, optional
        Levels of the factor "iterations"; half of the run, and all of it, unless given.

    Returns
    -------
    (starts, penalties, scales, iterations, seeds) array

    Examples
    --------
    >>> from kdsrc import records
    >>> design(records.load("causes").curves, "train_loss").shape[:4]
    (3, 2, 2, 2)
    """
    steps = curves[arm_name(STARTS[0], PENALTIES[0], SCALED[0])]["iterations"]
    levels = np.searchsorted(steps, (steps[-1] // 2, steps[-1]) if iterations is None else iterations)
    return np.log(
        [
            [[curves[arm_name(start, penalty, q)][metric][:, levels].T for q in SCALED] for penalty in PENALTIES]
            for start in STARTS
        ]
    )


def main_effect(table: np.ndarray, factor: int, level: int = -1, against: int = 0) -> np.ndarray:
    """What one factor's level changes against another, averaged over all levels of the others; (seeds,).

    table is `design`'s; factor counts its axes: 0 start, 1 penalty, 2 scale, 3 iterations.

    Examples
    --------
    >>> main_effect(np.arange(2.0).reshape(2, 1, 1, 1, 1), 0).tolist()
    [1.0]
    """
    levels = np.moveaxis(table, factor, 0)
    return (levels[level] - levels[against]).mean(axis=(0, 1, 2))


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`; without λ nothing of a teacher is in a random start."""
    found = {}
    for start, penalty, with_scale in product(STARTS, PENALTIES, SCALED):
        make = scaled_teacher if with_scale else Settings.teacher
        teacher = make(settings, **({"iterations": EARLY_STOP} if start == "early" else {}))
        found[arm_name(start, penalty, with_scale)] = settings.student(
            None if start == "random" else teacher, penalty=penalty, **({"knowledge": teacher} if penalty else {})
        )
    return found
