"""Tangent kernels against Jacobians of autograd, H^∞ against quadrature and against wide random networks."""

import numpy as np
import pytest
import torch

from kdsrc import kernels
from kdsrc.activations import ACTIVATIONS
from kdsrc.kernels import infinite_width_kernel, tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network

NAMES = tuple(ACTIVATIONS)
SIGMA = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "softplus": torch.nn.functional.softplus,
    "erf": torch.erf,
    "leaky tanh": lambda z: 0.1 * z + 0.9 * torch.tanh(z),
}
SLOPE = {"relu": lambda z: 1.0 * (z > 0), "erf": lambda z: 2 / np.sqrt(np.pi) * np.exp(-z * z)}


def points(n, d, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def jacobians(network, x):
    """∂f(x_i)/∂w_k by autograd, (n, m, d)."""
    x, a = torch.tensor(x), torch.tensor(network.output_weights)

    def f(w):
        return SIGMA[network.activation](x @ w.T) @ a / np.sqrt(network.width)

    return torch.autograd.functional.jacobian(f, torch.tensor(network.weights)).numpy()


@pytest.mark.parametrize("name", NAMES)
def test_tangent_kernel_is_the_gram_matrix_of_the_jacobian(name):
    network = init_network(6, 4, seed=1, std=1.0, activation=name)
    x1, x2 = points(5, 4), points(3, 4, seed=2)
    j1, j2 = (jacobians(network, x).reshape(len(x), -1) for x in (x1, x2))
    np.testing.assert_allclose(tangent_kernel(network, x1, x2), j1 @ j2.T, rtol=0, atol=1e-12)
    np.testing.assert_allclose(tangent_kernel(network, x1), j1 @ j1.T, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_unit_grams_are_the_gram_matrices_of_single_units(name):
    network = init_network(6, 4, seed=1, std=1.0, activation=name)
    x = points(5, 4)
    columns = jacobians(network, x) / network.coefficients[:, None]  # (n, m, d): without c_k
    np.testing.assert_allclose(unit_grams(network, x), np.einsum("ikd,jkd->kij", columns, columns), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_tangent_kernel_is_the_weighted_sum_of_the_units(name):
    signs = np.array([0.5, -2.0, 1.0])
    network = TwoLayerNetwork(np.random.default_rng(3).standard_normal((3, 4)), signs, name)
    x = points(7, 4)
    np.testing.assert_allclose(
        tangent_kernel(network, x), np.tensordot(signs**2 / 3, unit_grams(network, x), 1), rtol=0, atol=1e-12
    )


def test_relu_units_see_only_the_samples_on_their_side():
    network = TwoLayerNetwork([[1.0, 0.0]], [1.0])
    x = np.array([[0.6, 0.8], [-0.6, 0.8], [1.0, 0.0]])
    np.testing.assert_allclose(unit_grams(network, x)[0], [[1, 0, 0.6], [0, 0, 0], [0.6, 0, 1]], atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_grams_are_symmetric_and_positive_semidefinite(name):
    network, x = init_network(4, 3, seed=0, std=1.0, activation=name), points(8, 3)
    for kernel in (*unit_grams(network, x), tangent_kernel(network, x)):
        np.testing.assert_allclose(kernel, kernel.T, rtol=0, atol=1e-15)
        assert np.linalg.eigvalsh(kernel).min() > -1e-12


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_infinite_width_kernel_is_symmetric_positive_semidefinite_and_consistent(name):
    x = points(12, 4)
    kernel = infinite_width_kernel(x, activation=name, std=0.7)
    np.testing.assert_allclose(kernel, kernel.T, rtol=0, atol=1e-15)
    assert np.linalg.eigvalsh(kernel).min() > -1e-12
    np.testing.assert_allclose(
        infinite_width_kernel(x[:5], x[3:], activation=name, std=0.7), kernel[:5, 3:], rtol=0, atol=1e-12
    )


def legendre(low, high, count):
    """Nodes and weights of Gauss's rule between two limits."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2


def expectation(name, x1, x2, std):
    """E σ′(w·x1) σ′(w·x2) x1·x2 for planar points, by quadrature over the angle and radius of w."""
    # ReLU's integrand jumps where w is perpendicular to a point: integrate between the jumps
    jumps = [(np.arctan2(x[1], x[0]) + turn) % (2 * np.pi) for x in (x1, x2) for turn in (-np.pi / 2, np.pi / 2)]
    edges = np.unique([0.0, 2 * np.pi, *jumps])
    radius, radius_weights = legendre(0.0, 10.0, 120)  # beyond ten standard deviations there is e⁻⁵⁰
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        angle, angle_weights = legendre(low, high, 120)
        w = std * radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (radii, angles, 2)
        values = SLOPE[name](w @ x1) * SLOPE[name](w @ x2)
        total += (radius_weights * radius * np.exp(-(radius**2) / 2)) @ values @ angle_weights / (2 * np.pi)
    return x1 @ x2 * total


@pytest.mark.parametrize(("name", "std"), [("relu", 1e-2), ("erf", 0.3), ("erf", 2.0)])
@pytest.mark.parametrize(("angle", "norm"), [(0.4, 1.0), (2.5, 1.7)])
def test_closed_forms_against_quadrature(name, std, angle, norm):
    x1, x2 = np.array([1.0, 0.0]), norm * np.array([np.cos(angle), np.sin(angle)])
    found = infinite_width_kernel(x1[None], x2[None], activation=name, std=std)[0, 0]
    assert abs(found - expectation(name, x1, x2, std)) < 1e-10


@pytest.mark.parametrize(("name", "std"), [("relu", 1e-2), ("erf", 0.5)])
def test_wide_networks_come_to_it_at_the_rate_of_their_width(name, std):
    x = points(10, 5)
    limit = infinite_width_kernel(x, activation=name, std=std)
    scaled_errors = []
    for width in (1_000, 64_000):
        network = init_network(width, 5, seed=width, std=std, activation=name)
        # every entry is a mean of `width` independent terms: its standard error comes from their variance
        slopes = network.slopes(x)  # (n, width)
        second = (slopes**2) @ (slopes**2).T / width * (x @ x.T) ** 2
        error = np.sqrt(np.maximum(second - limit**2, 0.0) / width)
        deviation = tangent_kernel(network, x) - limit
        assert (np.abs(deviation) <= 5 * error + 1e-12).all()
        scaled_errors.append(np.sqrt(width) * np.sqrt((deviation**2).mean()))
    assert 0.2 < scaled_errors[1] / scaled_errors[0] < 5  # eightfold, were the error not falling as 1/√m


def test_relu_special_angles_and_scales():
    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [np.sqrt(0.5), np.sqrt(0.5)]])
    kernel = infinite_width_kernel(x)
    assert kernel[0, 0] == 0.5  # every direction of w on one side of a point: half
    np.testing.assert_allclose(kernel[0, 1:], [0.0, 0.0, np.sqrt(0.5) * 3 / 8], atol=1e-15)
    np.testing.assert_array_equal(infinite_width_kernel(x, std=5.0), kernel)
    np.testing.assert_allclose(infinite_width_kernel(2 * x, 3 * x), 6 * kernel, atol=1e-14)


def test_equal_points_have_angle_zero_whatever_the_rounding():
    x = points(200, 30)
    np.testing.assert_allclose(np.diag(infinite_width_kernel(x)), 0.5, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_a_zero_row_has_a_zero_kernel(name):
    x = np.array([[0.0, 0.0], [1.0, 0.0]])
    kernel = infinite_width_kernel(x, activation=name)
    assert kernel[0, 0] == kernel[0, 1] == kernel[1, 0] == 0.0 < kernel[1, 1]


def test_erf_with_tiny_weights_is_linear():
    x = points(4, 3)
    np.testing.assert_allclose(infinite_width_kernel(x, activation="erf", std=1e-8), 4 / np.pi * x @ x.T, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "tanh"}, "tanh.*tangent_kernel of a wide"),
        ({"std": 0.0}, "std=0.0.*above 0"),
        ({"x2": np.ones((2, 4))}, r"x2 \(2, 4\).*\(n2, 2\).*x1 \(3, 2\)"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        infinite_width_kernel(points(3, 2), **arguments)


def test_a_number_is_split_into_two_of_half_its_bits():
    values = np.random.default_rng(0).normal(size=1_000)
    halves = kernels._halves(values)
    assert (halves[0] + halves[1] == values).all()
    for half in halves:
        shifted = np.ldexp(np.frexp(half)[0], 26)
        assert (shifted == np.round(shifted)).all()
