"""What training leaves behind: losses and accuracies of every arm, row by row, and the networks at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Int

from kdsrc.data import Dataset
from kdsrc.networks import TwoLayerNetwork
from kdsrc.training.descent import GramState, StackedArms, WeightState
from kdsrc.typing import Times

__all__ = ["METRICS", "History", "TrainingDiverged"]

METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


class TrainingDiverged(FloatingPointError):
    """A run turned non-finite; the message says which arm and at which iteration."""


@dataclass(frozen=True, eq=False)
class History:
    """What one arm did. Losses are means over samples of (y_i − f(x_i))², without the penalty.

    Attributes
    ----------
    iterations : (T,) int array
        0, record_every, 2·record_every, …, and the last.
    train_loss, test_loss, train_accuracy, test_accuracy : (T,) arrays
    network : TwoLayerNetwork
        After the last iteration.
    checkpoints : dict of int to TwoLayerNetwork

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> run = train([Arm("alone", network)], data, iterations=5, checkpoints=[2], progress=False)["alone"]
    >>> run.train_loss.shape, list(run.checkpoints), run.network.width
    ((2,), [2], 4)
    """

    iterations: Int[np.ndarray, " T"]
    train_loss: Times
    test_loss: Times
    train_accuracy: Times
    test_accuracy: Times
    network: TwoLayerNetwork
    checkpoints: dict[int, TwoLayerNetwork] = field(default_factory=dict)


class Recorder:
    """Watches a state of `kdsrc.training.descent` with the stack of its arms, and keeps the rows it is asked to keep.

    `caller` and `remedy` are for the message when an output turns non-finite.
    """

    def __init__(
        self,
        caller: str,
        remedy: str,
        names: Sequence[str],
        stack: StackedArms,
        state: GramState | WeightState,
        data: Dataset,
    ) -> None:
        self.caller, self.remedy, self.names, self.stack, self.state = caller, remedy, list(names), stack, state
        self.y, self.y_test = stack.tensor(data.y_train), stack.tensor(data.y_test)
        self.iterations: list[int] = []
        self._rows: list[list] = []

    def residual(self, iteration: int, learning_rate: float) -> torch.Tensor:
        """y − f of all arms, (J, n), at the state as it is; the stack is then ready for `StackedArms.direction`."""
        self._output = self.stack.outputs(self.state.z)
        residual = self.y - self._output
        finite = residual.sum(1).isfinite().tolist()
        if not all(finite):
            raise TrainingDiverged(
                f"{self.caller}: the output of arm {self.names[finite.index(False)]!r} is not finite at iteration "
                f"{iteration} with learning_rate={learning_rate}: {self.remedy}"
            )
        return residual

    def keep(self, iteration: int) -> float:
        """Keep the row of the output just seen by `residual`; returns the mean training loss over arms."""
        test_output = self.stack.outputs(self.state.test_preactivations(), "test")
        self.iterations.append(iteration)
        self._rows.append([_scores(self._output, self.y), _scores(test_output, self.y_test)])
        return self._rows[-1][0][0].mean()

    def networks(self) -> list[TwoLayerNetwork]:
        return self.stack.networks(self.state.weights())

    def histories(self, checkpoints: dict[str, dict] | None = None) -> dict[str, History]:
        """The rows kept so far and the networks as they are, by arm."""
        table = np.transpose(self._rows, (3, 2, 1, 0))  # (arms, loss|accuracy, train|test, T)
        found = {}
        for name, network, (loss, accuracy) in zip(self.names, self.networks(), table, strict=True):
            curves = loss[0], loss[1], accuracy[0], accuracy[1]
            found[name] = History(np.array(self.iterations), *curves, network, (checkpoints or {}).get(name, {}))
        return found


def _scores(output, y):
    """Mean squared residual and accuracy of each arm; output (J, n), y (n,)."""
    squares = (y - output).double().square().mean(1)
    return squares.cpu().numpy(), ((output > 0) == (y > 0)).double().mean(1).cpu().numpy()
