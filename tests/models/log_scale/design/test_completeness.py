"""Registered counts: a share of the truth that grows with time, cell by cell."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from reconcile.models.log_scale.design.completeness import (
    completeness_log,
    expected_completeness_log,
)
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.prior import draw_parameters

BY = {"figure": "killed", "source": "a paper", "role": "media"}


def plan_of(*claims: rc.Claim, accrues: bool = True, **case: object) -> Design:
    figures = [rc.Figure(name="killed", accrues=accrues)]
    return design(rc.ClaimSet(claims, figures=figures, start="2022-03-01", **case))


def shares(plan: Design) -> np.ndarray:
    return np.exp(expected_completeness_log(plan.registers, len(plan.claims)))


def test_a_fixed_figure_is_registered_more_fully_later() -> None:
    days = ("2022-03-01", "2022-03-04", "2022-03-31", "2023-03-01")
    plan = plan_of(
        *(rc.Claim.confirmed(10 + k, said=day, **BY) for k, day in enumerate(days)),
        accrues=False,
    )
    found = shares(plan)
    prior = plan.priors.completeness["media"]
    age = np.array([0, 3, 30, 365])
    logit = prior.mean_logit + prior.growth * np.log1p(age)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logit)), rtol=1e-9)
    assert np.all(np.diff(found) > 0)
    # One register, kept by one source of one figure.
    assert len(plan.registers.labels) == 1


def test_of_a_running_total_the_recent_part_is_the_emptiest() -> None:
    """A total of a year has been registered more fully than one of a week, on the same day."""
    on_the_day = plan_of(
        rc.Claim.confirmed(10, date="2022-03-07", **BY),
        rc.Claim.confirmed(20, date="2022-09-01", **BY),
    )
    assert shares(on_the_day)[1] > shares(on_the_day)[0]
    later = plan_of(
        rc.Claim.confirmed(10, date="2022-03-07", **BY),
        rc.Claim.confirmed(12, date="2022-03-07", said="2022-09-01", **BY),
    )
    assert shares(later)[1] > shares(later)[0]


def test_a_register_that_says_the_same_again_is_no_fuller() -> None:
    once = rc.Claim.confirmed(10, said="2022-03-07", **BY)
    again = rc.Claim.confirmed(10, said="2022-09-01", **BY)
    plan = plan_of(once, again, accrues=False)
    np.testing.assert_allclose(*shares(plan))
    np.testing.assert_allclose(plan.serial.weight, 0.5)


@given(
    days=st.lists(st.integers(0, 300), min_size=1, max_size=5),
    late=st.integers(0, 400),
    seed=st.integers(0, 99),
)
def test_no_register_holds_more_than_all(days: list[int], late: int, seed: int) -> None:
    first = dt.date(2022, 3, 1)
    later = [first + dt.timedelta(days=day + late) for day in days]
    claims = [
        rc.Claim.confirmed(3 + k, date=first + dt.timedelta(days=day), said=said, **BY)
        for k, (day, said) in enumerate(zip(days, later, strict=True))
    ]
    army = {"figure": "killed", "source": "B", "role": "own"}
    plan = plan_of(*claims, rc.Claim.point(900, date="2022-03-15", **army))
    parameters = draw_parameters(plan, np.random.default_rng(seed), 20)
    latent = forward(plan, parameters)
    # The reading of a register is the true sum less what is not in it.
    held = (latent.base_log - latent.sum_log)[:, plan.registers.claim]
    assert np.all(held <= 1e-12) and np.all(np.isfinite(held))


def test_a_share_of_equal_cells_is_the_mean_of_their_shares() -> None:
    """Two days, of which one is a month old: spelled out by hand."""
    plan = plan_of(
        rc.Claim.point(500, date="2022-03-01", source="B", figure="killed", role="own"),
        rc.Claim.confirmed(7, date="2022-03-31", since="2022-03-01", **BY),
    )
    registers = plan.registers
    nodes = np.ones((1, plan.structure.n_nodes))
    z, slope_z = np.array([[0.7]]), np.array([[-0.4]])
    prior = plan.priors.completeness["media"]
    level = prior.mean_logit + prior.sd_logit * 0.7 * np.exp(prior.tail * 0.7**2 / 2)
    # The first day by itself, 30 days ago; the other 30 about their middle, 14.5 days ago.
    slope = prior.growth * np.exp(prior.growth_sd_log * -0.4)
    logits = level + slope * np.log1p(np.array([30, 14.5]))
    by_hand = np.log((1 / (1 + np.exp(-logits))).mean())
    common = np.zeros((1, len(plan.structure.series)))
    found = completeness_log(registers, nodes, z, slope_z, np.array([[0.3]]), common)
    assert found[0, 0] == pytest.approx(by_hand)


def test_what_is_known_of_a_register_decides_how_far_it_is_from_the_truth() -> None:
    """A register that holds nearly all puts the prior of the figure at its count."""
    full = rc.CompletenessPrior(mean_logit=6.0, sd_logit=0.1, growth=0.0)
    half = rc.CompletenessPrior(mean_logit=0.0, sd_logit=0.1, growth=0.0)
    claims = rc.ClaimSet([rc.Claim.confirmed(1234, **BY)])
    middles = [
        float(design(claims, rc.Priors(completeness={"media": c})).total_mean_log[0])
        for c in (full, half)
    ]
    assert middles[0] == pytest.approx(np.log(1234), abs=0.01)
    assert middles[1] == pytest.approx(np.log(2468), abs=0.01)


# Counts that settle


def disaster(
    *claims: rc.Claim,
    setting: str = "disaster",
    accrues: bool = False,
    priors: rc.Priors | None = None,
) -> Design:
    figures = [rc.Figure(name="killed", accrues=accrues)]
    case = rc.ClaimSet(claims, figures=figures, setting=setting, start="2022-03-01")
    return design(case, priors)


def test_the_numbers_of_a_source_are_one_count_that_grows() -> None:
    days = ("2022-03-01", "2022-03-04", "2022-03-31")
    made = [rc.Claim.point(1300 + k, said=day, **BY) for k, day in enumerate(days)]
    plan = disaster(*made, rc.Claim.at_least(1200, said="2022-03-09", **BY))
    assert len(plan.registers.labels) == 1
    assert plan.registers.claim.tolist() == [0, 1, 2, 3]
    parameters = draw_parameters(plan, np.random.default_rng(1), 50)
    parameters["bias_z"][:] = 0
    latent = forward(plan, parameters)
    hard = np.exp(latent.difficulty_log) * plan.biases.mean_log
    held = latent.base_log - hard - (latent.total_log + latent.common_bias_log)
    prior = plan.priors.settling["media/disaster"]
    slope = prior.growth * np.exp(prior.growth_sd_log * parameters["register_slope_z"])
    z = parameters["register_z"]
    level = prior.mean_logit + prior.sd_logit * z * np.exp(prior.tail * z**2 / 2)
    logit = level + slope * np.log1p([0, 3, 30, 8])
    np.testing.assert_allclose(held, -np.log1p(np.exp(-logit)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "claim",
    [
        rc.Claim.at_most(1300, said="2022-03-04", **BY),
        rc.Claim.vague("hundreds", said="2022-03-04", **BY),
        rc.Claim.between(900, 2000, guaranteed=True, said="2022-03-04", **BY),
        rc.Claim.ratio(3, **(BY | {"figure": "wounded / killed"}), said="2022-03-04"),
        # Of any time after the event.
        rc.Claim.point(1300, **BY),
    ],
)
def test_other_claims_come_from_no_count(claim: rc.Claim) -> None:
    assert not disaster(claim).registers.labels


def test_what_is_not_counted_does_not_settle() -> None:
    claim = rc.Claim.point(1300, said="2022-03-04", **BY)
    assert disaster(claim).registers.labels
    assert not disaster(claim, setting="war").registers.labels
    # It does where a prior says so.
    settling = {"media/war": rc.Priors().settling["media/disaster"]}
    priors = rc.Priors().replace(settling=settling)
    assert disaster(claim, setting="war", priors=priors).registers.labels


def test_confirmed_and_other_counts_of_one_source_are_two_registers() -> None:
    plan = disaster(
        rc.Claim.point(1300, said="2022-03-04", **BY),
        rc.Claim.confirmed(1200, said="2022-03-04", **BY),
    )
    assert len(plan.registers.labels) == len(set(plan.registers.labels)) == 2
    assert plan.registers.is_true.tolist() == [False, True]


def test_a_registered_count_that_is_repeated_has_not_grown() -> None:
    """It is as old as when it was last said; a number that is repeated is as old as at first."""
    for kind, days in (("confirmed", 40), ("point", 4)):
        made = [
            getattr(rc.Claim, kind)(98, said=said, **BY) for said in ("2022-03-05", "2022-04-10")
        ]
        plan = disaster(*made)
        np.testing.assert_allclose(plan.registers.age_log, np.log1p(days))


def test_an_early_count_puts_the_prior_above_it_and_a_late_one_at_it() -> None:
    middles = [
        float(disaster(rc.Claim.point(1300, said=day, **BY)).total_mean_log[0] - np.log(1300))
        for day in ("2022-03-01", "2025-03-01")
    ]
    mean = disaster(rc.Claim.point(1300, said="2022-03-01", **BY)).biases.mean_log[0]
    missing = np.log1p(np.exp(-rc.Priors().settling["media/disaster"].mean_logit))
    assert middles[0] == pytest.approx(missing - mean, abs=0.01)
    assert middles[1] == pytest.approx(-mean, abs=0.25 * missing)


def test_a_tally_that_has_stopped_may_lack_what_it_never_counts() -> None:
    """The upper end is that of the share never counted; without it, the tally is the truth."""
    days = (2, 4, 7, 11, 16, 22, 30, 45)
    counts = (1000 * -np.expm1(-np.array(days) / 4)).round()
    claims = rc.ClaimSet(
        [
            rc.Claim.confirmed(count, said=f"2022-03-{day + 1:02}", **BY)
            for day, count in zip(days[:-1], counts[:-1], strict=True)
        ]
        + [rc.Claim.confirmed(1000, said="2022-04-15", **BY)],
        setting="disaster",
        start="2022-03-01",
        end="2022-03-01",
    )
    defaults = rc.Priors()
    held = {key: replace(prior, never=0.0) for key, prior in defaults.completeness.items()}
    ends = [
        np.quantile(rc.draws(rc.fit(claims, priors=priors, random_seed=5), "killed"), 0.95)
        for priors in (defaults, defaults.replace(completeness=held))
    ]
    assert 1045 < ends[0] < 1130
    assert ends[1] < 1040
