"""Theorem 1 without the kernel hypothesis: where the true flow of Eq. (9) and gradient descent end, and how surely.

With 𝛅 = (δ^(k)) the deviations of the features from f_∞^(k), objective (2) is ‖𝛅‖_A² above its least value, and
d/dt ½‖𝛅‖_A² = −⟨z, 𝐃(t) z⟩, z = (A ⊗ I) 𝛅. Where H_k(t) ⪰ hI along the path, ‖𝛅(t)‖_A ≤ e^{−λht} ‖𝛅(0)‖_A. Independent
rows of X and slopes σ′ ≥ σ′_min > 0 give h = σ′_min² λ_min(X Xᵀ). `kdsrc.theory.lemmas.flow_norm` is ‖·‖_A.
Every function refuses, with a ValueError, λ = 0 and ∞, no knowledge, and what `kdsrc.problem.Problem` refuses.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.activations import ACTIVATIONS, activation
from kdsrc.dynamics.limits import rows_independent
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem, largest_rate
from kdsrc.theory.lemmas import flow_norm
from kdsrc.theory.theorem1 import printed_unit_limits
from kdsrc.theory.theorem3 import coupling, start_deviations
from kdsrc.typing import Features, Labels, Points

__all__ = ["arrival", "curvature_bound", "flow_metric", "kept_slope"]


def arrival(network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, knowledge: Features) -> TwoLayerNetwork:
    """The network at which the flow of Eq. (9) ends when it ends at f_∞: known before the training.

    w_k(∞) = w_k(0) + X⁺ (σ^{-1}(f_∞^(k)) − X w_k(0)): weights move within the span of the data only, and there is one
    point of w_k(0) + span with the features f_∞^(k).

    Parameters
    ----------
    network : TwoLayerNetwork
        The start, with an increasing activation; m units.
    x, y : (n, d), (n,) arrays
        The rows of x are independent.
    penalty : float
        0 < λ < ∞.
    knowledge : (n, m) array
        Φ.

    Raises
    ------
    ValueError
        For dependent rows, ReLU (which has no inverse), or an f_∞^(k) outside the range of σ: no weights have these
        features, and the flow cannot end there.

    Examples
    --------
    >>> c = network.coefficients
    >>> end = arrival(network, x, 0.5 * y, 20.0, network.features(x))
    >>> bool(np.allclose(end.output(x), (0.5 * y + 20.0 * network.output(x)) / 21.0))
    True
    """
    problem, (low, high, inverse) = _problem("arrival", network, x, y, penalty, knowledge, invert=True)
    targets = printed_unit_limits(network, problem.y, penalty, knowledge)  # (n, m)
    if not ((low < targets) & (targets < high)).all():
        raise ValueError(
            f"arrival: features f_∞ from {targets.min():.3g} to {targets.max():.3g}; expected values of "
            f"{network.activation!r}, between {low:g} and {high:g}: a larger λ, more units, or knowledge "
            "away from the ends of the range"
        )
    moves = np.linalg.lstsq(problem.x, inverse(targets) - network.preactivations(x), rcond=None)[0]  # (d, m)
    return TwoLayerNetwork(network.weights + moves.T, network.output_weights, network.activation)


def kept_slope(network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, knowledge: Features) -> float:
    """σ′_min ≥ 0 that no slope of a unit on a sample falls below, along the whole flow; from the start alone.

    ‖𝛅‖_A never grows, so a feature stays within √(λ^{-1}(1 − c_k²/(a+λ))) ‖𝛅(0)‖_A of f_∞^(k); σ′_min is the smallest
    slope of σ at such values, and 0 when they reach the end of the range. 1/10 at least for 'leaky tanh'.

    Raises
    ------
    ValueError
        As `arrival`, for dependent rows or ReLU.

    Examples
    --------
    >>> 0.0 <= kept_slope(network, x, 0.5 * y, 20.0, network.features(x)) <= 1.0
    True
    """
    problem, (low, high, inverse) = _problem("kept_slope", network, x, y, penalty, knowledge, invert=True)
    c, penalty = network.coefficients, problem.penalty
    size = flow_norm(network, penalty, start_deviations(network, x, y, penalty, knowledge))
    reach = size * np.sqrt((1.0 - c**2 / (c @ c + penalty)) / penalty)  # (m,), from the diagonal of A^{-1}
    targets = printed_unit_limits(network, y, penalty, knowledge)
    ends = np.stack([targets - reach, targets + reach])
    if not ((low < ends) & (ends < high)).all():
        return 0.0
    return float(activation(network.activation).derivative(inverse(ends)).min())  # σ′ has no minimum inside


def curvature_bound(network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, knowledge: Features) -> float:
    """Λ = ‖X‖₂² [(a+λ) b² + L √(max c_k² + λ) ‖𝛅(0)‖_A], an upper bound on the curvature of ½‖𝛅‖_A² in the weights.

    It holds wherever ‖𝛅‖_A ≤ ‖𝛅(0)‖_A. b = max σ′, L ≥ max |σ″|. Gradient descent with a step η < 2/Λ
    therefore multiplies ‖𝛅‖_A² by 1 − 2ηλh(1 − ηΛ/2) at most, and never leaves that set.

    Raises
    ------
    ValueError
        For ReLU, whose slope jumps.

    Examples
    --------
    >>> curvature_bound(network, x, y, 1.0, knowledge) > 2.0
    True
    """
    problem, _ = _problem("curvature_bound", network, x, y, penalty, knowledge)
    sigma, c, penalty = activation(network.activation), network.coefficients, problem.penalty
    if not np.isfinite(sigma.lipschitz):
        raise ValueError(
            f"curvature_bound: activation {network.activation!r}; expected one with a bounded second derivative"
        )
    size = flow_norm(network, penalty, start_deviations(network, x, y, penalty, knowledge))
    bend = sigma.lipschitz * np.sqrt(np.max(c**2) + penalty) * size
    return float(np.linalg.norm(problem.x, 2) ** 2 * (largest_rate(network, penalty) + bend))


def flow_metric(
    network: TwoLayerNetwork, x: Points, blocks: Float[np.ndarray, "m n"], penalty: float
) -> tuple[float, float]:
    """(⟨z, 𝐃 z⟩, ‖𝛅‖_A²) of deviations 𝛅 as blocks (m, n): how fast ½‖𝛅‖_A² falls along the flow, and ‖𝛅‖_A² itself.

    Examples
    --------
    >>> flow_metric(network, x, np.zeros((4, 5)), 1.0)
    (0.0, 0.0)
    """
    x = checks.array("flow_metric", "x", x, ("n", network.dim))
    blocks = checks.array("flow_metric", "blocks", blocks, (network.width, len(x)))
    z = coupling(network, penalty) @ blocks  # (A ⊗ I) 𝛅, (m, n)
    pulled = (network.slopes(x).T * z) @ x  # L_k z_k, (m, d)
    return float((pulled**2).sum()), float((blocks * z).sum())


def _problem(caller, network, x, y, penalty, knowledge, invert=False):
    """The checked problem, and the infimum, supremum and inverse of σ where they are needed."""
    checks.penalty(caller, penalty, zero=False, infinite=False)
    problem = Problem(network, x, y, penalty, knowledge, caller)
    if not invert:
        return problem, None
    sigma = activation(network.activation)
    if sigma.inverse is None:
        invertible = ", ".join(name for name, row in ACTIVATIONS.items() if row.inverse)
        raise ValueError(
            f"{caller}: activation {network.activation!r}; expected one of {invertible}, which increase strictly"
        )
    if not rows_independent(problem.x):
        raise ValueError(f"{caller}: x {problem.x.shape}; expected linearly independent rows (n ≤ d)")
    return problem, (*sigma.ends, sigma.inverse)
