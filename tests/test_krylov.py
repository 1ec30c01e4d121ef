"""The Krylov flow: its error bounds against dense solutions, its growth, and what it does at an invariant subspace."""

import numpy as np
import pytest
from scipy.linalg import expm

from kdsrc.dynamics import AccuracyNotReached, KernelRegime
from kdsrc.dynamics.krylov import KrylovFlow, psi
from kdsrc.dynamics.linearised import LinearisedFlow
from kdsrc.kernels import tangent_kernel
from kdsrc.networks import init_network
from kdsrc.problem import Problem

TIMES = np.array([0.05, 0.5, 3.0])


def matrix(values, seed=0):
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))[0]
    return (rotation * values) @ rotation.T


def exact(operator, start, time):
    size = len(start)
    system = np.zeros((size + 1, size + 1))
    system[:size, :size], system[:size, -1] = -operator, start
    return expm(time * system)[:-1, -1]


def square_root(operator):
    values, vectors = np.linalg.eigh(operator)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def test_psi_with_its_limits():
    rates = np.array([0.0, 1e-13, 2.0])
    np.testing.assert_allclose(
        psi(np.array([0.0, 3.0]), rates), [[0.0, 0.0, 0.0], [3.0, 3.0, (1 - np.exp(-6.0)) / 2]], rtol=1e-12
    )
    np.testing.assert_allclose(psi(np.array([np.inf]), rates[1:]), [[1e13, 0.5]])


@pytest.mark.parametrize("dimension", (3, 8, 15))
@pytest.mark.parametrize("zeros", (0, 10))
def test_the_three_error_bounds_hold(dimension, zeros):
    values = np.concatenate([np.zeros(zeros), np.geomspace(1e-3, 40.0, 40 - zeros)])
    operator, start = matrix(values), np.random.default_rng(1).normal(size=40)
    flow = KrylovFlow(lambda v: (operator @ v, v[:2]), start, max_krylov=40)
    for _ in range(dimension):
        flow._extend()
    np.testing.assert_allclose(flow.basis @ flow.basis.T, np.eye(dimension), atol=1e-13)
    states = flow.coefficients(TIMES) @ flow.basis
    for time, state in zip(TIMES, states, strict=True):
        error = state - exact(operator, start, time)
        for weights, found in (
            ((1, 0, 0), error),
            ((0, 1, 0), square_root(operator) @ error),
            ((0, 0, 1), operator @ error),
        ):
            assert np.linalg.norm(found) <= flow.error(time, weights) + 1e-12
        # and says something: the residual grows like t^K at first, so that t |ρ| is (K + 1) times its integral
        assert flow.error(time, (1, 0, 0)) < 5 * (dimension + 1) * max(np.linalg.norm(error), 1e-13)


def test_the_basis_grows_with_what_is_asked():
    operator, start = matrix(np.geomspace(1e-3, 300.0, 60)), np.random.default_rng(2).normal(size=60)
    flow = KrylovFlow(lambda v: (operator @ v, v[:2]), start, max_krylov=60)
    sizes = [
        flow.reach(time, (1.0, 0.0, 0.0), tolerance).dimension
        for time, tolerance in ((0.1, 1e-3), (0.1, 1e-8), (3.0, 1e-8), (0.1, 1e-3))
    ]
    assert sizes[0] < sizes[1] < sizes[2] == sizes[3]
    np.testing.assert_allclose(
        flow.coefficients(TIMES) @ flow.basis, [exact(operator, start, time) for time in TIMES], atol=1e-8
    )
    np.testing.assert_array_equal(flow.views, flow.basis[:, :2])


def test_an_invariant_subspace_ends_the_basis():
    operator = matrix(np.repeat([0.0, 1.0, 5.0], 7))
    start = np.random.default_rng(3).normal(size=21)
    flow = KrylovFlow(lambda v: (operator @ v, v[:2]), start, max_krylov=21).reach(3.0, (1.0, 1.0, 1.0), 1e-12)
    assert flow.dimension <= 8  # three directions, and at most what is left of the first block
    np.testing.assert_allclose((flow.coefficients(TIMES) @ flow.basis)[2], exact(operator, start, TIMES[2]), atol=1e-12)
    straight = KrylovFlow(lambda v: (2.0 * v, v), np.ones(4), max_krylov=4).reach(1e9, (1.0, 1.0, 1.0), 1e-13)
    assert straight.dimension == 1 and straight.error(1e12, (1.0, 1.0, 1.0)) == 0.0


def test_nothing_to_do():
    flow = KrylovFlow(lambda v: (v, v), np.zeros(5), max_krylov=3).reach(1.0, (1.0, 1.0, 1.0), 1e-12)
    assert flow.coefficients(TIMES).shape == (3, 0) and flow.basis.shape == (0, 5)


def test_too_small_a_basis_is_said():
    operator = matrix(np.linspace(1.0, 500.0, 80))
    flow = KrylovFlow(lambda v: (operator @ v, v[:2]), np.ones(80), max_krylov=9)
    with pytest.raises(AccuracyNotReached, match="basis of 9 vectors; expected at most 1e-10"):
        flow.reach(1.0, (1.0, 0.0, 0.0), 1e-10)


@pytest.mark.parametrize("penalty", (0.0, 0.3))
@pytest.mark.parametrize("tolerance", (1.0, 1e-2))
def test_the_tolerance_holds_at_points_far_from_the_training_set(penalty, tolerance):
    """√K(x, x) weighs the error at a point: a basis that is good enough near misses it by far."""
    rng = np.random.default_rng(3)
    network = init_network(6, 30, seed=rng, std=0.2, activation="softplus")
    x, y = rng.normal(size=(40, 30)), rng.normal(size=40)
    options = {"penalty": penalty, "knowledge": network.features(x) + 0.5}
    points, times = np.concatenate([x[:3], 5e3 * rng.normal(size=(5, 30))]), np.array([0.02, 0.5, 4.0])
    expected = KernelRegime(network, x, y, method="dense", **options).output(times, points)
    found = KernelRegime(network, x, y, method="krylov", tolerance=tolerance, **options)
    found.output(times)  # a basis that suffices on the training points
    assert np.abs(found.output(times, points) - expected).max() <= tolerance


@pytest.mark.parametrize("penalty", (0.0, 0.3))
def test_the_error_at_other_points_is_weighed_by_the_root_of_their_largest_kernel_value(penalty):
    rng = np.random.default_rng(4)
    network = init_network(5, 3, seed=rng, std=1.0, activation="tanh")
    x, points = rng.normal(size=(4, 3)), 2 * rng.normal(size=(6, 3))
    flow = LinearisedFlow(Problem(network, x, np.ones(4), penalty, network.features(x)))
    expected = np.sqrt(np.diag(tangent_kernel(network, points)).max())
    at_points = (expected, 0.0, 0.0) if penalty else (0.0, expected, 0.0)
    assert flow.error_weights(points) == pytest.approx(at_points, rel=1e-12)
    assert flow.error_weights() == ((1.0, 0.0, 0.0) if penalty else (0.0, 1.0, 0.0))  # of Δw
    a = network.coefficients @ network.coefficients
    on_training = (0.0, np.sqrt(a / (a + penalty)), 0.0) if penalty else (0.0, 0.0, 1.0)
    assert flow.error_weights(flow.x) == pytest.approx(on_training, rel=1e-12)
