"""Where does the theory's regime begin? Teacher width × scale of the initial weights × λ, trained and foretold.

The theorems hold for wide networks; the paper trains teachers of 100 units from weights of std 0.01 (k in Eq. 16), its
students of 20. Output and kernel of a network move by as much whatever std is, and each weight by about 1/√m, so that
std √m says how far it moves relative to where it was. For each width m̄, its students a fifth as wide, and each std, a
student alone and taught ones of several λ are trained, and foretold by the kernel regime at their starts (Eq. 3–4).

The *gain* is ln(loss taught / loss alone). The regime has begun where the gain foretold is within 0.05 of the gain
trained, for the training loss after all iterations; this was fixed before the run.

Measures, by row: ``width``, ``std``, and for ``alone`` and the arms ``taught_<λ>``: ``train_loss_<arm>``,
``test_loss_<arm>`` (rows, horizons), trained, and the same of ``foretold_<arm>``; ``moved_alone``, ``moved_teacher``
(rows,): ‖H(end) − H(start)‖ / ‖H(start)‖, how far the kernel moves on the training images.
"""

from dataclasses import replace

import numpy as np

from kdsrc.kernels import tangent_kernel
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import KERNEL_REGIME, Condition
from kdsrc.studies.names import SHARE, taught
from kdsrc.studies.settings import SCALES, SEEDS, Settings
from kdsrc.studies.sweep import Point, at_horizons, six_digits

__all__ = ["measure", "points"]

SETTINGS = {
    "paper": Settings(n_train=1_000, n_test=1_000, learning_rate=2e-3, iterations=1_000),
    "quick": Settings(n_train=100, n_test=100, learning_rate=2e-2, iterations=200),
    "live": replace(SCALES["live"], iterations=100),
}
NUMBER_OF_SEEDS = {**SEEDS, "quick": 1}
WIDTHS = {"cifar10": (100, 200, 400, 800, 1_600), "digits": (100, 200, 400)}
SCALES_OF_WEIGHTS = (1e-3, 1e-2, 1e-1, 1.0)
PENALTIES = (0.0, 0.01, 0.1)


def points(settings: Settings) -> dict[str, Point]:
    """A point for each width and scale, narrow ones first."""
    found = {}
    for width in WIDTHS[settings.dataset]:
        own = replace(settings, teacher_width=width, student_width=width // SHARE)
        for std in SCALES_OF_WEIGHTS:
            found[f"{width} units, k {std:g}"] = Point({"width": width, "std": std}, own, _arms(own, std))
    return found


def measure(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Losses after a tenth, half and all of the iterations, and how far kernels moved."""
    last = bench.settings.iterations
    students = {name: one for name, one in arms.items() if name != "teacher"}
    found = at_horizons(bench, students, (last // 10, last // 2, last))
    for name in ("alone", "teacher"):
        start, end = (tangent_kernel(one, bench.data.x_train) for one in _ends(bench, arms[name]))
        found[f"moved_{name}"] = six_digits(np.linalg.norm(end - start) / np.linalg.norm(start))
    return found


def _ends(bench, condition):
    return bench.start(condition).network, bench.network(condition)


def _arms(settings, std):
    teacher = settings.teacher(std=std)
    trained = {
        "alone": settings.student(std=std),
        **{taught(penalty): settings.student(teacher, penalty=penalty) for penalty in PENALTIES},
    }
    foretold = {f"foretold_{name}": replace(one, method=KERNEL_REGIME) for name, one in trained.items()}
    return {"teacher": teacher, **trained, **foretold}
