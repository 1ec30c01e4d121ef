"""Both data sets: planted CIFAR-10 batches in the binary layout, every refusal by its message, no network."""

import hashlib
import http.server
import io
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import load_digits

from kdsrc import data
from kdsrc.data import CIFAR_FOLDER, CIFAR_TEST, CIFAR_TRAIN, Dataset, load
from kdsrc.studies.runner import Study, reproduce
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import Store
from kdsrc.studies.sweep import Point, Sweep, at_horizons
from kdsrc.studies.sweep_runner import sweep

PIXELS = 3_072
BATCHES = CIFAR_TRAIN + CIFAR_TEST


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No $KDSRC_DATA, an empty cache of our own, and no network."""
    monkeypatch.delenv("KDSRC_DATA", raising=False)
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: tmp_path / "cache" / name)

    def refuse(*given, **options):
        raise ConnectionError("no network in the tests")

    monkeypatch.setattr(data.pooch, "retrieve", refuse)


def found_in(folder):
    """All paths below the folder, as text, without the lock of the download."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != ".lock")


def files_in(folder):
    return [path for path in found_in(folder) if (folder / path).is_file()]


def write(folder, name, rows):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(np.asarray(rows, dtype=np.uint8).tobytes())


def planted_rows(seed, labels=(0, 1, 5, 0, 1)):
    """Rows of the binary layout: a label byte, then pixels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (len(labels), PIXELS))
    return np.concatenate([np.array(labels)[:, None], pixels], axis=1).astype(np.uint8)


@pytest.fixture
def planted(tmp_path):
    """A root with the six batches, five rows each; returns (root, rows by batch)."""
    rows = {name: planted_rows(seed) for seed, name in enumerate(BATCHES)}
    for name, batch in rows.items():
        write(tmp_path / "root" / CIFAR_FOLDER, name, batch)
    return tmp_path / "root", rows


def spoil(planted, batch, name="data_batch_2.bin"):
    write(planted[0] / CIFAR_FOLDER, name, batch)
    return planted[0]


# What is loaded


def test_digits_are_scikit_learns_in_their_order():
    digits, (x, labels) = load("digits"), load_digits(return_X_y=True)
    x, labels = x[(labels == 3) | (labels == 8)], labels[(labels == 3) | (labels == 8)]
    expected = x / np.linalg.norm(x, axis=1, keepdims=True)
    np.testing.assert_allclose(np.concatenate([digits.x_train, digits.x_test]), expected, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(np.concatenate([digits.y_train, digits.y_test]), np.where(labels == 3, 1.0, -1.0))
    assert digits.x_train.shape == (250, 64) and digits.name == "digits"


def test_cifar_is_read_from_the_binary_layout(planted):
    root, rows = planted
    found = load("cifar10", root=root)
    assert found.name == "cifar10"
    for part, names in (("train", CIFAR_TRAIN), ("test", CIFAR_TEST)):
        batch = np.concatenate([rows[name] for name in names])
        batch = batch[batch[:, 0] < 2]
        x = batch[:, 1:].astype(float)
        np.testing.assert_allclose(
            getattr(found, f"x_{part}"), x / np.linalg.norm(x, axis=1, keepdims=True), rtol=0, atol=1e-15
        )
        np.testing.assert_array_equal(getattr(found, f"y_{part}"), 1.0 - 2.0 * batch[:, 0])
    assert found.x_train.shape == (20, PIXELS) and found.x_test.shape == (4, PIXELS)


@pytest.mark.parametrize("name", ["digits", "cifar10"])
def test_rows_have_unit_norm_and_labels_are_signs(name, planted):
    found = load(name, root=planted[0] if name == "cifar10" else None)
    for x, y in ((found.x_train, found.y_train), (found.x_test, found.y_test)):
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1.0, rtol=0, atol=1e-14)
        assert set(y) == {-1.0, 1.0} and x.dtype == y.dtype == np.float64


def test_the_first_class_is_plus_one(planted):
    root, rows = planted
    forward, backward = (load("cifar10", root=root, classes=classes) for classes in ((5, 1), (1, 5)))
    np.testing.assert_array_equal(forward.y_train, -backward.y_train)
    np.testing.assert_array_equal(forward.x_train, backward.x_train)
    labels = np.concatenate([rows[name][:, 0] for name in CIFAR_TRAIN])
    np.testing.assert_array_equal(forward.y_train, np.where(labels[(labels == 1) | (labels == 5)] == 5, 1.0, -1.0))


@pytest.mark.parametrize("name", ["digits", "cifar10"])
def test_fewer_samples_are_the_first_ones(name, planted):
    root = planted[0] if name == "cifar10" else None
    whole, part = load(name, root=root), load(name, n_train=7, n_test=3, root=root)
    np.testing.assert_array_equal(part.x_train, whole.x_train[:7])
    np.testing.assert_array_equal(part.y_test, whole.y_test[:3])
    assert part.x_test.shape[0] == 3 and part.y_train.shape == (7,)


def test_hash_is_that_of_the_numbers():
    first, again = load("digits"), load("digits")
    expected = hashlib.sha256(
        b"".join(a.astype("<f8").tobytes() for a in (first.x_train, first.y_train, first.x_test, first.y_test))
    ).hexdigest()
    assert first.sha256() == again.sha256() == expected
    x = first.x_test.copy()
    x[0, 5] += 1e-16
    changed = Dataset(first.x_train, first.y_train, x, first.y_test, "digits")
    assert x[0, 5] != first.x_test[0, 5] and changed.sha256() != expected
    assert load("digits", n_train=249).sha256() != expected


def test_hash_does_not_depend_on_the_memory_order():
    digits = load("digits")
    turned = Dataset(np.asfortranarray(digits.x_train), digits.y_train, digits.x_test, digits.y_test, "digits")
    assert turned.sha256() == digits.sha256()


# Where CIFAR-10 is looked for


def test_root_may_be_the_folder_itself(planted):
    assert load("cifar10", root=planted[0] / CIFAR_FOLDER).sha256() == load("cifar10", root=planted[0]).sha256()


def test_root_goes_before_the_variable_and_the_variable_before_the_cache(planted, tmp_path, monkeypatch):
    root, _ = planted
    places = {"variable": tmp_path / "variable", "cache": tmp_path / "cache" / "kdsrc"}
    for seed, place in enumerate(places.values(), start=50):
        for name in BATCHES:
            write(place / CIFAR_FOLDER, name, planted_rows(seed))
    hashes = {name: load("cifar10", root=place).sha256() for name, place in {"root": root, **places}.items()}
    assert len(set(hashes.values())) == 3
    assert load("cifar10").sha256() == hashes["cache"]
    monkeypatch.setenv("KDSRC_DATA", str(places["variable"]))
    assert load("cifar10").sha256() == hashes["variable"]
    assert load("cifar10", root=root).sha256() == hashes["root"]
    monkeypatch.setenv("KDSRC_DATA", "")
    assert load("cifar10").sha256() == hashes["cache"]


@pytest.mark.parametrize("how", ["root", "$KDSRC_DATA"])
def test_a_named_place_without_the_files_is_refused(how, tmp_path, monkeypatch):
    monkeypatch.setenv("KDSRC_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError) as refused:
        load("cifar10", root=tmp_path if how == "root" else None)
    assert str(refused.value).startswith(f"load: {how}={str(tmp_path)!r} holds no {CIFAR_FOLDER}; expected")
    assert f"correct {how}" in str(refused.value)


def test_without_files_and_network_the_message_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"could not be downloaded.*no network in the tests.*root= or \$KDSRC"):
        load("cifar10")
    assert not files_in(tmp_path)


# Malformed files


def test_a_missing_batch_is_named(planted):
    (planted[0] / CIFAR_FOLDER / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match="data_batch_4.bin is missing; expected the six batches.*restore"):
        load("cifar10", root=planted[0])


@pytest.mark.parametrize(
    ("size", "reason"),
    [(5 * 3_073 - 1, "truncated"), (0, "empty"), (5 * 3_073 + 1, "longer"), (10_001 * 3_073, "oversized")],
)
def test_a_batch_of_the_wrong_size_is_refused(planted, size, reason):
    path = planted[0] / CIFAR_FOLDER / "data_batch_3.bin"
    with path.open("r+b") as file:
        file.truncate(size)  # zeros beyond the end, without being stored
    with pytest.raises(ValueError, match=rf"data_batch_3.bin has {size} bytes; expected a multiple of 3073.*fetch"):
        load("cifar10", root=planted[0])


def test_a_label_outside_0_to_9_is_refused(planted):
    rows = planted_rows(0)
    rows[3, 0] = 10
    with pytest.raises(ValueError, match="data_batch_2.bin has label 10 at row 3; expected 0 to 9.*fetch it again"):
        load("cifar10", root=spoil(planted, rows))


def test_an_absent_class_is_refused_with_what_was_found(planted):
    with pytest.raises(ValueError, match=r"no sample of class 7; found \[0, 1, 5\].*choose other classes"):
        load("cifar10", root=planted[0], classes=(0, 7))
    with pytest.raises(ValueError, match=r"test_batch.bin\) has no sample of class 1; found \[0, 5\]"):
        load("cifar10", root=spoil(planted, planted_rows(0, (0, 5, 0)), "test_batch.bin"))


def test_an_all_black_image_is_refused(planted):
    rows = planted_rows(0)
    rows[4, 1:] = 0
    with pytest.raises(ValueError, match="all-black image at row 9; expected a non-zero row.*unit norm: remove it"):
        load("cifar10", root=spoil(planted, rows))  # row 4 of the second batch of five


def test_an_all_black_image_of_another_class_does_not_matter(planted):
    rows = planted_rows(0)
    rows[2, 1:] = 0
    assert np.isfinite(load("cifar10", root=spoil(planted, rows)).x_train).all()


# Bad arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "mnist"}, "name='mnist', expected 'digits' or 'cifar10'"),
        ({"n_train": 251}, "n_train=251, but the two classes hold 250 samples there: ask for 1 to 250"),
        ({"n_test": 108}, "n_test=108, but the two classes hold 107"),
        ({"n_train": 0}, "n_train=0"),
        ({"n_test": -1}, "n_test=-1"),
        ({"classes": (3, 3)}, "two different labels from 0 to 9"),
        ({"classes": (3, 10)}, "two different labels"),
        ({"classes": (1, 2, 3)}, "two different labels"),
        ({"classes": 3}, "two different labels"),
        ({"root": "somewhere"}, "root='somewhere' with name='digits', which is embedded"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"load: .*{message}"):
        load(**arguments)


def test_more_cifar_images_than_there_are_is_refused(planted):
    with pytest.raises(ValueError, match="n_train=21, but the two classes hold 20 samples there"):
        load("cifar10", root=planted[0], n_train=21)


def test_a_data_set_must_fit_together():
    with pytest.raises(ValueError, match=r"Dataset: x_test \(2, 4\); expected \(n, 5\)"):
        Dataset(np.ones((3, 5)), np.ones(3), np.ones((2, 4)), np.ones(2), "odd")
    with pytest.raises(ValueError, match=r"Dataset: y_train \(2,\); expected \(3,\)"):
        Dataset(np.ones((3, 5)), np.ones(2), np.ones((2, 5)), np.ones(2), "odd")


@pytest.mark.parametrize("part", ["x_train", "y_train", "x_test", "y_test"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(part, value):
    parts = {"x_train": np.ones((3, 5)), "y_train": np.ones(3), "x_test": np.ones((2, 5)), "y_test": np.ones(2)}
    parts[part].flat[1] = value
    with pytest.raises(ValueError, match=f"Dataset: {part} holds a non-finite entry"):
        Dataset(**parts, name="odd")


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_without_samples_is_refused(part):
    sizes = {"train": 3, "test": 2} | {part: 0}
    with pytest.raises(ValueError, match=f"Dataset: x_{part} .0, 5."):
        Dataset(
            np.ones((sizes["train"], 5)),
            np.ones(sizes["train"]),
            np.ones((sizes["test"], 5)),
            np.ones(sizes["test"]),
            "odd",
        )


def test_lists_and_real_targets_become_arrays():
    found = Dataset([[1, 0], [0, 1]], [0.3, -2], [[1, 1]], [5], "targets")
    assert all(getattr(found, part).dtype == np.float64 for part in ("x_train", "y_train", "x_test", "y_test"))
    np.testing.assert_array_equal(found.y_train, [0.3, -2.0])


# The download


def archive(path, members):
    """A gzipped tar of (name, content) pairs, or of prepared TarInfo objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return path


def good_members():
    return [(f"{CIFAR_FOLDER}/{name}", planted_rows(seed).tobytes()) for seed, name in enumerate(BATCHES)]


def serve(monkeypatch, members):
    """Let pooch 'download' an archive of these members; returns the list of what was asked for."""
    asked = []

    def retrieve(url, known_hash, *, fname, path, progressbar):
        asked.append((url, known_hash, progressbar))
        return str(archive(path / fname, members))

    monkeypatch.setattr(data.pooch, "retrieve", retrieve)
    return asked


def test_a_download_is_unpacked_once(planted, tmp_path, monkeypatch):
    asked = serve(monkeypatch, [*good_members(), (f"{CIFAR_FOLDER}/readme.html", b"hello")])
    expected = load("cifar10", root=planted[0]).sha256()
    assert load("cifar10").sha256() == load("cifar10").sha256() == expected
    assert asked == [
        ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "md5:c32a1d4ab5d03f1284b67883e8d87530", True)
    ]
    assert found_in(tmp_path / "cache" / "kdsrc") == sorted(
        [CIFAR_FOLDER, *(f"{CIFAR_FOLDER}/{name}" for name in BATCHES)]
    )


def test_two_first_downloads_at_once_fetch_once(planted, tmp_path, monkeypatch):
    """With pooch itself, over HTTP; each thread opens the lock anew, as another process would."""
    monkeypatch.undo()
    monkeypatch.delenv("KDSRC_DATA", raising=False)
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    served, asked = archive(tmp_path / "served.tar.gz", good_members()).read_bytes(), []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            time.sleep(0.3)  # long enough for the second to come
            self.send_response(200)
            self.send_header("Content-Length", str(len(served)))
            self.end_headers()
            self.wfile.write(served)

        def log_message(self, *given):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, ThreadPoolExecutor(3) as pool:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(data, "CIFAR_URL", f"http://127.0.0.1:{server.server_port}/cifar.tar.gz")
        monkeypatch.setattr(data, "CIFAR_HASH", "md5:" + hashlib.md5(served).hexdigest())
        found = list(pool.map(lambda _: load("cifar10").sha256(), range(3)))
        server.shutdown()
    assert found == [load("cifar10", root=planted[0]).sha256()] * 3 and asked == ["/cifar.tar.gz"]


def test_what_a_killed_download_left_is_removed_by_the_next(tmp_path, monkeypatch):
    cache = tmp_path / "cache" / "kdsrc"
    (cache / "tmpabc" / CIFAR_FOLDER).mkdir(parents=True)
    (cache / "tmpdef").write_bytes(b"half an archive")
    serve(monkeypatch, good_members())
    load("cifar10")
    assert [path.name for path in cache.iterdir() if path.name != ".lock"] == [CIFAR_FOLDER]


def link(name, kind, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "unsafe",
    [
        ("/tmp/planted", b"x"),
        (f"{CIFAR_FOLDER}/../../planted", b"x"),
        ("elsewhere/planted", b"x"),
        link(f"{CIFAR_FOLDER}/link", tarfile.SYMTYPE, "/etc/passwd"),
        link(f"{CIFAR_FOLDER}/hard", tarfile.LNKTYPE, "/etc/passwd"),
        link(f"{CIFAR_FOLDER}/pipe", tarfile.FIFOTYPE, ""),
        (f"{CIFAR_FOLDER}/data_batch_1.bin", bytes(10_000 * 3_073 + 1)),
    ],
    ids=["absolute", "upwards", "elsewhere", "symlink", "hard link", "pipe", "too large"],
)
def test_an_archive_with_an_unsafe_member_extracts_nothing(unsafe, tmp_path, monkeypatch):
    serve(monkeypatch, [*good_members(), unsafe])
    with pytest.raises(ValueError, match="has the member .*nothing was extracted; delete the archive"):
        load("cifar10")
    assert files_in(tmp_path) == ["cache/kdsrc/cifar-10-binary.tar.gz"]
    assert not (tmp_path / "cache" / "kdsrc" / CIFAR_FOLDER).exists()


def test_an_archive_without_all_batches_extracts_nothing(tmp_path, monkeypatch):
    serve(monkeypatch, good_members()[:5])
    with pytest.raises(ValueError, match="holds 5 of the six batches"):
        load("cifar10")
    assert not (tmp_path / "cache" / "kdsrc" / CIFAR_FOLDER).exists()


def test_an_interrupted_unpacking_leaves_no_data_behind_and_can_be_repeated(planted, tmp_path, monkeypatch):
    serve(monkeypatch, good_members())
    original, calls = type(tmp_path).write_bytes, []

    def interrupted(self, content):
        calls.append(self)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(self, content)

    with monkeypatch.context() as patched:
        patched.setattr(type(tmp_path), "write_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load("cifar10")
    assert found_in(tmp_path / "cache" / "kdsrc") == ["cifar-10-binary.tar.gz"]  # verified, so it may stay
    assert load("cifar10").sha256() == load("cifar10", root=planted[0]).sha256()


def test_an_interrupted_or_wrong_download_leaves_nothing(tmp_path, monkeypatch):
    """With pooch itself: the checksum of what arrives is wrong, then the connection breaks."""
    monkeypatch.undo()
    monkeypatch.delenv("KDSRC_DATA", raising=False)
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: tmp_path / "cache" / name)

    class Downloader:
        broken = False

        def __init__(self, *given, **options):
            pass

        def __call__(self, url, output_file, pooch):
            with open(output_file, "wb") as file:
                file.write(b"half of it")
            if self.broken:
                raise ConnectionError("connection reset")

    monkeypatch.setattr("pooch.core.choose_downloader", lambda *given, **options: Downloader())
    for Downloader.broken, reason in ((False, "hash"), (True, "connection reset")):
        with pytest.raises(FileNotFoundError, match=f"(?s)could not be downloaded.*{reason}.*connect to the network"):
            load("cifar10")
        assert not files_in(tmp_path)


def test_other_classes_of_a_study_or_a_sweep_are_read_from_the_root_given(planted, tmp_path):
    """They are loaded when a condition asks for them, long after the data of the study."""

    def arms(settings):
        return {"other": settings.teacher(classes=(1, 5))}

    def points(settings):
        return {"one": Point({"first": 1}, settings, arms(settings))}

    def measure(bench, arms):
        return at_horizons(bench, arms, (10,))

    tiny = {"quick": Settings(n_train=8, n_test=2, teacher_width=4, student_width=2, iterations=10, dtype="float64")}
    store, where = Store(tmp_path / "work"), {"root": planted[0]}
    [*_, swept] = sweep(Sweep("swept", "", points, measure, tiny), "quick", 1, store, tmp_path, **where)
    assert swept.provenance["failed"] == []
    [made] = reproduce([Study("made", "", arms, settings=tiny)], "quick", 1, Store(tmp_path / "own"), tmp_path, **where)
    ends = made.curves["other"]["train_loss"][0, -1], swept.measures["train_loss_other"][0, 0]
    np.testing.assert_allclose(*ends, rtol=1e-5)
    assert swept.conditions == {"one/other": {"width": 4, "iterations": 10, "classes": "1 and 5"}}
