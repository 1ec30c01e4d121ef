"""Records: the round trip, what a reader is told when a file is missing or changed, and writing in one step."""

import json
import os
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

import kdsrc
from kdsrc import records, tidy
from kdsrc.data import load
from kdsrc.records import Record
from kdsrc.studies import STUDIES, SWEEPS
from kdsrc.studies.conditions import completed
from kdsrc.studies.ground import earlier


@pytest.fixture
def record():
    rng = np.random.default_rng(0)
    curves = {
        arm: {"iterations": np.array([0, 10, 20]), **{m: rng.random((2, 3)) for m in ("train_loss", "test_loss")}}
        for arm in ("teacher", "student_alone")
    }
    return Record(
        "figure1",
        {"name": "digits", "n_train": 250, "n_test": 107, "sha256": "ab" * 32},
        {"penalty": 0.01, "checkpoints": (25, 50), "activation": "relu", "n_train": None},
        [0, 1],
        curves,
        records.provenance(seconds=1.5, pieces=[{"seed": 0}]),
        {"overlap": rng.random((2, 4))},
        "quick",
    )


def same(value):
    """As plain JSON would hold it."""
    return json.loads(json.dumps(value))


def test_round_trip(record, tmp_path):
    assert records.save(record, tmp_path) == tmp_path / "figure1.json"
    found = records.load("figure1", tmp_path)
    assert (found.name, found.seeds) == (record.name, record.seeds)
    assert found.dataset == record.dataset | {"images": records.images_of(record.dataset)}
    assert found.scale == "quick"
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


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"text"', '{"name": "figure1"}', "[" * 100_000, "\0"])
def test_a_file_that_is_no_record_is_refused(content, tmp_path):
    (tmp_path / "figure1.json").write_text(content)
    with pytest.raises(ValueError, match="records.load: .*figure1.json is not a record.*restore"):
        records.load("figure1", tmp_path)


def test_every_flipped_bit_is_noticed(record, tmp_path):
    """In the whole file, its checksum included: a hundred drawn places, and each byte of the head."""
    path = records.save(record, tmp_path)
    whole = path.read_bytes()
    drawn = np.random.default_rng(2).integers(0, 8 * len(whole), 100)
    for bit in [*drawn, *range(0, 8 * 150, 7)]:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with pytest.raises(ValueError, match="^records.load: .*figure1.json"):
            records.load("figure1", tmp_path)


def test_an_equal_number_in_another_spelling_is_noticed(record, tmp_path):
    record.settings["std"] = 1e-5
    path = records.save(record, tmp_path)
    path.write_text(path.read_text().replace('"std":1e-05', '"std":1E-05'))
    with pytest.raises(ValueError, match="does not match its checksum"):
        records.load("figure1", tmp_path)


def test_a_record_under_another_name_is_refused(record, tmp_path):
    records.save(record, tmp_path).rename(tmp_path / "figure2.json")
    with pytest.raises(
        ValueError,
        match="figure2.json is the record of figure1 at scale quick; expected figure2: .*run kdsrc reproduce figure2",
    ):
        records.load("figure2", tmp_path)


def test_a_record_of_another_scale_is_refused(record, tmp_path, monkeypatch):
    """Where it is asked for, and in the two folders that hold one scale each."""
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    for folder in ("quick", "other"):
        records.save(record, tmp_path / folder)
    assert records.load("figure1", tmp_path / "quick").scale == records.load("figure1", tmp_path / "other").scale
    with pytest.raises(ValueError, match="at scale quick; expected figure1 at scale paper: .*--scale paper"):
        records.load("figure1", tmp_path / "other", scale="paper")
    records.save(record)
    for arguments in ((), (tmp_path,), (str(tmp_path) + "/.",)):
        with pytest.raises(ValueError, match="at scale quick; expected figure1 at scale paper"):
            records.load("figure1", *arguments)
    records.save(replace(record, scale="paper"), tmp_path / "quick")
    with pytest.raises(ValueError, match="at scale paper; expected figure1 at scale quick: .*--scale quick"):
        records.load("figure1", tmp_path / "quick")


@pytest.mark.parametrize(("change", "found"), [('"format":3,', "1"), ('"format":3', "7")], ids=["older", "newer"])
def test_a_record_of_another_format_says_so(change, found, record, tmp_path):
    path = records.save(record, tmp_path)
    path.write_text(path.read_text().replace(change, "" if found == "1" else '"format":7', 1))
    with pytest.raises(ValueError, match=f"is a record of format {found}; expected format 3: run kdsrc reproduce"):
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

    monkeypatch.setattr(
        records.subprocess,
        "run",
        lambda command, **options: Answer("0123456789ab\n" if "rev-parse" in command else changes),
    )
    assert records.code_version() == expected


def test_a_record_says_which_images_it_was_made_from(record, tmp_path):
    digits = replace(record, dataset=record.dataset | {"sha256": load("digits").sha256()})
    records.save(digits, tmp_path)
    assert records.load("figure1", tmp_path).dataset["images"] == "scikit-learn's handwritten digits 3 and 8"
    assert records.known_images(digits.dataset) and not records.known_images(record.dataset)
    assert records.images_of(record.dataset).startswith("not those of the book's records")
    assert records.images_of({"name": "planted", "sha256": "00"}) == "not known to the book"


COMMITTED = pytest.mark.parametrize("path", sorted(records.RESULTS.glob("*.json")), ids=lambda path: path.stem)


@COMMITTED
def test_every_committed_record_opens_as_a_table(path):
    """In one line: each number that it was made for stands in a row of its own, beside what made it."""
    record = records.load(path.stem)
    table = pd.DataFrame(record.columns())
    assert table.notna().all().all() and set(table.seed) == set(record.seeds)
    if record.curves or "point" in record.measures:
        arms, horizons = {name.split("/")[-1] for name in record.conditions}, "horizons"
        arms = {arm for arm in arms if arm in record.curves or f"test_loss_{arm}" in record.measures}
        rows = len(arms) * record.measures[horizons].size if horizons in record.measures else 0
        assert len(table) == (rows or sum(curve["test_loss"].size for curve in record.curves.values()))
        assert set(table.arm) == arms and {"iteration", "test_loss"} <= set(table)
        assert {"width", "start", "penalty"} <= set(table)
        assert not table.duplicated([name for name in ("arm", "point", "seed", "iteration") if name in table]).any()
    else:
        assert not table.duplicated(["measure", "seed", "row", "column"]).any()
        for name, values in record.measures.items():
            chosen = table[(table.measure == name) & (table.seed == record.seeds[-1])]
            np.testing.assert_array_equal(chosen.value, values[-1].ravel())


def test_a_row_of_a_sweeps_table_is_one_horizon_of_one_task():
    record = records.load("practice")
    table = pd.DataFrame(record.columns())
    (row,) = np.flatnonzero((record.measures["seed"] == 2) & (record.measures["flipped"] == 0.2))
    chosen = table[(table.arm == "outputs_0.5_early") & (table.point == "20%") & (table.seed == 2)]
    assert chosen.iteration.tolist() == record.measures["horizons"][row].tolist()
    assert chosen.test_loss.tolist() == record.measures["test_loss_outputs_0.5_early"][row].tolist()
    assert set(chosen.mixing) == {0.5} and set(chosen.flipped) == {0.2} and set(chosen.penalty) == {0.0}
    assert "maker" not in table and "seconds" not in table


def test_what_a_sweep_leaves_out_of_a_condition_is_its_usual_level():
    assert {"width": 1} | tidy.USUAL == completed({})


def test_the_committed_records_take_less_than_ten_megabytes():
    assert sum(path.stat().st_size for path in records.RESULTS.rglob("*") if ".work" not in path.parts) < 10_000_000


def test_a_setting_that_a_record_does_not_know_had_its_usual_value():
    """The small λ of the amplitudes became one after their record was made: the record is gone on with as it is."""
    found = records.load("modes")
    paper = STUDIES["modes"].settings["paper"]
    assert paper.small_penalty == 1e-4 and found.settings.get("small_penalty", 1e-4) == 1e-4
    empty = replace(found, settings=asdict(paper), seeds=[], measures={})
    assert earlier(empty, records.RESULTS).seeds == found.seeds
    assert earlier(replace(empty, settings=asdict(replace(paper, small_penalty=1e-3))), records.RESULTS) is None


@COMMITTED
def test_the_committed_records_are_of_known_images(path):
    """Also those whose files, written by older code, do not say it."""
    dataset = records.load(path.stem).dataset
    assert ("JPEG" if dataset["name"] == "cifar10" else "scikit-learn") in dataset["images"]
    assert records.known_images(dataset)


def test_the_committed_records_are_whole():
    for folder in (records.RESULTS, records.RESULTS / "quick"):
        for path in folder.glob("*.json"):
            record = records.load(path.stem, folder)
            assert record.name == path.stem and record.seeds
            now = same(asdict((STUDIES | SWEEPS)[record.name].settings[record.scale]))
            assert all(now[name] == value for name, value in record.settings.items() if name in now)
            assert record.scale == {"results": "paper", "quick": "quick"}[folder.name]
            assert {"name", "n_train", "n_test", "sha256"} <= set(record.dataset)
            for made in record.provenance.get("seeds", [record.provenance]):
                assert {"code", "packages", "machine", "seconds"} <= set(made)
            for curve in record.curves.values():
                shape = (len(record.seeds), len(curve["iterations"]))
                assert curve["train_loss"].shape == curve["test_loss"].shape == shape


def test_numbers_are_kept_to_nine_digits(record, tmp_path):
    found = records.load(
        record.name, records.save(replace(record, measures={"third": np.array([1 / 3])}), tmp_path).parent
    )
    assert found.measures["third"].tolist() == [0.333333333]
