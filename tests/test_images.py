"""The interval over test images: the study keeps the residuals, claims on final test losses show it, others do not."""

from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import claims, records
from kdsrc.claims.images import between, over_images
from kdsrc.report import text
from kdsrc.report.tables import html_table
from kdsrc.studies import STUDIES, bench, runner
from kdsrc.studies.names import EARLY_STOP, early
from kdsrc.studies.residuals import in_thousandths, residuals
from kdsrc.studies.settings import SCALES
from kdsrc.studies.store import Store

TINY = replace(SCALES["live"], iterations=20, checkpoints=(EARLY_STOP // 2, EARLY_STOP))
IMAGES = 4_000
BY_ID = {claim.id: claim for claim in claims.all_claims()}


def planted(seeds=3):
    """Records of figure1 and images: every image's residual is 1.2 times as large for the student alone, with noise."""
    rng = np.random.default_rng(0)
    left = {"student_alone": rng.uniform(0.2, 1.8, (seeds, IMAGES))}
    left["student_taught"] = left["student_alone"] / 1.2 + 0.3 * rng.standard_normal((seeds, IMAGES))
    left["teacher"] = 0.1 * left["student_taught"]
    dataset = {"name": "planted", "n_train": 1, "n_test": IMAGES, "sha256": ""}
    curves = {
        arm: {"iterations": np.array([0, 1]), **dict.fromkeys(("train_loss", "test_loss"), np.ones((seeds, 2)))}
        for arm in STUDIES["figure1"].arms(TINY)
    }
    for arm, values in left.items():
        curves[arm]["test_loss"] = np.stack([np.ones(seeds), (values**2).mean(axis=1)], axis=1)
    own = records.Record("figure1", dataset, {}, list(range(seeds)), curves, {})
    measures = {f"residuals_{arm}": in_thousandths(values) for arm, values in left.items()}
    return own, records.Record("images", dataset, {}, list(range(seeds)), {}, {}, measures), left


def test_the_second_interval_is_that_of_the_delta_method_and_holds_the_effect(tmp_path):
    own, images, left = planted()
    for record in (own, images):
        records.save(record, tmp_path)
    judged = claims.verdicts(["figure1"], tmp_path)
    verdict = dict((claim.id, one) for claim, one in judged)["figure1-test-quality"]
    a, b = (left[arm] ** 2 for arm in ("student_taught", "student_alone"))
    shares = (a / a.mean(1, keepdims=True) - b / b.mean(1, keepdims=True)).mean(axis=0)  # of the mean over seeds
    half = 1.96 * shares.std() / np.sqrt(IMAGES)
    low, high = np.log1p(np.array(verdict.images) / 100.0)
    assert low < np.log1p(verdict.effect / 100.0) < high
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)  # a quantile of 2 000 draws: about 3 %
    shown = BeautifulSoup(html_table(judged), "html.parser")
    assert [tag.find_parent("tr")["id"] for tag in shown.select(".over-images")] == [
        "claim-figure1-test-quality",
        "claim-figure1-capacity-test",
    ]
    assert "covers the choice of the test images" in shown.get_text().replace("\n", " ")
    assert "over test images [" in text.table(judged, width=300)


def test_without_the_record_or_with_fewer_seeds_there_is_none(tmp_path):
    own, images, _ = planted()
    records.save(own, tmp_path)
    assert all(verdict.images is None for _, verdict in claims.verdicts(["figure1"], tmp_path))
    fewer = claims.framework.with_seeds(images, lambda seed: seed < 2)
    assert over_images(BY_ID["figure1-test-quality"], own, fewer) is None
    assert over_images(BY_ID["figure1-test-quality"], own, images) is not None
    for name in ("figure1-train-quality", "figure1-teacher-test", "digits-test-quality"):
        assert over_images(BY_ID[name], own, images) is None


def test_of_several_comparisons_the_one_that_is_shown_has_the_interval():
    _, images, left = planted()
    images.measures[f"residuals_{early(EARLY_STOP)}"] = images.measures["residuals_student_alone"]
    curves = {arm: {} for arm in ("from_full", early(EARLY_STOP))}
    record = replace(images, name="figure3", curves=curves, measures={})
    found = over_images(BY_ID["figure3-test-early"], record, images)
    assert found == between(record, images, "student_taught", "student_alone") and found[1] < 0.0
    assert over_images(BY_ID["figure3-train-early"], record, images) is None
    assert over_images(BY_ID["figure2-error-grows"], record, images) is None


def test_the_study_reads_networks_of_figures_1_to_3_and_trains_nothing(tmp_path, monkeypatch):
    store, data = Store(tmp_path), TINY.data()
    made = [runner.run(STUDIES[name], TINY, data, [0, 1], store) for name in ("figure3", "figure2", "figure1")]
    curves = made[0].curves | made[1].curves | made[2].curves

    def refuse(*given, **options):
        raise AssertionError("a network was trained again")

    monkeypatch.setattr(bench, "train", refuse)
    found = runner.run(STUDIES["images"], TINY, data, [0, 1], store)
    assert not found.curves and all(values.dtype.kind == "i" for values in found.measures.values())
    for arm in STUDIES["images"].arms(TINY):
        losses = (residuals(found, arm) ** 2).mean(axis=1)
        np.testing.assert_allclose(losses, curves[arm]["test_loss"][:, -1], atol=1e-3)
    records.save(found, tmp_path)
    np.testing.assert_array_equal(
        records.load("images", tmp_path, scale="own").measures["residuals_teacher"], found.measures["residuals_teacher"]
    )
