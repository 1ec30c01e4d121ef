"""Data that several tests share."""

import numpy as np

from kdsrc import records
from kdsrc.data import Dataset
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import Store
from kdsrc.studies.sweep_runner import sweep

TINY = Settings(
    dataset="digits",
    n_train=40,
    n_test=20,
    teacher_width=10,
    student_width=4,
    learning_rate=4e-3,
    iterations=30,
    checkpoints=(10,),
)  # of studies that take a moment


def problem(n=12, d=7, n_test=5, seed=0):
    """Random unit rows and balanced labels ±1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n + n_test, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.where(rng.permutation(n + n_test) % 2 == 0, 1.0, -1.0)
    return Dataset(x[:n], y[:n], x[n:], y[n:], "planted")


def swept(study, folder, seeds=None, **options):
    """The record that a sweep leaves in the folder."""
    [*_] = sweep(study, "quick", seeds, Store(folder / "work"), folder, **options)
    return records.load(study.name, folder)


def numbers(record):
    """The measures of a sweep, without who made them in which time."""
    return {name: value.tolist() for name, value in record.measures.items() if name not in ("seconds", "maker")}
