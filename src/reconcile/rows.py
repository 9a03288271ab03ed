"""Cells of a table into claims: every row is read, and all that is wrong with each is told."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from reconcile._text import one_of
from reconcile.cases import Case
from reconcile.claims import COLUMNS, LAST_REPORT, Claim
from reconcile.claimset import ClaimSet
from reconcile.errors import ClaimError, Problem

__all__ = [
    "DATES",
    "NUMBERS",
    "Place",
    "Row",
    "claims_of",
    "csv_rows",
    "frame_rows",
    "is_empty",
    "put_to_case",
    "truth_rows",
]

NUMBERS: Final = ("value", "low", "high", "coverage")
DATES: Final = ("date", "since", "said")
REQUIRED: Final = ("figure", "kind", "source")

type Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a claim stands: row, counted from 1, and the file where it is not the claims."""

    row: int
    file: str = ""


def claims_of(
    rows: list[Row], problems: list[Problem], *, file: str = ""
) -> list[tuple[Place, Claim]]:
    """Make a claim of every row; what is wrong with a row is added to the problems.

    Parameters
    ----------
    rows : list of dict
        Cells by column.
    problems : list of Problem
        Found already; rows that have one are passed over. More are appended.
    file : str, optional
        Named in the problems.

    Returns
    -------
    list of (Place, Claim)
        The claims in which nothing is wrong.
    """
    claims: list[tuple[Place, Claim]] = []
    unreadable = {problem.row for problem in problems if problem.file == file}
    seen: dict[str, dict[str, Any]] = {name: {} for name in _REPEATED}
    for number, row in enumerate(rows, start=1):
        if number in unreadable:
            continue
        fields, wrong = _typed(row, number, seen)
        # Rows without any content are passed over, but counted, as a spreadsheet counts them.
        if not fields["figure"] and all(map(is_empty, row.values())):
            continue
        try:
            claim = Claim(**fields)
        except ClaimError as error:
            told = {problem.field for problem in wrong}
            wrong += [replace(p, row=number) for p in error.problems if p.field not in told]
        if wrong:
            problems += [replace(problem, file=file) for problem in wrong]
        else:
            claims.append((Place(row=number, file=file), claim))
    return claims


def put_to_case(
    claims: list[tuple[Place, Claim]], case: Case, rows: list[Row], problems: list[Problem]
) -> ClaimSet | None:
    """Look at claims together; what is wrong is added to the problems, under its own place.

    Parameters
    ----------
    claims : list of (Place, Claim)
        Those that could be read.
    case : Case
        What they are about.
    rows : list of dict
        All rows, also those that could not be read.
    problems : list of Problem
        More are appended.

    Returns
    -------
    ClaimSet or None
        None if the claims do not fit the case or each other.
    """
    try:
        return case.claim_set(claim for _, claim in claims)
    except ClaimError as error:
        problems += _numbered(error.problems, [place for place, _ in claims], rows)
    return None


def _numbered(
    problems: Iterable[Problem], places: list[Place], rows: list[Row]
) -> Iterator[Problem]:
    """Problems that the readable rows have with the case, under their own row numbers."""
    named = {str(row.get("figure") or "").strip() for row in rows}
    for problem in problems:
        if problem.row is not None:
            # A part that only an unreadable row names is not unknown.
            if not any(f"{name!r} in this sum" in problem.wrong for name in named if name):
                place = places[problem.row - 1]
                yield replace(problem, row=place.row, file=place.file)
        elif problem.field != "claims" or all(map(is_empty, (v for r in rows for v in r.values()))):
            yield problem


def _typed(
    row: Row, number: int, seen: dict[str, dict[str, Any]]
) -> tuple[dict[str, Any], list[Problem]]:
    """Fields of a claim from the cells of a row, and what could not be read.

    What was read of names and days is kept: the claims of a table share one object for each.
    """
    # A field that cannot be read is left out, so that the rest is checked all the same.
    fields: dict[str, Any] = {"figure": "", "kind": "", "source": ""}
    extra: list[tuple[str, object]] = []
    problems: list[Problem] = []
    for name, cell in row.items():
        is_known = name in _READERS
        known = None
        if is_known and type(cell) is str:
            if not cell:
                continue
            known = seen.get(name)
            if known is not None:
                value = known.get(cell)
                if value is not None:
                    fields[name] = value
                    continue
        if is_empty(cell):
            if not is_known:
                extra.append((name, None))
            continue
        if not is_known:
            extra.append((name, cell))
            continue
        try:
            value = _READERS[name](cell)
        except ValueError as error:
            wrong, legal = error.args
            source = str(row.get("source") or "").strip()
            problems.append(
                Problem(row=number, source=source, field=name, value=cell, wrong=wrong, legal=legal)
            )
            continue
        if known is not None:
            known[cell] = value  # type: ignore[index]  # a text, where something is known
        fields[name] = value
    if extra:
        fields["extra"] = tuple(extra)
    return fields, problems


def is_empty(cell: object) -> bool:
    """Whether a cell holds nothing, as any kind of data frame writes it."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if isinstance(cell, float):
        return math.isnan(cell)
    return type(cell).__name__ in ("NaTType", "NAType")


def _number(value: object) -> float:
    if not isinstance(value, str) and isinstance(value, numbers.Real):
        if not isinstance(value, bool):
            return float(value)
    elif isinstance(value, str) and "_" not in value:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    legal = "a number in digits with a point for decimals, such as 40000 or 1.5"
    try:
        number = float(str(value).replace("_", "x"))
    except ValueError:
        hint = "has a thousands separator or words" if any(c.isdigit() for c in str(value)) else ""
        raise ValueError(f"not a number{': ' + hint if hint else ''}", legal) from None
    if not math.isfinite(number):
        raise ValueError("not a finite number", legal)
    return number


def _date(value: object) -> dt.date:
    legal = "a day such as 2022-03-25 (year-month-day)"
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if hasattr(value, "item") and isinstance(value.item(), dt.date):
        return _date(value.item())
    try:
        return dt.date.fromisoformat(str(value).strip()[:10] if _midnight(value) else str(value))
    except ValueError:
        raise ValueError("not a day", legal) from None


def _midnight(value: object) -> bool:
    """Whether a text is a day with an empty time behind it, as some programs export days."""
    text = str(value).strip()
    return len(text) == 10 or text[10:] in ("T00:00:00", " 00:00:00")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, numbers.Number):
        # A column of identifiers with a gap in it comes as floats.
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value)) if whole else str(value)  # type: ignore[call-overload]
    raise ValueError("not a text", "a text")


def _since(value: object) -> dt.date | str:
    return LAST_REPORT if str(value).strip().lower() == LAST_REPORT else _date(value)


# How the cells of each column are read.
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(COLUMNS, _text),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(DATES, _date),
    "since": _since,
}
# Columns in which the same cell stands again and again.
_REPEATED: Final = frozenset(COLUMNS) - {"quote", "url", "note"}


def csv_rows(
    path: Path, *, file: str = "", required: tuple[str, ...] = REQUIRED
) -> tuple[list[Row], list[Problem]]:
    """Rows of a CSV file as text, and a problem for each that does not fit the columns.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8, a header line, commas.
    file : str, optional
        Named in the problems.
    required : tuple of str
        Columns that must be there.

    Returns
    -------
    rows : list of dict
        Cells by column.
    problems : list of Problem
        Of rows with too many or too few cells.

    Raises
    ------
    ClaimError
        If it is not such a file at all.
    """
    name = path.name
    try:
        # Not read as text, which would change the line ends inside a cell.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = f"not UTF-8 text (byte {error.start})"
        raise table_error(name, wrong, "a UTF-8 CSV file", file=file) from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    del text
    rows: list[Row] = []
    uneven: list[tuple[int, list[str]]] = []
    try:
        first = next(lines, None)
        header = [name.strip() for name in first or ()]
        for number, cells in enumerate(lines, start=1):
            rows.append(dict(zip(header, cells, strict=False)))
            if len(cells) != len(header):
                uneven.append((number, cells))
    except csv.Error as error:
        raise table_error(name, f"not a CSV file: {error}", "CSV", file=file) from None
    if first is None:
        raise table_error(name, "an empty file", "a header and claims", file=file)
    _check_columns(header, required=required, file=file)
    legal = "as many cells as columns; a cell with a comma goes in double quotes"
    ragged = [
        Problem(
            row=number,
            source=str(rows[number - 1].get("source", "")).strip(),
            field="claims",
            value=",".join(cells),
            wrong=f"{len(cells)} cells under {len(header)} columns",
            legal=legal,
            file=file,
        )
        for number, cells in uneven
        if any(cell.strip() for cell in cells)
    ]
    return rows, ragged


def truth_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """Rows of a file of truths, which is a table of claims without the column ``kind``."""
    required = tuple(name for name in REQUIRED if name != "kind")
    rows, problems = csv_rows(path, file=path.name, required=required)
    if rows and "kind" in rows[0]:
        legal = "no such column; all rows are of kind truth, others belong in claims.csv"
        given = rows[0]["kind"]
        problem = Problem(
            field="kind", value=given, wrong="a column of kinds", legal=legal, file=path.name
        )
        raise ClaimError([problem])
    return [
        row if all(map(is_empty, row.values())) else {**row, "kind": "truth"} for row in rows
    ], problems


def frame_rows(data: Any) -> list[Row]:
    """Rows of any data frame, through narwhals."""
    import narwhals as nw

    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError:
        legal = "a path, or a data frame of pandas, polars, pyarrow or another that narwhals reads"
        raise table_error(type(data).__name__, "not a table", legal) from None
    except nw.exceptions.DuplicateError:
        names = data.column_names if hasattr(data, "column_names") else data.columns
        _check_columns([str(name) for name in names])
        raise
    _check_columns([str(name) for name in frame.columns])
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, cells, strict=True)) for cells in frame.iter_rows()]


def _check_columns(
    columns: Sequence[str], *, required: tuple[str, ...] = REQUIRED, file: str = ""
) -> None:
    problems = []

    def problem(name: str, value: str | None, wrong: str, legal: str) -> None:
        problems.append(Problem(field=name, value=value, wrong=wrong, legal=legal, file=file))

    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            problem(name, name, "a column twice", "every column once")
        if name not in COLUMNS and name.strip().lower() in COLUMNS:
            problem(name, name, "not a column, but nearly", one_of(COLUMNS, name.strip()))
    for name in required:
        if name not in columns:
            problem(name, None, "no such column", "a table with " + ", ".join(required))
    if problems:
        raise ClaimError(problems)


def table_error(value: object, wrong: str, legal: str, *, file: str = "") -> ClaimError:
    """What is wrong with a table as a whole."""
    return ClaimError([Problem(field="claims", value=value, wrong=wrong, legal=legal, file=file)])
