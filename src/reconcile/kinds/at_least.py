"""A lower bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reconcile.kinds.kind import Kind, Outcome, Shown, Stated, given
from reconcile.kinds.numbers import bounded, sampling_log
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

__all__ = ["AT_LEAST", "side_of"]


def _reading(claim: Stated, measure: Measure) -> Reading:
    value = given(claim.value)
    sampling = sampling_log(value, measure) if value else 0.0
    return bounded(value, math.inf, measure, sampling=sampling)


def side_of(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    """A bound keeps its number: the reading decides on which side of it the truth is said to be.

    An empty bound is put on either side with equal chances, and a bound of nothing stays.
    """
    if not claim.value:
        return {}
    sound = outcome.number >= claim.value
    above = sound if outcome.sound else bool(outcome.rng.random() < 0.5)
    return {"kind": "at_least" if above else "at_most"}


def _shown(claim: Stated) -> Shown:
    value = given(claim.value)
    return Shown(low=value, high=math.inf, best=value, text=f"≥ {stated(value)}")


AT_LEAST = Kind(
    name="at_least",
    says="the figure is this or more",
    reading=_reading,
    said=side_of,
    shown=_shown,
    glyph="bounds",
    needs=("value",),
)
