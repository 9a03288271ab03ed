"""The claims of Radford et al. 2023 on losses in the first year of the war in Ukraine."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reconcile._text import few_of, one_of
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.claims.source import Source
from reconcile.errors import ClaimError, Problem
from reconcile.tables.loaders import csv_rows

__all__ = ["read_radford2023"]

_COLUMNS: Final = (
    *("days", "loss_count", "claim_source", "time_frame", "loss_country", "minimum", "maximum"),
    "category",
)
_DAY_ZERO: Final = dt.date(2022, 2, 23)
_LAST_DAY: Final = 365
_POPULATIONS: Final = ("Russia", "Ukraine")
_TIME_FRAMES: Final = ("Cumulative", "Day")
_THIRD: Final = MappingProxyType({"Russia": "third", "Ukraine": "third"})
_ROLES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "UA Source": MappingProxyType({"Ukraine": "own", "Russia": "enemy"}),
        "RU Source": MappingProxyType({"Russia": "own", "Ukraine": "enemy"}),
        "US Source": _THIRD,
        "GB Source": _THIRD,
        "United Nations": _THIRD,
        "OSI": _THIRD,
        "Other": _THIRD,
    }
)


def read_radford2023(
    path: str | Path,
    *,
    figures: Iterable[str] | None = None,
    populations: Iterable[str] | None = None,
) -> ClaimSet:
    """Read the loss claims of Radford et al. 2023, as their replication archive has them.

    Parameters
    ----------
    path : str or pathlib.Path
        The file ``data/replication-data-pnas.csv`` of the GitHub repository
        ``benradford/estimating-conflict-losses`` (MIT licence). It is not part of this library.
    figures : iterable of str, optional
        Categories to keep, such as ``["Tanks", "Military Deaths"]``; all by default.
    populations : iterable of str, optional
        Countries whose losses to keep: ``"Russia"``, ``"Ukraine"``, or both by default.

    Returns
    -------
    ClaimSet
        One claim per selected row, in the order of the file; setting ``war``, start 2022-02-24,
        end 2023-02-23. Every figure is a running total.

    Raises
    ------
    ClaimError
        If columns are missing, or if a row cannot be read, is both a minimum and a maximum, or has
        a source, country or time frame that the published file does not contain; all problems are
        listed, by row. Also if a figure or population is unknown, or no claim is left.
    FileNotFoundError
        If the file does not exist.

    Notes
    -----
    How the columns are read:

    ``category``, ``loss_country``, ``claim_source``
        Figure, population, source. Ukrainian (``UA Source``) and Russian sources (``RU Source``)
        are ``own`` to the losses of their side and ``enemy`` to those of the other. All others
        are ``third``: ``US Source``, ``GB Source``, ``United Nations``, ``OSI`` (open-source
        investigators) and ``Other``. Each of the seven covers many speakers. ``interest`` is left
        empty.
    ``days``
        The date: day 1 is 2022-02-24. A figure repeated later (such as the 1,351 Russian dead of
        2022-03-25) appears again on each later day.
    ``time_frame``
        ``Day``: the losses of that day alone, so ``since`` is the date. ``Cumulative``: the total
        since the start. A few rows marked ``Day`` in fact repeat the total to date; they are read
        as marked.
    ``loss_count``, ``minimum``, ``maximum``
        The number: ``at_least`` if it is a minimum, ``at_most`` if a maximum, else a ``point``. A
        range is two rows in the file and becomes two claims.

    Nothing is corrected and no repetition is dropped. No figure is declared part of another:
    ``Military Casualties`` sometimes means killed and wounded, and sometimes includes captured and
    missing, which have no category of their own.

    References
    ----------
    .. [1] Radford, B. J., Dai, Y., Stoehr, N., Schein, A., Fernandez, M. and Sajid, H. (2023).
       Estimating conflict losses and reporting biases. Proceedings of the National Academy of
       Sciences 120(34), e2307372120. https://doi.org/10.1073/pnas.2307372120

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import reconcile as rc
    >>> text = '''days,loss_count,claim_source,time_frame,loss_country,minimum,maximum,category
    ... 3,102,UA Source,Day,Russia,0,0,Tanks
    ... 40,400,OSI,Cumulative,Russia,1,0,Tanks
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "replication-data-pnas.csv"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     claims = rc.read_radford2023(file, figures=["Tanks"])
    >>> [(claim.kind, claim.value, str(claim.since)) for claim in claims]
    [('point', 102.0, '2022-02-26'), ('at_least', 400.0, 'None')]
    """
    valid: list[Mapping[str, str]] = []
    problems: list[Problem] = []
    for row, cells in enumerate(_rows(Path(path)), start=1):
        found = list(_row_problems(cells, row))
        problems += found
        if not found:
            valid.append(cells)
    if problems:
        raise ClaimError(problems)
    known = tuple(dict.fromkeys(cells["category"] for cells in valid))
    wanted_figures = _wanted(figures, known, "figures")
    wanted_populations = _wanted(populations, _POPULATIONS, "populations")
    claims = [
        _claim(cells)
        for cells in valid
        if cells["category"] in wanted_figures and cells["loss_country"] in wanted_populations
    ]
    names = dict.fromkeys(claim.figure for claim in claims)
    sources = dict.fromkeys(claim.source for claim in claims)
    return ClaimSet(
        claims,
        figures=[Figure(name=name, accrues=True, civilians="Civilian" in name) for name in names],
        sources=[Source(name=name, roles=_ROLES[name]) for name in sources],
        setting="war",
        title="Losses in the first year of Russia's invasion of Ukraine",
        start=_DAY_ZERO + dt.timedelta(days=1),
        end=_DAY_ZERO + dt.timedelta(days=_LAST_DAY),
    )


def _claim(cells: Mapping[str, str]) -> Claim:
    """The claim of a valid row."""
    is_minimum, is_maximum = float(cells["minimum"]) == 1, float(cells["maximum"]) == 1
    day = _DAY_ZERO + dt.timedelta(days=int(float(cells["days"])))
    return Claim(
        figure=cells["category"],
        population=cells["loss_country"],
        kind="at_least" if is_minimum else "at_most" if is_maximum else "point",
        value=float(cells["loss_count"]),
        date=day,
        since=day if cells["time_frame"] == "Day" else None,
        source=cells["claim_source"],
    )


def _wanted(names: Iterable[str] | None, known: Iterable[str], field: str) -> frozenset[str]:
    """The requested names, each of which must be known; all by default."""
    if names is None:
        return frozenset(known)
    asked = (names,) if isinstance(names, str) else tuple(names)
    unknown = [
        Problem(field=field, value=name, wrong="not in the file", legal=one_of(known, name))
        for name in asked
        if name not in known
    ]
    if unknown:
        raise ClaimError(unknown)
    return frozenset(asked)


def _row_problems(cells: Mapping[str, str], row: int) -> Iterator[Problem]:
    """Everything wrong with one row."""
    source = cells["claim_source"]

    def problem(field: str, wrong: str, legal: str) -> Problem:
        value = cells[field]
        return Problem(row=row, source=source, field=field, value=value, wrong=wrong, legal=legal)

    for field, legal in (
        ("claim_source", tuple(_ROLES)),
        ("time_frame", _TIME_FRAMES),
        ("loss_country", _POPULATIONS),
    ):
        if cells[field] not in legal:
            yield problem(field, f"unknown {field}", one_of(legal, cells[field]))
    if not cells["category"]:
        yield problem("category", "a row needs a category", "what was lost, such as Tanks")
    day = _number(cells["days"])
    if day is None or not day.is_integer() or not 1 <= day <= _LAST_DAY:
        yield problem("days", "not a day of the first year", f"a whole number, 1 to {_LAST_DAY}")
    count = _number(cells["loss_count"])
    if count is None or count < 0:
        yield problem("loss_count", "not a count", "a number of at least 0")
    flags = {name: _number(cells[name]) for name in ("minimum", "maximum")}
    for name, flag in flags.items():
        if flag not in (0, 1):
            yield problem(name, "neither 0 nor 1", f"1 if the number is a {name}, else 0")
    if flags["minimum"] == flags["maximum"] == 1:
        yield problem("minimum", "both a minimum and a maximum", "one of them, or neither")


def _number(text: str) -> float | None:
    """A finite number, or None."""
    try:
        number = float(text.replace("_", "x"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Cells of every row by column, after checking the header."""
    legal = "data/replication-data-pnas.csv of benradford/estimating-conflict-losses"
    header, rows = csv_rows(path, legal=legal)
    missing = [
        Problem(
            field=name,
            value=None,
            wrong=f"the table has no column {name!r}; its columns are: {few_of(header)}",
            legal=f"the columns of the published file: {', '.join(_COLUMNS)}",
        )
        for name in _COLUMNS
        if name not in header
    ]
    if missing:
        raise ClaimError(missing)
    # The missing cells of a short row are reported one by one.
    blank = dict.fromkeys(_COLUMNS, "")
    for cells in rows:
        yield blank | {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
