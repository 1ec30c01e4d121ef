"""Running sweeps: every point and seed an independent task, and the record put together from them.

A task trains what its conditions need, measures, and hands back numbers alone. A record has a row for every task that
is done; one that failed is named with its error, and tried again by the next call, which goes on from the record.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from kdsrc import records
from kdsrc.data import Dataset
from kdsrc.records import Record, provenance
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition, completed
from kdsrc.studies.ground import asked, described, earlier
from kdsrc.studies.parallel import as_done
from kdsrc.studies.runner import MOST_SEEDS
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import NUMERICS, Store
from kdsrc.studies.sweep import Point, Sweep
from kdsrc.threads import one_thread

__all__ = ["measured", "sweep", "unusual"]

_EVERY = 10.0  # seconds between two records while tasks are done faster
_MAKER = ("code", "packages", "machine")
_OWN = ("seed", "point", "seconds", "maker")  # columns of every sweep


def sweep(
    study: Sweep,
    scale: str,
    seeds: int | None,
    store: Store,
    folder: Path | str,
    *,
    jobs: int = 1,
    cluster: str | None = None,
    root: Path | str | None = None,
) -> Iterator[Record]:
    """Make the sweep's record in `folder`, or go on with the one that is there: an iterator of it as it grows.

    Parameters
    ----------
    study : Sweep
    scale : str
    seeds : int, optional
        How many; the sweep's own number unless given.
    store : Store
        Where conditions are kept as soon as they are trained; on a cluster, in the same place on every machine.
    folder : path
    jobs, cluster
        As in `kdsrc.studies.parallel.as_done`.
    root : path, optional
        As in `kdsrc.data.load`, on every machine.

    Returns
    -------
    iterator of Record
        ``measures`` has rows, ordered by seed and point: ``seed``, ``point`` (a number, in the order of the points),
        the points' levels, what was measured, ``seconds`` (of one processor) and ``maker`` (a number, of
        ``provenance["makers"]``: code, packages and machine). ``provenance["failed"]`` lists tasks and their errors.

    Raises
    ------
    ValueError
        For another scale, no seeds or too many; while it grows, for a cluster that `kdsrc.studies.parallel.as_done`
        refuses.
    """
    _, seeds = asked("sweep", study, scale, seeds)
    if not 1 <= seeds <= MOST_SEEDS or jobs < 1:
        raise ValueError(f"sweep: seeds={seeds}, jobs={jobs}; expected 1 to {MOST_SEEDS} seeds and jobs ≥ 1")
    empty = _empty(study, scale, root)
    rows = _earlier(study, empty, folder)
    return _grown(study, scale, range(seeds), store, folder, empty, rows, jobs, cluster, root)


def measured(study: Sweep, scale: str, name: str, store: Store, *, root: Path | str | None = None) -> Record:
    """The record of one point and seed 0 alone.

    Raises
    ------
    RuntimeError
        With the error of the task, when it failed.
    """
    points, empty = study.points(study.settings[scale]), _empty(study, scale, root)
    _, seed, found, told = _one(study.measure, name, points[name], 0, store, root, empty.dataset["sha256"])
    if isinstance(found, str):
        raise RuntimeError(f"measured: {name}, seed 0 of {study.name} failed: {found}")
    return _assembled(empty, points, {(seed, name): (found, told)}, {})


def _grown(study, scale, seeds, store, folder, empty, rows, jobs, cluster, root):
    points = study.points(study.settings[scale])
    tasks = [
        (study.measure, name, point, seed, store, root, empty.dataset["sha256"])
        for name, point in points.items()
        for seed in seeds
        if (seed, name) not in rows
    ]
    failed: dict[tuple[int, str], str] = {}
    saved = -np.inf
    record = _assembled(empty, points, rows, failed)
    try:
        for name, seed, found, told in as_done(_one, tasks, jobs=jobs, cluster=cluster, unit="point"):
            if isinstance(found, str):
                failed[seed, name] = found
            else:
                rows[seed, name] = found, told
            if time.monotonic() - saved > _EVERY:
                record, saved = _assembled(empty, points, rows, failed), time.monotonic()
                records.save(record, folder)
                yield record
    finally:  # also when it is stopped
        if tasks:
            record = _assembled(empty, points, rows, failed)
            records.save(record, folder)
    yield record


def _one(measure, name, point, seed, store, root, data_hash):
    """(point, seed, measures, provenance) of one task, or its error in the place of the measures."""
    start = time.thread_time()  # of the processor: what else the machine does is not counted
    try:
        with one_thread():
            settings = point.settings
            data, found_hash = _data(settings.dataset, settings.n_train, settings.n_test, root)
            if found_hash != data_hash:
                raise ValueError(f"the images here have sha256 {found_hash}, those of the sweep {data_hash}")
            bench = Bench(settings, data, data_hash, seed, store, root)
            bench.complete(point.arms.values())
            found = {label: np.asarray(value) for label, value in measure(bench, point.arms).items()}
    except Exception as error:  # whatever it is, the other tasks go on
        return name, seed, f"{type(error).__name__}: {error}", {}
    return name, seed, found, provenance(seconds=round(time.thread_time() - start, 2))


@lru_cache(maxsize=2)
def _data(dataset, n_train, n_test, root) -> tuple[Dataset, str]:
    """A process reads the images once, however many tasks it gets."""
    data = Settings(dataset=dataset, n_train=n_train, n_test=n_test).data(root)
    return data, data.sha256()


def _empty(study, scale, root):
    settings = study.settings[scale]
    data, data_hash = _data(settings.dataset, settings.n_train, settings.n_test, root)
    dataset = described(data, data_hash)
    conditions = {
        f"{name}/{arm}": unusual(one)
        for name, point in study.points(settings).items()
        for arm, one in point.arms.items()
    }
    if any("classes" in factors for factors in conditions.values()):
        dataset["images"] = f"{dataset['images']}, and the classes that the conditions name"
    more = {"numerics": NUMERICS, "makers": [], "failed": [], "seconds": 0.0}
    return Record(study.name, dataset, asdict(settings), [], {}, provenance(**more), {}, scale, conditions)


def unusual(condition: Condition) -> dict:
    """Its factors but for those at their usual level, which `kdsrc.studies.conditions.completed` knows."""
    usual = completed({})
    return {name: level for name, level in condition.factors().items() if name == "width" or level != usual[name]}


def _earlier(study, empty, folder) -> dict:
    """Rows of the record in the folder, as far as their points are what this code would make of them."""
    found = earlier(empty, folder)
    if found is None:
        return {}
    arms: list[dict[str, dict]] = [{}, {}]  # point -> its conditions, in the record and now
    for side, one in zip(arms, (found, empty), strict=True):
        for label, factors in records.plain(one.conditions).items():
            name, arm = label.split("/")
            side.setdefault(name, {})[arm] = factors
    names, measures, makers = [*arms[0]], found.measures, found.provenance["makers"]
    levels = {name for point in study.points(study.settings[empty.scale]).values() for name in point.levels}
    kept = {}
    for row, (seed, number) in enumerate(zip(measures["seed"], measures["point"], strict=True)):
        name = names[number]
        if arms[0][name] == arms[1].get(name):
            values = {label: value[row] for label, value in measures.items() if label not in {*_OWN, *levels}}
            told = makers[measures["maker"][row]] | {"seconds": float(measures["seconds"][row])}
            kept[int(seed), name] = values, told
    return kept


def _assembled(empty: Record, points: Mapping[str, Point], rows: dict, failed: dict) -> Record:
    """The record of the rows there are."""
    order = {name: number for number, name in enumerate(points)}
    keys = sorted(rows, key=lambda key: (key[0], order[key[1]]))
    makers: list[dict] = []
    columns: dict[str, list] = {label: [] for label in _OWN}
    for seed, name in keys:
        values, told = rows[seed, name]
        maker = {one: told[one] for one in _MAKER}
        if maker not in makers:
            makers.append(maker)
        own = {"seed": seed, "point": order[name], "seconds": told["seconds"], "maker": makers.index(maker)}
        for label, value in (own | points[name].levels | values).items():
            columns.setdefault(label, []).append(value)
    lost = [
        {"point": name, "seed": seed, "error": error}
        for (seed, name), error in sorted(failed.items(), key=lambda one: (one[0][0], order[one[0][1]]))
    ]
    told = {"makers": makers, "failed": lost, "seconds": round(float(sum(columns["seconds"])), 1)}
    return replace(
        empty,
        seeds=sorted({seed for seed, _ in keys}),
        provenance=empty.provenance | told,
        measures={label: np.array(values) for label, values in columns.items()},
    )
