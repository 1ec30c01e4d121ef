"""What of a study is done and how long the rest takes, by the seconds that its last record tells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kdsrc import records
from kdsrc.studies.common import Store
from kdsrc.studies.runner import Study


@dataclass(frozen=True)
class Work:
    """The pieces of work of one study.

    Attributes
    ----------
    study : str
    done, total : int
        Pieces in the store, and all. Pieces that several studies share belong to the first of them.
    seconds : float
        Time that the others took, on one thread, when the study was last recorded.
    """

    study: str
    done: int
    total: int
    seconds: float


def plan(
    studies: Iterable[Study],
    store: Store,
    *,
    seeds: int | None = None,
    scale: str = "paper",
    folder: Path | str | None = None,
) -> dict[str, Work | None]:
    """The work of every study, by its name; None where no sound record in `folder` tells of its pieces.

    Parameters
    ----------
    studies : iterable of Study
    store : Store
        Where finished pieces are looked for.
    seeds : int, optional
        How many; each study's own number unless given. Seeds that the record does not hold count as its average one.
    scale : str
        Names the studies' numbers of seeds.
    folder : path, optional
        Of the records; ``results/`` unless given.
    """
    found, counted = {}, set()
    for study in studies:
        record = _told(study.name, folder)
        if record is None:
            found[study.name] = None
            continue
        count = seeds or study.seeds[scale]
        pieces = {
            piece["file"]: piece
            for piece in record.provenance["pieces"]
            if piece["seed"] < count and piece["file"] not in counted
        }
        counted |= set(pieces)
        left = [piece["seconds"] for file, piece in pieces.items() if not store.holds(file)]
        more = max(count - len(record.seeds), 0) / len(record.seeds)
        found[study.name] = Work(
            study.name,
            len(pieces) - len(left),
            round(len(pieces) * (1.0 + more)),
            sum(left) + more * sum(piece["seconds"] for piece in pieces.values()),
        )
    return found


def _told(name, folder):
    """The record, when its pieces can be looked up: not when missing, damaged, or without the files' names."""
    try:
        record = records.load(name, folder)
    except (OSError, ValueError):  # running the study again is the remedy for both
        return None
    pieces = record.provenance.get("pieces", [{}])
    return record if record.seeds and all({"file", "seed", "seconds"} <= set(piece) for piece in pieces) else None
