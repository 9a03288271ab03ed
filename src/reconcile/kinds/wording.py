"""Numbers in words, as claims state them."""

from __future__ import annotations

import math
from decimal import Decimal

__all__ = ["found_out", "number", "rounded", "stated"]


def rounded(value: float, *, digits: int = 2, towards: str = "nearest") -> float:
    """Round to significant digits: to the nearest, or outwards ("down", "up").

    Examples
    --------
    >>> from reconcile.kinds.wording import rounded
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


def stated(value: float) -> str:
    """A number as a source stated it: every digit, a comma at the thousands.

    Examples
    --------
    >>> from reconcile.kinds.wording import stated
    >>> stated(1351.0), stated(6.6743), stated(2e-07)
    ('1,351', '6.6743', '0.0000002')
    """
    return format(Decimal(repr(float(value))), ",f").removesuffix(".0")


def found_out(low: float, high: float, best: float | None = None) -> str:
    """What a figure turned out to be, in a few signs.

    Examples
    --------
    >>> from reconcile.kinds.wording import found_out
    >>> found_out(85, 85), found_out(27, 28), found_out(1392, 1833, 1392)
    ('known: 85', 'known: 27 to 28', 'known: 1,392 (1,392 to 1,833)')
    """
    if low == high:
        return f"known: {stated(low)}"
    ends = f"{stated(low)} to {stated(high)}"
    return f"known: {stated(best)} ({ends})" if best else f"known: {ends}"
