"""What must be true of every input, tried on inputs that hypothesis draws: Krylov's bounds, records, draws of units."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some

from kdsrc import records
from kdsrc.distillation import choose_units
from kdsrc.dynamics.krylov import KrylovFlow, psi
from kdsrc.records import Record
from kdsrc.theory.theorem2 import draw_errors, mean_error

SEEDS = some.integers(0, 2**32 - 1)
NAMES = some.text("abc_λ1", min_size=1, max_size=6)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False)


@given(some.lists(some.floats(0.0, 1e3), min_size=1, max_size=12), some.integers(1, 12), some.floats(1e-6, 1e3), SEEDS)
@example([594.0763483171817, 832.2058118573052, 930.8575898407058, 3e-108, 941.1, 729.6454, 0.0], 6, 352.0, 37210)
def test_krylovs_bounds_hold(rates, dimension, time, seed):
    """Poles of any size, repeated ones and zeros among them, against the solution in the poles' own frame.

    The operator's own rounding E, of norm n ε max p_j, moves ∫₀ᵗ e^{−As}b ds by up to ∫₀ᵗ s e^{−μs} ds ‖E‖ ‖b‖, μ the
    smallest pole: a pole of zero is one of ±‖E‖ to whoever applies the operator.
    """
    rates, rng = np.array(rates), np.random.default_rng(seed)
    frame = np.linalg.qr(rng.normal(size=(len(rates), len(rates))))[0]
    start = frame @ (rng.normal(size=len(rates)) * (rates > 0))  # in the range, as for late times
    flow = KrylovFlow(lambda v: (frame @ (rates * (frame.T @ v)), v), start, max_krylov=len(rates))
    if not flow.scale:
        return
    for _ in range(min(dimension, np.count_nonzero(rates))):
        flow._extend()
    exact = frame @ (psi(np.array([time]), rates)[0] * (frame.T @ start))
    error = frame.T @ ((flow.coefficients(np.array([time])) @ flow.basis)[0] - exact)
    longest = min(time, 1.0 / max(rates.min(), 1e-300))
    noise = len(rates) * np.finfo(float).eps * rates.max() * longest**2 * np.linalg.norm(start)
    for power, weights in enumerate(np.eye(3)):
        rounding = (1e-10 * max(1.0, np.linalg.norm(exact)) + noise) * (1.0 + rates.max()) ** (power / 2)
        assert np.linalg.norm(rates ** (power / 2) * error) <= flow.error(time, tuple(weights)) + rounding


@given(
    curves=some.dictionaries(NAMES, some.lists(NUMBERS, min_size=2, max_size=2), max_size=3),
    measures=some.dictionaries(NAMES, some.lists(NUMBERS, min_size=1, max_size=4), max_size=3),
    told=some.dictionaries(NAMES, NUMBERS | some.booleans() | some.none() | NAMES, max_size=3),
)
def test_a_record_is_read_back_to_nine_digits(tmp_path_factory, curves, measures, told):
    folder = tmp_path_factory.mktemp("records", numbered=True)
    arms = {
        arm: {"iterations": np.array([0, 10]), "train_loss": np.array([losses, losses[::-1]])}
        for arm, losses in curves.items()
    }
    record = Record(
        "planted",
        {"name": "digits", "sha256": "0"},
        told,
        [0, 1],
        arms,
        {},
        {k: np.array(v) for k, v in measures.items()},
    )
    records.save(record, folder)
    found = records.load("planted", folder)
    assert found.settings == told and found.seeds == [0, 1] and found.curves.keys() == arms.keys()
    for arm, curve in arms.items():
        np.testing.assert_array_equal(found.curves[arm]["iterations"], curve["iterations"])
        np.testing.assert_allclose(found.curves[arm]["train_loss"], curve["train_loss"], rtol=5e-9, atol=0)
    for name, values in measures.items():
        np.testing.assert_allclose(found.measures[name], values, rtol=5e-9, atol=0)


@given(some.integers(1, 30).flatmap(lambda total: some.tuples(some.just(total), some.integers(1, total))), SEEDS)
def test_a_draw_takes_each_unit_once(widths, seed):
    total, width = widths
    chosen = choose_units(total, width, seed=seed)
    assert len({*chosen.tolist()}) == width and 0 <= chosen.min() <= chosen.max() < total
    np.testing.assert_array_equal(chosen, choose_units(total, width, seed=seed))


@given(some.integers(2, 8).flatmap(lambda total: some.tuples(some.just(total), some.integers(1, total))), SEEDS)
def test_errors_of_draws_have_their_mean_and_need_every_unit_to_vanish(widths, seed):
    total, width = widths
    rng = np.random.default_rng(seed)
    features, weights = rng.normal(size=(5, total)), rng.choice([-1.0, 1.0], size=total)
    errors = draw_errors(features, weights, width, draws=400, seed=seed)
    mean, spread = mean_error(features, weights, width), errors.std() / np.sqrt(len(errors))
    assert errors.min() >= -1e-12 and abs(errors.mean() - mean) <= 5.0 * spread + 1e-12
    assert (width == total) == bool(np.allclose(errors, 0.0, atol=1e-12))
    twice = draw_errors(2.0 * features, weights, width, draws=400, seed=seed)
    np.testing.assert_allclose(twice, 4.0 * errors, rtol=1e-12, atol=1e-12)
