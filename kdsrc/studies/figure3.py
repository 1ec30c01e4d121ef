"""Figure 3 (§4.2): teachers stopped early, the fully trained teacher, and its knowledge without its start; λ = 0.01.

A student of the teacher stopped at iteration r starts from units as they were then, and is asked to keep their
features as they were then. The other arms are Figure 1's.
"""

from kdsrc.studies import figure1
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, unpack
from kdsrc.studies.teachers import chosen
from kdsrc.training.euler import Arm, train
from kdsrc.training.history import History

_SHARED = {
    "teacher": "teacher",
    "student_alone": "student_alone",
    "from_full": "student_taught",
    "random_full_outputs": "random_penalty",
}


def early(iteration: int) -> str:
    """Name of the arm whose teacher stopped at this iteration."""
    return f"from_early_{iteration}"


ARMS = {
    "teacher": "100 units, labels only",
    "student_alone": "20 units, random start, labels only",
    "from_full": "start and Φ from the trained teacher",
    "random_full_outputs": "random start, Φ from the trained teacher",
    **{early(stop): f"start and Φ from the teacher at iteration {stop}" for stop in Settings.checkpoints},
}


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; Figure 1's pieces are taken from the store, or made."""
    first = figure1.run_seed(settings, data, data_hash, seed, store)
    arrays = store.piece(
        key("figure3", settings, data_hash, seed),
        lambda: pack(_train_early(settings, data, seed, first.histories["teacher"])),
    )
    histories = {arm: first.histories[shared] for arm, shared in _SHARED.items()}
    histories |= {early(stop): unpack(arrays, early(stop)) for stop in settings.checkpoints}
    return Outcome(histories, (*first.pieces, cost("figure3", arrays)))


def early_arms(settings: Settings, data, seed: int, teacher: History) -> list[Arm]:
    """The students of the teacher's checkpoints, at their start."""
    starts = {early(stop): chosen(teacher.checkpoints[stop], settings, seed) for stop in settings.checkpoints}
    return [Arm(name, start, settings.penalty, start.features(data.x_train)) for name, start in starts.items()]


def _train_early(settings, data, seed, teacher):
    return train(
        early_arms(settings, data, seed, teacher),
        data,
        learning_rate=settings.learning_rate,
        iterations=settings.iterations,
        record_every=settings.record_every,
    )
