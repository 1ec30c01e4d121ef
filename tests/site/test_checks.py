"""Each check finds the fault that is planted for it, and nothing in a page without faults."""

import json

import checks
import pytest

GOOD = """<!DOCTYPE html><html lang="en"><head><link rel="stylesheet" href="style.css">
<link rel="canonical" href="https://example.org/page.html"><script src="code.js"></script></head>
<body><article><h1 id="top">Title</h1><h2>Part</h2><p>Text with <a href="#top">a link</a>,
<a href="https://example.org/">a far one</a> and <code>{glue:text}`name`</code>.</p>
<figure><img src="picture.png" alt="A line that falls from left to right.">
<figcaption>Loss against iterations.</figcaption></figure>
</article></body></html>"""
FAULTS = {
    "a file that is not there": (checks.broken_links, 'href="#top"', 'href="gone.html"'),
    "an anchor that is not there": (checks.broken_links, 'href="#top"', 'href="#bottom"'),
    "a picture that is not there": (checks.broken_links, "picture.png", "gone.png"),
    "an id twice": (checks.duplicate_ids, "<h2>", '<h2 id="top">'),
    "no alt text": (checks.poor_alt_texts, 'alt="A line that falls from left to right."', ""),
    "a path for alt text": (
        checks.poor_alt_texts,
        "A line that falls from left to right.",
        "../_images/0123456789abcdef.png",
    ),
    "no caption": (checks.missing_captions, "<figcaption>Loss against iterations.</figcaption>", ""),
    "no figure": (checks.missing_captions, "figure>", "div>"),
    "a foreign script": (checks.foreign_addresses, 'src="code.js"', 'src="https://cdn.example.org/code.js"'),
    "a foreign style": (checks.foreign_addresses, 'href="style.css"', 'href="//cdn.example.org/style.css"'),
    "a foreign picture": (checks.foreign_addresses, 'src="picture.png"', 'src="http://example.org/picture.png"'),
    "a foreign font": (
        checks.foreign_addresses,
        "</head>",
        "<style>@font-face{src:url('https://a.org/b.woff')}</style></head>",
    ),
    "code that asks a foreign host": (
        checks.foreign_addresses,
        "</head>",
        '<script>const THEBE_JS_URL = "https://unpkg.com/thebe"</script></head>',
    ),
    "a role that was not read": (checks.unfinished, "Text with", "Text with {glue:text}`name:.2f`"),
    "a traceback": (checks.unfinished, "Text with", "Traceback (most recent call last)"),
    "two titles": (checks.heading_jumps, "<h2>Part</h2>", "<h1>Part</h1>"),
    "a skipped level": (checks.heading_jumps, "<h2>Part</h2>", "<h3>Part</h3>"),
}


@pytest.fixture
def small_site(tmp_path):
    def write(page):
        (tmp_path / "book").mkdir(exist_ok=True)
        (tmp_path / "book" / "page.html").write_text(page, encoding="utf-8")
        for name in ["style.css", "code.js", "picture.png"]:
            (tmp_path / "book" / name).write_text("", encoding="utf-8")
        (tmp_path / "searchindex.js").write_text(f"Search.setIndex({json.dumps({'docnames': ['book/page']})})", "utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    "check",
    sorted({check for check, _, _ in FAULTS.values()} | {checks.missing_from_search}, key=lambda check: check.__name__),
    ids=lambda check: check.__name__,
)
def test_a_good_page_passes(check, small_site):
    assert check(small_site(GOOD)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, small_site):
    check, old, new = FAULTS[fault]
    assert old in GOOD
    assert len(check(small_site(GOOD.replace(old, new)))) >= 1


def test_a_foreign_address_in_a_style_sheet_is_found(small_site):
    site = small_site(GOOD)
    (site / "book" / "style.css").write_text("@import 'https://fonts.example.org/a.css';", encoding="utf-8")
    assert checks.foreign_addresses(site)


def test_a_page_that_search_does_not_know_is_found(small_site):
    site = small_site(GOOD)
    (site / "searchindex.js").write_text('Search.setIndex({"docnames": []})', encoding="utf-8")
    assert checks.missing_from_search(site) == ["page"]
