"""Linear flows x' = v₀ − M x, x(0) = 0, with M symmetric positive semi-definite and known by its products.

Solution: x(t) = ψ_t(M) v₀ with ψ_t(p) = (1 − e^{−pt})/p and ψ_t(0) = t. Lanczos gives an orthonormal basis V and
a tridiagonal T with M V = V T + β v e_Kᵀ; then x_K(t) = ‖v₀‖ V ψ_t(T) e₁ at every t from the one basis
(Hochbruck & Lubich, SIAM J. Numer. Anal. 34, 1997), with full reorthogonalisation.

Error. x_K solves the flow with the residual ρ(t) v, ρ(t) = −β ‖v₀‖ e_Kᵀ ψ_t(T) e₁, so that the error is
e(t) = ∫₀ᵗ e^{−M(t−s)} ρ(s) v ds. As T's off-diagonals are positive, ρ keeps its sign and |ρ| grows with t; so

    ‖e(t)‖ ≤ t |ρ(t)|,    ‖M^½ e(t)‖ ≤ √(2t/e) |ρ(t)|,    ‖M e(t)‖ ≤ 2 |ρ(t)|,

by ‖M^½ e^{−Mτ}‖ ≤ (2eτ)^{−½} and M e = ρ v − e'. The bounds are computed, not estimated, up to rounding.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import exprel

_CHECK_EVERY = 8


class AccuracyNotReached(RuntimeError):
    """The error bound is still above the tolerance at the largest Krylov dimension allowed."""


def psi(times: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """ψ_t(p) = (1 − e^{−pt})/p for times (T,) and rates (K,): (T, K), with t at p = 0 and 1/p at t = ∞."""
    finite = np.isfinite(times)
    values = np.empty((len(times), len(rates)))  # (T, K)
    values[finite] = times[finite, None] * exprel(-np.outer(times[finite], rates))
    if not finite.all():
        values[~finite] = 1.0 / rates
    return values


class KrylovFlow:
    """The flow x' = v₀ − M x, solved on a Krylov basis that grows when later times ask for it.

    Parameters
    ----------
    product : callable
        ``(N,) -> (N,), (n,)``: v ↦ M v, and a linear view of v that falls off on the way.
    start : (N,) array
        v₀.
    max_krylov : int
        Largest dimension of the basis, which takes 8·N bytes a dimension.
    """

    def __init__(self, product: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], start: np.ndarray, *,
                 max_krylov: int):
        self.product, self.max_krylov = product, min(max_krylov, len(start))
        self.scale = float(np.linalg.norm(start))  # ‖v₀‖
        self._diagonal, self._offdiagonal, self._views = [], [], []
        self._store = np.empty((min(32, self.max_krylov), len(start)))
        if self.scale > 0:
            self._store[0] = start / self.scale

    @property
    def dimension(self) -> int:
        """K, the present dimension of the basis."""
        return len(self._diagonal)

    @property
    def basis(self) -> np.ndarray:
        """V as rows, (K, N), orthonormal."""
        return self._store[: self.dimension]

    @property
    def views(self) -> np.ndarray:
        """The views of the basis vectors, (K, n)."""
        return np.array(self._views)

    def reach(self, time: float, error_weights: tuple[float, float, float], tolerance: float) -> "KrylovFlow":
        """Extend the basis until `error` at `time`, and so at all earlier times, is within the tolerance.

        Raises
        ------
        AccuracyNotReached
            If that takes more than `max_krylov` dimensions.
        """
        while (error := self.error(time, error_weights)) > tolerance:
            if self.dimension >= self.max_krylov:
                raise AccuracyNotReached(
                    f"KrylovFlow.reach: at t = {time:g} the error bound is {error:.2g} with a basis of "
                    f"{self.dimension} vectors; expected at most {tolerance:.2g}: raise max_krylov or tolerance, "
                    "ask for an earlier time, or use method='dense' on a smaller problem")
            for _ in range(min(_CHECK_EVERY, self.max_krylov - self.dimension)):
                self._extend()
                if self._offdiagonal[-1] == 0.0:
                    break
        return self

    def error(self, time: float, error_weights: tuple[float, float, float]) -> float:
        """Bound on max(w₀ ‖e‖, w½ ‖M^½ e‖, w₁ ‖M e‖) at `time`; 0 once the basis is invariant under M."""
        if self.scale == 0.0 or time == 0.0 or (self._offdiagonal and self._offdiagonal[-1] == 0.0):
            return 0.0
        if not self._diagonal:
            return np.inf
        values, rotation = self._ritz()
        last = rotation[-1] * psi(np.array([time]), values)[0] @ rotation[0]  # e_Kᵀ ψ_t(T) e₁
        residual = abs(self._offdiagonal[-1] * self.scale * last)  # |ρ(t)|
        factors = (time, np.sqrt(2.0 * time / np.e), 2.0)
        return residual * max(w * f for w, f in zip(error_weights, factors, strict=True))

    def coefficients(self, times: np.ndarray) -> np.ndarray:
        """Coordinates of x_K(t) in the basis for finite times (T,); returns (T, K)."""
        if not self._diagonal:
            return np.zeros((len(times), 0))
        values, rotation = self._ritz()
        return self.scale * (psi(times, values) * rotation[0]) @ rotation.T

    def _ritz(self):
        return eigh_tridiagonal(self._diagonal, self._offdiagonal[:-1])

    def _extend(self):
        k = self.dimension
        vector = self._store[k]
        image, view = self.product(vector)
        self._views.append(view)
        self._diagonal.append(float(vector @ image))
        reach = np.abs(self._diagonal).max() + max(self._offdiagonal, default=0.0)  # of the order of ‖M‖
        for _ in range(2):  # once is not enough when the image nearly lies in the span ("twice is enough")
            image = image - (self.basis @ image) @ self.basis
        beta = float(np.linalg.norm(image))
        # What is left at the level of rounding is no direction: the basis spans an invariant subspace.
        if beta <= 10 * np.finfo(float).eps * reach or k + 1 == len(vector):
            self._offdiagonal.append(0.0)
            return
        self._offdiagonal.append(beta)
        if k + 1 == len(self._store):
            grown = np.empty((k + 1 + min(max(k + 1, 32), 64), len(vector)))
            grown[: k + 1] = self._store
            self._store = grown
        self._store[k + 1] = image / beta
