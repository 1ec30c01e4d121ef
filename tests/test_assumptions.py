"""Assumptions 1–4 on problems where the answer is known."""

import numpy as np
import pytest

from kdsrc.networks import TwoLayerNetwork
from kdsrc.theory.assumptions import check_assumptions
from kdsrc.theory.problems import problem


def report(p, **changes):
    arguments = dict(network=p.network, x=p.x, y=p.y, penalty=p.penalty, knowledge=p.knowledge, constant=5.0) | changes
    return check_assumptions(**arguments)


def failed(found):
    return {(check.assumption, check.part.split(" ")[0]) for check in found.checks if not check.holds}


def test_all_hold_on_a_generic_smooth_problem():
    found = report(problem("smooth", 0))
    assert found.checks[0].wanted == 1e-10  # the smallest gap, unless given
    assert failed(found) == set() and all(found.holds(k) for k in (1, 2, 3, 4))


def test_more_samples_than_inputs_leave_zero_poles():
    found = report(problem("tall", 0))
    assert failed(found) == {(1, "every"), (2, "n·m")} and not found.holds(2) and found.holds(3)
    share = next(check for check in found.checks if check.part.startswith("every"))
    assert share.measured == pytest.approx(5 / 9)
    poles = next(check for check in found.checks if check.part.startswith("n·m"))
    assert (poles.measured, poles.wanted) == (4 * 5, 4 * 9)


def test_relu_has_no_lipschitz_slope():
    found = report(problem("relu", 0))
    assert not found.holds(3)
    check = next(check for check in found.checks if check.assumption == 3)
    assert np.isinf(check.measured)
    assert report(problem("smooth", 0)).checks[-5].measured == 1.0  # tanh


def test_a_unit_twice_makes_equal_eigenvalues():
    p = problem("smooth", 0)
    twice = TwoLayerNetwork(p.network.weights[[0, 0, 1, 2]], p.network.output_weights, "tanh")
    found = report(p, network=twice, knowledge=twice.features(p.x))
    assert (1, "non-zero") in failed(found)
    assert (2, "poles") in failed(found)  # those of the difference of the two units are λ × eigenvalues of H_1
    gap = next(check for check in found.checks if check.assumption == 1)
    assert gap.measured < 1e-10 < report(p).checks[0].measured


def test_planted_gap_is_measured():
    """Orthogonal samples: H_k is diagonal with σ'(w·x)²‖x‖², and the gaps are known."""
    x = np.diag([1.0, 2.0])
    network = TwoLayerNetwork([[0.3, 0.0]], [1.0], "tanh")
    values = np.sort([(1 - np.tanh(0.3) ** 2) ** 2, 4.0])
    found = check_assumptions(network, x, np.ones(2), 0.5, network.features(x))
    assert found.checks[0].measured == pytest.approx((values[1] - values[0]) / values[1])
    nearest = next(check for check in found.checks if "differ" in check.part)
    poles, others = 1.5 * values, 0.5 * values  # (a + λ)·eig against λ·eig, a = 1
    assert nearest.measured == pytest.approx((np.abs(poles[:, None] - others) / poles[:, None]).min())


def test_one_eigenvalue_is_as_far_from_others_as_can_be():
    network = TwoLayerNetwork([[0.3, 0.0]], [1.0], "tanh")
    found = check_assumptions(network, [[1.0, 0.0]], [1.0], 0.5, [[0.2]])
    assert [check.measured for check in found.checks if "distinct" in check.part] == [1.0, 1.0]


def test_assumption_4_by_its_constants():
    p = problem("smooth", 1)
    apart = report(p, knowledge=p.network.features(p.x) + np.array([0.0, 0.0, 3.0, 0.0]))
    first = next(check for check in apart.checks if "start" in check.part)
    assert first.measured == pytest.approx(2.0 * 3.0 * np.sqrt(6)) and not first.holds
    miss = next(check for check in apart.checks if "labels" in check.part)
    own = p.network.output(p.x) + 3.0 * p.network.coefficients[2]
    assert miss.measured == pytest.approx(np.linalg.norm(p.y - own))
    assert report(p, knowledge=first.measured + p.knowledge, constant=1e6).holds(4)
    bounded = [check.measured for check in report(p).checks if "bounded" in check.part]
    assert bounded == pytest.approx([1.0, 1.0])  # unit rows, a_k = ±1
    assert first.wanted == 5.0 and report(p, constant=None).checks[-1].wanted == pytest.approx(np.sqrt(6))


def test_wrong_arguments_are_named():
    p = problem("smooth", 0)
    with pytest.raises(ValueError, match=r"knowledge \(6, 3\)"):
        report(p, knowledge=p.knowledge[:, :3])
    with pytest.raises(ValueError, match="0 < λ < ∞"):
        report(p, penalty=0.0)
