"""Write the executed reference notebook of each page that was changed: tests/notebooks/NAME.ipynb.

python tools/refresh_references.py [--all | PAGE ...]      PAGE: a name as figure1, or a path as book/figure1.md

Two runs give the same bytes: no times, no images, and what tests/sanitize.cfg replaces is replaced here too.
A page counts as changed when its cells differ from its reference's; after a change of kdsrc, use --all.
"""
import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pages
from nbval.plugin import coalesce_streams, get_sanitize_patterns

PATTERNS = get_sanitize_patterns((pages.ROOT / "tests" / "sanitize.cfg").read_text(encoding="utf-8"))
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3", "file_extension": ".py"}
IMAGES = ("image/png", "image/jpeg")          # nbval does not compare these two


def reference(page):
    """Where the page's reference is."""
    return pages.REFERENCES / f"{page.stem}.ipynb"


def cells(notebook):
    """What the page and its reference have to agree on."""
    return [(cell.cell_type, cell.source, sorted(cell.metadata.get("tags", []))) for cell in notebook.cells]


def changed(page):
    """Whether the page has no reference, or one of other cells."""
    old = reference(page)
    return not old.exists() or cells(nbformat.read(old, 4)) != cells(pages.read(page))


def sanitized(text):
    """Text without what differs from run to run; MIME data that is not text is returned as it is."""
    for pattern, replacement in PATTERNS if isinstance(text, str) else ():
        text = re.sub(pattern, replacement, text)
    return text


def settled(notebook):
    """The notebook with only what two runs agree on."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = coalesce_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.text = sanitized(output.text)
                elif output.output_type == "error":
                    output.traceback = []
                elif "data" in output:
                    output.data = {kind: sanitized(data) for kind, data in output.data.items() if kind not in IMAGES}
    notebook.metadata["language_info"] = LANGUAGE
    return notebook


def refresh(page):
    """Execute one page and write its reference; returns its last line of error, if any."""
    try:
        notebook = settled(pages.execute(page))
    except Exception as error:                # whatever a page raises is reported, and the others go on
        return f"book/{page.name} does not run: {str(error).strip().splitlines()[-1]}"
    nbformat.validate(notebook)
    nbformat.write(notebook, reference(page))
    return None


def chosen(arguments):
    """The pages to refresh."""
    known = pages.executable()
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
    print(f"{len(todo) - len(errors)} references written: {', '.join(page.stem for page in todo) or 'no page changed'}")
    return "refresh: " + "; ".join(errors) if errors else 0


if __name__ == "__main__":
    sys.exit(main())
