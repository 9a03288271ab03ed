"""An upper bound."""

from __future__ import annotations

from reconcile.kinds.at_least import side_of
from reconcile.kinds.kind import Kind, Shown, Stated, given
from reconcile.kinds.numbers import bounded, sampling_log
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

__all__ = ["AT_MOST"]


def _reading(claim: Stated, measure: Measure) -> Reading:
    value = given(claim.value)
    return bounded(0.0, value, measure, sampling=sampling_log(value, measure))


def _shown(claim: Stated) -> Shown:
    value = given(claim.value)
    return Shown(low=0.0, high=value, best=value, text=f"≤ {stated(value)}")


AT_MOST = Kind(
    name="at_most",
    says="the figure is this or less",
    reading=_reading,
    said=side_of,
    shown=_shown,
    glyph="bounds",
    needs=("value",),
)
