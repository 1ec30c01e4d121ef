"""Assumptions 1–4 (§2.4) as measurements on given data and a given network: what holds, and by how much it fails.

Small problems only: H_k and the symmetrised operator are formed. Distinctness is measured by relative gaps, since
equality of floating-point eigenvalues means equality to rounding.
"""

from dataclasses import dataclass

import numpy as np

from kdsrc import checks
from kdsrc.activations import activation
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.theory.theorem3 import symmetric_operator
from kdsrc.typing import Features, Labels, Points

__all__ = ["Check", "Report", "check_assumptions"]

_ZERO = 1e-12  # eigenvalues below it, relative to the largest, count as zero


@dataclass(frozen=True)
class Check:
    """One part of an assumption.

    Attributes
    ----------
    assumption : int
        1 to 4.
    part : str
        What is asked.
    holds : bool
    measured, wanted : float
        The quantity, and the value on whose side it must lie.
    meaning : str
        What `measured` is, and on which side of `wanted` it should be.

    Examples
    --------
    >>> check_assumptions(network, x, y, 0.5, knowledge).checks[0].assumption
    1
    """

    assumption: int
    part: str
    holds: bool
    measured: float
    wanted: float
    meaning: str


@dataclass(frozen=True)
class Report:
    """All checks of one network on one data set.

    Examples
    --------
    >>> check_assumptions(network, x, y, 0.5, knowledge).holds(3)
    True
    """

    checks: tuple[Check, ...]

    def holds(self, assumption: int) -> bool:
        """Whether every part of an assumption holds, 1 to 4."""
        checks.count("Report.holds", "assumption", assumption, most=4)
        return all(check.holds for check in self.checks if check.assumption == assumption)


def check_assumptions(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    penalty: float,
    knowledge: Features,
    *,
    gap: float = 1e-10,
    constant: float | None = None,
) -> Report:
    """Assumptions 1–4 for one network, data set and knowledge.

    Parameters
    ----------
    network : TwoLayerNetwork
        Where the kernels are frozen; m units.
    x, y : (n, d), (n,) arrays
    penalty : float
        0 < λ < ∞.
    knowledge : (n, m) array
        Φ.
    gap : float
        Two eigenvalues are distinct when they differ by more than this share of the larger one.
    constant : float, optional
        What O(·) means at one width: √m max_k‖φ^(k) − f^(k)(0)‖, ‖y − φ̄‖, max‖x_i‖ and max|a_k| must not exceed it;
        √n unless given, the length of a vector of labels ±1. A rate needs several widths: compare the reports.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are not finite, or a penalty that is not positive and finite.

    Examples
    --------
    >>> check_assumptions(network, x, y, 0.5, knowledge).holds(3)
    True
    """
    checks.penalty("check_assumptions", penalty, zero=False, infinite=False)
    problem = Problem(network, x, y, penalty, knowledge, "check_assumptions")
    checks.number("check_assumptions", "gap", gap, least=0.0)
    if constant is not None:
        checks.number("check_assumptions", "constant", constant, above=0.0)
    constant = np.sqrt(len(problem.y)) if constant is None else constant
    return Report((*_spectra(problem, gap), *_sizes(problem, constant)))


def _spectra(problem, gap):
    """Assumptions 1 and 2."""
    every = np.linalg.eigvalsh(unit_grams(problem.network, problem.x))  # (m, n)
    poles = np.linalg.eigvalsh(symmetric_operator(problem.network, problem.x, problem.penalty))
    values, positive = every[every > _ZERO * every.max()], poles[poles > _ZERO * poles[-1]]
    found, told = _smallest_gap(values), "smallest relative gap, to be above"
    yield Check(1, "non-zero eigenvalues of all H_k distinct", found > gap, found, gap, told)
    found, part = values.size / every.size, "every H_k invertible (not asked, but used by the proof)"
    yield Check(1, part, found == 1.0, found, 1.0, "share of eigenvalues that are not zero, to be one")
    found, wanted = positive.size, poles.size
    yield Check(2, "n·m strictly positive poles", found == wanted, found, wanted, "number of positive poles, to be n·m")
    found = _smallest_gap(positive)
    yield Check(2, "poles distinct", found > gap, found, gap, told)
    found, part = _nearest(positive, problem.penalty * values), "poles differ from λ × the eigenvalues of the H_k"
    yield Check(2, f"{part} (printed without λ)", found > gap, found, gap, "smallest relative distance, to be above")


def _sizes(problem, constant):
    """Assumptions 3 and 4."""
    network, x, knowledge = problem.network, problem.x, problem.knowledge
    lipschitz, told = activation(network.activation).lipschitz, "larger of the two Lipschitz constants, to be finite"
    yield Check(3, "σ and σ′ Lipschitz", bool(np.isfinite(lipschitz)), lipschitz, np.inf, told)
    distance = np.sqrt(network.width) * np.linalg.norm(knowledge - network.features(x), axis=0).max()
    miss = np.linalg.norm(problem.y - knowledge @ network.coefficients)
    for part, found, meaning in (
        (
            "knowledge near the start: ‖φ^(k) − f^(k)(0)‖ = O(1/√m)",
            distance,
            "√m × the largest distance, to be at most",
        ),
        ("knowledge near the labels: ‖y − φ̄‖ = O(1)", miss, "‖y − φ̄‖, to be at most"),
        ("‖x_i‖ bounded", np.linalg.norm(x, axis=1).max(), "the largest ‖x_i‖, to be at most"),
        ("a_k bounded", np.abs(network.output_weights).max(), "the largest |a_k|, to be at most"),
    ):
        yield Check(4, part, bool(found <= constant), float(found), float(constant), meaning)


def _smallest_gap(values):
    values = np.sort(values)
    return float((np.diff(values) / values[1:]).min(initial=1.0))


def _nearest(values, others):
    near = np.abs(np.subtract.outer(values, others)).min(axis=1)
    return float((near / values).min(initial=1.0))
