"""Speed and peak memory of training at the paper's size, as a user gets it: a teacher of 100 units and eight students.

A step is set beside its bare matrix products, and beside the loop one writes first in PyTorch (a module, autograd and
SGD an arm), each with the threads it has by default. Seconds are the wall clock's; the functions take turns and medians
are compared. Memory is asserted, ratios are reported beside their target.
As a program, ``python bench_training.py memory`` prints one JSON line.
"""

import json
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from measure import DIM, alike, alone, alternate, peak_gigabytes

from kdsrc.data import Dataset
from kdsrc.networks import init_network
from kdsrc.threads import one_pool
from kdsrc.training import Arm, train
from kdsrc.training.descent import GramState, StackedArms, WeightState, product
from kdsrc.training.euler import step_operations
from kdsrc.training.long_steps import integrate_long_steps

TEACHER, STUDENT, STUDENTS, PENALTY, RATE = 100, 20, 8, 0.01, 2e-4
GIGABYTES = 2.0


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
    stack = StackedArms(arms, torch.float32, torch.device("cpu"))
    state, y = state_class(stack, data.x_train, data.x_test), stack.tensor(data.y_train)

    def step():
        residual = y - stack.outputs(state.z)
        torch.isfinite(residual.sum(1)).tolist()
        state.step(stack.direction(state.z, residual), RATE)

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


def compare(report, n, state_class, bare_products, rounds, calls, bare_target, obvious_target):
    """Rows on a step of all arms: engine against bare products, and the obvious loop against the engine."""
    arms, data = problem(n)
    step, state = engine_steps(arms, data, state_class)
    multiply = bare_products(state)

    def engine():
        with one_pool(step_operations(arms, n, n)):  # as `train` holds it around all of its steps
            for _ in range(calls):
                step()

    def bare():  # under the same pool, or torch's waiting threads would slow what the step is held against
        with one_pool(step_operations(arms, n, n)):
            for _ in range(calls):
                multiply()

    obvious = obvious_steps(arms, data)[0]

    def loop():
        for _ in range(calls):
            obvious()

    seconds = alternate({"engine": engine, "bare": bare, "loop": loop}, rounds)
    case = f"nine arms, n = {n:_}".replace("_", " ")
    report.add(f"{case}: a step", 1_000 * seconds["engine"] / calls, "ms")
    report.add(f"{case}: step / bare products", seconds["engine"] / seconds["bare"], "times", bare_target)
    report.add(f"{case}: obvious loop / step", seconds["loop"] / seconds["engine"], "times", obvious_target)


def test_step_at_paper_size(report):
    def bare(state):
        direction, moved, z = torch.ones_like(state.z), torch.empty_like(state.w), torch.empty_like(state.z)

        def multiply():
            product(direction, state.x, out=moved)
            product(state.w, state.x.T, out=z)

        return multiply

    compare(report, 10_000, WeightState, bare, 7, 1, "≤ 1.10", "≥ 1.8")


def test_step_at_a_thousand(report):
    def bare(state):
        direction, moved = torch.ones_like(state.z), torch.empty_like(state.z)
        return lambda: product(direction, state.gram, out=moved)

    compare(report, 1_000, GramState, bare, 15, 20, "≤ 1.6", "≥ 6")


def test_long_steps_at_a_thousand(report):
    """Images share a mean; random rows have to be given one, or no direction is faster than the others."""
    data = Dataset(*alike(1_000, 100), "alike")
    arms = [replace(arm, knowledge=None, penalty=0.0) for arm in problem(1_000)[0]]
    given = {"learning_rate": 2e-3, "progress": False, "record_every": 10**6}
    counts = {"descent": 300, "long steps": 10_000}
    runs = {"descent": train, "long steps": partial(integrate_long_steps, stages=40)}
    seconds = alternate(
        {name: partial(run, arms, data, iterations=counts[name], **given) for name, run in runs.items()}, 3
    )
    each = {name: value / counts[name] for name, value in seconds.items()}
    report.add(
        "nine arms, n = 1 000: descent / long steps, an iteration",
        each["descent"] / each["long steps"],
        "times",
        "≥ 15",
    )


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
    assert not torch.allclose(
        state.w, torch.tensor(np.concatenate([a.network.weights for a in arms])).float(), rtol=0, atol=1e-5
    )


def test_peak_memory(report):
    found = alone(__file__, "memory")
    assert report.add("nine arms, n = 10 000: peak memory", found["gigabytes"], "GB", f"≤ {GIGABYTES}")


def memory() -> dict:
    """Peak memory of this process after three iterations at n = 10 000, the data and the first curvature included."""
    arms, data = problem(10_000, 2_000)
    train(arms, data, learning_rate=RATE, iterations=3, record_every=1)
    return {"gigabytes": peak_gigabytes()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(memory()) + "\n")
