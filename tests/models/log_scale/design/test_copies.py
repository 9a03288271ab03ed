"""What other sources said before may have been copied."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.design import design

Q = 0.4
PRIORS = rc.Priors().replace(copied_share=Q)


def point(value: float, source: str, day: int = 1, **further: object) -> rc.Claim:
    about = {"figure": "killed", "role": "media", "said": dt.date(2020, 3, day)}
    return rc.Claim.point(value, source=source, **(about | further))


def copies(*claims: rc.Claim) -> tuple[list[float], list[float]]:
    """Probability of no copy, and of one times that of its number, of each claim."""
    plan = design(rc.ClaimSet(claims, figures=[rc.Figure(name="killed", accrues=False)]), PRIORS)
    return plan.copies.apart.tolist(), plan.copies.copied.tolist()


def test_a_number_that_was_said_before_may_have_been_copied() -> None:
    """The first one is not; of two that went before, either is copied with even chances."""
    claims = point(120, "A"), point(120, "B", 2), point(340, "C", 3), point(340, "D", 4)
    apart, copied = copies(*claims)
    assert apart == pytest.approx([1, 1 - Q, 1 - Q, 1 - Q])
    assert copied == pytest.approx([0, 0.8 * Q, 0, 0.8 * Q / 3], rel=0.05)
    for order in permutations(range(4)):
        shuffled = copies(*(claims[k] for k in order))[1]
        assert shuffled == pytest.approx([copied[k] for k in order])


def test_a_number_near_by_is_a_copy_less_often_than_it_is_equal() -> None:
    of_number = [copies(point(1003, "A"), point(x, "B", 2))[1][1] for x in range(1003, 1124, 20)]
    assert all(np.diff(of_number) <= 0)
    assert 0 < of_number[1] < 0.05 * of_number[0]
    assert of_number[-1] == 0
    # All numbers that a copy may have, together; round ones stand for their neighbours, too.
    every = [copies(point(1003, "A"), point(x, "B", 2))[1][1] for x in range(893, 1123) if x % 10]
    assert sum(every) == pytest.approx((0.8 + 0.2 * 0.9) * Q, rel=0.02)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (point(120, "B"), True),
        (point(120, "B", said=None), True),
        (point(120, "A", 3), False),
        (point(120, "B", figure="wounded"), False),
        (point(120, "B", population="Belia"), False),
        (rc.Claim.at_least(120, figure="killed", source="B", role="media"), False),
        (rc.Claim.confirmed(120, figure="killed", source="B", role="media"), False),
    ],
)
def test_copies_are_of_other_sources_on_the_same(other: rc.Claim, alike: bool) -> None:
    other = replace(other, population=other.population or "Aland")
    assert (sum(copies(point(120, "A", population="Aland"), other)[1]) > 0) == alike


def test_nobody_copies_a_source_that_knows_less() -> None:
    for role, others, alike in (
        ("expert", "media", False),
        ("media", "expert", True),
        ("expert", "expert", True),
    ):
        made = point(120, "A", role=others), point(120, "B", 9, role=role)
        assert (copies(*made)[1][1] > 0) == alike


def test_in_a_long_row_the_last_ones_are_looked_at() -> None:
    row = [point(100 * 2**k, f"S{k:02}", said=None) for k in range(12)]
    again = [replace(row[0], source=f"T{k:02}", said=dt.date(2020, 3, 1)) for k in range(40)]
    _, copied = copies(*row, *again)
    assert copied[len(row) + 1] == pytest.approx(0.8 * Q, rel=0.05)
    assert copied[-1] == pytest.approx(0.8 * Q, rel=0.05)


def median_and_width(*values: float, q: float) -> tuple[float, float]:
    claims = [point(x, f"paper {k}", k + 1) for k, x in enumerate(values)]
    case = {"setting": "disaster", "start": "2020-03-01", "end": "2020-03-01"}
    priors = rc.Priors().replace(copied_share=q)
    settings = {"priors": priors, "random_seed": 1, "progressbar": False}
    tree = rc.fit(rc.ClaimSet(claims, **case), **settings)
    low, median, high = np.quantile(rc.draws(tree, "killed"), [0.05, 0.5, 0.95])
    return float(median), math.log(high / low)


def test_five_papers_with_one_number_are_hardly_more_than_one() -> None:
    """Without copies they would be five who agree to the last."""
    _, one = median_and_width(340, q=Q)
    _, five = median_and_width(*[340] * 5, q=Q)
    _, independent = median_and_width(*[340] * 5, q=0)
    assert independent < 0.15
    assert 0.6 * one < five < 1.1 * one
