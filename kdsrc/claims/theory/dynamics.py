"""The linear dynamics and the assumptions that they rest on (§2.1 to §2.4)."""

import numpy as np

from kdsrc.claims import live, live_widths
from kdsrc.claims.computed import BetweenBounds, Identity
from kdsrc.claims.live import worst
from kdsrc.claims.theory.printed import INVERTIBLE, LIMITS, misprinted
from kdsrc.theory import misprints

__all__ = ["DYNAMICS"]

DYNAMICS = (
    (
        "psd",
        "§2.4, P-Assumption 1",
        "assumptions",
        "The H_k are positive semi-definite.",
        Identity("Most negative eigenvalue of an H_k, relative to its largest", live.gram_eigenvalues),
    ),
    (
        "number-of-poles",
        "§2.4, P-Assumption 2",
        "assumptions",
        "There are exactly n·m strictly positive poles: the assumption is met wherever the paper uses it.",
        Identity(
            "Share of the n·m poles that are zero, over tanh with n < d and n > d and ReLU",
            worst(*(live.poles_missing(name) for name in LIMITS)),
            condition=INVERTIBLE,
            under=live.poles_missing("smooth"),
        ),
    ),
    (
        "symmetric-transfer",
        "§7.1",
        "laplace",
        "T(s), the Γ(s) of P-Assumption 2, is symmetric.",
        Identity("Relative asymmetry of Γ(0.7)", live.transfer_asymmetry),
    ),
    (
        "kernel-hypothesis",
        "§3, kernel hypothesis",
        "kernel_hypothesis",
        "As m grows the change of H during training becomes negligible (tanh).",
        BetweenBounds(
            "Slope in ln m of the logarithm of the relative change of H, m = 16, 64, 256",
            live_widths.change_slope,
            -np.inf,
            -0.4,
        ),
    ),
    (
        "concentration",
        "§3",
        "kernel_hypothesis",
        "H(0) concentrates on H^∞ for random weights.",
        BetweenBounds(
            "Slope in ln m of the logarithm of ‖H(0) − H^∞‖, ReLU, m = 16, 64, 256",
            live_widths.concentration_slope,
            -0.6,
            -0.4,
        ),
    ),
    (
        "gradient-flow",
        "§3.1, P-(9)",
        "model",
        "P-(9) is the gradient flow of objective P-(2), up to a factor ½.",
        Identity(
            "Relative distance of P-(9) from −½ the gradient, by central differences", live.descent_direction, 1e-7
        ),
    ),
    (
        "linear-flow",
        "§3.1–3.2, P-(10) to P-(14)",
        "kernel_hypothesis",
        "Under the kernel hypothesis the deviations are δ(t) = e^{−H̄t} δ(0).",
        Identity("Largest distance between the frozen flow's outputs and the matrix exponential's", live.frozen_flow),
    ),
    (
        "laplace",
        "§3.2, P-(15)",
        "laplace",
        "Δ(s) = (I + T(s))^{-1} Σ_k (sI + λH_k)^{-1} δ^(k)(0).",
        misprinted("Relative error of Δ(0.7)", misprints.laplace_sum, "the factor c_k in the sum"),
    ),
    (
        "pole-candidates",
        "§3.2, after P-(15)",
        "laplace",
        "Besides the −p_j only eigenvalues of the H_k can be poles.",
        misprinted(
            "Smallest singular value of sI\u00a0+\u00a0λH_k at such a candidate s",
            misprints.pole_candidates,
            "the candidates −λ\u00a0times the eigenvalues",
        ),
    ),
)
