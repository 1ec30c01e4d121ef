"""Residuals of Figures 1 to 3's networks on each test image, so that an interval over test images can be drawn (§4).

Seeds draw weights and units; the test images are always the same. `kdsrc.statistics.image_interval` draws them again,
and needs the residuals y − f of every image, which no curve keeps. The conditions are those of the figures: where their
networks are in the store nothing is trained.

Measures: ``residuals_<arm>`` (seeds, images), at the last iteration, in thousandths: whole numbers, which are short.
"""

import numpy as np

from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.names import EARLY_STOP, early
from kdsrc.studies.residuals import in_thousandths
from kdsrc.studies.settings import Settings

__all__ = ["arms", "measure"]

_FIGURE1 = ("teacher", "student_alone", "student_taught", "taught_no_penalty", "random_penalty", "alone_long")
ARMS = {
    **{arm: figure1.ARMS[arm] for arm in _FIGURE1},
    "taught_penalty_inf": figure2.ARMS["taught_penalty_inf"],
    early(EARLY_STOP): figure3.ARMS[early(EARLY_STOP)],
}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`; the early teacher's student where the settings stop a teacher there."""
    known = figure3.arms(settings) | figure2.arms(settings) | figure1.arms(settings)
    return {name: known[name] for name in ARMS if name in known}


def measure(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """The residuals of every arm on the test images."""
    found = {}
    for name, one in arms.items():
        data = bench.dataset(one)
        left = data.y_test - bench.network(one).output(data.x_test)
        found[f"residuals_{name}"] = in_thousandths(left)
    return found
