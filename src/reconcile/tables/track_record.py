"""The track record: past cases whose true values became known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.claims.percent import is_percent
from reconcile.errors import ClaimError, Problem
from reconcile.tables.case_toml import Case
from reconcile.tables.cells import Table, cell_text, read_column
from reconcile.tables.loaders import read_csv, read_truths
from reconcile.tables.rows import Location, parse_rows, validate_claims

__all__ = ["SHIPPED", "track_record"]

# Package data: cases.csv, claims.csv and truth.csv.
SHIPPED: Final = Path(__file__).parents[1] / "data" / "track_record"
# Columns beyond those of the claim table.
_COLUMNS: Final = ("case", "subject", "sureness", "forecast", "cite")
_GRADES: Final = ("A", "B", "C")
type _Located = tuple[Location, Claim]
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
        Whether to include claims and truths recorded from memory and not checked against a
        document. Without them, a case whose truths are all from memory has no truth.
    forecasts : bool, default False
        Whether to include forecasts, conditional scenarios and predictions.
    grade : {"A", "B", "C"}, optional
        Lowest grade of truth to include, ignoring pluses and minuses: A is settled, C is disputed.
        By default all cases are included, even those without a known truth.
    folder : str or pathlib.Path, optional
        Folder of another track record with the same three files. Defaults to the one that comes
        with the library.

    Returns
    -------
    dict of str to ClaimSet
        By case name, in the order of the table. Truths are claims of kind ``truth`` and come last.
        The figures of a case have scale ``share`` if one of its claims says so in the column
        ``scale``, or if its unit is percent, no claim says ``linear`` and no number is outside 0 to
        100; and scale ``linear`` if a claim says so, if one of its numbers is negative or one of
        its truths zero, or if percentages are above 100.
        ``extra`` of a claim holds ``case``, ``subject``, ``sureness``, ``forecast`` and ``cite``. A
        case with no claims left is omitted.

    Raises
    ------
    ClaimError
        If anything in the tables is wrong; it lists every bad row and its file.
    ValueError
        If the grade is unknown.
    FileNotFoundError
        If one of the three files is missing.

    Notes
    -----
    Three columns are coded for every claim, by rules that do not depend on the truth.

    ``population`` is whose people or things are counted; it is empty if a case has no sides.
    ``figure`` names what is counted, with its date or location if a case has several.

    ``subject`` classifies the number: ``fighters`` (armed forces: dead, wounded, prisoners,
    materiel lost), ``victims`` (civilians, counts that mix civilians and fighters, people said to
    have been killed by an enemy, hostages), ``strength`` (troops, production), ``success`` (of a
    weapon), ``rescued``, ``toll`` (of a disaster, accident or disease, or of an attack on the
    public that authorities merely count), ``attendance``, ``spill``, ``constant`` (a measured
    constant).

    ``interest`` follows from role and subject alone; only the roles ``own`` and ``enemy`` have one.
    For fighters and strength, the own side wants the number low and the enemy wants it high; for
    victims, success and attendance, the reverse; for people rescued, the own side wants it high;
    for a toll, an enemy wants it high; for a spill, the liable party wants it low and its
    opponents high; for a constant, there is none.

    The cases were selected because claims disagreed, so errors are more common here than usual.

    Examples
    --------
    >>> import reconcile as rc
    >>> cases = rc.track_record()
    >>> jutland = cases["jutland_1916"]
    >>> jutland.setting, jutland.populations, len(jutland)
    ('war', ('Germany', 'Britain'), 9)
    """
    if grade is not None and grade not in _GRADES:
        raise ValueError(f"grade={grade!r} must be {', '.join(_GRADES)}")
    home = SHIPPED if folder is None else Path(folder)
    cases, problems = _cases(home / "cases.csv")
    table, wrong = read_csv(home / "claims.csv", file="claims.csv")
    truths, more = read_truths(home / "truth.csv")
    problems += [*wrong, *more]
    percent = {
        name
        for name, (_, row) in cases.items()
        if any(is_percent(unit) for _, unit in _units(_cell(row, "unit")))
    }
    scales = dict.fromkeys(percent, "share")
    scales |= dict.fromkeys(_linear_cases(percent, table, truths), "linear")
    scales |= dict.fromkeys(_share_cases(table), "share")
    for part in (table, truths):
        part["scale"] = _scales(part, scales)
    read = (
        parse_rows(table, problems, file="claims.csv"),
        parse_rows(truths, problems, file="truth.csv"),
    )
    located = _with_same_columns([pair for both in read for pair in zip(*both, strict=True)])
    by_case: dict[str, list[_Located]] = {name: [] for name in cases}
    for location, claim in located:
        name = _extra_value(claim, "case")
        if name in by_case:
            by_case[name].append((location, claim))
        else:
            problems.append(_no_such_case(location, claim, name))
    found = {}
    for name, (number, row) in cases.items():
        taken = [x for x in by_case[name] if _is_included(x[1], memory=memory, forecasts=forecasts)]
        if not _is_good_enough(_cell(row, "truth_grade"), grade) or not any(
            not claim.is_truth for _, claim in taken
        ):
            continue
        unfit: list[Problem] = []
        claimed, locations = [claim for _, claim in taken], [location for location, _ in taken]
        case = _case(row, claimed, scale=scales.get(name, "log"))
        claims = validate_claims(claimed, locations, case, (table, truths), unfit)
        problems += [p if p.row else replace(p, row=number, file="cases.csv") for p in unfit]
        if claims is not None:
            found[name] = claims
    if problems:
        raise ClaimError(problems)
    return found


def _cases(path: Path) -> tuple[dict[str, tuple[int, Row]], list[Problem]]:
    """Row number and cells of every case, by name."""
    table, problems = read_csv(path, file=path.name, required=("case", "setting"))
    cases: dict[str, tuple[int, Row]] = {}
    for number, cells in enumerate(zip(*table.values(), strict=True), start=1):
        row = dict(zip(table, cells, strict=True))
        name = _cell(row, "case")
        if name and name not in cases:
            cases[name] = number, row
        elif any(row.values()):
            wrong = "duplicate case name" if name else "a case needs a name"
            problems.append(
                Problem(
                    field="case",
                    value=name,
                    wrong=wrong,
                    legal="a unique name for each case",
                    row=number,
                    file=path.name,
                )
            )
    return cases, problems


def _cell(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()


def _extra_value(claim: Claim, name: str) -> str:
    """A claim's cell in a column beyond those of the claim table."""
    return str(dict(claim.extra).get(name) or "").strip()


def _with_same_columns(located: list[_Located]) -> list[_Located]:
    """Give claims and truths the same extra columns, so that they form one table."""
    columns = dict.fromkeys([*_COLUMNS, *(name for _, claim in located for name, _ in claim.extra)])
    return [
        (location, replace(claim, extra=tuple((columns | dict(claim.extra)).items())))
        for location, claim in located
    ]


def _no_such_case(location: Location, claim: Claim, name: str) -> Problem:
    return Problem(
        field="case",
        value=name,
        wrong="unknown case" if name else "a row needs a case",
        legal="a name in the column case of cases.csv",
        row=location.row,
        source=claim.source,
        file=location.file,
    )


def _is_included(claim: Claim, *, memory: bool, forecasts: bool) -> bool:
    return (memory or _extra_value(claim, "sureness") != "memory") and (
        forecasts or _extra_value(claim, "forecast") != "yes"
    )


def _is_good_enough(grade: str, worst: str | None) -> bool:
    """Whether a grade such as ``A-`` is at least as good as ``worst``; an unknown one never is."""
    return worst is None or (grade[:1] in _GRADES and grade[:1] <= worst)


def _linear_cases(percent: Set[str], *tables: Table) -> set[str]:
    """Cases of numbers below zero, truths of zero, percentages above 100, or that say so."""
    found: set[str] = set()
    for table in (table for table in tables if "case" in table):
        none = [None] * len(table["case"])
        words = [map(cell_text, table.get(name, none)) for name in ("kind", "scale")]
        numbers = [read_column(name, table.get(name, none)) for name in ("value", "low", "high")]
        rows = zip(table["case"], *words, *numbers, strict=True)
        for case, kind, scale, value, low, high in rows:
            # On the log scale a range may reach below zero, not its best value or its upper end.
            ends = (value, low, high) if kind == "truth" else (value, high)
            told = [x for x in ends if isinstance(x, float)]
            name = str(case or "").strip()
            stated = scale == "linear" and (kind != "interval" or name in percent)
            if name in percent:
                off = any(not 0 <= x <= 100 for x in told[: 1 if kind == "interval" else 3])
            else:
                off = any(x < 0 or (x == 0 and kind == "truth") for x in told)
            if stated or off:
                found.add(name)
    return found


def _share_cases(table: Table) -> set[str]:
    """Cases with a claim that says so."""
    cells = zip(table.get("case", ()), table.get("scale", ()), strict=False)
    return {str(case or "").strip() for case, scale in cells if cell_text(scale) == "share"}


def _scales(table: Table, scales: Mapping[str, str]) -> list[str]:
    """Scale of each row; rows without a number have none."""
    cases = table.get("case", [])
    given = table.get("scale", [""] * len(cases))
    return [
        scales.get(str(case or "").strip(), str(scale or ""))
        for case, scale in zip(cases, given, strict=True)
    ]


def _case(row: Row, claims: list[Claim], *, scale: str) -> Case:
    """The case of a row; its figures do not accrue."""
    units = dict(_units(_cell(row, "unit")))
    names = dict.fromkeys(part for claim in claims for part in claim.parts)
    return Case(
        title=_cell(row, "title"),
        setting=_cell(row, "setting"),
        start=_cell(row, "start") or None,
        end=_cell(row, "end") or None,
        figures=tuple(
            Figure(name=name, unit=units.get(name, units.get("", "")), accrues=False, scale=scale)
            for name in names
        ),
    )


def _units(cell: str) -> Iterator[tuple[str, str]]:
    """Figure and unit pairs of ``height: m; area: km2``; ``persons`` is the unit of all."""
    for piece in cell.split(";"):
        name, _, unit = piece.rpartition(":")
        yield name.strip(), unit.strip()
