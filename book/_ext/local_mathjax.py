"""MathJax served by the site itself, from the Python package that carries it: no other host is asked."""

import importlib.util
import shutil
from pathlib import Path

SCRIPT = "tex-chtml.js"
PARTS = [
    SCRIPT,
    "a11y",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
]  # what a page may ask for, the speech of the reader's menu included


def source():
    """The folder es5/ of the installed package."""
    spec = importlib.util.find_spec("mathjax")
    folder = Path(spec.origin).parent / "static" / "mathjax" / "es5" if spec else None
    if folder is None or not (folder / SCRIPT).is_file():
        raise FileNotFoundError(
            f"local_mathjax: no MathJax in {folder or 'this environment'}; expected the package "
            "django-static-mathjax of requirements.lock: run make setup"
        )
    return folder


def copy(app, error):
    if error or app.builder.format != "html":
        return
    for part in PARTS:
        old, new = source() / part, Path(app.outdir) / "_static" / "mathjax" / part
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(old, new, dirs_exist_ok=True) if old.is_dir() else shutil.copyfile(old, new)


def configure(app, config):
    config.mathjax_path = f"mathjax/{SCRIPT}"


def setup(app):
    app.connect("config-inited", configure)
    app.connect("build-finished", copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
