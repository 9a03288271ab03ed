"""Fields of a claim: their names, their legal values, and their normal form."""

from __future__ import annotations

import datetime as dt
import numbers
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, Required, TypedDict

from reconcile._text import tidy
from reconcile.kinds.registry import KINDS as _KINDS

__all__ = [
    "DAYS",
    "INTERESTS",
    "KINDS",
    "LAST_REPORT",
    "NUMBERS",
    "PERS",
    "QUOTED",
    "SCALES",
    "STATUSES",
    "TEXTS",
    "ClaimFields",
    "normalise",
]

KINDS: Final = tuple(_KINDS)
STATUSES: Final = ("standing", "revised", "withdrawn")
INTERESTS: Final = ("low", "high", "none")
SCALES: Final = ("log", "linear", "share")
# Days in each unit of time that a rate may be stated in.
PERS: Final = MappingProxyType({"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25})
# The value of ``since`` of a claim that counts from the one before it.
LAST_REPORT: Final = "last report"
TEXTS: Final = (
    *("figure", "population", "kind", "words", "scale", "per", "source", "role", "interest"),
    *("origin", "status", "quote", "url", "note"),
)
# Texts that are kept as they were written.
QUOTED: Final = ("quote", "url", "note")
DAYS: Final = ("date", "since", "said")
NUMBERS: Final = ("value", "low", "high", "coverage")
# One call for many fields, since a million claims may pass here.
_texts, _days, _numbers = (attrgetter(*names) for names in (TEXTS, DAYS, NUMBERS))


def normalise(claim: Any) -> None:
    """Tidy texts, parse ISO dates, convert real numbers to floats; leave the rest."""
    for name, text in zip(TEXTS, _texts(claim), strict=True):
        if isinstance(text, str):
            kept = text.strip() if name in QUOTED else tidy(text)
            object.__setattr__(claim, name, kept)
    for name, day in zip(DAYS, _days(claim), strict=True):
        if not isinstance(day, str):
            continue
        if name == "since" and tidy(day).lower() == LAST_REPORT:
            object.__setattr__(claim, name, LAST_REPORT)
            continue
        try:
            object.__setattr__(claim, name, dt.date.fromisoformat(day))
        except ValueError:
            continue
    for name, number in zip(NUMBERS, _numbers(claim), strict=True):
        if number is None or type(number) is float:
            continue
        if isinstance(number, numbers.Real) and not isinstance(number, bool):
            object.__setattr__(claim, name, float(number))


class ClaimFields(TypedDict, total=False):
    """Fields of a claim that do not depend on its kind."""

    figure: Required[str]
    source: Required[str]
    population: str
    date: dt.date | str | None
    since: dt.date | str | None
    said: dt.date | str | None
    scale: str
    per: str
    role: str
    interest: str
    origin: str
    status: str
    quote: str
    url: str
    note: str
    extra: tuple[tuple[str, object], ...]
