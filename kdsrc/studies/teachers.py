"""First stage of every figure: the teacher, the teacher under the scale q, and the student without a teacher.

Trained once for each seed and kept, with their networks at the checkpoints, for all studies.
"""

from kdsrc.distillation import choose_units, scale, scaled
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, streams, unpack
from kdsrc.training.euler import Arm, train

ARMS = ("teacher", "teacher_scaled", "student_alone")


def first_stage(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """Histories of ``teacher``, ``teacher_scaled`` and ``student_alone``.

    ``teacher_scaled`` starts as the same network with output weights q a_k, q = √(m/m̄), and is trained so.
    """

    def compute():
        return pack(
            train(
                initial_arms(settings, data, seed),
                data,
                learning_rate=settings.learning_rate,
                iterations=settings.iterations,
                record_every=settings.record_every,
                checkpoints=settings.checkpoints,
            )
        )

    arrays = store.piece(key("first-stage", settings, data_hash, seed), compute)
    return Outcome({arm: unpack(arrays, arm) for arm in ARMS}, (cost("first-stage", arrays),))


def initial_arms(settings: Settings, data, seed: int) -> list[Arm]:
    """The three arms `ARMS` at their start."""
    random = streams(seed)
    dim = data.x_train.shape[1]
    teacher = init_network(
        settings.teacher_width, dim, seed=random["teacher"], std=settings.std, activation=settings.activation
    )
    student = init_network(
        settings.student_width, dim, seed=random["student"], std=settings.std, activation=settings.activation
    )
    starts = (teacher, scaled(teacher, scale(student.width, teacher.width)), student)
    return [Arm(name, network) for name, network in zip(ARMS, starts, strict=True)]


def chosen(teacher: TwoLayerNetwork, settings: Settings, seed: int) -> TwoLayerNetwork:
    """The student's start: the teacher's units that this seed's draw chooses."""
    return teacher.select(choose_units(teacher.width, settings.student_width, seed=streams(seed)["choice"]))
