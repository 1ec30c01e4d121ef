"""Effects over few seeds: the mean of paired differences with Student's 95 % interval.

Arms of one seed share the teacher, the draw of units and the data, so their difference varies far less from seed
to seed than either of them: differences are taken within a seed. With five seeds the spread is itself an estimate;
Student's t makes the interval as wide as that requires (2.78 standard errors at five seeds, where a normal
interval would have 1.96). Losses are positive and their changes multiply: they are compared by the logarithm of
their ratio, which also treats a halving and a doubling alike.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import stdtr, stdtrit

from kdsrc import checks

__all__ = ["Estimate", "image_interval", "log_ratio", "mean_interval", "p_value"]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and its interval.

    Attributes
    ----------
    effect : float
        Mean over the seeds.
    low, high : float
        Ends of the interval; infinite with a single seed, which says nothing about the spread.
    count : int
        How many seeds.

    Examples
    --------
    >>> round(Estimate(0.0953102, 0.0, 0.2, 5).percent().effect, 3)
    10.0
    """

    effect: float
    low: float
    high: float
    count: int

    def percent(self) -> "Estimate":
        """A log ratio as a change in per cent, 100 (e^x − 1), end by end."""
        effect, low, high = (100.0 * float(np.expm1(value)) for value in (self.effect, self.low, self.high))
        return Estimate(effect, low, high, self.count)


def mean_interval(values: Float[np.ndarray, " count"], *, level: float = 0.95) -> Estimate:
    """Mean of `values` and its Student interval, mean ± t_{count-1} s/√count.

    Parameters
    ----------
    values : (count,) array
        One number a seed, independent between seeds; s is their standard deviation (divisor count − 1).
    level : float
        Probability with which the interval covers the true mean, when the numbers are normal.

    Raises
    ------
    ValueError
        No value, a value that is not finite, or a level outside (0, 1).

    Examples
    --------
    >>> found = mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> found.effect, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    values = checks.array("mean_interval", "values", values, ("count",), hint=": one number a seed")
    tail = _tail("mean_interval", level)
    mean, count = float(values.mean()), values.size
    if count == 1:
        return Estimate(mean, -np.inf, np.inf, 1)
    half = float(stdtrit(count - 1, 1.0 - tail) * values.std(ddof=1) / np.sqrt(count))
    return Estimate(mean, mean - half, mean + half, count)


def log_ratio(
    values: Float[np.ndarray, " count"], against: Float[np.ndarray, " count"], *, level: float = 0.95
) -> Estimate:
    """Mean over seeds of ln(values/against) and its interval.

    Parameters
    ----------
    values, against : (count,) array
        Positive numbers; the same place is the same seed.

    Raises
    ------
    ValueError
        For shapes that differ, or a number that is not positive and finite.

    Examples
    --------
    >>> round(log_ratio(np.array([2.0, 2.0]), np.array([1.0, 1.0])).percent().effect, 6)
    100.0
    """
    values = checks.array("log_ratio", "values", values, ("count",))
    against = checks.array("log_ratio", "against", against, values.shape, hint=": numbers are paired by seed")
    if min(values.min(), against.min()) <= 0:
        raise ValueError(f"log_ratio: values={values!r}, against={against!r}; expected positive numbers")
    return mean_interval(np.log(values / against), level=level)


def p_value(values: Float[np.ndarray, " count"]) -> float:
    """Two-sided p value of Student's t statistic √count · mean/s, against a mean of zero.

    Parameters
    ----------
    values : (count,) array
        As for `mean_interval`.

    Returns
    -------
    float
        Below 0.05 exactly when the 95 % interval of `mean_interval` leaves zero out; 1 for a single value.
    """
    found, count = mean_interval(values), np.size(values)
    if count == 1:
        return 1.0
    error = float(np.std(values, ddof=1) / np.sqrt(count))
    if error == 0.0:
        return float(found.effect == 0.0)
    return float(2.0 * stdtr(count - 1, -abs(found.effect) / error))


def image_interval(
    residuals: np.ndarray, against: np.ndarray, *, draws: int = 2_000, seed: int = 0, level: float = 0.95
) -> Estimate:
    """ln of the ratio of two mean squared residuals and its interval over test images, by the bootstrap.

    `mean_interval` covers what the seeds draw, on the same images. This covers the choice of the images, for the
    networks at hand: images are drawn again with replacement, the same ones for both networks and all seeds, and the
    interval is that of percentiles.

    Parameters
    ----------
    residuals, against : (seeds, images) array
        y − f on each test image at the end of training. Two decimals are enough: rounding moves a mean square by less
        than 1e-5.
    draws : int
        Of the bootstrap.
    seed : int
        Of the draws.

    Returns
    -------
    Estimate
        ``effect`` is the mean over seeds of the ln ratio on all images; ``count`` is the number of images.

    Raises
    ------
    ValueError
        For shapes that differ, fewer than two images, residuals that are not finite or all zero.
    """
    one = checks.array("image_interval", "residuals", residuals, ("seeds", "images"))
    other = checks.array("image_interval", "against", against, one.shape)
    if one.shape[1] < 2 or not (one.any(axis=1).all() and other.any(axis=1).all()):
        raise ValueError(
            f"image_interval: residuals and against of shape {one.shape}, some seed's all zero or with one image; "
            "expected two images or more, with a mean square"
        )
    draws, random = checks.count("image_interval", "draws", draws), checks.generator("image_interval", seed)
    tail = _tail("image_interval", level)
    images = one.shape[1]
    times = np.ones((1 + draws, images))  # how often each image is taken; the first row is the images themselves
    for row in times[1:]:
        row[:] = np.bincount(random.integers(images, size=images), minlength=images)
    sums = [times @ (values**2).T for values in (one, other)]  # (1 + draws, seeds)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(sums[0] / sums[1]).mean(axis=1)
    low, high = np.nanquantile(ratios[1:], [tail, 1.0 - tail])
    return Estimate(float(ratios[0]), float(low), float(high), images)


def _tail(function, level):
    """Probability beyond each end of an interval that covers with probability `level`."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"{function}: level={level}; expected a probability between 0 and 1, such as 0.95")
    return 0.5 * (1.0 - level)
