"""Slips in legal claims: names, days and numbers beyond limits are named once, with their rows."""

import datetime as dt
import pickle
import warnings
from pathlib import Path

import pytest

import reconcile as rc
from reconcile._text import tidy


def said(value: float = 120, **more: object) -> rc.Claim:
    return rc.Claim.point(value, **({"figure": "killed", "source": "A"} | more))


def doubts(*claims: rc.Claim, **case: object) -> list[str]:
    """Messages of the warnings of a set."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rc.ClaimSet(claims, **case)
    assert all(each.category is rc.AssumptionWarning for each in caught)
    return [str(each.message) for each in caught]


# Names


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("plain", "plain"),
        ("  two   spaces ", "two spaces"),
        ("tab\tand\nline", "tab and line"),
        ("no-break\u00a0space, thin\u2009one", "no-break space, thin one"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("join\u200ded", "joined"),
        # A joiner within Persian is a letter's shape.
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),
        ("\u200e\u05d0\u200f", "\u05d0"),
    ],
)
def test_texts_are_what_they_look_like(text: str, looks: str) -> None:
    assert tidy(text) == looks
    assert tidy(looks) is looks
    claim = said(figure=text, source=text, population=text, origin=text, quote=text)
    assert {claim.figure, claim.source, claim.population, claim.origin} == {looks}
    assert claim.quote == text.strip()
    assert rc.Figure(name=text, parts=[text, "b"]).parts == (looks, "b")
    source = rc.Source(name=text, roles={text: "own"}, group=text)
    assert (source.name, source.group, source.role_to(looks)) == (looks, looks, "own")
    assert rc.Ratio(of=f"{text} / b", about=1, sd_log=1).of == f"{looks} / b"


def test_names_of_a_file_are_tidy(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    rows = "kind\u00a0,figure,source,value,role\npoint\u200b,killed\u00a0,Cafe\u0301,3, own\u00a0\n"
    path.write_text(rows + "point,killed,Caf\u00e9,4,own\n", encoding="utf-8")
    claims = rc.read_claims(path)
    assert set(claims.figures) == {"killed"} and set(claims.sources) == {"Caf\u00e9"}
    assert claims.claim_roles == ("own", "own")


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("source", "NATO", "Nato"),
        ("source", "army", "the army"),
        ("population", "Russia", "russia"),
        ("figure", "killed", "Killed"),
        ("figure", "killed", "killed in Kherson"),
    ],
)
def test_names_that_differ_little_warn_once(field: str, one: str, other: str) -> None:
    two = [said(**{field: one}), said(**{field: other}), said(**{field: other})]
    (message,) = doubts(*two)
    assert message.startswith(f"names that differ little are taken for different ones: {field}s ")
    assert repr(one) in message and repr(other) in message


@pytest.mark.parametrize(
    "pair", [("NATO", "Nations"), ("source 1", "source 10"), ("A", "B"), ("army", "armyworm")]
)
def test_other_names_do_not(pair: tuple[str, str]) -> None:
    assert not doubts(*(said(source=name) for name in pair))


def test_what_is_declared_or_summed_is_meant() -> None:
    two = [said(source="army"), said(source="the army")]
    assert doubts(*two, sources=[rc.Source(name="army")])
    assert not doubts(*two, sources=[rc.Source(name="army"), rc.Source(name="the army")])
    pair = [said(figure="killed"), said(figure="civilians killed")]
    assert doubts(*pair)
    assert not doubts(*pair, said(3, figure="killed + civilians killed"))
    whole = rc.Figure(name="killed", parts=("civilians killed", "others"))
    assert not doubts(*pair, figures=[whole])


def test_many_pairs_are_cut_short() -> None:
    (message,) = doubts(*(said(source=f"{name}{k}") for k in range(12) for name in "aA"))
    assert message.count("sources") == 10 and "and 2 more" in message


# Days


@pytest.mark.parametrize(
    ("slip", "why"),
    [
        ("2202-03-20", "in the future"),
        ("1022-03-20", "far from all others"),
        ("2012-03-20", "far from all others"),
    ],
)
@pytest.mark.parametrize("setting", ["war", "disaster"])
def test_a_day_far_off_is_named_with_its_row(slip: str, why: str, setting: str) -> None:
    days = ["2022-03-02", "2022-03-25", slip, "2022-03-23"]
    claims = [said(date=day, source=f"s{k}") for k, day in enumerate(days)]
    (message,) = doubts(*claims, setting=setting)
    assert message.startswith("days that may be slips: ")
    assert f"row 3, source 's2': date {slip} is {why}" in message
    assert message.count("row") == 1


def test_each_field_of_days_is_looked_at() -> None:
    usual = [said(date=f"2022-03-{day}", said=f"2022-03-{day}") for day in (10, 12, 14)]
    late = said(date="2022-03-10", said="2202-03-10")
    assert "said 2202-03-10 is in the future" in doubts(*usual, late)[0]
    early = said(date="2022-03-10", since="1022-03-10")
    assert "since 1022-03-10 is far" in doubts(*usual, early)[0]
    two = [said(date="1022-03-10"), said(date="2202-03-10")]
    assert doubts(*usual, *two, setting="war")[0].count("row") == 2


def test_old_cases_and_late_witnesses_are_no_slips() -> None:
    early = [said(date=f"1865-05-{day}") for day in (10, 12, 14)]
    assert not doubts(*early, said(date="1865-05-10", said="2011-01-01"), setting="war")
    # The date of a fixed figure is the day it was said.
    assert not doubts(*early, said(date="2011-01-01"), setting="disaster")
    assert doubts(*early, said(date="2011-01-01"), setting="war")
    census = [said(date=f"{year}-01-01") for year in range(1950, 2030, 10) if year < 2021]
    assert not doubts(*census, setting="economy")
    assert not doubts(said(date="1900-01-01"), said(date="1999-01-01"))


def test_tomorrow_is_in_the_future_and_today_is_not() -> None:
    today = dt.date.today()  # noqa: DTZ011
    assert not doubts(said(date=today))
    assert doubts(said(date=today + dt.timedelta(days=1)))


def test_nobody_speaks_before_the_day_they_speak_of() -> None:
    with pytest.raises(rc.ClaimError, match="before the day 2022-03-02 that the figure is for"):
        rc.ClaimSet([said(date="2022-03-02"), said(date="2022-03-02", said="2022-03-01")])
    assert rc.ClaimSet([said(date="2022-03-02", said="2022-03-02")]).claims


def test_a_poll_looks_ahead() -> None:
    poll = rc.Claim.interval(
        46, 54, coverage=0.95, date="2022-11-08", said="2022-10-18", figure="share", source="a"
    )
    figures = [rc.Figure(name="share", scale="linear")]
    assert rc.ClaimSet([poll], figures=figures).claims[0].said == dt.date(2022, 10, 18)


# Limits


@pytest.mark.parametrize(
    "broken",
    [
        rc.Claim.point(9100, figure="killed", source="B"),
        rc.Claim.about(9100, figure="killed", source="B"),
        rc.Claim.at_least(2401, figure="killed", source="B"),
        rc.Claim.between(8000, 9100, figure="killed", source="B"),
        rc.Claim.vague("tens of thousands", figure="killed", source="B"),
        rc.Claim.point(40, figure="killed", source="B"),
        rc.Claim.at_most(40, figure="killed", source="B"),
        rc.Claim.between(10, 40, figure="killed", source="B"),
        rc.Claim.vague("a few", figure="killed", source="B"),
    ],
    ids=lambda claim: f"{claim.kind} {claim.words or claim.value or claim.high}",
)
def test_claims_beyond_a_limit_are_named(broken: rc.Claim) -> None:
    limits = [rc.Figure(name="killed", ceiling=2400, floor=50)]
    (message,) = doubts(said(), broken, figures=limits)
    assert message.startswith("claims that break a limit of the case: row 2, source 'B': killed ")
    high = broken.words == "tens of thousands" or (broken.value or broken.low or 0) > 99
    assert ("above the ceiling 2400" if high else "below the floor 50") in message
    assert message.count("row") == 1


def test_both_claims_of_the_case_are_named() -> None:
    (message,) = doubts(said(9100), said(8700), figures=[rc.Figure(name="killed", ceiling=2400)])
    assert "row 1, source 'A': killed 9100" in message
    assert "row 2, source 'A': killed 8700" in message


@pytest.mark.parametrize(
    "fine",
    [
        rc.Claim.point(2400, figure="killed", source="B"),
        rc.Claim.at_most(9100, figure="killed", source="B"),
        rc.Claim.at_least(10, figure="killed", source="B"),
        rc.Claim.between(10, 9100, figure="killed", source="B"),
        rc.Claim.point(9100, figure="killed", source="B", status="withdrawn"),
        rc.Claim.ratio(9100, figure="wounded / killed", source="B"),
        rc.Claim.point(9100, figure="wounded", source="B"),
    ],
    ids=lambda claim: f"{claim.figure} {claim.kind} {claim.state}",
)
def test_others_are_not(fine: rc.Claim) -> None:
    assert not doubts(said(), fine, figures=[rc.Figure(name="killed", ceiling=2400, floor=50)])


def test_limits_of_wholes_and_parts() -> None:
    figures = [
        rc.Figure(name="lost", parts=("killed", "wounded"), ceiling=1000),
        rc.Figure(name="killed", floor=50),
    ]
    (message,) = doubts(said(2000), figures=figures)
    assert "killed 2000 is above the ceiling 1000 of lost" in message
    (message,) = doubts(said(20, figure="lost"), figures=figures)
    assert "lost 20 is below the floor 50 of killed" in message
    (message,) = doubts(said(20, figure="killed + wounded"), figures=figures)
    assert "killed + wounded 20 is below the floor 50 of killed" in message


def test_a_running_total_may_be_below_its_floor_before_the_end() -> None:
    figures = [rc.Figure(name="killed", floor=50, accrues=True)]
    early, late = said(20, date="2022-03-02"), said(120, date="2022-03-25")
    assert not doubts(early, late, figures=figures)
    (message,) = doubts(early, said(20, date="2022-03-25"), figures=figures)
    assert "row 2" in message and "row 1" not in message


# Once, and with the rows of the file


def test_copies_say_nothing_again() -> None:
    with pytest.warns(rc.AssumptionWarning, match="break a limit"):
        claims = rc.ClaimSet([said(9100)], figures=[rc.Figure(name="killed", ceiling=2400)])
    # A warning would be an error here.
    assert pickle.loads(pickle.dumps(claims)) == claims.replace(claims)


def test_rows_are_those_of_the_file(tmp_path: Path) -> None:
    rows = "figure,kind,source,value\nkilled,point,A,120\n,,,\nkilled,point,B,9100\n"
    (tmp_path / "claims.csv").write_text(rows, encoding="utf-8")
    truth = "figure,source,low,high\nkilled,court,5000,5000\n"
    (tmp_path / "truth.csv").write_text(truth, encoding="utf-8")
    (tmp_path / "case.toml").write_text("[figures.killed]\nceiling = 2400\n", encoding="utf-8")
    with pytest.warns(rc.AssumptionWarning) as caught:
        rc.read_claims(tmp_path)
    (message,) = (str(each.message) for each in caught)
    assert "row 3, source 'B': killed 9100" in message
    assert "truth.csv, row 1, source 'court': killed 5000" in message
