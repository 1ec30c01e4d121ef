"""The frozen flow of Eq. (10) by a dense matrix exponential: the judge of errata and claims, for small problems only.

Everything is written down from the definitions (§2.3, Eqs. 10–11) and shares no code with `kdsrc.dynamics.regime`,
`kdsrc.dynamics.limits` and `kdsrc.theory.theorem3`, which are judged by it. Arguments are a `kdsrc.problem.Problem`,
checked there. λ = ∞ is pure distillation, the second term of (2) alone with weight one.
"""

import numpy as np
from jaxtyping import Float
from scipy.linalg import block_diag, expm

from kdsrc.problem import Problem
from kdsrc.typing import Labels, Times

__all__ = ["arrival", "grams", "operator", "outputs", "poles", "units"]


def grams(p: Problem) -> Float[np.ndarray, "m n n"]:
    """H_k = L_kᵀ L_k of every unit, (m, n, n), with L_k's columns σ′(w_k·x_i) x_i (§3)."""
    slopes = p.network.slopes(p.x)
    columns = [slopes[:, [k]] * p.x for k in range(p.network.width)]
    return np.array([rows @ rows.T for rows in columns])


def operator(p: Problem) -> Float[np.ndarray, "mn mn"]:
    """H̄, (mn, mn): block k, l is H_k (c_k c_l + λ δ_kl)."""
    c, (labels, taught) = p.network.coefficients, p.weights
    return block_diag(*grams(p)) @ np.kron(labels * np.outer(c, c) + taught * np.eye(len(c)), np.eye(len(p.x)))


def units(p: Problem, times: Times) -> Float[np.ndarray, "T m n"]:
    """f^(k)(t) of the frozen flow at times (T,), (T, m, n), as one matrix exponential with a constant row."""
    labels, taught = p.weights
    target = labels * np.outer(p.network.coefficients, p.y)
    if p.knowledge is not None:
        target = target + taught * p.knowledge.T
    size = target.size
    whole = np.zeros((size + 1, size + 1))
    whole[:size, :size] = -operator(p)
    whole[:size, size] = np.einsum("kij,kj->ki", grams(p), target).ravel()
    start = p.network.features(p.x).T.ravel()
    return np.array([_moved(whole, time, start).reshape(target.shape) for time in times])


def outputs(p: Problem, times: Times) -> Float[np.ndarray, "T n"]:
    """f(t) = Σ_k c_k f^(k)(t) of the frozen flow, (T, n).

    Examples
    --------
    >>> from kdsrc.theory.problems import problem
    >>> p = problem("smooth", 0)
    >>> bool(np.allclose(outputs(p, np.zeros(1))[0], p.network.output(p.x)))
    True
    """
    return np.tensordot(units(p, times), p.network.coefficients, axes=(1, 0))


def poles(p: Problem) -> Float[np.ndarray, " r"]:
    """The eigenvalues of H̄ that are not zero, ascending, by a solver that knows of no symmetry."""
    found = np.sort(np.linalg.eigvals(operator(p)).real)
    return found[found > 1e-11 * found[-1]]


def arrival(p: Problem) -> Labels:
    """f at a time when every mode has fallen to e^{-40}, (n,).

    Examples
    --------
    >>> from kdsrc.theory.problems import problem
    >>> p = problem("smooth", 0)
    >>> limit = KernelRegime(p.network, p.x, p.y, penalty=p.penalty, knowledge=p.knowledge).limit()
    >>> bool(np.abs(arrival(p) - limit).max() < 1e-8)
    True
    """
    return outputs(p, np.array([40.0 / poles(p)[0]]))[0]


def _moved(whole, time, state):
    """The state at a time, to about 2^doublings roundings.

    Doubling is done here, not in `expm`, where rounding would let the constant row drift.
    """
    doublings = max(0, int(np.ceil(np.log2(max(time * np.linalg.norm(whole, 1), 1.0)))))
    step = expm(time / 2**doublings * whole)
    move, shift = step[:-1, :-1], step[:-1, -1]
    for _ in range(doublings):
        move, shift = move @ move, move @ shift + shift
    return move @ state + shift
