"""Seconds and peak memory of training at the paper's size: a teacher of 100 units and eight students of 20.

Figures to reach: a step at n = 10 000, d = 3 072 within 1.15 × the time of its two bare matrix products, and 1.7 ×
faster than the loop one writes first in PyTorch (a module, autograd and SGD an arm); 8 × faster at n = 1 000, and long
steps 15 × faster again; peak memory at n = 10 000 under 2 GB. Everything runs on one thread, as the seeds of a study
do, and seconds are those of the processor: threads that wait for a busy core would measure the machine's other work.
Repetitions alternate and medians are compared. Memory is asserted, seconds are printed beside their target.
As a program, ``python bench_training.py memory`` prints one JSON line.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits

from kdsrc.chebyshev import follow
from kdsrc.data import Dataset
from kdsrc.descent import GramState, Layout, WeightState, product
from kdsrc.networks import init_network
from kdsrc.training import Arm, train

DIM, TEACHER, STUDENT, STUDENTS, PENALTY, RATE = 3_072, 100, 20, 8, 0.01, 2e-4
GIGABYTES = 2.0


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        assert torch.get_num_threads() == 1
        yield


def problem(n: int, n_test: int = 100):
    """Random unit rows and labels ±1, and the nine arms at their start."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n + n_test, DIM), dtype=np.float32).astype(float)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = rng.choice([-1.0, 1.0], size=n + n_test)
    teacher = init_network(TEACHER, DIM, seed=1)
    arms = [Arm("teacher", teacher)]
    for k in range(STUDENTS):
        student = teacher.select(rng.choice(TEACHER, STUDENT, replace=False))
        arms.append(Arm(f"student {k}", student, PENALTY, student.features(x[:n])))
    return arms, Dataset(x[:n], y[:n], x[n:], y[n:], "random")


def engine_steps(arms, data, state_class):
    """A function that takes one step of all arms, as the loop of `train` does."""
    layout = Layout(arms, torch.float32, torch.device("cpu"))
    state, y = state_class(layout, data.x_train, data.x_test), layout.tensor(data.y_train)

    def step():
        residual = y - layout.outputs(state.z)
        torch.isfinite(residual.sum(1)).tolist()
        state.step(layout.direction(state.z, residual), RATE)

    return step, state


class Network(torch.nn.Module):
    """Eq. (1) as a module."""

    def __init__(self, network):
        super().__init__()
        self.hidden = torch.nn.Linear(network.dim, network.width, bias=False)
        self.hidden.weight.data = torch.tensor(network.weights, dtype=torch.float32)
        self.register_buffer("coefficients", torch.tensor(network.coefficients, dtype=torch.float32))

    def forward(self, x):
        features = torch.relu(self.hidden(x))
        return features @ self.coefficients, features


def obvious_steps(arms, data):
    """A function that takes one step of every arm, one after another: module, autograd, SGD."""
    x, y = (torch.tensor(array, dtype=torch.float32) for array in (data.x_train, data.y_train))
    models = [Network(arm.network) for arm in arms]
    optimisers = [torch.optim.SGD(model.parameters(), lr=RATE) for model in models]
    knowledge = [None if arm.knowledge is None else torch.tensor(arm.knowledge, dtype=torch.float32) for arm in arms]

    def step():
        for arm, model, optimiser, known in zip(arms, models, optimisers, knowledge, strict=True):
            output, features = model(x)
            loss = 0.5 * (y - output).square().sum()
            if known is not None:
                loss = loss + 0.5 * arm.penalty * (known - features).square().sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    return step, models


def alternate(steps: dict, repetitions: int) -> dict:
    """Median processor seconds of each function, called in turns after one call that is not counted."""
    seconds = {name: [] for name in steps}
    for repetition in range(repetitions + 1):
        for name, step in steps.items():
            start = time.process_time()
            step()
            if repetition:
                seconds[name].append(time.process_time() - start)
    return {name: median(values) for name, values in seconds.items()}


def show(title, seconds, *ratios):
    """Print medians and ratios (name, number, target)."""
    parts = [f"{name} {1000 * value:.1f} ms" for name, value in seconds.items()]
    parts += [f"{name} {number:.2f} (to reach: {target})" for name, number, target in ratios]
    sys.stdout.write(f"\n{title}: " + ", ".join(parts) + "\n")


def test_step_at_paper_size():
    arms, data = problem(10_000)
    step, state = engine_steps(arms, data, WeightState)
    direction, moved, z = torch.ones_like(state.z), torch.empty_like(state.w), torch.empty_like(state.z)

    def bare():
        product(direction, state.x, out=moved)
        product(state.w, state.x.T, out=z)

    seconds = alternate({"engine": step, "bare products": bare, "obvious loop": obvious_steps(arms, data)[0]}, 5)
    show("n = 10 000", seconds, ("engine / bare", seconds["engine"] / seconds["bare products"], "≤ 1.15"),
         ("obvious / engine", seconds["obvious loop"] / seconds["engine"], "≥ 1.7"))


def test_step_at_a_thousand():
    arms, data = problem(1_000)
    seconds = alternate({"engine": engine_steps(arms, data, GramState)[0],
                         "obvious loop": obvious_steps(arms, data)[0]}, 30)
    show("n = 1 000", seconds, ("obvious / engine", seconds["obvious loop"] / seconds["engine"], "≥ 8"))


def test_long_steps_at_a_thousand():
    """Images share a mean; random rows have to be given one, or no direction is faster than the others."""
    rng = np.random.default_rng(0)
    x = 1.0 + rng.standard_normal((1_100, DIM))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    data = Dataset(x[:1_000], rng.choice([-1.0, 1.0], size=1_000), x[1_000:], np.ones(100), "alike")
    arms = [replace(arm, knowledge=None, penalty=0.0) for arm in problem(1_000)[0]]
    given = {"learning_rate": 2e-3, "progress": False, "record_every": 10**6}
    counts = {"descent": 300, "long steps": 10_000}
    runs = {"descent": train, "long steps": partial(follow, stages=40)}
    seconds = alternate({name: partial(run, arms, data, iterations=counts[name], **given)
                         for name, run in runs.items()}, 3)
    each = {name: value / counts[name] for name, value in seconds.items()}
    show("an iteration at n = 1 000", each, ("descent / long steps", each["descent"] / each["long steps"], "≥ 15"))


def test_both_do_the_same_work():
    """The comparison is fair: after three steps the two hold the same weights, to single precision."""
    arms, data = problem(200)
    step, state = engine_steps(arms, data, WeightState)
    obvious, models = obvious_steps(arms, data)
    for _ in range(3):
        step()
        obvious()
    found = torch.cat([model.hidden.weight.detach() for model in models])
    assert torch.allclose(state.w, found, rtol=0, atol=1e-6)
    assert not torch.allclose(state.w, torch.tensor(np.concatenate([a.network.weights for a in arms])).float(),
                              rtol=0, atol=1e-5)


def test_peak_memory():
    line = subprocess.run([sys.executable, __file__, "memory"], capture_output=True, text=True, check=True).stdout
    sys.stdout.write("\n" + line)
    assert json.loads(line)["peak_gb"] < GIGABYTES


def memory() -> dict:
    """Peak memory of this process after three iterations at n = 10 000, the data and the first curvature included."""
    arms, data = problem(10_000, 2_000)
    train(arms, data, learning_rate=RATE, iterations=3, record_every=1)
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, in kB elsewhere
    return {"step": "training", "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 2)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(memory()) + "\n")
