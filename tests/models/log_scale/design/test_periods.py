"""Periods and rates: since the last report, per day, and levels that rise and fall."""

import datetime as dt

import numpy as np
import pytest

import reconcile as rc
from reconcile.claims.units import measure_of
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.design.sums import incidence
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.prior import draw_parameters

BY = {"figure": "killed", "source": "A", "role": "own"}
START = "2022-03-01"


def test_since_the_last_report_is_the_day_after_it() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(90, date="2022-03-20", since="last report", **BY),
            rc.Claim.point(40, date="2022-03-05", **BY),
            rc.Claim.point(60, date="2022-03-11", **BY),
            rc.Claim.point(70, date="2022-03-15", **(BY | {"source": "B"})),
            rc.Claim.point(30, date="2022-03-11", **(BY | {"figure": "wounded"})),
        ],
        start=START,
    )
    assert claims.claims[0].since == dt.date(2022, 3, 12)
    # Said in a table, and written with the day that it came to.
    again = rc.read_claims(rc.to_frame(claims), case={"start": dt.date(2022, 3, 1)})
    assert again.claims == claims.claims


@pytest.mark.parametrize(("per", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12)])
def test_a_rate_is_the_total_over_its_period(per: str, days: float) -> None:
    """Ten days at so many a day are ten times as many."""
    rate = rc.Claim.point(47, since="2022-03-11", date="2022-03-20", per=per, **BY)
    total = rc.Claim.point(47 * 10 / days, since="2022-03-11", date="2022-03-20", **BY)
    plans = [design(rc.ClaimSet([claim], start=START)) for claim in (rate, total)]
    one, other = (plan.readings for plan in plans)
    np.testing.assert_allclose(one.centre_log, other.centre_log)
    np.testing.assert_array_equal(*(plan.structure.claims.toarray() for plan in plans))
    np.testing.assert_allclose(*(plan.total_mean_log for plan in plans))
    assert measure_of(plans[0].claims, rate).times == pytest.approx(10 / days)


def test_a_rate_without_since_is_from_the_start() -> None:
    claim = rc.Claim.point(47, date="2022-03-20", per="day", **BY)
    assert measure_of(rc.ClaimSet([claim], start=START), claim).times == 20


FLOW = {"figure": "flow", "source": "A", "role": "expert"}


def level_claims() -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            rc.Claim.point(911, date="2022-03-05", **FLOW),
            rc.Claim.point(611, date="2022-04-20", **FLOW),
            rc.Claim.point(713, since="2022-03-05", date="2022-04-20", **FLOW),
        ],
        figures=[rc.Figure(name="flow", level=True)],
        start=START,
    )


def test_a_level_is_that_of_its_day_and_of_a_period_the_mean() -> None:
    claims = level_claims()
    structure = incidence(claims)
    # Each day of a claim has a stretch of its own.
    assert structure.days.tolist() == [4, 1, 45, 1]
    # A level of 10 a day until the 5th, then one of 4 a day for 45 days, then one of 1.
    rates = np.array([10.0, 10.0, 4.0, 1.0])
    cells = rates * structure.days
    nodes = np.concatenate([np.cumsum(cells), cells])
    np.testing.assert_allclose(structure.claims @ nodes, [10, 1, (10 + 4 * 45 + 1) / 47])
    np.testing.assert_allclose(structure.estimates @ nodes, [10, 1])
    assert [str(q.date) for q in structure.quantities] == ["2022-03-05", "2022-04-20"]


def test_a_level_may_fall_and_a_total_may_not() -> None:
    plan = design(level_claims())
    latent = forward(plan, draw_parameters(plan, np.random.default_rng(1), 4000))
    change = np.log(latent.estimate[:, 1] / latent.estimate[:, 0])
    assert 0.4 < (change < 0).mean() < 0.6
    # About one standard deviation of the path in 46 days.
    priors = plan.priors
    scale = priors.path_shared_sd * np.sqrt(46 / priors.path_days)
    z = np.random.default_rng(2).standard_normal((2, 100_000))
    expected = np.quantile(scale * z[0] * np.exp(PATH_SPREAD * z[1]), [0.75, 0.25])
    assert np.subtract(*np.quantile(change, [0.75, 0.25])) == pytest.approx(
        np.subtract(*expected), rel=0.15
    )


def test_the_prior_of_a_level_lies_at_what_is_claimed_of_it() -> None:
    plan = design(level_claims())
    latent = forward(plan, draw_parameters(plan, np.random.default_rng(1), 8000))
    assert np.median(latent.sum_log[:, 2]) == pytest.approx(np.log(713), abs=0.3)
    plausible = rc.Figure(name="flow", level=True, plausible=(400, 600))
    narrow = design(rc.ClaimSet(level_claims().claims, figures=[plausible], start=START))
    latent = forward(narrow, draw_parameters(narrow, np.random.default_rng(1), 8000))
    # The mean over all days is what the range is of; the claim is for nearly all of them.
    assert np.exp(np.median(latent.sum_log[:, 2])) == pytest.approx(490, rel=0.05)


def test_totals_have_no_estimates_for_days_that_only_a_level_needs() -> None:
    claims = rc.ClaimSet(
        [
            *level_claims(),
            rc.Claim.point(40, date="2022-03-15", **BY),
        ],
        figures=[rc.Figure(name="flow", level=True), rc.Figure(name="killed", accrues=True)],
        start=START,
    )
    dates = {
        name: [str(q.date) for q in incidence(claims).quantities if q.figure == name]
        for name in ("killed", "flow")
    }
    assert dates["flow"] == ["2022-03-05", "2022-04-20"]
    assert "2022-04-19" not in dates["killed"] and "2022-03-15" in dates["killed"]
