"""The leading term of the distance between the true and the frozen flow."""

import numpy as np
import pytest

from kdsrc.activations import ACTIVATIONS
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.studies.hypothesis import trained_and_frozen
from kdsrc.theory.finite_width import leading_term
from kdsrc.theory.problems import problem

X = problem("smooth", seed=0).x
SIGNS = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])

BENT = [name for name, row in ACTIVATIONS.items() if row.bend]


@pytest.mark.parametrize("name", BENT)
def test_second_derivatives_are_those_of_the_activations(name):
    z, h = np.linspace(-3.0, 3.0, 31), 1e-5
    one = TwoLayerNetwork(np.ones((1, 1)), np.ones(1), name)
    slopes = [one.slopes((z + step)[:, None])[:, 0] for step in (h, -h)]
    np.testing.assert_allclose(ACTIVATIONS[name].bend(z), (slopes[0] - slopes[1]) / (2 * h), atol=1e-9)


@pytest.mark.parametrize("name", BENT)
def test_what_is_left_beyond_the_leading_term_falls_like_one_over_the_width(name):
    """All a_k = 1 and y = φ̄ ± 1. With copies of four units, c_k^p summed over m units goes like m^{1 − p/2}."""
    left, whole = [], []
    for copies in (16, 256):
        weights = np.tile(init_network(4, 9, seed=1, std=1.0).weights + 0.5, (copies, 1))
        net = TwoLayerNetwork(weights, np.ones(4 * copies), name)
        y = net.output(X) + SIGNS
        pair = trained_and_frozen(net, X, y, 0.3, 3.0, safety=0.2)
        gap = pair.true - pair.frozen
        whole.append(np.abs(gap).max())
        left.append(np.abs(gap - leading_term(net, X, y, pair.times, 0.3)).max())
    assert whole[1] / whole[0] == pytest.approx(1 / 4, rel=0.15)  # 1/√m
    assert left[1] / left[0] == pytest.approx(1 / 16, rel=0.15)  # 1/m


@pytest.mark.parametrize("name", BENT)
def test_pairs_of_opposite_weight_cancel(name):
    weights, times = init_network(8, 9, seed=2, std=1.0).weights, np.linspace(0.0, 3.0, 31)
    net = TwoLayerNetwork(np.vstack([weights, weights]), np.repeat([1.0, -1.0], 8), name)
    assert np.abs(leading_term(net, X, net.output(X) + SIGNS, times, 0.3)).max() < 1e-12
    alone = TwoLayerNetwork(weights, np.ones(8), name)
    assert np.abs(leading_term(alone, X, alone.output(X) + SIGNS, times, 0.3)).max() > 1e-3


def test_what_is_not_expected_is_refused():
    net, y, times = init_network(2, 9, seed=0, activation="tanh"), np.ones(6), np.linspace(0.0, 1.0, 5)
    with pytest.raises(ValueError, match="leading_term: activation 'relu' has no σ″ here; expected one of tanh"):
        leading_term(init_network(2, 9, seed=0), X, y, times, 0.3)
    with pytest.raises(ValueError, match="leading_term: .*penalty"):
        leading_term(net, X, y, times, 0.0)
    for wrong in (times[1:], np.array([0.0, 1.0, 3.0]), times[:1], np.array([0.0, -1.0]), np.zeros(2)):
        with pytest.raises(ValueError, match="leading_term: times are not equally spaced from 0"):
            leading_term(net, X, y, wrong, 0.3)
