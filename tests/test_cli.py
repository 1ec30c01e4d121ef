"""The command line: what it prints, where records land, and messages instead of tracebacks."""

import errno
import os
import shutil
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import planted
import pytest
from click.testing import CliRunner

import kdsrc
from kdsrc import cli, files, records
from kdsrc.claims import all_claims
from kdsrc.studies import STUDIES, SWEEPS, runner
from kdsrc.studies.store import Store
from kdsrc.titles import STUDY_TITLES, SWEEP_TITLES

TINY = replace(planted.TINY, iterations=20, checkpoints=())


@pytest.fixture(autouse=True)
def sandbox(tmp_path, monkeypatch):
    """Results in a folder of the test, and tiny studies."""
    monkeypatch.setattr(records, "RESULTS", tmp_path / "results")
    monkeypatch.delenv("KDSRC_WORK", raising=False)
    monkeypatch.delenv("KDSRC_DATA", raising=False)
    study = replace(
        STUDIES["figure1"],
        settings=dict.fromkeys(("paper", "quick", "live"), TINY),
        seeds={"paper": 2, "quick": 1, "live": 1},
    )
    monkeypatch.setitem(STUDIES, "figure1", study)


def invoke(*arguments):
    return CliRunner().invoke(cli.main, arguments)


def test_reproduce_writes_the_record_and_says_where(tmp_path):
    result = invoke("reproduce", "figure1", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert (
        "figure1: what a student gains" in result.output
        and "; 1 seeds\n" in result.output
        and str(tmp_path / "results" / "quick" / "figure1.json") in result.output
    )
    record = records.load("figure1", tmp_path / "results" / "quick")
    assert record.seeds == [0] and record.settings["iterations"] == 20


def test_paper_scale_lands_in_results_and_repeats_bit_for_bit(tmp_path):
    assert invoke("reproduce", "figure1", "--scale", "paper", "--jobs", "1").exit_code == 0
    first, target = records.load("figure1"), tmp_path / "results" / "figure1.json"
    assert first.seeds == [0, 1]
    pieces = sorted((tmp_path / "results" / ".work").glob("*.npz"))
    assert len(pieces) == 2 * len(first.curves)
    pieces[0].unlink()  # as if killed before this piece, and before the record
    target.unlink()
    assert invoke("reproduce", "figure1", "--scale", "paper", "--jobs", "1").exit_code == 0
    second = records.load("figure1")
    for arm, curve in first.curves.items():
        np.testing.assert_array_equal(curve["test_loss"], second.curves[arm]["test_loss"])


def test_a_record_grows_and_its_seeds_are_not_run_again(tmp_path):
    assert invoke("reproduce", "figure1", "--seeds", "1", "--jobs", "1").exit_code == 0
    folder = tmp_path / "results" / "quick"
    first = records.load("figure1", folder)
    for piece in (tmp_path / "results" / ".work").iterdir():
        piece.unlink()
    grown = invoke("reproduce", "figure1", "--seeds", "3", "--jobs", "1")
    assert grown.exit_code == 0 and "; 3 seeds, 2 of them left, about " in grown.output
    record = records.load("figure1", folder)
    assert record.seeds == [0, 1, 2] and record.provenance["seeds"][0] == first.provenance["seeds"][0]
    assert len(list((tmp_path / "results" / ".work").iterdir())) == 2 * len(record.curves)
    for arm, curve in first.curves.items():
        np.testing.assert_array_equal(record.curves[arm]["test_loss"][:1], curve["test_loss"])
    again = invoke("reproduce", "figure1", "--seeds", "3", "--jobs", "1")
    assert "0 of them left, about 0 seconds" in again.output and records.load("figure1", folder).seeds == [0, 1, 2]


def test_a_record_of_other_settings_is_made_again(tmp_path, monkeypatch):
    assert invoke("reproduce", "figure1", "--jobs", "1").exit_code == 0
    study = STUDIES["figure1"]
    other = replace(study, settings=dict.fromkeys(study.settings, replace(TINY, iterations=30)))
    monkeypatch.setitem(STUDIES, "figure1", other)
    assert invoke("reproduce", "figure1", "--jobs", "1").exit_code == 0
    record = records.load("figure1", tmp_path / "results" / "quick")
    assert record.seeds == [0] and record.curves["teacher"]["iterations"][-1] == 30


def test_several_studies_share_their_conditions(tmp_path, monkeypatch):
    for name in ("figure2", "causes"):
        monkeypatch.setitem(STUDIES, name, replace(STUDIES[name], settings=STUDIES["figure1"].settings))
    made = invoke("reproduce", "figure1", "figure2", "--seeds", "1", "--jobs", "1", "--results", str(tmp_path / "own"))
    assert made.exit_code == 0, made.output
    one, other = (records.load(name, tmp_path / "own") for name in ("figure1", "figure2"))
    np.testing.assert_array_equal(
        one.curves["student_taught"]["test_loss"], other.curves["taught_penalty_0.01"]["test_loss"]
    )
    conditions = {tuple(each.items()) for record in (one, other) for each in record.conditions.values()}
    assert (
        len(list((tmp_path / "results" / ".work").iterdir())) == len(conditions) < len(one.curves) + len(other.curves)
    )


def test_all_goes_through_every_study(monkeypatch):
    for name in [name for name in STUDIES if name not in ("figure1", "width")]:
        monkeypatch.delitem(STUDIES, name)
    figure1 = STUDIES["figure1"]
    monkeypatch.setitem(STUDIES, "width", replace(figure1, name="width", title="the same again"))
    made = invoke("reproduce", "all", "--jobs", "1")
    assert made.exit_code == 0, made.output
    assert "figure1: what a student gains" in made.output and "width: the same again; 1 seeds" in made.output


def test_seeds_and_the_folder_for_work_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("KDSRC_WORK", str(tmp_path / "work"))
    assert invoke("reproduce", "figure1", "--seeds", "3", "--jobs", "1").exit_code == 0
    record = records.load("figure1", tmp_path / "results" / "quick")
    assert record.seeds == [0, 1, 2] and len(list((tmp_path / "work").glob("*.npz"))) == 3 * len(record.curves)


def test_missing_data_is_a_message(tmp_path):
    result = invoke("data", "--root", str(tmp_path))
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert result.output.startswith("Error: load: root=") and "cifar-10-batches-bin" in result.output
    result = invoke("reproduce", "figure2", "--root", str(tmp_path))
    assert result.exit_code == 1 and "\nError: load: root=" in result.output


def test_data_says_what_it_found(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for name in [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]:
        (folder / f"{name}.bin").write_bytes(bytes([0]) + b"\x01" * 3_072 + bytes([1]) + b"\x02" * 3_072)
    result = invoke("data", "--root", str(tmp_path))
    assert result.exit_code == 0 and "10 training and 2 test images of 3072 values, sha256 " in result.output
    assert "The book's records were not made from these images" in result.output
    assert "kdsrc verdicts --compare FOLDER" in result.output


def test_verdicts_are_set_beside_those_of_other_records(tmp_path):
    study, theirs = STUDIES["figure1"], tmp_path / "theirs"
    settings = study.settings["paper"]
    for seeds, folder, scale in ((3, records.RESULTS, "paper"), (2, theirs, "own")):
        store = Store(tmp_path / "work")
        records.save(runner.run(study, settings, settings.data(), range(seeds), store, scale=scale), folder)
    result = invoke("verdicts", "--compare", str(theirs))
    assert result.exit_code == 0, result.output
    assert "figure1: 3 seeds, " in result.output and " | 2 seeds, " in result.output
    assert result.output.splitlines()[-1].endswith(f" of {sum(c.record == 'figure1' for c in all_claims())} claims")
    same = [line for line in result.output.splitlines() if line.startswith("= ")]
    assert result.output.splitlines()[-1].startswith(f"the same word for {len(same)} of ")
    (tmp_path / "empty").mkdir()
    assert "has no record that a claim reads" in invoke("verdicts", "--compare", str(tmp_path / "empty")).output


def test_an_unknown_study_lists_the_known_ones():
    result = invoke("reproduce", "figure9")
    assert result.exit_code == 2 and "'figure9' is not one of 'figure1'" in result.output


def test_verdicts_without_records_say_so_and_unknown_names_list_the_known():
    result = invoke("verdicts", "figure1")
    assert result.exit_code == 0 and "[not yet run]" in result.output and "no record figure1" in result.output
    result = invoke("verdicts", "figure77")
    assert result.exit_code == 1 and result.output.startswith("Error: verdicts: got figure77; expected names among")


def test_verdicts_of_a_damaged_record_is_a_message(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "figure1.json").write_text("{}")
    result = invoke("verdicts", "figure1")
    assert result.exit_code == 1 and "figure1.json is not a record" in result.output


def test_version_and_help():
    assert invoke("--version").output == f"kdsrc, version {kdsrc.__version__}\n"
    result = invoke("-h")
    assert all(command in result.output for command in ("data", "reproduce", "verdicts"))


def test_choices_are_the_studies():
    for titles, studies in ((STUDY_TITLES, STUDIES), (SWEEP_TITLES, SWEEPS)):
        assert titles == {study.name: study.title for study in studies.values()}


def test_names_at_hand_are_loaded_when_they_are_asked_for():
    assert set(kdsrc.__all__) <= set(dir(kdsrc)) and len(kdsrc.__all__) == 13
    for name in kdsrc.__all__:
        found = getattr(kdsrc, name)
        assert found.__name__ == name and found.__module__.startswith("kdsrc.")
    with pytest.raises(AttributeError, match="'kdsrc' has no attribute 'trian'"):
        kdsrc.trian  # noqa: B018


# Faults


@pytest.mark.parametrize("content", ["", "{}", "[1", '{"sha256":"0","name":"figure1","dataset":{},"more":1}', "\0" * 9])
def test_a_damaged_record_or_one_of_another_format_is_replaced(content, tmp_path):
    target = tmp_path / "results" / "quick" / "figure1.json"
    target.parent.mkdir(parents=True)
    target.write_text(content)
    result = invoke("reproduce", "figure1", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert records.load("figure1", target.parent).scale == "quick"


def test_a_record_of_another_scale_or_study_is_replaced_and_not_judged(tmp_path):
    assert invoke("reproduce", "figure1", "--jobs", "1").exit_code == 0
    target = tmp_path / "results" / "figure1.json"
    for name in ("figure1", "figure2"):
        shutil.copy(tmp_path / "results" / "quick" / "figure1.json", target.with_stem(name))
        result = invoke("verdicts", name)
        assert result.exit_code == 1 and f"is the record of figure1 at scale quick; expected {name}" in result.output
    assert invoke("reproduce", "figure1", "--scale", "paper", "--jobs", "1").exit_code == 0
    assert records.load("figure1").scale == "paper"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seeds", "1000000000"), "1000000000 is not in the range 1<=x<=1000"),
        (("--jobs", "1000000000"), "1000000000 is not in the range 1<=x<="),
        (("--seeds", "0"), "0 is not in the range"),
    ],
)
def test_absurd_numbers_are_refused(arguments, message):
    result = invoke("reproduce", "figure1", *arguments)
    assert result.exit_code == 2 and message in result.output


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_cannot_be_written_is_one_line(problem, tmp_path, monkeypatch):
    def refuse(*given, **options):
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    result = invoke("reproduce", "figure1", "--jobs", "1")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ") and os.strerror(problem) in line and ".npz'" in line
    assert f"finished pieces are kept in {tmp_path / 'results' / '.work'}, and the same command goes on" in line


def test_a_store_that_is_no_folder_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KDSRC_WORK", os.devnull)
    result = invoke("reproduce", "figure1", "--jobs", "1")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert len(result.stderr.splitlines()) == 1 and os.devnull in result.stderr


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "Stopped: finished pieces are kept in"),
        (BrokenProcessPool("killed"), 1, "Error: a worker was ended from outside, perhaps for want of memory"),
    ],
)
def test_an_interrupt_and_a_lost_worker_are_one_line(fault, code, words, monkeypatch):
    def fail(*given):
        raise fault

    monkeypatch.setitem(STUDIES, "figure1", replace(STUDIES["figure1"], measure=fail))
    result = invoke("reproduce", "figure1", "--jobs", "1")
    assert result.exit_code == code and isinstance(result.exception, SystemExit)
    assert words in result.stderr and len(result.stderr.strip().splitlines()) == 1


def test_four_processes_a_processor_are_the_most():
    most = 4 * os.cpu_count()
    refused = invoke("reproduce", "figure1", "--jobs", str(most + 1))
    assert refused.exit_code == 2 and f"1<=x<={most}" in refused.output
