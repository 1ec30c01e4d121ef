"""What a page need not carry: MathJax where there is no formula, the search index where nothing is searched, icons.

The theme brings Font Awesome twice, as a script of 1.5 MB and as fonts. Here the fonts stay, with the icons that the
site shows. The search button leads to the search page, which loads its own index. Drawings need no 16 million colours,
and style sheets no comments but their licences.
"""

import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image

FORMULA = re.compile(r'class="[^"]*\b(?:math|mathjax_process)\b')
MATHJAX = re.compile(r"\s*<script[^>]*>window\.MathJax = .*?</script>|\s*<script[^>]*/mathjax/[^>]*></script>", re.S)
EVERYWHERE = re.compile(r'\s*<(?:script|link)[^>]*(?:src|href)="[^"]*scripts/fontawesome\.js[^"]*"[^>]*>(?:</script>)?')
SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
ICON = re.compile(r"\bfa-([a-z0-9-]+)")
RULE = re.compile(r"((?:\.fa-[a-z0-9-]+:+before,?)+)\{content:\"\\([0-9a-f]+) ?\"\}")
CODE = re.compile(r'content:\s*"\\(f[0-9a-f]{3})"')
FACES = re.compile(r"@font-face\{[^}]*?webfonts/(fa-[a-z0-9-]+)\.woff2[^}]*\}")
COMMENT = re.compile(r"/\*(?!!).*?\*/\n?", re.S)
MOST_COLOURS = 8000  # of a drawing; photographs and maps have more
KEPT = "fa-solid-900"  # brands and regular: no icon of the site is in them


def lightened(text, is_search):
    """A page's HTML without what it does not use."""
    text = EVERYWHERE.sub("", text)
    if not is_search:
        text = SEARCH.sub("", text)
    return text if FORMULA.search(text) else MATHJAX.sub("", text)


def only_icons(sheet, names):
    """(style sheet without the rules of icons that are not in `names`, the code points of those that are)."""
    points = set()

    def rule(hit):
        if not names & set(ICON.findall(hit[1])):
            return ""
        points.add(int(hit[2], 16))
        return hit[0]

    return RULE.sub(rule, sheet), points


def only_face(sheet):
    """The style sheet with one face of Font Awesome, from the small file."""

    def face(hit):
        source = re.compile(r"src:url\([^)]*\) format\(\"woff2\"\),")
        return source.sub("src:", hit[0]) if hit[1] == KEPT else ""

    return FACES.sub(face, sheet)


def shrink_font(path, points):
    """Keep the glyphs of these code points."""
    options = subset.Options(drop_tables=["FFTM"], notdef_outline=True)
    subsetter, font = subset.Subsetter(options), TTFont(path)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.save(path)


def shrink_picture(path):
    """Store a drawing with 256 colours, which it has but for the edges of its lines; leave a photograph as it is."""
    with Image.open(path) as picture:
        flat = picture.convert("RGB")
    if flat.getcolors(MOST_COLOURS) is not None:
        flat.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def lighten(app, error):
    if error or app.builder.format != "html":
        return
    out, names = Path(app.outdir), set()
    for path in out.rglob("*.html"):
        old = path.read_text(encoding="utf-8")
        names |= set(ICON.findall(old))
        new = lightened(old, path.stem == "search")
        if new != old:
            path.write_text(new, encoding="utf-8")
    scripts, fonts = out / "_static" / "scripts", out / "_static" / "vendor" / "fontawesome" / "webfonts"
    for path in scripts.glob("*.js"):
        if path.stem == "fontawesome":
            path.unlink()
        else:
            names |= set(ICON.findall(path.read_text(encoding="utf-8")))
    for path in (out / "_images").glob("*.png"):
        shrink_picture(path)
    points = set()
    for path in sorted((out / "_static").rglob("*.css")):
        old = path.read_text(encoding="utf-8")
        new, found = only_icons(only_face(COMMENT.sub("", old)), names)
        points |= found | {int(code, 16) for code in CODE.findall(RULE.sub("", new))}
        if new != old:
            path.write_text(new, encoding="utf-8")
    for path in fonts.glob("fa-*"):
        if path.name == f"{KEPT}.ttf":
            shrink_font(path, points)
        else:
            path.unlink()


def setup(app):
    app.connect("build-finished", lighten, priority=950)  # after all that writes pages
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
