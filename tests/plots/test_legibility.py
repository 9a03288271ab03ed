"""Pictures can be read: where text stands, and what it says."""

import re
from itertools import combinations

import pytest
import xarray as xr
from arviz_plots import PlotCollection
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import reconcile as rc
from drawing import BY, plot, tree_of
from model_sets import hard_case
from prior_trees import prior_tree
from reconcile.plots.canvas import log_ticks, two_lines

NAMES = ("claims", "figure", "timeline", "sources")


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
DRAWN = [(n, case) for case in CASES for n in NAMES if n != "timeline" or case not in FIXED]


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
