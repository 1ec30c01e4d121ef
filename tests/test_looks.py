"""How every kind of figure looks, against what it looked like when someone last saw it and found it good.

Whoever changes a look on purpose looks at the pages and writes golden_looks.json anew: python tests/test_looks.py
"""

import itertools
import json
from types import SimpleNamespace

import described
import golden as kept
import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from test_pictures import no_figures_left, verdict  # noqa: E402, F401 - a fixture that is used by itself

from kdsrc.claims import VERDICTS  # noqa: E402
from kdsrc.networks import init_network  # noqa: E402
from kdsrc.report import comparisons, drawings, grids, headline, moving, phases, plots, scorecard  # noqa: E402

ARMS = ("teacher", "student_alone", "student_taught", "taught_no_penalty", "alone_long")


def record(last=40):
    """Five arms that part by a fifth at most, each with five seeds that differ by a few per cent."""
    steps, noise = np.arange(0, last + 1, 2), 1.0 + 0.01 * np.arange(-2.0, 3.0)
    curves = {}
    for number, arm in enumerate(ARMS):
        loss = (0.8 - 0.05 * number) * np.exp(-(0.02 + 0.004 * number) * steps)
        both = {"train_loss": np.outer(noise, loss), "test_loss": np.outer(noise[::-1], 0.1 + loss)}
        curves[arm] = {"iterations": steps, **both}
    return SimpleNamespace(curves=curves, seeds=range(5), settings={"iterations": last})


def judged():
    """Claims of the theory and of a figure, so many that some bars have a number and some have none."""
    origins, records = ("paper", "paper", "book"), ("live", "figure1")
    for number, (word, which) in enumerate(itertools.product(VERDICTS, records)):
        for _ in range(1 + number % 3):
            claim = SimpleNamespace(record=which, origin=origins[number % 3])
            yield claim, SimpleNamespace(verdict=word)


def outputs():
    """A student of three units on five inputs, at three penalties."""
    x = np.eye(5, 6)
    y, knowledge = np.array([1.0, -1.0, 1.0, -1.0, 1.0]), np.sin(np.arange(15.0)).reshape(5, 3)
    network = init_network(3, 6, seed=1, std=1.0, activation="tanh")
    return moving.penalty(network, x, y, knowledge, [0.01, 0.1, 1.0], still=0.1)


def waves(height=1.0):
    places = np.linspace(0.1, 3.0, 10)
    return moving.modes(places, height * np.sin(3 * places), np.minimum.outer(places, places), shown=4)


def lines(levels, **options):
    """Curves of arms without a band, at these levels."""
    steps = np.arange(4)
    source = {
        arm: {"iterations": steps, "train_loss": level * 0.9**steps} for arm, level in zip(ARMS, levels, strict=False)
    }
    return plots.curves(source, **options)


def first(axes):
    return np.ravel(axes)[0]


def named(count, shown=1.2, **options):
    """Lines that end at two heights, with names that may be broken."""
    _, ax = plots.figure(size=(5.0, 2.5))
    ax.set_ylim(-0.2, shown)
    for number in range(count):
        ax.plot([0, 2 + number], [0, number % 2], label=f"line {number}, of {count}, all named")
    return plots.end_labels(ax, **options)


def several():
    """Panels of the size that a figure has unless told."""
    axes = plots.figure(2, 1)[1]
    for ax in axes:
        plots.curves({"teacher": record().curves["teacher"]}, ax=ax)
    return axes


PAIRS = {pair: verdict(number) for number, pair in enumerate(itertools.combinations(range(5), 2))}
SOME = {pair: verdict(number) for number, pair in enumerate(itertools.combinations(range(6, 9), 2))}
LEVELS = {f"outputs {row}": {f"{10 * level} %": verdict(row + level) for level in range(3)} for row in range(5)}
# each interval lies within the margin, across it or outside
GAINS = {
    (width, std): (0.02 * column - 0.05 * row) + 0.01 * np.arange(-1.0, 2.0)
    for column, width in enumerate((100.0, 400.0, 1600.0))
    for row, std in enumerate((0.1, 0.3, 1.0))
}
LOOKS = {
    "curves, range": lambda: plots.curves(record()),
    "curves, quartiles": lambda: plots.curves(record(), "test_loss", ARMS[:3], band="quartiles", log=False),
    "curves, accuracy": lambda: plots.curves(
        {"teacher": {"iterations": [0, 1], "test_accuracy": [0.5, 0.75]}}, "test_accuracy"
    ),
    "curves, one seed": lambda: plots.curves(
        {"teacher": {"iterations": [0, 1], "train_loss": np.array([[0.5, 0.25]])}}
    ),
    "curves, one level": lambda: lines((1.0, 0.98)),
    "curves, a decade": lambda: lines((1.0, 0.2)),
    "curves, one and a half": lambda: lines((1.0, 0.05)),
    "curves, two decades": lambda: lines((1.0, 0.02)),
    "curves, five decades": lambda: lines((1.0, 1e-5)),
    "curves, four decades": lambda: lines((1.0, 2.2e-4)),
    "curves, many decades": lambda: lines((1.0, 1e-13)),
    "curves, two panels": several,
    "names": lambda: named(4),
    "names, ranked": lambda: named(4, ranked=True),
    "names, beyond the axes": lambda: named(3, shown=0.6),
    "names, too many": lambda: named(17),
    "histograms": lambda: plots.histograms(
        {f"sample {number}": np.arange(8.0) ** (1 + number / 4) for number in range(5)}, bins=6, xlabel="size"
    ),
    "histograms, counts": lambda: plots.histograms(
        {"a": np.arange(70.0) ** 2}, density=False, colors={"a": plots.PINK}
    ),
    "intervals": lambda: plots.intervals(
        {"a": (1.0, 0.5, 2.0), "b": (3.0, 2.0, 4.0), "c": (0.0, -1.0, 1.0)}, reference=1.5, xlabel="change"
    ),
    "changes": lambda: comparisons.over_iterations(
        record(), {"taught": (ARMS[2], ARMS[1]), "taught, λ = 0": (ARMS[3], ARMS[1]), "teacher": (ARMS[0], ARMS[1])}
    ),
    "changes, soon over": lambda: comparisons.over_iterations(record(last=6), {"taught": (ARMS[2], ARMS[1])}),
    "first page": lambda: headline.picture(record()),
    "model": drawings.model,
    "model, small": lambda: drawings.model(teacher_width=30, width=5, seed=1),
    "pairs": lambda: grids.pairs({"one": (PAIRS, SOME), "two": (SOME, PAIRS)}),
    "levels": lambda: grids.levels({"at the end": LEVELS, "at its best": dict(list(LEVELS.items())[:3])}),
    "gaps, one panel": lambda: phases.diagram({"λ = 0": GAINS}),
    "gaps, three panels": lambda: phases.diagram({"λ = 0": GAINS, "λ = 0.1": GAINS, "λ = 1": GAINS}, margin=0.04),
    "gains by width": lambda: phases.by_width(GAINS, {place: 0.9 * gain for place, gain in GAINS.items()}),
    "gains by width, one scale": lambda: phases.by_width(*[{(w, s): g for (w, s), g in GAINS.items() if s == 1.0}] * 2),
    "scorecard, one bar": lambda: scorecard.picture([*judged()][:3]),
    "scorecard": lambda: scorecard.picture([*judged()]),
    "still of arms": lambda: moving.arms(record(), ARMS, main=ARMS[:3], points=9).still(),
    "still of modes": lambda: waves().still(),
    "still of penalties": lambda: outputs().still(),
}
MOVED = {
    "arms": lambda: moving.arms(record(), ARMS, main=ARMS[:3], later=ARMS[3:], points=9),
    "modes": waves,
    "low modes": lambda: waves(height=4e-3),
    "penalties": outputs,
}


@pytest.fixture(scope="module")
def golden():
    return kept.read("looks")


def look(name):
    return described.figure(first(LOOKS[name]()).figure)


def moved(name):
    """The numbers that a script moves."""
    return json.loads(json.dumps(MOVED[name]().data))


@pytest.mark.parametrize("name", LOOKS)
def test_a_figure_looks_as_it_did(name, golden):
    assert described.differences(look(name), golden[name]) == []


@pytest.mark.parametrize("name", MOVED)
def test_a_moving_figure_has_the_numbers_that_it_had(name, golden):
    assert moved(name) == golden[f"moving {name}"]


def test_no_look_is_kept_that_nothing_draws(golden):
    assert list(golden) == [*LOOKS, *(f"moving {name}" for name in MOVED)]


def test_a_small_change_of_a_look_is_seen():
    before = described.figure(plots.intervals({"a": (1.0, 0.5, 2.0)}).figure)
    ax = plots.intervals({"a": (1.0, 0.5, 2.0)})
    ax.lines[0].set(linewidth=2.3, alpha=0.9)
    alpha, width = described.differences(described.figure(ax.figure), before)
    assert ".things[0].width" in width and ".things[0].alpha" in alpha


if __name__ == "__main__":
    moving_ones = {f"moving {name}": moved(name) for name in MOVED}
    kept.write("looks", {name: look(name) for name in LOOKS} | moving_ones)
