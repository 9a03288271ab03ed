"""Summary, draws and probabilities, also from a saved fit without PyMC."""

import datetime as dt
import subprocess
import sys
import textwrap
from pathlib import Path

import arviz_stats
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import reconcile as rc
from prior_trees import prior_tree
from reconcile.results.summary import credible_interval


@pytest.fixture(scope="module")
def two_populations() -> xr.DataTree:
    """A running total of one population, and one fixed figure of each."""
    said = {"source": "A", "role": "third"}
    return prior_tree(
        rc.ClaimSet(
            [
                rc.Claim.point(50, figure="killed", population="X", date="2022-03-01", **said),
                rc.Claim.point(90, figure="killed", population="X", date="2022-03-09", **said),
                rc.Claim.point(700, figure="houses", population="X", **said),
                rc.Claim.point(300, figure="houses", population="Y", **said),
            ],
            setting="war",
        )
    )


def test_columns_and_their_order(fitted: xr.DataTree) -> None:
    assert list(rc.summary(fitted).columns) == [
        *("population", "figure", "date", "mean", "sd", "median", "eti90_lb", "eti90_ub"),
        *("ess_bulk", "ess_tail", "r_hat", "converged"),
    ]


def test_one_row_for_each_population_figure_and_date(fitted: xr.DataTree) -> None:
    table = rc.summary(fitted)
    keys = ["population", "figure", "date"]
    assert not table.duplicated(keys).any()
    assert set(table["population"]) == {"Russia"}
    assert list(dict.fromkeys(table["figure"])) == [
        *("killed", "wounded", "captured", "missing", "casualties")
    ]
    days = ["2022-03-02", "2022-03-20", "2022-03-23", "2022-03-25", "2022-04-07"]
    for _, rows in table.groupby("figure"):
        assert list(rows["date"]) == [pd.Timestamp(day) for day in days]


@pytest.mark.parametrize(
    ("prob", "kind", "name"),
    [(0.5, "hdi", "hdi50"), (0.975, "eti", "eti97.5"), (0.9, "hdi", "hdi90")],
)
def test_kind_and_mass_are_in_the_names(
    fitted: xr.DataTree, prob: float, kind: str, name: str
) -> None:
    table = rc.summary(fitted, ci_prob=prob, ci_kind=kind)
    assert list(table.columns[6:8]) == [f"{name}_lb", f"{name}_ub"]
    values = rc.draws(fitted, "killed", date="2022-03-23")
    row = table[(table["figure"] == "killed") & (table["date"] == "2022-03-23")].iloc[0]
    expected = getattr(arviz_stats, kind)(values, prob=prob).values
    np.testing.assert_allclose([row[f"{name}_lb"], row[f"{name}_ub"]], expected, rtol=1e-12)


def test_numbers_are_those_of_the_draws_not_rounded(fitted: xr.DataTree) -> None:
    table = rc.summary(fitted)
    for row in table.itertuples():
        array = rc.draws(fitted, row.figure, population=row.population, date=row.date)
        x = array.to_numpy().ravel()
        expected = [x.mean(), x.std(ddof=1), *np.quantile(x, [0.5, 0.05, 0.95])]
        found = [row.mean, row.sd, row.median, row.eti90_lb, row.eti90_ub]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        assert row.ess_bulk == pytest.approx(float(arviz_stats.ess(array, method="bulk")))
        assert row.ess_tail == pytest.approx(
            float(arviz_stats.ess(array, method="tail", prob=(0.05, 0.95)))
        )
        assert row.r_hat == pytest.approx(float(arviz_stats.rhat(array)))
    assert (table["mean"] != table["mean"].round(2)).all()


def test_a_fixed_figure_has_no_date(two_populations: xr.DataTree) -> None:
    table = rc.summary(two_populations)
    fixed = table["figure"] == "houses"
    assert pd.api.types.is_datetime64_any_dtype(table["date"])
    assert table.loc[fixed, "date"].isna().all()
    assert table.loc[~fixed, "date"].notna().all()
    assert list(table.loc[fixed, "population"]) == ["X", "Y"]


def test_a_fit_of_fixed_figures_alone_still_has_dates_as_dates() -> None:
    claims = rc.ClaimSet([rc.Claim.point(7, figure="houses", source="A", role="own")])
    assert pd.api.types.is_datetime64_any_dtype(rc.summary(prior_tree(claims))["date"])


@pytest.mark.parametrize("prob", [0, 1, 90, -0.1, True])
def test_an_impossible_mass_is_refused(fitted: xr.DataTree, prob: float) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        rc.summary(fitted, ci_prob=prob)


def test_an_unknown_kind_is_refused(fitted: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="ci_kind='ci' must be 'eti' or 'hdi'"):
        rc.summary(fitted, ci_kind="ci")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("prob", [0.05, 0.5, 0.9, 0.997])
def test_highest_density_interval_is_arviz_s(seed: int, prob: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(3, 1.5, size=int(rng.integers(50, 3000)))
    np.testing.assert_allclose(
        credible_interval(values, ci_prob=prob, ci_kind="hdi"),
        arviz_stats.hdi(values, prob=prob),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        credible_interval(values, ci_prob=prob, ci_kind="eti"),
        arviz_stats.eti(values, prob=prob),
        rtol=1e-12,
    )


def test_draws_are_on_the_natural_scale(fitted: xr.DataTree) -> None:
    values = rc.draws(fitted, "killed", population="Russia", date="2022-03-23")
    assert values.dims == ("chain", "draw")
    assert values.shape == (4, 1000)
    log_total = fitted["posterior"]["total_log"].sel(series="Russia | killed")
    last = rc.draws(fitted, "killed")
    np.testing.assert_allclose(np.log(last), log_total.transpose("chain", "draw"), rtol=1e-9)


@pytest.mark.parametrize("figure", ["killed", "wounded", "casualties"])
def test_the_last_date_is_the_default(fitted: xr.DataTree, figure: str) -> None:
    """One date for all figures of a population, so that parts add up to their sum."""
    last = rc.draws(fitted, figure, date=dt.date(2022, 4, 7))
    xr.testing.assert_identical(rc.draws(fitted, figure), last)
    assert float(last.median()) > float(rc.draws(fitted, figure, date="2022-03-02").median())


def test_the_last_date_is_that_of_the_population() -> None:
    """Claims on another population do not move it."""
    said = {"figure": "killed", "source": "A", "role": "third"}
    days = {"X": ("2022-03-01", "2022-03-09"), "Y": ("2022-03-05", "2022-03-20")}
    claims = [
        rc.Claim.point(50 + k, population=population, date=day, **said)
        for population, own in days.items()
        for k, day in enumerate(own)
    ]
    tree = prior_tree(rc.ClaimSet(claims, setting="war"))
    for population, (_, last) in days.items():
        default = rc.draws(tree, "killed", population=population)
        assert default.coords["quantity_date"].item() == last


def test_a_sum_in_any_order_is_the_sum_of_its_parts(fitted: xr.DataTree) -> None:
    parts = ("killed", "wounded", "captured", "missing")
    day = "2022-03-23"
    total = sum(rc.draws(fitted, part, date=day).to_numpy() for part in parts)
    for name in ("casualties", "missing+killed + captured+ wounded", " + ".join(parts)):
        np.testing.assert_allclose(rc.draws(fitted, name, date=day), total, rtol=1e-9)


def test_probability_is_the_share_of_the_draws(fitted: xr.DataTree) -> None:
    x = rc.draws(fitted, "killed", date="2022-03-23").to_numpy()
    said = {"figure": "killed", "date": "2022-03-23"}
    above = rc.probability(fitted, above=10_000, **said)
    assert above == pytest.approx((x > 10_000).mean())
    assert rc.probability(fitted, below=10_000, **said) == pytest.approx(1 - above)
    between = rc.probability(fitted, above=5_000, below=10_000, **said)
    assert between == pytest.approx(((x > 5_000) & (x < 10_000)).mean())
    assert 0.2 < between < 0.8
    assert rc.probability(fitted, above=0, **said) == 1


def test_no_probability_is_0_or_1(fitted: xr.DataTree) -> None:
    """What no draw shows is less probable than 1 in the effective number of draws."""
    table = rc.summary(fitted)
    ess = table[(table["figure"] == "killed") & (table["date"] == "2022-03-23")]["ess_bulk"].iloc[0]
    said = {"figure": "killed", "date": "2022-03-23"}
    assert rc.probability(fitted, above=1e12, **said) == pytest.approx(1 / ess)
    assert rc.probability(fitted, below=1e12, **said) == pytest.approx(1 - 1 / ess)
    assert rc.probability(fitted, above=1e11, below=1e12, **said) == pytest.approx(1 / ess)
    # That no figure is below 0 is no matter of draws.
    assert rc.probability(fitted, below=0, **said) == 0


def test_a_probability_of_nothing_is_refused(fitted: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="give above=, below=, or both"):
        rc.probability(fitted, "killed")
    for below in (5, 10):
        with pytest.raises(ValueError, match=f"above=10 must be less than below={below}"):
            rc.probability(fitted, "killed", above=10, below=below)


ASKING = {
    "draws": rc.draws,
    "probability": lambda tree, *a, **k: rc.probability(tree, *a, above=1, **k),
    "sentence": rc.sentence,
    "plot_claims": lambda tree, *a, **k: rc.plot_claims(tree, *a, backend="none", **k),
    "plot_figure": lambda tree, *a, **k: rc.plot_figure(tree, *a, backend="none", **k),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_what_is_not_there_gets_a_list_of_what_is(ask, two_populations: xr.DataTree) -> None:
    def message(*args, **kwargs) -> str:
        with pytest.raises(ValueError) as caught:  # noqa: PT011  (the message is what is tested)
            ask(two_populations, *args, **kwargs)
        return str(caught.value)

    assert message("kiled") == (
        "no figure 'kiled' in this fit; its figures are: killed, houses (did you mean 'killed'?)"
    )
    assert "killed, houses" in message("killed + houses")
    assert message("houses") == "several populations: give population=, one of X, Y"
    assert message("houses", population="x") == (
        "no population 'x' for this figure; its populations are: X, Y"
    )
    assert message("killed", population="Y") == (
        "no population 'Y' for this figure; its populations are: X"
    )
    assert message("killed", date="2021-03-05") == (
        "no estimate for '2021-03-05'; any day can be asked from 2022-03-01 (first date of the "
        "fit; the case has no start) to 2022-04-08 (30 days after the last date of the fit)"
    )
    assert message("houses", population="X", date="2022-03-05") == (
        "date='2022-03-05': this is one fixed number; leave the date out"
    )


def test_a_plot_of_what_is_not_there_lists_what_is(two_populations: xr.DataTree) -> None:
    with pytest.raises(ValueError, match=r"no figure 'kiled'.*killed, houses.*'killed'"):
        rc.plot_timeline(two_populations, "kiled", backend="none")
    with pytest.raises(ValueError, match="houses is a single fixed number and has no timeline"):
        rc.plot_timeline(two_populations, "houses", population="X", backend="none")
    with pytest.raises(ValueError, match="no source has claims on population 'Z'; there are: X, Y"):
        rc.plot_sources(two_populations, population="Z", backend="none")


# Runs in an interpreter that cannot import the model's packages.
WITHOUT_PYMC = """
    import sys
    from importlib.abc import MetaPathFinder
    from pathlib import Path

    class Barred(MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("pymc", "pytensor", "nutpie"):
                raise ImportError(f"{name} is barred here")

    sys.meta_path.insert(0, Barred())
    import warnings
    import matplotlib
    matplotlib.use("Agg")
    import xarray as xr
    import reconcile as rc

    for kind in (rc.AssumptionWarning, rc.ConvergenceWarning):
        warnings.simplefilter("error", kind)
    folder = Path(sys.argv[1])
    try:
        rc.fit
    except ImportError:
        pass
    else:
        raise AssertionError("the bar does not hold")
    with xr.open_datatree(folder / "fit.nc") as tree:
        rc.summary(tree, ci_prob=0.8, ci_kind="hdi").to_csv(folder / "summary.csv", index=False)
        asked = {"population": "Russia", "date": "2022-03-23"}
        (folder / "sentence.txt").write_text(rc.sentence(tree, "casualties", **asked))
        share = rc.probability(tree, "killed", above=10_000, **asked)
        (folder / "probability.txt").write_text(repr(share))
        total = rc.draws(tree, "wounded + killed + missing + captured", **asked)
        (folder / "draws.txt").write_text(repr(float(total.mean())))
        for plot in (rc.plot_claims, rc.plot_figure, rc.plot_timeline):
            drawn = plot(tree, "killed", backend="matplotlib")
            drawn.savefig(folder / f"{plot.__name__}.png")
        rc.plot_sources(tree, backend="matplotlib").savefig(folder / "plot_sources.png")
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"pymc", "pytensor", "nutpie"}, loaded
"""


def test_a_saved_fit_needs_no_pymc(fitted: xr.DataTree, tmp_path: Path) -> None:
    fitted.to_netcdf(tmp_path / "fit.nc")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WITHOUT_PYMC), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = pd.read_csv(tmp_path / "summary.csv", parse_dates=["date"])
    pd.testing.assert_frame_equal(
        again, rc.summary(fitted, ci_prob=0.8, ci_kind="hdi"), rtol=1e-12, check_dtype=False
    )
    asked = {"population": "Russia", "date": "2022-03-23"}
    assert (tmp_path / "sentence.txt").read_text() == rc.sentence(fitted, "casualties", **asked)
    share = float((tmp_path / "probability.txt").read_text())
    assert share == rc.probability(fitted, "killed", above=10_000, **asked)
    mean = float((tmp_path / "draws.txt").read_text())
    assert mean == pytest.approx(float(rc.draws(fitted, "casualties", **asked).mean()))
    for name in ("plot_claims", "plot_figure", "plot_timeline", "plot_sources"):
        assert (tmp_path / f"{name}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
