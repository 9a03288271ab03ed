"""Tables of cells from CSV files and data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from reconcile._text import one_of
from reconcile.claims.claim import COLUMNS
from reconcile.errors import ClaimError, Problem
from reconcile.tables.cells import REQUIRED, Table, is_empty

__all__ = ["csv_table", "frame_table", "table_error", "truth_table"]


def csv_table(
    path: Path, *, file: str = "", required: tuple[str, ...] = REQUIRED
) -> tuple[Table, list[Problem]]:
    """Cells of a CSV file as text, and a problem for each that does not fit the columns.

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
    table : dict of str to list
        Cells by column.
    problems : list of Problem
        Of rows with too many or too few cells, which have empty ones or lose some.

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
    try:
        first = next(lines, None)
        rows = list(lines)
    except csv.Error as error:
        raise table_error(name, f"not a CSV file: {error}", "CSV", file=file) from None
    if first is None:
        raise table_error(name, "an empty file", "a header and claims", file=file)
    header = [name.strip() for name in first]
    _check_columns(header, required=required, file=file)
    width = len(header)
    uneven = [(k, cells) for k, cells in enumerate(rows) if len(cells) != width]
    for k, cells in uneven:
        rows[k] = (cells + [""] * width)[:width]
    columns = zip(*rows, strict=True) if rows else repeat((), width)
    table = {name: list(cells) for name, cells in zip(header, columns, strict=True)}
    legal = "as many cells as columns; a cell with a comma goes in double quotes"
    ragged = [
        Problem(
            row=k + 1,
            source=table["source"][k].strip() if "source" in table else "",
            field="claims",
            value=",".join(cells),
            wrong=f"{len(cells)} cells under {len(header)} columns",
            legal=legal,
            file=file,
        )
        for k, cells in uneven
        if any(cell.strip() for cell in cells)
    ]
    return table, ragged


def truth_table(path: Path) -> tuple[Table, list[Problem]]:
    """Cells of a file of truths, which is a table of claims without the column ``kind``."""
    required = tuple(name for name in REQUIRED if name != "kind")
    table, problems = csv_table(path, file=path.name, required=required)
    if table.get("kind"):
        legal = "no such column; all rows are of kind truth, others belong in claims.csv"
        given = next(filter(None, table["kind"]), "kind")
        problem = Problem(
            field="kind", value=given, wrong="a column of kinds", legal=legal, file=path.name
        )
        raise ClaimError([problem])
    rows = zip(*table.values(), strict=True)
    return table | {"kind": ["" if all(map(is_empty, row)) else "truth" for row in rows]}, problems


def frame_table(data: Any) -> Table:
    """Cells of any data frame, through narwhals."""
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
    rows = list(frame.iter_rows())
    columns = zip(*rows, strict=True) if rows else repeat((), len(names))
    return {name: list(cells) for name, cells in zip(names, columns, strict=True)}


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
