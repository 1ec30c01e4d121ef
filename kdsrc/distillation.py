"""Knowledge from a teacher (§2, §2.5): choosing units, the scale q, the features Φ.

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
