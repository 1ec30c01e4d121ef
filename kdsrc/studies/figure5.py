"""Figure 5 (§4.4): overlap of hidden features with the top eigenvectors of H^∞, teachers and their students.

The record keeps every product ⟨u_j, φ̂^(k)⟩, so that each reading of "the average" can be taken from it
(`kdsrc.spectra.average`): measures are named by network and the teacher's stopping point, (seeds, units, top).
"""

import numpy as np

from kdsrc.data import Dataset
from kdsrc.spectra import projections, top_eigenvectors
from kdsrc.studies import figure3
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.names import early
from kdsrc.studies.settings import Settings

__all__ = ["arms", "eigenvectors", "overlaps"]

FULL = "full"


def arms(settings: Settings) -> dict[str, Condition]:
    """The networks that are measured."""
    known = figure3.arms(settings)
    students = {stop: known[early(stop)] for stop in settings.checkpoints}
    return {
        **{f"teacher_{stop}": student.start for stop, student in students.items()},
        **{f"student_{stop}": student for stop, student in students.items()},
        f"teacher_{FULL}": known["teacher"],
        f"student_{FULL}": known["from_full"],
        "student_alone": known["student_alone"],
    }


def overlaps(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Products for one seed, (units, top) by network, and ``eigenvalues`` (top,)."""
    x = bench.data.x_train
    values, vectors = eigenvectors(bench, bench.data)
    products = {name: projections(bench.network(one).features(x), vectors) for name, one in arms.items()}
    return {"eigenvalues": values, **products}


def eigenvectors(bench: Bench, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Top eigenvalues (top,) and eigenvectors (n, top) of H^∞ on the training images as `data` has them."""
    top, settings = min(bench.settings.top, len(data.y_train)), bench.settings

    def compute():
        values, vectors = top_eigenvectors(data.x_train, top, activation=settings.activation, std=settings.std)
        return {"values": values, "vectors": np.ascontiguousarray(vectors)}

    chance = data is not bench.data  # features have random landmarks
    piece = bench.piece("eigenvectors", compute, chance=chance, inputs=data.name, top=top)
    return piece["values"], piece["vectors"]
