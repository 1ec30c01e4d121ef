"""One distillation problem, checked once: a network, data, λ and Φ, and the force of Eq. (9) on them.

The gradient flow of objective (2) is dw_k/dt = L_k g_k, with the columns σ′(w_k·x_i) x_i of L_k and the force g_k,

    g_k = u c_k (y − f) + v (φ^(k) − f^(k)),   f = Σ_k c_k f^(k),  c_k = a_k/√m.

The weights (u, v) of its two terms, `term_weights`, are (1, λ); at λ = ∞, pure distillation, they are (0, 1): the
labels are ignored and the second term stands alone.
"""

from dataclasses import InitVar, dataclass

import numpy as np

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.networks import TwoLayerNetwork
from kdsrc.typing import Features, Labels, Points

__all__ = ["Problem", "largest_rate", "term_shares", "term_weights"]


@dataclass(frozen=True, eq=False)
class Problem:
    """What a student learns from: labels and knowledge, weighted by λ.

    Parameters
    ----------
    network : TwoLayerNetwork
        Where training starts; m units of d inputs.
    x, y : (n, d), (n,) arrays
        Training points and labels, n ≥ 1.
    penalty : float
        0 ≤ λ ≤ ∞.
    knowledge : (n, m) array, optional
        Φ; needed when penalty > 0.
    caller : str
        In whose name a wrong argument is refused.

    Raises
    ------
    ValueError
        For shapes that do not fit, non-finite numbers, λ < 0, or λ > 0 without knowledge.

    Notes
    -----
    Arrays become float64 without a copy where they are that already: do not write to them afterwards.

    Examples
    --------
    >>> problem = Problem(network, x, y, np.inf, knowledge)
    >>> problem.weights
    (0.0, 1.0)
    >>> bool(np.allclose(problem.force(network.features(x)), 0.1))
    True
    """

    network: TwoLayerNetwork
    x: Points
    y: Labels
    penalty: float = 0.0
    knowledge: Features | None = None
    caller: InitVar[str] = "Problem"

    def __post_init__(self, caller):
        checks.kind(caller, "network", self.network, TwoLayerNetwork)
        hint = ": samples are rows with as many columns as the network's weights"
        x = checks.array(caller, "x", self.x, ("n", self.network.dim), hint=hint)
        y = checks.array(caller, "y", self.y, (len(x),), hint=": one label a row of x")
        penalty, knowledge = checks.penalty_and_knowledge(
            caller, self.penalty, self.knowledge, (len(x), self.network.width)
        )
        for name, value in dict(x=x, y=y, penalty=penalty, knowledge=knowledge).items():
            object.__setattr__(self, name, value)

    @property
    def weights(self) -> tuple[float, float]:
        """`term_weights` of λ, the (u, v) of the heading."""
        return term_weights(self.penalty)

    def force(self, features: np.ndarray) -> Features:
        """The heading's force on every unit, (n, m), where the units' outputs f^(k) are features (n, m)."""
        c = self.network.coefficients
        labels, taught = self.weights
        if not labels:
            return self.knowledge - features
        force = np.outer(self.y - features @ c, c)
        if taught:
            force += taught * (self.knowledge - features)
        return force


def term_weights(penalty: float) -> tuple[float, float]:
    """(u, v) of the heading, the weights of the labels' term of (2) and of the knowledge's.

    Examples
    --------
    >>> term_weights(0.5), term_weights(np.inf)
    ((1.0, 0.5), (0.0, 1.0))
    """
    penalty = checks.penalty("term_weights", penalty)
    return (0.0, 1.0) if np.isinf(penalty) else (1.0, penalty)


def term_shares(total_weight: float, penalty: float) -> tuple[float, float]:
    """a/(a+λ) and λ/(a+λ), the shares of labels and knowledge in f_∞, from a = ‖c‖² ≥ 0 and λ with a + λ > 0.

    Examples
    --------
    >>> term_shares(1.0, 3.0), term_shares(1.0, np.inf)
    ((0.25, 0.75), (0.0, 1.0))
    """
    total_weight = checks.number("term_shares", "total_weight", total_weight, least=0.0)
    labels, taught = term_weights(checks.penalty("term_shares", penalty, zero=total_weight > 0))
    labels *= total_weight
    return labels / (labels + taught), taught / (labels + taught)


def largest_rate(network: TwoLayerNetwork, penalty: float) -> float:
    """(u‖c‖² + v) L², with u, v of the heading and |σ′| ≤ L: no slopes give Eq. (9) a larger rate than this by ‖X‖₂².

    Examples
    --------
    >>> round(largest_rate(network, 0.5), 6)
    1.5
    """
    labels, taught = term_weights(checks.penalty("largest_rate", penalty))
    strength = labels * float(np.sum(network.coefficients**2)) + taught
    return strength * activation(network.activation).steepest ** 2
