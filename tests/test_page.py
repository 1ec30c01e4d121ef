"""What every page says in the same way."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import claims
from kdsrc.claims.designs import LOG, RECORDED
from kdsrc.report import page
from kdsrc.statistics import Estimate


@pytest.mark.parametrize(
    "one, other, options, expected",
    [
        (1.0, 1.0 + 1e-12, {}, "✓ it: both sides agree to 1e-10\n"),
        ([1.0, 2.0], [1.0, 2.5], {}, "✗ it: the sides differ by 0.5, more than 1e-10\n"),
        (1e6, 1e6 + 1e-3, {"tolerance": 1e-8, "relative": True}, "✓ it: both sides agree to 1e-8\n"),
        (1.0, 1.0, {"tolerance": 1e-4}, "✓ it: both sides agree to 1e-4\n"),
        (1.0, 1.0, {"tolerance": 2.5e-4}, "✓ it: both sides agree to 2.5e-4\n"),
        (1.0, 1.0, {"tolerance": 0.05}, "✓ it: both sides agree to 0.05\n"),
        (np.nan, 1.0, {}, "✗ it: the sides differ by nan, more than 1e-10\n"),
    ],
)
def test_two_sides_are_told_to_agree_or_by_how_much_they_differ(one, other, options, expected, capsys):
    page.agree("it", one, other, **options)
    assert capsys.readouterr().out == expected


def test_the_checks_of_a_page_hold_together_only_if_each_does_and_one_was_made(capsys):
    checks = page.Checks()
    assert not checks
    checks.agree("a half", 0.5, 1 / 2)
    checks.that("all positive", np.array([1.0, 2.0]) > 0)
    assert checks and checks.held == [True, True]
    checks.that("all above one", np.array([1.0, 2.0]) > 1)
    assert not checks and checks.held == [True, True, False]
    told = ["✓ a half: both sides agree to 1e-10", "✓ all positive", "✗ not so: all above one"]
    assert capsys.readouterr().out.splitlines() == told


def test_a_check_of_what_is_no_number_does_not_hold(capsys):
    checks = page.Checks()
    checks.agree("it", np.nan, 1.0)
    assert checks.held == [False]
    assert capsys.readouterr().out.startswith("✗ it")


def test_a_table_shows_headings_and_entries_as_they_are():
    box = page.table({r"\(\lambda\)": ["0.3", "<1"], "holds": [True, np.bool_(False)]})
    found = [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in BeautifulSoup(box.html, "html.parser")("tr")
    ]
    assert found == [[r"\(\lambda\)", "holds"], ["0.3", "yes"], ["<1", "no"]]
    assert repr(box).splitlines() == [r"\(\lambda\)  holds", "0.3  yes", "<1  no"]


@pytest.mark.parametrize("columns", [{}, {"one": [1], "two": [1, 2]}])
def test_a_table_with_gaps_is_refused(columns):
    with pytest.raises(ValueError, match="table: columns of lengths"):
        page.table(columns)


@pytest.mark.parametrize("name", ["theorem3", "figure1", "causes"])
def test_the_line_at_the_top_counts_the_verdicts_of_its_page_by_origin(name):
    line, judged = repr(page.verdict_line(name)), claims.verdicts(page=name)
    own = sum(claim.origin == "book" for claim, _ in judged)
    parts = line.removeprefix("Verdict on ").split(" · ")
    told = [part.split(": ") for part in parts]
    expected = [(len(judged) - own, "claims of the paper"), (own, "questions of our own")]
    assert [whose for whose, _ in told] == [f"{number} {words}" for number, words in expected if number]
    for whose, counts in told:
        assert sum(int(one.split(" × ")[0]) for one in counts.split(", ") if " × " in one) == int(whose.split()[0])


def test_what_moved_is_told_on_the_page_of_its_claim():
    pages = {claim.id: claim.page for claim in claims.all_claims()}
    rows = [row for entry in LOG if entry.kind == RECORDED for row in entry.moved]
    for name in ("figure1", "figure3"):
        own = [row for row in rows if pages[row[0]] == name]
        lines = page.moved(name).text.splitlines()[1:]
        assert len(lines) == len(own) > 0
        assert all(line.endswith(f"{before}  {after}") for line, (_, before, after) in zip(lines, own, strict=True))


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
        ((-1.0, -3.0, 0.0), {}, "not clearly different: 1.0 % lower (95 % interval 3.0 % lower to 0.0 %)"),
        ((0.04, -0.04, 0.06), {}, "not clearly different: 0.0 % (95 % interval 0.0 % to 0.1 % higher)"),
        (
            (0.04, -2.0, 2.0),
            {"words": ("fewer", "more"), "of": "iterations"},
            "not clearly different: 0.0 % (95 % interval 2.0 % fewer to 2.0 % more)",
        ),
        ((-0.04, -0.06, -0.02), {}, "0.0 % lower (95 % interval 0.0 to 0.1 % lower)"),
        ((-99.5, -99.9, -98.0), {}, "99.5 % lower (95 % interval 98.0 to 99.9 % lower)"),
        ((120.0, 110.0, 130.0), {}, "2.2 times as high (95 % interval 2.1 to 2.3 times)"),
        ((233.0, 150.0, 400.0), {}, "3.3 times as high (95 % interval 2.5 to 5 times)"),
        ((60.0, -11.0, 14906.0), {}, "not clearly different: 1.6 times as high (95 % interval 0.89 to 150 times)"),
        ((5.0, -np.inf, np.inf), {}, "5.0 % higher (one seed, hence no interval)"),
    ],
)
def test_a_comparison_is_told_in_words(numbers, options, expected):
    assert page.compared(Estimate(*numbers, 5), **options) == expected.replace(" %", "\N{NO-BREAK SPACE}%")


@pytest.mark.parametrize(
    "low, high, expected",
    [(-2, -1, "lower"), (1, 2, "higher"), (-1, 1, "not clearly different"), (0, 1, "not clearly different")],
)
def test_the_word_turns_with_the_interval(low, high, expected):
    assert page.which(Estimate((low + high) / 2, low, high, 5)) == expected


def test_a_table_formats_the_numbers_of_a_column():
    small = page.table({"gain": [0.25, -2.0], "name": ["x", "y-z"]}, {"gain": ".1f"})
    assert small.text.splitlines() == ["gain  name", "0.2  x", "−2.0  y-z"]
    with pytest.raises(ValueError, match="formats of loss"):
        page.table({"gain": [1.0]}, {"loss": ".1f"})
