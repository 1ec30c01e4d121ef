"""Eq. (1) and Eq. (16): networks against sums written out, derivatives against differences, starts against moments."""

import numpy as np
import pytest

from kdsrc.activations import ACTIVATIONS, activation
from kdsrc.networks import TwoLayerNetwork, init_network

NAMES = tuple(ACTIVATIONS)
POINTS = np.linspace(-3.0, 3.0, 120)  # an even number: zero, ReLU's kink, is not among them


@pytest.fixture
def network():
    return init_network(5, 3, seed=0, std=1.0, activation="tanh")


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_the_slope_of_the_function(name):
    sigma, step = activation(name), 1e-4
    # five points: the error is step⁴/30 times a fifth derivative of at most about 60, plus rounding eps/step
    slope = (
        8 * (sigma.function(POINTS + step) - sigma.function(POINTS - step))
        - (sigma.function(POINTS + 2 * step) - sigma.function(POINTS - 2 * step))
    ) / (12 * step)
    np.testing.assert_allclose(sigma.derivative(POINTS), slope, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "relu"])
def test_lipschitz_constant_is_the_largest_slope_of_both(name):
    sigma, grid = activation(name), np.linspace(-8.0, 8.0, 160_001)
    slopes = [np.abs(np.diff(f(grid)) / np.diff(grid)).max() for f in (sigma.function, sigma.derivative)]
    assert max(slopes) <= sigma.lipschitz * (1 + 1e-9)  # rounding of differences over 1e-4
    assert max(slopes) > 0.999 * sigma.lipschitz


@pytest.mark.parametrize("name", NAMES)
def test_steepest_is_the_largest_slope(name):
    sigma = ACTIVATIONS[name]
    slopes = np.abs(sigma.derivative(np.linspace(-30, 30, 60_001)))
    assert slopes.max() == pytest.approx(sigma.steepest, rel=1e-10)


def test_relu_at_its_kink_and_its_missing_lipschitz_constant():
    relu = activation("relu")
    assert relu.derivative(np.zeros(1)) == 0.0
    assert np.isinf(relu.lipschitz)


def test_large_arguments_do_not_overflow():
    z = np.array([-1e4, 1e4])
    np.testing.assert_array_equal(activation("softplus").function(z), [0.0, 1e4])
    for name in NAMES:
        assert np.isfinite(activation(name).function(z)).all() and np.isfinite(activation(name).derivative(z)).all()


def test_unknown_activation_lists_what_there_is():
    with pytest.raises(ValueError, match="swish.*relu, tanh, softplus, erf"):
        activation("swish")


@pytest.mark.parametrize("name", NAMES)
def test_output_is_the_sum_of_equation_1(name):
    network = init_network(4, 3, seed=1, std=1.0, activation=name)
    x = np.random.default_rng(2).standard_normal((6, 3))
    sigma = activation(name).function
    expected = [sum(network.output_weights[k] * sigma(network.weights[k] @ row) for k in range(4)) / 2.0 for row in x]
    np.testing.assert_allclose(network.output(x), expected, rtol=0, atol=1e-12)
    features = [[sigma(w @ row) for w in network.weights] for row in x]
    np.testing.assert_allclose(network.features(x), features, rtol=0, atol=1e-12)
    slopes = activation(name).derivative(x @ network.weights.T)
    np.testing.assert_allclose(network.slopes(x), slopes, rtol=0, atol=1e-12)


def test_output_is_linear_in_the_output_weights(network):
    x = np.eye(3)
    doubled = TwoLayerNetwork(network.weights, 2 * network.output_weights, "tanh")
    np.testing.assert_allclose(doubled.output(x), 2 * network.output(x), atol=1e-12)


def test_repeating_every_unit_twice_scales_the_output_by_root_two(network):
    x = np.random.default_rng(3).standard_normal((4, 3))
    twice = network.select(np.repeat(np.arange(5), 2))
    np.testing.assert_allclose(twice.output(x), np.sqrt(2) * network.output(x), atol=1e-12)


def test_select_takes_units_in_the_order_given_with_the_smaller_width(network):
    chosen = network.select([3, 1])
    np.testing.assert_array_equal(chosen.weights, network.weights[[3, 1]])
    np.testing.assert_array_equal(chosen.output_weights, network.output_weights[[3, 1]])
    np.testing.assert_array_equal(chosen.coefficients, network.output_weights[[3, 1]] / np.sqrt(2))
    assert chosen.activation == "tanh"


@pytest.mark.parametrize("indices", [[], [5], [-1], [0.5], [[0, 1]], [True, False, True, False, True]])
def test_select_refuses_what_is_not_a_list_of_units(network, indices):
    with pytest.raises(ValueError, match="TwoLayerNetwork.select"):
        network.select(indices)


def test_a_network_is_a_value(network):
    weights = np.ones((2, 3))
    copied = TwoLayerNetwork(weights, [1.0, -1.0])
    weights[:] = 0.0
    assert (copied.weights == 1.0).all()
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0, 0] = 1.0


@pytest.mark.parametrize(
    ("weights", "output_weights", "message"),
    [
        (np.ones((2, 3)), np.ones(3), r"output_weights \(3,\); expected \(2,\) .*a row of weights"),
        (np.ones(3), np.ones(3), r"weights \(3,\); expected \(m, d\)"),
        (np.ones((0, 3)), np.ones(0), "at least one entry"),
        (np.full((2, 3), np.nan), np.ones(2), "non-finite"),
        (np.ones((2, 3)), np.array([1.0, np.inf]), "non-finite"),
    ],
)
def test_bad_arrays_are_refused(weights, output_weights, message):
    with pytest.raises(ValueError, match=message):
        TwoLayerNetwork(weights, output_weights)


def test_bad_samples_are_refused_with_both_shapes(network):
    with pytest.raises(ValueError, match=r"\(2, 4\); expected \(n, 3\)"):
        network.output(np.ones((2, 4)))


def test_start_has_the_moments_of_equation_16():
    width, dim, std = 400, 250, 1e-2
    network = init_network(width, dim, seed=4, std=std)
    z = network.weights.ravel() / std
    count = z.size
    assert abs(z.mean()) < 5 / np.sqrt(count)
    assert abs(z.var() - 1) < 5 * np.sqrt(2 / count)
    assert abs((z**4).mean() - 3) < 5 * np.sqrt(96 / count)  # var of z⁴ is 105 − 9
    assert set(network.output_weights) == {-1.0, 1.0}
    assert abs(network.output_weights.mean()) < 5 / np.sqrt(width)


def test_start_is_a_function_of_its_seed_alone():
    first, same, other = (init_network(3, 4, seed=seed) for seed in (7, np.random.SeedSequence(7), 8))
    np.testing.assert_array_equal(first.weights, same.weights)
    np.testing.assert_array_equal(first.output_weights, same.output_weights)
    assert not np.array_equal(first.weights, other.weights)
    np.testing.assert_allclose(init_network(3, 4, seed=7, std=0.5).weights, 50 * first.weights, rtol=1e-14)
    np.random.standard_normal()  # the global stream plays no part
    np.testing.assert_array_equal(init_network(3, 4, seed=7).weights, first.weights)


@pytest.mark.parametrize(("width", "dim", "std"), [(0, 3, 1.0), (3, 0, 1.0), (3, 3, -1.0), (3, 3, np.nan)])
def test_bad_starts_are_refused(width, dim, std):
    with pytest.raises(ValueError, match="init_network"):
        init_network(width, dim, seed=0, std=std)
