"""One figure over another: "three wounded for each man killed", "one in ten"."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from reconcile.errors import Problem
from reconcile.kinds.between import sides
from reconcile.kinds.kind import (
    Kind,
    Outcome,
    ProblemMaker,
    Shown,
    Stated,
    given,
    range_problems,
    shown_range,
    shown_value,
)
from reconcile.kinds.numbers import about_middle, cell
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import significant_half

__all__ = ["RATIO"]

# Scale of what a source's ratios are off beyond its noise: what it says of one figure less what it
# says of the other.
_SPREAD_LOG: Final = 0.1
# A ratio is named no sharper than the tenth part, and no rougher than the quarter.
_LEAST_HALF, _MOST_HALF = 0.1, 0.25


def _reading(claim: Stated, measure: Measure) -> Reading:
    if claim.low is not None and claim.high is not None:
        middle = claim.value or math.sqrt(claim.low) * math.sqrt(claim.high)
        width, tilt = sides(
            math.log(middle) - math.log(claim.low), math.log(claim.high) - math.log(middle)
        )
        reading = about_middle(middle, measure, width_log=width, tilt_log=tilt)
    else:
        value = given(claim.value)
        share = min(max(significant_half(value) / value, _LEAST_HALF), _MOST_HALF)
        reading = cell(value, share * value, measure)
    # What a source's numbers are all off by cancels.
    return replace(reading, spread_log=_SPREAD_LOG, bias_share=0.0, common_share=0.0)


def _check(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    if (claim.low is None) != (claim.high is None):
        missing = "low" if claim.low is None else "high"
        yield problem(missing, "a range with one end", "both ends, or a value alone")
    elif claim.low is None and claim.value is None:
        legal = "the ratio, such as 3; 0.1 for one in ten; or low and high"
        yield problem("value", "a claim of kind ratio needs it", legal)
    elif claim.low is None and claim.value == 0:
        yield problem("value", "a ratio of zero has no logarithm", "a number above 0")
    elif claim.low is not None and claim.low <= 0:
        yield problem("low", "a ratio of zero has no logarithm", "a number above 0")
    else:
        yield from range_problems(claim, problem)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    if claim.low is None or claim.high is None:
        return {"value": outcome.number}
    factor = outcome.number / (claim.value or math.sqrt(claim.low * claim.high))
    value = claim.value * factor if claim.value else None
    return {"low": claim.low * factor, "high": claim.high * factor, "value": value}


def _shown(claim: Stated) -> Shown:
    shown = shown_value() if claim.low is None else shown_range
    return shown(claim)


RATIO = Kind(
    name="ratio",
    says="one figure over another, or a share",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="points",
    needs=(),
    may=("value", "low", "high"),
    check=_check,
    stated="between",
)
