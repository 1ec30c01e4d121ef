"""The two data sets of the book: unit rows and labels ±1 (§4 of the paper).

`digits` is embedded in scikit-learn; `cifar10` is read from its official binary layout.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

import numpy as np
import pooch

from kdsrc import checks
from kdsrc.typing import Labels, Points, TestLabels, TestPoints

__all__ = ["Dataset", "load"]

CIFAR_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR_HASH = "md5:c32a1d4ab5d03f1284b67883e8d87530"
CIFAR_FOLDER = "cifar-10-batches-bin"
CIFAR_TRAIN = tuple(f"data_batch_{k}.bin" for k in range(1, 6))
CIFAR_TEST = ("test_batch.bin",)
_PIXELS, _MOST_ROWS = 3 * 32 * 32, 10_000
_ROW = 1 + _PIXELS  # one label byte, then the pixels
_DIGITS_TRAIN = 250


@dataclass(frozen=True, eq=False)
class Dataset:
    """Two classes, ready for Eq. (1): `load` gives rows of x of unit norm, and labels +1 or −1.

    Attributes
    ----------
    x_train : (n, d) array
    y_train : (n,) array
    x_test : (n_test, d) array
    y_test : (n_test,) array
    name : str

    Raises
    ------
    ValueError
        For shapes that do not fit, a part without samples, or numbers that are not finite. Rows of another norm and
        real-valued targets are accepted: training makes sense of both.

    Examples
    --------
    >>> data = Dataset(x, y, x[:2], y[:2], "planted")
    >>> data.sha256() == Dataset(x, y, x[:2], y[:2], "another name").sha256()
    True
    """

    x_train: Points
    y_train: Labels
    x_test: TestPoints
    y_test: TestLabels
    name: str

    def __post_init__(self):
        shape = ("n", "d")
        for part in ("train", "test"):
            x = checks.array("Dataset", f"x_{part}", getattr(self, f"x_{part}"), shape, hint=": samples are rows")
            y = checks.array("Dataset", f"y_{part}", getattr(self, f"y_{part}"), x.shape[:1], hint=": one a sample")
            object.__setattr__(self, f"x_{part}", x)
            object.__setattr__(self, f"y_{part}", y)
            shape = ("n", x.shape[1])  # as many columns for the test as for training

    def sha256(self) -> str:
        """Hash of all four arrays (float64, little-endian): equal exactly when the data are equal."""
        digest = hashlib.sha256()
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()


def load(
    name: str = "digits",
    *,
    n_train: int | None = None,
    n_test: int | None = None,
    root: str | os.PathLike | None = None,
    classes: tuple[int, int] | None = None,
) -> Dataset:
    """Load two classes of a data set; the first class gets label +1, the second −1.

    Parameters
    ----------
    name : {'digits', 'cifar10'}
        scikit-learn's handwritten digits (embedded, d = 64), or CIFAR-10 (d = 3 072).
    n_train, n_test : int, optional
        Keep that many samples from the front; all unless given.
    root : path, optional
        CIFAR-10 only: the folder that holds ``cifar-10-batches-bin``, or that folder itself. Without it,
        $KDSRC_DATA, then the user's cache, then a download into the cache (170 MB, checksum verified).
    classes : pair of int, optional
        (3, 8) for digits and (0, 1), airplane and automobile, for CIFAR-10 unless given.

    Returns
    -------
    Dataset
        Rows scaled to unit norm; samples in the order of the source.

    Raises
    ------
    ValueError
        For an unknown name, malformed files, an all-black image, an absent class, or more samples asked
        for than there are.
    FileNotFoundError
        When CIFAR-10 is neither there nor can be downloaded.

    Examples
    --------
    >>> digits = load("digits", n_train=100)
    >>> digits.x_train.shape, np.unique(digits.y_train).tolist()
    ((100, 64), [-1.0, 1.0])
    >>> bool(np.allclose(np.linalg.norm(digits.x_train, axis=1), 1.0))
    True
    """
    if name not in ("digits", "cifar10"):
        raise ValueError(f"load: name={name!r}, expected 'digits' or 'cifar10'")
    labels = {"digits": (3, 8), "cifar10": (0, 1)}[name] if classes is None else classes
    if np.shape(labels) != (2,) or labels[0] == labels[1] or not set(labels) <= set(range(10)):
        raise ValueError(f"load: classes={classes}, expected two different labels from 0 to 9")
    if name == "digits":
        if root is not None:
            raise ValueError(f"load: root={str(root)!r} with name='digits', which is embedded: leave root out")
        from sklearn.datasets import load_digits  # here: the import takes longer than all the rest of the module

        images, classes_of = load_digits(return_X_y=True)
        x, y = _two_classes(images, classes_of, labels, "scikit-learn's digits")
        parts = [(x[:_DIGITS_TRAIN], y[:_DIGITS_TRAIN]), (x[_DIGITS_TRAIN:], y[_DIGITS_TRAIN:])]
    else:
        folder = _cifar_folder(root)
        parts = [_read_batches(folder, names, labels) for names in (CIFAR_TRAIN, CIFAR_TEST)]
    (x_train, y_train), (x_test, y_test) = (
        _front(x, y, n, argument)
        for (x, y), n, argument in zip(parts, (n_train, n_test), ("n_train", "n_test"), strict=True)
    )
    return Dataset(x_train, y_train, x_test, y_test, name)


def _front(x, y, n, argument):
    if n is None:
        return x, y
    if not isinstance(n, Integral) or not 1 <= int(n) <= len(y):
        raise ValueError(
            f"load: {argument}={n}, but the two classes hold {len(y)} samples there: "
            f"ask for 1 to {len(y)}, or leave {argument} out for all"
        )
    return x[:n], y[:n]


def _two_classes(x, labels, classes, source):
    """Rows of the two classes (float64, unit norm) and their labels ±1; x (n, d), labels (n,)."""
    for label in classes:
        if not (labels == label).any():
            raise ValueError(
                f"load: {source} has no sample of class {label}; found {sorted(set(labels.tolist()))}: "
                "use the complete files, or choose other classes"
            )
    kept = np.flatnonzero(np.isin(labels, classes))
    x = x[kept].astype(float)
    norms = np.linalg.norm(x, axis=1)
    if (norms == 0).any():
        raise ValueError(
            f"load: {source} has an all-black image at row {kept[norms == 0][0]}; expected a non-zero "
            "row, since rows are scaled to unit norm: remove it or fetch the file again"
        )
    x /= norms[:, None]
    return x, np.where(labels[kept] == classes[0], 1.0, -1.0)


def _read_batches(folder: Path, names, classes):
    rows = np.concatenate([_read_batch(folder / name) for name in names])  # (n, 1 + pixels) bytes
    return _two_classes(rows[:, 1:], rows[:, 0], classes, f"{folder} ({names[0]}{' …' * (len(names) > 1)})")


def _read_batch(path: Path) -> np.ndarray:
    if not path.is_file():
        raise FileNotFoundError(
            f"load: {path} is missing; expected the six batches {CIFAR_TRAIN[0]} … "
            f"{CIFAR_TRAIN[-1]}, {CIFAR_TEST[0]}: restore it, or leave root and "
            "$KDSRC_DATA out to download them"
        )
    size = path.stat().st_size
    if size == 0 or size % _ROW or size > _MOST_ROWS * _ROW:
        raise ValueError(
            f"load: {path} has {size} bytes; expected a multiple of {_ROW} (a label byte and {_PIXELS} "
            f"pixels a row) up to {_MOST_ROWS} rows: the file is truncated, oversized or of another "
            "layout; fetch it again"
        )
    rows = np.fromfile(path, dtype=np.uint8).reshape(-1, _ROW)
    wrong = np.flatnonzero(rows[:, 0] > 9)
    if wrong.size:
        raise ValueError(
            f"load: {path} has label {rows[wrong[0], 0]} at row {wrong[0]}; expected 0 to 9: "
            "the file is corrupt or of another layout; fetch it again"
        )
    return rows


def _cifar_folder(root) -> Path:
    """The folder with the six batches; a place that is named must have it, else cache, else download."""
    for given, place in (("root", root), ("$KDSRC_DATA", os.environ.get("KDSRC_DATA") or None)):
        if place is None:
            continue
        for folder in (Path(place) / CIFAR_FOLDER, Path(place)):
            if any((folder / name).exists() for name in CIFAR_TRAIN + CIFAR_TEST):
                return folder
        raise FileNotFoundError(
            f"load: {given}={str(place)!r} holds no {CIFAR_FOLDER}; expected that folder with its "
            f"six .bin files: correct {given}, or leave it out to download CIFAR-10"
        )
    cache = Path(pooch.os_cache("kdsrc"))
    if not (cache / CIFAR_FOLDER).is_dir():
        from filelock import FileLock

        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / ".lock"):  # two first downloads at once: the second waits, and finds it done
            if not (cache / CIFAR_FOLDER).is_dir():
                _remove_abandoned(cache)
                _download(cache)
    return cache / CIFAR_FOLDER


def _remove_abandoned(cache: Path) -> None:
    """What a download that was killed left half done; nobody else is at it, for the cache is locked."""
    for path in cache.glob("tmp*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _download(cache: Path) -> None:
    """Fetch, verify and unpack CIFAR-10; the finished folder appears in one step or not at all."""
    try:
        archive = pooch.retrieve(CIFAR_URL, CIFAR_HASH, fname="cifar-10-binary.tar.gz", path=cache, progressbar=True)
    except (OSError, ValueError) as error:  # no network, or a checksum that differs; pooch removed the part it had
        raise FileNotFoundError(
            f"load: CIFAR-10 is not in {cache} and could not be downloaded from {CIFAR_URL} ({error}): connect to the "
            f"network and try again, or point root= or $KDSRC_DATA at a folder that holds {CIFAR_FOLDER}"
        ) from error
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        _unpack(Path(archive), Path(scratch))
        os.replace(Path(scratch) / CIFAR_FOLDER, cache / CIFAR_FOLDER)
    Path(archive).unlink()


def _unpack(archive: Path, target: Path) -> None:
    """Extract the six batches after every member of the archive has been checked."""
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        for member in members:
            path = Path(member.name)
            safe = member.isdir() or (member.isfile() and member.size <= _MOST_ROWS * _ROW)
            if path.is_absolute() or ".." in path.parts or path.parts[:1] != (CIFAR_FOLDER,) or not safe:
                raise ValueError(
                    f"load: {archive} has the member {member.name!r} ({member.size} bytes); expected "
                    f"plain files below {CIFAR_FOLDER}/: nothing was extracted; delete the archive"
                )
        wanted = [m for m in members if m.isfile() and Path(m.name).name in CIFAR_TRAIN + CIFAR_TEST]
        if len(wanted) != len(CIFAR_TRAIN + CIFAR_TEST):
            raise ValueError(
                f"load: {archive} holds {len(wanted)} of the six batches; expected all: nothing was "
                "extracted; delete it"
            )
        (target / CIFAR_FOLDER).mkdir()
        for member in wanted:
            content = tar.extractfile(member)
            assert content is not None  # for a plain file, which it is
            (target / CIFAR_FOLDER / Path(member.name).name).write_bytes(content.read())
