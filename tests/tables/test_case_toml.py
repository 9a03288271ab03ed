"""``case.toml``: read, written, and refused where it is wrong."""

import datetime as dt
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

import reconcile as rc
from reconcile.tables.case_toml import read_case, write_case
from strategies import claim_sets

CASE = """
title = "Losses"
setting = "war"
start = 2022-02-24
end = "2022-04-05"

[figures.killed]
unit = "soldiers"
accrues = true
ceiling = 190000
floor = 300
plausible = [500, 40_000.5]
unit_size = 1000

[figures.wounded]
unit_size = 1000

[figures.casualties]
parts = ["killed", "wounded"]

[sources.NATO]
role = "third"
group = "allies"

[sources."Defence, Ministry of"]
roles = { Russia = "own", Ukraine = "enemy" }
role = "media"
"""


def test_everything_a_case_may_say(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8-sig")
    case = read_case(path)
    killed = rc.Figure(
        name="killed",
        unit="soldiers",
        accrues=True,
        ceiling=190000,
        floor=300,
        plausible=(500, 40_000.5),
        unit_size=1000,
    )
    wounded = rc.Figure(name="wounded", unit_size=1000)
    whole = rc.Figure(name="casualties", parts=("killed", "wounded"))
    assert case.figures == (killed, wounded, whole)
    nato, ministry = case.sources
    assert nato == rc.Source(name="NATO", roles={"*": "third"}, group="allies")
    assert [ministry.role_to(name) for name in ("Russia", "Ukraine", "Poland")] == [
        "own",
        "enemy",
        "media",
    ]
    claims = case.claim_set([rc.Claim.point(900, figure="killed", source="A", date="2022-03-02")])
    assert (claims.title, claims.setting) == ("Losses", "war")
    assert (claims.start, claims.end) == (dt.date(2022, 2, 24), dt.date(2022, 4, 5))


def test_no_case_is_sensible_defaults() -> None:
    case = read_case(None)
    assert (case.title, case.setting, case.start, case.end) == ("", "other", None, None)
    assert case.figures == case.sources == ()


def test_a_mapping_is_not_changed() -> None:
    table = tomllib.loads(CASE)
    assert read_case(table).figures == read_case(tomllib.loads(CASE)).figures
    assert table == tomllib.loads(CASE)


@settings(max_examples=30)
@given(claims=claim_sets())
def test_what_is_written_is_read(claims: rc.ClaimSet) -> None:
    case = read_case(tomllib.loads(write_case(claims)))
    assert case.claim_set(claims) == claims
    # The log scale is what a figure has where nothing is said.
    read = tuple(replace(figure, scale=figure.scale or "log") for figure in case.figures)
    assert read == tuple(claims.figures.values())


def test_only_what_is_said_is_written() -> None:
    claims = rc.ClaimSet([rc.Claim.point(3, figure="killed", source="A")])
    assert tomllib.loads(write_case(claims)) == {
        "setting": "other",
        "figures": {"killed": {"accrues": False}},
        "sources": {"A": {}},
    }


def test_limits_are_written() -> None:
    killed = rc.Figure(name="killed", ceiling=900, floor=20)
    claims = rc.ClaimSet([rc.Claim.point(30, figure="killed", source="A")], figures=[killed])
    (read,) = read_case(tomllib.loads(write_case(claims))).figures
    assert (read.ceiling, read.floor) == (900, 20)


def test_all_that_is_wrong_with_a_case_is_listed() -> None:
    table = {
        "titel": "x",
        "setting": 3,
        "figures": {"killed": {"ceiling": -1, "accrue": True}, "wounded": {"unit": 7}},
        "sources": {"A": {"role": "ally"}, "B": {"roles": ["own"]}, "C": {"group": 1}},
    }
    with pytest.raises(rc.ClaimError) as caught:
        read_case(table)
    assert sorted(problem.field for problem in caught.value.problems) == [
        "figures.killed.accrue",
        "figures.killed.ceiling",
        "figures.wounded.unit",
        "setting",
        "sources.A.roles.*",
        "sources.B.roles",
        "sources.C.group",
        "titel",
    ]


@pytest.mark.parametrize("name", ["figures", "sources"])
def test_nothing_is_declared_twice(name: str) -> None:
    make = {"figures": rc.Figure, "sources": rc.Source}[name]
    claims = [rc.Claim.point(3, figure="killed", source="A")]
    with pytest.raises(rc.ClaimError, match="declared twice") as caught:
        rc.ClaimSet(claims, **{name: [make(name="X"), make(name="X")]})
    assert caught.value.problems[0].field == f"{name}.X"


def test_the_case_of_the_founding_article(founding_article: Path) -> None:
    case = read_case(founding_article / "case.toml")
    assert case.start == dt.date(2022, 2, 24)
    assert [f.name for f in case.figures if f.accrues] == [
        "killed",
        "wounded",
        "captured",
        "missing",
    ]
