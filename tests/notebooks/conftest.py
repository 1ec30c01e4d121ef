"""Each page is executed once: what nbval has just run and found right becomes what the book is built from.

With $BOOK_EXEC_CACHE set, the outputs of every page whose cells all passed go into that jupyter-cache.
They are read from nbval's items (`test_outputs`), hence the exact pin of nbval.
"""
import os
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import pages  # noqa: E402

os.environ.update(pages.KERNEL)               # what nbval starts inherits it

_OUTPUTS = pytest.StashKey[dict]()            # reference notebook -> cell number -> outputs, None where it failed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and type(item).__name__ == "IPyNbCell":
        cells = item.config.stash.setdefault(_OUTPUTS, {}).setdefault(item.parent.path, {})
        cells[item.cell_num] = item.test_outputs if report.passed else None
    return report


def pytest_sessionfinish(session):
    cache = os.environ.get("BOOK_EXEC_CACHE")
    if not cache:
        return
    for reference, outputs in session.config.stash.get(_OUTPUTS, {}).items():
        page = pages.BOOK / f"{reference.stem}.md"
        code = [cell for cell in nbformat.read(reference, 4).cells if cell.cell_type == "code"]
        if page.exists() and len(outputs) == len(code) and all(cell is not None for cell in outputs.values()):
            pages.store(cache, page, with_outputs(pages.read(page), outputs))


def with_outputs(notebook, outputs):
    """The page with the outputs of its code cells, in their order."""
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.outputs = [nbformat.from_dict(dict(output)) for output in outputs[number]]
        cell.execution_count = number + 1
    return notebook
