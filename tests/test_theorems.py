"""Printed and repaired statements against dense operators, enumeration of draws, simulation and the true flow."""

import itertools
import math

import numpy as np
import pytest
from scipy.linalg import expm

from kdsrc.distillation import distilled_units, intermediate_start, two_stage
from kdsrc.dynamics import KernelRegime, gradient_flow
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.theory import kernel_floor, lemmas, theorem1, theorem2, theorem3
from kdsrc.theory.problems import parts, problem

SEEDS = (0, 1, 2)


def stacked(p):
    """H̄ by its definition: diag of the H_k times the Kronecker product of A with I."""
    grams, c = unit_grams(p.network, p.x), p.network.coefficients
    n, m = len(p.x), len(c)
    diagonal = np.zeros((m * n, m * n))
    for k in range(m):
        diagonal[k * n : (k + 1) * n, k * n : (k + 1) * n] = grams[k]
    return diagonal, np.kron(np.outer(c, c) + p.penalty * np.eye(m), np.eye(n))


# --- Operators, Theorem 3, Lemma 5, Laplace


@pytest.mark.parametrize("name", ("smooth", "tall", "relu"))
def test_operators(name):
    p = problem(name, 0)
    diagonal, bent = stacked(p)
    np.testing.assert_allclose(theorem3.flow_operator(p.network, p.x, p.penalty), diagonal @ bent, atol=1e-14)
    symmetric = theorem3.symmetric_operator(p.network, p.x, p.penalty)
    root = np.kron(theorem3.coupling(p.network, p.penalty, 0.5), np.eye(len(p.x)))
    np.testing.assert_allclose(root @ root, bent, atol=1e-14)
    np.testing.assert_allclose(symmetric, root @ diagonal @ root, atol=1e-14)
    np.testing.assert_allclose(
        np.linalg.inv(root), np.kron(theorem3.coupling(p.network, p.penalty, -0.5), np.eye(len(p.x))), atol=1e-12
    )


def test_transfer_matrix_has_eigenvalue_minus_one_at_the_poles():
    p = problem("smooth", 0)
    poles, vectors = theorem3.pole_vectors(p.network, p.x, p.penalty)
    assert len(poles) == 24  # all modes show
    for pole, vector in zip(poles[::5], vectors[::5], strict=True):
        gamma = theorem3.transfer(p.network, p.x, p.penalty, -pole)
        np.testing.assert_allclose(gamma, gamma.T, atol=1e-9 * np.linalg.norm(gamma))
        np.testing.assert_allclose(gamma @ vector, -vector, atol=1e-8)
    c, s = p.network.coefficients, 0.8
    direct = sum(
        ck**2 * np.linalg.inv(s * np.eye(6) + p.penalty * gram) @ gram
        for ck, gram in zip(c, unit_grams(p.network, p.x), strict=True)
    )
    np.testing.assert_allclose(theorem3.transfer(p.network, p.x, p.penalty, s), direct, atol=1e-12)


def test_transfer_matrix_without_a_penalty_and_at_zero():
    """Γ(s) = H/s at λ = 0, and Γ(0) = a I/λ with invertible H_k; both at zero it does not exist."""
    p = problem("smooth", 0)
    c, grams = p.network.coefficients, unit_grams(p.network, p.x)
    kernel = np.tensordot(c**2, grams, axes=1)
    np.testing.assert_allclose(theorem3.transfer(p.network, p.x, 0.0, 1.0), kernel, atol=1e-12)
    np.testing.assert_allclose(theorem3.transfer(p.network, p.x, 1.0, 0.0), c @ c * np.eye(len(p.x)), atol=1e-9)
    with pytest.raises(ValueError, match="transfer: s=0.0 with penalty=0; .*not both zero"):
        theorem3.transfer(p.network, p.x, 0.0, 0.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_repaired_expansion_is_the_matrix_exponential(seed):
    p = problem("smooth", seed)
    times = np.array([0.0, 0.3, 2.0, 50.0])
    starts = theorem3.start_deviations(*parts(p))
    end = theorem1.printed_limit(p.network, p.y, p.penalty, p.knowledge)
    diagonal, bent = stacked(p)
    blocks = [(expm(-t * diagonal @ bent) @ starts.ravel()).reshape(starts.shape) for t in times]
    exact = [end + p.network.coefficients @ block for block in blocks]
    found = theorem3.expansion(*parts(p))
    np.testing.assert_allclose(found.output(times), exact, atol=1e-10)
    regime = KernelRegime(*parts(p)[:3], penalty=p.penalty, knowledge=p.knowledge)
    poles, amplitudes = regime.modes()
    np.testing.assert_allclose(found.poles, poles, rtol=1e-8)
    np.testing.assert_allclose(found.amplitudes[:, None] * found.vectors, amplitudes, atol=1e-9)


def test_printed_amplitudes_are_the_printed_formula():
    p = problem("smooth", 0)
    c, printed = p.network.coefficients, theorem3.expansion(*parts(p), misprints=theorem3.MISPRINTS)
    ends = theorem1.printed_unit_limits(p.network, p.y, p.penalty, p.knowledge)
    f0 = p.network.features(p.x)
    for j in (0, 7, 23):
        expected = sum(
            c[k] ** 2
            * printed.vectors[j]
            @ gram
            @ np.linalg.inv(printed.poles[j] * np.eye(6) - p.penalty * gram)
            @ (ends - f0)[:, k]
            for k, gram in enumerate(unit_grams(p.network, p.x))
        )
        np.testing.assert_allclose(printed.amplitudes[j], expected, rtol=1e-8)
    np.testing.assert_array_equal(printed.limit, 0.0)
    with pytest.raises(ValueError, match="expected some of constant"):
        theorem3.expansion(*parts(p), misprints=("spelling",))
    for name in ("tall", "relu"):
        with pytest.raises(ValueError, match="singular H_k"):
            theorem3.expansion(*parts(problem(name, 0)))


@pytest.mark.parametrize("j", (0, 11, 23))
def test_lemma5_eigenvectors(j):
    p = problem("smooth", 1)
    poles, vectors = theorem3.pole_vectors(p.network, p.x, p.penalty)
    right, left = theorem3.lemma5_eigenvectors(p.network, p.x, p.penalty, poles[j], vectors[j])
    operator, scale = theorem3.flow_operator(p.network, p.x, p.penalty), np.linalg.norm(left)
    np.testing.assert_allclose(operator @ right.ravel(), poles[j] * right.ravel(), atol=1e-10 * scale)
    np.testing.assert_allclose(left.ravel() @ operator, poles[j] * left.ravel(), atol=1e-9 * scale)
    np.testing.assert_allclose(p.network.coefficients @ right, vectors[j], atol=1e-8)


def test_laplace_transform_is_the_resolvent_and_the_integral():
    p, s = problem("smooth", 2), 0.4
    starts = theorem3.start_deviations(*parts(p))
    resolvent = np.linalg.solve(s * np.eye(24) + theorem3.flow_operator(p.network, p.x, p.penalty), starts.ravel())
    expected = p.network.coefficients @ resolvent.reshape(4, 6)
    np.testing.assert_allclose(theorem3.laplace_deviation(*parts(p), s), expected, atol=1e-12)
    found = theorem3.expansion(*parts(p))  # ∫ e^{−st} δ(t) dt term by term
    np.testing.assert_allclose((found.amplitudes / (s + found.poles)) @ found.vectors, expected, atol=1e-9)


def test_coupling_needs_a_finite_positive_penalty():
    for penalty in (0.0, np.inf, -1.0):
        with pytest.raises(ValueError, match="0 < λ < ∞"):
            theorem3.coupling(problem("smooth", 0).network, penalty)


# --- Theorem 1 and §2.7


def test_printed_limit_solves_the_flow_and_its_ends():
    p = problem("smooth", 0)
    c, end = p.network.coefficients, theorem1.printed_limit(p.network, p.y, p.penalty, p.knowledge)
    units = theorem1.printed_unit_limits(p.network, p.y, p.penalty, p.knowledge)
    np.testing.assert_allclose(units @ c, end, atol=1e-14)
    force = np.outer(p.y - end, c) + p.penalty * (p.knowledge - units)  # the bracket of Eq. (10)
    np.testing.assert_allclose(force, 0.0, atol=1e-14)
    np.testing.assert_array_equal(theorem1.printed_limit(p.network, p.y, 0.0, None), p.y)
    np.testing.assert_allclose(theorem1.printed_limit(p.network, p.y, np.inf, p.knowledge), p.knowledge @ c)
    for penalty in (0.0, np.inf):
        with pytest.raises(ValueError, match="0 < λ < ∞"):
            theorem1.printed_unit_limits(p.network, p.y, penalty, p.knowledge)


def test_final_error_and_its_monotony():
    p = problem("smooth", 3)
    c = p.network.coefficients
    a, miss = c @ c, np.linalg.norm(p.knowledge @ c - p.y)
    ladder = [0.0, 0.01, 0.1, 1.0, 10.0, np.inf]
    errors = [theorem1.final_error(p.network, p.y, penalty, p.knowledge) for penalty in ladder]
    np.testing.assert_allclose(errors[1:-1], [lam / (a + lam) * miss for lam in ladder[1:-1]], rtol=1e-12)
    assert errors[0] == 0.0 and (np.diff(errors) > 0).all() and errors[-1] == pytest.approx(miss)
    printed = theorem1.printed_final_error(p.network, p.y, 1.0, p.knowledge)
    np.testing.assert_allclose(printed, np.linalg.norm(p.knowledge @ p.network.output_weights / 4 - p.y) / (a + 1))


# --- Lemmas


@pytest.mark.parametrize("name", ("smooth", "small start"))
@pytest.mark.parametrize("penalty", (0.02, 1.0))
def test_lemmas_2_and_3_bound_what_they_say(name, penalty):
    p = problem(name, 0, penalty=penalty)
    a = p.network.coefficients @ p.network.coefficients
    for seed, size in itertools.product(range(5), (1e-3, 0.1, 1.0)):
        step = size * np.random.default_rng(seed).normal(size=p.network.weights.shape)
        moved = TwoLayerNetwork(p.network.weights + step, p.network.output_weights, p.network.activation)
        changes = unit_grams(moved, p.x) - unit_grams(p.network, p.x)
        norms = np.linalg.norm(changes, 2, axis=(1, 2))
        assert (norms <= lemmas.lemma3_bound(p.network, p.x, np.linalg.norm(step, axis=1))).all()
        euclidean = lemmas.operator_change(p.network, changes, penalty)
        dense = theorem3.flow_operator(moved, p.x, penalty) - theorem3.flow_operator(p.network, p.x, penalty)
        np.testing.assert_allclose(euclidean, np.linalg.norm(dense, 2), rtol=1e-9)
        bound = lemmas.lemma2_bound(a, penalty, norms.max())
        assert euclidean <= bound <= lemmas.printed_lemma2_bound(a, penalty, norms.max())
        in_flow_norm = lemmas.operator_change(p.network, changes, penalty, norm="flow")
        symmetric = theorem3.symmetric_operator(moved, p.x, penalty) - theorem3.symmetric_operator(
            p.network, p.x, penalty
        )
        np.testing.assert_allclose(in_flow_norm, np.linalg.norm(symmetric, 2), rtol=1e-9)
        assert in_flow_norm <= bound


@pytest.mark.parametrize("name", ("tanh", "erf"))
def test_lemmas_of_rows_of_any_length_by_hand(name):
    """X = (2, 1)ᵀ e₁ᵀ has σ_x = √5 and B = 2; ‖w₁‖ = 5, ‖w₂‖ = 1; c = (3, −1)/√2."""
    lipschitz = 1.0 if name == "tanh" else 2.0 / np.sqrt(np.pi)
    network = TwoLayerNetwork([[3.0, 4.0], [0.0, 1.0]], [3.0, -1.0], name)
    x, moves, penalty = np.array([[2.0, 0.0], [1.0, 0.0]]), np.array([[0.5, 2.0], [0.0, 0.1]]), 0.3
    square, slope, c = 5.0 * lipschitz**2, np.sqrt(5.0) * lipschitz, np.array([3.0, 1.0]) / np.sqrt(2.0)
    np.testing.assert_allclose(lemmas.lemma3_bound(network, x, moves), square * 2 * moves * (2 * moves + 2), rtol=1e-12)
    np.testing.assert_allclose(
        lemmas.printed_lemma3_bound(network, x, moves), square * 4 * moves * (moves + [10.0, 2.0]), rtol=1e-12
    )
    np.testing.assert_allclose(lemmas.printed_lemma4_bound(network, x, moves), c * slope * 2 * moves, rtol=1e-12)
    pulls = c * 0.7 + penalty * moves[0]
    np.testing.assert_allclose(lemmas.lemma4_bound(network, x, penalty, 0.7, moves[0]), slope * pulls, rtol=1e-12)
    ways = moves[0] / np.sqrt(0.4) + c * 0.7 * slope * (1 + slope / np.sqrt(0.4))
    np.testing.assert_allclose(lemmas.way_bound(network, x, 0.4, 0.7, moves[0]), ways, rtol=1e-12)


@pytest.mark.parametrize("length", (0.2, 5.0))
def test_lemma3_and_what_lasts_hold_for_rows_of_any_length(length):
    p, rng = problem("smooth", 3), np.random.default_rng(6)
    x = length * p.x * np.linspace(0.5, 1.0, len(p.x))[:, None]
    for size in (0.01, 0.3, 3.0):
        moves = size * rng.normal(size=p.network.weights.shape)
        moved = TwoLayerNetwork(p.network.weights + moves, p.network.output_weights, p.network.activation)
        changes = np.linalg.norm(unit_grams(moved, x) - unit_grams(p.network, x), 2, axis=(1, 2))
        assert (changes <= lemmas.lemma3_bound(p.network, x, np.linalg.norm(moves, axis=1))).all()
    start = rng.normal(size=(p.network.width, len(x)))
    floor, way, change = kernel_floor.lasting_bounds(p.network, x, p.penalty, start)
    np.testing.assert_allclose(floor, np.linalg.eigvalsh(unit_grams(p.network, x))[:, 0].min(), rtol=1e-12)
    integral = 2 * lemmas.flow_norm(p.network, p.penalty, start) / (p.penalty * floor)
    ways = lemmas.way_bound(p.network, x, floor / 2, integral, np.linalg.norm(start, axis=1))
    np.testing.assert_allclose(way, ways.max(), rtol=1e-12)
    np.testing.assert_allclose(change, lemmas.lemma3_bound(p.network, x, np.full(p.network.width, way)), rtol=1e-12)


def test_lemma3_bound_is_reached_to_first_order():
    """One sample, one unit: ΔH = Δ(σ'²) ‖x‖² ≈ 2 σ' σ'' ‖x‖³ |Δw|; with L = 1 the bound's 2 L² ‖x‖³ |Δw|."""
    network = TwoLayerNetwork([[0.66]], [1.0], "tanh")  # near the largest |σ''|
    bound = lemmas.lemma3_bound(network, [[2.0]], [1e-4])[0]
    np.testing.assert_allclose(bound, 4.0 * 2.0 * 1e-4 * (2.0 + 2e-4), rtol=1e-12)
    np.testing.assert_allclose(
        lemmas.printed_lemma3_bound(network, [[2.0]], [1e-4])[0], 4.0 * 4.0 * 1e-4 * (1e-4 + 1.32), rtol=1e-12
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_lemma1_along_the_true_flow(seed):
    """Both sides of the repaired Lemma 1, q and the integrals measured on the nonlinear flow itself."""
    p = problem("smooth", seed, penalty=1.0)
    rng = np.random.default_rng(seed)
    x = np.linalg.qr(rng.normal(size=(9, 9)))[0][:3]  # orthonormal samples: poles well away from zero
    network = init_network(64, 9, seed=rng, std=0.3, activation="tanh")
    knowledge, y = network.features(x), network.output(x) + 0.2 * p.y[:3]
    times = np.linspace(0.0, 30.0, 1501)
    flow = gradient_flow(network, x, y, times, penalty=1.0, knowledge=knowledge)
    ends = theorem1.printed_unit_limits(network, y, 1.0, knowledge).T
    true = flow.unit_outputs() - ends
    frozen = KernelRegime(network, x, y, penalty=1.0, knowledge=knowledge, method="krylov")
    gap = true - (frozen.unit_outputs(times) - ends)
    symmetric = theorem3.symmetric_operator(network, x, 1.0)
    pole = np.linalg.eigvalsh(symmetric)[0]
    assert pole >= kernel_floor.smallest_pole_bound(network, x, 1.0) > 0
    change = max(
        np.linalg.norm(
            theorem3.symmetric_operator(TwoLayerNetwork(w, network.output_weights, "tanh"), x, 1.0) - symmetric, 2
        )
        for w in flow.weights[::100]
    )
    bound = lemmas.lemma1_bound(change / pole, pole, lemmas.flow_norm(network, 1.0, true[0]))
    measured = np.trapezoid(lemmas.flow_norm(network, 1.0, gap), times)
    assert 0 < measured <= bound
    euclidean = np.trapezoid(np.linalg.norm(gap, axis=(1, 2)), times)
    assert euclidean <= lemmas.norm_ratio(network, 1.0) * lemmas.lemma1_bound(
        change / pole, pole, np.linalg.norm(true[0])
    )


@pytest.mark.parametrize("penalty", (0.1, 2.0))
def test_lemma4_along_the_true_flow(penalty):
    p = problem("smooth", 4, penalty=penalty)
    times = np.linspace(0.0, 3.0, 301)
    flow = gradient_flow(*parts(p)[:3], times, penalty=penalty, knowledge=p.knowledge + 0.3)
    ends = theorem1.printed_unit_limits(p.network, p.y, penalty, p.knowledge + 0.3).T
    units = flow.unit_outputs() - ends
    unit_integrals = np.trapezoid(np.linalg.norm(units, axis=2), times, axis=0)
    integral = np.trapezoid(np.linalg.norm(np.tensordot(units, p.network.coefficients, axes=(1, 0)), axis=1), times)
    bound = lemmas.lemma4_bound(p.network, p.x, penalty, integral, unit_integrals)
    assert (flow.moves()[-1] <= bound).all() and (bound < 20 * flow.moves()[-1]).all()
    np.testing.assert_allclose(
        lemmas.printed_lemma4_bound(p.network, p.x, unit_integrals),
        0.5 * np.linalg.norm(p.x, 2) * unit_integrals,
        rtol=1e-12,
    )


def test_way_of_a_unit_along_the_true_flow():
    p = problem("smooth", 5, penalty=0.5)
    times = np.linspace(0.0, 200.0, 8001)
    flow = gradient_flow(*parts(p)[:3], times, penalty=0.5, knowledge=p.knowledge + 0.3)
    start = theorem3.start_deviations(*parts(p)[:4], p.knowledge + 0.3)
    floor = min(
        kernel_floor.smallest_pole_bound(TwoLayerNetwork(w, p.network.output_weights, "tanh"), p.x, 1.0)
        for w in flow.weights[::20]
    )
    way = np.linalg.norm(np.diff(flow.weights, axis=0), axis=2).sum(axis=0)
    rest = flow.output() - theorem1.printed_limit(p.network, p.y, 0.5, p.knowledge + 0.3)
    integral = np.trapezoid(np.linalg.norm(rest, axis=1), times)
    starts = np.linalg.norm(start, axis=1)
    bound = lemmas.way_bound(p.network, p.x, floor, integral, starts)
    assert (way <= bound).all() and floor > 0
    root = np.linalg.norm(p.x, 2)  # L = 1, |c_k| = 1/2
    np.testing.assert_allclose(
        bound, starts / np.sqrt(floor) + 0.5 * root * (1 + root / np.sqrt(floor)) * integral, rtol=1e-12
    )


def test_way_of_a_unit_alone_in_a_straight_line_is_the_bound():
    """One sample, c_k δ = 0 by a silent output: w moves straight to where its feature is the target; σ′ ≥ floor^½."""
    x, network = np.array([[1.0]]), TwoLayerNetwork([[0.0]], [1e-12], "leaky tanh")
    knowledge, times = np.array([[1e-4]]), np.linspace(0.0, 40.0, 201)
    flow = gradient_flow(network, x, [0.0], times, penalty=1.0, knowledge=knowledge, rtol=1e-12, atol=1e-15)
    way = abs(flow.weights[-1, 0, 0])
    np.testing.assert_allclose(lemmas.way_bound(network, x, 1.0, 0.0, [1e-4]), way, rtol=1e-6)  # σ′(0) = 1


def test_lasting_bounds_hold_for_ever_and_decay_follows():
    rng = np.random.default_rng(0)
    x, penalty = np.linalg.qr(rng.normal(size=(9, 9)))[0][:3], 1.0
    network = init_network(64, 9, seed=rng, std=0.1, activation="tanh")
    knowledge, y = network.features(x), network.output(x) + [0.05, -0.05, 0.05]
    start = theorem3.start_deviations(network, x, y, penalty, knowledge)
    h, move, change = kernel_floor.lasting_bounds(network, x, penalty, start)
    assert change < h / 2
    assert h == pytest.approx(kernel_floor.smallest_pole_bound(network, x, 1.0), rel=1e-12)
    size, c = lemmas.flow_norm(network, penalty, start), 1 / 8
    byhand = np.linalg.norm(start, axis=1).max() * np.sqrt(2 / h) + 2 * c * size / h * (1 + np.sqrt(2 / h))
    assert move == pytest.approx(byhand, rel=1e-12)
    assert change == pytest.approx(move * (move + 2), rel=1e-9)  # L = σ_x = B = 1
    times = np.array([0.0, 1.0, 10.0, 40.0])
    flow = gradient_flow(network, x, y, times, penalty=penalty, knowledge=knowledge, rtol=1e-10, atol=1e-14)
    assert flow.moves().max() <= move and flow.kernel_changes().max() <= change
    blocks = flow.unit_outputs() - theorem1.printed_unit_limits(network, y, penalty, knowledge).T
    assert (lemmas.flow_norm(network, penalty, blocks) <= size * np.exp(-penalty * h * times / 2) + 1e-10).all()
    tall = problem("tall", 5)
    with pytest.raises(ValueError, match="lasting_bounds: H_k"):
        kernel_floor.lasting_bounds(tall.network, tall.x, 0.3, np.ones((4, 9)))


@pytest.mark.parametrize("name", ("tanh", "softplus"))
def test_gaussian_weights_rarely_go_below_their_floor(name):
    p, m, level = problem("smooth", 3), 40, 0.2
    u = math.sqrt(2 * math.log(2 * 6 * m / level))
    slope = math.exp(-2 * u) if name == "tanh" else math.exp(-u) / 2
    floor = kernel_floor.gaussian_floor(p.x, m, level, name)
    assert floor == pytest.approx(np.linalg.eigvalsh(p.x @ p.x.T)[0] * slope**2, rel=1e-10)
    below, beyond = 0, 0
    for seed in range(50):
        network = init_network(m, 9, seed=seed, std=1.0, activation=name)
        below += kernel_floor.smallest_pole_bound(network, p.x, 1.0) < floor
        beyond += np.abs(network.preactivations(p.x)).max() > u
    assert below <= beyond <= 50 * level + 3 * math.sqrt(50 * level)
    z = np.linspace(-30, 30, 601)
    line = TwoLayerNetwork(z[:, None], np.ones(601), name).slopes([[1.0]])
    assert (line >= (np.exp(-2 * abs(z)) if name == "tanh" else np.exp(-abs(z)) / 2) * (1 - 1e-12) - 1e-16).all()


def test_flow_norm_is_the_norm_in_which_the_flow_is_self_adjoint():
    p = problem("smooth", 6)
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, 4, 6))
    operator, (_, bent) = theorem3.flow_operator(p.network, p.x, p.penalty), stacked(p)
    moved = [operator @ v.ravel() for v in (one, two)]
    np.testing.assert_allclose(moved[0] @ bent @ two.ravel(), one.ravel() @ bent @ moved[1], rtol=1e-12)
    np.testing.assert_allclose(
        lemmas.flow_norm(p.network, p.penalty, [one, two]) ** 2,
        [v.ravel() @ bent @ v.ravel() for v in (one, two)],
        rtol=1e-12,
    )
    c = p.network.coefficients
    along, across = np.outer(c, one[0]), np.outer([c[1], -c[0], 0.0, 0.0], one[0])  # the extreme directions
    ratios = [lemmas.flow_norm(p.network, p.penalty, v) / np.linalg.norm(v) for v in (along, across)]
    np.testing.assert_allclose(ratios[0] / ratios[1], lemmas.norm_ratio(p.network, p.penalty), rtol=1e-12)


@pytest.mark.parametrize("rho, pole", ((1.0, 0.1), (-0.1, 0.1), (0.5, 0.0)))
def test_lemma1_without_its_hypotheses(rho, pole):
    with pytest.raises(ValueError, match="0 ≤ ρ < 1 and p > 0"):
        lemmas.lemma1_bound(rho, pole, 1.0)


# --- Theorem 2 and the two stages


def teacher(seed=0, units=6, n=3):
    rng = np.random.default_rng(seed)
    return np.maximum(rng.normal(size=(n, units)), 0.0), rng.uniform(0.5, 1.5, size=units)


@pytest.mark.parametrize("width", (1, 2, 5, 6))
def test_mean_errors_by_enumeration_of_all_draws(width):
    features, weights = teacher()
    total = len(weights)
    y = math.sqrt(width / total) * features @ weights / math.sqrt(total)
    np.testing.assert_allclose(theorem2.labels(features, weights, width), y)

    def error(units):
        units = list(units)
        return np.sum((features[:, units] @ weights[units] / math.sqrt(width) - y) ** 2)

    without = np.mean([error(units) for units in itertools.combinations(range(total), width)])
    np.testing.assert_allclose(theorem2.mean_error(features, weights, width), without, atol=1e-12)
    if width < 5:
        replaced = np.mean([error(units) for units in itertools.product(range(total), repeat=width)])
        np.testing.assert_allclose(theorem2.mean_error(features, weights, width, draw="with"), replaced, rtol=1e-12)
    share = width / total
    bernoulli = sum(
        share ** len(units) * (1 - share) ** (total - len(units)) * error(units)
        for size in range(total + 1)
        for units in itertools.combinations(range(total), size)
    )
    np.testing.assert_allclose(theorem2.mean_error(features, weights, width, draw="bernoulli"), bernoulli, atol=1e-12)
    np.testing.assert_allclose(theorem2.printed_bracket(features, weights, width), share * bernoulli, atol=1e-12)


@pytest.mark.parametrize("draw", theorem2.DRAWS)
def test_draws_have_the_mean_error(draw):
    features, weights = teacher(1, units=30, n=5)
    y, count = theorem2.labels(features, weights, 8), 4000
    errors = [
        np.sum((theorem2.draw_output(features, weights, 8, seed=seed, draw=draw) - y) ** 2) for seed in range(count)
    ]
    spread = 4 * np.std(errors) / math.sqrt(count)
    np.testing.assert_allclose(np.mean(errors), theorem2.mean_error(features, weights, 8, draw=draw), atol=spread)


def test_many_draws_at_once_are_the_same_draws():
    features, weights = teacher(1, units=30, n=5)
    rng, y = np.random.default_rng(3), theorem2.labels(features, weights, 8)
    one_by_one = [np.sum((theorem2.draw_output(features, weights, 8, seed=rng) - y) ** 2) for _ in range(20)]
    np.testing.assert_allclose(theorem2.draw_errors(features, weights, 8, draws=20, seed=3), one_by_one, rtol=1e-10)
    np.testing.assert_allclose(
        theorem2.draw_errors(features, weights, 30, draws=2, seed=3), 0.0, atol=1e-12
    )  # all units


@pytest.mark.parametrize("level", (0.5, 0.05))
def test_repaired_tail_holds_for_every_draw_law(level):
    """All draws of 4 among 9: the share above the bound is at most the level; and the bound is not idle."""
    features, weights = teacher(2, units=9, n=3)
    penalty, a = 0.5, 1.3
    y, factor = theorem2.labels(features, weights, 4), (0.5 / 1.8) ** 2
    errors = np.array(
        [
            np.sum((features[:, units] @ weights[list(units)] / 2.0 - y) ** 2)
            for units in map(list, itertools.combinations(range(9), 4))
        ]
    )
    bound = theorem2.repaired_bound(features, weights, 4, penalty, level=level, total_weight=a)
    assert (factor * errors > bound).mean() <= level
    assert bound < 20 * factor * errors.mean()
    np.testing.assert_allclose(
        theorem2.repaired_bound(features, weights, 4, penalty, level=1.0, total_weight=a),
        factor * errors.mean(),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        theorem2.repaired_mean(features, weights, 4, penalty, total_weight=a), factor * errors.mean(), rtol=1e-12
    )


def test_repaired_tail_constant_by_hand():
    """m̄ = 3, m = 2: V = (1/2)² + 1, D the largest of three distances."""
    features, weights = np.array([[1.0, 2.0, 4.0]]), np.ones(3)
    mean = theorem2.mean_error(features, weights, 2)
    expected = (math.sqrt(mean) + 3.0 * math.sqrt(1.25 * math.log(10.0) / 4.0)) ** 2
    np.testing.assert_allclose(theorem2.repaired_bound(features, weights, 2, np.inf, level=0.1), expected)
    assert theorem2.repaired_bound(features, weights, 3, np.inf, level=0.1) == pytest.approx(0.0, abs=1e-20)
    with pytest.raises(ValueError, match=r"probability in \(0, 1\]"):
        theorem2.repaired_bound(features, weights, 2, 1.0, level=0.0)


@pytest.mark.parametrize("penalty", (0.3, 4.0, np.inf))
def test_selection_weighs_one_unless_told(penalty):
    """a = Σ c_k² is 1 for output weights ±1, which both functions take without being told."""
    rng = np.random.default_rng(5)
    features, signs = rng.normal(size=(5, 8)), rng.choice([-1.0, 1.0], size=8)
    share = 1.0 if np.isinf(penalty) else penalty / (1.0 + penalty)
    error = theorem2.mean_error(features, signs, 3)
    np.testing.assert_allclose(theorem2.repaired_mean(features, signs, 3, penalty), share**2 * error, rtol=1e-12)
    # level 1 leaves the mean alone
    found = theorem2.repaired_bound(features, signs, 3, penalty, level=1.0)
    np.testing.assert_allclose(found, share**2 * error, rtol=1e-12)
    for function, more in ((theorem2.repaired_mean, {}), (theorem2.repaired_bound, {"level": 0.1})):
        told = function(features, signs, 3, penalty, total_weight=2.5, **more)
        ratio = 1.0 if np.isinf(penalty) else ((1.0 + penalty) / (2.5 + penalty)) ** 2
        np.testing.assert_allclose(told, ratio * function(features, signs, 3, penalty, **more), rtol=1e-12)


def test_printed_bound_of_theorem_2():
    features, weights = teacher(3)
    value = theorem2.printed_bound(features, weights, 2, 0.5, constant=7.0)
    bracket = sum((2 / 6) * weights[k] ** 2 / 6 * np.sum(features[:, k] ** 2) for k in range(6))
    np.testing.assert_allclose(value, (1 - 2 / 6) * 7.0 * (0.5 / 1.5) ** 2 * bracket * math.log(6))


def test_the_printed_bracket_fails_by_the_share_of_units():
    """At m/m̄ = 1/100 the 'bound' with C log m̄ = 1 is a hundredth of the mean: no constant serves all shares."""
    features, weights = teacher(4, units=1000)
    ratios = [
        theorem2.mean_error(features, weights, width, draw="bernoulli")
        / theorem2.printed_bracket(features, weights, width)
        for width in (10, 100, 500)
    ]
    np.testing.assert_allclose(ratios, [100.0, 10.0, 2.0], rtol=1e-12)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda f, w: theorem2.mean_error(f, w[:-1], 2), "one column and one weight a unit"),
        (lambda f, w: theorem2.mean_error(f, w, 7), "width=7; expected a whole number from 1 to 6"),
        (lambda f, w: theorem2.mean_error(f, w, 2, draw="dice"), "expected one of without"),
        (lambda f, w: theorem2.two_stage_ratio(1.0, 1.0, 0.1), "not both 1"),
        (lambda f, w: distilled_units(f, w, np.zeros(3), 0.0), "λ > 0"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(*teacher())


def test_students_error_is_theorem_1_on_the_draw():
    """Trained students of a smooth teacher with invertible H_k end exactly (λ/(1+λ))² × ‖φ̄ − y‖² away."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4, 12)) / math.sqrt(12)
    network = init_network(40, 12, seed=rng, std=1.0, activation="tanh")
    y = theorem2.labels(network.features(x), network.output_weights, 10)
    student = network.select(np.arange(10))
    own = student.features(x)
    end = KernelRegime(student, x, y, penalty=0.4, knowledge=own).limit()
    np.testing.assert_allclose(
        np.sum((end - y) ** 2), theorem2.shrinkage(1.0, 0.4) ** 2 * np.sum((student.output(x) - y) ** 2)
    )
    assert np.abs(KernelRegime(student, x, y).limit() - y).max() < 1e-10  # λ = 0: the lottery ticket


@pytest.mark.parametrize("alpha, beta, penalty", ((0.5, 0.5, 0.3), (0.25, 0.8, 2.0), (0.8, 0.25, 0.05)))
def test_two_stage_ratio_by_simulation(alpha, beta, penalty):
    rng = np.random.default_rng(6)
    total = 400
    first, width = round(beta * total), round(alpha * beta * total)
    features, weights = rng.normal(size=(5, total)), np.ones(total)
    y = theorem2.labels(features, weights, width)
    students, direct, middles = [], [], []
    for seed in range(1000):
        middle, student = two_stage(features, weights, y, (first, width), penalty, seed=seed)
        middles.append(np.sum((middle - y) ** 2))
        students.append(np.sum((student - y) ** 2))
        own = theorem2.draw_output(features, weights, width, seed=seed)
        direct.append(np.sum((theorem2.shrinkage(1.0, penalty) * (own - y)) ** 2))
    expected = theorem2.two_stage_ratio(alpha, beta, penalty)
    assert theorem2.printed_two_stage_ratio(alpha, beta) < expected < 1.0
    variances = [np.var(errors) / np.mean(errors) ** 2 for errors in (students, direct)]
    error = 4 * expected * math.sqrt(sum(variances) / len(students))
    np.testing.assert_allclose(np.mean(students) / np.mean(direct), expected, atol=error)
    own_error = alpha * (1 - beta) * (penalty / (alpha + penalty)) ** 2 * (features**2).sum() / total
    np.testing.assert_allclose(np.mean(middles), own_error, rtol=0.05)


@pytest.mark.parametrize("penalty", [0.01, 0.3, 10.0])
def test_two_stage_ratio_is_exact_over_all_draws_when_output_weights_are_signs(penalty):
    """Four of six units, then two of the four: ninety ways."""
    rng = np.random.default_rng(7)
    features, signs = rng.normal(size=(5, 6)), np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
    y, found = theorem2.labels(features, signs, 2), []
    for units in map(list, itertools.combinations(range(6), 4)):
        c = np.sqrt(2 / 4) * signs[units] / 2.0
        middle = distilled_units(features[:, units], c, y, penalty)
        found += [
            ((middle[:, pick] @ signs[units][pick] / np.sqrt(2) - y) ** 2).sum()
            for pick in map(list, itertools.combinations(range(4), 2))
        ]
    ratio = np.mean(found) / theorem2.mean_error(features, signs, 2)
    np.testing.assert_allclose(ratio, theorem2.two_stage_ratio(2 / 4, 4 / 6, penalty), rtol=1e-12)


def test_intermediate_network_is_unbiased_for_the_student():
    network = init_network(12, 5, seed=0, std=1.0)
    x = np.random.default_rng(1).normal(size=(4, 5))
    middle = intermediate_start(network, 4, 2, seed=3)
    # the student keeps the teacher's own ā_l, so that √α is undone
    mean = np.mean(
        [
            TwoLayerNetwork(middle.weights[list(u)], np.sqrt(2.0) * middle.output_weights[list(u)]).output(x)
            for u in itertools.combinations(range(4), 2)
        ],
        axis=0,
    )
    np.testing.assert_allclose(mean, middle.output(x), atol=1e-14)
