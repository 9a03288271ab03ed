"""Claims of a fit as their kinds display them, and by how much they contradict each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.fields import NUMBERS
from reconcile.kinds.kind import Display
from reconcile.kinds.registry import KINDS
from reconcile.results.scales import Scale

__all__ = ["contradiction", "displayed"]

type Array = NDArray[np.float64]
# Glyphs of kinds that state a number; words and later findings contradict nobody.
_NUMERIC = ("points", "ranges", "bounds")
# Ranges agree that overlap over this share of the shorter one.
_OVERLAP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """The fields of a claim that kinds use, read back from a fit."""

    kind: str
    figure: str
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    words: str
    scale: str


def displayed(claim: xr.Dataset) -> Display:
    """One claim as its kind displays it; a rate as the total over its period."""

    def text(name: str) -> str:
        return str(claim[name].item())

    numbers = {name: float(claim[name]) for name in NUMBERS}
    claimed = _Claimed(
        kind=text("kind"),
        figure=text("figure"),
        words=text("words"),
        scale=text("scale"),
        **{name: None if math.isnan(x) else x for name, x in numbers.items()},
    )
    shown = KINDS[claimed.kind].display(claimed)
    times = float(claim["times"])
    return replace(shown, low=shown.low * times, high=shown.high * times, best=shown.best * times)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """What standing claims state, on the scale of a fit, infinite where open; shape (claim,)."""

    low: Array
    high: Array
    best: Array
    is_limit: NDArray[np.bool_]
    period: NDArray[np.intp]


def contradiction(claims: xr.Dataset, scale: Scale, *, dated: bool) -> float | None:
    """Largest factor or difference between standing claims for one day or period.

    None where no two numbers can be compared and no bound is broken. A best value stands for its
    range; other ranges contradict what they do not overlap, by the distance of their middles. A
    bound, a count of what is registered and a guaranteed range contradict what lies outside, by
    the distance to them.
    """
    found = _stated(claims, scale, dated)
    largest: list[float] = []
    for period in np.unique(found.period):
        mine = found.period == period
        numbers = mine & ~found.is_limit
        exact = np.isfinite(found.best) & numbers
        low, high = (np.where(exact, found.best, end)[numbers] for end in (found.low, found.high))
        if len(low) > 1:
            largest.append(_between_numbers(low, high))
        gap = _gaps(found.low[mine], found.high[mine])[:, found.is_limit[mine]]
        largest.append(float(gap.max(initial=0.0)) or math.nan)
    told = [apart for apart in largest if not math.isnan(apart)]
    return float(scale.back(np.float64(max(told)))) if told else None


def _between_numbers(low: Array, high: Array) -> float:
    """Largest distance of two numbers or ranges that do not overlap substantially."""
    middle, length = (low + high) / 2, high - low
    overlap = -_gaps(low, high, signed=True)
    enough = overlap >= _OVERLAP * np.minimum(length[:, None], length)
    return float(np.where(enough, 0.0, np.abs(middle[:, None] - middle)).max())


def _gaps(low: Array, high: Array, *, signed: bool = False) -> Array:
    """Distance between each two ranges; 0, or signed the length of their overlap, below 0."""
    apart = np.maximum(low[:, None] - high, low - high[:, None])
    return apart if signed else np.maximum(apart, 0.0)


def _stated(claims: xr.Dataset, scale: Scale, dated: bool) -> _Stated:
    """What the standing claims with a number state."""
    kinds = claims["kind"].values.astype(str)
    states = [str(status).partition(":")[0].strip() for status in claims["status"].values]
    shown = {
        k: displayed(claims.isel(claim=k))
        for k, (kind, state) in enumerate(zip(kinds, states, strict=True))
        if state == "standing" and KINDS[kind].glyph in _NUMERIC
    }
    # On the log scale nothing is at a finite distance from zero.
    kept = [
        k for k, each in shown.items() if each.high == np.inf or scale.holds(np.float64(each.high))
    ]
    low, high, best = (
        np.array([getattr(shown[k], name) for k in kept], dtype=float)
        for name in ("low", "high", "best")
    )
    kinds, coverage = kinds[kept], claims["coverage"].values[kept]
    of_bound = np.array([KINDS[kind].glyph == "bounds" for kind in kinds], dtype=bool)
    low = np.where((of_bound & np.isfinite(high)) | ~scale.holds(low), -np.inf, low)
    high = np.where(kinds == "confirmed", np.inf, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high, best = (
            np.where(np.isfinite(end), scale.to(np.where(np.isfinite(end), end, 1.0)), end)
            for end in (low, high, best)
        )
    days = np.array(
        [" to ".join(str(claims[name].values[k]) for name in ("since", "date")) for k in kept]
    )
    return _Stated(
        low=low,
        high=high,
        best=best,
        is_limit=(coverage == 1) | of_bound | np.isinf(low) | np.isinf(high),
        period=np.unique(days, return_inverse=True)[1] if dated else np.zeros(len(kept), int),
    )
