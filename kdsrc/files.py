"""Files that are written whole or not at all, also when a process is killed or the disk is full."""

import os
import platform
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["alive", "write_atomically"]

_SCRATCH = re.compile(r"\.(?P<process>\d{1,9})@(?P<machine>.*)\.[^.]+\.tmp")
_DAY = 86_400.0  # seconds


def write_atomically(target: Path, content: bytes) -> None:
    """Put `content` at `target` in one step: readers see the old file or the new one, never a part.

    Scratch files of processes that were killed while they wrote into this folder are removed.

    Raises
    ------
    OSError
        When the file cannot be written (no space, no permission); it names the target.
    """
    scratch = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target.parent)
        handle, scratch = tempfile.mkstemp(
            dir=target.parent, suffix=".tmp", prefix=f".{target.name}.{os.getpid()}@{platform.node()}."
        )
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, 0o644)
        os.replace(scratch, target)
    except BaseException as error:
        if scratch:
            with suppress(OSError):
                os.unlink(scratch)
        if isinstance(error, OSError):
            raise OSError(
                error.errno, f"{error.strerror}; make room there, or allow writing: could not write", str(target)
            ) from error
        raise


def _remove_abandoned(folder: Path) -> None:
    """Scratch files whose writer is gone: its process on this machine, or, for other machines, a day old."""
    for path in folder.glob(".*.tmp"):
        name = _SCRATCH.search(path.name)
        with suppress(OSError):  # another writer removed it first
            if name and (
                time.time() - path.stat().st_mtime > _DAY
                or name["machine"] == platform.node()
                and not alive(int(name["process"]))
            ):
                path.unlink()


def alive(process: int) -> bool:
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True
