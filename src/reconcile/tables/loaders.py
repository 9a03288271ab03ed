"""Loading tables of cells from CSV files and data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from reconcile._text import few_of, tidy
from reconcile.claims.claim import COLUMNS
from reconcile.errors import ClaimError, Problem
from reconcile.tables.cells import REQUIRED, Table, is_empty

__all__ = ["csv_rows", "read_csv", "read_frame", "read_truths", "table_error"]


def csv_rows(
    path: Path, *, file: str = "", legal: str = "a UTF-8 CSV file"
) -> tuple[list[str], list[list[str]]]:
    """Header (stripped) and rows of a UTF-8 CSV file; ClaimError if it is not one."""
    try:
        # Not read_text, which would change line ends inside cells.
        text = path.read_bytes().decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        del text
        header = [_column(name) for name in next(lines, [])]
        return header, list(lines)
    except UnicodeDecodeError as error:
        wrong = f"not UTF-8 text (byte {error.start})"
    except csv.Error as error:
        wrong = f"not a CSV file: {error}"
    raise table_error(path.name, wrong, legal, file=file)


def _column(name: str) -> str:
    """Name of a column; unknown ones are kept as they are."""
    return known if (known := tidy(name)) in COLUMNS else name.strip()


def read_csv(
    path: Path, *, file: str = "", required: tuple[str, ...] = REQUIRED
) -> tuple[Table, list[Problem]]:
    """Cells of a UTF-8 CSV file by column, and a problem for each row of the wrong length."""
    header, rows = csv_rows(path, file=file)
    if not header and not rows:
        legal = "a header row and at least one claim"
        raise table_error(path.name, "the file is empty", legal, file=file)
    _check_columns(header, required=required, file=file)
    width = len(header)
    uneven = [(k, cells) for k, cells in enumerate(rows) if len(cells) != width]
    for k, cells in uneven:
        rows[k] = (cells + [""] * width)[:width]
    columns = zip(*rows, strict=True) if rows else repeat((), width)
    table = {name: list(cells) for name, cells in zip(header, columns, strict=True)}
    legal = "one cell per column; put a cell that contains a comma in double quotes"
    ragged = [
        Problem(
            row=k + 1,
            source=table["source"][k].strip() if "source" in table else "",
            field="claims",
            value=",".join(cells),
            wrong=f"{len(cells)} cells for {len(header)} columns",
            legal=legal,
            file=file,
        )
        for k, cells in uneven
        if any(cell.strip() for cell in cells)
    ]
    return table, ragged


def read_truths(path: Path) -> tuple[Table, list[Problem]]:
    """Cells of a file of truths: a table of claims without the column ``kind``.

    A truth that is a mere value is exact.
    """
    required = tuple(name for name in REQUIRED if name != "kind")
    table, problems = read_csv(path, file=path.name, required=required)
    if table.get("kind"):
        wrong = f"{path.name} has no column kind: all its rows are of kind truth"
        legal = "a table without this column; other claims belong in claims.csv"
        first = next(filter(None, table["kind"]), "kind")
        raise ClaimError(
            [Problem(field="kind", value=first, wrong=wrong, legal=legal, file=path.name)]
        )
    if "value" in table:
        ends = {name: table.get(name, [""] * len(table["value"])) for name in ("low", "high")}
        alone = [all(map(is_empty, pair)) for pair in zip(*ends.values(), strict=True)]
        for name, column in ends.items():
            cells = zip(alone, table["value"], column, strict=True)
            table[name] = [value if is_alone else cell for is_alone, value, cell in cells]
    rows = zip(*table.values(), strict=True)
    return table | {"kind": ["" if all(map(is_empty, row)) else "truth" for row in rows]}, problems


def read_frame(data: Any) -> Table:
    """Cells of any data frame that narwhals reads, by column."""
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

    misspelt = set()
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            problem(name, name, "duplicate column", "each column once")
        right = name.strip().lower()
        if name not in COLUMNS and right in COLUMNS:
            misspelt.add(right)
            problem(name, name, f"unknown column; did you mean {right!r}?", ", ".join(COLUMNS))
    for name in required:
        if name not in columns and name not in misspelt:
            wrong = f"the table has no column {name!r}; its columns are: {few_of(columns)}"
            problem(name, None, wrong, "a table with the columns " + ", ".join(required))
    if problems:
        raise ClaimError(problems)


def table_error(value: object, wrong: str, legal: str, *, file: str = "") -> ClaimError:
    """An error about a table as a whole."""
    return ClaimError([Problem(field="claims", value=value, wrong=wrong, legal=legal, file=file)])
