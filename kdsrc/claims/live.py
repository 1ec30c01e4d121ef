"""Measurements behind the claims of the theory: seed in, misfit out, on the small problems of `kdsrc.slips`.

A misfit is zero for a statement that is true, up to rounding. `kdsrc.slips` has those that compare a printed formula
with a repaired one; here are the rest.
"""


import numpy as np
from scipy.linalg import expm

from kdsrc import limits, slips
from kdsrc.distillation import choose_units
from kdsrc.dynamics import KernelRegime
from kdsrc.expansion import (
    flow_operator,
    lemma5_eigenvectors,
    pole_vectors,
    start_deviations,
    symmetric_operator,
    transfer,
)
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.lemmas import smallest_pole_bound
from kdsrc.networks import TwoLayerNetwork

PENALTIES = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])


def printed(measure):
    """The first of a slip's two numbers: the printed text's misfit."""
    return lambda seed: measure(seed)[0]


def repaired(measure):
    """The second: the repaired text's."""
    return lambda seed: measure(seed)[1]


def worst(*measures):
    """The largest of several misfits."""
    return lambda seed: max(measure(seed) for measure in measures)


def labels_missed(name: str, *, units=slice(None)):
    """max |f(∞) − y| of the frozen flow at λ = 0, for some units of a problem."""
    def misfit(seed):
        p = slips.problem(name, seed, penalty=0.0)
        network = p.network.select(np.arange(p.network.width)[units])
        return float(np.abs(KernelRegime(network, p.x, p.y).limit() - p.y).max())
    return misfit


def knowledge_missed(name: str):
    """max |f(∞) − φ̄| of the frozen flow at λ = ∞."""
    def misfit(seed):
        p = slips.problem(name, seed)
        found = limits.general_limit(p.network, p.x, p.y, np.inf, p.knowledge)
        return float(np.abs(found - p.knowledge @ p.network.coefficients).max())
    return misfit


def plain_poles(seed):
    """Relative distance of the poles at λ = 0 from the eigenvalues of H."""
    p = slips.problem("smooth", seed, penalty=0.0)
    values = np.linalg.eigvalsh(tangent_kernel(p.network, p.x))
    poles = np.sort(KernelRegime(p.network, p.x, p.y).poles())
    return float(np.abs(poles - values).max() / values[-1])


def error_falls(*names):
    """Largest decrease of the final error ‖f(∞) − y‖ between neighbours of a growing λ, relative to the error."""
    def misfit(seed):
        found = []
        for name in names:
            p = slips.problem(name, seed)
            errors = [np.linalg.norm(limits.general_limit(p.network, p.x, p.y, penalty, p.knowledge) - p.y)
                      for penalty in PENALTIES]
            found.append(-np.diff(errors).min(initial=0.0) / max(errors))
        return float(max(found))
    return misfit


def poles_fall(seed):
    """Largest decrease of an ordered pole between neighbours of a growing λ, relative to the largest pole."""
    p = slips.problem("smooth", seed)
    poles = [np.linalg.eigvalsh(symmetric_operator(p.network, p.x, penalty)) for penalty in PENALTIES]
    return float(-np.diff(poles, axis=0).min(initial=0.0) / poles[-1][-1])


def error_at_a_penalty(seed):
    """Final error at λ = 0.01 less that at λ = 0, relative to the labels: Theorem 1's, for an imperfect teacher."""
    p = slips.problem("smooth", seed)
    errors = [limits.final_error(p.network, p.y, penalty, p.knowledge) for penalty in (0.01, 0.0)]
    return float((errors[0] - errors[1]) / np.linalg.norm(p.y))


def time_saved(seed, *, penalty: float = 0.01):
    """Share of the time until the deviation ‖f − f(∞)‖ has fallen to 1/e of its start that λ saves against λ = 0.

    ReLU, 20 units started at the knowledge, frozen kernel: the paper's student.
    """
    p = slips.problem("teacher", seed, width=20)
    knowledge, found = p.network.features(p.x), []
    for level in (penalty, 0.0):
        regime = KernelRegime(p.network, p.x, p.y, penalty=level, knowledge=knowledge, method="dense")
        times = np.linspace(0.0, 5.0 / np.median(regime.poles()[-len(p.y):]), 2_001)
        deviation = np.linalg.norm(regime.output(times) - regime.limit(), axis=1)
        found.append(np.interp(1.0 - np.exp(-1.0), 1.0 - deviation / deviation[0], times))
    return float(1.0 - found[0] / found[1])


def single_mode(seed):
    """A start along one eigenvector of H̄ decays with its pole alone: relative misfit at both ends of the spectrum."""
    p = slips.problem("smooth", seed)
    poles, vectors = pole_vectors(p.network, p.x, p.penalty)
    found = []
    for pole, vector in ((poles[0], vectors[0]), (poles[-1], vectors[-1])):
        right, _ = lemma5_eigenvectors(p.network, p.x, p.penalty, pole, vector)
        knowledge = p.network.features(p.x) - right.T  # with y = φ̄ the deviation at the start is `right`
        y = knowledge @ p.network.coefficients
        regime = KernelRegime(p.network, p.x, y, penalty=p.penalty, knowledge=knowledge)
        time, start = np.log(2.0) / pole, right.T @ p.network.coefficients
        found.append(np.abs(regime.output([time])[0] - y - 0.5 * start).max() / np.abs(start).max())
    return float(max(found))


def teacher_start(seed):
    """Distance of φ_k from f^(k)(0) when the student starts from the teacher's units."""
    p = slips.problem("teacher", seed)
    chosen = choose_units(p.network.width, 20, seed=seed)
    return float(np.abs(p.network.select(chosen).features(p.x) - p.network.features(p.x)[:, chosen]).max())


def descent_direction(seed):
    """Distance of Eq. (9) from −½ the gradient of objective (2), by central differences, relative."""
    p = slips.problem("smooth", seed)
    step, shape = 1e-5, p.network.weights.shape

    def objective(shift):
        network = TwoLayerNetwork(p.network.weights + shift, p.network.output_weights, p.network.activation)
        return (((p.y - network.output(p.x)) ** 2).sum()
                + p.penalty * ((p.knowledge - network.features(p.x)) ** 2).sum())

    units = step * np.eye(shape[0] * shape[1]).reshape(-1, *shape)
    gradient = np.array([(objective(unit) - objective(-unit)) / (2.0 * step) for unit in units]).reshape(shape)
    pull = np.outer(p.y - p.network.output(p.x), p.network.coefficients)
    pull += p.penalty * (p.knowledge - p.network.features(p.x))
    velocity = (p.network.slopes(p.x) * pull).T @ p.x
    return float(np.abs(velocity + 0.5 * gradient).max() / np.abs(velocity).max())


def frozen_flow(seed):
    """Distance of the frozen kernel's outputs, integrated from Eq. (10), from Eq. (14)'s matrix exponential."""
    p = slips.problem("smooth", seed)
    regime = KernelRegime(p.network, p.x, p.y, penalty=p.penalty, knowledge=p.knowledge)
    start, found = start_deviations(p.network, p.x, p.y, p.penalty, p.knowledge), []
    limit = limits.printed_limit(p.network, p.y, p.penalty, p.knowledge)
    for time in (0.3, 3.0, 30.0):
        eta = (expm(-time * flow_operator(p.network, p.x, p.penalty)) @ start.ravel()).reshape(start.shape)
        found.append(np.abs(limit + p.network.coefficients @ eta - regime.output([time])[0]).max())
    return float(max(found))


def transfer_asymmetry(seed):
    """‖Γ(s) − Γ(s)ᵀ‖/‖Γ(s)‖ at s = 0.7."""
    p = slips.problem("smooth", seed)
    found = transfer(p.network, p.x, p.penalty, 0.7)
    return float(np.linalg.norm(found - found.T) / np.linalg.norm(found))


def poles_missing(name: str):
    """Share of the n·m poles of Assumption 2 that are zero."""
    def misfit(seed):
        p = slips.problem(name, seed)
        poles = np.linalg.eigvalsh(symmetric_operator(p.network, p.x, p.penalty))
        return float((poles <= 1e-12 * poles[-1]).mean())
    return misfit


def lemma5_residual(seed):
    """Largest relative residual of Lemma 5's right and left eigenvectors."""
    p = slips.problem("smooth", seed)
    operator, found = flow_operator(p.network, p.x, p.penalty), []
    for pole, vector in zip(*pole_vectors(p.network, p.x, p.penalty), strict=True):
        for side, matrix in zip(lemma5_eigenvectors(p.network, p.x, p.penalty, pole, vector),
                                (operator, operator.T), strict=True):
            z = side.ravel() / np.linalg.norm(side)
            found.append(np.abs(matrix @ z - pole * z).max() / np.abs(matrix).max())
    return float(max(found))


def pole_drop(seed):
    """Share of the smallest pole that is lost from 4 to 64 units."""
    few, many = slips.smallest_pole(seed)
    return float(1.0 - many / few)


def pole_below_bound(seed):
    """How far the smallest pole of 64 units is below λ min_k λ_min(H_k), relative to it; zero if it is not."""
    p = slips.problem("smooth", seed, width=64)
    bound = smallest_pole_bound(p.network, p.x, p.penalty)
    return float(max(1.0 - np.linalg.eigvalsh(symmetric_operator(p.network, p.x, p.penalty))[0] / bound, 0.0))


def gram_eigenvalues(seed):
    """The most negative eigenvalue of an H_k, relative to its largest, with the sign turned."""
    p = slips.problem("relu", seed)
    values = np.linalg.eigvalsh(unit_grams(p.network, p.x))
    return float(max(-(values[:, 0] / values[:, -1]).min(), 0.0))
