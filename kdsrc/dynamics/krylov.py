"""Linear flows x′ = v₀ − M x, x(0) = 0, with M symmetric positive semi-definite and known by its products.

Solution: x(t) = ψ_t(M) v₀ with ψ_t(p) = (1 − e^{−pt})/p and ψ_t(0) = t. Lanczos gives an orthonormal basis V and
a tridiagonal T with M V = V T + β v e_Kᵀ; then x_K(t) = ‖v₀‖ V ψ_t(T) e₁ at every t from the one basis
(Hochbruck & Lubich, SIAM J. Numer. Anal. 34, 1997), with full reorthogonalisation.

Error. x_K solves the flow with the residual ρ(t) v, ρ(t) = −β ‖v₀‖ e_Kᵀ ψ_t(T) e₁, so that the error is
e(t) = ∫₀ᵗ e^{−M(t−s)} ρ(s) v ds. As T's off-diagonals are positive, ρ keeps its sign and |ρ| grows with t; so

    ‖e(t)‖ ≤ t |ρ(t)|,    ‖M^½ e(t)‖ ≤ √(2t/e) |ρ(t)|,    ‖M e(t)‖ ≤ 2 |ρ(t)|,

by ‖M^½ e^{−Mτ}‖ ≤ (2eτ)^{−½} and M e = ρ v − e′. The bounds are computed, not estimated, up to rounding.

Rounding. M is known to ε ‖M‖, which moves a rate p by as much and its share of x(t) by ε ‖M‖ min(t, 1/p) of itself:
the noise of late times, which no larger basis removes. A part of v₀ in ker M would let x grow like t for ever, and its
noise with it: Ritz vectors that M annihilates to rounding are left out once their noise is felt, where they are not to
be seen (`null_part`) or are rounding themselves. |ρ| need not grow without them; with ν their share of ρ′ and p₁ the
smallest rate left, it stays below |ρ(s)| + 2sν at all times, s = min(t, 40/p₁), as e^{−40} is below rounding.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.linalg import eigh_tridiagonal
from scipy.special import exprel

from kdsrc import checks
from kdsrc.typing import Times

__all__ = ["AccuracyNotReached", "KrylovFlow", "psi"]

_CHECK_EVERY = 8
_EPS = np.finfo(float).eps


class AccuracyNotReached(RuntimeError):
    """The error bound is above the tolerance at the largest Krylov dimension allowed, or rounding alone is."""


def psi(times: Times, rates: Float[np.ndarray, " K"]) -> Float[np.ndarray, "T K"]:
    """ψ_t(p) = (1 − e^{−pt})/p for times (T,) and rates (K,): (T, K), with t at p = 0 and 1/p at t = ∞."""
    times, rates = checks.floats("psi", "times", times), checks.floats("psi", "rates", rates)
    if times.ndim != 1 or rates.ndim != 1 or not (times >= 0).all() or not ((rates >= 0) & np.isfinite(rates)).all():
        raise ValueError(
            f"psi: times {times.shape} and rates {rates.shape}; expected lists of numbers ≥ 0, the rates finite"
        )
    with np.errstate(over="ignore", divide="ignore"):
        angles, ends = np.outer(np.where(np.isfinite(times), times, 0.0), rates), 1.0 / rates
    over = np.isinf(times)[:, None] | np.isinf(angles)
    values = times[:, None] * exprel(-np.where(over, 1.0, angles))  # (T, K)
    values[over] = np.broadcast_to(ends, values.shape)[over]
    return values


class KrylovFlow:
    """The flow x′ = v₀ − M x, solved on a Krylov basis that grows when later times ask for it.

    Parameters
    ----------
    product : callable
        ``(N,) -> (N,), (n,)``: v ↦ M v, and a linear view of v that falls off on the way.
    start : (N,) array
        v₀.
    max_krylov : int
        Largest dimension of the basis, which takes 8·N bytes a dimension.
    null_part : bool
        Whether v₀ may have a part in ker M: it is then not to be seen in what is asked of x (M^½ x and M x are), and
        rates below K ε times the largest count as zero. Otherwise v₀ is to lie in the range of M for late times.

    Examples
    --------
    >>> flow = KrylovFlow(lambda v: (2.0 * v, v), np.ones(4), max_krylov=4)
    >>> flow = flow.reach(1.0, (1.0, 1.0, 1.0), 1e-12)
    >>> flow.dimension, float((flow.coefficients(np.array([1.0])) @ flow.basis)[0, 0].round(4))
    (1, 0.4323)
    """

    def __init__(
        self,
        product: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
        start: Float[np.ndarray, " N"],
        *,
        max_krylov: int,
        null_part: bool = False,
    ) -> None:
        start = checks.array("KrylovFlow", "start", start, ("N",))
        if not max_krylov >= 1:
            raise ValueError(f"KrylovFlow: max_krylov={max_krylov}; expected at least one dimension")
        self.product, self.max_krylov, self.null_part = product, min(max_krylov, len(start)), null_part
        self._asked = (0.0, 0.0, 0.0), np.inf  # weights of errors, and the noise that a null vector may have
        self.scale = float(np.linalg.norm(start))  # ‖v₀‖
        self._diagonal: list[float] = []
        self._offdiagonal: list[float] = []
        self._views: list[np.ndarray] = []
        self._store = np.empty((min(32, self.max_krylov), len(start)))
        if self.scale > 0:
            self._store[0] = start / self.scale

    @property
    def dimension(self) -> int:
        """K, the present dimension of the basis."""
        return len(self._diagonal)

    @property
    def start(self) -> Float[np.ndarray, " N"]:
        """v₀."""
        return self.scale * self._store[0] if self.scale > 0 else np.zeros(self._store.shape[1])

    @property
    def basis(self) -> Float[np.ndarray, "K N"]:
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
            If that takes more than `max_krylov` dimensions, or more digits than float64 has.
        ValueError
            For a time that is not finite.
        """
        if not 0 <= time < np.inf:
            raise ValueError(f"KrylovFlow.reach: time={time}; expected a finite number ≥ 0")
        self._asked = error_weights, 0.1 * tolerance
        while not (error := self.error(time, error_weights)) <= tolerance:
            if self.dimension >= self.max_krylov:
                raise AccuracyNotReached(
                    f"KrylovFlow.reach: at t = {time:g} the error bound is {error:.2g} with a basis of "
                    f"{self.dimension} vectors; expected at most {tolerance:.2g}: raise max_krylov or tolerance, "
                    "ask for an earlier time, or use method='dense' on a smaller problem"
                )
            for _ in range(min(_CHECK_EVERY, self.max_krylov - self.dimension)):
                self._extend()
                if self._offdiagonal[-1] == 0.0:
                    break
        if not (noise := self.noise(time, error_weights)) <= tolerance:
            raise AccuracyNotReached(
                f"KrylovFlow.reach: at t = {time:g} the rounding of the slowest rates alone makes an error of "
                f"{noise:.2g}; expected at most {tolerance:.2g}: raise tolerance, ask for an earlier time or t = ∞, or "
                "use method='dense' on a smaller problem"
            )
        return self

    def error(self, time: float, error_weights: tuple[float, float, float]) -> float:
        """Bound on max(w_0 ‖e‖, w_½ ‖M^½ e‖, w_1 ‖M e‖) at `time`; 0 once the basis is invariant under M."""
        if self.scale == 0.0 or time == 0.0 or (self._offdiagonal and self._offdiagonal[-1] == 0.0):
            return 0.0
        if not self._diagonal:
            return np.inf
        values, rotation = self._ritz()
        dropped = self._dropped(np.array([time]), values, rotation, error_weights)[0]
        ends, heavy = rotation[-1] * rotation[0], time
        if dropped.any() and (smallest := values[~dropped].min(initial=np.inf)) > 0.0:
            heavy = min(time, 40.0 / smallest)
        last = abs(np.where(dropped, 0.0, ends) @ psi(np.array([heavy]), values)[0])  # e_Kᵀ ψ_s(T) e₁
        last += 2.0 * heavy * np.abs(ends[dropped]).sum()
        residual = self._offdiagonal[-1] * self.scale * last  # |ρ|, at most
        slowest = _EPS * self.dimension * values[-1] if self.null_part else 0.0  # the smallest rate that is not zero
        long = min(time, 1.0 / slowest) if slowest else time
        factors = (long, min(np.sqrt(2.0 * time / np.e), np.sqrt(long)), 2.0)
        return residual * max(w * f for w, f in zip(error_weights, factors, strict=True))

    def noise(self, time: float, error_weights: tuple[float, float, float]) -> float:
        """What rounding leaves undetermined of the same quantity at `time`."""
        if not self._diagonal:
            return 0.0
        values, rotation = self._ritz()
        times = np.array([time])
        dropped = self._dropped(times, values, rotation, error_weights)[0]
        return float(np.linalg.norm(self._noises(times, values, rotation, error_weights)[0][~dropped]))

    def coefficients(self, times: Times) -> Float[np.ndarray, "T K"]:
        """Coordinates of x_K(t) in the basis for finite times (T,); returns (T, K)."""
        if not self._diagonal:
            return np.zeros((len(times), 0))
        values, rotation = self._ritz()
        shares = np.where(self._dropped(times, values, rotation, self._asked[0]), 0.0, psi(times, values))
        return self.scale * (shares * rotation[0]) @ rotation.T

    def _ritz(self):
        values, rotation = eigh_tridiagonal(self._diagonal, self._offdiagonal[:-1])
        return np.maximum(values, 0.0), rotation  # M has no negative rates, but rounding has

    def _noises(self, times, values, rotation, error_weights):
        """Noise of every Ritz vector at times (T,), (T, K): of its rate, its direction and its share of v₀."""

        def weigh(rate):
            return np.maximum(error_weights[0], np.maximum(error_weights[1] * np.sqrt(rate), error_weights[2] * rate))

        largest = values[-1]
        rates = largest * psi(times, values) * weigh(values)  # ψ_t(p) ≤ min(t, 1/p) ≤ 2 ψ_t(p)
        shares = np.abs(rotation[0]) * (rates + weigh(largest)) + weigh(values)
        return _EPS * self.scale * psi(times, values) * shares

    def _dropped(self, times, values, rotation, error_weights):
        """Which Ritz vectors are left out at times (T,), (T, K)."""
        zero = _EPS * self.dimension * values[-1]
        null = (values <= zero) & (self._offdiagonal[-1] * np.abs(rotation[-1]) <= zero)
        if not self.null_part:
            null &= np.abs(rotation[0]) <= 100.0 * _EPS
        return null & (self._noises(times, values, rotation, error_weights) > self._asked[1])

    def _extend(self):
        k = self.dimension
        vector = self._store[k]
        image, view = self.product(vector)
        if not np.isfinite(image).all():
            raise AccuracyNotReached(
                "KrylovFlow: the product gave a non-finite number; expected finite ones: scale the samples down"
            )
        self._views.append(view)
        self._diagonal.append(float(vector @ image))
        reach = np.abs(self._diagonal).max() + max(self._offdiagonal, default=0.0)  # of the order of ‖M‖
        for _ in range(2):  # once is not enough when the image nearly lies in the span ("twice is enough")
            image = image - (self.basis @ image) @ self.basis
        beta = float(np.linalg.norm(image))
        # What is left at the level of rounding is no direction: the basis spans an invariant subspace.
        if beta <= 10 * _EPS * reach or k + 1 == len(vector):
            self._offdiagonal.append(0.0)
            return
        self._offdiagonal.append(beta)
        if k + 1 == len(self._store):
            grown = np.empty((k + 1 + min(max(k + 1, 32), 64), len(vector)))
            grown[: k + 1] = self._store
            self._store = grown
        self._store[k + 1] = image / beta
