"""Studies: work that goes on bit for bit after being killed, names of pieces, arms as described, records run again."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from kdsrc import records
from kdsrc.data import Dataset
from kdsrc.distillation import scale
from kdsrc.networks import TwoLayerNetwork
from kdsrc.studies import STUDIES, causes, figure1, horizon, runner
from kdsrc.studies.common import METRICS, SCALES, Outcome, Settings, Store, joined, key, pack, streams, unpack
from kdsrc.studies.plan import Work, plan
from kdsrc.studies.teachers import chosen, first_stage, initial_arms
from kdsrc.training import Arm, train

TINY = Settings(
    dataset="digits",
    n_train=40,
    n_test=20,
    teacher_width=10,
    student_width=4,
    learning_rate=4e-3,
    iterations=30,
    record_every=10,
    checkpoints=(10,),
)
FIGURE1 = STUDIES["figure1"]


@pytest.fixture(scope="module")
def tiny():
    return TINY.data()


def run(store, tiny, seeds=(0, 1), settings=TINY, **options):
    return runner.run(FIGURE1, settings, tiny, seeds, store, **options)


@pytest.fixture(scope="module")
def record(tmp_path_factory, tiny):
    return run(Store(tmp_path_factory.mktemp("whole")), tiny)


def assert_equal_numbers(first, second):
    assert list(first.curves) == list(second.curves) and first.seeds == second.seeds
    for arm, curve in first.curves.items():
        for name, values in curve.items():
            np.testing.assert_array_equal(values, second.curves[arm][name])


# A run that is killed


@pytest.mark.parametrize("finished", range(4))
def test_a_killed_run_goes_on_and_ends_with_the_same_bits(finished, record, tiny, tmp_path, monkeypatch):
    """Two seeds of two pieces; killed at the writing of the piece after `finished` of them."""
    store, write, written = Store(tmp_path), records.write_atomically, []

    def killed(target, content):
        if len(written) == finished:
            raise KeyboardInterrupt
        written.append(target)
        write(target, content)

    with monkeypatch.context() as patched:
        patched.setattr(records, "write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            run(store, tiny)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == finished
    assert_equal_numbers(run(store, tiny), record)
    assert len(list(tmp_path.iterdir())) == 4
    assert all(path.read_bytes() == content for path, content in before.items())  # nothing was computed twice


def test_jobs_and_company_do_not_change_the_numbers(record, tiny, tmp_path):
    assert_equal_numbers(run(Store(tmp_path / "two"), tiny, jobs=2), record)
    alone = run(Store(tmp_path / "alone"), tiny, seeds=(1,))
    for arm, curve in record.curves.items():
        np.testing.assert_array_equal(alone.curves[arm]["test_loss"][0], curve["test_loss"][1])


def test_a_piece_is_computed_once_and_read_back(tmp_path):
    store, name, calls = Store(tmp_path), {"piece": "work", "seed": 3}, []

    def compute():
        calls.append(1)
        return {"values": np.arange(3.0)}

    assert name not in store
    first, second = store.piece(name, compute), store.piece(name, compute)
    assert name in store and len(calls) == 1
    assert set(first) == {"values", "seconds", "code", "file"} and first["seconds"] >= 0
    assert all(np.array_equal(first[k], second[k]) for k in first)
    assert store.path(name).name.startswith("work-")
    assert store.path(name).stem == first["file"] and store.holds(str(first["file"])) and not store.holds("work-0")


def test_every_setting_names_another_piece():
    base = key("figure1", TINY, "hash", 0)
    changed = {"dataset": "cifar10", "activation": "tanh", "checkpoints": (10, 20)}
    others = [key("figure1", replace(TINY, **{f.name: changed.get(f.name, 7)}), "hash", 0) for f in fields(Settings)]
    others += [
        key("first-stage", TINY, "hash", 0),
        key("figure1", TINY, "other", 0),
        key("figure1", TINY, "hash", 1),
        key("figure1", TINY, "hash", 0, penalty=2),
    ]
    paths = {Store(Path("folder")).path(name) for name in [base, *others]}
    assert len(paths) == len(others) + 1
    assert Store(Path("folder")).path(base) == Store(Path("folder")).path(key("figure1", replace(TINY), "hash", 0))


# What is left


def test_plan_counts_what_the_store_does_not_hold(record, tiny, tmp_path):
    """Two seeds, two pieces each; then one piece is lost, and a third seed is asked for."""
    again = run(store := Store(tmp_path / "work"), tiny)
    records.save(again, tmp_path)
    pieces = again.provenance["pieces"]
    costs = {(piece["seed"], piece["piece"]): 100.0 + number for number, piece in enumerate(pieces)}
    for piece in pieces:
        piece["seconds"] = costs[piece["seed"], piece["piece"]]
    records.save(again, tmp_path)

    def left(*studies, **options):
        return plan(studies, store, folder=tmp_path, **options)

    two = replace(FIGURE1, seeds={"paper": 2})
    assert left(two) == {"figure1": Work("figure1", 4, 4, 0.0)}
    (tmp_path / "work" / f"{pieces[1]['file']}.npz").unlink()
    assert left(two) == {"figure1": Work("figure1", 3, 4, 101.0)}
    assert left(two, seeds=1) == {"figure1": Work("figure1", 1, 2, 101.0)}
    assert left(two, seeds=3) == {"figure1": Work("figure1", 3, 6, 101.0 + sum(costs.values()) / 2)}


def test_plan_counts_a_shared_piece_once_and_knows_what_it_does_not_know(tiny, tmp_path):
    store, studies = (
        Store(tmp_path / "work"),
        (replace(FIGURE1, seeds={"paper": 1}), replace(STUDIES["figure2"], seeds={"paper": 1})),
    )
    for study in studies:
        records.save(runner.run(study, TINY, tiny, (0,), store), tmp_path)
    empty = Store(tmp_path / "nothing")
    found = plan((*studies, STUDIES["figure3"]), empty, folder=tmp_path)
    assert found["figure3"] is None
    assert [(found[name].done, found[name].total) for name in ("figure1", "figure2")] == [(0, 2), (0, 1)]
    assert plan(studies[1:], empty, folder=tmp_path)["figure2"].total == 3


def test_plan_passes_over_records_that_are_damaged_or_tell_of_no_files(record, tmp_path):
    """Running the study again is what mends them, so they must not stand in its way."""
    store, study = Store(tmp_path / "work"), replace(FIGURE1, seeds={"paper": 2})
    pieces = [{name: piece[name] for name in ("seed", "piece", "seconds")} for piece in record.provenance["pieces"]]
    records.save(replace(record, provenance={**record.provenance, "pieces": pieces}), tmp_path)
    assert plan([study], store, folder=tmp_path) == {"figure1": None}
    target = records.save(record, tmp_path)
    assert plan([study], store, folder=tmp_path)["figure1"].total == 4
    target.write_text(target.read_text().replace('"seeds":[0,1]', '"seeds":[0,2]'))
    assert plan([study], store, folder=tmp_path) == {"figure1": None}


def test_work_shared_by_seeds_counts_once(tiny, tmp_path):
    shared = {"piece": "alignf", "file": "alignf-1", "seconds": 5.0, "code": "c"}
    study = replace(
        FIGURE1,
        run_seed=lambda settings, data, data_hash, seed, store: Outcome(
            {}, (shared, {"piece": "own", "file": f"own-{seed}", "seconds": 1.0, "code": "c"})
        ),
    )
    assert runner.run(study, TINY, tiny, (0, 1, 2), Store(tmp_path)).provenance["seconds"] == 8.0


# Histories


def history(tiny, iterations=20, start=None):
    arm = initial_arms(TINY, tiny, 0)[2]
    return train(
        [Arm("a", start or arm.network)],
        tiny,
        learning_rate=4e-3,
        iterations=iterations,
        checkpoints=(5, 10),
        progress=False,
    )["a"]


def test_packed_histories_come_back(tiny):
    original = history(tiny)
    found = unpack({**pack({"a": original}), **pack({"ab": history(tiny, 10)})}, "a")
    for name in ("iterations", *METRICS):
        np.testing.assert_array_equal(getattr(found, name), getattr(original, name))
    assert sorted(found.checkpoints) == [5, 10]
    for network, expected in ((found.network, original.network), (found.checkpoints[5], original.checkpoints[5])):
        np.testing.assert_array_equal(network.weights, expected.weights)  # trained in single precision, kept in it
        np.testing.assert_array_equal(network.output_weights, expected.output_weights)
        assert network.activation == expected.activation


def test_joined_runs_are_one_longer_run(tiny):
    first = history(tiny)
    both, whole = joined(first, history(tiny, 20, first.network)), history(tiny, 40)
    np.testing.assert_array_equal(both.iterations, whole.iterations)
    # the second part forms X W anew: one rounding of single precision apart
    for name in ("train_loss", "test_loss"):
        np.testing.assert_allclose(getattr(both, name), getattr(whole, name), rtol=1e-4)
    np.testing.assert_allclose(both.network.weights, whole.network.weights, rtol=0, atol=1e-5)


def test_random_streams_are_apart_and_repeat():
    drawn = [np.random.default_rng(s).random() for seed in (0, 1) for s in streams(seed).values()]
    assert len(set(drawn)) == 8
    assert drawn[:4] == [np.random.default_rng(s).random() for s in streams(0).values()]


# Figure 1


def test_the_record_says_what_was_done(record, tiny):
    assert list(record.curves) == list(figure1.ARMS) and record.seeds == [0, 1] and record.name == "figure1"
    assert record.dataset == {"name": "digits", "n_train": 40, "n_test": 20, "sha256": tiny.sha256()}
    assert record.settings["teacher_width"] == 10 and record.settings["iterations"] == 30
    for arm, curve in record.curves.items():
        expected = [*range(0, 61, 10)] if arm.endswith("_long") else [0, 10, 20, 30]
        assert curve["iterations"].tolist() == expected
        assert all(curve[name].shape == (2, len(expected)) for name in METRICS)
    assert [(p["seed"], p["piece"]) for p in record.provenance["pieces"]] == [
        (seed, piece) for seed in (0, 1) for piece in ("first-stage", "figure1")
    ]


def test_arms_start_where_they_should(record, tiny, tmp_path):
    first = first_stage(TINY, tiny, tiny.sha256(), 0, Store(tmp_path)).histories
    teacher, small, alone = (arm.network for arm in initial_arms(TINY, tiny, 0))
    q = scale(4, 10)
    np.testing.assert_array_equal(small.weights, teacher.weights)
    np.testing.assert_allclose(small.output_weights, q * teacher.output_weights)
    assert not np.isin(alone.weights, teacher.weights).any()

    arms = {arm.name: arm for arm in figure1.taught_arms(TINY, tiny, 0, first)}
    assert tuple(arms) == figure1.TAUGHT
    trained = first["teacher"].network
    rows = [np.flatnonzero((trained.weights == w).all(1)).item() for w in arms["student_taught"].network.weights]
    assert len(set(rows)) == 4
    np.testing.assert_array_equal(chosen(trained, TINY, 0).weights, trained.weights[rows])
    np.testing.assert_array_equal(arms["student_taught"].knowledge, trained.features(tiny.x_train)[:, rows])
    np.testing.assert_array_equal(arms["random_penalty"].knowledge, arms["student_taught"].knowledge)
    np.testing.assert_array_equal(arms["taught_no_penalty"].network.weights, arms["student_taught"].network.weights)
    assert not np.isin(arms["random_penalty"].network.weights, trained.weights).any()
    assert {name: arm.penalty for name, arm in arms.items()} == {
        "student_taught": 0.01,
        "taught_no_penalty": 0.0,
        "random_penalty": 0.01,
        "taught_scaled": 0.01,
    }
    np.testing.assert_array_equal(arms["taught_scaled"].network.weights, first["teacher_scaled"].network.weights[rows])
    np.testing.assert_allclose(arms["taught_scaled"].network.output_weights, trained.output_weights[rows], rtol=1e-14)
    # the records begin with these networks' losses, to single precision
    for name, arm in arms.items():
        loss = ((tiny.y_train - arm.network.output(tiny.x_train)) ** 2).mean()
        assert record.curves[name]["train_loss"][0, 0] == pytest.approx(loss, rel=1e-5)


def test_a_tiny_record_survives_the_disk(record, tmp_path):
    records.save(record, tmp_path)
    found = records.load("figure1", tmp_path)
    for arm, curve in record.curves.items():
        np.testing.assert_allclose(found.curves[arm]["test_loss"], curve["test_loss"], rtol=5e-9)


# The causes


def test_crossed_students_are_those_trained_in_one_go(tiny, tmp_path):
    """Those that Figures 1 and 3 have trained are taken from there: under the right names."""
    settings, store = replace(TINY, iterations=110, checkpoints=(25, 50, 100)), Store(tmp_path)
    found = causes.run_seed(settings, tiny, tiny.sha256(), 0, store).histories
    first = first_stage(settings, tiny, tiny.sha256(), 0, store).histories
    whole = train(
        causes.students(settings, tiny, 0, first),
        tiny,
        learning_rate=settings.learning_rate,
        iterations=110,
        record_every=10,
        progress=False,
    )
    assert list(found) == list(causes.ARMS) and set(whole) == set(found)
    for arm, history in whole.items():
        np.testing.assert_array_equal(found[arm].iterations, history.iterations)
        for name in ("train_loss", "test_loss"):  # in other company products sum in another order
            np.testing.assert_allclose(getattr(found[arm], name), getattr(history, name), rtol=1e-4)
    ends = {arm: history.train_loss[-1] for arm, history in whole.items()}
    assert ends.pop("random_0_q") == ends["random_0"]  # nothing of the teacher in either
    assert len({f"{end:.5g}" for end in ends.values()}) == 11


def test_main_effects_find_what_was_planted():
    """ln loss = a sum of the factors' parts, an interaction that averages out, and what differs between seeds."""
    iterations, seeds = np.array([0, 50, 100]), np.array([0.0, 0.3, -0.1])
    parts = {"random": 0.0, "early": -0.2, "full": -0.5}
    curves = {
        causes.arm_name(start, penalty, q): {
            "iterations": iterations,
            "test_loss": np.exp(
                parts[start] * (1 + 0.1 * (-1) ** q) + 10 * penalty + 0.3 * q - 0.01 * iterations + seeds[:, None]
            ),
        }
        for start in causes.STARTS
        for penalty in causes.PENALTIES
        for q in causes.SCALED
    }
    table = causes.design(curves, "test_loss")
    assert table.shape == (3, 2, 2, 2, 3)
    for effect, expected in (
        (causes.main_effect(table, 0), -0.5),
        (causes.main_effect(table, 0, 2, 1), -0.3),
        (causes.main_effect(table, 1), 0.1),
        (causes.main_effect(table, 2), 0.3 + 0.7 / 3 * 0.2),
        (causes.main_effect(table, 3), -0.5),
    ):
        np.testing.assert_allclose(effect, expected, atol=1e-12)
    np.testing.assert_allclose(
        causes.design(curves, "test_loss", [0, 100])[1, 1, 1, :, 1],
        -0.2 * 0.9 + 0.1 + 0.3 + 0.3 - np.array([0.0, 1.0]),
        atol=1e-12,
    )


# Records run again from their own settings


def settings_of(record):
    return Settings(**{**record.settings, "checkpoints": tuple(record.settings["checkpoints"])})


def assert_first_rows_found_again(record, data, iterations):
    """The first-stage arms, for a few iterations of the first seed, have the recorded losses."""
    settings = replace(settings_of(record), iterations=iterations, checkpoints=())
    assert data.sha256() == record.dataset["sha256"]
    found = train(
        initial_arms(settings, data, record.seeds[0]),
        data,
        learning_rate=settings.learning_rate,
        iterations=iterations,
        record_every=settings.record_every,
        progress=False,
    )
    rows = iterations // settings.record_every + 1
    compared = set(found) & set(record.curves)
    assert compared >= {"teacher", "student_alone"} and rows >= 2
    for arm in compared:
        for name in ("train_loss", "test_loss"):
            recorded = record.curves[arm][name][0]
            # other machines sum in another order: single precision, a few iterations
            np.testing.assert_allclose(getattr(found[arm], name), recorded[:rows], rtol=2e-5)
            assert abs(recorded[rows - 1] / recorded[0] - 1) > 1e-3  # something had been learned by then


def test_a_tiny_record_is_found_again_from_its_own_settings(record, tmp_path):
    records.save(record, tmp_path)
    found = records.load("figure1", tmp_path)
    assert_first_rows_found_again(found, settings_of(found).data(), 20)
    again = runner.run(FIGURE1, settings_of(found), settings_of(found).data(), found.seeds, Store(tmp_path / "work"))
    assert_equal_numbers(again, record)


def test_settings_of_the_paper():
    paper = SCALES["paper"]
    assert (paper.dataset, paper.n_train, paper.n_test, paper.activation) == ("cifar10", 10_000, 2_000, "relu")
    assert (paper.teacher_width, paper.student_width, paper.std) == (100, 20, 0.01)
    assert (paper.penalty, paper.learning_rate, paper.iterations) == (0.01, 2e-4, 2_000)
    assert FIGURE1.settings["paper"] == paper and FIGURE1.seeds["paper"] == 5
    for study in STUDIES.values():
        assert set(study.settings) == set(study.seeds) == {"paper", "quick", "live"}


# The long run


def test_long_run_goes_on_from_its_descent(tmp_path):
    settings = replace(
        horizon.SETTINGS["live"], n_train=60, n_test=20, teacher_width=12, student_width=4, horizon=2_000, rest=12_000
    )
    data = settings.data()
    outcome = horizon.run_seed(settings, data, data.sha256(), 0, Store(tmp_path))
    assert list(outcome.histories) == list(horizon.ARMS)
    teacher = outcome.histories["teacher"]
    assert teacher.iterations[0] == 0 and teacher.iterations[-1] == 12_000 and (np.diff(teacher.iterations) > 0).all()
    row = int(np.searchsorted(teacher.iterations, 2_500))  # a quarter of the descent after its end
    assert teacher.iterations[row] == 2_500
    found = np.array([history.train_loss[row] for history in outcome.histories.values()])
    np.testing.assert_allclose(found, outcome.measures["by_steps"], rtol=0.02)
    np.testing.assert_allclose(outcome.measures["by_steps"], outcome.measures["by_descent"], rtol=0.02)


def test_lost_images_are_those_that_no_unit_of_their_sign_is_active_on():
    x = np.eye(3)
    data = Dataset(x, np.array([1.0, -1.0, 1.0]), x, np.ones(3), "planted")
    network = TwoLayerNetwork([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]], [1.0, -1.0])
    np.testing.assert_array_equal(horizon.lost(network, data), [False, True, True])  # fitted, wrong sign, unseen
