"""Running a study: its seeds side by side, each on one thread, and the record put together from them.

One thread a seed makes the numbers independent of how many run at once. Workers end with the process that started
them, however that ends.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from kdsrc.data import Dataset
from kdsrc.records import Record, alive, provenance
from kdsrc.studies.common import METRICS, SCALES, SEEDS, Outcome, Settings, Store
from kdsrc.threads import one_thread

MOST_SEEDS = 1_000
_WATCH = 0.5  # seconds between looks at the process that started a worker


@dataclass(frozen=True)
class Study:
    """One experiment of the book.

    Attributes
    ----------
    name, title : str
        The record's name, and what is studied.
    run_seed : callable (settings, data, data_hash, seed, store) -> Outcome
    settings : dict of str to Settings
        By scale.
    seeds : dict of str to int
        How many seeds, by scale, unless told.
    """

    name: str
    title: str
    run_seed: Callable[[Settings, Dataset, str, int, Store], Outcome]
    settings: dict[str, Settings] = field(default_factory=lambda: SCALES)
    seeds: dict[str, int] = field(default_factory=lambda: SEEDS)


def run(
    study: Study, settings: Settings, data: Dataset, seeds, store: Store, *, jobs: int = 1, scale: str = "own"
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
        Finished pieces are taken from it: a killed run goes on, and ends with the same numbers.
    jobs : int
        Seeds at a time; no more processes than seeds are started.
    scale : str
        Of which the settings are; the record says so.

    Raises
    ------
    ValueError
        For no seeds or too many, or settings that are not the study's of that scale.
    """
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
    seeds, data_hash, jobs = list(seeds), data.sha256(), min(jobs, len(seeds))
    tasks = (delayed(_one_seed)(study.run_seed, settings, data, data_hash, seed, store) for seed in seeds)
    workers = {"inner_max_num_threads": 1, "initializer": _as_worker, "initargs": (os.getpid(),)} if jobs > 1 else {}
    with _interrupts_held():  # the workers inherit it: ^C is for this process, which then ends them
        found = Parallel(n_jobs=jobs, return_as="generator", **workers)(tasks)
    outcomes = list(tqdm(found, total=len(seeds), unit="seed", desc=study.name, disable=None))
    dataset = {"name": data.name, "n_train": len(data.y_train), "n_test": len(data.y_test), "sha256": data_hash}
    pieces = [
        {"seed": seed, **piece} for seed, outcome in zip(seeds, outcomes, strict=True) for piece in outcome.pieces
    ]
    seconds = {piece["file"]: piece["seconds"] for piece in pieces}  # seeds may share a piece
    return Record(
        study.name,
        dataset,
        asdict(settings),
        seeds,
        curves([o.histories for o in outcomes]),
        provenance(seconds=round(sum(seconds.values()), 1), pieces=pieces),
        {name: np.stack([o.measures[name] for o in outcomes]) for name in outcomes[0].measures},
        scale,
    )


def live(study: Study) -> Record:
    """The study on the embedded digits, in seconds: at scale ``live``, and nothing is kept."""
    settings = study.settings["live"]
    with TemporaryDirectory() as folder:
        return run(study, settings, settings.data(), range(study.seeds["live"]), Store(Path(folder)), scale="live")


def curves(runs) -> dict[str, dict[str, np.ndarray]]:
    """Record curves from one dictionary of histories a seed: arm -> iterations (T,), metrics (seeds, T)."""
    return {
        arm: {
            "iterations": history.iterations,
            **{m: np.stack([getattr(run[arm], m) for run in runs]) for m in METRICS},
        }
        for arm, history in runs[0].items()
    }


def _one_seed(run_seed, *arguments):
    with one_thread():
        return run_seed(*arguments)


@contextmanager
def _interrupts_held():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _as_worker(process: int) -> None:
    """From now on this worker ends soon after the process that started it: what nobody waits for is not computed."""
    tqdm.set_lock(threading.RLock())  # its own would be a semaphore of the system's, which a killed worker leaves
    child = os.getppid() == process  # a killed parent may stay as a zombie, but is no longer the parent

    def watch():
        while os.getppid() == process if child else alive(process):
            time.sleep(_WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
