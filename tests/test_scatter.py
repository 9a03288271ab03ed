"""How far sources contradict each other, and what that does to the common error."""

from __future__ import annotations

import numpy as np
import pytest

import reconcile as rc
from reconcile.design import design
from reconcile.scatter import scatter_of

ABOUT = {"figure": "killed", "population": "A"}


def common_sd(*claims: rc.Claim, setting: str = "war", accrues: bool = False) -> float:
    figure = rc.Figure(name="killed", accrues=accrues)
    made = rc.ClaimSet(claims, figures=[figure], setting=setting, start="2022-03-01")
    return float(design(made).common_sd_log[0])


def said(value: float, source: str, **more: str) -> rc.Claim:
    return rc.Claim.point(value, source=source, **{"role": "third", **ABOUT, **more})


def test_with_equal_weights_it_is_the_sample_standard_deviation() -> None:
    log = np.array([0.3, -1.0, 2.0, 0.1])
    groups = [("killed", k) for k in range(4)]
    assert scatter_of(groups, log, np.full(4, 0.7)) == pytest.approx(log.std(ddof=1), rel=1e-12)
    # Two figures are pooled by degrees of freedom, whatever their levels are.
    two = [*groups, ("wounded", 1), ("wounded", 2)]
    pooled = np.sqrt((3 * log.var(ddof=1) + 0.5) / 4)
    both = np.append(log, [7.0, 8.0])
    assert scatter_of(two, both, np.full(6, 0.7)) == pytest.approx(pooled, rel=1e-12)


def test_nobody_to_contradict() -> None:
    assert scatter_of([], np.zeros(0), np.zeros(0)) == 0.0
    assert scatter_of([("killed", "A")] * 3, np.array([0.0, 1, 5]), np.ones(3)) == 0.0


def test_a_rough_number_beside_a_sharp_one_is_no_contradiction() -> None:
    groups, log = [("c", "old"), ("c", "new"), ("c", "newest")], np.array([0.3, 1e-6, 0.0])
    assert scatter_of(groups, log, np.array([1e-2, 1e-12, 1e-12])) < 1e-4
    assert scatter_of(groups, log, np.full(3, 1e-12)) > 0.1


def test_sources_that_contradict_each_other_may_all_be_off() -> None:
    agreeing = common_sd(said(1000, "A"), said(1100, "B"))
    assert common_sd(said(1000, "A")) == pytest.approx(rc.Priors().common_sd_of("war"))
    contradicting = common_sd(said(300, "A"), said(3000, "B"))
    assert contradicting > 1.3 * agreeing
    share = rc.Priors().common_per_scatter
    scatter = np.log(10) / np.sqrt(2)
    assert contradicting == pytest.approx(
        np.hypot(rc.Priors().common_sd_of("war"), share * scatter), rel=1e-3
    )


def test_saying_it_again_bounds_and_expected_biases_do_not_matter() -> None:
    two = (said(1000, "A"), said(2000, "B"))
    assert common_sd(*two, said(1000, "A"), said(2000, "B")) == pytest.approx(common_sd(*two))
    bound = rc.Claim.at_least(9, source="C", role="third", **ABOUT)
    assert common_sd(*two, bound) == pytest.approx(common_sd(*two))
    high = rc.Priors().bias_of("enemy", "high", "war").mean_log
    expected = said(round(1000 * np.exp(high)), "C", role="enemy")
    assert common_sd(said(1000, "A"), expected) < common_sd(said(1000, "A"), said(3600, "D"))


def test_growth_is_no_contradiction() -> None:
    """A tenth of the number after a tenth of the time is what a constant rate leads to expect."""
    early = said(100, "A", date="2022-03-03")
    late = said(1000, "B", date="2022-03-30")
    assert common_sd(early, late, accrues=True) == pytest.approx(
        rc.Priors().common_sd_of("war"), rel=0.02
    )


def test_what_was_measured_precisely_stays_precise() -> None:
    light = design(rc.track_record()["speed_of_light"])
    assert light.common_sd_log[0] < 1e-7
