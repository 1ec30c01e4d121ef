"""What is compared when the paper says better or faster: one positive number a seed from each of two curves.

Every measure takes the curves of two arms, ``iterations`` (T,) and losses (seeds, T), and returns two (seeds,)
arrays. Less is better in all of them.
"""

from collections.abc import Callable

import numpy as np

__all__ = ["best", "curve", "final", "initial", "rate", "reach"]

OutcomeMeasure = Callable[[dict, dict], tuple[np.ndarray, ...]]
_ZERO = 1e-12  # a mean squared residual that single precision cannot tell from none


def final(metric: str) -> OutcomeMeasure:
    """The loss at the last recorded iteration of each arm."""
    return lambda one, other: (_loss(one, metric)[:, -1], _loss(other, metric)[:, -1])


def initial(metric: str) -> OutcomeMeasure:
    """The loss at the first recorded iteration of each arm."""
    return lambda one, other: (_loss(one, metric)[:, 0], _loss(other, metric)[:, 0])


def best(metric: str) -> OutcomeMeasure:
    """The smallest loss of the run."""
    return lambda one, other: (_loss(one, metric).min(axis=1), _loss(other, metric).min(axis=1))


def curve(metric: str) -> OutcomeMeasure:
    """The geometric mean of the loss over the run: the area under the curve of its logarithm.

    Raises
    ------
    ValueError
        When the arms were not recorded at the same iterations.
    """

    def measure(one, other):
        if not np.array_equal(one["iterations"], other["iterations"]):
            raise ValueError(
                f"curve: the arms were recorded at {len(one['iterations'])} and "
                f"{len(other['iterations'])} iterations; expected the same ones: compare their final "
                "losses instead"
            )
        return tuple(np.exp(_average(arm["iterations"], np.log(_loss(arm, metric)))) for arm in (one, other))

    return measure


def reach(metric: str) -> OutcomeMeasure:
    """Iterations until the loss is first at the level where the worse of the two arms ends, at least one.

    Between recorded iterations the logarithm of the loss is taken as linear. Where an arm starts says as much
    about this number as how fast it learns: `rate` takes the start out.

    Examples
    --------
    >>> one = {"iterations": np.array([0, 10]), "train_loss": np.array([[1.0, 0.25]])}
    >>> other = {"iterations": np.array([0, 10]), "train_loss": np.array([[1.0, 0.5]])}
    >>> [float(found[0]) for found in reach("train_loss")(one, other)]
    [5.0, 10.0]
    """

    def measure(one, other):
        losses = _loss(one, metric), _loss(other, metric)
        level = np.maximum(losses[0][:, -1], losses[1][:, -1])  # (seeds,)
        return tuple(
            np.maximum(_first(arm["iterations"], loss, level), 1.0)
            for arm, loss in zip((one, other), losses, strict=True)
        )

    return measure


def rate(metric: str) -> OutcomeMeasure:
    """Iterations from the lower of the two starts down to the higher of the two ends, at least one.

    Both arms have then covered the same stretch of loss, wherever they began. NaN for a seed whose arms have no
    loss in common.
    """

    def measure(one, other):
        losses = _loss(one, metric), _loss(other, metric)
        start = np.minimum(losses[0][:, 0], losses[1][:, 0])  # (seeds,)
        end = np.maximum(losses[0][:, -1], losses[1][:, -1])
        return tuple(
            np.where(
                start > end,
                np.maximum(_first(arm["iterations"], loss, end) - _first(arm["iterations"], loss, start), 1.0),
                np.nan,
            )
            for arm, loss in zip((one, other), losses, strict=True)
        )

    return measure


def _loss(arm: dict, metric: str) -> np.ndarray:
    return np.maximum(arm[metric], _ZERO)  # (seeds, T)


def _average(iterations, values):
    """Trapezoidal mean over iterations of values (seeds, T); returns (seeds,)."""
    return np.trapezoid(values, iterations, axis=1) / (iterations[-1] - iterations[0])


def _first(iterations, loss, level):
    """First (interpolated) iteration at which each row of loss (seeds, T) is at or below its level (seeds,)."""
    found = []
    for row, target in zip(loss, level, strict=True):
        after = int(np.argmax(row <= target))  # every level used here is reached
        if after == 0:
            found.append(float(iterations[0]))
            continue
        high, low = np.log(row[after - 1]), np.log(row[after])
        share = (high - np.log(target)) / (high - low)
        found.append(iterations[after - 1] + share * (iterations[after] - iterations[after - 1]))
    return np.array(found)
