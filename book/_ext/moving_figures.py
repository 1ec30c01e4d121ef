"""Figures that move: their scripts, from book/_moving, go to the pages that have one, and to no other.

A page has one where kdsrc.report.moving has written its data; d3 (ISC licence, beside it) draws them.
"""

import shutil
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "_moving"
SCRIPTS = ("d3.min.js", "moving.js", "penalty.js", "modes.js", "arms.js")
FILTERS = "filters.js"  # of the scorecard: needs none of the others
MARK, ROWS = 'class="moving"', "data-verdict="


def needed(body):
    """Which scripts a page of this HTML asks for."""
    return [*(SCRIPTS if MARK in body else ()), *([FILTERS] if ROWS in body else ())]


def add(app, pagename, templatename, context, doctree):
    if app.builder.format == "html":
        for script in needed(context.get("body", "")):
            app.add_js_file(f"moving/{script}", loading_method="defer")


def copy(app, error):
    if not error and app.builder.format == "html":
        shutil.copytree(FOLDER, Path(app.outdir) / "_static" / "moving", dirs_exist_ok=True)


def setup(app):
    app.connect("html-page-context", add)
    app.connect("build-finished", copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
