"""What §2.3 to §3.2 and the supplement state, judged by computation on small random problems.

A statement is put to the test where the paper uses it: a tall data matrix (more samples than inputs) and ReLU, which
all its experiments have, belong to it, also where a theorem's assumptions exclude them. The verdict is then *holds only
under a condition*, the condition that assumption: not the theorem fails, but the use made of it.
"""

import numpy as np

from kdsrc.claims import live, live_draws, live_widths
from kdsrc.claims.computed import BetweenBounds, Effect, Identity
from kdsrc.claims.framework import LIVE, claim
from kdsrc.claims.live import printed, repaired, worst
from kdsrc.theory import draws, misprints, proof_misprints

MISPRINTS = ("constant", "sign", "coefficient", "kernel")  # of Theorem 3; N_j = 1 is a convention
_LIMITS = {name: misprints.limit_of(name) for name in ("smooth", "tall", "relu")}
_INVERTIBLE = "when every H_k is invertible (smooth σ, n ≤ d), which P-Assumption 2 implies and the paper's uses break"
_MISS = "Largest distance of the printed f_∞ from the end of the frozen flow, over tanh with n < d and n > d and ReLU"


def _average(seed):
    return worst(*map(printed, _LIMITS.values()))(seed)


def _slip(quantity, measure, repair, tolerance=1e-12):
    return Identity(
        quantity, printed(measure), tolerance, repair=repair, repaired=repaired(measure), repaired_tolerance=tolerance
    )


def _bound(quantity, measure, repair):
    """A slip in an inequality, of which `measure` gives the left side over the right one."""
    return Identity(
        quantity, printed(measure), 1.0, exact=False, repair=repair, repaired=repaired(measure), repaired_tolerance=1.0
    )


_LEARNS = (
    (
        "theorem1",
        "§2.5, P-Theorem 1",
        "theorem1",
        "The student's output tends to f_∞ = (a y + λ φ̄)/(a + λ), P-(5), wherever the paper uses this.",
        Identity(_MISS, _average, 1e-10, condition=_INVERTIBLE, under=printed(_LIMITS["smooth"])),
    ),
    (
        "theorem1-average",
        "§2.7",
        "remarks",
        "For finite λ the final value is a weighted average of labels and knowledge, with the same weights everywhere.",
        Identity(_MISS, _average, 1e-10, condition=_INVERTIBLE, under=printed(_LIMITS["smooth"])),
    ),
    (
        "theorem1-improves",
        "§4.1, of P-Theorem 1 and §2.7",
        "theorem1",
        "By P-Theorem 1 the teacher improves the student's final performance: its training error at λ = 0.01 is no "
        "larger than at λ = 0.",
        Identity(
            "Final error of the frozen flow at λ = 0.01 less that at λ = 0, relative to the labels",
            live.error_at_a_penalty,
        ),
    ),
    (
        "theorem2-bound",
        "§2.5, P-Theorem 2, P-(6)",
        "theorem2",
        "The student's squared error stays below P-(6) with a constant that does not depend on the sizes.",
        Identity(
            "Growth of the constant that the median draw needs, from a teacher of 100 units to one of 3 200, m = 10",
            live_draws.constant_growth,
            2.0,
            exact=False,
            repair="the exact mean without q² in the bracket and a martingale bound on the tail",
            repaired=worst(live_draws.mean_misfit("without"), live_draws.tail_excess),
        ),
    ),
    (
        "theorem2-proportional",
        "§2.5, after P-Theorem 2",
        "theorem2",
        "The final error (squared, on average) is proportional to 1 − m/m̄, and so grows with a smaller student.",
        Identity(
            "Spread over m = 1 … 7 of the mean error over all choices of m of 8 units, divided by 1 − m/m̄",
            live_draws.share_misfit,
        ),
    ),
    (
        "theorem2-mean",
        "§7.4",
        "proof_theorem2",
        "With the factor q the knowledge's output has the labels as its mean.",
        Identity("Relative distance of the mean over all choices of 3 of 8 units from y", live_draws.knowledge_bias),
    ),
    (
        "theorem2-variance",
        "§7.4",
        "proof_theorem2",
        "The mean squared distance of the knowledge from the labels is (1 − m/m̄) Σ ā²‖φ̄‖²/m̄.",
        Identity(
            "Relative distance of the printed formula from the mean over all choices of 3 of 8 units",
            live_draws.mean_misfit("bernoulli"),
            repair="the variance of draws without replacement",
            repaired=live_draws.mean_misfit("without"),
        ),
    ),
    (
        "lottery-ticket",
        "§2.5.1",
        "lottery_ticket",
        "With λ = 0, in the kernel limit, retraining a fixed fraction of the teacher's units leads to zero "
        "training loss.",
        Identity(
            "Largest distance of f(∞) from y at λ = 0 with 20 of 100 units, over ReLU with n < d and tanh with n > d",
            worst(live.fraction_missed("relu"), live.fraction_missed("tall")),
            1e-10,
        ),
    ),
    (
        "two-stage-better",
        "§7.4.1",
        "two_stage",
        "Two stages of distillation give a smaller error than direct distillation.",
        BetweenBounds(
            "Mean squared error of two stages over that of one, over all draws of 6 → 4 → 2 units, λ = 0.3",
            draws.enumerated_two_stages,
            0.0,
            1.0,
        ),
    ),
    (
        "two-stage-size",
        "§7.4.1",
        "two_stage",
        "The gain is S₁/S₂ = (1 − α)(1 − β)/(1 − αβ).",
        _slip(
            "Relative distance of S₁/S₂ from the ratio over all draws, α = 1/2, β = 2/3",
            draws.two_stages,
            "the errors of the stages added",
        ),
    ),
)

_SPEED = (
    (
        "theorem3",
        "§2.6, P-Theorem 3",
        "theorem3",
        "f(t) is the printed sum of exponentials with the printed coefficients α_j.",
        _slip(
            "Largest error of f(t) against the frozen flow, eigenvectors normalised",
            misprints.curve_with(*MISPRINTS),
            "the constant f_∞, the opposite sign, c_k for c_k², and no H_k",
            1e-10,
        ),
    ),
    (
        "theorem3-rate",
        "§2.6, P-Theorem 3, footnote",
        "kernel_hypothesis",
        "The true flow differs from the frozen one by O(1/√m) in the L₁ sense (tanh, started at the knowledge).",
        BetweenBounds(
            "Slope in ln m of the logarithm of ∫‖f(t) − f_frozen(t)‖dt, m = 16, 64, 256",
            live_widths.distance_slope,
            -np.inf,
            -0.4,
        ),
    ),
    (
        "theorem3-speed",
        "§4.1: the faster convergence confirms P-Theorem 3",
        "theorem3",
        "P-Theorem 3 predicts that the student with a teacher (its units as start, λ = 0.01) converges significantly "
        "faster than the student alone.",
        Effect(
            "Share of the time to 1/e of the first deviation that 20 of 100 ReLU units save with a teacher against "
            "a random start and λ = 0, frozen kernels",
            live.time_saved,
            0.05,
        ),
    ),
    (
        "small-overlap",
        "§2.7",
        "remarks",
        "A start without overlap with the vectors H_k(p_j − λH_k)^{-1} v_j of small poles converges at the speed of "
        "the large ones.",
        _slip(
            "Share of the slower half of the modes that a start orthogonal to their vectors leaves",
            misprints.small_overlap,
            "the left eigenvectors: the same without H_k",
            1e-10,
        ),
    ),
    (
        "plain-limit",
        "§2.7",
        "remarks",
        "At λ = 0 the final value is y.",
        Identity(
            "Largest distance of f(∞) from y at λ = 0, over tanh with n < d, one unit with n > d, and ReLU",
            worst(live.labels_missed("smooth"), live.labels_missed("tall", units=[0]), live.labels_missed("relu")),
            1e-10,
            condition="when H is invertible",
            under=live.labels_missed("smooth"),
        ),
    ),
    (
        "plain-poles",
        "§2.7",
        "remarks",
        "At λ = 0 the poles are the singular values of H.",
        Identity("Largest relative distance of a pole from an eigenvalue of H", live.plain_poles),
    ),
    (
        "pure-distillation",
        "§2.7",
        "remarks",
        "With λ = ∞ one may expect every unit to end at its knowledge.",
        Identity(
            "Largest distance of f(∞) from φ̄ at λ = ∞, over tanh with n < d and n > d and ReLU",
            worst(*(live.knowledge_missed(name) for name in _LIMITS)),
            1e-10,
            condition=_INVERTIBLE,
            under=live.knowledge_missed("smooth"),
        ),
    ),
    (
        "loss-at-infinity",
        "§4.1",
        "remarks",
        "With λ → ∞ and the teacher's weights as start the loss of P-(2) equals 0.",
        _slip(
            "P-(2) at the end of such a training, relative to ‖y‖²",
            live.objective_at_infinity,
            "the sum over the knowledge alone",
        ),
    ),
    (
        "final-error",
        "§2.7",
        "remarks",
        "The final error is e = λ/(a+λ) ‖Σ_k a_k φ_k/m − y‖.",
        _slip(
            "Relative distance of the printed e from ‖f(∞) − y‖ of the frozen flow",
            misprints.final_error,
            "√m in place of m",
            1e-10,
        ),
    ),
    (
        "error-grows",
        "§2.7",
        "remarks",
        "With an imperfect teacher the final error grows with λ.",
        Identity(
            "Largest relative decrease of ‖f(∞) − y‖ over λ = 0.01 … 10, tanh with n < d and n > d and ReLU",
            live.error_falls(*_LIMITS),
            1e-10,
        ),
    ),
    (
        "poles-grow",
        "§2.7",
        "remarks",
        "A larger λ makes the poles larger.",
        Identity("Largest relative decrease of an ordered pole over λ = 0.01 … 10", live.poles_fall),
    ),
    (
        "trade-off",
        "§2.7",
        "remarks",
        "λ trades speed (poles) against quality (final error).",
        Identity(
            "Largest relative decrease of the final error, of the speed to 1/e or of the speed at the end, over "
            "λ = 0.01 … 10",
            worst(live.error_falls("smooth"), live.late_speed_falls, live.early_speed_falls),
            1e-9,
            condition="in the speed at the end, which is §2.2's rate of convergence",
            under=worst(live.error_falls("smooth"), live.late_speed_falls),
        ),
    ),
    (
        "teacher-start",
        "§2.7",
        "remarks",
        "Starting from the teacher's weights satisfies P-Assumption 4 on the knowledge: φ_k = f^(k)(0).",
        Identity("Largest distance of φ_k from f^(k)(0)", live.teacher_start),
    ),
)

_DYNAMICS = (
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
            worst(*(live.poles_missing(name) for name in _LIMITS)),
            condition=_INVERTIBLE,
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
        "§3.1–3.2, Eqs. (10)–(14)",
        "kernel_hypothesis",
        "Under the kernel hypothesis the deviations are e^{−H̄t} η(0).",
        Identity("Largest distance between the frozen flow's outputs and the matrix exponential's", live.frozen_flow),
    ),
    (
        "laplace",
        "§3.2, P-(15)",
        "laplace",
        "Δ(s) = (I + T(s))^{-1} Σ_k (sI + λH_k)^{-1} δ^(k)(0).",
        _slip("Relative error of Δ(0.7)", misprints.laplace_sum, "the factor c_k in the sum"),
    ),
    (
        "pole-candidates",
        "§3.2, after P-(15)",
        "laplace",
        "Besides the −p_k only eigenvalues of the H_k can be poles.",
        _slip(
            "Smallest singular value of sI + λH_k at such a candidate s",
            misprints.pole_candidates,
            "−λ times the eigenvalues",
        ),
    ),
)

_PROOFS = (
    (
        "lemma1",
        "§7.3, P-Lemma 1",
        "lemmas",
        "The frozen flow decays in norm at least like e^{−pt}, which bounds how far the true one can leave it.",
        Identity(
            "Largest e^{pt}‖e^{−H̄t}‖ over t, less one",
            lambda seed: proof_misprints.decay_of_exponential(seed)[0] - 1.0,
            repair="the norm ‖(A^½ ⊗ I)η‖",
            repaired=lambda seed: proof_misprints.decay_of_exponential(seed)[1] - 1.0,
        ),
    ),
    (
        "lemma2",
        "§7.3, P-Lemma 2",
        "lemmas",
        "‖H̄(t)‖ ≤ √2 √(λ² + a²) max‖ΔH_k‖.",
        _bound("Left side over right side", proof_misprints.lemma2_left, "ΔH̄ on the left"),
    ),
    (
        "lemma3",
        "§7.3, P-Lemma 3 (as printed here)",
        "lemmas",
        "‖ΔH_k‖ ≤ L² σ_x² B² ‖Δw_k‖ (‖Δw_k‖ + 2‖w_k(0)‖).",
        _bound(
            "Largest ‖ΔH_k‖ over its bound",
            proof_misprints.lemma3_ratio,
            "B(B‖Δw_k‖ + 2) in place of B²(‖Δw_k‖ + 2‖w_k(0)‖)",
        ),
    ),
    (
        "lemma4",
        "§7.3, P-Lemma 4",
        "lemmas",
        "‖Δw_k‖ ≤ |c_k| L σ_x B ∫‖δ_k‖.",
        _bound("Largest ‖Δw_k‖ over its bound", proof_misprints.lemma4_ratio, "the dropped term λδ^(k), and δ for δ_k"),
    ),
    (
        "lemma5",
        "§7.3, P-Lemma 5",
        "proof_theorem1_3",
        "The eigenvectors of H̄ are c_k (p_jI − λH_k)^{-1} H_k v^j, right, and c_k (p_jI − λH_k)^{-1} v^j, left.",
        Identity("Largest relative residual of an eigenvector", live.lemma5_residual, 1e-9),
    ),
    (
        "spectral-sum",
        "§7.3, after P-Lemma 5",
        "proof_theorem1_3",
        "e^{−H̄t} is the sum of e^{−p_jt} |η_j^r⟩⟨η_j^l| over these eigenvectors.",
        Identity(
            "Relative distance of the sum from e^{−H̄t}, t = 1, v^j scaled so that ⟨η_j^l, η_j^r⟩ = 1",
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
            "λ min λ_min(H_k) of the first four units over the smallest pole of 64",
            printed(proof_misprints.pole_floor),
            1.0,
            exact=False,
            condition="with λε²λ_min(XXᵀ) for an activation whose slope is at least ε > 0",
            under=repaired(proof_misprints.pole_floor),
        ),
    ),
)

THEORY = tuple(
    claim(name, place, statement, test, record=LIVE, page=page, kind="theory")
    for name, place, page, statement, test in (*_LEARNS, *_SPEED, *_DYNAMICS, *_PROOFS)
)
