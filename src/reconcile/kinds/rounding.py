"""Rounding cells: the readings that round to a stated number."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["exact_half", "half_cell", "significant_digits", "significant_half"]

_ABOUT_SHARE = 0.1
_LARGEST_SHARE = 0.25
# Keeps the cell from vanishing in floating point.
_SMALLEST_SHARE = 1e-12
_COUNTED_EXACTLY_BELOW = 1000
_FEW_DIGITS = 2


def half_cell(value: float, *, unit_size: float = 1.0, about: bool = False) -> float:
    """Half the width of the rounding cell of a stated number.

    Counts are exact to one unit; from 1,000 up, a number with at most two significant digits is
    taken as rounded to the last of them; a decimal is rounded to its last place. A cell is at most
    a quarter of the number, and with ``about`` at least 10 %.
    """
    if value == 0:
        return 0.5 / unit_size
    whole = _whole(value) if unit_size == 1 else 0
    if whole:
        n_digits, exponent = _digits(whole)
        is_large = whole >= _COUNTED_EXACTLY_BELOW
    else:
        number = (Decimal(repr(float(value))) * Decimal(repr(float(unit_size)))).normalize()
        _, digits, place = number.as_tuple()
        assert isinstance(place, int)  # value is finite
        n_digits, exponent, is_large = len(digits), place, number >= _COUNTED_EXACTLY_BELOW
    if exponent < 0 or about or (is_large and n_digits <= _FEW_DIGITS):
        last = float(Decimal(1).scaleb(exponent)) if exponent else 1.0
    else:
        last = 1.0
    half = max(min(last / 2 / unit_size, _LARGEST_SHARE * value), _SMALLEST_SHARE * value)
    return max(half, _ABOUT_SHARE * value) if about else half


def exact_half(value: float, *, unit_size: float = 1.0) -> float:
    """Half the width of the cell of an unrounded count, at most a quarter of it."""
    half = 0.5 / unit_size
    return max(min(half, _LARGEST_SHARE * value), _SMALLEST_SHARE * value) if value else half


def significant_half(value: float) -> float:
    """Half a unit of the last significant digit."""
    _, _, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    assert isinstance(exponent, int)
    return float(Decimal(1).scaleb(exponent)) / 2


def significant_digits(value: float) -> int:
    """Number of significant digits, leading and trailing zeros excluded."""
    whole = _whole(value)
    if whole:
        return _digits(whole)[0]
    return len(Decimal(repr(float(value))).normalize().as_tuple().digits)


def _whole(value: float) -> int:
    """The value as an int if it is a whole number below 1e15, else 0."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else 0


def _digits(whole: int) -> tuple[int, int]:
    """Number of digits before the trailing zeros, and number of trailing zeros."""
    text = str(whole)
    n = len(text.rstrip("0"))
    return n, len(text) - n
