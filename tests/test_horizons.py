"""Verdicts at every horizon: planted curves that cross, records that go on, and the strip that shows them."""

from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import records
from kdsrc.claims import all_claims, framework
from kdsrc.claims.criteria import AllOf, Contrast
from kdsrc.claims.horizons import Reading, on_losses, readings, strips, truncated
from kdsrc.claims.measures import final, initial
from kdsrc.claims.words import HOLDS, NO_EFFECT, OPPOSITE, VERDICTS
from kdsrc.report.strips import SIGNS, legend, strip
from kdsrc.report.tables import html_table
from kdsrc.studies import STUDIES
from kdsrc.studies.settings import SCALES

SEEDS = 4


def crossing(last, *, turn=1_000, images=10_000):
    """Two arms: `one` is a fifth lower until `turn`, and a fifth higher from twice that on."""
    rows = np.array([row for row in (0, 50, 100, 200, 500, 1_000, 2_000, 4_000, 10_000) if row <= last])
    factor = np.where(rows <= turn, 0.8, np.where(rows >= 2 * turn, 1.2, 1.0))
    noise = np.exp(0.001 * np.random.default_rng(0).standard_normal((SEEDS, 1)))
    curves = {
        arm: {"iterations": rows, **dict.fromkeys(("train_loss", "test_loss"), noise * size * np.exp(-rows / 1e4))}
        for arm, size in (("one", factor * noise**2), ("other", np.ones_like(rows)))
    }
    dataset = {"name": "planted", "n_train": images, "n_test": 1, "sha256": ""}
    return records.Record("figure1", dataset, {}, list(range(SEEDS)), curves, {})


def claim(test, record="figure1"):
    return framework.claim("it", "§1", "one is lower", test, record=record, kind="quality")


LOWER = Contrast(final("train_loss"), "Final training loss", "one", "other")


def test_a_verdict_turns_where_the_curves_cross():
    found = readings(LOWER, [crossing(4_000)])
    assert [(one.iterations, one.verdict.verdict) for one in found] == [
        *((iterations, HOLDS) for iterations in (50, 100, 200, 500, 1_000)),
        *((iterations, OPPOSITE) for iterations in (2_000, 4_000)),
    ]
    assert found[-1].verdict == LOWER(crossing(4_000))  # the whole run is the claim's own verdict


def test_records_that_go_on_add_what_is_not_there_yet():
    own, longer, fewer = crossing(1_000), crossing(10_000), crossing(10_000, turn=100, images=1_000)
    found = readings(LOWER, [own, longer, fewer])
    assert [one.iterations for one in found if one.images == 10_000] == [50, 100, 200, 500, 1_000, 2_000, 4_000, 10_000]
    assert [one.verdict.verdict for one in found if one.images == 1_000][:3] == [HOLDS, HOLDS, OPPOSITE]


def test_figures_arms_go_on_under_their_other_names():
    test = Contrast(final("train_loss"), "Loss", "taught_penalty_0.01", "taught_penalty_0")
    arms = crossing(2_000).curves
    longer = replace(crossing(2_000), curves={"student_taught": arms["one"], "taught_no_penalty": arms["other"]})
    assert [one.verdict.verdict for one in readings(test, [longer])][-1] == OPPOSITE
    assert readings(LOWER, [replace(longer, curves={"one": arms["one"]})]) == []  # an arm that does not go on


def test_a_cause_is_checked_under_the_other_names_too():
    test = Contrast(final("train_loss"), "Loss", "from_full", "random_full_outputs", cause=("start",))
    arms, taught = crossing(2_000).curves, STUDIES["figure1"].arms(SCALES["paper"])
    told = {name: taught[name].factors() for name in ("student_taught", "random_penalty")}
    longer = replace(crossing(2_000), curves=dict(zip(told, arms.values(), strict=False)), conditions=told)
    assert [one.verdict.verdict for one in readings(test, [longer])][-1] == OPPOSITE
    told["random_penalty"] = told["random_penalty"] | {"penalty": 0.1}
    with pytest.raises(ValueError, match="from_full and random_full_outputs differ in penalty"):
        readings(test, [longer])


def test_a_longer_run_is_cut_in_proportion():
    record = crossing(2_000)
    record.curves["long"] = crossing(4_000).curves["other"]
    found = truncated(record, 1_000)
    assert {arm: curve["iterations"][-1] for arm, curve in found.curves.items()} == {
        "one": 1_000,
        "other": 1_000,
        "long": 2_000,
    }
    assert found.curves["long"]["train_loss"].shape == (SEEDS, 7)
    assert truncated(record, 2_000).curves["long"]["iterations"][-1] == 4_000
    assert truncated(record, 4_000) is None
    assert truncated(record, 300) is None  # the row before it is too far


def test_arms_that_are_not_compared_do_not_count():
    """Figure 4's record has arms of 1 000 iterations beside those of 2 000: each claim is read at its own."""
    record = crossing(4_000)
    record.curves["short"] = crossing(200).curves["one"]
    assert [one.iterations for one in readings(LOWER, [record])][-1] == 4_000
    by_short = Contrast(final("train_loss"), "Loss", "short", "one")
    assert truncated(record, 200).curves["one"]["iterations"][-1] == 4_000  # in proportion
    assert [one.iterations for one in readings(by_short, [record])] == [50, 100, 200]


def test_strips_read_figure4_at_its_own_iterations():
    by_claim = strips(one for one in all_claims() if one.record == "figure4")
    record = records.load("figure4")
    last, curve = by_claim["figure4-test-teacher"][-1], record.curves["teacher_embedded"]
    assert last.iterations == curve["iterations"][-1] == 2_000
    half = by_claim["figure4-test-teacher"][-2]
    row = int(np.searchsorted(curve["iterations"], 1_000))
    both = [record.curves[f"teacher_{inputs}"]["test_loss"][:, row] for inputs in ("embedded", "pixels")]
    assert half.verdict.effect == pytest.approx(100 * np.expm1(np.log(both[0] / both[1]).mean()), rel=1e-12)
    assert by_claim["figure4-alignf-uniform"][-1].iterations == 1_000


def test_a_claim_goes_on_in_the_record_that_goes_on(tmp_path):
    claims = [claim(LOWER), replace(claim(LOWER, "horizon"), id="other")]
    for name, iterations, images in (("figure1", 1_000, 10_000), ("horizon", 10_000, 1_000)):
        records.save(replace(crossing(iterations, images=images), name=name), tmp_path)
    found = strips(claims, tmp_path)
    assert {one.images for one in found["it"]} == {10_000, 1_000}
    assert found["it"][-1].iterations == found["other"][-1].iterations == 10_000
    assert {one.images for one in found["other"]} == {1_000}


def test_only_comparisons_of_curves_have_horizons():
    start = Contrast(initial("train_loss"), "Training loss of it (before the student trains)", "one", "other")
    assert on_losses(claim(LOWER)) and not on_losses(claim(start))
    assert on_losses(claim(AllOf((LOWER, LOWER), "twice", (("a",), ("b",)))))
    told = {one.id: on_losses(one) for one in all_claims()}
    assert told["figure1-rate-alone"] and told["figure3-test-early"] and told["causes-penalty-train"]
    assert not any(told[name] for name in ("theorem1", "figure2-frozen", "figure5-teacher", "width-grows"))


def test_the_last_horizon_of_the_records_own_iterations_is_the_claims_verdict():
    """On the committed records, by the table of verdicts."""
    found = strips(one for one in all_claims() if one.record == "figure1")
    assert len(found) > 15
    record = records.load("figure1")
    for one in all_claims():
        if one.id in found:
            own = [told for told in found[one.id] if told.images == 10_000 and told.iterations <= 2_000]
            assert own[-1].iterations == 2_000 and own[-1].verdict == one.judge(record), one.id


def test_claims_without_a_record_have_no_strip(tmp_path):
    assert strips(all_claims(), tmp_path) == {}


def test_the_strip_says_each_horizon_in_words():
    shown = strip(readings(LOWER, [crossing(4_000), crossing(4_000, images=1_000)]))
    page = BeautifulSoup(shown, "html.parser")
    assert [one.get_text() for one in page.find_all(class_="strip-images")] == [
        "trained on 10\u202f000 images",
        "trained on 1\u202f000 images",
    ]
    cells = page.ol.find_all("li")
    assert [" ".join(cell.get_text().split()) for cell in cells][-2:] == ["2 k ✗ opposite", "4 k ✗ opposite"]
    assert cells[0]["title"].startswith("50 iterations: holds, −20") and "verdict-holds" in cells[0]["class"]
    assert cells[-1]["title"].startswith("4\u202f000 iterations: opposite, 20")


def test_a_table_shows_strips_where_they_are_asked_for(tmp_path):
    record = crossing(2_000)
    arms = {"student_taught": record.curves["one"], "student_alone": record.curves["other"]}
    records.save(replace(record, curves=arms), tmp_path)
    one = next(found for found in all_claims() if found.id == "figure1-train-quality")
    judged = [(one, one.judge(records.load("figure1", tmp_path)))]
    assert 'class="strip"' in html_table(judged, horizons=True, folder=tmp_path)
    assert 'class="strip"' not in html_table(judged, folder=tmp_path)


def test_every_word_of_a_comparison_has_its_sign():
    assert len(set(SIGNS.values())) == len(SIGNS) and set(SIGNS) <= set(VERDICTS)
    assert legend().startswith("✓ holds · ") and f"= {NO_EFFECT}" in legend()
    nothing = framework.Verdict("undecided", np.nan, (np.nan, np.nan), "nothing to compare")
    assert 'title="50 iterations: undecided"' in strip([Reading(50, 10, nothing)])


@pytest.mark.parametrize("wanted", [1, 2])
def test_horizons_of_fewer_seeds(wanted):
    found = readings(LOWER, [framework.with_seeds(crossing(500), lambda seed: seed < wanted)])
    assert all((one.verdict.verdict == HOLDS) == (wanted == 2) for one in found)
