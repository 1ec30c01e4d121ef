"""Long steps against their stability polynomial, the flow, gradient descent, and every pattern of active units."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from planted import problem

from kdsrc.activations import ACTIVATIONS
from kdsrc.data import Dataset
from kdsrc.dynamics import gradient_flow
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.training import Arm, TrainingDiverged, long_steps, train
from kdsrc.training.long_steps import Scheme, curvature_bound, integrate_long_steps

EXACT = {"dtype": "float64", "progress": False}
SCHEMES = [Scheme(stages, damping) for stages in (2, 3, 10, 40) for damping in (2 / 13, 1.0)]


def alike(n=24, d=40, n_test=8, seed=0):
    """Inputs that share most of their length, as images do."""
    rng = np.random.default_rng(seed)
    x = 1.0 + 0.4 * rng.standard_normal((n + n_test, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.where(rng.permutation(n + n_test) % 2 == 0, 1.0, -1.0)
    return Dataset(x[:n], y[:n], x[n:], y[n:], "alike")


def an_arm(data, activation="tanh", penalty=0.3, width=4, name="arm"):
    start, other = (
        init_network(width, data.x_train.shape[1], seed=seed, std=0.8, activation=activation) for seed in (1, 2)
    )
    return Arm(name, start, penalty, other.features(data.x_train) if penalty else None)


def linear():
    """Inputs and weights positive: all units are active, and stay so, and the flow is linear."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 1.0, size=(4, 6))
    network = TwoLayerNetwork(rng.uniform(2.0, 3.0, size=(3, 6)), [1.0, -1.0, 1.0], "relu")
    y, knowledge = network.output(x) + 0.1 * rng.normal(size=4), network.features(x) + 0.1 * rng.normal(size=(4, 3))
    return Dataset(x, y, x, y, "linear"), Arm("linear", network, 0.5, knowledge)


# The scheme


@pytest.mark.parametrize("scheme", SCHEMES)
def test_polynomial_is_chebyshevs(scheme):
    s, w0 = scheme.stages, 1.0 + scheme.damping / scheme.stages**2
    t = chebyshev.Chebyshev.basis(s)
    w1 = t(w0) / t.deriv()(w0)
    z = np.linspace(-scheme.length, 0.0, 50)
    np.testing.assert_allclose(scheme.slope, w1, rtol=1e-10)
    np.testing.assert_allclose(scheme.length, (1 + w0) / w1, rtol=1e-10)
    np.testing.assert_allclose(scheme.polynomial(z), t(w0 + w1 * z) / t(w0), atol=1e-10)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_polynomial_is_stable_on_its_length_and_not_beyond(scheme):
    values = scheme.polynomial(np.linspace(-scheme.length, 0.0, 10_001))
    assert np.abs(values).max() <= 1.0 + 1e-12
    assert abs(scheme.polynomial(-1.3 * scheme.length)) > 1.0
    small = 1e-4
    np.testing.assert_allclose(scheme.polynomial(-small), 1.0 - small, atol=small**2)  # first order
    assert values[-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("damping", (2 / 13, 1.0))
def test_fast_modes_are_damped(damping):
    scheme = Scheme(40, damping)
    fast = scheme.polynomial(np.linspace(-scheme.length, -10.0, 10_001))
    assert np.abs(fast).max() == pytest.approx(1.0 / np.cosh(40 * np.arccosh(1 + damping / 1600)), rel=1e-3)
    assert np.abs(fast).max() == pytest.approx(1.0 / np.cosh(np.sqrt(2 * damping)), rel=1e-3)


def test_length_grows_as_the_square_of_the_stages():
    lengths = [Scheme(stages).length for stages in (20, 40, 80)]
    np.testing.assert_allclose(np.divide(lengths[1:], lengths[:-1]), 4.0, rtol=1e-2)
    assert Scheme(40, 1e-9).length == pytest.approx(2 * 40**2)  # no damping: twice the square


def test_one_step_multiplies_every_mode_by_the_polynomial():
    """z_k′ = G [c_k (y − f) + λ (φ^(k) − z_k)] with all units active: the whole state in eigenvectors."""
    data, arm = linear()
    gram, c = data.x_train @ data.x_train.T, arm.network.coefficients
    operator = np.kron(np.outer(c, c) + arm.penalty * np.eye(len(c)), gram)  # acts on z − z*, row by row
    force = np.kron(c, gram @ data.y_train) + arm.penalty * (gram @ arm.knowledge).T.ravel()
    rest = np.linalg.solve(operator, force)
    values, vectors = np.linalg.eig(operator)
    scheme = Scheme(7)
    time = 0.9 * scheme.length / curvature_bound([arm], data.x_train)
    found = integrate_long_steps([arm], data, learning_rate=time, iterations=1, record_every=1, stages=7, **EXACT)[
        "linear"
    ]
    start = (arm.network.weights @ data.x_train.T).ravel()
    factors = scheme.polynomial(-time * values.real)
    expected = rest + (vectors @ (factors * np.linalg.solve(vectors, start - rest))).real
    assert np.abs(expected - start).max() > 0.01
    np.testing.assert_allclose((found.network.weights @ data.x_train.T).ravel(), expected, atol=1e-10)


# The flow


@pytest.mark.parametrize("penalty", (0.0, 0.3, np.inf))
def test_error_is_of_first_order_in_the_step(penalty):
    data = problem()
    arm = an_arm(data, penalty=penalty)
    flow = gradient_flow(arm.network, data.x_train, data.y_train, [0.0, 4.0], penalty=penalty, knowledge=arm.knowledge)
    gaps = []
    for rows in (200, 400):  # each row is a step, far shorter than the bound allows
        found = integrate_long_steps(
            [arm], data, learning_rate=4.0 / rows, iterations=rows, record_every=1, stages=5, **EXACT
        )
        gaps.append(np.abs(found["arm"].network.weights - flow.weights[-1]).max())
    assert gaps[0] < 1e-2
    np.testing.assert_allclose(gaps[0] / gaps[1], 2.0, rtol=0.1)


@pytest.mark.parametrize("activation", ("relu", "tanh"))
@pytest.mark.parametrize("penalty", (0.0, 0.05))
def test_follows_gradient_descent_where_one_direction_is_fast(activation, penalty):
    """Images share a mean: along it the flow is hundreds of times as fast as elsewhere, and soon at rest.

    A mode of the residual that shrinks at rate r is taken for one of rate r (1 − hr (1/2 − P″(0)/2)), which the log of
    the loss, falling at 2r, shows as a gap below hr/2 of its fall. Of ReLU's units some switch a step earlier or later,
    each by chance: 1/√m of the fall more.
    """
    data, rate = alike(), 0.02
    given = {"learning_rate": rate, "iterations": 10_000, "record_every": 1_000, **EXACT}
    arm = an_arm(data, activation, penalty, width=200)
    arm = replace(arm, network=train([arm], data, **given)["arm"].network)
    descent, gaps = train([arm], data, **given)["arm"], []
    falls = -np.diff(np.log(descent.train_loss))
    switching = falls.sum() / np.sqrt(200) if activation == "relu" else 0.0
    for stages in (4, 16):
        longest = Scheme(stages).length / curvature_bound([arm], data.x_train)
        steps = integrate_long_steps([arm], data, stages=stages, **given)["arm"]
        np.testing.assert_array_equal(steps.iterations, descent.iterations)
        gaps.append(np.abs(np.log(steps.train_loss / descent.train_loss)).max())
        assert gaps[-1] < 0.5 * longest * (falls.max() / (2 * 1_000 * rate)) * falls.sum() + switching
    assert longest > 100 * rate  # a hundred iterations in sixteen stages
    assert falls.sum() > 0.2  # something is learned
    assert gaps[0] < max(gaps[1] / 2, switching)  # shorter steps are better


def test_a_network_at_rest_stays():
    data = problem()
    network = init_network(4, 7, seed=3, std=0.8, activation="erf")
    still = Dataset(data.x_train, network.output(data.x_train), data.x_test, data.y_test, "still")
    arm = Arm("still", network, 0.2, network.features(data.x_train))
    found = integrate_long_steps([arm], still, learning_rate=0.1, iterations=1_000, record_every=100, **EXACT)["still"]
    np.testing.assert_allclose(found.network.weights, network.weights, atol=1e-12)


def test_arms_do_not_disturb_each_other():
    """In company an arm takes the shortest step of all; when that is its own, nothing changes."""
    data = problem()
    both = [an_arm(data, "relu", 0.5, name="steep"), an_arm(data, "tanh", 0.0, name="flat")]
    given = {"learning_rate": 0.01, "iterations": 400, "record_every": 100, "stages": 6, **EXACT}
    alone, together = (
        integrate_long_steps(both[:1], data, **given)["steep"],
        integrate_long_steps(both, data, **given)["steep"],
    )
    np.testing.assert_allclose(together.network.weights, alone.network.weights, atol=1e-12)
    np.testing.assert_allclose(together.train_loss, alone.train_loss, atol=1e-12)


def test_single_precision_follows_double():
    data, given = problem(), {"learning_rate": 0.01, "iterations": 1_000, "record_every": 500, "stages": 40}
    arm = an_arm(data, penalty=0.1)
    single, double = (
        integrate_long_steps([arm], data, dtype=dtype, progress=False, **given)["arm"]
        for dtype in ("float32", "float64")
    )
    np.testing.assert_allclose(single.train_loss, double.train_loss, rtol=1e-4)


# The bound


@pytest.mark.parametrize("penalty", (0.0, 0.4))
def test_bound_holds_for_every_pattern_of_active_units(penalty):
    rng = np.random.default_rng(0)
    x, c = rng.uniform(size=(6, 5)), rng.normal(size=3)
    arm = Arm("arm", TwoLayerNetwork(np.zeros((3, 5)), c * np.sqrt(3)), penalty, np.zeros((6, 3)) if penalty else None)
    bound, largest = curvature_bound([arm], x), 0.0
    for _ in range(300):
        active = rng.random((3, 6)) < rng.choice([0.5, 0.9, 1.0])
        slopes = [active[k][:, None] * x for k in range(3)]  # rows σ′(w_k·x_i) x_i
        stacked = np.hstack([c[k] * slopes[k] for k in range(3)])
        curvature = stacked.T @ stacked
        for k in range(3):
            curvature[5 * k : 5 * k + 5, 5 * k : 5 * k + 5] += penalty * slopes[k].T @ slopes[k]
        largest = max(largest, np.linalg.eigvalsh(curvature)[-1])
    assert largest <= bound * (1.0 + 1e-12)
    assert largest == pytest.approx(bound)  # reached when all units are active


@pytest.mark.parametrize("activation", tuple(ACTIVATIONS))
def test_bound_is_above_the_kernels(activation):
    data = problem()
    arm = an_arm(data, activation, penalty=0.0)
    kernel = np.tensordot(arm.network.coefficients**2, unit_grams(arm.network, data.x_train), axes=1)
    assert np.linalg.eigvalsh(kernel)[-1] <= curvature_bound([arm], data.x_train)
    pure = Arm("pure", arm.network, np.inf, arm.network.features(data.x_train))
    grams = unit_grams(pure.network, data.x_train)
    assert max(np.linalg.eigvalsh(gram)[-1] for gram in grams) <= curvature_bound([pure], data.x_train)


# What is refused


@pytest.mark.parametrize("given", [{"stages": 1}, {"damping": 0.0}, {"damping": np.nan}])
def test_scheme_refuses(given):
    with pytest.raises(ValueError, match="Scheme: stages=.*expected two stages or more and a positive damping"):
        Scheme(**{"stages": 4} | given)


def test_follow_refuses_what_training_refuses():
    data = problem()
    arm = an_arm(data)
    with pytest.raises(ValueError, match="integrate_long_steps: arms named \\[\\]; expected at least one arm"):
        integrate_long_steps([], data)
    with pytest.raises(ValueError, match="integrate_long_steps: .*each with its own name"):
        integrate_long_steps([arm, arm], data)
    for wrong in ({"learning_rate": 0.0}, {"iterations": -1}, {"record_every": 0}):
        with pytest.raises(ValueError, match="integrate_long_steps: .*expected a positive rate"):
            integrate_long_steps([arm], data, **wrong)
    with pytest.raises(ValueError, match="integrate_long_steps: dtype='half'"):
        integrate_long_steps([arm], data, dtype="half")


@pytest.mark.parametrize(
    ("penalty", "given", "stages"),
    [
        (1e12, {}, 32),
        (0.5, {"iterations": 10**15}, 32),
        (0.5, {"iterations": 10**9, "record_every": 1, "stages": 2}, 2),
    ],
)
def test_follow_refuses_absurd_work_with_its_size(penalty, given, stages):
    data = problem()
    arm = Arm("absurd", an_arm(data).network, penalty, an_arm(data).network.features(data.x_train))
    rows, every = given.get("iterations", 100_000) // given.get("record_every", 1_000), given.get("record_every", 1_000)
    steps = rows * max(1.0, 2e-4 * every * curvature_bound([arm], data.x_train) / Scheme(stages).length)
    with pytest.raises(
        ValueError, match="integrate_long_steps: iterations=.*take fewer iterations.*or a smaller penalty"
    ) as refused:
        integrate_long_steps([arm], data, progress=False, **given)
    assert f"penalty up to {penalty:g} would take {steps:.3g} steps of {stages} stages" in str(refused.value)


def test_as_many_stages_as_are_allowed_are_taken(monkeypatch):
    """Rows that are ten iterations apart, which one step of three stages bridges, need three stages each."""
    data = problem()
    given = {"iterations": 40, "record_every": 10, "stages": 3, "learning_rate": 1e-3, "progress": False}
    monkeypatch.setattr(long_steps, "_MOST_STAGES", 12)
    integrate_long_steps([an_arm(data)], data, **given)
    monkeypatch.setattr(long_steps, "_MOST_STAGES", 11)
    with pytest.raises(ValueError, match="would take 4 steps of 3 stages; expected at most 11"):
        integrate_long_steps([an_arm(data)], data, **given)


def test_the_largest_penalty_is_blamed():
    data = problem()
    network = an_arm(data).network
    arms = [Arm(f"{penalty:g}", network, penalty, network.features(data.x_train)) for penalty in (0.5, 1e12, 2.0)]
    with pytest.raises(ValueError, match=r"penalty up to 1e\+12 would take"):
        integrate_long_steps(arms, data, progress=False)


def test_an_output_that_is_not_finite_is_named():
    data = problem()
    wild = Arm("wild", TwoLayerNetwork(np.full((2, 7), 1e30), [1e30, 1e30], "relu"))
    with pytest.raises(
        TrainingDiverged, match="integrate_long_steps: the output of arm 'wild' is not finite at iteration .*stages"
    ):
        integrate_long_steps([wild], data, progress=False)  # beyond single precision


def test_rows_and_no_iterations():
    data = problem()
    arm = an_arm(data)
    history = integrate_long_steps([arm], data, iterations=25, record_every=10, progress=False)["arm"]
    np.testing.assert_array_equal(history.iterations, [0, 10, 20, 25])
    still = integrate_long_steps([arm], data, iterations=0, **EXACT)["arm"]
    np.testing.assert_array_equal(still.network.weights, arm.network.weights)
    assert len(still.train_loss) == 1
    mute = Arm("mute", TwoLayerNetwork(arm.network.weights, np.zeros(4), "tanh"))
    silent = integrate_long_steps([mute], data, iterations=20, record_every=10, **EXACT)["mute"]
    np.testing.assert_array_equal(silent.network.weights, arm.network.weights)
    np.testing.assert_array_equal(silent.train_loss, 1.0)


def test_the_strongest_arm_decides_the_step_of_all():
    data = problem()
    weak, strong = an_arm(data, penalty=0.01, name="weak"), an_arm(data, penalty=5.0, name="strong")
    alone = {arm.name: curvature_bound([arm], data.x_train) for arm in (weak, strong)}
    assert alone["strong"] > 2 * alone["weak"]
    for arms in ([weak, strong], [strong, weak]):
        assert curvature_bound(arms, data.x_train) == alone["strong"]
