"""Verdict tables: what is said, what was measured, nothing unescaped, links where there is something to see."""

import math

import pytest
from bs4 import BeautifulSoup

from kdsrc.claims.framework import HOLDS, PENDING, REFUTED, Claim, Verdict
from kdsrc.report.tables import html_table
from kdsrc.report.text import short, to_rounding
from kdsrc.report.text import table as terminal

CLAIM = Claim("a-b", "§1 & 2", "x < y", "y - x > 0", "live", "theorem1", "theory", lambda record: None)


def table(verdict, **options):
    return BeautifulSoup(html_table([(CLAIM, verdict)], **options), "html.parser")


def test_row_holds_statement_place_verdict_effect_and_interval():
    claim, verdict, measured = table(Verdict(HOLDS, -1.5, (-2.0, 1.0), "per cent <b>")).find_all("td")
    assert claim.get_text() == "x < y §1 & 2"
    assert verdict.get_text() == "holds" and "verdict-holds" in verdict.span["class"]
    assert measured.get_text(" ") == "−1.5  [−2, 1] per cent <b>"
    assert measured["title"] == "y - x > 0"


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


def test_links_only_to_what_was_judged():
    pending = Verdict(PENDING, math.nan, (math.nan, math.nan), "no record")
    assert table(Verdict(HOLDS, 2.0, (2.0, 2.0), "units"), links=True).a["href"] == "theorem1.html"
    assert table(pending, links=True).a is None and table(pending).find_all("td")[2].get_text() == "no record"
