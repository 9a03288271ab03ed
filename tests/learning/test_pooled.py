"""Many cases as one set of claims: nothing of one touches another."""

import datetime as dt

import numpy as np
import pytest

import reconcile as rc
from reconcile.learning.pooled import pool_cases
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.tables.track_record import track_record

CLAIM = {"figure": "killed", "source": "A"}


def fixed_case(setting: str = "war", end: str = "2020-01-05") -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            rc.Claim.point(120, said="2020-01-09", role="own", **CLAIM),
            rc.Claim.point(300, figure="killed", source="B", origin="A", said="2020-01-09"),
            rc.Claim.at_least(100, figure="killed", source="C", role="enemy"),
            rc.Claim.truth(150, 160, figure="killed", source="archive"),
        ],
        sources=[rc.Source(name="B", roles={"*": "media"}, group="wires")],
        figures=[rc.Figure(name="killed", accrues=False)],
        setting=setting,
        end=end,
    )


def running_case() -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            rc.Claim.point(120, date="2020-01-09", role="own", **CLAIM),
            rc.Claim.point(150, date="2020-01-19", said="2020-01-29", role="own", **CLAIM),
            rc.Claim.point(30, date="2020-01-19", since="2020-01-10", role="own", **CLAIM),
            rc.Claim.truth(160, 160, figure="killed", source="archive", date="2020-01-19"),
        ],
        figures=[rc.Figure(name="killed", accrues=True, unit_size=1000)],
        setting="war",
        start="2020-01-01",
    )


def test_cases_with_equal_names_stay_apart() -> None:
    claims, contexts = pool_cases({"one": fixed_case(), "two": fixed_case("crowd", "2021-01-05")})
    assert len(claims) == 8
    of = {k: [c for c in claims if c.population.startswith(k)] for k in ("one", "two")}
    for name in ("figure", "population", "source"):
        first, second = ({getattr(c, name) for c in of[k]} for k in ("one", "two"))
        assert len(first) == len(second)
        assert not first & second
    by_case = {c.case: c for c in contexts.values()}
    assert {name: c.setting for name, c in by_case.items()} == {"one": "war", "two": "crowd"}
    assert by_case["two"].over == dt.date(2021, 1, 5)
    plan = design(claims, contexts=contexts)
    assert len(plan.structure.series) == 2
    # The fourth of each is a truth, which has no voice.
    assert not set(plan.speakers.voice_of[:3]) & set(plan.speakers.voice_of[4:7])
    apart = [v.source.startswith("one") for v in plan.speakers.voices]
    first, second = (set(plan.speakers.camp_of[np.equal(apart, x)]) for x in (True, False))
    assert not first & second
    assert len(plan.common.sd_log) == 2


def test_roles_origins_and_groups_are_kept() -> None:
    claims, contexts = pool_cases({"one": fixed_case()})
    alone = design(fixed_case())
    plan = design(claims, contexts=contexts)
    assert [(v.role, v.interest) for v in plan.speakers.voices] == [
        (v.role, v.interest) for v in alone.speakers.voices
    ]
    np.testing.assert_array_equal(plan.speakers.voice_of, alone.speakers.voice_of)
    np.testing.assert_array_equal(plan.speakers.camp_of, alone.speakers.camp_of)
    assert claims.sources["one | B"].group == "one | wires"
    assert [c.origin for c in claims] == ["", "one | A", "", ""]
    truth = list(claims)[3]
    assert (truth.kind, truth.role, truth.interest) == ("truth", "", "")


@pytest.mark.filterwarnings("ignore::reconcile.AssumptionWarning")
def test_a_case_with_fixed_figures_has_the_density_it_has_alone() -> None:
    """Every shipped case; one by one and all at once."""
    cases = {
        name: case
        for name, case in list(track_record().items())[::4]
        if not any(f.accrues for f in case.figures.values())
    }
    claims, contexts = pool_cases(cases)
    together = design(claims, contexts=contexts)
    for part in ("voice_mean_log", "voice_sd_log"):
        alone = [getattr(design(case).biases, part) for case in cases.values()]
        np.testing.assert_allclose(getattr(together.biases, part), np.concatenate(alone))
    begin = 0
    for case in cases.values():
        alone = design(case)
        end = begin + len(case)
        # A truth has no voice, whose errors could lift.
        spoken = ~alone.readings.is_truth.astype(bool)
        for part in ("fog", "own", "bias", "noise", "excess", "coarse"):
            np.testing.assert_allclose(
                getattr(together.shares, part)[begin:end][spoken],
                getattr(alone.shares, part)[spoken],
            )
        for part in ("share", "weight"):
            np.testing.assert_allclose(
                getattr(together.serial, part)[begin:end], getattr(alone.serial, part)
            )
        np.testing.assert_array_equal(
            together.serial.predecessor[begin:end] - begin, alone.serial.predecessor
        )
        np.testing.assert_allclose(together.sound[begin:end], alone.sound)
        begin = end
    parameters = draw_parameters(together, np.random.default_rng(1), 5)
    assert np.isfinite(log_likelihood(together, forward(together, parameters))).all()


def test_running_totals_become_fixed_figures_one_for_each_date() -> None:
    claims, contexts = pool_cases({"one": running_case()})
    assert not any(f.accrues for f in claims.figures.values())
    assert {f.unit_size for f in claims.figures.values()} == {1000}
    figures = [c.figure for c in claims]
    assert len(set(figures)) == 3
    assert figures[1] == figures[3], "the truth is that of the total of its day"
    assert all(c.since is None for c in claims)
    plan = design(claims, contexts=contexts)
    assert plan.structure.n_accruing == 0
    # Each total counts its days from the last one that it covers.
    assert plan.shares.age[:2].tolist() == [0, 10]
    assert not plan.serial.share.any()


def test_sums_stay_sums() -> None:
    case = rc.ClaimSet(
        [
            rc.Claim.point(9, figure="losses", source="A", role="own", date="2020-01-09"),
            rc.Claim.point(5, figure="killed", source="A", role="own", date="2020-01-09"),
        ],
        figures=[
            rc.Figure(name="killed", accrues=True),
            rc.Figure(name="losses", parts=("killed", "wounded")),
        ],
        setting="war",
        start="2020-01-01",
    )
    claims, contexts = pool_cases({"one": case})
    plan = design(claims, contexts=contexts)
    assert plan.structure.claims.toarray().sum(axis=1).tolist() == [2, 1]
    assert len(plan.structure.series) == 2


def test_the_numbers_are_those_of_the_cases() -> None:
    cases = {"one": fixed_case(), "two": running_case()}
    claims, _ = pool_cases(cases)
    for name in ("kind", "value", "low", "high", "status", "said"):
        expected = [getattr(c, name) for case in cases.values() for c in case]
        assert [getattr(c, name) for c in claims] == expected
