"""What of an open page is wider than its column: formulas, tables, outputs, lines of code. Measured in the browser.

widths.py SITE [FILE]      every page of a built site at both widths; the list as Markdown, into the file
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from screenshots import WIDTHS, browser, opened, resize, served  # noqa: E402

# What is folded has no width before it is opened.
UNFOLD = """() => { document.querySelectorAll('article details').forEach(one => one.open = true);
    document.querySelectorAll('.toggle-hidden').forEach(one => one.classList.remove('toggle-hidden')); }"""
KINDS = {
    "formula": "mjx-container",
    "table": ".bd-article table, .verdicts",
    "output": ".cell_output .output, .cell_output pre",
    "code": ".cell_input pre, .bd-article > section pre",
}
# An element is too wide when it scrolls inside, or stands beyond the edge of what holds it. A formula is as wide as
# what is drawn of it: its container also holds a copy for screen readers.
MEASURE = """kinds => {
    const found = [], seen = [], article = document.querySelector('.bd-article');
    const edge = article.getBoundingClientRect().right - (parseFloat(getComputedStyle(article).paddingRight) || 0);
    const beyond = (kind, one) => {
        const cell = one.closest('.cell'), right = cell ? cell.getBoundingClientRect().right : edge;
        if (kind !== 'formula')
            return Math.max(one.scrollWidth - one.clientWidth, one.getBoundingClientRect().right - right);
        const drawn = one.querySelector('mjx-math').getBoundingClientRect();
        const room = one.getAttribute('display') ? one.getBoundingClientRect() : { left: drawn.left, right };
        return Math.max(drawn.right - room.right, room.left - drawn.left);
    };
    for (const [kind, selector] of Object.entries(kinds))
        for (const one of article.querySelectorAll(selector)) {
            if (!one.checkVisibility() || one.closest('.moving, dl.py, .colophon')) continue;
            const pixels = Math.round(beyond(kind, one));
            if (pixels <= 1 || seen.some(other => other.contains(one))) continue;
            seen.push(one);
            const text = one.querySelector('mjx-assistive-mml')?.textContent ?? one.textContent;
            found.push([kind, pixels, text.trim().replace(/\\s+/g, ' ').slice(0, 70)]);
        }
    return found;
}"""


def too_wide(page, kinds=KINDS):
    """(kind, pixels too many, first words) of everything on an open page that is wider than its column."""
    page.evaluate(UNFOLD)
    return [tuple(row) for row in page.evaluate(MEASURE, {kind: KINDS[kind] for kind in kinds})]


def kinds_at(size):
    """What must fit at this width: lines of code may scroll on a phone."""
    return KINDS if size == "desktop" else [kind for kind in KINDS if kind != "code"]


def main():
    parser = argparse.ArgumentParser(description="What is wider than its column, page by page.")
    parser.add_argument("site", type=Path)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--pages", nargs="+", metavar="PAGE", default=[])
    arguments = parser.parse_args()
    lines = []
    with served(arguments.site) as address, browser() as running:
        for name in arguments.pages or sorted(path.stem for path in (arguments.site / "book").glob("*.html")):
            with opened(running, f"{address}/book/{name}.html", WIDTHS["desktop"], "light") as (page, _):
                for size, width in WIDTHS.items():
                    resize(page, width)
                    rows = too_wide(page, kinds_at(size))
                    if rows:
                        lines += [f"## {name}, {width} px: {len(rows)}", ""]
                        lines += [f"- {kind}, {pixels} px too wide: `{text}`" for kind, pixels, text in rows] + [""]
    text = "\n".join(lines) or "Nothing is wider than its column.\n"
    arguments.file.write_text(text, encoding="utf-8") if arguments.file else print(text)


if __name__ == "__main__":
    main()
