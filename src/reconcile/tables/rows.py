"""Rows of a table into claims: every row is read, and all that is wrong with each is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any, NamedTuple

from reconcile.claims.bulk import plain_claims
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.set_checks import unknown_in_sum
from reconcile.errors import ClaimError, Problem
from reconcile.tables.case_toml import Case
from reconcile.tables.cells import KNOWN, NOTHING, Misread, Table, column_of, is_empty, name_in

__all__ = ["Place", "claims_of", "put_to_case"]


class Place(NamedTuple):
    """Where a claim stands: row, counted from 1, and the file where it is not the claims."""

    row: int
    file: str


def claims_of(
    table: Table, problems: list[Problem], *, file: str = ""
) -> tuple[list[Place], list[Claim]]:
    """Make a claim of every row; what is wrong with a row is added to the problems.

    Parameters
    ----------
    table : dict of str to list
        Cells by column.
    problems : list of Problem
        Found already; rows that have one are passed over. More are appended.
    file : str, optional
        Named in the problems.

    Returns
    -------
    places : list of Place
        Of the claims.
    claims : list of Claim
        Those in which nothing is wrong.
    """
    unreadable = {problem.row for problem in problems if problem.file == file}
    columns = {name: column_of(name, cells) for name, cells in table.items() if name in KNOWN}
    misread: dict[int, list[Problem]] = {}
    for name, column in columns.items():
        if Misread in set(map(type, column)):
            _take_out(table, name, column, misread)
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
                # Rows without any content are passed over, but counted, as spreadsheets count them.
                if all(is_empty(column[number - 1]) for column in table.values()):
                    continue
                told = {problem.field for problem in wrong}
                wrong = [*wrong, *(p for p in error.problems if p.field not in told)]
        if claim is None or wrong:
            problems += [replace(problem, row=number, file=file) for problem in wrong]
        else:
            rows.append(number)
            claims.append(claim)
    return list(map(Place._make, zip(rows, repeat(file), strict=False))), claims


def _take_out(
    table: Table, name: str, column: list[Any], misread: dict[int, list[Problem]]
) -> None:
    """Make problems of what could not be read, and leave it out, so that the rest is checked."""
    sources = table.get("source", ())
    for k, said in enumerate(column):
        if isinstance(said, Misread):
            source = name_in(sources[k]) if sources else ""
            column[k] = NOTHING[name]
            misread.setdefault(k + 1, []).append(
                Problem(
                    source=source,
                    field=name,
                    value=table[name][k],
                    wrong=said.wrong,
                    legal=said.legal,
                )
            )


def _extra(table: Table, names: list[str]) -> list[tuple[tuple[str, object], ...]]:
    """Cells of the columns that the library does not know, row by row."""
    rows = zip(*(table[name] for name in names), strict=True)
    return [
        tuple(
            (name, None if is_empty(cell) else cell)
            for name, cell in zip(names, cells, strict=True)
        )
        for cells in rows
    ]


def put_to_case(
    claims: Sequence[Claim],
    places: Sequence[Place],
    case: Case,
    tables: Sequence[Table],
    problems: list[Problem],
) -> ClaimSet | None:
    """Look at claims together; what is wrong is added to the problems, under its own place.

    Parameters
    ----------
    claims : sequence of Claim
        Those that could be read.
    places : sequence of Place
        Of these claims.
    case : Case
        What they are about.
    tables : sequence of dict
        Of all rows, also those that could not be read.
    problems : list of Problem
        More are appended.

    Returns
    -------
    ClaimSet or None
        None if the claims do not fit the case or each other.
    """
    try:
        return case.claim_set(claims)
    except ClaimError as error:
        problems += _numbered(error.problems, places, tables)
    return None


def _numbered(
    problems: Iterable[Problem], places: Sequence[Place], tables: Sequence[Table]
) -> Iterator[Problem]:
    """Problems that the readable rows have with the case, under their own row numbers."""
    named = {name_in(cell) for table in tables for cell in table.get("figure", ())}
    columns = [column for table in tables for column in table.values()]
    for problem in problems:
        if problem.row is not None:
            # A part that only an unreadable row names is not unknown.
            if not any(problem.wrong == unknown_in_sum(name) for name in named if name):
                place = places[problem.row - 1]
                yield replace(problem, row=place.row, file=place.file)
        elif problem.field != "claims" or all(map(is_empty, chain(*columns))):
            yield problem
