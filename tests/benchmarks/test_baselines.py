"""The baselines of the benchmarks: what each does with the claims of one figure."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

import baselines
import reconcile as rc

ABOUT = {"figure": "killed", "source": "A"}
NAMES = sorted(baselines.BASELINES)


def points(*values: float) -> list[rc.Claim]:
    return [rc.Claim.point(value, **ABOUT) for value in values]


EDGE = {
    "one point": points(100),
    "one zero": points(0),
    "all the same": points(7, 7, 7),
    "bounds": [rc.Claim.at_least(10, **ABOUT), rc.Claim.at_most(400, **ABOUT)],
    "one bound": [rc.Claim.at_most(0, **ABOUT)],
    "words": [rc.Claim.vague(words, **ABOUT) for words in ("none", "dozens", "heavy")],
    "ranges": [
        rc.Claim.between(0, 50, **ABOUT),
        rc.Claim.interval(-30, 90, 0.95, **ABOUT),
        rc.Claim.interval(20, 60, 0.5, value=40, **ABOUT),
    ],
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edge", sorted(EDGE))
def test_every_sort_of_claim_is_predicted_from(name: str, edge: str) -> None:
    predict = baselines.BASELINES[name]
    draws = predict(EDGE[edge])
    assert draws.shape == (4000,)
    assert np.isfinite(draws).all()
    assert draws.std() > 0.01
    np.testing.assert_array_equal(draws, predict(EDGE[edge]))


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_not_looked_at(name: str) -> None:
    predict = baselines.BASELINES[name]
    claims = points(100, 200, 900)
    truth = SimpleNamespace(kind="truth", value=5.0)
    np.testing.assert_array_equal(predict([*claims, truth]), predict(claims))
    with pytest.raises(ValueError, match="no claims"):
        predict([truth])


def test_median_of_claims() -> None:
    draws = baselines.median_of_claims(points(10, 100, 10_000))
    assert np.median(draws) == pytest.approx(math.log(100))
    # Deviations 0, log 10, log 100: their median is log 10.
    assert draws.std() == pytest.approx(1.4826 * math.log(10), rel=5e-3)
    assert baselines.median_of_claims(points(5, 5)).std() == pytest.approx(0.05, rel=5e-3)


def test_latest_claim() -> None:
    def said(value: float, **days: str) -> rc.Claim:
        return rc.Claim.point(value, **ABOUT, **days)

    claims = [
        said(10, date="2020-01-09"),
        said(20, date="2020-01-02", said="2020-03-01"),
        said(40),
        said(80, date="2020-02-09", said="2020-02-10"),
    ]
    draws = baselines.latest_claim(claims)
    assert np.median(draws) == pytest.approx(math.log(20))
    steps = np.log(2) * np.array([1, 1, 2])
    assert draws.std() == pytest.approx(math.sqrt(np.mean(steps**2)), rel=5e-3)
    undated = baselines.latest_claim(points(10, 20, 40))
    assert np.median(undated) == pytest.approx(math.log(40))
    same_day = [said(10, date="2020-01-09"), said(30, date="2020-01-09")]
    assert np.median(baselines.latest_claim(same_day)) == pytest.approx(math.log(30))


def test_linear_pool_has_the_moments_of_the_mixture() -> None:
    claims = [
        rc.Claim.point(100, **ABOUT),
        rc.Claim.between(200, 800, **ABOUT),
        rc.Claim.interval(900, 3600, 0.95, **ABOUT),
    ]
    width = math.log(4)
    centres = np.log([100, 400, 1800])
    sds = np.array([0.1, width / (2 * 1.645), width / (2 * 1.96)])
    draws = baselines.linear_pool(claims)
    assert draws.mean() == pytest.approx(centres.mean(), abs=2e-3)
    assert draws.var() == pytest.approx(np.mean(sds**2) + centres.var(), rel=2e-3)
    at = np.array([4.6, 5.5, 6.5, 7.5])
    cdf = norm.cdf(at[:, None], centres, sds).mean(axis=1)
    np.testing.assert_allclose([(draws < x).mean() for x in at], cdf, atol=2e-3)


def test_dersimonian_laird_of_known_numbers() -> None:
    """Log midpoints 0, 1 and 3 with standard errors 0.5, 0.5 and 1."""
    z = norm.ppf(0.975)
    claims = [
        rc.Claim.interval(math.exp(y - z * se), math.exp(y + z * se), 0.95, **ABOUT)
        for y, se in ((0, 0.5), (1, 0.5), (3, 1))
    ]
    # Weights 4, 4, 1: mean 7/9, Q = 68/9 exactly, C = 9 - 33/9 = 16/3, tau2 = (68/9 - 2) / (16/3).
    tau2 = (68 / 9 - 2) / (16 / 3)
    weights = 1 / (np.array([0.25, 0.25, 1]) + tau2)
    draws = baselines.dersimonian_laird(claims)
    assert np.median(draws) == pytest.approx(weights @ [0, 1, 3] / weights.sum())
    assert draws.std() == pytest.approx(weights.sum() ** -0.5, rel=5e-3)


def test_dersimonian_laird_without_heterogeneity_is_the_fixed_effect() -> None:
    draws = baselines.dersimonian_laird(points(100, 100, 100, 100))
    assert np.median(draws) == pytest.approx(math.log(100))
    assert draws.std() == pytest.approx(0.05, rel=5e-3)


def test_a_bound_is_taken_for_the_figure() -> None:
    bounds = [rc.Claim.at_least(10, **ABOUT), rc.Claim.at_most(40, **ABOUT)]
    for predict in baselines.BASELINES.values():
        np.testing.assert_array_equal(predict(bounds), predict(points(10, 40)))


def test_the_unit_does_not_matter() -> None:
    for predict in baselines.BASELINES.values():
        moved = predict(points(3_000, 7_000, 9_000)) - math.log(1000)
        np.testing.assert_allclose(moved, predict(points(3, 7, 9)), atol=1e-12)


def test_calibrated_repeats_the_errors_of_other_cases() -> None:
    errors = {"a": [1.0, 1.0, 1.0, 3.0], "b": [-2.0], "c": [0.5, 0.5], "d": []}
    predict = baselines.calibrated(baselines.median_of_claims, errors)
    draws = predict(points(10, 100, 1000))
    shifts, counts = np.unique(np.round(draws - math.log(100), 9), return_counts=True)
    assert shifts.tolist() == [-2, 0.5, 1, 3]
    # Each case weighs a third, whatever the number of its figures.
    np.testing.assert_allclose(counts / 4000, [1 / 3, 1 / 3, 1 / 4, 1 / 12], atol=5e-4)


def test_calibrated_is_calibrated_where_errors_are_alike() -> None:
    rng = np.random.default_rng(5)
    errors = {str(case): rng.normal(0.4, 1.0, 3).tolist() for case in range(2000)}
    draws = baselines.calibrated(baselines.latest_claim, errors)(points(50))
    low, high = np.quantile(draws, [0.05, 0.95]) - math.log(50)
    assert (low, high) == pytest.approx((0.4 - 1.645, 0.4 + 1.645), abs=0.08)


def test_calibrated_takes_a_median_too() -> None:
    errors = {"a": [0.0, 1.0]}
    one = baselines.calibrated(lambda _: math.log(20), errors)(points(1))
    np.testing.assert_allclose(np.exp(one).min(), 20)


@pytest.mark.parametrize("errors", [{}, {"a": []}, {"a": [math.nan]}])
def test_calibrated_needs_errors(errors: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="at least one error"):
        baselines.calibrated(baselines.latest_claim, errors)


def test_a_value_that_is_all_but_exact_is_the_mean() -> None:
    mean, sd = baselines.random_effects_mean(np.array([3.0, 4.0]), np.array([1e-12, 0.1]))
    assert (mean, sd) == (pytest.approx(3.0), pytest.approx(1e-12))
