"""Every public function of the numerical modules refuses what it cannot compute with, by name.

All public functions, classes and methods are found by inspection, so that a new one without a row here fails. A row
holds valid arguments. From the kind of each argument follows what is wrong for it: NaN, infinity, no samples, one
sample fewer, another axis, λ < 0, no knowledge, no seed, an unknown word. One argument at a time is spoiled, and the
call must raise a ValueError that names the function and the argument. What is wrong in general but right for one
function is listed as `legal`, and must then work.
"""

import importlib
import inspect
import pkgutil
import re
import zlib
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pytest

import kdsrc
from kdsrc import checks
from kdsrc.data import Dataset
from kdsrc.dynamics import KernelRegime, gradient_flow
from kdsrc.embeddings import AlignedNystroem
from kdsrc.kernels import unit_grams
from kdsrc.networks import init_network
from kdsrc.problem import Problem
from kdsrc.studies import hypothesis
from kdsrc.theory import draws, misprints, proof_misprints
from kdsrc.theory.assumptions import check_assumptions
from kdsrc.theory.generalisation import limit_map, plain_map
from kdsrc.theory.theorem3 import expansion
from kdsrc.training import Arm
from kdsrc.training.long_steps import Scheme

# Modules that compute nothing from users' arrays: words, files, figures, the runs of studies; and the inside of
# training and of the kernel regime, whose arguments Arm, train and KernelRegime have checked.
NOT_NUMERICAL = {
    "checks",
    "claims",
    "cli",
    "dynamics.krylov",
    "dynamics.linearised",
    "files",
    "records",
    "report",
    "studies",
    "theory.errata",
    "theory.errata.erratum",
    "theory.oracle",
    "threads",
    "tidy",
    "titles",
    "training.descent",
    "training.history",
}
EXEMPT = {
    "theory.assumptions.Check": "made by check_assumptions",
    "theory.assumptions.Report": "made by check_assumptions",
    "dynamics.regime.ProblemTooLarge": "an exception",
    "theory.theorem3.Expansion": "made by expansion",
    "dynamics.flow.Flow": "made by gradient_flow",
    "dynamics.flow.runge_kutta_step": "inner loop; its callers check",
    "embeddings.gaussian.as_gammas": "the check itself",
    "theory.generalisation.LabelMap": "made by limit_map and plain_map",
    "theory.generalisation.LabelMap.filter": "left to its subclasses",
    "theory.generalisation.LimitMap": "made by limit_map",
    "theory.generalisation.PlainMap": "made by plain_map",
    "embeddings.gaussian.expanded_distances": "inner loop; its callers check",
    "activations.Activation": "a table of ours",
    "problem.Problem.force": "inner loop; its callers check",
    "theory.misprints.curve_with": "makes a measure of a seed",
    "theory.misprints.limit_of": "makes a measure of a seed",
    "theory.problems.off": "inner part of measures",
    "theory.problems.parts": "names the parts of a problem",
    "statistics.Estimate": "made by mean_interval",
    "studies.hypothesis.Pair": "made by trained_and_frozen",
    "training.euler.check": "the check itself",
    "training.euler.recorded_iterations": "inner part of train",
    "training.euler.step_operations": "inner part of train",
}

N, D, M = 6, 9, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, D))
X /= np.linalg.norm(X, axis=1, keepdims=True)
X2 = RNG.normal(size=(3, D))
Y = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
Y_TEST = np.array([1.0, -1.0, 1.0])
UNEQUAL = np.array([0.4, -0.7, 0.5, -0.3])  # no unit counts as much as another
NETWORK = replace(init_network(M, D, seed=1, std=1.0, activation="tanh"), output_weights=UNEQUAL)
RELU = replace(init_network(M, D, seed=1, std=1.0), output_weights=UNEQUAL)
RISING = np.array([0.5, 0.7, 1.1, 2.0])
BLOCKS = np.cos(np.arange(1.0, M * N + 1.0)).reshape(M, N)
PHI = NETWORK.features(X) + 0.1
GRAM = X @ X.T
TIMES = np.array([0.0, 0.5, 2.0])
DATA = Dataset(X, Y, X2, Y_TEST, "planted")
ARM = Arm("arm", NETWORK, 0.3, PHI)
PROBLEM = dict(network=NETWORK, x=X, y=Y, penalty=0.3, knowledge=PHI)
INSIDE = PROBLEM | {"penalty": 20.0, "knowledge": 0.5 * PHI}  # f_∞^(k) stays within the range of tanh
REGIME = KernelRegime(NETWORK, X, Y)
ENDS = limit_map(NETWORK, X, X2)
TWIN = dict(network=NETWORK, x=X, y=Y, times=TIMES, penalty=0.3)
ALONE = {"shorter"}  # one array decides its length by itself
SAMPLES = {"features": ALONE}  # Theorem 2 takes any number of them
TEACHER = dict(features=PHI, output_weights=np.array([1.0, -0.8, 1.2, 0.5]), width=2)
NO_ENDS = {"penalty": (0.0, np.inf)}
LATER = {"x_test": ALONE, "x": ALONE, "times": {"shorter", "empty", "infinite"}}
FREE = {"shorter", "narrower"}  # and the number of columns too


@dataclass(frozen=True)
class Row:
    """Valid arguments; `legal` spoilings by argument; values that are `wrong` besides; the object of a method."""

    arguments: dict
    legal: dict[str, set[str]] | None = None
    wrong: dict[str, tuple] | None = None
    of: object = None


def problem(legal=(), **more):
    return Row(PROBLEM | more, {"penalty": set(legal)})


ROWS = {
    "embeddings.alignment.center_kernel": Row({"kernel": GRAM}, {"kernel": {"deeper"}}),
    "embeddings.alignment.centered_targets": Row({"y": Y, "n": N}),
    "embeddings.alignment.alignment_terms": Row({"kernels": np.stack([GRAM, GRAM**2]), "y": Y}, {"kernels": ALONE}),
    "embeddings.alignment.solve_alignf": Row({"gram": np.diag([2.0, 1.0]), "aligned": np.array([1.0, 0.5])}),
    "embeddings.alignment.alignf": Row({"kernels": np.stack([GRAM, GRAM**2]), "y": Y}, {"kernels": ALONE}),
    "theory.assumptions.Report.holds": Row({"assumption": 3}, of=check_assumptions(*PROBLEM.values())),
    "theory.assumptions.check_assumptions": Row(PROBLEM | {"gap": 1e-10, "constant": 2.0}, wrong=NO_ENDS),
    "theory.bands.first_order": Row({"network": NETWORK, "x": X}, {"x": ALONE}),
    "theory.bands.pole_bands": Row({"network": NETWORK, "x": X, "penalty": 0.3}, {"x": ALONE}),
    "training.long_steps.Scheme": Row({"stages": 4, "damping": 1.0}),
    "training.long_steps.Scheme.polynomial": Row({"z": TIMES}, {"z": {"shorter", "deeper", "flat"}}, of=Scheme(4)),
    "training.long_steps.integrate_long_steps": Row(
        {
            "arms": [ARM],
            "data": DATA,
            "learning_rate": 1e-3,
            "iterations": 4,
            "record_every": 2,
            "stages": 3,
            "damping": 1.0,
            "dtype": "float64",
        },
        {"iterations": {"zero"}},
    ),
    "training.long_steps.curvature_bound": Row({"arms": [ARM], "x": X}, {"x": ALONE}),
    "theory.convergence.arrival": Row(INSIDE, wrong=NO_ENDS),
    "theory.convergence.curvature_bound": Row(PROBLEM, wrong=NO_ENDS),
    "theory.convergence.flow_metric": Row(
        {"network": NETWORK, "x": X, "blocks": BLOCKS, "penalty": 0.3}, wrong=NO_ENDS
    ),
    "theory.convergence.kept_slope": Row(INSIDE, wrong=NO_ENDS),
    "data.Dataset": Row(
        {"x_train": X, "y_train": Y, "x_test": X2, "y_test": Y_TEST} | {"name": "data"}, {"name": {"unknown"}}
    ),
    "data.load": Row({"name": "digits", "n_train": 5, "n_test": 5}, wrong={"classes": ((1, 1), (1, 11))}),
    "distillation.scale": Row({"width": 2, "teacher_width": 4}, wrong={"width": (5,)}),
    "distillation.scaled": Row({"network": NETWORK, "q": 0.5}, {"q": {"negative"}}, {"q": (0.0,)}),
    "distillation.choose_units": Row({"teacher_width": 4, "width": 2, "seed": 0}, wrong={"width": (5,)}),
    "distillation.random_start": Row({"student": NETWORK, "seed": 0, "std": 0.1}),
    "distillation.distilled_units": Row(
        {"knowledge": PHI, "coefficients": RISING, "y": Y, "penalty": 0.3},
        {"penalty": {"infinite"}},
        {"penalty": (0.0,)},
    ),
    "distillation.intermediate_start": Row(
        {"teacher": NETWORK, "width": 3, "student_width": 2, "seed": 0}, wrong={"student_width": (4,)}
    ),
    "distillation.two_stage": Row(
        {"features": PHI, "output_weights": RISING, "y": Y, "widths": (3, 2), "penalty": 0.3, "seed": 0},
        {"penalty": {"infinite"}},
        {"penalty": (0.0,), "widths": ((2, 3), (5, 2), (2,), (2.5, 1), 2)},
    ),
    "dynamics.regime.KernelRegime": Row(
        PROBLEM | {"method": "dense", "tolerance": 1e-8, "max_krylov": 9}, {"penalty": {"infinite"}}
    ),
    "dynamics.regime.KernelRegime.output": Row({"times": TIMES, "x_test": X2}, LATER, {"times": ([-1.0],)}, of=REGIME),
    "dynamics.regime.KernelRegime.weights": Row({"times": TIMES}, LATER, {"times": ([-1.0],)}, of=REGIME),
    "dynamics.regime.KernelRegime.unit_outputs": Row(
        {"times": TIMES, "x_test": X2}, LATER, {"times": ([-1.0],)}, of=REGIME
    ),
    "embeddings.nystroem.AlignedNystroem": Row({}),  # scikit-learn wants constructors that check nothing; fit does
    "embeddings.nystroem.AlignedNystroem.fit": Row(
        {"X": X, "y": Y}, {"X": {"narrower"}}, of=AlignedNystroem(n_components=3)
    ),
    "embeddings.nystroem.AlignedNystroem.transform": Row(
        {"X": X2}, {"X": ALONE}, of=AlignedNystroem(n_components=3, random_state=0).fit(X, Y)
    ),
    "embeddings.nystroem.alignf_gaussian": Row(
        {"x": X, "y": Y, "gammas": np.array([0.5, 1.0]), "block": 4},
        {"gammas": ALONE, "x": {"narrower"}},
        {"gammas": ([-1.0],)},
    ),
    "embeddings.nystroem.gaussian_alignment_terms": Row(
        {"x": X, "y": Y, "gammas": np.array([0.5, 1.0]), "block": 4},
        {"gammas": ALONE, "x": {"narrower"}},
        {"gammas": ([-1.0],)},
    ),
    "theory.theorem3.Expansion.output": Row({"times": TIMES}, {"times": ALONE}, of=expansion(*PROBLEM.values())),
    "theory.theorem3.coupling": Row(
        {"network": NETWORK, "penalty": 0.3, "power": 0.5}, {"power": {"negative"}}, NO_ENDS
    ),
    "theory.theorem3.expansion": Row(PROBLEM | {"misprints": ("sign",)}, wrong=NO_ENDS | {"misprints": (("typo",),)}),
    "theory.theorem3.flow_operator": Row({"network": NETWORK, "x": X, "penalty": 0.3}, {"x": ALONE}, NO_ENDS),
    "theory.theorem3.laplace_deviation": Row(PROBLEM | {"s": 0.5}, {"s": {"negative"}}, NO_ENDS),
    "theory.theorem3.lemma5_eigenvectors": Row(
        {"network": NETWORK, "x": X, "penalty": 0.3, "pole": 0.1, "v": Y}, wrong=NO_ENDS | {"pole": (0.0,)}
    ),
    "theory.theorem3.pole_vectors": Row({"network": NETWORK, "x": X, "penalty": 0.3}, {"x": ALONE}, NO_ENDS),
    "theory.theorem3.start_deviations": Row(PROBLEM, wrong=NO_ENDS),
    "theory.theorem3.symmetric_operator": Row({"network": NETWORK, "x": X, "penalty": 0.3}, {"x": ALONE}, NO_ENDS),
    "theory.theorem3.transfer": Row(
        {"network": NETWORK, "x": X, "penalty": 0.3, "s": 0.5}, {"x": ALONE, "s": {"negative"}}
    ),
    "dynamics.flow.Flow.unit_outputs": Row({"x": X2}, LATER, of=gradient_flow(NETWORK, X, Y, TIMES)),
    "dynamics.flow.Flow.output": Row({"x": X2}, LATER, of=gradient_flow(NETWORK, X, Y, TIMES)),
    "dynamics.flow.gradient_flow": Row(
        PROBLEM | {"times": TIMES, "rtol": 1e-6, "atol": 1e-8},
        {"penalty": {"infinite"}, "times": {"shorter", "empty"}},
        {"times": ([-1.0], [2.0, 1.0]), "rtol": (0.0,), "atol": (0.0,)},
    ),
    "dynamics.flow.l1_distance": Row({"times": TIMES, "one": BLOCKS[:3, :2], "other": BLOCKS[:3, 2:4]}),
    "embeddings.gaussian.default_gammas": Row({"x": X}, {"x": FREE}),
    "embeddings.gaussian.gaussian_kernels": Row(
        {"x1": X, "x2": X2, "gammas": np.array([0.5, 1.0])},
        dict.fromkeys(("x1", "x2", "gammas"), ALONE),
        {"gammas": ([-1.0],)},
    ),
    "embeddings.gaussian.squared_distances": Row({"x1": X, "x2": X2}, dict.fromkeys(("x1", "x2"), ALONE)),
    "theory.generalisation.LabelMap.output": Row({"y": Y, "setting": 0.3}, {"setting": {"infinite"}}, of=ENDS),
    "theory.generalisation.LabelMap.test_error": Row(
        {"y": Y, "y_test": Y_TEST, "setting": 0.3, "flip": 0.1},
        {"setting": {"infinite"}},
        {"flip": (1.5,), "y": (2 * Y,)},
        of=ENDS,
    ),
    "theory.generalisation.LimitMap.filter": Row(
        {"setting": 0.3}, {"setting": {"infinite"}}, {"setting": (None,)}, of=ENDS
    ),
    "theory.generalisation.LimitMap.movement": Row({"y": Y, "penalty": 0.3}, {"penalty": {"infinite"}}, of=ENDS),
    "theory.generalisation.PlainMap.filter": Row(
        {"setting": 0.3}, {"setting": {"infinite"}}, {"setting": (None,)}, of=plain_map(NETWORK, X, X2)
    ),
    "theory.best_share.best_share": Row(
        {"imitation": Y, "labelled": 2 * Y, "y_test": Y[::-1]}, wrong={"labelled": (Y,)}
    ),
    "theory.generalisation.limit_map": Row(
        {"network": NETWORK, "x": X, "x_test": X2, "knowledge": PHI}, {"x_test": ALONE, "knowledge": {"missing"}}
    ),
    "theory.generalisation.movement": Row({"regime": REGIME, "times": TIMES}, LATER, {"times": ([-1.0],)}),
    "theory.generalisation.plain_map": Row({"network": NETWORK, "x": X, "x_test": X2}, {"x": ALONE, "x_test": ALONE}),
    "theory.generalisation.prediction_error": Row(
        {"regime": REGIME, "times": TIMES, "x_test": X2, "y_test": Y_TEST},
        {"times": LATER["times"]},
        {"times": ([-1.0],)},
    ),
    "theory.best_share.share_penalty": Row({"share": 0.5, "weight": 1.0}, {"share": {"negative"}}, {"weight": (0.0,)}),
    "theory.twin.twin_bound": Row(TWIN, {"times": {"shorter", "empty"}}, {"times": ([-1.0], [2.0, 1.0])}),
    "theory.twin.twin_output": Row(TWIN | {"x_test": X2}, LATER | {"x": set()}, {"times": ([-1.0],)}),
    "theory.twin.twin_spread": Row(TWIN, {"times": LATER["times"]}, {"times": ([-1.0],)}),
    "kernels.infinite_width_kernel": Row(
        {"x1": X, "x2": X2, "activation": "erf", "std": 1.0},
        dict.fromkeys(("x1", "x2"), ALONE),
        {"activation": ("tanh",)},
    ),
    "kernels.tangent_kernel": Row({"network": NETWORK, "x1": X, "x2": X2}, dict.fromkeys(("x1", "x2"), ALONE)),
    "kernels.unit_grams": Row({"network": NETWORK, "x": X}, {"x": ALONE}),
    "theory.lemmas.flow_norm": Row(
        {"network": NETWORK, "penalty": 0.3, "blocks": BLOCKS}, {"blocks": {"deeper", "narrower"}}, NO_ENDS
    ),
    "theory.kernel_floor.gaussian_floor": Row({"x": X, "width": 4, "level": 0.1, "name": "tanh"}, {"x": ALONE}),
    "theory.kernel_floor.lasting_bounds": Row(
        {"network": NETWORK, "x": X, "penalty": 0.3, "start": BLOCKS}, wrong=NO_ENDS
    ),
    "theory.lemmas.lemma1_bound": Row({"rho": 0.5, "smallest_pole": 0.1, "start_norm": 1.0}, wrong={"rho": (1.0,)}),
    "theory.lemmas.lemma2_bound": Row({"total_weight": 1.0, "penalty": 0.3, "largest_change": 0.1}),
    "theory.lemmas.lemma3_bound": Row({"network": NETWORK, "x": X, "moves": RISING}, {"x": ALONE, "moves": {"deeper"}}),
    "theory.lemmas.lemma4_bound": Row(
        {"network": NETWORK, "x": X, "penalty": 0.3, "integral": 1.0, "unit_integrals": RISING},
        {"x": ALONE, "unit_integrals": {"deeper"}},
    ),
    "theory.lemmas.norm_ratio": Row({"network": NETWORK, "penalty": 0.3}, wrong=NO_ENDS),
    "theory.lemmas.operator_change": Row(
        {"network": NETWORK, "changes": unit_grams(NETWORK, X), "penalty": 0.3, "norm": "flow"}, wrong=NO_ENDS
    ),
    "theory.lemmas.printed_lemma2_bound": Row({"total_weight": 1.0, "penalty": 0.3, "largest_change": 0.1}),
    "theory.lemmas.printed_lemma3_bound": Row(
        {"network": NETWORK, "x": X, "moves": RISING}, {"x": ALONE, "moves": {"deeper"}}
    ),
    "theory.lemmas.printed_lemma4_bound": Row(
        {"network": NETWORK, "x": X, "unit_integrals": RISING}, {"x": ALONE, "unit_integrals": {"deeper"}}
    ),
    "theory.kernel_floor.smallest_pole_bound": Row({"network": NETWORK, "x": X, "penalty": 0.3}, {"x": ALONE}),
    "theory.lemmas.way_bound": Row(
        {"network": NETWORK, "x": X, "floor": 0.1, "integral": 1.0, "start_norms": RISING},
        {"x": ALONE, "start_norms": {"deeper"}},
    ),
    "theory.theorem1.final_error": Row({k: v for k, v in PROBLEM.items() if k != "x"}, {"penalty": {"infinite"}}),
    "dynamics.limits.general_limit": problem({"infinite"}),
    "dynamics.limits.limit_displacements": problem({"infinite"}),
    "dynamics.limits.mobility_and_aim": Row({"network": NETWORK, "x": X, "knowledge": PHI}),
    "theory.theorem1.printed_final_error": Row(
        {k: v for k, v in PROBLEM.items() if k != "x"}, {"penalty": {"infinite"}}
    ),
    "theory.theorem1.printed_limit": Row({k: v for k, v in PROBLEM.items() if k != "x"}, {"penalty": {"infinite"}}),
    "theory.theorem1.printed_unit_limits": Row({k: v for k, v in PROBLEM.items() if k != "x"}, wrong=NO_ENDS),
    "dynamics.limits.range_basis": Row({"slopes": BLOCKS[0], "x": X}, {"x": {"narrower"}}),
    "dynamics.limits.relu_limit": Row(PROBLEM | {"network": RELU}, wrong=NO_ENDS),
    "dynamics.limits.rows_independent": Row({"x": X}, {"x": FREE}),
    "dynamics.leading.leading_modes": problem({"infinite"}, top=2),
    "theory.finite_width.leading_term": Row(
        {"network": NETWORK, "x": X, "y": Y, "times": np.array([0.0, 0.5, 1.0]), "penalty": 0.3},
        {"times": ALONE},
        NO_ENDS,
    ),
    "networks.TwoLayerNetwork": Row(
        {"weights": NETWORK.weights, "output_weights": RISING, "activation": "relu"}, {"weights": {"narrower"}}
    ),
    "networks.TwoLayerNetwork.features": Row({"x": X}, {"x": ALONE}, of=NETWORK),
    "networks.TwoLayerNetwork.output": Row({"x": X}, {"x": ALONE}, of=NETWORK),
    "networks.TwoLayerNetwork.preactivations": Row({"x": X}, {"x": ALONE}, of=NETWORK),
    "networks.TwoLayerNetwork.select": Row(
        {"indices": [0, 2]}, wrong={"indices": ([], [M], [0, M], [-1, 0], [0.5], [[1]])}, of=NETWORK
    ),
    "networks.TwoLayerNetwork.slopes": Row({"x": X}, {"x": ALONE}, of=NETWORK),
    "activations.activation": Row({"name": "relu"}),
    "networks.init_network": Row({"width": 3, "dim": 5, "seed": 0, "std": 0.1, "activation": "erf"}),
    "problem.Problem": problem({"infinite"}),
    "problem.term_shares": Row({"total_weight": 1.0, "penalty": 0.3}, {"penalty": {"infinite"}}),
    "problem.term_weights": Row({"penalty": 0.3}, {"penalty": {"infinite"}}),
    "problem.largest_rate": Row({"network": NETWORK, "penalty": 0.3}, {"penalty": {"infinite"}}),
    "theory.theorem2.draw_errors": Row(TEACHER | {"draws": 3, "seed": 0}, SAMPLES),
    "theory.theorem2.draw_output": Row(TEACHER | {"seed": 0, "draw": "with"}, SAMPLES),
    "theory.theorem2.labels": Row(TEACHER, SAMPLES),
    "theory.theorem2.mean_error": Row(TEACHER | {"draw": "with"}, SAMPLES),
    "theory.theorem2.printed_bound": Row(
        TEACHER | {"penalty": 0.3, "constant": 2.0}, SAMPLES | {"penalty": {"infinite"}}
    ),
    "theory.theorem2.printed_bracket": Row(TEACHER, SAMPLES),
    "theory.theorem2.printed_two_stage_ratio": Row({"alpha": 0.5, "beta": 0.5}),
    "theory.theorem2.repaired_bound": Row(
        TEACHER | {"penalty": 0.3, "level": 0.1, "total_weight": 1.0}, SAMPLES | {"penalty": {"infinite"}}
    ),
    "theory.theorem2.repaired_mean": Row(
        TEACHER | {"penalty": 0.3, "draw": "with", "total_weight": 1.0}, SAMPLES | {"penalty": {"infinite"}}
    ),
    "theory.theorem2.shrinkage": Row({"total_weight": 1.0, "penalty": 0.3}, {"penalty": {"infinite"}}),
    "theory.theorem2.two_stage_ratio": Row({"alpha": 0.5, "beta": 0.5, "penalty": 0.3}, {"penalty": {"infinite"}}),
    "theory.draws.enumerated": Row(
        {"features": PHI, "weights": NETWORK.output_weights, "width": 2}, {"features": {"shorter"}}
    ),
    "theory.draws.enumerated_two_stages": Row({"seed": 3, "penalty": 0.3}),
    "theory.draws.small_teacher": Row({"seed": 3, "total": 5}),
    "theory.problems.problem": Row(
        {"name": "smooth", "seed": 0, "penalty": 0.3, "width": 5}, {"penalty": {"infinite"}}
    ),
    "spectra.average": Row(
        {"products": BLOCKS[:, :5] ** 2, "top": 4, "skip": 1},
        {"skip": {"zero"}, "products": {"shorter", "narrower", "deeper"}},
        {"skip": (4,)},
    ),
    "spectra.overlap": Row(
        {"features": PHI, "kernel": GRAM, "top": 3, "skip": 1}, {"skip": {"zero"}, "features": {"narrower"}}
    ),
    "spectra.projections": Row(
        {"features": PHI, "vectors": np.eye(N)[:, :3]}, dict.fromkeys(("features", "vectors"), {"narrower"})
    ),
    "spectra.top_eigenvectors": Row({"x": X, "top": 3, "activation": "erf", "std": 1.0}, {"x": FREE}),
    "spectra.top_of": Row({"kernel": GRAM, "top": 3}),
    "statistics.image_interval": Row(
        {"residuals": RNG.normal(size=(2, 5)), "against": RNG.normal(size=(2, 5)), "draws": 50, "seed": 0, "level": 0.9}
    ),
    "statistics.log_ratio": Row({"values": RISING[:3], "against": RISING[1:], "level": 0.9}),
    "statistics.mean_interval": Row({"values": RISING[:3], "level": 0.9}, {"values": ALONE}),
    "statistics.p_value": Row({"values": np.arange(3.0)}, {"values": ALONE}),
    "studies.hypothesis.trained_and_frozen": Row(
        {k: v for k, v in PROBLEM.items() if k != "knowledge"} | {"horizon": 1.0, "safety": 1.0},
        wrong=NO_ENDS | {"safety": (3.0,)},
    ),
    "studies.hypothesis.measure": Row({"pair": hypothesis.trained_and_frozen(NETWORK, X, Y, 0.3, 1.0), "y": Y}),
    "studies.hypothesis.sweep": Row(
        {
            "x": X,
            "y": Y,
            "widths": (2, 3),
            "seeds": (0,),
            "activation": "tanh",
            "penalty": 0.3,
            "std": 1.0,
            "horizon": 1.0,
            "safety": 1.0,
        },
        {"x": {"narrower"}},
        NO_ENDS | {"widths": ((),), "seeds": ((),)},
    ),
    "training.euler.Arm": Row(
        {"name": "arm", "network": NETWORK, "penalty": 0.3, "knowledge": PHI},
        {"name": {"unknown"}, "penalty": {"infinite"}, "knowledge": ALONE},
    ),
    "training.euler.largest_step": Row({"arms": [ARM], "data": DATA}),
    "training.euler.train": Row(
        {
            "arms": [ARM],
            "data": DATA,
            "learning_rate": 1e-3,
            "iterations": 4,
            "record_every": 2,
            "device": "cpu",
            "dtype": "float64",
            "route": "gram",
        },
        {"iterations": {"zero"}},
        {"checkpoints": ((5,), (-1,)), "device": ("meta", "cuda"), "record_every": ([-1, 2], [2, 5], [[1]])},
    ),
}
ROWS |= {
    f"theory.{module.__name__.rpartition('.')[2]}.{name}": Row({"seed": 3})
    for module in (misprints, proof_misprints, draws)
    for name, found in vars(module).items()
    if inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_")
    if list(inspect.signature(found).parameters) == ["seed"]
}


def public():
    """Name -> function, class or method with parameters, for all numerical modules of the engine."""
    found = {}
    for module in pkgutil.walk_packages(kdsrc.__path__, "kdsrc."):
        name = module.name.removeprefix("kdsrc.")
        if {name, name.split(".")[0]} & NOT_NUMERICAL and name != "studies.hypothesis":
            continue
        for key, value in vars(importlib.import_module(module.name)).items():
            if key.startswith("_") or not callable(value) or getattr(value, "__module__", "") != module.name:
                continue
            found[f"{name}.{key}"] = value
            if inspect.isclass(value):
                found |= {
                    f"{name}.{key}.{method}": call
                    for method, call in vars(value).items()
                    if not method.startswith("_")
                    and inspect.isfunction(call)
                    and len(inspect.signature(call).parameters) > 1
                }
    return found


PUBLIC = public()
HEADS = {name.split(".")[-1] for name in PUBLIC}


@cache
def spoilings(name):
    """(argument, what is wrong, value) of one row, in the order of its arguments."""
    row, found = ROWS[name], []
    rng = np.random.default_rng(zlib.crc32(name.encode()))  # where the NaN goes
    for argument, value in row.arguments.items():
        for what, bad in spoiled(argument, value, row.arguments, rng):
            found.append((argument, what, bad))
        found += [(argument, f"wrong {bad!r}", bad) for bad in (row.wrong or {}).get(argument, ())]
    return [
        *found,
        *(
            (argument, f"wrong {bad!r}", bad)
            for argument, values in (row.wrong or {}).items()
            if argument not in row.arguments
            for bad in values
        ),
    ]


def spoiled(argument, value, arguments, rng):
    """What is wrong for an argument of this name with this valid value, beside others: (word, value)."""
    if argument == "knowledge":
        yield "missing", None
    if argument == "seed":
        yield from (("missing", None), ("negative", -1), ("no seed", "seven"))
    elif isinstance(value, Dataset):
        yield from (("missing", None), ("no such thing", "nonsense"))
    elif argument == "arms":
        yield from (("empty", []), ("no such thing", ["nonsense"]))
        yield "of other inputs", [Arm("arm", init_network(M, D - 1, seed=1, activation="tanh"))]
        if "data" in arguments:
            yield "of other samples", [Arm("arm", NETWORK, 0.3, PHI[:-1])]
    elif isinstance(value, np.ndarray):
        for what, bad in (("nan", np.nan), ("infinite", np.inf)):
            copy = value.copy()
            copy.flat[rng.integers(copy.size)] = bad
            yield what, copy
        yield from (("empty", value[:0]), ("shorter", value[:-1]), ("deeper", value[None]), ("flat", np.float64(1.0)))
        if value.ndim == 2:
            yield "narrower", value[:, :-1]
    elif isinstance(value, str):
        yield "unknown", "nonsense"
    elif isinstance(value, int):
        yield from (("zero", 0), ("negative", -1), ("no count", 2.5))
    elif isinstance(value, float):
        yield from (("nan", np.nan), ("negative", -value), ("infinite", np.inf))


def call(key, /, **changed):
    row = ROWS[key]
    arguments = row.arguments | changed
    if "progress" in inspect.signature(PUBLIC[key]).parameters:
        arguments["progress"] = False
    return PUBLIC[key](*([] if row.of is None else [row.of]), **arguments)


CASES = [
    pytest.param(
        name, argument, what, bad, what in (ROWS[name].legal or {}).get(argument, ()), id=f"{name}-{argument}-{what}"
    )
    for name in ROWS
    if name in PUBLIC
    for argument, what, bad in spoilings(name)
]


def test_every_public_function_has_a_row():
    assert PUBLIC.keys() - EXEMPT.keys() == ROWS.keys()
    assert EXEMPT.keys() <= PUBLIC.keys()


@pytest.mark.parametrize("name", ROWS)
def test_valid_arguments_work(name):
    call(name)


@pytest.mark.parametrize(("name", "argument", "what", "bad", "legal"), CASES)
def test_wrong_arguments_are_refused_by_name(name, argument, what, bad, legal):
    if legal:
        call(name, **{argument: bad})
        return
    if "AlignedNystroem" in name or what == "no count":  # in scikit-learn's or Python's own words, when they refuse
        with pytest.raises((ValueError, TypeError)):
            call(name, **{argument: bad})
        return
    with pytest.raises(ValueError) as refused:
        call(name, **{argument: bad})
    message, own = str(refused.value), name.split(".")[1:]
    head = re.match(r"(?:\w+\.)*(\w+)(?: '[^']*')?:", message)
    # the function that was called, its class, or the function that it handed the argument to
    assert any(re.search(rf"\b{word}\b", message) for word in own) or (head and head[1] in HEADS), message
    # where two arguments do not fit each other, either may be to blame
    blamed = ROWS[name].arguments if what in ("shorter", "narrower") or argument == "n" else [argument]
    if what.startswith("of other"):  # the arm that does not fit, or the samples
        blamed = ["arm", "x"]
    assert any(re.search(rf"\b{word}\b", message) for word in blamed), message


@pytest.mark.parametrize("network", (None, "nonsense"))
def test_what_is_no_network_is_refused_where_a_problem_is_made(network):
    given = {**PROBLEM, "network": network}
    for make in (Problem, KernelRegime, partial(gradient_flow, times=TIMES)):
        with pytest.raises(ValueError, match=rf"network of type {type(network).__name__}; expected a TwoLayerNetwork"):
            make(**given)


# The checks themselves


def test_arrays_are_read_by_the_letters_of_their_shape():
    square = checks.array("f", "x", [[1, 2], [3, 4]], ("n", "n"))
    assert square.dtype == np.float64 and checks.array("f", "x", square, ("n", 2)) is square  # no copy
    for shape in ((5, 3, 2), (3, 2), (2,)):
        assert checks.array("f", "x", np.ones(shape), (..., 2)).shape == shape
    assert checks.array("f", "x", 3, (...,)).shape == ()


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        (np.ones((2, 3)), ("n", "n"), r"f: x \(2, 3\); expected \(n, n\)"),
        (np.ones((2, 3)), (..., 2), r"\(\.\.\., 2\)"),
        (np.ones(2), (..., 2, "n"), "f: x"),
        (np.ones((0, 3)), ("n", 3), "at least one entry"),
        (None, ("n",), "x is missing"),
        ([1j], ("n",), "x of type list cannot be read"),
        (["one"], ("n",), "x of type list cannot be read"),
        ([[1.0], [1.0, 2.0]], ("n", "m"), "x of type list cannot be read"),
        ([1.0, None], ("n",), "non-finite"),
    ],
)
def test_arrays_that_are_none_are_refused(value, shape, message):
    with pytest.raises(ValueError, match=message):
        checks.array("f", "x", value, shape)


def test_penalties_reach_from_zero_to_infinity_unless_told():
    assert checks.penalty("f", 0) == 0.0 and checks.penalty("f", np.inf) == np.inf
    for value, options, words in (
        (0.0, {"zero": False}, "λ > 0"),
        (np.inf, {"infinite": False}, "0 ≤ λ < ∞"),
        (np.nan, {}, "λ ≥ 0"),
        ("much", {}, "λ ≥ 0"),
        (None, {}, "λ ≥ 0"),
    ):
        with pytest.raises(ValueError, match=f"f: penalty={value}; expected {words}"):
            checks.penalty("f", value, **options)


def test_a_seed_gives_numpys_generator():
    for seed in (3, np.int64(3), (3, 1), np.random.SeedSequence(3)):
        assert checks.generator("f", seed).random() == np.random.default_rng(seed).random()
    rng = np.random.default_rng(3)
    assert checks.generator("f", rng) is rng
