"""Measurements behind the claims on random choices of units (Theorem 2, remark 7.4.1): seed in, misfit out."""

from collections.abc import Callable

import numpy as np

from kdsrc.theory import theorem2
from kdsrc.theory.draws import enumerated, small_teacher
from kdsrc.theory.problems import problem


def knowledge_bias(seed: int) -> float:
    """Distance of the mean of φ̄ over every choice of units from y, relative."""
    features, weights = small_teacher(seed)
    y = theorem2.labels(features, weights, 3)
    return float(np.linalg.norm(enumerated(features, weights, 3).mean(axis=0) - y) / np.linalg.norm(y))


def mean_misfit(draw: str) -> Callable[[int], float]:
    """Relative distance of a formula for E‖φ̄ − y‖² from the mean over every choice of 3 of 8 units."""

    def misfit(seed):
        features, weights = small_teacher(seed)
        draws = enumerated(features, weights, 3) - theorem2.labels(features, weights, 3)
        exact = (draws**2).sum(axis=1).mean()
        return float(abs(theorem2.mean_error(features, weights, 3, draw=draw) / exact - 1.0))

    return misfit


def share_misfit(seed: int) -> float:
    """How far E‖φ̄ − y‖²/(1 − m/m̄), over every choice of m of 8 units, is from constant in m = 1 … 7, relative."""
    features, weights = small_teacher(seed)
    found = [
        ((enumerated(features, weights, m) - theorem2.labels(features, weights, m)) ** 2).sum(axis=1).mean()
        / (1.0 - m / 8.0)
        for m in range(1, 8)
    ]
    return float(np.ptp(found) / np.mean(found))


def constant_growth(seed: int) -> float:
    """Growth of the constant C that the median of 200 draws needs in Eq. (6), from m̄ = 100 to 3 200 at m = 10."""
    needed = []
    for total in (100, 3_200):
        p = problem("teacher", seed, width=total)
        features, weights = p.network.features(p.x), p.network.output_weights
        y = theorem2.labels(features, weights, 10)
        misses = [((theorem2.draw_output(features, weights, 10, seed=(seed, i)) - y) ** 2).sum() for i in range(200)]
        needed.append(
            np.median(misses) * theorem2.shrinkage(1.0, 0.3) ** 2 / theorem2.printed_bound(features, weights, 10, 0.3)
        )
    return float(needed[1] / needed[0])


def tail_excess(seed: int, *, level: float = 0.05) -> float:
    """Share of 200 draws whose squared error exceeds `theorem2.repaired_bound`, beyond the allowed `level`."""
    p = problem("teacher", seed)
    features, weights = p.network.features(p.x), p.network.output_weights
    y = theorem2.labels(features, weights, 20)
    bound = theorem2.repaired_bound(features, weights, 20, np.inf, level=level)
    misses = [((theorem2.draw_output(features, weights, 20, seed=(seed, i)) - y) ** 2).sum() for i in range(200)]
    return max(float(np.mean(np.array(misses) > bound)) - level, 0.0)
