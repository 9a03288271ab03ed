"""The normal distribution about the mode: close where the posterior is normal, else it says so."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from reconcile.inference import density as sampler
from reconcile.inference import sparse_hessian as sparse_curvature

NUMBERS = (980, 1010, 1040, 1000, 1025, 990, 1015, 1005, 970, 1030)


# Hardly any of the errors with heavy tails.
NORMAL = rc.Priors().replace(difficulty_sd_log=0.05, common_tail=0.0, common_bias_sd_log=0.05)


def settled() -> rc.ClaimSet:
    """Ten careful counts of one figure."""
    return rc.ClaimSet(
        [
            rc.Claim.point(number, figure="killed", source=f"source {k}", role="expert")
            for k, number in enumerate(NUMBERS)
        ]
    )


def contradicting() -> rc.ClaimSet:
    """Two measurements, hundreds of standard errors apart: two modes, and long tails."""
    return rc.ClaimSet(
        [
            rc.Claim.standard_error(value, error, figure="mass", source=source, role="expert")
            for value, error, source in ((100, 0.1, "A"), (140, 0.2, "B"))
        ],
        setting="measurement",
    )


def log_estimate(tree: xr.DataTree) -> np.ndarray:
    return np.log(tree["posterior"]["estimate"].to_numpy().ravel())


@pytest.mark.filterwarnings("ignore::reconcile.errors.ConvergenceWarning")
def test_it_is_close_to_nuts_where_the_posterior_is_nearly_normal() -> None:
    nuts = rc.fit(settled(), priors=NORMAL, random_seed=1, progressbar=False)
    laplace = rc.fit(settled(), priors=NORMAL, method="laplace", random_seed=1, progressbar=False)
    ours, theirs = log_estimate(laplace), log_estimate(nuts)
    assert ours.shape == theirs.shape
    (low, middle, high), (least, centre, most) = (
        np.quantile(x, (0.1, 0.5, 0.9)) for x in (ours, theirs)
    )
    assert middle == pytest.approx(centre, abs=0.06 * (most - least))
    assert high - low == pytest.approx(most - least, rel=0.15)
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
    with pytest.raises(ValueError, match="method='advi' must be 'nuts' or 'laplace'"):
        rc.fit(settled(), method="advi")  # type: ignore[arg-type]
    linear = rc.ClaimSet(
        [rc.Claim.interval(-1, 1, 0.9, figure="effect", source="A", role="expert")],
        figures=[rc.Figure(name="effect", scale="linear", spread=0.5)],
    )
    with pytest.raises(ValueError, match="not available for figures with scale linear"):
        rc.fit(linear, method="laplace")
    monkeypatch.setattr(sampler, "MAX_HESSIAN", 5)
    monkeypatch.setattr(sparse_curvature.SparseHessian, "of", lambda sparsity_pattern: None)
    with pytest.raises(ValueError, match="at most 5"):
        rc.fit(settled(), method="laplace")
