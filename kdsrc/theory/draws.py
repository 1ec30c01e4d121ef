"""All choices of units of a small teacher (Theorem 2, §7.4), enumerated; and the measurements of errata on them.

Numbers are as in `kdsrc.theory.misprints`, on problems of `kdsrc.theory.problems`; the judge is the list of draws.
"""

from itertools import combinations, product

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.theory import oracle, theorem2
from kdsrc.theory.problems import off, parts, problem

__all__ = ["enumerated", "small_teacher"]


def small_teacher(seed: int, total: int = 8) -> tuple[Float[np.ndarray, "n m̄"], Float[np.ndarray, " m̄"]]:
    """Features (n, m̄) and output weights ±1 of a teacher so small that all draws of its units can be listed."""
    p = problem("teacher", seed, width=checks.count("small_teacher", "total", total))
    return p.network.features(p.x), p.network.output_weights


def enumerated(
    features: Float[np.ndarray, "n m̄"], weights: Float[np.ndarray, " m̄"], width: int
) -> Float[np.ndarray, "draws n"]:
    """φ̄, (draws, n), of every choice of `width` units.

    Examples
    --------
    >>> enumerated(np.eye(3), np.ones(3), 2).shape  # three choices
    (3, 3)
    """
    features = checks.array("enumerated", "features", features, ("n", "m̄"))
    terms = features * checks.array("enumerated", "weights", weights, features.shape[1:])
    choices = combinations(range(terms.shape[1]), checks.count("enumerated", "width", width))
    return np.array([terms[:, list(units)].sum(axis=1) for units in choices]) / np.sqrt(width)


def bracket(seed: int) -> tuple[float, ...]:
    """Mean over all draws of one unit of 100, over m̄/(m̄−1) times the bracket of (6) with its factor 1 − m/m̄."""
    features, weights = small_teacher(seed, 100)
    mean = ((enumerated(features, weights, 1) - theorem2.labels(features, weights, 1)) ** 2).sum(axis=1).mean()
    bounds = theorem2.printed_bracket(features, weights, 1), theorem2.mean_error(features, weights, 1, draw="bernoulli")
    return tuple(float(mean / (bound * 100.0 / 99.0)) for bound in bounds)


def bracket_variance(seed: int) -> tuple[float, ...]:
    """7.4's last line with its two factors, against all 2^8 outcomes of eight Bernoulli choices with mean 3/8."""
    features, weights = small_teacher(seed)
    terms, y, total = features * weights, theorem2.labels(features, weights, 3), 0.0
    for picked in product((0, 1), repeat=8):
        miss = terms @ np.array(picked) / np.sqrt(3.0) - y
        total += (3 / 8) ** sum(picked) * (5 / 8) ** (8 - sum(picked)) * (miss @ miss)
    square = (weights**2 / 8.0) @ (features**2).sum(axis=0)
    return off(total, *((1.0 - kept / 8.0) * square for kept in (8.0, 3.0)))


def bernoulli_draw(seed: int) -> tuple[float, ...]:
    """The mean of ‖φ̄ − y‖² by either draw, against all choices of 3 of 8 units."""
    features, weights = small_teacher(seed)
    misses = enumerated(features, weights, 3) - theorem2.labels(features, weights, 3)
    return off(
        (misses**2).sum(axis=1).mean(),
        *(theorem2.mean_error(features, weights, 3, draw=draw) for draw in ("bernoulli", "without")),
    )


def enumerated_two_stages(seed: int, *, penalty: float = 0.3) -> float:
    """Mean squared error of two stages over that of direct distillation, over all draws: 6 → 4 → 2 units, |ā_l| = 1."""
    features, weights = small_teacher(seed, 6)
    checks.penalty("enumerated_two_stages", penalty, zero=False, infinite=False)
    y, terms, alpha, staged = theorem2.labels(features, weights, 2), features * weights, 0.5, []
    for first in combinations(range(6), 4):
        own = np.sqrt(alpha / 4.0) * terms[:, list(first)].sum(axis=1)
        # ā_k f^(k) after the first stage: Theorem 3's f_∞^(k) with c_k = √α ā_k/√m₁, and so a = α
        trained = terms[:, list(first)] + (np.sqrt(alpha / 4.0) * (y - own) / (alpha + penalty))[:, None]
        for second in combinations(range(4), 2):
            knowledge = trained[:, list(second)].sum(axis=1) / np.sqrt(2.0)
            staged.append(((knowledge - y) ** 2).sum())
    direct = ((enumerated(features, weights, 2) - y) ** 2).sum(axis=1)
    return float(np.mean(staged) / np.mean(direct))  # the last stage's factor (λ/(1+λ))² is common to both


def two_stages(seed: int) -> tuple[float, ...]:
    return off(
        enumerated_two_stages(seed),
        theorem2.printed_two_stage_ratio(1 / 2, 2 / 3),
        theorem2.two_stage_ratio(1 / 2, 2 / 3, 0.3),
    )


def student_weight(seed: int) -> tuple[float, ...]:
    """λ/(1+λ) and λ/(a+λ) against ‖f(∞) − y‖/‖φ̄ − y‖ of 4 of 8 units with unequal ā_l, Σ ā_l²/m̄ = 1.

    The units' slopes stay above 1/10, so that no mode is too slow to wait for.
    """
    p = problem("smooth", seed, width=8)
    weights = np.random.default_rng(seed + 1).uniform(0.2, 1.0, size=8)
    teacher = TwoLayerNetwork(p.network.weights, weights * np.sqrt(8.0 / (weights @ weights)), "leaky tanh")
    chosen = np.random.default_rng(seed + 2).choice(8, size=4, replace=False)
    student = teacher.select(chosen)
    knowledge = parts(p)[-1][:, chosen]
    p = Problem(student, p.x, p.y, p.penalty, knowledge)
    miss = np.linalg.norm(knowledge @ student.coefficients - p.y)
    own = sum(teacher.output_weights[unit] ** 2 for unit in chosen) / 4.0
    return off(np.linalg.norm(oracle.arrival(p) - p.y) / miss, *(theorem2.shrinkage(a, p.penalty) for a in (1.0, own)))


def missing_square(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    c = p.network.coefficients
    miss, share = np.linalg.norm(p.knowledge @ c - p.y), p.penalty / (c @ c + p.penalty)
    return off(np.linalg.norm(oracle.arrival(p) - p.y), share**2 * miss, share * miss)
