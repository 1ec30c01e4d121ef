"""The PDF of some pages: outline, mathematics as text, links between its pages."""

import io

import make_pdf
import pytest
from pypdf import PdfReader


@pytest.fixture(scope="module")
def pdf(site, chromium):
    return PdfReader(io.BytesIO(make_pdf.book(site, chromium, ["index", "idea", "dynamics", "figure4"])))


def test_outline_has_the_chapters_under_their_parts(pdf):
    def titles(items):
        return [titles(item) if isinstance(item, list) else item.title for item in items]

    first, *rest = titles(pdf.outline)
    assert first.startswith("Why does a student")
    assert rest[0::2] == ["Start here", "The paper’s argument", "The experiments"]
    assert rest[1] == ["1. The idea in three pictures"] and len(rest[3]) == 1


def test_links_between_pages_stay_inside(pdf):
    links = [note.get_object() for sheet in pdf.pages for note in sheet.get("/Annots", ())]
    inside = [link["/Dest"][0].get_object() for link in links if isinstance(link.get("/Dest"), list)]
    idea = next(item for item in pdf.outline if not isinstance(item, list) and item.title == "Start here")
    first = pdf.get_destination_page_number(idea)
    assert any(pdf.get_page_number(target) == first for target in inside)
    assert not [link for link in links if "127.0.0.1" in str(link.get("/A", {})) and "idea.html" in str(link["/A"])]


def test_nothing_of_the_screen_alone_is_printed(pdf):
    text = "".join(sheet.extract_text() for sheet in pdf.pages)
    assert "Cite this page" not in text and "Show the code" not in text and "Theorem" in text


def test_a_folded_table_is_printed_without_its_code(pdf):
    text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
    assert "ends with a lower test loss on kernel features than on pixels" in text and "html_table(" not in text
