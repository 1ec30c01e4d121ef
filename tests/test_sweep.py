"""Sweeps: rows that go on, failures named and tried again, where tasks run, and what they cost."""

import os
import threading
import time
from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import planted
import pytest
from click.testing import CliRunner
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend import queues
from planted import numbers, swept

from kdsrc import cli, records
from kdsrc.studies import STUDIES, SWEEPS, pairs, parallel, plan, practice, questions, regime, runner
from kdsrc.studies.conditions import Condition, completed, differences
from kdsrc.studies.settings import Settings
from kdsrc.studies.store import Store
from kdsrc.studies.sweep import Point, Sweep, at_horizons
from kdsrc.studies.sweep_runner import measured, sweep, unusual

TINY = replace(planted.TINY, dtype="float64")


def points(settings, scales=(0.01, 0.1, 1.0)):
    return {f"k {std:g}": Point({"std": std}, settings, arms(settings, std)) for std in scales}


def arms(settings, std):
    teacher = settings.teacher(std=std)
    return {"teacher": teacher, "taught": settings.student(teacher, penalty=0.01)}


def measure(bench, arms):
    return at_horizons(bench, arms, (10, 30))


STUDY = Sweep("planted", "a small one", points, measure, {"quick": TINY}, {"quick": 2})


def rows(record, **levels):
    """Which rows of the record, (rows,) bool, are of these levels."""
    return np.all([record.measures[name] == level for name, level in levels.items()], axis=0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return swept(STUDY, tmp_path_factory.mktemp("whole"))


def test_a_row_is_what_a_study_says_of_the_same_conditions(whole, tmp_path):
    assert whole.seeds == [0, 1] and whole.measures["seed"].tolist() == [0, 0, 0, 1, 1, 1]
    assert whole.measures["std"].tolist() == [0.01, 0.1, 1.0] * 2 and whole.provenance["failed"] == []
    study = runner.Study("alone", "", lambda settings: arms(settings, 0.1))
    curves = runner.run(study, TINY, TINY.data(), [1], Store(tmp_path)).curves
    (row,) = np.flatnonzero(rows(whole, seed=1, std=0.1))
    for arm, curve in curves.items():
        places = np.searchsorted(curve["iterations"], (10, 30))
        np.testing.assert_allclose(whole.measures[f"test_loss_{arm}"][row], curve["test_loss"][0, places], rtol=1e-5)
    assert completed(whole.conditions["k 0.1/teacher"]) == TINY.teacher(std=0.1).factors()
    assert whole.conditions["k 0.1/teacher"] == {"width": 10, "iterations": 30, "std": 0.1}
    assert {"code", "packages", "machine"} == set(whole.provenance["makers"][0])


def test_a_failure_is_named_and_tried_again(whole, tmp_path):
    def fails(bench, arms):
        if bench.seed == 1 and arms["teacher"].std == 0.1:
            raise FloatingPointError("diverged")
        return measure(bench, arms)

    found = swept(replace(STUDY, measure=fails), tmp_path)
    assert found.provenance["failed"] == [{"point": "k 0.1", "seed": 1, "error": "FloatingPointError: diverged"}]
    assert len(found.measures["seed"]) == 5 and found.seeds == [0, 1]
    calls = []

    def counted(bench, arms):
        calls.append(bench.seed)
        return measure(bench, arms)

    found = swept(replace(STUDY, measure=counted), tmp_path)
    assert calls == [1] and found.provenance["failed"] == [] and numbers(found) == numbers(whole)


def test_failures_are_listed_by_seed_and_then_in_the_order_of_the_points(tmp_path):
    def fails(bench, arms):
        if (bench.seed, arms["teacher"].std) in ((1, 0.01), (0, 1.0), (0, 0.1)):
            raise FloatingPointError("diverged")
        return measure(bench, arms)

    lost = swept(replace(STUDY, measure=fails), tmp_path).provenance["failed"]
    assert [(one["seed"], one["point"]) for one in lost] == [(0, "k 0.1"), (0, "k 1"), (1, "k 0.01")]


def test_a_stopped_sweep_goes_on(whole, tmp_path):
    calls = []

    def stopped(bench, arms):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(bench, arms)

    with pytest.raises(KeyboardInterrupt):
        swept(replace(STUDY, measure=stopped), tmp_path)
    assert len(records.load("planted", tmp_path).measures["seed"]) == 2
    found = swept(replace(STUDY, measure=stopped), tmp_path)
    assert len(calls) == 3 + 4 and numbers(found) == numbers(whole)


def test_rows_of_points_that_changed_are_made_again(whole, tmp_path):
    records.save(whole, tmp_path)
    calls = []

    def more(settings):
        return points(settings, (1.0, 0.5)) | {"k 0.1": Point({"std": 0.1}, settings, arms(settings, 0.2))}

    def counted(bench, arms):
        calls.append(arms["teacher"].std)
        return measure(bench, arms)

    found = swept(replace(STUDY, points=more, measure=counted), tmp_path)
    assert calls == [0.5, 0.5, 0.2, 0.2] and found.measures["std"].tolist() == [1.0, 0.5, 0.1] * 2
    kept, before = found.measures["test_loss_taught"], whole.measures["test_loss_taught"]
    np.testing.assert_array_equal(kept[rows(found, std=1.0)], before[rows(whole, std=1.0)])
    settings = {"quick": replace(TINY, n_test=10)}
    assert len(swept(replace(STUDY, points=more, measure=counted, settings=settings), tmp_path).measures["seed"]) == 6
    assert len(calls) == 4 + 6  # other data: nothing is kept


def test_absurd_numbers_are_refused(tmp_path):
    for seeds, jobs in ((runner.MOST_SEEDS + 1, 1), (1, 0)):
        with pytest.raises(ValueError, match=f"sweep: seeds={seeds}, jobs={jobs}; expected 1 to 1000 seeds and jobs"):
            sweep(STUDY, "quick", seeds, Store(tmp_path), tmp_path, jobs=jobs)
    with pytest.raises(ValueError, match="sweep: seeds=0"):  # none is not the usual number
        sweep(STUDY, "quick", 0, Store(tmp_path), tmp_path)
    with pytest.raises(ValueError, match="sweep: scale='huge'; expected one of "):
        sweep(STUDY, "huge", 1, Store(tmp_path), tmp_path)


# Where tasks run


def test_a_task_that_ends_its_workers_is_given_up():
    distributed, dask = pytest.importorskip("distributed"), pytest.importorskip("dask")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), distributed.LocalCluster(**options) as one:
        with pytest.raises(parallel.ClusterNotReady, match="every worker that took one task was lost.*more memory"):
            list(parallel.as_done(os._exit, [(1,)], cluster=one.scheduler_address))


def test_a_cluster_that_is_not_ready_is_refused(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    options = {"processes": False, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, **options) as two:
        with pytest.raises(parallel.ClusterNotReady, match="expected some, of one thread each: start them with dask w"):
            list(parallel.as_done(abs, [(1,)], cluster=two.scheduler_address))
    monkeypatch.setattr(parallel, "_PATIENCE", 0.2)
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    with pytest.raises(parallel.ClusterNotReady, match="no Dask scheduler at 'tcp://127.0.0.1:9'"):
        list(parallel.as_done(abs, [(1,)], cluster="tcp://127.0.0.1:9"))


def test_tasks_are_handed_back_as_they_are_done():
    assert sorted(parallel.as_done(pow, [(2, 1), (2, 3), (2, 5)], jobs=2)) == [2, 8, 32]
    assert list(parallel.as_done(pow, [])) == []


def test_after_a_fault_no_thread_that_fed_the_workers_is_left(monkeypatch):
    """It ends late here, as on a busy machine, where a process could exit before it with a semaphore registered."""
    feed = queues.Queue._feed
    monkeypatch.setattr(queues.Queue, "_feed", staticmethod(lambda *given: (feed(*given), time.sleep(0.5))))
    get_reusable_executor().shutdown(wait=True, kill_workers=True)  # the next one has the slow thread
    with pytest.raises(ZeroDivisionError):
        list(parallel.as_done(divmod, [(1, 0), (1, 0)], jobs=2))
    assert [thread for thread in threading.enumerate() if thread.name == "QueueFeederThread"] == []


# What it costs


@pytest.mark.parametrize(
    ("seconds", "cores", "expected"),
    [([3.0, 1.0, 2.0], 1, 6.0), ([3.0, 1.0, 2.0], 2, 3.0), ([3.0, 1.0], 256, 3.0), ([2.0] * 33, 16, 6.0), ([], 4, 0.0)],
)
def test_the_longest_task_that_is_left_goes_to_the_first_free_core(seconds, cores, expected):
    assert plan.makespan(seconds, cores) == expected


def test_a_plan_is_made_of_measured_tasks_and_of_units_times_iterations(whole):
    measures = {name: value[:2] for name, value in whole.measures.items()} | {"seconds": np.array([4.0, 6.0])}
    two = replace(whole, measures=measures)
    found = plan.plan(STUDY, "quick", 10, two)
    assert found.seconds == {"k 0.01": 4.0, "k 0.1": 6.0, "k 1": 5.0} and (found.measured, found.seeds) == (2, 10)
    assert found.until_done(1) == 150.0 and found.until_done(256) == 6.0
    assert plan.work(points(TINY)["k 0.1"]) == 10 * 30 + 4 * 30
    long = TINY.teacher(iterations=50)
    both = {"early": TINY.student(replace(long, iterations=20)), "full": TINY.student(long)}
    assert plan.work(Point({}, TINY, both)) == 10 * 50 + 2 * 4 * 30


def test_a_plan_without_a_record_measures_its_first_point(monkeypatch):
    asked = Mock(wraps=plan.measured)
    monkeypatch.setattr(plan, "measured", asked)
    found = plan.plan(STUDY, "quick", None, None)
    assert [call.args[2] for call in asked.call_args_list] == ["k 0.01"]
    assert found.measured == 1 and len(found.seconds) == 3 and min(found.seconds.values()) > 0 and found.seeds == 2


def test_one_point_measured_alone_has_the_row_of_seed_0(whole, tmp_path):
    found = measured(STUDY, "quick", "k 0.1", Store(tmp_path))
    (row,) = np.flatnonzero(rows(whole, seed=0, std=0.1))
    assert found.measures["seed"].tolist() == [0]
    for arm in ("teacher", "taught"):
        name = f"test_loss_{arm}"
        np.testing.assert_allclose(found.measures[name][0], whole.measures[name][row], rtol=1e-5)


# The command line


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(30, "30 seconds"), (119, "119 seconds"), (120, "2.0 minutes"), (1_200, "20 minutes"), (7_200, "2.0 hours")],
)
def test_a_time_is_told_in_the_largest_unit_of_which_there_are_two(seconds, told):
    assert cli._minutes(seconds) == told


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    monkeypatch.delenv("KDSRC_WORK", raising=False)
    monkeypatch.setitem(SWEEPS, "pairs", replace(STUDY, name="pairs"))
    monkeypatch.setitem(STUDIES, "figure1", replace(STUDIES["figure1"], settings={"quick": TINY}))
    return lambda *words: CliRunner().invoke(cli.main, ["sweep", *words])


def test_the_command_sweeps_and_goes_on(command, whole, tmp_path):
    assert command("pairs", "--plan", "--jobs", "1").output.splitlines()[1].startswith("    1 core   ")
    found = command("pairs", "--jobs", "1")
    assert found.exit_code == 0 and found.output.splitlines()[-1].endswith("pairs.json: 6 tasks done")
    assert numbers(records.load("pairs", tmp_path / "quick")) == numbers(whole)
    assert command("figure1", "--seeds", "1", "--jobs", "1").output.endswith("figure1.json: 1 tasks done\n")
    assert "figure1 is a study" in command("figure1", "--plan").output


def test_the_command_names_what_failed(command, monkeypatch):
    def fails(bench, arms):
        raise ValueError("no luck")

    monkeypatch.setitem(SWEEPS, "pairs", replace(STUDY, name="pairs", measure=fails))
    found = command("pairs", "--seeds", "1", "--jobs", "1")
    assert found.exit_code == 1 and "failed: k 0.1, seed 0: ValueError: no luck" in found.output
    assert "Error: 3 tasks failed; the same command tries them again" in found.output
    monkeypatch.setattr(parallel, "_PATIENCE", 0.2)
    found = command("pairs", "--dask", "tcp://127.0.0.1:9")
    assert found.exit_code == 1 and "no Dask scheduler" in found.output and "Traceback" not in found.output


# The sweeps


@pytest.mark.parametrize("name", SWEEPS)
def test_points_of_a_sweep_have_the_same_arms(name):
    study = SWEEPS[name]
    assert study.name == name and {"paper", "quick", "live"} == set(study.settings) == set(study.seeds)
    described = {"pairs": pairs, "practice": practice}.get(name)
    for settings in study.settings.values():
        found = study.points(settings)
        assert len({(tuple(one.levels), tuple(one.arms)) for one in found.values()}) == 1
        assert all("/" not in label for label in found)
        for point in found.values():
            assert described is None or list(point.arms) == list(described.ARMS)
            assert all(unusual(one)["width"] == one.width for one in point.arms.values())


def test_questions_compare_arms_that_differ_in_what_they_say():
    named = next(iter(pairs.points(pairs.SETTINGS["paper"]).values())).arms
    by = {
        name: differences(named[one.arm].factors(), named[one.against].factors())
        for name, one in questions.QUESTIONS.items()
    }
    assert by == {
        "taught": {"start", "penalty"},
        "teacher": {"width", "start", "penalty"},
        "start": {"start"},
        "penalty": {"penalty"},
        "words": {"penalty"},
        "full": {"start", "knowledge"},
        "moderate": {"penalty"},
    }


def test_a_tiny_point_of_every_sweep_measures_what_it_says(tmp_path):
    settings = replace(TINY, iterations=200, dtype="float32")
    for module, level in ((pairs, {"first": 3, "second": 8}), (practice, {"flipped": 0.2}), (regime, {"std": 0.1})):
        chosen = [one for one in module.points(settings).items() if level.items() <= one[1].levels.items()][:1]
        study = Sweep(
            module.__name__.split(".")[-1],
            "",
            lambda _, some=chosen: dict(some),
            module.measure,
            {"quick": settings},
            {"quick": 1},
        )
        found = swept(study, tmp_path).measures
        assert all(np.isfinite(value).all() for value in found.values())
        if module is pairs:  # the usual pair: its arms are Figure 1's
            curves = runner.run(STUDIES["figure1"], settings, settings.data(), [0], Store(tmp_path / "w")).curves
            for arm, own in (("student_taught", "taught_0.01"), ("random_penalty", "random_penalty")):
                np.testing.assert_allclose(found[f"test_loss_{own}"][0, -1], curves[arm]["test_loss"][0, -1], rtol=1e-5)
        if module is practice:
            ends = {found[f"test_loss_{name}"][0, -1] for name in practice.ARMS}
            assert len(ends) == len(practice.ARMS)
            assert found["best_labels"][0] <= found["test_loss_labels"][0].min() + 1e-9
        if module is regime:
            gain = np.log(found["train_loss_foretold_taught_0"] / found["train_loss_foretold_alone"])
            assert np.isfinite(gain).all() and 0 < found["moved_alone"][0]


def test_wide_networks_with_large_weights_do_what_is_foretold(tmp_path):
    """Where the theory holds: the error of the foretold loss falls from 8 units to 128."""
    settings = replace(planted.TINY, n_train=30, iterations=100, learning_rate=4e-3, dtype="float64")
    errors = []
    for width in (40, 640):
        own = replace(settings, teacher_width=width, student_width=width // regime.SHARE)
        point = Point({"width": width}, own, regime._arms(own, 1.0))
        study = Sweep(
            "regime", "", lambda _, one=point: {"one": one}, regime.measure, {"quick": settings}, {"quick": 1}
        )
        found = swept(study, tmp_path / str(width)).measures
        errors.append(abs(np.log(found["train_loss_alone"] / found["train_loss_foretold_alone"])[0, -1]))
        assert found["moved_teacher"][0] < found["moved_alone"][0]
    assert errors[1] < 0.5 * errors[0] and errors[1] < 0.05


def test_iterations_that_are_not_recorded_are_no_horizons(tmp_path):
    study = replace(STUDY, measure=lambda bench, arms: at_horizons(bench, arms, (7, 30)))
    assert swept(study, tmp_path, 1).provenance["failed"][0]["error"] == (
        "ValueError: at_horizons: [7, 30] of teacher; expected iterations that are recorded"
    )


def test_settings_of_a_condition_without_factors_stay():
    assert unusual(Condition(3)) == {"width": 3} and isinstance(SWEEPS["pairs"].settings["paper"], Settings)
