"""Generalised distillation: who sees what, starts and knowledge as said, and its plain case when all is visible."""

from dataclasses import replace

import numpy as np
import pytest

from kdsrc.data import load
from kdsrc.networks import init_network
from kdsrc.studies import privileged

HALF = np.arange(64) % 8 < 4


@pytest.fixture(scope="module")
def images():
    return load("digits", n_train=30, n_test=20)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(privileged, "SCHEDULE", {**privileged.SCHEDULE, "iterations": 40})


def test_a_part_is_the_visible_columns_at_unit_norm(images):
    part = privileged.visible_part(images, HALF)
    for seen, whole in ((part.x_train, images.x_train), (part.x_test, images.x_test)):
        np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1.0, atol=1e-12)
        scale = np.linalg.norm(whole[:, HALF], axis=1, keepdims=True)
        np.testing.assert_allclose(seen * scale, whole[:, HALF], atol=1e-12)
    np.testing.assert_array_equal(part.y_train, images.y_train)


def test_restricted_units_see_the_same_on_visible_inputs():
    network, x = init_network(5, 64, seed=0, std=1.0), np.random.default_rng(0).normal(size=(7, 64))
    hidden = np.where(HALF, x, 0.0)
    np.testing.assert_allclose(
        privileged.restricted(network, HALF).output(x[:, HALF]), network.output(hidden), atol=1e-12
    )


def test_masks_that_do_not_fit_are_refused(images):
    with pytest.raises(ValueError, match="visible_part: visible int64"):
        privileged.visible_part(images, np.ones(64, dtype=int))
    with pytest.raises(ValueError, match="one bool for each of the 64"):
        privileged.visible_part(images, np.ones(8, dtype=bool))
    with pytest.raises(ValueError, match="nothing is visible"):
        privileged.visible_part(images, np.arange(64) == 0)
    for part in ("x_train", "x_test"):
        blind = getattr(images, part).copy()
        blind[3, HALF] = 0.0
        with pytest.raises(ValueError, match="nothing is visible"):
            privileged.visible_part(replace(images, **{part: blind}), HALF)


def test_who_is_told_what(images):
    found = {arm.name: arm for arm in privileged.arms(images, HALF, seed=1)}
    assert len(found) == 15 and sum(arm.penalty == 0 for arm in found.values()) == 3
    plain, told = (found[f"{knowledge}, teacher, 0.1"] for knowledge in ("plain", "privileged"))
    part = privileged.visible_part(images, HALF)
    np.testing.assert_allclose(plain.knowledge, plain.network.features(part.x_train), atol=1e-12)
    own = told.network.features(part.x_train)
    assert np.linalg.norm(told.knowledge - own) > 0.3 * np.linalg.norm(own)  # it is told of what it does not see
    for knowledge in ("plain", "privileged"):
        arms = [found[f"{knowledge}, {start}, {s:g}"] for start in ("teacher", "random") for s in (0.01, 0.1, 1.0)]
        for arm in arms:
            np.testing.assert_array_equal(arm.knowledge, arms[0].knowledge)
            np.testing.assert_array_equal(arm.network.output_weights, arms[0].network.output_weights)
        np.testing.assert_array_equal(arms[3].network.weights, found["none, random, 0"].network.weights)
    # the knowledge is that of a teacher of whole images: some 20 of its units have these visible weights
    assert told.network.dim == HALF.sum() and told.knowledge.shape == (30, 20)


def test_with_nothing_hidden_privileged_is_plain(images):
    runs = privileged.students(images, np.ones(64, dtype=bool), seed=2)
    for name in (name for name in runs if name.startswith("plain")):
        other = runs[name.replace("plain", "privileged")]
        np.testing.assert_allclose(runs[name].train_loss, other.train_loss, rtol=1e-4)
    assert runs["plain, random, 1"].train_loss[-1] != pytest.approx(runs["none, random, 0"].train_loss[-1], rel=1e-3)


def test_the_random_start_is_the_students_alone_without_a_penalty(images):
    one, other = (privileged.students(images, HALF, seed=seed) for seed in (3, 4))
    assert one["none, random, 0"].train_loss[0] != other["none, random, 0"].train_loss[0]
    again = privileged.students(replace(images, name="again"), HALF, seed=3)
    for arm in ("none, random, 0", "privileged, random, 0.1"):
        np.testing.assert_array_equal(one[arm].train_loss, again[arm].train_loss)
