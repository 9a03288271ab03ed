"""What differs: standing numbers for one day, best values first, bounds where they are broken."""

from __future__ import annotations

import numpy as np
import pytest

import reconcile as rc
from prior_trees import prior_tree
from reconcile.results.claimed import contradiction
from reconcile.results.scales import LINEAR
from reconcile.results.selection import claims_on, select

DAY, LATER = "2022-03-23", "2022-03-30"


def made(kind: str, *numbers: float, source: str = "", **further: object) -> rc.Claim:
    about = {"figure": "killed", "source": source or str(numbers), "role": "third"} | further
    return getattr(rc.Claim, kind)(*numbers, **about)


def factor(*claims: rc.Claim) -> float | None:
    figure = rc.Figure(name="killed", accrues=any(claim.date for claim in claims))
    tree = prior_tree(rc.ClaimSet(claims, figures=[figure], start="2022-01-01"), draws=10)
    chosen = select(tree, "killed")
    return contradiction(claims_on(tree, chosen), chosen.scale, dated=chosen.date is not None)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([made("point", 100), made("point", 250)], 2.5),
        # The same range twice, and nearly the same.
        ([made("between", 7e3, 15e3, source="A"), made("between", 7e3, 15e3, source="B")], 1.0),
        ([made("between", 7e3, 15e3), made("between", 8e3, 17e3)], 1.0),
        # Ranges that hardly overlap, or not at all: their middles, 200 and 800.
        ([made("between", 100, 400), made("between", 390, 390 * 1.5625)], 390 * 1.25 / 200),
        ([made("between", 100, 400), made("between", 400, 1600)], 4.0),
        # A number inside a range, at its end, and outside.
        ([made("between", 100, 400), made("point", 400)], 1.0),
        ([made("between", 100, 400), made("point", 1000)], 5.0),
        # A best value stands for its range.
        ([made("between", 450, 3000, value=450), made("point", 900)], 2.0),
        ([made("between", 100, 900, value=200), made("between", 150, 800, value=600)], 3.0),
    ],
)
def test_numbers_differ_by_a_factor(claims: list[rc.Claim], expected: float) -> None:
    assert factor(*claims) == pytest.approx(expected)
    assert factor(*reversed(claims)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "claims",
    [
        [made("point", 100)],
        [made("at_least", 20), made("point", 100)],
        [made("at_least", 50), made("at_most", 4e4)],
        [made("at_most", 300), made("between", 100, 400)],
        [made("confirmed", 20, role="own"), made("point", 100)],
        [made("vague", "dozens"), made("point", 1e6)],
        [made("point", 100), made("point", 900, status="withdrawn: a slip")],
        [made("point", 100), made("point", 900, status="revised")],
        [made("point", 100), made("truth", 5000, 5000, role="")],
    ],
)
def test_nothing_is_said_where_nothing_can_be_compared(claims: list[rc.Claim]) -> None:
    assert factor(*claims) is None


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([made("at_least", 300), made("point", 100)], 3.0),
        ([made("at_least", 80), made("at_most", 40)], 2.0),
        ([made("at_most", 50), made("between", 100, 400)], 2.0),
        ([made("confirmed", 300, role="own"), made("point", 100)], 3.0),
    ],
)
def test_a_broken_bound_contradicts(claims: list[rc.Claim], expected: float) -> None:
    assert factor(*claims) == pytest.approx(expected)


def test_only_numbers_for_one_day_are_compared() -> None:
    early, late = (made("point", x, date=d) for x, d in ((100, DAY), (900, LATER)))
    assert factor(early, late) is None
    assert factor(early, late, made("point", 150, date=DAY)) == pytest.approx(1.5)
    # A total of a week beside one since the start.
    assert factor(late, made("point", 90, date=LATER, since=DAY)) is None


def test_a_rate_is_compared_as_its_total() -> None:
    rate = made("point", 10, per="day", since="2022-03-21", date="2022-03-30")
    total = made("point", 200, since="2022-03-21", date="2022-03-30")
    assert factor(rate, total) == pytest.approx(2)


def test_differences_where_numbers_may_be_negative() -> None:
    claims = rc.ClaimSet(
        [
            made("point", x, figure="migration", scale="linear", source=s)
            for x, s in ((-12_000, "A"), (-12_100, "B"), (50, "C"))
        ],
        figures=[rc.Figure(name="migration", scale="linear")],
    )
    tree = rc.fit(claims, random_seed=1, draws=100, tune=100, progressbar=False)
    assert contradiction(tree["claims"].to_dataset(), LINEAR, dated=False) == pytest.approx(12_150)


def test_zero_is_at_no_distance() -> None:
    found = factor(made("point", 0), made("point", 100), made("point", 200))
    assert found == pytest.approx(2)
    assert np.isfinite(found)
