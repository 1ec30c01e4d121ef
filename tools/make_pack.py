"""The teaching pack: every figure of the book as SVG and PNG with its data as CSV, captions, licence; one zip.

make_pack.py [SITE] [--pages PAGE ...]      SITE/figures.zip, _build/html unless told; linked from the foot of the pages

Every page is executed once more, since the site keeps the pixels alone.
"""

import argparse
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pages
from make_pdf import link_from
from nbclient import NotebookClient

NAME = "figures.zip"
HOOK = (
    "import sys; sys.path.insert(0, {tools!r}); import figure_files; figure_files.save_into({folder!r}, get_ipython())"
)
README = """# Figures of the book

Every figure as `.svg` and `.png`, and as `.csv` what its axes hold: panel, kind (line, points, bars, image), label, x,
y, value. Text and figures: CC BY 4.0 (LICENSE-prose.txt). Cite the book when you show them (CITATION.cff).
"""


def figures(page):
    """(execution count, name, caption, alt text) of the cells of a page that have a caption."""
    code = [cell for cell in pages.read(page).cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=2):  # the first is the hook
        shown = cell.metadata.get("mystnb", {})
        if "figure" in shown:
            yield (
                number,
                shown["figure"].get("name", ""),
                shown["figure"]["caption"],
                shown.get("image", {}).get("alt", ""),
            )


def draw(page, folder):
    """Execute a page with its figures written into the folder; returns the lines that tell of them."""
    notebook = pages.read(page)
    code = HOOK.format(tools=str(pages.ROOT / "tools"), folder=str(folder))
    notebook.cells.insert(0, nbformat.from_dict(nbformat.v4.new_code_cell(code) | {"id": "hook"}))
    where = {"metadata": {"path": str(pages.REFERENCES)}}
    NotebookClient(notebook, timeout=pages.TIMEOUT, kernel_name="python3", resources=where).execute()
    told = []
    for number, name, caption, alt in figures(page):
        name = name or f"{page.stem}-{number}"
        made = sorted(folder.glob(f"cell{number}.*"))
        for path in made:
            path.rename(path.with_stem(name))
        told += [f"- **{name}** ({page.stem}): {caption} *{alt}*"] if made else []
    for path in folder.glob("cell*"):
        path.unlink()  # what has no caption is not shown
    return told


def pack(names=None):
    """{name in the zip: bytes} of all pages with figures, or of those named."""
    files, told = {}, []
    chosen = [page for page in pages.executable() if (not names or page.stem in names) and any(figures(page))]
    with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(2) as pool:
        folders = [Path(root) / page.stem for page in chosen]
        for folder in folders:
            folder.mkdir()
        for lines in pool.map(draw, chosen, folders):
            told += lines
        for path in sorted(Path(root).rglob("*.*")):
            files[f"figures/{path.relative_to(root)}"] = path.read_bytes()
    files["figures/README.md"] = (README + "\n" + "\n".join(told) + "\n").encode()
    files["figures/LICENSE-prose.txt"] = (pages.ROOT / "LICENSE-prose").read_bytes()
    files["figures/CITATION.cff"] = (pages.ROOT / "CITATION.cff").read_bytes()
    return files


def main():
    parser = argparse.ArgumentParser(description="Figures of the book with their data, in one zip.")
    parser.add_argument("site", nargs="?", type=Path, default=pages.ROOT / "_build" / "html")
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help="only these, as figure1")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").exists():
        return f"pack: no site in {arguments.site}; run make book first"
    files = pack(arguments.pages)
    with zipfile.ZipFile(arguments.site / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    link_from(arguments.site, NAME, "Figures with their data")
    count = sum(name.endswith(".svg") for name in files)
    print(f"{count} figures, {(arguments.site / NAME).stat().st_size / 1e6:.1f} MB: {arguments.site / NAME}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
