"""A range whose coverage nobody stated, or one that is physically guaranteed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from reconcile.errors import Problem
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
from reconcile.kinds.numbers import EDGE_LOG, about_middle, bounded
from reconcile.kinds.reading import Measure, Reading

__all__ = ["BETWEEN", "sides"]

# A guaranteed end is as sharp as this, or as this share of the range.
_WALL_LOG: Final = 0.02
# However lopsided a range, its best value leaves this share of it on either side.
_LEAST_SIDE: Final = 0.05


def sides(down: float, up: float) -> tuple[float, float]:
    """Middle scale and tilt of two distances from a best value to the ends of its range.

    Parameters
    ----------
    down, up : float
        At least 0, not both 0.

    Returns
    -------
    width, tilt_log : float
        ``width * exp(tilt_log)`` is the distance above, ``width / exp(tilt_log)`` the one below.

    Examples
    --------
    >>> from reconcile.kinds.between import sides
    >>> sides(1.0, 4.0)[0], round(sides(1.0, 4.0)[1], 3)
    (2.0, 0.693)
    """
    least = _LEAST_SIDE * (down + up)
    down, up = max(down, least), max(up, least)
    return math.sqrt(down * up), 0.5 * math.log(up / down)


def _reading(claim: Stated, measure: Measure) -> Reading:
    low, high, value = given(claim.low), given(claim.high), claim.value
    if claim.coverage == 1:
        return _guaranteed(low, high, measure)
    if low == 0 and not value:
        return bounded(0.0, high, measure)
    if low == 0:
        # The way up to the high end is the only half of the width that has a logarithm.
        width_log = max(math.log(high) - math.log(given(value)), EDGE_LOG)
        return about_middle(given(value), measure, width_log=width_log)
    if not value:
        half = 0.5 * (math.log(high) - math.log(low))
        return about_middle(math.sqrt(low) * math.sqrt(high), measure, width_log=half)
    width, tilt = sides(math.log(value) - math.log(low), math.log(high) - math.log(value))
    return about_middle(value, measure, width_log=width, tilt_log=tilt)


def _guaranteed(low: float, high: float, measure: Measure) -> Reading:
    """Censoring: nothing about the source bears on what cannot be otherwise."""
    wall = _WALL_LOG * min(1.0, math.log(high) - math.log(low) if low > 0 else 1.0)
    return replace(
        bounded(low, high, measure),
        spread_log=wall,
        is_certain=True,
        bias_share=0.0,
        noise_share=0.0,
        common_share=0.0,
    )


def _check(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    yield from range_problems(claim, problem)
    if claim.coverage is not None and claim.coverage != 1:
        legal = "empty; 1 for a range that is physically guaranteed; or kind interval"
        yield problem("coverage", "a claim of kind between states none", legal)
    elif claim.coverage == 1 and claim.value is not None:
        legal = "empty; a best value is a claim of its own, of kind point or about"
        yield problem("value", "a best value of a range that is guaranteed", legal)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    low, high, value = given(claim.low), given(claim.high), claim.value
    if claim.coverage == 1 or low == 0:
        # What is guaranteed holds whatever anybody reads; a range from zero is a bound.
        return {}
    factor = outcome.number / (value or math.sqrt(low * high))
    return {
        "low": low * factor,
        "high": high * factor,
        "value": value * factor if value else None,
    }


def _shown(claim: Stated) -> Shown:
    shown = shown_range(claim)
    if claim.coverage != 1:
        return shown
    return Shown(low=shown.low, high=shown.high, best=shown.best, text=f"{shown.text} (certain)")


BETWEEN = Kind(
    name="between",
    says="a range, and nobody said how sure it is; or one that cannot be left",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="ranges",
    needs=("low", "high"),
    may=("value", "coverage"),
    check=_check,
    stated="between",
)
