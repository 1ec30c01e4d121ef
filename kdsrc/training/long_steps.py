"""The flow that Eq. (9) discretises, followed over long times by Runge–Kutta–Chebyshev steps.

Gradient descent needs η λ_max < 2, and what is slow then takes 1/(η λ) iterations. A Runge–Kutta step of s stages whose
stability polynomial is the shifted Chebyshev polynomial

    P(z) = T_s(w₀ + w₁ z) / T_s(w₀),   w₀ = 1 + damping/s²,   w₁ = T_s(w₀) / T_s′(w₀),

has |P| ≤ 1 for −(1 + w₀)/w₁ ≤ z ≤ 0, a length that grows as s²: for the work of s iterations it may go as far as about
s² of them. It damps what is fast and follows what is slow, to first order in the step, as gradient descent does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from numbers import Integral

import numpy as np
import torch
from jaxtyping import Float
from scipy.special import eval_chebyt
from tqdm import tqdm

from kdsrc import checks
from kdsrc.data import Dataset
from kdsrc.problem import largest_rate
from kdsrc.threads import one_pool
from kdsrc.training.descent import GramState, StackedArms
from kdsrc.training.euler import Arm, check, recorded_iterations, step_operations
from kdsrc.training.history import History, Recorder
from kdsrc.typing import Points

__all__ = ["Scheme", "curvature_bound", "integrate_long_steps"]

_MOST_STAGES = 10**7  # most of a day with a thousand images


@dataclass(frozen=True)
class Scheme:
    """Coefficients of one step of s stages for C′ = R(C), written for the shifts D_j = C_j − C_0:

        D_1 = h (w₁/w₀) R_0,   D_j = μ_j D_{j−1} + ν_j D_{j−2} + μ̃_j h R_{j−1}.

    Parameters
    ----------
    stages : int
        s ≥ 2.
    damping : float
        Positive. |P| ≤ 1/T_s(w₀), about 1/cosh √(2 damping), where the flow is fast, and the length shrinks a little.
        The usual 2/13 is for smooth problems; where units switch on and off on the way, 1 is the better choice.

    Notes
    -----
    P. J. van der Houwen and B. P. Sommeijer, On the internal stability of explicit, m-stage Runge–Kutta methods for
    large m-values, ZAMM 60 (1980) 479-485.

    Examples
    --------
    >>> scheme = Scheme(stages=8)
    >>> float(scheme.polynomial(0.0).round(12)), 8 < scheme.length < 2 * 8**2
    (1.0, True)
    """

    stages: int
    damping: float = 1.0

    def __post_init__(self):
        if not isinstance(self.stages, Integral) or self.stages < 2 or not 0 < self.damping < math.inf:
            raise ValueError(
                f"Scheme: stages={self.stages}, damping={self.damping}; expected two stages or more and a "
                "positive damping (for one stage use kdsrc.training.train)"
            )

    @property
    def _angle(self) -> float:
        """θ with cosh θ = w₀, so that T_j(w₀) = cosh jθ."""
        return math.acosh(1.0 + self.damping / self.stages**2)

    @property
    def slope(self) -> float:
        """w₁ = T_s(w₀)/T_s′(w₀)."""
        return math.sinh(self._angle) / (self.stages * math.tanh(self.stages * self._angle))

    @property
    def length(self) -> float:
        """(1 + w₀)/w₁, the largest h·λ_max of a stable step."""
        return (1.0 + math.cosh(self._angle)) / self.slope

    def polynomial(self, z: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."] | np.floating:
        """P(z), z = −h λ: what one step multiplies a mode of dc/dt = −λ c by."""
        z = checks.array("Scheme.polynomial", "z", z, (...,))
        return eval_chebyt(self.stages, math.cosh(self._angle) + self.slope * z) / math.cosh(self.stages * self._angle)

    @property
    def first(self) -> float:
        """w₁/w₀."""
        return self.slope / math.cosh(self._angle)

    @cached_property
    def later(self) -> list[tuple[float, float, float]]:
        """(μ_j, ν_j, μ̃_j) for j = 2, …, s."""
        w0, w1 = math.cosh(self._angle), self.slope
        t = np.cosh(self._angle * np.arange(self.stages + 1))
        return [
            (2.0 * w0 * t[j - 1] / t[j], -t[j - 2] / t[j], 2.0 * w1 * t[j - 1] / t[j])
            for j in range(2, self.stages + 1)
        ]


def integrate_long_steps(
    arms: Sequence[Arm],
    data: Dataset,
    *,
    learning_rate: float = 2e-4,
    iterations: int = 100_000,
    record_every: int | Sequence[int] = 1_000,
    stages: int = 32,
    damping: float = 1.0,
    dtype: str = "float32",
    progress: bool = True,
) -> dict[str, History]:
    """The flow of objective (2) for every arm at once, in steps that stand for many iterations of gradient descent.

    Parameters
    ----------
    arms : sequence of Arm
        As for `kdsrc.training.train`. The arm with the largest ‖c‖² + λ decides the step of all.
    data : Dataset
        Its n × n Gram matrix is formed.
    learning_rate : float
        η, which here only says how much time an iteration stands for: t = η·iterations.
    iterations : int
        Iterations of gradient descent that the flow is followed for.
    record_every : int, or sequence of int
        Which of them become rows, as for `train`. Between rows the steps are equal and as long as `curvature_bound`
        allows.
    stages, damping : int, float
        Of the `Scheme`. More stages cost less for the same time; the step then is longer, and its error larger.
    dtype : {'float32', 'float64'}
    progress : bool
        A progress bar, shown on a terminal only.

    Returns
    -------
    dict of str to History
        In the order of the arms; iterations as above.

    Raises
    ------
    ValueError
        For arguments that do not fit, or more than ten million stages in all.
    TrainingDiverged
        As soon as an arm's output is not finite.

    Notes
    -----
    A mode that shrinks at rate r is followed well when a step is short against 1/r. Let `kdsrc.training.train` do the
    start, until what is faster than that has come to rest. Units of ReLU that switch do so a step late.

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> run = integrate_long_steps([Arm("alone", network)], data, iterations=1_000, progress=False)["alone"]
    >>> bool(run.train_loss[-1] < run.train_loss[0])
    True
    """
    arms, scheme = list(arms), Scheme(stages, damping)
    check("integrate_long_steps", arms, data, learning_rate, iterations, record_every, dtype)
    bound = curvature_bound(arms, data.x_train)
    longest = scheme.length / bound if bound > 0 else math.inf  # without output weights nothing moves
    n = len(data.y_train)
    with (
        one_pool(step_operations(arms, n, n)),
        tqdm(total=iterations, unit="it", desc="following", disable=None if progress else True) as bar,
    ):
        stack = StackedArms(arms, getattr(torch, dtype), torch.device("cpu"))
        state = GramState(stack, data.x_train, data.x_test)
        recorder = Recorder("integrate_long_steps", "take fewer stages", [arm.name for arm in arms], stack, state, data)
        recorder.residual(0, learning_rate)
        _check_work(scheme, bound, arms, learning_rate, iterations, record_every)
        marks = recorded_iterations(iterations, record_every)
        recorder.keep(0)
        for before, after in pairwise(marks):
            time = learning_rate * (after - before)
            steps = math.ceil(time / longest)
            force = partial(_force, stack, state, recorder, after, learning_rate)
            for _ in range(steps):
                _step(scheme, time / steps, state, force)
            recorder.residual(after, learning_rate)
            bar.set_postfix_str(f"loss {recorder.keep(after):.4f}", refresh=False)
            bar.update(after - before)
    return recorder.histories()


def curvature_bound(arms: Sequence[Arm], x: Points) -> float:
    """max over arms of (‖c‖² + λ) L² ‖X‖₂², with |σ′| ≤ L: no pattern of active units gives Eq. (9) a larger λ_max.

    λ_max is that of the part H̄ + λ diag(H_k) which the kernels make; pure distillation counts as λ = 1 without c.
    A bound, and not the value at the start: units switch on the way, and a step too long for a moment kills some.

    Raises
    ------
    ValueError
        For no arms, or samples that do not fit the networks.

    Examples
    --------
    >>> round(curvature_bound([Arm("alone", network)], x), 6)
    1.0
    """
    arms = list(arms)
    if not arms:
        raise ValueError("curvature_bound: no arms; expected at least one Arm")
    for arm in arms:
        checks.kind("curvature_bound", "one of arms", arm, Arm)
    x = checks.array("curvature_bound", "x", x, ("n", arms[0].network.dim))
    return max(largest_rate(arm.network, arm.penalty) for arm in arms) * float(np.linalg.norm(x, 2)) ** 2


def _check_work(scheme, bound, arms, learning_rate, iterations, record_every):
    if isinstance(record_every, Integral):  # without a list of them: there may be too many
        rows, apart = math.ceil(iterations / record_every), min(record_every, iterations)
    else:
        rows, apart = 1, np.diff(recorded_iterations(iterations, record_every))
    steps = rows * float(np.maximum(1.0, learning_rate * apart * bound / scheme.length).sum())
    if not steps * scheme.stages <= _MOST_STAGES:
        largest = max(arm.penalty for arm in arms)
        raise ValueError(
            f"integrate_long_steps: iterations={iterations}, record_every={record_every} and penalty up to {largest:g} "
            f"would take {steps:.3g} steps of {scheme.stages} stages; expected at most {_MOST_STAGES:g} "
            "stages in all: take fewer iterations, fewer rows, or a smaller penalty"
        )


def _force(stack, state, recorder, iteration, learning_rate):
    """R (M, n) at the state as it is."""
    return stack.direction(state.z, recorder.residual(iteration, learning_rate))


def _step(scheme, h, state, force):
    """One step of length h in time."""
    base = state.z.clone()
    older, shift = torch.zeros_like(base), force() * (h * scheme.first)
    for mu, nu, mu_tilde in scheme.later:
        state.displace(base, shift)
        older.mul_(nu).add_(shift, alpha=mu).add_(force(), alpha=h * mu_tilde)
        older, shift = shift, older
    state.displace(base, shift)
    state.dual_coefficients.add_(shift)
