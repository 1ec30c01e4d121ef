"""What every page has, as far as a program sees it: a verdict at the top, exercises that run, earlier pages to read."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from kdsrc import records
from kdsrc.claims import LIVE, VERDICTS, all_claims

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import agreement  # noqa: E402
import pages  # noqa: E402

ORDER = [Path(name).name for _, name in pages.listed()]
PART = {Path(name).name: part for part, name in pages.listed()}
TEXTS = {name: (ROOT / "book" / f"{name}.md").read_text("utf-8") for name in ORDER}
WITHOUT_EXERCISES = {"index", "summary", "bibliography", *(name for name in ORDER if name.startswith("api"))}
ARGUMENTS = ("The paper’s argument", "The proofs", "Beyond the paper")
THEORY = {name for name in ORDER if PART[name] in ARGUMENTS} - {"introduction", "setting"}
DECIDING = {one.page for one in all_claims() if one.record == LIVE or records.path(one.record).is_file()}
IN_OTHER_WORDS = {"all hold": "holds", "not all hold": "refuted"}  # of many statements, for the word of the box


def top(name):
    """A page up to its first section."""
    return TEXTS[name].split("\n## ")[0]


def section(name, title):
    """A section of a page, without its subsections' being told apart; empty if there is none."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXTS[name], flags=re.S | re.M)
    return found[1] if found else ""


def code_cells(name):
    reference = pages.REFERENCES / f"{name}.ipynb"
    cells = nbformat.read(reference, 4).cells if reference.is_file() else []
    return [cell for cell in cells if cell.cell_type == "code"]


def outputs(name):
    return [output for cell in code_cells(name) for output in cell.outputs]


def verdict_of_the_top(name):
    """The word that `In short` shows of a page's verdict, or None."""
    key = re.search(r"\b(?:[Vv]erdict|Outcome)\b[^.{]*\{glue:text\}`(\w+)`", top(name))
    return dict(filter(None, map(agreement.glued, outputs(name)))).get(key[1]) if key else None


# ----------------------------------------------------------------------------------- in short, verdicts at the top


@pytest.mark.parametrize(
    "name", [name for name in ORDER if "{admonition} In short" in top(name) and name != "notation"]
)
def test_in_short_has_a_question_an_answer_and_a_catch(name):
    """The page on notation has none to ask."""
    box = top(name).split("{admonition} In short")[1].split("\n:::")[0]
    assert re.findall(r"^- (.*?) ", box, flags=re.M) == ["**Question.**", "**Answer.**", "**Catch.**"]


@pytest.mark.parametrize("name", sorted(DECIDING))
def test_a_page_that_decides_claims_counts_its_verdicts_at_the_top(name):
    assert f'page.verdict_line("{name}")' in top(name)


@pytest.mark.parametrize("name", [name for name in ORDER if section(name, "Verdict")])
def test_a_page_with_a_verdict_says_it_at_the_top(name):
    """By the line that counts claims, or by the word of its box, which a cell computed."""
    if "page.verdict_line(" in top(name):
        return
    word = verdict_of_the_top(name)
    assert word in (*VERDICTS, *IN_OTHER_WORDS), f"In short says no verdict: {word}"
    boxes = [output.get("data", {}).get("text/plain", "") for output in outputs(name)]
    assert any(box.startswith(f"Verdict: {IN_OTHER_WORDS.get(word, word)}. ") for box in boxes)


WIDEST = 76  # characters that the column of code holds at 1 280 px; the site's checks measure it in a browser


@pytest.mark.parametrize("name", ORDER)
def test_no_line_of_code_is_wider_than_its_column(name):
    lines = [line for cell in code_cells(name) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > WIDEST] == []


@pytest.mark.parametrize("name", ORDER)
def test_a_removed_cell_has_nothing_to_show(name):
    """Its output is removed with it: a table there would be read about in the text, but never seen."""
    removed = [cell for cell in code_cells(name) if "remove-cell" in cell.metadata.get("tags", [])]
    assert [output for cell in removed for output in cell.outputs if agreement.glued(output) is None] == []


# -------------------------------------------------------------------------------------------------- exercises


def exercises(name):
    """Label of each exercise, and of each solution with what is in it."""
    labels = re.findall(r"^```\{exercise\}[^\n]*\n:label: (\S+)", TEXTS[name], flags=re.M)
    solved = re.findall(r"^```\{solution-start\} (\S+)\n(.*?)^```\{solution-end\}", TEXTS[name], flags=re.S | re.M)
    return labels, dict(solved)


@pytest.mark.parametrize("name", [name for name in ORDER if name not in WITHOUT_EXERCISES])
def test_exercises_are_there_and_have_folded_solutions_that_run(name):
    labels, solved = exercises(name)
    assert len(labels) >= (3 if name in THEORY else 1)
    assert [*solved] == labels
    for label, text in solved.items():
        assert text.startswith(":class: dropdown\n"), f"{label} is not folded"
        assert "\n```{code-cell}" in text, f"the solution of {label} has nothing to run"


@pytest.mark.parametrize("name", sorted({*ORDER} - WITHOUT_EXERCISES - {"notation"}))
def test_a_page_says_what_would_change_our_mind(name):
    """In two concrete observations at least; the notation is no statement that could be wrong."""
    assert len(re.findall(r"^- ", section(name, "What would change our mind"), flags=re.M)) >= 2


# -------------------------------------------------------------------------------------------------- the order


@pytest.mark.parametrize("name", ORDER)
def test_a_page_asks_for_earlier_pages_only(name):
    before = re.search(r"\*\*Before\s+this\s+page:\*\*(.*?)^:::", TEXTS[name], flags=re.S | re.M)
    if name in WITHOUT_EXERCISES:
        assert before is None
        return
    asked = re.findall(r"\]\((\w+)\.md[^)]*\)", before[1])
    assert all(ORDER.index(one) < ORDER.index(name) for one in asked), f"{name} asks for {asked}"


def test_the_contents_say_where_each_theorem_of_the_paper_is():
    """By the titles that a reader sees in the contents: the page's own, unless `_toc.yml` has another."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    given = {Path(one["file"]).name: one.get("title") for part in toc["parts"] for one in part["chapters"]}
    shown = {name: given.get(name) or re.search(r"^# (.+)", TEXTS[name], flags=re.M)[1] for name in ORDER}
    for number in (1, 2, 3):
        assert f"(P-Theorem {number})" in shown[f"theorem{number}"]
    assert not [title for title in shown.values() if re.search(r"(?<!P-)\b(Theorem|Lemma)s? \d", title)]
