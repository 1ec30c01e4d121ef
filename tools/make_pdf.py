"""The whole book as one PDF, made of the built site: every page printed after its formulas are set, joined in order.

make_pdf.py [SITE]      SITE/book.pdf, _build/html unless told; the foot of every page of the site then links to it

Proofs, solutions and tables that are folded are opened; code that is folded stays away. Links between pages lead to
pages of the PDF. Needs a Chromium.
"""

import argparse
import io
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pages
import screenshots
import yaml
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

NAME = "book.pdf"
PLACE = "<!-- to carry away -->"  # in the foot of a page
OPENED = """() => { const folded = 'details.sd-dropdown, details.part, .tag_hide-cell > details';
    document.querySelectorAll(folded).forEach(one => one.open = true);
    document.querySelectorAll('.toggle-hidden').forEach(one => one.classList.remove('toggle-hidden')); }"""
PAPER = {"format": "A4", "margin": {side: "18mm" for side in ("top", "bottom", "left", "right")}, "tagged": True}


def printed(running, address):
    """(title, PDF) of a page."""
    with screenshots.opened(running, address, screenshots.WIDTHS["desktop"], "light") as (page, _):
        page.evaluate(OPENED)
        title = page.locator("article h1").first.evaluate("one => one.firstChild ? one.innerText : ''")
        return title.rstrip("#").strip(), page.pdf(**PAPER)


def lead_inside(writer, starts, address):
    """Turn links to other pages of the site into links to their first sheet."""
    for sheet in writer.pages:
        for reference in sheet.get("/Annots", ()):
            link = reference.get_object()
            url = str(link.get("/A", {}).get("/URI", ""))
            name = urlsplit(urldefrag(url)[0]).path.strip("/").removesuffix(".html")
            if url.startswith(address) and name in starts:
                del link["/A"]
                link[NameObject("/Dest")] = ArrayObject(
                    [writer.pages[starts[name]].indirect_reference, NameObject("/Fit")]
                )


def book(site, running, names=None):
    """The PDF of the site's pages, or of those named, as bytes; `running` is a browser."""
    writer, starts, parts = PdfWriter(), {}, {}
    with screenshots.served(site) as address:
        for part, name in pages.listed():
            if names and Path(name).name not in names:
                continue
            title, data = printed(running, f"{address}/{name}.html")
            starts[name] = len(writer.pages)
            for sheet in PdfReader(io.BytesIO(data)).pages:
                writer.add_page(sheet)
            if part and part not in parts:
                parts[part] = writer.add_outline_item(title=part, page_number=starts[name])
            writer.add_outline_item(title=title, page_number=starts[name], parent=parts.get(part))
        lead_inside(writer, starts, address)
    writer.compress_identical_objects()
    citation = yaml.safe_load((pages.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    writer.add_metadata({"/Title": citation["title"], "/Subject": f"Version {citation['version']}"})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def link_from(site, file, words):
    """Link to a file of the site in the foot of each of its pages, once."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        href = "../" * (len(path.relative_to(site).parts) - 1) + file
        link = f'<a href="{href}">{words}</a> '
        if PLACE in text and link not in text:
            path.write_text(text.replace(PLACE, link + PLACE, 1), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="The whole book as one PDF.")
    parser.add_argument("site", nargs="?", type=Path, default=pages.ROOT / "_build" / "html")
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help="only these, as figure1")
    arguments = parser.parse_args()
    if screenshots.chromium() is None:
        return f"pdf: no Chromium found (tried {', '.join(screenshots.BROWSERS)}); install one"
    if not (arguments.site / "index.html").exists():
        return f"pdf: no site in {arguments.site}; run make book first"
    with screenshots.browser() as running:
        data = book(arguments.site, running, arguments.pages)
    (arguments.site / NAME).write_bytes(data)
    link_from(arguments.site, NAME, "The book as PDF")
    print(f"{len(PdfReader(io.BytesIO(data)).pages)} sheets, {len(data) / 1e6:.1f} MB: {arguments.site / NAME}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
