"""Gaussian kernels, alignf (Eq. 17-18) and Nyström features against closed forms and independent code."""

import re
import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KernelCenterer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from kdsrc import embeddings
from kdsrc.embeddings import (
    AlignedNystroem,
    alignf,
    alignf_gaussian,
    default_gammas,
    gaussian_kernels,
    squared_distances,
)
from kdsrc.embeddings.alignment import alignment_terms, center_kernel, centered_targets, solve_alignf
from kdsrc.embeddings.nystroem import gaussian_alignment_terms


def problem(n=60, d=5, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))  # (n, d)
    return x, np.where(x[:, 0] + x[:, 1] ** 2 + 0.5 * rng.normal(size=n) > 0.8, 1.0, -1.0)


# --- Gaussian kernels


def test_gaussian_kernels_agree_with_scikit_learn():
    x, _ = problem()
    gammas = [0.01, 0.3, 4.0]
    found = gaussian_kernels(x, x[:7], gammas)
    assert found.shape == (3, 60, 7)
    for kernel, gamma in zip(found, gammas, strict=True):
        np.testing.assert_allclose(kernel, rbf_kernel(x, x[:7], gamma=gamma), atol=1e-13)


def test_gaussian_kernel_limits():
    x, _ = problem()
    wide, narrow = gaussian_kernels(x, x, [0.0, 1e9])
    np.testing.assert_array_equal(wide, np.ones((60, 60)))
    np.testing.assert_array_equal(narrow, np.eye(60))


def test_distances_far_from_the_origin_keep_their_digits():
    x, _ = problem()
    expected = cdist(x, x[:9], "sqeuclidean")
    np.testing.assert_allclose(squared_distances(x, x[:9]), expected, atol=1e-12)
    # x + 1e6 itself is rounded to 1e-10; the expanded square without a shift would be wrong by about 1e-3.
    np.testing.assert_allclose(squared_distances(x + 1e6, x[:9] + 1e6), expected, atol=1e-8)


def test_default_gammas_are_powers_of_two_over_the_median():
    x, _ = problem()
    expected = 2.0 ** np.arange(-3, 4) / np.median(pdist(x, "sqeuclidean"))
    np.testing.assert_allclose(default_gammas(x), expected, rtol=1e-12)
    np.testing.assert_allclose(default_gammas(3.0 * x), expected / 9.0, rtol=1e-12)


def test_default_gammas_of_many_samples_use_an_even_subsample():
    x, _ = problem(n=500)
    full, some = default_gammas(x), default_gammas(x, max_samples=100)
    np.testing.assert_array_equal(some, default_gammas(x, max_samples=100))
    # The median of 4 950 dependent squared distances: 100 samples leave a relative error of about 1/√100.
    assert 0.0 < abs(some[0] / full[0] - 1.0) < 0.3


def test_samples_without_a_scale_are_refused():
    with pytest.raises(ValueError, match="default_gammas: got a median squared distance of 0.0"):
        default_gammas(np.ones((5, 2)))


@pytest.mark.parametrize("gammas", [[], [-1.0], [0.5, -1e-9, 2.0], [np.nan], [0.5, np.nan], [np.inf, 0.5], 1.0])
def test_bad_bandwidths_are_refused(gammas):
    with pytest.raises(ValueError, match="gaussian_kernels: got gammas"):
        gaussian_kernels(np.eye(2), np.eye(2), gammas)


def test_samples_of_different_widths_are_refused():
    with pytest.raises(ValueError, match=re.escape("x2 (3, 3); expected (n2, 2)")):
        gaussian_kernels(np.eye(2), np.eye(3), [1.0])


# --- centring and alignf


def test_centring_agrees_with_scikit_learn_and_is_a_projection():
    kernels = np.random.default_rng(0).normal(size=(3, 20, 20))
    centered = center_kernel(kernels)
    np.testing.assert_allclose(centered[1], KernelCenterer().fit_transform(kernels[1]), atol=1e-13)
    np.testing.assert_allclose(center_kernel(centered), centered, atol=1e-13)
    np.testing.assert_allclose(centered.sum(axis=-1), 0.0, atol=1e-12)


def test_alignment_terms_are_the_printed_inner_products():
    x, y = problem()
    kernels = gaussian_kernels(x, x, default_gammas(x))
    projection = np.eye(60) - 1.0 / 60
    centered = projection @ kernels @ projection
    gram, aligned = alignment_terms(kernels, y)
    np.testing.assert_allclose(gram, np.einsum("kij,lij->kl", centered, centered), rtol=1e-11)
    np.testing.assert_allclose(aligned, np.einsum("kij,i,j->k", centered, y, y), rtol=1e-11)


def test_alignf_solves_the_quadratic_programme():
    """KKT: v ≥ 0, gradient Mv - a ≥ 0, and one of the two is 0 for each kernel."""
    outcomes = []
    for seed in range(20):
        x, y = problem(seed=seed)
        kernels = gaussian_kernels(x, x, default_gammas(x))
        gram, aligned = alignment_terms(kernels, y)
        weights = alignf(kernels, y)
        solution = weights * (weights @ aligned) / (weights @ gram @ weights)  # v*, the best length along μ*
        slack = (gram @ solution - aligned) / np.sqrt(np.diag(gram)) / np.linalg.norm(y) ** 2
        assert (weights >= 0.0).all() and np.linalg.norm(weights) == pytest.approx(1.0, abs=1e-12)
        assert (slack > -1e-10).all()
        np.testing.assert_allclose(slack[weights > 0.0], 0.0, atol=1e-10)
        outcomes.append((weights > 0.0).sum())
    assert 1 <= min(outcomes) and max(outcomes) < 7  # the constraint is active, so the test sees both sides


def test_alignf_agrees_with_a_search_of_all_active_sets():
    """The minimiser is unconstrained on its support: try all 127 supports, keep the best feasible one."""
    for seed in range(5):
        x, y = problem(seed=seed)
        kernels = gaussian_kernels(x, x, default_gammas(x))
        gram, aligned = alignment_terms(kernels, y)
        best, lowest = None, 0.0
        for size in range(1, 8):
            for support in map(list, combinations(range(7), size)):
                candidate = np.zeros(7)
                candidate[support] = np.linalg.solve(gram[np.ix_(support, support)], aligned[support])
                value = candidate @ gram @ candidate - 2.0 * candidate @ aligned
                if (candidate >= 0.0).all() and value < lowest:
                    best, lowest = candidate, value
        np.testing.assert_allclose(alignf(kernels, y), best / np.linalg.norm(best), atol=1e-10)


def test_alignf_maximises_the_centred_alignment():
    x, y = problem()
    gram, aligned = alignment_terms(gaussian_kernels(x, x, default_gammas(x)), y)

    def alignment(weights):
        return weights @ aligned / np.sqrt(np.einsum("...k,kl,...l->...", weights, gram, weights))

    best = solve_alignf(gram, aligned)
    others = np.abs(np.random.default_rng(0).normal(size=(5000, 7)))
    nearby = np.abs(best + 0.01 * np.random.default_rng(1).normal(size=(5000, 7)))
    assert all(alignment(best) >= alignment(w) - 1e-12 for w in np.vstack([others, nearby]))


def test_alignf_recovers_planted_weights():
    """Σ μ_k K_k = y yᵀ on the span of orthogonal kernels: v* is known, and its negative parts are cut off."""
    rng = np.random.default_rng(0)
    columns = np.hstack([np.ones((30, 1)), rng.normal(size=(30, 4))])
    basis = np.linalg.qr(columns)[0][:, 1:]  # centred, orthonormal
    kernels = np.einsum("nk,mk->knm", basis, basis) * np.array([1.0, 2.0, 0.5, 3.0])[:, None, None]
    y = basis @ np.array([2.0, 1.0, 0.0, 3.0])
    expected = np.array([4.0, 1.0 / 2.0, 0.0, 9.0 / 3.0])  # a_k / M_kk
    np.testing.assert_allclose(alignf(kernels, y), expected / np.linalg.norm(expected), atol=1e-12)
    kernels[0] *= -1.0  # now best used with a negative weight, which is not allowed
    expected[0] = 0.0
    np.testing.assert_allclose(alignf(kernels, y), expected / np.linalg.norm(expected), atol=1e-12)


def test_alignf_of_known_mixture():
    """If y yᵀ is itself a mixture of kernels plus a part orthogonal to them all, the mixture comes back."""
    rng = np.random.default_rng(1)
    factors = rng.normal(size=(4, 50, 6))
    kernels = factors @ factors.transpose(0, 2, 1)
    planted = np.array([0.3, 0.0, 1.2, 0.5])
    targets = np.linalg.cholesky(np.tensordot(planted, kernels, 1) + 1e-13 * np.eye(50))  # Y Yᵀ, n targets
    np.testing.assert_allclose(alignf(kernels, targets), planted / np.linalg.norm(planted), atol=1e-10)


def test_alignf_invariances():
    x, y = problem()
    kernels = gaussian_kernels(x, x, default_gammas(x))
    weights, order = alignf(kernels, y), np.random.default_rng(0).permutation(60)
    np.testing.assert_allclose(alignf(kernels, -1e3 * y + 7.0), weights, atol=1e-10)
    np.testing.assert_allclose(alignf(1e-8 * kernels, y), weights, atol=1e-10)
    np.testing.assert_allclose(alignf(kernels + np.arange(7.0)[:, None, None], y), weights, atol=1e-10)
    np.testing.assert_allclose(alignf(kernels[:, order][:, :, order], y[order]), weights, atol=1e-9)
    np.testing.assert_allclose(alignf(kernels[::-1], y), weights[::-1], atol=1e-9)
    # A kernel times s carries weight divided by s: the combination is the same, its norm aside.
    scale = np.array([1.0, 10.0, 0.1, 1.0, 5.0, 1.0, 2.0])
    scaled = alignf(scale[:, None, None] * kernels, y) * scale
    np.testing.assert_allclose(scaled / np.linalg.norm(scaled), weights, atol=1e-9)


def test_alignf_of_one_kernel_is_one():
    x, y = problem()
    np.testing.assert_allclose(alignf(gaussian_kernels(x, x, [0.5]), y), [1.0], atol=1e-15)


def test_dependent_kernels_give_the_same_combination():
    x, y = problem()
    kernels = gaussian_kernels(x, x, default_gammas(x))
    doubled = np.concatenate([kernels, kernels[::-1], 0.5 * kernels[:2] + kernels[2:4]])

    def combined(parts):
        total = center_kernel(np.tensordot(alignf(parts, y), parts, 1))
        return total / np.linalg.norm(total)

    assert np.linalg.matrix_rank(alignment_terms(doubled, y)[0], hermitian=True) < len(doubled)
    np.testing.assert_allclose(combined(doubled), combined(kernels), atol=1e-8)


@pytest.mark.parametrize("label", [1.0, 0.1])
def test_labels_without_information_give_uniform_weights(label):
    x, _ = problem()
    with pytest.warns(RuntimeWarning, match="no kernel is aligned"):
        weights = alignf(gaussian_kernels(x, x, [0.1, 1.0, 3.0, 9.0]), np.full(60, label))
    np.testing.assert_array_equal(weights, [0.5] * 4)


def test_a_constant_kernel_gets_no_weight():
    x, y = problem()
    kernels = gaussian_kernels(x, x, [0.0, 0.2]) * 0.1
    np.testing.assert_allclose(alignf(kernels, y), [0.0, 1.0], atol=1e-15)
    np.testing.assert_allclose(alignf_gaussian(x, y, [0.0, 0.2]), [0.0, 1.0], atol=1e-15)
    with pytest.warns(RuntimeWarning, match="no kernel is aligned"):
        np.testing.assert_allclose(alignf(kernels[:1], y), [1.0], atol=1e-15)


def test_nested_lists_are_read_as_arrays():
    x, y = problem(n=12)
    kernels = gaussian_kernels(x.tolist(), x.tolist(), [0.1, 0.5])
    np.testing.assert_array_equal(kernels, gaussian_kernels(x, x.copy(), np.array([0.1, 0.5])))
    lists, labels = kernels.tolist(), y.astype(int).tolist()
    gram, aligned = alignment_terms(kernels, y)
    np.testing.assert_array_equal(alignment_terms(lists, labels)[0], gram)
    np.testing.assert_array_equal(alignment_terms(lists, labels)[1], aligned)
    np.testing.assert_array_equal(center_kernel(lists), center_kernel(kernels))
    np.testing.assert_array_equal(centered_targets(labels, 12)[:, 0], y - y.mean())
    np.testing.assert_array_equal(solve_alignf(gram.tolist(), aligned.tolist()), alignf(kernels, y))
    np.testing.assert_array_equal(alignf(lists, labels), alignf(kernels, y))
    np.testing.assert_array_equal(
        alignf_gaussian(x.tolist(), labels, [0.1, 0.5]), alignf_gaussian(x, y, np.array([0.1, 0.5]))
    )


def test_several_targets_are_centred_one_by_one_and_a_constant_one_is_nothing():
    y = np.array([[1.0, 0.1, 3.0], [2.0, 0.1, 5.0], [6.0, 0.1, 1.0]])
    expected = [[-2.0, 0.0, 0.0], [-1.0, 0.0, 2.0], [3.0, 0.0, -2.0]]
    np.testing.assert_allclose(centered_targets(y, 3), expected, atol=1e-14)
    np.testing.assert_array_equal(centered_targets(y, 3)[:, 1], 0.0)


def test_misshapen_input_is_refused():
    with pytest.raises(ValueError, match=re.escape("kernels (3, 3); expected (P, n, n)")):
        alignf(np.eye(3), np.ones(3))
    with pytest.raises(ValueError, match=re.escape("got y of shape (4,) for 3 samples")):
        alignf(np.eye(3)[None], np.ones(4))


# --- alignf by tiles


@pytest.mark.parametrize("block", [1, 7, 30, 60, 200])
def test_tiles_give_the_whole_kernels_terms(block):
    x, y = problem()
    gammas = default_gammas(x)
    gram, aligned = gaussian_alignment_terms(x, y, gammas, block=block)
    expected_gram, expected_aligned = alignment_terms(gaussian_kernels(x, x, gammas), y)
    np.testing.assert_allclose(gram, expected_gram, rtol=1e-11)
    np.testing.assert_allclose(aligned, expected_aligned, rtol=1e-10)
    np.testing.assert_allclose(
        alignf_gaussian(x, y, gammas, block=block), alignf(gaussian_kernels(x, x, gammas), y), atol=1e-10
    )


def test_bandwidths_need_not_double():
    x, y = problem()
    gammas = np.array([0.3, 0.1, 0.2, 0.4, 0.5])  # two doublings among arbitrary steps
    gram, aligned = gaussian_alignment_terms(x, y, gammas, block=16)
    expected_gram, expected_aligned = alignment_terms(gaussian_kernels(x, x, gammas), y)
    np.testing.assert_allclose(gram, expected_gram, rtol=1e-11)
    np.testing.assert_allclose(aligned, expected_aligned, rtol=1e-10)


def test_very_wide_kernels_become_linear():
    """γ → 0: K - 1 = -γ D + …, so M → γ_k γ_l ‖CDC‖², far below the rounding of K itself."""
    x, y = problem()
    gammas = np.array([1e-12, 1e-11])
    gram, aligned = gaussian_alignment_terms(x, y, gammas, block=16)
    linear = -center_kernel(cdist(x, x, "sqeuclidean"))  # 2 x_c x_cᵀ
    np.testing.assert_allclose(gram, np.outer(gammas, gammas) * np.sum(linear**2), rtol=1e-9)
    np.testing.assert_allclose(aligned, gammas * (y @ linear @ y), rtol=1e-9)


def test_very_narrow_kernels_become_the_identity():
    x, y = problem()
    gram, aligned = gaussian_alignment_terms(x, y, [1e9], block=16)
    np.testing.assert_allclose(gram, 59.0, rtol=1e-12)  # ‖C‖²
    np.testing.assert_allclose(aligned, np.sum((y - y.mean()) ** 2), rtol=1e-12)


def test_tiles_keep_memory_small():
    x, y = problem(n=1500)
    gammas = default_gammas(x)
    tracemalloc.start()
    try:
        alignf_gaussian(x, y, gammas, block=64)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1500**2 / 4  # bytes: a quarter of one kernel, of which there are seven


def test_a_block_of_nothing_is_refused():
    with pytest.raises(ValueError, match="got block=0"):
        alignf_gaussian(*problem(), [1.0], block=0)


# --- AlignedNystroem


@pytest.mark.filterwarnings("ignore:AlignedNystroem. 100 landmarks asked", "ignore:solve_alignf")
@parametrize_with_checks([AlignedNystroem(), AlignedNystroem(weights="uniform")])
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


def test_every_sample_a_landmark_gives_the_kernel_back():
    x, y = problem()
    model = AlignedNystroem(n_components=60, random_state=0).fit(x, y)
    features = model.transform(x)
    kernel = np.tensordot(model.weights_, gaussian_kernels(x, x, model.gammas_), 1)
    np.testing.assert_allclose(features @ features.T, kernel, atol=1e-12)
    np.testing.assert_array_equal(model.gammas_, default_gammas(x))
    np.testing.assert_allclose(model.weights_, alignf(gaussian_kernels(x, x, model.gammas_), y), atol=1e-10)


def test_new_samples_get_the_projection_onto_the_landmarks():
    x, y = problem()
    new = np.random.default_rng(5).normal(size=(11, 5))
    model = AlignedNystroem(n_components=20, random_state=0).fit(x, y)
    landmarks = x[model.component_indices_]

    def kernel(x1, x2):
        return np.tensordot(model.weights_, gaussian_kernels(x1, x2, model.gammas_), 1)

    expected = kernel(new, landmarks) @ np.linalg.pinv(kernel(landmarks, landmarks), hermitian=True)
    expected = expected @ kernel(landmarks, x)
    np.testing.assert_allclose(model.transform(new) @ model.transform(x).T, expected, atol=1e-10)
    np.testing.assert_array_equal(model.components_, landmarks)
    assert len(set(model.component_indices_)) == 20
    assert (np.sum(model.transform(new) ** 2, axis=1) <= model.weights_.sum() + 1e-12).all()


def test_one_kernel_agrees_with_scikit_learns_nystroem():
    x, y = problem()
    ours = AlignedNystroem(gammas=[0.4], n_components=25, random_state=3).fit(x, y)
    theirs = Nystroem(gamma=0.4, n_components=25, random_state=3).fit(x)
    np.testing.assert_array_equal(ours.component_indices_, theirs.component_indices_)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), atol=1e-10)


def test_more_landmarks_come_nearer_to_the_kernel():
    x, y = problem(n=200)
    full = AlignedNystroem(n_components=200).fit(x, y)
    kernel = np.tensordot(full.weights_, gaussian_kernels(x, x, full.gammas_), 1)
    errors = []
    for size in (10, 40, 160):
        features = AlignedNystroem(n_components=size, random_state=0).fit_transform(x, y)
        errors.append(np.linalg.norm(features @ features.T - kernel, 2))
    assert errors[0] > errors[1] > errors[2]  # nested landmarks: the residual shrinks in the Loewner order


def test_duplicated_samples_leave_finite_exact_features():
    x, y = problem(n=20)
    x, y = np.repeat(x, 5, axis=0), np.repeat(y, 5)  # rank 20 of 100
    model = AlignedNystroem(gammas=default_gammas(x), n_components=100, random_state=0).fit(x, y)
    features = model.transform(x)
    kernel = np.tensordot(model.weights_, gaussian_kernels(x, x, model.gammas_), 1)
    assert np.linalg.matrix_rank(model.normalization_, hermitian=True) == 20
    np.testing.assert_allclose(features @ features.T, kernel, atol=1e-11)


def test_nearly_singular_landmark_kernels_leave_exact_features():
    """A wide kernel on a line: its eigenvalues fall through the floor one after the other."""
    x = np.linspace(0.0, 1.0, 50)[:, None]
    model = AlignedNystroem(gammas=[0.1], n_components=50, random_state=0).fit(x, np.sign(x.ravel() - 0.4))
    features = model.transform(x)
    assert np.linalg.matrix_rank(model.normalization_, hermitian=True) < 15
    np.testing.assert_allclose(features @ features.T, gaussian_kernels(x, x, [0.1])[0], atol=1e-11)


def test_labels_may_be_words_numbers_or_several_classes():
    x, y = problem()
    one_hot = np.column_stack([y > 0, y < 0]).astype(int)
    fitted = [
        AlignedNystroem(random_state=0, n_components=9).fit(x, labels).weights_
        for labels in (y, np.where(y > 0, "car", "plane"), (y > 0).astype(int), one_hot)
    ]
    for weights in fitted[1:]:
        np.testing.assert_allclose(weights, fitted[0], atol=1e-10)
    three = np.digitize(x[:, 0], [-0.5, 0.5])
    indicators = np.eye(3)[three]
    expected = alignf(gaussian_kernels(x, x, default_gammas(x)), indicators)
    np.testing.assert_allclose(AlignedNystroem(n_components=9).fit(x, three).weights_, expected, atol=1e-10)
    real = x[:, 0] ** 3
    expected = alignf(gaussian_kernels(x, x, default_gammas(x)), real)
    np.testing.assert_allclose(AlignedNystroem(n_components=9).fit(x, real).weights_, expected, atol=1e-10)


def test_weights_can_be_given():
    x, y = problem()
    uniform = AlignedNystroem(n_components=9, weights="uniform").fit(x)
    np.testing.assert_allclose(uniform.weights_, np.full(7, 7.0**-0.5), atol=1e-15)
    single = AlignedNystroem(gammas=[0.1, 1.0], n_components=9, random_state=0, weights=[0.0, 5.0]).fit(x)
    np.testing.assert_array_equal(single.weights_, [0.0, 1.0])
    alone = AlignedNystroem(gammas=[1.0], n_components=9, random_state=0).fit(x, y)
    np.testing.assert_allclose(single.transform(x), alone.transform(x), atol=1e-12)


@pytest.mark.parametrize("weights", ["best", [1.0], [1.0, -1.0], [0.0, 0.0], [np.nan, 1.0], None])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ValueError, match="AlignedNystroem: got weights="):
        AlignedNystroem(gammas=[0.1, 1.0], weights=weights).fit(problem()[0])


def test_bad_settings_are_refused():
    x, y = problem()
    with pytest.raises(ValueError, match="got n_components=0"):
        AlignedNystroem(n_components=0).fit(x, y)
    with pytest.raises(ValueError, match="requires y to be passed"):
        AlignedNystroem().fit(x)
    with pytest.warns(UserWarning, match="61 landmarks asked of 60 samples"):
        assert AlignedNystroem(n_components=61).fit_transform(x, y).shape == (60, 60)


def test_works_in_a_pipeline():
    x, y = problem(n=300)
    pipeline = make_pipeline(StandardScaler(), AlignedNystroem(random_state=0), RidgeClassifier())
    pipeline.set_params(alignednystroem__n_components=50).fit(x[:200], y[:200])
    linear = make_pipeline(StandardScaler(), RidgeClassifier()).fit(x[:200], y[:200])
    assert pipeline.score(x[200:], y[200:]) > linear.score(x[200:], y[200:])  # the classes need x₂²
    names = pipeline[:-1].get_feature_names_out()
    assert names[0] == "alignednystroem0" and len(names) == 50


def test_the_package_offers_the_contract():
    assert {"gaussian_kernels", "alignf", "AlignedNystroem"} <= set(embeddings.__all__)


def test_one_negative_bandwidth_among_others_is_refused():
    with pytest.raises(ValueError, match="gaussian_kernels: got gammas"):
        gaussian_kernels(np.eye(3), np.eye(3), np.array([0.5, -1e-9, 2.0]))
