"""Finished work on disk, piece by piece, under names made of everything that decides its numbers."""

import hashlib
import io
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kdsrc import files, records
from kdsrc.networks import TwoLayerNetwork
from kdsrc.training.history import METRICS, History

__all__ = ["NUMERICS", "Store", "default_store"]

NUMERICS = 1  # of what training, predictions and embeddings compute; a test with golden numbers forces it up
FORMAT = 1  # of a piece
_LOG = logging.getLogger(__name__)
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Store:
    """Pieces of finished work, so that a killed run goes on and ends with the same numbers.

    A piece is a dictionary of arrays. Its file is NumPy's npz followed by the SHA-256 of the file's name and of the
    npz: what is damaged, or another piece, counts as missing.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> store = Store(Path(mkdtemp()))
    >>> found = store.piece({"piece": "one"}, lambda: {"value": np.ones(2)})
    >>> found["value"].tolist()
    [1.0, 1.0]
    """

    folder: Path

    def get(self, key: dict) -> dict[str, np.ndarray] | None:
        """The piece called `key`, with ``seconds`` and ``code`` (the version that computed it); None where missing.

        A file that is not what was written is named in a warning (of the logger ``kdsrc.studies.store``).
        """
        path = self.path(key)
        content = _content(path)
        if content is None:
            if path.exists():
                _LOG.warning("Store.get: %s is damaged, incomplete or of an earlier kind: computing it again", path)
            return None
        with np.load(io.BytesIO(content)) as arrays:
            return dict(arrays)

    def put(self, key: dict, arrays: dict[str, np.ndarray], seconds: float) -> None:
        """Write the piece in one step."""
        file = io.BytesIO()
        whole: dict[str, Any] = {**arrays, "seconds": np.array(seconds), "code": np.array(records.code_version())}
        np.savez(file, **whole)
        path, content = self.path(key), file.getvalue()
        files.write_atomically(path, content + _digest(path, content))

    def piece(self, key: dict, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """The piece called `key`: read when it is there, else computed, written, and read back."""
        found = self.get(key)
        if found is None:
            start = time.monotonic()
            arrays = compute()
            self.put(key, arrays, time.monotonic() - start)
            found = self.get(key)
        if found is None:
            raise OSError(f"Store.piece: {self.path(key)} was written and cannot be read back; expected the piece")
        return found

    def path(self, key: dict) -> Path:
        text = json.dumps(key | {"format": FORMAT, "numerics": NUMERICS}, sort_keys=True)
        return self.folder / f"{key['piece']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npz"

    def __contains__(self, key: dict) -> bool:
        return _content(self.path(key)) is not None


def default_store() -> Store:
    """The store in $KDSRC_WORK, or in the results folder's ``.work``."""
    return Store(Path(os.environ.get("KDSRC_WORK") or records.RESULTS / ".work"))


def pack(history: History) -> dict[str, np.ndarray]:
    """A history as a flat dictionary of arrays; its network's weights in the precision in which they were trained."""
    weights = history.network.weights
    single = weights.astype(np.float32)
    return {
        **{name: getattr(history, name) for name in ("iterations", *METRICS)},
        "weights": single if np.array_equal(single, weights) else weights,
        "output_weights": history.network.output_weights,
        "activation": np.array(history.network.activation),
    }


def unpack(arrays: dict[str, np.ndarray]) -> History:
    """The history out of `pack`'s arrays."""
    network = TwoLayerNetwork(arrays["weights"], arrays["output_weights"], str(arrays["activation"]))
    rows: dict[str, Any] = {name: arrays[name] for name in ("iterations", *METRICS)}
    return History(**rows, network=network)


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
