"""A running total over time, with its claims."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from reconcile.plots.axes import axis_over
from reconcile.plots.canvas import COLOURS, Visuals, axis_label, canvas, heading
from reconcile.plots.glyphs import GLYPHS, Placed, draw_glyphs
from reconcile.plots.marks import Mark, marks
from reconcile.results.paths import askable_days
from reconcile.results.selection import Selected, claims_on, dates_of, draws_on, select
from reconcile.results.summary import IntervalKind, credible_interval

__all__ = ["VISUALS", "plot_timeline"]

VISUALS = (*GLYPHS, "band", "median", "title", "axes")
_MOST_TICKS = 6
# Days at which a curve is drawn, beside the dates of the fit.
_MOST_DAYS = 100


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
    """Draw a running total or level over time: median and credible band, with the claims.

    Between the dates of the fit, the band is wider where nobody says how the figure grew.
    Claims about a period (``since``) and those in words are omitted, since they are not points on
    the curve.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure that accrues, or a sum of such figures, in any order.
    population : str, optional
        May be omitted if there is only one.
    ci_prob : float, default 0.9
        Pointwise mass of the band.
    ci_kind : {"eti", "hdi"}
        Equal-tailed or highest-density interval.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing collection to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        Defaults to that of ArviZ.
    visuals : mapping of str to (mapping or bool), optional
        Arguments for the backend's functions, or False to omit a visual: ``band``,
        ``median``, ``points``, ``ranges``, ``bounds``, ``words``, ``truths``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such estimate, it is a single fixed number, or an argument is not legal.

    Examples
    --------
    >>> import reconcile as rc
    >>> said = {"figure": "killed", "source": "a hospital", "role": "expert"}
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(12 * k, date=f"2022-03-0{k}", **said) for k in (2, 5, 9)],
    ...     figures=[rc.Figure(name="killed", accrues=True)],
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> rc.plot_timeline(posterior, "killed", backend="none").backend
    'none'
    """
    chosen = select(posterior, figure, population=population)
    if chosen.date is None:
        raise ValueError(f"{chosen.figure} is a single fixed number and has no timeline")
    days = _days(posterior, chosen)
    totals = [values.ravel() for values in draws_on(posterior, chosen, days)]
    band = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in totals])
    drawn = _marks(posterior, chosen, dict(zip(map(str, days), totals, strict=True)))
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
    x = np.array([float(day.toordinal()) for day in days])
    median = np.array([np.median(v) for v in totals])
    if len(days) == 1:
        # Draw a single day with the width of a day.
        x = np.array([x[0] - 0.4, x[0] + 0.4])
        band, median = np.repeat(band, 2, axis=0), np.repeat(median, 2)
    span = float(x[-1] - x[0])
    panel.plot("band", "fill_between_y", x, *band.T, color=COLOURS["band"], alpha=0.45)
    panel.plot("median", "line", x, median, color=COLOURS["posterior"], width=2)
    placed = _placed(drawn, span)
    draw_glyphs(panel, placed, axis, along="y", tick=0.008 * span)
    since = "" if chosen.level else " since the start"
    unit = textwrap.fill(f"{chosen.unit or chosen.figure}{since} (log scale)", 45)
    label = axis_label(posterior, "", ci_kind=ci_kind, ci_prob=ci_prob).strip()

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        axis.draw(backend, target, "y", axis.ticks(room=40, upright=True))
        ticks = _day_ticks(days)
        names = [f"{day.day} {day:%b %Y}" for day in ticks]
        backend.xticks([float(day.toordinal()) for day in ticks], names, target)
        places = [x[0], x[-1], *(place for _, place in placed)]
        backend.xlim((min(places) - 0.04 * span, max(places) + 0.04 * span), target)
        backend.ylabel(unit, target)
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)
    panel.plot("title", "title", textwrap.fill(heading(chosen), 60))
    return panel.collection


def _days(posterior: xr.DataTree, chosen: Selected) -> list[dt.date]:
    """Dates of the fit, and days between them where these are far apart."""
    dates = sorted(day for day in dates_of(posterior, chosen) if day)
    if askable_days(posterior) is None:
        return dates
    step = max(1, (dates[-1] - dates[0]).days // _MOST_DAYS)
    between = range(dates[0].toordinal(), dates[-1].toordinal(), step)
    return sorted({*dates, *map(dt.date.fromordinal, between)})


def _marks(
    posterior: xr.DataTree, chosen: Selected, totals: Mapping[str, np.ndarray]
) -> list[Mark]:
    """Claims on the total to date; those on a period (``since``) and in words are left out."""
    claims = claims_on(posterior, chosen)
    medians = {date: np.exp(np.median(np.log(values))) for date, values in totals.items()}
    expected = np.array([medians.get(str(date), np.nan) for date in claims["date"].values])
    # A claim on a period has another sum than the total to its date.
    claims = claims.isel(claim=np.isclose(claims["sum_median"], expected, rtol=1e-6))
    return [mark for mark in marks(claims) if mark.kind != "vague"]


def _placed(drawn: list[Mark], span: float) -> Placed:
    """Positions of claims; those of one day side by side, clear of other days."""
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
    """Evenly spaced days, few enough to be legible."""
    span = (days[-1] - days[0]).days
    step = max(1, math.ceil(span / (_MOST_TICKS - 1)))
    ticks = [days[0] + dt.timedelta(days=k) for k in range(0, span + 1, step)]
    return ticks or [days[0]]
