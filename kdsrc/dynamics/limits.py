"""Theorem 1 in general: where the kernel regime ends for any data and activation, singular H_k included.

f(∞) = (M + λI)^{-1} (M y + λψ),  M = Σ_k c_k² Q_k,  ψ = Σ_k c_k (P_k f^(k)(0) + Q_k φ^(k)),
P_k the orthogonal projector on ker H_k and Q_k = I − P_k: a unit cannot move in the kernel of its own H_k, and the
number a of the printed limit (`kdsrc.theory.theorem1`) becomes the matrix M. Differences are formed before they are
divided by λ, never after: (y − f(∞))/λ = (M + λI)^{-1} (y − ψ).
"""

import numpy as np
from jaxtyping import Float
from scipy import linalg

from kdsrc import checks
from kdsrc.kernels import tangent_kernel
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.threads import one_pool
from kdsrc.typing import Features, Labels, Points

__all__ = ["general_limit", "limit_displacements", "mobility_and_aim", "range_basis", "relu_limit", "rows_independent"]

# n·ε of the largest eigenvalue counts as zero: what is zero stays below it with LAPACK's evd, not with evr
_EPS = np.finfo(float).eps


def rows_independent(x: Points) -> bool:
    """Whether the rows of x (n, d) are linearly independent, to the rounding of float64.

    Examples
    --------
    >>> rows_independent(x), rows_independent(x.T)
    (True, False)
    """
    x = checks.array("rows_independent", "x", x, ("n", "d"))
    return x.shape[0] <= x.shape[1] and int(np.linalg.matrix_rank(x)) == x.shape[0]


def range_basis(slopes: Float[np.ndarray, " n"], x: Points) -> Float[np.ndarray, "n r"]:
    """Orthonormal basis (n, r) of the range of H_k = diag(g) X Xᵀ diag(g), which is that of diag(g) X.

    A thin QR decomposition where diag(g) X has clearly full rank, else an SVD with the usual cut-off max(n, d)·ε
    relative to the largest singular value.

    Parameters
    ----------
    slopes : (n,) array
        g = σ′(Xw_k).
    x : (n, d) array

    Examples
    --------
    >>> range_basis(np.array([1.0, 0.0, 2.0]), np.eye(3)).shape
    (3, 2)
    """
    x = checks.array("range_basis", "x", x, ("n", "d"))
    slopes = checks.array("range_basis", "slopes", slopes, (len(x),))
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


def mobility_and_aim(
    network: TwoLayerNetwork, x: Points, knowledge: Features
) -> tuple[Float[np.ndarray, "n n"], Labels]:
    """M = Σ_k c_k² Q_k, (n, n) with 0 ≤ M ≤ aI, and ψ = Σ_k c_k (P_k f^(k)(0) + Q_k φ^(k)), (n,), of the heading.

    Neither depends on λ or y. ψ is where the student goes when only the knowledge counts (λ = ∞). Arguments, and what
    is refused, as in `general_limit`.

    Examples
    --------
    >>> mobility, aim = mobility_and_aim(network, x, knowledge)
    >>> bool(np.allclose(mobility, np.eye(5))), bool(np.allclose(aim, knowledge @ network.coefficients))
    (True, True)
    """
    x = checks.array("mobility_and_aim", "x", x, ("n", network.dim))
    knowledge = checks.array("mobility_and_aim", "knowledge", knowledge, (len(x), network.width))
    mobility, aim = _mobility_and_aim(network, x, knowledge)
    return np.diag(mobility) if mobility.ndim == 1 else mobility, aim


def general_limit(
    network: TwoLayerNetwork, x: Points, y: Labels, penalty: float = 0.0, knowledge: Features | None = None
) -> Labels:
    """f(∞) of the kernel regime for any data, any activation and any λ in [0, ∞], singular H_k included.

    Parameters
    ----------
    network : TwoLayerNetwork
        m units, frozen at this point.
    x, y : (n, d), (n,) arrays
    penalty : float
        λ.
    knowledge : (n, m) array, optional
        Φ; not needed at λ = 0.

    Returns
    -------
    (n,) array
        (M + λI)^{-1} (M y + λψ) for 0 < λ < ∞; ψ at λ = ∞ (pure distillation); y − P (y − f(0)) with P the projector
        on ker H at λ = 0, which is also where λ → 0 leads.

    Raises
    ------
    ValueError
        What `kdsrc.problem.Problem` refuses.

    Notes
    -----
    Four n × n arrays at the most. Independent rows of X make every P_k diagonal, and the cost n·m. Else eigenvalues of
    M below n·ε of the largest count as zero.

    Examples
    --------
    >>> limit = general_limit(network, x, y, 1.0, knowledge)  # every H_k is invertible, and a = 1
    >>> bool(np.allclose(limit, (y + knowledge @ network.coefficients) / 2))
    True
    """
    problem = Problem(network, x, y, penalty, knowledge, "general_limit")
    if problem.penalty == 0:
        return _plain_limit(network, problem.x, problem.y)
    mobility, aim = _mobility_and_aim(network, problem.x, problem.knowledge, problem.weights[0])
    if mobility is None:
        return aim
    # Both terms are weighted in the eigenvectors of M: no difference of nearly equal numbers for any λ.
    values, frame = _modes(mobility)
    total = values + problem.penalty
    return _from(frame, (values / total) * _into(frame, problem.y) + (problem.penalty / total) * _into(frame, aim))


def relu_limit(network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, knowledge: Features) -> Labels:
    """ReLU with independent rows: f_i(∞) = (a_i y_i + λ φ̄_i)/(a_i + λ), 0 < λ < ∞; returns (n,).

    a_i = Σ c_k² and φ̄_i = Σ c_k φ_i^(k) run over the units that are active on sample i. Theorem 1 with
    the total weight a replaced by the weight that can act on the sample (about a/2).

    Raises
    ------
    ValueError
        For another activation, rows of x that are not independent, λ = 0 or λ = ∞: use `general_limit` there.

    Examples
    --------
    >>> relu = init_network(4, 6, seed=0)
    >>> limit = relu_limit(relu, x, y, 0.5, relu.features(x))
    >>> bool(np.allclose(limit, general_limit(relu, x, y, 0.5, relu.features(x))))
    True
    """
    checks.penalty("relu_limit", penalty, zero=False, infinite=False, why=": use general_limit")
    problem = Problem(network, x, y, penalty, knowledge, "relu_limit")
    if network.activation != "relu" or not rows_independent(problem.x):
        raise ValueError(
            f"relu_limit: activation {network.activation!r}, x {problem.x.shape}; expected 'relu' and "
            "linearly independent rows (n ≤ d): use general_limit"
        )
    active, c = network.slopes(problem.x), network.coefficients
    weight = active @ c**2  # a_i
    total = weight + problem.penalty
    return (weight / total) * problem.y + (problem.penalty / total) * ((active * problem.knowledge) @ c)


def limit_displacements(
    network: TwoLayerNetwork, x: Points, y: Labels, penalty: float = 0.0, knowledge: Features | None = None
) -> Float[np.ndarray, "m d"]:
    """Δw(∞), (m, d), the displacements of the hidden weights that the flow ends with; arguments as `general_limit`.

    They are least-norm: Δw_k = c_k J_kᵀ H⁺ (y − f(0)) at λ = 0, else Δw_k = J_k⁺ [φ^(k) − f^(k)(0) +
    c_k (M + λI)^{-1} (y − ψ)] without the last term at λ = ∞; J_k = diag(σ′(Xw_k)) X and ⁺ is the pseudo-inverse.

    Examples
    --------
    >>> moves = limit_displacements(network, x, y)
    >>> moves.shape
    (4, 6)
    """
    problem = Problem(network, x, y, penalty, knowledge, "limit_displacements")
    x, y, c, slopes = problem.x, problem.y, network.coefficients, network.slopes(problem.x)
    if problem.penalty == 0:
        kernel = tangent_kernel(network, x)
        values, vectors = linalg.eigh(kernel, driver="evd")
        kept = values > len(y) * _EPS * max(values[-1], 0.0)
        dual = vectors[:, kept] @ ((vectors[:, kept].T @ (y - network.output(x))) / values[kept])  # H⁺ (y − f(0))
        return (slopes * np.outer(dual, c)).T @ x
    target = problem.knowledge - network.features(x)  # (n, m)
    mobility, aim = _mobility_and_aim(network, x, problem.knowledge, problem.weights[0])
    if mobility is not None:
        # Where M is zero (y − ψ)/λ grows like 1/λ and no unit can follow it: left out, not cancelled by J_k⁺.
        values, frame = _modes(mobility)
        dual = np.where(values > 0, _into(frame, y - aim) / (values + problem.penalty), 0.0)
        target += np.outer(_from(frame, dual), c)
    return np.stack(
        [linalg.lstsq(slopes[:, [k]] * x, target[:, k], cond=max(x.shape) * _EPS)[0] for k in range(network.width)]
    )


def _mobility_and_aim(network, x, knowledge, labels=1.0):
    """M and ψ; M (n, n), or its diagonal (n,) where the rows of x are independent, or None where labels weigh 0."""
    c, slopes, own = network.coefficients, network.slopes(x), network.features(x)
    if rows_independent(x):
        moved = slopes != 0  # Q_k, diagonal
        return moved @ c**2 if labels else None, np.where(moved, knowledge, own) @ c
    mobility, aim = np.zeros((len(x), len(x))) if labels else None, own @ c
    with one_pool(2 * len(x) ** 2 * x.shape[1]):  # SciPy's QR and NumPy's products by turns
        for k in range(network.width):
            basis = range_basis(slopes[:, k], x)
            aim += c[k] * (basis @ (basis.T @ (knowledge[:, k] - own[:, k])))
            if labels:
                mobility += c[k] ** 2 * (basis @ basis.T)
    return mobility, aim


def _modes(mobility):
    """Eigenvalues (n,) of M, and its eigenvectors (n, n) or None for the unit vectors; a matrix M is overwritten."""
    if mobility.ndim == 1:
        return mobility, None
    values, vectors = linalg.eigh(mobility, overwrite_a=True, driver="evd")
    return np.where(values > len(values) * _EPS * values[-1], values, 0.0), vectors


def _into(frame, vector):
    return vector if frame is None else frame.T @ vector


def _from(frame, vector):
    return vector if frame is None else frame @ vector


def _plain_limit(network, x, y):
    kernel = tangent_kernel(network, x)  # H, (n, n)
    start = network.output(x) - y
    norm = np.abs(kernel).sum(axis=0).max()
    factor, info = linalg.lapack.dpotrf(kernel, lower=1)
    if info == 0 and linalg.lapack.dpocon(factor, norm, uplo="L")[0] > len(y) * _EPS:
        return y.copy()  # H is invertible: nothing is held back
    values, vectors = linalg.eigh(kernel, driver="evd")
    null = vectors[:, values <= len(y) * _EPS * max(values[-1], 0.0)]
    return y + null @ (null.T @ start)
