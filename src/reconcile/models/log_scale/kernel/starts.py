"""Points at which one claim after the other is right, as starts of descents and chains."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.inference.cholesky import MAX_DENSE
from reconcile.inference.density import CompiledDensity
from reconcile.inference.mode import Units
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import forward

__all__ = ["claim_starts", "units_of_needles"]

type Array = NDArray[np.float64]
# More claims than this are thinned evenly, by what they say.
_MOST_STARTS: Final = 12
_STEP: Final = 1e-3
# Claims as precise as this, log scale, make densities narrower than differences are wide.
_NEEDLE: Final = 1e-3
_LEAST: Final = 1e-6


def claim_starts(plan: Design, density: CompiledDensity) -> list[Array]:
    """The density's origin, moved so that the sum of a claim is what the claim says."""
    level = np.flatnonzero(density.owner == "level_z")
    off, effect = _off_and_effect(plan, density, density.shift, level)
    # A whole moves with all of its parts.
    sd_log = np.concatenate([plan.total_sd_log, plan.wholes.sd_log])
    is_root = plan.wholes.parent < 0
    effect = effect * is_root[:, None]
    # A claim of a ratio falls with some totals.
    usable = np.isfinite(off) & (effect >= 0).all(axis=0) & (effect > 0).any(axis=0)
    moves = (effect > 0) * off / sd_log[:, None]
    distinct = np.unique(moves[:, usable].T.round(6), axis=0)
    if len(distinct) > _MOST_STARTS:
        distinct = distinct[np.linspace(0, len(distinct) - 1, _MOST_STARTS).astype(int)]
    starts = np.tile(density.shift, (len(distinct), 1))
    starts[:, level] += distinct
    return list(starts)


def units_of_needles(plan: Design, density: CompiledDensity) -> Units | None:
    """Lengths of a level's coordinate: how far the nearest claim is, or how precise; if any is."""
    width = plan.readings.relative_width
    precise = (width > 0) & (width < _NEEDLE)
    if not precise.any() or density.shift.size > MAX_DENSE:
        return None
    level = np.flatnonzero(density.owner == "level_z")

    def units(point: Array) -> Array:
        off, effect = _off_and_effect(plan, density, point, level)
        distance = np.hypot(off, width)[precise] / np.maximum(np.abs(effect[:, precise]), _LEAST)
        found = np.ones(point.size)
        found[level] = np.minimum(distance.min(axis=1), 1.0)
        return found

    return units


def _off_and_effect(
    plan: Design, density: CompiledDensity, point: Array, level: NDArray[np.intp]
) -> tuple[Array, Array]:
    """How far each claim is above its sum, and how a step of each level moves the sums."""
    points = np.tile(point, (1 + level.size, 1))
    points[np.arange(level.size) + 1, level] += _STEP
    sums = forward(plan, density.plain.unpacked(points)).sum_log
    return plan.readings.centre_log - sums[0], (sums[1:] - sums[0]) / _STEP
