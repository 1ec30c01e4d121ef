"""Figures: what is drawn is what was given; labels keep apart; colours are legible on both pages and for all eyes."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from kdsrc.claims.words import VERDICTS, slug  # noqa: E402
from kdsrc.report import page, plots  # noqa: E402
from kdsrc.report.plots import labels  # noqa: E402
from kdsrc.studies import causes, figure1, figure2, figure3, figure4, horizon  # noqa: E402

CSS = Path(__file__).resolve().parents[1] / "book" / "_static" / "custom.css"
DARK = "#121212"
# Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


def linear(color):
    """Linear RGB of an sRGB colour."""
    rgb = np.array(mpl.colors.to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2's contrast ratio."""
    high, low = sorted((linear(color) @ [0.2126, 0.7152, 0.0722] + 0.05 for color in (one, other)), reverse=True)
    return high / low


def on_a_dark_page(color):
    """CSS invert(0.93), then hue-rotate(180deg), as in custom.css."""
    rotation = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])
    inverted = 0.93 + (1 - 2 * 0.93) * np.array(mpl.colors.to_rgb(color))
    return np.clip(rotation @ inverted, 0, 1)


def lab(rgb_linear):
    """CIE L*a*b* of linear RGB, D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb_linear
    f = np.array([np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / [0.9505, 1.0, 1.089]])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def made_up(seeds=5, steps=20):
    """Curves of three arms with known medians: seed s has base + s - 2."""
    iterations = np.arange(steps)
    curve = {
        arm: {"iterations": iterations, "train_loss": base + np.arange(seeds)[:, None] - 2.0 + 0.0 * iterations}
        for arm, base in (("teacher", 10.0), ("student_alone", 20.0), ("student_taught", 30.0))
    }
    return SimpleNamespace(curves=curve)


@pytest.mark.parametrize(
    "color", sorted({style.color for style in plots.STYLES.values()} | {plots.INK} | {*plots.PALETTE})
)
def test_every_colour_is_legible_on_both_pages(color):
    assert contrast(color, "white") >= 4.5
    assert contrast(on_a_dark_page(color), DARK) >= 4.5


@pytest.mark.parametrize("eyes", BLINDNESS)
def test_main_arms_stay_apart_for_colour_blind_eyes(eyes):
    """Ten is several times what is just noticeable (2.3 in L*a*b*)."""
    colors = {plots.STYLES[arm].color for arm in figure1.ARMS}
    seen = [lab(np.clip(np.array(BLINDNESS[eyes]) @ linear(color), 0, 1)) for color in colors]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 10


@pytest.mark.parametrize("study", [figure1, figure2, figure3, figure4, causes, horizon], ids=lambda s: s.__name__)
def test_arms_of_every_study_have_a_style_of_their_own(study):
    looks = [(plots.style(arm).color, plots.style(arm).dash) for arm in study.ARMS]
    labels = [plots.style(arm).label for arm in study.ARMS]
    assert len(set(labels)) == len(labels)
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(("band", "low", "high"), [("range", 8.0, 12.0), ("quartiles", 9.0, 11.0)])
def test_curves_draw_median_and_band(band, low, high):
    ax = plots.curves(made_up(), arms=["teacher"], band=band)
    assert np.all(ax.lines[0].get_ydata() == 10.0)
    ys = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (ys.min(), ys.max()) == (low, high)


def test_curves_draw_the_arms_that_are_asked_for_in_their_order():
    ax = plots.curves(made_up(), arms=["student_taught", "teacher"], band=None)
    assert [line.get_label() for line in ax.lines] == ["student taught", "teacher"]
    assert not ax.collections
    assert ax.get_yscale() == "log" and ax.get_ylabel() == "training loss"


def test_curves_take_histories_of_one_run():
    history = SimpleNamespace(iterations=np.arange(3), test_accuracy=np.array([0.5, 0.7, 0.9]))
    ax = plots.curves({"teacher": history}, "test_accuracy")
    assert np.array_equal(ax.lines[0].get_ydata(), history.test_accuracy)
    assert ax.get_yscale() == "linear" and not ax.collections


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"arms": ["nobody"]}, "no style"),
        ({"arms": ["alone_long"]}, "expected one of teacher"),
        ({"metric": "test_loss"}, "expected one of iterations"),
        ({"band": "sd"}, "range, quartiles"),
    ],
)
def test_curves_say_what_was_expected(arguments, word):
    with pytest.raises(ValueError, match=word):
        plots.curves(made_up(), **arguments)


def test_end_labels_do_not_overlap():
    styles = {f"arm{i}": plots.Style(plots.BLUE, f"label {i}") for i in range(8)}
    curves = {arm: {"iterations": np.arange(5), "x_loss": np.full(5, 1.0 + 1e-3 * i)} for i, arm in enumerate(styles)}
    curves["far"] = {"iterations": np.arange(5), "x_loss": np.full(5, 100.0)}
    ax = plots.curves(curves, "x_loss", styles=styles | {"far": plots.Style(plots.GREEN, "far")})
    ax.figure.canvas.draw()
    boxes = [mpl.text.Text.get_window_extent(text) for text in ax.texts]  # without the leader
    assert len(boxes) == 9
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_end_labels_are_written_once():
    ax = plots.curves(made_up())
    assert len(labels.end_labels(ax).texts) == 3


@pytest.mark.parametrize(
    ("ranked", "down"), [(True, ["teacher", "alone", "taught"]), (False, ["taught", "alone", "teacher"])]
)
def test_ranked_labels_have_the_order_of_drawing_whatever_the_ends(ranked, down):
    names = labels.end_labels(plots.curves(made_up()), ranked=ranked).texts
    heights = {name.get_text().split()[-1]: name.xyann[1] for name in names}
    assert sorted(heights, key=heights.get, reverse=True) == down
    assert np.diff(sorted(heights.values())).min() > 0.03


@pytest.mark.parametrize(
    ("wanted", "places"), [([0.0, 0.0], [0.1, 0.3]), ([1.0, 0.0], [0.9, 0.1]), ([0.95, 1.0], [0.7, 0.9])]
)
def test_labels_stay_beside_the_axes(wanted, places):
    assert np.allclose(labels._apart(np.array(wanted), 0.2), places)


def test_too_many_labels_stand_out_at_both_ends_alike():
    places = labels._apart(np.zeros(6), 0.2)
    assert np.allclose(places, 0.5 + 0.2 * np.arange(-2.5, 3))


def test_labels_that_have_room_stay_where_the_lines_end():
    assert np.allclose(labels._apart(np.array([0.9, 0.1, 0.5]), 0.1), [0.9, 0.1, 0.5])


def test_labels_without_room_move_as_little_as_possible():
    """Two at one place move half the gap each; order is kept."""
    assert np.allclose(labels._apart(np.array([0.5, 0.5, 0.1]), 0.2), [0.4, 0.6, 0.1])


def test_histograms_count_what_they_are_given():
    ax = plots.histograms({"a": [0.5, 1.5, 1.6], "b": [2.5]}, bins=np.arange(4), density=False)
    tops = [patch.get_xy()[:, 1].max() for patch in ax.patches]
    assert tops == [2, 2, 1, 1]  # filled and outline of each
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_intervals_draw_their_numbers():
    ax = plots.intervals({"x": (1.0, 0.5, 2.0), "y": (3.0, 2.0, 4.0)}, reference=1.0)
    assert [list(line.get_xdata()) for line in ax.lines[:2]] == [[0.5, 2.0], [1.0]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "y"] and ax.yaxis_inverted()


def test_nothing_outside_a_figure_is_changed():
    before = dict(mpl.rcParams)
    plots.curves(made_up())
    plots.figure(1, 2)
    assert dict(mpl.rcParams) == before


def test_shades_are_ordered_from_dark_to_light():
    light = [linear(color) @ [0.2126, 0.7152, 0.0722] for color in plots.shades(6)]
    assert light == sorted(light) and len(set(light)) == 6


@pytest.mark.parametrize("seen", [lambda color: color, on_a_dark_page], ids=["light", "dark"])
@pytest.mark.parametrize("count", [3, 5, 6, 7])
def test_shades_are_told_apart(seen, count):
    colors = [seen(color) for color in plots.shades(count)]
    places = [lab(linear(color)) for color in colors]
    assert min(np.linalg.norm(b - a) for a, b in itertools.combinations(places, 2)) > 20
    assert min(contrast(color, DARK if seen is on_a_dark_page else "white") for color in colors) >= 4.5


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdict_box_says_it_in_words_and_has_a_style(verdict):
    box = page.verdict_box(verdict, r"a < b & \(c\)")
    css = CSS.read_text("utf-8")
    assert f"Verdict: {verdict}" in box._repr_html_() and "a &lt; b &amp; \\(c\\)" in box._repr_html_()
    assert repr(box) == f"Verdict: {verdict}. a < b & \\(c\\)"
    assert f".verdict-{slug(verdict)} " in css or f".verdict-{slug(verdict)}," in css


def test_a_word_that_no_verdict_has_is_refused():
    with pytest.raises(ValueError, match="verdict_box: got 'does not reproduce'"):
        page.verdict_box("does not reproduce", "")


def test_interactive_mode_that_a_backend_turns_on_inside_stays_on():
    before = mpl.is_interactive()
    try:
        mpl.interactive(False)
        with plots.context():
            mpl.interactive(True)
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)
