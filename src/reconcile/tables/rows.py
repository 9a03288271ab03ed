"""From the rows of a table to claims; every problem of every row is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any, NamedTuple

from reconcile.claims.bulk import plain_claims
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.doubts import warn_of_doubts, without_doubts
from reconcile.claims.set_checks import unknown_in_sum
from reconcile.errors import ClaimError, Problem
from reconcile.tables.case_toml import Case
from reconcile.tables.cells import (
    DEFAULTS,
    KNOWN_COLUMNS,
    BadCell,
    Table,
    cell_text,
    is_empty,
    read_column,
)

__all__ = ["Location", "parse_rows", "validate_claims"]


class Location(NamedTuple):
    """Row of a claim, counted from 1, and file if it is not the table of claims."""

    row: int
    file: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}" if self.file else f"row {self.row}"


def parse_rows(
    table: Table, problems: list[Problem], *, file: str = ""
) -> tuple[list[Location], list[Claim]]:
    """Locations and claims of the valid rows; skips rows with problems and appends new ones."""
    unreadable = {problem.row for problem in problems if problem.file == file}
    columns = {
        name: read_column(name, cells) for name, cells in table.items() if name in KNOWN_COLUMNS
    }
    misread: dict[int, list[Problem]] = {}
    for name, column in columns.items():
        if BadCell in set(map(type, column)):
            _collect_bad_cells(table, name, column, misread)
    if more := [name for name in table if name not in columns]:
        columns["extra"] = _extra(table, more)
    n = len(next(iter(table.values()), ()))
    rows: list[int] = []
    claims: list[Claim] = []
    for number, plain in enumerate(plain_claims(columns, n), start=1):
        if number in unreadable:
            continue
        wrong, claim = misread.get(number, []), plain
        if claim is None:
            try:
                claim = Claim(**{name: column[number - 1] for name, column in columns.items()})
            except ClaimError as error:
                # Blank rows are skipped but counted, so that row numbers match spreadsheets.
                if all(is_empty(column[number - 1]) for column in table.values()):
                    continue
                reported = {problem.field for problem in wrong}
                wrong = [*wrong, *(p for p in error.problems if p.field not in reported)]
        if claim is None or wrong:
            problems += [replace(problem, row=number, file=file) for problem in wrong]
        else:
            rows.append(number)
            claims.append(claim)
    return list(map(Location._make, zip(rows, repeat(file), strict=False))), claims


def _collect_bad_cells(
    table: Table, name: str, column: list[Any], misread: dict[int, list[Problem]]
) -> None:
    """Turn unreadable cells into problems and empty them, so that the rest can be checked."""
    sources = table.get("source", ())
    for k, cell in enumerate(column):
        if isinstance(cell, BadCell):
            source = cell_text(sources[k]) if sources else ""
            column[k] = DEFAULTS[name]
            misread.setdefault(k + 1, []).append(
                Problem(
                    source=source,
                    field=name,
                    value=table[name][k],
                    wrong=cell.wrong,
                    legal=cell.legal,
                )
            )


def _extra(table: Table, names: list[str]) -> list[tuple[tuple[str, object], ...]]:
    """Cells of unknown columns as pairs (name, value), row by row."""
    rows = zip(*(table[name] for name in names), strict=True)
    return [
        tuple(
            (name, None if is_empty(cell) else cell)
            for name, cell in zip(names, cells, strict=True)
        )
        for cells in rows
    ]


def validate_claims(
    claims: Sequence[Claim],
    places: Sequence[Location],
    case: Case,
    tables: Sequence[Table],
    problems: list[Problem],
) -> ClaimSet | None:
    """Validate the claims against the case; append problems by table row, and return None then."""
    try:
        with without_doubts():
            found = case.claim_set(claims)
    except ClaimError as error:
        problems += _numbered(error.problems, places, tables)
        return None
    if not problems:
        declared = [*(f.name for f in case.figures), *(s.name for s in case.sources)]
        warn_of_doubts(found, declared, row_of=lambda k: str(places[k]))
    return found


def _numbered(
    problems: Iterable[Problem], places: Sequence[Location], tables: Sequence[Table]
) -> Iterator[Problem]:
    """Problems of the claims with the case, renumbered by table row."""
    named = {cell_text(cell) for table in tables for cell in table.get("figure", ())}
    columns = [column for table in tables for column in table.values()]
    for problem in problems:
        if problem.row is not None:
            # A part that only an unreadable row names is not unknown.
            if not any(problem.wrong == unknown_in_sum(name) for name in named if name):
                place = places[problem.row - 1]
                yield replace(problem, row=place.row, file=place.file)
        elif problem.field != "claims" or all(map(is_empty, chain(*columns))):
            yield problem
