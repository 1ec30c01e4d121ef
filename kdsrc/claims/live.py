"""Measurements behind the claims of the theory: seed in, misfit out, on the small problems of `kdsrc.theory.problems`.

A misfit is zero for a statement that is true, up to rounding. `kdsrc.theory.misprints` has those that compare a
printed formula with a repaired one; here are the rest. Where the frozen flow decides, it is `kdsrc.theory.oracle`'s
matrix exponential.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.linalg import expm

from kdsrc.distillation import choose_units
from kdsrc.dynamics.flow import gradient_flow
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.theory import oracle, theorem1
from kdsrc.theory.problems import Measurement, problem
from kdsrc.theory.theorem3 import flow_operator, lemma5_eigenvectors, pole_vectors, start_deviations, transfer

PENALTIES = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])


def printed(measure: Measurement) -> Callable[[int], float]:
    """The first of an erratum's two numbers: the printed text's misfit."""
    return lambda seed: measure(seed)[0]


def repaired(measure: Measurement) -> Callable[[int], float]:
    """The second: the repaired text's."""
    return lambda seed: measure(seed)[1]


def worst(*measures: Callable[[int], float]) -> Callable[[int], float]:
    """The largest of several misfits."""
    return lambda seed: max(measure(seed) for measure in measures)


def labels_missed(name: str, *, units: slice | list[int] = slice(None)) -> Callable[[int], float]:
    """max |f(∞) − y| of the frozen flow at λ = 0, for some units of a problem."""

    def misfit(seed):
        p = problem(name, seed, penalty=0.0)
        network = p.network.select(np.arange(p.network.width)[units])
        return float(np.abs(oracle.arrival(Problem(network, p.x, p.y, 0.0)) - p.y).max())

    return misfit


def fraction_missed(name: str) -> Callable[[int], float]:
    """max |f(∞) − y| at λ = 0 when 20 of a teacher's 100 units are trained again."""

    def misfit(seed):
        p = problem(name, seed, penalty=0.0, width=100)
        network = p.network.select(choose_units(100, 20, seed=seed))
        return float(np.abs(oracle.arrival(Problem(network, p.x, p.y, 0.0)) - p.y).max())

    return misfit


def knowledge_missed(name: str) -> Callable[[int], float]:
    """max |f(∞) − φ̄| of the frozen flow at λ = ∞."""

    def misfit(seed):
        p = problem(name, seed, penalty=np.inf)
        return float(np.abs(oracle.arrival(p) - p.knowledge @ p.network.coefficients).max())

    return misfit


def plain_poles(seed: int) -> float:
    """Relative distance of the poles at λ = 0, from the whole H̄, from the eigenvalues of H."""
    p = problem("smooth", seed, penalty=0.0)
    values, poles = np.linalg.eigvalsh(tangent_kernel(p.network, p.x)), oracle.poles(p)
    return float(np.abs(poles - values).max() / values[-1]) if poles.shape == values.shape else 1.0


def error_falls(*names: str) -> Callable[[int], float]:
    """Largest decrease of the final error ‖f(∞) − y‖ between neighbours of a growing λ, relative to the error."""

    def misfit(seed):
        found = []
        for name in names:
            problems = (problem(name, seed, penalty=penalty) for penalty in PENALTIES)
            errors = [np.linalg.norm(oracle.arrival(p) - p.y) for p in problems]
            found.append(_fall(errors) / max(errors))
        return float(max(found))

    return misfit


def poles_fall(seed: int) -> float:
    """Largest decrease of an ordered pole between neighbours of a growing λ, relative to the largest pole."""
    poles = [oracle.poles(problem("smooth", seed, penalty=penalty)) for penalty in PENALTIES]
    return _fall(poles) / float(poles[-1][-1])


def late_speed_falls(seed: int) -> float:
    """Largest relative decrease, between neighbours of a growing λ, of the rate at which ‖f − f_∞‖ falls at the end."""
    rates = []
    for p in (problem("smooth", seed, penalty=penalty) for penalty in PENALTIES):
        time = 20.0 / oracle.poles(p)[0]
        step, eta = expm(-time * oracle.operator(p)), _start(p).ravel()
        sizes = [
            np.linalg.norm(p.network.coefficients @ state.reshape(p.network.width, -1))
            for state in (step @ eta, step @ (step @ eta))
        ]
        rates.append(np.log(sizes[0] / sizes[1]) / time)
    return _fall(np.log(rates))


def early_speed_falls(seed: int) -> float:
    """Largest relative decrease, between neighbours of a growing λ, of one over the time in which ‖f − f_∞‖ falls
    to 1/e of its start."""
    times = []
    for p in (problem("smooth", seed, penalty=penalty) for penalty in PENALTIES):
        grid = np.geomspace(0.01, 100.0, 60)
        away = np.linalg.norm(oracle.outputs(p, np.append(0.0, grid)) - oracle.arrival(p), axis=1)
        times.append(np.interp(1.0 - np.exp(-1.0), 1.0 - away[1:] / away[0], grid))
    return _fall(-np.log(times))


def error_at_a_penalty(seed: int) -> float:
    """‖f(∞) − y‖ of the frozen flow at λ = 0.01 less that at λ = 0, for an imperfect teacher, relative to ‖y‖."""
    problems = [problem("smooth", seed, penalty=penalty) for penalty in (0.01, 0.0)]
    errors = [np.linalg.norm(oracle.arrival(p) - p.y) for p in problems]
    return float((errors[0] - errors[1]) / np.linalg.norm(problems[0].y))


def time_saved(seed: int, *, penalty: float = 0.01) -> float:
    """Share of the time until ‖f − f(∞)‖ has fallen to 1/e of its start that the student with a teacher saves.

    Frozen kernels, ReLU, 20 of 100 units: taught, from the units of the teacher after its (linearised) training and
    with λ; alone, from their random start and without.
    """
    p = problem("teacher", seed)
    trained = KernelRegime(p.network, p.x, p.y).weights(np.array([np.inf]))[0]
    chosen = choose_units(p.network.width, 20, seed=seed)
    taught = replace(p.network, weights=trained).select(chosen)
    times, found = np.linspace(0.0, 20.0, 2_001), []
    for network, level in ((taught, penalty), (p.network.select(chosen), 0.0)):
        regime = KernelRegime(network, p.x, p.y, penalty=level, knowledge=network.features(p.x), method="dense")
        deviation = np.linalg.norm(regime.output(times) - regime.limit(), axis=1)
        found.append(np.interp(1.0 - np.exp(-1.0), 1.0 - deviation / deviation[0], times))
    return float(1.0 - found[0] / found[1])


def objective_at_infinity(seed: int) -> tuple[float, float]:
    """Eq. (2) for 20 of a teacher's 100 units after training with λ → ∞ from them: its two sums.

    Relative to ‖y‖² and to ‖Φ‖²: the sum over the labels, which is the loss that stays, and the one over the knowledge.
    """
    p = problem("teacher", seed)
    student = p.network.select(choose_units(p.network.width, 20, seed=seed))
    knowledge = student.features(p.x)
    flow = gradient_flow(student, p.x, p.y, np.array([0.0, 1.0, 10.0]), penalty=np.inf, knowledge=knowledge)
    end = replace(student, weights=flow.weights[-1])
    labels = ((p.y - end.output(p.x)) ** 2).sum() / (p.y**2).sum()
    return float(labels), float(((knowledge - end.features(p.x)) ** 2).sum() / (knowledge**2).sum())


def teacher_start(seed: int) -> float:
    """Distance of φ_k(x) = σ(w̄_k·x), number by number, from f^(k)(0) of the student that `choose_units` starts."""
    p = problem("teacher", seed)
    chosen = choose_units(p.network.width, 20, seed=seed)
    start = p.network.select(chosen).features(p.x)
    knowledge = [[max(float(np.dot(p.network.weights[unit], point)), 0.0) for unit in chosen] for point in p.x]
    return float(np.abs(start - knowledge).max())


def descent_direction(seed: int) -> float:
    """Distance of Eq. (9) from −½ the gradient of objective (2), by central differences, relative."""
    p = problem("smooth", seed)
    step, shape = 1e-5, p.network.weights.shape

    def objective(shift):
        network = TwoLayerNetwork(p.network.weights + shift, p.network.output_weights, p.network.activation)
        return ((p.y - network.output(p.x)) ** 2).sum() + p.penalty * ((p.knowledge - network.features(p.x)) ** 2).sum()

    units = step * np.eye(shape[0] * shape[1]).reshape(-1, *shape)
    gradient = np.array([(objective(unit) - objective(-unit)) / (2.0 * step) for unit in units]).reshape(shape)
    pull = np.outer(p.y - p.network.output(p.x), p.network.coefficients)
    pull += p.penalty * (p.knowledge - p.network.features(p.x))
    velocity = (p.network.slopes(p.x) * pull).T @ p.x
    return float(np.abs(velocity + 0.5 * gradient).max() / np.abs(velocity).max())


def frozen_flow(seed: int) -> float:
    """Distance of f_∞ + Σ_k c_k δ^(k)(t), by Eq. (14) from Eq. (13)'s matrix, from the frozen flow of Eq. (10)."""
    p = problem("smooth", seed)
    start, found = _start(p), []
    limit = theorem1.printed_limit(p.network, p.y, p.penalty, p.knowledge)
    regime = KernelRegime(p.network, p.x, p.y, penalty=p.penalty, knowledge=p.knowledge)
    for time in (0.3, 3.0, 30.0):
        eta = (expm(-time * flow_operator(p.network, p.x, p.penalty)) @ start.ravel()).reshape(start.shape)
        found.append(np.abs(limit + p.network.coefficients @ eta - regime.output(np.array([time]))[0]).max())
    return float(max(found))


def transfer_asymmetry(seed: int) -> float:
    """‖Γ(s) − Γ(s)ᵀ‖/‖Γ(s)‖ at s = 0.7."""
    p = problem("smooth", seed)
    found = transfer(p.network, p.x, p.penalty, 0.7)
    return float(np.linalg.norm(found - found.T) / np.linalg.norm(found))


def poles_missing(name: str) -> Callable[[int], float]:
    """Share of the n·m poles of Assumption 2 that are zero."""

    def misfit(seed):
        p = problem(name, seed)
        return 1.0 - len(oracle.poles(p)) / (len(p.y) * p.network.width)

    return misfit


def lemma5_residual(seed: int) -> float:
    """Largest relative residual of Lemma 5's right and left eigenvectors."""
    p = problem("smooth", seed)
    operator, found = oracle.operator(p), []
    for pole, vector in zip(*pole_vectors(p.network, p.x, p.penalty), strict=True):
        for side, matrix in zip(
            lemma5_eigenvectors(p.network, p.x, p.penalty, pole, vector), (operator, operator.T), strict=True
        ):
            z = side.ravel() / np.linalg.norm(side)
            found.append(np.abs(matrix @ z - pole * z).max() / np.abs(matrix).max())
    return float(max(found))


def gram_eigenvalues(seed: int) -> float:
    """The most negative eigenvalue of an H_k, relative to its largest, with the sign turned."""
    p = problem("relu", seed)
    values = np.linalg.eigvalsh(unit_grams(p.network, p.x))
    return float(max(-(values[:, 0] / values[:, -1]).min(), 0.0))


def _start(p):
    return start_deviations(p.network, p.x, p.y, p.penalty, p.knowledge)


def _fall(values):
    """Largest decrease from one row to the next."""
    return float(-np.diff(values, axis=0).min(initial=0.0))
