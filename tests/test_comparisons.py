"""Two arms of a record beside each other, on planted losses."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import records
from kdsrc.report import plots
from kdsrc.report.comparisons import change, over_iterations, strip

STEPS = np.array([0, 10, 100, 1000])
SPREAD = np.array([1.0, 1.5, 0.7])[:, None]  # of the seeds, shared by both arms


def planted(*factors):
    """A record of two arms whose losses are in these ratios at the recorded iterations, in every seed."""
    base = SPREAD * np.array([1.0, 0.8, 0.5, 0.4])
    curves = {
        "b": {"iterations": STEPS, "train_loss": base, "test_loss": base},
        "a": {"iterations": STEPS, "train_loss": base * np.array(factors), "test_loss": base / np.array(factors)},
    }
    return SimpleNamespace(curves=curves, seeds=[0, 1, 2])


def test_a_change_is_the_planted_one_at_the_end_and_on_the_way():
    record = planted(1.0, 0.5, 1.25, 0.9)
    last = change(record, "a", "b")
    assert np.allclose([last.effect, last.low, last.high], -10.0, atol=1e-10)
    assert np.isclose(change(record, "a", "b", at=10).effect, -50.0, atol=1e-10)
    assert np.isclose(change(record, "b", "a", at=100).effect, -20.0, atol=1e-10)
    with pytest.raises(ValueError, match="at=11; expected a recorded iteration, up to 1000"):
        change(record, "a", "b", at=11)


def test_the_line_goes_through_the_changes_and_the_stripe_is_the_smallest_effect():
    ax = over_iterations(planted(1.0, 0.5, 1.25, 0.9), {"pair": ("a", "b")})
    (line,) = [line for line in ax.lines if line.get_label() == "pair"]
    np.testing.assert_array_equal(line.get_xdata(), STEPS[1:])
    np.testing.assert_allclose(line.get_ydata(), [-50.0, 25.0, -10.0], atol=1e-10)
    stripe = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert np.allclose([stripe.y0, stripe.y1], [-5.0, 5.0])


def test_a_line_looks_like_its_arm_unless_two_pairs_have_the_same():
    record, arms = records.load("figure2"), ("taught_penalty_0.1", "taught_penalty_1")
    own = over_iterations(record, {arm: (arm, "taught_penalty_0") for arm in arms})
    look = {line.get_label(): line.get_color() for line in own.lines}
    assert [look[arm] for arm in arms] == [plots.style(arm).color for arm in arms]
    twice = over_iterations(record, {other: (arms[0], other) for other in ("taught_penalty_0", "teacher")})
    first, second = [line for line in twice.lines if not line.get_label().startswith("_")]
    assert first.get_color() != second.get_color() and first.get_linestyle() != second.get_linestyle()


def test_a_strip_has_the_word_for_each_horizon():
    steps, factors = np.array([0, 50, 100, 1_000]), np.array([1.0, 0.5, 1.25, 0.97])
    base = SPREAD * np.array([1.0, 0.8, 0.5, 0.4])
    noise = np.exp(1e-3 * np.arange(3))[:, None]
    curves = {
        "b": {"iterations": steps, "train_loss": base, "test_loss": base},
        "a": {"iterations": steps, "train_loss": base * factors * noise, "test_loss": base / factors * noise},
        "longer": {"iterations": np.array([0, 2_000]), "train_loss": base[:, :2], "test_loss": base[:, :2]},
    }
    dataset = {"name": "planted", "n_train": 1, "n_test": 1, "sha256": ""}
    record = records.Record("planted", dataset, {}, [0, 1, 2], curves, {})
    found = strip(record, "a", "b")
    told = [row.split(" [")[0].rsplit(",", 1)[0] for row in repr(found).splitlines()]
    words = (("holds", "opposite", "holds, but small"), ("opposite", "holds", "opposite, small"))
    assert told == [
        f"{name} loss: {count} iterations: {word}"
        for name, row in zip(("training", "test"), words, strict=True)
        for count, word in zip(("50", "100", "1\u202f000"), row, strict=True)
    ]
    cells = BeautifulSoup(found.html, "html.parser").select(".strip-cell .visually-hidden")
    assert [cell.get_text() for cell in cells] == [*words[0], *words[1]]
    loss = np.full((3, 3), 0.3)
    losses = {"a": 1.3 * noise * loss, "b": loss}
    later = {
        arm: {"iterations": np.array([0, 1_000, 4_000]), "train_loss": one, "test_loss": one}
        for arm, one in losses.items()
    }
    gone_on = strip(record, "a", "b", replace(record, curves=later))  # read where the first ends, and no sooner
    assert [row for row in repr(gone_on).splitlines() if "4\u202f000" not in row] == repr(found).splitlines()
    assert sum("4\u202f000 iterations: opposite," in row for row in repr(gone_on).splitlines()) == 2
