"""The ground on which a record stands: its data, settings and numerics. On the same ground a run goes on from it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kdsrc import records
from kdsrc.data import Dataset
from kdsrc.records import Record
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import NUMERICS

__all__ = ["asked", "described", "earlier"]


def asked(caller: str, study: Any, scale: str, seeds: int | None) -> tuple[Settings, int]:
    """The settings and the number of seeds that a study or a sweep has at a scale; `seeds` of them, if that is given.

    Raises
    ------
    ValueError
        For a scale that it does not have.

    Examples
    --------
    >>> from kdsrc.studies import STUDIES
    >>> asked("example", STUDIES["figure1"], "paper", None)[1]
    16
    """
    if scale not in study.settings:
        raise ValueError(f"{caller}: scale={scale!r}; expected one of {', '.join(study.settings)}")
    return study.settings[scale], study.seeds[scale] if seeds is None else seeds


def described(data: Dataset, sha256: str | None = None) -> dict[str, object]:
    """What a record says of its data; the hash is computed unless given.

    Examples
    --------
    >>> from kdsrc.data import load
    >>> described(load("digits"), "0123")["n_train"]
    250
    """
    told = {"name": data.name, "n_train": len(data.y_train), "n_test": len(data.y_test)}
    told["sha256"] = sha256 or data.sha256()
    return told | {"images": records.images_of(told)}


def earlier(empty: Record, folder: Path | str) -> Record | None:
    """The record of the folder, when it stands on the same ground as the one that would be begun now; else None.

    The words on the images are left out of account, since their hash stands for them. A setting that an older record
    does not know had its usual value.
    """
    try:
        found = records.load(empty.name, folder, scale=empty.scale)
    except (OSError, ValueError):  # to run the study again is the remedy for both
        return None
    before, now = (_ground(one) for one in (found, empty))
    before["settings"] = records.plain(asdict(Settings())) | before["settings"]
    return found if before == now and found.provenance.get("numerics") == NUMERICS else None


def _ground(record):
    told = records.plain({"dataset": record.dataset, "settings": record.settings})
    told["dataset"].pop("images", None)
    return told
