"""Numbers that are easily wrong without a sign of it, against 50 digits of mpmath."""

import mpmath as mp
import numpy as np
import pytest

from kdsrc.dynamics import AccuracyNotReached, KernelRegime
from kdsrc.dynamics.krylov import KrylovFlow
from kdsrc.dynamics.limits import general_limit, limit_displacements, relu_limit
from kdsrc.embeddings import gaussian_kernels, squared_distances
from kdsrc.embeddings.nystroem import gaussian_alignment_terms
from kdsrc.kernels import infinite_width_kernel
from kdsrc.networks import init_network
from kdsrc.spectra import projections, top_eigenvectors
from kdsrc.theory.theorem1 import final_error, printed_limit, printed_unit_limits

PENALTIES = (1e-10, 1e-8, 1e-6, 1e-4, 1.0, 1e4, 1e6, 1e10)
CASES = (("tanh", (4, 5, 3)), ("tanh", (7, 4, 3)), ("relu", (4, 5, 3)), ("relu", (7, 4, 3)))


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(50):
        yield


def exact(values):
    """Floating-point numbers as they are."""
    values = np.asarray(values, dtype=float)
    return mp.matrix(values.tolist()) if values.ndim == 2 else mp.matrix([[v] for v in values.tolist()])


def rounded(matrix):
    return np.array(matrix.tolist(), dtype=float)


def close(found, expected, relative):
    """Largest error within this share of the largest expected number."""
    assert np.abs(found - expected).max() <= relative * np.abs(expected).max()


def small_problem(activation, shape, seed=0):
    n, d, m = shape
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + 4, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    network = init_network(m, d, seed=rng, std=1.0, activation=activation)
    knowledge = network.features(x[:n]) + 0.3 * rng.normal(size=(n, m))
    return network, x[:n], rng.normal(size=n), knowledge, x[n:]


def flow_system(network, x, y, penalty, knowledge):
    """G and b of dΔw/dt = b − G Δw, from the definitions, at 50 digits."""
    (n, d), m = x.shape, network.width
    c, slopes, features = exact(network.coefficients), exact(network.slopes(x)), exact(network.features(x))
    rows, target, y = exact(x), exact(knowledge), exact(y)
    jacobian = mp.zeros(n * m, m * d)
    for k in range(m):
        for i in range(n):
            for r in range(d):
                jacobian[k * n + i, k * d + r] = slopes[i, k] * rows[i, r]
    mixing = c * c.T + mp.mpf(penalty) * mp.eye(m)
    coupling = mp.zeros(n * m, n * m)
    for k in range(m):
        for j in range(m):
            for i in range(n):
                coupling[k * n + i, j * n + i] = mixing[k, j]
    miss = y - features * c
    force = mp.matrix(
        [[c[k] * miss[i] + mp.mpf(penalty) * (target[i, k] - features[i, k])] for k in range(m) for i in range(n)]
    )
    return jacobian.T * coupling * jacobian, jacobian.T * force


def least_norm(operator, vector):
    values, vectors = mp.eigsy(operator)
    seen = vectors.T * vector
    for j, value in enumerate(values):
        seen[j] = seen[j] / value if value > max(values) * mp.mpf(10) ** -30 else 0
    return vectors * seen


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize(("activation", "shape"), CASES)
def test_the_end_of_training_for_every_penalty(activation, shape, penalty):
    network, x, y, knowledge, x_test = small_problem(activation, shape)
    moves = rounded(least_norm(*flow_system(network, x, y, penalty, knowledge))).reshape(network.weights.shape)
    close(limit_displacements(network, x, y, penalty, knowledge), moves, 1e-12)

    def arrived(points):
        return network.output(points) + np.einsum(
            "im,id,md->i", network.slopes(points) * network.coefficients, points, moves
        )

    close(general_limit(network, x, y, penalty, knowledge), arrived(x), 1e-13)
    for method in ("dense", "krylov"):
        regime = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, method=method)
        close(regime.limit(), arrived(x), 1e-13)
        close(regime.output([np.inf])[0], arrived(x), 1e-13)
        close(regime.output([np.inf], x_test)[0], arrived(x_test), 1e-12)
        close(regime.weights([np.inf])[0] - network.weights, moves, 1e-12)


@pytest.mark.parametrize("penalty", (1e-300, *PENALTIES, 1e300))
def test_printed_limits_for_every_penalty(penalty):
    network, x, y, knowledge, _ = small_problem("relu", (6, 9, 3))
    c, own, lam = exact(network.coefficients), exact(knowledge), mp.mpf(penalty)
    a = (c.T * c)[0]
    gap = (exact(y) - own * c) / (a + lam)
    close(printed_unit_limits(network, y, penalty, knowledge), rounded(own + gap * c.T), 1e-15)
    close(printed_limit(network, y, penalty, knowledge), rounded(exact(y) - lam * gap).ravel(), 1e-14)
    assert final_error(network, y, penalty, knowledge) == pytest.approx(float(lam * mp.norm(gap)), rel=1e-14)
    active = exact(network.slopes(x))
    closed = []
    for i in range(len(y)):
        weight = mp.fsum(active[i, k] * c[k] ** 2 for k in range(3))
        own_i = mp.fsum(active[i, k] * c[k] * own[i, k] for k in range(3))
        closed.append(float((weight * mp.mpf(float(y[i])) + lam * own_i) / (weight + lam)))
    close(relu_limit(network, x, y, penalty, knowledge), np.array(closed), 1e-14)
    close(
        general_limit(network, x, y, penalty, knowledge),
        relu_limit(network, x, y, penalty, network.slopes(x) * knowledge),
        1e-13,
    )


@pytest.mark.parametrize("time", (1.0, 1e3, 1e8, 1e12, 1e18, 1e300))
@pytest.mark.parametrize(
    ("activation", "shape", "twice"),
    [("tanh", (9, 5, 1), False), ("relu", (14, 5, 2), False), ("tanh", (6, 9, 4), True)],
)
def test_late_times_without_penalty_and_with_a_singular_kernel(activation, shape, twice, time):
    network, x, y, _, x_test = small_problem(activation, shape)
    if twice:  # samples that contradict each other
        x, y = np.vstack([x, x]), np.append(y, y + 1.0)
    n, m = len(x), network.width
    c, slopes, rows = exact(network.coefficients), exact(network.slopes(x)), exact(x)
    gram = rows * rows.T
    kernel = mp.matrix(n, n)
    for i in range(n):
        for j in range(n):
            kernel[i, j] = gram[i, j] * mp.fsum(c[k] ** 2 * slopes[i, k] * slopes[j, k] for k in range(m))
    values, vectors = mp.eigsy(kernel)
    shares = vectors.T * (exact(y) - exact(network.features(x)) * c)
    for j, value in enumerate(values):
        shares[j] *= -mp.expm1(-value * mp.mpf(time)) / value if value > max(values) * mp.mpf(10) ** -30 else 0
    pulls = rounded(vectors * shares).ravel()
    regime = KernelRegime(network, x, y, method="krylov")
    gains = network.slopes(x) * network.coefficients
    for points in (x, x_test):
        seen = (network.slopes(points) * network.coefficients) @ gains.T * (points @ x.T)
        np.testing.assert_allclose(regime.output([time], points)[0], network.output(points) + seen @ pulls, atol=1e-9)
    np.testing.assert_allclose(regime.weights([time])[0] - network.weights, (gains * pulls[:, None]).T @ x, atol=1e-8)


@pytest.mark.parametrize("time", (1.0, 1e4, 1e8, 1e12))
def test_late_times_with_penalty_are_right_or_refused(time):
    refused = []
    for penalty in (1e-10, 1e-6, 1e-2):
        network, x, y, knowledge, x_test = small_problem("relu", (9, 5, 3))
        operator, start = flow_system(network, x, y, penalty, knowledge)
        values, vectors = mp.eigsy(operator)
        shares = vectors.T * start
        for j, value in enumerate(values):
            shares[j] *= -mp.expm1(-value * time) / value if value > max(values) * mp.mpf(10) ** -30 else 0
        moves = rounded(vectors * shares).reshape(network.weights.shape)
        try:
            found = KernelRegime(network, x, y, penalty=penalty, knowledge=knowledge, method="krylov").output(
                [time], x_test
            )[0]
        except AccuracyNotReached:
            refused.append(penalty)
            continue
        gains = network.slopes(x_test) * network.coefficients
        expected = network.output(x_test) + np.einsum("im,id,md->i", gains, x_test, moves)
        np.testing.assert_allclose(found, expected, atol=1e-8)
    if time < 1e8:
        assert refused == []
    else:  # poles of 1e-11 are near to rounding beside those of 1
        assert 1e-10 in refused and 1e-2 not in refused


def test_a_bound_that_is_no_number_is_not_reached():
    flow = KrylovFlow(lambda v: (v * np.arange(1.0, 10.0), v), np.ones(9), max_krylov=4)
    flow.error = lambda *_: np.nan
    with pytest.raises(AccuracyNotReached, match="error bound is nan"):
        flow.reach(1.0, (1.0, 1.0, 1.0), 1e-3)
    for factors in (np.full(9, np.inf), np.array([1.0, 2.0, np.inf, *range(3, 9)])):
        with pytest.raises(AccuracyNotReached, match="non-finite"):
            KrylovFlow(lambda v, f=factors: (v * f, v), np.ones(9), max_krylov=4).reach(1.0, (1.0, 1.0, 1.0), 1e-3)


def exact_distances(x1, x2):
    return np.array(
        [
            [
                float(mp.fsum((mp.mpf(a) - mp.mpf(b)) ** 2 for a, b in zip(one.tolist(), two.tolist(), strict=True)))
                for two in x2
            ]
            for one in x1
        ]
    )


@pytest.mark.parametrize("place", ("outlier", "two clusters", "near copies", "far"))
def test_squared_distances_of_awkward_samples(place):
    x = np.random.default_rng(0).normal(size=(14, 5))
    if place == "outlier":
        x[3] = 1e8
    elif place == "two clusters":
        x[::2] += 1e7
    elif place == "near copies":
        x[7:] = x[:7] * (1.0 + 1e-9)
    else:
        x += 1e6
    expected = exact_distances(x, x)
    np.testing.assert_allclose(squared_distances(x, x), expected, rtol=1e-11)
    np.testing.assert_allclose(squared_distances(x[:9], x[4:]), expected[:9, 4:], rtol=1e-11)


def test_alignment_of_samples_with_an_outlier():
    x, y = np.random.default_rng(1).normal(size=(20, 4)), np.repeat([-1.0, 1.0], 10)
    x[3] = 1e8
    gammas = [0.1, 0.2, 1.0]
    kernels = np.exp(-np.multiply.outer(gammas, exact_distances(x, x)))
    centre = np.eye(20) - 1.0 / 20
    centred = centre @ kernels @ centre
    gram, aligned = gaussian_alignment_terms(x, y, gammas, block=7)
    np.testing.assert_allclose(gaussian_kernels(x, x, gammas), kernels, atol=1e-12)
    np.testing.assert_allclose(gram, np.einsum("kij,lij->kl", centred, centred), rtol=1e-10)
    np.testing.assert_allclose(aligned, np.einsum("kij,i,j->k", centred, y, y), rtol=1e-10)


def exact_kernel(x1, x2, activation, std):
    def entry(one, two):
        one, two = [mp.mpf(v) for v in one.tolist()], [mp.mpf(v) for v in two.tolist()]
        a, b, c = mp.fdot(one, one), mp.fdot(two, two), mp.fdot(one, two)
        if activation == "relu":
            return float(c * (mp.pi - mp.atan2(mp.sqrt(max(a * b - c * c, mp.mpf(0))), c)) / (2 * mp.pi))
        s = 2 * mp.mpf(std) ** 2
        return float(c * 4 / mp.pi / mp.sqrt((1 + s * a) * (1 + s * b) - (s * c) ** 2))

    with mp.workdps(400):  # the sizes differ by 150 orders of magnitude
        return np.array([[entry(one, two) for two in x2] for one in x1])


@pytest.mark.parametrize(("activation", "std"), [("relu", 1.0), *(("erf", std) for std in (1e-8, 1.0, 1e4, 1e8, 1e20))])
def test_infinite_width_kernel_of_nearly_parallel_points(activation, std):
    rng = np.random.default_rng(2)
    base = rng.normal(size=(3, 6))
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    close_by = [
        base * scale + turn * rng.normal(size=base.shape) for scale in (1.0, -3.7) for turn in (0.0, 1e-9, 1e-5)
    ]
    x = np.vstack([base, *close_by, rng.normal(size=(3, 6)), 1e-100 * base[:1], 1e50 * base[:1]])
    expected = exact_kernel(x, x, activation, std)
    np.testing.assert_allclose(
        infinite_width_kernel(x, activation=activation, std=std), expected, rtol=1e-11, atol=1e-300
    )
    np.testing.assert_allclose(
        infinite_width_kernel(x[:5], x[3:], activation=activation, std=std), expected[:5, 3:], rtol=1e-11, atol=1e-300
    )


def test_a_kernel_beyond_the_range_of_numbers_is_refused():
    x = np.random.default_rng(3).normal(size=(4, 3))
    with pytest.raises(ValueError, match="infinite_width_kernel: .*overflows"):
        infinite_width_kernel(x, activation="erf", std=1e200)
    with pytest.raises(ValueError, match="top_eigenvectors: .*single precision"):
        top_eigenvectors(x, 2, activation="erf", std=1e30)
    with pytest.raises(ValueError, match="squared_distances: .*overflow"):
        squared_distances(1e200 * x, x)


@pytest.mark.parametrize("size", (1e-320, 1e-200, 1e-160, 1.0, 1e200))
def test_projections_of_very_small_and_large_outputs(size):
    vectors = np.linalg.qr(np.random.default_rng(4).normal(size=(9, 3)))[0]
    features = np.random.default_rng(5).normal(size=(9, 4)) * size
    units = exact(features)
    expected = [
        [float((units[:, k].T * exact(vectors[:, j]))[0] / mp.norm(units[:, k])) for j in range(3)] for k in range(4)
    ]
    np.testing.assert_allclose(projections(features, vectors), expected, atol=1e-14)
