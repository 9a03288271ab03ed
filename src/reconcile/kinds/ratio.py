"""A ratio of two figures: "three wounded for each man killed", "one in ten"."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from reconcile.errors import Problem
from reconcile.kinds.between import middle
from reconcile.kinds.kind import (
    ClaimLike,
    Display,
    Kind,
    ProblemMaker,
    SimulatedReading,
    display_range,
    display_value,
    range_problems,
    required,
)
from reconcile.kinds.numbers import RANGE_REACH, about_middle, cell, scaled_range
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import significant_half

__all__ = ["RATIO"]

# Extra scale for the difference between the source's biases on the two figures.
_SPREAD_LOG: Final = 0.1
# Half-width of a ratio's rounding cell, as a share of it: at least, at most.
_LEAST_HALF, _MOST_HALF = 0.1, 0.25


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    if claim.low is not None and claim.high is not None:
        half = 0.5 * (math.log(claim.high) - math.log(claim.low))
        best = math.exp(middle(claim.low, claim.high, claim.value))
        reading = about_middle(best, measure, width_log=half / RANGE_REACH)
    else:
        value = required(claim.value)
        share = min(max(significant_half(value) / value, _LEAST_HALF), _MOST_HALF)
        reading = cell(value, share * value, measure)
    # A bias common to all numbers of a source cancels in a ratio.
    return replace(reading, spread_log=_SPREAD_LOG, bias_share=0.0, common_share=0.0)


def _check(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    if (claim.low is None) != (claim.high is None):
        missing = "low" if claim.low is None else "high"
        yield problem(missing, "a range needs both ends", "low and high, or a value alone")
    elif claim.low is None and claim.value is None:
        legal = "the ratio, such as 3; 0.1 for one in ten; or low and high"
        yield problem("value", "a claim of kind ratio needs a value or a range", legal)
    elif claim.low is None and claim.value == 0:
        yield problem("value", "a ratio must be above zero", "a number above 0")
    elif claim.low is not None and claim.low <= 0:
        yield problem("low", "a ratio must be above zero", "a number above 0")
    else:
        yield from range_problems(claim, problem)


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    if claim.low is None or claim.high is None:
        return {"value": simulated.number}
    best = math.exp(middle(claim.low, claim.high, claim.value))
    return scaled_range(claim, simulated.number / best)


def _display(claim: ClaimLike) -> Display:
    return display_value()(claim) if claim.low is None else display_range(claim)


RATIO = Kind(
    name="ratio",
    meaning="a ratio of two figures, or a share",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="points",
    needs=(),
    may=("value", "low", "high"),
    check=_check,
    overconfidence="between",
)
