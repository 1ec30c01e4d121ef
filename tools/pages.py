"""The book's pages as notebooks: list, read, execute, and the cache of executed ones that the book is built from."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import agreement
import jupytext
import nbformat
import psutil
import yaml
from filelock import FileLock
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from sqlalchemy.exc import SQLAlchemyError

ROOT = Path(__file__).resolve().parents[1]
BOOK, REFERENCES = ROOT / "book", ROOT / "tests" / "notebooks"
TIMEOUT = 600  # seconds a cell
# a page's kernel: no progress bars, no word of tqdm's that it cannot draw them, one thread unless others are set
KERNEL = {
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore:IProgress not found",
    **{pool: os.environ.get(pool, "1") for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")},
}


def listed():
    """(part, page) of the whole book in its order, as _toc.yml has them, the home page in no part."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = [(None, toc["root"])]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            found += [(part["caption"], one["file"]) for one in (chapter, *chapter.get("sections", ()))]
    return found


def executable():
    """Paths of the pages that have code, sorted."""
    return [page for page in sorted(BOOK.glob("*.md")) if "{code-cell}" in page.read_text(encoding="utf-8")]


def shown(name):
    """What the pages show of that which page `name` glues: keys with their formats."""
    texts = {page.stem: page.read_text(encoding="utf-8") for page in sorted(BOOK.glob("*.md"))}
    return agreement.shown_formats(texts).get(name, {})


def read(page):
    """A page as a notebook with cell ids that stay (c000, c001, ...)."""
    notebook = nbformat.from_dict(jupytext.read(page))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"c{number:03d}"
    return notebook


def execute(page):
    """The page's notebook after its execution in a new kernel, in the folder of the references."""
    notebook = read(page)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(REFERENCES)}},
    )
    client.execute(env=os.environ | KERNEL)
    return notebook


def store(cache, page, notebook):
    """Put an executed page where the build looks for it."""
    Path(cache).mkdir(parents=True, exist_ok=True)
    bundle = CacheBundleIn(notebook, str(page))
    with FileLock(f"{cache}.lock"):
        get_cache(cache).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def missing(cache):
    """Pages whose execution is not in the cache."""
    with FileLock(f"{cache}.lock"):
        known = get_cache(cache)
        return [page for page in executable() if not _has(known, page)]


def fill(cache, jobs):
    """Execute the pages that the cache lacks, `jobs` at a time; returns what went wrong, by page name."""
    Path(cache).mkdir(parents=True, exist_ok=True)

    def one(page):
        try:
            store(cache, page, execute(page))
        except Exception as error:  # whatever a page raises is reported, and the others go on
            lines = str(error).strip().splitlines()  # a page's own error stands below its traceback
            return page.stem, lines[0 if isinstance(error, SQLAlchemyError) else -1]
        return None

    pool = ThreadPoolExecutor(jobs)
    try:
        return dict(filter(None, pool.map(one, missing(cache))))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after ^C the pages that run are not waited for


def stop():
    """End what this process has started: kernels are in sessions of their own, where ^C does not reach them."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _has(cache, page):
    try:
        cache.match_cache_notebook(read(page))
    except KeyError:
        return False
    return True
