"""Write the executed reference notebook of each page that was changed: tests/notebooks/NAME.ipynb.

python tools/refresh_references.py [--all | PAGE ...]      PAGE: a name as figure1, or a path as book/figure1.md

A reference holds what its page shows, unrounded, without the pixels of figures. A page counts as changed when its
cells differ from its reference's; after a change of kdsrc, use --all. A reference of the same cells whose outputs agree
with the new ones, as `agreement` says, is left as it is: another machine's last digits are no change.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import agreement
import nbformat
import pages
from nbval.plugin import coalesce_streams

LANGUAGE = {"name": "python", "pygments_lexer": "ipython3", "file_extension": ".py"}
IMAGES = ("image/png", "image/jpeg")  # they are not compared


def reference(page):
    """Where the page's reference is."""
    return pages.REFERENCES / f"{page.stem}.ipynb"


def cells(notebook):
    """What the page and its reference have to agree on."""
    return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


def changed(page):
    """Whether the page has no reference, or one of other cells."""
    old = reference(page)
    return not old.exists() or cells(nbformat.read(old, 4)) != cells(pages.read(page))


def settled(notebook):
    """The notebook without pixels and paths of this machine."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = coalesce_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = []
                elif "data" in output:
                    output.data = {kind: data for kind, data in output.data.items() if not kind.endswith(IMAGES)}
    notebook.metadata["language_info"] = LANGUAGE
    return notebook


def agrees(page, notebook):
    """Whether the page's reference has the same cells, executed, and outputs that agree with the notebook's."""
    if changed(page):
        return False
    shown, old = pages.shown(page.stem), nbformat.read(reference(page), 4)
    return not any(
        one.execution_count != other.execution_count
        or agreement.outputs_differ(
            one.outputs, other.outputs, shown, agreement.Allowance.of(notebook.metadata, other.metadata)
        )
        for one, other in zip(old.cells, notebook.cells, strict=True)
        if other.cell_type == "code"
    )


def refresh(page):
    """Execute one page and write its reference; returns its last line of error, if any."""
    try:
        notebook = settled(pages.execute(page))
    except Exception as error:  # whatever a page raises is reported, and the others go on
        return f"book/{page.name} does not run: {str(error).strip().splitlines()[-1]}"
    nbformat.validate(notebook)
    if not agrees(page, notebook):
        nbformat.write(notebook, reference(page))
    return None


def chosen(arguments):
    """The pages to refresh."""
    known = pages.executable()
    if arguments.all and arguments.pages:
        raise SystemExit("refresh: --all is every page; name pages, or say --all")
    if arguments.all:
        return known
    if not arguments.pages:
        return [page for page in known if changed(page)]
    by_name = {page.stem: page for page in known}
    unknown = [name for name in arguments.pages if Path(name).stem not in by_name]
    if unknown:
        raise SystemExit(f"refresh: no page with code called {', '.join(unknown)}; there are {', '.join(by_name)}")
    return [by_name[Path(name).stem] for name in arguments.pages]


def main():
    parser = argparse.ArgumentParser(description="Rewrite the references of changed pages.")
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--all", action="store_true", help="every page, changed or not")
    todo = chosen(parser.parse_args())
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        errors = [error for error in pool.map(refresh, todo) if error]
    for stale in {*pages.REFERENCES.glob("*.ipynb")} - {reference(page) for page in pages.executable()}:
        stale.unlink()
    print(f"{len(todo) - len(errors)} pages executed: {', '.join(page.stem for page in todo) or 'no page changed'}")
    return "refresh: " + "; ".join(errors) if errors else 0


if __name__ == "__main__":
    sys.exit(main())
