"""The normal distribution about the mode: close where the posterior is normal, else it says so."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from reconcile.inference import density as sampler
from reconcile.inference import sparse_hessian as sparse_curvature

NUMBERS = (980, 1010, 1040, 1000, 1025, 990, 1015, 1005, 970, 1030)


def settled() -> rc.ClaimSet:
    """Ten careful counts of one figure."""
    return rc.ClaimSet(
        [
            rc.Claim.point(number, figure="killed", source=f"source {k}", role="expert")
            for k, number in enumerate(NUMBERS)
        ]
    )


def contradicting() -> rc.ClaimSet:
    """Two claims ten times apart: two modes, and long tails."""
    return rc.ClaimSet(
        [
            rc.Claim.point(100, figure="killed", source="A", role="own"),
            rc.Claim.point(9000, figure="killed", source="B", role="rumour", status="withdrawn"),
            rc.Claim.at_least(400, figure="killed", source="C", role="leak"),
        ],
        setting="war",
    )


def log_estimate(tree: xr.DataTree) -> np.ndarray:
    return np.log(tree["posterior"]["estimate"].to_numpy().ravel())


@pytest.mark.filterwarnings("ignore::reconcile.errors.ConvergenceWarning")
def test_it_is_close_to_nuts_where_the_posterior_is_nearly_normal() -> None:
    nuts = rc.fit(settled(), random_seed=1, progressbar=False)
    laplace = rc.fit(settled(), method="laplace", random_seed=1, progressbar=False)
    ours, theirs = log_estimate(laplace), log_estimate(nuts)
    assert ours.shape == theirs.shape
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.15 * theirs.std())
    assert ours.std() == pytest.approx(theirs.std(), rel=0.15)
    assert nuts.attrs["method"] == "nuts" and laplace.attrs["method"] == "laplace"
    assert laplace.attrs["pareto_k"] < 1.0
    assert set(laplace["posterior"].data_vars) == set(nuts["posterior"].data_vars)


def test_where_it_is_not_the_result_is_marked() -> None:
    with pytest.warns(rc.ConvergenceWarning, match="a first look only"):
        tree = rc.fit(contradicting(), method="laplace", random_seed=1, progressbar=False)
    assert tree.attrs["converged"] == 0 and tree.attrs["pareto_k"] > 0.7
    with pytest.warns(rc.ConvergenceWarning, match="Pareto k"):
        rc.summary(tree)


def test_the_same_seed_gives_the_same_draws() -> None:
    with pytest.warns(rc.ConvergenceWarning):
        one, two, other = (
            log_estimate(rc.fit(contradicting(), method="laplace", random_seed=s))
            for s in (1, 1, 2)
        )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_what_it_cannot_do_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="method='advi': legal are 'nuts' and 'laplace'"):
        rc.fit(settled(), method="advi")  # type: ignore[arg-type]
    linear = rc.ClaimSet(
        [rc.Claim.interval(-1, 1, 0.9, figure="effect", source="A", role="expert")],
        figures=[rc.Figure(name="effect", scale="linear", spread=0.5)],
    )
    with pytest.raises(ValueError, match="for figures with scale linear 'nuts' is legal"):
        rc.fit(linear, method="laplace")
    monkeypatch.setattr(sampler, "_MAX_HESSIAN", 5)
    monkeypatch.setattr(sparse_curvature.SparseHessian, "of", lambda touches: None)
    with pytest.raises(ValueError, match="at most 5"):
        rc.fit(settled(), method="laplace")
