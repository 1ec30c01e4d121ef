"""Theorem 2 in training: students of 5 to 100 units drawn from one fixed teacher of 100; λ = 0.01.

Measures, by seed and width: ``distance``, the mean over images of the squared distance between the student's output
at its start and what it is on average over draws, √(m/m̄) times the teacher's; ``drawn``, the same averaged over many
draws; ``expected``, the exact mean of Theorem 2, proportional to 1 − m/m̄.
"""

import numpy as np

from kdsrc.distillation import choose_units
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, streams, unpack
from kdsrc.studies.teachers import first_stage
from kdsrc.theory.theorem2 import draw_errors, labels, mean_error
from kdsrc.training.euler import Arm, train

WIDTHS = (5, 10, 20, 50, 100)
DRAWS = 5_000


def arm_name(width: int) -> str:
    """Name of the arm of this width."""
    return f"width_{width}"


ARMS = {arm_name(width): f"{width} of the teacher's units, λ = 0.01" for width in WIDTHS}


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """One student of each width for one seed."""
    first = first_stage(settings, data, data_hash, seed, store)
    teacher = first.histories["teacher"].network
    starts = {
        width: teacher.select(choose_units(teacher.width, width, seed=streams(seed)["choice"])) for width in WIDTHS
    }
    arrays = store.piece(key("width", settings, data_hash, seed), lambda: pack(_students(settings, data, starts)))
    return Outcome(
        {arm: unpack(arrays, arm) for arm in ARMS},
        (*first.pieces, cost("width", arrays)),
        {"widths": np.array(WIDTHS), **_distances(teacher, starts, data.x_train, seed)},
    )


def _students(settings, data, starts):
    arms = [
        Arm(arm_name(width), start, settings.penalty, start.features(data.x_train)) for width, start in starts.items()
    ]
    return train(
        arms,
        data,
        learning_rate=settings.learning_rate,
        iterations=settings.iterations,
        record_every=settings.record_every,
    )


def _distances(teacher, starts, x, seed):
    features, n = teacher.features(x), len(x)
    rows = []
    for width, start in starts.items():
        mean = labels(features, teacher.output_weights, width)
        rows.append(
            (
                np.sum((start.output(x) - mean) ** 2) / n,
                np.mean(draw_errors(features, teacher.output_weights, width, draws=DRAWS, seed=[seed, width])) / n,
                mean_error(features, teacher.output_weights, width) / n,
            )
        )
    return dict(zip(("distance", "drawn", "expected"), np.array(rows).T, strict=True))
