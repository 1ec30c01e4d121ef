"""Seconds and peak memory of alignf, Nyström features and the top of H^∞ at the paper's size (10 000 × 3 072).

``make bench`` runs each step in a process of its own, so that its peak memory is its own. The figures to reach on
two free cores: alignf under 90 s and 2.5 GB. Memory is asserted; seconds depend on what else the machine does.
As a program, ``python bench_embeddings.py alignf`` prints one JSON line.
"""

import json
import resource
import subprocess
import sys
import time

import pytest

import kdsrc.data
from kdsrc.embeddings import AlignedNystroem, alignf_gaussian, default_gammas
from kdsrc.spectra import top_eigenvectors

GIGABYTES = {"alignf": 2.5, "nystroem": 2.5, "eigenvectors": 2.5}


def measure(step: str, n_train: int | None = 10_000) -> dict:
    """Seconds of one step without loading the data, and the peak memory of this process with it."""
    data = kdsrc.data.load("cifar10", n_train=n_train)
    x, y = data.x_train, data.y_train
    start = time.perf_counter()
    if step == "alignf":
        found = {"weights": alignf_gaussian(x, y, default_gammas(x)).round(4).tolist()}
    elif step == "nystroem":
        model = AlignedNystroem(weights="uniform", n_components=200, random_state=0)
        found = {"features": model.fit_transform(x).shape}
    else:
        values, _ = top_eigenvectors(x, 20)
        found = {"eigenvalues": values[[0, 1, -1]].round(2).tolist()}
    seconds = time.perf_counter() - start
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, in kB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"step": step, "shape": x.shape, "seconds": round(seconds, 1), "peak_gb": round(peak, 2), **found}


@pytest.mark.parametrize("step", GIGABYTES)
def test_peak_memory(step):
    line = subprocess.run([sys.executable, __file__, step], capture_output=True, text=True, check=True).stdout
    sys.stdout.write("\n" + line)
    assert json.loads(line)["peak_gb"] < GIGABYTES[step]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1])) + "\n")
