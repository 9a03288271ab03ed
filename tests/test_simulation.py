"""Simulated claims: serial errors, and bounds that say nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

import reconcile as rc
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.reference.forward import Latent, forward
from reconcile.models.log_scale.reference.predictive import draw_readings_in_sequence
from reconcile.models.log_scale.reference.prior import draw_parameters

BY = {"figure": "killed", "source": "A", "role": "own"}
N = 40_000


def priors(**role: float) -> rc.Priors:
    own = replace(rc.Priors().roles["own"], **role)
    return rc.Priors().replace(roles={"own": own})


def one_draw(plan: Design) -> Latent:
    """A single draw of the parameters, many times over."""
    drawn = draw_parameters(plan, np.random.default_rng(1), 1)
    return forward(plan, {name: np.repeat(x, N, axis=0) for name, x in drawn.items()})


def residuals(plan: Design, seed: int) -> np.ndarray:
    """Of readings drawn in turn, in units of each reading's own standard deviation."""
    latent = one_draw(plan)
    reading, _ = draw_readings_in_sequence(plan, latent, np.random.default_rng(seed))
    return (reading - latent.base_log) / (
        np.hypot(latent.noise_log, latent.width_log) * np.pi / np.sqrt(3)
    )


def test_successive_readings_share_the_stated_part_of_their_error() -> None:
    days = np.array([0, 10, 40])
    claims = rc.ClaimSet(
        [
            rc.Claim.point(117 + d, date=f"2022-0{3 + d // 31}-{1 + d % 31:02}", **BY)
            for d in days.tolist()
        ]
        + [rc.Claim.point(230, date="2022-03-11", **(BY | {"source": "B", "interest": "none"}))],
        start="2022-03-01",
        setting="war",
    )
    sound = priors(standing_sound=1 - 1e-6).replace(serial_follow=0.8)
    plan = design(claims, sound)
    share = sound.serial_share * np.exp(-np.diff(days) / sound.serial_days)
    # A tally adds to what it had.
    share[1] = np.sqrt(11 / 41)
    np.testing.assert_allclose(plan.serial.share[1:3], share)
    found = np.corrcoef(residuals(plan, seed=1).T)
    # 40,000 draws: a correlation has a standard error of at most 0.005.
    tolerance = 0.02
    # Eight in ten follow.
    assert found[0, 1] == pytest.approx(0.8 * share[0], abs=tolerance)
    assert found[1, 2] == pytest.approx(0.8 * share[1], abs=tolerance)
    # What is two claims back is known through the one between them alone.
    assert found[0, 2] == pytest.approx(0.8**2 * share.prod(), abs=tolerance)
    assert np.abs(found[3, :3]).max() < tolerance, "another source has errors of its own"
    # The variance of each is what it would be alone.
    np.testing.assert_allclose(residuals(plan, seed=1).std(axis=0), 1, rtol=0.02)


def test_a_revised_claim_is_drawn_about_its_revision() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(317, said="2022-03-02", status="revised", **BY),
            rc.Claim.point(213, said="2022-03-09", **BY),
        ],
        start="2022-03-01",
        setting="war",
    )
    plan = design(claims, priors(standing_sound=1 - 1e-6, withdrawn_sound=1 - 1e-6))
    latent = one_draw(plan)
    reading, _ = draw_readings_in_sequence(plan, latent, np.random.default_rng(2))
    off = reading - latent.base_log
    slope, _ = np.polyfit(off[:, 1], off[:, 0], 1)
    assert slope == pytest.approx(1, abs=0.03)


def test_the_next_reading_carries_a_gross_error_on_or_not() -> None:
    """With the probability that is set, and then as it carries any other error on."""
    claims = rc.ClaimSet(
        [rc.Claim.point(100 + 7 * k, date=f"2022-03-0{k}", **BY) for k in (1, 2)],
        start="2022-03-01",
        setting="war",
    )
    plan = design(
        claims, priors(standing_sound=0.5).replace(serial_follow=0.7, difficulty_sd_log=0)
    )
    latent = one_draw(plan)
    reading, sound = draw_readings_in_sequence(plan, latent, np.random.default_rng(3))
    off = reading - latent.base_log
    gross = ~sound[:, 0] & sound[:, 1] & (np.abs(off[:, 0]) > 10 * latent.noise_log[:, 0])
    carried = off[gross, 1] / (plan.serial.share[1] * off[gross, 0])
    assert gross.sum() > 500
    # Four standard errors of a share.
    tolerance = 4 * np.sqrt(0.21 / gross.sum())
    assert np.mean(carried > 0.5) == pytest.approx(0.7, abs=tolerance)
    assert np.median(carried[carried > 0.5]) == pytest.approx(1, abs=0.02)
    assert np.median(carried[carried < 0.5]) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("kind", "value", "follows"),
    [
        ("at_least", 100, "at_least"),
        ("at_most", 100, "at_least"),
        ("at_least", 10**7, "at_most"),
        ("at_most", 10**7, "at_most"),
    ],
)
@pytest.mark.parametrize("failed", [True, False])
def test_sound_bounds_follow_the_reading_and_failed_ones_miss_widely(
    kind: str, value: float, follows: str, failed: bool
) -> None:
    """The figure is about 30,000, give or take a factor of three."""
    failure, wide = 1 - 1e-6 if failed else 1e-6, 4.0
    given = priors(
        at_least_failure=failure, at_most_failure=failure, standing_sound=1 - 1e-6
    ).replace(
        biases={"own": rc.BiasPrior(mean_log=0.0, sd_log=0.1)},
        unsound_bound_log=wide,
        common_bias_sd_log=0.01,
    )
    claims = rc.ClaimSet(
        [getattr(rc.Claim, kind)(value, **BY)],
        figures=[rc.Figure(name="killed", plausible=(10_000, 90_000))],
    )
    n = 100
    kinds = [next(iter(rc.simulate(claims, rng=k, priors=given).claims)).kind for k in range(n)]
    share = np.mean([made == follows for made in kinds])
    if failed:
        # A logistic error: eight in ten, and four standard errors of that.
        expected = expit(abs(np.log(30_000 / value)) / wide)
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))
    else:
        assert share > 0.97
    assert {next(iter(rc.simulate(claims, rng=k).claims)).value for k in range(3)} == {value}


@pytest.mark.parametrize("dispersion", [1.0, 0.3])
def test_counting_noise_is_drawn_once(dispersion: float) -> None:
    """With hardly any other error, a count of about 4 has so many times the variance of Poisson's.

    The ratio of variances is known to 8 % from 400 draws; it is 2 with the noise drawn twice.
    """
    killed = rc.Figure(name="killed", plausible=(3.99, 4.01), accrues=False)
    by = {"figure": "killed", "source": "a hospital", "role": "expert"}
    claims = rc.ClaimSet([rc.Claim.point(4, **by)], figures=[killed])
    exact = replace(rc.Priors().roles["expert"], noise_median_log=0.01, standing_sound=1 - 1e-6)
    unbiased = rc.BiasPrior(mean_log=0.0, mean_sd_log=0.01, sd_log=0.01)
    sure = rc.Priors().replace(
        roles={"expert": exact}, biases={"expert": unbiased}, common_bias_sd_log=0.01
    )
    sure = sure.replace(count_dispersion=dispersion)
    drawn = [rc.simulate(claims, rng=k, priors=sure).claims.claims[0].value for k in range(400)]
    assert np.mean(drawn) == pytest.approx(4, abs=0.4)
    assert 0.7 * dispersion < np.var(drawn) / 4 < 1.4 * dispersion
