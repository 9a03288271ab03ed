"""R-hat and effective sample sizes of many variables at once are those of ArviZ, one by one."""

from __future__ import annotations

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from reconcile import _parallel as blocks
from reconcile.results import diagnostics


def chains(chain: int, draw: int, variables: int = 30) -> np.ndarray:
    """Of every kind: independent, slow, drifting apart, with ties, antithetic, constant."""
    rng = np.random.default_rng([chain, draw])
    steps = rng.normal(size=(chain, draw, variables))
    found = steps.cumsum(axis=1) * rng.uniform(0, 1, variables) + 3 * rng.normal(size=steps.shape)
    found[..., 0] = 1.0
    found[..., 1] = np.round(found[..., 1])
    found[:, 1::2, 2], found[:, ::2, 2] = -np.abs(found[:, 1::2, 2]), np.abs(found[:, ::2, 2])
    found[..., 3] += 5 * np.arange(chain)[:, None]
    found[..., 4] = np.exp(5 * found[..., 4])
    found[..., 5] = rng.normal(size=(chain, draw))
    return found


@pytest.mark.parametrize(
    ("chain", "draw"), [(4, 200), (4, 1000), (2, 37), (3, 101), (1, 100), (4, 10), (4, 11)]
)
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_they_are_those_of_arviz(chain: int, draw: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "AT_ONCE", 7 * chain * draw)
    values = chains(chain, draw)
    theirs = xr.Dataset({"x": (("chain", "draw", "v"), values)})
    tails = (0.05, 0.95)
    pairs = [
        (diagnostics.ess_bulk, arviz_stats.ess(theirs, method="bulk")),
        (diagnostics.ess_tail, arviz_stats.ess(theirs, method="tail", prob=tails)),
    ]
    if chain > 1:
        pairs.append((diagnostics.r_hat, arviz_stats.rhat(theirs)))
    for ours, expected in pairs:
        np.testing.assert_allclose(ours(values), expected["x"].to_numpy(), rtol=1e-10)


def test_lines_in_others_are_worked_out_once() -> None:
    """Rising ones only: the ends change places otherwise. One draw that is off is none."""
    values = chains(4, 200, 6)
    # Where small ones are lost beside large ones when 3 is added, draws tie.
    values[..., 4] = np.log(values[..., 4])
    rising, falling, nearly = 3 + 2 * values, 1 - values, values.copy()
    nearly[1, 77] += 1e-6 * np.ptp(values, axis=(0, 1))
    every = np.concatenate([values, rising, falling, nearly], axis=2)
    distinct, of = diagnostics.distinct_variables(every)
    # The first of them is the same everywhere.
    assert set(range(6)) <= set(distinct)
    assert set(range(13, 24)) <= set(distinct)
    assert [distinct[k] for k in of[7:12]] == [1, 2, 3, 4, 5]
    found = diagnostics.convergence_statistics(every)
    # Which of two draws is farther from the median may depend on how a line in it was rounded.
    for name, tolerance in (("r_hat", 1e-3), ("ess_bulk", 1e-10), ("ess_tail", 1e-10)):
        one_by_one = getattr(diagnostics, name)(every)
        np.testing.assert_allclose(found[name], one_by_one, rtol=tolerance)


def test_what_is_not_a_number_is_seen() -> None:
    values = chains(4, 100)
    values[2, 50, 7] = np.nan
    for statistic in (diagnostics.r_hat, diagnostics.ess_bulk, diagnostics.ess_tail):
        assert np.isnan(statistic(values)[7])
        assert np.isfinite(statistic(values)[8])


def test_of_no_variable_there_is_nothing() -> None:
    nothing = np.zeros((4, 100, 0))
    assert all(
        statistic(nothing).shape == (0,)
        for statistic in (diagnostics.r_hat, diagnostics.ess_bulk, diagnostics.ess_tail)
    )
    assert {len(values) for values in diagnostics.convergence_statistics(nothing).values()} == {0}
