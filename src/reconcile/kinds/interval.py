"""A confidence or credible interval with a stated coverage, or a standard error."""

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
    range_problems,
    required,
)
from reconcile.kinds.numbers import EDGE_LOG, about_middle, as_total, reach, scaled_range
from reconcile.kinds.reading import Measure, Reading

__all__ = ["INTERVAL", "is_standard_error", "symmetric_scale"]

# Ranges of about this coverage are standard errors.
_STANDARD, _NEAR = 0.68, 0.02
# A best value keeps at least this share of its range on either side.
_LEAST_SIDE: Final = 0.05
# Halves whose widths differ by less than this factor count as equal: the rest is rounding.
_ALIKE_LOG: Final = math.log(1.25)
# With less coverage, two scales would put the median beyond the middle, away from the best value.
_LOPSIDED_COVERAGE: Final = 0.8
# For the prior, the centre is at least this share of the upper end.
_LEAST_MEAN: Final = 0.1
_EDGE: Final = 0.005


def _width_and_tilt(down: float, up: float) -> tuple[float, float]:
    """``width, tilt_log``: ``up = width * exp(tilt_log)``, ``down = width * exp(-tilt_log)``."""
    least = _LEAST_SIDE * (down + up) or EDGE_LOG
    down, up = max(down, least), max(up, least)
    return math.sqrt(down * up), 0.5 * math.log(up / down)


def is_standard_error(coverage: float | None) -> bool:
    """Whether a range of this coverage is a number with its standard error."""
    return coverage is not None and abs(coverage - _STANDARD) < _NEAR


def symmetric_scale(
    low: float, high: float, value: float | None, scale: str = ""
) -> tuple[str, bool]:
    """Scale on which an interval is closest to symmetric, and whether it is symmetric there.

    ``log`` without a best value; ``linear`` with an end at or below zero.
    """
    if low <= 0 or (value is not None and value <= 0):
        chosen = "linear"
    elif scale or value is None:
        chosen = scale or "log"
    else:
        log, linear = (abs(_asymmetry(low, high, value, name)) for name in ("log", "linear"))
        chosen = "linear" if linear < min(log, _ALIKE_LOG) else "log"
    if value is None:
        return chosen, True
    return chosen, abs(_asymmetry(low, high, value, chosen)) <= _ALIKE_LOG


def _halves(low: float, high: float, value: float, scale: str) -> tuple[float, float]:
    if scale == "linear":
        return value - low, high - value
    return math.log(value) - math.log(low), math.log(high) - math.log(value)


def _asymmetry(low: float, high: float, value: float, scale: str) -> float:
    """Log ratio of the upper half-width to the lower one."""
    return 2 * _width_and_tilt(*_halves(low, high, value, scale))[1]


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    low, high, value = required(claim.low), required(claim.high), claim.value
    scales = reach(required(claim.coverage))
    scale, symmetric = symmetric_scale(low, high, value, claim.scale)
    if scale == "log":
        best = _best(claim, symmetric=symmetric)
        down, up = _halves(low, high, best, "log")
        width, tilt = 0.5 * (down + up), 0.0
        if not symmetric and best == value:
            width, tilt = _width_and_tilt(down, up)
        return about_middle(best, measure, width_log=width / scales, tilt_log=tilt)
    best = 0.5 * (low + high) if value is None else value
    unit = 0.5 * (high - low)
    width, tilt = (
        (1.0, 0.0) if symmetric else _width_and_tilt((best - low) / unit, (high - best) / unit)
    )
    edge = min(_EDGE, 0.1 * width * math.exp(-abs(tilt)) / scales)
    return as_total(
        Reading(
            centre_log=math.log(max(best, _LEAST_MEAN * high, _LEAST_MEAN * unit)),
            down_log=edge,
            up_log=edge,
            width_log=width / scales,
            tilt_log=tilt,
            is_linear=True,
            linear_centre=best / unit,
            unit_log=math.log(unit),
        ),
        measure,
    )


def _best(claim: ClaimLike, *, symmetric: bool) -> float:
    """Where the reading is on the log scale: at the best value, unless its halves differ a lot."""
    low, high, value = required(claim.low), required(claim.high), claim.value
    if value and (symmetric or required(claim.coverage) >= _LOPSIDED_COVERAGE):
        return value
    return math.exp(middle(low, high, value))


def _check(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    yield from range_problems(claim, problem)
    if claim.scale == "log" and required(claim.low) <= 0:
        wrong = "an interval that reaches zero or below cannot be on the log scale"
        yield problem("scale", wrong, "linear, or empty")


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    low, high, value = required(claim.low), required(claim.high), claim.value
    scale, symmetric = symmetric_scale(low, high, value, claim.scale)
    if scale == "log":
        scaled = scaled_range(claim, simulated.number / _best(claim, symmetric=symmetric))
        return {**scaled, "scale": "log"}
    shift = simulated.number - (0.5 * (low + high) if value is None else value)
    best = None if value is None else value + shift
    return {"low": low + shift, "high": high + shift, "value": best, "scale": "linear"}


def _display(claim: ClaimLike) -> Display:
    shown = display_range(claim)
    return replace(shown, text=f"{shown.text} ({100 * required(claim.coverage):.3g} %)")


INTERVAL = Kind(
    name="interval",
    meaning="an interval with a stated coverage, or a standard error",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="ranges",
    needs=("low", "high", "coverage"),
    may=("value",),
    check=_check,
    may_be_negative=("low",),
    overconfidence="interval",
)
