"""Gradient descent against autograd, against closed forms of linear problems, and against itself under changes that
must not matter; what it refuses, and what it says then."""

import re

import numpy as np
import pytest
import torch
from planted import problem

import kdsrc.training
from kdsrc.activations import ACTIVATIONS
from kdsrc.data import Dataset
from kdsrc.kernels import tangent_kernel
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.training import Arm, TrainingDiverged, largest_step, train

NAMES = tuple(ACTIVATIONS)
SIGMA = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "softplus": torch.nn.functional.softplus,
    "erf": torch.erf,
    "leaky tanh": lambda z: 0.1 * z + 0.9 * torch.tanh(z),
}
EXACT = {"dtype": "float64", "progress": False}
CURVES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


def arm(name, data, *, width=4, activation="relu", penalty=0.0, seed=0):
    """An arm whose knowledge comes from another random network."""
    start, other = (
        init_network(width, data.x_train.shape[1], seed=s, std=0.8, activation=activation) for s in (seed, seed + 100)
    )
    return Arm(name, start, penalty, other.features(data.x_train) if penalty else None)


def autograd_weights(arm, data, rate, iterations):
    """Descent on half of objective (2) by autograd: the independent implementation."""
    x, y = torch.tensor(data.x_train), torch.tensor(data.y_train)
    a = torch.tensor(arm.network.output_weights)
    w = torch.tensor(arm.network.weights, requires_grad=True)
    label_weight, own_weight = (0.0, 1.0) if np.isinf(arm.penalty) else (1.0, arm.penalty)
    for _ in range(iterations):
        features = SIGMA[arm.network.activation](x @ w.T)
        loss = label_weight * (y - features @ a / np.sqrt(len(a))).square().sum()
        if arm.knowledge is not None:
            loss = loss + own_weight * (torch.tensor(arm.knowledge) - features).square().sum()
        (gradient,) = torch.autograd.grad(loss / 2, w)
        w = (w - rate * gradient).detach().requires_grad_()
    return w.detach().numpy()


def assert_same(first, second, **tolerance):
    for curve in CURVES:
        np.testing.assert_allclose(getattr(first, curve), getattr(second, curve), **tolerance)
    np.testing.assert_allclose(first.network.weights, second.network.weights, **tolerance)


# The step


@pytest.mark.parametrize("route", ["weights", "gram"])
@pytest.mark.parametrize("penalty", [0.0, 0.01, 2.0, np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_weights_after_some_steps_are_autograds(name, penalty, route):
    data = problem()
    one = arm("a", data, activation=name, penalty=penalty)
    history = train([one], data, learning_rate=0.05, iterations=15, route=route, **EXACT)["a"]
    expected = autograd_weights(one, data, 0.05, 15)
    assert np.abs(expected - one.network.weights).max() > 1e-3
    np.testing.assert_allclose(history.network.weights, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [{"n": 12, "d": 7}, {"n": 20, "d": 3}, {"n": 3, "d": 9}])
def test_mixed_arms_are_autograds_and_do_not_feel_each_other(shape):
    data = problem(**shape)
    arms = [
        arm("wide", data, width=9, activation="relu"),
        arm("small", data, width=1, activation="tanh", penalty=0.3),
        arm("pure", data, width=3, activation="tanh", penalty=np.inf, seed=3),
        arm("soft", data, width=4, activation="softplus", penalty=0.01),
        arm("last", data, width=2, activation="relu", penalty=1.0),
    ]
    together = train(arms, data, learning_rate=0.03, iterations=20, record_every=3, **EXACT)
    assert list(together) == [one.name for one in arms]
    for one in arms:
        alone = train([one], data, learning_rate=0.03, iterations=20, record_every=3, **EXACT)[one.name]
        assert_same(together[one.name], alone, rtol=0, atol=1e-12)
        np.testing.assert_allclose(alone.network.weights, autograd_weights(one, data, 0.03, 20), rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [{"n": 12, "d": 7}, {"n": 30, "d": 4}])
def test_gram_route_is_the_weights_route(shape):
    data = problem(**shape)
    arms = [arm("a", data, penalty=0.2), arm("b", data, activation="erf")]
    options = {"learning_rate": 0.05, "iterations": 60, "record_every": 7, "checkpoints": (0, 5, 60), **EXACT}
    gram, weights = (train(arms, data, route=route, **options) for route in ("gram", "weights"))
    for name in gram:
        assert_same(gram[name], weights[name], rtol=0, atol=1e-10)
        for label in (0, 5, 60):
            np.testing.assert_allclose(
                gram[name].checkpoints[label].weights, weights[name].checkpoints[label].weights, rtol=0, atol=1e-10
            )


@pytest.mark.parametrize(("n", "expected"), [(7, "GramState"), (8, "WeightState"), (9, "WeightState")])
def test_route_follows_n_against_2d(n, expected, monkeypatch):
    used = []
    for name in ("GramState", "WeightState"):
        original = getattr(kdsrc.training.euler, name)
        monkeypatch.setattr(kdsrc.training.euler, name, lambda *given, o=original, m=name: used.append(m) or o(*given))
    data = problem(n=n, d=4)
    train([arm("a", data)], data, learning_rate=0.01, iterations=1, **EXACT)
    assert used == [expected]


# Closed forms


def linear_problem():
    """ReLU units that all samples keep active: a linear model, (n, m, λ) of Theorem 1 without approximation."""
    rng = np.random.default_rng(5)
    x = np.concatenate([0.3 + np.eye(6), rng.random((3, 6))])  # eigenvalues of the Gram matrix: 0.47 and 3.7
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    data = Dataset(x[:6], np.array([0.5, 0.7, 0.4, 0.6, 0.5, 0.8]), x[6:], np.array([0.5, 0.6, 0.7]), "linear")
    network = TwoLayerNetwork(1.0 + 0.2 * rng.random((3, 6)), [1.0, 0.5, -0.4])
    return data, network, network.features(data.x_train) + 0.1 * rng.standard_normal((6, 3))


@pytest.mark.parametrize("penalty", [0.0, 0.4])
@pytest.mark.parametrize("route", ["gram", "weights"])
def test_euler_scheme_in_a_linear_problem(penalty, route):
    """vec Z(r) = Z* + (I − η K ⊗ (c cᵀ + λ I))^r (Z(0) − Z*), K = X Xᵀ; without a penalty only f is determined."""
    data, network, knowledge = linear_problem()
    rate, iterations, c = 0.05, 40, network.coefficients
    one = Arm("a", network, penalty, knowledge if penalty else None)
    history = train([one], data, learning_rate=rate, iterations=iterations, record_every=1, route=route, **EXACT)["a"]
    assert (history.network.preactivations(data.x_train) > 0).all()  # still linear

    gram, z0 = data.x_train @ data.x_train.T, network.preactivations(data.x_train)
    operator = np.kron(gram, np.outer(c, c) + penalty * np.eye(3))  # on vec of (n, m), rows first
    wanted = np.outer(data.y_train, c) + penalty * (knowledge if penalty else 0)
    values, vectors = np.linalg.eigh(operator)
    shrink = (1 - rate * values[:, None]) ** np.arange(iterations + 1)  # (nm, T)
    # a geometric sum instead of a fixed point: directions with eigenvalue 0 have none, and no drive either
    drive = vectors.T @ np.kron(gram, np.eye(3)) @ wanted.ravel()
    summed = np.where(np.abs(values[:, None]) > 1e-12, (1 - shrink) / np.where(values == 0, 1, values)[:, None], 0)
    z = vectors @ (shrink * (vectors.T @ z0.ravel())[:, None] + summed * drive[:, None])
    outputs = np.einsum("nmt,m->tn", z.reshape(6, 3, -1), c)
    np.testing.assert_allclose(history.train_loss, ((data.y_train - outputs) ** 2).mean(1), rtol=0, atol=1e-10)


def test_linear_problem_ends_at_the_limit_of_theorem_1():
    data, network, knowledge = linear_problem()
    c, penalty = network.coefficients, 0.4
    values = np.linalg.eigvalsh(data.x_train @ data.x_train.T)
    rate = 1.0 / (values.max() * (c @ c + penalty))
    iterations = int(np.ceil(35 / (rate * penalty * values.min())))  # until the slowest mode is down to e⁻³⁵
    end = train(
        [Arm("a", network, penalty, knowledge)],
        data,
        learning_rate=rate,
        iterations=iterations,
        record_every=iterations,
        **EXACT,
    )["a"].network
    assert (end.preactivations(data.x_train) > 0).all()
    limit = ((c @ c) * data.y_train + penalty * knowledge @ c) / (c @ c + penalty)
    np.testing.assert_allclose(end.output(data.x_train), limit, rtol=0, atol=1e-10)


def test_first_step_moves_the_outputs_by_the_tangent_kernel():
    """f(1) − f(0) = η H (y − f) + O(η²): the units of η and t."""
    data, rates = problem(), np.array([1e-3, 1e-4])
    one = arm("a", data, activation="tanh")
    residual = data.y_train - one.network.output(data.x_train)
    errors = []
    for rate in rates:
        moved = train([one], data, learning_rate=rate, iterations=1, **EXACT)["a"].network.output(data.x_train)
        predicted = rate * tangent_kernel(one.network, data.x_train) @ residual
        errors.append(np.abs(moved - one.network.output(data.x_train) - predicted).max())
    assert errors[0] < 1e-4
    assert errors[1] / errors[0] == pytest.approx(1e-2, rel=0.05)


# What is recorded


def test_losses_and_accuracies_by_their_definitions():
    data = problem()
    one = arm("a", data, penalty=0.5)
    history = train([one], data, learning_rate=0.05, iterations=6, record_every=2, checkpoints=range(7), **EXACT)["a"]
    np.testing.assert_array_equal(history.iterations, [0, 2, 4, 6])
    for row, iteration in enumerate(history.iterations):
        network = history.checkpoints[iteration]
        for part, x, y in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
            output = network.output(x)
            assert getattr(history, f"{part}_loss")[row] == pytest.approx(((y - output) ** 2).mean(), abs=1e-12)
            assert getattr(history, f"{part}_accuracy")[row] == pytest.approx((np.sign(output) == y).mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("iterations", "every", "expected"), [(7, 3, [0, 3, 6, 7]), (6, 3, [0, 3, 6]), (2, 5, [0, 2]), (0, 5, [0])]
)
def test_recorded_iterations(iterations, every, expected):
    data = problem()
    one = arm("a", data)
    history = train([one], data, learning_rate=0.01, iterations=iterations, record_every=every, **EXACT)["a"]
    assert history.iterations.tolist() == expected
    assert all(getattr(history, curve).shape == (len(expected),) for curve in CURVES)
    assert history.iterations.dtype.kind == "i"


def test_checkpoints_are_the_networks_of_shorter_runs():
    data = problem()
    one = arm("a", data, penalty=0.1)
    history = train([one], data, learning_rate=0.05, iterations=9, checkpoints=(0, 4, 9), **EXACT)["a"]
    assert sorted(history.checkpoints) == [0, 4, 9]
    np.testing.assert_array_equal(history.checkpoints[0].weights, one.network.weights)
    for label in (4, 9):
        shorter = train([one], data, learning_rate=0.05, iterations=label, **EXACT)["a"].network
        np.testing.assert_array_equal(history.checkpoints[label].weights, shorter.weights)
    np.testing.assert_array_equal(history.checkpoints[9].weights, history.network.weights)
    np.testing.assert_array_equal(history.network.output_weights, one.network.output_weights)


def test_recording_and_checkpoints_do_not_change_the_run():
    data = problem()
    arms = [arm("a", data), arm("b", data, penalty=0.2)]
    sparse = train(arms, data, learning_rate=0.05, iterations=12, record_every=12, progress=False)
    dense = train(arms, data, learning_rate=0.05, iterations=12, record_every=1, checkpoints=range(13), progress=False)
    for name in sparse:
        np.testing.assert_array_equal(sparse[name].network.weights, dense[name].network.weights)
        np.testing.assert_array_equal(sparse[name].train_loss, dense[name].train_loss[[0, -1]])


def test_the_objective_descends_at_half_the_largest_step():
    data = problem()
    one = arm("a", data, activation="tanh", penalty=0.5)
    rate = largest_step([one], data)["a"] / 2
    history = train([one], data, learning_rate=rate, iterations=80, checkpoints=range(81), **EXACT)["a"]
    values = [
        ((data.y_train - net.output(data.x_train)) ** 2).sum()
        + 0.5 * ((one.knowledge - net.features(data.x_train)) ** 2).sum()
        for net in history.checkpoints.values()
    ]
    assert (np.diff(values) < 0).all() and values[-1] < 0.5 * values[0]


def test_pure_distillation_ignores_the_labels_and_comes_to_the_knowledge():
    data = problem(n=5, d=8)
    one = arm("a", data, activation="tanh", penalty=np.inf)
    flipped = Dataset(data.x_train, -data.y_train, data.x_test, data.y_test, "flipped")
    runs = [
        train([one], d, learning_rate=0.5, iterations=3_000, record_every=3_000, **EXACT)["a"].network
        for d in (data, flipped)
    ]
    np.testing.assert_array_equal(runs[0].weights, runs[1].weights)
    np.testing.assert_allclose(runs[0].features(data.x_train), one.knowledge, rtol=0, atol=1e-10)


def test_pure_distillation_is_the_limit_of_large_penalties_in_time_times_penalty():
    data, penalty = problem(), 1e7
    pure, large = (arm("a", data, activation="tanh", penalty=p) for p in (np.inf, penalty))
    ends = [
        train([one], data, learning_rate=rate, iterations=50, **EXACT)["a"].network.weights
        for one, rate in ((pure, 0.1), (large, 0.1 / penalty))
    ]
    # labels act with weight 1/λ: after time 5 and n residuals of order one the difference is about 5 n/λ at most
    np.testing.assert_allclose(ends[0], ends[1], rtol=0, atol=5 * 12 / penalty)
    assert np.abs(ends[0] - pure.network.weights).max() > 1e-2


# Repeatability and precision


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("route", ["gram", "weights"])
def test_two_runs_agree_bit_for_bit(dtype, route):
    data = problem(n=40, d=30)
    arms = [arm("a", data, width=20), arm("b", data, width=7, activation="erf", penalty=0.3)]
    first, second = (
        train(arms, data, learning_rate=0.02, iterations=30, dtype=dtype, route=route, progress=False) for _ in range(2)
    )
    for name in first:
        assert_same(first[name], second[name], rtol=0, atol=0)


def test_single_precision_stays_near_double():
    data, iterations = problem(n=40, d=30), 100
    arms = [arm("a", data, width=20, activation="tanh"), arm("b", data, width=7, activation="softplus", penalty=0.3)]
    single, double = (
        train(arms, data, learning_rate=0.02, iterations=iterations, dtype=dtype, progress=False)
        for dtype in ("float32", "float64")
    )
    for name in single:
        # one rounding of a few ulp an iteration, not amplified below the largest stable step
        assert_same(single[name], double[name], rtol=0, atol=4 * iterations * np.finfo(np.float32).eps)
        assert single[name].network.weights.dtype == single[name].train_loss.dtype == np.float64
    assert not np.array_equal(single["a"].network.weights, double["a"].network.weights)


def test_no_progress_bar_off_a_terminal(capfd):
    data = problem()
    train([arm("a", data)], data, learning_rate=0.01, iterations=3, progress=True)
    assert capfd.readouterr() == ("", "")


# Refusals


def test_unstable_step_is_refused_with_the_largest_stable_one():
    data = problem()
    arms = [arm("calm", data, width=2), arm("steep", data, width=4, activation="softplus", penalty=3.0)]
    steps = largest_step(arms, data)
    with pytest.raises(ValueError, match="unstable for arm 'steep'.*largest stable step is") as refused:
        train(arms, data, learning_rate=1.05 * steps["steep"], iterations=5, **EXACT)
    named = float(re.search(r"largest stable step is ([\d.e-]+)", str(refused.value)).group(1))
    assert named == pytest.approx(steps["steep"], rel=1e-3)
    train(arms, data, learning_rate=0.99 * steps["steep"], iterations=5, **EXACT)


@pytest.mark.parametrize("penalty", [0.0, 0.3, np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_largest_step_is_two_over_the_top_eigenvalue_of_the_jacobian(name, penalty):
    data = problem()
    one = arm("a", data, activation=name, penalty=penalty)
    n, d, m, c = 12, 7, 4, one.network.coefficients
    unit = (one.network.slopes(data.x_train).T[:, :, None] * data.x_train[None]).reshape(m, n, d)  # ∂f^(k)/∂w_k
    labels = np.concatenate(list(c[:, None, None] * unit), axis=1)  # (n, m·d)
    hessian = np.zeros((m * d, m * d)) if np.isinf(penalty) else labels.T @ labels
    for k in range(m):
        own = slice(k * d, (k + 1) * d)
        hessian[own, own] += (1.0 if np.isinf(penalty) else penalty) * unit[k].T @ unit[k]
    exact = 2 / np.linalg.eigvalsh(hessian).max()
    found = largest_step([one], data)["a"]
    assert exact * (1 - 1e-10) <= found <= 1.1 * exact  # never refuses a stable step, and is not far off


def test_largest_step_of_an_arm_that_cannot_move_is_infinite():
    data = problem()
    dead = TwoLayerNetwork(np.zeros((2, 7)), np.ones(2))
    assert largest_step([Arm("dead", dead)], data) == {"dead": np.inf}


def test_divergence_names_the_arm_and_the_iteration(monkeypatch):
    data = problem()
    monkeypatch.setattr(kdsrc.training.euler, "_check_step", lambda *given: None)
    fine, wild = arm("fine", data, width=2, activation="tanh"), arm("wild", data, activation="softplus", penalty=1e3)
    with pytest.raises(TrainingDiverged, match="arm 'wild' is not finite at iteration") as stopped:
        train([fine, wild], data, learning_rate=0.5, iterations=10_000, dtype="float32", progress=False)
    iteration = int(re.search(r"iteration (\d+)", str(stopped.value)).group(1))
    assert 0 < iteration < 1_000
    history = train([fine, wild], data, learning_rate=0.5, iterations=iteration - 1, progress=False)["wild"]
    assert np.isfinite(history.train_loss).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"penalty": -0.1}, "penalty=-0.1; expected λ ≥ 0"),
        ({"penalty": np.nan}, "expected λ ≥ 0"),
        ({"penalty": 0.1}, r"without knowledge; expected Φ of shape \(n, 4\)"),
        (
            {"penalty": 0.1, "knowledge": np.ones((12, 3))},
            r"knowledge \(12, 3\); expected \(n, 4\) with at least one entry: one row a training sample and one column",
        ),
        ({"penalty": 0.1, "knowledge": np.full((12, 4), np.nan)}, "knowledge holds a non-finite entry"),
        ({"penalty": 0.1, "knowledge": "x"}, "knowledge of type str cannot be read as numbers"),
        ({"penalty": "much"}, "penalty=much; expected λ ≥ 0"),
    ],
)
def test_bad_arms_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"Arm 'a'.*{message}"):
        Arm("a", init_network(4, 7, seed=0), **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0.0}, "positive rate"),
        ({"learning_rate": np.nan}, "positive rate"),
        ({"iterations": -1}, "iterations ≥ 0"),
        ({"record_every": 0}, "record_every ≥ 1"),
        ({"checkpoints": (5,)}, "from 0 to 4"),
        ({"checkpoints": (-1,)}, "from 0 to 4"),
        ({"checkpoints": (1.5,)}, "whole iterations from 0 to 4"),
        ({"checkpoints": (np.nan,)}, "whole iterations from 0 to 4"),
        ({"iterations": 10**18}, "10{18} iterations; expected at most 1e.08: integrate_long_steps"),
        ({"learning_rate": "fast"}, "positive rate"),
        ({"dtype": "float16"}, "float16"),
        ({"route": "scenic"}, "scenic"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    data = problem()
    with pytest.raises(ValueError, match=f"train: .*{message}"):
        train([arm("a", data)], data, **{"learning_rate": 0.01, "iterations": 4, "progress": False, **arguments})


def test_arms_that_do_not_fit_the_data_are_refused():
    data, other = problem(), problem(n=9)
    with pytest.raises(ValueError, match="each with its own name"):
        train([arm("a", data), arm("a", data)], data)
    with pytest.raises(ValueError, match="at least one arm"):
        train([], data)
    with pytest.raises(ValueError, match="data of type tuple; expected a Dataset"):
        train([arm("a", data)], (data.x_train, data.y_train))
    with pytest.raises(ValueError, match=r"train: arm 'a': x \(12, 7\); expected \(n, 5\) .* the network's weights"):
        train([Arm("a", init_network(2, 5, seed=0))], data)
    with pytest.raises(ValueError, match=r"arm 'a': knowledge \(9, 4\); expected \(12, 4\) .* a training sample"):
        train([arm("a", other, penalty=0.1)], data)
