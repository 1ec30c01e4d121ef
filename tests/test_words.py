"""The words of verdicts: every case has one, and the edges between them lie where the table says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdsrc.claims.words import (
    AGAINST,
    CONDITIONAL,
    HOLDS,
    HOLDS_SMALL,
    IN_FAVOUR,
    NO_EFFECT,
    OPPOSITE,
    OPPOSITE_SMALL,
    REFUTED,
    UNDECIDED,
    VERDICTS,
    combined,
    condition,
    decide,
    slug,
    within,
)

TINY = 1e-12


@pytest.mark.parametrize(
    ("effect", "interval", "expected"),
    [
        (8.0, (4.0, 12.0), HOLDS),
        (5.0, (TINY, 10.0), HOLDS),  # of the smallest size of interest, and just clear
        (5.0 - TINY, (TINY, 10.0), HOLDS_SMALL),
        (2.0, (1.0, 3.0), HOLDS_SMALL),
        (5.0, (0.0, 10.0), UNDECIDED),  # an end at zero holds zero
        (2.5, (0.0, 5.0), NO_EFFECT),  # an end at the smallest size is within
        (2.5, (0.0, 5.0 + TINY), UNDECIDED),
        (0.0, (-5.0, 5.0), NO_EFFECT),
        (0.0, (-5.0 - TINY, 5.0), UNDECIDED),
        (-2.5, (-5.0, 0.0), NO_EFFECT),
        (-20.0, (-50.0, 3.0), UNDECIDED),
        (-2.0, (-3.0, -1.0), OPPOSITE_SMALL),
        (-5.0 + TINY, (-10.0, -TINY), OPPOSITE_SMALL),
        (-5.0, (-10.0, -TINY), OPPOSITE),
        (8.0, (-np.inf, np.inf), UNDECIDED),  # a single seed
        (0.0, (0.0, 0.0), NO_EFFECT),
        (np.nan, (np.nan, np.nan), UNDECIDED),
    ],
)
def test_edges_of_the_words(effect, interval, expected):
    assert decide(effect, interval, direction=1, smallest=5.0) == expected
    turned = tuple(-end for end in interval[::-1])
    assert decide(-effect, turned, direction=-1, smallest=5.0) == expected


@given(st.floats(-1e6, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.floats(1e-3, 1e3), st.sampled_from([-1, 1]))
def test_every_interval_has_the_word_of_its_definition(effect, below, above, smallest, direction):
    low, high = effect - below, effect + above
    word = decide(effect, (low, high), direction=direction, smallest=smallest)
    zero_inside = low <= 0.0 <= high
    assert (word in (NO_EFFECT, UNDECIDED)) == zero_inside
    if zero_inside:
        assert (word == NO_EFFECT) == (max(abs(low), abs(high)) <= smallest)
    else:
        assert (word in IN_FAVOUR) == (direction * effect > 0) and (word in AGAINST) == (direction * effect < 0)
        assert (word in (HOLDS, OPPOSITE)) == (abs(effect) >= smallest)
    other = decide(effect, (low, high), direction=-direction, smallest=smallest)
    mirrored = {HOLDS: OPPOSITE, HOLDS_SMALL: OPPOSITE_SMALL, OPPOSITE: HOLDS, OPPOSITE_SMALL: HOLDS_SMALL}
    assert other == mirrored.get(word, word)


@pytest.mark.parametrize("wrong", [{"direction": 0}, {"smallest": 0.0}, {"smallest": np.nan}])
def test_directions_and_sizes_that_decide_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="decide: "):
        decide(1.0, (0.5, 1.5), **{"direction": 1, "smallest": 0.1} | wrong)


def test_an_effect_outside_its_interval_is_refused():
    with pytest.raises(ValueError, match="expected one that holds the effect"):
        decide(3.0, (0.5, 1.5), direction=1, smallest=0.1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([HOLDS], HOLDS),
        ([HOLDS, HOLDS, HOLDS_SMALL], HOLDS),
        ([HOLDS, HOLDS_SMALL], HOLDS_SMALL),  # half is not most
        ([HOLDS_SMALL, HOLDS_SMALL], HOLDS_SMALL),
        ([HOLDS, HOLDS_SMALL, UNDECIDED], CONDITIONAL),
        ([HOLDS, HOLDS, OPPOSITE], CONDITIONAL),
        ([HOLDS, UNDECIDED], UNDECIDED),
        ([HOLDS] * 4 + [UNDECIDED] * 20, UNDECIDED),
        ([HOLDS, OPPOSITE], UNDECIDED),
        ([OPPOSITE, OPPOSITE, HOLDS], OPPOSITE),
        ([OPPOSITE, OPPOSITE_SMALL, NO_EFFECT], OPPOSITE_SMALL),
        ([OPPOSITE_SMALL], OPPOSITE_SMALL),
        ([NO_EFFECT, NO_EFFECT, UNDECIDED], NO_EFFECT),
        ([NO_EFFECT, UNDECIDED], UNDECIDED),
        ([NO_EFFECT, NO_EFFECT, HOLDS_SMALL], UNDECIDED),
    ],
)
def test_several_comparisons_make_one_word(found, expected):
    assert combined(found) == combined(found[::-1]) == expected


def test_words_that_no_comparison_has_are_refused():
    for found in ([], [HOLDS, REFUTED], ["maybe"]):
        with pytest.raises(ValueError, match="combined: got"):
            combined(found)


GRID = [(stop, top) for stop in ("early", "late", "full") for top in ("20", "5")]


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        ({("early", "20"), ("early", "5")}, "except early"),
        ({("early", "5"), ("late", "5"), ("full", "5")}, "except 5"),
        ({("early", "5")}, "except early, 5"),
        ({("early", "5"), ("full", "20")}, "except early, 5 and full, 20"),
    ],
)
def test_a_condition_names_the_exceptions(failing, expected):
    assert condition(GRID, [label not in failing for label in GRID]) == expected


def test_a_condition_with_many_exceptions_counts_by_the_first_factor():
    labels = [(stop, str(number)) for stop in ("early", "full") for number in range(9)]
    holding = [stop == "full" or int(number) < 4 for stop, number in labels]
    assert condition(labels, holding) == "it holds early: 4 of 9; full: 9 of 9"


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((0.8, 1.2), HOLDS), ((0.8 - TINY, 1.0), UNDECIDED), ((0.5, 0.7), REFUTED), ((1.3, 1.4), REFUTED)],
)
def test_a_quantity_between_bounds(interval, expected):
    assert within(interval, 0.8, 1.2) == expected


def test_class_names_are_plain_and_differ():
    assert slug(HOLDS_SMALL) == "holds-but-small"
    assert len({slug(word) for word in VERDICTS}) == len(VERDICTS)
    assert all(slug(word).replace("-", "").isalpha() for word in VERDICTS)
