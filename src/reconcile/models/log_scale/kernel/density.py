"""Log density of the model and its gradient as one C function that reads its data through pointers.

A hand-written twin of the PyMC model, whose graph of some 150 small operations takes 80
microseconds for seven claims and has to be recompiled for every number of claims. Here all sizes
are data, so that one compiled function serves all models.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np
from numba import types

from reconcile.inference.cholesky import solve, solve_transpose
from reconcile.models.log_scale.kernel.arrays import (
    N_ZERO,
    array,
    scratch,
    variable,
    variables,
)
from reconcile.models.log_scale.kernel.difficulty import difficulty_backward, set_difficulty
from reconcile.models.log_scale.kernel.jit import jit, source_stamp
from reconcile.models.log_scale.kernel.likelihood import claims_logp
from reconcile.models.log_scale.kernel.noise import errors_backward, expected_errors
from reconcile.models.log_scale.kernel.paths import (
    changes_gradient,
    path_gradient,
    set_changes,
    set_nodes,
    set_shares,
    total_gradient,
)
from reconcile.models.log_scale.kernel.sums import claim_sums, sums_backward
from reconcile.models.log_scale.kernel.totals import HALF_LOG_2PI, set_totals, totals_backward

__all__ = ["density_callback"]

_NOT_A_NUMBER: Final = 4
_NO_GRADIENT: Final = 3


@jit
def _normal_logp(values: Any, mean: Any, sd: Any, out: Any) -> float:
    """Log density of normal variables; adds their gradient to ``out``."""
    total = 0.0
    for k in range(values.size):
        off = (values[k] - mean[k]) / sd[k]
        total -= 0.5 * off * off + math.log(sd[k]) + HALF_LOG_2PI
        out[k] -= off / sd[k]
    return float(total)


@jit
def _standard_logp(values: Any, out: Any) -> float:
    """Log density of standard normal variables; adds their gradient to ``out``."""
    total = 0.0
    for k in range(values.size):
        total -= 0.5 * values[k] * values[k]
        out[k] -= values[k]
    return float(total - values.size * HALF_LOG_2PI)


@jit
def _prior_logp(data: Any, point: Any, out: Any) -> float:
    """Log prior of all variables except totals and paths; adds its gradient to ``out``."""
    values = variables(data, point, "error_z", "register_never_z")
    logp = _standard_logp(values, variables(data, out, "error_z", "register_never_z"))
    values, grad = variable(data, point, "path_spread_z"), variable(data, out, "path_spread_z")
    logp += _standard_logp(values, grad)
    mean, sd = array(data, "noise_mean"), array(data, "noise_sd")
    noise, grad_noise = variable(data, point, "noise_log"), variable(data, out, "noise_log")
    logp += _normal_logp(noise, mean, sd, grad_noise)
    mean, sd = array(data, "excess_mean"), array(data, "excess_sd")
    excess = variable(data, point, "overconfidence_log")
    return float(logp + _normal_logp(excess, mean, sd, variable(data, out, "overconfidence_log")))


@jit
def _log_density(data: Any, work: Any) -> float:
    """Log density at the point in the workspace; adds to its gradient."""
    point, gradient = scratch(data, work, "point"), scratch(data, work, "gradient")
    logp = _prior_logp(data, point, gradient)
    set_changes(data, point, work)
    set_shares(data, work)
    set_difficulty(data, point, work)
    set_totals(data, point, work)
    set_nodes(data, work)
    claim_sums(data, point, work)
    expected_errors(data, point, work)
    logp += claims_logp(data, work)
    errors_backward(data, point, work)
    sums_backward(data, point, work)
    total_gradient(data, work)
    logp += totals_backward(data, work)
    path_gradient(data, work)
    difficulty_backward(data, work)
    return float(logp + changes_gradient(data, point, work))


@jit
def _at_step(data: Any, work: Any, step: Any, out: Any, value: Any) -> int:
    """Log density and gradient in the sampler's coordinates; returns 0 or an error code."""
    scratch_begins = array(data, "scratch_begins")
    for k in range(scratch_begins[N_ZERO]):
        work[k] = 0.0
    point, gradient = scratch(data, work, "point"), scratch(data, work, "gradient")
    shift, order = array(data, "shift"), array(data, "root_order")
    root = array(data, "root_value")
    begin, row = array(data, "root_begin"), array(data, "root_row")
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
    """The callback for nutpie; the stamp becomes part of numba's cache key."""

    def density(dim: int, step: Any, out: Any, value: Any, data: Any) -> Any:
        n = np.int64(dim) if len(stamp) else 0
        scratch_begins = array(data, "scratch_begins")
        work = np.empty(scratch_begins[scratch_begins.size - 1])
        where, gradient = numba.carray(step, (n,)), numba.carray(out, (n,))
        failed = _at_step(data, work, where, gradient, numba.carray(value, (1,)))
        # Views do not keep the workspace alive: use it last.
        return np.int64(failed) if work.size else np.int64(_NOT_A_NUMBER)

    return density


_POINTER: Final = types.CPointer(types.double)
density_callback: Final = numba.cfunc(
    types.int64(types.uint64, _POINTER, _POINTER, _POINTER, types.voidptr),
    cache=True,
    error_model="numpy",
)(_density_of(source_stamp()))
