"""The track record: past cases in which the truth became known, as sets of claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.errors import ClaimError, Problem
from reconcile.tables.case_toml import Case
from reconcile.tables.loaders import csv_table, truth_table
from reconcile.tables.rows import Place, claims_of, put_to_case

__all__ = ["SHIPPED", "track_record"]

# Package data: cases.csv, claims.csv and truth.csv.
SHIPPED: Final = Path(__file__).parents[1] / "data" / "track_record"
# Beside the columns of the claim table.
_COLUMNS: Final = ("case", "subject", "sureness", "forecast", "cite")
_GRADES: Final = ("A", "B", "C")
type _Placed = tuple[Place, Claim]
type Row = dict[str, str]


def track_record(
    *,
    memory: bool = False,
    forecasts: bool = False,
    grade: Literal["A", "B", "C"] | None = None,
    folder: str | Path | None = None,
) -> dict[str, ClaimSet]:
    """Past cases with their claims and, where it became known, the truth.

    Parameters
    ----------
    memory : bool, default False
        Whether to take claims and truths that were written from memory and not checked against
        a document. A case whose truths are all from memory has none without them.
    forecasts : bool, default False
        Whether to take forecasts, conditional scenarios and predictions.
    grade : {"A", "B", "C"}, optional
        Worst grade of truth to take, pluses and minuses aside: A is settled, C is disputed. By
        default all cases, also those whose truth nobody knows.
    folder : str or pathlib.Path, optional
        A table of one's own with the same three files; the shipped one if not given.

    Returns
    -------
    dict of str to ClaimSet
        By the name of the case, in the order of the table. Truths are claims of kind ``truth``,
        behind the others. ``extra`` of a claim holds ``case``, ``subject``, ``sureness``,
        ``forecast`` and ``cite``. A case without any claim left is left out.

    Raises
    ------
    ClaimError
        If anything in the table is wrong, with every bad row and its file.
    ValueError
        If there is no such grade.
    FileNotFoundError
        If one of the three files is missing.

    Notes
    -----
    Three columns are coded for every claim by a rule that does not look at the truth.

    ``population`` is whose people or things are counted; it is empty where a case has no sides.
    ``figure`` names what is counted, with its day or place where a case has several.

    ``subject`` is what kind of number it is: ``fighters`` (armed forces: dead, wounded, prisoners,
    materiel lost), ``victims`` (civilians, counts in which civilians and fighters are mixed,
    people said to have been killed by an enemy's act, hostages), ``strength`` (troops,
    production), ``success`` (of a weapon), ``rescued``, ``toll`` (disaster, accident, disease, or
    an attack on the public where authorities only count), ``attendance``, ``spill``,
    ``constant`` (a measured constant).

    ``interest`` follows from role and subject alone. Roles other than ``own`` and ``enemy`` have
    none. Of fighters and strength, the own side wants the number low and the enemy high; of
    victims, success and attendance, the own side high and the enemy low; of people rescued, the
    own side high; of a toll, an enemy high; of a spill, the liable party low and its opponents
    high; of a constant, nobody wants anything.

    The cases were chosen because claims differed, so errors are more common here than elsewhere.

    Examples
    --------
    >>> import reconcile as rc
    >>> cases = rc.track_record()
    >>> jutland = cases["jutland_1916"]
    >>> jutland.setting, jutland.populations, len(jutland)
    ('war', ('Germany', 'Britain'), 9)
    """
    if grade is not None and grade not in _GRADES:
        raise ValueError(f"grade={grade!r}; there are: {', '.join(_GRADES)}")
    home = SHIPPED if folder is None else Path(folder)
    cases, problems = _cases(home / "cases.csv")
    table, wrong = csv_table(home / "claims.csv", file="claims.csv")
    truths, more = truth_table(home / "truth.csv")
    problems += [*wrong, *more]
    read = (
        claims_of(table, problems, file="claims.csv"),
        claims_of(truths, problems, file="truth.csv"),
    )
    placed = _with_same_columns([pair for both in read for pair in zip(*both, strict=True)])
    by_case: dict[str, list[_Placed]] = {name: [] for name in cases}
    for place, claim in placed:
        name = _told(claim, "case")
        if name in by_case:
            by_case[name].append((place, claim))
        else:
            problems.append(_no_such_case(place, claim, name))
    found = {}
    for name, (number, row) in cases.items():
        taken = [x for x in by_case[name] if _is_taken(x[1], memory=memory, forecasts=forecasts)]
        if not _is_good_enough(_cell(row, "truth_grade"), grade) or not any(
            not claim.is_truth for _, claim in taken
        ):
            continue
        unfit: list[Problem] = []
        said, places = [claim for _, claim in taken], [place for place, _ in taken]
        claims = put_to_case(said, places, _case(row, said), (table, truths), unfit)
        problems += [p if p.row else replace(p, row=number, file="cases.csv") for p in unfit]
        if claims is not None:
            found[name] = claims
    if problems:
        raise ClaimError(problems)
    return found


def _cases(path: Path) -> tuple[dict[str, tuple[int, Row]], list[Problem]]:
    """Rows of the cases, with their numbers, by name."""
    table, problems = csv_table(path, file=path.name, required=("case", "setting"))
    cases: dict[str, tuple[int, Row]] = {}
    for number, cells in enumerate(zip(*table.values(), strict=True), start=1):
        row = dict(zip(table, cells, strict=True))
        name = _cell(row, "case")
        if name and name not in cases:
            cases[name] = number, row
        elif any(row.values()):
            wrong = "a case twice" if name else "a case needs a name"
            problems.append(
                Problem(
                    field="case",
                    value=name,
                    wrong=wrong,
                    legal="a name of its own for every case",
                    row=number,
                    file=path.name,
                )
            )
    return cases, problems


def _cell(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()


def _told(claim: Claim, name: str) -> str:
    """A column that only the track record has."""
    return str(dict(claim.extra).get(name) or "").strip()


def _with_same_columns(placed: list[_Placed]) -> list[_Placed]:
    """Claims and truths with the same further columns, so that they make one table."""
    columns = dict.fromkeys([*_COLUMNS, *(name for _, claim in placed for name, _ in claim.extra)])
    return [
        (place, replace(claim, extra=tuple((columns | dict(claim.extra)).items())))
        for place, claim in placed
    ]


def _no_such_case(place: Place, claim: Claim, name: str) -> Problem:
    return Problem(
        field="case",
        value=name,
        wrong="not among the cases" if name else "a row needs its case",
        legal="a name in the column case of cases.csv",
        row=place.row,
        source=claim.source,
        file=place.file,
    )


def _is_taken(claim: Claim, *, memory: bool, forecasts: bool) -> bool:
    return (memory or _told(claim, "sureness") != "memory") and (
        forecasts or _told(claim, "forecast") != "yes"
    )


def _is_good_enough(given: str, worst: str | None) -> bool:
    """Whether a grade such as ``A-`` is at least as good; one that is no letter never is."""
    return worst is None or (given[:1] in _GRADES and given[:1] <= worst)


def _case(row: Row, claims: list[Claim]) -> Case:
    """What a row of the cases says; its figures are numbers as of one day."""
    units = dict(_units(_cell(row, "unit")))
    names = dict.fromkeys(part for claim in claims for part in claim.parts)
    return Case(
        title=_cell(row, "title"),
        setting=_cell(row, "setting"),
        start=_cell(row, "start") or None,
        end=_cell(row, "end") or None,
        figures=tuple(
            Figure(name=name, unit=units.get(name, units.get("", "")), accrues=False)
            for name in names
        ),
    )


def _units(cell: str) -> Iterator[tuple[str, str]]:
    """``persons`` is the unit of every figure; ``height: m; area: km2`` are those of two."""
    for piece in cell.split(";"):
        name, _, unit = piece.rpartition(":")
        yield name.strip(), unit.strip()
