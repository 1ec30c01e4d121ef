"""Measurements behind the errata of the proofs, §7.1 to §7.3: the lemmas, and the end of the argument.

Numbers are as in `kdsrc.theory.misprints`, which has those of §2 and §3; `kdsrc.theory.errata` lists the errata.
"""

import numpy as np
from scipy.linalg import expm

from kdsrc.activations import activation
from kdsrc.dynamics.flow import gradient_flow
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.theory import oracle, theorem1
from kdsrc.theory.lemmas import (
    lemma2_bound,
    lemma3_bound,
    lemma4_bound,
    operator_change,
    printed_lemma2_bound,
    printed_lemma3_bound,
    printed_lemma4_bound,
)
from kdsrc.theory.problems import off, parts, problem
from kdsrc.theory.theorem3 import coupling, flow_operator, lemma5_eigenvectors, pole_vectors, start_deviations


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
    return off(following, *((c**2 * whole + p.penalty**power * blocks).sum() for power in (1, 2)))


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
    ends = theorem1.printed_unit_limits(network, p.y, p.penalty, knowledge).T
    units = flow.unit_outputs() - ends  # δ^(k)
    whole = np.tensordot(units, network.coefficients, axes=(1, 0))  # δ
    unit_integrals = np.trapezoid(np.linalg.norm(units, axis=2), times, axis=0)
    integral = np.trapezoid(np.linalg.norm(whole, axis=1), times)
    bounds = (
        printed_lemma4_bound(network, p.x, unit_integrals),
        lemma4_bound(network, p.x, p.penalty, integral, unit_integrals),
    )
    return tuple(float((flow.moves()[-1] / bound).max()) for bound in bounds)


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
    return off(expm(-oracle.operator(p)), *sums)


def start_sign(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    start, end = oracle.units(p, np.array([0.0, 40.0 / oracle.poles(p)[0]]))
    deviations = start_deviations(*parts(p))
    return off(start - end, -deviations, deviations)


def pole_floor(seed: int) -> tuple[float, ...]:
    """A floor that does not know the number of units, over the smallest pole of 64: at most one if it is a floor.

    For tanh λ min λ_min(H_k) over the first four; for an activation with σ′ ≥ σ′_min > 0, λσ′_min²λ_min(XXᵀ).
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


def end_of_deviation(seed: int) -> tuple[float, ...]:
    p = problem("smooth", seed)
    start = start_deviations(*parts(p)).ravel()
    late = expm(-50.0 / oracle.poles(p)[0] * oracle.operator(p)) @ start
    return float(np.linalg.norm(start)), float(np.linalg.norm(late))
