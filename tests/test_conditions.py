"""Conditions: factors that contradict each other, differences, starts, passes, rows; and what settings decide."""

from dataclasses import asdict, fields, replace
from importlib import import_module
from itertools import combinations

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kdsrc.data import load
from kdsrc.distillation import choose_units, scale
from kdsrc.studies import STUDIES, histories, horizon
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import KERNEL_REGIME, LATER, LONG_STEPS, SHUFFLED, Condition, completed, differences
from kdsrc.studies.histories import joined, predict, truncated
from kdsrc.studies.inputs import features, seen
from kdsrc.studies.settings import LISTED, SCALES, SEEDS, Settings, recorded, streams
from kdsrc.studies.store import Store, pack, unpack
from kdsrc.training import Arm, train

TINY = replace(planted.TINY, landmarks=12, handover=40, dtype="float64")
TEACHER = TINY.teacher()


@pytest.fixture(scope="module")
def tiny():
    return TINY.data()


def bench_at(folder, tiny, seed=0, **changes):
    return Bench(replace(TINY, **changes), tiny, tiny.sha256(), seed, Store(folder))


@pytest.fixture
def bench(tmp_path, tiny):
    return bench_at(tmp_path, tiny)


# What a condition says


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"penalty": 0.1}, "penalty=0.1 and no knowledge; expected λ ≥ 0, with knowledge for λ > 0"),
        ({"knowledge": TEACHER}, "penalty=0.0 and some knowledge"),
        ({"penalty": -1.0, "knowledge": TEACHER}, "penalty=-1.0"),
        ({"penalty": float("nan"), "knowledge": TEACHER}, "penalty=nan"),
        ({"labels": "wrong"}, "labels='wrong'.*expected labels among .'true', 'shuffled'"),
        ({"method": "magic"}, "method='magic'.*'descent', 'long steps', 'kernel regime'"),
        ({"width": 0}, "width=0.*a unit or more"),
        ({"iterations": -1}, "iterations=-1"),
        ({"output_scale": 0.0}, "output_scale=0.0.*a positive factor"),
        ({"start": replace(TEACHER, width=3)}, "a student of 4 units .* of a teacher of 3"),
        ({"start": replace(TEACHER, inputs="alignf-12")}, "on the same inputs"),
        ({"start": replace(TEACHER, activation="tanh")}, "the same activation"),
        ({"start": replace(TEACHER, classes=(1, 7))}, "on the same inputs and classes"),
        ({"mixing": 0.5}, "mixing=0.5 and no outputs; expected θ ≥ 0, with outputs for θ > 0"),
        ({"outputs": TEACHER}, "mixing=0.0 and some outputs"),
        ({"mixing": float("inf"), "outputs": TEACHER}, "mixing=inf"),
        ({"flipped": 1.5}, "flipped=1.5, .*expected a share from 0 to 1"),
        ({"std": 0.0}, "std=0.0; .*a positive scale"),
    ],
)
def test_factors_that_contradict_each_other_are_refused(factors, message):
    with pytest.raises(ValueError, match=f"^Condition: .*{message}"):
        Condition(**{"width": 4, **factors})


CHANGES = {
    "width": 3,
    "start": replace(TEACHER, iterations=7),
    "knowledge": replace(TEACHER, labels=SHUFFLED),
    "penalty": 0.5,
    "output_scale": 0.3,
    "images": 11,
    "labels": SHUFFLED,
    "method": LONG_STEPS,
    "iterations": 99,
    "std": 0.5,
    "flipped": 0.2,
}


@given(some.sets(some.sampled_from(sorted(CHANGES))))
def test_two_conditions_know_by_which_factors_they_differ(changed):
    one = TINY.student(TEACHER, penalty=0.01)
    other = replace(one, **{name: CHANGES[name] for name in changed})
    assert differences(one.factors(), other.factors()) == changed
    assert differences(other.factors(), one.factors()) == changed


def test_without_a_penalty_its_knowledge_is_no_second_factor():
    with_it, without = TINY.student(TEACHER, penalty=0.01), TINY.student(TEACHER)
    assert differences(with_it.factors(), without.factors()) == {"penalty"}
    assert differences(TINY.student().factors(), without.factors()) == {"start"}
    early = replace(TEACHER, iterations=10)
    assert differences(with_it.factors(), TINY.student(early, penalty=0.01).factors()) == {"start", "knowledge"}
    assert differences(with_it.factors(), TINY.student(early).factors()) == {"start", "penalty"}


def test_without_mixing_its_outputs_are_no_second_factor():
    labels, mixed = TINY.student(), TINY.student(outputs=TEACHER, mixing=0.5)
    assert differences(labels.factors(), mixed.factors()) == {"mixing"}
    early = TINY.student(outputs=replace(TEACHER, iterations=10), mixing=1.0)
    assert differences(early.factors(), mixed.factors()) == {"mixing", "outputs"}


def test_every_unusual_factor_of_a_teacher_is_told_to_its_students():
    told = {TEACHER.brief}
    unusual = {"iterations": 5, "labels": SHUFFLED, "output_scale": 0.5, "width": 9, "images": 3, "std": 0.5}
    for name, level in (unusual | {"classes": (1, 7), "flipped": 0.1}).items():
        told.add(replace(TEACHER, **{name: level}).brief)
    assert len(told) == 9


def test_a_factor_that_an_older_record_does_not_know_was_at_its_usual_level():
    old = {name: level for name, level in TEACHER.factors().items() if name != "labels"}
    assert completed(old) == TEACHER.factors()
    assert differences(old, replace(TEACHER, labels=SHUFFLED).factors()) == {"labels"}


@pytest.mark.parametrize("name", STUDIES)
def test_studies_list_what_their_pages_describe(name):
    study = STUDIES[name]
    assert study.name == name and set(study.settings) == set(study.seeds) == {"paper", "quick", "live"}
    where = {"digits": "figure1", "prediction": "figure1", "far": "horizon"}.get(name, name)
    module = import_module(f"kdsrc.studies.{where}")
    for level in study.settings.values():
        arms = study.arms(level)
        assert all(isinstance(one, Condition) for one in arms.values())
        described = horizon.FAR if name == "far" else getattr(module, "ARMS", arms)
        assert list(described) == list(arms)[: len(described)]


def test_settings_of_the_paper():
    paper = SCALES["paper"]
    assert (paper.dataset, paper.n_train, paper.n_test, paper.activation) == ("cifar10", 10_000, 2_000, "relu")
    assert (paper.teacher_width, paper.student_width, paper.std) == (100, 20, 0.01)
    assert (paper.penalty, paper.learning_rate, paper.iterations) == (0.01, 2e-4, 2_000)
    assert SEEDS["paper"] == 8 and STUDIES["figure1"].seeds["paper"] == 16


# Starts


def test_arms_start_where_they_should(bench, tiny):
    arms = STUDIES["figure1"].arms(TINY)
    bench.complete(arms.values())
    start = {name: bench.start(one) for name, one in arms.items()}
    teacher, trained = start["teacher"].network, bench.network(arms["teacher"])
    units = choose_units(10, 4, seed=streams(0)["choice"])
    q = scale(4, 10)
    np.testing.assert_array_equal(start["teacher_scaled"].network.weights, teacher.weights)
    np.testing.assert_allclose(start["teacher_scaled"].network.output_weights, q * teacher.output_weights, rtol=1e-15)
    taught = start["student_taught"]
    np.testing.assert_array_equal(taught.network.weights, trained.weights[units])
    np.testing.assert_array_equal(taught.knowledge, trained.features(tiny.x_train)[:, units])
    np.testing.assert_array_equal(start["random_penalty"].knowledge, taught.knowledge)
    np.testing.assert_array_equal(start["taught_no_penalty"].network.weights, taught.network.weights)
    scaled = start["taught_scaled"].network
    np.testing.assert_array_equal(scaled.weights, bench.network(arms["teacher_scaled"]).weights[units])
    np.testing.assert_allclose(scaled.output_weights, teacher.output_weights[units], rtol=1e-14)
    assert {name: arm.penalty for name, arm in start.items() if arm.penalty} == dict.fromkeys(
        ("student_taught", "random_penalty", "taught_scaled"), 0.01
    )
    for name, one in arms.items():  # curves begin with these networks' losses
        loss = ((tiny.y_train - start[name].network.output(tiny.x_train)) ** 2).mean()
        assert bench.history(one).train_loss[0] == pytest.approx(loss, rel=1e-12)


def test_all_random_starts_of_a_seed_are_one_network(bench, tmp_path, tiny):
    """Whatever else their conditions say; with the output weights of the units that the teacher's students get."""
    arms = STUDIES["causes"].arms(TINY) | STUDIES["figure1"].arms(TINY)
    random = [one for one in arms.values() if one.start is None and one.width == TINY.student_width]
    bench.complete(teacher for one in arms.values() for teacher in one.teachers)
    starts = [bench.start(one).network for one in random]
    assert len(random) > 5
    for one, other in combinations(starts, 2):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.output_weights, other.output_weights)
    units = choose_units(10, 4, seed=streams(0)["choice"])
    np.testing.assert_array_equal(starts[0].output_weights, bench.start(TEACHER).network.output_weights[units])
    assert not np.isin(starts[0].weights, bench.start(TEACHER).network.weights).any()
    another = bench_at(tmp_path, tiny, seed=1).start(TINY.student()).network
    assert not np.isin(starts[0].weights, another.weights).any()


def test_random_streams_are_apart_and_repeat():
    drawn = [np.random.default_rng(one).random() for seed in (0, 1) for one in streams(seed).values()]
    assert len(set(drawn)) == len(drawn)
    assert drawn[: len(drawn) // 2] == [np.random.default_rng(one).random() for one in streams(0).values()]
    legacy = np.random.SeedSequence(0).spawn(4)  # a stream that is added must not move the others
    assert [np.random.default_rng(one).random() for one in legacy] == drawn[:4]


# Runs


def test_conditions_are_what_training_says(bench, tiny):
    """Against runs arm by arm, with a λ at which an iteration is two half steps, and on the way of a longer run."""
    arms = {
        "plain": TINY.student(TEACHER),
        "usual": TINY.student(TEACHER, penalty=0.01),
        "halved": TINY.student(TEACHER, penalty=2.0),
        "pure": TINY.student(TEACHER, penalty=np.inf),
        "short": TINY.student(TEACHER, penalty=0.01, iterations=17),
        "teacher": TEACHER,
    }
    bench.complete(arms.values())
    for name, one in arms.items():
        halves = 2 if name == "halved" else 1
        alone = train(
            [bench.start(one)],
            tiny,
            learning_rate=TINY.learning_rate / halves,
            iterations=halves * one.iterations,
            record_every=halves,
            dtype="float64",
            progress=False,
        )
        (expected,) = alone.values()
        found = bench.history(one)
        assert found.iterations.tolist() == recorded(one.iterations)
        for metric in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            np.testing.assert_allclose(
                getattr(found, metric), getattr(expected, metric)[found.iterations], rtol=1e-10, err_msg=name
            )
        np.testing.assert_allclose(found.network.weights, expected.network.weights, atol=1e-12)


def test_what_is_there_is_not_trained_again(bench, monkeypatch):
    student = TINY.student(TEACHER, penalty=0.01)
    bench.complete([student])
    before = {path: path.read_bytes() for path in bench.store.folder.iterdir()}
    assert len(before) == 2
    monkeypatch.setattr("kdsrc.studies.bench.train", None)
    bench.complete([student, TEACHER])
    assert before == {path: path.read_bytes() for path in bench.store.folder.iterdir()}


def test_a_student_needs_no_teacher_that_it_was_already_taught_by(bench, monkeypatch):
    student = TINY.student(TEACHER, penalty=0.01)
    bench.complete([student])
    bench.store.path(bench.key(TEACHER)).unlink()
    monkeypatch.setattr("kdsrc.studies.bench.train", None)
    bench.complete([student])


def test_a_condition_that_was_not_trained_is_named(bench):
    with pytest.raises(KeyError, match="Bench.history: Condition.width=10.*not in the store; expected a cond"):
        bench.history(TEACHER)


def test_wide_passes_are_divided(bench, monkeypatch):
    calls = []

    def counted(arms, *given, **options):
        calls.append(sum(arm.network.width for arm in arms))
        return train(arms, *given, **options)

    monkeypatch.setattr("kdsrc.studies.bench.train", counted)
    monkeypatch.setattr("kdsrc.studies.bench.MOST_UNITS", 9)
    bench.complete([TINY.student(TEACHER, penalty=penalty) for penalty in (0.0, 0.01, 0.02, 0.03, 0.04)])
    assert calls == [10, 8, 8, 4]


def test_long_steps_go_on_where_descent_ends(bench, tiny):
    one = TINY.student(TEACHER, penalty=0.01, method=LONG_STEPS, iterations=400)
    bench.complete([one])
    found, descent = bench.history(one), replace(one, method="descent")
    bench.complete([descent])
    expected = bench.history(descent)
    assert found.iterations.tolist() == recorded(400) == expected.iterations.tolist()
    near = found.iterations <= TINY.handover
    np.testing.assert_allclose(found.train_loss[near], expected.train_loss[near], rtol=1e-10)
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=0.02)
    assert abs(found.train_loss[-1] / found.train_loss[near][-1] - 1) > 0.1


def test_long_runs_of_two_lengths_each_end_with_their_own_network(bench, tmp_path, tiny):
    short, long = (TINY.student(TEACHER, penalty=0.01, method=LONG_STEPS, iterations=end) for end in (200, 400))
    bench.complete([short, long])
    alone = bench_at(tmp_path / "alone", tiny)
    alone.complete([short])
    np.testing.assert_allclose(bench.network(short).weights, alone.network(short).weights, atol=1e-12)
    assert np.abs(bench.network(long).weights - bench.network(short).weights).max() > 1e-3


def test_predictions_are_the_kernel_regimes(bench, tiny):
    one = TINY.student(TEACHER, penalty=0.01, method=KERNEL_REGIME)
    bench.complete([one])
    found = bench.history(one)
    expected = predict(bench.start(one), tiny, learning_rate=TINY.learning_rate, iterations=recorded(30))
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=1e-10)
    np.testing.assert_array_equal(found.network.weights, bench.start(one).network.weights)
    start = bench.start(one).network
    for part, x, y in (("train", tiny.x_train, tiny.y_train), ("test", tiny.x_test, tiny.y_test)):
        first = [getattr(expected, f"{part}_{name}")[0] for name in ("loss", "accuracy")]
        output = start.output(x)
        np.testing.assert_allclose(first, [np.mean((y - output) ** 2), np.mean(np.sign(output) == y)], rtol=1e-10)


def test_an_answer_counts_by_its_sign_and_not_by_its_size():
    loss, accuracy = histories._scores(np.array([[0.5, -0.5, 2.0], [0.5, 0.5, -2.0]]), np.array([1.0, 1.0, -1.0]))
    np.testing.assert_allclose(loss, [11.5 / 3, 1.5 / 3], rtol=1e-14)
    np.testing.assert_allclose(accuracy, [1 / 3, 1.0], rtol=1e-14)


def test_shuffled_labels_and_fewer_images(bench, tiny):
    shuffled = bench.dataset(replace(TEACHER, labels=SHUFFLED))
    assert (shuffled.y_train != tiny.y_train).any() and shuffled.y_train.sum() == tiny.y_train.sum()
    np.testing.assert_array_equal(shuffled.y_test, tiny.y_test)
    few = replace(TEACHER, images=20)
    np.testing.assert_array_equal(bench.dataset(few).x_train, tiny.x_train[:20])
    bench.complete([few])
    (expected,) = train(
        [bench.start(few)], bench.dataset(few), learning_rate=8e-3, iterations=30, dtype="float64", progress=False
    ).values()
    np.testing.assert_allclose(bench.history(few).train_loss, expected.train_loss, rtol=1e-10)


def test_flipped_labels_are_those_of_the_seed_and_nest(bench, tmp_path, tiny):
    few, many = (np.flatnonzero(bench.dataset(replace(TEACHER, flipped=s)).y_train != tiny.y_train) for s in (0.1, 0.4))
    assert len(few) == 4 and len(many) == 16 and {*few} < {*many}
    np.testing.assert_array_equal(bench.dataset(replace(TEACHER, flipped=1.0)).y_train, -tiny.y_train)
    np.testing.assert_array_equal(bench.dataset(replace(TEACHER, flipped=0.4)).y_test, tiny.y_test)
    other = bench_at(tmp_path, tiny, seed=1).dataset(replace(TEACHER, flipped=0.4)).y_train
    assert {*np.flatnonzero(other != tiny.y_train)} != {*many}


def test_other_classes_are_other_images(bench, tiny):
    found, expected = (
        bench.dataset(replace(TEACHER, classes=(1, 7))),
        load("digits", n_train=40, n_test=20, classes=(1, 7)),
    )
    assert found.sha256() == expected.sha256() != tiny.sha256()
    assert bench.dataset(TEACHER) is bench.data


def test_a_scale_of_initial_weights_multiplies_them(bench):
    usual, large = (bench.start(TINY.student(std=std)).network for std in (None, 0.5))
    np.testing.assert_allclose(large.weights, 50 * usual.weights, rtol=1e-14)
    np.testing.assert_array_equal(large.output_weights, usual.output_weights)
    wide = bench.start(TINY.teacher(std=0.5)).network
    np.testing.assert_allclose(wide.weights, 50 * bench.start(TEACHER).network.weights, rtol=1e-14)


def test_targets_are_mixed_of_labels_and_what_the_teacher_says(bench, tiny):
    """In training and in the prediction, with flipped labels; the test labels stay."""
    noisy = replace(TEACHER, flipped=0.2)
    mixed = TINY.student(outputs=noisy, mixing=0.7, flipped=0.2)
    foretold = replace(mixed, method=KERNEL_REGIME)
    bench.complete([mixed, foretold])
    labels = bench.dataset(noisy).y_train
    targets = 0.3 * labels + 0.7 * bench.network(noisy).output(tiny.x_train)
    data, start = replace(tiny, y_train=targets), bench.start(TINY.student())
    expected = train([start], data, learning_rate=4e-3, iterations=30, dtype="float64", progress=False)[start.name]
    for metric in ("train_loss", "test_loss"):
        np.testing.assert_allclose(getattr(bench.history(mixed), metric), getattr(expected, metric), rtol=1e-10)
    np.testing.assert_allclose(
        bench.history(foretold).test_loss,
        predict(start, data, learning_rate=4e-3, iterations=recorded(30)).test_loss,
        rtol=1e-10,
    )


def test_pieces_keep_their_names_when_conditions_get_a_factor_more(bench):
    """A key says of the later factors only what is unusual; what it said before them it says in the same words."""
    earlier = asdict(TINY.student(TEACHER, penalty=0.01))
    for one in (earlier, earlier["start"], earlier["knowledge"]):
        for name in LATER:
            del one[name]
    assert bench.key(TINY.student(TEACHER, penalty=0.01))["condition"] == earlier
    assert set(LATER) == set(earlier) ^ {field.name for field in fields(Condition)}
    assert bench.key(replace(TEACHER, std=0.5))["condition"]["std"] == 0.5


def test_kernel_features_are_inputs(bench, tiny):
    found = bench.dataset(replace(TEACHER, inputs=features("alignf", 12)))
    assert found.x_train.shape == (40, 12) and found.x_test.shape == (20, 12)
    np.testing.assert_allclose(np.linalg.norm(found.x_train, axis=1), 1.0, rtol=1e-12)
    single = bench.dataset(replace(TEACHER, inputs=features("gaussian3", 40)))
    gamma = bench.learned()["gammas"][3]  # with all landmarks features say the kernel itself
    distances = ((tiny.x_train[:, None] - tiny.x_train[None]) ** 2).sum(-1)
    np.testing.assert_allclose(single.x_train @ single.x_train.T, np.exp(-gamma * distances), atol=1e-6)
    for name in ("gaussian7-10", "alignf", "alignf-", "colours"):
        with pytest.raises(ValueError, match=f"^seen: inputs='{name}'; expected 'pixels' or"):
            seen(name, tiny, bench.learned, 0)


# Rows and pieces


@given(some.integers(0, 3_000_000), some.integers(0, 3_000_000))
def test_a_longer_run_passes_the_rows_of_a_shorter_one(one, other):
    short, long = sorted((one, other))
    rows = recorded(short)
    assert rows[0] == 0 and rows[-1] == short and len(rows) < 500
    assert {*rows[:-1]} <= {*recorded(long)}


def test_rows_are_fine_early_and_coarse_late():
    assert recorded(2_000) == [*range(0, 500, 10), *range(500, 2_001, 50)]
    assert {50, 100, 200, 500, 1_000, 2_000, 4_000} <= {*recorded(4_000)} and len(recorded(2_000_000)) == 351


def test_packed_histories_come_back(bench):
    bench.complete([TEACHER])
    original = bench.history(TEACHER)
    found = unpack(pack(original))
    for name in ("iterations", "train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        np.testing.assert_array_equal(getattr(found, name), getattr(original, name))
    np.testing.assert_array_equal(found.network.weights, original.network.weights)
    assert found.network.activation == "relu" and pack(original)["weights"].dtype == np.float64


def test_joined_runs_are_one_longer_run(tiny, bench):
    start = bench.start(TEACHER)
    options = {"learning_rate": 4e-3, "dtype": "float64", "progress": False}
    first = train([start], tiny, iterations=20, **options)[start.name]
    second = train([Arm("on", first.network)], tiny, iterations=20, **options)["on"]
    whole = train([start], tiny, iterations=40, checkpoints=(20,), **options)[start.name]
    both = joined(first, second)
    np.testing.assert_array_equal(both.iterations, whole.iterations)
    np.testing.assert_allclose(both.test_loss, whole.test_loss, rtol=1e-10)
    np.testing.assert_allclose(both.network.weights, whole.network.weights, atol=1e-12)
    half = truncated(whole, 20)
    np.testing.assert_array_equal(half.iterations, [0, 10, 20])
    np.testing.assert_allclose(half.network.weights, first.network.weights, atol=1e-14)


def test_everything_that_decides_numbers_names_another_piece(tiny, tmp_path, monkeypatch):
    bench, other = bench_at(tmp_path, tiny), {"dataset": "cifar10", "activation": "tanh", "dtype": "float32"}
    decisive = [field.name for field in fields(Settings) if field.name not in LISTED]
    keys = [bench_at(tmp_path, tiny, **{name: other.get(name, 7)}).key(TEACHER) for name in decisive]
    keys += [
        bench.key(replace(TEACHER, **{name: level}))
        for name, level in CHANGES.items()
        if name not in ("knowledge", "penalty", "start")
    ]
    keys += [bench.key(TINY.student(replace(TEACHER, iterations=stop), penalty=p)) for stop in (5, 6) for p in (1, 2)]
    keys += [bench.key(TINY.student(outputs=replace(TEACHER, iterations=s), mixing=p)) for s in (5, 6) for p in (1, 2)]
    keys += [bench.key(replace(TEACHER, classes=classes)) for classes in ((1, 7), (7, 1))]
    keys += [
        bench_at(tmp_path, tiny, seed=1).key(TEACHER),
        replace(bench, data_hash="x").key(TEACHER),
        bench.key(TEACHER),
    ]
    paths = {bench.store.path(key) for key in keys}
    assert len(paths) == len(keys)
    for listed in LISTED:  # what only says which conditions there are names none of them
        value = (1,) if listed in ("checkpoints", "fewer_landmarks") else 3
        assert bench_at(tmp_path, tiny, **{listed: value}).key(TEACHER) == bench.key(TEACHER)
    monkeypatch.setattr("kdsrc.studies.store.NUMERICS", 10**6)
    assert bench.store.path(bench.key(TEACHER)) not in paths
