"""Gains of taught students, foretold and trained, and how far kernels moved: numbers of the record ``regime``.

A *place* is a teacher's width and the scale std of the initial weights. The *gain* of a λ there is
ln(loss taught / loss alone), of training losses after all iterations; its *gap* is the gain that the kernel regime
foretells at the students' starts (Eq. 3–4) minus the gain trained. The regime has begun where the gap is within
`MARGIN` of zero.

Functions that return `Compared` are what claims compare: the levels of each comparison, and a number a seed.
"""

from itertools import product

import numpy as np

from kdsrc.records import Record
from kdsrc.studies.names import SHARE, taught

__all__ = [
    "MARGIN",
    "fall_with_width",
    "far_corner",
    "gains",
    "gaps",
    "moved",
    "named",
    "own_size",
    "penalties",
    "penalty_shift",
    "places",
    "same_product",
]

MARGIN = 0.05  # of the gain foretold, in logarithms: fixed in `kdsrc.studies.regime` before any run
OWN = (100.0, 0.01, 0.01)  # the paper's teacher, scale of weights and λ
_NEAR = 1.2  # two networks with scales std √m this close move alike, if std √m alone decides

Place = tuple[float, float]
Compared = dict[tuple[str, ...], np.ndarray]


def places(record: Record) -> list[Place]:
    """Every (width, std) of the widths and scales that the record has so far, both rising.

    Examples
    --------
    >>> found = {"width": np.array([100, 200]), "std": np.array([0.01, 0.01])}
    >>> places(Record("planted", {}, {}, [0], {}, {}, found))
    [(100.0, 0.01), (200.0, 0.01)]
    """
    widths, scales = (sorted({*map(float, record.measures[name])}) for name in ("width", "std"))
    return [*product(widths, scales)]


def penalties(record: Record) -> list[float]:
    """The λ of its taught students.

    Examples
    --------
    >>> found = {"train_loss_taught_0.1": np.ones((1, 1)), "train_loss_taught_0": np.ones((1, 1))}
    >>> penalties(Record("planted", {}, {}, [0], {}, {}, found))
    [0.0, 0.1]
    """
    start = f"train_loss_{taught(0.0)[:-1]}"
    return sorted(float(name.removeprefix(start)) for name in record.measures if name.startswith(start))


def gains(
    record: Record, penalty: float, *, foretold: bool = False, metric: str = "train_loss", horizon: int = -1
) -> dict[Place, np.ndarray]:
    """Place -> the gain ln(loss taught / loss alone) of each seed (seeds,), NaN where a seed is missing.

    Parameters
    ----------
    record : Record
    penalty : float
        λ of the taught student.
    foretold : bool
        Of the kernel regime's losses, in the place of those trained.
    metric : {'train_loss', 'test_loss'}
    horizon : int
        The place of the horizon; the last unless given.

    Examples
    --------
    >>> found = {"width": np.array([100]), "std": np.array([0.01]), "seed": np.array([0])}
    >>> found |= {"train_loss_taught_0": np.full((1, 1), 0.5), "train_loss_alone": np.ones((1, 1))}
    >>> gains(Record("planted", {}, {}, [0], {}, {}, found), 0.0)[100.0, 0.01].round(3)
    array([-0.693])
    """
    prefix = f"{metric}_foretold_" if foretold else f"{metric}_"
    losses = (record.measures[prefix + arm][:, horizon] for arm in (taught(penalty), "alone"))
    return _by_place(record, np.log(np.divide(*losses)))


def gaps(record: Record, penalty: float, *, metric: str = "train_loss", horizon: int = -1) -> dict[Place, np.ndarray]:
    """Place -> the gain foretold minus the gain trained, of each seed (seeds,); arguments as of `gains`.

    Examples
    --------
    >>> found = {"width": np.array([100]), "std": np.array([0.01]), "seed": np.array([0])}
    >>> losses = {"taught_0": 0.5, "alone": 1.0, "foretold_taught_0": 1.0, "foretold_alone": 1.0}
    >>> found |= {f"train_loss_{arm}": np.full((1, 1), loss) for arm, loss in losses.items()}
    >>> gaps(Record("planted", {}, {}, [0], {}, {}, found), 0.0)[100.0, 0.01].round(3)
    array([0.693])
    """
    ahead, trained = (gains(record, penalty, foretold=which, metric=metric, horizon=horizon) for which in (True, False))
    return {place: ahead[place] - trained[place] for place in trained}


def moved(record: Record, arm: str) -> dict[Place, np.ndarray]:
    """Place -> ‖H(end) − H(start)‖/‖H(start)‖ of each seed (seeds,), of ``alone`` or the ``teacher``.

    Examples
    --------
    >>> found = {"width": np.array([100]), "std": np.array([0.01]), "seed": np.array([0])}
    >>> record = Record("planted", {}, {}, [0], {}, {}, found | {"moved_alone": np.array([0.25])})
    >>> moved(record, "alone")
    {(100.0, 0.01): array([0.25])}
    """
    return _by_place(record, record.measures[f"moved_{arm}"])


def own_size(record: Record) -> Compared:
    """The gap at the paper's own size and λ."""
    width, std, penalty = OWN
    found = gaps(record, penalty)
    return {(f"λ = {penalty:g}",): found[width, std]} if (width, std) in found else {}


def far_corner(record: Record) -> Compared:
    """The gap of each λ at the largest width and std, where weights move least relative to where they were."""
    last = places(record)[-1]
    return {(f"λ = {penalty:g}",): gaps(record, penalty)[last] for penalty in penalties(record)}


def fall_with_width(record: Record) -> Compared:
    """For each std, by how much the size of the gap changes from the narrowest teacher to the widest.

    By the straight line in the logarithm of the width that suits all widths best; of the mean of the sizes over λ.
    """
    sizes = _mean_size(record)
    widths = sorted({width for width, _ in sizes})
    way = np.log(widths[-1] / widths[0])
    return {
        (f"std {std:g}",): way * np.polyfit(np.log(widths), np.stack([sizes[width, std] for width in widths]), 1)[0]
        for std in sorted({std for _, std in sizes})
    }


def same_product(record: Record) -> Compared:
    """ln of how far the kernel of the widest teacher moves against that of the narrowest student at ten times std.

    Their std √m are nearly the same: 40 std of 1 600 units, and 44.7 std of 20 units with weights ten times as large.

    Examples
    --------
    >>> found = {"width": np.array([100, 1600]), "std": np.array([0.1, 0.01]), "seed": np.array([0, 0])}
    >>> found |= {"moved_teacher": np.array([1.0, 0.5]), "moved_alone": np.array([0.5, 0.1])}
    >>> same_product(Record("planted", {}, {}, [0], {}, {}, found))
    {('std 0.01 and 0.1',): array([0.])}
    """
    teacher, alone = moved(record, "teacher"), moved(record, "alone")
    wide, narrow = max(width for width, _ in teacher), min(width for width, _ in teacher)
    if not 1.0 / _NEAR < 10.0 * np.sqrt(narrow / SHARE / wide) < _NEAR:
        return {}
    return {
        (f"std {std:g} and {other:g}",): np.log(teacher[wide, std] / alone[narrow, other])
        for std in sorted({std for _, std in teacher})
        for other in sorted({std for _, std in teacher})
        if np.isclose(other, 10.0 * std)
    }


def penalty_shift(record: Record) -> Compared:
    """For each place, the size of the gap at the largest λ minus that at the smallest."""
    few, most = (gaps(record, penalty) for penalty in (penalties(record)[0], penalties(record)[-1]))
    return {named(place): np.abs(most[place]) - np.abs(few[place]) for place in few}


def _by_place(record: Record, values: np.ndarray) -> dict[Place, np.ndarray]:
    width, std, seeds = (np.asarray(record.measures[name]) for name in ("width", "std", "seed"))
    found = {}
    for place in places(record):
        here = (width == place[0]) & (std == place[1])
        known = dict(zip(seeds[here].tolist(), values[here].tolist(), strict=True))
        found[place] = np.array([known.get(seed, np.nan) for seed in record.seeds])
    return found


def _mean_size(record: Record) -> dict[Place, np.ndarray]:
    each = [gaps(record, penalty) for penalty in penalties(record)]
    return {place: np.mean([np.abs(one[place]) for one in each], axis=0) for place in each[0]}


def named(place: Place) -> tuple[str, str]:
    """Its levels in words, the scale first."""
    return f"std {place[1]:g}", f"{place[0]:g} units"
