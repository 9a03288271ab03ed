"""Every way we know in which a case or its truths are wrong, and what the user is told."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import tomli_w

import reconcile as rc
from claim_tables import CASE, as_csv, refused, table, through_folder
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES

# What is wrong with a case: the case, the field, what is said, what is legal.
CASES = {
    "unknown setting": ({"setting": "wars"}, "setting", "unknown setting", ", ".join(SETTINGS)),
    "nearly a setting": ({"setting": "desease"}, "setting", "unknown setting", "mean 'disease'?"),
    "unknown key": ({"begin": "2022-02-24"}, "begin", "unknown key", "title, setting"),
    "nearly a key": ({"figure": {}}, "figure", "unknown key", "did you mean 'figures'?"),
    "start not a date": ({"start": "February"}, "start", "not a date", "such as 2022-02-24"),
    "start a number": ({"start": 2022}, "start", "not a date", "such as 2022-02-24"),
    "start after end": (
        {"start": "2022-03-01", "end": "2022-02-01"},
        "start",
        "after the end 2022-02-01",
        "a date on or before it",
    ),
    "title not text": ({"title": 7}, "title", "not text", "text"),
    "figures not tables": ({"figures": ["a"]}, "figures", "not a set of tables", "[figures.NAME]"),
    "sources not tables": (
        {"sources": {"A": "own"}},
        "sources",
        "not a set of tables",
        "[sources.NAME]",
    ),
    "unknown key of a figure": (
        {"figures": {"killed": {"celing": 9}}},
        "figures.killed.celing",
        "unknown key",
        "did you mean 'ceiling'?",
    ),
    "unknown key of a source": (
        {"sources": {"A": {"rolle": "own"}}},
        "sources.A.rolle",
        "unknown key",
        "role, roles, group (did you mean 'role'?)",
    ),
    "unknown role of a source": (
        {"sources": {"A": {"roles": {"Russia": "foe"}}}},
        "sources.A.roles.Russia",
        "unknown role",
        ", ".join(ROLES),
    ),
    "roles not a table": (
        {"sources": {"A": {"roles": "own"}}},
        "sources.A.roles",
        "not a table",
        "a role for each population",
    ),
    "bad ceiling": (
        {"figures": {"killed": {"ceiling": 0}}},
        "figures.killed.ceiling",
        "not a positive number",
        "a number above 0",
    ),
    "ceiling in words": (
        {"figures": {"killed": {"ceiling": "many"}}},
        "figures.killed.ceiling",
        "not a positive number",
        "a number above 0",
    ),
    "plausible from zero": (
        {"figures": {"killed": {"plausible": [0, 9]}}},
        "figures.killed.plausible",
        "not a positive range",
        "two numbers [low, high] with 0 < low < high",
    ),
    "plausible of one number": (
        {"figures": {"killed": {"plausible": 9}}},
        "figures.killed.plausible",
        "not a positive range",
        "two numbers [low, high] with 0 < low < high",
    ),
    "plausible turned round": (
        {"figures": {"killed": {"plausible": [9, 2]}}},
        "figures.killed.plausible",
        "low is not below high",
        "two numbers [low, high] with 0 < low < high",
    ),
    "plausible above the ceiling": (
        {"figures": {"killed": {"plausible": [20, 30], "ceiling": 10.0}}},
        "figures.killed.plausible",
        "starts at or above the ceiling 10",
        "a low below the ceiling",
    ),
    "plausible below the floor": (
        {"figures": {"killed": {"plausible": [20, 30], "floor": 30}}},
        "figures.killed.plausible",
        "ends at or below the floor 30",
        "a high above the floor",
    ),
    "bad floor": (
        {"figures": {"killed": {"floor": 0}}},
        "figures.killed.floor",
        "not a positive number",
        "a number above 0",
    ),
    "floor above the ceiling": (
        {"figures": {"killed": {"floor": 30, "ceiling": 30}}},
        "figures.killed.floor",
        "at or above the ceiling 30",
        "a number below the ceiling",
    ),
    "floors of parts above the ceiling of the whole": (
        {
            "figures": {
                "gone": {"parts": ["dead", "missing"], "ceiling": 100},
                "dead": {"parts": ["killed", "died"]},
                "missing": {"floor": 40},
                "killed": {"floor": 60},
            }
        },
        "figures.gone.ceiling",
        "the floors of its parts make it at least 100",
        "a ceiling above that",
    ),
    "ceilings of parts below the floor of the whole": (
        {
            "figures": {
                "gone": {"parts": ["dead", "missing"], "floor": 100},
                "dead": {"ceiling": 30},
                "missing": {"ceiling": 40},
            }
        },
        "figures.gone.floor",
        "the ceilings of its parts make it at most 70",
        "a floor below that",
    ),
    "level that accrues": (
        {"figures": {"flow": {"level": True, "accrues": True}}},
        "figures.flow.accrues",
        "a level is not a running total",
        "false or not set, with level = true",
    ),
    "level with a ceiling": (
        {"figures": {"flow": {"level": True, "ceiling": 9}}},
        "figures.flow.ceiling",
        "not available for a level",
        "give a plausible range instead",
    ),
    "level with a floor": (
        {"figures": {"flow": {"level": True, "floor": 9}}},
        "figures.flow.floor",
        "not available for a level",
        "give a plausible range instead",
    ),
    "whole of a level and a total": (
        {"figures": {"all": {"parts": ["flow", "killed"]}, "flow": {"level": True}}},
        "figures.all.parts",
        "mixes levels, or figures with scale linear or share, with others",
        "all levels",
    ),
    "level in words": (
        {"figures": {"flow": {"level": "yes"}}},
        "figures.flow.level",
        "not true or false",
        "true or false",
    ),
    "counts in words": (
        {"figures": {"killed": {"counts": "yes"}}},
        "figures.killed.counts",
        "not true or false",
        "true or false",
    ),
    "unknown scale of a figure": (
        {"figures": {"killed": {"scale": "natural"}}},
        "figures.killed.scale",
        "unknown scale",
        "log, linear",
    ),
    "linear total": (
        {"figures": {"balance": {"scale": "linear", "accrues": True}}},
        "figures.balance.accrues",
        "a figure with scale linear is one fixed number",
        "false or not set",
    ),
    "spread of a figure on the log scale": (
        {"figures": {"killed": {"spread": 3}}},
        "figures.killed.spread",
        "only available with scale linear or share",
        "not set",
    ),
    "ratio of one figure": (
        {"ratios": {"killed": {"about": 3, "sd_log": 0.4}}},
        "ratios.killed",
        "not a ratio",
        "one figure or sum over another",
    ),
    "ratio of nothing": (
        {"ratios": {"wounded / killed": {"about": 0, "sd_log": 0.4}}},
        "ratios.wounded / killed.about",
        "not a positive number",
        "a number above 0",
    ),
    "ratio without a spread": (
        {"ratios": {"wounded / killed": {"about": 3}}},
        "ratios.wounded / killed.sd_log",
        "not a positive number",
        "a number above 0",
    ),
    "ratio of what nobody knows": (
        {"ratios": {"wonded / killed": {"about": 3, "sd_log": 0.4}}},
        "ratios.wonded / killed",
        "unknown figure 'wonded'",
        "killed",
    ),
    "accrues in words": (
        {"figures": {"killed": {"accrues": "yes"}}},
        "figures.killed.accrues",
        "not true or false",
        "true or false",
    ),
    "bad unit size": (
        {"figures": {"killed": {"unit_size": 0}}},
        "figures.killed.unit_size",
        "not a positive number",
        "a number above 0",
    ),
    "parts in one text": (
        {"figures": {"all": {"parts": "killed + wounded"}}},
        "figures.all.parts",
        "not a list of figure names",
        "a list of figure names",
    ),
    "whole with one part": (
        {"figures": {"all": {"parts": ["killed"]}}},
        "figures.all.parts",
        "a whole with one part",
        "two or more parts, or none",
    ),
    "whole that is its own part": (
        {"figures": {"all": {"parts": ["all", "killed"]}}},
        "figures.all.parts",
        "contains the figure itself",
        "parts that do not contain their whole",
    ),
    "parts in a circle": (
        {"figures": {"a": {"parts": ["killed", "b"]}, "b": {"parts": ["wounded", "a"]}}},
        "figures.a.parts",
        "contains the figure itself",
        "parts that do not contain their whole",
    ),
    "part twice in a whole": (
        {"figures": {"all": {"parts": ["some", "killed"]}, "some": {"parts": ["killed", "b"]}}},
        "figures.all.parts",
        "counts a part twice",
        "parts that do not overlap",
    ),
    "whole of both sorts": (
        {"figures": {"all": {"parts": ["killed", "b"], "accrues": True}, "b": {"accrues": False}}},
        "figures.all.accrues",
        "mixes running totals and fixed numbers",
        "a whole and parts that all accrue, or none",
    ),
    "name with a plus": (
        {"figures": {"a + b": {}}},
        "figures.a + b.name",
        "contains + or /",
        "a name without + and /",
    ),
}


@pytest.mark.parametrize("written", [False, True], ids=["mapping", "file"])
@pytest.mark.parametrize(("case", "field_", "wrong", "legal"), CASES.values(), ids=CASES.keys())
def test_a_bad_case(
    case: dict[str, Any], field_: str, wrong: str, legal: str, written: bool, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(as_csv(table({})), encoding="utf-8")
    given: object = case
    if written:
        given = tmp_path / "case.toml"
        given.write_text(tomli_w.dumps(case), encoding="utf-8")
    error = refused(rc.read_claims, path, case=given)
    problem = error.problems[0]
    assert (problem.row, problem.field) == (None, field_)
    assert problem.wrong == wrong
    assert legal in problem.legal
    assert f"\n  field '{field_}' = " in str(error)


TRUTHS = "figure,population,date,low,high,source"
BAD_TRUTHS = {
    "low above high": (
        f"{TRUTHS}\nkilled,Russia,2022-03-02,9,5,A\n",
        1,
        "low",
        "greater than high = 5",
    ),
    "not a number": (f"{TRUTHS}\n\nkilled,Russia,2022-03-02,a,5,A\n", 2, "low", "not a number"),
    "against the case": (f"{TRUTHS}\nkilled,Russia,,4,5,A\n", 1, "date", "a running total"),
    "too few cells": (f"{TRUTHS}\nkilled,Russia\n", 1, "claims", "2 cells for 6 columns"),
    "no source": ("figure,low,high\nkilled,4,5\n", None, "source", "the table has no column"),
    "kinds": (
        f"kind,{TRUTHS}\ntruth,killed,,,4,5,A\n",
        None,
        "kind",
        "truth.csv has no column kind",
    ),
    "empty file": ("", None, "claims", "the file is empty"),
    "role": (f"{TRUTHS},role\nkilled,Russia,2022-03-02,4,5,A,own\n", 1, "role", "has no role"),
}


@pytest.mark.parametrize(
    ("text", "row", "field_", "wrong"), BAD_TRUTHS.values(), ids=BAD_TRUTHS.keys()
)
def test_a_bad_file_of_truths(
    text: str, row: int | None, field_: str, wrong: str, tmp_path: Path
) -> None:
    (tmp_path / "truth.csv").write_text(text, encoding="utf-8")
    error = refused(through_folder, table({}), CASE, tmp_path)
    (problem,) = error.problems
    assert (problem.file, problem.row, problem.field) == ("truth.csv", row, field_)
    assert wrong in problem.wrong
    where = "truth.csv, " + (f"row {row}, " if row else "")
    assert f"\n  {where}" in str(error)


def test_bad_truths_are_reported_along_with_bad_claims(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(
        f"{TRUTHS}\nkilled,Russia,2022-03-02,9,5,A\nkilled,,2022-03-02,4,5,A\n", encoding="utf-8"
    )
    rows = table({}, {"value": "-5"}, {"population": "Ukraine"})
    error = refused(through_folder, rows, CASE, tmp_path)
    assert [(p.file, p.row, p.field) for p in error.problems] == [
        ("", 2, "value"),
        ("truth.csv", 1, "low"),
        ("truth.csv", 2, "population"),
    ]
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


def test_a_case_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(as_csv(table({})), encoding="utf-8")
    (tmp_path / "case.toml").write_text("setting = war", encoding="utf-8")
    (problem,) = refused(rc.read_claims, tmp_path).problems
    assert problem.field == "case.toml"
    assert problem.wrong.startswith("not TOML: ") and "line 1" in problem.wrong
