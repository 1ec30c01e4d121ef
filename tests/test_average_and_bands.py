"""The matrix average of Theorem 1 and the bands of the poles: against closed forms, independent code and mpmath."""

import mpmath
import numpy as np
import pytest

from kdsrc.dynamics.limits import general_limit, mobility_and_aim, relu_limit
from kdsrc.kernels import tangent_kernel, unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.theory.bands import first_order, pole_bands
from kdsrc.theory.problems import problem
from kdsrc.theory.theorem1 import printed_limit
from kdsrc.theory.theorem3 import symmetric_operator

NAMES = ("smooth", "tall", "relu")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("penalty", [1e-6, 0.3, 1e5])
def test_matrix_average_is_where_the_flow_ends(name, penalty):
    """The end of the frozen flow from its rest equations alone: pseudo-inverses, no projector's basis."""
    p = problem(name, seed=1, penalty=penalty)
    grams, c, n = unit_grams(p.network, p.x), p.network.coefficients, len(p.y)
    start, rows, right = p.network.features(p.x).T, [], []
    for k, gram in enumerate(grams):  # Q_k (c_k f + λ f^(k)) = Q_k (c_k y + λ φ^(k)),  P_k f^(k) = P_k f^(k)(0)
        q = gram @ np.linalg.pinv(gram, hermitian=True, rcond=1e-10)
        block = np.kron(c, q) * c[k] / penalty
        block[:, k * n : (k + 1) * n] += np.eye(n)
        rows.append(block)
        right.append(q @ (c[k] / penalty * p.y + p.knowledge[:, k]) + (np.eye(n) - q) @ start[k])
    units = np.linalg.solve(np.vstack(rows), np.concatenate(right)).reshape(len(c), n)
    found = general_limit(p.network, p.x, p.y, penalty, p.knowledge)
    # the stacked system has a condition number of a/λ and more
    np.testing.assert_allclose(found, c @ units, atol=1e-10 * max(1.0, 1e-3 / penalty))


@pytest.mark.parametrize("name", NAMES)
def test_mobility_and_aim_by_pseudo_inverses(name):
    p = problem(name, seed=1)
    c, grams = p.network.coefficients, unit_grams(p.network, p.x)
    q = [gram @ np.linalg.pinv(gram, hermitian=True, rcond=1e-10) for gram in grams]
    start, known = p.network.features(p.x).T, p.knowledge.T
    mobility, aim = mobility_and_aim(p.network, p.x, p.knowledge)
    np.testing.assert_allclose(mobility, np.tensordot(c**2, q, axes=1), atol=1e-10)
    np.testing.assert_allclose(
        aim, sum(c[k] * (start[k] + q[k] @ (known[k] - start[k])) for k in range(len(c))), atol=1e-10
    )
    np.testing.assert_allclose(aim, general_limit(p.network, p.x, p.y, np.inf, p.knowledge), atol=1e-12)


def test_special_cases():
    p = problem("smooth", seed=0)
    mobility, aim = mobility_and_aim(p.network, p.x, p.knowledge)
    a = p.network.coefficients @ p.network.coefficients
    np.testing.assert_allclose(mobility, a * np.eye(len(p.y)), atol=1e-12)
    np.testing.assert_allclose(aim, p.knowledge @ p.network.coefficients, atol=1e-12)
    np.testing.assert_allclose(
        general_limit(p.network, p.x, p.y, 0.3, p.knowledge),
        printed_limit(p.network, p.y, 0.3, p.knowledge),
        atol=1e-12,
    )
    p = problem("relu", seed=0)
    args = p.network, p.x, p.y, 0.3, p.knowledge
    np.testing.assert_allclose(general_limit(*args), relu_limit(*args), atol=1e-12)


@pytest.mark.parametrize("penalty", [1e-9, 1e-14])
@pytest.mark.parametrize("seed", range(10))
def test_where_nothing_moves_no_small_penalty_matters(seed, penalty):
    """One unit, more samples than inputs: M = c² Q has exact zeros, which rounding must not lift above λ."""
    p = problem("tall", seed=seed)
    network, knowledge = p.network.select([0]), p.knowledge[:, :1]
    start, c = network.output(p.x), network.coefficients[0]
    basis = np.linalg.qr(network.slopes(p.x) * p.x)[0]
    moved = (c**2 * p.y + penalty * c * knowledge[:, 0]) / (c**2 + penalty) - start
    np.testing.assert_allclose(
        general_limit(network, p.x, p.y, penalty, knowledge), start + basis @ (basis.T @ moved), atol=1e-12
    )


@pytest.mark.parametrize("name", NAMES)
def test_error_grows_with_the_penalty(name):
    p = problem(name, seed=2)
    ends = [general_limit(p.network, p.x, p.y, penalty, p.knowledge) for penalty in np.geomspace(1e-4, 1e4, 30)]
    errors = np.linalg.norm(np.array(ends) - p.y, axis=1)
    assert (np.diff(errors) >= -1e-12).all() and errors[-1] > errors[0] * 1.1


def test_matrix_average_near_a_singular_gram():
    """Rows that are nearly dependent: H_k with an eigenvalue of 1e-18, against 50 digits of the flow itself."""
    with mpmath.workdps(50):
        x = np.array([[1.0, 0.0], [1.0, 1e-9]])
        network = TwoLayerNetwork([[0.3, 0.2], [-0.4, 0.7]], [1.0, -1.0], "tanh")
        y, knowledge, penalty = np.array([1.0, -1.0]), np.array([[0.2, -0.1], [0.1, 0.3]]), 0.3
        c, X = [mpmath.mpf(1) / mpmath.sqrt(2), -1 / mpmath.sqrt(2)], mpmath.matrix(x.tolist())
        z = X * mpmath.matrix(network.weights.tolist()).T
        operator, force = mpmath.zeros(4), mpmath.zeros(4, 1)
        for k in range(2):
            g = [1 - mpmath.tanh(z[i, k]) ** 2 for i in range(2)]
            gram = mpmath.matrix(2, 2)
            for i in range(2):
                for j in range(2):
                    gram[i, j] = g[i] * g[j] * (X * X.T)[i, j]
            want = gram * mpmath.matrix([c[k] * y[i] + penalty * mpmath.mpf(knowledge[i, k]) for i in range(2)])
            for i in range(2):
                force[2 * k + i] = want[i]
                for el in range(2):
                    for j in range(2):
                        operator[2 * k + i, 2 * el + j] = gram[i, j] * (c[k] * c[el] + (penalty if k == el else 0))
        rest = mpmath.lu_solve(operator, force)
        exact = [float(c[0] * rest[i] + c[1] * rest[2 + i]) for i in range(2)]
    np.testing.assert_allclose(general_limit(network, x, y, penalty, knowledge), exact, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("penalty", [1e-4, 0.1, 30.0])
def test_poles_lie_in_their_bands_and_not_in_their_neighbours(name, penalty):
    p = problem(name, seed=3)
    poles = np.linalg.eigvalsh(symmetric_operator(p.network, p.x, penalty))
    low, high = pole_bands(p.network, p.x, penalty)
    slack = 1e-12 * poles[-1]
    assert (low - slack <= poles).all() and (poles <= high + slack).all()
    inside = (low[1:] <= poles[:-1]) & (poles[:-1] <= high[1:])
    assert name != "smooth" or penalty > 1e-3 or not inside.all()  # bands shifted by one are wrong: the test can fail


def test_first_order_of_the_poles():
    p = problem("smooth", seed=0)
    slow, fast = first_order(p.network, p.x)
    values, n = np.linalg.eigvalsh(tangent_kernel(p.network, p.x)), len(p.y)
    errors = []
    for penalty in (1e-4, 1e-5):
        poles = np.linalg.eigvalsh(symmetric_operator(p.network, p.x, penalty))
        errors.append([np.abs(poles[:-n] / penalty - slow).max(), np.abs(poles[-n:] - values - penalty * fast).max()])
        assert (poles[:-n] / penalty <= slow * (1 + 1e-8)).all()  # p_j/λ rises as λ falls
    assert 8 < errors[0][0] / errors[1][0] < 12 and 80 < errors[0][1] / errors[1][1] < 120
    q = problem("tall", seed=0)
    with pytest.raises(ValueError, match="invertible H"):
        first_order(q.network.select([0]), q.x)


def test_bands_with_fifty_digits():
    """λ = 1e-30 and an H_k with an eigenvalue near 1e-18: the two families are 30 orders apart."""
    with mpmath.workdps(80):
        penalty, c = mpmath.mpf(10) ** -30, [mpmath.sqrt(mpmath.mpf(1) / 2)] * 2
        x = mpmath.matrix([[1, 0], [1, mpmath.mpf(10) ** -9]])
        gram, slopes = x * x.T, ([mpmath.mpf("0.9"), mpmath.mpf("0.5")], [mpmath.mpf("0.3"), mpmath.mpf("0.8")])
        grams = [mpmath.matrix(2, 2) for _ in range(2)]
        for h, g in zip(grams, slopes, strict=True):
            for i in range(2):
                for j in range(2):
                    h[i, j] = g[i] * g[j] * gram[i, j]
        roots, root_a = [_root(h) for h in grams], mpmath.matrix(2, 2)
        whole = mpmath.matrix(4, 4)
        for k in range(2):
            for el in range(2):
                root_a[k, el] = c[k] * c[el] + (penalty if k == el else 0)
                block = roots[k] * roots[el] * root_a[k, el]
                for i in range(2):
                    for j in range(2):
                        whole[2 * k + i, 2 * el + j] = block[i, j]
        poles = sorted(mpmath.eigsy(whole, eigvals_only=True))
        h = sorted(v for one in grams for v in mpmath.eigsy(one, eigvals_only=True))
        mu = sorted(mpmath.eigsy(grams[0] / 2 + grams[1] / 2, eigvals_only=True))
        tiny = mpmath.mpf(10) ** -70
        assert all(penalty * h[j] - tiny <= poles[j] <= penalty * h[j + 2] + tiny for j in range(2))
        assert all(mu[i] - tiny <= poles[2 + i] <= mu[i] + penalty * h[-1] + tiny for i in range(2))
        assert poles[0] > 0 and poles[1] < mpmath.mpf(10) ** -29 < mu[0]


def _root(matrix):
    values, vectors = mpmath.eigsy(matrix)
    return vectors * mpmath.diag([mpmath.sqrt(v) for v in values]) * vectors.T
