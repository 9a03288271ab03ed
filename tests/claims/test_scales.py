"""Which figures in percent are shares, and what shares refuse."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest

import reconcile as rc

C = rc.Claim
TURNOUT = rc.Figure(name="turnout", unit="percent")


def of(source: str, figure: str = "turnout", **more: str) -> dict[str, str]:
    return {"figure": figure, "source": source, "role": "expert", **more}


SAID = (C.point(62, **of("a")), C.interval(55.5, 62.5, 0.95, value=59, **of("b")))


def scale_of(*claims: rc.Claim, setting: str = "other", **declared: object) -> str:
    figure = replace(TURNOUT, **declared)  # type: ignore[arg-type]
    return rc.ClaimSet(claims, figures=[figure], setting=setting).figures["turnout"].scale


def test_a_percentage_is_a_share() -> None:
    for unit in ("percent", "per cent", "%", "Percent"):
        assert scale_of(*SAID, unit=unit) == "share"
    found = rc.ClaimSet(SAID, figures=[TURNOUT])
    assert found.family == "linear_scale"
    assert {claim.scale for claim in found} == {"share"}
    # Margins of a survey that reach beyond the whole, and standard errors.
    assert scale_of(*SAID, C.interval(-1, 5, 0.95, value=2, **of("c"))) == "share"
    assert scale_of(*SAID, C.standard_error(60, 2, **of("c"))) == "share"
    # Copies with fewer or other claims keep it.
    assert found.replace([SAID[0], C.point(70, **of("c"))]).figures["turnout"].scale == "share"


@pytest.mark.filterwarnings("ignore:percentages above 100:reconcile.AssumptionWarning")
@pytest.mark.parametrize(
    ("claims", "declared"),
    [
        (SAID, {"unit": "percent a year"}),
        (SAID, {"unit": "percent of GDP"}),
        (SAID, {"unit": ""}),
        (SAID, {"scale": "log"}),
        (SAID, {"ceiling": 80.0}),
        (SAID, {"floor": 10.0}),
        (SAID, {"level": True}),
        (SAID, {"plausible": (20.0, 120.0)}),
        ((*SAID, C.point(130, **of("c"))), {}),
        ((*SAID, C.between(90, 120, **of("c"))), {}),
        ((*SAID, C.vague("dozens", **of("c"))), {}),
        ((*SAID, C.interval(55, 60, 0.9, scale="log", **of("c"))), {}),
        ((*SAID, C.point(1, **of("c", "yes + no"))), {"parts": ("yes", "no")}),
    ],
)
def test_what_speaks_against_it(claims: tuple[rc.Claim, ...], declared: dict[str, object]) -> None:
    if declared.get("level"):
        claims = tuple(replace(claim, date="2022-03-01") for claim in claims)
    assert scale_of(*claims, **declared) == "log"


def test_an_explicit_scale_stays() -> None:
    for scale in ("linear", "log", "share"):
        assert scale_of(*SAID, scale=scale) == scale


def test_a_running_total_and_a_record_are_no_shares() -> None:
    dated = [
        replace(claim, date=day)
        for claim, day in zip(SAID, ("2022-03-01", "2022-04-01"), strict=True)
    ]
    assert scale_of(*dated, setting="disease") == "log"
    assert scale_of(*SAID, setting="record") == "log"


@pytest.mark.filterwarnings("ignore:percentages above 100:reconcile.AssumptionWarning")
def test_beside_counts_it_has_a_ceiling() -> None:
    killed = C.point(120, **of("a", "killed"))
    found = rc.ClaimSet([*SAID, killed], figures=[TURNOUT])
    assert (found.figures["turnout"].scale, found.figures["turnout"].ceiling) == ("log", 100)
    assert found.figures["killed"].ceiling is None
    tree = rc.fit(found, random_seed=1, progressbar=False)
    assert rc.draws(tree, "turnout").max() <= 100
    beyond = rc.ClaimSet([*SAID, killed, C.point(130, **of("c"))], figures=[TURNOUT])
    assert beyond.figures["turnout"].ceiling is None
    declared = rc.ClaimSet([*SAID, killed], figures=[replace(TURNOUT, scale="log")])
    assert declared.figures["turnout"].ceiling is None
    # Beside figures that may be negative it needs none.
    swing = rc.Figure(name="swing", scale="linear")
    both = rc.ClaimSet(
        [*SAID, C.point(-2, **of("a", "swing", scale="linear"))], figures=[TURNOUT, swing]
    )
    assert both.figures["turnout"].scale == "share"


@pytest.mark.parametrize(
    ("claim", "field", "wrong"),
    [
        (C.point(103, **of("c")), "value", "turnout is a share"),
        (C.at_most(100.5, **of("c")), "value", "turnout is a share"),
        (C.between(90, 110, **of("c")), "high", "turnout is a share"),
        (C.interval(90, 130, 0.9, **of("c")), "low", "turnout is a share"),
        (C.interval(90, 130, 0.9, value=101, **of("c")), "value", "turnout is a share"),
        (C.truth(99, 104, figure="turnout", source="c"), "high", "turnout is a share"),
        (C.vague("dozens", **of("c")), "kind", "turnout has scale share"),
        (C.point(3, **of("c", scale="linear")), "scale", "turnout has scale share"),
    ],
)
def test_what_a_share_refuses(claim: rc.Claim, field: str, wrong: str) -> None:
    with pytest.raises(rc.ClaimError) as refused:
        rc.ClaimSet([*SAID, claim], figures=[replace(TURNOUT, scale="share")])
    (problem,) = refused.value.problems
    assert (problem.row, problem.source, problem.field) == (3, "c", field)
    assert problem.wrong == wrong


def test_fractions_and_what_a_figure_refuses() -> None:
    part = rc.Figure(name="turnout", scale="share")
    with pytest.raises(rc.ClaimError, match="from 0 to 1, or unit percent"):
        rc.ClaimSet([SAID[0]], figures=[part])
    assert rc.ClaimSet([C.point(0.62, **of("a"))], figures=[part]).family == "linear_scale"
    with pytest.raises(rc.ClaimError, match=r"scale' = 'share': turnout is on the log scale"):
        rc.ClaimSet([C.point(3, **of("a", scale="share"))])
    for key, value in (
        *(("ceiling", 90.0), ("floor", 1.0), ("level", True), ("accrues", True)),
        *(("parts", ("yes", "no")), ("unit_size", 1000.0), ("plausible", (0.0, 50.0))),
        *(("plausible", (50.0, 100.0)), ("plausible", (-3.0, 5.0))),
    ):
        with pytest.raises(rc.ClaimError, match=rf"figures\.turnout\.{key}"):
            replace(TURNOUT, scale="share", **{key: value})
    with pytest.raises(rc.ClaimError, match="beside others"):
        rc.ClaimSet(
            [*SAID, C.point(120, **of("a", "killed"))], figures=[replace(TURNOUT, scale="share")]
        )


CLAIMS = """\
figure,kind,value,low,high,coverage,source,role
turnout,interval,2,-1,5,0.95,a survey,expert
turnout,interval,0,0,3,0.95,another survey,expert
turnout,at_least,0.5,,,,a party,own
turnout,truth,,0,0,,the count,
"""


def test_from_a_folder_and_back(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    case = tmp_path / "case.toml"
    case.write_text('[figures.turnout]\nunit = "%"\nscale = "share"\n', encoding="utf-8")
    read = rc.read_claims(tmp_path)
    assert {claim.scale for claim in read} == {"share"}
    rc.write_claims(read, tmp_path / "again")
    assert rc.read_claims(tmp_path / "again") == read
    tree = rc.fit(read, random_seed=1, progressbar=False)
    assert tree.attrs["converged"]
    values = rc.draws(tree, "turnout")
    assert values.min() >= 0 and values.max() < 3
    (tmp_path / "claims.csv").write_text(CLAIMS.replace(",5,0", ",205,0"), encoding="utf-8")
    assert rc.read_claims(tmp_path).claims[0].high == 205
    (tmp_path / "claims.csv").write_text(CLAIMS.replace("least,0.5", "least,150"), encoding="utf-8")
    with pytest.raises(rc.ClaimError, match=r"row 3, source 'a party', field 'value' = 150.*share"):
        rc.read_claims(tmp_path)


def test_a_scale_that_was_judged_is_written(tmp_path: Path) -> None:
    for more in ((), (C.point(120, **of("a", "killed")),)):
        found = rc.ClaimSet([*SAID, *more], figures=[TURNOUT])
        rc.write_claims(found, tmp_path / "case")
        text = (tmp_path / "case" / "case.toml").read_text(encoding="utf-8")
        assert f'scale = "{found.figures["turnout"].scale}"' in text
        assert rc.read_claims(tmp_path / "case") == found


def test_a_track_record_may_say_share(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(
        "case,title,setting,unit,truth_grade\nvote,A vote,other,percent,A\n", encoding="utf-8"
    )
    claims = "case,figure,kind,value,scale,source\nvote,yes,point,52,{},a poll\n"
    truth = "case,figure,value,low,high,source\nvote,yes,50,50,50,the count\n"
    (tmp_path / "truth.csv").write_text(truth, encoding="utf-8")
    for scale in ("share", ""):
        (tmp_path / "claims.csv").write_text(claims.format(scale), encoding="utf-8")
        case = rc.track_record(folder=tmp_path)["vote"]
        assert case.figures["yes"].scale == "share"
        assert {claim.scale for claim in case} == {"share"}


def test_a_percentage_above_100_beside_others_is_pointed_at() -> None:
    """A slip of the point would make its figure one that may exceed 100."""
    figure = rc.Figure(name="turnout", unit="%")
    said = [rc.Claim.point(x, figure="turnout", source=str(x)) for x in (45.5, 47.0, 455.0)]
    with pytest.warns(rc.AssumptionWarning, match=r"above 100 beside others: row 3, source '455"):
        rc.ClaimSet(said, figures=[figure])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rc.ClaimSet(said[:2], figures=[figure])
        rc.ClaimSet(said, figures=[rc.Figure(name="turnout", unit="% of 1990")])
