"""Seconds and peak memory of the kernel regime up to n = 50 000, d = 3 072: curves of 2 000 iterations at rate 2e-4.

Each case has a process of its own. Outputs on the training points and on 2 000 others at 201 times are computed to
1e-4 in f (2-norm over the training points). Memory and accuracy are asserted; seconds are reported beside their
target. As a program, ``python bench_dynamics.py predict 10000 20 0.01`` (step, n, m, λ) prints one JSON line.
"""

import json
import sys
import time

import numpy as np
import pytest
from measure import alike, alone, peak_gigabytes, slope

from kdsrc.data import Dataset
from kdsrc.dynamics import KernelRegime
from kdsrc.networks import init_network
from kdsrc.training import Arm, train

RATE, ITERATIONS, EVERY, TOLERANCE = 2e-4, 2_000, 10, 1e-4
TRAINED = (20, 120)  # iterations that are timed: what they differ by tells an iteration from what is done once
GIGABYTES, SECONDS = {20: 3.0, 100: 6.0}, {20: "≤ 40", 100: "≤ 90"}
SIZES, LARGEST_GIGABYTES, WIDTHS = (3_125, 6_250, 12_500, 25_000, 50_000), 4.0, (10, 20, 50, 100)


def measure(step: str, n: int, m: int, penalty: float) -> dict:
    """Seconds of one step without making the data, and the peak memory of this process with it."""
    x, y, x_test, y_test = alike(n)
    network, other = init_network(m, x.shape[1], seed=0), init_network(m, x.shape[1], seed=1, std=2e-2)
    knowledge = other.features(x) if penalty > 0 else None
    if step == "train":
        arms, data = [Arm("arm", network, penalty, knowledge)], Dataset(x, y, x_test, y_test, "alike")
        given = {"learning_rate": RATE, "record_every": EVERY, "progress": False}
        few, more = (_timed(lambda count=count: train(arms, data, iterations=count, **given)) for count in TRAINED)
        each = (more - few) / (TRAINED[1] - TRAINED[0])
        return {"seconds": few + (ITERATIONS - TRAINED[0]) * each}
    start = time.perf_counter()
    method = {"method": "krylov", "tolerance": TOLERANCE} if step == "predict" else {"method": "dense"}
    regime = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, **method)
    times = RATE * np.arange(0, ITERATIONS + 1, EVERY)
    ends = [regime.output(times)[-1], regime.output(times, x_test)[-1]]
    return {
        "seconds": time.perf_counter() - start,
        "gigabytes": peak_gigabytes(),
        "losses": [float(np.mean((end - labels) ** 2)) for end, labels in zip(ends, (y, y_test), strict=True)],
    }


def _timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


@pytest.mark.parametrize("m", GIGABYTES)
def test_paper_size(m, report):
    found, trained = alone(__file__, "predict", 10_000, m, 0.01), alone(__file__, "train", 10_000, m, 0.01)
    case = f"kernel regime, n = 10 000, m = {m}"
    report.add(case, found["seconds"], "seconds", SECONDS[m])
    report.add(f"{case}: training / prediction", trained["seconds"] / found["seconds"], "times", "≥ 1")
    assert report.add(f"{case}: peak memory", found["gigabytes"], "GB", f"≤ {GIGABYTES[m]}")


@pytest.mark.parametrize(("penalty", "m"), [(0.0, 20), (0.01, 3)])
def test_accuracy(penalty, m, report):
    """Against all eigenvectors, of as many unknowns as take them a few seconds."""
    n = 1_000
    found, exact = (alone(__file__, step, n, m, penalty)["losses"] for step in ("predict", "exact"))
    # |Δ mean (f − y)²| ≤ 2 √loss · rms error, and the rms error is the 2-norm's over √n
    bound = 2 * TOLERANCE / np.sqrt(n)
    assert abs(found[0] - exact[0]) < bound + 1e-7
    assert abs(found[1] - exact[1]) < 2 * TOLERANCE + 1e-7
    report.add(
        f"kernel regime, n = 1 000, λ = {penalty:g}: error of the training loss",
        abs(found[0] - exact[0]),
        "",
        f"≤ {bound:.1e}",
    )


def test_growth_with_samples(report):
    found = [alone(__file__, "predict", n, 20, 0.01) for n in SIZES]
    for n, one in zip(SIZES, found, strict=True):
        report.add(f"kernel regime, n = {n:_}, m = 20".replace("_", " "), one["seconds"], "seconds")
        report.add(
            f"kernel regime, n = {n:_}, m = 20: peak memory".replace("_", " "),
            one["gigabytes"],
            "GB",
            f"≤ {LARGEST_GIGABYTES}" if n == SIZES[-1] else None,
        )
    seconds, memory = ([one[name] for one in found] for name in ("seconds", "gigabytes"))
    report.add("kernel regime: growth of time, power of n", slope(SIZES, seconds), "power")
    report.add("kernel regime: growth of memory, power of n", slope(SIZES, memory), "power", "≤ 1.1")
    assert memory[-1] <= LARGEST_GIGABYTES and slope(SIZES, memory) <= 1.1


def test_growth_with_units(report):
    found = [alone(__file__, "predict", 2_500, m, 0.01) for m in WIDTHS]
    report.add("kernel regime: growth of time, power of m", slope(WIDTHS, [one["seconds"] for one in found]), "power")
    report.add(
        "kernel regime: growth of memory, power of m", slope(WIDTHS, [one["gigabytes"] for one in found]), "power"
    )
    assert max(one["gigabytes"] for one in found) <= GIGABYTES[100]


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(name, int(numbers[0]), int(numbers[1]), float(numbers[2]))) + "\n")
