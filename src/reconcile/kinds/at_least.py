"""A lower bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reconcile.kinds.kind import ClaimLike, Display, Kind, SimulatedReading, required
from reconcile.kinds.numbers import bounded, counting_log
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

__all__ = ["AT_LEAST", "simulate_bound"]


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    value = required(claim.value)
    counting = counting_log(value, measure) if value else 0.0
    return bounded(value, math.inf, measure, counting=counting)


def simulate_bound(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    """Keep the bound's number; the reading decides its direction."""
    if not claim.value:
        return {}
    return {"kind": "at_least" if simulated.number >= claim.value else "at_most"}


def _display(claim: ClaimLike) -> Display:
    value = required(claim.value)
    return Display(low=value, high=math.inf, best=value, text=f"≥ {stated(value)}")


AT_LEAST = Kind(
    name="at_least",
    meaning="a lower bound: the figure is at least this",
    reading=_reading,
    simulate=simulate_bound,
    display=_display,
    glyph="bounds",
    needs=("value",),
)
