"""Claims are drawn as what they are, on every backend, and the style is left alone."""

import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from arviz_plots import PlotCollection
from bokeh.core.enums import MarkerType
from bokeh.models import Scatter

import reconcile as rc
from drawing import BY, artists, last, plot, tree_of
from reconcile.plots import claims as claims_module
from reconcile.plots import figure as figure_module
from reconcile.plots import sources as sources_module
from reconcile.plots import timeline as timeline_module
from reconcile.plots.canvas import COLOURS

type Drawer = Callable[..., PlotCollection]

MODULES = {
    "claims": claims_module,
    "figure": figure_module,
    "timeline": timeline_module,
    "sources": sources_module,
}


OTHER = rc.Claim.point(900, figure="killed", source="Z", role="enemy")


def drawn_claim(claim: rc.Claim) -> tuple[list[dict[str, Any]], PlotCollection]:
    """Glyphs of one claim, beside another that is a point below it."""
    drawn = rc.plot_claims(tree_of(claim, OTHER), "killed", backend="none")
    height = 2.0
    return [
        artist
        for artist in artists(drawn)
        if artist["function"] in ("line", "scatter") and np.mean(artist["y"]) == height
    ], drawn


def label(drawn: PlotCollection, height: float = 2.0) -> dict[str, Any]:
    (found,) = (a for a in artists(drawn) if a["function"] == "text" and a["y"] == height)
    return found


@pytest.mark.parametrize(
    ("claim", "text"),
    [(rc.Claim.point(1351, **BY), "1,351"), (rc.Claim.about(1400, **BY), "≈ 1,400")],
)
def test_a_number_is_a_dot(claim: rc.Claim, text: str) -> None:
    glyphs, drawn = drawn_claim(claim)
    (dot,) = glyphs
    assert dot["function"] == "scatter"
    assert dot["marker"] == "o"
    assert dot["x"] == [claim.value]
    assert dot["facecolor"] == COLOURS["claim"]
    assert label(drawn)["string"].strip() == text


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (rc.Claim.between(400, 800, **BY), "400 to 800"),
        (rc.Claim.interval(400, 800, 0.9, **BY), "400 to 800 (90 %)"),
    ],
)
def test_a_range_is_a_bar(claim: rc.Claim, text: str) -> None:
    glyphs, drawn = drawn_claim(claim)
    (bar,) = glyphs
    assert bar["function"] == "line"
    assert list(bar["x"]) == [400, 800]
    assert bar["width"] == 4
    assert "linestyle" not in bar
    assert label(drawn)["string"].strip() == text


def test_the_best_value_of_a_range_is_a_dot_on_it() -> None:
    (bar, dot), _ = drawn_claim(rc.Claim.interval(400, 800, 0.9, value=500, **BY))
    assert (bar["function"], dot["function"]) == ("line", "scatter")
    assert dot["x"] == [500]


@pytest.mark.parametrize(
    ("claim", "marker", "text"),
    [
        (rc.Claim.at_least(700, **BY), ">", "≥ 700"),
        (rc.Claim.at_most(700, **BY), "<", "≤ 700"),
    ],
)
def test_a_bound_is_an_arrow_on_the_side_it_leaves_open(
    claim: rc.Claim, marker: str, text: str
) -> None:
    (shaft, stroke, head), drawn = drawn_claim(claim)
    assert shaft["x"][0] == 700
    assert list(stroke["x"]) == [700, 700]
    assert head["marker"] == marker
    assert (head["x"] > 700) == (marker == ">")
    assert head["x"] == shaft["x"][1]
    assert label(drawn)["string"].strip() == text


def test_a_word_is_dashed_or_only_the_word() -> None:
    (bar,), drawn = drawn_claim(rc.Claim.vague("hundreds", **BY))
    assert list(bar["x"]) == [200, 1000]
    assert "linestyle" in bar
    assert label(drawn)["string"].strip() == "“hundreds”"
    for words in ("significant", "none"):
        glyphs, drawn = drawn_claim(rc.Claim.vague(words, **BY))
        assert glyphs == []
        assert label(drawn)["string"].strip() == f"“{words}”"


@pytest.mark.filterwarnings("ignore:no role is given:reconcile.AssumptionWarning")
@pytest.mark.parametrize(("low", "text"), [(400, "known: 400 to 900"), (900, "known: 900")])
def test_what_it_turned_out_to_be_is_a_diamond(low: float, text: str) -> None:
    truth = rc.Claim.truth(low, 900, figure="killed", source="a court")
    drawn = rc.plot_claims(tree_of(truth, OTHER), "killed", backend="none")
    *bar, diamond = [
        artist
        for artist in artists(drawn)
        if artist["function"] in ("line", "scatter") and np.mean(artist["y"]) == 2.0
    ]
    assert [list(line["x"]) for line in bar] == ([[400, 900]] if low == 400 else [])
    assert diamond["marker"] == "D"
    assert diamond["x"] == [pytest.approx(np.sqrt(low * 900))]
    assert diamond["facecolor"] == COLOURS["truth"]
    assert label(drawn)["string"].strip() == text


def test_zero_is_an_arrow_at_the_end_of_the_axis() -> None:
    for claim in (rc.Claim.point(0, **BY), rc.Claim.at_most(0, **BY)):
        glyphs, drawn = drawn_claim(claim)
        (arrow,) = glyphs
        limits = next(a["lims"] for a in artists(drawn) if a["function"] == "xlim")
        assert arrow["marker"] == "<"
        assert limits[0] < arrow["x"] < limits[0] * (limits[1] / limits[0]) ** 0.03
    glyphs, _ = drawn_claim(rc.Claim.at_least(0, **BY))
    assert glyphs == []
    (bar,), drawn = drawn_claim(rc.Claim.between(0, 500, **BY))
    limits = next(a["lims"] for a in artists(drawn) if a["function"] == "xlim")
    assert list(bar["x"]) == [limits[0], 500]


@pytest.mark.parametrize(
    ("number", "text"), [(6.6743, "6.6743"), (12.5, "12.5"), (2e-7, "0.0000002"), (1e16, None)]
)
def test_a_number_is_written_as_it_was_stated(number: float, text: str | None) -> None:
    _, drawn = drawn_claim(rc.Claim.point(number, **BY))
    assert label(drawn)["string"].strip() == (text or "10,000,000,000,000,000")


@pytest.mark.parametrize("status", ["withdrawn: an error", "revised"])
def test_what_does_not_stand_is_hollow_and_of_another_colour(status: str) -> None:
    (dot,), drawn = drawn_claim(rc.Claim.point(500, status=status, **BY))
    assert dot["facecolor"] == "white"
    assert dot["edgecolor"] == COLOURS["withdrawn"]
    assert label(drawn)["color"] == COLOURS["withdrawn"]
    assert label(drawn)["string"].strip() == f"500 ({status.partition(':')[0]})"
    (bar,), _ = drawn_claim(rc.Claim.between(400, 800, status=status, **BY))
    assert bar["color"] == COLOURS["withdrawn"]
    (_, _, head), _ = drawn_claim(rc.Claim.at_least(500, status=status, **BY))
    assert head["facecolor"] == "white"


def test_claims_are_grouped_by_source_with_role_and_date() -> None:
    said = {"figure": "killed", "date": "2022-03-09"}
    tree = tree_of(
        rc.Claim.point(5, source="A", role="own", **said),
        rc.Claim.point(6, source="B", role="enemy", **said),
        rc.Claim.point(4, source="A", role="own", figure="killed", date="2022-03-02"),
        rc.Claim.point(3, source="B", role="enemy", since="2022-03-05", **said),
    )
    drawn = rc.plot_claims(tree, "killed", date="2022-03-02", backend="none")
    (ticks,) = (a for a in artists(drawn) if a["function"] == "yticks")
    assert ticks["labels"] == [
        "A (own), 2 Mar 2022",
        "A (own), 9 Mar 2022",
        "B (enemy), 9 Mar 2022",
        "B (enemy), 5 Mar to 9 Mar 2022",
        "estimate up to 2 March 2022",
    ]
    assert np.all(np.diff(ticks["ticks"]) < 0)


def test_the_estimate_is_drawn_with_its_interval(fitted: xr.DataTree) -> None:
    asked = {"date": "2022-03-23", "ci_prob": 0.5, "ci_kind": "hdi"}
    row = rc.summary(fitted, ci_prob=0.5, ci_kind="hdi").set_index(["figure", "date"])
    row = row.loc[("killed", "2022-03-23")]
    for name in ("claims", "figure"):
        drawn = plot(name, fitted, backend="none", **asked)
        bar = last(drawn, "interval")
        np.testing.assert_allclose(bar["x"], [row["hdi50_lb"], row["hdi50_ub"]])
        text = last(drawn, "interval_text")
        assert text["x"] == pytest.approx(row["median"])
        assert re.fullmatch(r"[\d,]+ \([\d,]+ to [\d,]+\)", text["string"])
        assert "50 % highest-density credible interval" in last(drawn, "axes")["string"]


def test_the_timeline_is_the_summary_over_time(fitted: xr.DataTree) -> None:
    drawn = rc.plot_timeline(fitted, "killed", backend="none")
    table = rc.summary(fitted)
    table = table[table["figure"] == "killed"]
    band, line = last(drawn, "band"), last(drawn, "median")
    days = [date.toordinal() for date in table["date"]]
    # Every day from the first date to the last.
    assert list(line["x"]) == list(range(days[0], days[-1] + 1))
    here = np.isin(line["x"], days)
    np.testing.assert_allclose(line["y"][here], table["median"])
    np.testing.assert_allclose(band["y_bottom"][here], table["eti90_lb"])
    np.testing.assert_allclose(band["y_top"][here], table["eti90_ub"])
    between = rc.summary(fitted, date="2022-03-10").set_index("figure").loc["killed"]
    k = list(line["x"]).index(between["date"].toordinal())
    assert line["y"][k] == pytest.approx(between["median"])
    assert band["y_top"][k] == pytest.approx(between["eti90_ub"])
    (bar,) = (a for a in artists(drawn) if a["function"] == "line" and a.get("width") == 4)
    assert list(bar["y"]) == [7000, 15_000]
    assert set(bar["x"]) == {days[2]}


def test_figure_and_claims_are_drawn_with_the_posterior_of_any_day(fitted: xr.DataTree) -> None:
    row = rc.summary(fitted, date="2022-03-10").set_index("figure").loc["killed"]
    for name in ("claims", "figure"):
        drawn = plot(name, fitted, date="2022-03-10", backend="none")
        np.testing.assert_allclose(last(drawn, "interval")["x"], [row["eti90_lb"], row["eti90_ub"]])
    assert "up to 10 March 2022" in last(drawn, "title")["string"]


def test_claims_of_one_day_stand_side_by_side_and_clear_of_other_days() -> None:
    days = ["2022-03-01", *["2022-03-10"] * 7, *["2022-03-11"] * 3, "2022-04-30"]
    claims = [rc.Claim.point(10 + k, date=day, **BY) for k, day in enumerate(days)]
    tree = tree_of(*claims, figures=[rc.Figure(name="killed", accrues=True)])
    drawn = rc.plot_timeline(tree, "killed", backend="none")
    x = {a["y"].item(): a["x"].item() for a in artists(drawn) if a["function"] == "scatter"}
    places = [x[10 + k] for k in range(len(days))]
    first = places[0]
    assert len(set(places)) == len(places)
    assert np.mean(places[1:8]) == pytest.approx(first + 9)
    assert np.mean(places[8:11]) == pytest.approx(first + 10)
    assert max(places[1:8]) < min(places[8:11])


def test_claims_for_a_stretch_and_words_are_no_points_of_the_curve() -> None:
    tree = tree_of(
        rc.Claim.point(50, date="2022-03-01", **BY),
        rc.Claim.point(90, date="2022-03-09", **BY),
        rc.Claim.point(33, date="2022-03-09", since="2022-03-05", **BY),
        rc.Claim.vague("dozens", date="2022-03-09", **BY),
    )
    drawn = rc.plot_timeline(tree, "killed", backend="none")
    dots = [a["y"].item() for a in artists(drawn) if a["function"] == "scatter"]
    assert sorted(dots) == [50, 90]
    assert last(drawn, "words") is None


def test_a_timeline_of_one_day_has_a_band() -> None:
    tree = tree_of(
        rc.Claim.point(50, date="2022-03-01", **BY),
        figures=[rc.Figure(name="killed", accrues=True)],
    )
    band = last(rc.plot_timeline(tree, "killed", backend="none"), "band")
    assert np.ptp(band["x"]) == pytest.approx(0.8)


def test_sources_before_and_after(fitted: xr.DataTree) -> None:
    drawn = rc.plot_sources(fitted, backend="none")
    bars = [a for a in artists(drawn) if a["function"] == "line"]
    bias = fitted["posterior"]["bias_log"]
    grey = [a for a in bars if a["color"] == COLOURS["prior"]]
    blue = [a for a in bars if a["color"] == COLOURS["claim"]]
    # Four sources; the official who repeats NATO speaks in its voice.
    assert len(grey) == len(blue) == bias.sizes["voice"] == 3
    for k, (before, after) in enumerate(zip(grey, blue, strict=True)):
        draws = np.exp(bias.isel(voice=k).to_numpy().ravel())
        np.testing.assert_allclose(after["x"], np.quantile(draws, [0.05, 0.95]), rtol=1e-4)
        mean, sd = (fitted["constant_data"][f"bias_{n}_log"][k].item() for n in ("mean", "sd"))
        np.testing.assert_allclose(
            np.log(before["x"]), [mean - 1.645 * sd, mean + 1.645 * sd], 1e-3
        )
    (ticks,) = (a for a in artists(drawn) if a["function"] == "yticks")
    assert "NATO (third)" in ticks["labels"]


@pytest.mark.parametrize("name", MODULES)
def test_an_unknown_visual_gets_a_list_of_those_there_are(name: str, fitted: xr.DataTree) -> None:
    legal = ", ".join(MODULES[name].VISUALS)
    expected = f"unknown visual 'titel'; this plot has: {legal} (did you mean 'title'?)"
    with pytest.raises(ValueError, match=re.escape(expected)):
        plot(name, fitted, backend="none", visuals={"titel": False})


@pytest.mark.parametrize("name", MODULES)
def test_every_visual_is_drawn_and_can_be_left_out(name: str, fitted: xr.DataTree) -> None:
    legal = set(MODULES[name].VISUALS)
    everything = plot(name, fitted, backend="none")
    assert legal <= set(everything.viz.children)
    for visual in legal:
        drawn = plot(name, fitted, backend="none", visuals={visual: False})
        assert set(drawn.viz.children) & legal == legal - {visual}
        assert len(artists(drawn)) < len(artists(everything)) or last(everything, visual) is None


@pytest.mark.parametrize("name", MODULES)
def test_settings_of_a_visual_are_passed_on(name: str, fitted: xr.DataTree) -> None:
    mine = {"title": {"color": "red"}, "axes": {"size": 7}}
    drawn = plot(name, fitted, backend="none", visuals=mine)
    assert last(drawn, "title")["color"] == "red"
    assert last(drawn, "axes")["size"] == 7
    assert mine == {"title": {"color": "red"}, "axes": {"size": 7}}
    kept = plot(name, fitted, backend="none", visuals={"title": True})
    assert "color" not in last(kept, "title")


def test_glyphs_take_settings_over_their_own(fitted: xr.DataTree) -> None:
    mine = {"points": {"facecolor": "red"}, "ranges": {"width": 9}, "interval": {"width": 1}}
    drawn = rc.plot_claims(fitted, "killed", backend="none", visuals=mine)
    assert last(drawn, "points")["facecolor"] == "red"
    assert last(drawn, "ranges")["width"] == 9
    assert last(drawn, "interval")["width"] == 1


@pytest.mark.parametrize("name", MODULES)
def test_a_given_collection_is_drawn_on(name: str, fitted: xr.DataTree) -> None:
    one = xr.Dataset({"mine": ("draw", np.zeros(1))}, coords={"draw": [0]})
    given = PlotCollection.wrap(one, cols=["__variable__"], backend="none")
    assert plot(name, fitted, plot_collection=given) is given
    assert "title" in given.viz.children
    assert len(given.viz["plot"]["mine"].item()) > 5


@pytest.mark.parametrize("name", MODULES)
def test_plotting_leaves_the_style_alone(name: str, fitted: xr.DataTree) -> None:
    import arviz_base

    with mpl.rc_context():
        # From the defaults: an earlier plot may have changed what a later one would change.
        mpl.rcdefaults()
        before = dict(mpl.rcParams), dict(arviz_base.rcParams)
        plot(name, fitted, backend="matplotlib")
        plt.close("all")
        assert (dict(mpl.rcParams), dict(arviz_base.rcParams)) == before


@pytest.mark.parametrize("backend", ["bokeh", "plotly"])
@pytest.mark.parametrize("name", MODULES)
def test_other_backends(name: str, backend: str, fitted: xr.DataTree) -> None:
    collection = plot(name, fitted, backend=backend)
    assert collection.backend == backend
    if backend == "bokeh":
        # It takes a name that it does not know for a column of the data, and draws nothing.
        signs = {each.marker for each in collection.viz["figure"].item().select({"type": Scatter})}
        assert signs <= set(MarkerType)
        assert signs or name == "figure"
