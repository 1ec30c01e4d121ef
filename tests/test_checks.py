"""What is refused: one wrong argument at a time, in every function that takes a problem, samples, or a kernel."""

import re

import numpy as np
import pytest

from kdsrc import alignment, checks, embeddings, expansion, flow, gaussian, kernels, krylov, limits, spectra
from kdsrc.dynamics import KernelRegime
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.slips import problem

P = problem("smooth", 0)
RELU = problem("relu", 0)
WHOLE = dict(network=P.network, x=P.x, y=P.y, penalty=0.3, knowledge=P.knowledge)
OUTPUT = {key: value for key, value in WHOLE.items() if key != "x"}  # without x
FROZEN = dict(network=P.network, x=P.x, penalty=0.3)

CALLS = {  # name in messages: a call that works
    "Problem": (Problem, WHOLE),
    "KernelRegime": (KernelRegime, WHOLE),
    "general_limit": (limits.general_limit, WHOLE),
    "limit_displacements": (limits.limit_displacements, WHOLE),
    "relu_limit": (limits.relu_limit, WHOLE | dict(network=RELU.network)),
    "printed_limit": (limits.printed_limit, OUTPUT),
    "printed_unit_limits": (limits.printed_unit_limits, OUTPUT),
    "final_error": (limits.final_error, OUTPUT),
    "printed_final_error": (limits.printed_final_error, OUTPUT),
    "gradient_flow": (flow.gradient_flow, WHOLE | dict(times=[0.0, 0.1])),
    "start_deviations": (expansion.start_deviations, WHOLE),
    "expansion": (expansion.expansion, WHOLE),
    "laplace_deviation": (expansion.laplace_deviation, WHOLE | dict(s=0.7)),
    "flow_operator": (expansion.flow_operator, FROZEN),
    "symmetric_operator": (expansion.symmetric_operator, FROZEN),
    "transfer": (expansion.transfer, FROZEN | dict(s=0.7)),
    "pole_vectors": (expansion.pole_vectors, FROZEN),
    "lemma5_eigenvectors": (expansion.lemma5_eigenvectors, FROZEN | dict(pole=0.5, v=P.y)),
    "coupling": (expansion.coupling, dict(network=P.network, penalty=0.3)),
    "unit_grams": (kernels.unit_grams, dict(network=P.network, x=P.x)),
    "tangent_kernel": (kernels.tangent_kernel, dict(network=P.network, x1=P.x, x2=P.x)),
    "infinite_width_kernel": (kernels.infinite_width_kernel, dict(x1=P.x, x2=P.x)),
    "squared_distances": (gaussian.squared_distances, dict(x1=P.x, x2=P.x)),
    "gaussian_kernels": (gaussian.gaussian_kernels, dict(x1=P.x, x2=P.x, gammas=[1.0])),
    "default_gammas": (gaussian.default_gammas, dict(x=P.x)),
    "gaussian_alignment_terms": (embeddings.gaussian_alignment_terms, dict(x=P.x, y=P.y, gammas=[1.0])),
    "alignf_gaussian": (embeddings.alignf_gaussian, dict(x=P.x, y=P.y, gammas=[1.0])),
    "center_kernel": (alignment.center_kernel, dict(kernel=np.eye(4))),
    "alignment_terms": (alignment.alignment_terms, dict(kernels=np.eye(6)[None], y=P.y)),
    "alignf": (alignment.alignf, dict(kernels=np.eye(6)[None], y=P.y)),
    "solve_alignf": (alignment.solve_alignf, dict(gram=np.eye(2), aligned=np.ones(2))),
    "overlap": (lambda **given: spectra.overlap(**given, top=2),
                dict(features=P.knowledge, kernel=np.diag([5.0, 4.0, 3.0, 2.0, 1.0, 0.5]))),
    "projections": (spectra.projections, dict(features=P.knowledge, vectors=np.eye(6)[:, :2])),
    "average": (spectra.average, dict(products=np.ones((4, 3)), top=2)),
    "top_eigenvectors": (spectra.top_eigenvectors, dict(x=P.x, top=2)),
    "top_of": (spectra.top_of, dict(kernel=np.diag([5.0, 4.0, 3.0, 2.0, 1.0, 0.5]), top=2)),
    "range_basis": (limits.range_basis, dict(slopes=np.ones(6), x=P.x)),
    "rows_independent": (limits.rows_independent, dict(x=P.x)),
    "l1_distance": (flow.l1_distance, dict(times=[0.0, 1.0], one=np.ones((2, 3)), other=np.zeros((2, 3)))),
    "psi": (krylov.psi, dict(times=np.ones(2), rates=np.ones(2))),
    "KrylovFlow": (krylov.KrylovFlow, dict(product=lambda v: (v, v), start=np.ones(3), max_krylov=2)),
}
# where another axis is welcome: leading ones, targets as columns
MORE_AXES = {("center_kernel", "kernel"), ("l1_distance", "one"), ("average", "products"),
             *((name, "y") for name in ("gaussian_alignment_terms", "alignf_gaussian", "alignment_terms", "alignf"))}


def refused(function, given, name, value):
    with pytest.raises(ValueError) as error:
        function(**given | {name: value})
    assert re.match(r"\w+(\.\w+)?: ", str(error.value)), error.value  # the function is named
    assert re.search(rf"\b{name}\b", str(error.value)), error.value  # and the argument


@pytest.mark.parametrize("name", CALLS)
def test_every_wrong_array_is_refused_by_name(name):
    function, given = CALLS[name]
    function(**given)
    for argument, value in given.items():
        if not isinstance(value, list | np.ndarray):
            continue
        value = np.asarray(value, dtype=float)
        nan, infinite = value.copy(), value.copy()
        nan.flat[-1], infinite.flat[0] = np.nan, np.inf
        worse = ["text"]
        if (name, argument) != ("psi", "times"):  # ∞ is a time
            worse.append(infinite)
        if name != "psi" and argument != "times" or name == "l1_distance":  # no times are no work
            worse.append(value[:0])
        if (name, argument) not in MORE_AXES:
            worse.append(value[..., None])
        if argument != "x2":
            worse.append(None)
        for bad in (nan, *worse):
            refused(function, given, argument, bad)


@pytest.mark.parametrize("name", [name for name, (_, given) in CALLS.items() if "penalty" in given])
def test_every_wrong_penalty_is_refused_by_name(name):
    function, given = CALLS[name]
    for bad in (-1.0, -1e-300, np.nan, -np.inf, "much", None):
        refused(function, given, "penalty", bad)
    if "knowledge" in given:
        refused(function, given, "knowledge", None)


@pytest.mark.parametrize("name", ("relu_limit", "printed_unit_limits", "expansion", "flow_operator", "coupling",
                                  "start_deviations", "laplace_deviation", "pole_vectors", "lemma5_eigenvectors"))
@pytest.mark.parametrize("end", (0.0, np.inf))
def test_penalties_beyond_a_formula_are_refused(name, end):
    function, given = CALLS[name]
    refused(function, given, "penalty", end)


@pytest.mark.parametrize("bad", (np.full((2, 9), np.nan), np.zeros((0, 9)), np.zeros((2, 8)), np.zeros(9), "text"))
def test_wrong_test_points_are_refused(bad):
    regime = KernelRegime(**WHOLE)
    for method in (regime.output, regime.unit_outputs):
        with pytest.raises(ValueError, match="KernelRegime.*x_test"):
            method([1.0], bad)
    with pytest.raises(ValueError, match="Flow.unit_outputs: x"):
        flow.gradient_flow(**WHOLE, times=[0.0]).output(bad)


def test_the_weights_of_the_two_terms():
    for penalty, weights in ((0.0, (1.0, 0.0)), (0.3, (1.0, 0.3)), (np.inf, (0.0, 1.0))):
        p = Problem(P.network, P.x, P.y, penalty, P.knowledge)
        assert (p.label_weight, p.knowledge_weight) == weights
        features, c = P.network.features(P.x), P.network.coefficients
        expected = [[weights[0] * c[k] * (P.y[i] - features[i] @ c) + weights[1] * (P.knowledge[i, k] - features[i, k])
                     for k in range(len(c))] for i in range(len(P.y))]
        np.testing.assert_allclose(p.force(features), expected, atol=1e-14)
    assert Problem(P.network, P.x.tolist(), P.y.tolist()).knowledge is None


def test_a_flow_that_leaves_the_numbers_stops():
    network = TwoLayerNetwork([[1e3]], [1e3], "softplus")
    with pytest.raises(RuntimeError, match="gradient_flow: the velocity at t = .* is not finite"), \
            np.errstate(all="ignore"):
        flow.gradient_flow(network, [[1e150]], [1e300], [0.0, 1.0])


def test_messages_name_what_was_expected():
    with pytest.raises(ValueError, match=r"f: x \(2, 3\); expected \(n, 4\) with at least one entry"):
        checks.array("f", "x", np.ones((2, 3)), ("n", 4))
    with pytest.raises(ValueError, match=r"f: y is missing; expected numbers of shape \(n,\)"):
        checks.array("f", "y", None, ("n",))
    with pytest.raises(ValueError, match="f: penalty=inf; expected 0 ≤ λ < ∞: so"):
        checks.penalty("f", np.inf, infinite=False, why=": so")
    assert checks.array("f", "k", np.ones((2, 3, 3)), (..., "n", "n")).shape == (2, 3, 3)
