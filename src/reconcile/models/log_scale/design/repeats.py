"""Estimands of claims, and exact repeats."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import COLUMNS
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import Coded, coded, group_by

__all__ = ["about_of", "contents_of", "estimands_of", "first_days"]

type Indices = NDArray[np.intp]
# Columns that exact repeats share as they are; the others are normalised or mere provenance.
_CHANGED: Final = ("figure", "role", "since", "date", "status", "said", "quote", "url", "note")
_SAME: Final = tuple(name for name in COLUMNS if name not in _CHANGED)


def estimands_of(claims: ClaimSet) -> tuple[tuple[str, ...], Indices]:
    """Distinct estimands, however their sums are written, and the index of each claim's."""
    estimands: dict[str, int] = {}
    of_name = {
        name: estimands.setdefault(about.estimand, len(estimands))
        for name, about in claims.compositions.items()
    }
    return tuple(estimands), claims.columns["figure"].map(of_name.__getitem__)


def first_days(claims: ClaimSet) -> Coded[dt.date | None]:
    """First day that each claim covers; None for the start of the case."""
    return claims.columns["since"].recoded(lambda day: None if day == claims.start else day)


def contents_of(claims: ClaimSet) -> Indices:
    """Index of the distinct content of each claim, provenance excluded; equal for exact repeats."""
    rest = (claims.columns[name] for name in ("state", *_SAME))
    return group_by([*about_of(claims), coded(claims.claim_roles), *rest]).codes


def about_of(claims: ClaimSet) -> tuple[Indices, Coded[dt.date | None], Indices]:
    """What each claim is about: estimand, first day, and last day, 0 where none matters."""
    columns, compositions = claims.columns, claims.compositions
    is_dated = columns["figure"].map(lambda name: compositions[name].is_dated)
    date = np.where(is_dated, columns["date"].codes + 1, 0)
    return estimands_of(claims)[1], first_days(claims), date
