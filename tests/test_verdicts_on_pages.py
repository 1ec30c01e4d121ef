"""Every verdict, recomputed from the records and live, is what the pages show: the scorecard and the page of the claim.

Pages are read as their executed references, which are held to what a reader sees by the same rule of agreement.
"""

import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from kdsrc import claims, records
from kdsrc.report.tables import html_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from agreement import difference  # noqa: E402

_CELLS = 4  # after these come the verdicts over iterations, which not every page shows
REFERENCES = Path(__file__).parent / "notebooks"


@pytest.fixture(scope="module")
def judged():
    return claims.verdicts()


def shown(page):
    """What a page shows of each claim: id -> (statement, verdict, what was measured, criterion)."""
    notebook = nbformat.read(REFERENCES / f"{page}.ipynb", 4)
    tables = [
        data["text/html"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/html" in (data := output.get("data", {}))
    ]
    return {name: cells for html in tables for name, cells in rows(html).items()}


def rows(html):
    """The claims of one table."""
    found = {}
    for row in BeautifulSoup(html, "html.parser").find_all("tr", id=lambda name: name and name.startswith("claim-")):
        statement, verdict, measured = row.find_all("td")
        over = [strip.extract().get_text(" ") for strip in measured.find_all(class_="strip")]
        texts = (
            statement.find(class_="statement").get_text(),
            verdict.get_text(" "),
            measured.get_text(" "),
            statement.details.get_text(" "),
            *over,
        )
        found[row["id"].removeprefix("claim-")] = tuple(" ".join(text.split()) for text in texts)
    return found


def test_the_scorecard_shows_every_claim_as_it_is_judged_now(judged):
    now, found = rows(html_table(judged, links=True, horizons=True)), shown("scorecard")
    assert found.keys() == now.keys()
    assert not disagreements(found, now)


def test_every_page_shows_its_claims_as_they_are_judged_now(judged):
    now = rows(html_table(judged, horizons=True))
    for page in {path.stem for path in REFERENCES.glob("*.ipynb")} - {"scorecard"}:
        assert not disagreements(shown(page), now), page


def disagreements(found, now):
    """Claims of a page that are judged otherwise now, with the first difference."""
    return {
        name: problem
        for name, cells in found.items()
        if (problem := difference(" | ".join(cells), " | ".join(now[name][: max(len(cells), _CELLS)])))
    }


def test_a_verdict_an_effect_or_a_criterion_that_changed_is_found(judged):
    now = rows(html_table(judged))
    name, cells = next(iter(now.items()))
    for place in range(len(cells)):
        changed = [*cells[:place], cells[place] + " 1", *cells[place + 1 :]]
        assert disagreements({name: changed}, now)
    assert not disagreements({name: cells}, now)


def test_the_page_that_a_claim_names_shows_it(judged):
    pages = {claim.page for claim, verdict in judged if verdict.verdict != "not yet run"}
    tables = {page: shown(page) for page in pages}
    missing = [
        f"{claim.id} on {claim.page}"
        for claim, verdict in judged
        if verdict.verdict != "not yet run" and claim.id not in tables[claim.page]
    ]
    assert not missing, missing


def test_only_claims_without_a_record_are_not_yet_run(judged):
    waiting = {claim.id for claim, verdict in judged if verdict.verdict == "not yet run"}
    there = {path.stem for path in records.RESULTS.glob("*.json")}
    assert waiting == {claim.id for claim, _ in judged if {claim.record, *claim.also} - there - {"live"}}
