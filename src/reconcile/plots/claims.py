"""Every claim on a figure, with the estimate below."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from dataclasses import replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from reconcile.plots.axes import Axis, axis_over
from reconcile.plots.canvas import (
    COLOURS,
    SIGN,
    TALLEST,
    Canvas,
    Visuals,
    axis_label,
    canvas,
    heading,
    marker,
    middle_of,
    two_lines,
)
from reconcile.plots.glyphs import GLYPHS, Placed, colour_of, draw_glyphs
from reconcile.plots.marks import Mark, marks
from reconcile.results.scales import Scale
from reconcile.results.selection import Selected, claims_on, draws_of, select
from reconcile.results.summary import IntervalKind, credible_interval
from reconcile.results.wording import day

__all__ = ["VISUALS", "plot_claims"]

VISUALS = (
    *GLYPHS,
    "groups",
    "labels",
    "posterior",
    "interval",
    "interval_text",
    "title",
    "axes",
)
# Inches.
_LEAST_WIDTH, _LEAST_PANEL = 8.0, 3.2
# Height of the posterior below the claims, in rows.
_POSTERIOR_ROWS = 2.6


def plot_claims(
    posterior: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
    plot_collection: Any = None,
    backend: str | None = None,
    visuals: Visuals | None = None,
) -> Any:
    """Draw every claim on a figure, with the posterior below.

    Points are dots, ranges and intervals bars, and bounds arrows; verbal quantities are dashed
    bars, or only the word if they have no upper end. A truth is a diamond, on a bar if it is a
    range, in a separate colour. Claims that were withdrawn or revised are hollow and in another
    colour. Claims are grouped by source, each with its number and date.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, or a sum ``"killed + wounded"``, in any order.
    population : str, optional
        May be omitted if there is only one.
    date : datetime.date or str, optional
        Date of the posterior. Defaults to the last date with a claim about the population.
        Claims of all dates are drawn.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed or highest-density interval.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing collection to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        Defaults to that of ArviZ.
    visuals : mapping of str to (mapping or bool), optional
        Arguments for the backend's functions, or False to omit a visual: ``groups``,
        ``points``, ``ranges``, ``bounds``, ``words``, ``truths``, ``labels``, ``posterior``,
        ``interval``, ``interval_text``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such estimate or an argument is not legal.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> rc.plot_claims(posterior, "killed", backend="none").backend
    'none'
    """
    chosen = select(posterior, figure, population=population, date=date)
    drawn = marks(claims_on(posterior, chosen))
    heights = _heights(drawn)
    rows = max(heights, default=0.0) + 1
    values = draws_of(posterior, chosen).to_numpy().ravel()
    sides = _sides(drawn)
    width = max(_LEAST_WIDTH, sum(sides) + _LEAST_PANEL)
    numbers = axis_over(chosen.scale, *_span(drawn, values, chosen.scale), within=chosen.limits)
    # Space on the right for the numbers beside the claims.
    share = sides[1] / (width - sides[0])
    whole = replace(numbers, high=numbers.shifted(numbers.low, 1 / (1 - share)))
    panel = canvas(
        posterior,
        size=(width, min(0.36 * (rows + _POSTERIOR_ROWS) + 1.5, TALLEST)),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )
    placed = list(zip(drawn, heights, strict=True))
    _draw_groups(panel, placed)
    draw_glyphs(panel, placed, numbers, along="x", tick=0.2)
    _draw_labels(panel, placed, whole)
    interval = credible_interval(values, ci_prob=ci_prob, ci_kind=ci_kind)
    _draw_posterior(panel, values, interval, whole)
    _draw_axes(panel, chosen, placed, (numbers, whole), width - sides[0])
    unit = chosen.unit or chosen.figure
    label = axis_label(posterior, f"{unit}{chosen.scale.note}", ci_kind=ci_kind, ci_prob=ci_prob)
    panel.plot("axes", "xlabel", label)
    return panel.collection


def _heights(drawn: list[Mark]) -> list[float]:
    """Height of each row from the top, with gaps between sources."""
    gaps = np.cumsum([0] + [0.5 * (a.source != b.source) for a, b in pairwise(drawn)])
    rows = np.arange(len(drawn)) + gaps[: len(drawn)]
    return [float(rows[-1] - row) + 0.5 for row in rows] if len(rows) else []


def _span(drawn: list[Mark], values: np.ndarray, scale: Scale) -> tuple[float, float]:
    """Range of the claims and of 99 % of the posterior."""
    named = [mark for mark in drawn if mark.kind != "vague" or mark.high < math.inf]
    numbers = [end for mark in named for end in mark.ends if scale.holds(np.float64(end))]
    low, high = np.quantile(values, [0.005, 0.995])
    return min([low, *numbers]), max([high, *numbers])


def _draw_groups(panel: Canvas, placed: Placed) -> None:
    """Shade every other source."""
    sources = list(dict.fromkeys(mark.source for mark, _ in placed))

    def shade(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        artist = None
        for source in sources[::2]:
            own = [height for mark, height in placed if mark.source == source]
            settings = {"color": COLOURS["group"], "alpha": 1.0} | extra
            artist = backend.hspan(min(own) - 0.6, max(own) + 0.6, target, **settings)
        return artist

    panel.draw("groups", shade)


def _draw_labels(panel: Canvas, placed: Placed, axis: Axis) -> None:
    """Write each claim's number at the right edge."""

    def labels(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        artist = None
        edge = axis.shifted(axis.high, -0.005)
        for mark, y in placed:
            settings = {
                "horizontal_align": "right",
                "vertical_align": middle_of(backend),
                "color": colour_of(mark),
                "size": 9,
            } | extra
            artist = backend.text(edge, y, f"{mark.text} ", target, **settings)
        return artist

    panel.draw("labels", labels)


def _draw_posterior(panel: Canvas, values: np.ndarray, interval: np.ndarray, axis: Axis) -> None:
    grid = axis.grid(300)
    base = -_POSTERIOR_ROWS + 0.9
    curve = axis.density(values, grid)
    density = base + 1.1 * curve / curve.max()
    median = float(np.median(values))

    def bar(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"color": COLOURS["posterior"], "width": 2.5} | extra
        artist = backend.line(interval, np.array([base, base]), target, **settings)
        backend.scatter(
            np.array([median]),
            np.array([base]),
            target,
            size=50,
            facecolor="white",
            edgecolor=COLOURS["posterior"],
            width=2,
            **marker(backend, "circle"),
        )
        return artist

    floor = np.full_like(density, base)
    panel.plot(
        "posterior", "fill_between_y", grid, floor, density, color=COLOURS["band"], alpha=0.6
    )
    panel.draw("interval", bar)
    text = axis.estimate_text((median, base - 0.2), interval, vertical_align="top")
    panel.draw("interval_text", text)


def _draw_axes(
    panel: Canvas, chosen: Selected, placed: Placed, ends: tuple[Axis, Axis], breadth: float
) -> None:
    title = textwrap.fill(f"{heading(chosen)}: claims and estimate", int(0.9 * breadth / SIGN))
    numbers, whole = ends
    room = breadth / SIGN * numbers.length / whole.length
    until = "on" if chosen.level else "up to"
    last = f"estimate {until} {day(chosen.date)}" if chosen.date else "estimate"

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        whole.draw(backend, target, "x", numbers.ticks(room=room))
        heights = [height for _, height in placed]
        names = [_row_label(mark) for mark, _ in placed]
        base = -_POSTERIOR_ROWS + 0.9
        backend.yticks([*heights, base + 0.4], [*names, last], target)
        return backend.ylim((-_POSTERIOR_ROWS, max(heights, default=0.0) + 0.7), target)

    panel.draw("axes", axes)
    panel.plot("title", "title", title)


def _row_label(mark: Mark) -> str:
    return two_lines(
        mark.source, f"({mark.role}){_period(mark)}".removeprefix("()").removeprefix(", ")
    )


def _period(mark: Mark) -> str:
    if mark.date is None:
        return ""
    last = f"{mark.date.day} {mark.date:%b %Y}"
    return f", {mark.since.day} {mark.since:%b} to {last}" if mark.since else f", {last}"


def _sides(drawn: list[Mark]) -> tuple[float, float]:
    """Width in inches of the labels on the left and of the numbers at the right edge."""
    lines = [line for mark in drawn for line in _row_label(mark).split("\n")]
    left = max([*map(len, lines), len("estimate up to 30 September 2022")])
    right = max((len(mark.text) for mark in drawn), default=0)
    return SIGN * left + 0.3, 0.95 * SIGN * right + 0.2
