"""Recorded runs: one JSON file a study with settings, curves, provenance and checksum; written whole or not at all.

Numbers are stored with nine significant digits, which is what single precision carries. A file is accepted as the
record of one study, of one scale and of this format; any other has to be run again.
"""

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import kdsrc
from kdsrc.files import write_atomically
from kdsrc.tidy import columns

__all__ = [
    "RESULTS",
    "Record",
    "code_version",
    "images_of",
    "known_images",
    "load",
    "path",
    "plain",
    "provenance",
    "save",
]

RESULTS = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("numpy", "scipy", "torch", "scikit-learn")
_DIGITS = 9
_FORMAT = 3  # of the file; 2 did not say the arms' conditions
_HEAD = re.compile(rb'\{"sha256":"([0-9a-f]{64})",(?="format":)')  # what follows is what the checksum is of
_USUAL = {
    "cifar10": "CIFAR-10, classes airplane and automobile, a public JPEG re-encoding in another order",
    "digits": "scikit-learn's handwritten digits 3 and 8",
}
# The first of the hash of those images, for the numbers of training and test images that the studies take.
_IMAGES = {
    "cifar10": (
        "56a506b05fa2765f",  # 10 000, 2 000
        "9d345e9d23f4811a",  # 10 000, 400
        "60770ebb93fbed26",  # 1 000, 2 000
        "46c4a6de6a4b1d5b",  # 1 000, 1 000
        "2c7cf05332375036",  # 1 000, 400
        "0b79987cf4c11b8c",  # 500, 400
        "f2ccf50fdc94c3f1",  # 200, 400
        "ba6bc517aa6b6dbb",  # 100, 100
    ),
    "digits": ("8a6e2ff38db58a23",),  # 250, 107
}


@dataclass(frozen=True, eq=False)
class Record:
    """What one study measured, and how.

    Attributes
    ----------
    name : str
        Study, e.g. ``figure1``.
    dataset : dict
        name, n_train, n_test, sha256, and images: which they are, as `images_of` tells.
    settings : dict
        Everything that determines the numbers besides the data and the seeds.
    seeds : list of int
    curves : dict of str to dict of str to array
        For each arm ``iterations`` (T,), and ``train_loss``, ``test_loss``, ``train_accuracy``,
        ``test_accuracy`` (seeds, T).
    provenance : dict
        Code version, package versions, machine, seconds.
    measures : dict of str to array
        Whatever else the study measured, the seeds along the first axis.
    scale : str
        ``paper``, ``quick`` or ``live``, when the settings are the study's of that scale; else ``own``.
    conditions : dict of str to dict
        What each arm is: name of a factor -> its level, as `kdsrc.studies.conditions.Condition.factors`.

    Examples
    --------
    >>> record = load("figure1")
    >>> record.name, record.scale, sorted(record.curves["teacher"])[:1]
    ('figure1', 'paper', ['iterations'])
    >>> list(record.columns())[:1]
    ['arm']
    """

    name: str
    dataset: dict
    settings: dict
    seeds: list[int]
    curves: dict[str, dict[str, np.ndarray]]
    provenance: dict
    measures: dict[str, np.ndarray] = field(default_factory=dict)
    scale: str = "own"
    conditions: dict[str, dict] = field(default_factory=dict)

    def columns(self) -> dict[str, np.ndarray]:
        """The record as one tidy table: ``pandas.DataFrame(record.columns())``.

        With curves a row for each arm, seed and recorded iteration; of a sweep, for each arm, point, seed and horizon.
        Columns are ``arm``, the factors of the arms' conditions, ``seed``, ``iteration``, losses and accuracies; of a
        sweep also ``point`` and its levels. A record without curves has a row for each number of its `measures`:
        ``measure``, ``seed``, ``row`` and ``column`` (0 where a measure has none) and ``value``.
        """
        return columns(self)


def known_images(dataset: Mapping[str, Any]) -> bool:
    """Whether a data set, with ``name`` and ``sha256`` as in a record, holds the images of the book's records."""
    return dataset.get("sha256", "").startswith(_IMAGES.get(dataset.get("name", ""), ()))


def images_of(dataset: Mapping[str, Any]) -> str:
    """Which images a data set holds, by its hash; a hash that is not listed says that they are others.

    Parameters
    ----------
    dataset : dict
        With ``name`` and ``sha256``, as in a record.
    """
    usual = _USUAL.get(dataset.get("name", ""))
    if usual and known_images(dataset):
        return usual
    return f"not those of the book's records ({usual}), or other numbers of them" if usual else "not known to the book"


def path(name: str, folder: str | Path | None = None) -> Path:
    """Where the record called `name` lives."""
    return Path(folder or RESULTS) / f"{name}.json"


def save(record: Record, folder: str | Path | None = None) -> Path:
    """Write the record atomically, with its checksum; returns the path."""
    head = {"format": _FORMAT, "name": record.name, "scale": record.scale}
    content = plain(head | asdict(record))
    content["dataset"].setdefault("images", images_of(record.dataset))
    content["curves"], content["measures"] = _rounded(content["curves"]), _rounded(content["measures"])
    target = path(record.name, folder)
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    rest = (text.replace('},"', '},\n"').replace(']],"', ']],\n"') + "\n").encode().removeprefix(b"{")
    write_atomically(target, b'{"sha256":"%s",%s' % (_checksum(rest).encode(), rest))
    return target


def load(name: str, folder: str | Path | None = None, *, scale: str | None = None) -> Record:
    """Read a record.

    Parameters
    ----------
    name : str
        Of the study.
    folder : path, optional
        ``results/`` unless given.
    scale : str, optional
        What the record must be of. Unless given: ``paper`` in ``results/``, ``quick`` in ``results/quick/``, and any
        scale elsewhere.

    Raises
    ------
    FileNotFoundError
        When the study has not been recorded there.
    ValueError
        When the file was changed after it was written (its checksum differs), is not a record or one of another
        format, or belongs to another study or scale.

    Examples
    --------
    >>> load("figure1").name
    'figure1'
    """
    source = path(name, folder)
    scale = scale or _scale_kept_in(source.parent)
    again = f"run kdsrc reproduce {name} --scale {scale or 'paper'}"
    if not source.is_file():
        raise FileNotFoundError(f"records.load: no record {source}; expected one of {_known(source.parent)}: {again}")
    raw = source.read_bytes()
    try:
        content = json.loads(raw.decode("utf-8"))
        del content["sha256"]
        found = content.pop("format", 1)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(
            f"records.load: {source} is not a record ({error!r}); expected the JSON that records.save "
            f"writes: restore the file from version control, or {again}"
        ) from error
    if found != _FORMAT:
        raise ValueError(f"records.load: {source} is a record of format {found!r}; expected format {_FORMAT}: {again}")
    head = _HEAD.match(raw)
    if not head or head[1].decode() != _checksum(raw[head.end() :]):
        raise ValueError(
            f"records.load: {source} does not match its checksum; expected a file as records.save wrote "
            f"it: restore it from version control, or {again}"
        )
    if content["name"] != name or scale not in (None, content["scale"]):
        raise ValueError(
            f"records.load: {source} is the record of {content['name']} at scale {content['scale']}; "
            f"expected {name}{f' at scale {scale}' if scale else ''}: restore it, or {again}"
        )
    content["dataset"].setdefault("images", images_of(content["dataset"]))  # older records do not say it
    content["curves"] = {
        arm: {key: np.array(values) for key, values in curve.items()} for arm, curve in content["curves"].items()
    }
    content["measures"] = {key: np.array(values) for key, values in content["measures"].items()}
    return Record(**content)


def plain(value: object) -> Any:
    """What JSON makes of it: arrays and tuples are lists."""
    return json.loads(json.dumps(value, default=_plain))


def provenance(**more) -> dict:
    """Code version, package versions and machine of this process, and whatever else is given."""
    return {
        "kdsrc": kdsrc.__version__,
        "code": code_version(),
        "packages": {"python": platform.python_version(), **{name: metadata.version(name) for name in _PACKAGES}},
        "machine": {"system": platform.system(), "processor": _processor(), "cores": os.cpu_count()},
        **more,
    }


def code_version() -> str:
    """The commit that is checked out (``-dirty`` when kdsrc/ differs from it), or the version without a repository."""
    here = Path(__file__).resolve().parent
    try:
        commit, changes = (
            subprocess.run(
                ["git", "-C", str(here), *command], capture_output=True, text=True, check=True, timeout=30
            ).stdout.strip()
            for command in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "--", str(here)])
        )
    except (OSError, subprocess.SubprocessError):
        return kdsrc.__version__
    return commit + ("-dirty" if changes else "")


def _scale_kept_in(folder: Path) -> str | None:
    return {RESULTS.resolve(): "paper", (RESULTS / "quick").resolve(): "quick"}.get(folder.resolve())


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(
        f"records.save: {type(value).__name__} in a record; expected numbers, strings, lists, dicts, arrays"
    )


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _known(folder: Path) -> str:
    return ", ".join(sorted(p.stem for p in folder.glob("*.json"))) or "(none yet)"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
