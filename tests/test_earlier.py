"""The criterion until November 2026: it is kept as it was, for the claims that it judged, and for no other."""

import numpy as np
import pytest

from kdsrc.claims import Verdict, all_claims, earlier, verdicts
from kdsrc.claims.computed import Effect
from kdsrc.claims.criteria import AllOf, Contrast, MainEffect
from kdsrc.claims.framework import PENDING, claim
from kdsrc.claims.measures import final
from kdsrc.claims.on_measures import LogLogSlope
from kdsrc.claims.overlaps import OverlapContrast
from kdsrc.claims.words import HOLDS, NO_EFFECT, REFUTED, UNDECIDED
from kdsrc.records import Record

ABSENT, CONDITIONAL = "does not reproduce", "holds only under a condition"
BETTER = Contrast(final("test_loss"), "Final test loss", "one", "other")


def judged_by(test, name="start"):
    return claim(f"figure1-{name}", "§1", "x", test, record="figure1", kind="quality")


@pytest.mark.parametrize(
    ("effect", "half", "direction", "expected"),
    [
        (-0.2, 0.1, -1, HOLDS),
        (-0.2, 0.3, -1, ABSENT),
        (-0.02, 0.01, -1, ABSENT),
        (0.2, 0.1, -1, REFUTED),
        (0.2, 0.1, 1, HOLDS),
        (-0.2, 0.1, 1, REFUTED),
        (-0.2, np.inf, -1, ABSENT),
    ],
)
def test_the_rule_for_one_comparison(effect, half, direction, expected):
    assert earlier.decide(effect, (effect - half, effect + half), direction=direction, smallest=0.05) == expected


def test_the_rule_for_several_comparisons():
    assert earlier.combined([HOLDS, HOLDS]) == HOLDS
    assert earlier.combined([REFUTED, HOLDS]) == CONDITIONAL
    assert earlier.combined([REFUTED, ABSENT]) == REFUTED


@pytest.mark.parametrize(
    ("effect", "interval", "smaller", "larger"),
    [
        (-5.1, (-6.0, -1.0), HOLDS, REFUTED),
        (-4.9, (-6.0, -1.0), ABSENT, REFUTED),  # 1/0.951 is more than 1.05
        (-4.7, (-6.0, -1.0), ABSENT, ABSENT),
        (5.1, (1.0, 6.0), ABSENT, HOLDS),  # 1/1.051 is more than 0.95
        (5.3, (1.0, 6.0), REFUTED, HOLDS),
        (-9.0, (-20.0, 1.0), ABSENT, ABSENT),
        (-9.0, (-100.0, np.inf), ABSENT, ABSENT),  # of a single seed
        (np.nan, (np.nan, np.nan), ABSENT, ABSENT),
    ],
)
def test_changes_in_per_cent_were_judged_by_their_logarithms(effect, interval, smaller, larger):
    verdict = Verdict(UNDECIDED, effect, interval, "per cent")
    for test, expected in (
        (BETTER, smaller),
        (MainEffect(final("test_loss"), "Loss", "levels", (("one", "other"),)), smaller),
        (OverlapContrast("one", "other"), larger),
    ):
        assert earlier.outcome(judged_by(test), verdict) == expected


@pytest.mark.parametrize(
    ("shift", "smallest", "word", "expected"),
    [
        (0.0, 0.05, HOLDS, ABSENT),  # 2 ± 1.96: above zero, not above the smallest
        (5.0, 0.05, HOLDS, HOLDS),
        (-2.0, 0.05, UNDECIDED, ABSENT),
        (-2.0, 2.0, NO_EFFECT, REFUTED),  # below the bound altogether
    ],
)
def test_an_effect_over_problems_had_to_exceed_the_smallest(shift, smallest, word, expected):
    test = Effect("Seed", lambda seed: seed + shift, smallest)
    verdict = test()
    assert verdict.verdict == word and earlier.outcome(judged_by(test), verdict) == expected


@pytest.mark.parametrize(
    ("effect", "interval", "word", "proportional", "expected"),
    [
        (1.0, (0.9, 1.1), HOLDS, True, HOLDS),
        (1.3, (1.25, 1.35), REFUTED, True, ABSENT),
        (-1.0, (-1.1, -0.9), REFUTED, True, REFUTED),
        (1.3, (1.25, 1.35), HOLDS, False, HOLDS),
        (0.04, (0.01, 0.07), HOLDS, False, ABSENT),
    ],
)
def test_slopes(effect, interval, word, proportional, expected):
    verdict = Verdict(word, effect, interval, "slope")
    assert earlier.outcome(judged_by(LogLogSlope("drawn", "the distance", proportional)), verdict) == expected


def test_several_tests_of_a_claim_each_had_their_outcome():
    steps, seeds = np.array([0, 10]), np.array([[0.0], [1e-3], [2e-3]])
    curves = {
        arm: {"iterations": steps, "test_loss": loss + 0.0 * steps + seeds} for arm, loss in (("a", 0.5), ("b", 1.0))
    }
    found = Record("planted", {}, {}, [0, 1, 2], curves, {})
    better, worse = (Contrast(final("test_loss"), "Loss", *arms) for arms in (("a", "b"), ("b", "a")))
    for tests, expected in (((better, better), HOLDS), ((worse, better), CONDITIONAL), ((worse, worse), REFUTED)):
        test = AllOf(tests, "cases", (("one",), ("two",)))
        assert earlier.outcome(judged_by(test), test(found), found) == expected
        assert earlier.criterion(judged_by(test)) == (
            f"{earlier.criterion(judged_by(tests[0]))} The same for cases (2 comparisons): all must hold; if some do, "
            "the claim holds under a condition."
        )


def test_a_claim_that_was_added_since_has_none():
    verdict = Verdict(HOLDS, -9.0, (-10.0, -8.0), "per cent")
    known, new = judged_by(BETTER), judged_by(BETTER, "new")
    assert earlier.criterion(known).startswith("Final test loss, one against other: lower by at least 5%")
    assert earlier.outcome(known, verdict) == HOLDS
    assert earlier.criterion(new) == earlier.outcome(new, verdict) == ""
    pending = Verdict(PENDING, np.nan, (np.nan, np.nan), "no record")
    assert earlier.outcome(known, pending) == ""


def test_every_claim_that_was_judged_by_it_still_is_and_says_so():
    known = {one.id: one for one in all_claims()}
    assert known.keys() >= earlier.JUDGED
    assert all(earlier.criterion(known[name]) for name in earlier.JUDGED)
    told = {one.id for one, verdict in verdicts({"figure2", "width", "practice"}) if verdict.before}
    assert told == {name for name in earlier.JUDGED if name.startswith(("figure2-", "width-"))} and len(told) == 10
