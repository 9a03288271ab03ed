"""The true value of a figure, where it was established later."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconcile._text import plain
from reconcile.errors import Problem
from reconcile.kinds.kind import (
    WITH_ZERO,
    ClaimLike,
    Display,
    Kind,
    ProblemMaker,
    SimulatedReading,
    required,
    value_problems,
)
from reconcile.kinds.numbers import EDGE_LOG, scaled_range
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell
from reconcile.kinds.wording import truth_text

__all__ = ["TRUTH"]

# Half-width of a truth known exactly, and smallest scale of any truth.
_EXACT_LOG: Final = 0.001
_LEAST_WIDTH_LOG: Final = 0.001


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    low, high = required(claim.low), required(claim.high)
    reach = _EXACT_LOG if low == high else EDGE_LOG
    # Zero has no logarithm; anything below half a unit rounds to it.
    low = low or min(half_cell(0.0, unit_size=measure.unit_size), 0.5 * high)
    # 90 % of a logistic distribution lies within log(19) scales of its centre.
    return Reading(
        centre_log=math.log(claim.value or math.sqrt(low) * math.sqrt(high)),
        down_log=reach,
        up_log=reach,
        width_log=max(math.log(high / low) / (2 * math.log(19)), _LEAST_WIDTH_LOG),
        is_truth=True,
        bias_share=0.0,
        noise_share=0.0,
        common_share=0.0,
    )


_LEGAL_HIGH: Final = "a number above 0; or scale share, for a percentage"


def _check(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    low, high = required(claim.low), required(claim.high)
    if low > high:
        yield problem("low", f"greater than high = {plain(high)}", "a low up to the high")
    elif high <= 0 and claim.scale not in WITH_ZERO:
        yield problem("high", "the interval contains no positive number", _LEGAL_HIGH)
    else:
        yield from value_problems(claim, problem)
    for name, legal in (("role", "empty"), ("interest", "empty"), ("status", "empty, or standing")):
        entry = getattr(claim, name)
        if isinstance(entry, str) and entry not in ("", "standing"):
            yield problem(name, f"a claim of kind truth has no {name}", legal)


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    low, high, value = required(claim.low), required(claim.high), claim.value
    if low <= 0:
        return {}
    return scaled_range(claim, simulated.number / (value or math.sqrt(low) * math.sqrt(high)))


def _display(claim: ClaimLike) -> Display:
    low, high = required(claim.low), required(claim.high)
    # The geometric mean; for a range from zero, its upper end.
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else high
    if claim.scale in WITH_ZERO:
        middle = 0.5 * (low + high)
    best = middle if claim.value is None else claim.value
    return Display(low=low, high=high, best=best, text=truth_text(low, high, claim.value))


TRUTH = Kind(
    name="truth",
    meaning="the true value, where it was established later",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="truths",
    needs=("low", "high"),
    may=("value",),
    check=_check,
    overconfidence="",
)
