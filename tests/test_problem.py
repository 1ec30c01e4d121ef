"""`Problem`: the weights of the two terms of objective (2), their force, and where a flow stops."""

import numpy as np
import pytest

from kdsrc import checks
from kdsrc.dynamics import flow
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem, largest_rate
from kdsrc.theory.problems import problem
from kdsrc.theory.theorem3 import coupling

P = problem("smooth", 0)


def test_the_weights_of_the_two_terms():
    for penalty, weights in ((0.0, (1.0, 0.0)), (0.3, (1.0, 0.3)), (np.inf, (0.0, 1.0))):
        p = Problem(P.network, P.x, P.y, penalty, P.knowledge)
        assert p.weights == weights
        features, c = P.network.features(P.x), P.network.coefficients
        expected = [
            [
                weights[0] * c[k] * (P.y[i] - features[i] @ c) + weights[1] * (P.knowledge[i, k] - features[i, k])
                for k in range(len(c))
            ]
            for i in range(len(P.y))
        ]
        np.testing.assert_allclose(p.force(features), expected, atol=1e-14)
    assert Problem(P.network, P.x.tolist(), P.y.tolist()).knowledge is None


def test_a_flow_that_leaves_the_numbers_stops():
    network = TwoLayerNetwork([[1e3]], [1e3], "softplus")
    with (
        pytest.raises(RuntimeError, match="gradient_flow: the velocity at t = .* is not finite"),
        np.errstate(all="ignore"),
    ):
        flow.gradient_flow(network, [[1e150]], [1e300], [0.0, 1e-300])


@pytest.mark.parametrize("penalty", (0.0, 0.3, np.inf))
def test_the_largest_rate_is_reached_where_every_unit_is_active(penalty):
    network, x = TwoLayerNetwork(np.ones((3, 2)), [1.0, -1.0, 2.0]), np.array([[0.6, 0.8], [1.0, 0.5]])
    c, labels, knowledge = network.coefficients, float(np.isfinite(penalty)), min(penalty, 1.0)
    operator = np.kron(labels * np.outer(c, c) + knowledge * np.eye(3), x @ x.T)
    found = largest_rate(network, penalty) * np.linalg.norm(x, 2) ** 2
    assert found == pytest.approx(np.linalg.eigvalsh(operator)[-1], rel=1e-12)


def test_messages_name_what_was_expected():
    with pytest.raises(ValueError, match=r"f: x \(2, 3\); expected \(n, 4\) with at least one entry"):
        checks.array("f", "x", np.ones((2, 3)), ("n", 4))
    with pytest.raises(ValueError, match=r"f: y is missing; expected numbers of shape \(n,\)"):
        checks.array("f", "y", None, ("n",))
    with pytest.raises(ValueError, match="f: penalty=inf; expected 0 ≤ λ < ∞: so"):
        checks.penalty("f", np.inf, infinite=False, why=": so")
    assert checks.array("f", "k", np.ones((2, 3, 3)), (..., "n", "n")).shape == (2, 3, 3)


def test_the_largest_rate_grows_with_the_square_of_the_steepest_slope():
    network = TwoLayerNetwork(np.ones((2, 3)), np.array([1.0, -2.0]), "erf")
    a = np.sum(network.coefficients**2)
    assert largest_rate(network, 0.5) == pytest.approx((a + 0.5) * 4 / np.pi, rel=1e-12)  # erf′(0) = 2/√π


@pytest.mark.parametrize("power", (-0.5, 0.5, 1.0))
def test_powers_of_the_coupling_whatever_the_norm_of_the_output_weights(power):
    network, penalty = TwoLayerNetwork(np.ones((3, 2)), np.array([1.0, -2.0, 0.5]), "tanh"), 0.3
    values, vectors = np.linalg.eigh(np.outer(network.coefficients, network.coefficients) + penalty * np.eye(3))
    found = coupling(network, penalty, power)
    np.testing.assert_allclose(found, (vectors * values**power) @ vectors.T, rtol=0, atol=1e-12)


def test_a_time_that_is_refused_is_the_one_that_is_named():
    with pytest.raises(ValueError, match=r"times of shape \(3,\) with -2 among them"):
        checks.times("f", [0.5, -2.0, 3.0])
