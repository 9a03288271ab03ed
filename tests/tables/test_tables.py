"""Tables of claims go out and come back without loss, whatever the kind of table."""

import datetime as dt
import tempfile
import tomllib
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reconcile as rc
from reconcile.claims.claim import COLUMNS
from reconcile.claims.serialise import claim_rows
from reconcile.tables.case_toml import write_case
from strategies import claim_sets, claims

BACKENDS = ("pandas", "polars", "pyarrow")
HEAD = "figure,kind,value,source"


def case_of(claims_: rc.ClaimSet) -> dict[str, object]:
    """What the table cannot say."""
    return tomllib.loads(write_case(claims_))


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25)
@given(claims_=claim_sets())
def test_a_frame_comes_back_equal(backend: str, claims_: rc.ClaimSet) -> None:
    frame = rc.to_frame(claims_, backend=backend)
    again = rc.read_claims(frame, case=case_of(claims_))
    assert again == claims_
    assert list(again.figures.values()) == list(claims_.figures.values())
    assert list(again.sources.values()) == list(claims_.sources.values())


@given(claims_=claim_sets())
def test_a_folder_comes_back_equal(claims_: rc.ClaimSet) -> None:
    with tempfile.TemporaryDirectory() as folder:
        again = rc.read_claims(rc.write_claims(claims_, Path(folder) / "a" / "b"))
    assert again == claims_
    for name in ("setting", "title", "start", "end", "figures", "sources"):
        assert getattr(again, name) == getattr(claims_, name)
    assert [claim.extra for claim in again] == [claim.extra for claim in claims_]


@settings(max_examples=25)
@given(claims_=claim_sets(), data=st.data())
def test_the_order_of_columns_says_nothing(claims_: rc.ClaimSet, data: st.DataObject) -> None:
    frame = rc.to_frame(claims_)
    columns = data.draw(st.permutations(list(frame.columns)))
    again = rc.read_claims(frame[columns], case=case_of(claims_))
    # Unknown columns are kept in the order of the table.
    assert [sorted(c.extra) for c in again] == [sorted(c.extra) for c in claims_]
    for mine, theirs in zip(again, claims_, strict=True):
        assert all(getattr(mine, name) == getattr(theirs, name) for name in COLUMNS)


@given(claim=claims())
def test_rows_have_every_column_and_no_empty_text(claim: rc.Claim) -> None:
    (row,) = claim_rows([claim])
    assert tuple(row) == COLUMNS
    assert "" not in row.values()


@pytest.mark.parametrize("backend", BACKENDS)
def test_columns_have_types_even_where_they_are_empty(backend: str) -> None:
    one = rc.ClaimSet([rc.Claim.point(3, figure="a", source="s", date="2022-03-02")])
    frame = rc.to_frame(one, backend=backend)
    if backend == "pandas":
        assert frame["low"].dtype == np.float64
        assert frame["date"].iloc[0] == dt.date(2022, 3, 2)
    elif backend == "polars":
        assert frame.schema["low"] == pl.Float64
        assert frame.schema["since"] == pl.Date
        assert frame.schema["words"] == pl.String
    else:
        assert frame.schema.field("low").type == pa.float64()
        assert frame.schema.field("since").type == pa.date32()


@pytest.mark.parametrize("backend", BACKENDS)
def test_any_text_may_name_a_column(backend: str) -> None:
    extra = (("zero \0 byte", "a"), ("", "b"), ("source's page", None))
    claims_ = rc.ClaimSet([rc.Claim.point(3, figure="a", source="s", extra=extra)])
    assert rc.read_claims(rc.to_frame(claims_, backend=backend)) == claims_


def test_pandas_types_are_read() -> None:
    frame = pd.DataFrame(
        {
            "figure": pd.Categorical(["killed", "killed"]),
            "kind": pd.array(["point", "vague"], dtype="string"),
            "value": pd.array([120, None], dtype="Int64"),
            "words": [None, "dozens"],
            "date": pd.to_datetime(["2022-03-02", None]),
            "source": [7.0, 1234567.0],
            "population": [1, 1],
        }
    )
    first, second = rc.read_claims(frame, case={"figures": {"killed": {"accrues": False}}})
    assert first.value == 120.0
    assert first.date == dt.date(2022, 3, 2)
    assert second.value is None and second.date is None
    # A number that names somebody keeps all its digits.
    assert (first.source, second.source) == ("7", "1234567")
    assert first.population == "1"


def test_other_number_types_are_read() -> None:
    frame = pd.DataFrame(
        {
            "figure": ["a"] * 4,
            "kind": ["point"] * 4,
            "source": ["s"] * 4,
            "value": pd.Series([np.int32(3), Decimal("1.5"), " 40000 ", 1e3], dtype="object"),
        }
    )
    assert [claim.value for claim in rc.read_claims(frame)] == [3.0, 1.5, 40000.0, 1000.0]


@pytest.mark.parametrize("text", ["2022-03-02", " 2022-03-02 ", "2022-03-02 00:00:00"])
def test_days_as_programs_export_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{HEAD},date\nkilled,point,3,A,{text}\n", encoding="utf-8")
    assert rc.read_claims(path).claims[0].date == dt.date(2022, 3, 2)


def test_byte_order_mark_windows_line_ends_and_blank_rows(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    rows = [HEAD.replace(",", " , "), "", "killed,point,3,A", ",,,", "killed,point,4,B", " ", ""]
    path.write_bytes("\r\n".join(rows).encode("utf-8-sig"))
    assert [(claim.value, claim.source) for claim in rc.read_claims(path)] == [(3, "A"), (4, "B")]


def test_line_ends_inside_a_cell_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(f'{HEAD},quote\r\nkilled,point,3,A,"one\r\ntwo"\r\n'.encode())
    assert rc.read_claims(path).claims[0].quote == "one\r\ntwo"


def test_unknown_columns_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"page,{HEAD},grade\n12,killed,point,3,A,\n", encoding="utf-8")
    claims_ = rc.read_claims(path)
    assert claims_.claims[0].extra == (("page", "12"), ("grade", None))
    assert list(rc.to_frame(claims_).columns) == [*COLUMNS, "page", "grade"]


def test_truths_beside_the_claims_are_read(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(f"{HEAD}\nkilled,point,3,A\n", encoding="utf-8")
    rows = "figure,low,high,source,sureness\n,,,,\nkilled,4,5,a court,good\n"
    (tmp_path / "truth.csv").write_text(rows, encoding="utf-8")
    claims_ = rc.read_claims(tmp_path)
    assert [claim.kind for claim in claims_] == ["point", "truth"]
    truth = claims_.claims[1]
    assert (truth.low, truth.high, truth.source) == (4, 5, "a court")
    assert truth.extra == (("sureness", "good"),)
    # Written, truths stand among the claims.
    again = rc.read_claims(rc.write_claims(claims_, tmp_path / "again"))
    assert [claim.kind for claim in again] == ["point", "truth"]
    assert not (tmp_path / "again" / "truth.csv").exists()
    assert len(rc.read_claims(tmp_path / "claims.csv")) == 1


def test_a_folder_needs_no_case(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(f"{HEAD}\nkilled,point,3,A\n", encoding="utf-8")
    claims_ = rc.read_claims(str(tmp_path))
    assert (claims_.setting, claims_.start, claims_.title) == ("other", None, "")


def test_a_case_given_goes_before_the_one_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(f"{HEAD}\nkilled,point,3,A\n", encoding="utf-8")
    (tmp_path / "case.toml").write_text("title = 'folder'", encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text("title = 'given'", encoding="utf-8")
    assert rc.read_claims(tmp_path).title == "folder"
    assert rc.read_claims(tmp_path, case=other).title == "given"
    assert rc.read_claims(tmp_path, case={"title": "mapping"}).title == "mapping"


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere"])
def test_a_missing_file_is_a_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        rc.read_claims(tmp_path / name)


def test_a_folder_without_claims_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"claims\.csv"):
        rc.read_claims(tmp_path)


def test_the_founding_article_reads(founding_article: Path, tmp_path: Path) -> None:
    claims_ = rc.read_claims(founding_article)
    assert len(claims_) == 7
    assert claims_.setting == "war"
    assert claims_.populations == ("Russia",)
    assert claims_.base_parts("casualties") == ("killed", "wounded", "captured", "missing")
    assert [claim.state for claim in claims_].count("withdrawn") == 2
    assert rc.read_claims(rc.write_claims(claims_, tmp_path)) == claims_


def test_true_is_no_number_though_it_equals_one() -> None:
    about = {"figure": ["killed"] * 2, "kind": ["point"] * 2, "source": ["A", "B"]}
    frame = pd.DataFrame(about | {"value": pd.Series([1, True], dtype=object)})
    with pytest.raises(rc.ClaimError) as caught:
        rc.read_claims(frame)
    (problem,) = caught.value.problems
    assert (problem.row, problem.field, problem.value) == (2, "value", True)


def test_a_row_that_is_missing_altogether_is_passed_over_where_a_figure_is_linear() -> None:
    texts = {"figure": ["temp", None], "kind": ["point", None], "source": ["A", None]}
    columns = {name: pd.array(cells, dtype="string") for name, cells in texts.items()}
    frame = pd.DataFrame(columns | {"value": [-1.0, np.nan]})
    claims = rc.read_claims(frame, case={"figures": {"temp": {"scale": "linear"}}})
    assert [claim.value for claim in claims] == [-1.0]
    frame["value"] = pd.Series(["x", None], dtype=object)
    with pytest.raises(rc.ClaimError, match="not a number"):
        rc.read_claims(frame, case={"figures": {"temp": {"scale": "linear"}}})


def test_a_unit_of_any_size_can_be_declared() -> None:
    claim = rc.Claim.point(3, figure="k", source="A")
    made = rc.ClaimSet([claim], figures=[rc.Figure(name="k", unit_size=10**30)])
    assert made.counted == {"k"}
