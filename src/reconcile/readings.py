"""From what was said to an interval on the log scale: one entry for every kind of claim."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.stats import norm

from reconcile.claims import Claim
from reconcile.lexicon import interval_of_words
from reconcile.rounding import half_cell

__all__ = ["READINGS", "STATED", "Reading", "Readings", "reading_of"]

# Kinds whose stated width widens the scale, each with its own learnt overconfidence.
STATED: Final = ("between", "interval", "measured")

# A range names its middle no sharper than this; only the width it states matters.
_MIDDLE_LOG: Final = 0.005
_MIDDLE_SHARE: Final = 0.1

# A truth that is known exactly is known to this; no truth is told more sharply than the scale.
_EXACT_LOG: Final = 0.001
_LEAST_WIDTH_LOG: Final = 0.001

# An interval from below zero with a mean below this share of its upper end has no log-normal
# that resembles it.
_LEAST_MEAN: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The interval in which a source's reading lies, on the log scale.

    Parameters
    ----------
    centre_log : float
        The stated number (or the bound, or the middle of the range).
    down_log, up_log : float
        How far the interval reaches below and above it; 0 to infinity.
    width_log : float
        Logistic scale that the stated width implies, before overconfidence; 0 where none is.
    is_bound : bool
        Whether the interval is a bound: a claim that fails it says nothing else.
    is_truth : bool
        Whether it is what the figure turned out to be, and not what a source says of it.
    """

    centre_log: float
    down_log: float
    up_log: float
    width_log: float = 0.0
    is_bound: bool = False
    is_truth: bool = False


def reading_of(claim: Claim, *, unit_size: float = 1.0) -> Reading:
    """Reading that a claim stands for.

    Parameters
    ----------
    claim : Claim
        Of any kind.
    unit_size : float, default 1
        How many single things the claim's numbers are counted in.

    Returns
    -------
    Reading

    Examples
    --------
    >>> import reconcile as rc
    >>> from reconcile.readings import reading_of
    >>> reading_of(rc.Claim.at_least(1, figure="killed", source="A")).up_log
    inf
    """
    return READINGS[claim.kind](claim, unit_size)


def _number(claim: Claim, unit_size: float) -> Reading:
    value = _given(claim.value)
    return _cell(value, half_cell(value, unit_size=unit_size, about=claim.kind == "about"))


def _cell(value: float, half: float) -> Reading:
    if value == 0:
        return Reading(centre_log=math.log(half), down_log=math.inf, up_log=0.0)
    down, up = -math.log1p(-half / value), math.log1p(half / value)
    return Reading(centre_log=math.log(value), down_log=down, up_log=up)


def _at_least(claim: Claim, unit_size: float) -> Reading:
    return _bound(_given(claim.value), math.inf, unit_size)


def _at_most(claim: Claim, unit_size: float) -> Reading:
    return _bound(0.0, _given(claim.value), unit_size)


def _vague(claim: Claim, unit_size: float) -> Reading:
    low, high = interval_of_words(claim.words)
    return _bound(low / unit_size, high / unit_size, unit_size)


def _bound(low: float, high: float, unit_size: float) -> Reading:
    """A soft interval with both ends, one, or none."""
    if high == 0:
        high = half_cell(0.0, unit_size=unit_size)
    if low == 0 and high == math.inf:
        return Reading(centre_log=0.0, down_log=math.inf, up_log=math.inf, is_bound=True)
    if low == 0:
        return Reading(centre_log=math.log(high), down_log=math.inf, up_log=0.0, is_bound=True)
    if high == math.inf:
        return Reading(centre_log=math.log(low), down_log=0.0, up_log=math.inf, is_bound=True)
    half = 0.5 * math.log(high / low)
    centre = 0.5 * (math.log(low) + math.log(high))
    return Reading(centre_log=centre, down_log=half, up_log=half, is_bound=True)


def _between(claim: Claim, unit_size: float) -> Reading:
    low, high = _given(claim.low), _given(claim.high)
    if low == 0 and not claim.value:
        return _bound(0.0, high, unit_size)
    if low == 0:
        # The way up to the high end is the only half of the width that has a logarithm.
        width_log = math.log(high) - math.log(_given(claim.value))
        return _middle(claim, low, high, max(width_log, _MIDDLE_LOG))
    return _middle(claim, low, high, 0.5 * math.log(high / low))


def _interval(claim: Claim, unit_size: float) -> Reading:
    low, high, coverage = _given(claim.low), _given(claim.high), _given(claim.coverage)
    if low > 0:
        scale = 0.25 * math.log(high / low) / math.atanh(coverage)
        return _middle(claim, low, high, scale)
    # No logarithm at zero or below: the log-normal with the stated mean and standard error.
    mean = max(claim.value or 0.5 * (low + high), _LEAST_MEAN * high)
    error = 0.5 * (high - low) / float(norm.ppf(0.5 + 0.5 * coverage))
    variance = math.log1p((error / mean) ** 2)
    return Reading(
        centre_log=math.log(mean) - 0.5 * variance,
        down_log=_MIDDLE_LOG,
        up_log=_MIDDLE_LOG,
        width_log=math.sqrt(3 * variance) / math.pi,
    )


def _middle(claim: Claim, low: float, high: float, width_log: float) -> Reading:
    best = claim.value if claim.value else math.sqrt(low) * math.sqrt(high)
    return Reading(
        centre_log=math.log(best),
        down_log=min(_MIDDLE_LOG, _MIDDLE_SHARE * width_log),
        up_log=min(_MIDDLE_LOG, _MIDDLE_SHARE * width_log),
        width_log=width_log,
    )


def _truth(claim: Claim, unit_size: float) -> Reading:
    low, high = _given(claim.low), _given(claim.high)
    reach = _EXACT_LOG if low == high else _MIDDLE_LOG
    # Zero has no logarithm: less than half of one is none.
    low = low or min(half_cell(0.0, unit_size=unit_size), 0.5 * high)
    # 90 % of a logistic distribution lies within log(19) scales of its middle.
    return Reading(
        centre_log=math.log(claim.value or math.sqrt(low) * math.sqrt(high)),
        down_log=reach,
        up_log=reach,
        width_log=max(math.log(high / low) / (2 * math.log(19)), _LEAST_WIDTH_LOG),
        is_truth=True,
    )


def _given(number: float | None) -> float:
    assert number is not None  # the claim has checked that its kind's numbers are there
    return number


READINGS: Final[MappingProxyType[str, Callable[[Claim, float], Reading]]] = MappingProxyType(
    {
        "point": _number,
        "about": _number,
        "at_least": _at_least,
        "at_most": _at_most,
        "between": _between,
        "interval": _interval,
        "vague": _vague,
        "truth": _truth,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Readings of many claims as arrays of shape ``(claim,)``."""

    centre_log: np.ndarray
    down_log: np.ndarray
    up_log: np.ndarray
    width_log: np.ndarray
    is_bound: np.ndarray
    is_truth: np.ndarray

    @classmethod
    def stack(cls, readings: list[Reading]) -> Readings:
        """Readings one by one, put into arrays."""
        return cls(
            **{
                field.name: np.array([getattr(reading, field.name) for reading in readings])
                for field in fields(Reading)
            }
        )
