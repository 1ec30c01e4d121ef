"""Two-layer networks of Eq. (1) and their random start, Eq. (16).

f(x) = Σ_k a_k σ(w_k·x) / √m, with the hidden weights w_k trained and the output weights a_k fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.typing import Features, Labels, Points, Seed

__all__ = ["TwoLayerNetwork", "init_network"]


@dataclass(frozen=True, eq=False)
class TwoLayerNetwork:
    """The network of Eq. (1), f(x) = Σ_k a_k σ(w_k·x) / √m.

    Parameters
    ----------
    weights : (m, d) array
        Hidden weights, one unit w_k a row.
    output_weights : (m,) array
        Fixed output weights a_k; the factor 1/√m is not part of them.
    activation : {'relu', 'tanh', 'softplus', 'erf', 'leaky tanh'}

    Raises
    ------
    ValueError
        For shapes that do not fit, non-finite entries or an unknown activation.

    Notes
    -----
    Both arrays are copied to float64 and made read-only: a network is a value.

    Examples
    --------
    >>> net = TwoLayerNetwork(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0]))
    >>> net.width, net.features(np.array([[2.0]])).tolist(), float(net.output(np.array([[2.0]]))[0].round(3))
    (2, [[2.0, 0.0]], 1.414)
    """

    weights: Float[np.ndarray, "m d"]
    output_weights: Float[np.ndarray, " m"]
    activation: str = "relu"

    def __post_init__(self):
        activation(self.activation)
        shape: tuple = ("m", "d")
        for field, hint in (("weights", ": one row a unit"), ("output_weights", ": one a unit, a row of weights")):
            value = checks.array("TwoLayerNetwork", field, getattr(self, field), shape, hint=hint).copy()
            value.setflags(write=False)
            object.__setattr__(self, field, value)
            shape = value.shape[:1]

    @property
    def width(self) -> int:
        """Number m of hidden units."""
        return self.weights.shape[0]

    @property
    def dim(self) -> int:
        """Number d of inputs."""
        return self.weights.shape[1]

    @property
    def coefficients(self) -> Float[np.ndarray, " m"]:
        """What multiplies each hidden feature in the output, c_k = a_k / √m; shape (m,)."""
        return self.output_weights / np.sqrt(self.width)

    def preactivations(self, x: Points) -> Features:
        """w_k·x_i for x of shape (n, d); returns (n, m)."""
        x = checks.array(
            "TwoLayerNetwork", "x", x, ("n", self.dim), hint=": samples are rows with as many columns as the weights"
        )
        return x @ self.weights.T

    def features(self, x: Points) -> Features:
        """Hidden features f^(k)(x_i) = σ(w_k·x_i) for x of shape (n, d); returns (n, m)."""
        return activation(self.activation).function(self.preactivations(x))

    def slopes(self, x: Points) -> Features:
        """σ′(w_k·x_i) for x of shape (n, d); returns (n, m)."""
        return activation(self.activation).derivative(self.preactivations(x))

    def output(self, x: Points) -> Labels:
        """f(x_i) of Eq. (1) for x of shape (n, d); returns (n,)."""
        return self.features(x) @ self.coefficients

    def select(self, indices: Sequence[int] | Int[np.ndarray, " m"]) -> "TwoLayerNetwork":
        """The smaller network made of the units `indices` (m′,), with 1/√m′ in place of 1/√m."""
        units = np.asarray(indices)
        if units.ndim != 1 or units.size == 0 or not np.issubdtype(units.dtype, np.integer):
            raise ValueError(f"TwoLayerNetwork.select: indices {units!r}; expected a non-empty list of unit numbers")
        if units.min() < 0 or units.max() >= self.width:
            raise ValueError(
                f"TwoLayerNetwork.select: indices from {units.min()} to {units.max()}; expected "
                f"numbers from 0 to {self.width - 1}, the units of this network"
            )
        return TwoLayerNetwork(self.weights[units], self.output_weights[units], self.activation)


def init_network(width: int, dim: int, *, seed: Seed, std: float = 1e-2, activation: str = "relu") -> TwoLayerNetwork:
    """Random network of Eq. (16): w_k ~ N(0, std² I), a_k uniform on {−1, +1}.

    Parameters
    ----------
    width, dim : int
        m units, d inputs.
    seed : int, SeedSequence or Generator
        Fed to `numpy.random.default_rng`; the weights are drawn before the signs.
    std : float
        Standard deviation of every weight (the paper's k = 10⁻²).

    Raises
    ------
    ValueError
        For a width or dimension below one, a negative or infinite std, or no seed.

    Examples
    --------
    >>> net = init_network(100, 64, seed=0)
    >>> net.weights.shape, sorted(set(net.output_weights.tolist()))
    ((100, 64), [-1.0, 1.0])
    """
    checks.count("init_network", "width", width)
    checks.count("init_network", "dim", dim)
    checks.number("init_network", "std", std, least=0.0)
    rng = checks.generator("init_network", seed)
    weights = std * rng.standard_normal((width, dim))
    return TwoLayerNetwork(weights, rng.choice([-1.0, 1.0], size=width), activation)
