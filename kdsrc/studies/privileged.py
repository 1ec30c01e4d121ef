"""Generalised distillation (§2.1, Eq. 1–2): the student sees a part of each image, its teacher the part or the whole.

The penalty of Eq. (2) asks unit k of the student for φ^(k)(x_i). With x* the whole image and x = x*_V its visible
pixels, *plain* distillation takes φ^(k) = σ(w̄_k·x) from a teacher of x, *privileged* distillation
φ^(k) = σ(w̄_k·x*) from a teacher of x*. Live, on the embedded digits; it has no scale of the paper's.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from kdsrc.data import Dataset
from kdsrc.distillation import choose_units
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.studies.settings import streams
from kdsrc.training.euler import Arm, train
from kdsrc.training.history import History

__all__ = ["arms", "restricted", "students", "visible_part"]

PENALTIES = (0.0, 0.01, 0.1, 1.0)
SCHEDULE: dict[str, Any] = {
    "learning_rate": 4e-3,
    "iterations": 1_000,
    "record_every": 20,
    "dtype": "float64",
    "progress": False,
}
TEACHER_WIDTH, WIDTH = 100, 20


def visible_part(data: Dataset, visible: np.ndarray) -> Dataset:
    """The data as the student sees them: columns `visible` (d,) bool of x, rows scaled to unit norm again.

    Raises
    ------
    ValueError
        When the mask does not fit, or hides a whole image.

    Examples
    --------
    >>> data = Dataset(np.ones((2, 4)), np.ones(2), np.ones((1, 4)), np.ones(1), "planted")
    >>> visible_part(data, np.array([True, True, False, False])).x_train.shape
    (2, 2)
    """
    visible = np.asarray(visible)
    if visible.dtype != bool or visible.shape != data.x_train.shape[1:]:
        raise ValueError(
            f"visible_part: visible {visible.dtype} {visible.shape}; expected one bool for each of the "
            f"{data.x_train.shape[1]} inputs"
        )
    parts = [x[:, visible] for x in (data.x_train, data.x_test)]
    norms = [np.linalg.norm(part, axis=1, keepdims=True) for part in parts]
    if min(norm.min() for norm in norms) == 0.0:
        raise ValueError(
            "visible_part: of some image nothing is visible; expected every row to keep a pixel that is "
            "not zero: choose other pixels"
        )
    return Dataset(parts[0] / norms[0], data.y_train, parts[1] / norms[1], data.y_test, f"{data.name}-part")


def restricted(network: TwoLayerNetwork, visible: np.ndarray) -> TwoLayerNetwork:
    """The units with their weights on the visible inputs alone."""
    return replace(network, weights=network.weights[:, visible])


def arms(data: Dataset, visible: np.ndarray, *, seed: int) -> list[Arm]:
    """Students of one seed, named ``knowledge, start, λ``; both teachers are trained first.

    Knowledge is ``plain`` or ``privileged``. The start ``teacher`` has the chosen units of the teacher, restricted to
    what the student sees; ``random`` has fresh weights. ``none, random, 0`` is the student alone.

    Examples
    --------
    >>> data = Dataset(np.ones((2, 4)), np.array([1.0, -1.0]), np.ones((1, 4)), np.ones(1), "planted")
    >>> len(arms(data, np.array([True, True, False, False]), seed=0))
    15
    """
    part, random = visible_part(data, visible), streams(seed)
    units = choose_units(TEACHER_WIDTH, WIDTH, seed=random["choice"])
    alone = init_network(WIDTH, part.x_train.shape[1], seed=random["restart"])
    found = [Arm("none, random, 0", alone)]
    for knowledge, seen in (("plain", part), ("privileged", data)):
        chosen = _teacher(seen, random["teacher"]).select(units)
        features = chosen.features(seen.x_train)
        own = chosen if knowledge == "plain" else restricted(chosen, visible)
        starts = {"teacher": own, "random": replace(own, weights=alone.weights)}
        found += [
            Arm(f"{knowledge}, {start}, {penalty:g}", network, penalty, features)
            for start, network in starts.items()
            for penalty in PENALTIES
            if penalty or start == "teacher"
        ]
    return found


def students(data: Dataset, visible: np.ndarray, *, seed: int) -> dict[str, History]:
    """`arms`, trained on the visible part.

    Examples
    --------
    >>> data = Dataset(np.ones((2, 4)), np.array([1.0, -1.0]), np.ones((1, 4)), np.ones(1), "planted")
    >>> runs = students(data, np.array([True, True, False, False]), seed=0)
    >>> len(runs)
    15
    """
    return train(arms(data, visible, seed=seed), visible_part(data, visible), **SCHEDULE)


def _teacher(data, seed):
    start = init_network(TEACHER_WIDTH, data.x_train.shape[1], seed=seed)
    return train([Arm("teacher", start)], data, **SCHEDULE)["teacher"].network
