"""A number that its source said was rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.kinds.kind import Kind, Outcome, Stated, given, shown_value
from reconcile.kinds.numbers import cell, counted, round_as_before
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell
from reconcile.kinds.wording import rounded

__all__ = ["ABOUT"]


def _reading(claim: Stated, measure: Measure) -> Reading:
    value = given(claim.value)
    return cell(value, half_cell(value, unit_size=measure.unit_size, about=True), measure)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    as_round = round_as_before(claim, outcome)
    return as_round or {"value": rounded(counted(outcome.number))}


ABOUT = Kind(
    name="about",
    says="a number was stated, and said to be rounded",
    reading=_reading,
    said=_said,
    shown=shown_value("≈ "),
    glyph="points",
    needs=("value",),
)
