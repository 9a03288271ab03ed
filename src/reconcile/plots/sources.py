"""How far each source is off, as the fit sees it, beside what was assumed of it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm

from reconcile.plots.canvas import (
    COLOURS,
    SIGN,
    TALLEST,
    Visuals,
    axis_label,
    canvas,
    log_axis,
    log_ticks,
    padded,
    two_lines,
)
from reconcile.results import IntervalKind, credible_interval

__all__ = ["plot_sources"]

_VISUALS = ("truth", "prior", "posterior", "median", "title", "axes")
_WIDTH = 8.0


def plot_sources(
    posterior: xr.DataTree,
    *,
    population: str | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
    plot_collection: Any = None,
    backend: str | None = None,
    visuals: Visuals | None = None,
) -> Any:
    """Draw how many times the truth each source says, before and after reading the claims.

    Where the two bars of a source agree, its bias is assumption: the claims say nothing about it.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    population : str, optional
        Sources on this population only.
    ci_prob : float, default 0.9
        Mass of the credible intervals.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing one to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        By default ArviZ's.
    visuals : mapping of str to (mapping or bool), optional
        What to pass to the backend's functions, or False to leave a visual out: ``truth``,
        ``prior``, ``posterior``, ``median``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such population, or an argument is illegal.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> rc.plot_sources(posterior, backend="none").backend
    'none'
    """
    bias = posterior["posterior"].to_dataset()["bias_log"]
    constants = posterior["constant_data"].to_dataset()
    if population is not None:
        whose = bias.coords["voice_population"].values
        if population not in whose:
            raise ValueError(
                f"no source speaks of {population!r}; of: {', '.join(sorted(set(whose)))}"
            )
        bias = bias.isel(voice=np.flatnonzero(whose == population))
        constants = constants.sel(voice=bias.coords["voice"])
    voices = _voice_labels(bias)
    values = bias.transpose("voice", "chain", "draw").to_numpy().reshape(len(voices), -1)
    after = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])
    half = float(norm.ppf(0.5 + ci_prob / 2)) * constants["bias_sd_log"].to_numpy()
    before = np.column_stack([constants["bias_mean_log"] - half, constants["bias_mean_log"] + half])
    y = np.arange(len(voices))[::-1].astype(float)
    limits = padded(
        float(np.exp(min(after.min(), before.min(), 0))),
        float(np.exp(max(after.max(), before.max(), 0))),
    )
    left = SIGN * max(len(line) for voice in voices for line in voice.split("\n")) + 0.3
    panel = canvas(
        posterior,
        size=(_WIDTH, min(0.5 * len(voices) + 1.6, TALLEST)),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=_VISUALS,
    )

    def truth(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        return backend.vline(1.0, target, **({"color": COLOURS["prior"], "width": 1} | extra))

    def bars(ends: np.ndarray, offset: float, **settings: Any) -> Any:
        def draw(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
            artist = None
            for row, height in zip(np.exp(ends), y + offset, strict=True):
                both = np.array([height, height])
                artist = backend.line(row, both, target, **(settings | extra))
            return artist

        return draw

    def median(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {
            "marker": "o",
            "size": 45,
            "facecolor": "white",
            "edgecolor": COLOURS["claim"],
            "width": 2,
        } | extra
        return backend.scatter(np.exp(np.median(values, axis=1)), y + 0.12, target, **settings)

    panel.draw("truth", truth)
    panel.draw("prior", bars(before, -0.15, color=COLOURS["prior"], width=2))
    panel.draw("posterior", bars(after, 0.12, color=COLOURS["claim"], width=4))
    panel.draw("median", median)
    label = axis_label(
        posterior,
        "what a source says, to the truth (log scale)\ngrey: assumed; blue: after the claims",
        ci_kind=ci_kind,
        ci_prob=ci_prob,
    )

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        ticks, names = log_ticks(*limits, room=(_WIDTH - left) / SIGN, ending=" times")
        names = [
            "the truth" if abs(tick - 1) < 1e-9 else name
            for tick, name in zip(ticks, names, strict=True)
        ]
        log_axis(backend, target, "x", limits, ticks, names)
        backend.yticks(list(y), voices, target)
        backend.ylim((-0.6, len(voices) - 0.4), target)
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)
    title = "How far the sources are off"
    panel.draw("title", lambda backend, target, extra: backend.title(title, target, **extra))
    return panel.collection


def _voice_labels(bias: xr.DataArray) -> list[str]:
    """Who speaks, of whom where there are several populations, and in what role."""
    who = [bias.coords[f"voice_{name}"].values for name in ("source", "population", "role")]
    several = len(set(who[1])) > 1
    return [
        two_lines(source, (f"on {population} " if several and population else "") + f"({role})")
        for source, population, role in zip(*who, strict=True)
    ]
