"""Estimates, dates and intervals in words, for sentences and captions."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.claims.percent import is_percent
from reconcile.kinds.wording import number, rounded

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "caption",
    "day",
    "difference_in_words",
    "estimate_in_words",
    "even_estimate_in_words",
    "factor_in_words",
    "interval_name",
    "unit_of_difference",
]

# Numbers within this factor agree.
_AGREE = 1.1
# Digits of an interval of one number.
_ALONE = 6
_KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}


def estimate_in_words(median: float, low: float, high: float) -> tuple[str, str, str]:
    """Median and ends rounded outwards, so that the width keeps two digits; one number as it is."""
    width = high - low
    digits = 2 + (max(0, math.floor(math.log10(high / width))) if 0 < width < math.inf else 0)
    digits = digits if width else _ALONE
    middle = rounded(median, digits=digits)
    low, high = (
        rounded(low, digits=digits, towards="down"),
        rounded(high, digits=digits, towards="up"),
    )
    return (
        number(middle, digits=digits),
        number(low, digits=digits),
        number(high, digits=digits),
    )


def even_estimate_in_words(median: float, low: float, high: float) -> tuple[str, str, str]:
    """The same to one decimal place for all three, where numbers may be negative."""
    width = high - low
    size = width or abs(median) or 1.0
    places = math.floor(math.log10(size)) - 1 if math.isfinite(size) else 0
    steps = [x / 10.0**places for x in (median, low, high)]
    # Rounding error of a whole step is not a further step.
    least, most = math.floor(steps[1] + _HAIR), math.ceil(steps[2] - _HAIR)
    found = [Decimal(k).scaleb(places) for k in (round(steps[0]), least, most)]
    middle, lower, upper = (f"{x:,.{max(0, -places)}f}" for x in found)
    return middle, lower, upper


_HAIR = 1e-9


def factor_in_words(factor: float, dated: bool, unit: str) -> str:
    """By what factor the numbers claimed differ, in words."""
    when = " for the same day" if dated else ""
    if factor < _AGREE:
        return f" whose numbers{when} agree"
    return f" whose numbers{when} differ by a factor of {number(rounded(factor))}"


def difference_in_words(difference: float, dated: bool, unit: str) -> str:
    """By how much the numbers claimed differ, in words."""
    when = " for the same day" if dated else ""
    if not difference > 0:
        return f" whose numbers{when} agree"
    told = f"{number(rounded(difference))} {unit_of_difference(unit)}".strip()
    told = told.removesuffix("s") if told == "1 percentage points" else told
    return f" whose numbers{when} differ by {told}"


def unit_of_difference(unit: str) -> str:
    """Percentages differ by points."""
    return "percentage points" if is_percent(unit) else unit


def day(date: dt.date, *, year: bool = True) -> str:
    """A day in words: 23 March 2022."""
    return f"{date.day} {date:%B %Y}" if year else f"{date.day} {date:%B}"


def interval_name(ci_kind: str, ci_prob: float) -> str:
    """Kind and mass of an interval in words."""
    return f"{100 * ci_prob:g} % {_KINDS[ci_kind]} credible interval"


def caption(tree: xr.DataTree, *, ci_kind: str = "", ci_prob: float = 0.0) -> str:
    """Caption of a plot: interval kind and mass, version, seed, convergence."""
    lines = [] if tree.attrs.get("converged", 0) else ["NOT CONVERGED, do not use"]
    if ci_kind:
        lines.append(f"median and {interval_name(ci_kind, ci_prob)}")
    lines.append(f"reconcile {tree.attrs['reconcile_version']}, seed {tree.attrs['random_seed']}")
    return "\n".join(lines)
