"""A number, taken to be exact to its last digit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.kinds.kind import Kind, Outcome, Stated, given, shown_value
from reconcile.kinds.numbers import cell, counted, round_as_before, uneven
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell

__all__ = ["POINT"]


def _reading(claim: Stated, measure: Measure) -> Reading:
    value = given(claim.value)
    return cell(value, half_cell(value, unit_size=measure.unit_size), measure)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    as_round = round_as_before(claim, outcome)
    return as_round or {"value": uneven(counted(outcome.number), outcome.measure)}


POINT = Kind(
    name="point",
    says="a number was stated",
    reading=_reading,
    said=_said,
    shown=shown_value(),
    glyph="points",
    needs=("value",),
)
