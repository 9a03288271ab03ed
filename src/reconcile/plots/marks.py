"""How a claim is drawn: as what it is, whichever way the number runs."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import xarray as xr

from reconcile.lexicon import interval_of_words
from reconcile.wording import found_out, stated

__all__ = ["Mark", "marks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One claim as it is drawn.

    Parameters
    ----------
    source, role, status : str
        Who says it, what that is to the population (``truth`` where it was found out), and
        whether it stands.
    date, since : datetime.date or None
        Last and first day it is for; without a first one it is from the start.
    kind : str
        Kind of the claim.
    low, high : float
        Ends of what is claimed, natural scale; equal for a point, 0 or infinite at an open end.
    best : float
        The number stated, NaN where there is none.
    text : str
        The claim in a few signs, such as ``"≥ 1,351"``.
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
        """Its finite numbers above zero."""
        return [x for x in (self.low, self.high, self.best) if 0 < x < math.inf]


def marks(claims: xr.Dataset) -> list[Mark]:
    """Marks of claims, grouped by source in order of appearance, by date within a source."""
    sources = {name: k for k, name in enumerate(dict.fromkeys(claims["source"].values))}
    found = [_mark(claims.isel(claim=k)) for k in range(claims.sizes["claim"])]
    return sorted(found, key=lambda m: (sources[m.source], m.date or dt.date.min))


def _mark(claim: xr.Dataset) -> Mark:
    def text(name: str) -> str:
        return str(claim[name].item())

    def day(name: str) -> dt.date | None:
        return dt.date.fromisoformat(text(name)) if text(name) else None

    value, low, high = (float(claim[name]) for name in ("value", "low", "high"))
    kind = text("kind")
    if kind == "vague":
        low, high = interval_of_words(text("words"))
        shown = f"“{text('words')}”"
    elif kind == "at_least":
        low, high, shown = value, math.inf, f"≥ {stated(value)}"
    elif kind == "at_most":
        low, high, shown = 0.0, value, f"≤ {stated(value)}"
    elif kind in ("point", "about"):
        low = high = value
        shown = ("≈ " if kind == "about" else "") + stated(value)
    elif kind == "truth":
        shown = found_out(low, high, None if math.isnan(value) else value)
        value = _middle(low, high) if math.isnan(value) else value
    else:
        shown = f"{stated(low)} to {stated(high)}"
        if kind == "interval":
            shown += f" ({100 * float(claim['coverage']):g} %)"
    status = text("status").partition(":")[0]
    return Mark(
        source=text("source"),
        role="truth" if kind == "truth" else text("resolved_role"),
        status=status,
        date=day("date"),
        since=day("since"),
        kind=kind,
        low=low,
        high=high,
        best=value,
        text=shown if status == "standing" else f"{shown} ({status})",
    )


def _middle(low: float, high: float) -> float:
    """Middle of a range on the log scale; of one from zero, its other end."""
    return math.sqrt(low) * math.sqrt(high) if low > 0 else high
