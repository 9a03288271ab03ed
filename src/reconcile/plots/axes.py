"""Numeric axes: logarithmic if errors are factors, linear if they are differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from reconcile.plots.canvas import COLOURS, Visual, even_ticks, log_ticks
from reconcile.results.scales import Scale

__all__ = ["Axis", "axis_over"]

# On a linear axis: numbers of ticks to try, and characters between labels.
_TICKS = (7, 6, 5, 4, 3, 2)
_GAP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A numeric axis.

    Parameters
    ----------
    scale : Scale
        Scale on which it is uniform.
    low, high : float
        Limits, natural scale.
    """

    scale: Scale
    low: float
    high: float

    @property
    def limits(self) -> tuple[float, float]:
        """Both limits."""
        return self.low, self.high

    @property
    def length(self) -> float:
        """Length on its scale."""
        return float(self.scale.to(np.float64(self.high)) - self.scale.to(np.float64(self.low)))

    def shifted(self, number: float, share: float) -> float:
        """A number shifted by a share of the length of the axis."""
        at = self.scale.to(np.float64(number)) + share * self.length
        return float(self.scale.back(np.float64(at)))

    def share(self, number: float) -> float:
        """Relative position of a number: 0 at the lower limit, 1 at the upper one."""
        from_low = self.scale.to(np.float64(number)) - self.scale.to(np.float64(self.low))
        return float(from_low) / self.length

    def holds(self, number: float) -> bool:
        """Whether the scale contains a number."""
        return bool(self.scale.holds(np.float64(number)))

    def grid(self, n: int) -> np.ndarray:
        """``n`` evenly spaced numbers."""
        low, high = (float(self.scale.to(np.float64(end))) for end in self.limits)
        return np.asarray(self.scale.back(np.linspace(low, high, n)))

    def density(self, values: np.ndarray, grid: np.ndarray) -> np.ndarray:
        """Kernel density estimate of draws, per unit of the axis's scale."""
        from scipy.stats import gaussian_kde

        placed = np.asarray(self.scale.to(values[self.scale.holds(values)]))
        points = np.asarray(self.scale.to(grid))
        if placed.std() == 0:
            return np.where(np.abs(points - placed[0]) < np.ptp(points) / 100, 1.0, 0.0)
        return np.asarray(gaussian_kde(placed)(points))

    def ticks(
        self, *, room: float = 52, ending: str = "", upright: bool = False
    ) -> tuple[list[float], list[str]]:
        """Ticks and labels, as many as fit; see ``log_ticks``."""
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
        """Apply scale, limits and ticks to an axis of a panel."""
        if self.scale.name == "log":
            getattr(backend, f"{along}scale")(target, "log")
        getattr(backend, f"{along}lim")(self.limits, target)
        if hasattr(target, "minorticks_off"):
            # Matplotlib labels minor ticks of short axes in powers of ten.
            target.minorticks_off()
        getattr(backend, f"{along}ticks")(*ticks, target)

    def estimate_text(
        self, place: tuple[float, float], interval: np.ndarray, **settings: Any
    ) -> Visual:
        """A visual that writes a median, at ``place``, and its interval, clear of the edges."""
        middle, low, high = self.scale.estimate(place[0], *interval)
        share = self.share(place[0])
        align = "left" if share < 0.2 else "right" if share > 0.8 else "center"
        settings |= {"horizontal_align": align, "color": COLOURS["posterior"], "size": 10}

        def write(backend: ModuleType, target: Any, extra: dict[str, Any]) -> object:
            text = f"{middle} ({low} to {high})"
            return backend.text(*place, text, target, **(settings | extra))

        return write


def axis_over(
    scale: Scale, low: float, high: float, *, within: tuple[float, float] = (-math.inf, math.inf)
) -> Axis:
    """An axis from ``low`` to ``high`` (natural scale) with a margin on either side, if any."""
    tight = Axis(scale=scale, low=low, high=high)
    # Keep the limits distinct if low and high are equal.
    least = 1e-6 if scale.name == "log" else 1e-6 * (max(abs(low), abs(high)) or 1.0)
    share = max(0.08 * tight.length, least)
    first, last = (
        float(scale.back(np.float64(scale.to(np.float64(end)) + by)))
        for end, by in ((low, -share), (high, share))
    )
    return Axis(scale=scale, low=max(first, within[0]), high=min(last, within[1]))
