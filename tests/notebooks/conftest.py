"""The executed references of the pages as tests: nbval runs their cells, and outputs are compared as numbers.

Every notebook in this folder is collected, without --nbval on the command line, which would collect it a second time.
`agreement` holds the rule, `kernels` starts a kernel for each page. Each page is executed once: with $BOOK_EXEC_CACHE
set, the outputs of every page whose cells all passed go into that jupyter-cache, and the book is built from them. They
are read from nbval's items (`test_outputs`), hence the exact pin of nbval.
"""

import os
import sys
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import agreement  # noqa: E402
import kernels  # noqa: E402
import pages  # noqa: E402

os.environ.update(pages.KERNEL)  # what nbval starts inherits it

_OUTPUTS = pytest.StashKey[dict]()  # reference notebook -> cell number -> outputs, None where it failed


def pytest_collect_file(file_path, parent):
    if file_path.suffix != ".ipynb":
        return None
    options = parent.config.option
    if options.nbval or options.nbval_lax:
        raise pytest.UsageError("--nbval collects the pages a second time: leave it out, they are collected without")
    options.nbval_current_env = True  # the kernel is this Python, whatever the notebook names
    return Page.from_parent(parent, path=file_path)


class Page(IPyNbFile):
    """The reference of one page."""

    def setup(self):
        self.kernel = kernels.ForkedKernel(self.path.parent, self.config.option.nbval_kernel_startup_timeout)

    def collect(self):
        for cell in super().collect():
            yield Cell.from_parent(self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options)

    @cached_property
    def shown(self):
        """The glued numbers of this page, with the formats in which pages show them."""
        return pages.shown(self.path.stem)


class Cell(IPyNbCell):
    """A code cell, whose outputs agree with the reference's as `agreement` says."""

    def compare_outputs(self, test, ref, skip_compare=None):
        allowance = agreement.Allowance.of(self.parent.nb.metadata, self.cell.metadata)
        problem = agreement.outputs_differ(ref, test, self.parent.shown, allowance)
        self.comparison_traceback = [problem]
        return problem is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and isinstance(item, Cell):
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
