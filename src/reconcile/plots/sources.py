"""How far each source is off, as the fit sees it, beside what was assumed of it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm

from reconcile.plots.axes import axis_over
from reconcile.plots.canvas import (
    COLOURS,
    SIGN,
    TALLEST,
    Visuals,
    axis_label,
    canvas,
    marker,
    two_lines,
)
from reconcile.results.selection import scale_of, select
from reconcile.results.summary import IntervalKind, credible_interval

__all__ = ["VISUALS", "plot_sources"]

VISUALS = ("truth", "prior", "posterior", "median", "title", "axes")
_WIDTH = 8.0
_LABELS = {
    "factor": "what a source says, to the truth",
    "difference": "what a source says, less the truth",
}


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

    For a figure that may be negative, draw how far from the truth each source is.

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
    scale = scale_of(posterior)
    drawn = posterior["posterior"].to_dataset()
    if scale.errors[0] not in drawn:
        raise ValueError(
            "figures on record: their sources have no bias, but a reliability in the posterior"
        )
    errors = drawn[scale.errors[0]]
    if population is not None:
        whose = errors.coords["voice_population"].values
        if population not in whose:
            raise ValueError(
                f"no source speaks of {population!r}; of: {', '.join(sorted(set(whose)))}"
            )
        errors = errors.isel(voice=np.flatnonzero(whose == population))
    unit = _unit(posterior, errors)
    voices = _voice_labels(errors)
    values = errors.transpose("voice", "chain", "draw").to_numpy().reshape(len(voices), -1)
    after = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])
    before = _assumed(posterior, errors, ci_prob=ci_prob, ci_kind=ci_kind)
    y = np.arange(len(voices))[::-1].astype(float)
    ends = np.array([min(after.min(), before.min(), 0), max(after.max(), before.max(), 0)])
    axis = axis_over(scale, *(float(end) for end in np.asarray(scale.back(ends))))
    left = SIGN * max(len(line) for voice in voices for line in voice.split("\n")) + 0.3
    panel = canvas(
        posterior,
        size=(_WIDTH, min(0.5 * len(voices) + 1.6, TALLEST)),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )

    def truth(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        return backend.vline(
            float(scale.back(np.float64(0))),
            target,
            **({"color": COLOURS["prior"], "width": 1} | extra),
        )

    def bars(ends: np.ndarray, offset: float, **settings: Any) -> Any:
        def draw(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
            artist = None
            for row, height in zip(np.asarray(scale.back(ends)), y + offset, strict=True):
                both = np.array([height, height])
                artist = backend.line(row, both, target, **(settings | extra))
            return artist

        return draw

    def median(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {
            "size": 45,
            "facecolor": "white",
            "edgecolor": COLOURS["claim"],
            "width": 2,
        }
        settings |= marker(backend, "circle") | extra
        middles = np.asarray(scale.back(np.median(values, axis=1)))
        return backend.scatter(middles, y + 0.12, target, **settings)

    panel.draw("truth", truth)
    panel.draw("prior", bars(before, -0.15, color=COLOURS["prior"], width=2))
    panel.draw("posterior", bars(after, 0.12, color=COLOURS["claim"], width=4))
    panel.draw("median", median)
    label = axis_label(
        posterior,
        f"{_LABELS[scale.contrast]}{unit}{scale.note}\ngrey: assumed; blue: after the claims",
        ci_kind=ci_kind,
        ci_prob=ci_prob,
    )

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        ending = " times" if scale.contrast == "factor" else ""
        ticks, names = axis.ticks(room=(_WIDTH - left) / SIGN, ending=ending)
        no_error = float(scale.back(np.float64(0)))
        names = [
            "the truth" if abs(tick - no_error) < 1e-9 * axis.length else name
            for tick, name in zip(ticks, names, strict=True)
        ]
        axis.draw(backend, target, "x", (ticks, names))
        backend.yticks(list(y), voices, target)
        backend.ylim((-0.6, len(voices) - 0.4), target)
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)
    title = "How far the sources are off"
    panel.draw("title", lambda backend, target, extra: backend.title(title, target, **extra))
    return panel.collection


def _assumed(
    posterior: xr.DataTree, errors: xr.DataArray, *, ci_prob: float, ci_kind: IntervalKind
) -> np.ndarray:
    """Prior intervals of what sources are off by; from prior draws where they are not normal."""
    constants = posterior["constant_data"].to_dataset()
    if "bias_mean_log" in constants:
        mine = constants.sel(voice=errors.coords["voice"])
        half = float(norm.ppf(0.5 + ci_prob / 2)) * mine["bias_sd_log"].to_numpy()
        return np.column_stack([mine["bias_mean_log"] - half, mine["bias_mean_log"] + half])
    drawn = posterior["prior"].to_dataset()[str(errors.name)].sel(voice=errors.coords["voice"])
    values = drawn.transpose("voice", "chain", "draw").to_numpy().reshape(drawn.sizes["voice"], -1)
    return np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])


def _unit(posterior: xr.DataTree, errors: xr.DataArray) -> str:
    """Unit that differences are in; all figures on one axis must have the same."""
    if "voice_figure" not in errors.coords:
        return ""
    spoken_of = dict.fromkeys(
        zip(
            errors.coords["voice_figure"].values,
            errors.coords["voice_population"].values,
            strict=True,
        )
    )
    units = {
        figure: select(posterior, str(figure), population=str(whose)).unit
        for figure, whose in spoken_of
    }
    if len(set(units.values())) > 1:
        told = ", ".join(f"{figure} ({unit or 'no unit'})" for figure, unit in units.items())
        raise ValueError(
            f"figures of different units have no axis in common: {told}; fit them apart"
        )
    (unit,) = set(units.values())
    return f" ({unit})" if unit else ""


def _voice_labels(errors: xr.DataArray) -> list[str]:
    """Who speaks, of whom and of what where there are several, and in what role."""
    n = errors.sizes["voice"]
    labels = [str(source) for source in errors.coords["voice_source"].values]
    rest = [""] * n
    for name in ("population", "figure"):
        told = (
            [str(x) for x in errors.coords[f"voice_{name}"].values]
            if (f"voice_{name}" in errors.coords)
            else [""] * n
        )
        if len(set(told)) > 1:
            rest = [f"{a} on {b}" if b else a for a, b in zip(rest, told, strict=True)]
    roles = [f" ({role})" if role else "" for role in errors.coords["voice_role"].values]
    return [two_lines(a, f"{b}{c}".strip()) for a, b, c in zip(labels, rest, roles, strict=True)]
