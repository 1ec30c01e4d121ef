"""Claims on where the theory's regime begins, on planted gains: each holds, and fails, where it should."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from kdsrc import records
from kdsrc.claims import all_claims, gains, judge
from kdsrc.claims.foretold import EachBelow, EachWithin, SameSigns
from kdsrc.claims.words import CONDITIONAL, HOLDS, NO_EFFECT, OPPOSITE, PENDING, REFUTED, UNDECIDED
from kdsrc.studies import SWEEPS, regime
from kdsrc.studies.names import taught

SEEDS = 5
WIDTHS, SCALES, PENALTIES = regime.WIDTHS["cifar10"], regime.SCALES_OF_WEIGHTS, regime.PENALTIES
CLAIMS = {claim.id.removeprefix("regime-"): claim for claim in all_claims() if claim.record == "regime"}
SHIFTS = 1e-3 * np.random.default_rng(0).standard_normal(SEEDS)  # of a number, by seed


def planted(gain=-0.3, gap=0.0, moved=0.1, *, shifts=SHIFTS, widths=WIDTHS, tilt=0.0):
    """A record in which gain(m, k, λ) was trained, gain + gap foretold, and kernels of m units moved by moved(m, k).

    A seed shifts the gap and the logarithm of the way; with a tilt the more, the wider the teacher.
    """
    trained, apart, way = (one if callable(one) else lambda *_, one=one: one for one in (gain, gap, moved))
    rows = [*product(range(SEEDS), widths, SCALES)]
    seed, width, std = map(np.array, zip(*rows, strict=True))
    measures = {"seed": seed, "width": width, "std": std}
    for arm in ("alone", "foretold_alone"):
        measures[f"train_loss_{arm}"] = np.stack([np.ones(len(rows)), 0.2 + 0.1 * seed], axis=1)
    for penalty in PENALTIES:
        for prefix in ("", "foretold_"):
            ratio = [
                trained(m, k, penalty)
                + bool(prefix) * (apart(m, k, penalty) + shifts[s] * (1 + tilt * np.log(m / 100)))
                for s, m, k in rows
            ]
            alone = measures["train_loss_alone"]
            measures[f"train_loss_{prefix}{taught(penalty)}"] = alone * np.stack(
                [np.full(len(rows), 9.0), np.exp(ratio)], axis=1
            )
    for arm, share in (("teacher", 1), ("alone", 5)):
        measures[f"moved_{arm}"] = np.array([way(m / share, k) * np.exp(shifts[s]) for s, m, k in rows])
    dataset = {"name": "planted", "n_train": 1, "n_test": 1, "sha256": ""}
    return records.Record("regime", dataset, {}, list(range(SEEDS)), {}, {}, measures)


def verdict(name, **what):
    return CLAIMS[name].judge(planted(**what))


def test_the_planted_record_has_the_places_and_arms_of_the_sweep():
    sweep = SWEEPS["regime"]
    points = sweep.points(sweep.settings["paper"]).values()
    found = planted()
    assert gains.places(found) == sorted((point.levels["width"], point.levels["std"]) for point in points)
    assert gains.penalties(found) == [*PENALTIES]
    arms = {arm for point in points for arm in point.arms} - {"teacher"}
    assert {name.removeprefix("train_loss_") for name in found.measures if "loss" in name} == arms
    assert gains.OWN[:2] in gains.places(found) and gains.OWN[2] in PENALTIES


def test_gains_and_gaps_are_those_planted_at_every_place():
    found = planted(lambda m, k, s: -0.1 - k - s - 1e-4 * m, lambda m, k, s: 0.2 * k + s)
    for penalty in PENALTIES:
        trained, apart = gains.gains(found, penalty), gains.gaps(found, penalty)
        for width, std in gains.places(found):
            np.testing.assert_allclose(trained[width, std], -0.1 - std - penalty - 1e-4 * width, atol=1e-12)
            np.testing.assert_allclose(apart[width, std], 0.2 * std + penalty + SHIFTS, atol=1e-12)
    early = gains.gains(found, 0.01, horizon=0)
    np.testing.assert_allclose(early[100, 1.0], np.log(9.0), atol=1e-12)


@pytest.mark.parametrize(
    ("gap", "expected"), [(0.03, HOLDS), (-0.03, HOLDS), (0.2, REFUTED), (-0.2, REFUTED), (0.05, UNDECIDED)]
)
def test_the_papers_own_size_is_judged_by_its_place_alone(gap, expected):
    own = verdict("own", gap=lambda m, k, s: gap if (m, k, s) == (100, 0.01, 0.01) else 0.6)
    assert own.verdict == expected and own.effect == pytest.approx(gap + SHIFTS.mean())
    assert own.interval[0] < own.effect < own.interval[1]


def test_a_gap_that_differs_from_seed_to_seed_is_undecided_and_not_refuted():
    assert verdict("own", gap=0.04, shifts=40 * SHIFTS).verdict == UNDECIDED


@pytest.mark.parametrize(
    ("gaps", "expected", "condition"),
    [
        ((0.01, -0.01, 0.02), HOLDS, ""),
        ((0.01, 0.01, 0.2), CONDITIONAL, "except λ = 0.1"),
        ((0.01, -0.2, 0.2), REFUTED, ""),
        ((0.01, 0.05, 0.2), UNDECIDED, ""),
    ],
)
def test_the_corner_is_the_widest_with_the_largest_weights_at_each_penalty(gaps, expected, condition):
    by_penalty = dict(zip(PENALTIES, gaps, strict=True))
    corner = verdict("corner", gap=lambda m, k, s: by_penalty[s] if (m, k) == (1_600, 1.0) else 0.6)
    assert (corner.verdict, corner.condition) == (expected, condition)
    assert corner.effect == pytest.approx(np.mean(gaps) + SHIFTS.mean())


@pytest.mark.parametrize(
    ("slopes", "expected", "condition"),
    [
        ((-0.1, -0.1, -0.1, -0.1), HOLDS, ""),
        ((-0.1, -0.1, -0.1, 0.0), CONDITIONAL, "except k = 1"),
        ((0.1, 0.1, 0.1, 0.0), OPPOSITE, ""),
        ((0.0, 0.0, 0.0, 0.0), NO_EFFECT, ""),
        ((-0.1, 0.1, 0.0, 0.0), UNDECIDED, ""),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_fall_with_the_width_is_the_line_in_its_logarithm_at_each_scale(slopes, expected, condition, sign):
    """Of the size of the gap: whether too much or too little is foretold does not matter."""
    by_scale = dict(zip(SCALES, slopes, strict=True))
    fall = verdict("width", gap=lambda m, k, s: sign * (0.5 + by_scale[k] * np.log(m / 100)), tilt=1.0)
    assert (fall.verdict, fall.condition) == (expected, condition)
    assert fall.effect == pytest.approx(np.mean(slopes) * np.log(16), abs=2e-3)


def test_the_line_goes_by_all_widths_and_the_mean_over_the_penalties():
    sizes = dict(zip(WIDTHS, (0.5, 0.1, 0.4, 0.2, 0.3), strict=True))
    found = gains.fall_with_width(planted(gap=lambda m, k, s: sizes[m] + k + s, shifts=np.zeros(SEEDS)))
    steps, heights = np.arange(5.0) - 2.0, np.array([*sizes.values()])
    expected = 4 * (steps @ heights) / (steps @ steps)  # least squares; four doublings from 100 to 1 600
    assert [*found] == [(f"k = {k:g}",) for k in SCALES]
    np.testing.assert_allclose([*found.values()], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (lambda m, k: 1.0 / (1.0 + k * np.sqrt(m)), HOLDS),
        (lambda m, k: 0.3, HOLDS),  # as far everywhere
        (lambda m, k: 1.0 / k, REFUTED),  # k alone
        (lambda m, k: 1.0 / np.sqrt(m), REFUTED),  # the width alone
        (lambda m, k: (k * np.sqrt(m)) ** -0.5 * m**0.1, REFUTED),  # and more of the width
    ],
)
def test_the_kernels_way_is_compared_where_the_product_is_nearly_the_same(moved, expected):
    found = verdict("product", moved=moved)
    assert found.effect == pytest.approx(np.mean([np.log(moved(1_600, k) / moved(20, 10 * k)) for k in SCALES[:3]]))
    assert found.verdict == expected


def test_only_one_scale_that_moves_otherwise_is_named():
    moved = verdict("product", moved=lambda m, k: 0.3 if m < 1_600 or k < 0.1 else 0.6)
    assert moved.verdict == CONDITIONAL and moved.condition == "except k = 0.1 and 1"
    narrow = verdict("product", widths=(100, 200, 400))  # no two networks of nearly the same k√m
    assert narrow.verdict == UNDECIDED and np.isnan(narrow.effect)


def test_signs_count_where_the_gain_trained_is_clear_and_large():
    right = verdict("sign", gain=-0.3, gap=0.25)
    assert right.verdict == HOLDS and right.effect == 100.0
    wrong = verdict("sign", gain=-0.3, gap=0.35)
    assert wrong.verdict == REFUTED and wrong.effect == 0.0
    one = verdict("sign", gap=lambda m, k, s: 0.5 if (m, k, s) == (100, 0.001, 0.0) else 0.0)
    assert (one.verdict, one.condition) == (CONDITIONAL, "except k = 0.001, 100 units, λ = 0")
    assert one.effect == pytest.approx(100.0 * 59 / 60)
    half = verdict("sign", gain=0.3, gap=lambda m, k, s: -0.5 if k < 0.1 else 0.0)
    assert half.verdict == REFUTED and half.effect == pytest.approx(50.0)
    small = verdict("sign", gain=-0.04, gap=0.5)  # nowhere by five per cent: nothing to compare
    assert small.verdict == UNDECIDED and np.isnan(small.effect)
    some = verdict(
        "sign", gain=lambda m, k, s: -0.3 if k == 1.0 else 0.04, gap=lambda m, k, s: 0.0 if k == 1.0 else 0.5
    )
    assert some.verdict == HOLDS and "15 of 15" in some.meaning


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (lambda m, k: 0.0, HOLDS),
        (lambda m, k: 0.2, REFUTED),
        (lambda m, k: -0.2, REFUTED),
        (lambda m, k: 0.2 if k == 1.0 else 0.0, CONDITIONAL),
        (lambda m, k: 0.2 if k >= 0.1 else 0.0, UNDECIDED),
    ],
)
def test_the_penalty_is_judged_by_the_size_of_the_gap_at_each_place(shift, expected):
    found = verdict("penalty", gap=lambda m, k, s: 0.3 + shift(m, k) * (s == 0.1))
    assert found.verdict == expected
    assert found.condition == ("except k = 1" if expected == CONDITIONAL else "")
    turned = verdict("penalty", gap=lambda m, k, s: -0.3 if s == 0.1 else 0.3)
    assert turned.verdict == HOLDS  # as far off on the other side


def test_a_record_with_a_missing_row_or_a_loss_that_is_no_number_decides_nothing_there():
    found = planted()
    keep = np.ones(len(found.measures["seed"]), dtype=bool)
    keep[-1] = False  # the last seed of the widest teacher with the largest weights
    partial = replace(found, measures={name: values[keep] for name, values in found.measures.items()})
    elsewhere = ("own", "product")
    for name, one in CLAIMS.items():
        assert one.judge(partial).verdict == (HOLDS if name in elsewhere else UNDECIDED)
    found.measures["train_loss_alone"][:] = np.nan
    assert {CLAIMS[name].judge(found).verdict for name in ("own", "sign", "width")} == {UNDECIDED}
    narrow = planted(widths=(200, 400))
    assert CLAIMS["own"].judge(narrow).verdict == UNDECIDED


def test_claims_are_the_books_own_and_wait_for_their_record():
    assert [*CLAIMS] == ["own", "corner", "width", "product", "sign", "penalty"]
    for claim in CLAIMS.values():
        assert (claim.page, claim.kind, claim.origin) == ("regime_begins", "theory", "book")
        assert judge(claim, None).verdict == PENDING
        assert isinstance(claim.judge, EachWithin | EachBelow | SameSigns)
