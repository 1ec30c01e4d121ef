"""The small named problems on which errata and claims are measured, and what a measurement is.

A measurement takes a seed and gives numbers: for an erratum, how far the printed text is off, and the repaired one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from kdsrc import checks
from kdsrc.networks import init_network
from kdsrc.problem import Problem

__all__ = ["PROBLEMS", "Measurement", "off", "parts", "problem"]

Measurement = Callable[[int], tuple[float, ...]]

# activation, n, d, m, std of the weights
PROBLEMS = {
    "smooth": ("tanh", 6, 9, 4, 1.0),
    "tall": ("tanh", 9, 5, 4, 1.0),
    "relu": ("relu", 6, 9, 4, 1.0),
    "small start": ("softplus", 6, 9, 4, 1e-3),
    "teacher": ("relu", 20, 30, 100, 1e-2),
}


def problem(name: str, seed: int, *, penalty: float = 0.3, width: int | None = None) -> Problem:
    """One of `PROBLEMS` for a seed: random unit rows, labels ±1, knowledge about 0.3/√m an entry away from the start.

    Examples
    --------
    >>> problem("smooth", 0).x.shape, problem("smooth", 0).penalty
    ((6, 9), 0.3)
    """
    if name not in PROBLEMS:
        raise ValueError(f"problem: name={name!r}; expected one of {', '.join(PROBLEMS)}")
    sigma, n, d, m, std = PROBLEMS[name]
    m = m if width is None else checks.count("problem", "width", width)
    checks.penalty("problem", penalty)
    rng = checks.generator("problem", seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=std, activation=sigma)
    knowledge = network.features(x) + 0.3 / np.sqrt(m) * rng.normal(size=(n, m))
    return Problem(network, x, rng.choice([-1.0, 1.0], size=n), penalty, knowledge)


def parts(p: Problem) -> Any:
    """Network, x, y, λ and Φ, in the order in which the theorems take them."""
    return p.network, p.x, p.y, p.penalty, p.knowledge


def off(truth: float | np.floating | np.ndarray, *values: float | np.floating | np.ndarray) -> tuple[float, ...]:
    """Distances of values from the truth, relative to it."""
    return tuple(float(np.linalg.norm(value - truth) / np.linalg.norm(truth)) for value in values)
