"""A sweep on a real Dask cluster, whose numbers are those of one process, bit for bit."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from planted import numbers, swept

from kdsrc.studies import SWEEPS, pairs

SMALL = {"quick": replace(pairs.SETTINGS["live"], n_train=60, n_test=40)}


def pieces(folder):
    """Name -> arrays of all pieces in a store, as bytes, but for the time that they took."""
    found = {}
    for path in (folder / "work").glob("*.npz"):
        with np.load(path) as arrays:
            found[path.name] = {name: arrays[name].tobytes() for name in arrays if name != "seconds"}
    return found


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    options = {"dashboard_address": None, "silence_logs": 50}  # what a lost worker says is expected
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **options) as found:
        yield found


def test_a_cluster_that_loses_a_worker_ends_with_the_same_bits(cluster, tmp_path):
    """Two workers, each a process; one is killed while tasks are on it."""
    few = [*pairs.points(SMALL["quick"]).items()][:6]
    study = replace(SWEEPS["pairs"], points=lambda settings: dict(few), settings=SMALL)
    work, killed = tmp_path / "cluster" / "work", []

    def kill():
        while len(list(work.glob("*.npz"))) < 5:
            time.sleep(0.005)
        killed.append(next(iter(cluster.workers.values())).pid)
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    found = swept(study, tmp_path / "cluster", 1, cluster=cluster.scheduler_address)
    thread.join(60)
    assert killed and found.provenance["failed"] == [] and len(found.measures["seed"]) == 6
    assert numbers(found) == numbers(swept(study, tmp_path / "here", 1))
    assert pieces(tmp_path / "cluster") == pieces(tmp_path / "here") and len(pieces(tmp_path / "here")) == 6 * 13
