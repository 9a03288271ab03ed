"""A number that its source says is approximate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.kinds.kind import ClaimLike, Kind, SimulatedReading, display_value, required
from reconcile.kinds.numbers import cell, plain_digits, still_round
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell
from reconcile.kinds.wording import rounded

__all__ = ["ABOUT"]


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    value = required(claim.value)
    return cell(value, half_cell(value, unit_size=measure.unit_size, about=True), measure)


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    as_round = still_round(claim, simulated)
    return as_round or {"value": rounded(plain_digits(simulated.number))}


ABOUT = Kind(
    name="about",
    meaning="a number that its source says is approximate",
    reading=_reading,
    simulate=_simulate,
    display=display_value("≈ "),
    glyph="points",
    needs=("value",),
)
