"""Do what Binder does: an environment from binder/ alone, and in it a page that was downloaded, in an empty folder.

try_binder.py [--folder FOLDER] [--page NAME] [--own-index]     minutes and 1.5 GB; what is installed is kept

--own-index leaves out the extra index of the requirements: for machines that reach only the index they are set up with.

The notebook is the page's as the site offers it, its first cell included. The page's folder holds nothing else.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import nbformat
import pages
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

sys.path.insert(0, str(pages.ROOT / "book" / "_ext"))
import notebooks  # noqa: E402

REQUIREMENTS = pages.ROOT / "binder" / "requirements.txt"


def environment(folder, own_index=False):
    """The Python of an environment with what binder/requirements.txt names; made unless it is there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines if not (own_index and line.startswith("--extra-index-url"))]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(needed).replace("../", f"{pages.ROOT}/"))  # a path in it is relative to its folder
        file.flush()
        command = [python, "-m", "pip", "install", "--quiet", "--requirement", file.name]
        subprocess.run(command, cwd=pages.ROOT, env=clean(), check=True)
    return python


def clean():
    """The variables of this process without those that point Python to other packages."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | pages.KERNEL


def offered(name):
    """The notebook of a page as a reader downloads it, without outputs."""
    notebook = pages.read(pages.BOOK / f"{name}.md")
    notebook.cells.insert(0, notebooks.setup_cell(notebooks.repository()))
    return notebook


def kernels(python):
    """The class of managers whose kernels run on this Python."""
    spec = KernelSpec(argv=[str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python")
    return type("Kernels", (AsyncKernelManager,), {"kernel_spec": property(lambda self: spec)})


def run(notebook, python, folder):
    """Execute the notebook in this folder by a kernel of this Python; raises CellExecutionError."""
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, kernel_manager_class=kernels(python), timeout=pages.TIMEOUT, resources=where)
    client.execute(env=clean())
    return notebook


def main():
    parser = argparse.ArgumentParser(description="An environment as Binder's, and a downloaded page run in it.")
    parser.add_argument("--folder", type=Path, default=pages.ROOT / ".venv-binder")
    parser.add_argument("--page", default="idea")
    parser.add_argument("--own-index", action="store_true")
    arguments = parser.parse_args()
    python = environment(arguments.folder.resolve(), arguments.own_index)
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(offered(arguments.page), python, folder)
    count = sum(cell.cell_type == "code" for cell in notebook.cells)
    nbformat.validate(notebook)
    print(f"{arguments.page}.ipynb: {count} cells ran with what binder/ installs")


if __name__ == "__main__":
    main()
