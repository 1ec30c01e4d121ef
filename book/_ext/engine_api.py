"""The API page lists every module of kdsrc by itself, so that none is forgotten.

Docstrings are written to be read in a terminal, with formulas such as |x| and names such as weights_: what
reStructuredText would take for its own marks is escaped.
"""

import pkgutil
import re

import kdsrc

PAGE = "book/api"
CODE = re.compile(r"(``.*?``|`[^`]*`_?)")
MARKS = re.compile(r"\||(?<=\w)_(?!\w)|(?<!\S)\*(?=\S)(?!\*)")


def modules():
    """Names of all public modules of the engine, packages before what is in them."""
    found = [module.name for module in pkgutil.walk_packages(kdsrc.__path__, "kdsrc.")]
    return sorted(name for name in found if not any(part.startswith("_") for part in name.split(".")))


def append(app, docname, source):
    if docname == PAGE:
        source[0] += "".join(
            f"\n## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :ignore-module-all:\n```\n"
            for name in modules()
        )


def escaped(line):
    """The line with its marks escaped, code and roles left as they are."""
    parts = CODE.split(line)
    parts[::2] = [MARKS.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts)


def escape(app, what, name, obj, options, lines):
    lines[:] = map(escaped, lines)


def setup(app):
    app.connect("source-read", append)
    app.connect("autodoc-process-docstring", escape, priority=400)  # before napoleon adds marks of its own
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
