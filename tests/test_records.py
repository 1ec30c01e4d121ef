"""Records: the round trip, what a reader is told when a file is missing or changed, and writing in one step."""

import json
import os
import stat

import numpy as np
import pytest

import kdsrc
from kdsrc import records
from kdsrc.records import Record


@pytest.fixture
def record():
    rng = np.random.default_rng(0)
    curves = {arm: {"iterations": np.array([0, 10, 20]), **{m: rng.random((2, 3)) for m in ("train_loss", "test_loss")}}
              for arm in ("teacher", "student_alone")}
    return Record("figure1", {"name": "digits", "n_train": 250, "n_test": 107, "sha256": "ab" * 32},
                  {"penalty": 0.01, "checkpoints": (25, 50), "activation": "relu", "n_train": None}, [0, 1], curves,
                  records.provenance(seconds=1.5, pieces=[{"seed": 0}]), {"overlap": rng.random((2, 4))})


def same(value):
    """As plain JSON would hold it."""
    return json.loads(json.dumps(value))


def test_round_trip(record, tmp_path):
    assert records.save(record, tmp_path) == tmp_path / "figure1.json"
    found = records.load("figure1", tmp_path)
    assert (found.name, found.dataset, found.seeds) == (record.name, record.dataset, record.seeds)
    assert found.settings == same(record.settings) and found.provenance == same(record.provenance)
    assert list(found.curves) == list(record.curves)
    for arm, curve in record.curves.items():
        assert list(found.curves[arm]) == list(curve)
        for name, values in curve.items():
            assert found.curves[arm][name].dtype == values.dtype and found.curves[arm][name].shape == values.shape
            np.testing.assert_allclose(found.curves[arm][name], values, rtol=5e-9, atol=0)  # nine digits
    np.testing.assert_allclose(found.measures["overlap"], record.measures["overlap"], rtol=5e-9, atol=0)


def test_single_precision_survives_exactly(record, tmp_path):
    values = np.random.default_rng(1).standard_normal((2, 500)).astype(np.float32)
    record.measures["weights"] = values.astype(float)
    records.save(record, tmp_path)
    np.testing.assert_array_equal(records.load("figure1", tmp_path).measures["weights"].astype(np.float32), values)


def test_saving_what_was_loaded_gives_the_same_bytes(record, tmp_path):
    first = records.save(record, tmp_path / "a").read_bytes()
    assert records.save(records.load("figure1", tmp_path / "a"), tmp_path / "b").read_bytes() == first


def test_a_changed_number_is_noticed(record, tmp_path):
    path = records.save(record, tmp_path)
    text = path.read_text()
    assert text.count('"penalty":0.01') == 1
    path.write_text(text.replace('"penalty":0.01', '"penalty":0.02'))
    with pytest.raises(ValueError, match="figure1.json does not match its checksum; expected.*restore it from version"):
        records.load("figure1", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"text"', '{"name": "figure1"}'])
def test_a_file_that_is_no_record_is_refused(content, tmp_path):
    (tmp_path / "figure1.json").write_text(content)
    with pytest.raises(ValueError, match="records.load: .*figure1.json is not a record.*restore"):
        records.load("figure1", tmp_path)


def test_half_a_record_is_refused(record, tmp_path):
    path = records.save(record, tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match="is not a record"):
        records.load("figure1", tmp_path)


def test_an_unknown_name_lists_what_is_there(record, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"figure9.json; expected one of \(none yet\)"):
        records.load("figure9", tmp_path)
    records.save(record, tmp_path)
    records.save(Record("extra", {}, {}, [], {}, {}), tmp_path)
    with pytest.raises(FileNotFoundError, match="expected one of extra, figure1: run kdsrc reproduce figure9"):
        records.load("figure9", tmp_path)


def test_what_json_cannot_hold_is_refused_and_nothing_is_written(record, tmp_path):
    record.settings["odd"] = object()
    with pytest.raises(TypeError, match="records.save: object in a record; expected numbers"):
        records.save(record, tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_interrupted_writing_leaves_the_old_file(call, tmp_path, monkeypatch):
    target = tmp_path / "file"
    records.write_atomically(target, b"old")

    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        records.write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"] and target.read_bytes() == b"old"


def test_writing_makes_folders_and_readable_files(tmp_path):
    target = tmp_path / "a" / "b" / "file"
    records.write_atomically(target, b"one")
    records.write_atomically(target, b"two")
    assert target.read_bytes() == b"two" and stat.S_IMODE(target.stat().st_mode) == 0o644


def test_provenance_says_with_what_it_was_computed():
    found = records.provenance(seconds=3)
    assert found["kdsrc"] == kdsrc.__version__ and found["seconds"] == 3
    assert found["packages"]["numpy"] == np.__version__
    assert set(found["packages"]) == {"python", "numpy", "scipy", "torch", "scikit-learn"}
    assert found["machine"]["cores"] == os.cpu_count() and found["machine"]["processor"]
    assert same(found) == found


def test_code_version_without_a_repository_is_the_packages(monkeypatch):
    def missing(*given, **options):
        raise FileNotFoundError("git")

    monkeypatch.setattr(records.subprocess, "run", missing)
    assert records.code_version() == kdsrc.__version__


@pytest.mark.parametrize(("changes", "expected"), [("", "0123456789ab"), (" M kdsrc/data.py\n", "0123456789ab-dirty")])
def test_code_version_is_the_commit_and_says_when_the_code_differs(changes, expected, monkeypatch):
    class Answer:
        def __init__(self, stdout):
            self.stdout = stdout

    monkeypatch.setattr(records.subprocess, "run",
                        lambda command, **options: Answer("0123456789ab\n" if "rev-parse" in command else changes))
    assert records.code_version() == expected


def test_the_committed_records_are_whole():
    for folder in (records.RESULTS, records.RESULTS / "quick"):
        for path in folder.glob("*.json"):
            record = records.load(path.stem, folder)
            assert record.name == path.stem and record.seeds
            assert {"name", "n_train", "n_test", "sha256"} <= set(record.dataset)
            assert {"code", "packages", "machine", "seconds"} <= set(record.provenance)
            for curve in record.curves.values():
                shape = (len(record.seeds), len(curve["iterations"]))
                assert curve["train_loss"].shape == curve["test_loss"].shape == shape
