"""A sharp measurement beside blunt ones that contradict it: fits against quadrature."""

import numpy as np
import pytest
from scipy import stats

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters

SHARP, BLUNT = (100.0, 0.01), ((150.0, 10.0), (155.0, 10.0), (160.0, 10.0))
NEAR = 0.3
# Of a common error that leaves the needle a share that a fit could miss.
PRIORS = rc.Priors().replace(measured_common=0.5, measured_typical=0.0)


def measured() -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            rc.Claim.standard_error(
                value, error, figure="length", source=f"at {value}", role="expert"
            )
            for value, error in (SHARP, *BLUNT)
        ],
        setting="measurement",
    )


def quadrature(claims: rc.ClaimSet, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and their weights: a grid of the total times prior draws of all else."""
    plan = design(claims, PRIORS)
    (mean,), (sd,) = plan.total_mean_log, plan.total_sd_log
    # Steps of a tenth of each error.
    needle = np.log(SHARP[0]) + np.arange(-0.005, 0.005, 1e-5)
    wide = np.arange(3.0, 7.0, 0.006)
    at = np.sort(np.concatenate([needle, wide[np.abs(wide - np.log(SHARP[0])) > 0.005]]))
    log_weight = stats.norm.logpdf(at, mean, sd) + np.log(np.gradient(at))
    drawn = draw_parameters(plan, np.random.default_rng(1), n)
    del drawn["total_log"]
    estimates, weights = [], []
    for k, point in enumerate(at):
        latent = forward(plan, drawn | {"total_z": np.full((n, 1), (point - mean) / sd)})
        estimates.append(latent.estimate[:, 0])
        weights.append(log_weight[k] + log_likelihood(plan, latent).sum(axis=1))
    weight = np.exp(np.array(weights) - np.max(weights)).ravel()
    return np.array(estimates).ravel(), weight / weight.sum()


@pytest.fixture(scope="module")
def integral() -> tuple[np.ndarray, np.ndarray]:
    return quadrature(measured())


def test_the_needle_holds_a_part_of_the_posterior(integral: tuple[np.ndarray, np.ndarray]) -> None:
    """Or else fits that missed it would pass."""
    estimate, weight = integral
    assert 0.15 < weight[np.abs(estimate - SHARP[0]) < NEAR].sum() < 0.85


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fits_find_the_needle(seed: int, integral: tuple[np.ndarray, np.ndarray]) -> None:
    """Its share and the whole distribution within 0.06: the integral is good to 0.02."""
    estimate, weight = integral
    tree = rc.fit(measured(), priors=PRIORS, random_seed=seed, progressbar=False)
    draws = rc.draws(tree, "length").to_numpy().ravel()
    assert tree.attrs["converged"]
    share = weight[np.abs(estimate - SHARP[0]) < NEAR].sum()
    assert np.mean(np.abs(draws - SHARP[0]) < NEAR) == pytest.approx(share, abs=0.06)
    order = np.argsort(estimate)
    below = np.interp(
        np.quantile(draws, [0.25, 0.5, 0.75, 0.95]), estimate[order], weight[order].cumsum()
    )
    np.testing.assert_allclose(below, [0.25, 0.5, 0.75, 0.95], atol=0.06)


def laboratories(error: float) -> rc.ClaimSet:
    """Three that agree within what they state, and one that is off by forty times as much."""
    off = (-1.0, 0.2, 0.9, 40.0)
    return rc.ClaimSet(
        [
            rc.Claim.standard_error(
                3e8 * (1 + error * k), 3e8 * error, figure="speed", source=f"{k}", role="expert"
            )
            for k in off
        ],
        setting="measurement",
    )


@pytest.mark.parametrize("error", [1e-6, 1e-10])
def test_precision_changes_nothing_but_the_unit(error: float) -> None:
    """Quartiles in units of the stated error, the same at one in a hundred thousand and finer."""
    found = []
    for size in (1e-5, error):
        tree = rc.fit(laboratories(size), random_seed=3, progressbar=False)
        assert tree.attrs["converged"]
        draws = rc.draws(tree, "speed").to_numpy().ravel()
        found.append(np.quantile(draws / 3e8 - 1, [0.05, 0.25, 0.5, 0.75, 0.95]) / size)
    # With a thousand independent draws an end is known to 4 % of the interval's width.
    np.testing.assert_allclose(found[1], found[0], atol=0.08 * (found[0][-1] - found[0][0]))
