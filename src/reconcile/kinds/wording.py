"""Formatting of numbers."""

from __future__ import annotations

import math
from decimal import Decimal

__all__ = ["number", "rounded", "stated", "truth_text"]


def rounded(value: float, *, digits: int = 2, towards: str = "nearest") -> float:
    """Round to significant digits: to the nearest, or outwards ("down", "up")."""
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
    """A number with all its digits and thousands separators."""
    return format(Decimal(repr(float(value))), ",f").removesuffix(".0")


def truth_text(low: float, high: float, best: float | None = None) -> str:
    """Short label of a true value."""
    if low == high:
        return f"known: {stated(low)}"
    ends = f"{stated(low)} to {stated(high)}"
    return f"known: {stated(best)} ({ends})" if best else f"known: {ends}"
