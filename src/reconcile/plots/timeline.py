"""A running total over time, with the claims at their dates."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from reconcile.plots.axes import axis_over
from reconcile.plots.canvas import COLOURS, Visuals, axis_label, canvas
from reconcile.plots.glyphs import GLYPHS, Placed, draw_glyphs
from reconcile.plots.marks import Mark, marks
from reconcile.results.selection import claims_on, draws_of, select
from reconcile.results.summary import IntervalKind, credible_interval

__all__ = ["VISUALS", "plot_timeline"]

VISUALS = (*GLYPHS, "band", "median", "title", "axes")
_MOST_TICKS = 6


def plot_timeline(
    posterior: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
    plot_collection: Any = None,
    backend: str | None = None,
    visuals: Visuals | None = None,
) -> Any:
    """Draw a running total over time: median and band, with the claims at their dates.

    Claims for a stretch of their own (``since``) and those in words are left out: they are no
    points of the curve.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure that accrues, or a sum of such, in any order.
    population : str, optional
        May be left out where there is only one.
    ci_prob : float, default 0.9
        Mass of the band, at each date by itself.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing one to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        By default ArviZ's.
    visuals : mapping of str to (mapping or bool), optional
        What to pass to the backend's functions, or False to leave a visual out: ``band``,
        ``median``, ``points``, ``ranges``, ``bounds``, ``words``, ``truths``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such estimate, it is one fixed number, or an argument is illegal.

    Examples
    --------
    >>> import reconcile as rc
    >>> said = {"figure": "killed", "source": "a hospital", "role": "expert"}
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(12 * k, date=f"2022-03-0{k}", **said) for k in (2, 5, 9)]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> rc.plot_timeline(posterior, "killed", backend="none").backend
    'none'
    """
    chosen = select(posterior, figure, population=population)
    if chosen.date is None:
        raise ValueError(f"{chosen.figure} is one fixed number, without a timeline")
    coords = posterior["posterior"].coords
    days = [
        dt.date.fromisoformat(str(date))
        for name, whose, date in zip(
            coords["quantity_figure"].values,
            coords["quantity_population"].values,
            coords["quantity_date"].values,
            strict=True,
        )
        if name == chosen.figure and whose == chosen.population
    ]
    at = [
        draws_of(posterior, select(posterior, figure, population=chosen.population, date=date))
        .to_numpy()
        .ravel()
        for date in days
    ]
    band = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in at])
    median = np.array([np.median(v) for v in at])
    x = np.array([float(date.toordinal()) for date in days])
    if len(days) == 1:
        # A single day is drawn as long as a day is.
        x = np.array([x[0] - 0.4, x[0] + 0.4])
        band, median = np.repeat(band, 2, axis=0), np.repeat(median, 2)
    middles = {str(date): np.exp(np.median(np.log(v))) for date, v in zip(days, at, strict=True)}
    claims = claims_on(posterior, chosen)
    totals = np.array([middles.get(str(date), np.nan) for date in claims["date"].values])
    claims = claims.isel(claim=np.isclose(claims["sum_median"], totals, rtol=1e-6))
    drawn = [mark for mark in marks(claims) if mark.kind != "vague"]
    panel = canvas(
        posterior,
        size=(8.0, 4.6),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )
    ends = [end for mark in drawn for end in mark.ends if chosen.scale.holds(np.float64(end))]
    axis = axis_over(chosen.scale, min([*band[:, 0], *ends]), max([*band[:, 1], *ends]))
    span = float(x[-1] - x[0])

    def fill(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"color": COLOURS["band"], "alpha": 0.45} | extra
        return backend.fill_between_y(x, band[:, 0], band[:, 1], target, **settings)

    def line(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"color": COLOURS["posterior"], "width": 2} | extra
        return backend.line(x, median, target, **settings)

    panel.draw("band", fill)
    panel.draw("median", line)
    placed = _placed(drawn, span)
    draw_glyphs(panel, placed, axis, along="y", tick=0.008 * span)
    title = f"{chosen.population}, {chosen.figure}" if chosen.population else chosen.figure
    title = textwrap.fill(title, 60)
    since = "" if chosen.level else " since the start"
    unit = textwrap.fill(f"{chosen.unit or chosen.figure}{since} (log scale)", 45)
    label = axis_label(posterior, "", ci_kind=ci_kind, ci_prob=ci_prob).strip()

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        axis.draw(backend, target, "y", axis.ticks(room=40, upright=True))
        ticks = _day_ticks(days)
        backend.xticks(
            [float(d.toordinal()) for d in ticks], [f"{d.day} {d:%b %Y}" for d in ticks], target
        )
        places = [x[0], x[-1], *(place for _, place in placed)]
        backend.xlim((min(places) - 0.04 * span, max(places) + 0.04 * span), target)
        backend.ylabel(unit, target)
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)
    panel.draw("title", lambda backend, target, extra: backend.title(title, target, **extra))
    return panel.collection


def _placed(drawn: list[Mark], span: float) -> Placed:
    """Claims at their dates; those of one day side by side about it, clear of other days."""
    by_day: dict[dt.date, list[Mark]] = {}
    for mark in drawn:
        if mark.date:
            by_day.setdefault(mark.date, []).append(mark)
    days = sorted(by_day)
    gaps = [span, *((b - a).days for a, b in pairwise(days)), span]
    nearest = {day: min(gaps[k : k + 2]) for k, day in enumerate(days)}
    placed: Placed = []
    for day, own in by_day.items():
        step = min(0.013 * span, 0.8 * nearest[day] / len(own))
        middle = (len(own) - 1) / 2
        placed.extend((mark, day.toordinal() + step * (k - middle)) for k, mark in enumerate(own))
    return placed


def _day_ticks(days: list[dt.date]) -> list[dt.date]:
    """Evenly spread days, few enough to be read."""
    span = (days[-1] - days[0]).days
    step = max(1, math.ceil(span / (_MOST_TICKS - 1)))
    ticks = [days[0] + dt.timedelta(days=k) for k in range(0, span + 1, step)]
    return ticks or [days[0]]
