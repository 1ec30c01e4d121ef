"""Running studies: seeds side by side, each on one thread, and the records put together from them.

One thread a seed makes the numbers independent of how many run at once. All conditions that the studies of a seed ask
for are trained once. A record grows seed by seed, and a run that was stopped goes on from it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kdsrc import records
from kdsrc.data import Dataset
from kdsrc.records import Record, provenance
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition, completed
from kdsrc.studies.ground import asked, described, earlier
from kdsrc.studies.parallel import as_done
from kdsrc.studies.settings import SCALES, SEEDS, Settings
from kdsrc.studies.store import NUMERICS, Store
from kdsrc.threads import one_thread
from kdsrc.training.history import METRICS

__all__ = ["Study", "live", "reproduce", "run"]

MOST_SEEDS = 1_000


@dataclass(frozen=True)
class Study:
    """One experiment of the book: a list of named conditions, and what is measured of their networks.

    Attributes
    ----------
    name, title : str
        The record's name, and what is studied.
    arms : callable (settings) -> dict of str to Condition
    measure : callable (bench, arms) -> dict of str to array, optional
        Of one seed, when all conditions have been trained.
    beside : callable (settings) -> dict of str to Condition, optional
        What the measures need beside the arms: trained with them, where it is the same run in one pass.
    shown : bool
        Whether the arms' curves are kept in the record.
    settings : dict of str to Settings
        By scale.
    seeds : dict of str to int
        How many seeds, by scale, unless told.

    Examples
    --------
    >>> from kdsrc.studies import STUDIES
    >>> STUDIES["figure1"].seeds["live"] >= 1
    True
    """

    name: str
    title: str
    arms: Callable[[Settings], dict[str, Condition]]
    measure: Callable[[Bench, dict[str, Condition]], dict[str, np.ndarray]] | None = None
    beside: Callable[[Settings], dict[str, Condition]] | None = None
    shown: bool = True
    settings: dict[str, Settings] = field(default_factory=lambda: SCALES)
    seeds: dict[str, int] = field(default_factory=lambda: SEEDS)

    def needed(self, settings: Settings) -> list[Condition]:
        """All that is trained for it: its arms, and what its measures need beside them."""
        beside = self.beside(settings) if self.beside else {}
        return [*self.arms(settings).values(), *beside.values()]


def run(
    study: Study,
    settings: Settings,
    data: Dataset,
    seeds: Sequence[int],
    store: Store,
    *,
    jobs: int = 1,
    scale: str = "own",
) -> Record:
    """The study's record.

    Parameters
    ----------
    study : Study
    settings : Settings
    data : Dataset
    seeds : sequence of int
        1 to `MOST_SEEDS`.
    store : Store
        Conditions that are in it are not trained again: a killed run goes on, and ends with the same numbers.
    jobs : int
        Seeds at a time; no more processes than seeds are started.
    scale : str
        Of which the settings are; the record says so.

    Raises
    ------
    ValueError
        For no seeds or too many, or settings that are not the study's of that scale.
    """
    _check(study, settings, seeds, jobs, scale)
    empty = _empty(study, settings, described(data), scale)
    *_, record = _grown([_Task(study, settings, data, list(seeds), empty)], store, jobs)
    return record


def reproduce(
    studies: Iterable[Study],
    scale: str,
    seeds: int | None,
    store: Store,
    folder: Path | str,
    *,
    jobs: int = 1,
    root: Path | str | None = None,
    cluster: str | None = None,
) -> Iterator[Record]:
    """Make the studies' records in `folder`, or go on with those that are there: an iterator of each one as it grows.

    A record of the same conditions, settings, data and numerics is gone on with: its seeds are not run again.
    `seeds` is how many; each study's own number unless given. `root` is as in `kdsrc.data.load`, `cluster` as in
    `kdsrc.studies.parallel.as_done`.

    Raises
    ------
    ValueError
        For another scale than the studies', no seeds or too many; while it grows, as `kdsrc.studies.parallel.as_done`.
    """
    loaded, tasks = {}, []
    for study in studies:
        settings, number = asked("runner.reproduce", study, scale, seeds)
        what = (settings.dataset, settings.n_train, settings.n_test)
        if what not in loaded:
            data = settings.data(root)
            loaded[what] = data, described(data)
        data, dataset = loaded[what]
        wanted = range(number)
        _check(study, settings, wanted, jobs, scale)
        empty = _empty(study, settings, dataset, scale)
        tasks.append(_Task(study, settings, data, wanted, _begun(empty, folder) or empty))
    return _saved(_grown(tasks, store, jobs, cluster, root), folder)


def _saved(grown, folder):
    for record in grown:
        records.save(record, folder)
        yield record


def live(study: Study) -> Record:
    """The study on the embedded digits, in seconds: at scale ``live``, and nothing is kept.

    Examples
    --------
    >>> from kdsrc.studies import STUDIES
    >>> record = live(STUDIES["digits"])  # doctest: +SKIP
    """
    settings = study.settings["live"]
    with TemporaryDirectory() as folder:
        return run(study, settings, settings.data(), range(study.seeds["live"]), Store(Path(folder)), scale="live")


def _check(study, settings, seeds, jobs, scale):
    if not 1 <= len(seeds) <= MOST_SEEDS or jobs < 1:
        raise ValueError(
            f"runner.run: {len(seeds)} seeds, jobs={jobs}; expected 1 to {MOST_SEEDS} seeds and jobs ≥ 1: "
            "run more seeds in parts, in one store"
        )
    if scale != "own" and study.settings.get(scale) != settings:
        raise ValueError(
            f"runner.run: settings that are not {study.name}'s of scale {scale!r}; expected "
            f"{study.settings.get(scale)}: leave scale out"
        )


@dataclass(frozen=True, eq=False)
class _Task:
    """A study, the seeds that are wanted of it, and its record as far as it is made."""

    study: Study
    settings: Settings
    data: Dataset
    seeds: Sequence[int]
    record: Record


def _empty(study, settings, dataset, scale):
    """The record before its first seed."""
    conditions = {arm: condition.factors() for arm, condition in study.arms(settings).items()}
    return Record(
        study.name, dataset, asdict(settings), [], {}, provenance(numerics=NUMERICS, seeds=[]), {}, scale, conditions
    )


def _begun(empty, folder):
    """The record in the folder, when it says of the same conditions what this code would say; else None."""
    found = earlier(empty, folder)
    if found is None:
        return None
    before, now = (records.plain(one.conditions) for one in (found, empty))
    return found if {arm: completed(one) for arm, one in before.items()} == now else None


def _grown(tasks, store, jobs, cluster=None, root=None):
    """Records as they grow: after each seed, one of every study of which it was missing."""
    grown = {task.study.name: task.record for task in tasks}
    work: dict[int, list] = {}
    for task in tasks:
        for seed in task.seeds:
            if seed not in task.record.seeds:
                work.setdefault(seed, []).append((task.study, task.settings, task.data, task.record.dataset["sha256"]))
    calls = [(seed, studies, store, root) for seed, studies in work.items()]
    for seed, outcomes in as_done(_one_seed, calls, jobs=jobs, cluster=cluster, unit="seed"):
        for name, outcome in outcomes.items():
            grown[name] = _with_seed(grown[name], seed, *outcome)
            yield grown[name]
    if not work:
        yield from grown.values()


def _one_seed(seed, studies, store, root):
    """Name -> (histories by arm, measures, provenance) of one seed."""
    with one_thread():
        benches: dict[tuple, tuple[Bench, list]] = {}
        outcomes = {}
        for study, settings, data, data_hash in studies:
            bench = Bench(settings, data, data_hash, seed, store, root)
            benches.setdefault((settings, data_hash), (bench, []))[1].append(study)
        for bench, sharing in benches.values():
            needed = {study.name: study.needed(bench.settings) for study in sharing}
            bench.complete(one for conditions in needed.values() for one in conditions)
            for study in sharing:
                named = study.arms(bench.settings)
                measures = study.measure(bench, named) if study.measure else {}
                histories = {arm: bench.history(one) for arm, one in named.items()} if study.shown else {}
                told = provenance(seed=seed, seconds=round(bench.seconds(needed[study.name]), 1))
                outcomes[study.name] = histories, measures, told
    return seed, outcomes


def _with_seed(record, seed, histories, measures, told):
    """The record with one more seed."""
    place = int(np.searchsorted(record.seeds, seed))

    def inserted(earlier, one):
        one = np.asarray(one)
        return np.insert(earlier, place, one, axis=0) if record.seeds else one[None]

    curves = {
        arm: {"iterations": history.iterations}
        | {one: inserted(record.curves.get(arm, {}).get(one), getattr(history, one)) for one in METRICS}
        for arm, history in histories.items()
    }
    told = [*record.provenance["seeds"][:place], told, *record.provenance["seeds"][place:]]
    return replace(
        record,
        seeds=[*record.seeds[:place], seed, *record.seeds[place:]],
        curves=curves,
        provenance={**record.provenance, "seeds": told},
        measures={name: inserted(record.measures.get(name), one) for name, one in measures.items()},
    )
