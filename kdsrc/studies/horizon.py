"""The long run: the arms of Figures 1 to 3 on a thousand images until their training losses no longer move.

What the paper says of final quality cannot be read from the figures' iterations. Teachers are as there; then every
arm goes on: `handover` iterations of gradient descent, and from there to `long` iterations by the
Runge–Kutta–Chebyshev steps of `kdsrc.training.long_steps`, which follow the same flow. λ → ∞ does not move and is left
out. The study `far` has Figure 1's main arms on all images.
"""

from dataclasses import replace

import numpy as np

from kdsrc.data import Dataset
from kdsrc.networks import TwoLayerNetwork
from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import DESCENT, LONG_STEPS, Condition
from kdsrc.studies.names import EARLY_STOPS, early
from kdsrc.studies.settings import SCALES, Settings

__all__ = ["arms", "beside", "checks", "far", "lost"]

SETTINGS = {
    "paper": Settings(n_train=1_000, learning_rate=2e-3, handover=40_000, long=2_000_000),
    "quick": Settings(n_train=500, n_test=400, learning_rate=4e-3, handover=2_000, long=200_000),
    "live": replace(SCALES["live"], handover=4_000, long=20_000),
}
ARMS = {
    **{arm: text for arm, text in figure1.ARMS.items() if not arm.endswith("_long")},
    **{arm: figure2.ARMS[arm] for arm in ("taught_penalty_0.1", "taught_penalty_1")},
    **{early(stop): figure3.ARMS[early(stop)] for stop in EARLY_STOPS},
}


FAR = ("teacher", "student_alone", "student_taught", "taught_no_penalty", "random_penalty")


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    known = figure3.arms(settings) | figure2.arms(settings) | figure1.arms(settings)
    return {name: replace(known[name], method=LONG_STEPS, iterations=settings.long) for name in ARMS}


def far(settings: Settings) -> dict[str, Condition]:
    """Figure 1's main arms, of `FAR`: as long as the settings say."""
    known = figure1.arms(settings)
    return {name: replace(known[name], method=LONG_STEPS, iterations=settings.long) for name in FAR}


def beside(settings: Settings) -> dict[str, Condition]:
    """For each arm, a quarter of `handover` beyond it: ``<arm> by descent`` and ``<arm> by steps``."""
    further = settings.handover + settings.handover // 4
    methods = {"by descent": DESCENT, "by steps": LONG_STEPS}
    return {
        f"{name} {how}": replace(one, method=method, iterations=further)
        for how, method in methods.items()
        for name, one in arms(settings).items()
    }


def checks(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Measures of one seed, in the order of `ARMS`.

    ``by_descent`` and ``by_steps`` are the training losses of what is trained `beside` the arms, from the same
    networks; ``lost``, on how many training images no active unit has an output weight of the label's sign at the end:
    there the output cannot move to it.
    """
    trained = {name: bench.history(one).train_loss[-1] for name, one in beside(bench.settings).items()}
    found = {f"by_{how}": np.array([trained[f"{name} by {how}"] for name in arms]) for how in ("descent", "steps")}
    return found | {"lost": np.array([lost(bench.network(one), bench.data).sum() for one in arms.values()])}


def lost(network: TwoLayerNetwork, data: Dataset) -> np.ndarray:
    """On which training images, (n,), no active unit has an output weight of the label's sign."""
    helpful = np.sign(network.output_weights) == data.y_train[:, None]  # (n, m)
    return ~((network.slopes(data.x_train) > 0) & helpful).any(axis=1)
