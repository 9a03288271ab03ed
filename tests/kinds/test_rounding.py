"""Rounding cells: which readings would have been stated as a number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.kinds.rounding import half_cell
from strategies import numbers

positive = numbers().filter(bool)
units = st.sampled_from([1, 1000, 0.001, 12])


@given(value=numbers(), unit_size=units, about=st.booleans())
def test_a_cell_has_a_width_and_stays_near_its_number(
    value: float, unit_size: float, about: bool
) -> None:
    half = half_cell(value, unit_size=unit_size, about=about)
    assert half > 0 and math.isfinite(half)
    if value:
        assert half <= value / 4
    else:
        assert half == 0.5 / unit_size


@given(value=positive, unit_size=units)
def test_about_is_never_sharper(value: float, unit_size: float) -> None:
    about = half_cell(value, unit_size=unit_size, about=True)
    assert about >= half_cell(value, unit_size=unit_size)
    assert about >= value / 10


@given(value=st.integers(0, 10**9), about=st.booleans())
def test_thousands_and_persons_have_the_same_cell(value: int, about: bool) -> None:
    in_thousands = half_cell(value, unit_size=1000, about=about)
    # Nothing is nothing in any unit: its cell is half a person.
    persons = half_cell(value * 1000, about=about)
    assert math.isclose(in_thousands * 1000, persons, rel_tol=1e-12)


@given(mantissa=st.integers(10, 99), power=st.integers(2, 9))
def test_two_digits_are_rounded_to_the_last_that_is_not_zero(mantissa: int, power: int) -> None:
    value = mantissa * 10**power
    last = 10 ** (power + (mantissa % 10 == 0))
    assert half_cell(value) == min(last / 2, value / 4)


@given(value=st.integers(1000, 10**9).filter(lambda n: len(str(n).rstrip("0")) > 2))
def test_three_digits_and_more_are_counted(value: int) -> None:
    assert half_cell(value) == 0.5


@given(value=st.integers(2, 999))
def test_below_a_thousand_all_is_counted(value: int) -> None:
    assert half_cell(value) == 0.5


@given(whole=st.integers(1, 10**5), decimals=st.integers(1, 4), digit=st.integers(1, 9))
def test_decimals_are_rounded_to_the_last(whole: int, decimals: int, digit: int) -> None:
    value = float(f"{whole}.{'0' * (decimals - 1)}{digit}")
    assert math.isclose(half_cell(value), 0.5 * 10.0**-decimals, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("value", "half"),
    [
        (1, 0.25),
        (999, 0.5),
        (1000, 250.0),
        (1351, 0.5),
        (9861, 0.5),
        (7000, 500.0),
        (15000, 500.0),
        (40000, 5000.0),
        (10000, 2500.0),
        (1.5e6, 50_000.0),
        (0.03, 0.005),
    ],
)
def test_numbers_as_they_are_spoken(value: float, half: float) -> None:
    assert math.isclose(half_cell(value), half)
