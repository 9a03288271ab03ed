"""Every way we know in which a whole table is wrong, and what the user is told."""

from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import reconcile as rc
from claim_tables import CASE, GOOD, SOURCE, refused, table, unchanged

# Whole tables that are wrong: the text of the file, the field, what is said.
HEAD = "figure,kind,value,source"
TABLES = {
    "missing column": (f"{HEAD[:-7]}\nkilled,point,3\n", "source", "the table has no column"),
    "duplicated column": (f"{HEAD},value\nkilled,point,3,A,4\n", "value", "duplicate column"),
    "capitalised column": (
        f"{HEAD},Date\nkilled,point,3,A,\n",
        "Date",
        "unknown column; did you mean",
    ),
    "wrong separator": (
        "figure;kind;source\nkilled;point;A\n",
        "figure",
        "the table has no column",
    ),
    "too few cells": (f"{HEAD}\nkilled,point,3\n", "claims", "3 cells for 4 columns"),
    "too many cells": (f"{HEAD}\nkilled,point,40,000,A\n", "claims", "5 cells for 4 columns"),
    "empty file": ("", "claims", "the file is empty"),
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
    assert (problem.field, problem.wrong) == ("value", "duplicate column")


@pytest.mark.parametrize("names", [{"figure": "Figure"}, {"value": " value"}], ids=str)
def test_a_column_nearly_right_in_a_frame(names: dict[str, str]) -> None:
    frame = pd.DataFrame(table({})).rename(columns=names)
    problem = refused(rc.read_claims, frame).problems[0]
    ((right, given),) = names.items()
    assert (problem.field, problem.wrong) == (given, f"unknown column; did you mean {right!r}?")


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
