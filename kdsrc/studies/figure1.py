"""Figure 1 with the ablations that tell its causes apart (§4.1): λ = 0.01, teacher 100 units, students 20.

Stage one trains the teachers and the student alone, stage two the taught students; meanwhile the teacher and the
student alone train on, so that every arm can be compared after the same total number of iterations.
"""

from kdsrc.distillation import random_start, scale, scaled
from kdsrc.studies.common import Outcome, Settings, Store, cost, joined, key, pack, streams, unpack
from kdsrc.studies.teachers import chosen, first_stage
from kdsrc.training.euler import Arm, train

ARMS = {
    "teacher": "100 units, labels only",
    "student_alone": "20 units, random start, labels only",
    "student_taught": "20 of the teacher's units as start, λ = 0.01, Φ from the trained teacher",
    "taught_no_penalty": "the same start, λ = 0",
    "random_penalty": "random start, λ = 0.01, the same Φ",
    "taught_scaled": "as student_taught, from the teacher trained under the scale q = √(20/100)",
    "teacher_scaled": "100 units, labels only, output weights q·a",
    "teacher_long": "the teacher, trained twice as long",
    "alone_long": "the student alone, trained twice as long",
}
TAUGHT = ("student_taught", "taught_no_penalty", "random_penalty", "taught_scaled")  # they need a trained teacher


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; each of the two stages is a piece of the store."""
    first = first_stage(settings, data, data_hash, seed, store)
    arrays = store.piece(
        key("figure1", settings, data_hash, seed), lambda: pack(_second_stage(settings, data, seed, first.histories))
    )
    second = {arm: unpack(arrays, arm) for arm in (*TAUGHT, "teacher", "student_alone")}
    histories = {
        **first.histories,
        **{arm: second[arm] for arm in TAUGHT},
        "teacher_long": joined(first.histories["teacher"], second["teacher"]),
        "alone_long": joined(first.histories["student_alone"], second["student_alone"]),
    }
    return Outcome({arm: histories[arm] for arm in ARMS}, (*first.pieces, cost("figure1", arrays)))


def taught_arms(settings: Settings, data, seed: int, first: dict) -> list[Arm]:
    """The arms `TAUGHT` at their start, from the first stage's histories."""
    taught = chosen(first["teacher"].network, settings, seed)
    knowledge = taught.features(data.x_train)
    q = scale(settings.student_width, settings.teacher_width)
    taught_scaled = scaled(chosen(first["teacher_scaled"].network, settings, seed), 1.0 / q)
    random = random_start(taught, seed=streams(seed)["restart"], std=settings.std)
    return [
        Arm("student_taught", taught, settings.penalty, knowledge),
        Arm("taught_no_penalty", taught),
        Arm("random_penalty", random, settings.penalty, knowledge),
        Arm("taught_scaled", taught_scaled, settings.penalty, taught_scaled.features(data.x_train)),
    ]


def _second_stage(settings, data, seed, first):
    longer = [Arm(name, first[name].network) for name in ("teacher", "student_alone")]
    arms = longer + taught_arms(settings, data, seed, first)
    return train(
        arms,
        data,
        learning_rate=settings.learning_rate,
        iterations=settings.iterations,
        record_every=settings.record_every,
    )
