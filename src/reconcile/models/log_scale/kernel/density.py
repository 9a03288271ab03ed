"""Log density of the model and its gradient as one C function that reads its data at pointers.

It is a twin of the PyMC model of ``pymc``, written by hand: that graph of some 150
small operations takes 80 microseconds for seven claims, and compiles anew for every number of
them. Every length is data here, so that one compiled function serves all models.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np
from numba import types

from reconcile.inference.cholesky import solve, solve_transpose
from reconcile.models.log_scale.kernel.arrays import N_ZERO, given, room, variable, variables
from reconcile.models.log_scale.kernel.desks import leave_desk, take_desk
from reconcile.models.log_scale.kernel.jit import jit, source_stamp
from reconcile.models.log_scale.kernel.likelihood import claims_logp
from reconcile.models.log_scale.kernel.noise import errors_backwards, expected_errors
from reconcile.models.log_scale.kernel.paths import (
    changes_slopes,
    path_slopes,
    set_changes,
    set_nodes,
    set_shares,
    total_slopes,
)
from reconcile.models.log_scale.kernel.sums import claim_sums, sums_backwards
from reconcile.models.log_scale.kernel.totals import HALF_LOG_2PI, set_totals, totals_backwards

__all__ = ["density_callback"]

_NOT_A_NUMBER: Final = 4
_NO_GRADIENT: Final = 3


@jit
def _normal_logp(values: Any, mean: Any, sd: Any, out: Any) -> float:
    """Log density of normal variables; adds to their slopes."""
    total = 0.0
    for k in range(values.size):
        off = (values[k] - mean[k]) / sd[k]
        total -= 0.5 * off * off + math.log(sd[k]) + HALF_LOG_2PI
        out[k] -= off / sd[k]
    return float(total)


@jit
def _standard_logp(values: Any, out: Any) -> float:
    """Log density of standard normal variables; adds to their slopes."""
    total = 0.0
    for k in range(values.size):
        total -= 0.5 * values[k] * values[k]
        out[k] -= values[k]
    return float(total - values.size * HALF_LOG_2PI)


@jit
def _prior_logp(data: Any, point: Any, out: Any) -> float:
    """Log prior of all but totals and paths; adds to their slopes."""
    logp = _standard_logp(
        variables(data, point, "common_bias_z", "drift_z"),
        variables(data, out, "common_bias_z", "drift_z"),
    )
    for values, slopes in (
        (variable(data, point, "register_z"), variable(data, out, "register_z")),
        (variable(data, point, "path_spread_z"), variable(data, out, "path_spread_z")),
    ):
        logp += _standard_logp(values, slopes)
    mean, sd = given(data, "noise_mean"), given(data, "noise_sd")
    noise, by_noise = variable(data, point, "noise_log"), variable(data, out, "noise_log")
    logp += _normal_logp(noise, mean, sd, by_noise)
    mean, sd = given(data, "excess_mean"), given(data, "excess_sd")
    excess = variable(data, point, "overconfidence_log")
    return float(logp + _normal_logp(excess, mean, sd, variable(data, out, "overconfidence_log")))


@jit
def _log_density(data: Any, work: Any) -> float:
    """Log density at a point; adds to its gradient."""
    point, gradient = room(data, work, "point"), room(data, work, "gradient")
    logp = _prior_logp(data, point, gradient)
    set_changes(data, point, work)
    set_shares(data, work)
    set_totals(data, point, work)
    set_nodes(data, work)
    claim_sums(data, point, work)
    expected_errors(data, point, work)
    logp += claims_logp(data, work)
    errors_backwards(data, point, work)
    sums_backwards(data, point, work)
    total_slopes(data, work)
    logp += totals_backwards(data, work)
    path_slopes(data, work)
    return float(logp + changes_slopes(data, point, work))


@jit
def _at_step(data: Any, work: Any, step: Any, out: Any, value: Any) -> int:
    """Log density and gradient at a step of the sampler; 0, or why there are none."""
    rooms = given(data, "rooms")
    for k in range(rooms[N_ZERO]):
        work[k] = 0.0
    point, gradient = room(data, work, "point"), room(data, work, "gradient")
    shift, order, root = (
        given(data, "shift"),
        given(data, "root_order"),
        given(data, "root_value"),
    )
    begin, row = given(data, "root_begin"), given(data, "root_row")
    solve(step, point, order, begin, row, root)
    for k in range(point.size):
        point[k] += shift[k]
    logp = _log_density(data, work)
    value[0] = logp
    if not np.isfinite(logp):
        return _NOT_A_NUMBER
    for k in range(gradient.size):
        if not np.isfinite(gradient[k]):
            return _NO_GRADIENT
    solve_transpose(gradient, out, order, begin, row, root)
    return 0


def _density_of(stamp: str) -> Any:
    """What nutpie calls; the stamp is part of the key under which numba keeps it on disk."""

    def density(dim: int, step: Any, out: Any, value: Any, data: Any) -> Any:
        n = np.int64(dim) if len(stamp) else 0
        rooms, taken = given(data, "rooms"), given(data, "desk_taken")
        size, desk = rooms[rooms.size - 1], take_desk(taken)
        begin, end = desk * size, (desk + 1) * size
        work = given(data, "desks")[begin:end] if desk >= 0 else np.empty(size)
        where, slope = numba.carray(step, (n,)), numba.carray(out, (n,))
        failed = _at_step(data, work, where, slope, numba.carray(value, (1,)))
        leave_desk(taken, desk)
        # All else that was made is a part of this, and would be gone with it.
        return np.int64(failed) if work.size else np.int64(_NOT_A_NUMBER)

    return density


_POINTER: Final = types.CPointer(types.double)
density_callback: Final = numba.cfunc(
    types.int64(types.uint64, _POINTER, _POINTER, _POINTER, types.voidptr),
    cache=True,
    error_model="numpy",
)(_density_of(source_stamp()))
