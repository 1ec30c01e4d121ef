"""Gaussian kernels exp(−γ ‖x − x'‖²) and their bandwidths: the base kernels of section 4.3."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.typing import Points

__all__ = ["as_gammas", "default_gammas", "expanded_distances", "gaussian_kernels", "squared_distances"]


def gaussian_kernels(
    x1: Float[np.ndarray, "n1 d"], x2: Float[np.ndarray, "n2 d"], gammas: Float[np.ndarray, " P"]
) -> Float[np.ndarray, "P n1 n2"]:
    """Gaussian kernels K_p(x, x') = exp(−γ_p ‖x − x'‖²), one a bandwidth.

    Parameters
    ----------
    x1, x2 : (n1, d) and (n2, d) arrays
    gammas : (P,) array, each finite and at least 0, in units of 1 / squared distance

    Returns
    -------
    (P, n1, n2) array, values in [0, 1]

    Raises
    ------
    ValueError
        Samples that are not two tables of the same width, or a bandwidth below 0.

    Examples
    --------
    >>> float(gaussian_kernels(x, x, np.array([0.0])).min())
    1.0
    """
    gammas = as_gammas(gammas, "gaussian_kernels")  # (P,)
    distances = squared_distances(x1, x2)  # (n1, n2)
    return np.exp(-gammas[:, None, None] * distances)  # (P, n1, n2)


def squared_distances(x1: Float[np.ndarray, "n1 d"], x2: Float[np.ndarray, "n2 d"]) -> Float[np.ndarray, "n1 n2"]:
    """‖x − x'‖² of all pairs, (n1, n2): never negative, and exactly 0 on the diagonal if x1 is x2.

    Each is right to about 1e-12 of itself, also among the rest of the samples when a few lie far away.

    Raises
    ------
    ValueError
        Samples that are not two finite tables of the same width, or numbers whose squares overflow.

    Examples
    --------
    >>> squared_distances(x, x)[0].tolist()
    [0.0, 2.0, 2.0, 2.0, 2.0]
    """
    same = x1 is x2
    x1 = checks.array("squared_distances", "x1", x1, ("n1", "d"))
    hint = ": one sample a row, with as many columns as x1"
    x2 = x1 if same else checks.array("squared_distances", "x2", x2, ("n2", x1.shape[1]), hint=hint)
    # ‖x‖² + ‖x'‖² - 2x·x' cancels badly far from the origin; distances do not mind a shift.
    shift = np.median(x2, axis=0)  # (d,): not moved by outliers, as a mean would be
    with np.errstate(over="ignore", invalid="ignore"):
        distances = expanded_distances(x1, x2, shift)
    if not np.isfinite(distances).all():
        raise ValueError(
            "squared_distances: x1 or x2 too large, their squared distances overflow; expected entries "
            "below 1e150: scale the samples"
        )
    return distances


def expanded_distances(
    x1: Float[np.ndarray, "n1 d"], x2: Float[np.ndarray, "n2 d"], shift: Float[np.ndarray, " d"]
) -> Float[np.ndarray, "n1 n2"]:
    """Squared distances (n1, n2) by the expanded square about a point (d,) near most of the samples, not checked.

    Where the expanded square has cancelled three digits or more, the difference is formed and squared.
    """
    first = x1 - shift
    second = first if x1 is x2 else x2 - shift
    sums = np.einsum("ij,ij->i", first, first)[:, None] + np.einsum("ij,ij->i", second, second)  # (n1, n2)
    distances = first @ second.T
    distances *= -2.0
    distances += sums
    sums *= 1e-3
    close = distances < sums
    if x1 is x2:
        np.fill_diagonal(close, False)
        np.fill_diagonal(distances, 0.0)
    rows, columns = np.nonzero(close)
    step = max(1, 1_000_000 // x1.shape[1])
    for start in range(0, len(rows), step):
        i, j = rows[start : start + step], columns[start : start + step]
        gap = x1[i] - x2[j]
        distances[i, j] = np.einsum("ij,ij->i", gap, gap)
    return distances


def default_gammas(
    x: Points, *, exponents: Iterable[float] = range(-3, 4), max_samples: int = 2000
) -> Float[np.ndarray, " P"]:
    """Bandwidths γ_p = 2^p / median ‖x − x'‖², by default the seven with p = −3 … 3.

    The median runs over pairs of distinct rows; above ``max_samples`` rows only that many evenly spaced
    ones are used, so that the result is a function of x alone.

    Parameters
    ----------
    x : (n, d) array, n at least 2
    exponents : the powers of two

    Returns
    -------
    (P,) array

    Raises
    ------
    ValueError
        When half of the pairs or more coincide: there is then no scale to take. For x that is not a finite table.

    Examples
    --------
    >>> default_gammas(x, exponents=[0, 1]).round(6).tolist()
    [0.5, 1.0]
    """
    x = checks.array("default_gammas", "x", x, ("n", "d"))
    if max_samples < 2:
        raise ValueError(f"default_gammas: got max_samples={max_samples}; expected at least 2.")
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), max_samples)).round().astype(int))
    sample = x[chosen]
    pairs = squared_distances(sample, sample)[np.triu_indices(len(sample), k=1)]
    median = np.median(pairs) if pairs.size else 0.0
    if not median > 0.0:
        raise ValueError(
            f"default_gammas: got a median squared distance of {median} over {pairs.size} pairs; expected "
            "a positive one. Remove duplicated samples or pass gammas yourself."
        )
    return 2.0 ** checks.array("default_gammas", "exponents", list(exponents), ("P",)) / median


def as_gammas(gammas: object, caller: str) -> Float[np.ndarray, " P"]:
    """Bandwidths as a float64 array (P,), checked in the name of the function that was given them."""
    gammas = checks.floats(caller, "gammas", gammas)
    if gammas.ndim != 1 or not gammas.size or not np.isfinite(gammas).all() or (gammas < 0.0).any():
        raise ValueError(f"{caller}: got gammas={gammas}; expected a list of finite numbers ≥ 0, one a kernel")
    return gammas
