"""Difficulty of figures, and the error common to all claims about one."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

import reconcile as rc
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.difficulty import common_log
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.reference.forward import forward, reading_scales
from reconcile.models.log_scale.reference.prior import draw_parameters

BY = {"source": "A", "role": "third"}
DAYS = ("2020-01-01", "2020-01-10", "2022-09-26")
WHOLE = rc.Figure(name="casualties", parts=("killed", "wounded", "missing"))


def plan_of(*claims: rc.Claim, priors: rc.Priors | None = None, **case: Any) -> Design:
    return design(rc.ClaimSet(claims, **case), priors)


def group_of_series(plan: Design) -> dict[str, str]:
    groups = plan.difficulties
    names = [groups.labels[k] for k in groups.group_of_series]
    return dict(zip([figure for _, figure in plan.structure.series], names, strict=True))


def test_a_claim_has_the_difficulty_of_what_it_is_about() -> None:
    plan = plan_of(
        rc.Claim.point(90, figure="killed + wounded", **BY),
        rc.Claim.point(30, figure="killed", **BY),
        rc.Claim.at_least(10, figure="wounded + killed", **BY),
        rc.Claim.ratio(3, figure="wounded / killed", **BY),
    )
    assert plan.difficulties.group_of.tolist() == [0, 1, 0, 2]
    assert plan.difficulties.labels[1:] == ("killed", "wounded / killed")


def test_parts_that_nobody_spoke_of_have_the_error_of_their_sum() -> None:
    """Of the smallest that contains them, unless a number is told of them alone."""
    claims = [
        rc.Claim.point(90, figure="casualties", **BY),
        rc.Claim.point(60, figure="killed + wounded", **BY),
        rc.Claim.point(30, figure="killed", **BY),
        rc.Claim.at_least(9, figure="wounded", **BY),
        rc.Claim.ratio(3, figure="tanks / killed", **BY),
    ]
    plan = plan_of(*claims, figures=[WHOLE])
    assert group_of_series(plan) == {
        "killed": "killed",
        "wounded": "killed + wounded",
        "missing": "casualties",
        "tanks": "tanks",
    }
    silent = plan_of(claims[0], figures=[WHOLE])
    drawn = draw_parameters(silent, np.random.default_rng(1), 20)
    common = forward(silent, drawn).common_bias_log
    np.testing.assert_array_equal(common, common[:, :1].repeat(3, axis=1))
    # One variable is enough for one group.
    assert len(silent.common.labels) == 1


def test_the_common_error_has_the_quantiles_of_its_distribution() -> None:
    """Tukey's h, and the share of its variance that the figures of a case have in common."""
    priors = rc.Priors().replace(
        difficulty_sd_log=0,
        common_bias_sd_log=0.4,
        common_tail=0.3,
        common_share=0.6,
        common_best=0.0,
    )
    claims = [rc.Claim.point(9, figure=name, **BY) for name in ("killed", "tanks")]
    plan = plan_of(*claims, priors=priors)
    drawn = draw_parameters(plan, np.random.default_rng(2), 100_000)
    found = forward(plan, drawn).common_bias_log
    z = norm.ppf([0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
    expected = 0.4 * z * np.exp(0.3 * z**2 / 2)
    for column in found.T:
        quantiles = np.quantile(column, norm.cdf(z))
        np.testing.assert_allclose(quantiles, expected, rtol=0.05, atol=0.01)
    zeta = plan.common.matrix @ drawn["common_z"].T
    assert np.corrcoef(zeta)[0, 1] == pytest.approx(0.6, abs=0.01)
    np.testing.assert_allclose(zeta.std(axis=1), 1, rtol=0.01)


def test_no_figure_is_off_by_more_than_a_factor_of_a_thousand() -> None:
    plan = plan_of(rc.Claim.point(1013, figure="killed", **BY))
    drawn = draw_parameters(plan, np.random.default_rng(6), 2)
    far = drawn | {"common_z": np.array([[-9.0], [9.0]])}
    np.testing.assert_allclose(np.exp(forward(plan, far).common_bias_log[:, 0]), [1e-3, 1e3])


def test_difficulty_scales_the_errors_of_sources_and_part_of_the_common_one() -> None:
    """Bias, noise and excess of stated widths in proportion, the common error as its power."""
    plan = plan_of(
        rc.Claim.point(1013, figure="killed", **BY),
        rc.Claim.interval(900, 1100, 0.9, figure="killed", **BY),
        priors=rc.Priors().replace(common_difficulty=0.5, fog_difficulty=0, noise_floor=1e-9),
    )
    usual = draw_parameters(plan, np.random.default_rng(3), 1) | {"difficulty_z": np.zeros((1, 1))}
    hard = usual | {"difficulty_z": np.log([[4.0]]) / plan.difficulties.sd_log}
    one, other = forward(plan, usual), forward(plan, hard)
    one_sum, other_sum = (x.total_log[:, :1] + x.common_bias_log for x in (one, other))
    np.testing.assert_allclose(other.base_log - other_sum, 4 * (one.base_log - one_sum))
    np.testing.assert_allclose(other.common_bias_log, 2 * one.common_bias_log)
    # What is stated stays: width (1 + kappa lambda).
    stated = plan.noise.width
    assert stated[1] > 0 and one.width_log[0, 1] > 1.01 * stated[1]
    np.testing.assert_allclose(other.width_log - stated, 4 * (one.width_log - stated))
    fixed, factor = plan.noise.fixed, plan.noise.factor
    squares = [
        reading_scales(plan, x)[0] ** 2 - y.width_log[0] ** 2
        for x, y in ((usual, one), (hard, other))
    ]
    np.testing.assert_allclose(squares[1] - fixed, 16 * (squares[0] - fixed))
    assert (factor > 0).all()


def test_however_easy_a_figure_no_noise_falls_below_its_floor() -> None:
    plan = plan_of(rc.Claim.about(1013, figure="killed", **BY), priors=rc.Priors())
    drawn = draw_parameters(plan, np.random.default_rng(4), 1)
    easy = drawn | {"difficulty_z": np.full((1, 1), -30.0)}
    least = 0.1 * rc.Priors().roles["third"].noise_median_log * plan.shares.noise[0]
    expected = np.sqrt(plan.noise.fixed[0] + least**2)
    np.testing.assert_allclose(forward(plan, easy).noise_log, [[expected]])
    # Or else the rounding of the number would be all that is left.
    assert least > 0.1 * expected


def test_what_is_hard_to_know_stays_so() -> None:
    """The share of an error that age does not take away has odds that grow with the difficulty."""
    priors = rc.Priors().replace(
        fog_floor=0.2, fog_difficulty=1.5, difficulty_sd_log=1.0, common_tail=0, noise_floor=1e-9
    )
    made = [rc.Claim.point(1013 + k, figure="killed", said=day, **BY) for k, day in enumerate(DAYS)]
    claims = rc.ClaimSet(made, setting="war", start=DAYS[0], end=DAYS[0])
    plan = design(claims, priors)
    hard = np.array([[-1.0], [0.0], [1.0]])
    drawn = draw_parameters(plan, np.random.default_rng(3), 1)
    drawn = {name: value.repeat(3, axis=0) for name, value in drawn.items()}
    parameters = drawn | {"difficulty_z": hard}
    scale = np.sqrt(reading_scales(plan, parameters) ** 2 - plan.noise.fixed)
    stays = expit(logit(0.2) + 1.5 * hard)
    rate = priors.bias_of("third", plan.speakers.situations[0].interest, "war").fog_rate
    passing = (1 + np.array([0.0, 9.0, 999.0])) ** -rate
    left = stays + (1 - stays) * passing
    np.testing.assert_allclose(scale / scale[:, :1], left, rtol=1e-9)
    np.testing.assert_allclose(scale[:, 0] / scale[1, 0], np.exp(hard[:, 0]), rtol=1e-9)
    # And the common error with that of the best claim.
    zeta = plan.common.matrix @ drawn["common_z"][0]
    expected = np.exp(
        priors.common_difficulty * hard + priors.common_best * np.log(left[:, 2:] / left[1, 2])
    )
    expected = plan.common.sd_log * expected * zeta
    np.testing.assert_allclose(forward(plan, parameters).common_bias_log, expected, rtol=1e-9)


def test_truths_and_registers_speak_of_true_figures_and_sources_of_apparent_ones() -> None:
    plan = plan_of(
        rc.Claim.point(1013, figure="killed", **BY),
        rc.Claim.truth(990, 1010, figure="killed", source="inquiry"),
        rc.Claim.confirmed(707, figure="killed", **BY),
        rc.Claim.between(100, 9000, guaranteed=True, figure="killed", **BY),
    )
    drawn = draw_parameters(plan, np.random.default_rng(4), 5)
    moved = drawn | {"common_z": drawn["common_z"] + 0.7}
    one, other = forward(plan, drawn), forward(plan, moved)
    off = common_log(plan.difficulties, plan.common, moved, plan.priors)
    off = off - one.common_bias_log
    expected = np.where([True, False, False, False], off, 0.0)
    np.testing.assert_allclose(other.base_log - one.base_log, expected, atol=1e-12)
    np.testing.assert_allclose(one.base_log[:, 1], one.total_log[:, 0], rtol=1e-12)


def test_of_a_sum_of_parts_with_different_errors_a_truth_is_about_true_parts() -> None:
    plan = plan_of(
        rc.Claim.point(30, figure="killed", **BY),
        rc.Claim.point(50, figure="wounded", **BY),
        rc.Claim.truth(79, 81, figure="killed + wounded", source="inquiry"),
    )
    latent = forward(plan, draw_parameters(plan, np.random.default_rng(5), 20))
    assert np.std(latent.common_bias_log[:, 0] - latent.common_bias_log[:, 1]) > 0.1
    np.testing.assert_allclose(latent.base_log[:, 2], np.logaddexp(*latent.total_log.T))


def fitted_difficulty(*numbers: float) -> float:
    """Posterior mean of the log difficulty of a figure of which independent sources speak."""
    roles = ("third", "expert", "media", "leak", "rumour")
    claims = rc.ClaimSet(
        [
            rc.Claim.point(n, figure="killed", source=f"S{k}", role=roles[k])
            for k, n in enumerate(numbers)
        ]
    )
    settings = {"draws": 500, "tune": 500, "chains": 4, "progressbar": False, "random_seed": 1}
    return float(rc.fit(claims, **settings).posterior["difficulty_log"].mean())


def test_contradiction_raises_difficulty_and_agreement_lowers_it() -> None:
    assert fitted_difficulty(1013, 5117, 219, 2513, 103) > 0.3
    assert fitted_difficulty(1013, 1017, 1009, 1021, 1019) < -0.3


@pytest.mark.parametrize("z", [-60.0, 60.0])
def test_a_common_error_far_out_is_a_number(z: float) -> None:
    """Its tails are so heavy that it would overflow: it is cut off at a factor of 1,000."""
    plan = plan_of(
        rc.Claim.point(90, figure="killed", **BY), priors=rc.Priors().replace(common_tail=0.9)
    )
    drawn = draw_parameters(plan, np.random.default_rng(1), 3)
    latent = forward(plan, drawn | {"common_z": np.full_like(drawn["common_z"], z)})
    np.testing.assert_allclose(latent.common_bias_log, np.sign(z) * np.log(1000))
    assert np.isfinite(latent.estimate).all() and (latent.estimate > 0).all()
    density = kernel_density(plan)
    for scale in (1.0, 0.99):
        point = np.where(density.owner == "common_z", scale * z, density.shift)
        value, slope = density.slope(point)
        assert np.isfinite(value) and np.isfinite(slope).all()
