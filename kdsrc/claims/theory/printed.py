"""Criteria for a formula as it is printed, beside its repair; and what printed limits need to be right."""

from kdsrc.claims.computed import Identity
from kdsrc.claims.live import printed, repaired
from kdsrc.theory import misprints
from kdsrc.theory.problems import Measurement

INVERTIBLE = (
    "when every H_k is invertible (smooth σ, n ≤ d); P-Assumption 2 implies this, and the paper's own uses violate it"
)
LIMITS = {name: misprints.limit_of(name) for name in ("smooth", "tall", "relu")}


def misprinted(quantity: str, measure: Measurement, repair: str, tolerance: float = 1e-12) -> Identity:
    """A misprint in an equality, of which `measure` gives the error as printed and as repaired."""
    return Identity(
        quantity, printed(measure), tolerance, repair=repair, repaired=repaired(measure), repaired_tolerance=tolerance
    )


def misprinted_bound(quantity: str, measure: Measurement, repair: str) -> Identity:
    """A misprint in an inequality, of which `measure` gives the left side over the right one."""
    return Identity(
        quantity, printed(measure), 1.0, exact=False, repair=repair, repaired=repaired(measure), repaired_tolerance=1.0
    )
