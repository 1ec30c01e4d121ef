"""Tangent kernels of §2.3 and §3: H_k of a unit, H of a network, H^∞ of infinitely many random units.

(H_k)_ij = σ′(w_k·x_i) σ′(w_k·x_j) x_i·x_j   (the paper prints x_i twice in the first slope),
H = Σ_k c_k² H_k with c_k = a_k/√m,   H^∞ = E_w[σ′(w·x_i) σ′(w·x_j)] x_i·x_j with w ~ N(0, std² I).
"""

import numpy as np

from kdsrc.networks import TwoLayerNetwork


def unit_grams(network: TwoLayerNetwork, x) -> np.ndarray:
    """H_k of every unit, (H_k)_ij = σ′(w_k·x_i) σ′(w_k·x_j) x_i·x_j (§2.3).

    Parameters
    ----------
    network : TwoLayerNetwork
        m units.
    x : (n, d) array

    Returns
    -------
    (m, n, n) array
        Symmetric, positive semi-definite; m·n² numbers, so for small problems only.
    """
    slopes = network.slopes(x).T  # (m, n)
    x = np.asarray(x, dtype=float)
    return slopes[:, :, None] * slopes[:, None, :] * (x @ x.T)


def tangent_kernel(network: TwoLayerNetwork, x1, x2=None) -> np.ndarray:
    """H = Σ_k c_k² H_k, the kernel of Eq. (8), between two sets of points.

    Parameters
    ----------
    network : TwoLayerNetwork
    x1 : (n1, d) array
    x2 : (n2, d) array, optional
        x1 unless given.

    Returns
    -------
    (n1, n2) array
        Σ_k c_k² σ′(w_k·x1_i) σ′(w_k·x2_j) x1_i·x2_j; never more than n1·n2 numbers.
    """
    slopes1 = network.slopes(x1)  # (n1, m)
    slopes2 = slopes1 if x2 is None else network.slopes(x2)  # (n2, m)
    x1 = np.asarray(x1, dtype=float)
    x2 = x1 if x2 is None else np.asarray(x2, dtype=float)
    return ((slopes1 * network.coefficients**2) @ slopes2.T) * (x1 @ x2.T)


def infinite_width_kernel(x1, x2=None, *, activation: str = "relu", std: float = 1e-2) -> np.ndarray:
    """H^∞, the limit of `tangent_kernel` over `init_network` as the width grows (Σ c_k² = 1).

    Parameters
    ----------
    x1 : (n1, d) array
    x2 : (n2, d) array, optional
        x1 unless given.
    activation : {'relu', 'erf'}
    std : float
        Standard deviation of the random weights, as in `init_network`. ReLU's kernel does not depend on it.

    Returns
    -------
    (n1, n2) array
        ReLU (Cho & Saul 2009, arc-cosine kernel of order 0): x·x′ (π − θ)/(2π) with θ the angle between the two.
        erf (Williams 1997): x·x′ (4/π) / √((1 + 2s²‖x‖²)(1 + 2s²‖x′‖²) − 4s⁴(x·x′)²), s = std.

    Raises
    ------
    ValueError
        For an activation without a closed form here, columns that differ, or std not positive.
    """
    x1 = np.asarray(x1, dtype=float)
    x2 = x1 if x2 is None else np.asarray(x2, dtype=float)
    if x1.ndim != 2 or x2.ndim != 2 or x1.shape[1] != x2.shape[1]:
        raise ValueError(f"infinite_width_kernel: x1 {x1.shape}, x2 {x2.shape}; expected (n1, d) and (n2, d)")
    if activation not in ("relu", "erf"):
        raise ValueError(f"infinite_width_kernel: activation {activation!r}; closed forms exist here for 'relu' and "
                         "'erf': for another use tangent_kernel of a wide init_network")
    if not std > 0:
        raise ValueError(f"infinite_width_kernel: std={std}; expected a positive standard deviation")
    inner = x1 @ x2.T  # (n1, n2)
    if activation == "relu":
        cosine = np.clip(inner / _norms(x1)[:, None] / _norms(x2)[None, :], -1.0, 1.0)
        # arccos turns the last bits of 1 into an angle of 1e-8: equal points must have angle 0
        cosine[cosine > 1.0 - 8.0 * np.finfo(float).eps] = 1.0
        angle = np.arccos(cosine)
        return inner * (np.pi - angle) / (2.0 * np.pi)
    s1 = 1.0 + 2.0 * std**2 * _norms(x1)[:, None] ** 2
    s2 = 1.0 + 2.0 * std**2 * _norms(x2)[None, :] ** 2
    return inner * (4.0 / np.pi) / np.sqrt(s1 * s2 - 4.0 * std**4 * inner**2)


def _norms(x: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(x, axis=1)  # (n,)
    return np.where(norms > 0, norms, 1.0)  # a zero row has a zero kernel whatever its angle
