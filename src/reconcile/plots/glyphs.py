"""Glyphs of claims along an axis: dots, bars, arrows, diamonds; hollow if withdrawn or revised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from reconcile.kinds.registry import KINDS
from reconcile.plots.axes import Axis
from reconcile.plots.canvas import COLOURS, Canvas, Visual, marker
from reconcile.plots.marks import Mark

__all__ = ["GLYPHS", "Placed", "colour_of", "draw_glyphs"]

GLYPHS = ("ranges", "words", "bounds", "points", "truths")
# A third of the length of an arrow, as a share of the axis.
_STEP = 0.02
type Placed = list[tuple[Mark, float]]
type Along = Literal["x", "y"]


def colour_of(mark: Mark) -> str:
    """Colour of a claim; truths and claims withdrawn or revised have their own."""
    if mark.kind == "truth":
        return COLOURS["truth"]
    return COLOURS["claim"] if mark.stands else COLOURS["withdrawn"]


def draw_glyphs(panel: Canvas, placed: Placed, axis: Axis, *, along: Along, tick: float) -> None:
    """Draw the claims, one visual per glyph; ``tick`` is half the length of a bound's stroke."""
    functions = {
        "ranges": _range,
        "words": _word,
        "bounds": _bound,
        "points": _point,
        "truths": _truth,
    }
    for name, function in functions.items():
        own = [(mark, place) for mark, place in placed if KINDS[mark.kind].glyph == name]
        panel.draw(name, _visual(function, own, (along, axis, tick)))


def _visual(function: Any, placed: Placed, settings: tuple[Along, Axis, float]) -> Visual:
    def draw(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
        pen = _Pen(backend, target, extra, *settings)
        artists = [function(pen, mark, place) for mark, place in placed]
        return artists[-1] if artists else None

    return draw


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws lines and dots with the numbers along either axis."""

    backend: ModuleType
    target: Any
    extra: dict[str, Any]
    along: Along
    axis: Axis
    tick: float

    @property
    def limits(self) -> tuple[float, float]:
        return self.axis.limits

    def clipped(self, mark: Mark) -> list[float]:
        return [max(mark.low, self.limits[0]), min(mark.high, self.limits[1])]

    def _xy(self, numbers: list[float], places: list[float]) -> tuple[np.ndarray, np.ndarray]:
        pair = (np.array(numbers), np.array(places))
        return pair if self.along == "x" else pair[::-1]

    def line(
        self, mark: Mark, numbers: list[float], places: list[float], **settings: Any
    ) -> object:
        x, y = self._xy(numbers, places)
        settings = {"color": colour_of(mark)} | settings | self.extra
        return self.backend.line(x, y, self.target, **settings)

    def dot(self, mark: Mark, number: float, place: float, shape: str) -> object:
        x, y = self._xy([number], [place])
        face = colour_of(mark) if mark.stands else "white"
        settings = {"size": 45, "facecolor": face, "edgecolor": colour_of(mark), "width": 1.5}
        settings |= marker(self.backend, shape) | self.extra
        return self.backend.scatter(x, y, self.target, **settings)


def _point(pen: _Pen, mark: Mark, place: float) -> object:
    if pen.axis.holds(mark.best):
        return pen.dot(mark, mark.best, place, "circle")
    return _below_axis(pen, mark, place)


def _below_axis(pen: _Pen, mark: Mark, place: float) -> object:
    """Zero on a log axis: an arrow at the lower end."""
    arrow = {"x": "left", "y": "down"}[pen.along]
    return pen.dot(mark, pen.axis.shifted(pen.limits[0], _STEP), place, arrow)


def _range(pen: _Pen, mark: Mark, place: float) -> object:
    ends = pen.clipped(mark)
    if ends[0] > ends[1]:
        return _below_axis(pen, mark, place)
    artist = pen.line(mark, ends, [place, place], width=4)
    return pen.dot(mark, mark.best, place, "circle") if pen.axis.holds(mark.best) else artist


def _truth(pen: _Pen, mark: Mark, place: float) -> object:
    ends = pen.clipped(mark)
    if ends[0] > ends[1]:
        return _below_axis(pen, mark, place)
    if ends[0] < ends[1]:
        pen.line(mark, ends, [place, place], width=4)
    return pen.dot(mark, mark.best, place, "diamond")


def _word(pen: _Pen, mark: Mark, place: float) -> object:
    # "Significant" implies no range: only the word is drawn.
    if mark.high == math.inf or not pen.axis.holds(mark.low) or mark.high < pen.limits[0]:
        return None
    style = pen.backend.get_default_aes("linestyle", 2)[1]
    return pen.line(mark, pen.clipped(mark), [place, place], width=2, linestyle=style)


def _bound(pen: _Pen, mark: Mark, place: float) -> object:
    if not pen.axis.holds(mark.best):
        # "At least 0" is uninformative.
        return None if mark.kind == "at_least" else _below_axis(pen, mark, place)
    below = mark.kind == "at_least"
    tip = pen.axis.shifted(mark.best, 3 * _STEP if below else -3 * _STEP)
    pen.line(mark, [mark.best, tip], [place, place], width=1.8)
    pen.line(mark, [mark.best, mark.best], [place - pen.tick, place + pen.tick], width=1.8)
    arrows = {"x": ("left", "right"), "y": ("down", "up")}[pen.along]
    return pen.dot(mark, tip, place, arrows[below])
