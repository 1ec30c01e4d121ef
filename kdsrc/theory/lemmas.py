"""Lemmas 1–4: how far the true flow of Eq. (13) can leave the frozen one, printed and repaired.

The lemmas use ‖e^{−H̄t}‖ ≤ e^{−pt}, which a non-symmetric H̄ may break. In the norm ‖𝛅‖_A = ‖(A^½ ⊗ I) 𝛅‖ of `flow_norm`
H̄ is self-adjoint, the inequality holds, and so does Lemma 1, with ρ = sup ‖(A^½⊗I) Δ𝐃 (A^½⊗I)‖/p ≤ (a+λ) max‖ΔH_k‖/p.
Norms of matrices are 2-norms. Changes are ΔH_k(t) = H_k(t) − H_k(0) and Δw_k(t) = w_k(t) − w_k(0).
Every function refuses, with a ValueError, shapes that do not fit, numbers that are not finite, and λ < 0.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.networks import TwoLayerNetwork
from kdsrc.theory.theorem3 import coupling
from kdsrc.typing import Points

__all__ = [
    "flow_norm",
    "lemma1_bound",
    "lemma2_bound",
    "lemma3_bound",
    "lemma4_bound",
    "norm_ratio",
    "operator_change",
    "printed_lemma2_bound",
    "printed_lemma3_bound",
    "printed_lemma4_bound",
    "way_bound",
]


def flow_norm(
    network: TwoLayerNetwork, penalty: float, blocks: Float[np.ndarray, "... m n"]
) -> np.ndarray | np.floating:
    """‖𝛅‖_A = ‖(A^½ ⊗ I) 𝛅‖ = √(‖Σ_k c_k δ^(k)‖² + λ‖𝛅‖²) of deviations (…, m, n), unit by unit; returns (…).

    Examples
    --------
    >>> float(flow_norm(network, 0.5, np.zeros((4, 5))))
    0.0
    """
    checks.penalty("flow_norm", penalty, zero=False, infinite=False)
    blocks = checks.array("flow_norm", "blocks", blocks, (..., network.width, "n"))
    whole = np.tensordot(network.coefficients, blocks, axes=(0, -2))
    return np.sqrt((whole**2).sum(axis=-1) + penalty * (blocks**2).sum(axis=(-2, -1)))


def norm_ratio(network: TwoLayerNetwork, penalty: float) -> float:
    """κ = √((a+λ)/λ): √λ ‖𝛅‖ ≤ ‖𝛅‖_A ≤ √(a+λ) ‖𝛅‖, so a bound in ‖·‖_A costs this factor in ‖·‖; 0 < λ < ∞.

    Examples
    --------
    >>> round(norm_ratio(network, 1.0) ** 2, 6)
    2.0
    """
    checks.penalty("norm_ratio", penalty, zero=False, infinite=False)
    return float(np.sqrt((network.coefficients @ network.coefficients + penalty) / penalty))


def lemma1_bound(rho: float, smallest_pole: float, start_norm: float) -> float:
    """Lemma 1: ∫₀ᵗ ‖𝛅 − e^{−H̄τ} 𝛅(0)‖ dτ ≤ ρ ‖𝛅(0)‖/(p (1 − ρ)).

    Repaired: all norms ‖·‖_A and ρ = sup ‖ΔH̄‖_A/p. Printed: Euclidean norms and sup ‖ΔH̄‖/p, for which the proof fails.

    Raises
    ------
    ValueError
        Unless 0 ≤ ρ < 1 and p > 0, without which the lemma says nothing.

    Examples
    --------
    >>> lemma1_bound(0.5, 2.0, 3.0)
    1.5
    """
    if not (0 <= rho < 1 and 0 < smallest_pole < np.inf):
        raise ValueError(
            f"lemma1_bound: rho={rho}, smallest_pole={smallest_pole}; expected 0 ≤ ρ < 1 and p > 0: take "
            "more units, a shorter time, or data with invertible H_k"
        )
    checks.number("lemma1_bound", "start_norm", start_norm, least=0.0)
    return rho * start_norm / (smallest_pole * (1.0 - rho))


def operator_change(
    network: TwoLayerNetwork, changes: Float[np.ndarray, "m n n"], penalty: float, *, norm: str = "euclidean"
) -> float:
    """‖ΔH̄‖ = ‖Δ𝐃 (A ⊗ I)‖, or ‖(A^½⊗I) Δ𝐃 (A^½⊗I)‖ with ``norm="flow"``, from changes ΔH_k (m, n, n).

    Examples
    --------
    >>> operator_change(network, np.zeros((4, 5, 5)), 0.5)
    0.0
    """
    changes = checks.array("operator_change", "changes", changes, (network.width, "n", "n"))
    m, n, _ = changes.shape
    if norm not in ("euclidean", "flow"):
        raise ValueError(f"operator_change: norm={norm!r}; expected 'euclidean' or 'flow'")
    if norm == "flow":
        root = coupling(network, penalty, 0.5)
        blocks = np.einsum("pk,kij,kl->pilj", root, changes, root)
    else:
        blocks = np.einsum("kij,kl->kilj", changes, coupling(network, penalty))
    return float(np.linalg.norm(blocks.reshape(m * n, m * n), 2))


def printed_lemma2_bound(total_weight: float, penalty: float, largest_change: float) -> float:
    """√2 √(λ² + a²) max_k‖ΔH_k‖; the printed left side is ‖H̄(t)‖ where ‖ΔH̄(t)‖ is meant.

    Examples
    --------
    >>> round(printed_lemma2_bound(1.0, 1.0, 0.5), 6)
    1.0
    """
    _check_strengths("printed_lemma2_bound", total_weight, penalty, largest_change)
    return float(np.sqrt(2.0 * (penalty**2 + total_weight**2))) * largest_change


def lemma2_bound(total_weight: float, penalty: float, largest_change: float) -> float:
    """(a + λ) max_k‖ΔH_k‖ ≥ ‖ΔH̄‖, never above the printed bound; it bounds ‖(A^½⊗I) Δ𝐃 (A^½⊗I)‖ too.

    Examples
    --------
    >>> lemma2_bound(1.0, 0.5, 0.1) <= printed_lemma2_bound(1.0, 0.5, 0.1)
    True
    """
    _check_strengths("lemma2_bound", total_weight, penalty, largest_change)
    return (total_weight + penalty) * largest_change


def printed_lemma3_bound(
    network: TwoLayerNetwork, x: Points, moves: Float[np.ndarray, "... m"]
) -> Float[np.ndarray, "... m"]:
    """L² σ_x² B² ‖Δw_k‖ (‖Δw_k‖ + 2‖w_k(0)‖) as this scan has it, B = max‖x_i‖; moves ‖Δw_k‖ (…, m); returns (…, m).

    Examples
    --------
    >>> printed_lemma3_bound(network, x, np.zeros(4)).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    lipschitz, spread, reach = _data_constants("printed_lemma3_bound", network, x)
    moves = _lengths("printed_lemma3_bound", "moves", moves, network)
    start = np.linalg.norm(network.weights, axis=1)
    return (lipschitz * spread * reach) ** 2 * moves * (moves + 2.0 * start)


def lemma3_bound(network: TwoLayerNetwork, x: Points, moves: Float[np.ndarray, "... m"]) -> Float[np.ndarray, "... m"]:
    """L² σ_x² B ‖Δw_k‖ (B‖Δw_k‖ + 2) ≥ ‖ΔH_k‖, what the proof shows; moves ‖Δw_k‖ (…, m); returns (…, m).

    Examples
    --------
    >>> lemma3_bound(network, x, np.ones(4)).round(6).tolist()
    [3.0, 3.0, 3.0, 3.0]
    """
    lipschitz, spread, reach = _data_constants("lemma3_bound", network, x)
    moves = reach * _lengths("lemma3_bound", "moves", moves, network)
    return (lipschitz * spread) ** 2 * moves * (moves + 2.0)


def printed_lemma4_bound(
    network: TwoLayerNetwork, x: Points, unit_integrals: Float[np.ndarray, "... m"]
) -> Float[np.ndarray, "... m"]:
    """|c_k| L σ_x B ∫‖δ^(k)‖, (…, m), from the integrals (…, m): without λ, and with δ^(k) where δ belongs.

    Examples
    --------
    >>> printed_lemma4_bound(network, x, np.ones(4)).round(6).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    lipschitz, spread, reach = _data_constants("printed_lemma4_bound", network, x)
    unit_integrals = _lengths("printed_lemma4_bound", "unit_integrals", unit_integrals, network)
    return np.abs(network.coefficients) * lipschitz * spread * reach * unit_integrals


def lemma4_bound(
    network: TwoLayerNetwork, x: Points, penalty: float, integral: float, unit_integrals: Float[np.ndarray, "... m"]
) -> Float[np.ndarray, "... m"]:
    """L σ_x (|c_k| ∫‖δ‖ + λ ∫‖δ^(k)‖) ≥ ‖Δw_k(t)‖, (m,), from ∫‖δ‖ and the units' integrals (m,).

    Examples
    --------
    >>> lemma4_bound(network, x, 1.0, 0.0, np.ones(4)).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    lipschitz, spread, _ = _data_constants("lemma4_bound", network, x)
    checks.penalty("lemma4_bound", penalty, infinite=False)
    checks.number("lemma4_bound", "integral", integral, least=0.0)
    unit_integrals = _lengths("lemma4_bound", "unit_integrals", unit_integrals, network)
    return lipschitz * spread * (np.abs(network.coefficients) * integral + penalty * unit_integrals)


def way_bound(
    network: TwoLayerNetwork, x: Points, floor: float, integral: float, start_norms: Float[np.ndarray, "... m"]
) -> Float[np.ndarray, "... m"]:
    """∫‖dw_k/dt‖ ≤ ‖δ^(k)(0)‖/√h + |c_k| √G (1 + √(G/h)) ∫‖δ‖, (m,), G = L²σ_x², along Eq. (9) while H_k(t) ⪰ hI.

    From ∫‖δ‖ and the start_norms ‖δ^(k)(0)‖ (m,). No kernel is frozen, and no ∫‖δ^(k)‖ is left, as in Lemma 4: with
    Assumption 4 the right side is O(1/√m) for a fixed `floor` h > 0.
    """
    checks.number("way_bound", "floor", floor, above=0.0)
    checks.number("way_bound", "integral", integral, least=0.0)
    start_norms = _lengths("way_bound", "start_norms", start_norms, network)
    lipschitz, spread, _ = _data_constants("way_bound", network, x)
    slope = lipschitz * spread  # √G
    return start_norms / np.sqrt(floor) + np.abs(network.coefficients) * integral * slope * (1 + slope / np.sqrt(floor))


def _check_strengths(caller, total_weight, penalty, largest_change):
    checks.number(caller, "total_weight", total_weight, least=0.0)
    checks.penalty(caller, penalty, infinite=False)
    _not_negative(caller, "largest_change", checks.array(caller, "largest_change", largest_change, (...,)))


def _lengths(caller, name, value, network):
    """One length or integral of lengths a unit, (…, m)."""
    hint = ": one number a unit, along the last axis"
    return _not_negative(caller, name, checks.array(caller, name, value, (..., network.width), hint=hint))


def _not_negative(caller, name, value):
    if (value < 0).any():
        raise ValueError(f"{caller}: {name} holds {value.min()}; expected numbers from 0: it measures a length")
    return value


def _data_constants(caller, network, x):
    """L, σ_x = ‖X‖₂ and B = max‖x_i‖."""
    x = checks.array(caller, "x", x, ("n", network.dim))
    return activation(network.activation).lipschitz, np.linalg.norm(x, 2), np.linalg.norm(x, axis=1).max()
