"""The non-linearities σ of Eq. (1) in one table: what networks, training, lemmas and theorems need to know of each."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import erf, erfinv, expit

__all__ = ["ACTIVATIONS", "Activation", "activation"]

_ROOT = 2.0 / math.sqrt(math.pi)  # erf′(0)


@dataclass(frozen=True)
class Activation:
    """A scalar non-linearity σ with its derivative σ′, both applied entry by entry.

    Attributes
    ----------
    name : str
    function, derivative : callable
        ``(…) -> (…)``. At its kink ReLU takes σ′(0) = 0.
    lipschitz : float
        Largest Lipschitz constant of σ and σ′ (the L of the paper's lemmas); infinite for ReLU, whose σ′
        jumps, so that Assumption 3 fails.
    steepest : float
        max |σ′|.
    write : callable
        σ on tensors: from torch, pre-activations and the tensor that σ is written into.
    slope : callable
        σ′ on tensors: from torch, pre-activations and features.
    inverse : callable, optional
        σ^{-1}, where σ increases strictly.
    ends : (float, float)
        Infimum and supremum of σ.
    bend : callable, optional
        σ″, where it is continuous and asked for.

    Examples
    --------
    >>> sigma = activation("tanh")
    >>> round(float(sigma.inverse(sigma.function(0.5))), 12), sigma.ends
    (0.5, (-1.0, 1.0))
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    lipschitz: float
    steepest: float
    write: Callable[[Any, Any, Any], Any]
    slope: Callable[[Any, Any, Any], Any]
    ends: tuple[float, float]
    inverse: Callable[[np.ndarray], np.ndarray] | None = None
    bend: Callable[[np.ndarray], np.ndarray] | None = None


def _leaky(z):
    return 0.1 * z + 0.9 * np.tanh(z)


def _leaky_slope(z):
    return 1.0 - 0.9 * np.tanh(z) ** 2


def _leaky_inverse(f):
    z = f  # Newton's method, kept by bisection between f and 10 f: σ(z)/z lies between 1/10 and 1
    low, high = np.minimum(f, 10 * f), np.maximum(f, 10 * f)
    for _ in range(100):
        miss = _leaky(z) - f
        low, high = np.where(miss < 0, z, low), np.where(miss > 0, z, high)
        step = z - miss / _leaky_slope(z)
        z = np.where((low <= step) & (step <= high), step, (low + high) / 2)
    return z


_ROWS = (
    # max |σ''| is the smaller of the two everywhere: tanh 4/(3√3) < 1 = max |σ'|; softplus 1/4 < 1;
    # erf (2/√π)·√2·e^{-1/2} < 2/√π
    Activation(
        "relu",
        lambda z: np.maximum(z, 0.0),
        lambda z: (z > 0).astype(float),
        np.inf,
        1.0,
        lambda torch, z, out: torch.clamp(z, min=0.0, out=out),
        lambda torch, z, f: z > 0,
        (0.0, np.inf),
    ),
    Activation(
        "tanh",
        np.tanh,
        lambda z: 1.0 - np.tanh(z) ** 2,
        1.0,
        1.0,
        lambda torch, z, out: torch.tanh(z, out=out),
        lambda torch, z, f: 1.0 - f * f,
        (-1.0, 1.0),
        np.arctanh,
        lambda z: -2.0 * np.tanh(z) / np.cosh(z) ** 2,
    ),
    Activation(
        "softplus",
        lambda z: np.logaddexp(0.0, z),
        expit,
        1.0,
        1.0,
        lambda torch, z, out: torch.logaddexp(z, torch.zeros((), dtype=z.dtype, device=z.device), out=out),
        lambda torch, z, f: torch.sigmoid(z),
        (0.0, np.inf),
        lambda f: f + np.log(-np.expm1(-f)),
        lambda z: expit(z) * expit(-z),
    ),
    Activation(
        "erf",
        erf,
        lambda z: _ROOT * np.exp(-(z**2)),
        _ROOT,
        _ROOT,
        lambda torch, z, out: torch.erf(z, out=out),
        lambda torch, z, f: torch.exp(-(z * z)).mul_(_ROOT),
        (-1.0, 1.0),
        erfinv,
        lambda z: -4.0 / np.sqrt(np.pi) * z * np.exp(-(z**2)),
    ),
    # never flat: its slope is at least 1/10, and its values are all numbers
    Activation(
        "leaky tanh",
        _leaky,
        _leaky_slope,
        1.0,
        1.0,
        lambda torch, z, out: torch.tanh(z, out=out).mul_(0.9).add_(z, alpha=0.1),
        lambda torch, z, f: 1.0 - (f - 0.1 * z) ** 2 / 0.9,
        (-np.inf, np.inf),
        _leaky_inverse,
    ),
)
ACTIVATIONS = {row.name: row for row in _ROWS}


def activation(name: str) -> Activation:
    """The activation called `name`.

    Raises
    ------
    ValueError
        For a name that is not in `ACTIVATIONS`.

    Examples
    --------
    >>> activation("relu").lipschitz
    inf
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"activation: name={name!r}; expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
