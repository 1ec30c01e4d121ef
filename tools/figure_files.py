"""In a page's kernel: write every figure that a cell draws as SVG, PNG and CSV, before the notebook closes it.

The files are named by the cell's execution count. A CSV holds what the axes hold, one row a point:
panel, kind (line, points, bars, image), label, x, y, value.
"""

import csv
from itertools import count, product
from pathlib import Path

import numpy as np

COLUMNS = ("panel", "kind", "label", "x", "y", "value")


def rows(figure):
    """What is drawn in a figure's axes, one tuple of `COLUMNS` a point."""
    for panel, ax in enumerate(figure.axes, start=1):
        for line in ax.lines:
            for x, y in line.get_xydata():
                yield panel, "line", line.get_label(), x, y, ""
        for points in ax.collections:
            for x, y in np.ma.filled(points.get_offsets(), np.nan):
                yield panel, "points", points.get_label(), x, y, ""
        for bars in ax.containers:
            for bar in (patch for patch in bars if hasattr(patch, "get_height")):
                yield panel, "bars", bars.get_label(), bar.get_x(), bar.get_y(), bar.get_width() * bar.get_height()
        for image in ax.images:
            values = np.asarray(image.get_array())
            if values.ndim == 2:
                for row, column in product(*map(range, values.shape)):
                    yield panel, "image", image.get_label(), column, row, values[row, column]


def write(figure, path):
    """PATH.svg, PATH.png, PATH.csv of a figure."""
    figure.savefig(path.with_suffix(".svg"))
    figure.savefig(path.with_suffix(".png"), dpi=200)
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row] for row in rows(figure))


def save_into(folder, shell):
    """From now on write what the cells of this IPython shell draw into the folder."""
    from matplotlib import pyplot as plt

    def after_cell():
        for number, name in zip(count(1), plt.get_fignums(), strict=False):
            suffix = "" if number == 1 else f"-{number}"
            write(plt.figure(name), Path(folder) / f"cell{shell.execution_count - 1}{suffix}")

    # before the notebook's own, which closes them
    shell.events.callbacks["post_execute"].insert(0, after_cell)
