"""Overlap parameter and top eigenvectors of H^∞: planted spectra, dense decompositions, invariances, errors."""

import tracemalloc

import numpy as np
import pytest
from scipy.linalg import eigh

from kdsrc import spectra
from kdsrc.kernels import infinite_width_kernel
from kdsrc.spectra import average, overlap, projections, top_eigenvectors, top_of


def planted(n=60, seed=0, values=None):
    """Kernel with known eigenpairs, the values falling 2^-j."""
    vectors = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0]  # (n, n)
    values = 2.0 ** -np.arange(n) if values is None else np.asarray(values, dtype=float)
    return (vectors * values) @ vectors.T, vectors


def unit_rows(n, d, seed=0, shift=0.0):
    x = np.random.default_rng(seed).standard_normal((n, d)) + shift
    return x / np.linalg.norm(x, axis=1, keepdims=True)


# --- overlap


def test_overlap_of_planted_eigenvectors():
    kernel, vectors = planted()
    features = np.column_stack([vectors[:, 0], -5.0 * vectors[:, 1], vectors[:, 7], vectors[:, 0] + vectors[:, 2]])
    np.testing.assert_allclose(overlap(features, kernel, top=4), [0.25, 0.25, 0.0, np.sqrt(2.0) / 4.0], atol=1e-10)


def test_overlap_is_what_its_formula_says():
    kernel, _ = planted()
    features = np.random.default_rng(1).standard_normal((60, 5))
    vectors = np.linalg.eigh(kernel)[1][:, ::-1]
    expected = [[abs(vectors[:, j] @ phi) / np.linalg.norm(phi) for j in range(2, 6)] for phi in features.T]
    np.testing.assert_allclose(overlap(features, kernel, top=6, skip=2), np.mean(expected, axis=1), atol=1e-10)


def test_absolute_overlap_does_not_depend_on_signs_scales_or_order():
    kernel, _ = planted()
    rng = np.random.default_rng(2)
    features, order = rng.standard_normal((60, 4)), rng.permutation(60)
    expected = overlap(features, kernel, top=5)
    np.testing.assert_allclose(overlap(features * [-1.0, 1e-8, 3.0, -1e8], kernel, top=5), expected, atol=1e-12)
    np.testing.assert_allclose(overlap(features, 7.0 * kernel + 0.3 * np.eye(60), top=5), expected, atol=1e-10)
    np.testing.assert_allclose(overlap(features[order], kernel[np.ix_(order, order)], top=5), expected, atol=1e-10)


def test_signed_overlap_depends_on_the_sign_of_each_vector():
    _, vectors = planted()
    feature = (vectors[:, 0] + vectors[:, 1])[:, None]
    turned = vectors[:, :2] * [1.0, -1.0]
    straight, products = projections(feature, vectors[:, :2]), projections(feature, turned)
    np.testing.assert_allclose(average(straight, top=2, signed=True), 1.0 / np.sqrt(2.0))
    np.testing.assert_allclose(average(products, top=2, signed=True), 0.0, atol=1e-12)
    np.testing.assert_allclose(average(products, top=2), 1.0 / np.sqrt(2.0))


def test_overlap_is_largest_for_a_feature_spread_evenly():
    kernel, vectors = planted()
    even = vectors[:, :9].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(overlap(even, kernel, top=9), 1.0 / 3.0, atol=1e-10)
    some = np.random.default_rng(3).standard_normal((60, 50))
    assert (overlap(some, kernel, top=9) < 1.0 / 3.0).all()


def test_overlap_of_random_features_is_that_of_random_directions():
    n, m = 400, 300
    kernel, _ = planted(n, values=np.linspace(1.0, 0.1, n))
    found = overlap(np.random.default_rng(4).standard_normal((n, m)), kernel, top=10)
    expected = np.sqrt(2.0 / (np.pi * n))  # E|u·g|/‖g‖, to relative 1/(4n)
    spread = np.sqrt((1.0 - 2.0 / np.pi) / (10 * m * n))  # of the mean over 10·m nearly independent products
    assert abs(found.mean() - expected) < 4.0 * spread + expected / (4 * n)


def test_a_dead_unit_has_no_overlap():
    kernel, vectors = planted()
    np.testing.assert_array_equal(overlap(np.zeros((60, 2)), kernel, top=3), np.zeros(2))
    np.testing.assert_array_equal(projections(np.zeros((60, 2)), vectors[:, :3]), np.zeros((2, 3)))


def test_single_precision_kernel():
    kernel, _ = planted(600, values=np.r_[np.linspace(2.0, 1.0, 20), np.zeros(580)])
    features = np.random.default_rng(5).standard_normal((600, 3))
    # errors of 6e-8 |K_ij| and a gap of 1/19: 1e-6 with a wide margin
    np.testing.assert_allclose(
        overlap(features, kernel.astype(np.float32), top=5), overlap(features, kernel, top=5), atol=1e-6
    )


def test_average_over_many_networks_at_once():
    products = np.random.default_rng(6).standard_normal((2, 3, 8))
    np.testing.assert_allclose(average(products, top=5, skip=1), np.abs(products[:, :, 1:5]).mean(axis=2), atol=1e-14)
    np.testing.assert_allclose(average(products, top=8, signed=True), products.mean(axis=2), atol=1e-14)


# --- eigenvectors


@pytest.mark.parametrize("n", [40, 700])  # decomposed whole, and by Lanczos
@pytest.mark.parametrize("activation", ["relu", "erf"])
def test_top_eigenvectors_agree_with_a_dense_decomposition(n, activation):
    x = unit_rows(n, 8, shift=0.3)
    kernel = infinite_width_kernel(x, activation=activation, std=0.5)
    values, vectors = eigh(kernel)
    found, basis = top_eigenvectors(x, 6, activation=activation, std=0.5)
    largest, gaps = values[-1], -np.diff(values[::-1][:7])
    np.testing.assert_allclose(found, values[::-1][:6], atol=1e-6 * largest)
    # the bound of the docstring with a constant of 10: entries rounded to 6e-8 of themselves
    error = 1.0 - np.abs((vectors[:, ::-1][:, :6] * basis).sum(axis=0))
    assert (np.sqrt(2.0 * np.abs(error)) < 1e-6 * largest / np.minimum(gaps, np.r_[np.inf, gaps[:-1]])).all()
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-10)
    assert (np.take_along_axis(basis, np.abs(basis).argmax(axis=0)[None], axis=0) > 0.0).all()


def test_lanczos_finds_planted_vectors_to_double_precision():
    kernel, vectors = planted(700, values=np.r_[np.linspace(3.0, 1.0, 12), np.linspace(0.5, 0.0, 688)])
    values, found = top_of(kernel, 10)
    np.testing.assert_allclose(values, np.linspace(3.0, 1.0, 12)[:10], atol=1e-10)
    np.testing.assert_allclose(np.abs((vectors[:, :10] * found).sum(axis=0)), 1.0, atol=1e-10)


@pytest.mark.parametrize("top", (40, 41, 70))
def test_forty_eigenvectors_and_more_are_found_by_lanczos(top, monkeypatch):
    planted_values = np.r_[np.linspace(3.0, 1.0, 80), np.linspace(0.5, 0.0, 620)]
    kernel, vectors = planted(700, values=planted_values)
    monkeypatch.setattr(spectra, "eigh", None)  # not the dense decomposition
    values, found = top_of(kernel, top)
    np.testing.assert_allclose(values, planted_values[:top], atol=1e-10)
    np.testing.assert_allclose(np.abs(vectors[:, :top].T @ found), np.eye(top), atol=1e-10)


def test_top_eigenvectors_repeat_exactly():
    x = unit_rows(600, 5)
    first, second = top_eigenvectors(x, 3), top_eigenvectors(x, 3)
    np.testing.assert_array_equal(first[1], second[1])


def test_first_eigenvector_of_positive_inputs_is_nearly_constant():
    x = np.abs(unit_rows(300, 40))
    values, vectors = top_eigenvectors(x, 2)
    constant = np.abs(vectors.sum(axis=0)) / np.sqrt(300)
    assert values[0] > 10.0 * values[1] and constant[0] > 0.99 and constant[1] < 0.1


def test_one_large_array_only():
    n = 1_500
    x = unit_rows(n, 6, shift=0.2)
    tracemalloc.start()
    try:
        top_eigenvectors(x, 5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    blocks = 8 * 6 * spectra._BLOCK * n  # the closed form's temporaries on one block of rows
    assert peak < 4 * n * n + blocks


# --- degenerate spectra


def test_equal_eigenvalues_are_reported():
    for n in (50, 900):
        with pytest.warns(RuntimeWarning, match="eigenvalues 1 and 2 agree"):
            top_of(planted(n, values=np.r_[1.0, 1.0, np.linspace(0.5, 0.0, n - 2)])[0], 1)


def test_a_multiple_eigenvalue_beyond_the_top_is_no_matter():
    kernel, vectors = planted(50, values=np.r_[3.0, 2.0, np.ones(48)])
    np.testing.assert_allclose(overlap(vectors[:, :1], kernel, top=2), [0.5], atol=1e-10)


def test_kernel_of_low_rank():
    kernel, vectors = planted(800, values=np.r_[3.0, 2.0, 1.0, np.zeros(797)])
    np.testing.assert_allclose(overlap(vectors[:, :3], kernel, top=3), np.full(3, 1.0 / 3.0), atol=1e-10)


def test_the_whole_spectrum():
    kernel, _ = planted(20)
    feature = np.random.default_rng(7).standard_normal((20, 1))
    products = projections(feature, top_of(kernel, 20)[1])
    np.testing.assert_allclose((products**2).sum(), 1.0, atol=1e-12)


# --- errors


def test_bad_kernels_are_refused():
    features = np.ones((4, 1))
    for kernel in (
        np.ones((4, 3)),
        np.ones(4),
        np.full((4, 4), np.nan),
        np.triu(np.ones((4, 4))),
        np.full((4, 4), np.inf),
        np.empty((0, 0)),
        np.diag([1.0, np.inf, 1.0, 1.0]),
        np.diag([1.0, -np.inf, 1.0, 1.0]),
    ):
        with pytest.raises(ValueError, match="overlap: kernel"):
            overlap(features, kernel, top=1)


@pytest.mark.parametrize("scale", (1e-8, 1.0, -1.0, 1e8))
def test_what_is_symmetric_is_judged_by_the_largest_entry(scale):
    features, kernel = np.ones((4, 1)), scale * (np.ones((4, 4)) + np.diag(np.arange(4.0)))
    kernel[0, 1] += 1e-7 * scale  # rounding of single precision
    overlap(features, kernel, top=1)
    kernel[0, 1] += 2e-6 * scale  # half of a millionth of the largest
    overlap(features, kernel, top=1)
    kernel[0, 1] += 1e-4 * scale
    with pytest.raises(ValueError, match="overlap: kernel"):
        overlap(features, kernel, top=1)


def test_counts_that_do_not_fit_are_refused():
    kernel, vectors = planted(10)
    for top in (0, 11, 2.5):
        with pytest.raises(ValueError, match="top_of: top="):
            overlap(np.ones((10, 1)), kernel, top=top)
    for skip in (-1, 3):
        with pytest.raises(ValueError, match=f"average: skip={skip}, top=3"):
            overlap(np.ones((10, 1)), kernel, top=3, skip=skip)
    with pytest.raises(ValueError, match="average: skip=0, top=9 of 8"):
        average(np.ones((2, 8)), top=9)


def test_features_that_do_not_fit_are_refused():
    _, vectors = planted(10)
    for features in (np.ones((9, 2)), np.ones(10), np.full((10, 2), np.nan)):
        with pytest.raises(ValueError, match="projections: features"):
            projections(features, vectors[:, :2])


def test_failure_to_converge_is_an_error(monkeypatch):
    def stuck(*_, **__):
        raise spectra.ArpackError(1)

    monkeypatch.setattr(spectra, "eigsh", stuck)
    with pytest.raises(RuntimeError, match="did not converge"):
        top_of(np.eye(600), 2)
