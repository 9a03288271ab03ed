"""Cells of a table as what the fields of a claim hold."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from reconcile.claims.claim import COLUMNS, Claim
from reconcile.claims.fields import LAST_REPORT

__all__ = [
    "DATES",
    "KNOWN",
    "NOTHING",
    "NUMBERS",
    "REQUIRED",
    "Misread",
    "Table",
    "column_of",
    "is_empty",
    "name_in",
]

NUMBERS: Final = ("value", "low", "high", "coverage")
DATES: Final = ("date", "since", "said")
REQUIRED: Final = ("figure", "kind", "source")
# Cells by column, of all rows.
type Table = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Misread:
    """What is wrong with a cell, and what would be legal."""

    wrong: str
    legal: str


def column_of(name: str, cells: list[Any]) -> list[Any]:
    """What the cells of a column say; where nothing stands, what a claim has without it."""
    read, nothing = _READERS[name], NOTHING[name]

    def said(cell: object) -> object:
        if is_empty(cell):
            return nothing
        try:
            return read(cell)
        except ValueError as error:
            return Misread(*error.args)

    # Of cells of one type, those that are equal say the same: a claim says 1 and not True.
    if name in _SELDOM_REPEATED or not _are_of_one_type(cells):
        return list(map(said, cells))
    known = {cell: said(cell) for cell in dict.fromkeys(cells)}
    return list(map(known.__getitem__, cells))


def _are_of_one_type(cells: list[Any]) -> bool:
    return set(map(type, cells)) - {type(None)} in ({str}, {float}, {int})


def is_empty(cell: object) -> bool:
    """Whether a cell holds nothing, as any kind of data frame writes it."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if isinstance(cell, float):
        return math.isnan(cell)
    return type(cell).__name__ in ("NaTType", "NAType")


def name_in(cell: object) -> str:
    """The name that a cell holds; empty where it holds nothing."""
    return "" if is_empty(cell) else str(cell).strip()


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
        raise ValueError("not a date", legal) from None


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
    raise ValueError("not text", "text")


def _since(value: object) -> dt.date | str:
    return LAST_REPORT if str(value).strip().lower() == LAST_REPORT else _date(value)


# How the cells of each column are read.
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(COLUMNS, _text),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(DATES, _date),
    "since": _since,
}
# What a claim has where a cell is empty; what it must have is found missing when it is made.
NOTHING: Final[dict[str, Any]] = {
    field.name: "" if field.name in REQUIRED else field.default
    for field in fields(Claim)
    if field.name in COLUMNS
}
# Columns in which the same cell hardly ever stands twice.
_SELDOM_REPEATED: Final = frozenset({"quote", "url", "note"})
# Columns that the library knows.
KNOWN: Final = frozenset(_READERS)
