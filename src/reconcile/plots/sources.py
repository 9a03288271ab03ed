"""The bias of each source, prior and posterior."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm

from reconcile.plots.axes import Axis, axis_over
from reconcile.plots.canvas import (
    COLOURS,
    SIGN,
    TALLEST,
    Canvas,
    Visual,
    Visuals,
    axis_label,
    canvas,
    marker,
    two_lines,
)
from reconcile.results.selection import scale_of, select
from reconcile.results.summary import IntervalKind, credible_interval
from reconcile.results.wording import unit_of_difference

__all__ = ["VISUALS", "plot_sources"]

# Priors of linear figures are drawn up to so many times the extent of all that is posterior.
_WIDEST_PRIOR = 2.0
VISUALS = ("truth", "prior", "posterior", "median", "title", "axes")
_WIDTH = 8.0
_LABELS = {
    "factor": "claimed / true",
    "difference": "claimed minus true",
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
    """Draw the bias of each source, before and after seeing the claims.

    Bias is the ratio of claimed to true values, or their difference for figures that may be
    negative. If the two bars of a source agree, the claims say nothing about its bias: it rests on
    the prior alone. Sources of which ``Priors.sources`` has an entry are marked as known by name.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    population : str, optional
        Draw only sources on this population.
    ci_prob : float, default 0.9
        Mass of the credible intervals.
    ci_kind : {"eti", "hdi"}
        Equal-tailed or highest-density interval.
    plot_collection : arviz_plots.PlotCollection, optional
        An existing collection to draw on.
    backend : {"matplotlib", "bokeh", "plotly", "none"}, optional
        Defaults to that of ArviZ.
    visuals : mapping of str to (mapping or bool), optional
        Arguments for the backend's functions, or False to omit a visual: ``truth``,
        ``prior``, ``posterior``, ``median``, ``title``, ``axes``.

    Returns
    -------
    arviz_plots.PlotCollection

    Raises
    ------
    ValueError
        If there is no such population or an argument is not legal.

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
    errors = _errors(posterior, scale.errors[0], population)
    unit = _unit(posterior, errors)
    voices = _voice_labels(posterior, errors)
    values = errors.transpose("voice", "chain", "draw").to_numpy().reshape(len(voices), -1)
    after = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])
    before = _prior_intervals(posterior, errors, ci_prob=ci_prob, ci_kind=ci_kind)
    if "tau_far" in posterior["constant_data"].to_dataset():
        # A prior of a linear figure may be so wide that nothing else could be seen.
        reach = _WIDEST_PRIOR * float(np.ptp(np.append(after, 0.0)))
        before = np.clip(before, -reach, reach)
    y = np.arange(len(voices))[::-1].astype(float)
    ends = np.array([min(after.min(), before.min(), 0), max(after.max(), before.max(), 0)])
    axis = axis_over(scale, *(float(end) for end in np.asarray(scale.back(ends))))
    panel = canvas(
        posterior,
        size=(_WIDTH, min(0.5 * len(voices) + 1.6, TALLEST)),
        plot_collection=plot_collection,
        backend=backend,
        visuals=visuals,
        legal=VISUALS,
    )
    no_error = float(scale.back(np.float64(0)))
    panel.plot("truth", "vline", no_error, color=COLOURS["prior"], width=1)
    prior_bars = _bars(np.asarray(scale.back(before)), y - 0.15, color=COLOURS["prior"], width=2)
    panel.draw("prior", prior_bars)
    bars = _bars(np.asarray(scale.back(after)), y + 0.12, color=COLOURS["claim"], width=4)
    panel.draw("posterior", bars)
    panel.draw("median", _dots(np.asarray(scale.back(np.median(values, axis=1))), y + 0.12))
    contrast = f"{_LABELS[scale.contrast]}{unit}{scale.note}\ngrey: prior; blue: posterior"
    label = axis_label(posterior, contrast, ci_kind=ci_kind, ci_prob=ci_prob)
    _draw_axes(panel, axis, no_error, dict(zip(y, voices, strict=True)), label)
    panel.plot("title", "title", "Bias of the sources")
    return panel.collection


def _errors(posterior: xr.DataTree, name: str, population: str | None) -> xr.DataArray:
    """Draws of the errors of the sources, on one population if given."""
    drawn = posterior["posterior"].to_dataset()
    if name not in drawn:
        raise ValueError(
            "a fit of figures on record has no biases to draw: its posterior has the reliability "
            "of each source"
        )
    errors = drawn[name]
    if population is None:
        return errors
    populations = errors.coords["voice_population"].values
    if population not in populations:
        legal = ", ".join(sorted(set(populations)))
        raise ValueError(f"no source has claims on population {population!r}; there are: {legal}")
    return errors.isel(voice=np.flatnonzero(populations == population))


def _bars(ends: np.ndarray, heights: np.ndarray, **settings: Any) -> Visual:
    """A horizontal bar for each row of ``ends``."""

    def draw(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        artist = None
        for row, height in zip(ends, heights, strict=True):
            artist = backend.line(row, np.array([height, height]), target, **(settings | extra))
        return artist

    return draw


def _dots(numbers: np.ndarray, heights: np.ndarray) -> Visual:
    def draw(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        settings = {"size": 45, "facecolor": "white", "edgecolor": COLOURS["claim"], "width": 2}
        settings |= marker(backend, "circle") | extra
        return backend.scatter(numbers, heights, target, **settings)

    return draw


def _draw_axes(
    panel: Canvas, axis: Axis, no_error: float, voices: Mapping[float, str], label: str
) -> None:
    """Axes with a voice at each height, and the tick without error marked as the truth."""
    left = SIGN * max(len(line) for voice in voices.values() for line in voice.split("\n")) + 0.3
    ending = " times" if axis.scale.contrast == "factor" else ""

    def axes(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        ticks, names = axis.ticks(room=(_WIDTH - left) / SIGN, ending=ending)
        names = [
            "the truth" if abs(tick - no_error) < 1e-9 * axis.length else name
            for tick, name in zip(ticks, names, strict=True)
        ]
        axis.draw(backend, target, "x", (ticks, names))
        backend.yticks(list(voices), list(voices.values()), target)
        backend.ylim((-0.6, len(voices) - 0.4), target)
        return backend.xlabel(label, target, **extra)

    panel.draw("axes", axes)


def _prior_intervals(
    posterior: xr.DataTree, errors: xr.DataArray, *, ci_prob: float, ci_kind: IntervalKind
) -> np.ndarray:
    """Prior intervals of the biases; from prior draws if the prior is not normal."""
    constants = posterior["constant_data"].to_dataset()
    if "bias_mean_log" in constants:
        mine = constants.sel(voice=errors.coords["voice"])
        half = float(norm.ppf(0.5 + ci_prob / 2)) * mine["bias_sd_log"].to_numpy()
        return np.column_stack([mine["bias_mean_log"] - half, mine["bias_mean_log"] + half])
    drawn = posterior["prior"].to_dataset()[str(errors.name)].sel(voice=errors.coords["voice"])
    values = drawn.transpose("voice", "chain", "draw").to_numpy().reshape(drawn.sizes["voice"], -1)
    return np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])


def _unit(posterior: xr.DataTree, errors: xr.DataArray) -> str:
    """Unit of the differences, which all figures on the axis must share."""
    if "voice_figure" not in errors.coords:
        return ""
    figures, populations = (errors.coords[f"voice_{x}"].values for x in ("figure", "population"))
    units = {
        figure: select(posterior, str(figure), population=str(population)).unit
        for figure, population in dict.fromkeys(zip(figures, populations, strict=True))
    }
    if len(set(units.values())) > 1:
        listed = ", ".join(f"{figure} ({unit or 'no unit'})" for figure, unit in units.items())
        raise ValueError(
            f"figures with different units cannot share an axis: {listed}; fit them separately"
        )
    unit = unit_of_difference(*set(units.values()))
    return f" ({unit})" if unit else ""


def _voice_labels(posterior: xr.DataTree, errors: xr.DataArray) -> list[str]:
    """Source, role and whether it is known by name; population and figure if there are several."""
    labels = [str(source) for source in errors.coords["voice_source"].values]
    rest = [""] * len(labels)
    for name in ("population", "figure"):
        if f"voice_{name}" in errors.coords:
            topics = [str(x) for x in errors.coords[f"voice_{name}"].values]
            if len(set(topics)) > 1:
                rest = [f"{a} on {b}" if b else a for a, b in zip(rest, topics, strict=True)]
    told = [str(role) for role in errors.coords["voice_role"].values]
    constants = posterior["constant_data"].to_dataset()
    if "named" in constants:
        named = constants["named"].sel(voice=errors.coords["voice"]).to_numpy() > 0
        told = [
            ", ".join(filter(None, (role, "known by name" * known)))
            for role, known in zip(told, named.tolist(), strict=True)
        ]
    roles = [f" ({role})" if role else "" for role in told]
    return [two_lines(a, f"{b}{c}".strip()) for a, b, c in zip(labels, rest, roles, strict=True)]
