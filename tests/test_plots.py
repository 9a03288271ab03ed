"""Claims are drawn as what they are, and what is drawn can be read."""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from arviz_plots import PlotCollection
from bokeh.core.enums import MarkerType
from bokeh.models import Scatter
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import reconcile as rc
from cases import hard_case, prior_tree
from reconcile.plots import claims as claims_module
from reconcile.plots import figure as figure_module
from reconcile.plots import sources as sources_module
from reconcile.plots import timeline as timeline_module
from reconcile.plots.canvas import COLOURS, log_ticks, two_lines

type Drawer = Callable[..., PlotCollection]

MODULES = {
    "claims": claims_module,
    "figure": figure_module,
    "timeline": timeline_module,
    "sources": sources_module,
}


def plot(name: str, tree: xr.DataTree, figure: str = "killed", **settings: Any) -> PlotCollection:
    function = getattr(rc, f"plot_{name}")
    return function(tree, *([] if name == "sources" else [figure]), **settings)


def artists(drawn: PlotCollection) -> list[dict[str, Any]]:
    """All that was drawn on the backend that only records."""
    return drawn.viz["plot"]["panel"].item()


def last(drawn: PlotCollection, visual: str) -> Any:
    return drawn.viz[visual]["panel"].item()


def tree_of(*said: rc.Claim, **case: Any) -> xr.DataTree:
    return prior_tree(rc.ClaimSet(said, **case))


BY = {"figure": "killed", "source": "A", "role": "own"}
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
    assert list(line["x"]) == days
    np.testing.assert_allclose(line["y"], table["median"])
    np.testing.assert_allclose(band["y_bottom"], table["eti90_lb"])
    np.testing.assert_allclose(band["y_top"], table["eti90_ub"])
    (bar,) = (a for a in artists(drawn) if a["function"] == "line" and a.get("width") == 4)
    assert list(bar["y"]) == [7000, 15_000]
    assert set(bar["x"]) == {days[2]}


def test_claims_of_one_day_stand_side_by_side_and_clear_of_other_days() -> None:
    days = ["2022-03-01", *["2022-03-10"] * 7, *["2022-03-11"] * 3, "2022-04-30"]
    tree = tree_of(*(rc.Claim.point(10 + k, date=day, **BY) for k, day in enumerate(days)))
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
    legal = ", ".join(MODULES[name]._VISUALS)
    expected = f"unknown visual 'titel'; this plot has: {legal} (did you mean 'title'?)"
    with pytest.raises(ValueError, match=re.escape(expected)):
        plot(name, fitted, backend="none", visuals={"titel": False})


@pytest.mark.parametrize("name", MODULES)
def test_every_visual_is_drawn_and_can_be_left_out(name: str, fitted: xr.DataTree) -> None:
    legal = set(MODULES[name]._VISUALS)
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


# What follows looks at the pictures: where text stands, and whether it can be read.


@pytest.fixture(scope="module", autouse=True)
def _no_window() -> Iterator[None]:
    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.switch_backend(before)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def tiny_and_huge() -> rc.ClaimSet:
    long = "Southern Federation of Independent States and Autonomous Territories"
    return rc.ClaimSet(
        [
            rc.Claim.between(2e-7, 3e-6, figure="killed", population=long, source="B", role="own"),
            rc.Claim.at_least(1e-4, figure="killed", population=long, source="A" * 90, role="leak"),
            rc.Claim.at_most(9e9, figure="killed", population=long, source="C", role="third"),
            rc.Claim.point(3, figure="killed", population="X", source="C", role="third"),
        ],
    )


def narrow() -> rc.ClaimSet:
    said = {"figure": "G", "role": "expert"}
    return rc.ClaimSet(
        [
            rc.Claim.interval(6.6741, 6.6745, 0.68, value=6.6743, source="CODATA", **said),
            rc.Claim.interval(6.6719, 6.6727, 0.68, source="Luo", **said),
        ],
        figures=[rc.Figure(name="G", plausible=(6.673, 6.676))],
        setting="measurement",
    )


def one_day() -> rc.ClaimSet:
    said = {"figure": "killed", "date": "2022-03-01"}
    return rc.ClaimSet(
        [
            rc.Claim.point(120, source="A", role="own", **said),
            rc.Claim.between(90, 200, source="B", role="enemy", **said),
            rc.Claim.at_least(80, source="B", role="enemy", **said),
        ],
        figures=[rc.Figure(name="killed", accrues=True)],
    )


@pytest.fixture(scope="module")
def pictured(fitted: xr.DataTree) -> dict[str, tuple[xr.DataTree, str, dict[str, str]]]:
    tiny = tiny_and_huge()
    return {
        "founding article": (fitted, "killed", {}),
        "founding article, sum": (fitted, "casualties", {}),
        "nobody speaks of it": (fitted, "captured", {}),
        "hard": (prior_tree(hard_case()), "people killed", {}),
        "tiny and huge": (prior_tree(tiny), "killed", {"population": tiny.populations[0]}),
        "narrow": (prior_tree(narrow()), "G", {}),
        "one day": (prior_tree(one_day()), "killed", {}),
    }


CASES = (
    *("founding article", "founding article, sum", "nobody speaks of it", "hard"),
    *("tiny and huge", "narrow", "one day"),
)
# One fixed number has no timeline.
FIXED = ("tiny and huge", "narrow")
DRAWN = [(n, case) for case in CASES for n in MODULES if n != "timeline" or case not in FIXED]


def texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Visible texts and where they stand, in pixels."""
    renderer = figure.canvas.get_renderer()
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    (axes,) = figure.axes
    ticks = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks += [
            t
            for tick in axis.get_major_ticks()
            if not low <= tick.get_loc() <= high
            for t in (tick.label1, tick.label2)
        ]
    return [(t, t.get_window_extent(renderer)) for t in shown if t not in ticks]


def overlap(one: Bbox, other: Bbox) -> bool:
    """By more than a pixel each way."""
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 1 and (
        min(one.y1, other.y1) - max(one.y0, other.y0) > 1
    )


@pytest.mark.parametrize(("name", "case"), DRAWN)
def test_what_is_drawn_can_be_read(name: str, case: str, pictured: dict) -> None:
    tree, what, asked = pictured[case]
    drawn = plot(name, tree, what, backend="matplotlib", **asked)
    figure = drawn.viz["figure"].item()
    figure.canvas.draw()
    (axes,) = figure.axes
    found = texts(figure)
    placed = dict(found)
    page = figure.bbox
    for text, box in found:
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1, f"cut off: {text.get_text()!r}"
        assert page.y0 - 1 <= box.y0 <= box.y1 <= page.y1 + 1, f"cut off: {text.get_text()!r}"
    for text in axes.texts:
        box = placed[text]
        assert axes.bbox.x0 - 1 <= box.x0 <= box.x1 <= axes.bbox.x1 + 1, text.get_text()
    for (one, one_box), (other, other_box) in combinations(found, 2):
        assert not overlap(one_box, other_box), (one.get_text(), other.get_text())
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    ticks = [t for t in ticks if t in placed]
    numbers = axes.get_yticklabels() if name == "timeline" else axes.get_xticklabels()
    shown = [t.get_text() for t in numbers if t in placed]
    assert len(shown) >= 2
    for text in shown:
        assert re.fullmatch(r"([\d,]+(\.\d+)?( times)?|the truth)", text), text
    assert not any("$" in t.get_text() or "\\" in t.get_text() for t in ticks)
    assert 200 < page.height < 2_500
    assert page.width < 1_800


@pytest.mark.parametrize("case", CASES)
def test_numbers_beside_the_claims_are_clear_of_them(case: str, pictured: dict) -> None:
    tree, what, asked = pictured[case]
    figure = rc.plot_claims(tree, what, backend="matplotlib", **asked).viz["figure"].item()
    figure.canvas.draw()
    (axes,) = figure.axes
    renderer = figure.canvas.get_renderer()
    column = [t for t in axes.texts if t.get_ha() == "right"]
    glyphs = [line for line in axes.lines if len(line.get_xdata()) == 2]
    boxes = [line.get_window_extent(renderer) for line in glyphs]
    dots = [c for c in axes.collections if isinstance(c, PathCollection)]
    for x, y in (axes.transData.transform(dot.get_offsets()[0]) for dot in dots):
        boxes.append(Bbox.from_extents(x - 5, y - 5, x + 5, y + 5))
    assert len(boxes) > len(column)
    for text in column:
        where = text.get_window_extent(renderer)
        assert axes.bbox.x0 < where.x0 < where.x1 < axes.bbox.x1
        assert not any(where.x0 < b.x1 and where.y0 < b.y1 and b.y0 < where.y1 for b in boxes), (
            text.get_text()
        )
    for box in boxes:
        assert axes.bbox.x0 - 1 <= box.x0 <= box.x1 <= axes.bbox.x1 + 1


def test_a_picture_of_very_many_claims_can_be_saved(tmp_path) -> None:
    tree = tree_of(*(rc.Claim.point(100 + k % 50, **BY | {"source": f"S{k}"}) for k in range(850)))
    for name in ("claims", "sources"):
        width, height = last_size(plot(name, tree, backend="none"))
        assert height * 200 < 2**16, "Matplotlib refuses pictures of more pixels"
        assert width <= 12


def last_size(drawn: PlotCollection) -> tuple[float, float]:
    return drawn.viz["figure"].item()["figsize"]


@pytest.mark.parametrize("low", [1e-9, 0.03, 1, 640, 7e5, 3e11])
@pytest.mark.parametrize("factor", [1.0001, 1.05, 1.8, 12, 3e3, 1e7, 1e15])
@pytest.mark.parametrize("upright", [True, False])
def test_ticks_are_on_the_axis_plain_and_true(low: float, factor: float, upright: bool) -> None:
    ticks, labels = log_ticks(low, low * factor, room=40, upright=upright)
    assert len(ticks) >= 2
    assert len(set(labels)) == len(labels)
    for tick, text in zip(ticks, labels, strict=True):
        assert low * 0.999 <= tick <= low * factor * 1.001
        assert re.fullmatch(r"[\d,]+(\.\d+)?", text)
        assert float(text.replace(",", "")) == pytest.approx(tick, rel=1e-9)


def test_long_names_are_cut_and_what_follows_is_not() -> None:
    for n in (5, 40, 60, 85, 300):
        lines = two_lines("Some name " * (n // 10) + "x" * (n % 10), "(expert), 12 May 2023")
        assert lines.endswith("(expert), 12 May 2023")
        assert len(lines.split("\n")) <= 2
        assert max(map(len, lines.split("\n"))) <= 42
