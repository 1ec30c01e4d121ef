"""What the site says of itself to those who find or share it: descriptions, cards, addresses, icons, a page for 404.

BOOK_SITE_URL   the site's address, as https://owner.github.io/book: canonical links, the card's picture and
                sitemap.xml need it, and so do the links of 404.html below the site's first folder
"""

import os
import re
import unicodedata
from html import escape
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as xml_escape

from docutils import nodes

LONGEST = 200  # characters of a description that search engines and cards show
CARD = {"name": "social-card.png", "width": 1200, "height": 630}  # tools/draw_face.py
CARD_ALT = "The book's title beside the training curves of teacher, student alone and taught student."
SYMBOLS = {
    "to": "→", "infty": "∞", "le": "≤", "ge": "≥", "times": "×", "cdot": "·", "in": "∈", "sqrt": "√",
    "lambda": "λ", "Lambda": "Λ",  # Unicode calls them LAMDA
}  # fmt: skip
LABEL = re.compile(r"^\s*(Question|Answer|Catch)\. ")  # of an item of the box *In short*
BAR = re.compile(r"\\bar\s*\{?(\w)\}?")
SENTENCES = re.compile(r".*(?<!\bEq)(?<!\bal)[.?!](?=\s)")


def site_url():
    """$BOOK_SITE_URL with one slash at its end, or nothing."""
    url = os.environ.get("BOOK_SITE_URL", "").strip()
    if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
        raise ValueError(f"sharing: BOOK_SITE_URL is {url!r}; expected an address such as https://owner.github.io/book")
    return url.rstrip("/") + "/" if url else ""


def _symbol(match):
    name = match[1]
    greek = ("CAPITAL" if name[0].isupper() else "SMALL") + " LETTER " + name.removeprefix("var").upper()
    try:
        return SYMBOLS[name] if name in SYMBOLS else unicodedata.lookup(f"GREEK {greek}")
    except KeyError:
        return " "  # a command that only sets type


def plain(node):
    """The text of a node, formulas as far as characters can show them."""
    if isinstance(node, nodes.math):
        text = re.sub(r"\\([a-zA-Z]+) ?", _symbol, BAR.sub("\\1\u0304", node.astext()))
        return re.sub(r"[{}$\\]", "", text)
    if isinstance(node, nodes.Text):
        return node.astext()
    return "".join(map(plain, node.children))


def is_aside(paragraph):
    """Whether a paragraph only says where in the paper the page stands, or how long it takes to read."""
    told = [node for node in paragraph.children if node.astext().strip()]
    if told and "reading-time" in getattr(told[-1], "attributes", {}).get("classes", ()):
        told.pop()
    return not told or (len(told) == 1 and isinstance(told[0], nodes.emphasis))


def opening(doctree):
    """What a page says first: the list of its box *In short*, or its first paragraph."""
    for box in doctree.findall(nodes.admonition):
        if "in-short" in box["classes"]:
            return " ".join(LABEL.sub("", plain(item)) for item in box.findall(nodes.list_item))
    return next((plain(paragraph) for paragraph in doctree.findall(nodes.paragraph) if not is_aside(paragraph)), "")


def description(doctree):
    """The first sentences of a page, without the line that says where in the paper it stands."""
    text = " ".join(opening(doctree).split())
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    whole = SENTENCES.match(cut)
    return whole[0] if whole and len(whole[0]) > LONGEST // 3 else cut.rsplit(" ", 1)[0] + "…"


def icons(pathto):
    """Links to the PNG icons, for those who do not take the SVG one."""
    return (
        f'<link rel="icon" type="image/png" sizes="48x48" href="{pathto("_static/favicon.png", 1)}" />\n'
        f'<link rel="apple-touch-icon" href="{pathto("_static/touch-icon.png", 1)}" />\n'
    )


def tags(title, text, site_name, url, base):
    """The <meta> tags of one page; `url` and `base`, its address and the site's, may be empty."""
    found = [("name", "description", text)] if text else []
    found += [
        ("property", "og:type", "article"),
        ("property", "og:site_name", site_name),
        ("property", "og:title", title),
    ]
    found += [("property", "og:description", text)] if text else []
    found += [("name", "twitter:card", "summary_large_image" if base else "summary"), ("name", "twitter:title", title)]
    if base:
        found += [
            ("property", "og:url", url),
            ("property", "og:image", f"{base}_static/{CARD['name']}"),
            ("property", "og:image:width", CARD["width"]),
            ("property", "og:image:height", CARD["height"]),
            ("property", "og:image:alt", CARD_ALT),
        ]
    return "".join(f'<meta {kind}="{name}" content="{escape(str(value))}" />\n' for kind, name, value in found)


def page_tags(app, name, doctree):
    base = site_url()
    return tags(
        app.env.titles[name].astext(),
        description(doctree),
        app.config.html_title or app.config.project,
        base + app.builder.get_target_uri(name) if base else "",
        base,
    )


def configure(app, config):
    config.html_baseurl = site_url()  # Sphinx makes the canonical links of it


def describe(app, pagename, templatename, context, doctree):
    if app.builder.format == "html":
        head = page_tags(app, pagename, doctree) if doctree is not None else ""
        context["metatags"] = context.get("metatags", "") + head + icons(context["pathto"])


def sitemap(base, addresses):
    """sitemap.xml of the pages at these addresses below `base`."""
    rows = "".join(f"<url><loc>{xml_escape(base + address)}</loc></url>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'


def contents(app):
    """(caption, [(address, title), ...]) of each part of the book, the home page first."""

    def row(name):
        return app.builder.get_target_uri(name), app.env.titles[name].astext()

    parts = [("", [row(app.config.root_doc)])]
    for tree in app.env.get_doctree(app.config.root_doc).findall(lambda node: node.tagname == "toctree"):
        parts.append((tree.get("caption") or "", [row(name) for _, name in tree["entries"]]))
    return parts


def finish(app, error):
    """Write 404.html, sitemap.xml, and the tags of the home page into the address that leads to it."""
    if error or app.builder.name != "html":
        return
    out, base = Path(app.outdir), site_url()
    parts = contents(app)
    (out / "404.html").write_text(
        app.builder.templates.render(
            "404.html", {"base": urlsplit(base).path, "parts": parts, "site": app.config.html_title}
        ),
        encoding="utf-8",
    )
    if base:
        addresses = [address for _, rows in parts for address, _ in rows]
        (out / "sitemap.xml").write_text(sitemap(base, addresses), encoding="utf-8")
    home, root = out / "index.html", app.config.root_doc
    if home.exists():
        head = page_tags(app, root, app.env.get_doctree(root)) + icons(lambda path, resource: path)
        if base:
            head += f'<link rel="canonical" href="{base}{app.builder.get_target_uri(root)}" />\n'
        text = home.read_text(encoding="utf-8")
        if "og:title" not in text:
            home.write_text(text.replace("</head>", head + "</head>", 1), encoding="utf-8")


def setup(app):
    app.connect("config-inited", configure)
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish, priority=900)  # after the redirecting index.html was mended
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
