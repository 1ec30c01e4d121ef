"""What the studies share: settings (§4), named random streams, work saved piece by piece, histories as arrays."""

import hashlib
import io
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from kdsrc import records
from kdsrc.data import Dataset, load
from kdsrc.networks import TwoLayerNetwork
from kdsrc.training.history import History

_LOG = logging.getLogger(__name__)
_DIGEST = hashlib.sha256().digest_size
METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


@dataclass(frozen=True)
class Settings:
    """Settings of §4; the number of iterations, which the paper does not give, is ours.

    The learning rate multiplies the gradient of a sum over samples: with a tenth of the images `quick` takes ten
    times the paper's rate, so that η·λ_max, and with it the shape of the curves, stays. `live` is what the pages
    of the book run: seconds on the embedded digits.
    """

    dataset: str = "cifar10"
    n_train: int | None = 10_000
    n_test: int | None = 2_000
    activation: str = "relu"
    teacher_width: int = 100
    student_width: int = 20
    std: float = 1e-2
    penalty: float = 0.01
    learning_rate: float = 2e-4
    iterations: int = 2_000
    record_every: int = 10
    checkpoints: tuple[int, ...] = (25, 50, 100, 200, 500, 1_000)

    def data(self, root=None) -> Dataset:
        return load(self.dataset, n_train=self.n_train, n_test=self.n_test, root=root)


SCALES = {
    "paper": Settings(),
    "quick": Settings(n_train=1_000, n_test=400, learning_rate=2e-3),
    "live": Settings(dataset="digits", n_train=None, n_test=None, learning_rate=4e-3, iterations=1_000),
}
SEEDS = {"paper": 5, "quick": 2, "live": 3}


def streams(seed: int) -> dict[str, np.random.SeedSequence]:
    """Independent random streams of one seed, by what they decide."""
    names = ("teacher", "student", "choice", "restart")
    return dict(zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True))


@dataclass(frozen=True)
class Store:
    """Pieces of finished work on disk, so that a killed run goes on and ends with the same numbers.

    A piece is a dictionary of arrays named by everything that determines it. Pieces are shared between studies. Its
    file is NumPy's npz followed by the SHA-256 of the file's name and of the npz: what is damaged, or another piece,
    is computed again.
    """

    folder: Path

    def piece(self, key: dict, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """The piece called `key`: read when it is there, else computed and written in one step.

        ``seconds``, ``code`` (the version that computed it) and ``file`` (its name in the store) are added. A piece
        that is not what was written is named in a warning (of the logger ``kdsrc.studies.common``).
        """
        path = self.path(key)
        content = _content(path)
        if content is None:
            if path.exists():
                _LOG.warning("Store.piece: %s is damaged, incomplete or of an earlier kind: computing it again", path)
            start = time.monotonic()
            arrays = compute()
            arrays = {**arrays, "seconds": np.array(time.monotonic() - start), "code": np.array(records.code_version())}
            file = io.BytesIO()
            np.savez(file, **arrays)
            content = file.getvalue()
            records.write_atomically(path, content + _digest(path, content))
        # what was computed is read back, so that a resumed run cannot differ from an uninterrupted one
        with np.load(io.BytesIO(content)) as arrays:
            return {**arrays, "file": np.array(path.stem)}

    def path(self, key: dict) -> Path:
        text = json.dumps(key, sort_keys=True)
        return self.folder / f"{key['piece']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npz"

    def __contains__(self, key: dict) -> bool:
        return _content(self.path(key)) is not None

    def holds(self, file: str) -> bool:
        """Whether the piece in the file of this name is there, and whole."""
        return _content(self.folder / f"{file}.npz") is not None


def _content(path: Path) -> bytes | None:
    """The npz of a piece's file; None where there is none, or where its digest is not what was written."""
    try:
        whole = path.read_bytes()
    except FileNotFoundError:
        return None
    content, digest = whole[:-_DIGEST], whole[-_DIGEST:]
    return content if digest == _digest(path, content) else None


def _digest(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.stem.encode() + b"\0" + content).digest()


def default_store() -> Store:
    """The store in $KDSRC_WORK, or in the results folder's ``.work``."""
    return Store(Path(os.environ.get("KDSRC_WORK") or records.RESULTS / ".work"))


def key(piece: str, settings: Settings, data_hash: str, seed: int, **more) -> dict:
    """Name of a piece: the work it holds, the settings, the data and the seed."""
    return {"piece": piece, "settings": asdict(settings), "data": data_hash, "seed": seed, **more}


def pack(histories: dict[str, History]) -> dict[str, np.ndarray]:
    """Histories as one flat dictionary of arrays (weights in single precision, in which they were trained)."""
    arrays = {}
    for arm, history in histories.items():
        arrays |= {f"{arm}/{field}": getattr(history, field) for field in ("iterations", *METRICS)}
        for label, network in [("end", history.network), *history.checkpoints.items()]:
            arrays[f"{arm}/weights/{label}"] = network.weights.astype(np.float32)
        arrays[f"{arm}/output_weights"] = history.network.output_weights
        arrays[f"{arm}/activation"] = np.array(history.network.activation)
    return arrays


def unpack(arrays: dict[str, np.ndarray], arm: str) -> History:
    """The history of one arm out of `pack`'s arrays."""
    head = f"{arm}/weights/"
    networks = {
        name.removeprefix(head): TwoLayerNetwork(
            weights, arrays[f"{arm}/output_weights"], str(arrays[f"{arm}/activation"])
        )
        for name, weights in arrays.items()
        if name.startswith(head)
    }
    return History(
        *(arrays[f"{arm}/{field}"] for field in ("iterations", *METRICS)),
        networks.pop("end"),
        {int(label): network for label, network in networks.items()},
    )


def joined(first: History, second: History) -> History:
    """`second` as the continuation of `first`: its iterations are counted on, its first row is first's last."""
    return History(
        np.concatenate([first.iterations, first.iterations[-1] + second.iterations[1:]]),
        *(np.concatenate([getattr(first, m), getattr(second, m)[1:]]) for m in METRICS),
        second.network,
    )


@dataclass(frozen=True)
class Outcome:
    """What a study found with one seed: histories by arm, other measures, and the pieces of work it took."""

    histories: dict[str, History]
    pieces: tuple[dict, ...]  # piece, file, seconds, code
    measures: dict[str, np.ndarray] = field(default_factory=dict)


def cost(name: str, arrays: dict[str, np.ndarray]) -> dict:
    """Entry of `Outcome.pieces` for a piece read from the store."""
    return {
        "piece": name,
        "file": str(arrays["file"]),
        "seconds": round(float(arrays["seconds"]), 1),
        "code": str(arrays["code"]),
    }
