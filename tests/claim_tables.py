"""Tables of claims as a user has them, each way in, and what is said where one is refused."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tomli_w

import reconcile as rc

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
NUMBER = "a number in digits with a decimal point, such as 40000 or 1.5"
LEAST = "a number of at least 0"
DAY = "a date such as 2022-03-25 (year-month-day)"

type Rows = list[dict[str, str]]


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
