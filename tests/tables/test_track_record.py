"""The shipped track record keeps its own rules, and what is wrong with a table of one's own."""

import csv
import datetime as dt
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import reconcile as rc
from places import ROOT
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.models.log_scale.design.interests import SUBJECTS, judged_interest, subject_of
from reconcile.tables.track_record import SHIPPED

FILES = ("cases.csv", "claims.csv", "truth.csv")


def table(name: str) -> list[dict[str, str]]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CASES, CLAIMS, TRUTHS = (table(name) for name in FILES)
ALL = rc.track_record(memory=True, forecasts=True)
# Made before their case begins, and therefore of a figure of their own.
EARLY = {("cuba_1962_troops", "troops in Cuba in September", "CIA")}


def said(claims: rc.ClaimSet) -> list[rc.Claim]:
    return [claim for claim in claims if claim.kind != "truth"]


def truths(claims: rc.ClaimSet) -> list[rc.Claim]:
    return [claim for claim in claims if claim.kind == "truth"]


def extra(claim: rc.Claim, name: str) -> object:
    return dict(claim.extra)[name]


def test_everything_is_there() -> None:
    assert (len(CASES), len(CLAIMS), len(TRUTHS)) == (52, 366, 91)
    assert list(ALL) == [row["case"] for row in CASES]
    assert sum(len(said(claims)) for claims in ALL.values()) == 366
    assert sum(len(truths(claims)) for claims in ALL.values()) == 91


def test_interest_is_judged_from_role_and_subject_alone() -> None:
    assert {row["subject"] for row in CLAIMS} == set(SUBJECTS)
    for row in CLAIMS:
        assert row["role"] in ROLES, row
        assert row["interest"] == judged_interest(row["role"], row["subject"]), row


def test_a_figure_has_one_subject() -> None:
    subjects: dict[tuple[str, ...], set[str]] = {}
    for row in CLAIMS:
        key = row["case"], row["population"], row["figure"]
        subjects.setdefault(key, set()).add(row["subject"])
    assert {key: found for key, found in subjects.items() if len(found) > 1} == {}


def test_subjects_fit_their_setting() -> None:
    settings = {row["case"]: row["setting"] for row in CASES}
    legal = {
        "war": {"fighters", "victims", "strength", "success"},
        "disaster": {"toll", "rescued"},
        "disease": {"toll"},
        "crowd": {"attendance"},
        "economy": {"spill"},
        "measurement": {"constant"},
    }
    for row in CLAIMS:
        assert row["subject"] in legal[settings[row["case"]]], row


def test_sureness_and_references() -> None:
    for row in [*CLAIMS, *TRUTHS]:
        assert row["sureness"] in ("verified", "memory"), row
        assert row["sureness"] == "memory" or row.get("cite", row["source"]), row
    for row in CLAIMS:
        assert row["forecast"] in ("", "yes")
        assert row["cite"] != "same"


# Straight, curly, low and angle ones, singles only where they enclose words.
QUOTED = re.compile("[\"\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]|'\\w[^']*'")


def test_nothing_is_quoted() -> None:
    for row in [*CASES, *CLAIMS]:
        for name in ("cite", "note", "title", "chosen_because"):
            assert not QUOTED.search(row.get(name, "")), row
    for row in TRUTHS:
        assert not QUOTED.search(row["source"]), row


def test_truths_lie_in_their_intervals() -> None:
    for row in TRUTHS:
        assert 0 < float(row["low"]) <= float(row["value"]) <= float(row["high"]), row
        assert row["source"]


def test_truths_are_about_figures_that_claims_are_about() -> None:
    def keys(rows: list[dict[str, str]]) -> set[tuple[str, str, str]]:
        return {(row["case"], row["population"], row["figure"]) for row in rows}

    assert keys(TRUTHS) <= keys(CLAIMS)
    assert len(keys(TRUTHS)) == len(TRUTHS)
    # No claim is lost by a slip in a name: these figures have no truth in the table.
    assert {(case, figure) for case, _, figure in keys(CLAIMS) - keys(TRUTHS)} == {
        ("cuba_1962_troops", "troops in Cuba in September"),
        ("haiti_2010", "killed"),
        ("haiyan_2013", "killed in Tacloban"),
        ("karabakh_2020", "killed by 1 October"),
        ("karabakh_2020", "killed by 22 October"),
        ("karabakh_2020", "killed by 23 October"),
        ("korea_sabre_mig_1953", "MiG-15 lost"),
        ("six_day_war_1967_day1", "aircraft lost"),
        ("wuhan_jan_2020", "confirmed cases in China by 22 January"),
        ("wuhan_jan_2020", "infections by 18 January"),
    }


def test_days_fit_the_case() -> None:
    start = {row["case"]: dt.date.fromisoformat(row["start"]) for row in CASES}
    for row in CLAIMS:
        early = dt.date.fromisoformat(row["said"]) < start[row["case"]]
        assert early == ((row["case"], row["figure"], row["source"]) in EARLY), row


def test_no_claim_stands_twice() -> None:
    seen = [
        tuple(row[name] for name in ("case", "population", "figure", "source", "said", "kind"))
        + tuple(row[name] for name in ("value", "low", "high", "words"))
        for row in CLAIMS
    ]
    assert len(set(seen)) == len(seen)


def test_cases_are_described() -> None:
    for row in CASES:
        assert row["setting"] in SETTINGS
        assert row["title"] and row["unit"] and row["chosen_because"]
        assert row["truth_grade"][:1] in "ABC" or row["truth_grade"] == "none"


def test_sets_carry_what_the_table_says() -> None:
    for row in CASES:
        claims = ALL[row["case"]]
        assert (claims.setting, claims.title) == (row["setting"], row["title"])
        assert str(claims.start) == row["start"]
        for figure in claims.figures.values():
            assert figure.accrues is False and figure.unit and ":" not in figure.unit
        for claim in claims:
            columns = [name for name, _ in claim.extra]
            assert columns == ["case", "subject", "sureness", "forecast", "cite"]
        for claim in said(claims):
            assert extra(claim, "case") == row["case"]
            assert extra(claim, "subject") in SUBJECTS
        # Truths stand behind the claims.
        kinds = [claim.kind == "truth" for claim in claims]
        assert kinds == sorted(kinds)
    assert ALL["solar_parallax"].figures["astronomical unit"].unit == "million km"
    assert ALL["solar_parallax"].figures["solar parallax"].unit == "arcsec"


def test_sets_go_out_and_come_back(tmp_path: Path) -> None:
    for name, claims in ALL.items():
        assert rc.read_claims(rc.write_claims(claims, tmp_path / name)) == claims


def test_memory_and_forecasts_are_left_out_unless_asked_for() -> None:
    default = rc.track_record()
    for claims in default.values():
        assert said(claims)
        assert {extra(claim, "sureness") for claim in claims} == {"verified"}
        assert not any(extra(claim, "forecast") for claim in said(claims))
    with_memory = rc.track_record(memory=True)
    with_forecasts = rc.track_record(forecasts=True)
    # All that was said of Ebola is a forecast, of My Lai from memory.
    assert set(with_memory) - set(default) == {"gravitational_constant", "my_lai_1968"}
    assert set(with_forecasts) - set(default) == {"ebola_2014"}
    assert not truths(default["haiyan_2013"]) and truths(with_memory["haiyan_2013"])


def test_grades() -> None:
    grade = {row["case"]: row["truth_grade"] for row in CASES}
    everything = {"memory": True, "forecasts": True}
    for worst, taken in (("A", "A"), ("B", "AB"), ("C", "ABC")):
        found = rc.track_record(grade=worst, **everything)
        assert set(found) == {name for name in ALL if grade[name][0] in taken}
    with pytest.raises(ValueError, match="must be A, B, C"):
        rc.track_record(grade="D")  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_only_sides_have_an_interest(role: str, subject: str) -> None:
    interest = judged_interest(role, subject)
    assert interest in ("low", "high", "none")
    if role not in ("own", "enemy"):
        assert interest == "none"


@pytest.mark.parametrize(
    ("subject", "own", "enemy"),
    [
        ("fighters", "low", "high"),
        ("victims", "high", "low"),
        ("strength", "none", "none"),
        ("success", "high", "low"),
        ("rescued", "high", "none"),
        ("toll", "none", "high"),
        ("attendance", "high", "low"),
        ("spill", "low", "high"),
        ("constant", "none", "none"),
    ],
)
def test_the_rule(subject: str, own: str, enemy: str) -> None:
    assert judged_interest("own", subject) == own
    assert judged_interest("enemy", subject) == enemy


@pytest.mark.parametrize(
    ("setting", "civilians", "subject"),
    [
        ("war", False, "fighters"),
        ("war", True, "victims"),
        ("disaster", False, "toll"),
        ("disaster", True, "toll"),
        ("disease", False, "toll"),
        ("crowd", False, "attendance"),
        ("economy", False, "constant"),
        ("measurement", False, "constant"),
        ("other", True, "toll"),
    ],
)
def test_subject_follows_from_setting_and_civilians(
    setting: str, civilians: bool, subject: str
) -> None:
    assert subject_of(setting, civilians=civilians) == subject


def test_rules_need_a_setting_and_a_subject() -> None:
    assert all(subject_of(setting) in SUBJECTS for setting in SETTINGS)
    with pytest.raises(ValueError, match="did you mean 'war'"):
        subject_of("wars")
    with pytest.raises(ValueError, match="did you mean 'victims'"):
        judged_interest("own", "victim")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A table of one's own, to be spoilt."""
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def test_a_table_of_ones_own_is_read(own: Path) -> None:
    assert rc.track_record(folder=own) == rc.track_record(folder=str(own)) == rc.track_record()
    (own / "truth.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"truth\.csv"):
        rc.track_record(folder=own)


def put(row: int, old: str, new: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        assert old in lines[row]
        lines[row] = lines[row].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("file", "row", "change", "field", "wrong"),
    [
        ("claims.csv", 3, ("winter_war_1940", "winter_war"), "case", "unknown case"),
        ("claims.csv", 3, ("winter_war_1940", ""), "case", "a row needs a case"),
        ("claims.csv", 3, ("point", "pont"), "kind", "unknown kind of claim"),
        ("claims.csv", 3, ("Finland", ""), "population", "the claims are about 2 populations"),
        ("truth.csv", 1, ("126875,138533", "138533,126875"), "low", "greater than high"),
        ("truth.csv", 4, (",Finland,", ",,"), "population", "the claims are about 2 populations"),
        ("cases.csv", 2, (",war,", ",wars,"), "setting", "unknown setting"),
        ("cases.csv", 2, ("1940-07-10", "July"), "start", "not a date"),
        (
            "cases.csv",
            2,
            ("battle_of_britain_1940", "winter_war_1940"),
            "case",
            "duplicate case name",
        ),
    ],
)
def test_errors_name_file_and_row(
    file: str, row: int, change: tuple[str, str], field: str, wrong: str, own: Path
) -> None:
    lines = (own / file).read_text(encoding="utf-8").splitlines()
    put(row, *change)(lines)
    (own / file).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(rc.ClaimError) as caught:
        rc.track_record(folder=own)
    found = [(p.file, p.row, p.field) for p in caught.value.problems]
    assert (file, row, field) in found
    assert f"{file}, row {row}, " in str(caught.value) and wrong in str(caught.value)


def test_a_case_may_be_a_folder(tmp_path: Path) -> None:
    """What the documentation says of a single case."""
    for name, rows in (("claims.csv", CLAIMS), ("truth.csv", TRUTHS)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(row for row in rows if row["case"] == "qana_2006")
    text = "setting = 'war'\nstart = 2006-07-30\n[figures.killed]\naccrues = false\n"
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    read = [replace(claim, extra=()) for claim in rc.read_claims(tmp_path)]
    assert read == [replace(claim, extra=()) for claim in ALL["qana_2006"]]


def test_the_table_lies_in_what_is_packed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (package,) = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert ROOT / package / "data" / "track_record" == SHIPPED
    assert {path.name for path in SHIPPED.iterdir()} == set(FILES)


def test_the_wheel_carries_the_table(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {f"reconcile/data/track_record/{name}" for name in FILES} <= inside


@pytest.mark.parametrize(
    ("unit", "claim", "truth", "scale"),
    [
        ("percent", "point,48.2,,", "51.3,,", "share"),
        ("percent", "point,0,,", "0,,", "share"),
        ("percent", "point,148,,", "51.3,,", "linear"),
        ("percent", "point,-3,,", "51.3,,", "linear"),
        ("percent", "interval,48,45,51", "50,,", "linear"),
        ("degrees", "point,-3,,", "2,,", "linear"),
        ("degrees", "interval,,-9,-2", "2,,", "linear"),
        ("degrees", "point,3,,", "0,,", "linear"),
        ("degrees", "point,3,,", "1,-1,3", "linear"),
        ("degrees", "interval,3,-1,7", "2,1,3", "log"),
        ("degrees", "point,3,,", "2,1,3", "log"),
    ],
)
def test_figures_that_may_be_negative_are_linear_and_percentages_shares(
    tmp_path: Path, unit: str, claim: str, truth: str, scale: str
) -> None:
    """By the unit or the numbers; a range that only reaches below zero does not tell."""
    (tmp_path / "cases.csv").write_text(f"case,setting,unit\none,other,{unit}\n")
    rows = "case,figure,source,role,kind,value,low,high,coverage,scale\n"
    coverage = "0.9,linear" if claim.startswith("interval") else ","
    rows += f"one,change,somebody,expert,{claim},{coverage}\n"
    (tmp_path / "claims.csv").write_text(rows)
    truths = f"case,figure,source,value,low,high\none,change,history,{truth}\n"
    (tmp_path / "truth.csv").write_text(truths)
    (claims,) = rc.track_record(folder=tmp_path).values()
    assert claims.figures["change"].scale == scale
    assert [c.is_truth for c in claims] == [False, True]
