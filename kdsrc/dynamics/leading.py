"""The leading modes of Eq. (3–4) on problems too large for all of them: f(t) = f_∞ + Σ_j e^{−p_j t} α_j v^j.

The largest poles and their vectors by Lanczos (ARPACK) on the symmetric flow of `kdsrc.dynamics.linearised`, which
needs products with X alone.
"""

import numpy as np
from jaxtyping import Float
from scipy.sparse.linalg import LinearOperator, eigsh

from kdsrc import checks
from kdsrc.dynamics.linearised import LinearisedFlow
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.threads import one_pool
from kdsrc.typing import Features, Labels, Points

__all__ = ["leading_modes"]


def leading_modes(
    network: TwoLayerNetwork, x: Points, y: Labels, *, penalty: float = 0.0, knowledge: Features | None = None, top: int
) -> tuple[Float[np.ndarray, " top"], Float[np.ndarray, "top n"]]:
    """The largest poles p_j and the vectors α_j v^j that belong to them.

    Parameters
    ----------
    network, x, y, penalty, knowledge
        As in `kdsrc.dynamics.KernelRegime`.
    top : int
        How many; fewer than the flow has unknowns, n at λ = 0 and m·min(n, d) else.

    Returns
    -------
    poles : (top,) array
        Falling.
    amplitudes : (top, n) array
        Rows α_j v^j: with v^j of unit norm, |α_j| is the norm of a row.

    Raises
    ------
    ValueError
        For a count that does not fit or reaches poles of zero, whose α_j no flow knows, or what
        `kdsrc.problem.Problem` refuses.

    Examples
    --------
    >>> import numpy as np
    >>> from kdsrc import init_network
    >>> network = init_network(4, 6, seed=0, activation="tanh")
    >>> poles, amplitudes = leading_modes(network, np.eye(6)[:5], np.ones(5), top=2)
    >>> poles.shape, amplitudes.shape
    ((2,), (2, 5))
    """
    problem = Problem(network, x, y, penalty, knowledge, "leading_modes")
    flow = LinearisedFlow(problem).krylov(1)
    start, size = flow.start, len(flow.start)
    checks.count("leading_modes", "top", top)
    if top >= size:
        raise ValueError(f"leading_modes: top={top} of {size} unknowns; expected fewer: use KernelRegime.modes")
    if not start.any():
        raise ValueError(
            "leading_modes: the flow is at rest from its start; expected a network whose output, or units, can move: "
            "give other labels, knowledge or samples"
        )
    operator = LinearOperator((size, size), matvec=lambda vector: flow.product(vector.ravel())[0], dtype=float)
    with one_pool(2 * problem.x.size * network.width):
        poles, vectors = eigsh(operator, k=top, which="LA", v0=start, ncv=min(size, max(2 * top + 1, 60)))
        views = np.array([flow.product(vector)[1] for vector in vectors.T[::-1]])  # (top, n)
    poles, shares = poles[::-1], start @ vectors[:, ::-1]
    moving = int(np.count_nonzero(poles > size * np.finfo(float).eps * poles[0]))
    if moving < top:
        raise ValueError(
            f"leading_modes: top={top}, and {moving} of these poles are not zero; expected at most as many as the rank "
            f"of the kernel: give top={moving} or fewer"
        )
    return poles, -(shares / poles)[:, None] * views
