"""What every page says in the same way."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from kdsrc import claims
from kdsrc.report import page
from kdsrc.statistics import Estimate


@pytest.mark.parametrize(
    "one, other, options, expected",
    [
        (1.0, 1.0 + 1e-12, {}, "✓ it: both sides agree to 1e-10\n"),
        ([1.0, 2.0], [1.0, 2.5], {}, "✗ it: the sides differ by 0.5, more than 1e-10\n"),
        (1e6, 1e6 + 1e-3, {"tolerance": 1e-8, "relative": True}, "✓ it: both sides agree to 1e-8\n"),
        (np.nan, 1.0, {}, "✗ it: the sides differ by nan, more than 1e-10\n"),
    ],
)
def test_two_sides_are_told_to_agree_or_by_how_much_they_differ(one, other, options, expected, capsys):
    page.agree("it", one, other, **options)
    assert capsys.readouterr().out == expected


def test_the_line_at_the_top_counts_the_verdicts_of_its_page():
    line, judged = repr(page.verdict_line("theorem3")), claims.verdicts(page="theorem3")
    assert line.startswith(f"Verdict on {len(judged)} claims: ")
    assert sum(int(word) for word in line.split(": ")[1].replace(",", "").split() if word.isdigit()) == len(judged)


@pytest.mark.parametrize(
    "numbers, options, expected",
    [
        ((-4.4, -5.6, -3.2), {}, "4.4 % lower (95 % interval 3.2 to 5.6 % lower)"),
        (
            (8.8, 7.3, 10.3),
            {"words": ("fewer", "more"), "of": "iterations"},
            "8.8 % more iterations (95 % interval 7.3 to 10.3 % more)",
        ),
        ((0.3, -0.5, 1.2), {}, "not clearly different: 0.3 % higher (95 % interval 0.5 % lower to 1.2 % higher)"),
        ((-1.0, -3.0, 0.0), {}, "not clearly different: 1.0 % lower (95 % interval 3.0 % lower to 0.0 % lower)"),
        ((-99.5, -99.9, -98.0), {}, "99.5 % lower (95 % interval 98.0 to 99.9 % lower)"),
        ((233.0, 150.0, 400.0), {}, "3.3 times as high (95 % interval 2.5 to 5 times)"),
        ((60.0, -11.0, 14906.0), {}, "not clearly different: 1.6 times as high (95 % interval 0.89 to 150 times)"),
        ((5.0, -np.inf, np.inf), {}, "5.0 % higher (one seed, hence no interval)"),
    ],
)
def test_a_comparison_is_told_in_words(numbers, options, expected):
    assert page.compared(Estimate(*numbers, 5), **options) == expected


@pytest.mark.parametrize(
    "low, high, expected",
    [(-2, -1, "lower"), (1, 2, "higher"), (-1, 1, "not clearly different"), (0, 1, "not clearly different")],
)
def test_the_word_turns_with_the_interval(low, high, expected):
    assert page.which(Estimate((low + high) / 2, low, high, 5)) == expected


def test_a_table_shows_every_cell_under_its_name_and_escapes_it():
    shown = page.table(("arm", "λ", "start"), [("alone", 0, "random"), ("taught", 0.01, "a < b")])
    (found,) = pd.read_html(StringIO(shown._repr_html_()), index_col=0)
    assert found.index.tolist() == ["alone", "taught"] and found.columns.tolist() == ["λ", "start"]
    assert found.loc["taught"].tolist() == [0.01, "a < b"] and "a &lt; b" in shown.html
    assert repr(shown).splitlines()[2].split() == ["taught", "0.01", "a", "<", "b"]
