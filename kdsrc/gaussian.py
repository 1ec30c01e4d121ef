"""Gaussian kernels ``exp(-γ ‖x - x'‖²)`` and their bandwidths: the base kernels of section 4.3."""

import numpy as np

__all__ = ["as_gammas", "default_gammas", "expanded_distances", "gaussian_kernels", "squared_distances"]


def gaussian_kernels(x1, x2, gammas):
    """Gaussian kernels ``K_p(x, x') = exp(-γ_p ‖x - x'‖²)``, one a bandwidth.

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
    """
    gammas = as_gammas(gammas, "gaussian_kernels")  # (P,)
    distances = squared_distances(x1, x2)  # (n1, n2)
    return np.exp(-gammas[:, None, None] * distances)  # (P, n1, n2)


def squared_distances(x1, x2):
    """``‖x - x'‖²`` of all pairs, (n1, n2): never negative, and exactly 0 on the diagonal if x1 is x2."""
    same = x1 is x2
    x1, x2 = np.asarray(x1, dtype=np.float64), np.asarray(x2, dtype=np.float64)
    if x1.ndim != 2 or x2.ndim != 2 or x1.shape[1] != x2.shape[1]:
        raise ValueError(
            f"squared_distances: got samples of shape {x1.shape} and {x2.shape}; expected (n1, d) and "
            "(n2, d). Give one sample a row, both with the same number of columns."
        )
    # ‖x‖² + ‖x'‖² - 2x·x' cancels badly far from the origin; distances do not mind a shift.
    shift = x2.mean(axis=0)  # (d,)
    first = x1 - shift
    return expanded_distances(first, first if same else x2 - shift)


def expanded_distances(x1, x2):
    """The same for samples already near the origin, (n1, n2)."""
    distances = -2.0 * (x1 @ x2.T)  # (n1, n2)
    distances += np.einsum("ij,ij->i", x1, x1)[:, None]
    distances += np.einsum("ij,ij->i", x2, x2)
    np.maximum(distances, 0.0, out=distances)
    if x1 is x2:
        np.fill_diagonal(distances, 0.0)
    return distances


def default_gammas(x, *, exponents=range(-3, 4), max_samples=2000):
    """Bandwidths ``γ_p = 2^p / median ‖x - x'‖²``, by default the seven with p = -3 … 3.

    The median runs over pairs of distinct rows; above ``max_samples`` rows only that many evenly spaced
    ones are used, so that the result is a function of ``x`` alone.

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
        When half of the pairs or more coincide: there is then no scale to take.
    """
    x = np.asarray(x, dtype=np.float64)  # (n, d)
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), max_samples)).round().astype(int))
    sample = x[chosen]
    pairs = squared_distances(sample, sample)[np.triu_indices(len(sample), k=1)]
    median = np.median(pairs) if pairs.size else 0.0
    if not median > 0.0:
        raise ValueError(
            f"default_gammas: got a median squared distance of {median} over {pairs.size} pairs; expected "
            "a positive one. Remove duplicated samples or pass gammas yourself."
        )
    return 2.0 ** np.array(list(exponents), dtype=np.float64) / median


def as_gammas(gammas, caller):
    """Bandwidths as a float64 array (P,), checked in the name of the function that was given them."""
    gammas = np.asarray(gammas, dtype=np.float64)
    if gammas.ndim != 1 or not gammas.size or not np.isfinite(gammas).all() or (gammas < 0.0).any():
        raise ValueError(
            f"{caller}: got gammas={gammas}; expected a list of finite numbers of at least 0, one a kernel."
        )
    return gammas
