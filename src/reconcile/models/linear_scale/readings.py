"""Readings, placed as the gauge of their figure does: a number with its error, or a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import erfinv

from reconcile.claims.claim import Claim
from reconcile.claims.figure import Figure
from reconcile.models.linear_scale.gauges import gauge_of

__all__ = [
    "LOGISTIC_SD",
    "LinearReading",
    "is_number",
    "number_of",
    "placed",
    "reading_of",
    "stated_error",
]

# Standard deviation of a logistic distribution of scale 1.
LOGISTIC_SD: Final = math.pi / math.sqrt(3)
# Standard deviation of a uniform distribution on (-1, 1).
_UNIFORM_SD: Final = 1 / math.sqrt(3)
# Softness of a bound, in spreads between sources, and of a guaranteed end, in lengths of its range:
# a step has no gradient.
_BOUND_SHARE: Final = 0.1
_WALL_SHARE: Final = 0.01
# A bound that excludes nothing, in log odds: further than any figure.
_NEVER: Final = 700.0
# Coverage of the range of a truth.
_TRUTH_COVERAGE: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearReading:
    """A claim, as placed by the gauge of its figure.

    Parameters
    ----------
    number : float
        The value, the middle of a range without one, or the bound.
    error : float
        Its standard deviation, above 0.
    low, high : float
        Ends of a bound; infinite for a number.
    of_truth : bool
        Whether it is of the truth, and not of what its source believes.
    """

    number: float
    error: float
    low: float = -math.inf
    high: float = math.inf
    of_truth: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether it is a bound and no number."""
        return self.low > -math.inf or self.high < math.inf


def is_number(claim: Claim) -> bool:
    """Whether a claim gives a number or a range, and no bound."""
    return claim.kind not in ("at_least", "at_most") and claim.coverage != 1


def number_of(claim: Claim) -> float:
    """The value of a claim, or the middle of its range, unit of the figure."""
    if claim.value is not None:
        return claim.value
    assert claim.low is not None and claim.high is not None  # the claim has been checked
    return claim.low + 0.5 * (claim.high - claim.low)


def placed(claim: Claim, figure: Figure) -> float:
    """The same where its errors are sums."""
    gauge = gauge_of(figure)
    if claim.value is not None or claim.low is None or claim.high is None:
        return gauge.place(number_of(claim))
    return gauge.middle(claim.low, claim.high)


def stated_error(claim: Claim, figure: Figure) -> float:
    """Standard deviation that a claim states; without one, that of its rounding."""
    gauge, number = gauge_of(figure), number_of(claim)
    if claim.low is None or claim.high is None or claim.low == claim.high:
        about = claim.kind == "about"
        return gauge.step(number, gauge.rounding(number, about=about) * _UNIFORM_SD)
    by_ends = claim.value is None and claim.coverage != 1
    length = gauge.length(claim.low, claim.high) if by_ends else None
    if length is not None:
        return _error_of_half(0.5 * length, claim, figure)
    # Half the length, however lopsided the range is about its value.
    return gauge.step(number, _error_of_half(0.5 * (claim.high - claim.low), claim, figure))


def _error_of_half(half: float, claim: Claim, figure: Figure) -> float:
    """Standard deviation of a range with half this length."""
    coverage = _TRUTH_COVERAGE if claim.is_truth else claim.coverage
    if coverage is None:
        return half
    if coverage == 1:
        return _WALL_SHARE * 2 * half
    if figure.noise == "logistic" and not claim.is_truth:
        return half * LOGISTIC_SD / (2 * math.atanh(coverage))
    return float(half / (math.sqrt(2) * erfinv(coverage)))


def reading_of(claim: Claim, figure: Figure, spread: float) -> LinearReading:
    """What a claim says, given the prior scale of the spread."""
    gauge, number, error = gauge_of(figure), placed(claim, figure), stated_error(claim, figure)
    if claim.is_truth:
        return LinearReading(number=number, error=error, of_truth=True)
    if claim.kind == "between" and claim.coverage == 1:
        assert claim.low is not None and claim.high is not None
        low, high = gauge.limit(claim.low, lower=True), gauge.limit(claim.high, lower=False)
        # Without any end it would be taken for a number.
        low = -_NEVER if math.isinf(low) and math.isinf(high) else low
        return LinearReading(number=number, error=error, low=low, high=high, of_truth=True)
    if claim.kind in ("at_least", "at_most"):
        soft = float(np.hypot(error, _BOUND_SHARE * spread))
        number = gauge.limit(number_of(claim), lower=claim.kind == "at_least")
        number = number if math.isfinite(number) else math.copysign(_NEVER, number)
        if claim.kind == "at_least":
            return LinearReading(number=number, error=soft, low=number)
        return LinearReading(number=number, error=soft, high=number)
    return LinearReading(number=number, error=error)
