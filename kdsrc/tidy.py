"""A record as one tidy table of columns, whatever its kind: curves, rows of a sweep, or measures alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__: list[str] = []

_METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
# The level of a factor that a sweep's record leaves out.
USUAL = {
    "start": "random",
    "knowledge": "none",
    "penalty": 0.0,
    "output_scale": 1.0,
    "inputs": "pixels",
    "images": "all",
    "labels": "true",
    "activation": "relu",
    "method": "descent",
    "iterations": 2_000,
    "std": "as set",
    "classes": "as set",
    "flipped": 0.0,
    "outputs": "none",
    "mixing": 0.0,
}


def columns(record: Any) -> dict[str, np.ndarray]:
    """What `kdsrc.records.Record.columns` returns."""
    if record.curves:
        parts = [*_of_curves(record)]
    else:
        parts = [*(_of_rows(record) if "point" in record.measures else _of_measures(record))]
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _of_curves(record):
    for arm, curve in record.curves.items():
        steps = curve["iterations"]
        shape = (len(record.seeds), len(steps))
        told = _factors(record.conditions[arm]) if arm in record.conditions else {}
        yield (
            {name: np.full(shape, level).ravel() for name, level in ({"arm": arm} | told).items()}
            | {"seed": np.repeat(record.seeds, shape[1]), "iteration": np.tile(steps, shape[0])}
            | {name: np.ravel(values) for name, values in curve.items() if name != "iterations"}
        )


def _of_rows(record):
    """Of a sweep, whose conditions are called ``point/arm``, its measures ``metric_arm``; none of unmeasured arms."""
    labels = [label.split("/") for label in record.conditions]
    points, arms = ([*dict.fromkeys(names)] for names in zip(*labels, strict=True))
    which, horizons = record.measures["point"], record.measures["horizons"]
    own, ends = ("point", "seed", "seconds", "maker"), tuple(f"_{arm}" for arm in arms)
    levels = {
        name: values
        for name, values in record.measures.items()
        if values.ndim == 1 and name not in own and not name.endswith(ends)
    }
    for arm in arms:
        factors = [_factors(USUAL | record.conditions[f"{point}/{arm}"]) for point in points]
        rows = {"arm": [arm] * len(which), "point": np.array(points)[which], **levels}
        rows |= {name: np.array([one[name] for one in factors])[which] for name in factors[0]}
        rows |= {"seed": record.measures["seed"]}
        known = {one: record.measures[f"{one}_{arm}"] for one in _METRICS if f"{one}_{arm}" in record.measures}
        if not known:
            continue
        yield (
            {name: np.repeat(values, horizons.shape[1]) for name, values in rows.items()}
            | {"iteration": horizons.ravel()}
            | {metric: values.ravel() for metric, values in known.items()}
        )


def _of_measures(record):
    for name, values in record.measures.items():
        places = np.indices((*values.shape, 1, 1)[:3]).reshape(3, -1)
        yield {
            "measure": np.full(values.size, name),
            "seed": np.array(record.seeds)[places[0]],
            "row": places[1],
            "column": places[2],
            "value": values.ravel(),
        }


def _factors(condition: Mapping[str, Any]) -> dict:
    """One type a factor: inf is a word in JSON, and a level may be a number beside words."""
    return {
        name: float(level) if name == "penalty" else str(level) if name in ("images", "std") else level
        for name, level in condition.items()
    }
