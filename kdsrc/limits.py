"""Theorem 1: where the kernel regime ends, as printed (Eq. 5) and in general (singular H_k included).

With φ̄ = Σ_k c_k φ^(k) and a = Σ_k c_k²,
Printed:  f_∞ = (a y + λ φ̄)/(a + λ),  f_∞^(k) = φ^(k) + (c_k/λ)(y − f_∞),
General:  f(∞) = f_∞ + [λI + Σ_k c_k² Q_k]^{-1} λ Σ_k c_k P_k (f^(k)(0) − f_∞^(k)),
P_k the orthogonal projector on ker H_k and Q_k = I − P_k: a unit cannot move in the kernel of its own H_k.
"""

import numpy as np
from scipy import linalg

from kdsrc.kernels import tangent_kernel
from kdsrc.networks import TwoLayerNetwork

_EPS = np.finfo(float).eps


def printed_limit(network: TwoLayerNetwork, y, penalty: float, knowledge) -> np.ndarray:
    """f_∞ = (a y + λ φ̄)/(a + λ), Theorem 1 as printed (Eq. 5); y (n,), knowledge (n, m); returns (n,).

    λ = 0 gives y and λ = ∞ gives φ̄ (also without knowledge and without labels respectively).
    """
    y, c = np.asarray(y, dtype=float), network.coefficients
    if penalty == 0:
        return y.copy()
    own = np.asarray(knowledge, dtype=float) @ c  # φ̄
    share = 0.0 if np.isinf(penalty) else (c @ c) / (c @ c + penalty)
    return share * y + (1.0 - share) * own


def final_error(network: TwoLayerNetwork, y, penalty: float, knowledge) -> float:
    """e(λ) = ‖f_∞ − y‖ = λ/(a+λ) ‖φ̄ − y‖ of §2.7, non-decreasing in λ; ‖φ̄ − y‖ at λ = ∞."""
    return float(np.linalg.norm(printed_limit(network, y, penalty, knowledge) - np.asarray(y, dtype=float)))


def printed_final_error(network: TwoLayerNetwork, y, penalty: float, knowledge) -> float:
    """e as printed in §2.7, λ/(a+λ) ‖Σ_k a_k φ_k/m − y‖: divided by m where √m is meant."""
    c = network.coefficients
    miss = np.asarray(knowledge, dtype=float) @ c / np.sqrt(network.width) - np.asarray(y, dtype=float)
    share = 1.0 if np.isinf(penalty) else penalty / (c @ c + penalty)
    return float(share * np.linalg.norm(miss))


def printed_unit_limits(network: TwoLayerNetwork, y, penalty: float, knowledge) -> np.ndarray:
    """f_∞^(k) = φ^(k) + (c_k/λ)(y − f_∞) of Theorem 3, for 0 < λ < ∞; returns (n, m)."""
    if not 0 < penalty < np.inf:
        raise ValueError(f"printed_unit_limits: penalty={penalty}; expected 0 < λ < ∞: the units' limits are "
                         "not determined by λ = 0, and they are Φ itself at λ = ∞")
    y = np.asarray(y, dtype=float)
    gap = (y - printed_limit(network, y, penalty, knowledge)) / penalty  # (n,), (y − φ̄)/(a + λ)
    return np.asarray(knowledge, dtype=float) + np.outer(gap, network.coefficients)


def rows_independent(x) -> bool:
    """Whether the rows of x (n, d) are linearly independent, to the rounding of float64."""
    x = np.asarray(x, dtype=float)
    return x.shape[0] <= x.shape[1] and int(np.linalg.matrix_rank(x)) == x.shape[0]


def range_basis(slopes, x) -> np.ndarray:
    """Orthonormal basis (n, r) of the range of H_k = diag(g) X Xᵀ diag(g), which is that of diag(g) X.

    slopes : g = σ'(Xw_k), (n,); x : (n, d). Thin QR when diag(g) X has clearly full rank, else an SVD with
    the usual cut-off max(n, d)·ε relative to the largest singular value.
    """
    active = np.flatnonzero(slopes)
    block = slopes[active, None] * x[active]  # (n_active, d)
    basis = np.zeros((len(slopes), min(block.shape)))
    if len(active) == 0:
        return basis
    tall = block.shape[0] >= block.shape[1]
    q, r = linalg.qr(block if tall else block.T, mode="economic", check_finite=False)
    if linalg.lapack.dtrcon(r)[0] > 1e-10:  # reciprocal condition: no rank decision to be made
        basis[active] = q if tall else np.eye(len(active))
        return basis
    u, s, _ = np.linalg.svd(block, full_matrices=False)
    kept = s > max(block.shape) * _EPS * s[0]
    reduced = np.zeros((len(slopes), int(kept.sum())))
    reduced[active] = u[:, kept]
    return reduced


def general_limit(network: TwoLayerNetwork, x, y, penalty: float = 0.0, knowledge=None) -> np.ndarray:
    """f(∞) of the kernel regime for any data, any activation and any λ in [0, ∞], singular H_k included.

    Parameters
    ----------
    network : TwoLayerNetwork
        m units, frozen at this point.
    x : (n, d), y : (n,), penalty : λ, knowledge : Φ (n, m), not needed at λ = 0

    Returns
    -------
    (n,) array
        The heading's formula for 0 < λ < ∞; y − P (y − f(0)) with P the projector on ker H at λ = 0;
        f(0) + Σ_k c_k Q_k (φ^(k) − f^(k)(0)) at λ = ∞ (pure distillation).

    Notes
    -----
    One n × n array at the most. Independent rows of X make every P_k diagonal, and the cost n·m.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if penalty == 0:
        return _plain_limit(network, x, y)
    c, slopes, features = network.coefficients, network.slopes(x), network.features(x)
    knowledge = np.asarray(knowledge, dtype=float)
    pure = np.isinf(penalty)
    # What the units would still do were they free: towards Φ at λ = ∞, towards f_∞^(k) else.
    target = knowledge if pure else printed_unit_limits(network, y, penalty, knowledge)
    start = features - target  # δ^(k)(0), (n, m)
    if rows_independent(x):
        moved = slopes != 0  # Q_k, diagonal
        held = np.where(moved, 0.0, start) @ c  # Σ_k c_k P_k δ^(k)(0)
        mobility = moved @ c**2  # Σ_k c_k² Q_k
        correction = held if pure else penalty * held / (penalty + mobility)
        return target @ c + correction
    held, mobility = np.zeros(len(y)), None if pure else np.zeros((len(y), len(y)))
    for k in range(network.width):
        basis = range_basis(slopes[:, k], x)
        held += c[k] * (start[:, k] - basis @ (basis.T @ start[:, k]))
        if not pure:
            mobility += c[k] ** 2 * (basis @ basis.T)
    if pure:
        return target @ c + held
    mobility[np.diag_indices_from(mobility)] += penalty
    return target @ c + penalty * linalg.solve(mobility, held, assume_a="pos", overwrite_a=True)


def relu_limit(network: TwoLayerNetwork, x, y, penalty: float, knowledge) -> np.ndarray:
    """ReLU with independent rows: f_i(∞) = (a_i y_i + λ φ̄_i)/(a_i + λ), 0 < λ < ∞; returns (n,).

    a_i = Σ c_k² and φ̄_i = Σ c_k φ_i^(k) run over the units that are active on sample i. Theorem 1 with
    the total weight a replaced by the weight that can act on the sample (about a/2).

    Raises
    ------
    ValueError
        For another activation, or rows of x that are not independent: use `general_limit` there.
    """
    if network.activation != "relu" or not rows_independent(x):
        raise ValueError(f"relu_limit: activation {network.activation!r}, x {np.shape(x)}; expected 'relu' and "
                         "linearly independent rows (n ≤ d): use general_limit")
    active, c = network.slopes(x), network.coefficients
    weight = active @ c**2  # a_i
    own = (active * np.asarray(knowledge, dtype=float)) @ c
    return (weight * np.asarray(y, dtype=float) + penalty * own) / (weight + penalty)


def limit_displacements(network: TwoLayerNetwork, x, y, penalty: float = 0.0, knowledge=None) -> np.ndarray:
    """Δw(∞), (m, d), the displacements of the hidden weights that the flow ends with; arguments as `general_limit`.

    They are least-norm: Δw_k = c_k J_kᵀ H⁺ (y − f(0)) at λ = 0, else Δw_k = J_k⁺ [φ^(k) − f^(k)(0) +
    (c_k/λ)(y − f(∞))] without the last term at λ = ∞; J_k = diag(σ'(Xw_k)) X and ⁺ is the pseudo-inverse.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    c, slopes = network.coefficients, network.slopes(x)
    if penalty == 0:
        kernel = tangent_kernel(network, x)
        values, vectors = linalg.eigh(kernel)
        kept = values > len(y) * _EPS * max(values[-1], 0.0)
        pull = vectors[:, kept] @ ((vectors[:, kept].T @ (y - network.output(x))) / values[kept])  # H⁺ (y − f(0))
        return (slopes * np.outer(pull, c)).T @ x
    target = np.asarray(knowledge, dtype=float) - network.features(x)  # (n, m)
    if np.isfinite(penalty):
        target += np.outer((y - general_limit(network, x, y, penalty, knowledge)) / penalty, c)
    return np.stack([linalg.lstsq(slopes[:, [k]] * x, target[:, k], cond=max(x.shape) * _EPS)[0]
                     for k in range(network.width)])


def _plain_limit(network, x, y):
    kernel = tangent_kernel(network, x)  # H, (n, n)
    start = network.output(x) - y
    norm = np.abs(kernel).sum(axis=0).max()
    factor, info = linalg.lapack.dpotrf(kernel, lower=1)
    if info == 0 and linalg.lapack.dpocon(factor, norm, uplo="L")[0] > len(y) * _EPS:
        return y.copy()  # H is invertible: nothing is held back
    values, vectors = linalg.eigh(kernel)
    null = vectors[:, values <= len(y) * _EPS * max(values[-1], 0.0)]
    return y + null @ (null.T @ start)
