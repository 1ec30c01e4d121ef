"""How far the H_k stay from singular: a floor under their eigenvalues, at the start and for all times.

λ min_k λ_min(H_k) is a floor under the poles too, which Assumptions 1–4 do not give. From Gaussian weights a floor
follows from the data alone; and where the start is near enough to its limit, half of the start's floor lasts for ever,
so that the bounds of `kdsrc.theory.lemmas` hold without end.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.theory.lemmas import flow_norm, lemma3_bound, way_bound
from kdsrc.typing import Points

__all__ = ["gaussian_floor", "lasting_bounds", "smallest_pole_bound"]


def smallest_pole_bound(network: TwoLayerNetwork, x: Points, penalty: float) -> float:
    """λ min_k λ_min(H_k) ≤ p, the lower bound on the smallest pole that Assumptions 1–4 do not give.

    Examples
    --------
    >>> poles = KernelRegime(network, x, y, penalty=0.5, knowledge=knowledge).poles()
    >>> bool(smallest_pole_bound(network, x, 0.5) <= poles[0] + 1e-12)
    True
    """
    checks.penalty("smallest_pole_bound", penalty, infinite=False)
    return penalty * max(float(min(np.linalg.eigvalsh(gram)[0] for gram in unit_grams(network, x))), 0.0)


def gaussian_floor(x: Points, width: int, level: float, name: str) -> float:
    """min_k λ_min(H_k) ≥ λ_min(XXᵀ) σ′_min², with probability 1 − ε over w_k ~ N(0, I) and unit rows; ε is `level`.

    No |w_k·x_i| of the nm exceeds z_max = √(2 log(2mn/ε)), and up to there the slopes are at least σ′_min: e^{−2 z_max}
    for tanh, e^{−z_max}/2 for softplus.

    Raises
    ------
    ValueError
        For rows that are not of length one, a level outside (0, 1), or another activation.

    Examples
    --------
    >>> 0.0 < gaussian_floor(x, 4, 0.1, "tanh") < 1.0
    True
    """
    x = checks.array("gaussian_floor", "x", x, ("n", "d"))
    checks.count("gaussian_floor", "width", width)
    if not (np.allclose(np.linalg.norm(x, axis=1), 1.0, rtol=1e-9) and 0 < level < 1 and name in ("tanh", "softplus")):
        raise ValueError(
            f"gaussian_floor: level={level}, name={name!r}; expected a level between 0 and 1, 'tanh' or "
            "'softplus', and rows of x of length one: divide each by its norm"
        )
    reach = np.sqrt(2.0 * np.log(2.0 * len(x) * width / level))
    slope = np.exp(-2.0 * reach) if name == "tanh" else np.exp(-reach) / 2.0
    return float(max(np.linalg.eigvalsh(x @ x.T)[0], 0.0) * slope**2)


def lasting_bounds(
    network: TwoLayerNetwork, x: Points, penalty: float, start: Float[np.ndarray, "m n"]
) -> tuple[float, float, float]:
    """(h, R, r): for all times min λ_min(H_k) ≥ h/2, ‖Δw_k(t)‖ ≤ R, ‖ΔH_k(t)‖ ≤ r, provided that r < h/2.

    h = min_k λ_min(H_k(0)), R the largest `way_bound` with the floor h/2 and ∫‖δ‖ ≤ 2‖𝛅(0)‖_A/(λh), and
    r = L²σ_x² B R (B R + 2), Lemma 3. From the start δ^(k)(0) (m, n) alone. For r ≥ h/2 nothing is claimed.

    Raises
    ------
    ValueError
        For singular H_k.

    Examples
    --------
    >>> h, way, change = lasting_bounds(network, x, 0.5, np.zeros((4, 5)))
    >>> bool(h > 0), way, change
    (True, 0.0, 0.0)
    """
    checks.penalty("lasting_bounds", penalty, zero=False, infinite=False)
    x = checks.array("lasting_bounds", "x", x, ("n", network.dim))
    start = checks.array("lasting_bounds", "start", start, (network.width, len(x)))
    size = float(flow_norm(network, penalty, start))
    values = np.linalg.eigvalsh(unit_grams(network, x))  # (m, n)
    h = float(values[:, 0].min())
    if h <= values.shape[1] * np.finfo(float).eps * values.max():
        raise ValueError(
            f"lasting_bounds: H_k with an eigenvalue {h:.1e}; expected invertible H_k: independent rows "
            "of x, and an activation without flat parts"
        )
    norms = np.linalg.norm(start, axis=1)
    move = way_bound(network, x, h / 2, 2 * size / (penalty * h), norms).max()
    return h, float(move), float(lemma3_bound(network, x, np.full(network.width, move)).max())
