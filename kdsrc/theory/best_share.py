"""The share of the way from the teacher's answer to the labels' that predicts best, and the λ that gives it (Eq. 5)."""

import numpy as np

from kdsrc import checks
from kdsrc.typing import TestLabels

__all__ = ["best_share", "share_penalty"]


def best_share(imitation: TestLabels, labelled: TestLabels, y_test: TestLabels) -> float:
    """s* = ⟨y_test − T, D⟩/‖D‖² with D = labelled − T: the s that minimises ‖y_test − T − sD‖, all (n_test,).

    Where every H_k is invertible f(·, ∞) = T + a/(a+λ) D with D the prediction at λ → 0⁺ less T; the best λ is then
    a(1/s* − 1) if 0 < s* < 1, λ → 0⁺ if s* ≥ 1 and λ = ∞ if s* ≤ 0 (see `share_penalty`).

    Raises
    ------
    ValueError
        For D = 0 also: then no λ is better than another.

    Examples
    --------
    >>> best_share(np.zeros(2), np.ones(2), np.full(2, 0.5))
    0.5
    """
    imitation = checks.array("best_share", "imitation", imitation, ("n_test",))
    labelled = checks.array("best_share", "labelled", labelled, imitation.shape)
    y_test = checks.array("best_share", "y_test", y_test, imitation.shape)
    change = labelled - imitation
    if not change.any():
        raise ValueError(
            "best_share: labelled equals imitation; expected predictions that differ: here every share is as good"
        )
    return float((y_test - imitation) @ change / (change @ change))


def share_penalty(share: float, weight: float) -> float:
    """λ = a(1/s − 1) with a/(a+λ) = s; 0 (for λ → 0⁺) when s ≥ 1, ∞ when s ≤ 0; weight is a > 0.

    Examples
    --------
    >>> share_penalty(0.5, 1.0), share_penalty(0.0, 1.0)
    (1.0, inf)
    """
    checks.number("share_penalty", "share", share)
    checks.number("share_penalty", "weight", weight, above=0.0)
    if share <= 0:
        return np.inf
    return max(weight * (1.0 / share - 1.0), 0.0)
