"""The kernel regime (§2.2 and §3.2): limit, poles, modes and outputs in time of the frozen flow (Eq. 3–4, 14).

`kdsrc.dynamics.linearised` sets the flow up in symmetric form; here it is solved by all its modes when it is small,
and on one Krylov basis (`kdsrc.dynamics.krylov`) when it is large.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.dynamics.limits import general_limit, limit_displacements
from kdsrc.dynamics.linearised import LinearisedFlow
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.threads import one_pool
from kdsrc.typing import Features, Labels, Points, Times

__all__ = ["KernelRegime", "ProblemTooLarge"]

_ORDER, _ENTRIES = 1500, 10_000_000  # what a dense decomposition does in about two seconds
_LARGEST = 5000  # order of the largest one that `modes` starts without method='dense': minutes


class ProblemTooLarge(ValueError):
    """All poles or modes were asked of a problem whose dense decomposition would not be small."""


@dataclass(frozen=True, eq=False)
class KernelRegime:
    """The flow of Eq. (9) with its H_k frozen at `network`; t = learning rate × iterations of `train`.

    Parameters
    ----------
    network : TwoLayerNetwork
        Where training starts, and where the slopes σ′(Xw_k) are frozen; m units.
    x, y : (n, d), (n,) arrays
        Training points and labels.
    penalty : float
        λ ≥ 0; ``np.inf`` is pure distillation as in training: the second term of (2) alone, with weight one.
    knowledge : (n, m) array, optional
        Φ, of any kind; needed when penalty > 0.
    method : {'auto', 'dense', 'krylov'}
        All modes (SVD of the symmetrised operator's root, `eigh` of H at λ = 0), or products with X and one
        Krylov basis for all times. 'auto' takes 'dense' on small problems.
    tolerance : float
        Krylov only: bound on the absolute error of every output asked for, in the units of y; on the training points
        even on its 2-norm over all of them, at each time.
    max_krylov : int
        Krylov only: largest dimension of the basis; one takes 8·m·min(n, d) bytes, or 8·n at λ = 0.

    Raises
    ------
    ValueError
        For shapes that do not fit, non-finite numbers, λ < 0, or λ > 0 without knowledge.
    AccuracyNotReached
        By `output`, `weights` and `unit_outputs`, when `max_krylov` or float64 does not suffice for `tolerance`.
    ProblemTooLarge
        By `poles` and `modes` on a large problem, unless ``method="dense"``.

    Notes
    -----
    Singular values of (A^½ ⊗ I) J, the square roots of the poles, count as zero below the rounding of float64;
    at λ = 0 the poles themselves do, and on the Krylov path, which never forms that root, everywhere. t = ∞ takes the
    closed forms of `kdsrc.dynamics.limits`, for every λ.

    Examples
    --------
    >>> regime = KernelRegime(network, x, y, penalty=1.0, knowledge=knowledge)
    >>> poles, amplitudes = regime.modes()
    >>> late = regime.output(np.array([np.inf]))[0]
    >>> bool((poles > 0).all()), bool(np.allclose(late, regime.limit()))
    (True, True)
    """

    network: TwoLayerNetwork
    x: Points
    y: Labels
    penalty: float
    knowledge: Features | None
    method: str
    tolerance: float
    max_krylov: int
    _problem: Problem = field(repr=False)

    def __init__(
        self,
        network: TwoLayerNetwork,
        x: Points,
        y: Labels,
        *,
        penalty: float = 0.0,
        knowledge: Features | None = None,
        method: str = "auto",
        tolerance: float = 1e-8,
        max_krylov: int = 500,
    ) -> None:
        problem = Problem(network, x, y, penalty, knowledge, "KernelRegime")
        if method not in ("auto", "dense", "krylov") or not 0 < tolerance < np.inf:
            raise ValueError(
                f"KernelRegime: method={method!r}, tolerance={tolerance}; expected 'auto', 'dense' or 'krylov', and a "
                "positive tolerance"
            )
        max_krylov = checks.count("KernelRegime", "max_krylov", max_krylov)
        own = dict(method=method, tolerance=tolerance, max_krylov=max_krylov, _problem=problem)
        for name, value in {**vars(problem), **own}.items():
            object.__setattr__(self, name, value)

    def limit(self) -> Labels:
        """f(∞) on the training points, (n,): exact, also for singular H_k (`kdsrc.dynamics.limits.general_limit`)."""
        if self._dense:
            return self._flow.start_output - self._flow.spectrum.amplitudes.sum(axis=0)
        return general_limit(self.network, self.x, self.y, self.penalty, self.knowledge)

    def poles(self) -> Float[np.ndarray, " r"]:
        """The non-zero poles p_j of Eq. (4), (r,) ascending: eigenvalues of H̄, real and positive."""
        return self.modes()[0]

    def modes(self) -> tuple[Float[np.ndarray, " r"], Float[np.ndarray, "r n"]]:
        """Poles (r,) and amplitudes (r, n) with f(t) = limit + Σ_j e^{−p_j t} amplitudes_j (Eq. 3–4)."""
        if self.method != "dense" and self._order > _LARGEST:
            raise ProblemTooLarge(
                f"KernelRegime.modes: x {self.x.shape} and {self.network.width} units; expected m·min(n, d) ≤ "
                f"{_LARGEST} (n ≤ {_LARGEST} at λ = 0): take fewer samples, or pass method='dense' and wait; "
                "output() and limit() need no modes"
            )
        return self._flow.spectrum.poles, self._flow.spectrum.amplitudes

    def output(
        self, times: Times, x_test: Float[np.ndarray, "points d"] | None = None
    ) -> Float[np.ndarray, "T points"]:
        """f(t) at times (T,), ∞ allowed, on the training points, (T, n), or on x_test (n_test, d), (T, n_test).

        On the Krylov path the first call builds the basis; later calls reuse it, and extend it if they must. There
        t = ∞ takes direct solves, minutes at n = 10 000.
        """
        times = checks.times("KernelRegime.output", times)
        if x_test is not None:
            return self._test_output(times, self._points("output", x_test))
        if self._dense:
            poles, amplitudes = self.modes()
            return self._flow.start_output + np.expm1(-np.multiply.outer(times, poles)) @ amplitudes
        result, finite = np.zeros((len(times), len(self.x))), np.isfinite(times)
        if not finite.all():
            result[~finite] = self.limit() - self._flow.start_output
        coefficients, _ = self._states(times[finite], self.x)
        if coefficients.size:
            result[finite] = coefficients @ self._krylov.views
        return self._flow.start_output + result

    def weights(self, times: Times) -> Float[np.ndarray, "T m d"]:
        """Hidden weights w_k(0) + Δw_k(t) of the linearised flow at times (T,), ∞ allowed; returns (T, m, d)."""
        times = checks.times("KernelRegime.weights", times)
        result, finite = np.empty((len(times), *self.network.weights.shape)), np.isfinite(times)
        if not finite.all():
            result[~finite] = self._limit_moves
        coefficients, basis = self._states(times[finite], None)
        result[finite] = self._flow.displacements(coefficients @ basis)
        return self.network.weights + result

    def unit_outputs(
        self, times: Times, x_test: Float[np.ndarray, "points d"] | None = None
    ) -> Float[np.ndarray, "T m points"]:
        """f^(k)(t) of every unit of the linearised network, (T, m, n) or (T, m, n_test); for small problems."""
        x = self.x if x_test is None else self._points("unit_outputs", x_test)
        moves = self.weights(times) - self.network.weights  # (T, m, d)
        return self.network.features(x).T + self.network.slopes(x).T * (moves @ x.T)

    @cached_property
    def _flow(self):
        return LinearisedFlow(self._problem)

    def _points(self, where, x_test):
        return checks.array(f"KernelRegime.{where}", "x_test", x_test, ("n_test", self.network.dim))

    @cached_property
    def _krylov(self):
        return self._flow.krylov(self.max_krylov)

    @cached_property
    def _limit_moves(self):
        return limit_displacements(self.network, self.x, self.y, self.penalty, self.knowledge)  # (m, d)

    @property
    def _order(self):
        return len(self.x) if self.penalty == 0 else self.network.width * min(self.x.shape)

    @property
    def _small(self):
        work = 0 if self.penalty == 0 else self._order * len(self.x) * self.network.width
        return self._order <= _ORDER and work <= _ENTRIES

    @property
    def _dense(self):
        return self.method == "dense" or (self.method == "auto" and self._small)

    def _test_output(self, times, x_test):
        result, finite = np.empty((len(times), len(x_test))), np.isfinite(times)
        if not finite.all():
            gains = self.network.slopes(x_test) * self.network.coefficients  # (n_test, m)
            result[~finite] = np.einsum("im,im->i", gains, x_test @ self._limit_moves.T)
        result[finite] = self._flow.readout(x_test, *self._states(times[finite], x_test))
        return self.network.output(x_test) + result

    def _states(self, times, x):
        """Coefficients (T, K) and basis (K, N) of the flow's states, accurate enough for outputs at x."""
        if self._dense:
            return self._flow.spectrum.coefficients(times), self._flow.spectrum.basis
        with one_pool(2 * self.x.size * self.network.width):
            flow = self._krylov.reach(times.max(initial=0.0), self._flow.error_weights(x), self.tolerance)
        return flow.coefficients(times), flow.basis
