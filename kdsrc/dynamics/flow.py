"""The true gradient flow of Eq. (9), kernels moving, for small problems; and what the lemmas measure along it.

dw_k/dt = L_k [c_k (y − f) + λ (φ^(k) − f^(k))], L_k with columns σ′(w_k·x_i) x_i. Time is that of `KernelRegime`:
t = learning rate × iterations of gradient descent as the rate goes to zero.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import LinearOperator, eigsh

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem, largest_rate
from kdsrc.threads import one_pool
from kdsrc.typing import Features, Labels, Points, Times

__all__ = ["Flow", "gradient_flow", "l1_distance", "runge_kutta_step"]

_STABLE = 6.0  # DOP853 takes steps up to about this over the fastest rate
_MOST_STEPS = 10**7  # an hour of the smallest problem


@dataclass(frozen=True, eq=False)
class Flow:
    """One solution of Eq. (9).

    Attributes
    ----------
    network : TwoLayerNetwork
        w_k(0) and the fixed output weights; m units.
    x : (n, d) array
    penalty : float
    times : (T,) array
    weights : (T, m, d) array

    Examples
    --------
    >>> flow = gradient_flow(network, x, y, np.array([0.0, 1.0]))
    >>> flow.output().shape, flow.moves().shape, float(flow.moves()[0].max())
    ((2, 5), (2, 4), 0.0)
    """

    network: TwoLayerNetwork
    x: Points
    penalty: float
    times: Times
    weights: Float[np.ndarray, "T m d"]

    def unit_outputs(self, x: Float[np.ndarray, "points d"] | None = None) -> Float[np.ndarray, "T m points"]:
        """f^(k)(t), (T, m, n), on the training points or on x."""
        points = self.x if x is None else checks.array("Flow.unit_outputs", "x", x, ("n", self.network.dim))
        return activation(self.network.activation).function(self.weights @ points.T)

    def output(self, x: Float[np.ndarray, "points d"] | None = None) -> Float[np.ndarray, "T points"]:
        """f(t), (T, n), on the training points or on x."""
        return np.tensordot(self.unit_outputs(x), self.network.coefficients, axes=(1, 0))

    def moves(self) -> Float[np.ndarray, "T m"]:
        """‖w_k(t) − w_k(0)‖ of every unit, (T, m)."""
        return np.linalg.norm(self.weights - self.network.weights, axis=2)

    def kernel_changes(self) -> Float[np.ndarray, "T m"]:
        """‖ΔH_k(t)‖ of every unit, (T, m), 2-norms."""
        changes = np.zeros(self.weights.shape[:2])
        for t, weights in enumerate(self.weights):
            for k, (before, after) in enumerate(zip(*self._slopes(weights), strict=True)):
                change = (np.outer(after, after) - np.outer(before, before)) * (self.x @ self.x.T)
                changes[t, k] = np.abs(np.linalg.eigvalsh(change)).max()
        return changes

    def operator_changes(self) -> Float[np.ndarray, " T"]:
        """‖ΔH̄(t)‖, (T,), by products alone: no array of nm × nm numbers."""
        return np.array([self._operator_change(weights) for weights in self.weights])

    def _slopes(self, weights):
        derivative = activation(self.network.activation).derivative
        return derivative(self.network.weights @ self.x.T), derivative(weights @ self.x.T)  # (m, n) each

    def _operator_change(self, weights):
        before, after = self._slopes(weights)
        c, gram, shape = self.network.coefficients, self.x @ self.x.T, before.shape

        def couple(blocks):  # A ⊗ I
            return np.outer(c, c @ blocks) + self.penalty * blocks

        def change(blocks):  # Δ𝐃
            return after * ((after * blocks) @ gram) - before * ((before * blocks) @ gram)

        def square(vector):  # ΔH̄ᵀ ΔH̄ = (A ⊗ I) Δ𝐃² (A ⊗ I)
            return couple(change(change(couple(vector.reshape(shape))))).ravel()

        if np.array_equal(before, after):
            return 0.0
        size, start = before.size, np.random.default_rng(0).normal(size=before.size)
        if size < 3:
            return float(np.sqrt(max(np.linalg.eigvalsh(np.stack([square(e) for e in np.eye(size)]))[-1], 0.0)))
        operator = LinearOperator((size, size), matvec=square, dtype=float)
        return float(np.sqrt(max(eigsh(operator, k=1, v0=start, tol=1e-10, return_eigenvectors=False)[0], 0.0)))


def gradient_flow(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    times: Times,
    *,
    penalty: float = 0.0,
    knowledge: Features | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-10,
) -> Flow:
    """Solve Eq. (9) from `network` on, at times (T,), by SciPy's DOP853.

    Parameters
    ----------
    network : TwoLayerNetwork
    x, y : (n, d), (n,) arrays
    times : (T,) array
        Finite, non-decreasing, ≥ 0.
    penalty : float
        0 ≤ λ ≤ ∞; ∞ is pure distillation, the second term of (2) alone with weight one.
    knowledge : (n, m) array, optional
        Φ; needed when penalty > 0.
    rtol, atol : float
        Of the weights, a step. ReLU's kinks cost the solver small steps.

    Raises
    ------
    ValueError
        For shapes or times that do not fit, non-finite numbers, λ < 0, or λ > 0 without knowledge; for a time or a λ
        so large that it would take more than ten million steps.
    RuntimeError
        When the solver gives up, or the velocity is no longer finite.

    Examples
    --------
    >>> flow = gradient_flow(network, x, y, np.array([0.0, 1.0]))
    >>> start, later = np.linalg.norm(flow.output() - y, axis=1)
    >>> bool(later < start)
    True
    """
    problem = Problem(network, x, y, penalty, knowledge, "gradient_flow")
    times = checks.times("gradient_flow", times, run=True)
    if not (0 < rtol < np.inf and 0 < atol < np.inf):
        raise ValueError(f"gradient_flow: rtol={rtol}, atol={atol}; expected positive numbers")
    x, sigma = problem.x, activation(network.activation)
    _check_steps(problem, times)

    def velocity(time, flat):
        z = x @ flat.reshape(network.weights.shape).T  # (n, m)
        result = ((sigma.derivative(z) * problem.force(sigma.function(z))).T @ x).ravel()
        if not np.isfinite(result).all():  # the solver would shorten its steps for ever
            raise RuntimeError(
                f"gradient_flow: the velocity at t = {time:g} is not finite; expected finite numbers: "
                "scale the samples, labels or knowledge down"
            )
        return result

    weights = np.broadcast_to(network.weights, (len(times), *network.weights.shape)).copy()
    if len(times) and times[-1] > 0:
        with one_pool(2 * x.size * network.width):
            solution = solve_ivp(
                velocity, (0.0, times[-1]), network.weights.ravel(), method="DOP853", t_eval=times, rtol=rtol, atol=atol
            )
        if not solution.success:
            raise RuntimeError(
                f"gradient_flow: SciPy stopped before t = {times[-1]:g} ({solution.message}); expected "
                "a solution: give earlier times or larger tolerances"
            )
        weights = solution.y.T.reshape(weights.shape)
    return Flow(network, x, problem.penalty, times, weights)


def _check_steps(problem, times):
    """Refuse what would not end."""
    fastest = largest_rate(problem.network, problem.penalty) * np.linalg.norm(problem.x, 2) ** 2
    steps = fastest * times.max(initial=0.0) / _STABLE
    if steps > _MOST_STEPS:
        raise ValueError(
            f"gradient_flow: times up to {times[-1]:g} with penalty={problem.penalty:g} may take {steps:.1e} steps; "
            f"expected at most {_MOST_STEPS:g}: give earlier times or a smaller penalty, or KernelRegime, whose cost "
            "does not grow with time"
        )


def l1_distance(times: Times, one: Float[np.ndarray, "T ..."], other: Float[np.ndarray, "T ..."]) -> float:
    """∫ ‖one(t) − other(t)‖ dt by the trapezoid rule, times (T,), curves (T, …): Theorem 3's meaning of O(1/√m).

    Examples
    --------
    >>> l1_distance(np.array([0.0, 2.0]), np.ones((2, 4)), np.zeros((2, 4)))
    4.0
    """
    times = checks.array("l1_distance", "times", times, ("T",))
    one = checks.floats("l1_distance", "one", one)
    one = checks.array("l1_distance", "one", one, (len(times), *one.shape[1:]))
    gap = one - checks.array("l1_distance", "other", other, one.shape)
    return float(np.trapezoid(np.sqrt((gap.reshape(len(gap), -1) ** 2).sum(axis=1)), times))


def runge_kutta_step(velocity: Callable[[np.ndarray], np.ndarray], state: np.ndarray, step: float) -> np.ndarray:
    """The state after one step of the classical scheme of fourth order, for a velocity that depends on it alone.

    Examples
    --------
    >>> runge_kutta_step(lambda state: state, np.ones(1), 0.1).round(6).tolist()
    [1.105171]
    """
    one = velocity(state)
    two = velocity(state + 0.5 * step * one)
    three = velocity(state + 0.5 * step * two)
    return state + step / 6.0 * (one + 2.0 * two + 2.0 * three + velocity(state + step * three))
