"""Shared parts of the plots: a panel of an ArviZ ``PlotCollection``, colours, ticks, labels."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any, Final

import numpy as np
import xarray as xr

from reconcile._text import one_of
from reconcile.results.convergence import warn_unless_converged
from reconcile.results.selection import Selected
from reconcile.results.wording import caption

__all__ = [
    "COLOURS",
    "SIGN",
    "TALLEST",
    "Canvas",
    "Visual",
    "Visuals",
    "axis_label",
    "canvas",
    "even_ticks",
    "heading",
    "log_ticks",
    "marker",
    "middle_of",
    "two_lines",
]

# The Okabe-Ito palette, distinguishable by the colour-blind and in grey.
COLOURS: Final = {
    "claim": "#0072B2",
    "withdrawn": "#D55E00",
    "truth": "#009E73",
    "posterior": "#222222",
    "band": "#56B4E9",
    "prior": "#888888",
    "group": "#F2F2F2",
}
# Average width, in inches, of a 10-point character, with a margin.
SIGN: Final = 0.085
_LINE: Final = 42
# Markers by shape: matplotlib, plotly, bokeh and its angle, since bokeh has only two triangles.
_MARKERS: Final = {
    "circle": ("o", "circle", "circle", 0),
    "diamond": ("D", "diamond", "diamond", 0),
    "left": ("<", "triangle-left", "triangle", 90),
    "right": (">", "triangle-right", "triangle", -90),
    "up": ("^", "triangle-up", "triangle", 0),
    "down": ("v", "triangle-down", "inverted_triangle", 0),
}
# Screen pixels per inch.
_DOTS: Final = 100
# Inches; backends fail above this.
TALLEST: Final = 300.0
# Draws one visual, given the backend, the target and the settings of the user.
type Visual = Callable[[ModuleType, Any, dict[str, Any]], object]
type Visuals = Mapping[str, Mapping[str, Any] | bool]


class Canvas:
    """One panel of a plot, for any backend of ArviZ.

    Parameters
    ----------
    collection : arviz_plots.PlotCollection
        With one panel.
    visuals : mapping of str to (mapping or bool), optional
        For each visual, arguments for the backend's function, or False to omit it.
    legal : collection of str
        Names of the plot's visuals.

    Raises
    ------
    ValueError
        If ``visuals`` names an unknown one.
    """

    def __init__(self, collection: Any, visuals: Visuals | None, legal: Collection[str]) -> None:
        self.collection = collection
        self.visuals = dict(visuals or {})
        for name in self.visuals:
            if name not in legal:
                raise ValueError(f"unknown visual {name!r}; this plot has: {one_of(legal, name)}")

    def plot(self, name: str, function: str, *data: Any, **settings: Any) -> None:
        """Draw a visual by one call of a backend function, with default settings."""
        self.draw(
            name,
            lambda backend, target, extra: getattr(backend, function)(
                *data, target, **(settings | extra)
            ),
        )

    def draw(self, name: str, function: Visual) -> None:
        """Draw a visual by a function of the backend, the target and the user's settings."""
        chosen = self.visuals.get(name, {})
        if chosen is False:
            return
        extra = {} if chosen is True else dict(chosen)

        def visual(_: xr.DataArray, target: Any, **__: Any) -> object:
            from arviz_plots.plot_collection import backend_from_object

            return function(backend_from_object(target), target, extra)

        self.collection.map(visual, name, ignore_aes="all")


def canvas(
    tree: xr.DataTree,
    *,
    size: tuple[float, float],
    plot_collection: Any,
    backend: str | None,
    visuals: Visuals | None,
    legal: Collection[str],
) -> Canvas:
    """A new panel, or one on the given collection; warns if the fit has not converged."""
    warn_unless_converged(tree)
    if plot_collection is None:
        from arviz_base import rcParams
        from arviz_plots import PlotCollection

        backend = backend or rcParams["plot.backend"]
        settings: dict[str, Any] = {"figsize": size}
        if backend == "matplotlib":
            settings["layout"] = "constrained"
        elif backend != "none":
            # Backends for the screen warn about sizes in inches.
            settings["figsize"] = tuple(_DOTS * side for side in size)
            settings["figsize_units"] = "dots"
        one = xr.Dataset({"panel": ("draw", np.zeros(1))}, coords={"draw": [0]})
        plot_collection = PlotCollection.wrap(
            one, cols=["__variable__"], backend=backend, figure_kwargs=settings
        )
    return Canvas(plot_collection, visuals, legal)


def marker(backend: ModuleType, shape: str) -> dict[str, Any]:
    """Arguments of a backend's ``scatter`` for a shape of ``_MARKERS``."""
    matplotlib, plotly, bokeh, degrees = _MARKERS[shape]
    if _name(backend) == "bokeh":
        return {"marker": bokeh, "angle": math.radians(degrees)}
    return {"marker": plotly if _name(backend) == "plotly" else matplotlib}


def middle_of(backend: ModuleType) -> str:
    """The backend's name for vertically centred text."""
    return "middle" if _name(backend) in ("bokeh", "plotly") else "center"


def _name(backend: ModuleType) -> str:
    return backend.__name__.rpartition(".")[2]


def axis_label(tree: xr.DataTree, label: str, *, ci_kind: str = "", ci_prob: float = 0.0) -> str:
    """An axis label with the caption below it."""
    return f"{label}\n{caption(tree, ci_kind=ci_kind, ci_prob=ci_prob)}"


def heading(chosen: Selected) -> str:
    """Population and figure of an estimate."""
    return f"{chosen.population}, {chosen.figure}" if chosen.population else chosen.figure


def log_ticks(
    low: float, high: float, *, room: float = 52, ending: str = "", upright: bool = False
) -> tuple[list[float], list[str]]:
    """Ticks at 1, 2 and 5 times powers of ten, as many as fit, with labels; evenly spaced if < 2.

    ``room`` is the axis length in characters (lines if ``upright``), ``ending`` a label suffix.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps_and_strides = [((1, 2, 5), 1), ((1, 3), 1), *(((1,), k) for k in range(1, last - first))]
    ticks: list[float] = []
    for steps, stride in steps_and_strides:
        # Powers that are multiples of the stride, so that 1 is a tick.
        powers = range(first - first % stride, last + 1, stride)
        ticks = [step * 10.0**k for k in powers for step in steps]
        ticks = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        lengths = [2 if upright else _length(_plain(tick) + ending) for tick in ticks]
        scale = room / math.log(high / low)
        if all(
            scale * math.log(ticks[k + 1] / ticks[k]) >= sum(lengths[k : k + 2]) / 2 + 0.75
            for k in range(len(ticks) - 1)
        ):
            break
    labels = [_plain(tick) for tick in ticks]
    if len(ticks) < 2:
        ticks, labels = even_ticks(low, high)
    return ticks, [label + ending for label in labels]


def _length(label: str) -> float:
    """Width in characters; a comma is half a character."""
    return len(label) - 0.5 * label.count(",")


def even_ticks(low: float, high: float, *, most: int = 4) -> tuple[list[float], list[str]]:
    """About ``most`` ticks at multiples of a round number, with labels."""
    rough = (high - low) / most
    power = math.floor(math.log10(rough))
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= rough)
    ticks = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return ticks, [f"{tick + 0.0:,.{decimals}f}" for tick in ticks]


def _plain(tick: float) -> str:
    return (
        f"{tick:,.0f}"
        if tick >= 1
        else np.format_float_positional(tick, precision=3, fractional=False, trim="-")
    )


def two_lines(name: str, rest: str) -> str:
    """A name and its details on at most two lines; only the name is truncated."""
    if len(rest) < _LINE:
        rest = rest.replace(" ", "\N{NO-BREAK SPACE}")
    lines: list[str] = []
    for kept in range(len(name), 0, -1):
        short = name if kept == len(name) else name[:kept].rstrip(" ,;(") + "…"
        lines = textwrap.wrap(f"{short} {rest}", _LINE)
        if len(lines) <= 2:
            break
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
