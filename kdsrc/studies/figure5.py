"""Figure 5 (§4.4): overlap of hidden features with the top eigenvectors of H^∞, teachers and their students.

The record keeps every product ⟨u_j, φ̂^(k)⟩, so that each reading of "the average" can be taken from it
(`kdsrc.spectra.average`): measures are named by network and the teacher's stopping point, (seeds, units, top).
"""

import numpy as np

from kdsrc.spectra import projections, top_eigenvectors
from kdsrc.studies import figure3
from kdsrc.studies.common import Outcome, Settings, Store, cost, key
from kdsrc.studies.teachers import first_stage

TOP = 20
FULL = "full"


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """Products for one seed, and ``eigenvalues`` (top,). Nothing is trained that Figure 3 has not trained."""
    taught = figure3.run_seed(settings, data, data_hash, seed, store)
    teacher = first_stage(settings, data, data_hash, seed, store).histories["teacher"]
    values, vectors, piece = eigenvectors(settings, data, data_hash, store)
    networks = {("teacher", stop): teacher.checkpoints[stop] for stop in settings.checkpoints}
    networks |= {("student", stop): taught.histories[figure3.early(stop)].network for stop in settings.checkpoints}
    networks |= {
        ("teacher", FULL): teacher.network,
        ("student", FULL): taught.histories["from_full"].network,
        ("student", "alone"): taught.histories["student_alone"].network,
    }
    measures = {
        f"{name}_{stop}": projections(network.features(data.x_train), vectors)
        for (name, stop), network in networks.items()
    }
    return Outcome({}, (*taught.pieces, cost("eigenvectors", piece)), {"eigenvalues": values, **measures})


def eigenvectors(settings: Settings, data, data_hash: str, store: Store, *, name: str = "eigenvectors", seed: int = -1):
    """Top eigenvalues (top,) and eigenvectors (n, top) of H^∞ on the training images, and their piece."""
    top = min(TOP, len(data.y_train))

    def compute():
        values, vectors = top_eigenvectors(data.x_train, top, activation=settings.activation, std=settings.std)
        return {"values": values, "vectors": np.ascontiguousarray(vectors)}

    piece = store.piece(key(name, settings, data_hash, seed, top=top), compute)
    return piece["values"], piece["vectors"], piece
