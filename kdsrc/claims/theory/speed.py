"""How fast the student learns: Theorem 3 and the remarks on it (§2.6, §2.7, §3)."""

import numpy as np

from kdsrc.claims import live, live_widths
from kdsrc.claims.computed import BetweenBounds, Effect, Identity
from kdsrc.claims.live import worst
from kdsrc.claims.theory.printed import INVERTIBLE, LIMITS, misprinted
from kdsrc.theory import misprints, theorem3

__all__ = ["SPEED"]

_WRONG = tuple(one for one in theorem3.MISPRINTS if one != "normalisation")  # that N_j = 1 is a convention

SPEED = (
    (
        "theorem3",
        "§2.6, P-Theorem 3",
        "theorem3",
        "f(t) is the printed sum of exponentials with the printed coefficients α_j.",
        misprinted(
            "Largest error of f(t) against the frozen flow, eigenvectors normalised",
            misprints.curve_with(*_WRONG),
            "the constant f_∞ added, the sign reversed, c_k in place of c_k², and H_k left out",
            1e-10,
        ),
    ),
    (
        "theorem3-rate",
        "§2.6, P-Theorem 3, footnote",
        "kernel_hypothesis",
        "The true flow differs from the frozen one by O(1/√m) in the L¹ sense (tanh, started at the knowledge).",
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
        "A start without overlap with the vectors H_k(p_jI\u00a0−\u00a0λH_k)^{-1}\u00a0v^j of small poles converges at "
        "the speed of the large ones.",
        misprinted(
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
            worst(*(live.knowledge_missed(name) for name in LIMITS)),
            1e-10,
            condition=INVERTIBLE,
            under=live.knowledge_missed("smooth"),
        ),
    ),
    (
        "loss-at-infinity",
        "§4.1",
        "remarks",
        "With λ → ∞ and the teacher's weights as start the loss of P-(2) equals 0.",
        misprinted(
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
        misprinted(
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
            live.error_falls(*LIMITS),
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
