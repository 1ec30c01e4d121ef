"""Where no line may break: within 10 000, before a per cent sign, within P-Theorem 3.

A number that a cell put into the prose also gets a minus sign in the place of its hyphen. Only the site needs this.
"""

import re

from docutils import nodes

SPACE = re.compile(r"(?<=\d) (?=\d{3}(?!\d))|(?:(?<=\d)|^) (?=%)|(?<=\bFig\.) (?=\d)")
MINUS = re.compile(r"^-(?=[\d.]+$)|(?<=[\s(\[])-(?=\d)")
PLACE = re.compile(r"((?<!\w)P-(?:\(\d+\)|[A-Z][a-z]+(?: \d+)?))")  # where in the paper
VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.raw, nodes.math, nodes.comment)


def is_verbatim(node):
    """Whether a text is code, a formula or the like."""
    while node := node.parent:
        if isinstance(node, VERBATIM):
            return True
    return False


def held(text):
    """The nodes in place of a text: the same words, held together where they belong together."""
    parts = PLACE.split(MINUS.sub("−", SPACE.sub("\u00a0", text)))
    found = [
        nodes.inline("", part, classes=["nobreak"]) if number % 2 else nodes.Text(part)
        for number, part in enumerate(parts)
    ]
    return [node for node in found if node.astext()] or [nodes.Text("")]


def hold(app, doctree, docname):
    if app.builder.format != "html":
        return
    for text in list(doctree.findall(nodes.Text)):
        if not is_verbatim(text):
            text.parent.replace(text, held(text.astext()))


def setup(app):
    app.connect("doctree-resolved", hold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
