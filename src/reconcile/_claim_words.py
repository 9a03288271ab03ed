"""The words that the columns of the claim table may hold."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconcile.kinds.registry import KINDS as _KINDS

__all__ = ["INTERESTS", "KINDS", "LAST_REPORT", "PERS", "SCALES", "STATUSES", "TEXTS"]

KINDS: Final = tuple(_KINDS)
STATUSES: Final = ("standing", "revised", "withdrawn")
INTERESTS: Final = ("low", "high", "none")
SCALES: Final = ("log", "linear")
# Days in each unit of time that a rate may be stated in.
PERS: Final = MappingProxyType({"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25})
# What stands in ``since`` where a claim counts from the one before it.
LAST_REPORT: Final = "last report"

TEXTS: Final = (
    "figure",
    "population",
    "kind",
    "words",
    "scale",
    "per",
    "source",
    "role",
    "interest",
    "origin",
    "status",
    "quote",
    "url",
    "note",
)
