"""The kernel hypothesis against the width: true flow (Eq. 9) and frozen flow (Eq. 14) side by side.

Both are solved in the coordinates b_k of Δw_k = Xᵀ b_k, in which a step costs m·n² whatever the number of inputs, and
by the same Runge–Kutta steps, whose error is far below the distances that are measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.dynamics.flow import Flow, l1_distance, runge_kutta_step
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.problem import largest_rate
from kdsrc.theory.lemmas import lemma2_bound, lemma3_bound, lemma4_bound
from kdsrc.theory.theorem1 import printed_unit_limits
from kdsrc.typing import Labels, Points

__all__ = ["QUANTITIES", "Pair", "measure", "sweep", "trained_and_frozen"]

QUANTITIES = {
    "distance": "∫‖f(t) − f_frozen(t)‖dt up to the horizon",
    "move": "largest ‖Δw_k‖ at the horizon",
    "move_bound": "its bound by Lemma 4, repaired",
    "kernel": "largest ‖ΔH_k‖ at the horizon",
    "kernel_bound": "its bound by Lemma 3, repaired, from the measured ‖Δw_k‖",
    "operator": "‖ΔH̄‖ at the horizon",
    "operator_bound": "its bound by Lemma 2, repaired, from the measured ‖ΔH_k‖",
}


_MOST_STEPS = 10**6


@dataclass(frozen=True, eq=False)
class Pair:
    """Both flows of one network, started at the knowledge φ^(k) = f^(k)(0).

    Attributes
    ----------
    times : (T,) array
    true, frozen : (T, n) arrays
        Outputs.
    units : (T, m) array
        ‖δ^(k)(t)‖ of the true flow.
    end : Flow
        The true flow at the last time alone.

    Examples
    --------
    >>> float(trained_and_frozen(network, x, y, 0.5, 1.0).times[0])
    0.0
    """

    times: np.ndarray
    true: np.ndarray
    frozen: np.ndarray
    units: np.ndarray
    end: Flow


def trained_and_frozen(
    network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, horizon: float, *, safety: float = 1.0
) -> Pair:
    """True and frozen flow up to t = horizon, with steps of at most safety / (largest rate that slopes allow).

    Raises
    ------
    ValueError
        Unless λ, horizon and safety are positive and finite, and safety at most 2.5, where Runge–Kutta is stable; for
        shapes that do not fit, numbers that are not finite, and more than a million steps.

    Examples
    --------
    >>> pair = trained_and_frozen(network, x, y, 0.5, 1.0)
    >>> pair.true.shape == pair.frozen.shape
    True
    """
    if not (0 < penalty < np.inf and 0 < horizon < np.inf and 0 < safety <= 2.5):
        raise ValueError(
            f"trained_and_frozen: penalty={penalty}, horizon={horizon}, safety={safety}; expected positive, finite "
            "numbers and safety ≤ 2.5: take smaller steps"
        )
    x = checks.array("trained_and_frozen", "x", x, ("n", network.dim))
    y = checks.array("trained_and_frozen", "y", y, (len(x),))
    sigma, c = activation(network.activation), network.coefficients
    gram, start = x @ x.T, network.weights @ x.T  # (n, n), (m, n)
    knowledge, slopes = sigma.function(start), sigma.derivative(start)
    rate = largest_rate(network, penalty) * float(np.linalg.eigvalsh(gram)[-1])
    needed = horizon * rate / safety
    if not needed <= _MOST_STEPS:
        raise ValueError(
            f"trained_and_frozen: penalty={penalty:g}, horizon={horizon:g} and safety={safety:g} would take "
            f"{needed:.3g} steps; expected at most {_MOST_STEPS:g}: take a smaller λ or a shorter horizon"
        )
    steps = max(2, math.ceil(needed))
    h = horizon / steps

    def true(b):
        z = start + b @ gram
        features = sigma.function(z)
        return features, sigma.derivative(z)

    def frozen(b):
        return knowledge + slopes * (b @ gram), slopes

    ends = printed_unit_limits(network, y, penalty, knowledge.T).T
    outputs, b = np.empty((2, steps + 1, len(y))), [np.zeros_like(start), np.zeros_like(start)]
    units = np.empty((steps + 1, len(c)))
    for step in range(steps + 1):
        for kind, model in enumerate((true, frozen)):
            features = model(b[kind])[0]
            outputs[kind, step] = c @ features
            if kind == 0:
                units[step] = np.linalg.norm(features - ends, axis=1)
            if step < steps:

                def velocity(v, model=model):
                    return _velocity(model(v), c, y, penalty, knowledge)

                b[kind] = runge_kutta_step(velocity, b[kind], h)
    times = h * np.arange(steps + 1)
    end = Flow(network, x, penalty, times[-1:], (network.weights + b[0] @ x)[None])
    return Pair(times, outputs[0], outputs[1], units, end)


def sweep(
    x: Points,
    y: Labels,
    widths: Sequence[int],
    seeds: Sequence[int],
    *,
    activation: str,
    penalty: float = 0.3,
    std: float = 1.0,
    horizon: float = 20.0,
    safety: float = 1.0,
) -> dict[str, np.ndarray]:
    """`QUANTITIES` for networks of several widths and seeds; each an array (seeds, widths).

    Examples
    --------
    >>> found = sweep(x, y, (4,), (0,), activation="tanh", horizon=1.0)
    >>> {values.shape for values in found.values()}
    {(1, 1)}
    """
    x = checks.array("sweep", "x", x, ("n", "d"))
    for name, value in (("widths", widths), ("seeds", seeds)):
        if len(value) == 0:
            raise ValueError(f"sweep: {name}={value!r}; expected at least one")
    found = {name: np.empty((len(seeds), len(widths))) for name in QUANTITIES}
    for i, seed in enumerate(seeds):
        for j, width in enumerate(widths):
            network = init_network(width, x.shape[1], seed=seed, std=std, activation=activation)
            for name, number in measure(trained_and_frozen(network, x, y, penalty, horizon, safety=safety), y).items():
                found[name][i, j] = number
    return found


def measure(pair: Pair, y: Labels) -> dict[str, float]:
    """`QUANTITIES` of one pair; y (n,). Bounds are infinite where σ′ is not Lipschitz."""
    flow, network = pair.end, pair.end.network
    c, penalty, moves, changes = network.coefficients, flow.penalty, flow.moves()[0], flow.kernel_changes()[0]
    y = checks.array("measure", "y", y, (len(flow.x),))
    limit = printed_unit_limits(network, y, penalty, network.features(flow.x)) @ c
    deviations = np.linalg.norm(pair.true - limit, axis=1)
    integrals = np.trapezoid(deviations, pair.times), np.trapezoid(pair.units, pair.times, axis=0)
    smooth = np.isfinite(activation(network.activation).lipschitz)
    found = (
        l1_distance(pair.times, pair.true, pair.frozen),
        moves.max(),
        lemma4_bound(network, flow.x, penalty, *integrals).max() if smooth else np.inf,
        changes.max(),
        lemma3_bound(network, flow.x, moves).max() if smooth else np.inf,
        flow.operator_changes()[0],
        lemma2_bound(c @ c, penalty, changes.max()),
    )
    return dict(zip(QUANTITIES, map(float, found), strict=True))


def _velocity(state, c, y, penalty, knowledge):
    features, slopes = state  # (m, n), as knowledge
    return slopes * (np.outer(c, y - c @ features) + penalty * (knowledge - features))
