"""The lemmas and proofs of the supplement (§7)."""

from kdsrc.claims import live
from kdsrc.claims.computed import Identity
from kdsrc.claims.live import printed, repaired
from kdsrc.claims.theory.printed import misprinted_bound
from kdsrc.theory import proof_misprints

__all__ = ["PROOFS"]

PROOFS = (
    (
        "lemma1",
        "§7.3, P-Lemma 1",
        "lemmas",
        "The frozen flow decays in norm at least like e^{−pt}, which bounds how far the true one can leave it.",
        Identity(
            "Largest e^{pt}‖e^{−H̄t}‖ over t, less one",
            lambda seed: proof_misprints.decay_of_exponential(seed)[0] - 1.0,
            repair="the norm ‖(A^½ ⊗ I)δ‖",
            repaired=lambda seed: proof_misprints.decay_of_exponential(seed)[1] - 1.0,
        ),
    ),
    (
        "lemma2",
        "§7.3, P-Lemma 2",
        "lemmas",
        "‖H̄(t)‖ ≤ √2 √(λ² + a²) max‖ΔH_k‖.",
        misprinted_bound("Left side over right side", proof_misprints.lemma2_left, "ΔH̄ on the left"),
    ),
    (
        "lemma3",
        "§7.3, P-Lemma 3",
        "lemmas",
        "‖ΔH_k‖ ≤ L² ‖X‖² B² ‖Δw_k‖ (‖Δw_k‖ + 2‖w_k(0)‖).",
        misprinted_bound(
            "Largest ‖ΔH_k‖ over its bound",
            proof_misprints.lemma3_ratio,
            "B(B‖Δw_k‖ + 2) in place of B²(‖Δw_k‖ + 2‖w_k(0)‖)",
        ),
    ),
    (
        "lemma4",
        "§7.3, P-Lemma 4",
        "lemmas",
        "‖Δw_k‖ ≤ |c_k| L ‖X‖ B ∫‖δ_k‖.",
        misprinted_bound(
            "Largest ‖Δw_k‖ over its bound", proof_misprints.lemma4_ratio, "the dropped term λδ^(k), and δ for δ_k"
        ),
    ),
    (
        "lemma5",
        "§7.3, P-Lemma 5",
        "proof_theorem1_3",
        "The eigenvectors of H̄ are ξ_j, with the blocks c_k (p_jI − λH_k)^{-1} H_k v^j, right, and ζ_j, with "
        "c_k (p_jI − λH_k)^{-1} v^j, left.",
        Identity("Largest relative residual of an eigenvector", live.lemma5_residual, 1e-9),
    ),
    (
        "spectral-sum",
        "§7.3, after P-Lemma 5",
        "proof_theorem1_3",
        "e^{−H̄t} is the sum of e^{−p_jt}\u00a0|ξ_j⟩⟨ζ_j| over the eigenvectors ξ_j (right) and ζ_j (left) of H̄.",
        Identity(
            "Relative distance of the sum from e^{−H̄t}, t = 1, v^j scaled so that ⟨ζ_j, ξ_j⟩ = 1",
            repaired(proof_misprints.spectral_sum),
            1e-10,
        ),
    ),
    (
        "smallest-pole",
        "§7.3, proof of P-Theorems 1 and 3",
        "proof_theorem1_3",
        "The smallest pole may be taken as a constant as m grows (tanh).",
        Identity(
            "λ times the least λ_min(H_k) of the first four units, divided by the smallest pole of all 64",
            printed(proof_misprints.pole_floor),
            1.0,
            exact=False,
            condition="with λ λ_min(XXᵀ) times the square of the least slope, where that is positive",
            under=repaired(proof_misprints.pole_floor),
        ),
    ),
)
