"""The nonlinear flow of Eq. (9) against exact solutions, gradient descent and the frozen flow."""

from types import SimpleNamespace

import numpy as np
import pytest

from kdsrc.data import Dataset
from kdsrc.dynamics import KernelRegime, flow, gradient_flow
from kdsrc.dynamics.flow import l1_distance
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.theory.problems import problem
from kdsrc.theory.theorem3 import flow_operator
from kdsrc.training import Arm, train

TIMES = np.array([0.0, 0.1, 0.7, 2.0])


@pytest.mark.parametrize("penalty", (0.0, 0.3, np.inf))
@pytest.mark.parametrize("name", ("smooth", "relu"))
def test_flow_is_gradient_descent_with_small_steps(name, penalty):
    p = problem(name, 0)
    data = Dataset(p.x, p.y, p.x, p.y, "test")
    knowledge = p.knowledge + 0.3
    flow = gradient_flow(p.network, p.x, p.y, [0.0, 0.4], penalty=penalty, knowledge=knowledge)
    gaps = []
    for rate in (4e-4, 2e-4):
        arm = Arm("arm", p.network, penalty, knowledge)
        history = train(
            [arm],
            data,
            learning_rate=rate,
            iterations=round(0.4 / rate),
            record_every=10**6,
            dtype="float64",
            progress=False,
        )["arm"]
        gaps.append(np.abs(history.network.weights - flow.weights[-1]).max())
    assert gaps[0] < 1e-3
    np.testing.assert_allclose(gaps[0] / gaps[1], 2.0, rtol=0.1)  # Euler's error is of first order


def test_a_relu_flow_that_stays_on_one_side_is_linear():
    """All pre-activations positive and staying so: the frozen flow is the flow."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 1.0, size=(4, 6))
    network = TwoLayerNetwork(rng.uniform(2.0, 3.0, size=(3, 6)), [1.0, -1.0, 1.0], "relu")
    y, knowledge = network.output(x) + 0.3 * rng.normal(size=4), network.features(x) + 0.3 * rng.normal(size=(4, 3))
    flow = gradient_flow(network, x, y, TIMES, penalty=0.5, knowledge=knowledge)
    regime = KernelRegime(network, x, y, penalty=0.5, knowledge=knowledge)
    assert (flow.unit_outputs() > 0).all()
    np.testing.assert_allclose(flow.output(), regime.output(TIMES), atol=1e-7)
    np.testing.assert_allclose(flow.weights, regime.weights(TIMES), atol=1e-7)
    assert flow.kernel_changes().max() == flow.operator_changes().max() == 0.0
    x_test = rng.uniform(0.5, 1.0, size=(2, 6))
    np.testing.assert_allclose(flow.output(x_test), regime.output(TIMES, x_test), atol=1e-7)


def test_one_unit_one_sample_in_closed_form():
    """tanh with x = 1, a = 1 at λ = ∞: dz/dt = σ'(z)(φ − σ(z)); u = σ(z) moves by du/dt = (1 − u²)²(φ − u)."""
    network = TwoLayerNetwork([[0.2]], [1.0], "tanh")
    flow = gradient_flow(network, [[1.0]], [5.0], [0.0, 60.0], penalty=np.inf, knowledge=[[0.6]])
    np.testing.assert_allclose(flow.output()[:, 0], [np.tanh(0.2), 0.6], atol=1e-7)
    np.testing.assert_allclose(flow.moves()[:, 0], [0.0, np.arctanh(0.6) - 0.2], atol=1e-7)


def test_measured_changes_are_those_of_dense_matrices():
    p = problem("smooth", 1)
    flow = gradient_flow(p.network, p.x, p.y, TIMES, penalty=p.penalty, knowledge=p.knowledge)
    start = unit_grams(p.network, p.x)
    for t, weights in enumerate(flow.weights):
        moved = TwoLayerNetwork(weights, p.network.output_weights, "tanh")
        changes = unit_grams(moved, p.x) - start
        np.testing.assert_allclose(flow.kernel_changes()[t], np.linalg.norm(changes, 2, axis=(1, 2)), atol=1e-12)
        dense = flow_operator(moved, p.x, p.penalty) - flow_operator(p.network, p.x, p.penalty)
        np.testing.assert_allclose(flow.operator_changes()[t], np.linalg.norm(dense, 2), atol=1e-7)
        np.testing.assert_allclose(flow.moves()[t], np.linalg.norm(weights - p.network.weights, axis=1), atol=1e-14)


@pytest.mark.parametrize("units", [1, 2])
def test_changes_of_one_sample_are_those_of_dense_matrices(units):
    """As few unknowns as sparse eigenvalues cannot be computed of."""
    network, x, y = init_network(units, 3, seed=1, std=1.0, activation="tanh"), np.array([[0.6, 0.8, 0.0]]), np.ones(1)
    flow = gradient_flow(network, x, y, [0.0, 1.0], penalty=0.3, knowledge=[[0.5] * units])
    moved = TwoLayerNetwork(flow.weights[1], network.output_weights, "tanh")
    dense = flow_operator(moved, x, 0.3) - flow_operator(network, x, 0.3)
    np.testing.assert_allclose(flow.operator_changes(), [0.0, np.linalg.norm(dense, 2)], atol=1e-12)


def width_effect(signs, penalty):
    """Mean over seeds of ∫‖f − f_frozen‖ at m = 16 over that at m = 256."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(5, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    labels, times = rng.choice([-1.0, 1.0], size=5), np.linspace(0.0, 10.0, 101)
    distances = []
    for width in (16, 256):
        runs = []
        for seed in range(12):
            network = init_network(width, 8, seed=seed, std=0.5, activation="tanh")
            if not signs:  # all a_k = 1 and σ'' > 0; the labels stay within O(1) of the start, as Assumption 4 asks
                network = TwoLayerNetwork(network.weights, np.ones(width), "softplus")
            own, y = network.features(x), labels + (0.0 if signs else network.output(x))
            flow = gradient_flow(network, x, y, times, penalty=penalty, knowledge=own, rtol=1e-5, atol=1e-7)
            regime = KernelRegime(network, x, y, penalty=penalty, knowledge=own, method="krylov", tolerance=1e-4)
            runs.append(l1_distance(times, flow.output(), regime.output(times)))
        distances.append(np.mean(runs))
    return distances[0] / distances[1]


@pytest.mark.parametrize("penalty", (0.0, 0.1))
def test_wide_networks_come_closer_to_the_kernel_regime(penalty):
    """The width is raised 16 times: Theorem 3's 1/√m is a factor of 4, and is attained when the changes of the units
    add up. Random signs a_k make the leading change of H, Σ_k c_k³ (…), a sum of mean zero: 1/m, a factor of 16."""
    np.testing.assert_allclose(width_effect(False, penalty), 4.0, rtol=0.15)
    np.testing.assert_allclose(width_effect(True, penalty), 16.0, rtol=0.4)  # a mean over 12 seeds, each ± 50 %


def test_l1_distance_of_an_exponential():
    times = np.linspace(0.0, 20.0, 4001)
    curve = np.exp(-times)[:, None] * np.array([3.0, 4.0])
    np.testing.assert_allclose(l1_distance(times, curve, 0 * curve), 5.0, rtol=1e-5)


def test_frozen_flow_at_a_later_point_is_the_tangent():
    """Frozen anywhere on the flow, the regime leaves with the flow's own velocity."""
    p = problem("smooth", 2)
    flow = gradient_flow(p.network, p.x, p.y, [0.0, 1.0, 1.0 + 1e-4], penalty=p.penalty, knowledge=p.knowledge)
    there = TwoLayerNetwork(flow.weights[1], p.network.output_weights, "tanh")
    step = KernelRegime(there, p.x, p.y, penalty=p.penalty, knowledge=p.knowledge).weights([1e-4])[0]
    np.testing.assert_allclose(step, flow.weights[2], atol=1e-9)
    assert np.abs(step - flow.weights[1]).max() > 1e-6


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(times=[1.0, 0.5]), "non-decreasing"),
        (dict(times=[np.inf]), "finite"),
        (dict(penalty=-1.0), "λ ≥ 0"),
        (dict(knowledge=None), "give knowledge="),
        (dict(y=np.zeros(3)), r"y \(3,\)"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    p = problem("smooth", 0)
    arguments = dict(network=p.network, x=p.x, y=p.y, times=[0.0, 1.0], penalty=0.1, knowledge=p.knowledge) | changes
    with pytest.raises(ValueError, match=message):
        gradient_flow(**arguments)


@pytest.mark.parametrize(("penalty", "time"), [(1e12, 1.0), (0.3, 1e9)])
def test_what_would_not_end_is_refused_with_its_steps(penalty, time):
    p = problem("smooth", 0)
    with pytest.raises(
        ValueError, match=r"gradient_flow: times up to .* may take .*e\+\d+ steps; expected at most 1e\+07"
    ):
        gradient_flow(p.network, p.x, p.y, [0.0, time], penalty=penalty, knowledge=p.knowledge)


def test_as_many_steps_as_are_allowed_are_taken(monkeypatch):
    """A step is at most 6 over the fastest rate, Σ_k c_k² + λ times 4 at orthogonal inputs of length 2."""
    network, x, y = TwoLayerNetwork(np.eye(2, 3), [0.5, -1.0], "tanh"), 2.0 * np.eye(3), np.ones(3)
    needed = 4.0 * (1.25 / 2 + 0.3) * 2.0 / 6.0
    monkeypatch.setattr(flow, "_MOST_STEPS", needed * (1.0 + 1e-12))
    given = {"penalty": 0.3, "knowledge": network.features(x)}
    gradient_flow(network, x, y, [1.0, 2.0], **given)
    monkeypatch.setattr(flow, "_MOST_STEPS", needed * (1.0 - 1e-12))
    with pytest.raises(ValueError, match=r"times up to 2 with penalty=0.3 may take 1.2e\+00 steps"):
        gradient_flow(network, x, y, [1.0, 2.0], **given)


def test_a_solver_that_gives_up_is_reported(monkeypatch):
    p = problem("smooth", 0)
    monkeypatch.setattr(
        "kdsrc.dynamics.flow.solve_ivp", lambda *_, **__: SimpleNamespace(success=False, message="too stiff")
    )
    with pytest.raises(RuntimeError, match="SciPy stopped before t = 1 .too stiff."):
        gradient_flow(p.network, p.x, p.y, [0.0, 1.0])
