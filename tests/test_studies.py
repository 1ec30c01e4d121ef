"""Studies: work that goes on bit for bit after being killed, records that say what made them, planted effects."""

from dataclasses import replace

import numpy as np
import pytest
from planted import TINY

from kdsrc import files, records
from kdsrc.data import Dataset
from kdsrc.networks import TwoLayerNetwork
from kdsrc.studies import STUDIES, bench, causes, figure1, horizon, runner
from kdsrc.studies.settings import Settings, recorded
from kdsrc.studies.store import NUMERICS, Store
from kdsrc.training import train
from kdsrc.training.history import METRICS

FIGURE1 = STUDIES["figure1"]
PIECES = len(figure1.ARMS)  # of a seed


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


@pytest.mark.parametrize("finished", [0, 1, 3, PIECES, 2 * PIECES - 1])
def test_a_killed_run_goes_on_and_ends_with_the_same_bits(finished, record, tiny, tmp_path, monkeypatch):
    """Two seeds; killed at the writing of the piece after `finished` of them."""
    store, write, written = Store(tmp_path), files.write_atomically, []

    def killed(target, content):
        if len(written) == finished:
            raise KeyboardInterrupt
        written.append(target)
        write(target, content)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            run(store, tiny)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == finished
    assert_equal_numbers(run(store, tiny), record)
    assert len(list(tmp_path.iterdir())) == 2 * PIECES
    assert all(path.read_bytes() == content for path, content in before.items())  # nothing was computed twice


def test_jobs_and_other_seeds_do_not_change_the_numbers(record, tiny, tmp_path):
    assert_equal_numbers(run(Store(tmp_path / "two"), tiny, jobs=2), record)
    alone = run(Store(tmp_path / "alone"), tiny, seeds=(1,))
    for arm, curve in record.curves.items():
        np.testing.assert_array_equal(alone.curves[arm]["test_loss"][0], curve["test_loss"][1])


def test_a_piece_is_computed_once_and_read_back(tmp_path):
    store, name, calls = Store(tmp_path), {"piece": "work", "seed": 3}, []

    def compute():
        calls.append(1)
        return {"values": np.arange(3.0)}

    assert name not in store and store.get(name) is None
    first, second = store.piece(name, compute), store.piece(name, compute)
    assert name in store and len(calls) == 1
    assert set(first) == {"values", "seconds", "code"} and first["seconds"] >= 0
    assert all(np.array_equal(first[k], second[k]) for k in first)
    assert store.path(name).name.startswith("work-")


def test_the_record_says_what_was_done(record, tiny):
    assert list(record.curves) == list(figure1.ARMS) and record.seeds == [0, 1] and record.name == "figure1"
    images = record.dataset["images"]
    assert images.startswith("not those of the book's records (scikit-learn's handwritten digits 3 and 8)")
    told = {"name": "digits", "n_train": 40, "n_test": 20, "sha256": tiny.sha256(), "images": images}
    assert record.dataset == told
    assert record.settings["teacher_width"] == 10 and record.settings["iterations"] == 30
    for arm, curve in record.curves.items():
        expected = recorded(60 if arm.endswith("_long") else 30)
        assert curve["iterations"].tolist() == expected
        assert all(curve[name].shape == (2, len(expected)) for name in METRICS)
    assert record.conditions == {arm: one.factors() for arm, one in figure1.arms(TINY).items()}
    assert record.provenance["numerics"] == NUMERICS
    assert [one["seed"] for one in record.provenance["seeds"]] == [0, 1]
    assert all({"code", "packages", "machine", "seconds"} <= set(one) for one in record.provenance["seeds"])


def test_a_record_opens_as_one_tidy_table(record):
    table = record.columns()
    lengths = {len(column) for column in table.values()}
    rows = sum(curve["test_loss"].size for curve in record.curves.values())
    assert lengths == {rows} and {"arm", "start", "penalty", "seed", "iteration", "test_loss"} <= set(table)
    chosen = (table["arm"] == "student_taught") & (table["seed"] == 1) & (table["iteration"] == 20)
    assert table["test_loss"][chosen] == record.curves["student_taught"]["test_loss"][1, 2]
    assert set(table["penalty"][chosen]) == {0.01} and set(table["start"][chosen]) == {"10 units, 30 iterations"}


def test_a_tiny_record_survives_the_disk_and_is_found_again(record, tmp_path):
    records.save(record, tmp_path)
    found = records.load("figure1", tmp_path)
    for arm, curve in record.curves.items():
        np.testing.assert_allclose(found.curves[arm]["test_loss"], curve["test_loss"], rtol=5e-9)
    settings = Settings(**{k: tuple(v) if isinstance(v, list) else v for k, v in found.settings.items()})
    again = runner.run(FIGURE1, settings, settings.data(), found.seeds, Store(tmp_path / "work"))
    assert_equal_numbers(again, record)
    assert again.conditions == found.conditions


def test_live_studies_train_in_double_precision_and_leave_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    study = replace(FIGURE1, settings={"live": replace(TINY, dtype="float64")}, seeds={"live": 1})
    found = runner.live(study)
    assert found.scale == "live" and found.seeds == [0] and not list(tmp_path.iterdir())
    assert all(study.settings["live"].dtype == "float64" for study in STUDIES.values())


# The causes


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


# The long run


def test_long_run_goes_on_from_its_descent(tmp_path, monkeypatch):
    trained = []

    def counted(arms, data, **options):
        trained.append(sum(arm.network.width for arm in arms) * options["iterations"])
        return train(arms, data, **options)

    monkeypatch.setattr(bench, "train", counted)
    small = {"n_train": 60, "n_test": 20, "teacher_width": 12, "student_width": 4}
    settings = replace(horizon.SETTINGS["live"], **small, iterations=1_500, handover=2_000, long=12_000)
    study = replace(STUDIES["horizon"], settings={"own": settings})
    record = runner.run(study, settings, settings.data(), (0,), Store(tmp_path))
    assert list(record.curves) == list(horizon.ARMS)
    iterations = record.curves["teacher"]["iterations"]
    assert iterations[0] == 0 and iterations[-1] == 12_000 and (np.diff(iterations) > 0).all()
    row = int(np.searchsorted(iterations, 2_500))  # a quarter of the descent after its end
    assert iterations[row] == 2_500
    found = np.array([curve["train_loss"][0, row] for curve in record.curves.values()])
    by_steps, by_descent = record.measures["by_steps"][0], record.measures["by_descent"][0]
    np.testing.assert_allclose(found, by_steps, rtol=0.02)
    np.testing.assert_allclose(by_steps, by_descent, rtol=0.02)
    # What is compared with is the same descent read later, not another one; λ = 1 takes two half steps an iteration.
    widths = sum(2 * 4 if "penalty_1" in arm else 12 if "teacher" in arm else 4 for arm in record.curves)
    assert sum(trained) == 2_500 * widths


def test_lost_images_are_those_that_no_unit_of_their_sign_is_active_on():
    x = np.eye(3)
    data = Dataset(x, np.array([1.0, -1.0, 1.0]), x, np.ones(3), "planted")
    network = TwoLayerNetwork([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]], [1.0, -1.0])
    np.testing.assert_array_equal(horizon.lost(network, data), [False, True, True])  # fitted, wrong sign, unseen


@pytest.mark.parametrize("factor", range(4))
def test_a_main_effect_is_averaged_over_the_other_factors_alone(factor):
    table = np.random.default_rng(0).normal(size=(3, 2, 4, 2, 5))
    found = causes.main_effect(table, factor, level=1)
    for seed in range(5):
        with_it, without = (np.take(table[..., seed], level, axis=factor) for level in (1, 0))
        assert found[seed] == pytest.approx((with_it - without).mean())
