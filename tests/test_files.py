"""Files are written whole or not at all."""

import errno
import os
import platform
import stat
import subprocess
import time

import pytest

from kdsrc import files


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_interrupted_writing_leaves_the_old_file(call, tmp_path, monkeypatch):
    target = tmp_path / "file"
    files.write_atomically(target, b"old")

    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"] and target.read_bytes() == b"old"


def test_scratch_files_of_writers_that_are_gone_are_removed(tmp_path):
    """Those of running processes and of other machines stay, unless they are a day old."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    here, left = platform.node(), {}
    for name, process, machine, age in (
        ("gone", gone.pid, here, 0),
        ("alive", os.getpid(), here, 0),
        ("elsewhere", gone.pid, "another.host", 0),
        ("old", os.getpid(), "another.host", 100_000),
    ):
        left[name] = tmp_path / f".file.{process}@{machine}.ab_{name}.tmp"
        left[name].touch()
        os.utime(left[name], (time.time() - age,) * 2)
    (tmp_path / ".other.tmp").touch()
    files.write_atomically(tmp_path / "file", b"content")
    assert {name for name, path in left.items() if path.exists()} == {"alive", "elsewhere"}
    assert (tmp_path / ".other.tmp").exists() and (tmp_path / "file").read_bytes() == b"content"


def test_scratch_files_carry_the_process(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "replace", lambda scratch, target: seen.append(scratch))
    files.write_atomically(tmp_path / "file", b"")
    assert files._SCRATCH.search(seen[0])["process"] == str(os.getpid())


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_told_with_the_file(call, problem, tmp_path, monkeypatch):
    def full(*given):
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match=f"{os.strerror(problem)}; make room.*could not write: '.*/file'") as refused:
        files.write_atomically(tmp_path / "file", b"new")
    assert refused.value.errno == problem and not any(tmp_path.iterdir())


def test_writing_makes_folders_and_readable_files(tmp_path):
    target = tmp_path / "a" / "b" / "file"
    files.write_atomically(target, b"one")
    files.write_atomically(target, b"two")
    assert target.read_bytes() == b"two" and stat.S_IMODE(target.stat().st_mode) == 0o644
