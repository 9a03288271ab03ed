"""A confidence or credible interval with a stated coverage, or a standard error."""

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
)
from reconcile.kinds.numbers import about_middle, moved
from reconcile.kinds.reading import Measure, Reading

__all__ = ["INTERVAL", "scale_of"]

# Two halves of an interval are alike within this factor; the rest is rounding.
_ALIKE_LOG: Final = math.log(1.25)
# An interval about a number below this share of its upper end is centred there for the prior.
_LEAST_MEAN: Final = 0.1
_EDGE: Final = 0.005


def scale_of(low: float, high: float, value: float | None, scale: str = "") -> tuple[str, bool]:
    """On which scale an interval is symmetric about its best value.

    Parameters
    ----------
    low, high : float
        Its ends, natural scale.
    value : float or None
        The best value.
    scale : str, optional
        ``log`` or ``linear`` where somebody said so.

    Returns
    -------
    scale : str
        ``log`` or ``linear``: the one on which its halves differ less. Without a best value
        ``log``; with an end at or below zero ``linear``.
    symmetric : bool
        Whether the halves are alike within a quarter; if not, each has its own scale.

    Examples
    --------
    >>> from reconcile.kinds.interval import scale_of
    >>> scale_of(793, 8498, 4645), scale_of(50, 200, 100), scale_of(90, 300, 100)
    (('linear', True), ('log', True), ('log', False))
    """
    if low <= 0 or (value is not None and value <= 0):
        chosen = "linear"
    elif scale or value is None:
        chosen = scale or "log"
    else:
        log, linear = (abs(_lopsided(low, high, value, name)) for name in ("log", "linear"))
        chosen = "linear" if linear < min(log, _ALIKE_LOG) else "log"
    if value is None:
        return chosen, True
    return chosen, abs(_lopsided(low, high, value, chosen)) <= _ALIKE_LOG


def _halves(low: float, high: float, value: float, scale: str) -> tuple[float, float]:
    if scale == "linear":
        return value - low, high - value
    return math.log(value) - math.log(low), math.log(high) - math.log(value)


def _lopsided(low: float, high: float, value: float, scale: str) -> float:
    """Log ratio of the upper half to the lower one."""
    return 2 * sides(*_halves(low, high, value, scale))[1]


def _reading(claim: Stated, measure: Measure) -> Reading:
    low, high, value = given(claim.low), given(claim.high), claim.value
    # A logistic variable lies within this many scales of its middle so often.
    reach = 2 * math.atanh(given(claim.coverage))
    scale, symmetric = scale_of(low, high, value, claim.scale)
    if scale == "log":
        best = value if value else math.sqrt(low) * math.sqrt(high)
        down, up = _halves(low, high, best, "log")
        width, tilt = (0.5 * (down + up), 0.0) if symmetric else sides(down, up)
        return about_middle(best, measure, width_log=width / reach, tilt_log=tilt)
    best = 0.5 * (low + high) if value is None else value
    unit = 0.5 * (high - low)
    width, tilt = (1.0, 0.0) if symmetric else sides((best - low) / unit, (high - best) / unit)
    edge = min(_EDGE, 0.1 * width * math.exp(-abs(tilt)) / reach)
    return moved(
        Reading(
            centre_log=math.log(max(best, _LEAST_MEAN * high, _LEAST_MEAN * unit)),
            down_log=edge,
            up_log=edge,
            width_log=width / reach,
            tilt_log=tilt,
            is_linear=True,
            linear_centre=best / unit,
            unit_log=math.log(unit),
        ),
        measure,
    )


def _check(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    yield from range_problems(claim, problem)
    if claim.scale == "log" and given(claim.low) <= 0:
        wrong = "an interval that reaches to zero or below has no logarithm"
        yield problem("scale", wrong, "linear, or empty")


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    low, high, value = given(claim.low), given(claim.high), claim.value
    scale, _ = scale_of(low, high, value, claim.scale)
    if scale == "log":
        factor = outcome.number / (value or math.sqrt(low * high))
        ends = {"low": low * factor, "high": high * factor}
        return ends | {"value": value * factor if value else None, "scale": "log"}
    by = outcome.number - (0.5 * (low + high) if value is None else value)
    middle = None if value is None else value + by
    return {"low": low + by, "high": high + by, "value": middle, "scale": "linear"}


def _shown(claim: Stated) -> Shown:
    shown = shown_range(claim)
    return replace(shown, text=f"{shown.text} ({100 * given(claim.coverage):.3g} %)")


INTERVAL = Kind(
    name="interval",
    says="an interval with a stated coverage, or a standard error",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="ranges",
    needs=("low", "high", "coverage"),
    may=("value",),
    check=_check,
    may_be_negative=("low",),
    stated="interval",
)
