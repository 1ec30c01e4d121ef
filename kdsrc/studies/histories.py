"""Histories that no single run wrote: one continued by another, one cut short, one foretold by the kernel regime."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdsrc.data import Dataset
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.studies.settings import recorded
from kdsrc.training.euler import Arm
from kdsrc.training.history import METRICS, History

__all__ = ["joined", "predict", "truncated"]


def joined(first: History, second: History) -> History:
    """`second` as the continuation of `first`: its iterations are counted on, its first row is first's last."""
    rows: dict[str, Any] = {one: np.concatenate([getattr(first, one), getattr(second, one)[1:]]) for one in METRICS}
    rows["iterations"] = np.concatenate([first.iterations, first.iterations[-1] + second.iterations[1:]])
    return History(**rows, network=second.network)


def truncated(history: History, iterations: int) -> History:
    """The first so many iterations of a run that kept its network there, and of its rows those that are `recorded`."""
    network = history.checkpoints.get(iterations, history.network)
    rows = np.isin(history.iterations, recorded(iterations))
    kept: dict[str, Any] = {one: getattr(history, one)[rows] for one in ("iterations", *METRICS)}
    return History(**kept, network=network)


def predict(arm: Arm, data: Dataset, *, learning_rate: float, iterations: Sequence[int] | np.ndarray) -> History:
    """What the kernel regime at the arm's start says of its training.

    Parameters
    ----------
    arm : Arm
    data : Dataset
    learning_rate : float
        η as in `kdsrc.training.train`; t = η × iterations.
    iterations : (T,) int array

    Returns
    -------
    History
        Losses and accuracies of the predicted outputs; the network is the arm's start.

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> predict(Arm("alone", network), data, learning_rate=0.1, iterations=[0, 10]).train_loss.shape
    (2,)
    """
    regime = KernelRegime(arm.network, data.x_train, data.y_train, penalty=arm.penalty, knowledge=arm.knowledge)
    times = learning_rate * np.asarray(iterations)
    train = _scores(regime.output(times), data.y_train)
    test = _scores(regime.output(times, data.x_test), data.y_test)
    return History(np.asarray(iterations), train[0], test[0], train[1], test[1], arm.network)


def _scores(output, y):
    """Mean squared residual and accuracy at each time; output (T, n), y (n,)."""
    return ((y - output) ** 2).mean(1), ((output > 0) == (y > 0)).mean(1)
