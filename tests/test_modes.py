"""Theorem 3 on the data: leading modes against all modes, CKA against what is known of it, and a tiny record."""

from dataclasses import replace

import numpy as np
import planted
import pytest

from kdsrc.dynamics import KernelRegime
from kdsrc.dynamics.leading import leading_modes
from kdsrc.kernels import infinite_width_kernel
from kdsrc.networks import init_network
from kdsrc.spectra import overlap
from kdsrc.studies import STUDIES, modes, runner
from kdsrc.studies.bench import Bench
from kdsrc.studies.store import Store

TINY = replace(planted.TINY, landmarks=12, top=6, dtype="float64")


@pytest.mark.parametrize(("penalty", "n"), [(0.0, 12), (0.01, 12), (0.5, 5), (np.inf, 12)])
def test_leading_modes_are_the_largest_of_all(penalty, n):
    """More samples than inputs, where H_k are singular, and fewer."""
    data = planted.problem(n=n)
    network = init_network(5, 7, seed=1, std=0.5, activation="tanh")
    knowledge = np.random.default_rng(2).standard_normal((n, 5)) if penalty else None
    problem = {"penalty": penalty, "knowledge": knowledge}
    poles, amplitudes = leading_modes(network, data.x_train, data.y_train, top=4, **problem)
    expected_poles, expected = KernelRegime(network, data.x_train, data.y_train, **problem).modes()
    np.testing.assert_allclose(poles, expected_poles[:-5:-1], rtol=1e-10)
    np.testing.assert_allclose(amplitudes, expected[:-5:-1], atol=1e-9)


def test_more_modes_than_unknowns_are_refused():
    data, network = planted.problem(n=5), init_network(2, 7, seed=0)
    with pytest.raises(ValueError, match="leading_modes: top=5 of 5 unknowns; expected fewer"):
        leading_modes(network, data.x_train, data.y_train, top=5)
    with pytest.raises(ValueError, match="leading_modes: top=0; expected a whole number"):
        leading_modes(network, data.x_train, data.y_train, top=0)


def test_modes_that_do_not_move_are_refused():
    """Samples that are given twice: half of the poles are zero, and no flow tells their amplitudes."""
    data, network = planted.problem(n=6), init_network(5, 7, seed=1, std=0.5, activation="tanh")
    x, y = np.tile(data.x_train, (2, 1)), np.tile(data.y_train, 2)
    poles, amplitudes = leading_modes(network, x, y, top=6)
    expected_poles, expected = KernelRegime(network, x, y).modes()
    np.testing.assert_allclose(poles, expected_poles[:-7:-1], rtol=1e-10)
    np.testing.assert_allclose(amplitudes, expected[:-7:-1], atol=1e-9)
    with pytest.raises(ValueError, match="leading_modes: top=9, and 6 of these poles are not zero; .* give top=6"):
        leading_modes(network, x, y, top=9)
    with pytest.raises(ValueError, match="leading_modes: the flow is at rest from its start"):
        leading_modes(network, x, network.output(x), top=3)


def test_cka_knows_equal_and_orthogonal_kernels():
    rng = np.random.default_rng(0)
    columns = rng.standard_normal((9, 4))
    columns -= columns.mean(axis=0)
    rotation = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    gram = columns @ columns.T
    assert modes.cka(gram, 3.0 * (columns @ rotation) @ (columns @ rotation).T) == pytest.approx(1.0, abs=1e-12)
    assert modes.cka(gram, gram + 5.0) == pytest.approx(1.0, abs=1e-12)  # a constant feature is centred away
    left = np.linalg.svd(columns)[0]
    one, other = left[:, 0], left[:, 1]
    assert modes.cka(np.outer(one, one), np.outer(other, other)) == pytest.approx(0.0, abs=1e-12)
    mixed = np.outer(one, one) + np.outer(other, other)
    assert modes.cka(np.outer(one, one), mixed) == pytest.approx(1 / np.sqrt(2), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e5])
def test_a_mode_without_a_part_in_the_way_has_no_direction(scale):
    vectors = np.linalg.qr(np.random.default_rng(0).standard_normal((7, 3)))[0]
    parts = np.stack([2.0 * vectors[:, 0], -0.5 * (vectors[:, 1] + vectors[:, 2]), 1e-15 * vectors[:, 2]])
    found = modes.matched(scale * parts, vectors, scale * np.linalg.norm(parts))
    np.testing.assert_allclose(found, [1.0, 1 / np.sqrt(2), 0.0], rtol=0, atol=1e-12)


def test_the_way_is_read_often_at_first_and_then_at_hundreds(tmp_path):
    own = replace(TINY, iterations=230)
    record = runner.run(replace(STUDIES["modes"], settings={"own": own}), own, own.data(), (0,), Store(tmp_path))
    assert record.measures["iterations"][0].tolist() == [*range(0, 100, 10), 100, 200]


def test_a_tiny_record_of_modes_says_what_its_names_say(tmp_path):
    study = replace(STUDIES["modes"], settings={"own": TINY})
    data = TINY.data()
    record = runner.run(study, TINY, data, (0, 1), Store(tmp_path))
    found = {name: value[0] for name, value in record.measures.items()}
    assert all(value.shape[0] == 2 for value in record.measures.values())
    assert len([name for name in found if name.startswith("alphas_")]) == len(modes.flows(TINY)) == 18
    assert {f"overlap_{arm}" for arm in study.arms(TINY)} <= set(found)
    for flow in modes.flows(TINY):
        alphas, left = found[f"alphas_{flow}"], found[f"left_{flow}"]
        assert alphas.shape == (6,) and left.shape == found["iterations"].shape
        assert (np.diff(found[f"poles_{flow}"]) <= 1e-12).all() and left[0] == 1.0 and (np.diff(left) < 0).all()
    # λ = 0: |α_j| = |⟨u_j, f(0) − f(∞)⟩|, orthogonal modes, so that their share is that of the squares
    alone = found["alphas_alone_pixels"]
    assert found["share_alone_pixels"] == pytest.approx(np.sum(alone**2) / found["way_alone_pixels"] ** 2, rel=1e-9)
    # a small λ is nearly none: the leading poles are those of the random start, which all arms of a seed share
    np.testing.assert_allclose(found["poles_random_full_pixels_small"][0], found["poles_alone_pixels"][0], rtol=1e-3)
    assert 0.0 < found["cka_teacher_student_full_pixels"] <= 1.0
    teacher = Bench(TINY, data, data.sha256(), 0, Store(tmp_path)).network(study.arms(TINY)["teacher_full_pixels"])
    expected = overlap(teacher.features(data.x_train), infinite_width_kernel(data.x_train), top=6).mean()
    assert found["overlap_teacher_full_pixels"].mean() == pytest.approx(expected, rel=1e-6)
