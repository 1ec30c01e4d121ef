"""What readers take home: figures with their data, what Binder installs, links to what was made."""

import csv
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import figure_files  # noqa: E402
import make_pack  # noqa: E402
import make_pdf  # noqa: E402
import try_binder  # noqa: E402

mpl.use("Agg")
PAGE = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Page

```{code-cell} ipython3
---
mystnb: {figure: {name: fig-planted, caption: Two points.}, image: {alt: A line that rises.}}
---
from matplotlib import pyplot as plt
_ = plt.plot([0, 1], [2, 3])
```

```{code-cell} ipython3
_ = plt.plot([0, 1], [5, 6])
```
"""


def test_data_of_a_figure_are_what_was_drawn(tmp_path):
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([0, 1], [2.5, 3], label="line")
    left.scatter([7], [8], label="dot")
    left.bar([4], [5], width=0.5, label="bar")
    right.imshow(np.array([[1.0, 2], [3, 4]]))
    figure_files.write(figure, tmp_path / "it")
    plt.close(figure)
    with (tmp_path / "it.csv").open() as file:
        head, *rows = csv.reader(file)
    assert tuple(head) == figure_files.COLUMNS
    assert rows[:2] == [["1", "line", "line", "0", "2.5", ""], ["1", "line", "line", "1", "3", ""]]
    assert ["1", "points", "dot", "7", "8", ""] in rows and ["1", "bars", "bar", "3.75", "0", "2.5"] in rows
    assert [row[3:] for row in rows if row[1] == "image"] == [list("001"), list("102"), list("013"), list("114")]
    assert (tmp_path / "it.svg").read_text().startswith("<?xml") and (tmp_path / "it.png").stat().st_size > 1000


def test_a_page_gives_the_figures_that_have_a_caption(tmp_path):
    page, folder = tmp_path / "page.md", tmp_path / "page"
    page.write_text(PAGE)
    folder.mkdir()
    told = make_pack.draw(page, folder)
    assert told == ["- **fig-planted** (page): Two points. *A line that rises.*"]
    assert sorted(path.name for path in folder.iterdir()) == [f"fig-planted.{kind}" for kind in ("csv", "png", "svg")]
    assert (folder / "fig-planted.csv").read_text().splitlines()[1:] == ["1,line,_child0,0,2,", "1,line,_child0,1,3,"]


def test_what_was_made_is_linked_once_from_each_page(tmp_path):
    for name in ("index.html", "book/page.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"<p>{make_pdf.PLACE}</p>")
    for _ in range(2):
        make_pdf.link_from(tmp_path, "book.pdf", "The book as PDF")
        make_pdf.link_from(tmp_path, "figures.zip", "Figures")
    text = (tmp_path / "book" / "page.html").read_text()
    assert text.count('<a href="../book.pdf">The book as PDF</a>') == 1 and text.count("figures.zip") == 1
    assert '<a href="book.pdf">' in (tmp_path / "index.html").read_text()
    assert make_pdf.PLACE in (ROOT / "book" / "_templates" / "colophon.html").read_text("utf-8")


@pytest.mark.parametrize("own", [False, True])
def test_binder_environment_is_made_from_its_folder_alone(own, tmp_path, monkeypatch):
    seen = {}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()

    def run(command, **options):
        seen["lines"] = Path(command[-1]).read_text().splitlines()
        seen["where"] = options["cwd"]

    monkeypatch.setattr(try_binder.subprocess, "run", run)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert try_binder.environment(tmp_path, own) == tmp_path / "bin" / "python"
    assert seen["where"] == ROOT and "-e ." in seen["lines"]
    assert f"--constraint {ROOT}/requirements.lock" in seen["lines"]
    assert any(line.startswith("--extra-index-url") for line in seen["lines"]) != own
    assert "PYTHONPATH" not in try_binder.clean()
