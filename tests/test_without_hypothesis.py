"""Theorem 1 without the kernel hypothesis: trained networks, closed form of their end, descent, criteria; mpmath."""

import mpmath
import numpy as np
import pytest

from kdsrc.activations import ACTIVATIONS, activation
from kdsrc.data import Dataset
from kdsrc.dynamics import gradient_flow
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.theory import theorem1
from kdsrc.theory.convergence import arrival, curvature_bound, flow_metric, kept_slope
from kdsrc.theory.lemmas import flow_norm
from kdsrc.theory.theorem3 import start_deviations, symmetric_operator
from kdsrc.training import Arm, train


def planted(name="leaky tanh", width=3, n=4, d=12, seed=0, share=0.5, shift=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(width, d, seed=rng, std=1.0, activation=name)
    return network, x, rng.choice([-1.0, 1.0], size=n), share * network.features(x) + shift


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.inverse])
def test_inverses(name):
    z = np.linspace(-3.0, 3.0, 61)
    np.testing.assert_allclose(activation(name).inverse(activation(name).function(z)), z, atol=1e-10)


@pytest.mark.parametrize("width", [1, 2, 20])
@pytest.mark.parametrize("name", ["leaky tanh", "tanh"])
def test_trained_networks_end_at_the_arrival(name, width):
    network, x, y, known = planted(name, width, seed=width)
    end = arrival(network, x, y, 1.0, known)
    np.testing.assert_allclose(end.features(x), theorem1.printed_unit_limits(network, y, 1.0, known), atol=1e-10)
    run = train(
        [Arm("a", network, 1.0, known)],
        Dataset(x, y, x, y, "r"),
        learning_rate=0.4,
        iterations=2500,
        record_every=2500,
        dtype="float64",
        progress=False,
    )["a"]
    np.testing.assert_allclose(run.network.weights, end.weights, atol=1e-9)
    assert np.linalg.norm(end.weights - network.weights, axis=1).max() > 1.0  # not the kernel regime


def test_one_feature_outside_the_range_is_enough_for_no_arrival():
    network, x, y, known = planted("tanh", 2, seed=2)
    known[0, 0] = 1.5  # of tanh's range (−1, 1) all but this one lie within
    with pytest.raises(ValueError, match="arrival: features"):
        arrival(network, x, y, 50.0, known)


def test_objective_is_the_norm_and_its_slope_along_the_flow():
    network, x, y, known = planted()
    times, penalty = np.linspace(0.0, 3.0, 601), 0.4
    flow = gradient_flow(network, x, y, times, penalty=penalty, knowledge=known, rtol=1e-12, atol=1e-12)
    eta = flow.unit_outputs() - theorem1.printed_unit_limits(network, y, penalty, known).T
    squared = flow_norm(network, penalty, eta) ** 2
    objective = ((flow.output() - y) ** 2).sum(1) + penalty * ((flow.unit_outputs() - known.T) ** 2).sum((1, 2))
    np.testing.assert_allclose(objective - objective[0], squared - squared[0], atol=1e-10)
    middle = TwoLayerNetwork(flow.weights[300], network.output_weights, network.activation)
    slope, double = flow_metric(middle, x, eta[300], penalty)
    assert double == pytest.approx(squared[300], abs=1e-12)
    assert (squared[301] - squared[299]) / (times[301] - times[299]) / 2 == pytest.approx(-slope, rel=1e-4)
    rate = penalty * 0.1**2 * np.linalg.eigvalsh(x @ x.T)[0]
    assert (squared <= squared[0] * np.exp(-2 * rate * times) * (1 + 1e-9)).all()
    assert slope >= rate * double


@pytest.mark.parametrize("name, shift", [("tanh", 0.0), ("softplus", 0.5), ("erf", 0.0), ("leaky tanh", 0.0)])
def test_kept_slope_is_kept(name, shift):
    network, x, y, _ = planted(name, width=5, seed=4)
    network = TwoLayerNetwork(0.2 * network.weights, network.output_weights, name)
    known, penalty = network.features(x) + shift / 5, 20.0
    slope = kept_slope(network, x, y, penalty, known)
    flow = gradient_flow(network, x, y, np.linspace(0.0, 20.0, 200), penalty=penalty, knowledge=known)
    seen = activation(name).derivative(flow.weights @ x.T).min()
    assert 0.05 < slope <= seen
    reach = np.abs(flow.unit_outputs() - theorem1.printed_unit_limits(network, y, penalty, known).T).max(axis=(0, 2))
    c, size = network.coefficients, flow_norm(network, penalty, start_deviations(network, x, y, penalty, known))
    assert (reach <= size * np.sqrt((1 - c**2 / (c @ c + penalty)) / penalty)).all()
    assert kept_slope(network, x, y, 1e-3, known) == (pytest.approx(0.1) if name == "leaky tanh" else 0.0)


def test_descent_lemma():
    network, x, y, known = planted(seed=5)
    penalty, bound = 0.7, curvature_bound(*planted(seed=5)[:3], 0.7, planted(seed=5)[3])
    h = 0.1**2 * np.linalg.eigvalsh(x @ x.T)[0]
    for share in (0.1, 1.0, 1.9):
        step = share / bound
        run = train(
            [Arm("a", network, penalty, known)],
            Dataset(x, y, x, y, "r"),
            learning_rate=step,
            iterations=60,
            record_every=60,
            checkpoints=range(61),
            dtype="float64",
            progress=False,
        )["a"]
        sizes = (
            np.array(
                [
                    flow_norm(network, penalty, start_deviations(net, x, y, penalty, known))
                    for net in run.checkpoints.values()
                ]
            )
            ** 2
        )
        factor = 1 - 2 * step * penalty * h * (1 - step * bound / 2)
        assert (sizes[1:] <= factor * sizes[:-1] * (1 + 1e-12)).all()


def test_curvature_bound_is_above_the_hessian():
    network, x, y, known = planted(seed=6)
    penalty, shape = 0.7, network.weights.shape

    def gradient(flat):
        net = TwoLayerNetwork(flat.reshape(shape), network.output_weights, network.activation)
        f, features = net.output(x), net.features(x)
        force = np.outer(f - y, net.coefficients) + penalty * (features - known)
        return ((net.slopes(x) * force).T @ x).ravel()

    flat, step = network.weights.ravel(), 1e-5
    hessian = np.array(
        [(gradient(flat + step * e) - gradient(flat - step * e)) / (2 * step) for e in np.eye(flat.size)]
    )
    largest = np.abs(np.linalg.eigvalsh((hessian + hessian.T) / 2)).max()
    assert 0.1 * curvature_bound(network, x, y, penalty, known) < largest
    assert largest < curvature_bound(network, x, y, penalty, known)


def test_poles_at_the_arrival_are_the_last_rates():
    network, x, y, known = planted("tanh", 2, seed=1)
    end = arrival(network, x, y, 1.0, known)
    pole = np.linalg.eigvalsh(symmetric_operator(end, x, 1.0))[0]
    times = np.array([0.0, 8.0, 10.0]) / pole
    flow = gradient_flow(network, x, y, times, penalty=1.0, knowledge=known, rtol=1e-12, atol=1e-14)
    sizes = flow_norm(network, 1.0, flow.unit_outputs() - end.features(x).T)
    assert np.log(sizes[1] / sizes[2]) == pytest.approx(2.0, abs=1e-3)


def test_dissipation_near_dependent_rows_with_fifty_digits():
    """⟨z, 𝐃z⟩ ≥ λ ε² λ_min(XXᵀ) ‖η‖_A² where λ_min(XXᵀ) is 5e-19: lost in double precision, there in 50 digits."""
    with mpmath.workdps(50):
        x = mpmath.matrix([[1, 0], [1, mpmath.mpf(10) ** -9]])
        gram, penalty = x * x.T, mpmath.mpf("0.01")
        c = [mpmath.mpf(3) / 5, mpmath.mpf(-4) / 5]
        slopes = [[mpmath.mpf("0.1"), mpmath.mpf(1)], [mpmath.mpf("0.4")] * 2]
        lowest = min(mpmath.eigsy(gram, eigvals_only=True))
        for case in range(20):
            rng = np.random.default_rng(case)
            v = mpmath.matrix([1, -1]) if case == 0 else mpmath.matrix(rng.normal(size=2).tolist())
            z = [[v[i] / slopes[k][i] * (k + 1) for i in range(2)] for k in range(2)]
            pulled = sum(
                sum(slopes[k][i] * slopes[k][j] * gram[i, j] * z[k][i] * z[k][j] for i in range(2) for j in range(2))
                for k in range(2)
            )
            a = c[0] ** 2 + c[1] ** 2  # A^{-1} = (I − c cᵀ/(a+λ))/λ, and ‖η‖_A² = ⟨z, (A^{-1} ⊗ I) z⟩
            joined = [sum(c[k] * z[k][i] for k in range(2)) for i in range(2)]
            whole = sum((z[0][i] ** 2 + z[1][i] ** 2 - joined[i] ** 2 / (a + penalty)) / penalty for i in range(2))
            assert pulled >= penalty * mpmath.mpf("0.01") * lowest * whole > 0


def test_refusals():
    network, x, y, known = planted("tanh", 1)
    with pytest.raises(ValueError, match="arrival: features f_∞ .* between -1 and 1"):
        arrival(network, x, 5 * y, 0.01, known)
    with pytest.raises(ValueError, match="independent rows"):
        arrival(network, np.vstack([x, x]), np.tile(y, 2), 1.0, np.vstack([known, known]))
    with pytest.raises(ValueError, match="kept_slope: activation 'relu'"):
        kept_slope(init_network(2, 12, seed=0), x, y, 1.0, np.zeros((4, 2)))
    with pytest.raises(ValueError, match="curvature_bound: activation 'relu'"):
        curvature_bound(init_network(2, 12, seed=0), x, y, 1.0, np.zeros((4, 2)))
