"""Verdict tables: what is said, what was measured, nothing unescaped, links where there is something to see."""

import math
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from kdsrc.claims import Claim, Verdict, all_claims
from kdsrc.claims.earlier import criterion
from kdsrc.claims.words import CONDITIONAL, HOLDS, PENDING, REFUTED
from kdsrc.report.tables import html_table, mathematics, worded
from kdsrc.report.text import short, to_rounding
from kdsrc.report.text import table as terminal

CLAIM = Claim("a-b", "§1 & 2", "x < y", "y - x > 0", "live", "theorem1", "theory", lambda record: None)


def table(verdict, **options):
    return BeautifulSoup(html_table([(CLAIM, verdict)], **options), "html.parser")


def test_row_holds_statement_place_verdict_effect_and_interval():
    claim, verdict, measured = table(Verdict(HOLDS, -1.5, (-2.0, 1.0), "per cent <b>")).find_all("td")
    assert claim.find(class_="statement").get_text() == "x < y"
    assert claim.find(class_="place").get_text().strip() == "§1 & 2"
    assert claim.details.summary.get_text() == "Criterion" and claim.details.p.get_text() == "y - x > 0"
    assert verdict.get_text() == "holds" and "verdict-holds" in verdict.span["class"]
    assert measured.get_text(" ") == "−1.5  [−2, 1] per cent <b>"


def test_row_says_what_it_is_to_whoever_filters_rows():
    row = table(Verdict(CONDITIONAL, 1.0, (0.5, 2.0), "units", condition="except H_k")).find(id="claim-a-b")
    told = {name: row[f"data-{name}"] for name in ("kind", "verdict", "page", "origin", "record")}
    assert told == {
        "kind": "theory",
        "verdict": "only-under-a-condition",
        "page": "theorem1",
        "origin": "paper",
        "record": "live",
    }
    assert row.find(class_="condition").decode_contents() == "except H<sub>k</sub>"


def test_questions_of_the_book_and_earlier_outcomes_are_told():
    claim = replace(next(one for one in all_claims() if one.id == "figure1-scale"), origin="book")
    fresh = Verdict(REFUTED, 3.0, (2.0, 4.0), "units")
    verdict = Verdict(HOLDS, -1.5, (-2.0, -1.0), "units", before="does not reproduce", fresh=fresh)
    shown = BeautifulSoup(html_table([(claim, verdict)]), "html.parser")
    assert "the book’s own question" in shown.find(class_="place").get_text()
    assert " ".join(shown.details.find_all("p")[1].get_text().split()) == (
        f"Until November 2026: {worded(criterion(claim))} Its outcome: does not reproduce."
    )
    criteria = [words.get_text() for words in shown.details.find_all("p")]
    assert all("student taught, scale q against student alone" in words and "_" not in words for words in criteria)
    assert " ".join(shown.find(class_="fresh").get_text().split()) == "On the fresh seeds alone: refuted, 3 [2, 4]"
    assert "images" in shown.find(class_="covers").get_text()
    agreeing = Verdict(HOLDS, -1.5, (-2.0, -1.0), "units", fresh=verdict)
    assert BeautifulSoup(html_table([(claim, agreeing)]), "html.parser").find(class_="fresh") is None


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("f_∞ < H_k^{-1}", "f<sub>∞</sub> &lt; H<sub>k</sub><sup>−1</sup>"),
        ("e^{−p_jt}", "e<sup>−p<sub>j</sub>t</sup>"),
        ("δ^(k)(0)", "δ<sup>(k)</sup>(0)"),
        ("‖f_frozen‖ from_early", "‖f<sub>frozen</sub>‖ from_early"),
        ("λ_min(H_k), min λ", "λ<sub>min</sub>(H<sub>k</sub>), min λ"),
        ("student_taught, full_0.01_q, compare_alignf_*", "student_taught, full_0.01_q, compare_alignf_*"),
        ("φ̄_k", "φ̄<sub>k</sub>"),
    ],
)
def test_indices_are_set_and_names_in_code_are_not(plain, shown):
    assert mathematics(plain) == shown


def test_a_change_whose_interval_spans_a_factor_of_ten_is_told_as_a_factor():
    def told(effect, interval):
        return table(Verdict(HOLDS, effect, interval, "per cent, change of a loss")).find_all("td")[2].get_text("|")

    assert told(300.0, (0.0, 890.0)) == "300| [0, 890]|per cent, change of a loss"  # less than ten times
    assert told(300.0, (0.0, 910.0)).startswith("× 4|")
    assert told(1_053.0, (-11.4, 14_905.6)) == "× 11.5| [× 0.886, × 150]|change of a loss"
    assert told(-99.0, (-99.95, -95.0)) == "× 1/100| [× 1/2\u202f000, × 1/20]|change of a loss"
    assert told(-88.0, (-99.0, -80.0)) == "× 0.12| [× 1/100, × 0.2]|change of a loss"
    assert told(10.0, (1.0, 20.0)) == "10| [1, 20]|per cent, change of a loss"


def test_no_interval_for_a_computation_without_chance():
    assert "[" not in table(Verdict(HOLDS, 2.0, (2.0, 2.0), "units")).get_text()


@pytest.mark.parametrize("effect", [0.0, 3e-16, -7e-13])
def test_rounding_error_is_told_by_its_tolerance_without_an_interval(effect):
    verdict = Verdict(HOLDS, effect, (effect - 1e-16, effect + 1e-16), "misfit", 1e-12)
    cell = table(verdict).find_all("td")[2]
    assert cell.get_text("|") == "0 to rounding, < 1e−12|misfit"
    assert terminal([(CLAIM, verdict)]).splitlines()[2] == "    0 to rounding, < 1e-12: misfit"


def test_a_misfit_above_its_tolerance_is_a_number():
    verdict = Verdict(REFUTED, 3e-12, (1e-12, 5e-12), "misfit", 1e-12)
    assert table(verdict).find_all("td")[2].get_text("|") == "3e−12| [1e−12, 5e−12]|misfit"
    assert terminal([(CLAIM, verdict)]).splitlines()[2] == "    3e-12 [1e-12, 5e-12] misfit"


@pytest.mark.parametrize(("tolerance", "shown"), [(1e-5, "1e-5"), (1e-12, "1e-12"), (0.01, "0.01")])
def test_a_tolerance_is_told_shortly(tolerance, shown):
    assert to_rounding(tolerance) == f"0 to rounding, < {shown}"


def test_large_numbers_in_groups_of_three():
    measured = table(Verdict(HOLDS, 312_345.6, (-1234.0, math.inf), "per cent")).find_all("td")[2]
    assert measured.get_text(" ") == "312\u202f000  [−1\u202f230, inf] per cent"
    assert [short(value) for value in (999.4, 1000.0, 0.00012345)] == ["999", "1 000", "0.000123"]


def test_an_interval_that_shows_only_its_effect_is_left_out():
    same = table(Verdict(HOLDS, 0.785, (0.785 - 1e-9, 0.785 + 1e-9), "ratio")).find_all("td")[2]
    assert same.get_text("|") == "0.785|ratio"


def test_links_only_to_what_was_judged():
    pending = Verdict(PENDING, math.nan, (math.nan, math.nan), "no record")
    assert table(Verdict(HOLDS, 2.0, (2.0, 2.0), "units"), links=True).a["href"] == "theorem1.html"
    assert table(pending, links=True).a is None and table(pending).find_all("td")[2].get_text() == "no record"
