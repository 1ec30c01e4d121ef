"""Each slip of the paper, measured: seed in, (what the printed text gives, what the repaired one gives) out.

`PROBLEMS` are the small named problems on which `kdsrc.errata` shows them.
"""

import numpy as np
from scipy.linalg import expm

from kdsrc import checks, limits, selection
from kdsrc.dynamics import KernelRegime
from kdsrc.expansion import (
    coupling,
    expansion,
    flow_operator,
    laplace_deviation,
    lemma5_eigenvectors,
    pole_vectors,
    start_deviations,
    symmetric_operator,
)
from kdsrc.flow import gradient_flow
from kdsrc.kernels import unit_grams
from kdsrc.lemmas import (
    lemma2_bound,
    lemma3_bound,
    lemma4_bound,
    operator_change,
    printed_lemma2_bound,
    printed_lemma3_bound,
    printed_lemma4_bound,
)
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.problem import Problem

# activation, n, d, m, std of the weights
PROBLEMS = {
    "smooth": ("tanh", 6, 9, 4, 1.0),
    "tall": ("tanh", 9, 5, 4, 1.0),
    "relu": ("relu", 6, 9, 4, 1.0),
    "small start": ("softplus", 6, 9, 4, 1e-3),
    "teacher": ("relu", 20, 30, 100, 1e-2),
}


def problem(name: str, seed: int, *, penalty: float = 0.3, width: int | None = None) -> Problem:
    """One of `PROBLEMS` for a seed: random unit rows, labels ±1, knowledge 0.3/√m away from the start."""
    if name not in PROBLEMS:
        raise ValueError(f"problem: name={name!r}; expected one of {', '.join(PROBLEMS)}")
    activation, n, d, m, std = PROBLEMS[name]
    m = m if width is None else checks.count("problem", "width", width)
    checks.penalty("problem", penalty)
    rng = checks.generator("problem", seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=std, activation=activation)
    knowledge = network.features(x) + 0.3 / np.sqrt(m) * rng.normal(size=(n, m))
    return Problem(network, x, rng.choice([-1.0, 1.0], size=n), penalty, knowledge)


def _parts(p):
    return p.network, p.x, p.y, p.penalty, p.knowledge


def _regime(p):
    return KernelRegime(p.network, p.x, p.y, penalty=p.penalty, knowledge=p.knowledge, method="dense")


def second_slope(seed):
    p = problem("smooth", seed)
    slopes = p.network.slopes(p.x)[:, 0]
    printed, true = slopes[:, None] ** 2 * (p.x @ p.x.T), unit_grams(p.network, p.x)[0]
    return tuple(float(np.linalg.norm(h - h.T) / np.linalg.norm(h)) for h in (printed, true))


def sum_of_squares(seed):
    squares = problem("smooth", seed).network.coefficients ** 2
    return float(squares[0]), float(squares.sum())


def limit_of(name):
    """Distance of a printed and the general limit from where the frozen flow arrives."""
    def measure(seed):
        p = problem(name, seed)
        end = _arrival(p)
        found = limits.printed_limit(p.network, p.y, p.penalty, p.knowledge), limits.general_limit(*_parts(p))
        return tuple(float(np.abs(f - end).max()) for f in found)
    return measure


def _arrival(p):
    regime = _regime(p)
    return regime.output([50.0 / regime.poles()[0]])[0]


def relu_weight(seed):
    p = problem("relu", seed)
    p = Problem(p.network, p.x, p.y, p.penalty, p.network.features(p.x))
    closed = limits.relu_limit(*_parts(p))
    end = _arrival(p)
    printed = limits.printed_limit(p.network, p.y, p.penalty, p.knowledge)
    return float(np.abs(printed - end).max()), float(np.abs(closed - end).max())


def plain_limit(seed):
    p = problem("tall", seed, penalty=0.0)
    network = p.network.select([0])  # one unit of d weights cannot fit n > d labels
    p = Problem(network, p.x, p.y, 0.0, p.knowledge[:, :1])
    end = _arrival(p)
    return float(np.abs(p.y - end).max()), float(np.abs(limits.general_limit(p.network, p.x, p.y) - end).max())


def curve_with(*slips):
    """Largest error of f(t), with these slips of Theorem 3 left in and with none."""
    def measure(seed):
        p = problem("smooth", seed)
        regime = _regime(p)
        times = np.array([0.0, 0.2, 1.0, 5.0]) / regime.poles()[-1]
        exact = regime.output(times)
        return tuple(float(np.abs(expansion(*_parts(p), slips=chosen).output(times) - exact).max())
                     for chosen in (slips, ()))
    return measure


def lemma5_norm(seed):
    p = problem("smooth", seed)
    poles, vectors = pole_vectors(p.network, p.x, p.penalty)
    right, left = lemma5_eigenvectors(p.network, p.x, p.penalty, poles[-1], vectors[-1])
    return float((right * left).sum()), 1.0


def laplace_sum(seed):
    p, s = problem("smooth", seed), 0.7
    start = start_deviations(*_parts(p)).ravel()
    solved = np.linalg.solve(s * np.eye(len(start)) + flow_operator(p.network, p.x, p.penalty), start)
    exact = p.network.coefficients @ solved.reshape(p.network.width, -1)
    return tuple(float(np.linalg.norm(laplace_deviation(*_parts(p), s, printed=printed) - exact)
                       / np.linalg.norm(exact)) for printed in (True, False))


def pole_candidates(seed):
    p = problem("smooth", seed)
    gram = unit_grams(p.network, p.x)[0]
    value = np.linalg.eigvalsh(gram)[-1]
    return tuple(float(np.linalg.svd(s * np.eye(len(gram)) + p.penalty * gram, compute_uv=False)[-1])
                 for s in (value, -p.penalty * value))


def distinct_poles(seed):
    p = problem("smooth", seed)
    network = p.network.select([0, 0, 0, 0])
    poles = np.linalg.eigvalsh(symmetric_operator(network, p.x, p.penalty))
    return float(len(poles)), float(1 + (np.diff(poles) > 1e-10 * poles[1:]).sum())


def number_of_poles(seed):
    p = problem("tall", seed)
    return float(p.y.size * p.network.width), float(len(_regime(p).poles()))


def smallest_pole(seed):
    few, many = (problem("smooth", seed, width=width) for width in (4, 64))
    return tuple(float(np.linalg.eigvalsh(symmetric_operator(p.network, p.x, p.penalty))[0]) for p in (few, many))


def decay_of_exponential(seed):
    p = problem("smooth", seed, penalty=0.01)
    operator = flow_operator(p.network, p.x, p.penalty)
    pole = np.linalg.eigvalsh(symmetric_operator(p.network, p.x, p.penalty))[0]
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


def lemma2_left(seed):
    p = problem("smooth", seed)
    moved, changes, _, largest = _perturbed(p, 0.05, seed)
    a = p.network.coefficients @ p.network.coefficients
    whole = np.linalg.norm(flow_operator(moved, p.x, p.penalty), 2)
    return (float(whole / printed_lemma2_bound(a, p.penalty, largest)),
            float(operator_change(p.network, changes, p.penalty) / lemma2_bound(a, p.penalty, largest)))


def lemma2_size(seed):
    p = problem("smooth", seed)
    _, changes, _, largest = _perturbed(p, 0.05, seed)
    a, change = p.network.coefficients @ p.network.coefficients, operator_change(p.network, changes, p.penalty)
    return tuple(float(bound(a, p.penalty, largest) / change) for bound in (printed_lemma2_bound, lemma2_bound))


def lemma3_ratio(seed):
    p = problem("small start", seed)
    _, changes, moves, _ = _perturbed(p, 0.002, seed)
    norms = np.linalg.norm(changes, 2, axis=(1, 2))
    return tuple(float((norms / bound(p.network, p.x, moves)).max()) for bound in (printed_lemma3_bound, lemma3_bound))


def lemma4_ratio(seed):
    p = problem("smooth", seed)
    network = TwoLayerNetwork(p.network.weights, np.array([0.02, 1.0, -1.0, 1.0]), "tanh")
    p = Problem(network, p.x, p.y, p.penalty, network.features(p.x) + 0.3)
    times = np.linspace(0.0, 2.0, 201)
    flow = gradient_flow(network, p.x, p.y, times, penalty=p.penalty, knowledge=p.knowledge)
    ends = limits.printed_unit_limits(network, p.y, p.penalty, p.knowledge).T
    units = flow.unit_outputs() - ends  # δ^(k)
    whole = np.tensordot(units, network.coefficients, axes=(1, 0))  # δ
    unit_integrals = np.trapezoid(np.linalg.norm(units, axis=2), times, axis=0)
    integral = np.trapezoid(np.linalg.norm(whole, axis=1), times)
    bounds = (printed_lemma4_bound(network, p.x, unit_integrals),
              lemma4_bound(network, p.x, p.penalty, integral, unit_integrals))
    return tuple(float((flow.moves()[-1] / bound).max()) for bound in bounds)


def start_sign(seed):
    p = problem("smooth", seed)
    c, own = p.network.coefficients, p.knowledge @ p.network.coefficients
    printed = (np.outer((p.y - own) / (c @ c + p.penalty), c) + p.knowledge - p.network.features(p.x)).T
    true = start_deviations(*_parts(p))
    norm = np.linalg.norm(printed) * np.linalg.norm(true)
    return float((printed * true).sum() / norm), 1.0


def end_of_deviation(seed):
    p = problem("smooth", seed)
    start = start_deviations(*_parts(p))
    late = expm(-50.0 / _regime(p).poles()[0] * flow_operator(p.network, p.x, p.penalty)) @ start.ravel()
    return float(np.linalg.norm(start)), float(np.linalg.norm(late))


def final_error(seed):
    p = problem("smooth", seed)
    return tuple(error(p.network, p.y, p.penalty, p.knowledge)
                 for error in (limits.printed_final_error, limits.final_error))


def _teacher(seed):
    p = problem("teacher", seed)
    return p.network.features(p.x), p.network.output_weights


def bracket(seed):
    teacher = _teacher(seed)
    return selection.printed_bracket(*teacher, 20), selection.mean_error(*teacher, 20, draw="bernoulli")


def bracket_variance(seed):
    return 0.0, selection.mean_error(*_teacher(seed), 20, draw="bernoulli")


def bernoulli_draw(seed):
    features, weights = _teacher(seed)
    return tuple(selection.mean_error(features, np.abs(weights), 20, draw=draw) for draw in ("bernoulli", "without"))


def tail(seed):
    teacher, penalty = _teacher(seed), 0.3
    return (selection.printed_bound(*teacher, 20, penalty),
            selection.repaired_bound(*teacher, 20, penalty, level=20.0**-10))


def missing_square(seed):
    features, weights = _teacher(seed)
    y, penalty = selection.labels(features, weights, 20), 0.3
    miss = np.linalg.norm(selection.draw_output(features, weights, 20, seed=seed) - y)
    return tuple(float(selection.shrinkage(1.0, penalty) ** power * miss) for power in (2, 1))


def student_weight(seed):
    weights = checks.generator("student_weight", seed).uniform(0.0, 1.0, size=100)
    weights *= np.sqrt(100 / (weights @ weights))  # Σ ā_l²/m̄ = 1
    chosen = np.random.default_rng(seed + 1).choice(100, size=20, replace=False)
    return 1.0, float((weights[chosen] ** 2).sum() / 20)


def two_stages(seed):
    return selection.printed_two_stage_ratio(0.5, 0.5), selection.two_stage_ratio(0.5, 0.5, 0.3)
