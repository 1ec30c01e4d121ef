"""What causes the gain: start (random, early teacher, full teacher) × λ × scale q × total iterations, all crossed.

Every student has the same width; the levels of "total iterations" are read from its curve. A random start has the
units of the draw as its partners. Students of Figures 1 and 3 are not trained again.
"""

from dataclasses import replace
from itertools import product

import numpy as np

from kdsrc.distillation import random_start, scale, scaled
from kdsrc.studies import figure1, figure3
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, streams, unpack
from kdsrc.studies.teachers import chosen, first_stage
from kdsrc.training.euler import Arm, train

STARTS = ("random", "early", "full")
PENALTIES = (0.0, 0.01)
SCALED = (False, True)
EARLY = 100  # iterations of the early teacher


def arm_name(start: str, penalty: float, with_scale: bool) -> str:
    """Name of a student, e.g. ``early_0.01_q``."""
    return f"{start}_{penalty:g}" + ("_q" if with_scale else "")


ARMS = {
    arm_name(start, penalty, q): f"{start} start, λ = {penalty:g}" + (", teacher under the scale q" if q else "")
    for start, penalty, q in product(STARTS, PENALTIES, SCALED)
}


def design(curves: dict, metric: str, iterations=None) -> np.ndarray:
    """ln loss of all students, by the levels of the four factors.

    Parameters
    ----------
    curves : dict
        Of a record.
    metric : str
        ``train_loss`` or ``test_loss``.
    iterations : sequence of int, optional
        Levels of the factor "iterations"; half of the run, and all of it, unless given.

    Returns
    -------
    (starts, penalties, scales, iterations, seeds) array
    """
    steps = curves[arm_name(STARTS[0], PENALTIES[0], SCALED[0])]["iterations"]
    levels = np.searchsorted(steps, (steps[-1] // 2, steps[-1]) if iterations is None else iterations)
    return np.log(
        [
            [[curves[arm_name(start, penalty, q)][metric][:, levels].T for q in SCALED] for penalty in PENALTIES]
            for start in STARTS
        ]
    )


def main_effect(table: np.ndarray, factor: int, level: int = -1, against: int = 0) -> np.ndarray:
    """What one factor's level changes against another, averaged over all levels of the others; (seeds,).

    table is `design`'s; factor counts its axes: 0 start, 1 penalty, 2 scale, 3 iterations.
    """
    levels = np.moveaxis(table, factor, 0)
    return (levels[level] - levels[against]).mean(axis=(0, 1, 2))


_TWIN = {arm_name("random", 0.0, True): arm_name("random", 0.0, False)}  # without λ nothing of the teacher enters
_KNOWN = {
    arm_name("full", 0.0, False): "taught_no_penalty",
    arm_name("full", 0.01, False): "student_taught",
    arm_name("full", 0.01, True): "taught_scaled",
    arm_name("random", 0.01, False): "random_penalty",
    arm_name("early", 0.01, False): figure3.early(EARLY),
}


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All twelve students for one seed; those of Figures 1 and 3 are taken from the store, or made."""
    settings = replace(settings, penalty=PENALTIES[1])
    first = first_stage(settings, data, data_hash, seed, store)
    earlier = figure3.run_seed(settings, data, data_hash, seed, store)
    known = figure1.run_seed(settings, data, data_hash, seed, store).histories | earlier.histories
    arrays = store.piece(
        key("causes-others", settings, data_hash, seed),
        lambda: pack(_train_others(settings, data, seed, first.histories)),
    )
    histories = {arm: known[_KNOWN[arm]] if arm in _KNOWN else unpack(arrays, _TWIN.get(arm, arm)) for arm in ARMS}
    return Outcome(histories, (*earlier.pieces, cost("causes", arrays)))


def students(settings: Settings, data, seed: int, teachers: dict) -> list[Arm]:
    """The twelve students at their start, from the first stage's histories."""
    arms = []
    for with_scale in SCALED:
        teacher = teachers["teacher_scaled" if with_scale else "teacher"]
        undo = 1.0 / scale(settings.student_width, settings.teacher_width) if with_scale else 1.0
        full, early = (
            scaled(chosen(network, settings, seed), undo) for network in (teacher.network, teacher.checkpoints[EARLY])
        )
        fresh = random_start(full, seed=streams(seed)["restart"], std=settings.std)
        arms += [
            Arm(arm_name(start, penalty, with_scale), network, penalty, source.features(data.x_train))
            for (start, network, source), penalty in product(
                (("random", fresh, full), ("early", early, early), ("full", full, full)), PENALTIES
            )
        ]
    return arms


def _train_others(settings, data, seed, teachers):
    others = [arm for arm in students(settings, data, seed, teachers) if arm.name not in {**_KNOWN, **_TWIN}]
    return train(
        others,
        data,
        learning_rate=settings.learning_rate,
        iterations=settings.iterations,
        record_every=settings.record_every,
    )
