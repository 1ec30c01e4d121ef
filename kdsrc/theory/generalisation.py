"""What the student of the kernel regime predicts at points it was not trained on (§2.2–2.3), and how far it moves.

With J_k = diag(σ′(Xw_k)) X, H_k = J_k J_kᵀ, ⁺ the pseudo-inverse, Q_k = H_k H_k⁺ and P_k = I − Q_k, let
M = Σ_k c_k² Q_k,  ψ = Σ_k c_k (P_k f^(k)(0) + Q_k φ^(k)),  u(λ) = (M + λI)^{-1} (y − ψ). The flow of Eq. (9) ends with

Δw_k = J_k⁺ (φ^(k) − f^(k)(0) + c_k u),   f(x, ∞) = T(x) + B(x) u,
T(x) = f(x, 0) + Σ_k c_k K_k(x, X) H_k⁺ (φ^(k) − f^(k)(0)),   B(x) = Σ_k c_k² K_k(x, X) H_k⁺,
Σ_k ‖Δw_k‖² = α + 2 βᵀu + uᵀNu,   N = Σ_k c_k² H_k⁺,

K_k(x, x_i) = σ′(w_k·x) σ′(w_k·x_i) x·x_i. Invertible H_k: M = aI, ψ = φ̄ and u = (y − φ̄)/(a + λ).
Every function refuses, with a ValueError, shapes that do not fit, numbers that are not finite, λ < 0 and t < 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.dynamics.limits import mobility_and_aim
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.kernels import tangent_kernel
from kdsrc.networks import TwoLayerNetwork
from kdsrc.typing import Features, Labels, Points, TestLabels, TestPoints, Times

__all__ = ["LabelMap", "LimitMap", "PlainMap", "limit_map", "movement", "plain_map", "prediction_error"]

_EPS = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A prediction that is affine in the labels, f = base + R (w ∘ F^T (y − anchor)), w the filter of a setting.

    Attributes
    ----------
    base : (n_test,) array
        Prediction when y is the anchor.
    reach : (n_test, r) array
        R, one column a mode.
    values : (r,) array
        Eigenvalues of the modes, ascending; those below rounding are 0 exactly.
    frame : (n, r) array
        F, orthonormal columns: the modes on the training points.
    anchor : (n,) array

    Examples
    --------
    >>> plain = plain_map(network, x, x[:2])
    >>> float(plain.filter(0.0).max()), bool(np.allclose(plain.output(y, np.inf), y[:2]))
    (0.0, True)
    """

    base: TestLabels
    reach: Float[np.ndarray, "n_test r"]
    values: Float[np.ndarray, " r"]
    frame: Float[np.ndarray, "n r"]
    anchor: Labels

    def filter(self, setting: float) -> Float[np.ndarray, " r"]:
        """w, (r,); what the setting is, a number from 0 to ∞, the class says."""
        raise NotImplementedError

    def output(self, y: Labels, setting: float) -> TestLabels:
        """f at the test points for labels y (n,); returns (n_test,)."""
        return self.base + self.reach @ self._moved("output", y, setting)

    def test_error(self, y: Labels, y_test: TestLabels, setting: float, *, flip: float = 0.0) -> float:
        """Mean squared test error, in expectation when each label is flipped with probability `flip`.

        Labels ỹ_i = ±y_i have E ỹ = (1 − 2p) y and Cov ỹ = 4p(1 − p) I when y_i = ±1; with f = base + C (ỹ − anchor),
        n_test E = ‖y_test − base − C((1 − 2p) y − anchor)‖² + 4p(1 − p) ‖C‖_F².

        Raises
        ------
        ValueError
            For flip outside [0, 1], or flip > 0 with labels other than ±1.
        """
        caller = f"{type(self).__name__}.test_error"
        y = checks.array(caller, "y", y, self.anchor.shape)
        y_test = checks.array(caller, "y_test", y_test, self.base.shape)
        if not 0 <= checks.number(caller, "flip", flip) <= 1 or (flip > 0 and not (np.abs(y) == 1).all()):
            raise ValueError(f"{caller}: flip={flip}; expected a probability, and labels ±1 as y when it is not 0")
        miss = y_test - self.output((1.0 - 2.0 * flip) * y, setting)
        noise = (self.reach**2).sum(axis=0) @ self.filter(setting) ** 2  # ‖C‖_F²
        return float((miss @ miss + 4.0 * flip * (1.0 - flip) * noise) / len(y_test))

    def _moved(self, method, y, setting):
        y = checks.array(f"{type(self).__name__}.{method}", "y", y, self.anchor.shape)
        return self.filter(setting) * (self.frame.T @ (y - self.anchor))


@dataclass(frozen=True, eq=False)
class LimitMap(LabelMap):
    """Where the flow of Eq. (9) ends; the setting is λ. Made by `limit_map`.

    The base is T, the anchor ψ, values and frame are those of M, the reach is B F and the filter 1/(μ + λ).
    Attributes besides: cost, the triple α, F^Tβ (n,), F^T N F (n, n) of the movement.

    Examples
    --------
    >>> from kdsrc.theory.theorem1 import printed_limit
    >>> ends = limit_map(network, x, x[:2], knowledge)
    >>> bool(np.allclose(ends.output(y, 1.0), printed_limit(network, y, 1.0, knowledge)[:2]))
    True
    """

    cost: tuple[float, np.ndarray, np.ndarray]

    def filter(self, setting: float) -> Float[np.ndarray, " r"]:
        """1/(μ_j + λ), (n,); λ = 0 stands for λ → 0⁺, λ = ∞ for pure distillation.

        Zero on the kernel of M, which no unit can move in: there B and N vanish, and no λ matters.
        """
        setting = _setting("LimitMap.filter", setting, "λ ≥ 0, where 0 stands for λ → 0⁺")
        weights, seen = np.zeros_like(self.values), self.values > 0
        weights[seen] = 1.0 / (self.values[seen] + setting)
        return weights

    def movement(self, y: Labels, penalty: float) -> float:
        """Σ_k ‖Δw_k(∞)‖² = α + 2 βᵀu + uᵀNu of the heading."""
        penalty = checks.penalty("LimitMap.movement", penalty)
        constant, slope, curvature = self.cost
        u = self._moved("movement", y, penalty)
        return float(constant + 2.0 * slope @ u + u @ curvature @ u)


@dataclass(frozen=True, eq=False)
class PlainMap(LabelMap):
    """The flow without penalty at a time; the setting is t ≥ 0, ∞ allowed. Made by `plain_map`.

    f₀(x, t) = f(x, 0) + H(x, X) F (w ∘ F^T (y − f(0))), w = (1 − e^{−ht})/h over the non-zero eigenvalues h of H.

    Examples
    --------
    >>> plain = plain_map(network, x, x[:2])
    >>> early = plain.output(y, 0.0)
    >>> bool(np.allclose(early, network.output(x[:2])))
    True
    """

    def filter(self, setting: float) -> Float[np.ndarray, " r"]:
        """(1 − e^{−h_j t})/h_j, (r,)."""
        setting = _setting("PlainMap.filter", setting, "a time t ≥ 0, learning rate × iterations")
        return -np.expm1(-self.values * setting) / self.values


def plain_map(network: TwoLayerNetwork, x: Points, x_test: TestPoints) -> PlainMap:
    """`PlainMap` of a network frozen at its start; x (n, d), x_test (n_test, d).

    Examples
    --------
    >>> bool(np.allclose(plain_map(network, x, x[:2]).output(y, np.inf), y[:2]))
    True
    """
    x, x_test = _points("plain_map", network, x, x_test)
    values, vectors = np.linalg.eigh(tangent_kernel(network, x))
    kept = values > len(values) * _EPS * max(values[-1], 0.0)
    reach = tangent_kernel(network, x_test, x) @ vectors[:, kept]
    return PlainMap(network.output(x_test), reach, values[kept], vectors[:, kept], network.output(x))


def limit_map(network: TwoLayerNetwork, x: Points, x_test: TestPoints, knowledge: Features | None = None) -> LimitMap:
    """The heading's T, B, M, ψ and cost of movement, for any data and any activation.

    Parameters
    ----------
    network : TwoLayerNetwork
        m units, frozen at this point.
    x, x_test : (n, d), (n_test, d) arrays
    knowledge : (n, m) array, optional
        Φ; the features at the start unless given, as for a student that starts at its knowledge.

    Returns
    -------
    LimitMap

    Notes
    -----
    One SVD a unit; singular values of J_k below max(n, d)·ε of the largest count as zero.

    Examples
    --------
    >>> bool(np.allclose(limit_map(network, x, x[:2]).anchor, network.output(x)))
    True
    """
    x, x_test = _points("limit_map", network, x, x_test)
    c, features, n = network.coefficients, network.features(x), len(x)
    hint = ": one row a training sample and one column a unit"
    known = (
        features if knowledge is None else checks.array("limit_map", "knowledge", knowledge, features.shape, hint=hint)
    )
    mobility, anchor = mobility_and_aim(network, x, known)  # M, ψ
    imitation, reach = network.output(x_test), np.zeros((len(x_test), n))
    curvature, slope, constant = np.zeros((n, n)), np.zeros(n), 0.0
    for k, (at_train, at_test) in enumerate(zip(network.slopes(x).T, network.slopes(x_test).T, strict=True)):
        left, sizes, right = np.linalg.svd(at_train[:, None] * x, full_matrices=False)
        kept = sizes > max(x.shape) * _EPS * sizes[0]
        left, sizes, right = left[:, kept], sizes[kept], right[kept]
        gap = left.T @ (known[:, k] - features[:, k])
        predict = at_test[:, None] * (x_test @ right.T) / sizes  # K_k(x, X) H_k⁺ in the frame `left`
        reach += c[k] ** 2 * predict @ left.T
        curvature += c[k] ** 2 * (left / sizes**2) @ left.T
        imitation = imitation + c[k] * predict @ gap
        slope += c[k] * left @ (gap / sizes**2)
        constant += float(((gap / sizes) ** 2).sum())
    values, frame = np.linalg.eigh(mobility)
    values = np.where(values > n * _EPS * max(values[-1], 0.0), values, 0.0)
    cost = (constant, frame.T @ slope, frame.T @ curvature @ frame)
    return LimitMap(imitation, reach @ frame, values, frame, anchor, cost)


def prediction_error(regime: KernelRegime, times: Times, x_test: TestPoints, y_test: TestLabels) -> Times:
    """Mean squared test error of the frozen flow at times (T,), ∞ allowed: mean_i (f(x_i, t) − y_i)²; returns (T,).

    Examples
    --------
    >>> regime = KernelRegime(network, x, y)
    >>> prediction_error(regime, np.array([np.inf]), x[:2], y[:2]).round(9).tolist()
    [0.0]
    """
    predicted = regime.output(times, x_test)
    return ((predicted - checks.array("prediction_error", "y_test", y_test, predicted.shape[1:])) ** 2).mean(axis=1)


def movement(regime: KernelRegime, times: Times) -> Times:
    """Σ_k ‖Δw_k(t)‖² of the frozen flow at times (T,), ∞ allowed; returns (T,).

    Examples
    --------
    >>> movement(KernelRegime(network, x, y), np.array([0.0])).tolist()
    [0.0]
    """
    return ((regime.weights(times) - regime.network.weights) ** 2).sum(axis=(1, 2))


def _setting(caller, value, wanted):
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = np.nan
    if not found >= 0:
        raise ValueError(f"{caller}: setting={value!r}; expected {wanted}")
    return found


def _points(caller, network, x, x_test):
    return (
        checks.array(caller, "x", x, ("n", network.dim)),
        checks.array(caller, "x_test", x_test, ("n_test", network.dim)),
    )
