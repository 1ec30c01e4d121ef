"""Every committed record is found again: from its own settings, the first seed, as far as a few iterations reach.

They are trained in double precision, where processors agree. In single, one may let a unit switch on an image an
iteration sooner than another does, and at the paper's step such a difference grows a hundredfold in ten iterations.

What needs a fully trained teacher is out of reach of a test; there, records that share an arm are compared.
"""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from kdsrc import data as data_module
from kdsrc import records
from kdsrc.claims.framework import SMALLEST
from kdsrc.distillation import choose_units
from kdsrc.networks import init_network
from kdsrc.spectra import average, projections, top_eigenvectors
from kdsrc.studies import STUDIES, SWEEPS
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import completed
from kdsrc.studies.inputs import embedded
from kdsrc.studies.names import EARLY_STOP, early
from kdsrc.studies.residuals import residuals
from kdsrc.studies.settings import SCALES, streams
from kdsrc.studies.store import Store
from kdsrc.training import Arm, train

SOON = 25  # iterations
SINGLE = 1e-5  # of a record in single precision against double: 1e-8, where no unit switched an iteration sooner


@pytest.fixture(autouse=True)
def no_download(monkeypatch):
    """A test never fetches CIFAR-10."""

    def refuse(*given, **options):
        raise ConnectionError("no network in the tests")

    monkeypatch.setattr(data_module.pooch, "retrieve", refuse)


def kept(name, folder=None):
    """The record, its settings and its data."""
    if not records.path(name, folder).is_file():
        pytest.skip(f"{name} has not been recorded")
    record = records.load(name, folder)
    settings = SimpleNamespace(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in record.settings.items()}
    )
    study = (STUDIES | SWEEPS)[name].settings["paper"]
    assert all(getattr(settings, key) == getattr(study, key) for key in vars(study).keys() & vars(settings).keys())
    try:
        data, digest = _images(settings.dataset, settings.n_train, settings.n_test)
    except FileNotFoundError:
        pytest.skip("CIFAR-10 is not here: set $KDSRC_DATA")
    assert digest == record.dataset["sha256"]
    return record, settings, data


@cache
def _images(name, n_train, n_test):
    data = data_module.load(name, n_train=n_train, n_test=n_test)
    return data, data.sha256()


def trained(arms, data, settings, iterations, **options):
    return train(
        arms,
        data,
        learning_rate=settings.learning_rate,
        iterations=iterations,
        record_every=options.pop("record_every", None) or settings.record_every,
        progress=False,
        dtype="float64",
        **options,
    )


def assert_found(found, record, arm, *, tolerance=SINGLE):
    """The history begins the recorded curve of the first seed, and something had been learned."""
    curve, rows = record.curves[arm], len(found.iterations)
    np.testing.assert_array_equal(curve["iterations"][:rows], found.iterations)
    for metric in ("train_loss", "test_loss"):
        np.testing.assert_allclose(getattr(found, metric), curve[metric][0, :rows], rtol=tolerance)
    assert rows > 1 and abs(found.train_loss[-1] / found.train_loss[0] - 1) > 1e-3


def untrained_teacher(settings, dim, seed):
    """The teacher of this seed at its start, on inputs of so many numbers."""
    stream = streams(seed)["teacher"]
    return init_network(settings.teacher_width, dim, seed=stream, std=settings.std, activation=settings.activation)


def chosen(teacher, settings, seed):
    return teacher.select(choose_units(teacher.width, settings.student_width, seed=streams(seed)["choice"]))


def test_figure4_on_its_features():
    record, settings, data = kept("figure4")
    features = embedded(
        data,
        "features",
        gammas=record.measures["gammas"][0],
        weights=record.measures["weights"][0],
        landmarks=settings.landmarks,
        seed=record.seeds[0],
    )
    start = untrained_teacher(settings, features.x_train.shape[1], record.seeds[0])
    marks = [one for one in record.curves["teacher_embedded"]["iterations"].tolist() if one <= 20]
    found = trained([Arm("teacher", start)], features, settings, 20, record_every=marks)["teacher"]
    assert_found(found, record, "teacher_embedded")


def test_figure5_overlap_of_an_early_teacher():
    """What claims read, averages over units: to a tenth of the smallest change that counts.

    A single unit is not found again to more than its kinks allow: where an image lies on one, rounding decides.
    """
    record, settings, data = kept("figure5")
    stop = settings.checkpoints[0]
    start = untrained_teacher(settings, data.x_train.shape[1], 0)
    teacher = trained([Arm("teacher", start)], data, settings, stop, record_every=stop)["teacher"].network
    values, vectors = top_eigenvectors(data.x_train, 2, activation=settings.activation, std=settings.std)
    np.testing.assert_allclose(values, record.measures["eigenvalues"][0, :2], rtol=1e-5)
    found, untrained = (projections(network.features(data.x_train), vectors) for network in (teacher, start))
    for skip in (0, 1):
        here, there, before = (
            average(products, top=2, skip=skip).mean()
            for products in (found, record.measures[f"teacher_{stop}"][0], untrained)
        )
        np.testing.assert_allclose(here, there, rtol=0.1 * SMALLEST)
        assert abs(before / there - 1) > SMALLEST  # something had been learnt


def test_figure6_shares_networks_on_pixels_with_figure5():
    """Two seeds were trained once more: a unit may lie beyond a kink. Figure 5's page tells the largest gap."""
    record, other = kept("figure6")[0], kept("figure5")[0]
    assert record.seeds == other.seeds
    np.testing.assert_allclose(record.measures["eigenvalues_pixels"], other.measures["eigenvalues"], rtol=1e-5)
    for name, its in (
        ("teacher_pixels", "teacher_full"),
        ("student_taught_pixels", "student_full"),
        ("student_alone_pixels", "student_alone"),
    ):
        sizes = [average(one, top=20).mean(axis=1) for one in (record.measures[name], other.measures[its])]
        off = np.abs(sizes[0] / sizes[1] - 1)
        assert np.count_nonzero(off > 1e-6) <= 2 and off.max() < 0.1


def test_horizon_long_steps_agree_with_descent():
    """From the same networks, while losses fall by a twentieth; with units held at kinks descent is not sure either."""
    record, settings, _ = kept("horizon")
    by_descent, by_steps = record.measures["by_descent"], record.measures["by_steps"]
    arms = list(record.curves)
    row = int(np.searchsorted(record.curves["teacher"]["iterations"], settings.handover))
    before = np.stack([record.curves[arm]["train_loss"][:, row] for arm in arms], axis=1)
    free = [k for k, arm in enumerate(arms) if not arm.startswith("taught_penalty_")]
    assert (by_descent[:, free] < 0.95 * before[:, free]).all()
    np.testing.assert_allclose(by_steps[:, free], by_descent[:, free], rtol=0.01)
    np.testing.assert_allclose(by_steps, by_descent, rtol=0.04)


def test_horizon_is_at_rest():
    """The mean training losses of the last tenth and of the one before differ by less than two thousandths of a
    silent network's, which is one. (A mean, for λ = 1 holds units at their kinks, where the loss trembles.)"""
    record, settings, _ = kept("horizon")
    for curve in record.curves.values():
        share = curve["iterations"] / settings.long
        assert share[-1] == 1.0
        last, before = (
            curve["train_loss"][:, (share >= low) & (share < high)].mean(axis=1)
            for low, high in ((0.9, 1.1), (0.8, 0.9))
        )
        assert np.abs(last - before).max() < 2e-3


@pytest.mark.parametrize(
    ("name", "arm", "their_arm"),
    [
        ("figure2", "taught_penalty_0.01", "student_taught"),
        ("figure2", "taught_penalty_0", "taught_no_penalty"),
        ("figure3", "from_full", "student_taught"),
        ("causes", "full_0.01", "student_taught"),
        ("causes", "full_0.01_q", "taught_scaled"),
        ("causes", "random_0.01", "random_penalty"),
        ("figure4", "teacher_pixels", "teacher"),
        ("figure4", "student_alone_pixels", "student_alone"),
    ],
)
def test_arms_that_figure1_shares(name, arm, their_arm):
    """Trained in other company, so equal to rounding, and at the same iterations."""
    record, figure1 = kept(name)[0], kept("figure1")[0]
    np.testing.assert_array_equal(record.curves[arm]["iterations"], figure1.curves[their_arm]["iterations"])
    assert apart(record, arm, their_arm).max() < 1e-3


@pytest.mark.parametrize(
    ("name", "arm", "their_arm"),
    [("figure4", "student_taught_pixels", "student_taught"), ("width", "width_20", "student_taught")],
)
def test_arms_that_figure1_shares_but_for_seeds_that_were_trained_once_more(name, arm, their_arm):
    """Where rounding moves a unit of the teacher over its kink, its student ends elsewhere: in few seeds, a little."""
    off = apart(kept(name)[0], arm, their_arm)
    assert np.median(off) < 1e-3 and np.count_nonzero(off > 1e-3) <= 2 and off.max() < 0.02


def test_images_keep_the_test_losses_of_the_figures():
    """Two seeds' networks were trained once more; the page of Figure 1 tells the largest gap."""
    images = kept("images")[0]
    for arm in STUDIES["images"].arms(SCALES["paper"]):
        name = {"taught_penalty_inf": "figure2", early(EARLY_STOP): "figure3"}.get(arm, "figure1")
        record = kept(name)[0]
        assert record.seeds == images.seeds
        losses = record.curves[arm]["test_loss"][:, -1]
        off = np.abs((residuals(images, arm) ** 2).mean(axis=1) / losses - 1)
        assert np.count_nonzero(off > 5e-4) <= 1 and off.max() < 0.01, arm


def apart(record, arm, their_arm):
    """Largest relative difference of the training losses, seed by seed of those that both records have."""
    figure1 = kept("figure1")[0]
    ours, theirs = record.curves[arm], figure1.curves[their_arm]
    _, rows, their_rows = np.intersect1d(ours["iterations"], theirs["iterations"], return_indices=True)
    _, seeds, their_seeds = np.intersect1d(record.seeds, figure1.seeds, return_indices=True)
    assert len(rows) > 20 and len(seeds) > 2
    one = ours["train_loss"][np.ix_(seeds, rows)]
    return np.abs(one / theirs["train_loss"][np.ix_(their_seeds, their_rows)] - 1).max(axis=1)


def test_width_starts_where_figure1_does():
    record, settings, data = kept("width")
    teacher = untrained_teacher(settings, data.x_train.shape[1], 0)
    widths = record.measures["widths"][0].astype(int)
    assert settings.student_width in widths and teacher.width == widths[-1]
    assert chosen(teacher, settings, 0).width == settings.student_width
    np.testing.assert_allclose(record.measures["distance"][:, -1], 0.0, atol=1e-20)  # all units: nothing is left out


NEXT = records.RESULTS / "next"
SHARING = [  # arms, so they go to one worker
    *[("figure1", None, 20), ("figure2", None, 10), ("figure3", None, 10), ("causes", None, 20)],
    *[("figure4", None, 10), ("figure5", None, 10), ("figure6", None, 10), ("width", None, 10)],
]
CONDITIONED = [
    *(pytest.param(*given, marks=pytest.mark.xdist_group("figures")) for given in SHARING),
    *[("digits", None, 50), ("prediction", None, 10), ("modes", None, 10), ("horizon", None, 20), ("far", None, 10)],
    *((path.stem, NEXT, 10) for path in sorted(NEXT.glob("*.json"))),
]


def stops_soon(condition):
    return all(teacher.iterations <= SOON for teacher in condition.teachers)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """What several records share is trained once."""
    return Store(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize(("name", "folder", "iterations"), CONDITIONED)
def test_records_of_conditions_are_found_again(name, folder, iterations, store):
    """Conditions that need no teacher, or one that stopped soon, for a few iterations of the last seed."""
    record, settings, data = kept(name, folder)
    study, seed = STUDIES[name], record.seeds[-1]
    double = replace(study.settings["paper"], dtype="float64")
    bench = Bench(double, data, record.dataset["sha256"], seed, store)
    told = {arm: completed(one) for arm, one in record.conditions.items()}
    assert told == {arm: one.factors() for arm, one in study.arms(double).items()}
    arms = {arm: one for arm, one in study.arms(double).items() if stops_soon(one)}
    methods = {"kernel regime": "kernel regime"}  # long steps begin by descent
    short = {
        arm: replace(one, iterations=iterations, method=methods.get(one.method, "descent")) for arm, one in arms.items()
    }
    shown = {arm: one for arm, one in short.items() if arm in record.curves and one.inputs == "pixels"}
    bench.complete(shown.values())
    for arm, one in shown.items():
        found, curve = bench.history(one), record.curves[arm]
        rows = len(found.iterations)
        np.testing.assert_array_equal(curve["iterations"][:rows], found.iterations)
        assert rows > 1 and abs(found.train_loss[-1] / found.train_loss[0] - 1) > 1e-3
        for metric in ("train_loss", "test_loss"):
            np.testing.assert_allclose(getattr(found, metric), curve[metric][-1, :rows], rtol=SINGLE)


def test_the_regime_is_foretold_and_trained_as_by_hand(tmp_path):
    """The student alone of the narrowest teacher with the largest weights: plain descent, and a plain exponential."""
    record, _, data = kept("regime")
    point = SWEEPS["regime"].points(SWEEPS["regime"].settings["paper"])["100 units, k 1"]
    rows = {name: np.asarray(values) for name, values in record.measures.items()}
    row = np.flatnonzero((rows["width"] == 100) & (rows["std"] == 1) & (rows["seed"] == 0)).item()
    start = Bench(point.settings, data, "data", 0, Store(tmp_path)).start(point.arms["alone"]).network
    x, y, weights, c = data.x_train, data.y_train, start.weights.copy(), start.coefficients
    step, horizons = point.settings.learning_rate, rows["horizons"][row].astype(int)
    active = (x @ weights.T > 0) * c
    rates, vectors = np.linalg.eigh(active @ active.T * (x @ x.T))
    left = vectors.T @ (y - np.maximum(x @ weights.T, 0) @ c)
    foretold = [np.mean((np.exp(-step * reached * rates) * left) ** 2) for reached in horizons]
    np.testing.assert_allclose(rows["train_loss_foretold_alone"][row], foretold, rtol=1e-4)
    for _ in range(horizons[0]):
        before = x @ weights.T
        weights += step * ((y - np.maximum(before, 0) @ c)[:, None] * (before > 0) * c).T @ x
    trained = np.mean((y - np.maximum(x @ weights.T, 0) @ c) ** 2)
    np.testing.assert_allclose(rows["train_loss_alone"][row, 0], trained, rtol=1e-4)  # trained in single precision
    assert abs(foretold[0] / trained - 1) > 1e-3  # the one is not the other
