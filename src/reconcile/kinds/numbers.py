"""From stated numbers to readings on the log scale: helpers that kinds share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from reconcile.kinds.kind import ClaimLike, SimulatedReading, required
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell, significant_digits

__all__ = [
    "EDGE_LOG",
    "EDGE_SHARE",
    "RANGE_REACH",
    "about_middle",
    "as_total",
    "bounded",
    "cell",
    "counting_log",
    "is_round",
    "not_round",
    "plain_digits",
    "reach",
    "scaled_range",
    "still_round",
]

# Half-width of the cell at the centre of a stated range, small against the range itself.
EDGE_LOG: Final = 0.005
EDGE_SHARE: Final = 0.1
# Single digits below this are exact counts, not round numbers.
_SMALLEST_ROUND: Final = 10
# Upper end of the reading of a zero count: E[log(mean)] given zero events (minus Euler's gamma).
_ZERO_LOG: Final = -0.5772156649015329


def reach(coverage: float) -> float:
    """Half-width, in logistic scales, of the central interval with this coverage."""
    return 2 * math.atanh(coverage)


# Of a range without a stated coverage, which is taken to hold nine in ten.
RANGE_REACH: Final = reach(0.9)


def cell(value: float, half: float, measure: Measure) -> Reading:
    """A number and its rounding cell."""
    counting = counting_log(value, measure)
    if value == 0:
        if counting:
            # Zero events is zero over the whole period, even if stated as a rate.
            end_log = _ZERO_LOG - math.log(measure.unit_size)
            return Reading(centre_log=end_log, down_log=math.inf, up_log=0.0, counting_log=counting)
        centre, down, up = math.log(half), math.inf, 0.0
    else:
        down, up = -math.log1p(-half / value), math.log1p(half / value)
        centre = math.log(value)
    reading = Reading(centre_log=centre, down_log=down, up_log=up, counting_log=counting)
    return as_total(reading, measure)


def bounded(low: float, high: float, measure: Measure, *, counting: float = 0.0) -> Reading:
    """A soft interval; ends on the natural scale, 0 or infinite where open."""
    if high == 0:
        high = half_cell(0.0, unit_size=measure.unit_size)
    if low == 0 and high == math.inf:
        return Reading(
            centre_log=0.0, down_log=high, up_log=high, is_bound=True, counting_log=counting
        )
    if low == 0:
        centre, down, up = math.log(high), math.inf, 0.0
    elif high == math.inf:
        centre, down, up = math.log(low), 0.0, math.inf
    else:
        down = up = 0.5 * math.log(high / low)
        centre = 0.5 * (math.log(low) + math.log(high))
    found = Reading(
        centre_log=centre, down_log=down, up_log=up, is_bound=True, counting_log=counting
    )
    return as_total(found, measure)


def about_middle(
    best: float, measure: Measure, *, width_log: float, tilt_log: float = 0.0
) -> Reading:
    """A best value with a stated width on the log scale."""
    edge = min(EDGE_LOG, EDGE_SHARE * width_log * math.exp(-abs(tilt_log)))
    centre = math.log(best)
    reading = Reading(
        centre_log=centre, down_log=edge, up_log=edge, width_log=width_log, tilt_log=tilt_log
    )
    return as_total(reading, measure)


def as_total(reading: Reading, measure: Measure) -> Reading:
    """Convert the reading of a rate to one of the total over its period."""
    if measure.times == 1:
        return reading
    times_log = math.log(measure.times)
    return replace(
        reading,
        centre_log=reading.centre_log + times_log,
        unit_log=reading.unit_log + times_log if reading.is_linear else 0.0,
    )


def counting_log(value: float, measure: Measure) -> float:
    """Logistic scale of the noise of a Poisson count, log scale; 0 if not a count.

    Given a Poisson count ``n``, the mean is gamma with shape ``n + 1/2`` (1 for a count of zero)
    in the flat limit; the logistic scale matches the variance of its log.
    """
    if not measure.counted:
        return 0.0
    n = value * measure.unit_size * measure.times
    return _counting_log(n + 0.5 if n > 0 else 1.0)


@lru_cache(maxsize=4096)
def _counting_log(shape: float) -> float:
    from scipy.special import zeta  # deferred: reading a table must not import SciPy

    # The trigamma function; polygamma(1, x) is ten times slower.
    return math.sqrt(3 * float(zeta(2.0, shape))) / math.pi


def is_round(value: float | None, unit_size: float) -> bool:
    """Whether a number is 10 or more with one significant digit."""
    return bool(value) and value * unit_size >= _SMALLEST_ROUND and significant_digits(value) == 1  # type: ignore[operator, arg-type]


def plain_digits(number: float) -> float:
    """Round to an integer from 1,000 up, else to four significant digits."""
    return float(round(number)) if number >= 1000 else float(f"{number:.4g}")


def not_round(value: float, measure: Measure) -> float:
    """Nudge a round number: a simulated count of 700 would otherwise be read as a guess."""
    return value * 1.0001 if is_round(value, measure.unit_size) else value


def still_round(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any] | None:
    """Keep a round number round, since the model treats round numbers as noisier."""
    if is_round(claim.value, simulated.measure.unit_size) and simulated.number > 0:
        return {"value": float(f"{simulated.number:.0e}")}
    return None


def scaled_range(claim: ClaimLike, factor: float) -> Mapping[str, Any]:
    """Ends and best value of a range, multiplied."""
    return {
        "low": required(claim.low) * factor,
        "high": required(claim.high) * factor,
        "value": claim.value * factor if claim.value else None,
    }
