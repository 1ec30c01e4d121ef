"""Distillation as practised: a teacher's outputs as targets, random starts, and labels of which some are wrong.

The paper's student is taught by features and starts from its teacher's units. Practice hands over outputs: the student
starts at random and is trained on (1 − θ) y + θ f_teacher. Beside it stand the paper's penalty from a random start, and
the teacher's units without a penalty. Teachers are stopped at several iterations, and see the same labels as the
students, 0 to 40 % of them turned round.

When does a student do better on test images than one that learns from the labels? At a *horizon*, its test loss has to
be lower by 5 % or more in the geometric mean over the seeds, with an interval wholly below zero; and at its *best*, the
minimum along each student's own curve, which a reader with a validation set would come near to. This was fixed before
the run.

Measures, by row: ``flipped``, and ``test_loss_<arm>``, ``test_accuracy_<arm>`` (rows, horizons),
``best_<arm>`` (rows,), the smallest test loss, and ``best_at_<arm>`` (rows,), the iteration at which it is reached.
"""

from dataclasses import replace

import numpy as np

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.settings import SCALES, SEEDS, Settings
from kdsrc.studies.sweep import Point, at_horizons, six_digits

__all__ = ["measure", "points"]

SETTINGS = {
    "paper": Settings(n_train=1_000, learning_rate=2e-3, iterations=3_000),
    "quick": Settings(n_train=200, n_test=400, learning_rate=1e-2, iterations=600),
    "live": replace(SCALES["live"], iterations=200),
}
NUMBER_OF_SEEDS = {**SEEDS, "quick": 1}
FLIPPED = (0.0, 0.1, 0.2, 0.4)
MIXING = (0.5, 1.0)
PENALTIES = (0.01, 0.1)
STOPS = {"early": 20, "half": 5, "full": 1}  # the teacher stops after one in so many of the iterations

ARMS = {
    "teacher": "100 units, labels only",
    "labels": "20 units, random start, labels only",
    **{
        f"{what}_{stop}": f"{text}, from the {stop} teacher"
        for stop in STOPS
        for what, text in (
            *((f"outputs_{theta:g}", f"outputs as targets, θ = {theta:g}") for theta in MIXING),
            *((f"features_{penalty:g}", f"features, λ = {penalty:g}") for penalty in PENALTIES),
            ("start", "start of its units, λ = 0"),
        )
    },
}


def points(settings: Settings) -> dict[str, Point]:
    """A point for each share of flipped labels."""
    return {f"{flipped:.0%}": Point({"flipped": flipped}, settings, _arms(settings, flipped)) for flipped in FLIPPED}


def measure(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Test losses and accuracies after a twentieth, a tenth, a fifth, half and all of the iterations; and the best."""
    last = bench.settings.iterations
    found = at_horizons(
        bench, arms, [last // part for part in (20, 10, 5, 2, 1)], metrics=("test_loss", "test_accuracy")
    )
    for name, one in arms.items():
        history = bench.history(one)
        best = int(np.argmin(history.test_loss))
        found |= {f"best_{name}": six_digits(history.test_loss[best]), f"best_at_{name}": history.iterations[best]}
    return found


def _arms(settings, flipped):
    full = settings.teacher(flipped=flipped)
    found = {"teacher": full, "labels": settings.student(flipped=flipped)}
    for stop, part in STOPS.items():
        teacher = replace(full, iterations=settings.iterations // part)
        for theta in MIXING:
            found[f"outputs_{theta:g}_{stop}"] = settings.student(outputs=teacher, mixing=theta, flipped=flipped)
        for penalty in PENALTIES:
            found[f"features_{penalty:g}_{stop}"] = settings.student(
                knowledge=teacher, penalty=penalty, flipped=flipped
            )
        found[f"start_{stop}"] = settings.student(teacher, flipped=flipped)
    return found
