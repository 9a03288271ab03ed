"""Log probability of an interval under a logistic distribution (NumPy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["interval_logp"]


def interval_logp(
    value: ArrayLike, *, location: ArrayLike, scale: ArrayLike, down: ArrayLike, up: ArrayLike
) -> NDArray[np.float64]:
    r"""Log probability of the interval from ``value - down`` to ``value + up``, in broadcast shape.

    .. math:: \log P = -\mathrm{softplus}(-b) - \mathrm{softplus}(a) + \log(1 - e^{-(b - a)}),
        \quad a = (v - d - m) / s, \quad b = (v + u - m) / s

    This neither cancels nor underflows, since :math:`b - a = (d + u) / s` is known without a
    difference. Distances run from 0 to infinity, not both 0.
    """
    value, location, scale, down, up = map(np.asarray, (value, location, scale, down, up))
    below = (value - down - location) / scale
    above = (value + up - location) / scale
    width = (down + up) / scale
    outside = -np.logaddexp(0.0, -above) - np.logaddexp(0.0, below)
    return np.asarray(outside + _log1mexp(width))


def _log1mexp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 - exp(-x)) for x > 0, by the form that is accurate on each side of log 2."""
    with np.errstate(divide="ignore"):
        return np.where(x < np.log(2), np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))
