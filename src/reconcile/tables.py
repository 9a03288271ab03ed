"""Tables of claims in and out: CSV files, case folders, and any data frame."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import numbers
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from reconcile._text import one_of
from reconcile.cases import Case, read_case, write_case
from reconcile.claims import COLUMNS, Claim
from reconcile.claimset import ClaimSet
from reconcile.errors import ClaimError, Problem
from reconcile.files import write_text

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

__all__ = ["claim_rows", "read_claims", "to_frame", "write_claims"]

_NUMBERS: Final = ("value", "low", "high", "coverage")
_DATES: Final = ("date", "since", "said")
_REQUIRED: Final = ("figure", "kind", "source")

type Row = dict[str, object]


def read_claims(
    data: str | Path | IntoDataFrame, *, case: str | Path | Mapping[str, object] | None = None
) -> ClaimSet:
    """Read claims from a CSV file, a folder, or a data frame.

    Parameters
    ----------
    data : str, pathlib.Path or data frame
        A CSV file (UTF-8, a header line, commas); a folder with ``claims.csv`` and, where there
        is one, ``case.toml``; or any data frame that narwhals understands (pandas, polars,
        pyarrow and others). It is not changed.
    case : str, pathlib.Path or mapping, optional
        A ``case.toml``, or what one would hold. By default the one in the folder.

    Returns
    -------
    ClaimSet

    Raises
    ------
    ClaimError
        If anything is wrong, with every bad row: number, source, field, value, what is legal.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import pandas as pd
    >>> import reconcile as rc
    >>> table = pd.DataFrame(
    ...     {"figure": ["killed"], "kind": ["point"], "value": [120], "source": ["a hospital"]}
    ... )
    >>> rc.read_claims(table).claims[0].value
    120.0
    """
    if isinstance(data, str | Path):
        path = Path(data)
        if path.is_dir():
            if case is None and (path / "case.toml").exists():
                case = path / "case.toml"
            path = path / "claims.csv"
        rows, problems = _csv_rows(path)
    else:
        rows, problems = _frame_rows(data), []
    try:
        known = read_case(case)
    except ClaimError as error:
        known = None
        problems += error.problems
    return _claim_set(rows, problems, known)


def _claim_set(rows: list[Row], problems: list[Problem], case: Case | None) -> ClaimSet:
    """Make every claim, collect what is wrong with each, then look at them together."""
    claims: list[tuple[int, Claim]] = []
    unreadable = {problem.row for problem in problems}
    for number, row in enumerate(rows, start=1):
        # Rows without any content are passed over, but counted, as a spreadsheet counts them.
        if number in unreadable or all(map(_empty, row.values())):
            continue
        fields, wrong = _typed(row, number)
        try:
            # A field that cannot be read is left out, so that the rest is checked all the same.
            claim = Claim(**{"figure": "", "kind": "", "source": "", **fields})
        except ClaimError as error:
            seen = {problem.field for problem in wrong}
            wrong += [replace(p, row=number) for p in error.problems if p.field not in seen]
        if wrong:
            problems += wrong
        else:
            claims.append((number, claim))
    if case is not None:
        try:
            found = case.claim_set(claim for _, claim in claims)
        except ClaimError as error:
            problems += _numbered(error.problems, [number for number, _ in claims], rows)
        else:
            if not problems:
                return found
    raise ClaimError(problems)


def _numbered(
    problems: Iterable[Problem], numbers: list[int], rows: list[Row]
) -> Iterator[Problem]:
    """Problems that the readable rows have with the case, under their own row numbers."""
    named = {str(row.get("figure") or "").strip() for row in rows}
    for problem in problems:
        if problem.row is not None:
            # A part that only an unreadable row names is not unknown.
            if not any(f"{name!r} in this sum" in problem.wrong for name in named if name):
                yield replace(problem, row=numbers[problem.row - 1])
        elif problem.field != "claims" or all(map(_empty, (v for r in rows for v in r.values()))):
            yield problem


def _typed(row: Row, number: int) -> tuple[dict[str, Any], list[Problem]]:
    """Fields of a claim from the cells of a row, and what could not be read."""
    fields: dict[str, Any] = {}
    extra: list[tuple[str, object]] = []
    problems: list[Problem] = []
    source = str(row.get("source") or "").strip()
    for name, cell in row.items():
        value = None if _empty(cell) else cell
        if name not in COLUMNS:
            extra.append((name, value))
            continue
        if value is None:
            continue
        try:
            if name in _NUMBERS:
                fields[name] = _number(value)
            elif name in _DATES:
                fields[name] = _date(value)
            else:
                fields[name] = _text(value)
        except ValueError as error:
            wrong, legal = error.args
            problems.append(
                Problem(
                    row=number, source=source, field=name, value=value, wrong=wrong, legal=legal
                )
            )
    fields["extra"] = tuple(extra)
    return fields, problems


def _empty(cell: object) -> bool:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    return type(cell).__name__ in ("NaTType", "NAType")


def _number(value: object) -> float:
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value)
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


def _csv_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """Rows of a CSV file as text, and a problem for each that does not fit the columns."""
    try:
        # Not read as text, which would change the line ends inside a cell.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _table_error(
            "claims", str(path.name), f"not UTF-8 text (byte {error.start})", "a UTF-8 CSV file"
        ) from None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _table_error("claims", str(path.name), f"not a CSV file: {error}", "CSV") from None
    if not lines:
        raise _table_error("claims", str(path.name), "an empty file", "a header and claims")
    header = [name.strip() for name in lines[0]]
    _check_columns(header)
    rows: list[Row] = [dict(zip(header, cells, strict=False)) for cells in lines[1:]]
    legal = "as many cells as columns; a cell with a comma goes in double quotes"
    ragged = [
        Problem(
            row=number,
            source=str(rows[number - 1].get("source", "")).strip(),
            field="claims",
            value=",".join(cells),
            wrong=f"{len(cells)} cells under {len(header)} columns",
            legal=legal,
        )
        for number, cells in enumerate(lines[1:], start=1)
        if len(cells) != len(header) and any(cell.strip() for cell in cells)
    ]
    return rows, ragged


def _frame_rows(data: Any) -> list[Row]:
    """Rows of any data frame, through narwhals."""
    import narwhals as nw

    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError:
        legal = "a path, or a data frame of pandas, polars, pyarrow or another that narwhals reads"
        raise _table_error("claims", type(data).__name__, "not a table", legal) from None
    except nw.exceptions.DuplicateError:
        names = data.column_names if hasattr(data, "column_names") else data.columns
        _check_columns([str(name) for name in names])
        raise
    _check_columns([str(name) for name in frame.columns])
    return [{str(k): v for k, v in row.items()} for row in frame.iter_rows(named=True)]


def _check_columns(columns: Sequence[str]) -> None:
    problems = []
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            problems.append(
                Problem(field=name, value=name, wrong="a column twice", legal="every column once")
            )
        if name not in COLUMNS and name.strip().lower() in COLUMNS:
            wrong, legal = "not a column, but nearly", one_of(COLUMNS, name.strip())
            problems.append(Problem(field=name, value=name, wrong=wrong, legal=legal))
    for name in _REQUIRED:
        if name not in columns:
            legal = "a table with " + ", ".join(_REQUIRED)
            problems.append(Problem(field=name, value=None, wrong="no such column", legal=legal))
    if problems:
        raise ClaimError(problems)


def _table_error(field: str, value: object, wrong: str, legal: str) -> ClaimError:
    return ClaimError([Problem(field=field, value=value, wrong=wrong, legal=legal)])


def claim_rows(claims: Iterable[Claim]) -> list[Row]:
    """Claims as rows of cells: every column of the claim table, then the unknown ones.

    Parameters
    ----------
    claims : iterable of Claim
        What to write.

    Returns
    -------
    list of dict
        One per claim, all with the same keys; None where a cell is empty.
    """
    claims = tuple(claims)
    extra = dict.fromkeys(name for claim in claims for name, _ in claim.extra)
    rows = []
    for claim in claims:
        row: Row = {name: _blank(getattr(claim, name)) for name in COLUMNS}
        rows.append(row | dict.fromkeys(extra) | dict(claim.extra))
    return rows


def _blank(value: object) -> object:
    return None if value == "" else value


def to_frame(
    claims: ClaimSet, *, backend: Literal["pandas", "polars", "pyarrow"] = "pandas"
) -> Any:
    """Claims as a data frame that :func:`read_claims` reads back without loss.

    Parameters
    ----------
    claims : ClaimSet
        What to write.
    backend : {"pandas", "polars", "pyarrow"}
        Which kind of data frame; its library must be installed.

    Returns
    -------
    data frame
        A row per claim; the columns of the claim table, then the unknown ones.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet([rc.Claim.at_least(1351, figure="killed", source="Kremlin")])
    >>> rc.to_frame(claims)[["figure", "kind", "value"]].to_dict("records")
    [{'figure': 'killed', 'kind': 'at_least', 'value': 1351.0}]
    """
    import narwhals as nw

    rows = claim_rows(claims)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    types = {name: nw.Float64() for name in _NUMBERS} | {name: nw.Date() for name in _DATES}
    if backend == "pandas":
        import pandas as pd

        # Days stay Python days here: pandas has no column type for them.
        return pd.DataFrame(
            {
                name: pd.Series(cells, dtype="float64" if name in _NUMBERS else "object")
                for name, cells in columns.items()
            }
        )
    schema = {name: types.get(name, nw.String()) for name in COLUMNS}
    series = {
        name: nw.new_series(name, cells, schema.get(name), backend=backend).to_native()
        for name, cells in columns.items()
    }
    return nw.from_dict(series, backend=backend).to_native()


def write_claims(claims: ClaimSet, folder: str | Path) -> Path:
    """Write a folder with ``claims.csv`` and ``case.toml`` that :func:`read_claims` reads.

    Parameters
    ----------
    claims : ClaimSet
        What to write.
    folder : str or pathlib.Path
        Made if it is missing. Files are replaced whole or not at all.

    Returns
    -------
    pathlib.Path
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet([rc.Claim.at_least(1351, figure="killed", source="Kremlin")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rc.read_claims(rc.write_claims(claims, folder)) == claims
    True
    """
    rows = claim_rows(claims)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _cell(value) for name, value in row.items()} for row in rows])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    write_text(target / "claims.csv", text.getvalue())
    write_text(target / "case.toml", write_case(claims))
    return target


def _cell(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
