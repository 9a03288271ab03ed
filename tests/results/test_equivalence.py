"""What the others say of a figure without one claim, against a fit without it."""

import numpy as np
import pytest

import reconcile as rc

NUMBERS = (1013, 1202, 911, 1507)


def counted(numbers: tuple[int, ...]) -> rc.ClaimSet:
    return rc.ClaimSet(
        [rc.Claim.point(n, figure="killed", source=f"source {n}", role="expert") for n in numbers]
    )


def test_a_claim_is_left_out_and_not_counted_twice() -> None:
    settings = {"random_seed": 1, "progressbar": False}
    table = rc.equivalence(rc.fit(counted(NUMBERS), **settings))
    others = rc.fit(counted(NUMBERS[:-1]), **settings)["posterior_predictive"].to_dataset()
    ends = 1507 / np.exp(np.quantile(others["sum_log"].isel(claim=0), (0.95, 0.5, 0.05)))
    # Within all of them the median is off by a factor of 1.35, and less if the claim counts twice.
    assert table["factor"][3] == pytest.approx(ends[1], rel=0.04)
    assert table["eti90_lb"][3] == pytest.approx(ends[0], rel=0.1)
    assert table["eti90_ub"][3] == pytest.approx(ends[2], rel=0.1)
