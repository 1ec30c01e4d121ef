"""Seconds and peak memory of alignf, Nyström features and the top of H^∞ at the paper's size (10 000 × 3 072).

Each step has a process of its own. Memory is asserted; seconds are reported beside their target.
As a program, ``python bench_embeddings.py alignf`` prints one JSON line.
"""

import json
import sys
import time

import pytest
from measure import alike, alone, peak_gigabytes

from kdsrc.embeddings import AlignedNystroem, alignf_gaussian, default_gammas
from kdsrc.spectra import top_eigenvectors

SIZE, GIGABYTES = 10_000, 2.5
STEPS = {
    "alignf": ("alignf of seven kernels", "≤ 90"),
    "nystroem": ("200 Nyström features", None),
    "eigenvectors": ("20 eigenvectors of H^∞", None),
}


def measure(step: str) -> dict:
    """Seconds of one step without making the data, and the peak memory of this process with it."""
    x, y = alike(SIZE, 0)[:2]
    start = time.perf_counter()
    if step == "alignf":
        alignf_gaussian(x, y, default_gammas(x))
    elif step == "nystroem":
        AlignedNystroem(weights="uniform", n_components=200, random_state=0).fit_transform(x)
    else:
        top_eigenvectors(x, 20)
    return {"seconds": time.perf_counter() - start, "gigabytes": peak_gigabytes()}


@pytest.mark.parametrize("step", STEPS)
def test_embeddings(step, report):
    title, target = STEPS[step]
    found = alone(__file__, step)
    report.add(f"{title}, n = 10 000", found["seconds"], "seconds", target)
    assert report.add(f"{title}, n = 10 000: peak memory", found["gigabytes"], "GB", f"≤ {GIGABYTES}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1])) + "\n")
