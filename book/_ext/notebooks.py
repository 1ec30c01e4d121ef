"""Where pages are executed, what readers carry away: an executed .ipynb of each page, and buttons from the environment.

BOOK_EXEC_CACHE         folder of executed pages (tools/build_book.py sets it)
BOOK_REPOSITORY_URL     address of the repository; without it there are no repository and launch buttons
BOOK_REPOSITORY_BRANCH  main, unless told
BOOK_NOTEBOOKS_BRANCH   branch from which Colab opens the notebooks that the site offers (pages.yml pushes it);
                        without it there is no Colab button
"""

import os
from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_cache import get_cache

REFERENCES = "tests/notebooks"  # where the repository keeps the executed notebook of a page
BESIDES = ("myst-nb",)  # what pages import that kdsrc does not bring
LOCALLY = "book/reproduce"  # the page that tells how to run the others
SETUP = """# This page computes with kdsrc, the book's engine, and reads results recorded in the book's repository.
# To get all that it needs: {command}
import sys
from importlib.util import find_spec


def absent(name):
    found = find_spec(name)
    return found is None or found.origin is None  # of a mere folder of this name it is None


missing = [name for name in {modules} if absent(name)]
{colab}if missing:
    raise SystemExit(f"{{', '.join(missing)}}: not installed. Run {command}, then restart the kernel")"""
COLAB = """if missing and "google.colab" in sys.modules:  # there this cell fetches it all, which takes a minute
    import importlib
    import subprocess
    from pathlib import Path

    folder = Path({folder!r}).absolute()
    if not folder.exists():
        subprocess.run(["git", "clone", "--depth=1", {url!r}, str(folder)], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-e", str(folder), *{besides!r}], check=True)
    sys.path.insert(0, str(folder))  # what is installed in place is found only by the next kernel
    importlib.invalidate_caches()
    missing = [name for name in missing if absent(name)]
"""


def repository():
    """The repository's address, or nothing."""
    return os.environ.get("BOOK_REPOSITORY_URL", "").rstrip("/")


def branch():
    """The branch that the site is of."""
    return os.environ.get("BOOK_REPOSITORY_BRANCH", "main")


def setup_cell(url):
    """The first cell of a notebook that leaves the book: what is missing, and how to get it. On Colab it gets it."""
    folder = url.rpartition("/")[2] if url else "FOLDER"
    command = f"pip install -e {folder} {' '.join(BESIDES)}"
    command = f"git clone {url} && {command}" if url else f"{command} (FOLDER: a copy of the book's repository)"
    modules = ("kdsrc", *(name.replace("-", "_") for name in BESIDES))
    colab = COLAB.format(folder=folder, url=url, besides=BESIDES) if url else ""
    cell = nbformat.v4.new_code_cell(SETUP.format(command=command, modules=modules, colab=colab))
    return nbformat.from_dict(cell | {"id": "setup"})


def configure(app, config):
    config.nb_execution_cache_path = os.environ.get("BOOK_EXEC_CACHE") or config.nb_execution_cache_path
    url, options = repository(), config.html_theme_options
    options["repository_url"] = url  # always set: the default is Jupyter Book's own repository
    if url:
        options |= {
            "repository_branch": branch(),
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


def executed(app, pagename):
    """Path of the page's notebook as MyST-NB leaves it, or None for a page without code."""
    path = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    return path if app.builder.format == "html" and path.exists() else None


def offer_notebook(app, pagename, templatename, context, doctree):
    """Tell the theme's download button of _sources/PAGE.ipynb."""
    if doctree is not None and executed(app, pagename):
        context["ipynb_source"] = f"{pagename}.ipynb"


def write_notebook(app, pagename, templatename, context, doctree):
    """Write _sources/PAGE.ipynb: the executed page after its setup cell. Later than the theme, which copies its own."""
    made = executed(app, pagename)
    if doctree is None or made is None:
        return
    notebook = nbformat.read(made, 4)
    if not any(cell.get("outputs") for cell in notebook.cells):  # on a cache hit MyST-NB leaves the outputs out
        with suppress(KeyError):
            _, notebook = get_cache(app.config.nb_execution_cache_path).merge_match_into_notebook(notebook)
    notebook.cells.insert(0, setup_cell(repository()))
    target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def launched(button, pagename):
    """The button, leading to a notebook, since neither Binder nor Colab can run a MyST page; None if there is none."""
    name, notebooks = Path(pagename).name, os.environ.get("BOOK_NOTEBOOKS_BRANCH", "")
    page, play = f"{pagename}.md", {"icon": "fas fa-play"}  # the text names the place, and a logo would name it again
    if button["text"] == "Binder":
        return button | play | {"url": button["url"].replace(page, f"{REFERENCES}/{name}.ipynb")}
    if button["text"] == "Colab" and notebooks:
        return button | play | {"url": button["url"].replace(f"/{branch()}/{page}", f"/{notebooks}/{name}.ipynb")}
    return None


def launch(app, pagename, templatename, context, doctree):
    """Send the launch buttons to notebooks, and add one to the page that tells how to run the book at home."""
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            found = [launched(button, pagename) for button in group["buttons"]]
            local = {
                "type": "link",
                "text": "Run locally",
                "tooltip": "How to run this page on your machine",
                "icon": "fas fa-laptop",
                "url": context["pathto"](LOCALLY),
            }
            group["buttons"] = [*filter(None, found), local]


def setup(app):
    app.connect("config-inited", configure)
    app.connect("html-page-context", offer_notebook, priority=400)
    app.connect("html-page-context", write_notebook, priority=900)
    app.connect("html-page-context", launch, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
