"""How percentages are written."""

from __future__ import annotations

import re
from typing import Final

from reconcile.kinds.kind import ClaimLike

__all__ = ["PERCENT", "is_percent", "is_percentage", "outside_share", "whole_of"]

# How the unit of a share is written.
PERCENT: Final = ("percent", "per cent", "%")
_PERCENTAGE: Final = re.compile(r"%|per ?cent(age)?\b", re.IGNORECASE)


def is_percentage(unit: str) -> bool:
    """Whether a unit is percent, or percent of something: percent a year."""
    return bool(_PERCENTAGE.match(unit))


def is_percent(unit: str) -> bool:
    """Whether a unit is percent, and no more is said."""
    return unit.lower() in PERCENT


def whole_of(unit: str) -> float:
    """What a share of everything is in this unit: 100 percent, or 1."""
    return 100.0 if is_percentage(unit) else 1.0


def outside_share(claim: ClaimLike, whole: float) -> list[str]:
    """Which numbers of a claim no share can be; the margins of a survey may reach beyond."""
    named = {"value": claim.value, "low": claim.low, "high": claim.high}
    if claim.kind == "interval" and claim.low is not None and claim.high is not None:
        middle = 0.5 * (claim.low + claim.high)
        named = {"low": middle} if claim.value is None else {"value": claim.value}
    return [name for name, x in named.items() if x is not None and not 0 <= x <= whole]
