"""What the site says of itself and how it looks: descriptions, addresses, citations, colours, fonts, icons."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from matplotlib.colors import to_rgb
from PIL import Image
from pybtex.database import parse_string

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]
import accessible  # noqa: E402
import colophon  # noqa: E402
import draw_face  # noqa: E402
import sharing  # noqa: E402

STATIC = ROOT / "book" / "_static"
CSS = (STATIC / "custom.css").read_text("utf-8")
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
SITE = "https://owner.github.io/book/"


# Colours


def colours(theme):
    """The colours that the style sheet gives to a theme, by name."""
    (block,) = re.findall(rf'^html\[data-theme="{theme}"\] \{{\n(.*?)^\}}', CSS, re.M | re.S)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def contrast(one, other):
    """WCAG 2's contrast ratio."""

    def luminance(colour):
        parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


PAIRS = [
    *((ink, paper) for ink in ("ink", "ink-soft", "accent", "accent-strong") for paper in ("paper", "paper-soft")),
    ("accent", "accent-soft"),
    ("paper", "accent"),
    *((name, f"{name}-soft") for name in ("holds", "condition", "fails", "pending")),
    *((name, "paper") for name in ("holds", "condition", "fails", "pending")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS, ids=lambda name: name)
def test_colours_are_legible(front, back, theme):
    found = colours(theme)
    assert contrast(found[front], found[back]) >= 4.5


def test_both_themes_have_the_same_colours():
    assert colours("light").keys() == colours("dark").keys()
    for name in re.findall(r"var\(--([a-z-]+)\)", CSS):
        assert name in colours("light") or name.startswith("pst-") or f"--{name}:" in CSS, name


# Fonts, icons, the card


FONTS = re.findall(r'url\("(fonts/[^"]+)"\)', CSS)


def test_fonts_are_on_the_site_whole_and_small():
    assert len(FONTS) == 3 and sorted(FONTS) == sorted(f"fonts/{path.name}" for path in STATIC.glob("fonts/*.woff2"))
    for name in FONTS:
        data = (STATIC / name).read_bytes()
        assert data[:4] == b"wOF2" and int.from_bytes(data[8:12], "big") == len(data), name
    assert sum((STATIC / name).stat().st_size for name in FONTS) < 250_000


def test_fonts_have_their_licence():
    licence = (STATIC / "fonts" / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    families = set(re.findall(r"@font-face \{ font-family: (\w+)", CSS))
    assert families == {"Literata", "Inter"}
    assert all(f"The {family} Project Authors" in licence for family in families)


def test_style_sheet_asks_no_other_host():
    assert not re.search(r"https?:|//[a-z]|@import", CSS)


@pytest.mark.parametrize("name", draw_face.vectors())
def test_mark_is_the_one_that_is_drawn(name):
    text = (STATIC / name).read_text("utf-8")
    assert text == draw_face.vectors()[name]
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"


def test_mark_falls_faster_the_larger_the_rate():
    lines = re.findall(r'points="([^"]+)"', draw_face.mark(draw_face.LIGHT))
    ends = [float(line.split()[-1].split(",")[1]) for line in lines]
    assert len(ends) == len(draw_face.RATES) and ends == sorted(ends, reverse=True)  # the slowest is drawn last
    assert len({line.split()[0] for line in lines}) == 1


def test_mark_has_the_accent_of_the_style_sheet():
    assert (draw_face.LIGHT[0], draw_face.DARK[0]) == (colours("light")["accent"], colours("dark")["accent"])


@pytest.mark.parametrize(
    ("name", "size"), [("favicon.png", (48, 48)), ("touch-icon.png", (180, 180)), ("social-card.png", draw_face.CARD)]
)
def test_pictures_have_the_size_that_pages_tell(name, size):
    with Image.open(STATIC / name) as picture:
        assert picture.size == size and picture.format == "PNG"
    assert (STATIC / name).stat().st_size < 300_000
    assert (sharing.CARD["width"], sharing.CARD["height"]) == draw_face.CARD


# Descriptions and addresses


def page(*paragraphs):
    """A page with a title and paragraphs, each a list of nodes or a text."""
    document, section = nodes.section(), nodes.section("", nodes.title("", "Title"))
    document += section
    for children in paragraphs:
        children = [nodes.Text(children)] if isinstance(children, str) else children
        section += nodes.paragraph("", "", *children)
    return document


def test_description_is_the_text_after_the_place_in_the_paper():
    place = [nodes.emphasis("", "In the paper: section 2.")]
    assert sharing.description(page(place, "What is learnt?")) == "What is learnt?"
    assert sharing.description(page("No place.", "More.")) == "No place."
    assert sharing.description(page()) == ""


def test_description_leaves_out_the_labels_of_the_box_in_short():
    items = [nodes.list_item("", nodes.paragraph("", text)) for text in ("Question. Is it?", "Answer. It is.")]
    box = nodes.admonition("", nodes.bullet_list("", *items), classes=["in-short"])
    assert sharing.description(nodes.section("", box)) == "Is it? It is."


def test_description_ends_with_a_sentence_that_fits():
    first = "A sentence of some length that says what the page is about, and is long enough to stand alone in Eq. (9)."
    assert sharing.description(page(f"{first} {'And so on ' * 20}.")) == first
    long = sharing.description(page("word " * 100))
    assert long.endswith("word…") and len(long) <= sharing.LONGEST


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\lambda=0", "λ=0"),
        (r"\lambda\to\infty", "λ→∞"),
        (r"\varphi^{(k)}(x_i)", "φ^(k)(x_i)"),
        (r"\bar m", "m\u0304"),
        (r"\mathbf{x}", " x"),
        (r"\Lambda", "Λ"),
    ],
)
def test_formulas_of_a_description_are_characters(tex, text):
    assert sharing.plain(nodes.math("", tex)) == text


def test_a_page_of_a_site_without_address_names_none():
    tags = sharing.tags("Title", "Text", "Book", "", "")
    assert "http" not in tags and 'content="summary"' in tags


def test_a_page_of_a_site_with_address_names_it_and_escapes_its_words():
    tags = sharing.tags('A & "B"', "x < y", "Book", f"{SITE}book/page.html", SITE)
    assert 'property="og:title" content="A &amp; &quot;B&quot;"' in tags
    assert 'name="description" content="x &lt; y"' in tags
    assert f'property="og:url" content="{SITE}book/page.html"' in tags
    assert f'property="og:image" content="{SITE}_static/social-card.png"' in tags
    assert 'content="summary_large_image"' in tags


@pytest.mark.parametrize("given", ["https://owner.github.io/book", "https://owner.github.io/book/", f" {SITE} "])
def test_site_address_ends_with_one_slash(given, monkeypatch):
    monkeypatch.setenv("BOOK_SITE_URL", given)
    assert sharing.site_url() == SITE


def test_site_address_may_be_missing_but_not_wrong(monkeypatch):
    monkeypatch.delenv("BOOK_SITE_URL", raising=False)
    assert sharing.site_url() == ""
    monkeypatch.setenv("BOOK_SITE_URL", "owner.github.io/book")
    with pytest.raises(ValueError, match="BOOK_SITE_URL is 'owner.github.io/book'; expected an address"):
        sharing.site_url()


def test_sitemap_has_every_address_escaped():
    root = ElementTree.fromstring(sharing.sitemap(SITE, ["book/a.html", "book/b&c.html"]).encode())
    assert [place.text for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")] == [
        f"{SITE}book/a.html",
        f"{SITE}book/b&c.html",
    ]


# The page for addresses that lead nowhere, and the foot of a page


def rendered(name, **context):
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(ROOT / "book" / "_templates")).get_template(name).render(context)


@pytest.mark.parametrize("base", ["/", "/book/", ""])
def test_links_of_the_404_page_do_not_depend_on_the_address_that_failed(base):
    parts = [("", [("book/index.html", "Home")]), ("A & B", [("book/page.html", "x < y")])]
    text = rendered("404.html", base=base, parts=parts, site="Book")
    assert text.count("<base ") == bool(base)
    head, _, rest = text.partition(f'<base href="{base}">') if base else ("", "", text)
    assert "href=" not in head and "src=" not in head
    links = re.findall(r'(?:href|src)="([^"]+)"', rest)
    assert {"book/index.html", "book/page.html", "search.html", "_static/custom.css"} <= set(links)
    assert not any(link.startswith((".", "/", "http", "#")) for link in links)
    assert "A &amp; B" in text and "x &lt; y" in text


def test_foot_of_a_page_needs_no_script():
    text = rendered(
        "colophon.html", bibtex="@misc{a<b}", book_version="1.2", book_authors="A", last_updated="1 May 2026"
    )
    assert "<script" not in text and "onclick" not in text
    assert "<details" in text and "@misc{a&lt;b}" in text
    assert "Version 1.2, built on 1 May 2026" in text and "Edit this page" not in text


def test_foot_of_a_page_links_to_the_repository_when_there_is_one():
    links = colophon.links("https://github.com/owner/book", "main", "book/page.md")
    text = rendered("colophon.html", **links)
    assert 'href="https://github.com/owner/book/edit/main/book/page.md"' in text
    assert 'href="https://github.com/owner/book/issues/new?title=book/page.md"' in text


@pytest.mark.parametrize("url", ["", f"{SITE}book/theorem1.html"])
def test_citation_of_a_page_is_bibtex(url):
    ((key, entry),) = parse_string(colophon.bibtex("theorem1", "50 % of A & B", url), "bibtex").entries.items()
    assert key == "kdsrc-theorem1" and entry.type == "incollection"
    assert entry.fields["title"] == r"50 \% of A \& B"
    assert entry.fields["booktitle"] == CITATION["title"]
    assert entry.fields["note"] == f"Version {CITATION['version']}"
    assert entry.fields["year"] == str(CITATION["date-released"])[:4]
    assert entry.fields.get("url", "") == url
    assert [str(person) for person in entry.persons["author"]] == [f"{{{CITATION['authors'][0]['name']}}}"]


def test_citation_of_the_first_page_is_that_of_the_book():
    ((key, entry),) = parse_string(colophon.bibtex("index", "Why?", root=True), "bibtex").entries.items()
    assert (key, entry.type, entry.fields["title"]) == ("kdsrc", "misc", CITATION["title"])


def test_persons_are_named_in_their_order():
    person = {"family-names": "Haghir Chehreghani", "given-names": "Morteza"}
    assert colophon.author(person) == "Haghir Chehreghani, Morteza"
    assert colophon.spoken(person) == "Morteza Haghir Chehreghani"


# The configuration, and what the build repairs


def test_files_that_the_configuration_names_are_there():
    logo = CONFIG["sphinx"]["config"]["html_theme_options"]["logo"]
    for name in [CONFIG["html"]["favicon"], logo["image_light"], logo["image_dark"]]:
        assert (ROOT / name).is_file(), name
    assert logo["text"] == CONFIG["title"]
    for name in CONFIG["sphinx"]["config"]["html_theme_options"]["footer_content_items"]:
        assert (ROOT / CONFIG["sphinx"]["config"]["templates_path"][0] / name).is_file()
    assert set(CONFIG["sphinx"]["local_extensions"]) == {path.stem for path in (ROOT / "book" / "_ext").glob("*.py")}


@pytest.mark.parametrize("after", [".", ",", "?)", ":"])
def test_punctuation_stays_with_the_formula_before_it(after):
    formula = r'<span class="math notranslate nohighlight">\(\lambda\)</span>'
    assert (
        accessible.repaired(f"<p>{formula}{after} So</p>") == f'<p><span class="nobreak">{formula}{after}</span> So</p>'
    )
    assert accessible.repaired(f"<p>{formula} So{after}</p>") == f"<p>{formula} So{after}</p>"


def test_first_address_gets_the_tags_of_the_first_page(tmp_path, monkeypatch):
    """Those who share the site share its root, which only leads on."""
    monkeypatch.setenv("BOOK_SITE_URL", SITE)
    (tmp_path / "index.html").write_text("<html><head></head><body></body></html>", encoding="utf-8")
    tree = nodes.Element(entries=[(None, "book/page")], caption="Part")
    tree.tagname = "toctree"
    document = page("What is learnt?")
    document += tree
    titles = {name: SimpleNamespace(astext=lambda name=name: name) for name in ("book/index", "book/page")}
    app = SimpleNamespace(
        outdir=tmp_path,
        config=SimpleNamespace(root_doc="book/index", html_title="Book", project="Book"),
        env=SimpleNamespace(titles=titles, get_doctree=lambda name: document),
        builder=SimpleNamespace(
            name="html",
            get_target_uri=lambda name: f"{name}.html",
            templates=SimpleNamespace(render=lambda name, context: rendered(name, **context)),
        ),
    )
    for _ in range(2):  # a second build adds nothing
        sharing.finish(app, None)
    text = (tmp_path / "index.html").read_text("utf-8")
    assert text.count("og:title") == 1 and f'rel="canonical" href="{SITE}book/index.html"' in text
    assert '<base href="/book/">' in (tmp_path / "404.html").read_text("utf-8")
    assert f"{SITE}book/page.html" in (tmp_path / "sitemap.xml").read_text("utf-8")
