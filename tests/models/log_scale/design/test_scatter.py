"""How far sources contradict each other, and what that does to the common error."""

from __future__ import annotations

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.design.scatter import scatters

ABOUT = {"figure": "killed", "population": "A"}


def common_sd(*claims: rc.Claim, setting: str = "war", accrues: bool = False) -> float:
    figure = rc.Figure(name="killed", accrues=accrues)
    made = rc.ClaimSet(claims, figures=[figure], setting=setting, start="2022-03-01")
    return float(design(made).common_sd_log[0])


def said(value: float, source: str, **more: str) -> rc.Claim:
    return rc.Claim.point(value, source=source, **{"role": "third", **ABOUT, **more})


def scatter_of(thing: list[int], voice: list[int], log: np.ndarray, variance: np.ndarray) -> float:
    """Of one population, beside another in which two voices say the same."""
    whose = np.array([0] * len(thing) + [1, 1])
    things, voices = np.array([*thing, 0, 0]), np.array([*voice, 0, 1])
    logs, expected = np.append(log, [3.0, 3.0]), np.append(variance, [1.0, 1.0])
    found = scatters(whose, things, voices, logs, expected, n=2)
    assert found[1] == 0.0
    return float(found[0])


def test_with_equal_weights_it_is_the_sample_standard_deviation() -> None:
    log = np.array([0.3, -1.0, 2.0, 0.1])
    alone = scatter_of([0] * 4, [0, 1, 2, 3], log, np.full(4, 0.7))
    assert alone == pytest.approx(log.std(ddof=1), rel=1e-12)
    # Two figures are pooled by degrees of freedom, whatever their levels are.
    pooled = np.sqrt((3 * log.var(ddof=1) + 0.5) / 4)
    both = np.append(log, [7.0, 8.0])
    two = scatter_of([0] * 4 + [1] * 2, [0, 1, 2, 3, 1, 2], both, np.full(6, 0.7))
    assert two == pytest.approx(pooled, rel=1e-12)


def test_a_voice_counts_with_the_median_of_its_distinct_numbers() -> None:
    log, expected = np.array([0.0, 4, 1, 1, 1, 2]), np.ones(6)
    # 4, 1 and 1 are 1 and 4: 2.5. 2 and 1 are 1.5. Numbers that differ in their variance are two.
    found = scatter_of([0] * 6, [0, 1, 1, 1, 2, 2], log, expected)
    assert found == pytest.approx(np.std([0, 2.5, 1.5], ddof=1), rel=1e-12)
    apart = np.array([1.0, 1, 1, 2, 1, 1])
    found = scatter_of([0] * 6, [0, 1, 1, 1, 2, 2], log, apart)
    mean = (0 + 1 + 1.5) / 3
    assert found == pytest.approx(
        np.sqrt(((0 - mean) ** 2 + (1 - mean) ** 2 + (1.5 - mean) ** 2) / 2)
    )


def test_nobody_to_contradict() -> None:
    assert scatter_of([], [], np.zeros(0), np.zeros(0)) == 0.0
    assert scatter_of([0] * 3, [0] * 3, np.array([0.0, 1, 5]), np.ones(3)) == 0.0


def test_a_rough_number_beside_a_sharp_one_is_no_contradiction() -> None:
    about, log = ([0] * 3, [0, 1, 2]), np.array([0.3, 1e-6, 0.0])
    assert scatter_of(*about, log, np.array([1e-2, 1e-12, 1e-12])) < 1e-4
    assert scatter_of(*about, log, np.full(3, 1e-12)) > 0.1


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
