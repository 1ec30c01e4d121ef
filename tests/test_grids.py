"""Squares of verdicts: each at its place, in its colour, with its sign; and how many there are of each."""

from functools import partial

import drawn
import matplotlib as mpl

mpl.use("Agg")

from kdsrc.claims import words  # noqa: E402
from kdsrc.claims.counting import lost  # noqa: E402
from kdsrc.claims.framework import Verdict  # noqa: E402
from kdsrc.report import grids, plots  # noqa: E402
from kdsrc.report.strips import SIGNS  # noqa: E402


def verdict(word, p=0.5):
    return Verdict(word, -1.0, (-2.0, 0.0), "", condition="here" if word == words.CONDITIONAL else "", p=p)


squares = partial(drawn.squares, down=0.54)


def test_test_loss_stands_above_the_diagonal_and_training_loss_below():
    test, train = {(0, 3): verdict(words.HOLDS)}, {(0, 3): verdict(words.OPPOSITE)}
    panel, legend = grids.pairs({"taught": (test, train)})
    assert squares(panel) == {
        (2.5, -0.5): (plots.GREEN.lower(), SIGNS[words.HOLDS]),
        (-0.5, 2.5): (plots.VERMILION.lower(), SIGNS[words.OPPOSITE]),
    }
    assert panel.get_title(loc="left") == "taught" and len(squares(legend)) == 6


def test_levels_are_columns_and_arms_are_rows():
    rows = {
        "outputs": {"0%": verdict(words.NO_EFFECT), "40%": verdict(words.HOLDS)},
        "features": {"0%": verdict(words.OPPOSITE), "40%": verdict(words.UNDECIDED)},
    }
    panel, _ = grids.levels({"at the end": rows})
    assert {place: sign for place, (_, sign) in squares(panel).items()} == {
        (0, 0): SIGNS[words.NO_EFFECT],
        (1, 0): SIGNS[words.HOLDS],
        (0, 1): SIGNS[words.OPPOSITE],
        (1, 1): SIGNS[words.UNDECIDED],
    }
    assert [text.get_text() for text in panel.get_yticklabels()] == list(rows)


def whole(ax):
    """Whether every square is one by one and lies within the axes, and no two overlap."""
    (left, right), (low, high) = (sorted(limits) for limits in (ax.get_xlim(), ax.get_ylim()))
    corners = [(patch.get_x(), patch.get_y()) for patch in ax.patches]
    apart = all(max(abs(a - c), abs(b - d)) >= 1 for n, (a, b) in enumerate(corners) for c, d in corners[:n])
    within = all(left <= a and a + 1 <= right and low <= b and b + 1 <= high for a, b in corners)
    return apart and within and all((patch.get_width(), patch.get_height()) == (1, 1) for patch in ax.patches)


def test_no_square_is_cut_off_and_words_stand_right_of_theirs():
    both = {pair: verdict(words.HOLDS) for pair in ((0, 1), (0, 9), (8, 9))}
    rows = {name: dict.fromkeys(("0 %", "40 %"), verdict(words.HOLDS)) for name in ("outputs", "features", "start")}
    for axes in (grids.pairs({"taught": (both, both)}), grids.levels({"at the end": rows})):
        assert all(map(whole, axes)) and [len(ax.patches) for ax in axes] == [6, len(grids._FILLS)]
        told = {text.get_text(): text.get_position() for text in axes[-1].texts}
        for patch, word in zip(axes[-1].patches, grids._FILLS, strict=True):
            across, down = told[word]
            assert 1.0 < across - patch.get_x() < 2.0 and patch.get_y() < down < patch.get_y() + 1.0
            assert across < max(axes[-1].get_xlim())


def test_small_effects_are_paler_than_full_ones_and_the_rest_is_grey():
    strength = {word: strength for word, (_, strength, _) in grids._FILLS.items()}
    assert strength[words.HOLDS] == strength[words.OPPOSITE] == 1.0
    assert max(strength[words.HOLDS_SMALL], strength[words.OPPOSITE_SMALL]) <= 0.3
    assert {grids._FILLS[word][0] for word in (words.NO_EFFECT, words.UNDECIDED)} == {plots.GREY}


def test_pairs_are_counted_with_both_opposites_together():
    told = (words.HOLDS, words.OPPOSITE, words.OPPOSITE_SMALL, words.UNDECIDED)
    found = grids.tally({(0, place + 1): verdict(word) for place, word in enumerate(told)})
    assert list(found.values()) == [1, 0, 0, 1, 2] and list(found)[-1] == words.OPPOSITE


def test_clear_comparisons_that_are_lost_among_many():
    """Benjamini and Hochberg: of p = 0.001, 0.04 and eight of 0.9, the second is adjusted to 0.2."""
    found = [verdict(words.HOLDS, 0.001), verdict(words.OPPOSITE, 0.04), *[verdict(words.UNDECIDED, 0.9)] * 8]
    assert lost(found) == 1 and lost(found[:2]) == 0
    assert lost([verdict(words.CONDITIONAL, 0.04), *found[2:]]) == 1  # clear in most of its own comparisons
