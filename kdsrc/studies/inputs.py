"""What networks see: pixels, or Nyström features of learned combinations of Gaussian kernels (§4.3).

``alignf-1000`` are 1 000 Nyström features of alignf's combination of the default bandwidths, ``uniform-1000`` of
their sum with equal weights, ``gaussian3-1000`` of the fourth of them alone.
"""

import re
from collections.abc import Callable

import numpy as np

from kdsrc.data import Dataset
from kdsrc.embeddings import AlignedNystroem, alignf_gaussian, default_gammas
from kdsrc.studies.conditions import PIXELS

__all__ = ["embedded", "features", "learned_weights", "seen"]

KERNELS = 7
_FEATURES = re.compile(r"(?P<kernel>alignf|uniform|gaussian(?P<number>\d))-(?P<landmarks>\d+)")


def features(kernel: str, landmarks: int) -> str:
    """Name of the inputs that are features of one kernel: alignf, uniform, gaussian0, gaussian1, …"""
    return f"{kernel}-{landmarks}"


def learned_weights(data: Dataset) -> dict[str, np.ndarray]:
    """Bandwidths ``gammas`` (P,) and alignf's ``weights`` (P,) for the training images."""
    gammas = default_gammas(data.x_train)
    return {"gammas": gammas, "weights": alignf_gaussian(data.x_train, data.y_train, gammas)}


def seen(inputs: str, data: Dataset, learned: Callable[[], dict[str, np.ndarray]], seed: int) -> Dataset:
    """`data` as the network sees them.

    Parameters
    ----------
    inputs : str
        `PIXELS`, or what `features` makes.
    data : Dataset
    learned : callable
        Returns `learned_weights` of these data; asked only for features.
    seed : int
        Draws the landmarks.

    Raises
    ------
    ValueError
        For other names.
    """
    if inputs == PIXELS:
        return data
    found = _FEATURES.fullmatch(inputs)
    if not found or int(found["number"] or 0) >= KERNELS:
        raise ValueError(
            f"seen: inputs={inputs!r}; expected {PIXELS!r} or features(kernel, landmarks), kernel among alignf, "
            f"uniform and gaussian0 to gaussian{KERNELS - 1}"
        )
    combination = learned()
    gammas, weights = combination["gammas"], combination["weights"] if found["kernel"] == "alignf" else "uniform"
    if found["number"]:
        gammas = gammas[[int(found["number"])]]
    return embedded(data, inputs, gammas=gammas, weights=weights, landmarks=int(found["landmarks"]), seed=seed)


def embedded(
    data: Dataset, name: str, *, gammas: np.ndarray, weights: np.ndarray | str, landmarks: int, seed: int
) -> Dataset:
    """`data` as Nyström features of Σ_p μ_p K_p with random landmarks, rows of unit norm.

    Parameters
    ----------
    data : Dataset
    name : str
        Of the new data set.
    gammas, weights
        As in `AlignedNystroem`.
    landmarks : int
        At most as many as training images.
    seed : int
        Draws the landmarks.

    Examples
    --------
    >>> data = Dataset(x, y, x, y, "planted")
    >>> embedded(data, "planted", gammas=np.array([1.0]), weights="uniform", landmarks=3, seed=0).x_train.shape
    (5, 3)
    """
    count = min(landmarks, len(data.y_train))
    transformer = AlignedNystroem(gammas, count, seed, weights=weights).fit(data.x_train, data.y_train)
    train, test = (_unit_rows(transformer.transform(x)) for x in (data.x_train, data.x_test))
    return Dataset(train, data.y_train, test, data.y_test, name)


def _unit_rows(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)
