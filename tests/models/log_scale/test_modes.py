"""Where claims contradict each other sharply, all modes are sampled, each with its weight."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import loglik_and_soundness
from reconcile.models.log_scale.reference.prior import draw_parameters

SEEDS = range(6)


def measured(*numbers: tuple[float, float]) -> rc.ClaimSet:
    """Measurements with standard errors, each by its own laboratory."""
    return rc.ClaimSet(
        [
            rc.Claim.interval(
                value - 1.96 * error,
                value + 1.96 * error,
                0.95,
                value=value,
                figure="mass",
                source=f"laboratory {k}",
                role="expert",
            )
            for k, (value, error) in enumerate(numbers)
        ],
        setting="measurement",
    )


def by_importance(
    claims: rc.ClaimSet, n: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimates of one figure and their weights: all but it from the prior, it near each claim."""
    plan, rng = design(claims, None), np.random.default_rng(seed)
    drawn = draw_parameters(plan, rng, n)
    latent, before = forward(plan, drawn), drawn["total_log"][:, 0]
    right = plan.readings.centre_log - (latent.base_log - before[:, None])
    width, count = 2 * np.hypot(latent.noise_log, latent.width_log), len(claims)
    which, row = rng.integers(0, count + 1, n), np.arange(n)
    claim = np.minimum(which, count - 1)
    near = right[row, claim] + width[row, claim] * rng.standard_t(3, n)
    total = np.where(which < count, near, before)
    prior = stats.norm.logpdf(total, plan.total_mean_log[0], plan.total_sd_log[0])
    terms = stats.t.logpdf((total[:, None] - right) / width, 3) - np.log(width)
    proposal = logsumexp(np.column_stack([terms, prior]), axis=1)
    latent = forward(plan, drawn | {"total_log": total[:, None]})
    weight = loglik_and_soundness(plan, latent)[0].sum(axis=1) + prior - proposal
    weight = np.exp(weight - weight.max())
    return latent.estimate[:, 0], weight / weight.sum()


@pytest.mark.parametrize(
    ("numbers", "times"),
    [
        pytest.param(((100, 0.1), (140, 0.2)), 1, id="two numbers"),
        pytest.param(((100, 0.1), (100.1, 0.1), (140, 0.1), (140.1, 0.1)), 3, id="two groups"),
        pytest.param(
            ((100, 0.01), (150, 10), (155, 10), (160, 10)), 12, id="needle", marks=pytest.mark.slow
        ),
    ],
)
def test_all_modes_have_their_weight(numbers: tuple[tuple[float, float], ...], times: int) -> None:
    """Against importance sampling of the NumPy reference, whose own error is below 0.02."""
    claims, below, worth = measured(*numbers), [], []
    for k in range(times):
        estimate, weight = by_importance(claims, 400_000, 100 + k)
        below.append(weight[estimate < 120].sum())
        worth.append(1 / (weight**2).sum())
    expected = np.average(below, weights=worth)
    for seed in SEEDS:
        posterior = rc.fit(claims, random_seed=seed, progressbar=False)
        assert posterior.attrs["converged"] and posterior.attrs["modes"] > 1
        found = rc.probability(posterior, "mass", below=120)
        assert found == pytest.approx(expected, abs=0.05)


def test_fits_with_several_modes_repeat() -> None:
    claims = measured((100, 0.1), (140, 0.2))
    one, two = (
        rc.fit(claims, random_seed=1, draws=200, tune=200, cores=cores, progressbar=False)
        for cores in (1, 2)
    )
    np.testing.assert_array_equal(one.posterior["estimate"], two.posterior["estimate"])


@pytest.mark.parametrize("seed", range(4))
def test_a_source_that_says_ten_times_less_three_days_later_converges(seed: int) -> None:
    """The sampler went to one of two modes; four seeds of four failed, or nearly."""
    army = {"figure": "killed", "source": "army", "role": "own"}
    claims = rc.ClaimSet(
        [
            rc.Claim.point(412, date="2023-01-02", **army),
            rc.Claim.point(41, date="2023-01-05", **army),
        ],
        setting="disaster",
        start="2023-01-01",
    )
    posterior = rc.fit(claims, random_seed=seed, progressbar=False)
    assert posterior.attrs["converged"]
    assert posterior.posterior.sizes["draw"] == 1000
