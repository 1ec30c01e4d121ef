"""Numbers of the README and of the first page, from the files of the records: json, NumPy and a table of Student's t.

Nothing of kdsrc is used here. What the pages compute has to come out of this as well.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import t as student

RESULTS = Path(__file__).parents[1] / "results"
SMALL = 5.0  # per cent


def kept(name):
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def loss(record, arm, metric, iteration=None):
    """Of every seed, at the last iteration unless told."""
    curve = kept(record)["curves"][arm]
    place = -1 if iteration is None else curve["iterations"].index(iteration)
    return np.array(curve[metric])[:, place]


def reached(record, arm, metric, levels):
    """Iteration at which each seed's loss is first as low as its level, on straight lines of the logarithm."""
    curve, found = kept(record)["curves"][arm], []
    for values, level in zip(curve[metric], levels, strict=True):
        after = next(place for place, value in enumerate(values) if value <= level)
        high, low = np.log(values[after - 1]), np.log(values[after])
        first, last = curve["iterations"][after - 1 : after + 1]
        found.append(first + (last - first) * (high - np.log(level)) / (high - low))
    return np.array(found)


def overlap(record, network, top=20, skip=0):
    """The mean absolute product of a network's units with the eigenvectors, of every seed."""
    return np.abs(kept(record)["measures"][network])[:, :, skip:top].mean(axis=(1, 2))


def main_effect(record, pairs, metric):
    """Of every seed, the geometric mean of the ratios of final losses."""
    return np.exp(np.mean([np.log(loss(record, one, metric) / loss(record, other, metric)) for one, other in pairs], 0))


def change(ratios):
    """Mean change in per cent and the ends of its 95 % interval, of the logarithms of ratios of the seeds."""
    logs = np.log(ratios)
    half = student.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs))
    return tuple(100 * np.expm1([logs.mean(), logs.mean() - half, logs.mean() + half]))


def word(found, claimed=-1):
    """The verdict on one comparison, `claimed` the sign of the change."""
    effect, low, high = found
    if low <= 0.0 <= high:
        return "no effect" if max(-low, high) <= SMALL else "undecided"
    side = "holds" if np.sign(effect) == claimed else "opposite"
    small = "holds, but small" if side == "holds" else "opposite, small"
    return side if abs(effect) >= SMALL else small


def together(words):
    """The verdict on several comparisons of one claim, as the page of the scorecard puts it."""
    clear, against = (sum(one.startswith(side) for one in words) for side in ("holds", "opposite"))
    if clear == len(words):
        return "holds" if words.count("holds") > len(words) / 2 else "holds, but small"
    if clear > len(words) / 2:
        return "only under a condition"
    if against > len(words) / 2:
        return "opposite" if words.count("opposite") > against / 2 else "opposite, small"
    return "no effect" if clear == against == 0 and words.count("no effect") > len(words) / 2 else "undecided"
