"""Axes of numbers: logarithmic where errors are factors, plain where they are differences."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from reconcile.plots.canvas import COLOURS, even_ticks, log_ticks
from reconcile.results.scales import Scale

__all__ = ["Axis", "axis_over"]

# On a plain axis: at most so many ticks, the most that fit, and signs between their labels.
_TICKS = (7, 6, 5, 4, 3, 2)
_GAP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis of numbers from one end to the other.

    Parameters
    ----------
    scale : Scale
        On which it is even.
    low, high : float
        Its ends, natural scale.
    """

    scale: Scale
    low: float
    high: float

    @property
    def limits(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    @property
    def length(self) -> float:
        """Its length on its scale."""
        return float(self.scale.to(np.float64(self.high)) - self.scale.to(np.float64(self.low)))

    def moved(self, number: float, share: float) -> float:
        """A number, moved up by a share of the length of the axis."""
        at = self.scale.to(np.float64(number)) + share * self.length
        return float(self.scale.back(np.float64(at)))

    def share(self, number: float) -> float:
        """How far up the axis a number lies: 0 at its lower end, 1 at its upper one."""
        from_low = self.scale.to(np.float64(number)) - self.scale.to(np.float64(self.low))
        return float(from_low) / self.length

    def holds(self, number: float) -> bool:
        """Whether a number has a place on such an axis at all."""
        return bool(self.scale.holds(np.float64(number)))

    def grid(self, n: int) -> np.ndarray:
        """Numbers that are evenly spread along it."""
        low, high = (float(self.scale.to(np.float64(end))) for end in self.limits)
        return np.asarray(self.scale.back(np.linspace(low, high, n)))

    def density(self, values: np.ndarray, grid: np.ndarray) -> np.ndarray:
        """Density of draws along it, at the numbers of a grid."""
        from scipy.stats import gaussian_kde

        placed = np.asarray(self.scale.to(values[self.scale.holds(values)]))
        points = np.asarray(self.scale.to(grid))
        if placed.std() == 0:
            return np.where(np.abs(points - placed[0]) < np.ptp(points) / 100, 1.0, 0.0)
        return np.asarray(gaussian_kde(placed)(points))

    def ticks(
        self, *, room: float = 52, ending: str = "", upright: bool = False
    ) -> tuple[list[float], list[str]]:
        """Ticks and their labels, as many as there is room for; see ``log_ticks``."""
        if self.scale.name == "log":
            return log_ticks(*self.limits, room=room, ending=ending, upright=upright)
        for most in _TICKS:
            ticks, labels = even_ticks(*self.limits, most=most)
            widest = 2 if upright else max((len(label + ending) for label in labels), default=0)
            if len(ticks) * (widest + _GAP) <= room:
                break
        return ticks, [label + ending for label in labels]

    def draw(
        self,
        backend: ModuleType,
        target: Any,
        along: Literal["x", "y"],
        ticks: tuple[list[float], list[str]],
    ) -> None:
        """Make an axis of a panel this one, with these ticks and no others."""
        if self.scale.name == "log":
            getattr(backend, f"{along}scale")(target, "log")
        getattr(backend, f"{along}lim")(self.limits, target)
        if hasattr(target, "minorticks_off"):
            # Matplotlib labels minor ticks in powers of ten where an axis spans little.
            target.minorticks_off()
        getattr(backend, f"{along}ticks")(*ticks, target)

    def write(
        self, backend: ModuleType, target: Any, place: tuple[float, float], text: str, **extra: Any
    ) -> object:
        """Write beside a number on it, turned inwards where that is near an end."""
        share = self.share(place[0])
        align = "left" if share < 0.2 else "right" if share > 0.8 else "center"
        settings = {"horizontal_align": align, "color": COLOURS["posterior"], "size": 10} | extra
        return backend.text(*place, text, target, **settings)


def axis_over(scale: Scale, low: float, high: float) -> Axis:
    """An axis with a margin on either side of what it must hold.

    Parameters
    ----------
    scale : Scale
        On which it is to be even.
    low, high : float
        What it must hold, natural scale.

    Returns
    -------
    Axis

    Examples
    --------
    >>> from reconcile.plots.axes import axis_over
    >>> from reconcile.results.scales import LINEAR
    >>> axis_over(LINEAR, -10, 90).limits
    (-18.0, 98.0)
    """
    tight = Axis(scale=scale, low=low, high=high)
    # However narrow what it holds, its ends are two numbers.
    least = 1e-6 if scale.name == "log" else 1e-6 * (max(abs(low), abs(high)) or 1.0)
    share = max(0.08 * tight.length, least)
    first, last = (
        float(scale.back(np.float64(scale.to(np.float64(end)) + by)))
        for end, by in ((low, -share), (high, share))
    )
    return Axis(scale=scale, low=first, high=last)
