"""Pages, their references and the table of contents agree, and a page keeps the rules that a program can see."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import agreement  # noqa: E402
import pages  # noqa: E402
import refresh_references  # noqa: E402

LONGEST_CELL = 15
PAGES = pages.executable()


def test_the_table_of_contents_lists_every_page_once():
    assert sorted(name for _, name in pages.listed()) == sorted(
        f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")
    )


def test_every_reference_has_its_page():
    assert {path.stem for path in pages.REFERENCES.glob("*.ipynb")} == {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_reference_is_of_this_page_and_executed(page):
    reference = nbformat.read(refresh_references.reference(page), 4)
    assert refresh_references.cells(reference) == refresh_references.cells(pages.read(page)), "run: make refresh"
    counts = [cell.execution_count for cell in reference.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "nbval would compare nothing: run make refresh"


def outputs(page):
    """The outputs of the page's reference."""
    reference = nbformat.read(refresh_references.reference(page), 4)
    return [output for cell in reference.cells if cell.cell_type == "code" for output in cell.outputs]


def words(output):
    """What an output shows as text; what is glued shows nothing where it stands."""
    if agreement.glued(output):
        return []
    return [output.text] if output.output_type == "stream" else [str(data) for data in output.get("data", {}).values()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_reference_can_hold_on_another_machine(page):
    """No warnings, which hold paths; no last digits of double precision, and no rounding error shown as a number."""
    found = outputs(page)
    assert not [output.text for output in found if output.get("name") == "stderr"]
    texts = [text for output in found for text in words(output)]
    assert not [text for text in texts if re.search(r"\d\.\d{9,}", text)], "round it"
    noise = r"(?<!< )(?<!<\u202f)\b\d+(\.\d+)?(e[-−]|\s?\\cdot\s?10\^\{[-−])1[3-9]\b"
    assert not [match[0] for text in texts if (match := re.search(noise, text))], "show it as below its tolerance"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_glued_measures_are_plain_floats_with_a_format(page):
    shown = pages.shown(page.stem)
    values = dict(filter(None, map(agreement.glued, outputs(page))))
    assert not [key for key, value in values.items() if isinstance(value, float) and "" in shown.get(key, ())]
    assert not [key for key, value in values.items() if re.match(r"(np|numpy)\.", str(value))], "glue float(x)"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_cells_are_short(page):
    """What is longer belongs to kdsrc; lines of cell metadata (:tags: and such) do not count."""
    long = {
        number: count
        for number, cell in enumerate(pages.read(page).cells)
        if cell.cell_type == "code"
        if (count := sum(bool(line.strip()) for line in cell.source.splitlines())) > LONGEST_CELL
    }
    assert not long, f"cells of more than {LONGEST_CELL} lines (cell: lines): {long}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_figures_have_a_caption_and_an_alt_text(page):
    """A cell that draws says so in its metadata; an alt text tells what is to be seen, so it is a sentence."""
    for number, cell in enumerate(pages.read(page).cells):
        if cell.cell_type != "code" or not re.search(r"plots\.|plt\.|\.figure\(", cell.source):
            continue
        metadata = cell.metadata.get("mystnb", {})
        if "figure" in metadata or "image" in metadata:
            assert len(metadata.get("figure", {}).get("caption", "")) > 20, f"cell {number}: no caption"
            assert len(metadata.get("image", {}).get("alt", "")) > 20, f"cell {number}: no alt text"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_figure_is_shown(page):
    """A cell with a caption has a figure to put it under; references keep its text, not its pixels."""
    reference = nbformat.read(refresh_references.reference(page), 4)
    captioned = [
        number for number, cell in enumerate(pages.read(page).cells) if "figure" in cell.metadata.get("mystnb", {})
    ]
    empty = [
        number
        for number in captioned
        if not any(output.output_type == "display_data" for output in reference.cells[number].outputs)
    ]
    assert not empty, f"cells {empty} show no figure"
