"""Measurements behind the errata of §2 and §3: seed in, (how far the printed text is off, and the repaired one) out.

Here are numbers alone. The errata themselves, with their words and repairs, are listed in `kdsrc.theory.errata`;
`kdsrc.theory.proof_misprints` and `kdsrc.theory.draws` measure those of the proofs. Both texts are held against the
same judge, which shares no code with them: `kdsrc.theory.oracle`'s matrix exponential, or a definition. For an
inequality the numbers are the true side over the bound. The problems are those of `kdsrc.theory.problems`.
"""

import numpy as np
from scipy.linalg import expm

from kdsrc.dynamics import limits
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.problem import Problem
from kdsrc.theory import oracle, theorem1
from kdsrc.theory.problems import Measurement, off, parts, problem
from kdsrc.theory.theorem3 import expansion, laplace_deviation, lemma5_eigenvectors, pole_vectors, start_deviations


def second_slope(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    slopes = p.network.slopes(p.x)[:, 0]
    printed = slopes[:, None] ** 2 * (p.x @ p.x.T)
    return off(oracle.grams(p)[0], printed, unit_grams(p.network, p.x)[0])


def limit_of(name: str) -> Measurement:
    """Distance of a printed and the general limit from where the frozen flow arrives."""

    def measure(seed):
        p = problem(name, seed)
        return _apart(
            oracle.arrival(p),
            theorem1.printed_limit(p.network, p.y, p.penalty, p.knowledge),
            limits.general_limit(*parts(p)),
        )

    return measure


def relu_weight(seed: int) -> tuple[float, ...]:
    p = problem("relu", seed)
    p = Problem(p.network, p.x, p.y, p.penalty, p.network.features(p.x))
    return _apart(
        oracle.arrival(p), theorem1.printed_limit(p.network, p.y, p.penalty, p.knowledge), limits.relu_limit(*parts(p))
    )


def plain_limit(seed: int) -> tuple[float, ...]:
    p = problem("tall", seed, penalty=0.0)
    p = Problem(p.network.select([0]), p.x, p.y, 0.0)  # one unit of d weights cannot fit n > d labels
    return _apart(oracle.arrival(p), p.y, limits.general_limit(p.network, p.x, p.y))


def curve_with(*left_in: str) -> Measurement:
    """Largest error of f(t), with these misprints of Theorem 3 left in and with none."""

    def measure(seed):
        p = problem("smooth", seed)
        times = np.array([0.0, 0.2, 1.0, 5.0]) / oracle.poles(p)[-1]
        return _apart(
            oracle.outputs(p, times),
            *(expansion(*parts(p), misprints=chosen).output(times) for chosen in (left_in, ())),
        )

    return measure


def small_overlap(seed: int) -> tuple[float, ...]:
    """Share of the slower half of the modes that is left in f by a start orthogonal to §2.7's vectors.

    Printed: c_k H_k (p_jI − λH_k)^{-1} v^j; repaired: the same without H_k. The share is ‖δ(t)‖ over what it is from
    the same start before the vectors were taken out, when the quicker half has fallen to e^{-30}.

    Examples
    --------
    >>> printed, repaired = small_overlap(0)
    >>> printed > 0.1 > 1e-6 > repaired
    True
    """
    p = problem("smooth", seed)
    poles, vectors = pole_vectors(p.network, p.x, p.penalty)
    half = len(poles) // 2
    sides = [lemma5_eigenvectors(p.network, p.x, p.penalty, *mode) for mode in zip(poles[:half], vectors, strict=False)]
    start, late = start_deviations(*parts(p)).ravel(), expm(-30.0 / poles[half] * oracle.operator(p))

    def left(eta):
        return float(np.linalg.norm(p.network.coefficients @ (late @ eta).reshape(p.network.width, -1)))

    bases = (np.linalg.qr(np.array([pair[side].ravel() for pair in sides]).T)[0] for side in (0, 1))
    return tuple(left(start - basis @ (basis.T @ start)) / left(start) for basis in bases)


def laplace_sum(seed: int) -> tuple[float, ...]:
    p, s = problem("smooth", seed), 0.7
    start = start_deviations(*parts(p)).ravel()
    solved = np.linalg.solve(s * np.eye(len(start)) + oracle.operator(p), start)
    return off(
        p.network.coefficients @ solved.reshape(p.network.width, -1),
        *(
            laplace_deviation(p.network, p.x, p.y, p.penalty, parts(p)[-1], s, printed=printed)
            for printed in (True, False)
        ),
    )


def pole_candidates(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    gram = oracle.grams(p)[0]
    value = np.linalg.eigvalsh(gram)[-1]
    return tuple(
        float(np.linalg.svd(s * np.eye(len(gram)) + p.penalty * gram, compute_uv=False)[-1])
        for s in (value, -p.penalty * value)
    )


def number_of_poles(seed: int) -> tuple[float, ...]:
    p = problem("tall", seed)
    ranks = sum(np.linalg.matrix_rank(gram, hermitian=True) for gram in unit_grams(p.network, p.x))
    return _counts(len(oracle.poles(p)), p.y.size * p.network.width, ranks)


def plain_number_of_poles(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed, penalty=0.0)
    rank = np.linalg.matrix_rank(tangent_kernel(p.network, p.x), hermitian=True)
    return _counts(len(oracle.poles(p)), p.y.size * p.network.width, rank)


def final_error(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    return off(
        np.linalg.norm(oracle.arrival(p) - p.y),
        *(
            error(p.network, p.y, p.penalty, p.knowledge)
            for error in (theorem1.printed_final_error, theorem1.final_error)
        ),
    )


def _apart(truth, *values):
    """Largest distance of an entry from the truth."""
    return tuple(float(np.abs(value - truth).max()) for value in values)


def _counts(truth, *values):
    return tuple(float(abs(value - truth)) for value in values)
