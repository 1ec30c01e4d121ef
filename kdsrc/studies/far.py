"""Figure 1's main arms on all images, far beyond the figures: two hundred thousand iterations, by long steps."""

from dataclasses import replace

from kdsrc.studies import figure1
from kdsrc.studies.conditions import LONG_STEPS, Condition
from kdsrc.studies.settings import Settings

__all__ = ["arms"]

ARMS = {
    arm: figure1.ARMS[arm]
    for arm in ("teacher", "student_alone", "student_taught", "taught_no_penalty", "random_penalty")
}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    known = figure1.arms(settings)
    return {name: replace(known[name], method=LONG_STEPS, iterations=settings.long) for name in ARMS}
