"""Theorem 2 and remark 7.4.1: the error of a student whose units are drawn at random from a teacher's.

Notation: g_l = ā_l φ̄_l (n,), one a unit of the teacher, l = 1 … m̄; ḡ their mean. The knowledge's own output is
φ̄ = Σ_k g_{l_k}/√m, and the labels are the output q Σ_l g_l/√m̄ of the teacher, q = √(m/m̄): y = √m ḡ, the mean of φ̄.
Its mean squared distance from y is, with S² = Σ_l ‖g_l‖²/m̄ − ‖ḡ‖²,

- without replacement: (1 − m/m̄) m̄/(m̄ − 1) S²,
- with replacement: S²,
- Bernoulli(m/m̄), where the number of units is random, and with which 7.4 computes: (1 − m/m̄) Σ_l ‖g_l‖²/m̄,

and the error of the trained student is (λ/(a+λ))² times ‖φ̄ − y‖² when Theorem 1 applies.
Arguments everywhere: features (n, m̄), the teacher's φ̄_l in columns; output_weights (m̄,), its ā_l.
Every function refuses, with a ValueError, shapes that do not fit, numbers that are not finite, λ < 0 and a bad seed.
"""

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.problem import term_shares
from kdsrc.typing import Labels, Seed

__all__ = [
    "DRAWS",
    "draw_errors",
    "draw_output",
    "labels",
    "mean_error",
    "printed_bound",
    "printed_bracket",
    "printed_two_stage_ratio",
    "repaired_bound",
    "repaired_mean",
    "shrinkage",
    "two_stage_ratio",
]

DRAWS = ("without", "with", "bernoulli")


def labels(features: Float[np.ndarray, "n m̄"], output_weights: Float[np.ndarray, " m̄"], width: int) -> Labels:
    """y = q Σ_l ā_l φ̄_l/√m̄ with q = √(m/m̄), what the corrected teacher says, (n,).

    Examples
    --------
    >>> labels(np.eye(2), np.array([1.0, 1.0]), 1).tolist()
    [0.5, 0.5]
    """
    terms, total = _terms("labels", features, output_weights, width)
    return np.sqrt(width) / total * terms.sum(axis=1)


def draw_output(
    features: Float[np.ndarray, "n m̄"],
    output_weights: Float[np.ndarray, " m̄"],
    width: int,
    *,
    seed: Seed,
    draw: str = "without",
) -> Labels:
    """φ̄ = Σ_k ā_{l_k} φ̄_{l_k}/√m of one random draw of the units, (n,).

    Examples
    --------
    >>> sorted(draw_output(np.eye(2), np.array([1.0, 1.0]), 1, seed=0).tolist())
    [0.0, 1.0]
    """
    terms, total = _terms("draw_output", features, output_weights, width, draw)
    rng = checks.generator("draw_output", seed)
    if draw == "bernoulli":
        return terms[:, rng.random(total) < width / total].sum(axis=1) / np.sqrt(width)
    return terms[:, rng.choice(total, size=width, replace=draw == "with")].sum(axis=1) / np.sqrt(width)


def draw_errors(
    features: Float[np.ndarray, "n m̄"], output_weights: Float[np.ndarray, " m̄"], width: int, *, draws: int, seed: Seed
) -> Float[np.ndarray, " draws"]:
    """‖φ̄ − y‖² of many draws without replacement, (draws,), by the m̄ × m̄ products g_l·g_l′ alone."""
    terms, total = _terms("draw_errors", features, output_weights, width)
    checks.count("draw_errors", "draws", draws)
    rng = checks.generator("draw_errors", seed)
    shares = np.full((draws, total), -np.sqrt(width) / total)  # of g_l in φ̄ − y
    for row in shares:
        row[rng.choice(total, size=width, replace=False)] += 1.0 / np.sqrt(width)
    return np.sum((shares @ (terms.T @ terms)) * shares, axis=1)


def mean_error(
    features: Float[np.ndarray, "n m̄"], output_weights: Float[np.ndarray, " m̄"], width: int, *, draw: str = "without"
) -> float:
    """E ‖φ̄ − y‖², exact, for one of `DRAWS` (the heading's three formulas).

    Examples
    --------
    >>> mean_error(np.eye(2), np.array([1.0, 1.0]), 1)
    0.5
    """
    terms, total = _terms("mean_error", features, output_weights, width, draw)
    share = 1.0 - width / total
    if draw == "bernoulli":
        return float(share * (terms**2).sum() / total)
    spread = float(((terms - terms.mean(axis=1, keepdims=True)) ** 2).sum() / total)  # S²
    return spread if draw == "with" else share * spread * total / max(total - 1, 1)


def printed_bracket(features: Float[np.ndarray, "n m̄"], output_weights: Float[np.ndarray, " m̄"], width: int) -> float:
    """(1 − m/m̄) Σ_l q² ā_l² ‖φ̄_l‖²/m̄, Eq. (6) without C, log m̄ and the factor of λ.

    The factor q² = m/m̄ does not belong there: this is m/m̄ times the Bernoulli mean that it should bound.

    Examples
    --------
    >>> printed_bracket(np.eye(2), np.array([1.0, 1.0]), 1)
    0.25
    """
    mean = mean_error(features, output_weights, width, draw="bernoulli")
    return width / np.shape(features)[1] * mean


def printed_bound(
    features: Float[np.ndarray, "n m̄"],
    output_weights: Float[np.ndarray, " m̄"],
    width: int,
    penalty: float,
    *,
    constant: float = 1.0,
) -> float:
    """Right-hand side of Eq. (6): C (λ/(1+λ))² log(m̄) times `printed_bracket`, for Σ_l ā_l²/m̄ = 1."""
    checks.number("printed_bound", "constant", constant, above=0.0)
    bracket = printed_bracket(features, output_weights, width)
    return constant * shrinkage(1.0, penalty) ** 2 * float(np.log(np.shape(features)[1])) * bracket


def repaired_mean(
    features: Float[np.ndarray, "n m̄"],
    output_weights: Float[np.ndarray, " m̄"],
    width: int,
    penalty: float,
    *,
    draw: str = "without",
    total_weight: float = 1.0,
) -> float:
    """(λ/(a+λ))² E ‖φ̄ − y‖², the mean of the student's squared error in place of Eq. (6).

    `total_weight` is a of the student, the same for every draw when all |ā_l| are equal.

    Examples
    --------
    >>> repaired_mean(np.eye(2), np.ones(2), 1, np.inf) == mean_error(np.eye(2), np.ones(2), 1)
    True
    """
    return shrinkage(total_weight, penalty) ** 2 * mean_error(features, output_weights, width, draw=draw)


def repaired_bound(
    features: Float[np.ndarray, "n m̄"],
    output_weights: Float[np.ndarray, " m̄"],
    width: int,
    penalty: float,
    *,
    level: float,
    total_weight: float = 1.0,
) -> float:
    """A bound on the student's squared error that holds with probability ≥ 1 − level, without replacement.

    (λ/(a+λ))² (√E‖φ̄−y‖² + D √(V log(1/level)/(2m)))²,  D = max_{l,l′} ‖g_l − g_l′‖,
    V = (m̄ − m)² Σ_{k=1}^m (m̄ − k)^{-2}.

    Proof: exchanging one chosen unit moves ‖φ̄ − y‖ by at most D/√m. Two values of the k-th draw lead to
    different sets only if the later draws miss the other of the two, which has probability (m̄ − m)/(m̄ − k);
    so the k-th step of the Doob martingale ranges over (D/√m)(m̄ − m)/(m̄ − k), and Azuma and Hoeffding's
    inequality gives the tail. With level = m^{-10} the logarithm is 10 log m: Eq. (6)'s form, but with the
    largest distance between units where the printed bracket has a mean.

    Examples
    --------
    >>> features, weights = np.eye(2), np.ones(2)
    >>> bound = repaired_bound(features, weights, 1, np.inf, level=0.1)
    >>> bound >= mean_error(features, weights, 1)
    True
    """
    terms, total = _terms("repaired_bound", features, output_weights, width)
    if not 0 < level <= 1:
        raise ValueError(f"repaired_bound: level={level}; expected a probability in (0, 1]")
    later = total - np.arange(1, width + 1)
    spread = 0.0 if width == total else (total - width) ** 2 * float((1.0 / later**2).sum())  # V
    norms = (terms**2).sum(axis=0)
    squared = norms[:, None] + norms[None, :] - 2.0 * terms.T @ terms
    reach = float(np.sqrt(max(squared.max(), 0.0)))  # D
    root = np.sqrt(mean_error(features, output_weights, width))
    deviation = reach * np.sqrt(spread * np.log(1.0 / level) / (2.0 * width))
    return shrinkage(total_weight, penalty) ** 2 * float(root + deviation) ** 2


def shrinkage(total_weight: float, penalty: float) -> float:
    """λ/(a+λ), what Theorem 1 leaves of the knowledge's error, a > 0, 0 ≤ λ ≤ ∞; 1 at λ = ∞.

    Examples
    --------
    >>> shrinkage(1.0, 1.0), shrinkage(1.0, np.inf)
    (0.5, 1.0)
    """
    checks.number("shrinkage", "total_weight", total_weight, above=0.0)
    return term_shares(total_weight, checks.penalty("shrinkage", penalty))[1]


def printed_two_stage_ratio(alpha: float, beta: float) -> float:
    """S₁/S₂ = (1−α)(1−β)/(1−αβ) of 7.4.1, α = m/m₁, β = m₁/m̄.

    Examples
    --------
    >>> round(printed_two_stage_ratio(0.5, 0.5), 6)
    0.333333
    """
    _check_shares("printed_two_stage_ratio", alpha, beta)
    return (1.0 - alpha) * (1.0 - beta) / (1.0 - alpha * beta)


def two_stage_ratio(alpha: float, beta: float, penalty: float) -> float:
    """Mean squared error of two stages over that of direct distillation: the stages' errors add.

    [(1−α) + α(1−β)(λ/(α+λ))²]/(1−αβ) < 1, with the intermediate network's coefficients scaled by √α, so that its
    random sub-network is unbiased. Exact for draws without replacement and equal |ā_l|: training then moves all
    ā_l φ^(l) alike and leaves their spread.

    Examples
    --------
    >>> round(two_stage_ratio(0.5, 0.5, np.inf), 6)
    1.0
    """
    _check_shares("two_stage_ratio", alpha, beta)
    carried = alpha * (1.0 - beta) * shrinkage(alpha, penalty) ** 2
    return (1.0 - alpha + carried) / (1.0 - alpha * beta)


def _check_shares(where, alpha, beta):
    if not (0 < alpha <= 1 and 0 < beta <= 1 and alpha * beta < 1):
        raise ValueError(f"{where}: alpha={alpha}, beta={beta}; expected shares in (0, 1], not both 1")


def _terms(where, features, output_weights, width, draw="without"):
    features = checks.array(where, "features", features, ("n", "m̄"))
    hint = ": one column and one weight a unit of the teacher"
    output_weights = checks.array(where, "output_weights", output_weights, features.shape[1:], hint=hint)
    checks.count(where, "width", width, most=features.shape[1], why=", the teacher's width")
    if draw not in DRAWS:
        raise ValueError(f"{where}: draw={draw!r}; expected one of {', '.join(DRAWS)}")
    return features * output_weights, features.shape[1]
