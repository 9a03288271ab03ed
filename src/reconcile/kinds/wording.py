"""Formatting of numbers."""

from __future__ import annotations

import math
from decimal import Decimal

__all__ = ["number", "rounded", "stated", "truth_text"]


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
    whole = {"nearest": round(steps), "down": math.floor(steps), "up": math.ceil(steps)}
    return whole[towards] * unit


def number(value: float, *, digits: int = 2) -> str:
    """A number with thousands separators and at most ``digits`` significant decimals."""
    if abs(value) >= 10.0 ** (digits - 1) or value == round(value):
        return f"{value:,.0f}"
    return format(Decimal(f"{value:.{digits}g}"), ",f")


def stated(value: float) -> str:
    """A number with all its digits and thousands separators.

    Examples
    --------
    >>> from reconcile.kinds.wording import stated
    >>> stated(1351.0), stated(6.6743), stated(2e-07)
    ('1,351', '6.6743', '0.0000002')
    """
    return format(Decimal(repr(float(value))), ",f").removesuffix(".0")


def truth_text(low: float, high: float, best: float | None = None) -> str:
    """Short label of a true value.

    Examples
    --------
    >>> from reconcile.kinds.wording import truth_text
    >>> truth_text(85, 85), truth_text(27, 28), truth_text(1392, 1833, 1392)
    ('known: 85', 'known: 27 to 28', 'known: 1,392 (1,392 to 1,833)')
    """
    if low == high:
        return f"known: {stated(low)}"
    ends = f"{stated(low)} to {stated(high)}"
    return f"known: {stated(best)} ({ends})" if best else f"known: {ends}"
