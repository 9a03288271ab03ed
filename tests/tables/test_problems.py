"""All that is wrong is reported at once, where it is, in errors that can be sent on."""

import pickle
from pathlib import Path

import pandas as pd

import reconcile as rc
from claim_tables import (
    CASE,
    INTERVAL,
    RANGE,
    SOURCE,
    Route,
    as_csv,
    each_route,
    refused,
    table,
    through_file,
)


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
