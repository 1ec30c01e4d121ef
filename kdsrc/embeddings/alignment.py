"""Centred alignment of kernels with the labels: the quadratic programme of Eq. (17) and its scaling (18).

*alignf* (Cortes, Mohri and Rostamizadeh, JMLR 13, 2012) seeks the non-negative combination Σ_k μ_k K_k
of given kernels whose centred version points most nearly in the direction of y yᵀ.
"""

import warnings

import numpy as np
from jaxtyping import Float
from scipy.linalg import eigh
from scipy.optimize import nnls

from kdsrc import checks
from kdsrc.typing import Targets

__all__ = ["alignf", "alignment_terms", "center_kernel", "centered_targets", "solve_alignf"]


def center_kernel(kernel: Float[np.ndarray, "... n n"]) -> Float[np.ndarray, "... n n"]:
    """Centred kernel K^c = C K C with C = I − e eᵀ/n, e the vector of ones: the Gram matrix of centred features.

    Parameters
    ----------
    kernel : (..., n, n) array, symmetric or not

    Returns
    -------
    (..., n, n) array
        Every row and every column sums to 0.

    Examples
    --------
    >>> center_kernel(np.array([[2.0, 0.0], [0.0, 2.0]])).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    kernel = checks.array("center_kernel", "kernel", kernel, (..., "n", "n"))
    rows = kernel.mean(axis=-1, keepdims=True)
    columns = kernel.mean(axis=-2, keepdims=True)
    return kernel - rows - columns + rows.mean(axis=-2, keepdims=True)


def centered_targets(y: Targets, n: int) -> Float[np.ndarray, "n q"]:
    """Targets less their mean, as columns (n, q): ⟨K^c, y yᵀ⟩ = ⟨K, y_c y_cᵀ⟩, C being a projection.

    A constant column becomes exactly 0, not the rounding error of its mean.
    """
    y = checks.floats("centered_targets", "y", y)
    if y.ndim not in (1, 2) or len(y) != n or not y.size or not np.isfinite(y).all():
        raise ValueError(
            f"centered_targets: got y of shape {y.shape} for {n} samples; expected ({n},) or ({n}, q), all "
            "finite. Give one target (or one row of targets) a sample."
        )
    columns = y.reshape(n, -1)  # (n, q)
    return np.where(np.ptp(columns, axis=0) > 0.0, columns - columns.mean(axis=0), 0.0)


def alignment_terms(
    kernels: Float[np.ndarray, "P n n"], y: Targets
) -> tuple[Float[np.ndarray, "P P"], Float[np.ndarray, " P"]]:
    """The data of Eq. (17): M_kl = ⟨K_k^c, K_l^c⟩_F and a_k = ⟨K_k^c, y yᵀ⟩_F.

    Parameters
    ----------
    kernels : (P, n, n) array
    y : (n,) array, or (n, q) for q targets at once (the target kernel is then Y Yᵀ)

    Returns
    -------
    gram : M, (P, P) array
    aligned : a, (P,) array; both are exactly 0 for a constant kernel

    Raises
    ------
    ValueError
        Kernels not of shape (P, n, n), or targets that do not fit them.

    Examples
    --------
    >>> gram, aligned = alignment_terms(np.stack([np.outer(y, y), np.eye(5)]), y)
    >>> gram.shape, aligned.round(2).tolist()
    ((2, 2), [23.04, 4.8])
    """
    hint = ": stack square kernels along the first axis, kernel[None] for a single one"
    kernels = checks.array("alignment_terms", "kernels", kernels, ("P", "n", "n"), hint=hint)
    targets = centered_targets(y, kernels.shape[1])  # (n, q)
    flat = center_kernel(kernels).reshape(len(kernels), -1)  # (P, n²)
    # Centring a constant kernel leaves its rounding error, which must not be taken for a kernel.
    flat[np.linalg.norm(flat, axis=1) <= 1e-14 * np.linalg.norm(kernels, axis=(1, 2))] = 0.0
    return flat @ flat.T, flat @ (targets @ targets.T).ravel()


def solve_alignf(gram: Float[np.ndarray, "P P"], aligned: Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """Weights of Eq. (17)–(18): v* minimises vᵀMv − 2vᵀa over v ≥ 0, and μ* = v*/‖v*‖₂.

    With M = FᵀF and Fᵀb = a the objective is ‖Fv − b‖² up to a constant: a non-negative least
    squares problem, solved by ``scipy.optimize.nnls``. Such a b exists because a lies in the range of M
    (both are inner products with the same centred kernels). Kernels are first brought to unit norm, which
    changes the rounding and not the solution.

    If M is singular (linearly dependent kernels) the weights are not unique; the combined centred kernel
    is, and one of its representations is returned. If v* = 0, no kernel is aligned with the labels
    (constant labels, constant kernels) and Eq. (18) is 0/0: all combinations are then equally good, and
    the uniform weights 1/√P are returned with a ``RuntimeWarning``.

    Parameters
    ----------
    gram : M, (P, P) array, symmetric positive semi-definite
    aligned : a, (P,) array

    Returns
    -------
    (P,) array, non-negative, of unit 2-norm
    """
    aligned = checks.array("solve_alignf", "aligned", aligned, ("P",))
    gram = checks.array("solve_alignf", "gram", gram, (len(aligned), len(aligned)))
    count = len(aligned)
    norms = np.sqrt(np.clip(np.diag(gram), 0.0, None))  # ‖K_k^c‖_F
    scale = np.divide(1.0, norms, out=np.zeros(count), where=norms > 0.0)
    values, vectors = eigh(gram * np.outer(scale, scale))
    kept = values > count * np.finfo(float).eps * values[-1]
    if kept.any() and aligned.any():
        roots = np.sqrt(values[kept])  # (r,)
        factor = roots[:, None] * vectors[:, kept].T  # F, (r, P)
        right = (vectors[:, kept].T @ (scale * aligned)) / roots  # b, (r,)
        solution = scale * nnls(factor, right / np.linalg.norm(right))[0]  # the size of b drops out in (18)
        if solution.any():
            return solution / np.linalg.norm(solution)
    warnings.warn(
        "solve_alignf: no kernel is aligned with the labels, so Eq. (18) divides by zero; uniform weights "
        "are returned. Check that neither the labels nor the kernels are constant.",
        RuntimeWarning,
        stacklevel=2,
    )
    return np.full(count, 1.0 / np.sqrt(count))


def alignf(kernels: Float[np.ndarray, "P n n"], y: Targets) -> Float[np.ndarray, " P"]:
    """Non-negative kernel weights of largest centred alignment with the labels (Eq. 17–18).

    Parameters
    ----------
    kernels : (P, n, n) array
    y : (n,) array of ±1 or of real values, or (n, q)

    Returns
    -------
    (P,) array
        Non-negative, of unit 2-norm; `solve_alignf` says what happens in the degenerate cases.

    Raises
    ------
    ValueError
        See `alignment_terms`.

    Examples
    --------
    >>> alignf(np.stack([np.outer(y, y), np.eye(5)]), y).round(6).tolist()
    [1.0, 0.0]
    """
    return solve_alignf(*alignment_terms(kernels, y))
