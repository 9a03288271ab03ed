"""Scores against known numbers, and averages in which a case weighs one."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from scores import average_scores, covered, crps, score_draws, winkler

SCORES = (
    *("covered_50", "covered_80", "covered_90", "covered_95"),
    *("abs_error", "crps", "winkler_90", "width_90"),
)


def crps_of_normal(mean: float, sd: float, truth: float) -> float:
    """Gneiting and Raftery 2007, section 4.2."""
    z = (truth - mean) / sd
    return sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))


@pytest.mark.parametrize(
    ("mean", "sd", "truth"), [(0, 1, 0), (0, 1, 3), (9, 0.3, 8.5), (-4, 2, -4)]
)
def test_crps_of_a_normal(mean: float, sd: float, truth: float) -> None:
    n = 20_000
    draws = norm.ppf((np.arange(n) + 0.5) / n, mean, sd)
    assert crps(draws, truth) == pytest.approx(crps_of_normal(mean, sd, truth), abs=3e-4 * sd)


def test_crps_is_fair_for_few_draws() -> None:
    rng = np.random.default_rng(1)
    found = np.array([crps(draws, 0.7) for draws in rng.normal(size=(20_000, 4))])
    error = found.std() / math.sqrt(len(found))
    assert abs(found.mean() - crps_of_normal(0, 1, 0.7)) < 4 * error


@given(
    draws=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12),
    truth=st.floats(-1e3, 1e3),
    shift=st.floats(-1e6, 1e6),
)
def test_crps_is_the_double_sum_and_does_not_mind_order_or_origin(
    draws: list[float], truth: float, shift: float
) -> None:
    x, n = np.array(draws), len(draws)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (2 * n * (n - 1))
    plain = np.abs(x - truth).mean() - pairs
    assert crps(draws, truth) == pytest.approx(plain, abs=1e-9)
    assert crps(draws[::-1], truth) == pytest.approx(plain, abs=1e-9)
    assert crps(x + shift, truth + shift) == pytest.approx(plain, abs=1e-7)


def test_crps_of_one_draw_and_of_chains() -> None:
    assert crps([5.0], 2.0) == 3.0
    draws = np.arange(12.0)
    assert crps(draws.reshape(3, 4), 2.5) == crps(draws, 2.5)


def test_winkler_of_known_numbers() -> None:
    assert winkler(2, 6, 5, prob=0.9) == pytest.approx(4)
    assert winkler(2, 6, 6, prob=0.9) == pytest.approx(4)
    assert winkler(2, 6, 1.5, prob=0.9) == pytest.approx(4 + 20 * 0.5)
    assert winkler(2, 6, 9, prob=0.5) == pytest.approx(4 + 4 * 3)


def test_winkler_is_least_at_the_quantiles() -> None:
    truths = norm.ppf((np.arange(4000) + 0.5) / 4000)
    z = norm.ppf(0.95)
    mean = {
        k: np.mean([winkler(-k * z, k * z, t, prob=0.9) for t in truths]) for k in (0.9, 1, 1.1)
    }
    assert mean[1] < min(mean[0.9], mean[1.1])


def test_covered_has_its_ends() -> None:
    assert covered(1, 2, 1) and covered(1, 2, 2) and covered(-math.inf, 2, 0)
    assert not covered(1, 2, 0.999) and not covered(1, 2, 2.001)


def test_scores_of_draws() -> None:
    n = 100_001
    draws = norm.ppf((np.arange(n) + 0.5) / n, 10, 0.5)
    truth = 10 + 0.5 * 1.5
    scores = score_draws(draws, truth)
    assert tuple(scores) == SCORES
    assert [scores[f"covered_{p}"] for p in (50, 80, 90, 95)] == [0, 0, 1, 1]
    assert scores["abs_error"] == pytest.approx(0.75)
    assert scores["crps"] == pytest.approx(crps_of_normal(10, 0.5, truth), abs=1e-4)
    assert scores["width_90"] == pytest.approx(norm.ppf(0.95), abs=1e-3)
    assert scores["winkler_90"] == pytest.approx(scores["width_90"])
    far = score_draws(draws, 12.0)
    beyond = 2.0 - 0.5 * norm.ppf(0.95)
    assert far["winkler_90"] == pytest.approx(far["width_90"] + 20 * beyond, abs=1e-2)
    assert sum(far[f"covered_{p}"] for p in (50, 80, 90, 95)) == 0


def test_calibrated_draws_are_covered_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    scored = pd.DataFrame([score_draws(rng.normal(size=999), rng.normal()) for _ in range(2000)])
    for prob in (50, 80, 90, 95):
        share = prob / 100
        error = math.sqrt(share * (1 - share) / len(scored))
        assert abs(scored[f"covered_{prob}"].mean() - share) < 4 * error + 0.002


@pytest.mark.parametrize(
    "call",
    [
        lambda: crps([], 1.0),
        lambda: crps([1.0, math.nan], 1.0),
        lambda: crps([1.0], math.inf),
        lambda: score_draws([1.0, -math.inf], 1.0),
        lambda: winkler(2, 1, 1, prob=0.9),
        lambda: winkler(1, 2, 1, prob=90),
        lambda: winkler(1, 2, math.nan, prob=0.9),
        lambda: covered(math.nan, 2, 1),
    ],
)
def test_what_cannot_be_scored(call) -> None:
    with pytest.raises(ValueError, match=r"draw|truth|interval|prob"):
        call()


@pytest.fixture
def unbalanced() -> pd.DataFrame:
    rows = [
        ("ours", "a", "war", "killed", 1.0, 4.0),
        ("ours", "a", "war", "wounded", 0.0, 0.0),
        ("ours", "a", "war", "tanks", 0.5, 2.0),
        ("ours", "b", "war", "killed", 1.0, 5.0),
        ("ours", "c", "crowd", "marchers", 0.0, 12.0),
        ("theirs", "a", "war", "killed", 1.0, 1.0),
    ]
    columns = ["method", "case", "setting", "figure", "covered_90", "abs_error"]
    return pd.DataFrame(rows, columns=columns)


def test_a_case_weighs_one(unbalanced: pd.DataFrame) -> None:
    before = unbalanced.copy()
    table = average_scores(unbalanced)
    pd.testing.assert_frame_equal(unbalanced, before)
    assert list(zip(table["method"], table["setting"], strict=True)) == [
        *(("ours", setting) for setting in ("all", "crowd", "war")),
        *(("theirs", setting) for setting in ("all", "war")),
    ]
    assert list(table.columns) == [
        *("method", "setting", "n_cases", "n_figures", "covered_90", "covered_90_se"),
        *("abs_error_median", "abs_error", "abs_error_se"),
    ]
    rows = table.set_index(["method", "setting"])
    # Cases a, b, c: coverage 0.5, 1, 0; error 2, 5, 12.
    ours = rows.loc[("ours", "all")]
    assert (ours["n_cases"], ours["n_figures"]) == (3, 5)
    assert ours["covered_90"] == pytest.approx(0.5)
    assert ours["covered_90_se"] == pytest.approx(0.5 / math.sqrt(3))
    assert ours["abs_error_median"] == 5
    assert ours["abs_error"] == pytest.approx(19 / 3)
    assert ours["abs_error_se"] == pytest.approx(np.std([2, 5, 12], ddof=1) / math.sqrt(3))
    war = rows.loc[("ours", "war")]
    assert (war["n_cases"], war["n_figures"], war["abs_error"]) == (2, 4, 3.5)
    assert np.isnan(rows.loc[("ours", "crowd"), "abs_error_se"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns=["case", "setting"]), "missing column case, setting"),
        (lambda f: f.drop(columns=["covered_90", "abs_error"]), "nothing to average"),
        (lambda f: f.iloc[:0], "nothing to average"),
        (lambda f: f.assign(abs_error=[1.0, 2.0, math.nan, 1.0, 1.0, 1.0]), "abs_error: not all"),
        (lambda f: f.assign(abs_error="much"), "abs_error: not all"),
        (lambda f: f.assign(setting="all"), "called 'all'"),
        (lambda f: f.assign(case=None), "rows without case"),
        (lambda f: pd.concat([f, f]), "scored twice"),
    ],
)
def test_tables_that_cannot_be_averaged(unbalanced: pd.DataFrame, change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        average_scores(change(unbalanced))
