"""What the figure turned out to be, where that became known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconcile._text import plain
from reconcile.errors import Problem
from reconcile.kinds.kind import Kind, Outcome, ProblemMaker, Shown, Stated, given, value_problems
from reconcile.kinds.numbers import EDGE_LOG
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell
from reconcile.kinds.wording import found_out

__all__ = ["TRUTH"]

# A truth that is known exactly is known to this; no truth is told more sharply than the scale.
_EXACT_LOG: Final = 0.001
_LEAST_WIDTH_LOG: Final = 0.001


def _reading(claim: Stated, measure: Measure) -> Reading:
    low, high = given(claim.low), given(claim.high)
    reach = _EXACT_LOG if low == high else EDGE_LOG
    # Zero has no logarithm: less than half of one is none.
    low = low or min(half_cell(0.0, unit_size=measure.unit_size), 0.5 * high)
    # 90 % of a logistic distribution lies within log(19) scales of its middle.
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


def _check(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    low, high = given(claim.low), given(claim.high)
    if low > high:
        yield problem("low", f"above high = {plain(high)}", "a low below the high")
    elif high <= 0 and claim.scale != "linear":
        yield problem("high", "an interval without a positive number", "a number above 0")
    else:
        yield from value_problems(claim, problem)
    # What was found out is nobody's side of the story: it has no role and no standing.
    for name, legal in (("role", "empty"), ("interest", "empty"), ("status", "empty, or standing")):
        told = getattr(claim, name)
        if isinstance(told, str) and told not in ("", "standing"):
            yield problem(name, f"a claim of kind truth has no {name}", legal)


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    low, high, value = given(claim.low), given(claim.high), claim.value
    if low <= 0:
        return {}
    factor = outcome.number / (value or math.sqrt(low) * math.sqrt(high))
    return {
        "low": low * factor,
        "high": high * factor,
        "value": value * factor if value else None,
    }


def _shown(claim: Stated) -> Shown:
    low, high = given(claim.low), given(claim.high)
    # Middle on the log scale; of a range from zero, its other end.
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else high
    if claim.scale == "linear":
        middle = 0.5 * (low + high)
    best = middle if claim.value is None else claim.value
    return Shown(low=low, high=high, best=best, text=found_out(low, high, claim.value))


TRUTH = Kind(
    name="truth",
    says="what the figure turned out to be, where that became known",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="truths",
    needs=("low", "high"),
    may=("value",),
    check=_check,
    stated="",
)
