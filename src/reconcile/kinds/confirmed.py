"""A registered or verified count: "13 named so far"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconcile.kinds.kind import ClaimLike, Display, Kind, SimulatedReading, required
from reconcile.kinds.numbers import cell, plain_digits
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import exact_half
from reconcile.kinds.wording import stated

__all__ = ["CONFIRMED"]


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    value = required(claim.value)
    reading = cell(value, exact_half(value, unit_size=measure.unit_size), measure)
    # The completeness of the register replaces the source's bias.
    return replace(reading, is_register=True, bias_share=0.0)


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    return {"value": plain_digits(simulated.number)}


def _display(claim: ClaimLike) -> Display:
    value = required(claim.value)
    return Display(low=value, high=value, best=value, text=f"{stated(value)} confirmed")


CONFIRMED = Kind(
    name="confirmed",
    meaning="a count registered, named or verified so far",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="points",
    needs=("value",),
)
