"""A fit that has not converged never looks like one that has (property 9)."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from reconcile.results.convergence import convergence_problems, mark_converged


def dataset(values: np.ndarray) -> xr.Dataset:
    return xr.Dataset({"estimate": (("chain", "draw"), values)})


def no_divergence(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(np.zeros(values.shape, dtype=bool), dims=("chain", "draw"))


def test_independent_draws_pass() -> None:
    values = np.random.default_rng(1).normal(size=(4, 1000))
    assert convergence_problems(dataset(values), no_divergence(values)) == []


def test_chains_in_two_places_fail_by_r_hat() -> None:
    values = np.random.default_rng(1).normal(size=(4, 1000)) + np.arange(4)[:, None]
    problems = convergence_problems(dataset(values), no_divergence(values))
    assert any(p.startswith("R-hat above 1.01") and "estimate" in p for p in problems)


def test_slow_chains_fail_by_effective_sample_size() -> None:
    noise = np.random.default_rng(1).normal(size=(4, 1000))
    values = np.zeros_like(noise)
    for k in range(1, 1000):
        values[:, k] = 0.97 * values[:, k - 1] + noise[:, k]
    problems = convergence_problems(dataset(values), no_divergence(values))
    assert any(p.startswith("bulk ESS below 400") for p in problems)


def test_the_worst_parameter_is_named() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(4, 1000, 3))
    values[..., 1] += np.arange(4)[:, None]
    values[..., 2] += 3 * np.arange(4)[:, None]
    posterior = xr.Dataset(
        {"bias_log": (("chain", "draw", "voice"), values)}, coords={"voice": ["A", "B", "C"]}
    )
    (problem,) = (
        p for p in convergence_problems(posterior, no_divergence(values[..., 0])) if "R-hat" in p
    )
    assert "2 of 3 parameters, worst bias_log[C]" in problem


def test_more_than_one_divergence_in_a_thousand_fails() -> None:
    values = np.random.default_rng(1).normal(size=(4, 1000))
    diverging = no_divergence(values)
    diverging[2, :4] = True
    assert convergence_problems(dataset(values), diverging) == []
    diverging[2, 7] = True
    assert convergence_problems(dataset(values), diverging) == ["5 of 4000 draws diverged"]


def tree_of(estimate: np.ndarray, nuisance: np.ndarray, diverging: xr.DataArray) -> xr.DataTree:
    quantity = ["quantity"] * estimate.shape[2]
    label = {"quantity": [f"figure {k}" for k in range(estimate.shape[2])]}
    posterior = xr.Dataset(
        {
            "estimate": (("chain", "draw", "quantity"), estimate),
            "noise_log": (("chain", "draw"), nuisance),
        },
        coords=label
        | {f"quantity_{name}": ("quantity", quantity) for name in ("population", "figure")}
        | {"quantity_date": ("quantity", [""] * estimate.shape[2])},
    )
    known = ("reconcile_version", "versions", "random_seed", "claims_sha256")
    tree = xr.DataTree(dataset=xr.Dataset(attrs=dict.fromkeys(known, "")))
    tree["posterior"] = xr.DataTree(dataset=posterior)
    tree["sample_stats"] = xr.DataTree(dataset=xr.Dataset({"diverging": diverging}))
    return tree


def test_each_estimate_is_judged_by_itself() -> None:
    rng = np.random.default_rng(1)
    estimate, nuisance = rng.normal(size=(4, 1000, 2)), rng.normal(size=(4, 1000))
    estimate[..., 1] += np.arange(4)[:, None]
    tree = tree_of(estimate, nuisance, no_divergence(nuisance))
    with pytest.warns(rc.ConvergenceWarning, match="1 of 2 parameters"):
        mark_converged(tree)
    # The fit does not look converged, but its table says which estimate fails.
    assert tree.attrs["converged"] == 0
    with pytest.warns(rc.ConvergenceWarning):
        table = rc.summary(tree)
    assert table["converged"].tolist() == [True, False]


def test_a_nuisance_parameter_condemns_no_estimate() -> None:
    rng = np.random.default_rng(1)
    estimate, nuisance = rng.normal(size=(4, 1000, 2)), rng.normal(size=(4, 1000))
    nuisance += np.arange(4)[:, None]
    tree = tree_of(estimate, nuisance, no_divergence(nuisance))
    mark_converged(tree)
    assert tree.attrs["converged"] == 1
    assert "noise_log" in tree.attrs["convergence_remarks"]
    assert rc.summary(tree)["converged"].all()


def test_divergences_condemn_every_estimate() -> None:
    rng = np.random.default_rng(1)
    estimate, nuisance = rng.normal(size=(4, 1000, 2)), rng.normal(size=(4, 1000))
    diverging = no_divergence(nuisance)
    diverging[1, ::10] = True
    tree = tree_of(estimate, nuisance, diverging)
    with pytest.warns(rc.ConvergenceWarning, match="100 of 4000 draws diverged"):
        mark_converged(tree)
    with pytest.warns(rc.ConvergenceWarning):
        assert not rc.summary(tree)["converged"].any()


def test_one_chain_and_no_numbers_fail() -> None:
    values = np.random.default_rng(1).normal(size=(1, 1000))
    assert "one chain only" in convergence_problems(dataset(values), no_divergence(values))[0]
    stuck = np.full((4, 1000), np.nan)
    assert len(convergence_problems(dataset(stuck), no_divergence(stuck))) == 3


@pytest.fixture(scope="module")
def too_short(seven_claims: rc.ClaimSet) -> xr.DataTree:
    with pytest.warns(rc.ConvergenceWarning, match="has not converged, do not use it"):
        return rc.fit(seven_claims, draws=20, tune=20, random_seed=1, progressbar=False)


def test_the_mark_stays_and_every_use_warns(too_short: xr.DataTree, tmp_path: Path) -> None:
    too_short.to_netcdf(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc") as again:
        again.load()
    for tree in (too_short, again):
        assert tree.attrs["converged"] == 0
        with pytest.warns(rc.ConvergenceWarning, match="ESS below 400"):
            assert not rc.summary(tree).attrs["converged"]
        with pytest.warns(rc.ConvergenceWarning):
            text = rc.sentence(tree, "killed")
        assert text.startswith("NOT CONVERGED, DO NOT CITE")
        with pytest.warns(rc.ConvergenceWarning):
            rc.draws(tree, "killed")
        with pytest.warns(rc.ConvergenceWarning):
            rc.probability(tree, "killed", above=1)
        for plot in (rc.plot_claims, rc.plot_figure, rc.plot_timeline, rc.plot_sources):
            figure = [] if plot is rc.plot_sources else ["killed"]
            with pytest.warns(rc.ConvergenceWarning):
                drawn = plot(tree, *figure, backend="none")
            label = drawn.viz["axes"]["panel"].item()["string"]
            assert "NOT CONVERGED" in label


def test_a_converged_fit_is_marked_and_silent(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1
    assert fitted.attrs["convergence_problems"] == ""
    assert not rc.sentence(fitted, "killed").startswith("NOT")


@pytest.mark.parametrize("family", ["log_scale", "linear_scale", "truth_discovery"])
def test_warnings_point_at_the_line_of_the_caller(family: str) -> None:
    scale = "linear" if family == "linear_scale" else "log"
    what = {"figure": "depth", "scale": "linear"} if scale == "linear" else {"figure": "depth"}
    said = [rc.Claim.at_least(100, source="A", **what), rc.Claim.point(120, source="B", **what)]
    claims = rc.ClaimSet(
        said,
        figures=[rc.Figure(name="depth", scale=scale, accrues=False, plausible=(10, 1000))],
        setting="record" if family == "truth_discovery" else "other",
    )
    assert claims.family == family
    with pytest.warns((rc.AssumptionWarning, rc.ConvergenceWarning)) as caught:
        tree = rc.fit(claims, draws=50, tune=50, chains=1, random_seed=1, progressbar=False)
    assert {rc.AssumptionWarning, rc.ConvergenceWarning} <= {each.category for each in caught}
    with pytest.warns(rc.ConvergenceWarning) as again:
        rc.summary(tree)
    assert {each.filename for each in [*caught, *again]} == {__file__}
