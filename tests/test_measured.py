"""What the studies measure beside their curves, in a tiny run of each, against the definition worked out by hand."""

from dataclasses import replace

import numpy as np
import planted
import pytest

from kdsrc.distillation import choose_units
from kdsrc.kernels import infinite_width_kernel
from kdsrc.studies import STUDIES
from kdsrc.studies.bench import Bench
from kdsrc.studies.inputs import embedded
from kdsrc.studies.settings import streams
from kdsrc.studies.store import Store

SEED = 3
FORMED = 1e-6  # the kernel's entries are formed in single precision
TINY = replace(
    planted.TINY, landmarks=12, fewer_landmarks=(4, 12), few=20, few_iterations=10, top=4, draws=4_000, dtype="float64"
)


@pytest.fixture
def measured(tmp_path):
    """Of a study: bench, arms and what it measures."""

    def found(name):
        study, data = STUDIES[name], TINY.data()
        arms = study.arms(TINY)
        bench = Bench(TINY, data, data.sha256(), SEED, Store(tmp_path))
        bench.complete(arms.values())
        return bench, arms, study.measure(bench, arms)

    return found


def cosines(features, kernel, top):
    """⟨u_j, φ̂^(k)⟩ (units, top), u_j of either sign: columns of unit norm, eigenvectors by NumPy."""
    vectors = np.linalg.eigh(kernel)[1][:, ::-1][:, :top]
    lengths = np.linalg.norm(features, axis=0)
    return (features / np.where(lengths > 0, lengths, 1.0)).T @ vectors


def kernel(x):
    return infinite_width_kernel(x, activation=TINY.activation, std=TINY.std)


def test_overlaps_of_figure5(measured):
    bench, arms, found = measured("figure5")
    own = kernel(bench.data.x_train)
    np.testing.assert_allclose(found["eigenvalues"], np.linalg.eigvalsh(own)[::-1][:4], rtol=FORMED)
    assert found.keys() == {"eigenvalues", *arms} and len(arms) == 5
    for name, one in arms.items():
        network = bench.network(one)
        assert found[name].shape == (network.width, 4)
        expected = cosines(network.features(bench.data.x_train), own, 4)
        np.testing.assert_allclose(np.abs(found[name]), np.abs(expected), atol=1e-8)
    early, full = (bench.network(arms[f"teacher_{stop}"]).weights for stop in (10, "full"))
    assert np.abs(early - full).max() > 1e-6


def test_overlaps_of_figure6_with_both_kernels(measured):
    bench, arms, found = measured("figure6")
    learned = bench.learned()
    features = embedded(
        bench.data,
        "features",
        gammas=learned["gammas"],
        weights=learned["weights"],
        landmarks=TINY.landmarks,
        seed=SEED,
    )
    pixels, own = kernel(bench.data.x_train), kernel(features.x_train)
    np.testing.assert_allclose(found["eigenvalues_pixels"], np.linalg.eigvalsh(pixels)[::-1][:4], rtol=FORMED)
    np.testing.assert_allclose(found["eigenvalues_embedded"], np.linalg.eigvalsh(own)[::-1][:4], rtol=FORMED)
    for name, one in arms.items():
        on_pixels = name.endswith("_pixels")
        hidden = bench.network(one).features((bench.data if on_pixels else features).x_train)
        expected = cosines(hidden, pixels if on_pixels else own, 4)
        np.testing.assert_allclose(np.abs(found[name]), np.abs(expected), atol=1e-7)
        if not on_pixels:
            across = cosines(hidden, pixels, 4)
            np.testing.assert_allclose(np.abs(found[f"{name}_on_pixels"]), np.abs(across), atol=1e-7)


def test_figure4_tells_what_alignf_learned(measured):
    bench, arms, found = measured("figure4")
    assert {*found} == {"gammas", "weights"} and sum(name.startswith("compare_") for name in arms) >= 4
    assert (found["weights"] >= 0).all() and np.linalg.norm(found["weights"]) == pytest.approx(1.0, rel=1e-12)
    assert {len(bench.dataset(one).y_train) for name, one in arms.items() if "compare" in name} == {TINY.few}
    assert bench.history(arms["compare_pixels"]).iterations[-1] == TINY.few_iterations


def test_distances_of_the_widths(measured, monkeypatch):
    monkeypatch.setattr("kdsrc.studies.width.WIDTHS", (2, 5, 10))
    bench, arms, found = measured("width")
    assert found["widths"].tolist() == [2, 5, 10]
    x = bench.data.x_train
    teacher = bench.network(next(iter(arms.values())).start)
    terms = teacher.features(x) * teacher.output_weights  # (n, m̄)
    for row, width in enumerate((2, 5, 10)):
        mean = np.sqrt(width) / 10 * terms.sum(axis=1)  # √(m/m̄) times the teacher's output
        chosen = choose_units(10, width, seed=streams(SEED)["choice"])
        drawn = terms[:, chosen].sum(axis=1) / np.sqrt(width)
        np.testing.assert_allclose(found["distance"][row], np.mean((drawn - mean) ** 2), rtol=1e-10, atol=1e-25)
        spread = ((terms - terms.mean(axis=1, keepdims=True)) ** 2).sum() / 10
        expected = (1 - width / 10) * spread * 10 / 9 / len(x)
        np.testing.assert_allclose(found["expected"][row], expected, rtol=1e-10, atol=1e-20)
        np.testing.assert_allclose(found["drawn"][row], expected, rtol=0.1, atol=1e-20)
