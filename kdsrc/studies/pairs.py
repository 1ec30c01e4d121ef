"""How far does it carry? The headline claims (§4.1, §4.2) on all 45 pairs of scikit-learn's handwritten digits.

What was found on aeroplanes and cars may be a property of these two. Each pair is a data set of its own, with a teacher
of 100 units and students of 20, trained at the size of the book's live pages; the pixels, the start and the draw of
units of a seed are as everywhere in the book. `kdsrc.studies.questions` were fixed before the run.

Measures, by row: ``first``, ``second`` (the digits; the first has label +1), and ``train_loss_<arm>``,
``test_loss_<arm>`` (rows, horizons) after a tenth, half and all of the iterations.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.names import EARLY_STOP, taught
from kdsrc.studies.settings import SCALES, SEEDS, Settings
from kdsrc.studies.sweep import Point, at_horizons

__all__ = ["measure", "points"]

SETTINGS = {
    "paper": replace(SCALES["live"], dtype="float32"),
    "quick": replace(SCALES["live"], dtype="float32", iterations=100),
    "live": replace(SCALES["live"], iterations=100),
}
NUMBER_OF_SEEDS = {**SEEDS, "paper": 16}
PENALTIES = (0.0, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3)
PAIRS = tuple(combinations(range(10), 2))


ARMS = {
    "teacher": "100 units, labels only",
    "student_alone": "20 units, random start, labels only",
    **{taught(penalty): f"20 of the teacher's units as start, λ = {penalty:g}" for penalty in PENALTIES},
    "random_penalty": "random start, λ = 0.01, Φ from the trained teacher",
    "from_early": f"start and Φ from the teacher at iteration {EARLY_STOP}, λ = 0.01",
}


def points(settings: Settings) -> dict[str, Point]:
    """A point a pair."""
    return {
        f"{first}-{second}": Point({"first": first, "second": second}, settings, _arms(settings, (first, second)))
        for first, second in PAIRS
    }


def measure(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Losses after a tenth, half and all of the iterations."""
    last = bench.settings.iterations
    return at_horizons(bench, arms, (last // 10, last // 2, last))


def _arms(settings, classes):
    def teacher(**more):
        return settings.teacher(classes=classes, **more)

    def student(*source, **more):
        return settings.student(*source, classes=classes, **more)

    full, early, penalty = teacher(), teacher(iterations=min(EARLY_STOP, settings.iterations // 2)), settings.penalty
    return {
        "teacher": full,
        "student_alone": student(),
        **{taught(one): student(full, penalty=one) for one in PENALTIES},
        "random_penalty": student(penalty=penalty, knowledge=full),
        "from_early": student(early, penalty=penalty),
    }
