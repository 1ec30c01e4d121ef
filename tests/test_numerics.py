"""Golden numbers of a tiny run: whoever changes what training, embeddings or measures compute raises NUMERICS.

Pieces and records are kept under that number, so that none made by other numerics is taken for one of these.
"""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import planted
import pytest

from kdsrc.studies import STUDIES, SWEEPS
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import KERNEL_REGIME, LONG_STEPS, Condition
from kdsrc.studies.inputs import features
from kdsrc.studies.names import EARLY_STOPS
from kdsrc.studies.store import NUMERICS, Store

GOLDEN = Path(__file__).with_name("golden_numerics.json")
TINY = replace(planted.TINY, iterations=60, dtype="float64", handover=40, stages=6)
MEASURED = replace(
    TINY,
    checkpoints=EARLY_STOPS,
    landmarks=12,
    long=200,
    top=5,
    draws=50,
    few=20,
    few_iterations=30,
    fewer_landmarks=(4, 8),
)
WIDE = replace(MEASURED, teacher_width=100, student_width=20)
SWEPT = replace(MEASURED, iterations=200)
PENALTY = 0.01
TEACHER = TINY.teacher()
FLIPPED = TINY.teacher(flipped=0.25)
CONDITIONS = {
    "teacher": TEACHER,
    "alone": TINY.student(),
    "taught": TINY.student(TEACHER, penalty=PENALTY),
    "scaled": TINY.student(TINY.teacher(output_scale=0.5), penalty=PENALTY),
    "shuffled": TINY.student(TINY.teacher(labels="shuffled"), penalty=PENALTY),
    "halved": TINY.student(TEACHER, penalty=1.0),
    "pure": TINY.student(TEACHER, penalty=np.inf),
    "tanh": TINY.condition(width=10, activation="tanh"),
    "features": TINY.teacher(inputs=features("alignf", 12)),
    "long": TINY.student(TEACHER, penalty=PENALTY, method=LONG_STEPS, iterations=400),
    "predicted": TINY.student(TEACHER, penalty=PENALTY, method=KERNEL_REGIME),
    "large weights": TINY.student(std=1.0),
    "other classes": TINY.student(TINY.teacher(classes=(1, 7)), penalty=PENALTY, classes=(1, 7)),
    "flipped": TINY.student(FLIPPED, penalty=PENALTY, flipped=0.25),
    "outputs": TINY.student(outputs=TEACHER, mixing=0.5),
    "flipped outputs": TINY.student(outputs=FLIPPED, mixing=1.0, flipped=0.25),
    "few images": TINY.teacher(images=20),
    "few images, features": TINY.teacher(images=20, inputs=features("uniform", 8)),
    "one kernel": TINY.teacher(inputs=features("gaussian3", 8)),
}


def losses(folder):
    """Last losses of conditions that together take every path, in double precision."""
    made = _bench(TINY, folder)
    made.complete(CONDITIONS.values())
    histories = {name: made.history(one) for name, one in CONDITIONS.items()}
    return {name: [one.train_loss[-1], one.test_loss[-1]] for name, one in histories.items()}


def measures(name, folder):
    """What a study, or the first point of a sweep, measures: two numbers a measure."""
    if name in STUDIES:
        study, own = STUDIES[name], WIDE if name == "width" else MEASURED
        made, arms = _bench(own, folder), study.arms(own)
        needed = study.needed(own)
    else:
        study = SWEEPS[name]
        point = next(iter(study.points(SWEPT).values()))
        made, arms, needed = _bench(point.settings, folder), point.arms, point.arms.values()
    made.complete(needed)
    return {measure: _told(values) for measure, values in study.measure(made, arms).items()}


def _bench(own, folder):
    data = own.data()
    return Bench(own, data, data.sha256(), 0, Store(folder))


def _told(values):
    """Sums of the sizes, the second one with weights 1, 2, …: eigenvectors have no sign, but an order."""
    sizes = np.abs(np.ravel(np.asarray(values, dtype=float)))
    return [float(sizes.sum()), float(sizes @ np.arange(1, len(sizes) + 1))]


MEASURING = [*(name for name, study in STUDIES.items() if study.measure), *SWEEPS]


@pytest.fixture(scope="module")
def golden():
    found = json.loads(GOLDEN.read_text())
    assert found["numerics"] == NUMERICS, "write golden_numerics.json anew: python tests/test_numerics.py"
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of pieces that studies share."""
    return tmp_path_factory.mktemp("pieces")


def same(found, golden):
    assert golden.keys() == found.keys()
    for name, values in found.items():
        np.testing.assert_allclose(
            values, golden[name], rtol=1e-7, atol=1e-12, err_msg=f"{name}: raise kdsrc.studies.store.NUMERICS"
        )


def test_the_number_of_the_numerics_goes_up_when_losses_change(golden, tmp_path):
    same(losses(tmp_path), golden["losses"])


@pytest.mark.parametrize("name", MEASURING)
def test_the_number_of_the_numerics_goes_up_when_measures_change(name, golden, folder):
    same(measures(name, folder), golden["measures"][name])


def test_every_factor_of_a_condition_has_a_golden_number():
    networks = {one for taught in CONDITIONS.values() for one in (taught, *taught.teachers)}
    for factor in fields(Condition):
        assert len({getattr(one, factor.name) for one in networks}) > 1, factor.name


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as kept:
        where = Path(kept)
        found = {"numerics": NUMERICS, "losses": losses(where), "measures": {}}
        found["measures"] = {name: measures(name, where) for name in MEASURING}
        text = json.dumps(found, indent=1)
        GOLDEN.write_text(re.sub(r"\[\s+(\S+)\s+(\S+)\s+\]", r"[\1 \2]", text) + "\n")  # a pair on one line
