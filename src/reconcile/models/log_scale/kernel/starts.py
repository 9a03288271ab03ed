"""Points at which one claim after the other is right, as starts of descents and chains."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import forward

__all__ = ["claim_starts"]

type Array = NDArray[np.float64]
# More claims than this are thinned evenly, by what they say.
_MOST_STARTS: Final = 12
_STEP: Final = 1e-3


def claim_starts(plan: Design, density: CompiledDensity) -> list[Array]:
    """The density's origin, moved so that the sum of a claim is what the claim says."""
    level = np.flatnonzero(density.owner == "level_z")
    points = np.tile(density.shift, (1 + level.size, 1))
    points[np.arange(level.size) + 1, level] += _STEP
    sums = forward(plan, density.plain.unpacked(points)).sum_log
    # A whole moves with all of its parts.
    sd_log = np.concatenate([plan.total_sd_log, plan.wholes.sd_log])
    is_root = plan.wholes.parent < 0
    effect = (sums[1:] - sums[0]) * is_root[:, None]
    off = plan.readings.centre_log - sums[0]
    # A claim of a ratio falls with some totals.
    usable = np.isfinite(off) & (effect >= 0).all(axis=0) & (effect > 0).any(axis=0)
    moves = (effect > 0) * off / sd_log[:, None]
    distinct = np.unique(moves[:, usable].T.round(6), axis=0)
    if len(distinct) > _MOST_STARTS:
        distinct = distinct[np.linspace(0, len(distinct) - 1, _MOST_STARTS).astype(int)]
    starts = np.tile(density.shift, (len(distinct), 1))
    starts[:, level] += distinct
    return list(starts)
