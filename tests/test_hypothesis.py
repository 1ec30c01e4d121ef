"""True and frozen flow in Gram coordinates against the general solvers, and the bounds of the lemmas over widths."""

import numpy as np
import pytest

from kdsrc.dynamics import KernelRegime, gradient_flow
from kdsrc.networks import init_network
from kdsrc.problem import largest_rate
from kdsrc.studies import hypothesis
from kdsrc.studies.hypothesis import QUANTITIES, sweep, trained_and_frozen
from kdsrc.theory.problems import problem


@pytest.mark.parametrize("name", ["smooth", "tall"])
def test_both_flows_agree_with_the_general_solvers(name):
    p = problem(name, seed=1)
    knowledge = p.network.features(p.x)
    pair = trained_and_frozen(p.network, p.x, p.y, 0.3, 3.0, safety=0.05)
    frozen = KernelRegime(p.network, p.x, p.y, penalty=0.3, knowledge=knowledge).output(pair.times)
    np.testing.assert_allclose(pair.frozen, frozen, atol=1e-8)
    flow = gradient_flow(p.network, p.x, p.y, pair.times[[0, -1]], penalty=0.3, knowledge=knowledge)
    np.testing.assert_allclose(pair.true[-1], flow.output()[-1], atol=1e-7)
    np.testing.assert_allclose(pair.end.weights[0], flow.weights[-1], atol=1e-7)


def test_over_the_kinks_of_relu_the_error_is_of_first_order():
    p = problem("relu", seed=1)
    flow = gradient_flow(p.network, p.x, p.y, [3.0], penalty=0.3, knowledge=p.network.features(p.x))
    errors = [
        np.abs(trained_and_frozen(p.network, p.x, p.y, 0.3, 3.0, safety=safety).true[-1] - flow.output()[0]).max()
        for safety in (0.5, 0.05, 0.005)
    ]
    assert errors[1] < 0.25 * errors[0] and errors[2] < 0.25 * errors[1] and errors[2] < 1e-4


def test_steps_of_the_sweep_are_short_enough():
    p = problem("smooth", seed=2)
    coarse, fine = (trained_and_frozen(p.network, p.x, p.y, 0.3, 10.0, safety=safety) for safety in (2.0, 0.1))
    gap = np.linalg.norm(fine.true[-1] - fine.frozen[-1])
    assert np.abs(coarse.true[-1] - fine.true[-1]).max() < 0.01 * gap


def test_erf_is_stable_at_the_largest_safety():
    """σ' of erf reaches 2/√π, and with small weights it is there: steps for |σ'| ≤ 1 would be a quarter too long."""
    p = problem("smooth", seed=1)
    network = init_network(4, 9, seed=5, std=1e-3, activation="erf")
    pair = trained_and_frozen(network, p.x, p.y, 0.3, 60.0, safety=2.5)
    flow = gradient_flow(network, p.x, p.y, [60.0], penalty=0.3, knowledge=network.features(p.x))
    assert network.slopes(p.x).min() > 1.128
    np.testing.assert_allclose(pair.true[-1], flow.output()[0], atol=1e-4)  # of fourth order in the step


def test_absurd_arguments_are_refused_with_the_number_of_steps():
    for penalty, horizon, number in ((1e12, 1.0, r"1e\+12"), (0.3, 1e15, r"1.3e\+15"), (1e308, 1e308, "inf")):
        with pytest.raises(ValueError, match=f"trained_and_frozen: penalty=.* would take {number} steps.*smaller λ"):
            trained_and_frozen(init_network(2, 3, seed=0), np.eye(3), np.ones(3), penalty, horizon)


def test_as_many_steps_as_are_allowed_are_taken(monkeypatch):
    network, x, y = init_network(2, 3, seed=0), np.eye(3), np.ones(3)
    horizon = 8 * 2.5 / largest_rate(network, 0.3)  # in eight steps, the largest eigenvalue of x xᵀ being one
    needed = horizon * largest_rate(network, 0.3) / 2.5
    monkeypatch.setattr(hypothesis, "_MOST_STEPS", needed)
    assert len(trained_and_frozen(network, x, y, 0.3, horizon, safety=2.5).times) >= 8
    monkeypatch.setattr(hypothesis, "_MOST_STEPS", np.nextafter(needed, 0.0))
    with pytest.raises(ValueError, match="would take 8 steps"):
        trained_and_frozen(network, x, y, 0.3, horizon, safety=2.5)


def test_bounds_hold_at_every_width_and_everything_shrinks():
    p = problem("smooth", seed=3)
    found = sweep(p.x, p.y, (16, 256), (0, 1, 2), activation="tanh")
    assert set(found) == set(QUANTITIES) and found["move"].shape == (3, 2)
    for name in ("move", "kernel", "operator"):
        assert (found[name] <= found[f"{name}_bound"]).all()
        assert found[name][:, 1].mean() < found[name][:, 0].mean()


def test_no_bound_where_the_slope_is_not_lipschitz():
    p = problem("relu", seed=4)
    found = sweep(p.x, p.y, (8,), (0,), activation="relu")
    assert np.isinf(found["move_bound"]).all() and np.isinf(found["kernel_bound"]).all()


@pytest.mark.parametrize("change", [{"penalty": 0.0}, {"horizon": np.inf}, {"safety": 3.0}])
def test_refusals(change):
    arguments = {"penalty": 0.3, "horizon": 1.0, "safety": 1.0} | change
    with pytest.raises(ValueError, match="trained_and_frozen: penalty="):
        trained_and_frozen(init_network(2, 3, seed=0), np.eye(3), np.ones(3), **arguments)
