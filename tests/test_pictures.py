"""Pictures: one style wherever they are drawn, letters that a phone shows large enough, maps for either page."""

import io
import itertools
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.text import Text  # noqa: E402
from test_plotting import linear, on_a_dark_page  # noqa: E402

from kdsrc import records  # noqa: E402
from kdsrc.claims import VERDICTS, words  # noqa: E402
from kdsrc.claims.framework import Verdict  # noqa: E402
from kdsrc.report import comparisons, drawings, grids, headline, moving, phases, plots, scorecard  # noqa: E402
from kdsrc.report.plots import labels  # noqa: E402

PAGES = {path.stem: path.read_text("utf-8") for path in (Path(__file__).resolve().parents[1] / "book").glob("*.md")}
PHONE = 358  # pixels that a screen of 390 leaves a picture
SMALLEST = 8.5  # of them, for a letter
ROUND = 0.2  # inches that a notebook leaves around a picture


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


def verdict(number):
    among = (words.HOLDS, words.HOLDS_SMALL, words.NO_EFFECT, words.UNDECIDED, words.OPPOSITE_SMALL, words.OPPOSITE)
    return Verdict(among[number % 6], -1.0, (-2.0, 0.0), "")


def judged(number):
    """A claim of the theory and its verdict, which takes its turn."""
    claim = SimpleNamespace(record="live", origin=("paper", "book")[number % 2])
    return claim, SimpleNamespace(verdict=VERDICTS[number % len(VERDICTS)])


def waves():
    places = np.linspace(0.1, 3.0, 10)
    return moving.modes(places, np.sin(places), np.diag(np.arange(10.0, 0, -1)), shown=4)


def fractions():
    """Its labels have one decimal or two, as large as letters leave room for marks."""
    ax = plots.figure(size=(6.5, 3.4))[1]
    ax.set(xscale="log", xlabel="rate", ylim=(-0.55, 1.05), ylabel="factor")
    return ax


PAIRS = {pair: verdict(number) for number, pair in enumerate(itertools.combinations(range(10), 2))}
LEVELS = {f"outputs {row}": {f"{10 * level} %": verdict(row + level) for level in range(4)} for row in range(15)}
GAINS = {(width, std): 1e-2 * np.arange(3.0) for width in (100.0, 400.0) for std in (0.1, 1.0)}
MAIN = ["teacher", "student_alone", "student_taught"]
PICTURES = {
    "curves": lambda: plots.curves(records.load("figure1")),
    "intervals": lambda: plots.intervals({"a": (1.0, 0.5, 2.0)}, xlabel="change"),
    "histograms": lambda: plots.histograms({"a": [0.5, 1.5, 1.6]}),
    "over_iterations": lambda: comparisons.over_iterations(
        records.load("figure1"), {"taught": (MAIN[2], MAIN[1])}, ax=plots.figure(size=(6.0, 2.4))[1]
    ),
    "headline": lambda: headline.picture(records.load("figure1")),
    "model": drawings.model,
    "pairs": lambda: grids.pairs({"one": (PAIRS, PAIRS), "two": (PAIRS, PAIRS)})[0],
    "levels": lambda: grids.levels({"at the end": LEVELS, "at its best": LEVELS})[0],
    "diagram": lambda: phases.diagram({"λ = 0": GAINS, "λ = 0.1": GAINS})[0],
    "by_width": lambda: phases.by_width(GAINS, GAINS)[0],
    "scorecard": lambda: scorecard.picture([judged(number) for number in range(9)])[0],
    "arms": lambda: moving.arms(records.load("figure1"), MAIN, main=MAIN).still()[0],
    "modes": lambda: waves().still()[0],
    "fractions": fractions,
}


def pixels(figure):
    """The smallest letters of a figure where a phone shows it, in CSS pixels, and what they say."""
    figure.draw_without_rendering()
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    inches = figure.get_tightbbox().width + ROUND
    return min((text.get_fontsize() / 72 * PHONE / inches, text.get_text()) for text in shown)


@pytest.mark.parametrize("name", PICTURES)
def test_letters_are_large_enough_on_a_phone(name):
    size, text = pixels(PICTURES[name]().figure)
    assert size >= SMALLEST, f"{text!r} is {size:.1f} pixels tall"


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_cut_off_where_a_notebook_crops_a_picture(name):
    figure, target = PICTURES[name]().figure, io.BytesIO()
    figure.savefig(target, bbox_inches="tight", pad_inches=ROUND / 2, dpi=figure.dpi)
    image, edge = plt.imread(io.BytesIO(target.getvalue())), int(figure.dpi * ROUND / 2) - 4  # less what a line is wide
    rims = image[:edge], image[-edge:], image[:, :edge], image[:, -edge:]
    assert all((rim == 1.0).all() for rim in rims) and (image < 0.5).any()


@pytest.mark.parametrize("width", [5.0, 6.0, 9.0])
def test_a_figure_of_any_width_has_large_letters(width):
    drawing, ax = plots.figure(size=(width, 3.0))
    ax.plot([0, 1], [1, 2], label="rising")
    labels.end_labels(ax)
    assert pixels(drawing)[0] >= SMALLEST


def test_what_is_drawn_into_a_figure_later_has_the_style_of_the_book():
    drawing, ax = plots.figure(size=(5.0, 3.0))
    size = pytest.approx(9.5)
    (line,) = ax.plot([0, 1], [0, 1], label="line")
    ax.set(title="title", xlabel="x", xticks=[0, 1], xticklabels=["none", "all"])
    legend = ax.legend()
    image = ax.imshow([[0.0, 1.0]])
    bar = drawing.colorbar(image, label="bar")
    drawing.draw_without_rendering()
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels(), *bar.ax.get_yticklabels()]
    written = [*legend.get_texts(), ax.text(0, 0, "here"), ax.annotate("there", (0, 0)), ax.xaxis.label]
    written += [bar.ax.yaxis.label, drawing.supxlabel("below"), *ticks]
    assert [text.get_fontsize() for text in written] == [size] * len(written)
    assert {text.get_color() for text in written} == {plots.INK}
    assert ax.get_title(loc="left") == "title" and not ax.get_title()
    assert not legend.get_frame_on() and line.get_linewidth() == 1.8
    assert image.get_cmap().name == plots.figure()[1].imshow([[0.0]]).get_cmap().name != mpl.rcParams["image.cmap"]


@pytest.mark.parametrize("name", sorted(name for name, text in PAGES.items() if "{code-cell}" in text))
def test_pages_leave_the_sizes_of_letters_to_the_book(name):
    cells = "".join(re.findall(r"^```\{code-cell\}.*?^```", PAGES[name], flags=re.S | re.M))
    assert not re.findall(r"\b(?:fontsize|labelsize|rcParams|plt)\b", cells)


def test_long_names_at_the_ends_of_lines_are_broken_where_all_have_room():
    names = ["student alone, twice as long", "teacher", "random start, λ = 0.01"]
    broken = ["student alone,\ntwice as long", "teacher", "random start,\nλ = 0.01"]
    assert labels._written(names, 20.0)[0] == broken and labels._written(names, 5.0)[0] == names
    assert labels._written(broken, 12.5)[1] == pytest.approx([0.2, 0.1, 0.2])
    heights = np.array([0.2, 0.1])
    assert np.diff(labels._apart(np.array([0.5, 0.5]), heights)) == pytest.approx(heights.mean())


def light(color):
    return linear(color) @ [0.2126, 0.7152, 0.0722]


def maps():
    """Those that pages name, and the one that they get unless they name one."""
    with plots.context():
        named = {mpl.rcParams["image.cmap"]}
    return sorted(named.union(*(re.findall(r"cmap=\"(\w+)\"", text) for text in PAGES.values())))


@pytest.mark.parametrize("name", maps())
def test_more_of_a_map_stands_out_more_on_either_page(name):
    """A map begins at the page, or has its middle there: it grows darker on white, lighter in the dark."""
    colors = mpl.colormaps[name](np.linspace(0.0, 1.0, 33))[:, :3]
    halves = [colors[16:], colors[16::-1]] if light(colors[16]) > light(colors[0]) else [colors]
    for half in halves:
        assert light(half[0]) > 0.8 and light(on_a_dark_page(half[0])) < 0.05
        assert np.all(np.diff([light(color) for color in half[1:]]) < 0)
        assert np.all(np.diff([light(on_a_dark_page(color)) for color in half[1:]]) > 0)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_stands_beyond_the_edge_of_a_picture(name):
    """Where something does, the picture grows, and its letters shrink on a phone."""
    drawing = PICTURES[name]().figure
    drawing.draw_without_rendering()
    box, (width, height) = drawing.get_tightbbox(), drawing.get_size_inches()
    assert box.x0 > -0.1 and box.y0 > -0.1 and box.x1 < width + 0.1 and box.y1 < height + 0.1
