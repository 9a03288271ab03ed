"""Claims prepared for drawing."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import xarray as xr

from reconcile.kinds.registry import KINDS
from reconcile.results.claimed import displayed

__all__ = ["Mark", "marks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A claim prepared for drawing.

    Parameters
    ----------
    source, role, status : str
        Source, its role (``truth`` for a truth) and status of the claim.
    date, since : datetime.date or None
        Last and first day of the period; without ``since`` it begins at the start of the case.
    kind : str
        Kind of the claim.
    low, high, best, text
        As in :class:`reconcile.kinds.kind.Display`.
    """

    source: str
    role: str
    status: str
    date: dt.date | None
    since: dt.date | None
    kind: str
    low: float
    high: float
    best: float
    text: str

    @property
    def stands(self) -> bool:
        """Whether the claim was neither withdrawn nor revised."""
        return self.status == "standing"

    @property
    def ends(self) -> list[float]:
        """Its finite numbers; for a bound, the bound only."""
        is_bound = KINDS[self.kind].glyph == "bounds"
        numbers = [self.best] if is_bound else [self.low, self.high, self.best]
        return [x for x in numbers if math.isfinite(x)]


def marks(claims: xr.Dataset) -> list[Mark]:
    """Marks grouped by source, in order of appearance, and by date within a source."""
    sources = {name: k for k, name in enumerate(dict.fromkeys(claims["source"].values))}
    found = [_mark(claims.isel(claim=k)) for k in range(claims.sizes["claim"])]
    return sorted(found, key=lambda m: (sources[m.source], m.date or dt.date.min))


def _mark(claim: xr.Dataset) -> Mark:
    def text(name: str) -> str:
        return str(claim[name].item())

    def day(name: str) -> dt.date | None:
        return dt.date.fromisoformat(text(name)) if text(name) else None

    kind = text("kind")
    shown = displayed(claim)
    per = f" per {text('per')}" if text("per") else ""
    status = text("status").partition(":")[0]
    return Mark(
        source=text("source"),
        role="truth" if kind == "truth" else text("resolved_role"),
        status=status,
        date=day("date"),
        since=day("since"),
        kind=kind,
        low=shown.low,
        high=shown.high,
        best=shown.best,
        text=shown.text + per + ("" if status == "standing" else f" ({status})"),
    )
