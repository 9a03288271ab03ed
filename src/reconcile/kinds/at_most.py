"""An upper bound."""

from __future__ import annotations

from reconcile.kinds.at_least import simulate_bound
from reconcile.kinds.kind import ClaimLike, Display, Kind, required
from reconcile.kinds.numbers import bounded, counting_log
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

__all__ = ["AT_MOST"]


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    value = required(claim.value)
    return bounded(0.0, value, measure, counting=counting_log(value, measure))


def _display(claim: ClaimLike) -> Display:
    value = required(claim.value)
    return Display(low=0.0, high=value, best=value, text=f"≤ {stated(value)}")


AT_MOST = Kind(
    name="at_most",
    meaning="an upper bound: the figure is at most this",
    reading=_reading,
    simulate=simulate_bound,
    display=_display,
    glyph="bounds",
    needs=("value",),
)
