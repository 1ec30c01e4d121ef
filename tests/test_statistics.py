"""p values and intervals over images: against SciPy's t test, the delta method, and planted ratios."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from kdsrc.claims.counting import adjusted, unclear
from kdsrc.claims.framework import Claim, Verdict
from kdsrc.claims.words import HOLDS, NO_EFFECT
from kdsrc.statistics import image_interval, mean_interval, p_value


@pytest.mark.parametrize("seed", range(5))
def test_p_value_is_that_of_the_t_test_and_agrees_with_the_interval(seed):
    values = np.random.default_rng(seed).normal(0.8, 1.0, size=6)
    assert p_value(values) == pytest.approx(ttest_1samp(values, 0.0).pvalue, abs=1e-12)
    found = mean_interval(values)
    assert (p_value(values) < 0.05) == (found.low > 0.0 or found.high < 0.0)


def test_p_value_of_one_number_and_of_equal_ones():
    assert p_value([3.0]) == 1.0 and p_value([2.0, 2.0]) == 0.0 and p_value([0.0, 0.0]) == 1.0


def test_interval_over_images_is_that_of_the_delta_method():
    """Var ln(ā/b̄) = Var(a/E a − b/E b)/n for means of n pairs; the bootstrap's interval has this half width."""
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((1, 4_000))
    one, other = shared + 0.5 * rng.standard_normal((1, 4_000)), 1.2 * shared
    found = image_interval(one, other, draws=4_000)
    a, b = one[0] ** 2, other[0] ** 2
    half = 1.96 * np.std(a / a.mean() - b / b.mean()) / np.sqrt(4_000)
    assert found.effect == pytest.approx(np.log(a.mean() / b.mean()), abs=1e-12) and found.count == 4_000
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)  # a quantile of 4 000 draws: about 2 %


def test_images_that_both_find_equally_hard_leave_no_spread():
    residuals = np.random.default_rng(1).standard_normal((3, 50))
    found = image_interval(2.0 * residuals, residuals)
    np.testing.assert_allclose([found.effect, found.low, found.high], 2.0 * np.log(2.0), atol=1e-12)


def test_two_decimals_of_a_residual_are_enough():
    residuals = np.random.default_rng(2).uniform(0.2, 1.8, size=(2, 2_000))
    exact, rounded = (image_interval(one, np.ones_like(one)) for one in (residuals, np.round(residuals, 2)))
    np.testing.assert_allclose(
        [exact.effect, exact.low, exact.high], [rounded.effect, rounded.low, rounded.high], atol=5e-4
    )


@pytest.mark.parametrize(
    "wrong", [np.ones((2, 3)), np.ones(4), np.ones((2, 1)), np.zeros((2, 4)), np.full((2, 4), np.nan)]
)
def test_residuals_that_do_not_compare_are_refused(wrong):
    other = np.ones((2, 4)) if wrong.shape != (2, 1) else wrong
    with pytest.raises(ValueError, match="image_interval: (residuals|against)"):
        image_interval(wrong, other)


def judged(*values):
    """Claims with these p values, clear where p is below 0.05 or where there is none."""
    rows = []
    for number, p in enumerate(values):
        one = Claim(f"c{number}", "§1", "x", "y", "r", "r", "quality", print)
        rows.append((one, Verdict(NO_EFFECT if p >= 0.05 else HOLDS, 1.0, (0.5, 1.5), "x", p=p)))
    return rows


def test_correction_for_the_number_of_comparisons():
    """Benjamini and Hochberg by hand: p_(k) · n/k, made monotone from the largest down."""
    rows = judged(0.04, 0.001, 0.03, np.nan)
    assert adjusted(rows) == {"c0": pytest.approx(0.04), "c1": pytest.approx(0.003), "c2": pytest.approx(0.04)}
    assert unclear(rows) == []
    assert unclear(judged(0.04, 0.001, 0.03, 0.9, 0.8)) == ["c0", "c2"]
    assert adjusted([]) == {} and unclear(judged(np.nan)) == []


def test_image_interval_is_the_bootstrap_image_by_image():
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(3, 7)), 2.0 * rng.normal(size=(3, 7))
    found, draws = image_interval(one, other, draws=4, seed=5, level=0.5), np.random.default_rng(5)
    ratios = []
    for _ in range(4):
        taken = draws.integers(7, size=7)
        ratios.append(np.log((one[:, taken] ** 2).mean(axis=1) / (other[:, taken] ** 2).mean(axis=1)).mean())
    np.testing.assert_allclose([found.low, found.high], np.quantile(ratios, [0.25, 0.75]), atol=1e-12)
