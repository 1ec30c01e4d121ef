"""Claims on a sweep's rows, planted: what is compared with what, and the word for all pairs of digits."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import records
from kdsrc.claims import all_claims
from kdsrc.claims.horizons import on_losses, readings, strips
from kdsrc.claims.rows import OnEachPair, RowContrast
from kdsrc.claims.words import CONDITIONAL, HOLDS, HOLDS_SMALL, NO_EFFECT, OPPOSITE, OPPOSITE_SMALL, UNDECIDED
from kdsrc.report.strips import strip
from kdsrc.studies import pairs

SEEDS = 5
LOWER = OnEachPair("test_loss", "Final test loss", "a", "b")


def record(**measures):
    dataset = {"name": "planted", "n_train": 1, "n_test": 1, "sha256": ""}
    return records.Record("planted", dataset, {}, list(range(SEEDS)), {}, {}, measures)


def paired(changes, *, noise=1e-3):
    """A record of the pairs (0, 1), (0, 2) ... by seed and pair, where the loss of a is (1 + change) times b's.

    Noise is the same for all pairs of a seed.
    """
    places = list(combinations(range(10), 2))[: len(changes)]
    shift = np.exp(noise * np.random.default_rng(0).standard_normal(SEEDS))
    rows = [
        (seed, *pair, shift[seed] * (1 + change))
        for seed in range(SEEDS)
        for pair, change in zip(places, changes, strict=True)
    ]
    seed, first, second, ratio = np.array(rows).T
    losses = np.stack([np.full_like(ratio, 9.0), ratio], axis=1)
    found = {"test_loss_a": losses, "test_loss_b": np.ones_like(losses)}
    return record(seed=seed.astype(int), first=first, second=second, **found)


def test_rows_of_a_sweep_are_compared_at_one_level_and_at_the_last_horizon():
    flipped = np.tile([0.0, 0.4], SEEDS)
    one = np.stack([np.ones(2 * SEEDS), np.where(flipped > 0, 9.0, 0.8)], axis=1)  # (rows, horizons)
    found = record(flipped=flipped, test_loss_a=one, test_loss_b=np.ones((2 * SEEDS, 2)))
    verdict = RowContrast("test_loss_a", "test_loss_b", "Loss", (("flipped", 0.0),))(found)
    assert verdict.verdict == HOLDS and verdict.effect == pytest.approx(-20.0)
    assert "a against b" in verdict.meaning


@pytest.mark.parametrize(
    ("changes", "expected", "condition"),
    [
        ((-0.2, -0.1, -0.3), HOLDS, ""),
        ((-0.2, -0.03, -0.02), HOLDS_SMALL, ""),
        ((-0.2, -0.1, 0.2), CONDITIONAL, "except 0/3"),
        ((0.02, 0.03, -0.2), OPPOSITE_SMALL, ""),
        ((0.0, 0.0, 0.0), NO_EFFECT, ""),
        ((-0.2, 0.2), UNDECIDED, ""),
    ],
)
def test_the_word_for_all_pairs_and_the_mean_over_them(changes, expected, condition):
    found = paired(changes)
    verdict = LOWER(found)
    assert (verdict.verdict, verdict.condition) == (expected, condition)
    assert verdict.effect == pytest.approx(100.0 * np.expm1(np.log1p(changes).mean()), abs=0.2)
    assert verdict.interval[0] < verdict.effect < verdict.interval[1]
    assert [one.effect for one in LOWER.each(found).values()] == pytest.approx(100.0 * np.array(changes), abs=0.2)
    assert list(LOWER.each(found)) == [(0, 1), (0, 2), (0, 3)][: len(changes)]


def test_claims_on_rows_are_read_at_each_horizon_of_the_record():
    found = paired((-0.2, -0.1, -0.3))
    found.measures["horizons"] = np.tile([100, 1_000], (3 * SEEDS, 1))
    told = readings(LOWER, [found])
    assert [(one.iterations, one.images) for one in told] == [(100, 0), (1_000, 0)]  # no number for all pairs
    assert told[0].verdict.effect == pytest.approx(800.0) and told[0].verdict.verdict == OPPOSITE
    assert told[1].verdict == LOWER(found)
    shown = BeautifulSoup(strip(told), "html.parser").select(".strip-images")
    assert [tag.get_text() for tag in shown] == ["each pair"]
    one_pair = RowContrast("test_loss_a", "test_loss_b", "Loss", (("first", 0.0), ("second", 1.0)))
    found.dataset["n_train"] = 250
    told = readings(one_pair, [found])
    assert [(one.images, one.verdict.verdict) for one in told] == [(250, OPPOSITE), (250, HOLDS)]


def test_claims_on_pairs_and_outputs_have_horizons_and_the_last_is_their_verdict():
    claims = [claim for claim in all_claims() if claim.record in ("pairs", "practice")]
    found = strips(claims)
    assert len(found) == len(claims) == 16 and all(map(on_losses, claims))
    for claim in claims:
        assert found[claim.id][-1].verdict == claim.judge(records.load(claim.record))
    best = RowContrast("best_a", "best_b", "Lowest test loss", ())
    assert not on_losses(dataclasses.replace(claims[0], judge=best))


def test_claims_on_pairs_compare_arms_that_the_sweep_has():
    tests = [claim.judge for claim in all_claims() if claim.record == "pairs"]
    assert len(tests) == 14 and {one.metric for one in tests} == {"train_loss", "test_loss"}
    assert {arm for one in tests for arm in (one.arm, one.against)} <= set(pairs.ARMS)
