"""Recorded runs: one JSON file a study with settings, curves, provenance and checksum; written whole or not at all.

Numbers are stored with nine significant digits, which is what single precision carries.
"""

import hashlib
import json
import os
import platform
import subprocess
import tempfile
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

import kdsrc

RESULTS = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("numpy", "scipy", "torch", "scikit-learn")
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Record:
    """What one study measured, and how.

    Attributes
    ----------
    name : str
        Study, e.g. ``figure1``.
    dataset : dict
        name, n_train, n_test, sha256.
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
    """

    name: str
    dataset: dict
    settings: dict
    seeds: list[int]
    curves: dict[str, dict[str, np.ndarray]]
    provenance: dict
    measures: dict[str, np.ndarray] = field(default_factory=dict)


def path(name: str, folder=None) -> Path:
    """Where the record called `name` lives."""
    return Path(folder or RESULTS) / f"{name}.json"


def save(record: Record, folder=None) -> Path:
    """Write the record atomically, with its checksum; returns the path."""
    content = json.loads(json.dumps(asdict(record), default=_plain))
    content["curves"], content["measures"] = _rounded(content["curves"]), _rounded(content["measures"])
    target = path(record.name, folder)
    text = json.dumps({"sha256": _checksum(content), **content}, separators=(",", ":"), ensure_ascii=False)
    write_atomically(target, (text.replace('},"', '},\n"').replace(']],"', ']],\n"') + "\n").encode())
    return target


def load(name: str, folder=None) -> Record:
    """Read a record.

    Raises
    ------
    FileNotFoundError
        When the study has not been recorded there.
    ValueError
        When the file was changed after it was written (its checksum differs) or is not a record.
    """
    source = path(name, folder)
    if not source.is_file():
        raise FileNotFoundError(f"records.load: no record {source}; expected one of {_known(source.parent)}: "
                                f"run kdsrc reproduce {name} --scale paper")
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
        claimed = content.pop("sha256")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"records.load: {source} is not a record ({error!r}); expected the JSON that records.save "
                         "writes: restore the file from version control") from error
    if claimed != _checksum(content):
        raise ValueError(f"records.load: {source} does not match its checksum; expected a file as records.save wrote "
                         "it: restore it from version control or run the study again")
    content["curves"] = {arm: {key: np.array(values) for key, values in curve.items()}
                         for arm, curve in content["curves"].items()}
    content["measures"] = {key: np.array(values) for key, values in content["measures"].items()}
    return Record(**content)


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
    """The commit that is checked out (with -dirty when kdsrc/ differs from it), or the version without a repository."""
    here = Path(__file__).resolve().parent
    try:
        commit, changes = (
            subprocess.run(["git", "-C", str(here), *command], capture_output=True, text=True, check=True,
                           timeout=30).stdout.strip()
            for command in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "--", str(here)]))
    except (OSError, subprocess.SubprocessError):
        return kdsrc.__version__
    return commit + ("-dirty" if changes else "")


def write_atomically(target: Path, content: bytes) -> None:
    """Put `content` at `target` in one step: readers see the old file or the new one, never a part."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, 0o644)
        os.replace(scratch, target)
    except BaseException:
        os.unlink(scratch)
        raise


def _checksum(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"records.save: {type(value).__name__} in a record; expected numbers, strings, lists, "
                    "dicts, arrays")


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
