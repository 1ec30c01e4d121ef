"""Theorem 1 as printed (Eq. 5), with the error that §2.7 draws from it; `kdsrc.dynamics.limits` has the general limit.

With φ̄ = Σ_k c_k φ^(k) and a = Σ_k c_k²,
f_∞ = (a y + λ φ̄)/(a + λ),   f_∞^(k) = φ^(k) + (c_k/λ)(y − f_∞) = φ^(k) + c_k (y − φ̄)/(a + λ).
"""

import numpy as np

from kdsrc import checks
from kdsrc.distillation import distilled_units
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import term_shares
from kdsrc.typing import Features, Labels

__all__ = ["final_error", "printed_final_error", "printed_limit", "printed_unit_limits"]


def printed_limit(network: TwoLayerNetwork, y: Labels, penalty: float, knowledge: Features | None) -> Labels:
    """f_∞ = (a y + λ φ̄)/(a + λ), Theorem 1 as printed (Eq. 5); y (n,), knowledge (n, m); returns (n,).

    λ = 0 gives y, also without knowledge, and λ = ∞ gives φ̄.

    Examples
    --------
    >>> c = network.coefficients
    >>> limit = printed_limit(network, y, 1.0, knowledge)
    >>> bool(np.allclose(limit, (y + knowledge @ c) / 2))
    True
    """
    y, penalty, knowledge = _labels_and_knowledge("printed_limit", network, y, penalty, knowledge)
    if penalty == 0:
        return y.copy()
    c = network.coefficients
    labels, taught = term_shares(c @ c, penalty)
    return labels * y + taught * (knowledge @ c)


def final_error(network: TwoLayerNetwork, y: Labels, penalty: float, knowledge: Features | None) -> float:
    """e(λ) = ‖f_∞ − y‖ = λ/(a+λ) ‖φ̄ − y‖ of §2.7, non-decreasing in λ; ‖φ̄ − y‖ at λ = ∞ and 0 at λ = 0.

    Examples
    --------
    >>> error = final_error(network, y, 1.0, knowledge)
    >>> bool(np.isclose(error, np.linalg.norm(knowledge @ network.coefficients - y) / 2))
    True
    """
    return _error("final_error", network, y, penalty, knowledge, 1.0)


def printed_final_error(network: TwoLayerNetwork, y: Labels, penalty: float, knowledge: Features | None) -> float:
    """e as printed in §2.7, λ/(a+λ) ‖Σ_k a_k φ_k/m − y‖: divided by m where √m is meant.

    Examples
    --------
    >>> printed_final_error(network, y, 0.0, None)
    0.0
    """
    return _error("printed_final_error", network, y, penalty, knowledge, np.sqrt(network.width))


def printed_unit_limits(network: TwoLayerNetwork, y: Labels, penalty: float, knowledge: Features) -> Features:
    """f_∞^(k) = φ^(k) + (c_k/λ)(y − f_∞) of Theorem 3, which is `kdsrc.distillation.distilled_units`; 0 < λ < ∞.

    Returns (n, m).

    Examples
    --------
    >>> ends = printed_unit_limits(network, y, 1.0, knowledge) @ network.coefficients
    >>> bool(np.allclose(ends, printed_limit(network, y, 1.0, knowledge)))
    True
    """
    penalty = checks.penalty(
        "printed_unit_limits",
        penalty,
        zero=False,
        infinite=False,
        why=": the units' limits are not determined by λ = 0, and they are Φ itself at λ = ∞",
    )
    y, penalty, knowledge = _labels_and_knowledge("printed_unit_limits", network, y, penalty, knowledge)
    return distilled_units(knowledge, network.coefficients, y, penalty)


def _labels_and_knowledge(caller, network, y, penalty, knowledge):
    y = checks.array(caller, "y", y, ("n",))
    return y, *checks.penalty_and_knowledge(caller, penalty, knowledge, (len(y), network.width))


def _error(caller, network, y, penalty, knowledge, divisor):
    y, penalty, knowledge = _labels_and_knowledge(caller, network, y, penalty, knowledge)
    if penalty == 0:
        return 0.0
    c = network.coefficients
    return float(term_shares(c @ c, penalty)[1] * np.linalg.norm(knowledge @ c / divisor - y))
