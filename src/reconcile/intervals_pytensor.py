"""Probability that a reading lies in an interval, as a PyTensor graph: twin of ``intervals``."""

from __future__ import annotations

import math
from typing import Any

import pytensor.tensor as pt

__all__ = ["claim_logp", "interval_logp"]


def interval_logp(value: Any, location: Any, scale: Any, down: Any, up: Any) -> Any:
    """Twin of :func:`reconcile.intervals.interval_logp`, with finite gradients at open ends.

    An infinite distance is replaced before it enters the graph, since 0 times infinity in the
    chain rule is NaN even where the branch is not taken.
    """
    has_low, has_high = pt.isfinite(down), pt.isfinite(up)
    down, up = pt.where(has_low, down, 0.0), pt.where(has_high, up, 0.0)
    below, above = (value - down - location) / scale, (value + up - location) / scale
    closed = has_low & has_high
    width = pt.where(closed, down + up, 1.0) / scale
    return (
        -pt.where(has_high, pt.softplus(-above), 0.0)
        - pt.where(has_low, pt.softplus(below), 0.0)
        + pt.where(closed, _log1mexp(width), 0.0)
    )


def _log1mexp(x: Any) -> Any:
    small = x < math.log(2)
    return pt.where(
        small,
        pt.log(-pt.expm1(-pt.where(small, x, 1.0))),
        pt.log1p(-pt.exp(-pt.where(small, 1.0, x))),
    )


def claim_logp(
    value: Any,
    location: Any,
    above: Any,
    below: Any,
    down: Any,
    up: Any,
    sound: Any,
    one_sided: Any,
    unsound_scale: Any,
    weight: Any,
) -> Any:
    """Twin of :func:`reconcile.intervals.claim_logp`, times the weight of the claim."""
    if above is below:
        inside = interval_logp(value, location, above, down, up)
    else:
        scale = pt.where(pt.gt(location, value), above, below)
        inside = interval_logp(value, location, scale, down, up)
        inside = inside + pt.log(2 * scale / (above + below))
    wide = interval_logp(value, location, unsound_scale, down, up)
    otherwise = pt.where(pt.gt(one_sided, 0), math.log(0.5), wide)
    return weight * pt.logaddexp(pt.log(sound) + inside, pt.log1p(-sound) + otherwise)
