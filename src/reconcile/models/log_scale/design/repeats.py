"""Estimands of claims, and exact repeats."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import COLUMNS, Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import Coded, coded, group_by
from reconcile.models.log_scale.design.sums import is_dated

__all__ = ["content_of", "contents_of", "estimands_of", "first_days"]

type Indices = NDArray[np.intp]


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
    """Index of the distinct content of each claim; equal for exact repeats (see `content_of`)."""
    columns, compositions = claims.columns, claims.compositions
    is_dated = columns["figure"].map(lambda name: compositions[name].is_dated)
    date = np.where(is_dated, columns["date"].codes + 1, 0)
    rest = (columns[name] for name in ("state", *_SAME))
    roles = coded(claims.claim_roles)
    return group_by([estimands_of(claims)[1], roles, first_days(claims), date, *rest]).codes


# Columns that :func:`content_of` keeps as they are, and those it does not.
_CHANGED: Final = ("figure", "role", "since", "date", "status", "said", "quote", "url", "note")
_SAME: Final = tuple(name for name in COLUMNS if name not in _CHANGED)


def content_of(claims: ClaimSet, claim: Claim) -> Claim:
    """A claim without provenance, nor the date if its figure is fixed; equal for exact repeats."""
    return replace(
        claim,
        figure=claims.estimand_of(claim.figure),
        role=claims.role_of(claim),
        since=None if claim.since == claims.start else claim.since,
        date=claim.date if is_dated(claims, claim.figure) else None,
        status=claim.state,
        said=None,
        quote="",
        url="",
        note="",
        extra=(),
    )
