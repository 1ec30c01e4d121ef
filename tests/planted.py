"""Data that several tests share."""

import numpy as np

from kdsrc.data import Dataset


def problem(n=12, d=7, n_test=5, seed=0):
    """Random unit rows and balanced labels ±1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n + n_test, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.where(rng.permutation(n + n_test) % 2 == 0, 1.0, -1.0)
    return Dataset(x[:n], y[:n], x[n:], y[n:], "planted")
