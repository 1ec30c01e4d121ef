"""Gradient descent on objective (2): the Euler scheme of Eq. (9), all arms of a study in one pass over the data.

One step of every arm is  w_k ← w_k + η L_k [c_k (y − f) + λ (φ^(k) − f^(k))],  L_k with columns σ′(w_k·x_i) x_i.
It costs two matrix products however many arms there are: the hidden units of all arms stand side by side.
When n < 2d the weights are never formed on the way. They move within the span of the data, W(r) = W(0) + C X, so
that the pre-activations follow Z(r+1) = Z(r) + η R(r) (X Xᵀ): one product with the n × n Gram matrix.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import torch
from tqdm import tqdm

from kdsrc import checks
from kdsrc.data import Dataset
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.threads import one_pool
from kdsrc.training.descent import GramState, StackedArms, WeightState
from kdsrc.training.history import History, Recorder
from kdsrc.typing import Features

__all__ = ["Arm", "check", "largest_step", "recorded_iterations", "step_operations", "train"]

_POWER_ITERATIONS = 12
_MOST_ITERATIONS = 10**8  # days of the smallest step


@dataclass(frozen=True, eq=False)
class Arm:
    """One network to train on objective (2).

    Parameters
    ----------
    name : str
    network : TwoLayerNetwork
        Start; m units.
    penalty : float
        λ ≥ 0. ``np.inf`` is pure distillation: only the second term of (2) is kept, with weight one (time then
        counts λ times the iterations).
    knowledge : (n, m) array, optional
        Φ, the features φ^(k)(x_i) on the training points; needed when penalty > 0.

    Raises
    ------
    ValueError
        For a negative penalty, a penalty without knowledge, or knowledge of the wrong shape or not finite.

    Examples
    --------
    >>> Arm("taught", network, 0.01, knowledge).penalty
    0.01
    """

    name: str
    network: TwoLayerNetwork
    penalty: float = 0.0
    knowledge: Features | None = None

    def __post_init__(self):
        name = f"Arm {self.name!r}"
        checks.kind(name, "network", self.network, TwoLayerNetwork)
        penalty, knowledge = checks.penalty_and_knowledge(name, self.penalty, self.knowledge, ("n", self.network.width))
        object.__setattr__(self, "penalty", penalty)
        object.__setattr__(self, "knowledge", knowledge)


def train(
    arms: Sequence[Arm],
    data: Dataset,
    *,
    learning_rate: float = 2e-4,
    iterations: int = 1000,
    record_every: int | Sequence[int] = 10,
    checkpoints: Iterable[int] = (),
    device: str = "cpu",
    dtype: str = "float32",
    progress: bool = True,
    route: str = "auto",
) -> dict[str, History]:
    """Full-batch gradient descent on objective (2) for every arm at once.

    Parameters
    ----------
    arms : sequence of Arm
        Distinct names; widths, activations and penalties may differ.
    data : Dataset
    learning_rate : float
        η multiplies the gradient of half of objective (2), a sum (not a mean) over samples; time is t = η·iterations.
    iterations : int
    record_every : int, or sequence of int
        Losses are recorded at its multiples, or at the iterations listed; and at the first and the last.
    checkpoints : sequence of int
        Iterations at which each arm's network is kept.
    device : str
        Any torch device that this machine has.
    dtype : {'float32', 'float64'}
    progress : bool
        A progress bar with loss and time left, shown on a terminal only.
    route : {'auto', 'gram', 'weights'}
        What the steps work on; same numbers up to rounding. 'auto' takes the Gram matrix when n < 2d.

    Returns
    -------
    dict of str to History
        In the order of the arms.

    Raises
    ------
    ValueError
        For arguments that do not fit, or a learning rate with η·λ_max ≥ 2 for some arm, λ_max the largest
        curvature at its start (a lower estimate from a few power iterations: a refused step is unstable).
    TrainingDiverged
        As soon as an arm's output is not finite.

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> run = train([Arm("alone", network)], data, learning_rate=0.1, iterations=20, progress=False)["alone"]
    >>> run.iterations.tolist(), bool(run.train_loss[-1] < run.train_loss[0])
    ([0, 10, 20], True)
    """
    arms = list(arms)
    checkpoints = frozenset(checkpoints)
    check("train", arms, data, learning_rate, iterations, record_every, dtype)
    if any(not isinstance(c, Integral) or not 0 <= c <= iterations for c in checkpoints):
        raise ValueError(f"train: checkpoints={[*checkpoints]}; expected whole iterations from 0 to {iterations}")
    if iterations > _MOST_ITERATIONS:
        raise ValueError(
            f"train: {iterations} iterations; expected at most {_MOST_ITERATIONS:g}: integrate_long_steps goes further"
        )
    if route not in ("auto", "gram", "weights"):
        raise ValueError(f"train: route={route!r}; expected 'auto', 'gram' or 'weights'")
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built for the device
        raise ValueError(
            f"train: device={device!r}; expected a torch device that is here, such as 'cpu' ({error})"
        ) from error
    n, d = data.x_train.shape
    if route == "auto":
        route = "gram" if n < 2 * d else "weights"
    with one_pool(step_operations(arms, n, n if route == "gram" else 2 * d)):
        return _train(arms, data, learning_rate, iterations, record_every, checkpoints, device, dtype, progress, route)


def _train(arms, data, learning_rate, iterations, record_every, checkpoints, device, dtype, progress, route):
    stack = StackedArms(arms, getattr(torch, dtype), torch.device(device))
    state = (GramState if route == "gram" else WeightState)(stack, data.x_train, data.x_test)
    _check_step(arms, stack.curvature(state.x, state.z, _POWER_ITERATIONS), learning_rate)

    marks = recorded_iterations(iterations, record_every)
    recorder = Recorder("train", "lower the learning rate", [arm.name for arm in arms], stack, state, data)
    kept: dict[str, dict[int, TwoLayerNetwork]] = {arm.name: {} for arm in arms}
    with tqdm(total=iterations, unit="it", disable=None if progress else True, desc="training") as bar:
        for iteration in range(iterations + 1):
            residual = recorder.residual(iteration, learning_rate)
            if iteration in checkpoints:
                for arm, network in zip(arms, recorder.networks(), strict=True):
                    kept[arm.name][iteration] = network
            if iteration == marks[len(recorder.iterations)]:
                bar.set_postfix_str(f"loss {recorder.keep(iteration):.4f}", refresh=False)
            if iteration < iterations:
                state.step(stack.direction(state.z, residual), learning_rate)
                bar.update()
    return recorder.histories(kept)


def largest_step(arms: Sequence[Arm], data: Dataset) -> dict[str, float]:
    """2/λ_max of every arm at its start: no larger learning rate can be stable.

    λ_max is the largest eigenvalue of the linearised flow of Eq. (9), from a few power iterations in float64.

    Raises
    ------
    ValueError
        For no arms, names given twice, or networks or knowledge that do not fit the data.

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> from kdsrc.kernels import tangent_kernel
    >>> step = largest_step([Arm("alone", network)], data)["alone"]
    >>> top = np.linalg.eigvalsh(tangent_kernel(network, x))[-1]
    >>> bool(step >= 2.0 / top * (1 - 1e-3))
    True
    """
    arms = list(arms)
    check("largest_step", arms, data, learning_rate=1.0, iterations=0, record_every=1, dtype="float64")
    with one_pool(step_operations(arms, *data.x_train.shape)):
        stack = StackedArms(arms, torch.float64, torch.device("cpu"))
        state = WeightState(stack, data.x_train, data.x_test)
        curvature = stack.curvature(state.x, state.z, _POWER_ITERATIONS)
    return {arm.name: 2.0 / c if c > 0 else np.inf for arm, c in zip(arms, curvature, strict=True)}


def recorded_iterations(iterations: int, record_every: int | Sequence[int]) -> list[int]:
    """At which iterations `train` records: 0, the last, and between them the multiples of a number, or those listed."""
    between = range(0, iterations, record_every) if isinstance(record_every, int | np.integer) else record_every
    return sorted({0, *map(int, between), iterations})


def check(
    caller: str,
    arms: Sequence[Arm],
    data: Dataset,
    learning_rate: float,
    iterations: int,
    record_every: int | Sequence[int],
    dtype: str,
) -> None:
    """Refuse arguments with which no caller (`train`, `largest_step`, `integrate_long_steps`) can work.

    Raises
    ------
    ValueError
        For no arms, names given twice, networks or knowledge that do not fit the data, numbers out of range.
    """
    checks.kind(caller, "data", data, Dataset)
    for arm in arms:
        checks.kind(caller, "one of arms", arm, Arm)
    names = [arm.name for arm in arms]
    if not arms or len(set(names)) != len(names):
        raise ValueError(f"{caller}: arms named {names}; expected at least one arm, each with its own name")
    for arm in arms:
        Problem(arm.network, data.x_train, data.y_train, arm.penalty, arm.knowledge, f"{caller}: arm {arm.name!r}")
    counts = isinstance(iterations, Integral) and iterations >= 0 and _can_record(iterations, record_every)
    rate = isinstance(learning_rate, Real) and 0 < learning_rate < np.inf
    if not rate or not counts:
        raise ValueError(
            f"{caller}: learning_rate={learning_rate}, iterations={iterations}, record_every={record_every}; expected "
            "a positive rate, whole iterations ≥ 0 and record_every ≥ 1, or a list of iterations up to the last"
        )
    if dtype not in ("float32", "float64"):
        raise ValueError(f"{caller}: dtype={dtype!r}; expected 'float32' or 'float64'")


def _can_record(iterations, record_every):
    if isinstance(record_every, Integral):
        return int(record_every) >= 1
    given = np.asarray(record_every)
    return given.ndim == 1 and (
        not given.size or (given.dtype.kind in "iu" and 0 <= given.min() <= given.max() <= iterations)
    )


def step_operations(arms: Sequence[Arm], n: int, inner: int) -> int:
    """Operations of a step's product of (units of all arms × inner) and (inner × n)."""
    return 2 * n * inner * sum(arm.network.width for arm in arms)


def _check_step(arms, curvatures, learning_rate):
    for arm, curvature in zip(arms, curvatures, strict=True):
        if learning_rate * curvature >= 2.0:
            raise ValueError(
                f"train: learning_rate={learning_rate:.4g} is unstable for arm {arm.name!r}: η·λ_max = "
                f"{learning_rate * curvature:.3g} ≥ 2; the largest stable step is {2.0 / curvature:.4g}"
            )
