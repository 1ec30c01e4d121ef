"""Faults, with real processes: kills at any moment, ^C, damaged files, busy ports; nothing is lost or lives on."""

import hashlib
import logging
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import planted
import pytest

from kdsrc import cli, files, records
from kdsrc.studies import STUDIES, runner
from kdsrc.studies.settings import SCALES
from kdsrc.studies.store import Store

ROOT = Path(__file__).resolve().parents[2]
TINY = replace(planted.TINY, n_train=60, iterations=100)
SEEDS, KILLS, ARMS = 10, 20, 9  # each arm of a seed is a piece of work
PATIENCE = 240.0  # seconds, on a machine with other work


def whole_run(folder):
    """A study of nine pieces a seed, and its record in bytes, without the time and place of its making."""
    record = runner.run(STUDIES["figure1"], TINY, TINY.data(), range(SEEDS), Store(folder / "work"))
    return records.save(replace(record, provenance={}), folder).read_bytes()


def whole(path):
    """Whether the file ends with the digest of its name and of what stands before."""
    content = path.read_bytes()
    return hashlib.sha256(path.stem.encode() + b"\0" + content[:-32]).digest() == content[-32:]


def write_slowly(target):
    """Stops in the middle of writing."""
    os.fsync = lambda handle: time.sleep(PATIENCE)
    files.write_atomically(target, b"half of it")


@pytest.fixture(scope="module")
def processes():
    """Processes that have everything imported: what is killed is work, not the start of Python."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kdsrc.studies"])
    return context


def wait_for(condition):
    until = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
    return found


def running(process):
    """Whether the process works: one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return not Path("/proc").is_dir() and files.alive(process)


def started(command, **options):
    """A process that ^C reaches, also where the tests run in a shell's background, which has it ignored."""
    return subprocess.Popen(
        command,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


# Kills


def test_twenty_kills_lose_nothing(processes, tmp_path):
    """What was finished before a kill stays as it was, and the run ends with the bytes of one that nobody stopped."""
    start = time.monotonic()
    expected = whole_run(tmp_path / "whole")
    seconds, drawn, finished, kills = time.monotonic() - start, random.Random(0), {}, 0
    folder = tmp_path / "killed"
    while kills < KILLS:
        process = processes.Process(target=whole_run, args=(folder,))
        process.start()
        process.join(drawn.uniform(0.0, 0.15 * seconds))
        process.kill()
        process.join()
        kills += process.exitcode == -signal.SIGKILL
        found = {path.name: path.read_bytes() for path in (folder / "work").glob("*.npz")}
        assert finished.items() <= found.items()
        assert all(whole(folder / "work" / name) for name in found)
        if process.exitcode == 0:  # all is done before the last kill: some of it is to do again
            assert (folder / "figure1.json").read_bytes() == expected
            for name in drawn.sample(sorted(found), SEEDS):
                (folder / "work" / name).unlink()
                del found[name]
        finished = found
    assert whole_run(folder) == expected
    names = [path.name for path in (folder / "work").iterdir()]
    assert len(names) == ARMS * SEEDS and not [name for name in names if not name.endswith(".npz")]
    assert finished.items() <= {path.name: path.read_bytes() for path in (folder / "work").iterdir()}.items()


def test_what_a_kill_in_mid_write_leaves_is_removed_by_the_next_writer(processes, tmp_path):
    target = tmp_path / "piece.npz"
    process = processes.Process(target=write_slowly, args=(target,))
    process.start()
    scratch = wait_for(lambda: list(tmp_path.iterdir()))
    files.write_atomically(tmp_path / "other", b"")
    assert scratch[0].exists()  # its writer lives
    process.kill()
    process.join()
    assert scratch[0].exists() and not target.exists()
    files.write_atomically(tmp_path / "other", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


SLOW = """
import os, sys, time
from dataclasses import replace
from pathlib import Path
from kdsrc import cli, records
from kdsrc.studies import STUDIES
from kdsrc.studies.settings import SCALES

folder = Path(sys.argv[1])

def slow(bench, arms):
    (folder / f"worker-{os.getpid()}").touch()
    time.sleep(300)

records.RESULTS = folder / "results"
STUDIES["figure1"] = replace(
    STUDIES["figure1"], arms=lambda settings: {}, measure=slow, settings=dict.fromkeys(SCALES, SCALES["live"])
)
sys.argv[1:] = ["reproduce", "figure1", "--seeds", "2", "--jobs", "2"]
cli.main()
"""


@pytest.fixture
def slow(tmp_path):
    """`kdsrc reproduce` with two workers that are busy for five minutes; (process, numbers of its workers)."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"}
    environment.pop("KDSRC_WORK", None)
    with started([sys.executable, "-c", SLOW, str(tmp_path)], env=environment, start_new_session=True) as process:
        try:
            found = wait_for(lambda: len(workers := list(tmp_path.glob("worker-*"))) == 2 and workers)
            yield process, [int(path.name.removeprefix("worker-")) for path in found]
        finally:
            process.kill()


def test_workers_end_soon_after_a_parent_that_was_killed(slow):
    process, workers = slow
    assert all(running(worker) for worker in workers)
    process.kill()
    process.wait()
    until = time.monotonic() + 15.0  # half a second, and what other work on the machine adds
    while any(running(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_interrupt_ends_the_workers_and_says_one_line(slow, tmp_path):
    """As ^C in a terminal, which reaches the whole group."""
    process, workers = slow
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert errors.strip() == (
        f"Stopped: finished pieces are kept in {tmp_path / 'results' / '.work'}, and the same "
        "command goes on from there"
    )
    assert not any(running(worker) for worker in workers)


# Damage


@pytest.fixture
def piece(tmp_path):
    """A stored piece: (store, its key, what computes it, its path, calls)."""
    calls, store, key = [], Store(tmp_path), {"piece": "work", "seed": 0}

    def compute():
        calls.append(1)
        return {"weights": np.arange(600.0).reshape(20, 30), "losses": np.array([0.5, 0.25])}

    store.piece(key, compute)
    return store, key, compute, store.path(key), calls


def damages(content):
    """The file in other states: a shape and a name changed in the headers, cut short, empty, of another kind."""
    yield "shape", content.replace(b"(20, 30)", b"(30, 20)")
    yield "name", content.replace(b"losses.npy", b"lasses.npy")
    yield "a bit", content[:2_000] + bytes([content[2_000] ^ 1]) + content[2_001:]
    yield "half", content[: len(content) // 2]
    yield "empty", b""
    yield "earlier kind", content[:-32]  # NumPy's file alone
    yield "text", b"no piece"


def test_a_damaged_piece_is_named_and_computed_again(piece, caplog):
    store, key, compute, path, calls = piece
    whole = path.read_bytes()
    with np.load(path) as arrays:  # NumPy reads it as it is
        np.testing.assert_array_equal(arrays["losses"], [0.5, 0.25])
    for number, (what, content) in enumerate(damages(whole), start=2):
        assert content != whole, what
        path.write_bytes(content)
        assert key not in store, what
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            found = store.piece(key, compute)
        assert len(calls) == number and caplog.messages == [
            f"Store.get: {path} is damaged, incomplete or of an earlier kind: computing it again"
        ], what
        assert set(found) == {"weights", "losses", "seconds", "code"} and found["weights"].shape == (20, 30)
        assert key in store


def test_a_piece_under_another_name_is_computed_again(piece):
    store, key, compute, path, calls = piece
    other = key | {"seed": 1}
    path.rename(store.path(other))
    store.piece(other, compute)
    assert len(calls) == 2


def test_a_hundred_flipped_bits_of_a_piece_are_all_noticed(piece):
    store, key, _, path, _ = piece
    whole = path.read_bytes()
    for bit in np.random.default_rng(0).integers(0, 8 * len(whole), 100):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert key not in store
    path.write_bytes(whole)
    assert key in store


# Threads

THREADS = """
import hashlib, tempfile
from pathlib import Path
import torch
from kdsrc.studies import STUDIES, runner
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import Store

settings = Settings(dataset="digits", n_train=None, n_test=None, learning_rate=4e-3, iterations=60, checkpoints=())

def threads(bench, arms):
    info = [line.split(":")[1].strip() for line in torch.__config__.parallel_info().splitlines() if "get_max" in line]
    assert info and set(info) == {"1"}, info
    generator = torch.Generator().manual_seed(0)
    product = torch.randn(700, 3072, generator=generator) @ torch.randn(3072, 900, generator=generator)
    return {"product": product.numpy()}

threads_study = runner.Study("threads", "", lambda settings: {}, threads)
with tempfile.TemporaryDirectory() as folder:
    store, data = Store(Path(folder)), settings.data()
    record = runner.run(STUDIES["figure1"], settings, data, [0], store)
    product = runner.run(threads_study, settings, data, [0], store).measures["product"]
digest = hashlib.sha256(product.tobytes())
for curve in record.curves.values():
    for values in curve.values():
        digest.update(values.tobytes())
print(digest.hexdigest())
"""


def test_the_number_of_threads_outside_changes_no_digit():
    """MKL under torch and OpenBLAS under NumPy: whatever the environment says, a seed's work has one thread."""
    found = set()
    for count in ("1", "2"):
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "TQDM_DISABLE": "1",
            "MKL_NUM_THREADS": count,
            "OMP_NUM_THREADS": count,
            "OPENBLAS_NUM_THREADS": count,
        }
        found.add(
            subprocess.run(
                [sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
    assert len(found) == 1


def test_the_threads_outside_are_given_back(tmp_path):
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        runner.run(STUDIES["figure1"], replace(TINY, iterations=10), TINY.data(), [0], Store(tmp_path))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


# Too much


@pytest.mark.parametrize("seeds", [range(10**9), range(runner.MOST_SEEDS + 1), []])
def test_absurd_numbers_of_seeds_are_refused_at_once(seeds, tmp_path):
    start = time.monotonic()
    with pytest.raises(ValueError, match=rf"runner.run: {len(seeds)} seeds, jobs=1; expected 1 to 1000 seeds"):
        runner.run(STUDIES["figure1"], TINY, None, seeds, Store(tmp_path))
    assert time.monotonic() - start < 5.0


def test_a_scale_that_the_settings_are_not_of_is_refused(tmp_path):
    with pytest.raises(ValueError, match="settings that are not figure1's of scale 'paper'; expected Settings.*10000"):
        runner.run(STUDIES["figure1"], TINY, None, [0], Store(tmp_path), scale="paper")
    live = SCALES["live"]
    assert STUDIES["figure1"].settings["live"] == live
    record = runner.run(
        replace(STUDIES["figure1"], settings={"quick": TINY}), TINY, TINY.data(), [0], Store(tmp_path), scale="quick"
    )
    assert record.scale == "quick"


def test_the_command_line_has_the_same_maximum():
    assert cli._MOST_SEEDS == runner.MOST_SEEDS


# make serve


def serve(*arguments):
    return started([sys.executable, ROOT / "tools" / "serve.py", *map(str, arguments)])


def test_a_busy_port_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = serve(tmp_path, port)
        output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and not output
    assert errors == f"serve: port {port} is in use: choose another, as in make serve PORT={port + 1}\n"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port, tmp_path):
    process = serve(tmp_path, port)
    assert "Traceback" not in process.communicate(timeout=PATIENCE)[1] and process.returncode == 2


def test_the_site_is_served_until_the_interrupt(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = serve(tmp_path, port)
    assert process.stdout.readline() == f"The book is at http://localhost:{port}  (stop with Ctrl-C)\n"
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
        assert b"200 OK" in client.recv(1_000)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130 and errors.splitlines()[-1] == "serve: stopped" and "Traceback" not in errors


# make book

BOOK = """
import os, subprocess, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import build_book, pages, sqlalchemy.exc

folder, build_book.ROOT = Path(sys.argv[1]), Path(sys.argv[1])
build_book.BUILD = folder / "_build"

def execute(page):
    kernel = subprocess.Popen(["sleep", "300"], start_new_session=True)
    (folder / f"kernel-{kernel.pid}").touch()
    kernel.wait()

pages.execute, pages.missing = execute, lambda cache: [Path(f"{number}.md") for number in range(6)]
FAULTS = {
    "disk": OSError(28, "No space left on device", "page.html"),
    "database": sqlalchemy.exc.OperationalError("INSERT", {}, Exception("database or disk is full")),
}
fault = "".join(sys.argv[3:])
if fault == "file":
    build_book.BUILD.touch()
elif fault:
    def build(cache):
        raise FAULTS[fault]
    build_book.build = build
del sys.argv[1:]
sys.exit(build_book.main())
"""


def book(folder, *more):
    environment = os.environ | {"BOOK_EXEC_CACHE": str(folder / "cache")}
    return started(
        [sys.executable, "-c", BOOK, str(folder), str(ROOT / "tools"), *more], env=environment, start_new_session=True
    )


def test_an_interrupt_of_the_build_ends_the_kernels_and_says_one_line(tmp_path):
    """The pages that run are not waited for, and those that wait are not begun."""
    pytest.importorskip("jupyter_cache")
    process = book(tmp_path)
    wait_for(lambda: len(list(tmp_path.glob("kernel-*"))) == min(2, os.cpu_count()))
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and not output
    assert errors == "\nbook: interrupted. Run make book again: executed pages are kept\n"
    wait_for(lambda: not any(running(path.name.removeprefix("kernel-")) for path in tmp_path.glob("kernel-*")))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("disk", "[Errno 28] No space left on device: 'page.html'"),
        ("database", "(builtins.Exception) database or disk is full"),
        ("file", "[Errno 17] File exists: '{folder}/_build'"),
    ],
)
def test_a_disk_that_takes_nothing_more_is_one_line_of_the_build(fault, told, tmp_path):
    pytest.importorskip("jupyter_cache")
    process = book(tmp_path, fault)
    assert process.communicate(timeout=PATIENCE) == (
        "",
        f"book: {told.format(folder=tmp_path)}. Mend that (space, permissions) and run make book again\n",
    )
    assert process.returncode == 1
