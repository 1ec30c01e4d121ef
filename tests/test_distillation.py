"""Choosing units, the scale q, starts: against enumerations and moments. Two stages are tested with the theorems."""

from itertools import combinations

import numpy as np
import pytest

from kdsrc.distillation import choose_units, distilled_units, intermediate_start, random_start, scale, scaled, two_stage
from kdsrc.networks import init_network


@pytest.fixture
def teacher():
    return init_network(6, 4, seed=0, std=1.0, activation="tanh")


X = np.random.default_rng(1).standard_normal((5, 4))


def test_scale_is_the_root_of_the_ratio():
    assert scale(20, 100) == pytest.approx(np.sqrt(0.2), abs=1e-15)
    assert scale(7, 7) == 1.0


def test_scaled_output_is_q_times_as_large_with_the_same_units(teacher):
    small = scaled(teacher, 0.3)
    np.testing.assert_allclose(small.output(X), 0.3 * teacher.output(X), rtol=0, atol=1e-14)
    np.testing.assert_array_equal(small.features(X), teacher.features(X))
    back = scaled(small, 1 / 0.3)
    np.testing.assert_allclose(back.output_weights, teacher.output_weights, rtol=1e-15)


def test_mean_over_all_students_is_q_times_the_teacher_and_the_scale_mends_it(teacher):
    outputs = np.mean([teacher.select(chosen).output(X) for chosen in combinations(range(6), 3)], axis=0)
    q = scale(3, 6)
    np.testing.assert_allclose(outputs, q * teacher.output(X), rtol=0, atol=1e-14)
    # the teacher under the scale has coefficients q ā/√m̄; the student keeps ā: its mean is that teacher's output
    students = [scaled(scaled(teacher, q).select(chosen), 1 / q).output(X) for chosen in combinations(range(6), 3)]
    np.testing.assert_allclose(np.mean(students, axis=0), scaled(teacher, q).output(X), rtol=0, atol=1e-14)


def test_choice_is_uniform_without_replacement_and_repeats_with_its_seed():
    draws = np.array([choose_units(8, 3, seed=seed) for seed in range(2_000)])
    assert draws.shape == (2_000, 3) and all(len(set(draw)) == 3 for draw in draws.tolist())
    counts = np.bincount(draws.ravel(), minlength=8)
    mean, deviation = 2_000 * 3 / 8, np.sqrt(2_000 * 3 / 8 * 5 / 8)
    assert (np.abs(counts - mean) < 5 * deviation).all()
    np.testing.assert_array_equal(draws[7], choose_units(8, 3, seed=np.random.SeedSequence(7)))
    assert sorted(choose_units(8, 8, seed=0)) == list(range(8))


@pytest.mark.parametrize(("width", "teacher_width"), [(0, 5), (6, 5), (-1, 5)])
def test_a_student_wider_than_its_teacher_is_refused(width, teacher_width):
    for call in (lambda: scale(width, teacher_width), lambda: choose_units(teacher_width, width, seed=0)):
        with pytest.raises(
            ValueError, match=f"width={width}; .* from 1 to {teacher_width}, teacher_width: the student"
        ):
            call()


@pytest.mark.parametrize("q", [0.0, np.nan, np.inf])
def test_a_useless_scale_is_refused(teacher, q):
    with pytest.raises(ValueError, match="scaled: q="):
        scaled(teacher, q)


def test_random_start_keeps_the_output_weights_and_draws_the_rest(teacher):
    student = teacher.select([4, 1])
    fresh, again, other = (random_start(student, seed=seed, std=0.2) for seed in (3, 3, 4))
    np.testing.assert_array_equal(fresh.output_weights, student.output_weights)
    assert fresh.activation == "tanh" and fresh.weights.shape == (2, 4)
    np.testing.assert_array_equal(fresh.weights, again.weights)
    assert not np.isin(fresh.weights, other.weights).any() and not np.isin(fresh.weights, teacher.weights).any()


def test_random_start_has_the_standard_deviation_it_is_given():
    weights = random_start(init_network(100, 400, seed=0), seed=1, std=0.03).weights
    assert abs(weights.std() / 0.03 - 1) < 5 / np.sqrt(2 * weights.size)
    assert abs(weights.mean()) < 5 * 0.03 / np.sqrt(weights.size)


@pytest.mark.parametrize("penalty", [0.01, 2.0])
def test_distilled_units_are_stationary_and_consistent(penalty):
    """They solve c_k (y − f) + λ (φ^(k) − f^(k)) = 0, the stationarity of objective (2) in function space."""
    rng = np.random.default_rng(2)
    knowledge, c, y = rng.standard_normal((5, 3)), rng.standard_normal(3), rng.standard_normal(5)
    units = distilled_units(knowledge, c, y, penalty)
    force = np.outer(y - units @ c, c) + penalty * (knowledge - units)
    np.testing.assert_allclose(force, 0, rtol=0, atol=1e-12)
    np.testing.assert_allclose(units @ c, ((c @ c) * y + penalty * knowledge @ c) / (c @ c + penalty), atol=1e-12)


def test_distilled_units_at_the_ends_of_the_penalty():
    rng = np.random.default_rng(2)
    knowledge, c, y = rng.standard_normal((5, 3)), rng.standard_normal(3), rng.standard_normal(5)
    np.testing.assert_array_equal(distilled_units(knowledge, c, y, np.inf), knowledge)
    np.testing.assert_allclose(distilled_units(knowledge, c, y, 1e-14) @ c, y, rtol=0, atol=1e-10)
    with pytest.raises(ValueError, match="penalty=0; expected λ > 0"):
        distilled_units(knowledge, c, y, 0)


def test_intermediate_networks_make_unbiased_students(teacher):
    middle = intermediate_start(teacher, 4, 2, seed=5)
    students = [
        teacher.select(choose_units(6, 4, seed=5)).select(chosen).output(X) for chosen in combinations(range(4), 2)
    ]
    np.testing.assert_allclose(np.mean(students, axis=0), middle.output(X), rtol=0, atol=1e-14)


def test_two_stages_of_pure_distillation_are_a_choice_of_units(teacher):
    middle, student = two_stage(teacher.features(X), teacher.output_weights, np.ones(5), (4, 2), np.inf, seed=9)
    np.testing.assert_allclose(
        middle, intermediate_start(teacher, 4, 2, seed=np.random.default_rng(9)).output(X), rtol=0, atol=1e-14
    )
    students = [teacher.select(chosen).output(X) for chosen in combinations(range(6), 2)]
    assert min(np.abs(student - one).max() for one in students) < 1e-14
