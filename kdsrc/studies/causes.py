"""What causes the gain: start (random, early teacher, full teacher) × λ × scale q × total iterations, all crossed.

Every student has the same width and trains for twice the iterations of the figures; the levels of "total
iterations" are read from its curve. A random start has the units of the draw as its partners.
"""

from dataclasses import replace
from itertools import product

from kdsrc.distillation import random_start, scale, scaled
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, streams, unpack
from kdsrc.studies.teachers import chosen, first_stage
from kdsrc.training import Arm, train

STARTS = ("random", "early", "full")
PENALTIES = (0.0, 0.01)
SCALED = (False, True)
EARLY = 100  # iterations of the early teacher


def arm_name(start: str, penalty: float, with_scale: bool) -> str:
    """Name of a student, e.g. ``early_0.01_q``."""
    return f"{start}_{penalty:g}" + ("_q" if with_scale else "")


ARMS = {arm_name(start, penalty, q): f"{start} start, λ = {penalty:g}" + (", teacher under the scale q" if q else "")
        for start, penalty, q in product(STARTS, PENALTIES, SCALED)}


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All twelve students for one seed, over twice the settings' iterations."""
    first = first_stage(settings, data, data_hash, seed, store)
    arrays = store.piece(key("causes", settings, data_hash, seed),
                         lambda: pack(_students(settings, data, seed, first.histories)))
    return Outcome({arm: unpack(arrays, arm) for arm in ARMS}, (*first.pieces, cost("causes", arrays)))


def _students(settings, data, seed, teachers):
    arms = []
    for with_scale in SCALED:
        teacher = teachers["teacher_scaled" if with_scale else "teacher"]
        undo = 1.0 / scale(settings.student_width, settings.teacher_width) if with_scale else 1.0
        full, early = (scaled(chosen(network, settings, seed), undo)
                       for network in (teacher.network, teacher.checkpoints[EARLY]))
        fresh = random_start(full, seed=streams(seed)["restart"], std=settings.std)
        for (start, network, source), penalty in product((("random", fresh, full), ("early", early, early),
                                                          ("full", full, full)), PENALTIES):
            # without a penalty a random start has nothing of the teacher: its twin under q repeats it
            arms.append(Arm(arm_name(start, penalty, with_scale), network, penalty, source.features(data.x_train)))
    twice = replace(settings, iterations=2 * settings.iterations)
    return train(arms, data, learning_rate=twice.learning_rate, iterations=twice.iterations,
                 record_every=twice.record_every)
