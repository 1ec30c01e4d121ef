"""Golden numbers of a tiny run: whoever changes what training, predictions or embeddings compute raises NUMERICS.

Pieces and records are kept under that number, so that none made by other numerics is taken for one of these.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import planted

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import KERNEL_REGIME, LONG_STEPS
from kdsrc.studies.inputs import features
from kdsrc.studies.store import NUMERICS, Store

GOLDEN = Path(__file__).with_name("golden_numerics.json")
TINY = replace(planted.TINY, iterations=60, dtype="float64", handover=40, stages=6)


def numbers(folder):
    """Last losses of conditions that together take every path, in double precision."""
    teacher, penalty = TINY.teacher(), 0.01
    data = TINY.data()
    bench = Bench(TINY, data, data.sha256(), 0, Store(folder))
    conditions = {
        "teacher": teacher,
        "alone": TINY.student(),
        "taught": TINY.student(teacher, penalty=penalty),
        "scaled": TINY.student(TINY.teacher(output_scale=0.5), penalty=penalty),
        "shuffled": TINY.student(TINY.teacher(labels="shuffled"), penalty=penalty),
        "halved": TINY.student(teacher, penalty=1.0),
        "pure": TINY.student(teacher, penalty=np.inf),
        "tanh": TINY.condition(width=10, activation="tanh"),
        "features": TINY.teacher(inputs=features("alignf", 12)),
        "long": TINY.student(teacher, penalty=penalty, method=LONG_STEPS, iterations=400),
        "predicted": TINY.student(teacher, penalty=penalty, method=KERNEL_REGIME),
    }
    bench.complete(conditions.values())
    histories = {name: bench.history(one) for name, one in conditions.items()}
    return {name: [one.train_loss[-1], one.test_loss[-1]] for name, one in histories.items()}


def test_the_number_of_the_numerics_goes_up_when_their_output_changes(tmp_path):
    golden, found = json.loads(GOLDEN.read_text()), numbers(tmp_path)
    assert golden["numerics"] == NUMERICS, "write golden_numerics.json anew: python tests/test_numerics.py"
    assert golden["losses"].keys() == found.keys()
    for name, losses in found.items():
        np.testing.assert_allclose(
            losses, golden["losses"][name], rtol=1e-7, err_msg=f"{name}: raise kdsrc.studies.store.NUMERICS"
        )


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps({"numerics": NUMERICS, "losses": numbers(Path(folder))}, indent=1) + "\n")
