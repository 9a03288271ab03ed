"""A range without a stated coverage, or one that is physically guaranteed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from reconcile.errors import Problem
from reconcile.kinds.kind import (
    ClaimLike,
    Display,
    Kind,
    ProblemMaker,
    SimulatedReading,
    display_range,
    range_problems,
    required,
)
from reconcile.kinds.numbers import EDGE_LOG, RANGE_REACH, about_middle, bounded, scaled_range
from reconcile.kinds.reading import Measure, Reading

__all__ = ["BETWEEN", "middle"]

# Logistic scale of a guaranteed bound; for a range narrower than one log unit, this share of it.
_WALL_LOG: Final = 0.02
# A best value moves the middle so far of the way: (low + 2 best + high) / 4, a modified PERT mean.
_BEST_SHARE: Final = 0.5


def middle(low: float, high: float, value: float | None) -> float:
    """Where a reading with these ends and this best value is taken to be, log scale."""
    ends = 0.5 * (math.log(low) + math.log(high))
    if not value:
        return ends
    return ends + _BEST_SHARE * (math.log(value) - ends)


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    low, high, value = required(claim.low), required(claim.high), claim.value
    if claim.coverage == 1:
        return _guaranteed(low, high, measure)
    if low == 0 and not value:
        return bounded(0.0, high, measure)
    if low == 0:
        # Only the upper half of the range has a finite width on the log scale.
        width_log = max(math.log(high) - math.log(required(value)), EDGE_LOG)
        return about_middle(required(value), measure, width_log=width_log / RANGE_REACH)
    half = 0.5 * (math.log(high) - math.log(low))
    return about_middle(math.exp(middle(low, high, value)), measure, width_log=half / RANGE_REACH)


def _guaranteed(low: float, high: float, measure: Measure) -> Reading:
    """Interval censoring: the source's bias and noise do not affect a physical limit."""
    wall = _WALL_LOG * min(1.0, math.log(high) - math.log(low) if low > 0 else 1.0)
    return replace(
        bounded(low, high, measure),
        spread_log=wall,
        is_certain=True,
        bias_share=0.0,
        noise_share=0.0,
        common_share=0.0,
    )


def _check(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    yield from range_problems(claim, problem)
    if claim.coverage is not None and claim.coverage != 1:
        legal = "empty; 1 for a range that is physically guaranteed; or kind interval"
        yield problem("coverage", "a claim of kind between has no stated coverage", legal)
    elif claim.coverage == 1 and claim.value is not None:
        legal = "empty; enter the best value as a separate claim of kind point or about"
        yield problem("value", "a guaranteed range (coverage 1) has no best value", legal)


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    low, high, value = required(claim.low), required(claim.high), claim.value
    if claim.coverage == 1 or low == 0:
        # A guarantee does not depend on the reading; a range from zero is a bound.
        return {}
    return scaled_range(claim, simulated.number / math.exp(middle(low, high, value)))


def _display(claim: ClaimLike) -> Display:
    shown = display_range(claim)
    if claim.coverage != 1:
        return shown
    return replace(shown, text=f"{shown.text} (certain)")


BETWEEN = Kind(
    name="between",
    meaning="a range without a stated coverage, or a physical limit",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="ranges",
    needs=("low", "high"),
    may=("value", "coverage"),
    check=_check,
    overconfidence="between",
)
