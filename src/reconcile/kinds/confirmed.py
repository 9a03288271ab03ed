"""A registered or verified count: "13 named so far"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconcile.kinds.kind import Kind, Outcome, Shown, Stated, given
from reconcile.kinds.numbers import cell, counted
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import exact_half
from reconcile.kinds.wording import stated

__all__ = ["CONFIRMED"]


def _reading(claim: Stated, measure: Measure) -> Reading:
    value = given(claim.value)
    reading = cell(value, exact_half(value, unit_size=measure.unit_size), measure)
    # How much of the truth is registered takes the place of the source's bias.
    return replace(reading, is_register=True, bias_share=0.0)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    return {"value": counted(outcome.number)}


def _shown(claim: Stated) -> Shown:
    value = given(claim.value)
    return Shown(low=value, high=value, best=value, text=f"{stated(value)} confirmed")


CONFIRMED = Kind(
    name="confirmed",
    says="so many have been registered, named or verified so far",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="points",
    needs=("value",),
)
