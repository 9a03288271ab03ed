"""Numbers, dates and intervals in words, for sentences and captions."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "caption",
    "day",
    "difference_in_words",
    "estimate_in_words",
    "even_estimate_in_words",
    "factor_in_words",
    "found_out",
    "interval_name",
    "number",
    "rounded",
    "stated",
]

# Numbers within this factor of each other are not said to differ.
_AGREE = 1.1
_KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}


def rounded(value: float, *, digits: int = 2, towards: str = "nearest") -> float:
    """Round to significant digits: to the nearest, or outwards ("down", "up").

    Examples
    --------
    >>> from reconcile.wording import rounded
    >>> rounded(8761), rounded(2961, towards="down"), rounded(27049, towards="up")
    (8800.0, 2900.0, 28000.0)
    """
    if value == 0 or not math.isfinite(value):
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    steps = value / unit
    turned = {"nearest": round(steps), "down": math.floor(steps), "up": math.ceil(steps)}
    return turned[towards] * unit


def number(value: float, *, digits: int = 2) -> str:
    """A number with a comma at the thousands; decimals only as far as the digits go."""
    if abs(value) >= 10.0 ** (digits - 1) or value == round(value):
        return f"{value:,.0f}"
    return format(Decimal(f"{value:.{digits}g}"), ",f")


def estimate_in_words(median: float, low: float, high: float) -> tuple[str, str, str]:
    """A median and the ends of its interval, rounded outwards.

    Two digits; more where the interval is narrow, so that its width keeps two.

    Examples
    --------
    >>> from reconcile.wording import estimate_in_words
    >>> estimate_in_words(9123, 2961, 30049)
    ('9,100', '2,900', '31,000')
    >>> estimate_in_words(6.67433, 6.67301, 6.67558)
    ('6.6743', '6.673', '6.6756')
    """
    width = high - low
    digits = 2 + (max(0, math.floor(math.log10(high / width))) if 0 < width < math.inf else 0)
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
    """A median and the ends of its interval where numbers may be negative, rounded outwards.

    All to one decimal place, so that the width of the interval keeps two digits.

    Examples
    --------
    >>> from reconcile.wording import even_estimate_in_words
    >>> even_estimate_in_words(-5.183, -7.262, -2.787)
    ('-5.2', '-7.3', '-2.7')
    >>> even_estimate_in_words(-119_804, -181_020, 20_300)
    ('-120,000', '-190,000', '30,000')
    >>> even_estimate_in_words(0.02, -3.26, 3.21)
    ('0.0', '-3.3', '3.3')
    """
    width = high - low
    size = width or abs(median) or 1.0
    places = math.floor(math.log10(size)) - 1 if math.isfinite(size) else 0
    steps = [x / 10.0**places for x in (median, low, high)]
    # What floating point adds to a whole step is no further step.
    least, most = math.floor(steps[1] + _HAIR), math.ceil(steps[2] - _HAIR)
    found = [Decimal(k).scaleb(places) for k in (round(steps[0]), least, most)]
    middle, lower, upper = (f"{x:,.{max(0, -places)}f}" for x in found)
    return middle, lower, upper


_HAIR = 1e-9


def factor_in_words(factor: float, dated: bool, unit: str) -> str:
    """By what factor the numbers claimed differ, in words.

    Examples
    --------
    >>> from reconcile.wording import factor_in_words
    >>> factor_in_words(3.14, False, "soldiers")
    ' whose numbers differ by a factor of 3.1'
    """
    if factor < _AGREE:
        return " whose numbers agree"
    when = " for the same day" if dated else ""
    return f" whose numbers{when} differ by a factor of {number(rounded(factor))}"


def difference_in_words(difference: float, dated: bool, unit: str) -> str:
    """By how much the numbers claimed differ, in words.

    Examples
    --------
    >>> from reconcile.wording import difference_in_words
    >>> difference_in_words(3.14, False, "degrees")
    ' whose numbers differ by 3.1 degrees'
    """
    if not difference > 0:
        return " whose numbers agree"
    told = f"{number(rounded(difference))} {unit}".strip()
    return f" whose numbers differ by {told}"


def stated(value: float) -> str:
    """A number as a source stated it: every digit, a comma at the thousands.

    Examples
    --------
    >>> from reconcile.wording import stated
    >>> stated(1351.0), stated(6.6743), stated(2e-07)
    ('1,351', '6.6743', '0.0000002')
    """
    return format(Decimal(repr(float(value))), ",f").removesuffix(".0")


def found_out(low: float, high: float, best: float | None = None) -> str:
    """What a figure turned out to be, in a few signs.

    Examples
    --------
    >>> from reconcile.wording import found_out
    >>> found_out(85, 85), found_out(27, 28), found_out(1392, 1833, 1392)
    ('known: 85', 'known: 27 to 28', 'known: 1,392 (1,392 to 1,833)')
    """
    if low == high:
        return f"known: {stated(low)}"
    ends = f"{stated(low)} to {stated(high)}"
    return f"known: {stated(best)} ({ends})" if best else f"known: {ends}"


def day(date: dt.date) -> str:
    """A day in words: 23 March 2022."""
    return f"{date.day} {date:%B %Y}"


def interval_name(ci_kind: str, ci_prob: float) -> str:
    """Kind and mass of an interval in words."""
    return f"{100 * ci_prob:g} % {_KINDS[ci_kind]} credible interval"


def caption(tree: xr.DataTree, *, ci_kind: str = "", ci_prob: float = 0.0) -> str:
    """What every picture carries: interval kind and mass, version, seed, convergence."""
    lines = [] if tree.attrs.get("converged", 0) else ["NOT CONVERGED, do not use"]
    if ci_kind:
        lines.append(f"median and {interval_name(ci_kind, ci_prob)}")
    lines.append(f"reconcile {tree.attrs['reconcile_version']}, seed {tree.attrs['random_seed']}")
    return "\n".join(lines)
