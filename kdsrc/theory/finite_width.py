"""How far the true flow (Eq. 9) leads away from the frozen one (Eq. 14): the leading term for wide networks.

With φ^(k) = f^(k)(0), σ′_k = σ′(Xw_k), σ″_k = σ″(Xw_k), G = X Xᵀ and r = y − f_frozen, products entry by entry,
f − f_frozen = f₁ + O(1/m) with f₁ = Σ_k c_k χ_k, χ_k = σ′_k ζ_k + ½ c_k² σ″_k ξ_k², and

ξ̇_k = G[σ′_k (r − λσ′_k ξ_k)],   ζ̇_k = c_k² G[σ″_k ξ_k (r − λσ′_k ξ_k)] − G[σ′_k (c_k f₁ + λχ_k)],   both from 0.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.activations import ACTIVATIONS, activation
from kdsrc.dynamics.flow import runge_kutta_step
from kdsrc.networks import TwoLayerNetwork
from kdsrc.typing import Labels, Points, Times

__all__ = ["leading_term"]


def leading_term(
    network: TwoLayerNetwork, x: Points, y: Labels, times: Times, penalty: float
) -> Float[np.ndarray, "T n"]:
    """f₁(t), the part of f(t) − f_frozen(t) of order 1/√m, for the knowledge φ^(k) = f^(k)(0).

    Parameters
    ----------
    network : TwoLayerNetwork
        Activation tanh, softplus or erf.
    x : (n, d) array
    y : (n,) array
    times : (T,) array
        Equally spaced from 0; their distance is the step of Runge and Kutta's scheme of fourth order.
    penalty : float
        λ > 0.

    Returns
    -------
    (T, n) array
        Zero at the first time. It does not change when units that push in opposite directions are added.

    Raises
    ------
    ValueError
        For an activation without a second derivative here, times that are not equally spaced from 0, and λ that is
        not positive and finite.

    Examples
    --------
    >>> leading_term(network, x, y, np.linspace(0.0, 1.0, 3), 0.5)[0].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    bend = activation(network.activation).bend
    if bend is None:
        known = ", ".join(name for name, row in ACTIVATIONS.items() if row.bend)
        raise ValueError(f"leading_term: activation {network.activation!r} has no σ″ here; expected one of {known}")
    penalty = checks.penalty("leading_term", penalty, zero=False, infinite=False)
    x = checks.array("leading_term", "x", x, ("n", network.dim))
    y = checks.array("leading_term", "y", y, (len(x),))
    times = checks.array("leading_term", "times", times, ("T",))
    if len(times) < 2 or times[0] != 0 or not np.allclose(np.diff(times), times[1], rtol=1e-9) or times[1] <= 0:
        raise ValueError("leading_term: times are not equally spaced from 0; expected at least two, as of linspace")
    velocity, change = _system(network, bend(network.preactivations(x).T), x, y, penalty)
    u, h, found = np.zeros((2, network.width, len(y))), float(times[1]), np.empty((len(times), len(y)))
    for step in range(len(times)):
        found[step] = change(u)
        u = runge_kutta_step(velocity, u, h)
    return found


def _system(network, bends, x, y, penalty):
    """Velocity of the state, c_k ξ_k and ζ_k in coordinates of G, (2, m, n); and f₁ of a state."""
    c, gram = network.coefficients, x @ x.T
    slopes, missed = network.slopes(x).T, y - network.output(x)

    def second(u):  # χ_k, (m, n)
        return slopes * (u[1] @ gram) + 0.5 * bends * (u[0] @ gram) ** 2

    def velocity(u):
        first = u[0] @ gram  # c_k ξ_k
        force = np.outer(c, missed - c @ (slopes * first)) - penalty * slopes * first
        back = np.outer(c, c @ second(u)) + penalty * second(u)
        return np.array([slopes * force, bends * first * force - slopes * back])

    return velocity, lambda u: c @ second(u)
