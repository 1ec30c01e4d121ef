"""Every verdict, recomputed from the records and live, is what the pages show: the scorecard and the page of the claim.

Pages are read as their executed references, which nbval holds equal to what a reader sees.
"""

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from kdsrc import claims
from kdsrc.claims.markup import html_table

REFERENCES = Path(__file__).parent / "notebooks"


@pytest.fixture(scope="module")
def judged():
    return claims.verdicts()


def shown(page):
    """What a page shows of each claim: id -> (statement, verdict, what was measured, criterion)."""
    notebook = nbformat.read(REFERENCES / f"{page}.ipynb", 4)
    tables = [data["text/html"] for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
              if "text/html" in (data := output.get("data", {}))]
    return {name: cells for html in tables for name, cells in rows(html).items()}


def rows(html):
    """The claims of one table."""
    found = {}
    for row in BeautifulSoup(html, "html.parser").find_all("tr", id=lambda name: name and name.startswith("claim-")):
        statement, verdict, measured = row.find_all("td")
        found[row["id"].removeprefix("claim-")] = (statement.get_text(), verdict.get_text(), measured.get_text(" "),
                                                   measured["title"])
    return found


def test_the_scorecard_shows_every_claim_as_it_is_judged_now(judged):
    assert shown("scorecard") == rows(html_table(judged, links=True))


def test_every_page_shows_its_claims_as_they_are_judged_now(judged):
    now = rows(html_table(judged))
    for page in {path.stem for path in REFERENCES.glob("*.ipynb")} - {"scorecard"}:
        for name, cells in shown(page).items():
            assert cells == now[name], f"{name} on page {page}"


def test_the_page_that_a_claim_names_shows_it(judged):
    pages = {claim.page for claim, verdict in judged if verdict.verdict != "not yet run"}
    tables = {page: shown(page) for page in pages}
    missing = [f"{claim.id} on {claim.page}" for claim, verdict in judged
               if verdict.verdict != "not yet run" and claim.id not in tables[claim.page]]
    assert not missing, missing


def test_no_record_is_missing(judged):
    assert [claim.id for claim, verdict in judged if verdict.verdict == "not yet run"] == []
