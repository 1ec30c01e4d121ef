"""Figure 1 with the ablations that tell its causes apart (§4.1): λ = 0.01, teacher 100 units, students 20.

Stage one trains the teachers and the student alone, stage two the taught students; meanwhile the teacher and the
student alone train on, so that every arm can be compared after the same total number of iterations.
"""

from dataclasses import asdict

from kdsrc.distillation import random_start, scale, scaled
from kdsrc.records import Record, provenance
from kdsrc.studies.common import Settings, Store, curves, joined, key, pack, streams, unpack
from kdsrc.studies.teachers import chosen, first_stage
from kdsrc.training import Arm, train

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


def run(settings: Settings, data, seeds, store: Store, report=lambda text: None) -> Record:
    """All arms for every seed, as a record.

    Parameters
    ----------
    settings : Settings
    data : Dataset
    seeds : sequence of int
    store : Store
        Keeps each stage of each seed: a killed run goes on from there with the same numbers.
    report : callable, optional
        Called with a line of text before each stage.
    """
    data_hash = data.sha256()
    runs, pieces = [], []
    for seed in seeds:
        report(f"figure1, seed {seed}: teachers and the student alone")
        histories = first_stage(settings, data, data_hash, seed, store)
        seconds = histories.pop("seconds")
        report(f"figure1, seed {seed}: taught students, longer runs")
        arrays = store.piece(key("figure1", settings, data_hash, seed),
                             lambda seed=seed, first=histories: pack(_second_stage(settings, data, seed, first)))
        second = {arm: unpack(arrays, arm) for arm in (*second_stage_arms(), "teacher", "student_alone")}
        runs.append({**histories, **{arm: second[arm] for arm in second_stage_arms()},
                     "teacher_long": joined(histories["teacher"], second["teacher"]),
                     "alone_long": joined(histories["student_alone"], second["student_alone"])})
        pieces.append({"seconds": round(seconds + float(arrays["seconds"]), 1), "code": str(arrays["code"])})
    runs = [{arm: run[arm] for arm in ARMS} for run in runs]
    dataset = {"name": data.name, "n_train": len(data.y_train), "n_test": len(data.y_test), "sha256": data_hash}
    return Record("figure1", dataset, asdict(settings), list(seeds), curves(runs), provenance(pieces=pieces))


def second_stage_arms() -> tuple[str, ...]:
    """The arms that need a trained teacher."""
    return ("student_taught", "taught_no_penalty", "random_penalty", "taught_scaled")


def _second_stage(settings, data, seed, first):
    taught = chosen(first["teacher"].network, settings, seed)
    knowledge = taught.features(data.x_train)
    q = scale(settings.student_width, settings.teacher_width)
    taught_scaled = scaled(chosen(first["teacher_scaled"].network, settings, seed), 1.0 / q)
    random = random_start(taught, seed=streams(seed)["restart"], std=settings.std)
    arms = [
        Arm("teacher", first["teacher"].network),
        Arm("student_alone", first["student_alone"].network),
        Arm("student_taught", taught, settings.penalty, knowledge),
        Arm("taught_no_penalty", taught),
        Arm("random_penalty", random, settings.penalty, knowledge),
        Arm("taught_scaled", taught_scaled, settings.penalty, taught_scaled.features(data.x_train)),
    ]
    return train(arms, data, learning_rate=settings.learning_rate, iterations=settings.iterations,
                 record_every=settings.record_every)
