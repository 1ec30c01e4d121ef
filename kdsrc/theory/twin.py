"""The twin without penalty of a student that starts at its knowledge: how nearly it learns the same.

The twin's clock runs faster by 1 + λ/a and it goes a share a/(a+λ) of the way: for equal H_k the two are one.
Every function refuses, with a ValueError, shapes that do not fit, numbers that are not finite, λ < 0 and t < 0.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem, term_shares
from kdsrc.typing import Labels, Points, Times

__all__ = ["twin_bound", "twin_output", "twin_spread"]


def twin_output(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    times: Times,
    penalty: float,
    x_test: Float[np.ndarray, "points d"] | None = None,
) -> Float[np.ndarray, "T points"]:
    """The twin without penalty of a student that starts at its knowledge, at times (T,); returns (T, n or n_test).

    f̃(x, t) = f(x, 0) + a/(a+λ) [f₀(x, (1 + λ/a) t) − f(x, 0)], f₀ the frozen flow of the same start at λ = 0.

    Examples
    --------
    >>> start = twin_output(network, x, y, np.array([0.0]), 0.5)
    >>> bool(np.allclose(start[0], network.output(x)))
    True
    """
    clock, share = _clock("twin_output", network, checks.times("twin_output", times), penalty)
    plain = KernelRegime(network, x, y).output(clock, x_test)
    start = network.output(x if x_test is None else x_test)
    return start + share * (plain - start)


def twin_spread(network: TwoLayerNetwork, x: Points, y: Labels, times: Times, penalty: float) -> Times:
    """D(t) = √(r̃ᵀ V r̃), V = Σ_k c_k² H_k² − H²/a: how unevenly the units share what the twin has learnt; (T,).

    r̃(t) = H⁺ (I − e^{−(1 + λ/a) H t}) a/(a+λ) (y − f(0)), so that the twin's weights have moved by c_k J_kᵀ r̃. D = 0
    when all H_k are equal. Takes the m unit kernels: for small problems.

    Examples
    --------
    >>> float(twin_spread(network, x, y, np.array([0.0]), 0.5)[0])
    0.0
    """
    clock, share = _clock("twin_spread", network, checks.times("twin_spread", times), penalty)
    problem, c = Problem(network, x, y, caller="twin_spread"), network.coefficients
    grams, kernel = unit_grams(network, x), tangent_kernel(network, x)
    spread = np.einsum("k,kij,kjl->il", c**2, grams, grams) - kernel @ kernel / (c @ c)
    values, vectors = np.linalg.eigh(kernel)
    kept = values > len(values) * np.finfo(float).eps * values[-1]
    missed = share * (vectors[:, kept].T @ (problem.y - network.output(x)))
    learnt = -np.expm1(-np.multiply.outer(clock, values[kept])) * missed / values[kept]  # (T, r)
    states = learnt @ vectors[:, kept].T
    return np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", states, spread, states), 0.0))


def twin_bound(network: TwoLayerNetwork, x: Points, y: Labels, times: Times, penalty: float) -> Times:
    """Bound on ‖Δw(t) − Δw̃(t)‖, student against twin: D min(λ √h_max t, √(λt/2)), D the largest D(s) so far; (T,).

    h_max is the largest eigenvalue of all H_k; times finite, ascending and dense enough for D's maximum.

    Examples
    --------
    >>> twin_bound(network, x, y, np.array([0.0, 1.0]), 0.0).tolist()
    [0.0, 0.0]
    """
    times = checks.times("twin_bound", times, run=True)
    most = np.maximum.accumulate(twin_spread(network, x, y, times, penalty))
    largest = np.linalg.eigvalsh(unit_grams(network, x)).max()
    return most * np.minimum(penalty * np.sqrt(largest) * times, np.sqrt(0.5 * penalty * times))


def _clock(caller, network, times, penalty):
    """The twin's times (1 + λ/a) t, and its share a/(a+λ) of the way to the labels."""
    penalty, a = checks.penalty(caller, penalty, infinite=False), network.coefficients @ network.coefficients
    if a == 0:
        raise ValueError(f"{caller}: network without output weights; expected Σ c_k² > 0")
    return (1.0 + penalty / a) * times, term_shares(a, penalty)[0]
