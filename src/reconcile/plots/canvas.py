"""What the plots share: one panel of an ArviZ ``PlotCollection``, colours, axes, the caption."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np
import xarray as xr

from reconcile._text import one_of
from reconcile.results.convergence import warn_unless_converged
from reconcile.results.wording import caption

__all__ = [
    "COLOURS",
    "SIGN",
    "TALLEST",
    "Canvas",
    "Visuals",
    "axis_label",
    "canvas",
    "even_ticks",
    "log_ticks",
    "marker",
    "middle_of",
    "two_lines",
]

# Okabe and Ito's palette: told apart by the colour-blind, and in grey.
COLOURS: Final = {
    "claim": "#0072B2",
    "withdrawn": "#D55E00",
    "truth": "#009E73",
    "posterior": "#222222",
    "band": "#56B4E9",
    "prior": "#888888",
    "group": "#F2F2F2",
}
# Width of a letter of 10 points in inches, on average and with some to spare.
SIGN: Final = 0.085
_LINE: Final = 42
_SHAPES: Final = ("circle", "diamond", "left", "right", "up", "down")
# How each backend says what a marker looks like; bokeh has one triangle, and turns it.
_MARKERS: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = MappingProxyType(
    {
        "matplotlib": {
            name: {"marker": sign}
            for name, sign in zip(_SHAPES, ("o", "D", "<", ">", "^", "v"), strict=True)
        },
        "plotly": {
            name: {"marker": name if name in ("circle", "diamond") else f"triangle-{name}"}
            for name in _SHAPES
        },
        "bokeh": {
            name: {"marker": sign, "angle": math.radians(angle)}
            for name, sign, angle in zip(
                _SHAPES,
                ("circle", "diamond", "triangle", "triangle", "triangle", "inverted_triangle"),
                (0, 0, 90, -90, 0, 0),
                strict=True,
            )
        },
    }
)
# Dots of a screen for an inch.
_DOTS: Final = 100
# Inches; beyond it a backend refuses to make the picture.
TALLEST: Final = 300.0
type Visuals = Mapping[str, Mapping[str, Any] | bool]


class Canvas:
    """One panel to draw on, through whichever backend ArviZ is told to use.

    Parameters
    ----------
    collection : arviz_plots.PlotCollection
        With one panel.
    visuals : mapping of str to (mapping or bool), optional
        For each visual, what to pass to the backend's function, or False to leave it out.
    legal : collection of str
        The visuals of the plot.

    Raises
    ------
    ValueError
        If ``visuals`` names one that the plot does not have.
    """

    def __init__(self, collection: Any, visuals: Visuals | None, legal: Collection[str]) -> None:
        self.collection = collection
        self.visuals = dict(visuals or {})
        for name in self.visuals:
            if name not in legal:
                raise ValueError(
                    f"no visual {name!r} in this plot; there are: {one_of(legal, name)}"
                )

    def draw(
        self, name: str, function: Callable[[ModuleType, Any, dict[str, Any]], object]
    ) -> None:
        """Draw one visual: ``function`` is given the backend, the target, and what to pass on."""
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
    """Make a panel, or take the one given.

    Parameters
    ----------
    tree : xarray.DataTree
        A fit; one that has not converged warns here, and its caption says so.
    size : tuple of float
        Width and height in inches.
    plot_collection : arviz_plots.PlotCollection or None
        An existing one to draw on.
    backend : str or None
        ``"matplotlib"``, ``"bokeh"``, ``"plotly"`` or ``"none"``; ArviZ's default if None.
    visuals, legal
        As for :class:`Canvas`.

    Returns
    -------
    Canvas
    """
    warn_unless_converged(tree)
    if plot_collection is None:
        from arviz_base import rcParams
        from arviz_plots import PlotCollection

        backend = backend or rcParams["plot.backend"]
        settings: dict[str, Any] = {"figsize": size}
        if backend == "matplotlib":
            settings["layout"] = "constrained"
        elif backend != "none":
            # Those that draw for a screen warn of inches.
            settings["figsize"] = tuple(_DOTS * side for side in size)
            settings["figsize_units"] = "dots"
        one = xr.Dataset({"panel": ("draw", np.zeros(1))}, coords={"draw": [0]})
        plot_collection = PlotCollection.wrap(
            one, cols=["__variable__"], backend=backend, figure_kwargs=settings
        )
    return Canvas(plot_collection, visuals, legal)


def marker(backend: ModuleType, shape: str) -> dict[str, Any]:
    """What to pass to a backend's ``scatter`` for a marker.

    Parameters
    ----------
    backend : module
        Of ArviZ's plots.
    shape : str
        ``circle``, ``diamond``, or which way an arrow points: ``left``, ``right``, ``up``,
        ``down``.

    Returns
    -------
    dict
    """
    return dict(_MARKERS.get(_name(backend), _MARKERS["matplotlib"])[shape])


def middle_of(backend: ModuleType) -> str:
    """How a backend says that text is in the middle of its height."""
    return "middle" if _name(backend) in ("bokeh", "plotly") else "center"


def _name(backend: ModuleType) -> str:
    return backend.__name__.rpartition(".")[2]


def axis_label(tree: xr.DataTree, label: str, *, ci_kind: str = "", ci_prob: float = 0.0) -> str:
    """Label of an axis with the caption line below it."""
    return f"{label}\n{caption(tree, ci_kind=ci_kind, ci_prob=ci_prob)}"


def log_ticks(
    low: float, high: float, *, room: float = 52, ending: str = "", upright: bool = False
) -> tuple[list[float], list[str]]:
    """Ticks at 1, 2 and 5 times powers of ten, as many as there is room for, plainly labelled.

    Where an axis spans so little that fewer than two of them lie on it, ticks are evenly spaced.
    ``room`` is the length of the axis in signs, ``ending`` what is added to each label; on an
    ``upright`` axis only their heights count.

    Examples
    --------
    >>> from reconcile.plots.canvas import log_ticks
    >>> log_ticks(300, 60_000)[1]
    ['500', '1,000', '2,000', '5,000', '10,000', '20,000', '50,000']
    >>> log_ticks(8_000, 2_500_000)[1]
    ['10,000', '30,000', '100,000', '300,000', '1,000,000']
    >>> log_ticks(1, 1e6)[1]
    ['1', '10', '100', '1,000', '10,000', '100,000', '1,000,000']
    >>> log_ticks(6.671, 6.676)[1]
    ['6.672', '6.674', '6.676']
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps_and_strides = [((1, 2, 5), 1), ((1, 3), 1), *(((1,), k) for k in range(1, last - first))]
    ticks: list[float] = []
    for steps, stride in steps_and_strides:
        # Multiples of the stride, so that 1 is among the ticks of an axis about it.
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
    """In signs; a comma is half a one."""
    return len(label) - 0.5 * label.count(",")


def even_ticks(low: float, high: float, *, most: int = 4) -> tuple[list[float], list[str]]:
    """Four ticks or so at multiples of a round number.

    Examples
    --------
    >>> from reconcile.plots.canvas import even_ticks
    >>> even_ticks(-7.3, 1.2)[1]
    ['-5', '0']
    """
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
    """A name and what is said of it on two lines at most; a long name is cut, never the rest.

    Examples
    --------
    >>> from reconcile.plots.canvas import two_lines
    >>> print(two_lines("Office of the High Commissioner for Refugees", "(third), 1 May 2023"))
    Office of the High Commissioner for
    Refugees (third), 1 May 2023
    """
    if len(rest) < _LINE:
        rest = rest.replace(" ", "\N{NO-BREAK SPACE}")
    lines: list[str] = []
    for kept in range(len(name), 0, -1):
        short = name if kept == len(name) else name[:kept].rstrip(" ,;(") + "…"
        lines = textwrap.wrap(f"{short} {rest}", _LINE)
        if len(lines) <= 2:
            break
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
