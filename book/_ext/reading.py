"""Reading time of a page, beside the line that tells where in the paper it stands.

Counted is what a reader sees without opening anything: words, displayed formulas, lines of code, figures.
"""

import math
import re

from docutils import nodes
from sphinx import addnodes

SECONDS = {"word": 60 / 200, "formula": 12, "line": 2.5, "figure": 10}
SHORTEST = 150  # words: what has less is a list, not a text
WORD = re.compile(r"[^\W\d_]{2,}")
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}


def is_folded(node):
    """Whether a node shows nothing before the reader opens it."""
    classes = set(node.get("classes", ()))
    return "dropdown" in classes or "sd-dropdown" in classes or bool(classes & {f"tag_{name}" for name in FOLDED})


def counted(node, found=None):
    """How many words, displayed formulas, lines of code and figures are seen below a node."""
    found = dict.fromkeys(SECONDS, 0) if found is None else found
    if isinstance(node, nodes.math_block):
        found["formula"] += 1
    elif isinstance(node, nodes.literal_block):
        found["line"] += len(node.astext().splitlines())
    elif isinstance(node, nodes.paragraph | nodes.title | nodes.caption):
        found["word"] += len(WORD.findall(node.astext()))
    elif not isinstance(node, nodes.Text | nodes.comment | nodes.raw) and not is_folded(node):
        found["figure"] += isinstance(node, nodes.figure)
        inner = [
            child for child in node.children if "cell_output" not in getattr(child, "attributes", {}).get("classes", ())
        ]
        found["figure"] += len(node.children) - len(inner) and _captioned(node)
        for child in inner:
            counted(child, found)
    return found


def _captioned(cell):
    return bool(cell.get("cell_metadata", {}).get("mystnb", {}).get("figure"))


def minutes(found):
    """Reading time of what was counted, in whole minutes, at least one."""
    return max(1, math.ceil(sum(SECONDS[kind] * number for kind, number in found.items()) / 60))


def insert(app, doctree):
    found = counted(doctree)
    heading = next(iter(doctree.findall(nodes.title)), None)
    if found["word"] < SHORTEST or heading is None or any(doctree.findall(addnodes.desc)):
        return
    time = minutes(found)
    told = nodes.inline("", f"{time} minute{'s' * (time > 1)} to read", classes=["reading-time"])
    place = heading.next_node(descend=False, siblings=True)
    if isinstance(place, nodes.paragraph) and isinstance(place[0], nodes.emphasis):  # a line under the title
        place += [nodes.Text("\u2003"), told]  # a wide space leaves no trace where the line breaks
    else:
        line = nodes.paragraph("", "", told)
        heading.parent.insert(heading.parent.index(heading) + 1, line)


def setup(app):
    app.connect("doctree-read", insert, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
