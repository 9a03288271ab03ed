"""Static names of the fields that every constructor of a claim takes."""

from __future__ import annotations

import datetime as dt
from typing import Required, TypedDict

__all__ = ["ClaimFields"]


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
