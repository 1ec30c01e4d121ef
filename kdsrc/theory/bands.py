"""Where the poles can be: two families, without the assumption that the kernels are equal.

The poles are the eigenvalues of λ𝐃 + BBᵀ, B = 𝐃^½(c ⊗ I_n): the second part has rank n at most, and BᵀB = H. With
h_1 ≤ h_2 ≤ … the eigenvalues of all H_k together and μ_1 ≤ … ≤ μ_n those of H, for the ascending poles p_j,
λ h_j ≤ p_j ≤ λ h_{j+n} for j ≤ n(m−1),   and   μ_i ≤ p_{n(m−1)+i} ≤ μ_i + λ h_max.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.typing import Points

__all__ = ["first_order", "pole_bands"]


def pole_bands(
    network: TwoLayerNetwork, x: Points, penalty: float
) -> tuple[Float[np.ndarray, " poles"], Float[np.ndarray, " poles"]]:
    """Lowest and highest place of each of the nm poles, (nm,) and (nm,), ascending; zeros count as poles.

    The first n(m−1) places are those of the slow family, of order λ; the last n those of the fast one.

    Parameters
    ----------
    network : TwoLayerNetwork
        m units, frozen at this point.
    x : (n, d) array
    penalty : float
        0 ≤ λ < ∞.

    Raises
    ------
    ValueError
        For another λ, or points that do not fit or are not finite.

    Examples
    --------
    >>> low, high = pole_bands(network, x, 0.5)
    >>> poles = KernelRegime(network, x, y, penalty=0.5, knowledge=knowledge).poles()
    >>> bool(((low <= poles + 1e-12) & (poles <= high + 1e-12)).all())
    True
    """
    penalty = checks.penalty("pole_bands", penalty, infinite=False)
    x = checks.array("pole_bands", "x", x, ("n", network.dim))
    h = np.sort(np.linalg.eigvalsh(unit_grams(network, x)).ravel())  # (nm,)
    fast = np.linalg.eigvalsh(tangent_kernel(network, x))  # (n,)
    n = len(fast)
    return (np.concatenate([penalty * h[:-n], fast]), np.concatenate([penalty * h[n:], fast + penalty * h[-1]]))


def first_order(network: TwoLayerNetwork, x: Points) -> tuple[Float[np.ndarray, " slow"], Float[np.ndarray, " n"]]:
    """Slopes of the poles in λ at λ = 0⁺: θ (n(m−1),) of the slow family and (n,) of the fast one.

    θ are the eigenvalues of 𝐃 compressed to the complement of the range of 𝐃^½(c ⊗ I): p_j/λ rises to θ_j as λ falls
    to 0. A fast pole leaves a simple μ_i with unit eigenvector v at the slope Σ_k c_k² ‖H_k v‖²/μ_i.

    Raises
    ------
    ValueError
        For a singular H, where fewer than n poles are fast, or points that do not fit or are not finite.

    Examples
    --------
    >>> slow, fast = first_order(network, x)
    >>> slow.shape, fast.shape
    ((15,), (5,))
    """
    x = checks.array("first_order", "x", x, ("n", network.dim))
    grams, c = unit_grams(network, x), network.coefficients  # (m, n, n)
    m, n, _ = grams.shape
    values, vectors = np.linalg.eigh(tangent_kernel(network, x))
    if values[0] <= n * np.finfo(float).eps * values[-1]:
        raise ValueError(
            f"first_order: H has eigenvalues from {values[0]:.1e} to {values[-1]:.1e}; expected an invertible H"
        )
    h, u = np.linalg.eigh(grams)
    roots = np.einsum("kij,kj,klj->kil", u, np.sqrt(np.maximum(h, 0.0)), u)  # H_k^½
    joined = np.einsum("k,kij->kij", c, roots).reshape(m * n, n)  # B
    complement = np.linalg.qr(joined, mode="complete")[0][:, n:].reshape(m, n, -1)
    slow = np.einsum("kip,kij,kjq->pq", complement, grams, complement)
    moved = np.einsum("k,kij->ij", c**2, grams @ grams)  # Σ_k c_k² H_k²
    return np.linalg.eigvalsh(slow), np.einsum("ji,jk,ki->i", vectors, moved, vectors) / values
