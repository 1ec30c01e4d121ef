"""Seconds and peak memory of the kernel regime on CIFAR-10: predicted curves of 2 000 iterations at the rate 2e-4.

``make bench`` runs each case in a process of its own, so that its peak memory is its own. The figures to reach at
n = 10 000, d = 3 072 on two free cores, train and test outputs at 201 times to 1e-4 in f (2-norm over the training
points): student (m = 20) under 40 s and 3 GB, teacher (m = 100) under 90 s and 6 GB, and less than training the same
curve. Memory and order are asserted; seconds depend on what else the machine does.
As a program, ``python bench_dynamics.py predict 10000 20 0.01`` (step, n, m, λ) prints one JSON line.
"""

import json
import resource
import subprocess
import sys
import time

import numpy as np
import pytest

import kdsrc.data
from kdsrc.dynamics import KernelRegime
from kdsrc.networks import init_network
from kdsrc.training import Arm, train

RATE, ITERATIONS, EVERY, TOLERANCE = 2e-4, 2_000, 10, 1e-4
GIGABYTES = {20: 3.0, 100: 6.0}
GROWTH = [(n, 20) for n in (1_250, 2_500, 5_000, 10_000)] + [(2_500, m) for m in (10, 20, 50, 100)]


def measure(step: str, n: int, m: int, penalty: float) -> dict:
    """Seconds of one step without loading the data, and the peak memory of this process with it."""
    data = kdsrc.data.load("cifar10", n_train=n, n_test=2_000)
    network = init_network(m, data.x_train.shape[1], seed=0)
    other = init_network(m, data.x_train.shape[1], seed=1, std=2e-2)
    knowledge = other.features(data.x_train) if penalty > 0 else None
    start, cpu = time.perf_counter(), time.process_time()
    if step == "train":
        history = train([Arm("arm", network, penalty, knowledge)], data, learning_rate=RATE, iterations=ITERATIONS,
                        record_every=EVERY, progress=False)["arm"]
        found = {"train_loss": float(history.train_loss[-1]), "test_loss": float(history.test_loss[-1])}
    else:
        times = RATE * np.arange(0, ITERATIONS + 1, EVERY)
        regime = KernelRegime(network, data.x_train, data.y_train, penalty=penalty, knowledge=knowledge,
                              method="krylov", tolerance=TOLERANCE if step == "predict" else 1e-9)
        outputs = [regime.output(times), regime.output(times, data.x_test)]
        found = {f"{name}_loss": float(np.mean((out[-1] - y) ** 2))
                 for name, out, y in zip(("train", "test"), outputs, (data.y_train, data.y_test), strict=True)}
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, in kB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"step": step, "n": n, "m": m, "penalty": penalty, "seconds": round(seconds, 1),
            "cpu_seconds": round(cpu, 1), "peak_gb": round(peak, 2),
            **{name: round(loss, 7) for name, loss in found.items()}}


def run(*arguments) -> dict:
    line = subprocess.run([sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True,
                          check=True).stdout
    sys.stdout.write("\n" + line)
    return json.loads(line)


@pytest.mark.parametrize("penalty", (0.0, 0.01))
@pytest.mark.parametrize("m", GIGABYTES)
def test_memory_and_accuracy_at_the_papers_size(m, penalty):
    found, exact = run("predict", 10_000, m, penalty), run("exact", 10_000, m, penalty)
    assert found["peak_gb"] < GIGABYTES[m]
    # |Δ mean (f − y)²| ≤ 2 √loss · rms error, and the rms error is the 2-norm's over √n
    assert abs(found["train_loss"] - exact["train_loss"]) < 2 * TOLERANCE / 100 + 1e-7
    assert abs(found["test_loss"] - exact["test_loss"]) < 2 * TOLERANCE + 1e-7


@pytest.mark.parametrize("n, m", GROWTH)
def test_growth(n, m):
    assert run("predict", n, m, 0.01)["peak_gb"] < GIGABYTES[20 if m <= 20 else 100]


@pytest.mark.parametrize("m", GIGABYTES)
def test_prediction_is_cheaper_than_training(m):
    assert run("predict", 10_000, m, 0.01)["seconds"] < run("train", 10_000, m, 0.01)["seconds"]


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(name, int(numbers[0]), int(numbers[1]), float(numbers[2]))) + "\n")
