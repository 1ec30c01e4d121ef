"""Build the site, _build/html/index.html: every page executed, every warning an error.

Pages are executed two at a time into a cache named after everything that they read (the cache itself compares the
cells), so that a change of the engine or of a record is never answered from an old run. $BOOK_EXEC_CACHE names another.

build_book.py                              the whole book
build_book.py --preview FOLDER PAGE ...    FOLDER/_build/html with some pages, as figure1; warnings are shown only
build_book.py --draft FOLDER [PAGE ...]    all pages or some, not executed: outputs are those of the references,
                                           figures are blank
"""

import argparse
import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pages
import yaml
from filelock import FileLock
from pages import ROOT
from PIL import Image
from sqlalchemy.exc import SQLAlchemyError

BUILD = ROOT / "_build"
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
SOURCES = ["kdsrc/**/*.py", "results/**/*.json", "requirements.lock", "tools/pages.py"]


INTERRUPTED = 130


class BuildError(Exception):
    """Says in one line what went wrong."""


def execution_cache():
    """_build/.execution-HASH: the jupyter-cache that belongs to the present engine, lock and results."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return BUILD / f".execution-{digest.hexdigest()[:16]}"


def clear(keep):
    """Remove what earlier builds left, the pages that are gone from the book included."""
    for path in [BUILD / "html", BUILD / ".doctrees", BUILD / "jupyter_execute", *BUILD.glob(".execution-*")]:
        if not path.name.startswith(keep.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def build(cache):
    """Execute what the cache lacks, then run Jupyter Book; raises BuildError."""
    failed = pages.fill(cache, jobs=min(2, os.cpu_count() or 1))
    if failed:
        raise BuildError("; ".join(f"book/{name}.md does not run ({why})" for name, why in failed.items()))
    command = [*JUPYTER_BOOK, "build", str(ROOT), "-W", "-n", "--keep-going", "-q"]
    done = run(command, cache)
    if done.returncode:
        warnings = [line for line in done.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
        print(done.stdout, file=sys.stderr)
        raise BuildError(
            f"Jupyter Book failed with {len(warnings)} warnings"
            + (f", the first: {warnings[0]}" if warnings else ", its words are above")
        )


def run(command, cache):
    """A finished process with what it said."""
    environment = os.environ | pages.KERNEL | {"BOOK_EXEC_CACHE": str(cache), "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def preview(folder, names, cache):
    """Some pages with the API and the bibliography, elsewhere, whatever the rest of the book does."""
    reference = [page.stem for page in sorted(pages.BOOK.glob("api*.md"))]
    root, *others = [f"book/{name}" for name in dict.fromkeys([*names, *reference, "bibliography"])]
    toc = {"format": "jb-book", "root": root, "parts": [{"chapters": [{"file": name} for name in others]}]}
    toc["defaults"] = contents()["defaults"]
    return build_elsewhere(folder, toc, [root, *others], cache)


def contents():
    """_toc.yml."""
    return yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def build_elsewhere(folder, toc, listed, cache):
    """The book of this table of contents, in FOLDER/_build/html."""
    folder.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["exclude_patterns"] += [
        f"book/{page.name}" for page in pages.BOOK.glob("*.md") if f"book/{page.stem}" not in listed
    ]
    extensions = config["sphinx"]["local_extensions"]  # found from the folder of the configuration
    config["sphinx"]["local_extensions"] = {name: str(ROOT / where) for name, where in extensions.items()}
    for name, content in {"_toc.yml": toc, "_config.yml": config}.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    where = ["--toc", str(folder / "_toc.yml"), "--config", str(folder / "_config.yml"), "--path-output", str(folder)]
    done = run([*JUPYTER_BOOK, "build", str(ROOT), "-n", "-q", "--all", *where], cache)
    print(done.stdout)
    return done.returncode


def blank():
    """A blank picture of the usual size of a figure."""
    file = io.BytesIO()
    Image.new("RGB", (880, 506), "#eeeeee").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def from_reference(page):
    """The page with the outputs of its reference, blank pictures for figures."""
    notebook, reference = pages.read(page), nbformat.read(pages.REFERENCES / f"{page.stem}.ipynb", 4)
    for cell, old in zip(notebook.cells, reference.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
            for output in cell.outputs:
                if str(output.get("data", {}).get("text/plain", "")).startswith("<Figure"):
                    output.data["image/png"] = blank()
    return notebook


def draft(folder, names, cache):
    """The book, or some of its pages, with the outputs of the references."""
    for page in pages.executable():
        if not names or page.stem in names:
            pages.store(cache, page, from_reference(page))
    if names:
        return preview(folder, names, cache)
    return build_elsewhere(folder, contents(), [f"book/{page.stem}" for page in pages.BOOK.glob("*.md")], cache)


def main():
    parser = argparse.ArgumentParser(description="Build the book.")
    parser.add_argument("--preview", type=Path, metavar="FOLDER", help="build only the pages named, there")
    parser.add_argument("--draft", type=Path, metavar="FOLDER", help="build from the references, there")
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    arguments = parser.parse_args()
    for make, folder in ((preview, arguments.preview), (draft, arguments.draft)):
        if folder:
            return make(folder.resolve(), arguments.pages, folder.resolve() / "executed")
    cache = Path(os.environ.get("BOOK_EXEC_CACHE") or execution_cache())
    try:
        BUILD.mkdir(exist_ok=True)
        with FileLock(BUILD / ".lock"):  # two makes at once: the second waits
            clear(keep=cache)
            build(cache)
    except BuildError as error:
        return f"book: {error}"
    except (OSError, SQLAlchemyError) as error:  # the cache of executed pages is a database
        return f"book: {str(error).splitlines()[0]}. Mend that (space, permissions) and run make book again"
    except KeyboardInterrupt:
        print("\nbook: interrupted. Run make book again: executed pages are kept", file=sys.stderr, flush=True)
        pages.stop()
        os._exit(INTERRUPTED)  # threads that wait for a page's kernel are not waited for
    print(f"The book is in {(BUILD / 'html' / 'index.html').relative_to(ROOT)}  (make serve shows it)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
