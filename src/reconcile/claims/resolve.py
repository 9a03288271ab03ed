"""Fill in what a claim leaves to the rest of its table: population, period and scale."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace

from reconcile.claims.claim import Claim
from reconcile.claims.columns import Columns
from reconcile.claims.composition import memoised_parts
from reconcile.claims.fields import LAST_REPORT
from reconcile.claims.figure import Figure
from reconcile.kinds.kind import WITH_ZERO

__all__ = ["resolved"]


def resolved(columns: Columns, figures: Mapping[str, Figure]) -> Columns:
    """The claims with the only population, the day after the last report and the scale put in."""
    return _with_scale(figures, _with_period(_with_population(columns)))


def _with_population(columns: Columns) -> Columns:
    """Fill in the population where there is only one."""
    named = [name for name in columns["population"].cells if name]
    if len(named) != 1 or len(columns["population"]) == 1:
        return columns
    (only,) = named
    return Columns(
        tuple(c if c.population else replace(c, population=only) for c in columns.claims)
    )


def _with_period(columns: Columns) -> Columns:
    """Resolve ``since`` = "last report" to the day after the last one; without one, leave it."""
    if LAST_REPORT not in columns["since"].cells:
        return columns
    reported: dict[tuple[str, str, frozenset[str]], set[dt.date]] = {}
    for claim in columns.claims:
        if claim.date:
            reported.setdefault(_about(claim), set()).add(claim.date)
    days = {about: sorted(dates) for about, dates in reported.items()}

    def resolved(claim: Claim) -> Claim:
        if claim.since != LAST_REPORT or not claim.date:
            return claim
        known = days[_about(claim)]
        earlier = bisect_left(known, claim.date)
        if not earlier:
            return claim
        return replace(claim, since=known[earlier - 1] + dt.timedelta(days=1))

    return Columns(tuple(map(resolved, columns.claims)))


def _about(claim: Claim) -> tuple[str, str, frozenset[str]]:
    return claim.source, claim.population, frozenset(claim.parts)


def _with_scale(figures: Mapping[str, Figure], columns: Columns) -> Columns:
    """Set the scale of claims on linear figures and on shares."""
    if all(figure.scale not in WITH_ZERO for figure in figures.values()):
        return columns
    bases_of = memoised_parts(figures)

    def marked(claim: Claim) -> Claim:
        scales = {figures[base].scale for base in bases_of(claim.figure) if base in figures}
        scale = scales.pop() if len(scales) == 1 else ""
        return replace(claim, scale=scale) if scale in WITH_ZERO and not claim.scale else claim

    return Columns(tuple(map(marked, columns.claims)))
