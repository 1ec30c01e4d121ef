"""What the student learns: Theorems 1 and 2 with what the paper draws from them (§2.5, §2.7, §4.1)."""

from kdsrc.claims import live, live_draws
from kdsrc.claims.computed import BetweenBounds, Identity
from kdsrc.claims.live import printed, worst
from kdsrc.claims.theory.printed import INVERTIBLE, LIMITS, misprinted
from kdsrc.theory import draws

__all__ = ["LEARNS"]

_MISS = "Largest distance of the printed f_∞ from the end of the frozen flow, over tanh with n < d and n > d and ReLU"


def _average(seed):
    return worst(*map(printed, LIMITS.values()))(seed)


LEARNS = (
    (
        "theorem1",
        "§2.5, P-Theorem 1",
        "theorem1",
        "The student's output tends to f_∞ = (a y + λ φ̄)/(a + λ), P-(5), wherever the paper uses this.",
        Identity(_MISS, _average, 1e-10, condition=INVERTIBLE, under=printed(LIMITS["smooth"])),
    ),
    (
        "theorem1-average",
        "§2.7",
        "remarks",
        "For finite λ the final value is a weighted average of labels and knowledge, with the same weights everywhere.",
        Identity(_MISS, _average, 1e-10, condition=INVERTIBLE, under=printed(LIMITS["smooth"])),
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
        "The mean squared distance of the knowledge from the labels is (1 − m/m̄) Σ ā_l²‖g^(l)‖²/m̄, with g^(l) the "
        "feature of a teacher's unit.",
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
        misprinted(
            "Relative distance of S₁/S₂ from the ratio over all draws, α = 1/2, β = 2/3",
            draws.two_stages,
            "the errors of the stages added",
        ),
    ),
)
