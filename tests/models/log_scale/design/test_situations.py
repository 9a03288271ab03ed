"""In which situation a source speaks, and how long after the event."""

import datetime as dt

import pytest

import reconcile as rc
from reconcile.models.log_scale.design.interests import interest_of
from reconcile.models.log_scale.design.situations import ages, contexts_of

ABOUT = {"figure": "killed", "source": "A"}


def test_a_case_without_setting_but_with_an_enemy_is_a_war() -> None:
    said = [rc.Claim.point(9, role="enemy", **ABOUT)]
    assert contexts_of(rc.ClaimSet(said))[""].setting == "war"
    third = [rc.Claim.point(9, role="third", **ABOUT)]
    assert contexts_of(rc.ClaimSet(third))[""].setting == "other"
    assert contexts_of(rc.ClaimSet(said, setting="crowd"))[""].setting == "crowd"


def test_an_enemy_of_the_declared_source_counts_as_well() -> None:
    army = rc.Source(name="A", roles={"*": "enemy"})
    claims = rc.ClaimSet([rc.Claim.point(9, **ABOUT)], sources=[army])
    assert contexts_of(claims)[""].setting == "war"


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
    # Before the end, and where no day is given: none.
    assert ages(claims, contexts_of(claims)).tolist() == [0, 30, 1, 0, 0]


def test_the_age_of_a_running_total_counts_from_the_last_day_it_covers() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.point(9, date="2020-01-10", **ABOUT),
            rc.Claim.point(9, date="2020-01-10", said="2020-01-15", **ABOUT),
            rc.Claim.point(9, date="2020-01-10", said="2020-01-09", **ABOUT),
        ],
        figures=[rc.Figure(name="killed", accrues=True)],
        start="2020-01-01",
        end="2020-01-02",
    )
    assert ages(claims, contexts_of(claims)).tolist() == [0, 5, 0]


@pytest.mark.parametrize(
    ("figure", "role", "judged"),
    [
        ("killed", "own", "low"),
        ("killed", "enemy", "high"),
        ("civilians killed", "own", "high"),
        ("civilians killed", "enemy", "low"),
        ("killed", "media", "none"),
    ],
)
def test_an_interest_that_is_given_beats_the_judged_one(
    figure: str, role: str, judged: str
) -> None:
    for given in ("", "low", "high", "none"):
        claim = rc.Claim.point(9, figure=figure, source="A", role=role, interest=given)
        claims = rc.ClaimSet([claim], setting="war")
        found = interest_of(claims, claim, setting="war", role=role)
        assert found == (given or judged)


def test_the_parts_of_a_sum_tell_its_subject() -> None:
    claim = rc.Claim.point(9, figure="losses", source="A", role="own")
    parts = [rc.Figure(name="losses", parts=("civilians killed", "others killed"))]
    claims = rc.ClaimSet([claim], figures=parts, setting="war")
    assert interest_of(claims, claim, setting="war", role="own") == "high"
