"""Each slip of the paper, measured: seed in, (how far the printed text is off, how far the repaired one is) out.

Both are held against the same judge, which shares no code with them: `kdsrc.theory.oracle`'s matrix exponential, a
list of all draws, a definition. For an inequality the numbers are the true side over the bound. `PROBLEMS` are the
small named problems on which `kdsrc.theory.errata` shows them.
"""

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.linalg import expm

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.dynamics import limits
from kdsrc.dynamics.flow import gradient_flow
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.problem import Problem
from kdsrc.theory import oracle, theorem2
from kdsrc.theory.lemmas import (
    lemma2_bound,
    lemma3_bound,
    lemma4_bound,
    operator_change,
    printed_lemma2_bound,
    printed_lemma3_bound,
    printed_lemma4_bound,
)
from kdsrc.theory.theorem3 import (
    coupling,
    expansion,
    flow_operator,
    laplace_deviation,
    lemma5_eigenvectors,
    pole_vectors,
    start_deviations,
)

__all__ = ["PROBLEMS", "Measure", "enumerated", "problem", "small_teacher"]

Measure = Callable[[int], tuple[float, ...]]

# activation, n, d, m, std of the weights
PROBLEMS = {
    "smooth": ("tanh", 6, 9, 4, 1.0),
    "tall": ("tanh", 9, 5, 4, 1.0),
    "relu": ("relu", 6, 9, 4, 1.0),
    "small start": ("softplus", 6, 9, 4, 1e-3),
    "teacher": ("relu", 20, 30, 100, 1e-2),
}


def problem(name: str, seed: int, *, penalty: float = 0.3, width: int | None = None) -> Problem:
    """One of `PROBLEMS` for a seed: random unit rows, labels ±1, knowledge 0.3/√m away from the start.

    Examples
    --------
    >>> problem("smooth", 0).x.shape, problem("smooth", 0).penalty
    ((6, 9), 0.3)
    """
    if name not in PROBLEMS:
        raise ValueError(f"problem: name={name!r}; expected one of {', '.join(PROBLEMS)}")
    sigma, n, d, m, std = PROBLEMS[name]
    m = m if width is None else checks.count("problem", "width", width)
    checks.penalty("problem", penalty)
    rng = checks.generator("problem", seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=std, activation=sigma)
    knowledge = network.features(x) + 0.3 / np.sqrt(m) * rng.normal(size=(n, m))
    return Problem(network, x, rng.choice([-1.0, 1.0], size=n), penalty, knowledge)


def _parts(p) -> Any:
    return p.network, p.x, p.y, p.penalty, p.knowledge


def second_slope(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    slopes = p.network.slopes(p.x)[:, 0]
    printed = slopes[:, None] ** 2 * (p.x @ p.x.T)
    return _off(oracle.grams(p)[0], printed, unit_grams(p.network, p.x)[0])


def limit_of(name: str) -> Measure:
    """Distance of a printed and the general limit from where the frozen flow arrives."""

    def measure(seed):
        p = problem(name, seed)
        return _apart(
            oracle.arrival(p),
            limits.printed_limit(p.network, p.y, p.penalty, p.knowledge),
            limits.general_limit(*_parts(p)),
        )

    return measure


def relu_weight(seed: int) -> tuple[float, ...]:
    p = problem("relu", seed)
    p = Problem(p.network, p.x, p.y, p.penalty, p.network.features(p.x))
    return _apart(
        oracle.arrival(p), limits.printed_limit(p.network, p.y, p.penalty, p.knowledge), limits.relu_limit(*_parts(p))
    )


def plain_limit(seed: int) -> tuple[float, ...]:
    p = problem("tall", seed, penalty=0.0)
    p = Problem(p.network.select([0]), p.x, p.y, 0.0)  # one unit of d weights cannot fit n > d labels
    return _apart(oracle.arrival(p), p.y, limits.general_limit(p.network, p.x, p.y))


def curve_with(*left_in: str) -> Measure:
    """Largest error of f(t), with these misprints of Theorem 3 left in and with none."""

    def measure(seed):
        p = problem("smooth", seed)
        times = np.array([0.0, 0.2, 1.0, 5.0]) / oracle.poles(p)[-1]
        return _apart(
            oracle.outputs(p, times),
            *(expansion(*_parts(p), misprints=chosen).output(times) for chosen in (left_in, ())),
        )

    return measure


def spectral_sum(seed: int) -> tuple[float, ...]:
    """e^{−H̄t} as the sum over Lemma 5's eigenvectors, from unit v^j and from v^j with ⟨η_j^l, η_j^r⟩ = 1."""
    p = problem("smooth", seed)
    sums, (poles, vectors) = (
        np.zeros((2, p.network.width * len(p.y), p.network.width * len(p.y))),
        pole_vectors(p.network, p.x, p.penalty),
    )
    for pole, vector in zip(poles, vectors, strict=True):
        right, left = (side.ravel() for side in lemma5_eigenvectors(p.network, p.x, p.penalty, pole, vector))
        term = np.exp(-pole) * np.outer(right, left)
        sums += term, term / (right @ left)
    return _off(expm(-oracle.operator(p)), *sums)


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
    start, late = start_deviations(*_parts(p)).ravel(), expm(-30.0 / poles[half] * oracle.operator(p))

    def left(eta):
        return float(np.linalg.norm(p.network.coefficients @ (late @ eta).reshape(p.network.width, -1)))

    bases = (np.linalg.qr(np.array([pair[side].ravel() for pair in sides]).T)[0] for side in (0, 1))
    return tuple(left(start - basis @ (basis.T @ start)) / left(start) for basis in bases)


def laplace_sum(seed: int) -> tuple[float, ...]:
    p, s = problem("smooth", seed), 0.7
    start = start_deviations(*_parts(p)).ravel()
    solved = np.linalg.solve(s * np.eye(len(start)) + oracle.operator(p), start)
    return _off(
        p.network.coefficients @ solved.reshape(p.network.width, -1),
        *(
            laplace_deviation(p.network, p.x, p.y, p.penalty, _parts(p)[-1], s, printed=printed)
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


def pole_floor(seed: int) -> tuple[float, ...]:
    """A floor that does not know the number of units, over the smallest pole of 64: at most one if it is a floor.

    For tanh λ min λ_min(H_k) over the first four; for an activation with σ′ ≥ ε > 0, λε²λ_min(XXᵀ).
    """
    p = problem("smooth", seed, width=64)
    never_flat = TwoLayerNetwork(p.network.weights, p.network.output_weights, "leaky tanh")
    q = Problem(never_flat, p.x, p.y, p.penalty, p.knowledge)
    least = float(activation("leaky tanh").derivative(np.array(50.0)))
    floors = (np.linalg.eigvalsh(oracle.grams(p)[:4]).min(), least**2 * np.linalg.eigvalsh(p.x @ p.x.T)[0])
    return tuple(
        float(p.penalty * floor / np.linalg.eigvals(oracle.operator(net)).real.min())
        for net, floor in zip((p, q), floors, strict=True)
    )


def decay_of_exponential(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed, penalty=0.01)
    operator, pole = oracle.operator(p), oracle.poles(p)[0]
    root, inverse = (np.kron(coupling(p.network, p.penalty, power), np.eye(len(p.x))) for power in (0.5, -0.5))
    found = []
    for time in np.geomspace(1e-2, 3.0, 12) / np.linalg.norm(operator, 2):
        decay = np.exp(pole * time) * expm(-time * operator)
        found.append([np.linalg.norm(decay, 2), np.linalg.norm(root @ decay @ inverse, 2)])
    return tuple(np.max(found, axis=0).tolist())


def _perturbed(p, size, seed):
    step = size * np.random.default_rng(seed + 1).normal(size=p.network.weights.shape)
    moved = TwoLayerNetwork(p.network.weights + step, p.network.output_weights, p.network.activation)
    changes = unit_grams(moved, p.x) - unit_grams(p.network, p.x)
    return moved, changes, np.linalg.norm(step, axis=1), max(np.linalg.norm(change, 2) for change in changes)


def lemma2_left(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    moved, changes, _, largest = _perturbed(p, 0.05, seed)
    a = p.network.coefficients @ p.network.coefficients
    whole = np.linalg.norm(flow_operator(moved, p.x, p.penalty), 2)
    bound = printed_lemma2_bound(a, p.penalty, largest)
    return float(whole / bound), float(operator_change(p.network, changes, p.penalty) / bound)


def lemma2_size(seed: int) -> tuple[float, ...]:
    """The printed bound and (a + λ) max‖ΔH_k‖, over ‖ΔH̄‖: both valid.

    Examples
    --------
    >>> printed, repaired = lemma2_size(0)
    >>> 1.0 <= repaired <= printed
    True
    """
    p = problem("smooth", seed)
    _, changes, _, largest = _perturbed(p, 0.05, seed)
    a, change = p.network.coefficients @ p.network.coefficients, operator_change(p.network, changes, p.penalty)
    return tuple(float(bound(a, p.penalty, largest) / change) for bound in (printed_lemma2_bound, lemma2_bound))


def lemma2_step(seed: int) -> tuple[float, ...]:
    """The sum in Lemma 2's proof, Σ_k(c_k²‖δ‖² + λ‖δ_k‖²), and with λ², off the line that follows it."""
    p = problem("smooth", seed)
    eta = np.random.default_rng(seed + 1).normal(size=(p.network.width, len(p.y)))
    eta /= np.linalg.norm(eta)
    c = p.network.coefficients
    whole = np.linalg.norm(c @ eta) ** 2
    following = whole * (c @ c) + p.penalty**2
    blocks = np.linalg.norm(eta, axis=1) ** 2
    return _off(following, *((c**2 * whole + p.penalty**power * blocks).sum() for power in (1, 2)))


def lemma3_ratio(seed: int) -> tuple[float, ...]:
    p = problem("small start", seed)
    _, changes, moves, _ = _perturbed(p, 0.002, seed)
    norms = np.linalg.norm(changes, 2, axis=(1, 2))
    return tuple(float((norms / bound(p.network, p.x, moves)).max()) for bound in (printed_lemma3_bound, lemma3_bound))


def lemma4_reach(seed: int) -> tuple[float, ...]:
    """‖L(w)‖ over Lσ_xB and over Lσ_x, for inputs of length 1/4."""
    p = problem("small start", seed)
    x = 0.25 * p.x
    rows = p.network.slopes(x)[:, [0]] * x
    lipschitz, spread = activation(p.network.activation).lipschitz, np.linalg.norm(x, 2)
    return tuple(
        float(np.linalg.norm(rows, 2) / (lipschitz * spread * factor))
        for factor in (np.linalg.norm(x, axis=1).max(), 1.0)
    )


def lemma4_ratio(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    network = TwoLayerNetwork(p.network.weights, np.array([0.02, 1.0, -1.0, 1.0]), "tanh")
    knowledge = network.features(p.x) + 0.3
    times = np.linspace(0.0, 2.0, 201)
    flow = gradient_flow(network, p.x, p.y, times, penalty=p.penalty, knowledge=knowledge)
    ends = limits.printed_unit_limits(network, p.y, p.penalty, knowledge).T
    units = flow.unit_outputs() - ends  # δ^(k)
    whole = np.tensordot(units, network.coefficients, axes=(1, 0))  # δ
    unit_integrals = np.trapezoid(np.linalg.norm(units, axis=2), times, axis=0)
    integral = np.trapezoid(np.linalg.norm(whole, axis=1), times)
    bounds = (
        printed_lemma4_bound(network, p.x, unit_integrals),
        lemma4_bound(network, p.x, p.penalty, integral, unit_integrals),
    )
    return tuple(float((flow.moves()[-1] / bound).max()) for bound in bounds)


def start_sign(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    c, own = p.network.coefficients, p.knowledge @ p.network.coefficients
    printed = (np.outer((p.y - own) / (c @ c + p.penalty), c) + p.knowledge - p.network.features(p.x)).T
    start, end = oracle.units(p, np.array([0.0, 40.0 / oracle.poles(p)[0]]))
    return _off(start - end, printed, -printed)


def end_of_deviation(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    start = start_deviations(*_parts(p)).ravel()
    late = expm(-50.0 / oracle.poles(p)[0] * oracle.operator(p)) @ start
    return float(np.linalg.norm(start)), float(np.linalg.norm(late))


def final_error(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    return _off(
        np.linalg.norm(oracle.arrival(p) - p.y),
        *(error(p.network, p.y, p.penalty, p.knowledge) for error in (limits.printed_final_error, limits.final_error)),
    )


def missing_square(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    c = p.network.coefficients
    miss, share = np.linalg.norm(p.knowledge @ c - p.y), p.penalty / (c @ c + p.penalty)
    return _off(np.linalg.norm(oracle.arrival(p) - p.y), share**2 * miss, share * miss)


def student_weight(seed: int) -> tuple[float, ...]:
    """λ/(1+λ) and λ/(a+λ) against ‖f(∞) − y‖/‖φ̄ − y‖ of 4 of 8 units with unequal ā_l, Σ ā_l²/m̄ = 1.

    The units' slopes stay above 1/10, so that no mode is too slow to wait for.
    """
    p = problem("smooth", seed, width=8)
    weights = np.random.default_rng(seed + 1).uniform(0.2, 1.0, size=8)
    teacher = TwoLayerNetwork(p.network.weights, weights * np.sqrt(8.0 / (weights @ weights)), "leaky tanh")
    chosen = np.random.default_rng(seed + 2).choice(8, size=4, replace=False)
    student = teacher.select(chosen)
    knowledge = _parts(p)[-1][:, chosen]
    p = Problem(student, p.x, p.y, p.penalty, knowledge)
    miss = np.linalg.norm(knowledge @ student.coefficients - p.y)
    own = sum(teacher.output_weights[unit] ** 2 for unit in chosen) / 4.0
    return _off(np.linalg.norm(oracle.arrival(p) - p.y) / miss, *(theorem2.shrinkage(a, p.penalty) for a in (1.0, own)))


def small_teacher(seed: int, total: int = 8) -> tuple[Float[np.ndarray, "n m̄"], Float[np.ndarray, " m̄"]]:
    """Features (n, m̄) and output weights ±1 of a teacher so small that all draws of its units can be listed."""
    p = problem("teacher", seed, width=checks.count("small_teacher", "total", total))
    return p.network.features(p.x), p.network.output_weights


def enumerated(
    features: Float[np.ndarray, "n m̄"], weights: Float[np.ndarray, " m̄"], width: int
) -> Float[np.ndarray, "draws n"]:
    """φ̄, (draws, n), of every choice of `width` units."""
    features = checks.array("enumerated", "features", features, ("n", "m̄"))
    terms = features * checks.array("enumerated", "weights", weights, features.shape[1:])
    choices = combinations(range(terms.shape[1]), checks.count("enumerated", "width", width))
    return np.array([terms[:, list(units)].sum(axis=1) for units in choices]) / np.sqrt(width)


def bracket(seed: int) -> tuple[float, ...]:
    """Mean over all draws of one unit of 100, over m̄/(m̄−1) times the bracket of (6) with its factor 1 − m/m̄."""
    features, weights = small_teacher(seed, 100)
    mean = ((enumerated(features, weights, 1) - theorem2.labels(features, weights, 1)) ** 2).sum(axis=1).mean()
    bounds = theorem2.printed_bracket(features, weights, 1), theorem2.mean_error(features, weights, 1, draw="bernoulli")
    return tuple(float(mean / (bound * 100.0 / 99.0)) for bound in bounds)


def bracket_variance(seed: int) -> tuple[float, ...]:
    """7.4's last line with its two factors, against all 2^8 outcomes of eight Bernoulli choices with mean 3/8."""
    features, weights = small_teacher(seed)
    terms, y, total = features * weights, theorem2.labels(features, weights, 3), 0.0
    for picked in product((0, 1), repeat=8):
        miss = terms @ np.array(picked) / np.sqrt(3.0) - y
        total += (3 / 8) ** sum(picked) * (5 / 8) ** (8 - sum(picked)) * (miss @ miss)
    square = (weights**2 / 8.0) @ (features**2).sum(axis=0)
    return _off(total, *((1.0 - kept / 8.0) * square for kept in (8.0, 3.0)))


def bernoulli_draw(seed: int) -> tuple[float, ...]:
    """The mean of ‖φ̄ − y‖² by either draw, against all choices of 3 of 8 units."""
    features, weights = small_teacher(seed)
    misses = enumerated(features, weights, 3) - theorem2.labels(features, weights, 3)
    return _off(
        (misses**2).sum(axis=1).mean(),
        *(theorem2.mean_error(features, weights, 3, draw=draw) for draw in ("bernoulli", "without")),
    )


def enumerated_two_stages(seed: int, *, penalty: float = 0.3) -> float:
    """Mean squared error of two stages over that of direct distillation, over all draws: 6 → 4 → 2 units, |ā_l| = 1."""
    features, weights = small_teacher(seed, 6)
    checks.penalty("enumerated_two_stages", penalty, zero=False, infinite=False)
    y, terms, alpha, staged = theorem2.labels(features, weights, 2), features * weights, 0.5, []
    for first in combinations(range(6), 4):
        own = np.sqrt(alpha / 4.0) * terms[:, list(first)].sum(axis=1)
        # ā_k f^(k) after the first stage: Theorem 3's f_∞^(k) with c_k = √α ā_k/√m₁, and so a = α
        trained = terms[:, list(first)] + (np.sqrt(alpha / 4.0) * (y - own) / (alpha + penalty))[:, None]
        for second in combinations(range(4), 2):
            knowledge = trained[:, list(second)].sum(axis=1) / np.sqrt(2.0)
            staged.append(((knowledge - y) ** 2).sum())
    direct = ((enumerated(features, weights, 2) - y) ** 2).sum(axis=1)
    return float(np.mean(staged) / np.mean(direct))  # the last stage's factor (λ/(1+λ))² is common to both


def two_stages(seed: int) -> tuple[float, ...]:
    return _off(
        enumerated_two_stages(seed),
        theorem2.printed_two_stage_ratio(1 / 2, 2 / 3),
        theorem2.two_stage_ratio(1 / 2, 2 / 3, 0.3),
    )


def _off(truth, *values):
    """Distances of values from the truth, relative to it."""
    return tuple(float(np.linalg.norm(value - truth) / np.linalg.norm(truth)) for value in values)


def _apart(truth, *values):
    """Largest distance of an entry from the truth."""
    return tuple(float(np.abs(value - truth).max()) for value in values)


def _counts(truth, *values):
    return tuple(float(abs(value - truth)) for value in values)
