"""Repairs of the theme's pages after the build: what axe-core and HTML ask for, and no address of another host."""

import re
from pathlib import Path

RULES = [
    (re.compile(pattern, re.M), replacement)
    for pattern, replacement in [
        # a button is named by what it shows (WCAG 2.5.3)
        (r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
        (r'(<i class="theme-switch [^>]*?)\s+title="[^"]*"', r"\1"),
        (r'<summary aria-label="Toggle hidden content">', "<summary>"),
        (r'<summary>(?=<span class="toctree-toggle")', '<summary aria-label="Pages below">'),
        # every piece of content lies in a landmark
        (
            r'<div class="sidebar-primary-item">(\s*<a class="navbar-brand)',
            r'<div class="sidebar-primary-item" role="navigation" aria-label="Home">\1',
        ),
        (r'role="doc-biblioentry"', 'role="listitem"'),
        # a table that scrolls sideways on a phone can be scrolled by keyboard
        (
            r'<div class="verdicts">',
            '<div class="verdicts" role="region" aria-label="Claims and verdicts" tabindex="0">',
        ),
        # the empty corner of a pandas table is no header
        (r"<th></th>", "<td></td>"),
        (r'<input class="task-list-item-checkbox"', '<input class="task-list-item-checkbox" aria-label="task"'),
        (r"<style scoped>", "<style>"),
        (r'<label aria-controls="[^"]*" ', "<label "),
        (
            r'\A<meta http-equiv="Refresh" content="0; url=([^"]+)" />\s*\Z',
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>The book</title>'
            '<meta http-equiv="refresh" content="0; url=\\1"></head><body><p><a href="\\1">Open the book</a></p>'
            "</body></html>\n",
        ),
        # the square at the end of a proof begins no line
        (
            r'((?:<span class="math notranslate nohighlight">[^<]*</span>)?[^\s<>]+)\s'
            r'(<span class="math notranslate nohighlight">\\\(\\square\\\)</span>)',
            r'<span class="nobreak">\1&nbsp;\2</span>',
        ),
        # a full stop does not begin a line because the formula before it ended one
        (
            r'(<span class="math notranslate nohighlight">[^<]*</span>)([.,;:?!)’”]+)',
            r'<span class="nobreak">\1\2</span>',
        ),
        # a command stays with what it is to do
        (r'(<span class="pre">kdsrc</span>)\s(<span class="pre">\w+</span>)', r'<span class="nobreak">\1 \2</span>'),
        # nor does a line end within P-Theorem 3, where a page is named in the contents or as the next one
        (
            r'(<(?:li class="toctree-l1|p class="prev-next-title)[^\n]*?)(\(?P-Theorems? \d\)?)',
            r'\1<span class="nobreak">\2</span>',
        ),
        # the name of a module, as a heading, breaks after its dots
        (r'(?<=<h2>)kdsrc\.[\w.]+(?=<a class="headerlink")', lambda found: found[0].replace(".", ".<wbr>")),
        # thebe is off, its address stays in the page all the same
        (r"\s*<script>const THEBE_JS_URL.*?</script>|\s*<script[^>]*sphinx-thebe\.js[^>]*></script>", ""),
    ]
]

CODE = re.compile(r"<code\b[^>]*>.*?</code>|<dt class=\"sig\b.*?</dt>", re.S)
WORD = re.compile(r'(<span class="pre">)([^<>]*)(?=</span>)|(<span class="sig-paren">\()(?=</span>)')
JOINT = re.compile(r"(?<=\w)(\.(?!\d|json\b)|[_/(\[])(?=\w|\.\.\.|&)")
LONG = 20  # letters: shorter words go to the next line as a whole
OPTION = re.compile(r"^--?\w[\w-]*$")


def jointed(code):
    """Code whose long words break after a dot, a bracket or an underscore, not before .json nor within an option."""

    def broken(found):
        if found[3]:
            return f"{found[3]}<wbr>"
        if OPTION.match(found[2]):
            return f'<span class="pre nobreak">{found[2]}'
        end = "<wbr>" if found[2].endswith(".") else ""  # the module before a name
        return found[1] + (JOINT.sub(r"\1<wbr>", found[2]) if len(found[2]) > LONG else found[2]) + end

    text = re.sub("<[^>]*>", "", code)
    if " " in text and len(text) < LONG:  # make bench
        code = code.replace('class="', 'class="nobreak ', 1)
    return WORD.sub(broken, code)


def repaired(page):
    """The page's text after all rules."""
    for pattern, replacement in RULES:
        page = pattern.sub(replacement, page)
    return CODE.sub(lambda found: jointed(found[0]), page)


def repair(app, error):
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        old = path.read_text(encoding="utf-8")
        new = repaired(old)
        if new != old:
            path.write_text(new, encoding="utf-8")


def setup(app):
    app.connect("build-finished", repair)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
