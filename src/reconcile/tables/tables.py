"""Reading and writing tables of claims: CSV files, case folders and data frames."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from reconcile.claims.bulk import without_collection
from reconcile.claims.claim import COLUMNS
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.fields import DAYS, NUMBERS
from reconcile.claims.serialise import claim_rows
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.kind import WITH_ZERO
from reconcile.tables.atomic_write import write_text
from reconcile.tables.case_toml import Case, read_case, write_case
from reconcile.tables.cells import Table, cell_text, is_empty
from reconcile.tables.loaders import read_csv, read_frame, read_truths
from reconcile.tables.rows import parse_rows, validate_claims

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

__all__ = ["read_claims", "to_frame", "write_claims"]

_TRUTHS: Final = "truth.csv"


def read_claims(
    data: str | Path | IntoDataFrame, *, case: str | Path | Mapping[str, object] | None = None
) -> ClaimSet:
    """Read claims from a CSV file, a folder, or a data frame.

    Parameters
    ----------
    data : str, pathlib.Path or data frame
        A CSV file (UTF-8, comma-separated, with a header); a folder with ``claims.csv`` and,
        optionally, ``case.toml`` and ``truth.csv`` (the true values, with the same columns except
        ``kind``); or any data frame that narwhals supports (pandas, polars, pyarrow and others).
        It is not modified.
    case : str, pathlib.Path or mapping, optional
        A ``case.toml`` file or a mapping of the same form. Defaults to the one in the folder.

    Returns
    -------
    ClaimSet

    Raises
    ------
    ClaimError
        If anything is wrong; it lists the row, source, field, value and what is legal for each
        problem.
    FileNotFoundError
        If the file does not exist.

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
    with without_collection():
        return _read(data, case)


def _read(
    data: str | Path | IntoDataFrame, case: str | Path | Mapping[str, object] | None
) -> ClaimSet:
    folder = Path(data) if isinstance(data, str | Path) and Path(data).is_dir() else None
    truths: Table = {}
    problems: list[Problem] = []
    if folder is not None:
        if case is None and (folder / "case.toml").exists():
            case = folder / "case.toml"
        table, problems = read_csv(folder / "claims.csv")
        if (folder / _TRUTHS).exists():
            truths, wrong = read_truths(folder / _TRUTHS)
            problems += wrong
    elif isinstance(data, str | Path):
        table, problems = read_csv(Path(data))
    else:
        table = read_frame(data)
    known = None
    try:
        known = read_case(case)
    except ClaimError as error:
        problems += error.problems
    else:
        table, truths = (_with_scale(known, each) for each in (table, truths))
    locations, claims = parse_rows(table, problems)
    more_locations, more_claims = parse_rows(truths, problems, file=_TRUTHS)
    if known is not None:
        found = validate_claims(
            claims + more_claims, locations + more_locations, known, (table, truths), problems
        )
        if found is not None and not problems:
            return found
    raise ClaimError(problems)


def _with_scale(case: Case, table: Table) -> Table:
    """Mark the rows of figures that the case declares linear, or shares."""
    declared = {f.name: f.scale for f in case.figures if f.scale in WITH_ZERO}
    if not declared or not table:
        return table
    names = list(map(cell_text, table["figure"]))
    scales = table.get("scale", [None] * len(names))
    return table | {
        "scale": [
            declared.get(name, cell) if is_empty(cell) else cell
            for name, cell in zip(names, scales, strict=True)
        ]
    }


def to_frame(
    claims: ClaimSet, *, backend: Literal["pandas", "polars", "pyarrow"] = "pandas"
) -> Any:
    """Claims as a data frame that :func:`read_claims` reads back without loss.

    Parameters
    ----------
    claims : ClaimSet
        The claims.
    backend : {"pandas", "polars", "pyarrow"}
        Library of the data frame, which must be installed.

    Returns
    -------
    data frame
        One row per claim, with the columns of the claim table followed by any extra ones.

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
    types = {name: nw.Float64() for name in NUMBERS} | {name: nw.Date() for name in DAYS}
    if backend == "pandas":
        import pandas as pd

        # Dates stay Python objects: pandas has no date type.
        return pd.DataFrame(
            {
                name: pd.Series(cells, dtype="float64" if name in NUMBERS else "object")
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
        The claims.
    folder : str or pathlib.Path
        Created if missing. Each file is replaced atomically.

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
    lines = _Lines()
    # Before Python 3.13, carriage returns in cells are quoted only if lines end with one.
    writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows([{name: _cell(value) for name, value in row.items()} for row in rows])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    write_text(target / "claims.csv", "".join(f"{line.removesuffix('\r\n')}\n" for line in lines))
    write_text(target / "case.toml", write_case(claims))
    return target


class _Lines(list[str]):
    """What a CSV writer writes, row by row."""

    def write(self, line: str) -> None:
        self.append(line)


def _cell(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
