"""The built site: links, ids, alt texts, captions, foreign hosts, headings, search, downloads."""

import json

import checks
import pytest

pytestmark = pytest.mark.xdist_group("all pages")  # in one process, which parses them once

CHECKS = [
    checks.broken_links,
    checks.duplicate_ids,
    checks.poor_alt_texts,
    checks.missing_captions,
    checks.foreign_addresses,
    checks.unfinished,
    checks.heading_jumps,
    checks.missing_from_search,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_found_by(check, site):
    assert check(site) == []


def test_every_page_of_the_contents_is_there(site):
    import pages

    assert [name for _, name in pages.listed() if not (site / f"{name}.html").is_file()] == []


def test_every_page_with_code_offers_its_executed_notebook(site):
    import pages

    for page in pages.executable():
        notebook = json.loads((site / "_sources" / "book" / f"{page.stem}.ipynb").read_text("utf-8"))
        assert any(cell.get("outputs") for cell in notebook["cells"]), page.stem
        assert f"_sources/book/{page.stem}.ipynb" in (site / "book" / f"{page.stem}.html").read_text("utf-8"), page.stem


@pytest.mark.parametrize("font", ["MathJax_Main-Regular.woff", "MathJax_Math-Italic.woff"])
def test_mathjax_brings_its_fonts(site, font):
    assert (site / "_static/mathjax/output/chtml/fonts/woff-v2" / font).stat().st_size > 10_000
