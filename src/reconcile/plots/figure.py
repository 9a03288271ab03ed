"""The posterior density of one estimate with its prior."""

from __future__ import annotations

import datetime as dt
import textwrap
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from reconcile.plots.axes import Axis, axis_over
from reconcile.plots.canvas import COLOURS, Canvas, Visuals, axis_label, canvas, heading
from reconcile.results.selection import draws_of, select
from reconcile.results.summary import IntervalKind, credible_interval
from reconcile.results.wording import day

__all__ = ["VISUALS", "plot_figure"]

VISUALS = ("prior", "posterior", "interval", "interval_text", "title", "axes")


def plot_figure(
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
    """Draw the posterior density of one estimate, with its prior.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, or a sum ``"killed + wounded"``, in any order.
    population : str, optional
        May be omitted if there is only one.
    date : datetime.date or str, optional
        Any day that :func:`draws` can be asked for. Defaults to the last date with a claim about
        the population.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed or highest-density interval.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing collection to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        Defaults to that of ArviZ.
    visuals : mapping of str to (mapping or bool), optional
        Arguments for the backend's functions, or False to omit a visual: ``prior``,
        ``posterior``, ``interval``, ``interval_text``, ``title``, ``axes``.

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
    >>> rc.plot_figure(posterior, "killed", backend="none").backend
    'none'
    """
    chosen = select(posterior, figure, population=population, date=date)
    values = draws_of(posterior, chosen).to_numpy().ravel()
    prior = draws_of(posterior, chosen, group="prior").to_numpy().ravel()
    panel = canvas(
        posterior,
        size=(7.0, 3.6),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )
    low, high = (float(end) for end in np.quantile(values, [0.001, 0.999]))
    axis = axis_over(chosen.scale, low, high, within=chosen.limits)
    _draw_densities(panel, axis, values, prior)
    interval = credible_interval(values, ci_prob=ci_prob, ci_kind=ci_kind)
    line = np.array([-0.06, -0.06])
    panel.plot("interval", "line", interval, line, color=COLOURS["posterior"], width=3)
    place = float(np.median(values)), 1.04
    panel.draw("interval_text", axis.estimate_text(place, interval, vertical_align="bottom"))
    unit = f"{chosen.unit or chosen.figure}{chosen.scale.note}; dashed: prior"
    label = axis_label(posterior, unit, ci_kind=ci_kind, ci_prob=ci_prob)

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        axis.draw(backend, target, "x", axis.ticks())
        backend.ylim((-0.15, 1.25), target)
        backend.remove_axis(target, axis="y")
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)
    who = heading(chosen)
    when = f" {'on' if chosen.level else 'up to'} {day(chosen.date)}" if chosen.date else ""
    title = textwrap.fill(f"{who}{when}", 60)
    panel.plot("title", "title", title)
    return panel.collection


def _draw_densities(panel: Canvas, axis: Axis, values: np.ndarray, prior: np.ndarray) -> None:
    """Posterior and prior density on the axis's scale, so that their areas compare."""
    grid = axis.grid(400)
    density, prior_density = axis.density(values, grid), axis.density(prior, grid)
    top = max(density.max(), prior_density.max())
    floor = np.zeros_like(density)
    panel.plot(
        "posterior", "fill_between_y", grid, floor, density / top, color=COLOURS["band"], alpha=0.6
    )

    def dashed(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        style = backend.get_default_aes("linestyle", 2)[1]
        settings = {"color": COLOURS["prior"], "width": 1.5, "linestyle": style} | extra
        return backend.line(grid, prior_density / top, target, **settings)

    panel.draw("prior", dashed)
