"""The kernel regime against dense matrix exponentials of Eq. (13), written here from the definitions alone."""

import itertools
import tracemalloc

import numpy as np
import pytest
from scipy.linalg import expm

from kdsrc.dynamics import AccuracyNotReached, KernelRegime, ProblemTooLarge
from kdsrc.dynamics import regime as module
from kdsrc.dynamics.limits import general_limit, limit_displacements, range_basis, relu_limit
from kdsrc.networks import init_network
from kdsrc.theory.theorem1 import printed_limit, printed_unit_limits

ACTIVATIONS = ("tanh", "softplus", "relu")
SHAPES = ((6, 9, 4), (9, 5, 3))  # n, d, m: n < d and n > d
PENALTIES = (0.01, 0.3, 10.0)
METHODS = ("dense", "krylov")
TIMES = np.array([0.0, 0.01, 0.3, 2.0, 30.0])


def problem(activation, shape, seed=0, test=4):
    n, d, m = shape
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + test, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=1.0, activation=activation)
    knowledge = network.features(x[:n]) + 0.3 * rng.normal(size=(n, m))
    return network, x[:n], rng.normal(size=n), knowledge, x[n:]


def dense_operator(network, x, penalty):
    """H̄ of Eq. (13), block by block, and the blocks H_k."""
    n, m, c = len(x), network.width, network.coefficients
    grams = []
    for k in range(m):
        columns = network.slopes(x)[:, k, None] * x  # L_kᵀ, (n, d)
        grams.append(columns @ columns.T)
    operator = np.zeros((n * m, n * m))
    for k, j in itertools.product(range(m), repeat=2):
        operator[k * n : (k + 1) * n, j * n : (j + 1) * n] = grams[k] * (c[k] * c[j] + penalty * (k == j))
    return operator, grams


def exponential_output(network, x, y, penalty, knowledge, times):
    """f_∞ + Σ_k c_k [e^{−H̄t} η(0)]_k, with the non-symmetric H̄."""
    a = (network.coefficients**2).sum()
    end = (a * y + penalty * knowledge @ network.coefficients) / (a + penalty)
    deviations = network.features(x) - knowledge - np.outer(y - end, network.coefficients) / penalty
    operator, _ = dense_operator(network, x, penalty)
    blocks = [(expm(-t * operator) @ deviations.T.ravel()).reshape(network.width, -1) for t in times]
    return np.array([end + network.coefficients @ block for block in blocks])


def exponential_weights(network, x, y, penalty, knowledge, times):
    """Δw(t) of Eq. (9) with frozen slopes, from one affine system in all weights."""
    d, m, c = x.shape[1], network.width, network.coefficients
    label_weight, own_weight = (0.0, 1.0) if np.isinf(penalty) else (1.0, penalty)
    slopes, gap = network.slopes(x), y - network.output(x)
    system = np.zeros((m * d + 1, m * d + 1))
    for k in range(m):
        rows = slice(k * d, (k + 1) * d)
        force = label_weight * c[k] * gap
        if own_weight:
            force = force + own_weight * (knowledge[:, k] - network.features(x)[:, k])
        system[rows, -1] = (slopes[:, k, None] * x).T @ force
        for j in range(m):
            mass = label_weight * c[k] * c[j] + own_weight * (k == j)
            system[rows, j * d : (j + 1) * d] = -mass * (slopes[:, k, None] * x).T @ (slopes[:, j, None] * x)
    return np.array([expm(t * system)[:-1, -1].reshape(m, d) for t in times])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_are_those_of_the_matrix_exponential(activation, shape, penalty, method):
    network, x, y, knowledge, _ = problem(activation, shape)
    regime = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, method=method, tolerance=1e-10)
    expected = exponential_output(network, x, y, penalty, knowledge, TIMES)
    np.testing.assert_allclose(regime.output(TIMES), expected, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(regime.output(TIMES[:1])[0], network.output(x))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("penalty", (0.0, 0.2, np.inf))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_weights_and_test_points_follow_the_affine_system(activation, shape, penalty, method):
    network, x, y, knowledge, x_test = problem(activation, shape, seed=1)
    regime = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, method=method, tolerance=1e-10)
    moves = exponential_weights(network, x, y, penalty, knowledge, TIMES)
    np.testing.assert_allclose(regime.weights(TIMES) - network.weights, moves, atol=1e-8)
    for points in (x, x_test):
        jacobian = network.slopes(points).T * network.coefficients[:, None]
        expected = network.output(points) + np.einsum("kn,tkd,nd->tn", jacobian, moves, points)
        np.testing.assert_allclose(regime.output(TIMES, points), expected, rtol=0, atol=1e-8)
        units = regime.unit_outputs(TIMES, points)  # (T, m, n)
        np.testing.assert_allclose(np.tensordot(units, network.coefficients, axes=(1, 0)), expected, atol=1e-8)
    np.testing.assert_allclose(regime.output(TIMES), regime.output(TIMES, x), atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_without_penalty_the_residual_decays_by_the_tangent_kernel(activation, shape, method):
    network, x, y, _, x_test = problem(activation, shape, seed=2)
    regime = KernelRegime(network, x, y, method=method, tolerance=1e-12)
    gains = network.slopes(x) * network.coefficients
    kernel = np.einsum("ik,jk,il,jl->ij", gains, gains, x, x)
    start = network.output(x) - y
    expected = np.array([y + expm(-t * kernel) @ start for t in TIMES])
    np.testing.assert_allclose(regime.output(TIMES), expected, rtol=0, atol=1e-10)
    gains_test = network.slopes(x_test) * network.coefficients
    cross = np.einsum("ik,jk,il,jl->ij", gains_test, gains, x_test, x)
    pulls = np.linalg.lstsq(kernel, (y - expected).T - (y - network.output(x))[:, None], rcond=None)[0]
    np.testing.assert_allclose(regime.output(TIMES, x_test), network.output(x_test) - pulls.T @ cross.T, atol=1e-9)


@pytest.mark.parametrize("penalty", (0.0, *PENALTIES, np.inf))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_modes_rebuild_the_curve_and_the_poles_are_the_operator_s(activation, shape, penalty):
    network, x, y, knowledge, _ = problem(activation, shape, seed=3)
    regime = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge)
    poles, amplitudes = regime.modes()
    assert amplitudes.shape == (len(poles), len(x)) and (np.diff(poles) >= 0).all() and poles[0] > 0
    decays = np.exp(-np.multiply.outer(TIMES, poles))
    np.testing.assert_allclose(regime.limit() + decays @ amplitudes, regime.output(TIMES), atol=1e-12)
    operator, grams = dense_operator(network, x, 1.0 if np.isinf(penalty) else penalty)
    if penalty == 0:
        operator = sum(ck**2 * gram for ck, gram in zip(network.coefficients, grams, strict=True))
    if np.isinf(penalty):
        operator = np.zeros_like(operator)
        for k, gram in enumerate(grams):
            operator[k * len(x) : (k + 1) * len(x), k * len(x) : (k + 1) * len(x)] = gram
    values = np.sort(np.linalg.eigvals(operator).real)[-len(poles) :]
    np.testing.assert_allclose(poles, values, rtol=1e-7)
    rank = np.linalg.matrix_rank(operator, tol=1e-12 * np.linalg.norm(operator, 2))
    assert len(poles) == rank
    np.testing.assert_array_equal(regime.poles(), poles)


@pytest.mark.parametrize("penalty", (0.0, *PENALTIES, np.inf))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_limits_are_where_long_integration_arrives(activation, shape, penalty):
    network, x, y, knowledge, x_test = problem(activation, shape, seed=4)
    dense = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge)
    long = 40.0 / dense.poles()[0]
    moves = exponential_weights(network, x, y, penalty, knowledge, [long])[0]
    gains = network.slopes(x) * network.coefficients
    arrived = network.output(x) + np.einsum("nk,kd,nd->n", gains, moves, x)
    np.testing.assert_allclose(dense.limit(), arrived, atol=1e-8)
    np.testing.assert_allclose(general_limit(network, x, y, penalty, knowledge), arrived, atol=1e-8)
    np.testing.assert_allclose(limit_displacements(network, x, y, penalty, knowledge), moves, atol=1e-7)
    krylov = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, method="krylov")
    for flow in (dense, krylov):
        both = flow.output([np.inf, long, 0.0, np.inf])
        np.testing.assert_allclose(both[[0, 3]], [arrived, arrived], atol=1e-8)
        gains_test = network.slopes(x_test) * network.coefficients
        expected = network.output(x_test) + np.einsum("nk,kd,nd->n", gains_test, moves, x_test)
        np.testing.assert_allclose(flow.output([np.inf], x_test)[0], expected, atol=1e-7)
        np.testing.assert_allclose(flow.weights([np.inf])[0], network.weights + moves, atol=1e-7)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_general_limit_by_projectors(activation, shape):
    network, x, y, knowledge, _ = problem(activation, shape, seed=5)
    penalty, c = 0.4, network.coefficients
    printed = printed_limit(network, y, penalty, knowledge)
    deviations = network.features(x) - printed_unit_limits(network, y, penalty, knowledge)
    _, grams = dense_operator(network, x, penalty)
    blind = [np.eye(len(x)) - np.linalg.pinv(gram, rcond=1e-12, hermitian=True) @ gram for gram in grams]  # P_k
    mobility = penalty * np.eye(len(x)) + sum(c[k] ** 2 * (np.eye(len(x)) - blind[k]) for k in range(len(c)))
    held = penalty * sum(c[k] * blind[k] @ deviations[:, k] for k in range(len(c)))
    expected = printed + np.linalg.solve(mobility, held)
    np.testing.assert_allclose(general_limit(network, x, y, penalty, knowledge), expected, atol=1e-9)
    if activation == "relu" or shape[0] > shape[1]:
        assert np.abs(expected - printed).max() > 1e-3  # the printed limit is not it
    else:
        np.testing.assert_allclose(expected, printed, atol=1e-9)


def test_relu_limit_is_the_theorem_sample_by_sample():
    network, x, y, _, _ = problem("relu", (8, 11, 6), seed=6)
    own = network.features(x)
    closed = relu_limit(network, x, y, 0.2, own)
    np.testing.assert_allclose(closed, KernelRegime(network, x, y, penalty=0.2, knowledge=own).limit(), atol=1e-13)
    assert np.abs(closed - printed_limit(network, y, 0.2, own)).max() > 1e-3
    with pytest.raises(ValueError, match="use general_limit"):
        relu_limit(network, np.vstack([x, x[:1]]), np.append(y, 0.0), 0.2, np.vstack([own, own[:1]]))


def test_limit_keeps_knowledge_on_blind_units():
    """Knowledge of any kind: what a ReLU unit cannot reach does not enter the limit."""
    network, x, y, knowledge, _ = problem("relu", (7, 12, 5), seed=7)
    blind = network.slopes(x) == 0
    other = np.where(blind, knowledge + 5.0, knowledge)
    np.testing.assert_allclose(
        general_limit(network, x, y, 0.3, knowledge), general_limit(network, x, y, 0.3, other), atol=1e-12
    )


def test_pure_distillation_with_matching_start_stands_still():
    network, x, y, _, x_test = problem("tanh", SHAPES[0], seed=8)
    regime = KernelRegime(network, x, y, penalty=np.inf, knowledge=network.features(x), method="krylov")
    np.testing.assert_array_equal(regime.output(TIMES, x_test), np.tile(network.output(x_test), (len(TIMES), 1)))
    assert len(KernelRegime(network, x, y, penalty=np.inf, knowledge=network.features(x)).poles()) == 6 * 4


def test_a_large_penalty_approaches_pure_distillation_in_stretched_time():
    network, x, y, knowledge, _ = problem("softplus", SHAPES[1], seed=9)
    pure = KernelRegime(network, x, y, penalty=np.inf, knowledge=knowledge).output(TIMES)
    gaps = [
        np.abs(KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge).output(TIMES / penalty) - pure).max()
        for penalty in (1e3, 1e4, 1e5)
    ]
    np.testing.assert_allclose(np.divide(gaps[1:], gaps[:-1]), 0.1, rtol=0.05)  # first order in 1/λ


def test_a_small_penalty_approaches_none():
    network, x, y, _, _ = problem("tanh", SHAPES[1], seed=10)
    own, plain = network.features(x), KernelRegime(network, x, y).output(TIMES)
    gaps = [
        np.abs(KernelRegime(network, x, y, penalty=penalty, knowledge=own).output(TIMES) - plain).max()
        for penalty in (1e-4, 1e-6, 1e-8)
    ]
    np.testing.assert_allclose(np.divide(gaps[1:], gaps[:-1]), 0.01, rtol=0.05)


def test_every_ordered_pole_grows_with_the_penalty():
    network, x, y, knowledge, _ = problem("relu", SHAPES[0], seed=11)
    ladder = [
        KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge).poles() for penalty in (0.01, 0.1, 1.0, 10.0)
    ]
    assert len({len(poles) for poles in ladder}) == 1
    assert (np.diff(ladder, axis=0) > 0).all()


def test_units_may_be_renumbered_and_samples_reordered():
    network, x, y, knowledge, x_test = problem("relu", (12, 7, 5), seed=12)
    units, samples = np.random.default_rng(0).permutation(5), np.random.default_rng(1).permutation(12)
    one = KernelRegime(network, x, y, penalty=0.1, knowledge=knowledge)
    other = KernelRegime(
        network.select(units),
        x[samples],
        y[samples],
        penalty=0.1,
        knowledge=knowledge[samples][:, units],
        method="krylov",
        tolerance=1e-11,
    )
    np.testing.assert_allclose(other.output(TIMES, x_test), one.output(TIMES, x_test), atol=1e-10)
    np.testing.assert_allclose(other.limit(), one.limit()[samples], atol=1e-10)


def test_repeated_samples_and_equal_poles():
    """Exactly degenerate spectra: every sample twice, every unit twice."""
    network, x, y, knowledge, _ = problem("tanh", (5, 8, 2), seed=13)
    double = np.repeat(np.arange(2), 2)
    twice = dict(x=np.vstack([x, x]), y=np.append(y, y + 1.0))
    for method in METHODS:
        regime = KernelRegime(
            network.select(double),
            **twice,
            penalty=0.5,
            method=method,
            tolerance=1e-10,
            knowledge=np.vstack([knowledge, knowledge])[:, double],
        )
        expected = exponential_output(
            network.select(double), twice["x"], twice["y"], 0.5, np.vstack([knowledge, knowledge])[:, double], TIMES
        )
        np.testing.assert_allclose(regime.output(TIMES), expected, atol=1e-8)
    assert len(KernelRegime(network.select(double), **twice, penalty=0.5, knowledge=np.zeros((10, 4))).poles()) == 20


def test_krylov_keeps_its_tolerance_at_many_times_and_large_poles():
    """p_max t = 2 000: the computed bound holds, and is not wasteful (a fifth of the unknowns)."""
    rng = np.random.default_rng(14)
    x = rng.normal(size=(150, 40)) * np.linspace(0.02, 1.0, 40) + 0.6
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(8, 40, seed=rng, std=0.5, activation="softplus")
    y, knowledge = np.sign(rng.normal(size=150)), network.features(x) + 0.1 * rng.normal(size=(150, 8))
    exact = KernelRegime(network, x, y, penalty=0.1, knowledge=knowledge, method="dense")
    times = np.linspace(0.0, 2000.0 / exact.poles()[-1], 50)
    for tolerance in (1e-2, 1e-4, 1e-8):
        regime = KernelRegime(network, x, y, penalty=0.1, knowledge=knowledge, method="krylov", tolerance=tolerance)
        errors = np.linalg.norm(regime.output(times) - exact.output(times), axis=1)
        assert errors.max() < tolerance
        assert np.abs(regime.output(times, x[:20] + 0.1) - exact.output(times, x[:20] + 0.1)).max() < tolerance
        assert regime._krylov.dimension < 320 / 5


def test_accuracy_not_reached_is_said_and_test_points_come_from_the_same_basis():
    rng = np.random.default_rng(15)
    x = rng.normal(size=(60, 30))
    network = init_network(6, 30, seed=rng, std=0.5, activation="tanh")
    knowledge = rng.normal(size=(60, 6))
    short = KernelRegime(
        network, x, rng.normal(size=60), penalty=0.1, knowledge=knowledge, method="krylov", max_krylov=5
    )
    with pytest.raises(AccuracyNotReached, match="error bound .* raise max_krylov or tolerance"):
        short.output([1.0])
    regime = KernelRegime(network, x, rng.normal(size=60), penalty=0.1, knowledge=knowledge, method="krylov")
    regime.output([0.2])
    dimension = regime._krylov.dimension
    regime.output([0.1])
    assert regime._krylov.dimension == dimension > 0


def test_the_large_path_stores_no_large_array():
    n, d, m = 600, 500, 40
    rng = np.random.default_rng(16)
    x = rng.normal(size=(n, d)) / np.sqrt(d)
    network = init_network(m, d, seed=rng, std=0.5)
    regime = KernelRegime(network, x, np.sign(rng.normal(size=n)), penalty=0.1, knowledge=network.features(x) + 0.1)
    tracemalloc.start()
    regime.output(np.linspace(0.0, 0.5, 5))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * m * n * n / 3  # bytes; (nm)² numbers would be 4.6 GB, m·n² 115 MB
    with pytest.raises(ProblemTooLarge, match="fewer samples"):
        regime.modes()


def bad(**changes):
    network, x, y, knowledge, _ = problem("tanh", SHAPES[0])
    return KernelRegime(**(dict(network=network, x=x, y=y, penalty=0.1, knowledge=knowledge) | changes))


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(x=np.zeros((6, 3))), r"expected \(n, 9\)"),
        (dict(y=np.zeros(5)), r"y \(5,\)"),
        (dict(penalty=-1.0), "λ ≥ 0"),
        (dict(penalty=np.nan), "λ ≥ 0"),
        (dict(knowledge=None), "give knowledge="),
        (dict(knowledge=np.zeros((6, 3))), r"expected \(6, 4\)"),
        (dict(y=np.array([1, 2, 3, 4, 5, np.nan])), "y holds a non-finite entry"),
        (dict(method="fast"), "'dense' or 'krylov'"),
        (dict(tolerance=0.0), "positive tolerance"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        bad(**changes)


@pytest.mark.parametrize("times", [1.0, [-1.0], [np.nan], [[0.0]]])
def test_wrong_times_are_named(times):
    with pytest.raises(ValueError, match="learning rate × iterations"):
        bad().output(times)


@pytest.mark.parametrize("shape", ((8, 5), (6, 9)))
def test_range_of_a_unit_that_sees_some_samples_twice_and_others_not_at_all(shape):
    """Duplicated rows among those that a unit sees make diag(g) X rank deficient: the SVD decides the rank."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    x[3] = x[4] = x[1]
    slopes = rng.uniform(0.5, 1.0, size=len(x))
    slopes[[0, 5]] = 0.0
    block = slopes[:, None] * x
    basis = range_basis(slopes, x)
    assert basis.shape == (len(x), np.linalg.matrix_rank(block)) and basis.shape[1] < min(shape)
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    np.testing.assert_allclose(basis @ basis.T, block @ np.linalg.pinv(block), atol=1e-12)


def test_directions_at_the_level_of_rounding_are_none():
    """Two columns that differ by nine units of rounding, among which sixty samples make sixty."""
    x = np.column_stack([np.ones(60), 1.0 + 4e-15 * (-1.0) ** np.arange(60)])
    assert range_basis(np.ones(60), x).shape == (60, 1)


def test_a_dead_unit_has_no_range():
    assert range_basis(np.zeros(4), np.eye(4)).shape == (4, 0) or not range_basis(np.zeros(4), np.eye(4)).any()


@pytest.mark.parametrize("seed", range(20))
def test_a_sample_that_is_there_twice_is_learnt_by_its_mean_label(seed):
    """Rounding decides whether the kernel, which is singular, has a Cholesky factor: for a third of them it does."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(5, 6))
    x[1] = x[0]
    found = general_limit(init_network(4, 6, seed=seed, std=1.0, activation="tanh"), x, [1.0, -1.0, 1.0, -1.0, 1.0])
    np.testing.assert_allclose(found, [0.0, 0.0, 1.0, -1.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("scale", (1e-9, 1e-4))
def test_limits_do_not_depend_on_the_unit_of_length(scale):
    """Frozen slopes, rows scaled by s: H_k → s² H_k for units with σ′ of the sign alone, and Q_k, M and f(∞) stay."""
    network, x, y, knowledge, _ = problem("relu", (9, 5, 3))
    features = network.features(x)
    start = features @ network.coefficients
    np.testing.assert_allclose(
        general_limit(
            network, scale * x, y + (scale - 1.0) * start, 0.3, knowledge + (scale - 1.0) * network.features(x)
        ),
        general_limit(network, x, y, 0.3, knowledge) + (scale - 1.0) * start,
        atol=1e-10,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("penalty", "less"), [(0.3, 0), (0.3, 1), (0.0, 0), (0.0, 1)])
def test_a_decomposition_is_taken_while_its_order_and_its_work_are_small(shape, penalty, less, monkeypatch):
    """Of order m min(n, d) with a penalty, whose work is n m times that, and of order n without one."""
    network, x, y, knowledge, _ = problem("tanh", shape)
    n, d, m = shape
    order = m * min(n, d) if penalty else n
    limits = {"_ORDER": order, "_ENTRIES": order * n * m}
    for name in limits if penalty else ("_ORDER",):
        monkeypatch.setattr(module, name, limits[name] - less)
        assert KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge)._dense is (less == 0)
        monkeypatch.setattr(module, name, limits[name])
