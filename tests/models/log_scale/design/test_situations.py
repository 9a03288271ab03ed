"""In which situation a source speaks, and how long after the event."""

import datetime as dt

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.interests import interest_of
from reconcile.models.log_scale.design.situations import (
    USUAL_AGE_DAYS,
    ages,
    contexts_of,
    passed_days,
)
from reconcile.models.log_scale.design.voices import voices_of

ABOUT = {"figure": "killed", "source": "A"}


def test_an_enemy_makes_no_war_of_an_earthquake() -> None:
    said = [rc.Claim.point(9, role="enemy", **ABOUT)]
    army = rc.Source(name="A", roles={"*": "enemy"})
    for claims in (rc.ClaimSet(said), rc.ClaimSet([rc.Claim.point(9, **ABOUT)], sources=[army])):
        assert contexts_of(claims)[""].setting == "other"
        with pytest.warns(rc.AssumptionWarning, match="no war, although a source has the role"):
            assert assumed(claims)
    assert contexts_of(rc.ClaimSet(said, setting="crowd"))[""].setting == "crowd"


def assumed(claims: rc.ClaimSet) -> str:
    return "; ".join(voices_of(claims, contexts_of(claims)).assumptions)


def test_the_event_is_over_at_its_end_its_start_or_when_first_spoken_of() -> None:
    said = [
        rc.Claim.point(9, date="2020-01-20", said="2020-02-01", **ABOUT),
        rc.Claim.point(8, said="2020-01-25", **ABOUT),
        rc.Claim.truth(7, 7, figure="killed", source="archive", said="2019-01-01"),
    ]

    def over(**known: str) -> dt.date | None:
        return contexts_of(rc.ClaimSet(said, **known))[""].over

    assert over(start="2020-01-02", end="2020-01-10") == dt.date(2020, 1, 10)
    assert over(start="2020-01-02") == dt.date(2020, 1, 2)
    # The truth, which nobody said at the time, does not count.
    assert over() == dt.date(2020, 1, 25)
    assert contexts_of(rc.ClaimSet([rc.Claim.point(9, **ABOUT)]))[""].over is None


def test_each_population_has_its_own_first_day() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(9, population="X", said="2020-01-05", **ABOUT),
            rc.Claim.point(9, population="Y", said="2020-03-01", **ABOUT),
        ]
    )
    contexts = contexts_of(claims, case="a case")
    assert {name: c.over.day for name, c in contexts.items()} == {"X": 5, "Y": 1}
    assert {c.case for c in contexts.values()} == {"a case"}


def test_the_age_of_a_fixed_figure_counts_from_the_end_of_the_event() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(9, said="2020-01-10", **ABOUT),
            rc.Claim.point(9, said="2020-02-09", **ABOUT),
            rc.Claim.point(9, date="2020-01-11", **ABOUT),
            rc.Claim.point(9, said="2020-01-01", **ABOUT),
            rc.Claim.point(9, **ABOUT),
        ],
        figures=[rc.Figure(name="killed", accrues=False)],
        end="2020-01-10",
    )
    # Before the end: none. Where no day is given: that of a usual report.
    assert ages(claims, contexts_of(claims)).tolist() == [0, 30, 1, 0, USUAL_AGE_DAYS]
    assert np.isnan(passed_days(claims, contexts_of(claims))[4])


def test_the_age_of_a_running_total_counts_from_the_last_day_it_covers() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(9, date="2020-01-10", **ABOUT),
            rc.Claim.point(9, date="2020-01-10", said="2020-01-15", **ABOUT),
        ],
        figures=[rc.Figure(name="killed", accrues=True)],
        start="2020-01-01",
        end="2020-01-02",
    )
    assert ages(claims, contexts_of(claims)).tolist() == [0, 5]


@pytest.mark.parametrize(
    ("setting", "own", "enemy"),
    [
        ("war", "low", "high"),
        ("disaster", "none", "high"),
        ("disease", "none", "high"),
        ("crowd", "high", "low"),
        ("economy", "none", "none"),
        ("measurement", "none", "none"),
        ("other", "none", "high"),
    ],
)
@pytest.mark.parametrize(
    "figure", ["killed", "troops killed", "children killed", "revenue", "survivors", "success"]
)
def test_the_interest_follows_from_setting_and_role_and_not_from_words(
    figure: str, setting: str, own: str, enemy: str
) -> None:
    for role, judged in (("own", own), ("enemy", enemy), ("media", "none"), ("expert", "none")):
        for given in ("", "low", "high", "none"):
            claim = rc.Claim.point(9, figure=figure, source="A", role=role, interest=given)
            claims = rc.ClaimSet([claim], setting=setting)
            found = interest_of(claims, claim, setting=setting, role=role)
            assert found == (given or judged)


@pytest.mark.parametrize(
    ("told", "own"),
    [
        ({}, "low"),
        ({"killed": False}, "low"),
        ({"killed": True}, "high"),
        # A whole says it of its parts, and a part makes a mixture of the whole.
        ({"lost": True}, "high"),
        ({"wounded": True}, "low"),
        ({"lost": True, "killed": False}, "low"),
    ],
    ids=str,
)
def test_civilians_are_declared(told: dict[str, bool], own: str) -> None:
    parts = {"lost": ("killed", "wounded")}
    figures = [
        rc.Figure(name=name, parts=parts.get(name, ()), civilians=told.get(name))
        for name in ("killed", "wounded", "lost")
    ]
    about = {"source": "A", "role": "own"}
    claim, whole = (rc.Claim.point(9, figure=name, **about) for name in ("killed", "lost"))
    claims = rc.ClaimSet([claim, whole], figures=figures, setting="war")
    assert interest_of(claims, claim, setting="war", role="own") == own
    mixed = "high" if True in told.values() else "low"
    assert interest_of(claims, whole, setting="war", role="own") == mixed


def test_combatants_are_assumed_and_said() -> None:
    about = {"figure": "killed", "source": "A"}
    own = rc.Claim.point(9, role="own", **about)
    with pytest.warns(rc.AssumptionWarning, match="killed: combatants are counted; say civilians"):
        text = assumed(rc.ClaimSet([own], setting="war"))
    assert "figures of fighters: own low, enemy high, others none" in text
    for told, rule in ((True, "of victims: own high, enemy low"), (False, "of fighters: own low")):
        figures = [rc.Figure(name="killed", civilians=told)]
        assert rule in assumed(rc.ClaimSet([own], figures=figures, setting="war"))
    stated = rc.Claim.point(9, role="own", interest="none", **about)
    assert assumed(rc.ClaimSet([stated], setting="war")) == ""
    assert assumed(rc.ClaimSet([rc.Claim.point(9, role="media", **about)], setting="war")) == ""


def test_all_that_is_guessed_is_said_in_one_warning() -> None:
    claims = [
        rc.Claim.point(9, figure=figure, source="A", role="own", date=f"2022-03-{day}")
        for figure in ("killed", "wounded")
        for day in (10, 20)
    ]
    with pytest.warns(rc.AssumptionWarning, match="assumed") as caught:
        text = assumed(rc.ClaimSet(claims, setting="war"))
    assert len(caught) == 1
    assert "killed, wounded: runs" in text and "setting 'war'" in text
    assert "killed, wounded: combatants" in text
    with pytest.warns(rc.AssumptionWarning, match="killed, wounded: is one fixed number"):
        assumed(rc.ClaimSet(claims, setting="disaster"))
    told = [rc.Figure(name=n, accrues=True, civilians=False) for n in ("killed", "wounded")]
    assert "accrues" not in assumed(rc.ClaimSet(claims, figures=told, setting="war"))


def test_the_day_of_a_claim_on_a_fixed_figure_is_the_day_it_was_said() -> None:
    """An earthquake of a day, by `date` and by `said`, is the same case."""

    def quake(field: str) -> rc.ClaimSet:
        days = {"2023-02-06": 5000, "2023-02-07": 1800, "2023-03-06": 2191}
        said = [rc.Claim.point(n, role="media", **{field: day}, **ABOUT) for day, n in days.items()]
        return rc.ClaimSet(said, setting="disaster", start="2023-02-06", end="2023-02-06")

    by_date, by_said = quake("date"), quake("said")
    assert not by_date.figures["killed"].accrues and not by_date.guessed
    found = [ages(claims, contexts_of(claims)).tolist() for claims in (by_date, by_said)]
    assert found == [[0, 1, 28], [0, 1, 28]]
