"""Tangent kernels of §2.3 and §3: H_k of a unit, H of a network, H^∞ of infinitely many random units.

(H_k)_ij = σ′(w_k·x_i) σ′(w_k·x_j) x_i·x_j   (the paper prints x_i twice in the first slope),
H = Σ_k c_k² H_k with c_k = a_k/√m,   H^∞ = E_w[σ′(w·x_i) σ′(w·x_j)] x_i·x_j with w ~ N(0, std² I).
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.networks import TwoLayerNetwork
from kdsrc.typing import Points

__all__ = ["infinite_width_kernel", "tangent_kernel", "unit_grams"]

_PARALLEL = 1e-3  # sin²θ below which ‖x‖²‖x′‖² − (x·x′)² has lost digits that matter


def unit_grams(network: TwoLayerNetwork, x: Points) -> Float[np.ndarray, "m n n"]:
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

    Examples
    --------
    >>> grams = unit_grams(network, x)
    >>> grams.shape, bool(np.allclose(grams, np.swapaxes(grams, 1, 2)))
    ((4, 5, 5), True)
    """
    x = checks.array("unit_grams", "x", x, ("n", network.dim))
    slopes = network.slopes(x).T  # (m, n)
    return slopes[:, :, None] * slopes[:, None, :] * (x @ x.T)


def tangent_kernel(
    network: TwoLayerNetwork, x1: Float[np.ndarray, "n1 d"], x2: Float[np.ndarray, "n2 d"] | None = None
) -> Float[np.ndarray, "n1 n2"]:
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

    Examples
    --------
    >>> kernel = np.einsum("k,kij->ij", network.coefficients**2, unit_grams(network, x))
    >>> bool(np.allclose(tangent_kernel(network, x), kernel))
    True
    """
    x1 = checks.array("tangent_kernel", "x1", x1, ("n1", network.dim))
    slopes1 = network.slopes(x1)  # (n1, m)
    slopes2 = slopes1
    if x2 is None:
        x2 = x1
    else:
        x2 = checks.array("tangent_kernel", "x2", x2, ("n2", network.dim))
        slopes2 = network.slopes(x2)  # (n2, m)
    return ((slopes1 * network.coefficients**2) @ slopes2.T) * (x1 @ x2.T)


def infinite_width_kernel(
    x1: Float[np.ndarray, "n1 d"],
    x2: Float[np.ndarray, "n2 d"] | None = None,
    *,
    activation: str = "relu",
    std: float = 1e-2,
) -> Float[np.ndarray, "n1 n2"]:
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
        For an activation without a closed form here, points that do not fit or are not finite, std not positive, or
        numbers so large that the kernel overflows.

    Notes
    -----
    Every entry is right to about 1e-12 of the largest entry that its two points' norms allow, for nearly parallel
    points too, where 1 − cos²θ would cancel: there it is formed from the difference x′ − κx with κ = x·x′/‖x‖².

    Examples
    --------
    >>> infinite_width_kernel(np.array([[1.0, 0.0], [1.0, 1.0]])).round(3).tolist()
    [[0.5, 0.375], [0.375, 1.0]]
    """
    x1 = checks.array("infinite_width_kernel", "x1", x1, ("n1", "d"))
    shape, hint = ("n2", x1.shape[1]), f", as x1 {x1.shape} has (n1, d)"
    x2 = x1 if x2 is None else checks.array("infinite_width_kernel", "x2", x2, shape, hint=hint)
    if activation not in ("relu", "erf"):
        raise ValueError(
            f"infinite_width_kernel: activation {activation!r}; closed forms exist here for 'relu' and "
            "'erf': for another use tangent_kernel of a wide init_network"
        )
    checks.number("infinite_width_kernel", "std", std, above=0.0)
    scale1, scale2 = _scales(x1), _scales(x2)
    x1, x2 = x1 / scale1[:, None], x2 / scale2[:, None]
    inner = x1 @ x2.T  # (n1, n2)
    norms1, norms2 = (np.einsum("ij,ij->i", x, x) for x in (x1, x2))  # squared
    area = _areas(x1, x2, inner, norms1, norms2)
    with np.errstate(over="ignore", invalid="ignore"):
        if activation == "relu":
            factor = np.sqrt(area, out=area)
            np.arctan2(factor, -inner, out=factor)  # π − θ
            factor /= 2.0 * np.pi
        else:
            t1, t2 = 2.0 * (std * scale1) ** 2, 2.0 * (std * scale2) ** 2
            area *= np.outer(t1, t2)
            area += (1.0 + t1 * norms1)[:, None] + t2 * norms2
            factor = (4.0 / np.pi) / np.sqrt(np.where(np.isfinite(area), area, np.nan))
        inner *= factor
        inner *= scale1[:, None] * scale2
    if not np.isfinite(inner).all():
        raise ValueError(
            f"infinite_width_kernel: x1 or x2 too large for std={std:g}, the kernel overflows; expected "
            "std·‖x‖ below 1e75: scale the samples"
        )
    return inner


def _scales(x):
    """Powers of two of the size of each row, (n,), by which dividing is exact; 1 for a zero row."""
    return np.exp2(np.frexp(np.abs(x).max(axis=1))[1])


def _areas(x1, x2, inner, norms1, norms2):
    """‖x‖²‖x′‖² − (x·x′)² = ‖x‖²‖x′‖² sin²θ of all pairs, (n1, n2), to 1e-12 of itself."""
    product, area = np.outer(norms1, norms2), inner**2
    np.subtract(product, area, out=area)
    product *= _PARALLEL
    first, second = np.nonzero(area < product)
    del product
    step = max(1, 1_000_000 // x1.shape[1])
    for start in range(0, len(first), step):
        i, j = first[start : start + step], second[start : start + step]
        ratio = inner[i, j] / norms1[i]
        rest = _minus_multiple(x2[j], ratio[:, None], x1[i])  # x′ − κx, nearly perpendicular to x
        along = np.einsum("ij,ij->i", rest, x1[i])
        area[i, j] = norms1[i] * np.einsum("ij,ij->i", rest, rest) - along**2
    return np.maximum(area, 0.0, out=area)


def _minus_multiple(y, ratio, x):
    """y − ratio·x with one rounding of the difference: the product in two parts (Dekker 1971)."""
    product = ratio * x
    (r_high, r_low), (x_high, x_low) = _halves(ratio), _halves(x)
    lost = ((r_high * x_high - product) + r_high * x_low + r_low * x_high) + r_low * x_low
    return (y - product) - lost


def _halves(value):
    """Two parts of at most 26 bits with value as their sum (Veltkamp 1968)."""
    turned = 134217729.0 * value  # 2²⁷ + 1
    high = turned - (turned - value)
    return high, value - high
