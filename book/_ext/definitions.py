"""A link to the glossary shows the term's definition: written into the page, shown by _static/definitions.js.

Readers of the page's text (screen readers) are told it by aria-describedby, without any script.
"""

import re
from html import escape

from docutils import nodes
from sharing import plain

LINK = re.compile(r'<a class="reference internal" href="([^"#]*)#term-([^"]+)"(?=><span class="xref std std-term">)')
INDEX = re.compile(r"([_^])\s*(?:\{([^{}]*)\}|(\w))")
MARKS = {"_": ("\ue000", "\ue001"), "^": ("\ue002", "\ue003")}  # stand for tags until the text is escaped
TAGS = {"\ue000": "<sub>", "\ue001": "</sub>", "\ue002": "<sup>", "\ue003": "</sup>"}
LONGEST = 320  # characters: what is longer is read on the glossary's page


def text(definition):
    """The first paragraph of a definition as HTML: letters for formulas, indices lowered."""
    paragraph = next(iter(definition.findall(nodes.paragraph)), definition).deepcopy()
    for formula in list(paragraph.findall(nodes.math)):
        marked = INDEX.sub(lambda hit: (hit[2] or hit[3]).join(MARKS[hit[1]]), formula.astext())
        formula.replace_self(nodes.math("", marked))
    words = " ".join(plain(paragraph).split())
    if len(words) > LONGEST:
        words = words[:LONGEST].rsplit(" ", 1)[0] + "…"
    return re.sub("[\ue000-\ue003]", lambda hit: TAGS[hit[0]], escape(words, quote=False))


def definitions(doctree):
    """The definitions of a page's glossaries, HTML by the anchor of their term."""
    found = {}
    for item in doctree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            anchors = [name.removeprefix("term-") for name in term.get("ids", ()) if name.startswith("term-")]
            found |= {anchor: text(item.children[-1]) for anchor in anchors}
    return found


def known(app):
    """All definitions of the book, read once a build."""
    if not hasattr(app, "book_definitions"):
        pages = {row[3] for row in app.env.get_domain("std").get_objects() if row[2] == "term"}
        app.book_definitions = {}
        for page in sorted(pages):
            app.book_definitions |= definitions(app.env.get_doctree(page))
    return app.book_definitions


def describe(app, pagename, templatename, context, doctree):
    """Tie the links of a page to their definitions, and put these at its end."""
    if app.builder.format != "html" or doctree is None or "#term-" not in context.get("body", ""):
        return
    used = {}

    def tie(hit):
        anchor = hit[2]
        if anchor not in known(app):
            return hit[0]
        used[anchor] = known(app)[anchor]
        return f'{hit[0]} data-term="{anchor}" aria-describedby="definition-{anchor}"'

    body = LINK.sub(tie, context["body"])
    rows = "".join(
        f'<div class="term-meaning" role="tooltip" id="definition-{key}" hidden>{used[key]}</div>' for key in used
    )
    context["body"] = body + rows
    if used:
        app.add_js_file("definitions.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
