"""Pictures of gains foretold and trained: every place has its square, in the colour of where its interval lies."""

from functools import partial

import drawn
import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from kdsrc.claims.gains import MARGIN  # noqa: E402
from kdsrc.report import phases, plots  # noqa: E402

SPREAD = 1e-3 * np.array([-1.0, 0.0, 1.0])
WITHIN, OUTSIDE, ACROSS = 0.2 * MARGIN + SPREAD, -3.0 * MARGIN + SPREAD, MARGIN + SPREAD
FOUND = {(100.0, 0.1): WITHIN, (400.0, 0.1): OUTSIDE, (100.0, 1.0): ACROSS, (400.0, 1.0): WITHIN}


squares = partial(drawn.squares, down=0.48)


def test_every_place_has_a_square_with_its_gap_and_the_colour_of_its_interval():
    (panel,) = phases.diagram({"λ = 0": FOUND})
    found = squares(panel)
    assert found[0, 0] == (plots.GREEN.lower(), "+1")
    assert found[1, 0] == (plots.VERMILION.lower(), "-15")
    assert found[0, 1] == (plots.GREY.lower(), "+5")
    assert found[1, 1] == (plots.GREEN.lower(), "+1") and len(found) == 4
    assert [text.get_text() for text in panel.get_xticklabels()] == ["100", "400"]
    assert [text.get_text() for text in panel.get_yticklabels()] == ["0.1", "1"]


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_an_empty_corner_has_the_legend(panels):
    axes = phases.diagram({f"λ = {i}": FOUND for i in range(panels)})
    beside = [ax for ax in axes[0].figure.axes if ax.get_legend()]
    assert len(beside) == (panels == 3) == (not axes[0].figure.legends)


def test_a_margin_decides_the_colours():
    assert phases.counted(FOUND) == {"within": 2, "reaches across": 1, "outside": 1}
    assert phases.counted(FOUND, margin=1.0) == {"within": 4, "reaches across": 0, "outside": 0}
    (panel,) = phases.diagram({"λ = 0": FOUND}, margin=1.0)
    assert {color for color, _ in squares(panel).values()} == {plots.GREEN.lower()}


@pytest.mark.parametrize(("gap", "shown"), [(0.026, "+3"), (-0.026, "-3"), (-0.001, "+0")])
def test_numbers_are_rounded_and_none_is_a_negative_zero(gap, shown):
    (panel,) = phases.diagram({"": {(100.0, 0.1): gap + SPREAD}})
    assert panel.texts[0].get_text() == shown


def test_gains_over_the_width_are_means_and_bands_are_intervals():
    foretold = {place: values - 0.5 for place, values in FOUND.items()}
    first, second = phases.by_width(FOUND, foretold)
    _, trained, ahead = first.lines  # the first one is the line at zero
    np.testing.assert_allclose(trained.get_ydata(), [WITHIN.mean(), OUTSIDE.mean()])
    np.testing.assert_allclose(ahead.get_ydata(), trained.get_ydata() - 0.5)
    np.testing.assert_allclose(second.lines[1].get_ydata(), [ACROSS.mean(), WITHIN.mean()])
    edges = first.collections[0].get_paths()[0].vertices
    half = np.ptp(edges[np.isclose(edges[:, 0], 100.0), 1]) / 2
    assert half == pytest.approx(4.302652729911275 * 1e-3 / np.sqrt(3), rel=1e-9)  # Student's, two degrees of freedom
    assert first.get_title(loc="left") == "scale 0.1"
