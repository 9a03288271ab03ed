"""Nothing depends on the blocks in which draws are worked on."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from model_sets import hard_case
from reconcile import _parallel as blocks
from reconcile._parallel import in_blocks
from reconcile.models.log_scale import tree
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.prior import draw_parameters


@given(n=st.integers(0, 50), each=st.integers(1, 400_000))
def test_every_thing_is_in_one_block(n: int, each: int) -> None:
    parts = in_blocks(lambda block, number: (number, list(range(n))[block]), n, each=each)
    assert [number for number, _ in parts] == list(range(len(parts)))
    assert [k for _, part in parts for k in part] == list(range(n))
    assert all(len(part) * each <= 1_000_000 for _, part in parts)
    # No more of them than it takes.
    assert len(parts) == max(-(-n // (1_000_000 // each)), 1)


def test_what_is_larger_than_a_block_is_one_by_itself() -> None:
    assert len(in_blocks(lambda block, _: block, 3, each=10_000_000)) == 3


def test_a_failure_in_a_block_is_raised() -> None:
    def work(block: slice, number: int) -> None:
        if number == 2:
            raise ArithmeticError("no number")

    with pytest.raises(ArithmeticError, match="no number"):
        in_blocks(work, 5, each=1_000_000)


def fitted() -> xr.DataTree:
    return rc.fit(hard_case(), draws=500, tune=500, random_seed=3, progressbar=False)


@pytest.mark.filterwarnings("ignore::reconcile.ConvergenceWarning")
def test_a_fit_is_the_same_in_one_block_and_in_many(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fitted()
    monkeypatch.setattr(blocks, "AT_ONCE", 2_000)
    one, other = fitted(), fitted()
    # Whatever the threads do, the numbers are those of the seed.
    xr.testing.assert_identical(one, other)
    for group in ("posterior", "prior", "log_likelihood", "claims", "sample_stats"):
        xr.testing.assert_allclose(one[group].to_dataset(), whole[group].to_dataset(), rtol=1e-12)
    before, after = (fit["posterior_predictive"].to_dataset() for fit in (whole, one))
    xr.testing.assert_allclose(before["sum_log"], after["sum_log"], rtol=1e-12)
    # 2,000 draws: the mean and the spread of readings, within five standard errors.
    off = (after - before)["reading_log"].mean(("chain", "draw"))
    assert (abs(off) < 5 * np.sqrt(2 / 2_000) * before["reading_log"].std(("chain", "draw"))).all()


def test_every_block_has_random_numbers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one draw, again and again: with the same random numbers the blocks would be the same."""
    plan, copies = design(hard_case()), 40
    drawn = draw_parameters(plan, np.random.default_rng(1), 1)
    same = {name: np.repeat(values, copies, axis=0) for name, values in drawn.items()}
    monkeypatch.setattr(blocks, "AT_ONCE", 1)
    found = tree.predictive_draws(plan, same, np.random.default_rng(2))
    noise = found.reading_log - found.sum_log
    first, following = noise[:-1].ravel(), noise[1:].ravel()
    distinct = first != following
    # A bound with one end that is not sound, and a truth, are said without noise.
    assert distinct.mean() > 0.95
