"""Pages in real kernels: the rule at its place, a kernel for each page, a page that a reader downloaded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import try_binder  # noqa: E402


def run_references(folder, pages, options=()):
    """pytest's last words on references, (code, what it is said to show) of each cell of each page."""
    notebooks = folder / "tests" / "notebooks"
    notebooks.mkdir(parents=True)
    (folder / "tools").symlink_to(ROOT / "tools")
    shutil.copy(ROOT / "tests" / "notebooks" / "conftest.py", notebooks)
    for name, cells in pages.items():
        code = [
            nbformat.v4.new_code_cell(
                source, execution_count=number, outputs=[nbformat.v4.new_output("stream", text=text)] if text else []
            )
            for number, (source, text) in enumerate(cells, start=1)
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=code), notebooks / f"{name}.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(notebooks)],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


LOSS = "print('loss', 0.123)"


def test_cells_are_compared_by_the_rule_and_a_planted_loss_fails(tmp_path):
    said = run_references(tmp_path, {"planted": [(LOSS, "loss 0.124\n"), (LOSS, "loss 0.126\n")]})
    assert "1 failed, 1 passed" in said and "stdout: 0.126 became 0.123 after 'loss'" in said


def test_pages_are_not_collected_twice(tmp_path):
    said = run_references(tmp_path, {"planted": [(LOSS, "loss 0.123\n")]}, options=["--nbval"])
    assert "--nbval collects the pages a second time" in said


def test_no_kernel_waits_for_a_port_that_another_may_take(tmp_path):
    looking = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    assert "1 passed" in run_references(tmp_path, {"looking": [(looking, "ipc\n")]})


def test_every_page_has_a_kernel_of_its_own(tmp_path):
    """Nothing of one page reaches the next, though both begin with the same libraries."""
    looking = "import os, numpy, torch\nprint(hasattr(numpy, 'planted'), torch.initial_seed() == 1)"
    said = run_references(
        tmp_path,
        {
            "a_planting": [("import numpy, torch\nnumpy.planted = 1\n_ = torch.manual_seed(1)", "")],
            "b_looking": [(looking, "False False\n"), ("print(os.path.basename(os.getcwd()))", "notebooks\n")],
        },
    )
    assert "3 passed" in said, said


def test_a_downloaded_page_runs_in_an_empty_folder(tmp_path):
    """As a reader has it, its first cell included; what it draws and reads does not depend on where it lies."""
    notebook = try_binder.run(try_binder.offered("idea"), sys.executable, tmp_path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0]["id"] == "setup" and [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert list(tmp_path.iterdir()) == []
