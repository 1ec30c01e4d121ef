"""alignf on Gaussian kernels at scale, and Nyström features of the learned kernel (section 4.3).

The networks are fed with features of a kernel K = Σ_p μ_p K_p: seven Gaussian kernels (module
``gaussian``) are weighted by alignf (Eq. 17–18, module ``alignment``), and their combination becomes a
finite embedding by the Nyström method (Williams and Seeger, NIPS 2000).
"""

import warnings
from numbers import Integral
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from kdsrc import checks
from kdsrc.embeddings.alignment import centered_targets, solve_alignf
from kdsrc.embeddings.gaussian import as_gammas, default_gammas, expanded_distances, squared_distances
from kdsrc.threads import one_pool
from kdsrc.typing import Points, Targets

__all__ = ["AlignedNystroem", "alignf_gaussian", "gaussian_alignment_terms"]


def gaussian_alignment_terms(
    x: Points, y: Targets, gammas: Float[np.ndarray, " P"], *, block: int = 512
) -> tuple[Float[np.ndarray, "P P"], Float[np.ndarray, " P"]]:
    """``alignment_terms(gaussian_kernels(x, x, gammas), y)``, holding one tile of each kernel at a time.

    Each pair of samples is visited once. Centring is done at the end, by
    ⟨K_k^c, K_l^c⟩ = ⟨K_k, K_l⟩ − (2/n) r_k·r_l + s_k s_l / n² with r_k the row sums and s_k the
    total of K_k. A constant may be taken from a kernel beforehand, and 1 is: E = K − 1 keeps the digits
    of a wide kernel, whose entries are nearly equal. Where one bandwidth is twice the one before,
    E_{2γ} = E_γ (2 + E_γ) spares the exponential; it does not amplify a relative error of E in [−1, 0].

    Parameters
    ----------
    x : (n, d) array
    y : (n,) array or (n, q)
    gammas : (P,) array
    block : rows of a tile; the memory is about 8 (P + 4) block² bytes

    Returns
    -------
    gram : M, (P, P) array
    aligned : a, (P,) array

    Raises
    ------
    ValueError
        Bad bandwidths, targets that do not fit the samples, or a block below 1.
    """
    gammas = as_gammas(gammas, "gaussian_alignment_terms")
    x = checks.array("gaussian_alignment_terms", "x", x, ("n", "d"))
    if not isinstance(block, Integral) or block < 1:
        raise ValueError(f"gaussian_alignment_terms: got block={block!r}; expected a whole number from 1.")
    n, count = len(x), len(gammas)
    targets = centered_targets(y, n)  # (n, q)
    shift = np.median(x, axis=0)  # as squared_distances does
    if np.abs(x).max() > 1e150:
        raise ValueError(
            "gaussian_alignment_terms: x too large, its squared distances overflow; expected entries "
            "below 1e150: scale the samples"
        )
    gram, aligned, rows = np.zeros((count, count)), np.zeros(count), np.zeros((count, n))
    with one_pool(2 * min(n, block) ** 2 * x.shape[1]):
        for start in range(0, n, block):
            upper, samples = slice(start, start + block), x[start : start + block]
            for other in range(start, n, block):
                lower, mirrored = slice(other, other + block), other > start
                tile = _shifted_kernels(expanded_distances(samples, x[lower] if mirrored else samples, shift), gammas)
                flat = tile.reshape(count, -1)  # (P, b1 b2)
                times = 1.0 + mirrored  # a tile off the diagonal stands for its mirror image too
                gram += times * (flat @ flat.T)
                aligned += times * (flat @ (targets[upper] @ targets[lower].T).ravel())
                rows[:, upper] += tile.sum(axis=2)
                if mirrored:
                    rows[:, lower] += tile.sum(axis=1)
    totals = rows.sum(axis=1)  # (P,)
    return gram - (2.0 / n) * (rows @ rows.T) + np.outer(totals, totals) / n**2, aligned


def _shifted_kernels(distances, gammas):
    """exp(−γ D) − 1 for each bandwidth, (P, b1, b2)."""
    tile = np.empty((len(gammas), *distances.shape))
    for p, gamma in enumerate(gammas):
        if p and gamma == 2.0 * gammas[p - 1]:
            np.multiply(tile[p - 1], 2.0 + tile[p - 1], out=tile[p])
        else:
            np.expm1(-gamma * distances, out=tile[p])
    return tile


def alignf_gaussian(
    x: Points, y: Targets, gammas: Float[np.ndarray, " P"], *, block: int = 512
) -> Float[np.ndarray, " P"]:
    """``alignf(gaussian_kernels(x, x, gammas), y)`` without ever holding a kernel; returns (P,).

    Examples
    --------
    >>> alignf_gaussian(x, y, np.array([1.0])).tolist()
    [1.0]
    """
    return solve_alignf(*gaussian_alignment_terms(x, y, gammas, block=block))


class AlignedNystroem(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Finite features of the alignf combination of Gaussian kernels (section 4.3), for scikit-learn.

    Fit finds the weights μ on all samples and draws m landmarks L without replacement. With
    k(x) = Σ_p μ_p exp(−γ_p ‖x − l‖²) for the l in L and K_{LL} = U S Uᵀ, transform gives
    φ(x) = U S^{−1/2} Uᵀ k(x), so that φ(x)·φ(x') = k(x)ᵀ K_{LL}⁺ k(x'): equal to K
    when every sample is a landmark. Eigenvalues of K_{LL} up to m ε S_max (ε the double precision) are
    rounding errors of duplicated or dependent landmarks; their directions are left out. Rows of the result
    are not of unit length: ‖φ(x)‖² ≤ Σ_p μ_p.

    Parameters
    ----------
    gammas : (P,) array or None for the seven of `default_gammas`
    n_components : number of landmarks m; at most the number of samples is used
    random_state : seed of the choice of landmarks
    weights : "alignf" (y is needed at fit), "uniform", or a (P,) array of non-negative weights
        All are brought to unit 2-norm, as in Eq. (18).

    Attributes
    ----------
    gammas_, weights_ : (P,) array
    component_indices_ : (m,) array, the rows taken as landmarks
    components_ : (m, d) array, the landmarks
    normalization_ : (m, m) array
        U S^{−1/2} Uᵀ.

    Notes
    -----
    Labels of two classes are coded ±1. With more classes the target kernel is that of the class indicators
    (for two classes it is the same up to scale); real-valued y stands for itself.

    Examples
    --------
    >>> embedding = AlignedNystroem(n_components=5, random_state=0).fit(x, y)
    >>> features = embedding.transform(x)
    >>> features.shape, bool(np.isclose(np.linalg.norm(embedding.weights_), 1.0))
    ((5, 5), True)
    """

    # scikit-learn wants anything to be kept here; `fit` looks at it
    def __init__(
        self, gammas: Any = None, n_components: Any = 100, random_state: Any = None, *, weights: Any = "alignf"
    ) -> None:
        self.gammas = gammas
        self.n_components = n_components
        self.random_state = random_state
        self.weights = weights

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> "AlignedNystroem":
        """Learn the weights, draw the landmarks; X (n, d), y (n,). Returns self."""
        if not isinstance(self.n_components, Integral) or self.n_components < 1:
            raise ValueError(
                f"AlignedNystroem: got n_components={self.n_components!r}; expected a whole number from 1."
            )
        learned = isinstance(self.weights, str) and self.weights == "alignf"
        if learned and y is None:
            raise ValueError(
                "AlignedNystroem requires y to be passed, but the target y is None: alignf compares kernels "
                "with labels. Give y to fit, or choose weights='uniform'."
            )
        checked = {"dtype": np.float64, "ensure_min_samples": 2}
        if learned:
            x, y = validate_data(self, X, y, multi_output=True, y_numeric=False, **checked)
        else:
            x = validate_data(self, X, **checked)
        given = default_gammas(x) if self.gammas is None else self.gammas
        self.gammas_ = as_gammas(given, "AlignedNystroem")
        self.weights_ = alignf_gaussian(x, _targets(y), self.gammas_) if learned else self._given_weights()
        size = min(int(self.n_components), len(x))
        if size < int(self.n_components):
            warnings.warn(
                f"AlignedNystroem: {self.n_components} landmarks asked of {size} samples; all are taken.", stacklevel=2
            )
        self.component_indices_ = check_random_state(self.random_state).permutation(len(x))[:size]
        self.components_ = x[self.component_indices_]  # (m, d)
        values, vectors = eigh(self._kernel(self.components_))
        kept = values > size * np.finfo(float).eps * values[-1]
        self.normalization_ = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
        self._n_features_out = size
        return self

    def transform(self, X: ArrayLike) -> Float[np.ndarray, "n m"]:
        """Features (n, m) of the samples X (n, d), seen at fit or not."""
        check_is_fitted(self)
        return self._kernel(validate_data(self, X, dtype=np.float64, reset=False)) @ self.normalization_

    def _kernel(self, x):
        """Combined kernel between x and the landmarks, (n, m), one bandwidth at a time."""
        distances = squared_distances(x, self.components_)
        return sum(
            weight * np.exp(-gamma * distances) for weight, gamma in zip(self.weights_, self.gammas_, strict=True)
        )

    def _given_weights(self):
        count = len(self.gammas_)
        uniform = isinstance(self.weights, str) and self.weights == "uniform"
        weights = np.ones(count) if uniform else np.asarray(self.weights)
        numeric = weights.dtype.kind in "iuf" and weights.shape == (count,)
        if not numeric or not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
            raise ValueError(
                f"AlignedNystroem: got weights={self.weights!r}; expected 'alignf', 'uniform' or {count} "
                "finite non-negative numbers, one a bandwidth, not all zero."
            )
        return weights / np.linalg.norm(weights)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = isinstance(self.weights, str) and self.weights == "alignf"
        return tags


def _targets(y):
    """Labels as numbers: ±1 for two classes, indicators (n, classes) for more, real values as they are."""
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind not in ("binary", "multiclass"):
        return y
    classes, codes = np.unique(y, return_inverse=True)
    return 2.0 * codes.ravel() - 1.0 if len(classes) == 2 else np.eye(len(classes))[codes.ravel()]
