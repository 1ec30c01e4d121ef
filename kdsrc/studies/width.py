"""Theorem 2 in training: students of 5 to 100 units drawn from one fixed teacher of 100; λ = 0.01.

Measures, by seed and width: ``distance``, the mean over images of the squared distance between the student's output
at its start and what it is on average over draws, √(m/m̄) times the teacher's; ``drawn``, the same averaged over many
draws; ``expected``, the exact mean of Theorem 2, proportional to 1 − m/m̄.
"""

import numpy as np

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.settings import Settings
from kdsrc.theory.theorem2 import draw_errors, labels, mean_error

__all__ = ["arm_name", "arms", "distances"]

WIDTHS = (5, 10, 20, 50, 100)


def arm_name(width: int) -> str:
    """Name of the arm of this width."""
    return f"width_{width}"


ARMS = {arm_name(width): f"{width} of the teacher's units, λ = 0.01" for width in WIDTHS}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    teacher = settings.teacher()
    return {arm_name(width): settings.student(teacher, penalty=settings.penalty, width=width) for width in WIDTHS}


def distances(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """The measures of one seed, in the order of ``widths``."""
    x = bench.data.x_train
    teacher = bench.network(next(iter(arms.values())).start)  # type: ignore[arg-type]  # students start there
    features, weights, n = teacher.features(x), teacher.output_weights, len(x)
    rows = []
    for one in arms.values():
        miss = np.sum((bench.start(one).network.output(x) - labels(features, weights, one.width)) ** 2)
        drawn = np.mean(
            draw_errors(features, weights, one.width, draws=bench.settings.draws, seed=[bench.seed, one.width])
        )
        rows.append((miss / n, drawn / n, mean_error(features, weights, one.width) / n))
    widths = np.array([one.width for one in arms.values()])
    return {"widths": widths, **dict(zip(("distance", "drawn", "expected"), np.array(rows).T, strict=True))}
