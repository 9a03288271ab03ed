"""From stated numbers to intervals on the log scale: what readings of several kinds share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from reconcile.kinds.kind import Outcome, Stated
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.rounding import half_cell, significant_digits

__all__ = [
    "EDGE_LOG",
    "about_middle",
    "bounded",
    "cell",
    "counted",
    "is_round",
    "moved",
    "round_as_before",
    "sampling_log",
    "uneven",
]

# A range names its middle no sharper than this; only the width it states matters.
EDGE_LOG: Final = 0.005
_EDGE_SHARE: Final = 0.1
# Below this a single digit is a count like any other.
_SMALLEST_ROUND: Final = 10
# Of a count of none, the reading lies below this: the mean log of what such a count stands for.
_NONE_LOG: Final = -0.5772156649015329


def cell(value: float, half: float, measure: Measure) -> Reading:
    """A number and its rounding cell."""
    sampling = sampling_log(value, measure)
    if value == 0:
        if sampling:
            # A count of none is one of the whole period, however it is put.
            end_log = _NONE_LOG - math.log(measure.unit_size)
            return Reading(centre_log=end_log, down_log=math.inf, up_log=0.0, sampling_log=sampling)
        centre, down, up = math.log(half), math.inf, 0.0
    else:
        down, up = -math.log1p(-half / value), math.log1p(half / value)
        centre = math.log(value)
    reading = Reading(centre_log=centre, down_log=down, up_log=up, sampling_log=sampling)
    return moved(reading, measure)


def bounded(low: float, high: float, measure: Measure, *, sampling: float = 0.0) -> Reading:
    """A soft interval with both ends, one, or none; natural scale."""
    if high == 0:
        high = half_cell(0.0, unit_size=measure.unit_size)
    if low == 0 and high == math.inf:
        return Reading(
            centre_log=0.0,
            down_log=math.inf,
            up_log=math.inf,
            is_bound=True,
            sampling_log=sampling,
        )
    if low == 0:
        centre, down, up = math.log(high), math.inf, 0.0
    elif high == math.inf:
        centre, down, up = math.log(low), 0.0, math.inf
    else:
        down = up = 0.5 * math.log(high / low)
        centre = 0.5 * (math.log(low) + math.log(high))
    found = Reading(
        centre_log=centre, down_log=down, up_log=up, is_bound=True, sampling_log=sampling
    )
    return moved(found, measure)


def about_middle(
    best: float, measure: Measure, *, width_log: float, tilt_log: float = 0.0
) -> Reading:
    """A best value with a stated width about it, log scale."""
    edge = min(EDGE_LOG, _EDGE_SHARE * width_log * math.exp(-abs(tilt_log)))
    reading = Reading(
        centre_log=math.log(best),
        down_log=edge,
        up_log=edge,
        width_log=width_log,
        tilt_log=tilt_log,
    )
    return moved(reading, measure)


def moved(reading: Reading, measure: Measure) -> Reading:
    """A reading of a rate, as one of the total over its period."""
    if measure.times == 1:
        return reading
    by = math.log(measure.times)
    return replace(
        reading,
        centre_log=reading.centre_log + by,
        unit_log=reading.unit_log + by if reading.is_linear else 0.0,
    )


def sampling_log(value: float, measure: Measure) -> float:
    """Logistic scale of the sampling noise of a count, log scale; 0 for what is no count.

    A Poisson count of ``n`` puts the log of its mean, in the flat limit, where the log of a gamma
    variable of shape ``n + 1/2`` lies (``n + 1`` at the upper end of a count of none); the logistic
    distribution has the same variance.

    Examples
    --------
    >>> from reconcile.kinds.numbers import sampling_log
    >>> from reconcile.kinds.reading import Measure
    >>> counts = Measure(counted=True)
    >>> [round(sampling_log(n, counts), 2) for n in (0, 1, 5, 50, 1000)]
    [0.71, 0.53, 0.25, 0.08, 0.02]
    """
    if not measure.counted:
        return 0.0
    n = value * measure.unit_size * measure.times
    return _sampling_log(n + 0.5 if n > 0 else 1.0)


@lru_cache(maxsize=4096)
def _sampling_log(shape: float) -> float:
    from scipy.special import zeta  # reading a table must not wait for SciPy

    # The trigamma function; polygamma(1, x) takes ten times as long to say the same.
    return math.sqrt(3 * float(zeta(2.0, shape))) / math.pi


def is_round(value: float | None, unit_size: float) -> bool:
    """Whether a number is round: one significant digit, and ten or more.

    Examples
    --------
    >>> from reconcile.kinds.numbers import is_round
    >>> is_round(40_000, 1), is_round(9, 1), is_round(9, 1000), is_round(1_351, 1)
    (True, False, True, False)
    """
    return bool(value) and value * unit_size >= _SMALLEST_ROUND and significant_digits(value) == 1  # type: ignore[operator, arg-type]


def counted(number: float) -> float:
    """A whole number where that loses nothing to speak of."""
    return float(round(number)) if number >= 1000 else float(f"{number:.4g}")


def uneven(value: float, measure: Measure) -> float:
    """A number that is not round: a count of 700 would be taken for a guess."""
    return value * 1.0001 if is_round(value, measure.unit_size) else value


def round_as_before(claim: Stated, outcome: Outcome) -> Mapping[str, Any] | None:
    """What was said as a round number is said as one again: the model expects more of others."""
    if is_round(claim.value, outcome.measure.unit_size) and outcome.number > 0:
        return {"value": float(f"{outcome.number:.0e}")}
    return None
