"""What errors are added to: numbers as they are, or the log odds of shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from scipy.special import ndtri

from reconcile.claims.figure import Figure
from reconcile.claims.percent import whole_of
from reconcile.kinds.rounding import half_cell, significant_half

__all__ = ["RANGE_Z", "Gauge", "gauge_of"]

# A plausible range is a central 95 % range.
RANGE_Z: Final = float(ndtri(0.975))
# Of a share of which nothing is known, as of one that is uniform: percent.
_ANY: Final = (2.5, 97.5)
# Zero percent is what rounds to it: half of its rounding cell, which ends at half a percent.
_NEXT_TO_ZERO: Final = 0.25


class Gauge(Protocol):
    """How the numbers of a figure are placed, so that errors are sums there."""

    def place(self, number: float) -> float:
        """A number that is claimed."""

    def limit(self, number: float, *, lower: bool) -> float:
        """A bound; infinite if it excludes nothing."""

    def middle(self, low: float, high: float) -> float:
        """The middle of a range without a best value."""

    def length(self, low: float, high: float) -> float | None:
        """Length of such a range; None if the middle is to be given its error by ``step``."""

    def step(self, number: float, error: float) -> float:
        """An error at a number, unit of the figure."""

    def unstep(self, number: float, error: float) -> float:
        """The inverse of ``step``."""

    def rounding(self, number: float, *, about: bool = False) -> float:
        """Half the width of the rounding cell of a number, unit of the figure."""

    def points(self, number: float, points: float) -> float:
        """An error of so many points as of percentages about a half, unit of the figure."""

    def plausible(self) -> tuple[float, float] | None:
        """The plausible range, if there is one."""

    @property
    def widest(self) -> float:
        """Largest standard deviation of a prior that is judged from claims."""


def gauge_of(figure: Figure) -> Gauge:
    """The gauge of a figure with scale linear or share."""
    return _LogOdds(figure) if figure.scale == "share" else _AsItIs(figure)


@dataclass(frozen=True, slots=True)
class _AsItIs:
    figure: Figure

    def place(self, number: float) -> float:
        return number

    def limit(self, number: float, *, lower: bool) -> float:
        return number

    def middle(self, low: float, high: float) -> float:
        return low + 0.5 * (high - low)

    def length(self, low: float, high: float) -> float | None:
        return high - low

    def step(self, number: float, error: float) -> float:
        return error

    unstep = step

    def rounding(self, number: float, *, about: bool = False) -> float:
        size = abs(number)
        if about and size:
            # Twice the rounding of the last digit that is not zero.
            return 2 * significant_half(size)
        half = half_cell(size, unit_size=self.figure.unit_size)
        return 2 * half if about else half

    def points(self, number: float, points: float) -> float:
        return points

    def plausible(self) -> tuple[float, float] | None:
        return self.figure.plausible

    @property
    def widest(self) -> float:
        return math.inf


@dataclass(frozen=True, slots=True)
class _LogOdds:
    """Reads 97 % as 3 % of the rest, so that a share and the rest of its whole are alike."""

    figure: Figure

    @property
    def whole(self) -> float:
        return whole_of(self.figure.unit)

    def _percent(self, number: float) -> float:
        """In percent, without a rounding error that would look like digits."""
        return float(Decimal(repr(float(number))) * (100 if self.whole == 1 else 1))

    def _nearer(self, number: float) -> float:
        """Distance from the nearer end, percent."""
        percent = Decimal(repr(self._percent(number)))
        return float(min(percent, 100 - percent))

    def place(self, number: float) -> float:
        percent = self._percent(number)
        least = max(self._nearer(number), 0.0) or _NEXT_TO_ZERO
        odds = math.log(100 - least) - math.log(least)
        return -odds if percent < 50 else odds

    def limit(self, number: float, *, lower: bool) -> float:
        if number == (0 if lower else self.whole):
            return -math.inf if lower else math.inf
        return self.place(number)

    def middle(self, low: float, high: float) -> float:
        if self.length(low, high) is None:
            return self.place(0.5 * (low + high))
        return 0.5 * (self.place(low) + self.place(high))

    def length(self, low: float, high: float) -> float | None:
        inside = low > 0 and high < self.whole
        return self.place(high) - self.place(low) if inside else None

    def step(self, number: float, error: float) -> float:
        # Away from the nearer end, so that what is stated of the other side holds.
        least = self._nearer(number) or _NEXT_TO_ZERO
        most = 100 - min(least, _ANY[0])
        moved = min(least + self._percent(error), most)
        return math.log(moved / least) + math.log((100 - least) / (100 - moved))

    def unstep(self, number: float, error: float) -> float:
        least = self._nearer(number) or _NEXT_TO_ZERO
        odds = math.exp(error) * least / (100 - least)
        return self.whole * (odds / (1 + odds) - least / 100)

    def rounding(self, number: float, *, about: bool = False) -> float:
        least = self._nearer(number)
        half = half_cell(least) if least else _NEXT_TO_ZERO
        if about:
            half = 2 * (significant_half(least) if least else half)
        return half * self.whole / 100

    def points(self, number: float, points: float) -> float:
        # As of a survey of so many people, whatever the share.
        least = (self._nearer(number) or _NEXT_TO_ZERO) / 100
        return points * self.whole / 100 * 2 * math.sqrt(least * (1 - least))

    def plausible(self) -> tuple[float, float] | None:
        ends = self.figure.plausible or tuple(end * self.whole / 100 for end in _ANY)
        return self.place(ends[0]), self.place(ends[1])

    @property
    def widest(self) -> float:
        return math.log(_ANY[1] / _ANY[0]) / RANGE_Z
