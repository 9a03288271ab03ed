"""Converting the cells of a table to values of the fields of a claim."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from reconcile._text import tidy
from reconcile.claims.claim import COLUMNS, Claim
from reconcile.claims.fields import DAYS, LAST_REPORT, NUMBERS, QUOTED

__all__ = [
    "DEFAULTS",
    "KNOWN_COLUMNS",
    "REQUIRED",
    "BadCell",
    "Table",
    "cell_text",
    "is_empty",
    "read_column",
]

REQUIRED: Final = ("figure", "kind", "source")
# Cells by column, of all rows.
type Table = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that could not be read: what is wrong, and what would be legal."""

    wrong: str
    legal: str


def read_column(name: str, cells: list[Any]) -> list[Any]:
    """Values of the cells of a column; the field's default where a cell is empty."""
    convert, default = _CONVERTERS[name], DEFAULTS[name]

    def read(cell: object) -> object:
        if is_empty(cell):
            return default
        try:
            return convert(cell)
        except ValueError as error:
            return BadCell(*error.args)

    # Each distinct cell is read once, unless equal cells may differ in type: 1 == True.
    one_type = set(map(type, cells)) - {type(None)} in ({str}, {float}, {int})
    if name in _SELDOM_REPEATED or not one_type:
        return list(map(read, cells))
    known = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return list(map(known.__getitem__, cells))


def is_empty(cell: object) -> bool:
    """Whether a cell is empty: None, blank text, or the missing value of any data frame."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if isinstance(cell, float):
        return math.isnan(cell)
    return type(cell).__name__ in ("NaTType", "NAType")


def cell_text(cell: object) -> str:
    """The cell as tidy text, "" if it is empty."""
    return "" if is_empty(cell) else tidy(str(cell))


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
    legal = "a number in digits with a decimal point, such as 40000 or 1.5"
    try:
        number = float(str(value).replace("_", "x"))
    except ValueError:
        has_digits = any(c.isdigit() for c in str(value))
        hint = ": it contains a thousands separator or words" if has_digits else ""
        raise ValueError(f"not a number{hint}", legal) from None
    if not math.isfinite(number):
        raise ValueError("not a finite number", legal)
    return number


def _date(value: object) -> dt.date:
    legal = "a date such as 2022-03-25 (year-month-day)"
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
    """Whether the text is a date, possibly with the time 00:00:00 that some programs append."""
    text = str(value).strip()
    return len(text) == 10 or text[10:] in ("T00:00:00", " 00:00:00")


def _text(value: object) -> str:
    if isinstance(value, str):
        return tidy(value)
    return _quoted(value)


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, numbers.Number):
        # Data frames turn integers into floats where cells are missing.
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value)) if whole else str(value)  # type: ignore[call-overload]
    raise ValueError("not text", "text")


def _since(value: object) -> dt.date | str:
    return LAST_REPORT if tidy(str(value)).lower() == LAST_REPORT else _date(value)


_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(COLUMNS, _text),
    **dict.fromkeys(QUOTED, _quoted),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(DAYS, _date),
    "since": _since,
}
# Values for empty cells; a missing required value is reported when the claim is made.
DEFAULTS: Final[dict[str, Any]] = {
    field.name: "" if field.name in REQUIRED else field.default
    for field in fields(Claim)
    if field.name in COLUMNS
}
_SELDOM_REPEATED: Final = frozenset(QUOTED)
KNOWN_COLUMNS: Final = frozenset(_CONVERTERS)
