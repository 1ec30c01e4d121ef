"""The API's pages list every module of kdsrc by themselves, a page for each package, so that none is forgotten.

What is not in a module's ``__all__`` is not shown; a module without public names is left out.

Docstrings are written to be read in a terminal, with formulas such as |x| and names such as weights_: what
reStructuredText would take for its own marks is escaped. Words *like these* stay emphasised. On the page, what stands
after ``_`` and ``^`` in a formula is set as an index or an exponent: H_k, f^(k), e^{−p_j t}, but not n_train. A name of
the engine in `quotes`, and a class of the engine among the types, leads to what is said of it.
"""

import importlib.util
import inspect
import pkgutil
import re
import sys
from functools import cache

from docutils import nodes
from sphinx import addnodes
from unbroken import is_within

import kdsrc

PAGE, CORE = "book/api_", "core"  # the page of the modules that are in no package
CODE = re.compile(r"(``.*?``|`[^`]*`_?)")
MARKS = re.compile(r"\||(?<=\w)_(?!\w)|(?<!\S)\*(?=\S)(?!\*)(?![^*]*[^*\s]\*(?!\w))")

SCRIPT = re.compile(
    r"(?P<base>(?:(?<![A-Za-z])|(?<=\b[dX]))(?:min|max|mean|[^\W\d_]\d?[\u0300-\u036f]?)|[)}⟩’′″‖∥*])"
    r"_(?P<low>\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}|(?:min|max|frozen|ij|kl|[A-Za-z0-9½∞])(?![A-Za-z_]))"
    r"|\^(?P<high>\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}|\([a-z]\)|(?:power|[A-Za-z0-9∞½])(?![A-Za-z_]))"
)
ACCENTED = re.compile(r"([\u0370-\u03ff][\u0300-\u036f])")  # the face of the text sets the accent beside the letter
SHARED = re.compile(r"^(\w+(?:, \w+)+)((?: :.*)?(?:\n[ ]+.*)*)", re.M)  # attributes of one entry
NAMED = re.compile(r"(?<![\w`:])`((?:kdsrc\.)?[A-Za-z]\w*(?:\.\w+)*)`(?![`\w])")
AS_WRITTEN = (nodes.literal, nodes.literal_block, nodes.title, addnodes.desc_signature)


@cache
def modules():
    """Names of the modules of the engine that have something public, each package before what is in it."""
    found = [module.name for module in pkgutil.walk_packages(kdsrc.__path__, "kdsrc.")]
    public = [name for name in found if getattr(importlib.import_module(name), "__all__", ())]
    packages = {name.rpartition(".")[0] for name in public} - {"kdsrc"}
    return sorted({*public, *packages})


@cache
def classes():
    """The module of each public class of the engine, by its name."""
    return {
        one: name
        for name in modules()
        for one in getattr(importlib.import_module(name), "__all__", ())
        if inspect.isclass(found := getattr(sys.modules[name], one)) and found.__module__ == name
    }


def section(name):
    """A module's part of the page; what it hands on from another is told where it is defined."""
    module = importlib.import_module(name)
    own = [one for one in getattr(module, "__all__", ()) if getattr(getattr(module, one), "__module__", "") == name]
    members = f"   :members: {', '.join(own)}\n" if own else ""
    return f"\n## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n{members}```\n"


def page(name):
    """The page of a module, by the end of its name: its package, or `CORE`."""
    package = name.split(".")[1]
    return package if importlib.util.find_spec(f"kdsrc.{package}").submodule_search_locations else CORE


def append(app, docname, source):
    if docname.startswith(PAGE):
        found = [name for name in modules() if page(name) == docname.removeprefix(PAGE)]
        if not found:
            raise ValueError(f"engine_api: no module of kdsrc belongs to {docname}; expected the name of a package")
        source[0] += "".join(map(section, found))


def escaped(line):
    """The line with its marks escaped, code and roles left as they are, and so the lines of an example."""
    if line.lstrip().startswith((">>> ", "... ")):
        return line
    parts = CODE.split(line)
    parts[::2] = [MARKS.sub(r"\\\g<0>", part).replace(" -> ", " → ") for part in parts[::2]]
    return "".join(parts)


def singled(lines):
    """The lines with an entry for each attribute: what is said of "a, b : type" is said of a and of b."""
    text = "\n".join(lines)
    head, rule, attributes = text.partition("\nAttributes\n----------\n")
    attributes, blank, rest = attributes.partition("\n\n")

    def entries(found):
        return "\n".join(f"{name.strip()}{found[2]}" for name in found[1].split(","))

    return (head + rule + SHARED.sub(entries, attributes) + blank + rest).split("\n")


def place(module, name):
    """Where the pages tell of a name as a docstring of the module has it: (kind, full name), or None."""
    first = name.partition(".")[0]
    if first == "kdsrc":
        full = name
    elif f"{module}.{first}" in modules() or hasattr(sys.modules[module], first):
        full = f"{module}.{name}"
    elif first in classes():
        full = f"{classes()[first]}.{name}"
    else:
        return None
    if full in modules():
        return "mod", full
    home = full
    while home not in sys.modules:
        home = home.rpartition(".")[0]
    found = sys.modules[home]
    for part in full.removeprefix(home).split(".")[1:]:
        found = getattr(found, part, None)
    if not inspect.isroutine(found) and not inspect.isclass(found):
        return None
    told = getattr(sys.modules.get(found.__module__), "__all__", ())
    shown = found.__module__.startswith("kdsrc.") and found.__qualname__.partition(".")[0] in told
    return ("obj", f"{found.__module__}.{found.__qualname__}") if shown else None


def linked(line, module, own=()):
    """The line with links in the place of the engine's names, but for those of a function's own parameters."""

    def link(found):
        where = None if found[1].partition(".")[0] in own else place(module, found[1])
        return f":py:{where[0]}:`{found[1]} <{where[1]}>`" if where else found[0]

    return line if line.lstrip().startswith((">>> ", "... ")) else NAMED.sub(link, line)


def parameters(obj):
    """Names of what a function or a class is given."""
    try:
        return frozenset(inspect.signature(obj).parameters)
    except (TypeError, ValueError):
        return frozenset()


def escape(app, what, name, obj, options, lines):
    module = name if what == "module" else getattr(obj, "__module__", None)
    own = parameters(obj)
    lines[:] = [linked(escaped(line), module, own) if module else escaped(line) for line in singled(lines)]


def name_types(app, config):
    """Classes of the engine among the types of parameters lead to their pages; a path is no function of the engine."""
    own = {name: f":py:class:`~{module}.{name}`" for name, module in classes().items()}
    config.napoleon_type_aliases = own | {"path": ":py:class:`path <pathlib.Path>`"}


def plain(text):
    """The nodes of a text without indices: a Greek letter keeps its accent above it."""
    parts = enumerate(ACCENTED.split(text))
    return [nodes.inline("", one, classes=["accented"]) if odd % 2 else nodes.Text(one) for odd, one in parts if one]


def typeset(text):
    """The nodes of a text whose indices and exponents are set as such."""
    found, end = [], 0
    for script in SCRIPT.finditer(text):
        kind = nodes.superscript if script["high"] else nodes.subscript
        inner = (script["low"] or script["high"]).removeprefix("{").removesuffix("}").replace("-", "−")
        found += [*plain(text[end : script.start()] + (script["base"] or "")), kind("", "", *typeset(inner))]
        end = script.end()
    return [*found, *plain(text[end:])]


def typeset_page(app, doctree):
    if app.env.docname.startswith(PAGE):
        for name in doctree.findall(nodes.field_name):
            if name.astext() == "Variables":  # the word of Sphinx
                name[:] = [nodes.Text("Attributes")]
        for text in list(doctree.findall(nodes.Text)):
            formula = SCRIPT.search(text.astext()) or ACCENTED.search(text.astext())
            if formula and not is_within(text, AS_WRITTEN):
                text.parent.replace(text, typeset(text.astext()))


def setup(app):
    app.connect("config-inited", name_types)
    app.connect("source-read", append)
    app.connect("doctree-read", typeset_page)
    app.connect("autodoc-process-docstring", escape, priority=400)  # before napoleon adds marks of its own
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
