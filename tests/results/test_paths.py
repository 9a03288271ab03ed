"""Any day: between the dates of a fit, before the first and after the last."""

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from model_sets import rich_claims
from prior_trees import prior_tree
from reconcile.results.netcdf import write_netcdf
from reconcile.results.paths import Paths, askable_days
from reconcile.results.selection import select

START, FIRST, LAST = "2022-03-01", "2022-03-31", "2022-05-29"
INSIDE = ["2022-03-15", "2022-04-12", "2022-04-29"]
BEYOND = "2022-06-18"


def case(*claims: rc.Claim, start: str | None = START, **figure) -> rc.ClaimSet:
    """Claims on one figure that changes with time."""
    figures = [rc.Figure(name="killed", **(figure or {"accrues": True}))]
    return rc.ClaimSet(claims, figures=figures, start=start, setting="war")


def point(value: float, date: str, source: str = "A", **further) -> rc.Claim:
    return rc.Claim.point(value, figure="killed", source=source, role="third", date=date, **further)


def vacuous(date: str) -> rc.Claim:
    return rc.Claim.at_least(0, figure="killed", source="V", role="third", date=date)


TWO = point(1000, FIRST), point(3000, LAST)


def days_between(first: str, last: str) -> list[dt.date]:
    begin, end = (dt.date.fromisoformat(day).toordinal() for day in (first, last))
    return [dt.date.fromordinal(day) for day in range(begin, end + 1)]


def every_day(tree: xr.DataTree, figure: str, days: list[dt.date], **where) -> np.ndarray:
    return np.stack([rc.draws(tree, figure, date=day, **where).values for day in days])


@pytest.fixture(scope="module")
def rich() -> xr.DataTree:
    """Draws from the prior: two figures and their sum, with a ceiling on one and on the sum."""
    return prior_tree(rich_claims())


@pytest.fixture(scope="module")
def two_dates() -> xr.DataTree:
    return prior_tree(case(*TWO), draws=4000)


@pytest.mark.parametrize("group", ["posterior", "prior"])
@pytest.mark.parametrize("figure", ["killed", "wounded", "losses"])
def test_at_the_dates_of_a_fit_the_paths_are_its_estimates(
    rich: xr.DataTree, figure: str, group: str
) -> None:
    estimate = rich[group].to_dataset()["estimate"]
    mine = estimate.isel(quantity=estimate["quantity_figure"].values == figure)
    dates = [dt.date.fromisoformat(str(day)) for day in mine["quantity_date"].values]
    figures = {f.name: f for f in rich_claims().figures.values()}
    parts = select(rich, figure, population="A").parts.split(" + ")
    found = Paths(rich, figures, "A", group=group).values(parts, dates)
    expected = mine.transpose("quantity", "chain", "draw").values
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_running_total_never_falls_and_respects_ceilings_and_parts(rich: xr.DataTree) -> None:
    days = days_between(START, "2022-04-19")
    killed, wounded, losses = (
        every_day(rich, figure, days, population="A") for figure in ("killed", "wounded", "losses")
    )
    for totals in (killed, wounded, losses):
        assert (totals > 0).all()
        assert (np.diff(totals, axis=0) >= -1e-12 * totals[1:]).all()
    np.testing.assert_allclose(killed + wounded, losses, rtol=1e-12)
    assert killed.max() < 1200
    assert losses.max() < 3000
    # The ceilings are near for many draws, or this would show nothing.
    assert np.mean(losses[-1] > 2900) > 0.02


def grown(tree: xr.DataTree, day: str, until: str) -> np.ndarray:
    """Log ratio of the totals on two days."""
    ratio = rc.draws(tree, "killed", date=day) / rc.draws(tree, "killed", date=until)
    return np.log(ratio.values.ravel())


@pytest.mark.parametrize("day", [*INSIDE, BEYOND])
def test_growth_has_the_prior_that_it_has_where_an_empty_claim_names_the_day(
    two_dates: xr.DataTree, day: str
) -> None:
    named = prior_tree(case(*TWO, vacuous(day)), draws=4000, seed=5)
    ends = (day, LAST) if day < LAST else (LAST, day)
    found, expected = (grown(tree, *ends) for tree in (two_dates, named))
    assert np.median(found) == pytest.approx(np.median(expected), abs=0.03)
    spread, wanted = (np.ptp(np.quantile(x, [0.05, 0.95])) for x in (found, expected))
    # At a constant rate it would be far less.
    assert spread == pytest.approx(wanted, rel=0.12)


@pytest.mark.parametrize("day", [*INSIDE, BEYOND])
def test_a_level_has_the_prior_that_it_has_where_an_empty_claim_names_the_day(day: str) -> None:
    tree = prior_tree(case(*TWO, level=True), draws=4000)
    named = prior_tree(case(*TWO, vacuous(day), level=True), draws=4000, seed=5)
    found, expected = (grown(tree, day, LAST) for tree in (tree, named))
    assert np.median(found) == pytest.approx(np.median(expected), abs=0.06)
    spread, wanted = (np.ptp(np.quantile(x, [0.05, 0.95])) for x in (found, expected))
    assert spread == pytest.approx(wanted, rel=0.08)


def test_the_days_of_a_mean_level_have_it_as_their_mean() -> None:
    told = point(2000, "2022-05-28", since="2022-04-01")
    tree = prior_tree(case(*TWO, told, level=True))
    days = every_day(tree, "killed", days_between("2022-04-01", "2022-05-28"))
    of_claim = tree["posterior_predictive"].to_dataset()["sum_log"].sel(claim=3)
    np.testing.assert_allclose(days.mean(axis=0), np.exp(of_claim.values), rtol=1e-9)


def test_a_fit_says_of_a_day_what_it_says_where_an_empty_claim_names_it() -> None:
    def known(low: float, high: float, date: str) -> rc.Claim:
        return rc.Claim.truth(low, high, figure="killed", source="census", date=date)

    ends = known(900, 1100, FIRST), known(2800, 3300, LAST)
    asked = "2022-04-29", BEYOND
    settings = {"random_seed": 3, "draws": 1500, "progressbar": False}
    plain = rc.fit(case(*ends, vacuous(LAST)), **settings)
    for day in asked:
        named = rc.fit(case(*ends, vacuous(LAST), vacuous(day)), **settings)
        found, expected = (
            np.log(np.quantile(rc.draws(tree, "killed", date=day), [0.05, 0.5, 0.95]))
            for tree in (plain, named)
        )
        assert found[1] == pytest.approx(expected[1], abs=0.03)
        # The ends alone would leave a third of it between the dates.
        assert np.ptp(found) == pytest.approx(np.ptp(expected), rel=0.15)


def test_the_prior_of_a_single_date_continues_too() -> None:
    tree = prior_tree(case(point(1000, FIRST)), draws=1000)
    named = prior_tree(case(point(1000, FIRST), vacuous("2022-04-20")), draws=1000, seed=5)
    found, expected = (grown(each, FIRST, "2022-04-20") for each in (tree, named))
    np.testing.assert_allclose(*(np.quantile(x, [0.1, 0.5]) for x in (found, expected)), rtol=0.12)


def test_uncertainty_grows_with_the_distance_from_the_last_date(two_dates: xr.DataTree) -> None:
    days = ["2022-06-03", "2022-06-13", "2022-06-28"]
    spread = [np.std(grown(two_dates, LAST, day)) for day in days]
    assert all(later > 1.3 * sooner for sooner, later in itertools.pairwise(spread))


def test_after_its_end_an_event_adds_nothing() -> None:
    over = rc.ClaimSet(
        TWO,
        figures=[rc.Figure(name="killed", accrues=True)],
        start=START,
        end="2022-06-04",
        setting="war",
    )
    tree = prior_tree(over)
    days = ["2022-06-03", "2022-06-04", "2022-06-05", "2022-06-20"]
    last, end, *after = (rc.draws(tree, "killed", date=day).values for day in days)
    assert (end > last).all()
    for later in after:
        np.testing.assert_allclose(later, end, rtol=1e-12)


def test_the_same_numbers_again_and_from_a_file(two_dates: xr.DataTree, tmp_path: Path) -> None:
    write_netcdf(two_dates, tmp_path / "fit.nc")
    two_dates.to_netcdf(tmp_path / "xarray.nc")
    for day in ("2022-04-12", BEYOND):
        once = rc.draws(two_dates, "killed", date=day)
        for file in ("fit.nc", "xarray.nc"):
            with xr.open_datatree(tmp_path / file) as read:
                xr.testing.assert_equal(rc.draws(read, "killed", date=day), once)
        assert (rc.draws(two_dates, "killed", date=dt.date.fromisoformat(day)) == once).all()


def test_what_can_be_asked(two_dates: xr.DataTree) -> None:
    askable = askable_days(two_dates)
    assert askable is not None
    assert (str(askable.first), str(askable.last)) == (START, "2022-06-28")
    for day in (START, "2022-06-28"):
        assert np.isfinite(rc.draws(two_dates, "killed", date=day)).all()
    legal = (
        r"any day can be asked from 2022-03-01 \(start of the case\) to 2022-06-28 "
        r"\(30 days after the last date of the fit\)"
    )
    for day in ("2022-02-28", "2022-06-29"):
        with pytest.raises(ValueError, match=f"no estimate for '{day}'; {legal}"):
            rc.draws(two_dates, "killed", date=day)
    with pytest.raises(ValueError, match="date='in May' is not a day: write one as 2022-05-29"):
        rc.draws(two_dates, "killed", date="in May")


def test_without_a_start_nothing_is_said_of_days_before_the_first_date() -> None:
    tree = prior_tree(case(*TWO, start=None))
    assert rc.draws(tree, "killed", date=FIRST).sizes["draw"]
    with pytest.raises(ValueError, match=rf"from {FIRST} \(first date of the fit; the case has no"):
        rc.draws(tree, "killed", date="2022-03-30")


def test_a_fit_without_paths_knows_its_dates_only(two_dates: xr.DataTree) -> None:
    old = two_dates.copy()
    old["constant_data"] = xr.DataTree(
        old["constant_data"].to_dataset().drop_vars("stretch_end"), name="constant_data"
    )
    with pytest.raises(ValueError, match="has estimates for: 2022-03-31, 2022-05-29"):
        rc.draws(old, "killed", date="2022-04-12")


def test_sums_ratios_probabilities_and_sentences_take_any_day(rich: xr.DataTree) -> None:
    asked = {"population": "A", "date": "2022-03-10"}
    killed, wounded, both, ratio = (
        rc.draws(rich, figure, **asked)
        for figure in ("killed", "wounded", "wounded + killed", "wounded / killed")
    )
    np.testing.assert_allclose(both, killed + wounded)
    np.testing.assert_allclose(ratio, wounded / killed)
    share = float((killed > 70).mean())
    assert rc.probability(rich, "killed", above=70, **asked) == share
    assert "A, killed up to 10 March 2022: about" in rc.sentence(rich, "killed", **asked)
    late = rc.sentence(rich, "killed", population="A", date="2022-04-10")
    assert "up to 10 April 2022 (extrapolated: the last claim is for 20 March 2022)" in late


def test_a_summary_of_some_days(rich: xr.DataTree) -> None:
    days = ["2022-03-10", dt.date(2022, 3, 12)]
    table = rc.summary(rich, date=days)
    assert list(table["figure"]) == [x for x in ("killed", "wounded", "losses") for _ in days]
    assert [str(day.date()) for day in table["date"]] == ["2022-03-10", "2022-03-12"] * 3
    assert list(table.columns) == list(rc.summary(rich).columns)
    for row in table.itertuples():
        values = rc.draws(rich, row.figure, population="A", date=row.date)
        assert row.median == pytest.approx(float(values.median()))
    plain = rc.summary(rich).set_index(["figure", "date"]).loc[("losses", "2022-03-12")]
    again = table.set_index(["figure", "date"]).loc[("losses", "2022-03-12")]
    np.testing.assert_allclose(again["eti90_ub"], plain["eti90_ub"])
    assert len(rc.summary(rich, date="2022-03-10")) == 3
    with pytest.raises(ValueError, match="no estimate for '2021-01-01'"):
        rc.summary(rich, date="2021-01-01")
    with pytest.raises(ValueError, match="give at least one day"):
        rc.summary(rich, date=[])


def test_a_summary_of_days_needs_a_dated_figure() -> None:
    fixed = prior_tree(rc.ClaimSet([rc.Claim.point(7, figure="houses", source="A", role="third")]))
    with pytest.raises(ValueError, match="no figure has dates here"):
        rc.summary(fixed, date="2022-03-10")
