"""Nothing depends on the blocks in which draws are worked on."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import reconcile as rc
from cases import hard_case
from reconcile import blocks
from reconcile.blocks import in_blocks
from reconcile.design import design


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
    monkeypatch.setattr(blocks, "_AT_ONCE", 2_000)
    one, other = fitted(), fitted()
    # Whatever the threads do, the numbers are those of the seed.
    xr.testing.assert_identical(one, other)
    for group in ("posterior", "prior", "log_likelihood", "claims", "sample_stats"):
        xr.testing.assert_allclose(one[group].to_dataset(), whole[group].to_dataset(), rtol=1e-12)
    # Random numbers are those of the block: what is read in the next one has nothing of it.
    predicted = [tree["posterior_predictive"].to_dataset() for tree in (whole, one)]
    n = predicted[1].sizes["claim"]
    noise = (predicted[1]["reading_log"] - predicted[1]["sum_log"]).to_numpy().reshape(-1, n)
    size = 2_000 // max(design(hard_case()).structure.n_nodes, n)
    apart = (noise - np.median(noise, axis=0))[: len(noise) // size * size].reshape(-1, size, n)
    here, following = apart[:-1].ravel(), apart[1:].ravel()
    assert abs(stats.spearmanr(here, following).statistic) < 0.2
    # 2,000 draws: the mean and the spread of readings, within five standard errors.
    before, after = (tree["reading_log"] for tree in predicted)
    off = (after - before).mean(("chain", "draw")) / before.std(("chain", "draw"))
    assert abs(off).max() < 5 * np.sqrt(2 / 2_000)
