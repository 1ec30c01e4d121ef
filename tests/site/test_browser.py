"""The built site in a browser: formulas are set, nothing is asked of another host, axe-core finds no violation.

A page is opened once a width, and everything is looked at then; in its dark form only the colours are other.
"""

import pages
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from screenshots import MODES, WIDTHS, opened

TOC = yaml.safe_load((pages.ROOT / "_toc.yml").read_text("utf-8"))
NAMES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
VIOLATIONS = {"resultTypes": ["violations"]}  # the nodes that pass are thousands, and nobody reads them
COLOURS = VIOLATIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}
PLANTED = """<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<p style="color:#ccc;background:#fff">pale</p>
<p style="color:#333;background:#222">dim</p>
<style>.pale { color: #ccc; background: #fff }</style>
<pre><span>word</span> <span class="pale">x</span> <span class="pale">one</span> <span class="pale">two</span>
<span style="color:#ccc;background:#fff">styled</span></pre>"""
# axe's time grows with the square of a page: a word stands in for a formula, whose insides are MathJax's own; of words
# of code that look alike, by classes and styles from the word to the article, the first is looked at, and the others
# become text of their line (axe does not judge single letters, so they stand for no longer word); of the API, whose
# sections are all alike, the first ones are looked at
SHORTENED = """most => { document.querySelectorAll('mjx-container').forEach(formula => formula.textContent = 'formula');
    const look = element => element.matches('article') ? ''
        : `${element.className}|${element.style.cssText}/${look(element.parentElement)}`;
    const kind = word => `${word.checkVisibility()}/${word.textContent.trim().length > 1}/${look(word)}`;
    const words = [...document.querySelectorAll('article pre span')].map(word => [word, kind(word)]), seen = new Set();
    for (const [word, its] of words) seen.has(its) ? word.replaceWith(...word.childNodes) : seen.add(its);
    const sections = [...document.querySelectorAll('article section:has(> dl.py)')];
    while (document.querySelectorAll('*').length > most && sections.length) sections.pop().remove(); }"""
MOST_ELEMENTS = 2000
WRONG_FORMULA = '<p class="math">\\(\\frac{1}\\)</p>'


def violations(page, options=VIOLATIONS):
    """Rule and first place of each serious or critical violation."""
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:160]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def everything_wrong(page, width, asked, address):
    """What a page that is open in its light form shows to be wrong, in either form."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    sources, formulas = (page.locator(f"article {what}").count() for what in (".math", "mjx-container"))
    found = [f"asks {url}" for url in asked if not url.startswith((address, "data:", "blob:"))]
    found += [f"{wide} pixels wide, the screen has {width}"] if wide > width else []
    found += [f"formula in error: {text}" for text in page.locator("mjx-merror").all_text_contents()]
    found += [f"{sources} formulas, {formulas} set"] if formulas < sources else []
    page.evaluate(SHORTENED, MOST_ELEMENTS)
    found += violations(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    return found + [f"dark: {line}" for line in violations(page, COLOURS)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_page(name, width, chromium, address):
    with opened(chromium, f"{address}/{name}.html", WIDTHS[width], "light") as (page, asked):
        assert everything_wrong(page, WIDTHS[width], asked, address) == []


@pytest.mark.parametrize("mode", MODES)
def test_reader_gets_the_mode_of_the_system(mode, chromium, address):
    with opened(chromium, f"{address}/{NAMES[0]}.html", WIDTHS["desktop"], mode) as (page, _):
        assert page.locator("html").get_attribute("data-theme") == mode


def test_planted_faults_are_found(chromium, address):
    with opened(chromium, f"{address}/{NAMES[0]}.html", WIDTHS["desktop"], "light") as (page, asked):
        page.evaluate(
            "html => document.querySelector('article').insertAdjacentHTML('beforeend', html)",
            f'{PLANTED}<div style="width: 2000px">wide</div>{WRONG_FORMULA}',
        )
        page.evaluate("async () => { await MathJax.typesetPromise(); }")
        found = " | ".join(everything_wrong(page, WIDTHS["desktop"], [*asked, "https://a.org/b.js"], address))
    for fault in [
        "image-alt",
        "color-contrast (4)",
        "asks https://a.org/b.js",
        "pixels wide",
        "formula in error",
        "dark: color-contrast (4)",
    ]:
        assert fault in found, found
