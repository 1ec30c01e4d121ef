"""Knowledge from a teacher (§2, §2.5): choosing units, the scale q, the features Φ; two stages (7.4.1).

Theorem 2's student takes m of the teacher's m̄ units at random, w_k = w̄_{l_k} and a_k = ā_{l_k}, and is asked to
keep their features φ^(k)(x) = σ(w̄_{l_k}·x). Its output then has mean √(m/m̄) times the teacher's, unless the
teacher was trained with coefficients q ā_l/√m̄, q = √(m/m̄): then the mean is the teacher's output itself.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from kdsrc import checks
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.typing import Features, Labels, Seed

__all__ = ["choose_units", "distilled_units", "intermediate_start", "random_start", "scale", "scaled", "two_stage"]


def scale(width: int, teacher_width: int) -> float:
    """The correction q = √(m/m̄) of §2.5.

    Raises
    ------
    ValueError
        Unless 1 ≤ width ≤ teacher_width.

    Examples
    --------
    >>> scale(25, 100)
    0.5
    """
    _check_widths("scale", "width", width, "teacher_width", teacher_width)
    return float(np.sqrt(width / teacher_width))


def scaled(network: TwoLayerNetwork, q: float) -> TwoLayerNetwork:
    """The same hidden units with output weights q a_k, so that the output is q times as large.

    Examples
    --------
    >>> bool(np.allclose(scaled(network, 0.5).output(x), 0.5 * network.output(x)))
    True
    """
    if not (np.isfinite(q) and q != 0):
        raise ValueError(f"scaled: q={q}; expected a finite number other than zero")
    return replace(network, output_weights=q * network.output_weights)


def choose_units(teacher_width: int, width: int, *, seed: Seed) -> Int[np.ndarray, " m"]:
    """Indices l_1 … l_m of the chosen units, drawn without replacement; shape (width,).

    Examples
    --------
    >>> chosen = choose_units(100, 20, seed=0)
    >>> len(set(chosen.tolist()))
    20
    """
    _check_widths("choose_units", "width", width, "teacher_width", teacher_width)
    return checks.generator("choose_units", seed).choice(teacher_width, size=width, replace=False)


def random_start(student: TwoLayerNetwork, *, seed: Seed, std: float = 1e-2) -> TwoLayerNetwork:
    """`student` with fresh hidden weights N(0, std² I) and its own output weights.

    The output weights stay those of the chosen units, so that feature k is still the partner of φ^(k).

    Examples
    --------
    >>> start = random_start(network, seed=1)
    >>> bool((start.output_weights == network.output_weights).all())
    True
    """
    fresh = init_network(student.width, student.dim, seed=seed, std=std, activation=student.activation)
    return replace(student, weights=fresh.weights)


def distilled_units(knowledge: Features, coefficients: Float[np.ndarray, " m"], y: Labels, penalty: float) -> Features:
    """Features a student ends with, f_∞^(k) = φ^(k) + c_k (y − φ̄)/(a + λ), where Theorems 1 and 3 apply.

    knowledge (n, m), coefficients c_k (m,), y (n,), 0 < λ ≤ ∞; returns (n, m). Σ_k c_k f_∞^(k) is f_∞ of Eq. (5).

    Examples
    --------
    >>> c = network.coefficients
    >>> ends = distilled_units(knowledge, c, y, 1.0) @ c
    >>> bool(np.allclose(ends, (y + knowledge @ c) / 2))
    True
    """
    checks.penalty("distilled_units", penalty, zero=False, why=", which determines the units' limits")
    knowledge = checks.array("distilled_units", "knowledge", knowledge, ("n", "m"))
    c = checks.array("distilled_units", "coefficients", coefficients, knowledge.shape[1:])
    y = checks.array("distilled_units", "y", y, knowledge.shape[:1])
    return knowledge + np.outer((y - knowledge @ c) / (c @ c + penalty), c)


def intermediate_start(teacher: TwoLayerNetwork, width: int, student_width: int, *, seed: Seed) -> TwoLayerNetwork:
    """m₁ of the teacher's units with output weights √α ā_l, α = m/m₁: its random m-unit sub-networks are unbiased.

    Examples
    --------
    >>> intermediate_start(network, 2, 1, seed=0).width
    2
    """
    _check_widths("intermediate_start", "student_width", student_width, "width", width)
    return scaled(teacher.select(choose_units(teacher.width, width, seed=seed)), scale(student_width, width))


def two_stage(
    features: Float[np.ndarray, "n m̄"],
    output_weights: Float[np.ndarray, " m̄"],
    y: Labels,
    widths: tuple[int, int],
    penalty: float,
    *,
    seed: Seed,
) -> tuple[Labels, Labels]:
    """Two-stage distillation of 7.4.1 in the kernel regime: teacher → m₁ units → m units.

    Parameters
    ----------
    features : (n, m̄) array
        The teacher's.
    output_weights : (m̄,) array
        Its ā_l.
    y : (n,) array
        Labels; `kdsrc.theory.theorem2.labels` for a teacher that says them exactly.
    widths : (m₁, m)
    penalty : float
        λ > 0 of both stages.

    Returns
    -------
    intermediate, student : (n,) arrays
        f_∞ of both networks. The student draws from the trained features of the intermediate network, and keeps the
        teacher's ā_l, without √α.

    Examples
    --------
    >>> features = network.features(x)
    >>> middle, student = two_stage(features, network.output_weights, y, (3, 2), 1.0, seed=0)
    >>> middle.shape, student.shape
    ((5,), (5,))
    """
    features = checks.array("two_stage", "features", features, ("n", "m̄"))
    output_weights = checks.array("two_stage", "output_weights", output_weights, features.shape[1:])
    y = checks.array("two_stage", "y", y, features.shape[:1])
    checks.penalty("two_stage", penalty, zero=False)
    if np.shape(widths) != (2,):
        raise ValueError(f"two_stage: widths={widths!r}; expected (m₁, m), those of the two students")
    first, width = widths
    _check_widths("two_stage", "widths[0]", first, "the teacher's width", features.shape[1])
    _check_widths("two_stage", "widths[1]", width, "widths[0]", first)
    alpha_root = scale(width, first)
    rng = checks.generator("two_stage", seed)
    units = choose_units(features.shape[1], first, seed=rng)
    c = alpha_root * output_weights[units] / np.sqrt(first)
    middle = distilled_units(features[:, units], c, y, penalty)  # (n, m₁)
    chosen = choose_units(first, width, seed=rng)
    c_student = output_weights[units[chosen]] / np.sqrt(width)
    return middle @ c, distilled_units(middle[:, chosen], c_student, y, penalty) @ c_student


def _check_widths(caller, name, width, larger_name, larger):
    why = f", {larger_name}: the student's units are chosen among the teacher's"
    checks.count(caller, name, width, most=checks.count(caller, larger_name, larger), why=why)
