"""Residuals of test images in a record: whole thousandths, which are short and take as few bytes as they can."""

import numpy as np

from kdsrc.records import Record

__all__ = ["in_thousandths", "residuals"]

_UNIT = 1_000


def in_thousandths(values: np.ndarray) -> np.ndarray:
    """Residuals y − f as a record keeps them."""
    return np.rint(_UNIT * np.asarray(values)).astype(int)


def residuals(record: Record, arm: str) -> np.ndarray:
    """y − f of an arm on the test images, (seeds, images), to a thousandth.

    Examples
    --------
    >>> kept = {"residuals_one": in_thousandths(np.array([[0.25, -1.5004]]))}
    >>> residuals(Record("planted", {}, {}, [0], {}, {}, kept), "one").tolist()
    [[0.25, -1.5]]
    """
    return np.asarray(record.measures[f"residuals_{arm}"], dtype=float) / _UNIT
