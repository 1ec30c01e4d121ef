"""Knowledge from a teacher (§2, §2.5): choosing units, the scale q, the features Φ; two stages (7.4.1).

Theorem 2's student takes m of the teacher's m̄ units at random, w_k = w̄_{l_k} and a_k = ā_{l_k}, and is asked to
keep their features φ^(k)(x) = σ(w̄_{l_k}·x). Its output then has mean √(m/m̄) times the teacher's, unless the
teacher was trained with coefficients q ā_l/√m̄, q = √(m/m̄): then the mean is the teacher's output itself.
"""

from dataclasses import replace

import numpy as np

from kdsrc.networks import TwoLayerNetwork, init_network


def scale(width: int, teacher_width: int) -> float:
    """The correction q = √(m/m̄) of §2.5.

    Raises
    ------
    ValueError
        Unless 1 ≤ width ≤ teacher_width.
    """
    if not 1 <= width <= teacher_width:
        raise ValueError(f"scale: width={width}, teacher_width={teacher_width}; expected 1 ≤ width ≤ teacher_width: "
                         "the student's units are chosen among the teacher's")
    return float(np.sqrt(width / teacher_width))


def scaled(network: TwoLayerNetwork, q: float) -> TwoLayerNetwork:
    """The same hidden units with output weights q a_k, so that the output is q times as large."""
    if not (np.isfinite(q) and q != 0):
        raise ValueError(f"scaled: q={q}; expected a finite number other than zero")
    return replace(network, output_weights=q * network.output_weights)


def choose_units(teacher_width: int, width: int, *, seed) -> np.ndarray:
    """Indices l_1 … l_m of the chosen units, drawn without replacement; shape (width,)."""
    scale(width, teacher_width)  # checks the widths
    return np.random.default_rng(seed).choice(teacher_width, size=width, replace=False)


def random_start(student: TwoLayerNetwork, *, seed, std: float = 1e-2) -> TwoLayerNetwork:
    """`student` with fresh hidden weights N(0, std² I) and its own output weights.

    The output weights stay those of the chosen units, so that feature k is still the partner of φ^(k).
    """
    fresh = init_network(student.width, student.dim, seed=seed, std=std, activation=student.activation)
    return replace(student, weights=fresh.weights)


def distilled_units(knowledge, coefficients, y, penalty: float) -> np.ndarray:
    """Features a student ends with, f_∞^(k) = φ^(k) + c_k (y − φ̄)/(a + λ), where Theorems 1 and 3 apply.

    knowledge (n, m), coefficients c_k (m,), y (n,), 0 < λ ≤ ∞; returns (n, m). Σ_k c_k f_∞^(k) is f_∞ of Eq. (5).
    """
    knowledge, c, y = (np.asarray(value, dtype=float) for value in (knowledge, coefficients, y))
    if not penalty > 0:
        raise ValueError(f"distilled_units: penalty={penalty}; expected λ > 0, which determines the units' limits")
    return knowledge + np.outer((y - knowledge @ c) / (c @ c + penalty), c)


def intermediate_start(teacher: TwoLayerNetwork, width: int, student_width: int, *, seed) -> TwoLayerNetwork:
    """m₁ of the teacher's units with output weights √α ā_l, α = m/m₁: its random m-unit sub-networks are unbiased."""
    return scaled(teacher.select(choose_units(teacher.width, width, seed=seed)), scale(student_width, width))


def two_stage(features, output_weights, y, widths: tuple[int, int], penalty: float, *,
              seed) -> tuple[np.ndarray, np.ndarray]:
    """Two-stage distillation of 7.4.1 in the kernel regime: teacher → m₁ units → m units.

    Parameters
    ----------
    features : (n, m̄) array
        The teacher's.
    output_weights : (m̄,) array
        Its ā_l.
    y : (n,) array
        Labels; `kdsrc.selection.labels` for a teacher that says them exactly.
    widths : (m₁, m)
    penalty : float
        λ > 0 of both stages.

    Returns
    -------
    intermediate, student : (n,) arrays
        f_∞ of both networks. The student draws from the trained features of the intermediate network, and keeps the
        teacher's ā_l, without √α.
    """
    features, output_weights = np.asarray(features, dtype=float), np.asarray(output_weights, dtype=float)
    first, width = widths
    alpha_root = scale(width, first)
    rng = np.random.default_rng(seed)
    units = choose_units(features.shape[1], first, seed=rng)
    c = alpha_root * output_weights[units] / np.sqrt(first)
    middle = distilled_units(features[:, units], c, y, penalty)  # (n, m₁)
    chosen = choose_units(first, width, seed=rng)
    c_student = output_weights[units[chosen]] / np.sqrt(width)
    return middle @ c, distilled_units(middle[:, chosen], c_student, y, penalty) @ c_student
