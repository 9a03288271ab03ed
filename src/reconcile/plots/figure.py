"""The posterior of one estimate, beside what was assumed before any claim was read."""

from __future__ import annotations

import datetime as dt
import textwrap
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from reconcile.plots.axes import axis_over
from reconcile.plots.canvas import COLOURS, Visuals, axis_label, canvas
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
        May be left out where there is only one.
    date : datetime.date or str, optional
        One of the dates of the fit; the last one with a claim on the population if left out.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing one to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        By default ArviZ's.
    visuals : mapping of str to (mapping or bool), optional
        What to pass to the backend's functions, or False to leave a visual out: ``prior``,
        ``posterior``, ``interval``, ``interval_text``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such estimate, or an argument is illegal.

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
    before = draws_of(posterior, chosen, group="prior").to_numpy().ravel()
    panel = canvas(
        posterior,
        size=(7.0, 3.6),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )
    low, high = (float(end) for end in np.quantile(values, [0.001, 0.999]))
    axis = axis_over(chosen.scale, low, high)
    grid = axis.grid(400)
    # Both are densities along one axis, of the logarithm where it is one: their areas compare.
    density, prior_density = axis.density(values, grid), axis.density(before, grid)
    top = max(density.max(), prior_density.max())
    interval = credible_interval(values, ci_prob=ci_prob, ci_kind=ci_kind)
    median = float(np.median(values))

    def prior(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        style = backend.get_default_aes("linestyle", 2)[1]
        settings = {"color": COLOURS["prior"], "width": 1.5, "linestyle": style} | extra
        return backend.line(grid, prior_density / top, target, **settings)

    def fill(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"color": COLOURS["band"], "alpha": 0.6} | extra
        return backend.fill_between_y(
            grid, np.zeros_like(density), density / top, target, **settings
        )

    def bar(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"color": COLOURS["posterior"], "width": 3} | extra
        return backend.line(interval, np.array([-0.06, -0.06]), target, **settings)

    def text(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        middle, low, high = chosen.scale.estimate(median, *interval)
        shown = f"{middle} ({low} to {high})"
        settings = {"vertical_align": "bottom"} | extra
        return axis.write(backend, target, (median, 1.04), shown, **settings)

    who = f"{chosen.population}, {chosen.figure}" if chosen.population else chosen.figure
    title = textwrap.fill(f"{who} up to {day(chosen.date)}" if chosen.date else who, 60)
    label = axis_label(
        posterior,
        f"{chosen.unit or chosen.figure}{chosen.scale.note}; dashed: prior",
        ci_kind=ci_kind,
        ci_prob=ci_prob,
    )

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        axis.draw(backend, target, "x", axis.ticks())
        backend.ylim((-0.15, 1.25), target)
        backend.remove_axis(target, axis="y")
        return backend.xlabel(label, target, **extra)

    for name, function in (
        ("posterior", fill),
        ("prior", prior),
        ("interval", bar),
        ("interval_text", text),
        ("axes", axes),
    ):
        panel.draw(name, function)
    panel.draw("title", lambda backend, target, extra: backend.title(title, target, **extra))
    return panel.collection
