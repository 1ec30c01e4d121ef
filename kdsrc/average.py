"""Theorem 1 as a matrix average: f(∞) = (M + λI)^{-1} (M y + λψ), which is Eq. (5) with the matrix M for the number a.

M = Σ_k c_k² Q_k and ψ = Σ_k c_k (P_k f^(k)(0) + Q_k φ^(k)), where P_k is the orthogonal projector on ker H_k and
Q_k = I − P_k: a unit moves within the range of its H_k only. Hence y − f(∞) = λ (λI + M)^{-1} (y − ψ).
"""

import numpy as np

from kdsrc.limits import range_basis
from kdsrc.networks import TwoLayerNetwork


def mobility_and_aim(network: TwoLayerNetwork, x, knowledge) -> tuple[np.ndarray, np.ndarray]:
    """M = Σ_k c_k² Q_k, (n, n) with 0 ≤ M ≤ aI, and ψ = Σ_k c_k (P_k f^(k)(0) + Q_k φ^(k)), (n,).

    Neither depends on λ. ψ is where the student goes when only the knowledge pulls (λ = ∞).

    Parameters
    ----------
    network : TwoLayerNetwork
        m units, frozen at this point.
    x : (n, d) array; knowledge : Φ (n, m)
    """
    x, knowledge = np.asarray(x, dtype=float), np.asarray(knowledge, dtype=float)
    mobility, aim = np.zeros((len(x), len(x))), network.output(x)
    lead = knowledge - network.features(x)  # (n, m)
    for k, (c, slopes) in enumerate(zip(network.coefficients, network.slopes(x).T, strict=True)):
        basis = range_basis(slopes, x)  # (n, r)
        mobility += c**2 * (basis @ basis.T)
        aim += c * (basis @ (basis.T @ lead[:, k]))  # f^(k)(0) + Q_k (φ^(k) − f^(k)(0))
    return mobility, aim


def matrix_average(network: TwoLayerNetwork, x, y, penalty: float, knowledge) -> np.ndarray:
    """f(∞) = (M + λI)^{-1} (M y + λψ), (n,), for 0 < λ < ∞; equal to `kdsrc.limits.general_limit`.

    Raises
    ------
    ValueError
        For another λ: at 0 the limit is y − P (y − f(0)), P the projector on ker H; at ∞ it is ψ.
    """
    if not 0 < penalty < np.inf:
        raise ValueError(f"matrix_average: penalty={penalty}; expected 0 < λ < ∞: use general_limit at the ends")
    mobility, aim = mobility_and_aim(network, x, knowledge)
    values, vectors = np.linalg.eigh(mobility)
    values[values < len(values) * np.finfo(float).eps * values[-1]] = 0.0  # rounding must not outweigh a small λ
    share = penalty / (penalty + values)  # λ (λI + M)^{-1}: what is kept of y − ψ
    return y - vectors @ (share * (vectors.T @ (y - aim)))
