"""Where pages are executed, what they offer: an executed .ipynb to download; repository buttons from the environment.

BOOK_EXEC_CACHE         folder of executed pages (tools/build_book.py sets it)
BOOK_REPOSITORY_URL     address of the repository; without it there are no repository, Colab and Binder buttons
BOOK_REPOSITORY_BRANCH  main, unless told
"""

import os
from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_cache import get_cache

REFERENCES = "tests/notebooks"  # where the repository keeps the executed notebook of a page


def configure(app, config):
    config.nb_execution_cache_path = os.environ.get("BOOK_EXEC_CACHE") or config.nb_execution_cache_path
    url, options = os.environ.get("BOOK_REPOSITORY_URL", "").rstrip("/"), config.html_theme_options
    options["repository_url"] = url  # always set: the default is Jupyter Book's own repository
    if url:
        options |= {
            "repository_branch": os.environ.get("BOOK_REPOSITORY_BRANCH", "main"),
            "path_to_docs": "",
            "use_repository_button": True,
            "use_issues_button": True,
            "use_source_button": True,
            "launch_buttons": {
                "notebook_interface": "jupyterlab",
                "binderhub_url": "https://mybinder.org",
                "colab_url": "https://colab.research.google.com",
            },
        }


def offer_notebook(app, pagename, templatename, context, doctree):
    """Write the executed page as _sources/PAGE.ipynb; the theme's download button points there."""
    made = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if doctree is None or app.builder.format != "html" or not made.exists():
        return
    notebook = nbformat.read(made, 4)
    if not any(cell.get("outputs") for cell in notebook.cells):  # on a cache hit MyST-NB leaves the outputs out
        with suppress(KeyError):
            _, notebook = get_cache(app.config.nb_execution_cache_path).merge_match_into_notebook(notebook)
    target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    context["ipynb_source"] = f"{pagename}.ipynb"


def launch_references(app, pagename, templatename, context, doctree):
    """Colab and Binder cannot open a MyST page: send them to its reference notebook."""
    old, new = f"{pagename}.md", f"{REFERENCES}/{Path(pagename).name}.ipynb"
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            for button in group["buttons"]:
                button["url"] = button["url"].replace(old, new)


def setup(app):
    app.connect("config-inited", configure)
    app.connect("html-page-context", offer_notebook, priority=400)
    app.connect("html-page-context", launch_references, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
