"""What each kind of claim says, as an interval on the log scale."""

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import logistic

import reconcile as rc
from reconcile.claims.fields import KINDS
from reconcile.kinds.registry import KINDS as REGISTRY
from reconcile.models.log_scale.design.readings import (
    Measure,
    Reading,
    Readings,
    reading_of,
)
from reconcile.priors.constants import STATED
from strategies import claims

ABOUT = {"figure": "killed", "source": "A"}


def ends(reading: Reading) -> tuple[float, float]:
    """Interval of a reading on the natural scale."""
    low = math.exp(reading.centre_log - reading.down_log)
    up = reading.centre_log + reading.up_log
    return low, math.inf if up == math.inf else math.exp(up)


def test_stated_widths_are_of_kinds_that_exist() -> None:
    # The last stands for whatever states the error of a measurement.
    assert set(STATED) - {"measured"} <= set(KINDS)
    assert {kind.overconfidence for kind in REGISTRY.values()} - {""} == set(STATED) - {"measured"}


@given(claim=claims(), unit_size=st.sampled_from([1, 1000]))
def test_readings_are_intervals_around_their_centre(claim: rc.Claim, unit_size: float) -> None:
    reading = reading_of(claim, Measure(unit_size=unit_size))
    assert math.isfinite(reading.centre_log)
    assert reading.down_log >= 0 and reading.up_log >= 0
    assert reading.down_log + reading.up_log > 0
    assert math.isfinite(reading.width_log) and reading.width_log >= 0
    assert reading.width_log == 0 or claim.kind in (*STATED, "truth", "ratio")
    assert reading.is_truth == (claim.kind == "truth")
    assert reading.is_bound == (
        claim.kind in ("at_least", "at_most", "vague")
        or (claim.kind == "between" and bool((not claim.low and not claim.value) or claim.coverage))
    )


# Decimals are left out: 0.1 of a thousand is a round number, and is not said as one.
counts = st.integers(1, 10**6)
ascending = st.tuples(counts, counts).filter(lambda pair: pair[0] < pair[1])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("vague", "ratio")])
@given(ends_=ascending, zero=st.booleans(), coverage=st.floats(0.05, 0.99))
def test_the_unit_does_not_matter(
    kind: str, ends_: tuple[int, int], zero: bool, coverage: float
) -> None:
    low, high = (0, ends_[1]) if zero else ends_

    def reading(factor: int, unit_size: float) -> Reading:
        if kind == "interval":
            claim = rc.Claim.interval(low * factor, high * factor, coverage, **ABOUT)
        elif kind in ("between", "truth"):
            claim = getattr(rc.Claim, kind)(low * factor, high * factor, **ABOUT)
        else:
            claim = getattr(rc.Claim, kind)(low * factor, **ABOUT)
        return reading_of(claim, Measure(unit_size=unit_size, counted=True))

    persons, thousands = reading(1000, 1), reading(1, 1000)
    same = {"rel": 1e-9, "abs": 1e-12}
    for name in ("down_log", "up_log", "width_log", "tilt_log", "counting_log", "linear_centre"):
        assert getattr(thousands, name) == pytest.approx(getattr(persons, name), **same)
    assert thousands.is_bound == persons.is_bound
    if kind == "at_least" and low == 0:
        return  # it says nothing, and has no centre to be moved
    assert thousands.centre_log + math.log(1000) == pytest.approx(persons.centre_log, **same)
    if persons.is_linear:
        assert thousands.unit_log + math.log(1000) == pytest.approx(persons.unit_log, **same)


@pytest.mark.parametrize("words", ["none", "dozens", "thousands", "significant"])
def test_words_mean_single_things_in_any_unit(words: str) -> None:
    claim = rc.Claim.vague(words, **ABOUT)
    one, thousand = reading_of(claim), reading_of(claim, Measure(unit_size=1000))
    assert np.allclose(ends(one), np.multiply(ends(thousand), 1000))


@pytest.mark.parametrize("kind", ["point", "about", "at_most"])
@pytest.mark.parametrize("unit_size", [1, 1000])
def test_zero_is_anything_below_one_half(kind: str, unit_size: float) -> None:
    reading = reading_of(getattr(rc.Claim, kind)(0, **ABOUT), Measure(unit_size=unit_size))
    low, high = ends(reading)
    assert low == 0
    assert math.isclose(high, 0.5 / unit_size)


@pytest.mark.parametrize("unit_size", [1, 1000])
def test_at_least_nothing_says_nothing(unit_size: float) -> None:
    reading = reading_of(rc.Claim.at_least(0, **ABOUT), Measure(unit_size=unit_size))
    assert ends(reading) == (0, math.inf)


@given(value=counts)
def test_bounds_are_open_on_one_side(value: int) -> None:
    assert ends(reading_of(rc.Claim.at_least(value, **ABOUT))) == (
        pytest.approx(value),
        math.inf,
    )
    assert ends(reading_of(rc.Claim.at_most(value, **ABOUT))) == (0, pytest.approx(value))


def test_a_range_from_nothing_is_an_upper_bound() -> None:
    ranged = reading_of(rc.Claim.between(0, 500, **ABOUT))
    assert ranged == reading_of(rc.Claim.at_most(500, **ABOUT))


@given(value=counts)
def test_a_number_lies_in_its_cell_and_about_in_a_wider_one(value: int) -> None:
    low, high = ends(reading_of(rc.Claim.point(value, **ABOUT)))
    assert low < value < high
    # The cell is even on the natural scale: nobody rounds logarithms.
    assert high - value == pytest.approx(value - low, rel=1e-6)
    wide = ends(reading_of(rc.Claim.about(value, **ABOUT)))
    assert wide[0] <= low * (1 + 1e-12) and wide[1] >= high * (1 - 1e-12)


@given(ends_=ascending, coverage=st.floats(0.01, 0.999))
def test_an_interval_has_its_stated_coverage(ends_: tuple[int, int], coverage: float) -> None:
    reading = reading_of(rc.Claim.interval(*ends_, coverage, **ABOUT))
    stated = logistic(reading.centre_log, reading.width_log)
    inside = stated.cdf(math.log(ends_[1])) - stated.cdf(math.log(ends_[0]))
    assert inside == pytest.approx(coverage, rel=1e-6)
    assert stated.cdf(math.log(ends_[0])) == pytest.approx((1 - coverage) / 2, rel=1e-6)


@given(ends_=ascending)
def test_a_wider_statement_of_the_same_coverage_is_a_wider_scale(ends_: tuple[int, int]) -> None:
    low, high = ends_
    narrow = reading_of(rc.Claim.interval(low, high, 0.9, **ABOUT)).width_log
    assert reading_of(rc.Claim.interval(low, high + 1, 0.9, **ABOUT)).width_log > narrow
    assert reading_of(rc.Claim.interval(low, high, 0.95, **ABOUT)).width_log < narrow


def test_a_best_value_is_the_centre() -> None:
    survey = rc.Claim.interval(793, 8498, 0.95, value=4645, **ABOUT)
    assert reading_of(survey).centre_log == pytest.approx(math.log(4645))
    ranged = rc.Claim.between(100, 900, value=200, **ABOUT)
    assert reading_of(ranged).centre_log == pytest.approx(0.5 * math.log(200 * 300))
    middle = rc.Claim.between(100, 900, **ABOUT)
    assert reading_of(middle).centre_log == pytest.approx(math.log(300))


@given(low=st.integers(-(10**6), 0), high=counts, coverage=st.floats(0.05, 0.99))
def test_an_interval_that_reaches_below_zero_is_one_of_the_natural_scale(
    low: int, high: int, coverage: float
) -> None:
    reading = reading_of(rc.Claim.interval(low, high, coverage, **ABOUT))
    assert reading.is_linear
    unit = math.exp(reading.unit_log)
    stated = logistic(reading.linear_centre * unit, reading.width_log * unit)
    assert stated.cdf(high) - stated.cdf(low) == pytest.approx(coverage, rel=1e-6)
    assert stated.median() == pytest.approx(0.5 * (low + high), abs=1e-6)
    # What the prior of a figure is centred on must be a number above zero, not beyond the end.
    assert reading.centre_log < math.log(max(high, high - low))


@given(ends_=ascending, share=st.floats(0, 1))
def test_a_truth_has_nine_tenths_of_its_mass_inside(ends_: tuple[int, int], share: float) -> None:
    low, high = ends_
    reading = reading_of(rc.Claim.truth(low, high, **ABOUT))
    believed = logistic(reading.centre_log, reading.width_log)
    inside = believed.cdf(math.log(high)) - believed.cdf(math.log(low))
    assert inside == pytest.approx(0.9) or (reading.width_log == 0.001 and inside < 0.9)
    assert reading.is_truth and not reading.is_bound
    best = low + share * (high - low)
    told = reading_of(rc.Claim.truth(low, high, value=best, **ABOUT))
    assert told.centre_log == pytest.approx(math.log(best))
    assert told.width_log == reading.width_log


def test_a_truth_that_is_known_exactly_is_all_but_a_number() -> None:
    reading = reading_of(rc.Claim.truth(85, 85, **ABOUT))
    assert reading.centre_log == pytest.approx(math.log(85))
    assert reading.down_log == reading.up_log == reading.width_log == 0.001


@pytest.mark.parametrize(("high", "low"), [(40, 0.5), (0.2, 0.1)])
def test_a_truth_from_zero_starts_where_there_is_less_than_one(high: float, low: float) -> None:
    reading = reading_of(rc.Claim.truth(0, high, **ABOUT))
    assert reading.centre_log == pytest.approx(0.5 * math.log(low * high))
    assert reading.width_log == pytest.approx(math.log(high / low) / (2 * math.log(19)))


def test_probabilities_of_a_vacuous_bound_are_one() -> None:
    reading = reading_of(rc.Claim.at_least(0, **ABOUT))
    truth = np.linspace(-20, 20, 9)
    up = expit(reading.centre_log + reading.up_log - truth)
    down = expit(reading.centre_log - reading.down_log - truth)
    assert np.all(up - down == 1)


@given(made=st.lists(claims(), min_size=1, max_size=5))
def test_readings_stack_in_order(made: list[rc.Claim]) -> None:
    readings = [reading_of(claim) for claim in made]
    stacked = Readings.stack(readings)
    for field in fields(Reading):
        column = getattr(stacked, field.name)
        assert column.shape == (len(made),)
        assert column.tolist() == [getattr(reading, field.name) for reading in readings]
    assert stacked.is_bound.dtype == stacked.is_truth.dtype == bool
