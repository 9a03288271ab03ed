"""Random-effects meta-analysis: exact draws, against three other ways to the same numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import meta_analysis as benchmark  # the command of the same name
import reconcile as rc
from places import SHARED
from reconcile.models.linear_scale.random_effects import TauPrior, between_study_logp, meta_analysis

REFERENCE = SHARED / "bayesmeta_reference.json"

Y, SIGMA = np.array([28.0, 8, -3, 7, -1]), np.array([15.0, 10, 16, 11, 9])
PRIOR = {"mu_mean": 3.0, "mu_sd": 20.0, "tau_scale": 10.0}


def quantiles(tree: object, name: str) -> np.ndarray:
    values = tree["posterior"][name].to_numpy()  # type: ignore[index]
    return np.quantile(values.reshape(-1, *values.shape[2:]), [0.025, 0.5, 0.975], axis=0)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference file is not part of the project")
def test_twelve_published_posteriors_are_reproduced() -> None:
    """Medians and ends of 95 % intervals within 0.03 posterior standard deviations."""
    fits = json.loads(REFERENCE.read_text(encoding="utf-8"))["fits"]
    assert len(fits) == 12
    for reference in fits.values():
        y, sigma = reference["input"]["y"], reference["input"]["sigma"]
        tree = benchmark.fit(y, sigma, reference["prior"], draws=10_000, random_seed=3)
        for name in ("mu", "tau", "theta"):
            values = tree["posterior"][name].to_numpy()
            flat = values.reshape(-1, *values.shape[2:])
            assert benchmark.deviation(flat, reference["central"][name]) < 0.03


def test_the_density_is_that_of_a_multivariate_normal() -> None:
    """With everything but tau integrated out at once, by linear algebra."""
    tau = np.array([1e-6, 0.3, 4.0, 60.0])
    ours = between_study_logp(tau, Y - 3.0, SIGMA, mu_sd=20.0, tau_prior=TauPrior(10.0))
    whole = [
        stats.multivariate_normal.logpdf(Y, np.full(5, 3.0), np.diag(SIGMA**2 + t**2) + 20.0**2)
        + stats.halfnorm.logpdf(t, scale=10.0)
        for t in tau
    ]
    np.testing.assert_allclose(np.diff(ours), np.diff(whole), rtol=1e-10)


def test_with_one_step_of_a_gibbs_sampler_nothing_moves() -> None:
    """Given mu and theta, the density of tau is elementary: drawing from it must change nothing."""
    tree = meta_analysis(Y, SIGMA, **PRIOR, draws=20_000, random_seed=2)
    mu, theta, tau = (
        tree["posterior"][n].to_numpy().reshape(80_000, -1) for n in ("mu", "theta", "tau")
    )
    rng = np.random.default_rng(1)
    proposed = tau[:, 0] * np.exp(rng.normal(0, 1.0, 80_000))

    def logp(t: np.ndarray) -> np.ndarray:
        fit = stats.norm.logpdf(theta, mu, t[:, None]).sum(axis=1)
        return fit + stats.halfnorm.logpdf(t, scale=10.0) + np.log(t)

    taken = np.log(rng.random(80_000)) < logp(proposed) - logp(tau[:, 0])
    moved = np.where(taken, proposed, tau[:, 0])
    assert taken.mean() > 0.3
    p = [0.05, 0.25, 0.5, 0.75, 0.95]
    np.testing.assert_allclose(np.quantile(moved, p), np.quantile(tau, p), rtol=0.03)


@settings(max_examples=20)
@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-6, 1e6),
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 100)), min_size=1, max_size=6),
)
def test_the_unit_and_the_origin_do_not_matter(
    origin: float, unit: float, studies: list[tuple[float, float]]
) -> None:
    y, sigma = np.array(studies).T
    one = meta_analysis(y, sigma, mu_mean=0, mu_sd=2, tau_scale=1, draws=50, random_seed=1)
    other = meta_analysis(
        origin + unit * y,
        unit * sigma,
        mu_mean=origin,
        mu_sd=2 * unit,
        tau_scale=unit,
        draws=50,
        random_seed=1,
    )
    # What is lost in adding a large origin to small numbers is lost before we see them.
    lost = 1e-9 * (1 + abs(origin) / unit)
    for name in ("mu", "theta"):
        moved = (other["posterior"][name] - origin) / unit
        np.testing.assert_allclose(moved, one["posterior"][name], rtol=1e-4, atol=1e-5 + lost)
    np.testing.assert_allclose(
        other["posterior"]["tau"] / unit, one["posterior"]["tau"], rtol=1e-4, atol=lost
    )


def test_extremes() -> None:
    # Nothing is learnt from huge errors: the prior comes back.
    vague = meta_analysis([1.0, 2.0], [1e9, 1e9], **PRIOR, draws=5000, random_seed=1)
    expected = stats.halfnorm.ppf([0.025, 0.5, 0.975], scale=10.0)
    np.testing.assert_allclose(quantiles(vague, "tau"), expected, rtol=0.01)
    np.testing.assert_allclose(quantiles(vague, "mu")[1], 3.0, atol=0.05)
    # Nothing is left open by tiny ones: the effects are what was measured.
    sharp = meta_analysis([1.0, 2.0], [1e-9, 1e-9], **PRIOR, draws=500, random_seed=1)
    np.testing.assert_allclose(quantiles(sharp, "theta"), [[1.0, 2.0]] * 3, atol=1e-8)
    # A prior scale that is a millionth of what the studies differ by gives way as far as it must.
    torn = meta_analysis([0.0, 1.0], [1e-4, 1e-4], mu_mean=0, mu_sd=9, tau_scale=1e-2, draws=500)
    assert 0.05 < quantiles(torn, "tau")[1] < 0.2
    # Ten thousand studies.
    rng = np.random.default_rng(1)
    y = rng.normal(2.0, 0.5, 3000) + rng.normal(0, 0.1, 3000)
    many = meta_analysis(y, np.full(3000, 0.1), mu_mean=0, mu_sd=10, tau_scale=1, draws=25)
    assert quantiles(many, "tau")[1] == pytest.approx(0.5, abs=0.02)
    assert quantiles(many, "mu")[1] == pytest.approx(2.0, abs=0.03)


def test_truths_fall_anywhere_among_the_draws() -> None:
    """Simulation-based calibration: 300 data sets, ranks of mu, tau and one effect in ten bins.

    A chi-square statistic of 9 degrees of freedom is above 29.7 once in 2,000 times. With standard
    errors taken for half of what they are, it is in the hundreds.
    """
    rng = np.random.default_rng(4)
    right, wrong = [], []
    for k in range(300):
        mu, tau = rng.normal(1.0, 2.0), abs(rng.normal(0, 1.5))
        sigma = rng.uniform(0.3, 2.0, 6)
        theta = rng.normal(mu, tau, 6)
        y = rng.normal(theta, sigma)
        for found, factor in ((right, 1.0), (wrong, 0.3)):
            tree = meta_analysis(
                y, factor * sigma, mu_mean=1, mu_sd=2, tau_scale=1.5, draws=125, random_seed=k
            )
            post = tree["posterior"].to_dataset()
            truth = {"mu": mu, "tau": tau, "theta": theta[0]}
            post["theta"] = post["theta"].isel(study=0)
            found.append([float((post[n] < t).mean()) for n, t in truth.items()])

    def statistic(ranks: list[list[float]]) -> np.ndarray:
        counts = [np.histogram(column, np.linspace(0, 1, 11))[0] for column in np.array(ranks).T]
        return ((np.array(counts) - 30.0) ** 2 / 30.0).sum(axis=1)

    assert statistic(right).max() < 29.7
    assert statistic(wrong).max() > 100


def test_bad_input_is_listed_whole() -> None:
    with pytest.raises(rc.ClaimError) as caught:
        meta_analysis([1.0, np.nan], [0.0, 1.0], mu_mean=0, mu_sd=-1, tau_scale=0)
    text = str(caught.value)
    for part in ("y", "nan", "sigma", "= 0:", "mu_sd", "tau_scale"):
        assert part in text
    with pytest.raises(rc.ClaimError, match="one standard error for each estimate"):
        meta_analysis([1.0, 2.0], [1.0], **PRIOR)
    with pytest.raises(ValueError, match="families"):
        benchmark.fit(
            [1.0], [1.0], {"tau": {"family": "gamma", "scale": 1}, "mu": {"mean": 0, "sd": 1}}
        )
