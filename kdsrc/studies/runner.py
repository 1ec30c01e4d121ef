"""Running a study: its seeds side by side, each on one thread, and the record put together from them.

One thread a seed makes the numbers independent of how many run at once.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from kdsrc.data import Dataset
from kdsrc.records import Record, provenance
from kdsrc.studies.common import METRICS, SCALES, SEEDS, Outcome, Settings, Store


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


def run(study: Study, settings: Settings, data: Dataset, seeds, store: Store, *, jobs: int = 1) -> Record:
    """The study's record.

    Parameters
    ----------
    study : Study
    settings : Settings
    data : Dataset
    seeds : sequence of int
    store : Store
        Finished pieces are taken from it: a killed run goes on, and ends with the same numbers.
    jobs : int
        Seeds at a time.
    """
    seeds, data_hash = list(seeds), data.sha256()
    tasks = (delayed(_one_seed)(study.run_seed, settings, data, data_hash, seed, store) for seed in seeds)
    found = Parallel(n_jobs=jobs, return_as="generator", inner_max_num_threads=1 if jobs > 1 else None)(tasks)
    outcomes = list(tqdm(found, total=len(seeds), unit="seed", desc=study.name, disable=None))
    dataset = {"name": data.name, "n_train": len(data.y_train), "n_test": len(data.y_test), "sha256": data_hash}
    pieces = [{"seed": seed, **piece}
              for seed, outcome in zip(seeds, outcomes, strict=True) for piece in outcome.pieces]
    seconds = {piece["file"]: piece["seconds"] for piece in pieces}  # seeds may share a piece
    return Record(study.name, dataset, asdict(settings), seeds, curves([o.histories for o in outcomes]),
                  provenance(seconds=round(sum(seconds.values()), 1), pieces=pieces),
                  {name: np.stack([o.measures[name] for o in outcomes]) for name in outcomes[0].measures})


def live(study: Study) -> Record:
    """The study on the embedded digits, in seconds: at scale ``live``, and nothing is kept."""
    settings = study.settings["live"]
    with TemporaryDirectory() as folder:
        return run(study, settings, settings.data(), range(study.seeds["live"]), Store(Path(folder)))


def curves(runs) -> dict[str, dict[str, np.ndarray]]:
    """Record curves from one dictionary of histories a seed: arm -> iterations (T,), metrics (seeds, T)."""
    return {arm: {"iterations": history.iterations,
                  **{m: np.stack([getattr(run[arm], m) for run in runs]) for m in METRICS}}
            for arm, history in runs[0].items()}


def _one_seed(run_seed, *arguments):
    with threadpool_limits(1):
        return run_seed(*arguments)
