"""Every way we know in which a table or a case is wrong, and what the user is told."""

import csv
import io
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tomli_w

import reconcile as rc
from reconcile.claims.fields import INTERESTS, KINDS, STATUSES
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES

SOURCE = "Ministry, press office"
GOOD = {
    "figure": "killed",
    "population": "Russia",
    "kind": "point",
    "value": "120",
    "low": "",
    "high": "",
    "coverage": "",
    "words": "",
    "scale": "",
    "per": "",
    "date": "2022-03-02",
    "since": "",
    "said": "",
    "source": SOURCE,
    "role": "own",
    "interest": "",
    "status": "standing",
}
CASE = {
    "start": "2022-02-24",
    "figures": {
        "killed": {"accrues": True},
        "wounded": {"accrues": True},
        "casualties": {"parts": ["killed", "wounded"]},
        "tanks": {"accrues": False},
        "flow": {"level": True},
        "balance": {"scale": "linear"},
    },
}
RANGE = {"value": "", "kind": "between", "low": "100", "high": "200"}
INTERVAL = {**RANGE, "kind": "interval", "coverage": "0.9"}
RATIO = {"kind": "ratio", "figure": "wounded / killed", "value": "3"}
FIXED = {"figure": "tanks"}
VAGUE = {"value": "", "kind": "vague", "words": "dozens"}
NUMBER = "a number in digits with a point for decimals, such as 40000 or 1.5"
LEAST = "a number of at least 0"
DAY = "a day such as 2022-03-25 (year-month-day)"

type Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Bad:
    """One wrong row: what differs from the good one, and what is said of it."""

    name: str
    row: dict[str, str]
    field: str
    wrong: str
    legal: str
    case: dict[str, Any] = field(default_factory=dict)
    # As the message shows it, where that is not the text of the cell.
    shown: str | None = None


BAD = [
    Bad("negative count", {"value": "-5"}, "value", "negative", LEAST),
    Bad("negative low", {**RANGE, "low": "-1"}, "low", "negative", LEAST),
    Bad("no value", {"value": ""}, "value", "a claim of kind point needs it", LEAST),
    Bad("no high", {**RANGE, "high": ""}, "high", "a claim of kind between needs it", LEAST),
    Bad("low above high", {**RANGE, "low": "300"}, "low", "above high = 200", "a low below"),
    Bad("low is high", {**RANGE, "low": "200"}, "low", "equal to high, which is a point", "kind p"),
    Bad(
        "value below its range",
        {**RANGE, "value": "90"},
        "value",
        "outside its own range 100 to 200",
        "a value inside the range",
    ),
    Bad(
        "value above its interval",
        {**INTERVAL, "value": "200.5"},
        "value",
        "outside its own range 100 to 200",
        "a value inside the range",
    ),
    Bad(
        "best value of zero",
        {**INTERVAL, "low": "-5", "value": "0"},
        "value",
        "a best value of zero has no logarithm",
        "a number above 0",
    ),
    Bad(
        "interval below zero",
        {**INTERVAL, "low": "-5", "high": "0"},
        "high",
        "an interval without a positive number",
        "a number above 0",
    ),
    Bad(
        "coverage in percent",
        {**INTERVAL, "coverage": "95"},
        "coverage",
        "outside (0, 1)",
        "a probability between 0 and 1; 95 % is 0.95",
    ),
    Bad(
        "coverage of 1",
        {**INTERVAL, "coverage": "1"},
        "coverage",
        "outside (0, 1)",
        "a probability",
    ),
    Bad(
        "coverage of 0",
        {**INTERVAL, "coverage": "0"},
        "coverage",
        "outside (0, 1)",
        "a probability",
    ),
    Bad(
        "no coverage",
        {**INTERVAL, "coverage": ""},
        "coverage",
        "a claim of kind interval needs it",
        "a probability between 0 and 1, such as 0.95",
    ),
    Bad(
        "coverage of a range",
        {**RANGE, "coverage": "0.9"},
        "coverage",
        "a claim of kind between states none",
        "empty; 1 for a range that is physically guaranteed; or kind interval",
    ),
    Bad(
        "low of a point",
        {"low": "100"},
        "low",
        "a claim of kind point takes no low",
        "empty; it takes value",
    ),
    Bad(
        "value of vague",
        {**VAGUE, "value": "40"},
        "value",
        "a claim of kind vague takes no value",
        "empty; it takes words",
    ),
    Bad(
        "words of a point",
        {"words": "dozens"},
        "words",
        "a claim of kind point takes no words",
        "empty, or kind vague",
    ),
    Bad("no words", {**VAGUE, "words": ""}, "words", "a claim of kind vague needs words", "none, "),
    Bad(
        "unknown words",
        {**VAGUE, "words": "dozen"},
        "words",
        "not in the lexicon",
        "tens of thousands, hundreds of thousands, millions",
    ),
    Bad("unknown kind", {"kind": "guess"}, "kind", "unknown kind of claim", ", ".join(KINDS)),
    Bad(
        "nearly a kind",
        {"kind": "at least"},
        "kind",
        "unknown kind of claim",
        ", ".join(KINDS) + " (did you mean 'at_least'?)",
    ),
    Bad("no kind", {"kind": ""}, "kind", "unknown kind of claim", ", ".join(KINDS)),
    Bad("unknown role", {"role": "ally"}, "role", "unknown role", ", ".join(ROLES)),
    Bad(
        "capitalised role",
        {"role": "Enemy"},
        "role",
        "unknown role",
        ", ".join(ROLES) + " (did you mean 'enemy'?)",
    ),
    Bad(
        "unknown interest",
        {"interest": "down"},
        "interest",
        "unknown interest",
        ", ".join(INTERESTS),
    ),
    Bad(
        "unknown status",
        {"status": "withdrawl: by mistake"},
        "status",
        "unknown status",
        ", ".join(STATUSES) + " (did you mean 'withdrawn'?), then a colon and a reason",
    ),
    Bad("no figure", {"figure": ""}, "figure", "a claim needs a figure", "what is counted"),
    Bad("no source", {"source": ""}, "source", "a claim needs a source", "who makes the claim"),
    Bad("thousands separator", {"value": "40,000"}, "value", "a thousands separator", NUMBER),
    Bad("thousands in blanks", {"value": "40 000"}, "value", "a thousands separator", NUMBER),
    Bad("thousands in bars", {"value": "40_000"}, "value", "a thousands separator", NUMBER),
    Bad("unit in the cell", {"value": "40k"}, "value", "separator or words", NUMBER),
    Bad("word for a number", {"value": "forty"}, "value", "not a number", NUMBER),
    Bad("nan", {"value": "nan"}, "value", "not a finite number", NUMBER),
    Bad("infinite", {**RANGE, "high": "inf"}, "high", "not a finite number", NUMBER),
    Bad("day first", {"date": "02.03.2022"}, "date", "not a date", DAY),
    Bad("no such day", {"date": "2022-02-30"}, "date", "not a date", DAY),
    Bad("month in words", {"said": "2 March 2022"}, "said", "not a date", DAY),
    Bad("time of day", {"date": "2022-03-02 14:30:00"}, "date", "not a date", DAY),
    Bad(
        "date before the start",
        {"date": "2022-02-23"},
        "date",
        "before the start 2022-02-24",
        "a date on or after it",
    ),
    Bad(
        "since before the start",
        {"since": "2014-03-01"},
        "since",
        "before the start 2022-02-24",
        "a date on or after it",
    ),
    Bad(
        "since after date",
        {"since": "2022-03-03"},
        "since",
        "after the claim's date 2022-03-02",
        "a date on or before it",
    ),
    Bad(
        "running total without date",
        {"date": ""},
        "date",
        "killed is a running total",
        "the last day that the number covers, such as 2022-03-25",
    ),
    Bad(
        "since on a fixed figure",
        {"figure": "tanks", "since": "2022-03-01"},
        "since",
        "tanks is one fixed number (accrues = false)",
        "empty",
    ),
    Bad(
        "sum of both sorts",
        {"figure": "killed + tanks"},
        "figure",
        "adds a running total to a fixed number",
        "a sum of figures that all accrue, or none",
    ),
    Bad(
        "unknown figure in a sum",
        {"figure": "killed + wonded"},
        "figure",
        "unknown figure 'wonded' in a sum",
        "(did you mean 'wounded'?); declare others in the case",
    ),
    Bad(
        "part counted in its whole",
        {"figure": "casualties + killed"},
        "figure",
        "killed is already counted in another part",
        "a sum in which nothing is counted twice",
    ),
    Bad(
        "part counted twice",
        {"figure": "killed + killed"},
        "figure",
        "a sum that counts a part twice",
        "each part once",
    ),
    Bad(
        "sum with an empty part",
        {"figure": "killed +"},
        "figure",
        "a sum with an empty part",
        "names joined by +",
    ),
    Bad(
        "quotient of figures",
        {"figure": "wounded / killed"},
        "figure",
        "contains /",
        "a name, or names joined by +; kind ratio for a / b",
    ),
    Bad("ratio of one", {**RATIO, "figure": "killed"}, "figure", "not a ratio", "over another"),
    Bad(
        "ratio of three",
        {**RATIO, "figure": "killed / wounded / missing"},
        "figure",
        "not a ratio",
        "one figure or sum over another, such as wounded / killed",
    ),
    Bad(
        "ratio to itself",
        {**RATIO, "figure": "killed / killed"},
        "figure",
        "a ratio of a figure to itself",
        "over another",
    ),
    Bad(
        "ratio to itself by another name",
        {**RATIO, "figure": "casualties / killed + wounded"},
        "figure",
        "a ratio of a figure to itself",
        "two different figures",
    ),
    Bad("ratio without a side", {**RATIO, "figure": "killed /"}, "figure", "an empty part", "+"),
    Bad("ratio without a number", {**RATIO, "value": ""}, "value", "needs it", "the ratio"),
    Bad("ratio of nothing", {**RATIO, "value": "0"}, "value", "no logarithm", "above 0"),
    Bad(
        "ratio with one end",
        {**RATIO, "value": "", "low": "2"},
        "high",
        "a range with one end",
        "both ends, or a value alone",
    ),
    Bad(
        "share above one",
        {**RATIO, "figure": "killed / casualties", "value": "10"},
        "value",
        "a part over its whole that is not below 1",
        "a number below 1",
    ),
    Bad(
        "whole below its part",
        {**RATIO, "figure": "casualties / killed", "value": "0.3"},
        "value",
        "a whole over its part that is not above 1",
        "a number above 1",
    ),
    Bad(
        "ratio of a total to a fixed number",
        {**RATIO, "figure": "killed / tanks"},
        "figure",
        "a running total to a fixed number",
        "all accrue, or none",
    ),
    Bad("nothing confirmed", {"kind": "confirmed", "value": ""}, "value", "needs it", LEAST),
    Bad(
        "unknown scale",
        {**INTERVAL, "scale": "natural"},
        "scale",
        "unknown scale",
        "log, linear",
    ),
    Bad(
        "scale of a point",
        {"scale": "linear"},
        "scale",
        "killed is on the log scale",
        "empty; or set figures.NAME.scale = linear where numbers may be negative",
    ),
    Bad("unknown unit of time", {"per": "hour"}, "per", "unknown unit of time", "day, week, month"),
    Bad("words per day", {**VAGUE, "per": "day"}, "per", "of kind vague takes no per", "empty"),
    Bad(
        "rate of a fixed figure",
        {**FIXED, "per": "day"},
        "per",
        "tanks is not a running total",
        "empty; a level is a rate already",
    ),
    Bad(
        "rate of a level",
        {"figure": "flow", "per": "day"},
        "per",
        "flow is not a running total",
        "empty; a level is a rate already",
    ),
    Bad(
        "level without a date",
        {"figure": "flow", "date": ""},
        "date",
        "flow is a level",
        "the last day that the number covers",
    ),
    Bad(
        "sum of a level and a fixed number",
        {"figure": "flow + tanks"},
        "figure",
        "mixes levels, or figures with scale linear, with others",
        "all totals or fixed numbers, or all levels",
    ),
    Bad(
        "no last report",
        {"since": "last report", "date": "2022-02-25"},
        "since",
        "no earlier claim of this source on this figure has a date",
        "the first day that the number covers, or empty",
    ),
    Bad(
        "log scale of what reaches below zero",
        {**INTERVAL, "low": "-3", "scale": "log"},
        "scale",
        "an interval that reaches to zero or below has no logarithm",
        "linear, or empty",
    ),
    Bad(
        "best value of what is guaranteed",
        {**RANGE, "value": "150", "coverage": "1"},
        "value",
        "a best value of a range that is guaranteed",
        "a claim of its own",
    ),
    Bad(
        "share that reaches above one",
        {**RATIO, "figure": "killed / casualties", "value": "", "low": "0.5", "high": "1.2"},
        "high",
        "a part over its whole that is not below 1",
        "a number below 1",
    ),
]


def table(*rows: dict[str, str]) -> Rows:
    """Good rows but for what is given."""
    return [GOOD | row for row in rows]


def as_csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def through_file(rows: Rows, case: dict[str, Any], folder: Path) -> rc.ClaimSet:
    path = folder / "table.csv"
    path.write_text(as_csv(rows), encoding="utf-8")
    return unchanged(path, lambda: rc.read_claims(path, case=case))


def through_folder(rows: Rows, case: dict[str, Any], folder: Path) -> rc.ClaimSet:
    path = folder / "claims.csv"
    path.write_text(as_csv(rows), encoding="utf-8")
    (folder / "case.toml").write_text(tomli_w.dumps(case), encoding="utf-8")
    return unchanged(path, lambda: rc.read_claims(folder))


def unchanged[T](path: Path, read: Callable[[], T]) -> T:
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    files = sorted(path.parent.iterdir())
    try:
        return read()
    finally:
        assert path.read_bytes() == before and path.stat().st_mtime_ns == stamp
        assert sorted(path.parent.iterdir()) == files


def through_pandas(rows: Rows, case: dict[str, Any], _: Path) -> rc.ClaimSet:
    frame = pd.DataFrame(rows, index=range(7, 7 + len(rows)))
    before = frame.copy(deep=True)
    try:
        return rc.read_claims(frame, case=case)
    finally:
        pd.testing.assert_frame_equal(frame, before)


def through_polars(rows: Rows, case: dict[str, Any], _: Path) -> rc.ClaimSet:
    frame = pl.DataFrame(rows)
    before = frame.clone()
    try:
        return rc.read_claims(frame, case=case)
    finally:
        assert frame.equals(before)


def through_pyarrow(rows: Rows, case: dict[str, Any], _: Path) -> rc.ClaimSet:
    frame = pa.Table.from_pylist(rows)
    try:
        return rc.read_claims(frame, case=case)
    finally:
        assert frame.equals(pa.Table.from_pylist(rows))


ROUTES = (through_file, through_folder, through_pandas, through_polars, through_pyarrow)
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__[8:])
type Route = Callable[[Rows, dict[str, Any], Path], rc.ClaimSet]


def refused(read: Callable[..., object], *args: object, **kwargs: object) -> rc.ClaimError:
    with pytest.raises(rc.ClaimError) as caught:
        read(*args, **kwargs)
    return caught.value


@each_route
def test_the_good_table_is_good(route: Route, tmp_path: Path) -> None:
    assert len(route(table({}, RANGE, INTERVAL, VAGUE), CASE, tmp_path)) == 4


@each_route
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_row(bad: Bad, route: Route, tmp_path: Path) -> None:
    rows = table({}, RANGE, bad.row, {})
    error = refused(route, rows, CASE | bad.case, tmp_path)
    (problem,) = error.problems
    source, given = rows[2]["source"], rows[2][bad.field]
    assert (problem.row, problem.source, problem.field) == (3, source, bad.field)
    assert bad.wrong in problem.wrong
    assert bad.legal in problem.legal
    named = f", source {source!r}" if source else ""
    value = re.escape(given) if given else "is empty"
    line = rf"\n  row 3{named}, field '{bad.field}' (= )?'?{value}'?: .+\. Legal: .+\.$"
    assert re.search(line, str(error)), str(error)
    assert f": {problem.wrong}. Legal: {problem.legal}." in str(error)
    assert str(error).startswith(
        "1 problem with the claims (rows counted from 1, the header not counted):"
    )


@pytest.mark.parametrize(
    ("row", "field_", "legal"),
    [
        ({"scale": "log"}, "scale", "linear, or empty"),
        (VAGUE, "kind", "point, about, at_least, at_most, between, interval, truth"),
    ],
    ids=["log scale", "words"],
)
def test_what_a_figure_that_may_be_negative_does_not_take(
    row: dict[str, str], field_: str, legal: str, tmp_path: Path
) -> None:
    about = {"figure": "balance"}
    rows = [GOOD | about | {"value": "-3"}, GOOD | about | row]
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        assert (problem.row, problem.field, problem.legal) == (2, field_, legal)
        assert problem.wrong == "balance has scale linear"


def test_figures_that_may_be_negative_are_fitted_apart(tmp_path: Path) -> None:
    rows = table({}, {"figure": "balance", "value": "-3"})
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        assert problem.wrong == "claims on figures with scale linear (balance) beside others"
        assert problem.legal == "figures of one scale; fit the others separately"


def test_a_rate_over_nobody_knows_what_time(tmp_path: Path) -> None:
    rows, case = table({}, {"per": "day"}), {k: v for k, v in CASE.items() if k != "start"}
    for route in ROUTES:
        (problem,) = refused(route, rows, case, tmp_path).problems
        assert (problem.row, problem.field) == (2, "per")
        assert problem.wrong == "a rate over a period without a start"
        assert problem.legal == "a rate with since, or a case with a start"


def test_two_populations_where_a_claim_names_none(tmp_path: Path) -> None:
    rows = table({}, {"population": "Ukraine"}, {"population": ""})
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        assert (problem.row, problem.field) == (3, "population")
        assert problem.wrong == "the claims are about 2 populations"
        assert problem.legal == "one of Russia, Ukraine"


# Whole tables that are wrong: the text of the file, the field, what is said.
HEAD = "figure,kind,value,source"
TABLES = {
    "missing column": (f"{HEAD[:-7]}\nkilled,point,3\n", "source", "no such column"),
    "duplicated column": (f"{HEAD},value\nkilled,point,3,A,4\n", "value", "a column twice"),
    "capitalised column": (f"{HEAD},Date\nkilled,point,3,A,\n", "Date", "not a column, but nearly"),
    "wrong separator": ("figure;kind;source\nkilled;point;A\n", "figure", "no such column"),
    "too few cells": (f"{HEAD}\nkilled,point,3\n", "claims", "3 cells under 4 columns"),
    "too many cells": (f"{HEAD}\nkilled,point,40,000,A\n", "claims", "5 cells under 4 columns"),
    "empty file": ("", "claims", "an empty file"),
    "header only": (f"{HEAD}\n", "claims", "no claims"),
    "header and blank rows": (f"{HEAD}\n\n,,,\n", "claims", "no claims"),
    "open quote": (f'{HEAD}\nkilled,point,3,"A\n', "claims", "not a CSV file: "),
}


@pytest.mark.parametrize(("text", "field_", "wrong"), TABLES.values(), ids=TABLES.keys())
def test_a_bad_file(text: str, field_: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(text, encoding="utf-8")
    error = unchanged(path, lambda: refused(rc.read_claims, path))
    first = error.problems[0]
    assert first.field == field_
    assert wrong in first.wrong
    assert first.legal and f"Legal: {first.legal}." in str(error)


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(f"{HEAD}\nkilled,point,3,Ministère\n".encode("latin-1"))
    (problem,) = refused(rc.read_claims, path).problems
    assert problem.value == "claims.csv"
    assert problem.wrong == f"not UTF-8 text (byte {len(HEAD) + 22})"
    assert problem.legal == "a UTF-8 CSV file"


def test_ragged_rows_are_reported_with_the_others(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    rows = [HEAD, "killed,point,40,000,A", "killed,point,-1,B", "killed,point,3,C,", "a,point,3,D"]
    path.write_text("\n".join(rows), encoding="utf-8")
    error = refused(rc.read_claims, path)
    assert [(p.row, p.field) for p in error.problems] == [
        (1, "claims"),
        (2, "value"),
        (3, "claims"),
    ]
    assert "double quotes" in error.problems[0].legal


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([["a", "point", 3, "A", 4]], columns=[*HEAD.split(","), "value"]),
        pa.table([["a"], ["point"], [3], ["A"], [4]], names=[*HEAD.split(","), "value"]),
    ],
    ids=["pandas", "pyarrow"],
)
def test_a_column_twice_in_a_frame(frame: object) -> None:
    (problem,) = refused(rc.read_claims, frame).problems
    assert (problem.field, problem.wrong) == ("value", "a column twice")


@pytest.mark.parametrize("names", [{"figure": "Figure"}, {"value": " value"}], ids=str)
def test_a_column_nearly_right_in_a_frame(names: dict[str, str]) -> None:
    frame = pd.DataFrame(table({})).rename(columns=names)
    problem = refused(rc.read_claims, frame).problems[0]
    ((right, given),) = names.items()
    assert (problem.field, problem.wrong) == (given, "not a column, but nearly")
    assert f"did you mean {right!r}?" in problem.legal


@pytest.mark.parametrize(
    "data",
    [7, None, {"figure": ["a"]}, [rc.Claim.point(3, figure="a", source="A")], pd.Series([1])],
    ids=lambda data: type(data).__name__,
)
def test_not_a_table(data: object) -> None:
    (problem,) = refused(rc.read_claims, data).problems
    assert problem.value == type(data).__name__
    assert problem.wrong == "not a table"
    assert "pandas, polars, pyarrow" in problem.legal


def test_a_lazy_frame_is_not_a_table() -> None:
    (problem,) = refused(rc.read_claims, pl.DataFrame(table({})).lazy()).problems
    assert problem.value == "LazyFrame"


@pytest.mark.parametrize(
    ("column", "cell", "wrong"),
    [
        ("value", float("inf"), "not a finite number"),
        ("value", True, "not a number"),
        ("value", [3], "not a number"),
        ("value", float("nan"), "a claim of kind point needs it"),
        ("date", 44622, "not a date"),
        ("date", pd.Timestamp("2022-02-23"), "before the start 2022-02-24"),
        ("date", pd.NaT, "killed is a running total"),
        ("note", ["a"], "not text"),
    ],
    ids=str,
)
def test_typed_cells_of_a_frame(column: str, cell: object, wrong: str) -> None:
    frame = pd.DataFrame(table({}, {})).astype("object")
    frame[column] = pd.Series([GOOD.get(column, ""), cell], dtype="object")
    (problem,) = refused(rc.read_claims, frame, case=CASE).problems
    assert (problem.row, problem.source, problem.field) == (2, SOURCE, column)
    assert wrong in problem.wrong


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
    "figures not tables": ({"figures": ["a"]}, "figures", "not tables", "[figures.NAME]"),
    "sources not tables": ({"sources": {"A": "own"}}, "sources", "not tables", "[sources.NAME]"),
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
    "whole of a level and a total": (
        {"figures": {"all": {"parts": ["flow", "killed"]}, "flow": {"level": True}}},
        "figures.all.parts",
        "mixes levels, or figures with scale linear, with others",
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
        "only available with scale linear",
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
    "low above high": (f"{TRUTHS}\nkilled,Russia,2022-03-02,9,5,A\n", 1, "low", "above high = 5"),
    "not a number": (f"{TRUTHS}\n\nkilled,Russia,2022-03-02,a,5,A\n", 2, "low", "not a number"),
    "against the case": (f"{TRUTHS}\nkilled,Russia,,4,5,A\n", 1, "date", "a running total"),
    "too few cells": (f"{TRUTHS}\nkilled,Russia\n", 1, "claims", "2 cells under 6 columns"),
    "no source": ("figure,low,high\nkilled,4,5\n", None, "source", "no such column"),
    "kinds": (f"kind,{TRUTHS}\ntruth,killed,,,4,5,A\n", None, "kind", "a column of kinds"),
    "empty file": ("", None, "claims", "an empty file"),
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


@each_route
def test_every_bad_row_is_reported_at_once(route: Route, tmp_path: Path) -> None:
    rows = table(
        {"date": ""},  # only with the case
        {"value": "-5", "role": "ally"},
        {},
        {"figure": "killed + wonded"},  # only with the other claims
        {**RANGE, "low": "300", "date": "2022-02-30"},
        {"population": "", "source": "B"},  # only with the other claims
        {"population": "Ukraine"},
        {**INTERVAL, "coverage": "95", "source": "C"},
        {"figure": "casualties + killed", "date": "2022-02-01"},
        {"kind": "pont"},
    )
    error = refused(route, rows, CASE, tmp_path)
    assert [(problem.row, problem.field) for problem in error.problems] == [
        (1, "date"),
        (2, "role"),
        (2, "value"),
        (4, "figure"),
        (5, "date"),
        (5, "low"),
        (6, "population"),
        (8, "coverage"),
        (9, "figure"),
        (9, "date"),
        (10, "kind"),
    ]
    assert {p.source for p in error.problems if p.row in (6, 8)} == {"B", "C"}
    message = str(error)
    assert message.startswith("11 problems with the claims")
    assert message.count("\n") == message.count(". Legal: ") == 11


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    lines = as_csv(table({}, {}, {"value": "-5"}, {"date": ""})).splitlines()
    lines[2:3] = ["", "," * lines[0].count(",")]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [p.row for p in refused(rc.read_claims, path, case=CASE).problems] == [4, 5]
    path.write_text("\n".join([*lines[:4], lines[5]]), encoding="utf-8")
    assert [p.row for p in refused(rc.read_claims, path, case=CASE).problems] == [4]


def test_a_figure_that_only_a_bad_row_names_is_not_unknown(tmp_path: Path) -> None:
    rows = table({"figure": "killed + captured"}, {"figure": "captured", "value": "-5"})
    error = refused(through_file, rows, CASE, tmp_path)
    assert [(problem.row, problem.field) for problem in error.problems] == [(2, "value")]


def test_bad_rows_are_reported_along_with_a_bad_case(tmp_path: Path) -> None:
    rows = table({}, {"value": "-5"})
    for case in ({"setting": "wars"}, {"settings": "war"}):
        error = refused(through_file, rows, case, tmp_path)
        assert [problem.row for problem in error.problems] == [None, 2]


def test_bad_rows_only_are_reported_along_with_a_bad_case(tmp_path: Path) -> None:
    error = refused(through_file, table({"value": "-5"}), {"setting": "wars"}, tmp_path)
    assert [problem.field for problem in error.problems] == ["setting", "value"]


def test_thousands_of_bad_rows_are_all_reported(tmp_path: Path) -> None:
    error = refused(through_file, table(*[{"value": "-5"}] * 2000), CASE, tmp_path)
    assert [problem.row for problem in error.problems] == list(range(1, 2001))


def test_errors_are_values_errors_that_pickle() -> None:
    error = refused(rc.ClaimSet, [rc.Claim.point(3, figure="a", source="A")] * 2, setting="wars")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, ValueError)
    assert type(again) is rc.ClaimError
    assert str(again) == str(error) and again.problems == error.problems


def test_a_long_value_is_cut_short() -> None:
    error = refused(rc.Claim.point, 3, figure="a", source="A", role="x" * 500)
    assert len(error.problems[0].value) == 500
    assert max(map(len, str(error).splitlines())) < 250


def test_a_success_leaves_the_case_as_it_was() -> None:
    case = {"sources": {SOURCE: {"role": "own"}}, "figures": {"killed": {"plausible": [1, 9]}}}
    before = repr(case)
    rc.read_claims(pd.DataFrame(table({})), case=case)
    assert repr(case) == before
