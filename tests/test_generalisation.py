"""Predictions off the training set: dense pseudo-inverses, enumeration of flips, mpmath at 50 digits where singular."""

from dataclasses import replace
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from scipy.linalg import expm

from kdsrc.dynamics import KernelRegime
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.theory import generalisation
from kdsrc.theory.best_share import best_share, share_penalty
from kdsrc.theory.generalisation import limit_map, plain_map
from kdsrc.theory.twin import twin_bound, twin_output, twin_spread

SHAPES = [(6, 9, 4), (9, 5, 4), (1, 9, 4)]  # n, d, m
ACTIVATIONS = ("relu", "tanh", "softplus")
PENALTIES = (1e-3, 0.3, 1e3)


def problem(activation, shape, seed):
    n, d, m = shape
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=1.0, activation=activation)
    knowledge = network.features(x) + 0.3 * rng.normal(size=(n, m))
    return network, x, rng.choice([-1.0, 1.0], size=n), knowledge, rng.normal(size=(7, d))


def blocks(network, x):
    """J = blockdiag(diag(σ') X), (n·m, m·d), and A ⊗ I without its λ."""
    n, d = x.shape
    jacobian = np.zeros((n * network.width, d * network.width))
    for k, slopes in enumerate(network.slopes(x).T):
        jacobian[k * n : (k + 1) * n, k * d : (k + 1) * d] = slopes[:, None] * x
    return jacobian, np.kron(np.outer(network.coefficients, network.coefficients), np.eye(n))


def resting_moves(network, x, y, penalty, knowledge):
    """Δw(∞) = G⁺ b by one dense pseudo-inverse: (m, d)."""
    jacobian, coupling = blocks(network, x)
    c, features = network.coefficients, network.features(x)
    force = np.kron(c, y - features @ c) + penalty * (knowledge - features).T.ravel()
    operator = jacobian.T @ (coupling + penalty * np.eye(len(coupling))) @ jacobian
    return (np.linalg.pinv(operator, rcond=1e-13, hermitian=True) @ (jacobian.T @ force)).reshape(network.weights.shape)


def predicted(network, x_new, moves):
    gains = network.slopes(x_new) * network.coefficients
    return network.output(x_new) + np.einsum("nk,kd,nd->n", gains, moves, x_new)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_end_and_movement_are_those_of_the_resting_system(activation, shape, penalty):
    network, x, y, knowledge, x_new = problem(activation, shape, seed=0)
    for known in (None, knowledge):
        ends = limit_map(network, x, x_new, known)
        moves = resting_moves(network, x, y, penalty, network.features(x) if known is None else known)
        expected = predicted(network, x_new, moves)
        np.testing.assert_allclose(ends.output(y, penalty), expected, rtol=1e-9, atol=1e-10 * np.abs(expected).max())
        np.testing.assert_allclose(ends.movement(y, penalty), np.sum(moves**2), rtol=1e-9)
        np.testing.assert_allclose(
            ends.test_error(y, x_new[:, 0], penalty), np.mean((x_new[:, 0] - expected) ** 2), rtol=1e-9
        )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_parts_of_the_limit_map(activation, shape):
    network, x, y, knowledge, x_new = problem(activation, shape, seed=1)
    ends, c = limit_map(network, x, x_new, knowledge), network.coefficients
    features, mobility, anchor, reach = network.features(x), 0.0, 0.0, 0.0
    for k, gram in enumerate(unit_grams(network, x)):
        inverse = np.linalg.pinv(gram, rcond=1e-12, hermitian=True)
        own = inverse @ gram
        mobility = mobility + c[k] ** 2 * own
        anchor = anchor + c[k] * (features[:, k] - own @ features[:, k] + own @ knowledge[:, k])
        cross = np.outer(network.slopes(x_new)[:, k], network.slopes(x)[:, k]) * (x_new @ x.T)
        reach = reach + c[k] ** 2 * cross @ inverse
    np.testing.assert_allclose((ends.frame * ends.values) @ ends.frame.T, mobility, atol=1e-10)
    np.testing.assert_allclose(ends.anchor, anchor, atol=1e-10)
    np.testing.assert_allclose(ends.reach @ ends.frame.T, reach, rtol=1e-9, atol=1e-9 * np.abs(reach).max())
    pure = KernelRegime(network, x, y, penalty=np.inf, knowledge=knowledge)
    np.testing.assert_allclose(ends.output(y, np.inf), pure.output([np.inf], x_new)[0], atol=1e-9)
    np.testing.assert_array_equal(ends.base, ends.output(y, np.inf))


def test_without_movement_where_nothing_can_move():
    network, x, y, _, x_new = problem("relu", (6, 9, 4), seed=2)
    dead = TwoLayerNetwork(-np.abs(network.weights) * 50, network.output_weights)
    ends = limit_map(dead, np.abs(x), np.abs(x_new))  # no unit is active anywhere
    np.testing.assert_array_equal(ends.output(y, 0.0), dead.output(np.abs(x_new)))
    assert ends.movement(y, 0.0) == 0.0


def test_vanishing_penalty_is_one_interpolant_a_unit():
    network, x, y, _, x_new = problem("tanh", (6, 9, 4), seed=3)
    ends, c = limit_map(network, x, x_new), network.coefficients
    rest, a, total, cost = y - network.output(x), c @ c, network.output(x_new), 0.0
    for k, gram in enumerate(unit_grams(network, x)):
        pull = np.linalg.solve(gram, rest)
        cross = np.outer(network.slopes(x_new)[:, k], network.slopes(x)[:, k]) * (x_new @ x.T)
        total = total + c[k] ** 2 / a * cross @ pull
        cost += c[k] ** 2 / a**2 * rest @ pull
    np.testing.assert_allclose(ends.output(y, 0.0), total, rtol=1e-10)
    np.testing.assert_allclose(ends.movement(y, 0.0), cost, rtol=1e-10)
    np.testing.assert_allclose(ends.movement(y, 0.7), cost * (a / (a + 0.7)) ** 2, rtol=1e-10)
    together = rest @ np.linalg.solve(tangent_kernel(network, x), rest)
    assert cost > 1.01 * together  # strict where the units differ
    equal = network.select([0, 0, 0])
    moved = limit_map(equal, x, x_new).movement(y, 0.0)
    rest = y - equal.output(x)
    np.testing.assert_allclose(moved, rest @ np.linalg.solve(tangent_kernel(equal, x), rest), rtol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_plain_map_is_the_flow_without_penalty(activation, shape):
    network, x, y, _, x_new = problem(activation, shape, seed=4)
    free, flow = plain_map(network, x, x_new), KernelRegime(network, x, y)
    for t in (0.0, 0.5, 20.0, np.inf):
        expected = flow.output([t], x_new)[0]
        np.testing.assert_allclose(free.output(y, t), expected, rtol=0, atol=1e-9 * max(1, np.abs(expected).max()))
        np.testing.assert_allclose(
            free.test_error(y, x_new[:, 0], t), np.mean((x_new[:, 0] - expected) ** 2), rtol=1e-8
        )


def test_points_given_twice_with_two_labels_are_fitted_at_their_mean():
    network, x, y, _, x_new = problem("tanh", SHAPES[0], seed=5)
    found = plain_map(network, np.concatenate([x, x]), x_new).output(np.concatenate([y, 3 * y]), np.inf)
    expected = plain_map(network, x, x_new).output(2 * y, np.inf)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_error_and_movement_in_time():
    network, x, y, knowledge, x_new = problem("tanh", (6, 9, 4), seed=11)
    flow, times = KernelRegime(network, x, y, penalty=0.3, knowledge=knowledge), np.array([0.0, 0.7, np.inf])
    moves = [np.zeros_like(network.weights), None, resting_moves(network, x, y, 0.3, knowledge)]
    jacobian, coupling = blocks(network, x)
    operator = jacobian.T @ (coupling + 0.3 * np.eye(len(coupling))) @ jacobian
    moves[1] = moves[2] - (expm(-0.7 * operator) @ moves[2].ravel()).reshape(moves[2].shape)
    goal = x_new[:, 0]
    expected = [np.mean((predicted(network, x_new, move) - goal) ** 2) for move in moves]
    np.testing.assert_allclose(generalisation.prediction_error(flow, times, x_new, goal), expected, rtol=1e-9)
    np.testing.assert_allclose(generalisation.movement(flow, times), [np.sum(move**2) for move in moves], rtol=1e-9)


@pytest.mark.parametrize("flip", (0.0, 0.2, 1.0))
@pytest.mark.parametrize("make", (limit_map, plain_map))
def test_expected_error_is_the_mean_over_all_flips(make, flip):
    network, x, y, _, x_new = problem("relu", (6, 9, 4), seed=5)
    made, goal = make(network, x, x_new), np.sign(x_new[:, 0])
    mean = 0.0
    for signs in product((1, -1), repeat=len(y)):
        chance = np.prod([flip if sign < 0 else 1 - flip for sign in signs])
        mean += chance * made.test_error(signs * y, goal, 0.4)
    np.testing.assert_allclose(made.test_error(y, goal, 0.4, flip=flip), mean, rtol=1e-10)


def test_best_share_finds_a_planted_minimum():
    rng = np.random.default_rng(6)
    base, change, noise = rng.normal(size=(3, 30))
    noise -= change * (noise @ change) / (change @ change)
    for share in (-0.5, 0.25, 2.0):
        assert best_share(base, base + change, base + share * change + noise) == pytest.approx(share, abs=1e-12)
    assert share_penalty(-0.5, 0.8) == np.inf and share_penalty(0.0, 0.8) == np.inf
    assert share_penalty(0.25, 0.8) == pytest.approx(2.4) and share_penalty(2.0, 0.8) == 0.0
    assert 0.8 / (0.8 + share_penalty(0.25, 0.8)) == pytest.approx(0.25)


def test_the_best_share_s_penalty_is_best_for_the_flow():
    network, x, y, knowledge, x_new = problem("softplus", (6, 9, 4), seed=7)
    ends, a = limit_map(network, x, x_new, knowledge), float(np.sum(network.coefficients**2))
    imitation, labelled = ends.output(y, np.inf), ends.output(y, 0.0)
    goal = imitation + 0.3 * (labelled - imitation) + 0.1 * x_new[:, 0]
    best = share_penalty(best_share(imitation, labelled, goal), a)
    errors = [
        np.mean(
            (goal - KernelRegime(network, x, y, penalty=best * factor, knowledge=knowledge).output([np.inf], x_new)[0])
            ** 2
        )
        for factor in (0.98, 1.0, 1.02)
    ]
    assert 0 < best < np.inf and errors[1] < errors[0] and errors[1] < errors[2]


@pytest.mark.parametrize("penalty", (0.02, 1.0))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_twin(activation, shape, penalty):
    network, x, y, _, x_new = problem(activation, shape, seed=8)
    a, times = float(np.sum(network.coefficients**2)), np.geomspace(1e-3, 1e5, 200)
    target = network.output(x) + a / (a + penalty) * (y - network.output(x))  # f_∞ of Eq. (5)
    twin, clock = KernelRegime(network, x, target), (1 + penalty / a) * times
    for points in (None, x_new):
        np.testing.assert_allclose(
            twin_output(network, x, y, times, penalty, points), twin.output(clock, points), atol=1e-9
        )
    moves = twin.weights(clock) - network.weights
    jacobian, _ = blocks(network, x)
    project = np.kron(np.eye(network.width) - np.outer(network.coefficients, network.coefficients) / a, np.eye(len(x)))
    shares = np.linalg.norm(moves.reshape(len(times), -1) @ (project @ jacobian).T, axis=1)
    np.testing.assert_allclose(twin_spread(network, x, y, times, penalty), shares, rtol=1e-6, atol=1e-7)
    flow = KernelRegime(network, x, y, penalty=penalty, knowledge=network.features(x))
    gap = np.linalg.norm((flow.weights(times) - network.weights - moves).reshape(len(times), -1), axis=1)
    bound = twin_bound(network, x, y, times, penalty)
    assert (gap <= bound).all() and (gap > 0.2 * bound).any()  # a bound that is not idle
    h_max = np.linalg.eigvalsh(unit_grams(network, x)).max()
    most = np.maximum.accumulate(shares)
    np.testing.assert_allclose(
        bound, most * np.minimum(penalty * times * np.sqrt(h_max), np.sqrt(penalty * times / 2)), rtol=1e-6, atol=1e-7
    )
    h = np.linalg.eigvalsh(unit_grams(network, x)).ravel()
    end = flow.weights([np.inf])[0]
    away = np.linalg.norm((flow.weights(times) - end).reshape(len(times), -1), axis=1)
    slowest = np.exp(-penalty * h[h > 1e-12 * h.max()].min() * times)
    assert (away <= slowest * np.linalg.norm(end - network.weights) + 1e-9).all()


@pytest.mark.parametrize("size", (1e-5, 1e3))
def test_spread_of_small_and_large_inputs(size):
    """Scaled against each other, inputs and weights leave the units alone; kernels grow by size², time runs faster."""
    network, x, y, _, _ = problem("tanh", (6, 9, 4), seed=8)
    other, times = replace(network, weights=network.weights / size), np.array([0.3, 5.0])
    expected = twin_spread(network, x, y, times, 0.5)
    np.testing.assert_allclose(twin_spread(other, size * x, y, times / size**2, 0.5), expected, rtol=1e-6)


def test_equal_units_are_their_twin():
    network, x, y, _, _ = problem("tanh", (6, 9, 4), seed=9)
    equal, times = network.select([1, 1, 1]), np.geomspace(1e-2, 1e2, 5)
    assert twin_spread(equal, x, y, times, 0.5).max() < 1e-6
    flow = KernelRegime(equal, x, y, penalty=0.5, knowledge=equal.features(x))
    np.testing.assert_allclose(flow.output(times), twin_output(equal, x, y, times, 0.5), atol=1e-10)


class TestNearSingular:
    """Three almost dependent inputs, two tanh units: the flow of Eq. (9) solved by mpmath with 50 digits."""

    penalty, new = 0.05, np.array([[0.3, -0.2, 0.9], [1.0, 0.5, 0.1]])

    @pytest.fixture
    def given(self):
        x = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.8, 0.6, 1e-4]])
        network = TwoLayerNetwork([[0.5, -0.3, 0.2], [-0.4, 0.9, 0.7]], [1.0, -1.0], "tanh")
        y, known = np.array([1.0, -1.0, 1.0]), np.array([[0.3, -0.5], [0.1, 0.4], [0.2, 0.6]])
        return network, x, y, known

    def moves(self, network, x, y, known, penalty, time=None):
        """Δw at a time, or at rest, as mpmath numbers, (m·d,)."""
        m, d = network.weights.shape
        n, c = len(x), [mp.mpf(float(v)) / mp.sqrt(m) for v in network.output_weights]
        w, points = mp.matrix(network.weights.tolist()), mp.matrix(x.tolist())
        z = points * w.T
        features = [[mp.tanh(z[i, k]) for k in range(m)] for i in range(n)]
        jacobian, force, coupling = mp.zeros(n * m, m * d), mp.zeros(n * m, 1), mp.zeros(n * m, n * m)
        for k in range(m):
            for i in range(n):
                out = mp.fsum(c[j] * features[i][j] for j in range(m))
                goal = features[i][k] if known is None else mp.mpf(float(known[i, k]))
                force[k * n + i] = c[k] * (mp.mpf(float(y[i])) - out) + penalty * (goal - features[i][k])
                for j in range(d):
                    jacobian[k * n + i, k * d + j] = (1 - features[i][k] ** 2) * points[i, j]
                for j in range(m):
                    coupling[k * n + i, j * n + i] = c[k] * c[j] + (penalty if j == k else 0)
        operator, start = jacobian.T * coupling * jacobian, jacobian.T * force
        if time is None:
            return mp.lu_solve(operator, start)
        values, vectors = mp.eigsy(operator)
        part = vectors.T * start
        return vectors * mp.matrix(
            [part[j] * (-mp.expm1(-values[j] * time) / values[j] if values[j] else time) for j in range(m * d)]
        )

    def predict(self, network, moves):
        """f at the new points from mpmath's Δw."""
        m, d = network.weights.shape
        result = []
        for point in self.new:
            total = mp.mpf(0)
            for k in range(m):
                z = mp.fsum(mp.mpf(float(a)) * mp.mpf(float(b)) for a, b in zip(point, network.weights[k], strict=True))
                step = mp.fsum(mp.mpf(float(point[j])) * moves[k * d + j] for j in range(d))
                total += (mp.tanh(z) + (1 - mp.tanh(z) ** 2) * step) * float(network.output_weights[k]) / mp.sqrt(m)
            result.append(total)
        return result

    def test_end_movement_and_best_penalty(self, given):
        network, x, y, known = given
        ends = limit_map(network, x, self.new, known)
        with mp.workdps(50):
            moves = self.moves(network, x, y, known, mp.mpf(self.penalty))
            exact = self.predict(network, moves)
            size = mp.fsum(v**2 for v in moves)
            far = self.predict(network, self.moves(network, x, y, known, mp.mpf(10) ** 25))
            near = self.predict(network, self.moves(network, x, y, known, mp.mpf(10) ** -25))
            change = [b - a for a, b in zip(far, near, strict=True)]
            share = mp.fsum((1 - a) * b for a, b in zip(far, change, strict=True)) / mp.fsum(b**2 for b in change)
        np.testing.assert_allclose(ends.output(y, self.penalty), [float(v) for v in exact], rtol=1e-10)
        np.testing.assert_allclose(ends.movement(y, self.penalty), float(size), rtol=1e-10)
        found = best_share(ends.output(y, np.inf), ends.output(y, 0.0), np.ones(2))
        assert found == pytest.approx(float(share), rel=1e-9)

    def test_movement_costs_more_than_without_penalty(self, given):
        network, x, y, _ = given
        with mp.workdps(50):
            start = limit_map(network, x, self.new).movement(y, 0.0)
            moves = self.moves(network, x, y, None, mp.mpf(10) ** -25)
            assert start == pytest.approx(float(mp.fsum(v**2 for v in moves)), rel=1e-9)
        rest = y - network.output(x)
        assert start > rest @ np.linalg.solve(tangent_kernel(network, x), rest)

    @pytest.mark.parametrize("time", (0.1, 30.0, 1e6))
    def test_two_clocks(self, given, time):
        network, x, y, _ = given
        a, times = 1.0, np.geomspace(1e-3, time, 300)
        target = network.output(x) + a / (a + self.penalty) * (y - network.output(x))
        with mp.workdps(50):
            student = self.moves(network, x, y, None, mp.mpf(self.penalty), mp.mpf(time))
            twin = self.moves(network, x, target, None, mp.mpf(0), (1 + mp.mpf(self.penalty)) * mp.mpf(time))
            gap = float(mp.sqrt(mp.fsum((b - s) ** 2 for s, b in zip(student, twin, strict=True))))
        assert gap <= twin_bound(network, x, y, times, self.penalty)[-1]


def test_what_does_not_fit_is_refused():
    network, x, y, knowledge, x_new = problem("tanh", (6, 9, 4), seed=10)
    with pytest.raises(ValueError, match="limit_map: knowledge"):
        limit_map(network, x, x_new, knowledge[:, :2])
    ends = limit_map(network, x, x_new)
    with pytest.raises(ValueError, match="λ ≥ 0"):
        ends.output(y, -1.0)
    with pytest.raises(ValueError, match="setting=-1"):
        plain_map(network, x, x_new).output(y, -1.0)
    with pytest.raises(ValueError, match="labels ±1"):
        ends.test_error(2 * y, x_new[:, 0], 1.0, flip=0.1)
    with pytest.raises(ValueError, match="labels ±1"):
        ends.test_error(np.append(np.ones(len(y) - 1), 0.5), x_new[:, 0], 1.0, flip=0.1)
    with pytest.raises(ValueError, match="flip=1.5"):
        ends.test_error(y, x_new[:, 0], 1.0, flip=1.5)


def test_directions_at_the_level_of_rounding_are_not_learnt():
    """Two columns that differ by nine units of rounding, among which sixty samples make sixty."""
    network = init_network(3, 2, seed=0, std=1.0, activation="tanh")
    sizes, y = np.linspace(0.5, 1.0, 60)[:, None], np.sign(np.sin(np.arange(60.0)))
    near = sizes * np.column_stack([np.ones(60), 1.0 + 4e-15 * (-1.0) ** np.arange(60)])
    same = np.repeat(near[:, :1], 2, axis=1)
    known, x_new = network.features(same) + 0.1, [[1.0, 0.5], [0.2, -1.0]]
    outputs = [limit_map(network, x, x_new, known).output(y, 0.3) for x in (near, same)]
    np.testing.assert_allclose(*outputs, atol=1e-10)
