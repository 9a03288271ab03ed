"""Log density of the model and its gradient as one C function that reads its data at pointers.

It is a twin of the PyMC model of :mod:`reconcile.model`, written by hand: that graph of some 150
small operations takes 80 microseconds for seven claims, and compiles anew for every number of
them. Every length is data here, so that one compiled function serves all models.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np
from numba import types

from reconcile.kernel.errors import errors_backwards, expected_errors
from reconcile.kernel.figures import HALF_LOG_2PI, totals_backwards, totals_of
from reconcile.kernel.jit import jit, source_stamp
from reconcile.kernel.likelihood import claims_logp
from reconcile.kernel.paths import (
    changes_of,
    changes_slopes,
    nodes_of,
    path_slopes,
    shares_of,
    total_slopes,
)
from reconcile.kernel.sums import claim_sums, sums_backwards
from reconcile.kernel.table import given, variable, variables
from reconcile.whitening import turned, turned_back

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
def _log_density(data: Any, point: Any, gradient: Any) -> float:
    """Log density at a point; adds to its gradient."""
    n = given(data, "said").size
    base, square, width = np.empty(n), np.empty(n), np.empty(n)
    by_base, by_square, by_width = np.zeros(n), np.zeros(n), np.zeros(n)
    level_z, register_z = variable(data, point, "level_z"), variable(data, point, "register_z")
    spread_z = variable(data, point, "path_spread_z")
    path = variables(data, point, "path_shared", "path_own")
    logp = _prior_logp(data, point, gradient)
    made = changes_of(data, spread_z, path)
    share, reached_log = shares_of(data, made[0])
    free_log, total_log, pressing = totals_of(data, level_z, reached_log)
    nodes = nodes_of(total_log, share)
    found = claim_sums(data, nodes, register_z, base)
    expected_errors(data, point, base, square, width)
    logp += claims_logp(data, base, square, width, by_base, by_square, by_width)
    errors_backwards(data, point, by_base, by_square, by_width, gradient)
    by_node, by_total = np.zeros(nodes.size), np.zeros(total_log.size)
    by_free, by_change = np.zeros(total_log.size), np.zeros(made[0].size)
    by_register = variable(data, gradient, "register_z")
    sums_backwards(data, nodes, register_z, found, by_base, by_node, by_register)
    total_slopes(nodes, share, by_node, by_total)
    logp += totals_backwards(data, free_log, total_log, pressing, by_total, by_free)
    by_level, sd_log = variable(data, gradient, "level_z"), given(data, "total_sd_log")
    for s in range(by_free.size):
        by_level[s] += by_free[s] * sd_log[s]
    path_slopes(data, nodes, share, reached_log, by_node, by_free, by_change)
    by_spread = variable(data, gradient, "path_spread_z")
    by_path = variables(data, gradient, "path_shared", "path_own")
    logp += changes_slopes(data, spread_z, path, made, by_change, by_spread, by_path)
    return float(logp)


def _density_of(stamp: str) -> Any:
    """What nutpie calls; the stamp is part of the key under which numba keeps it on disk."""

    def density(dim: int, step: Any, out: Any, value: Any, data: Any) -> int:
        n = np.int64(dim) if len(stamp) else 0
        shift, root = given(data, "shift"), given(data, "root_value")
        order, begin, row = (
            given(data, "root_order"),
            given(data, "root_begin"),
            given(data, "root_row"),
        )
        point = turned(numba.carray(step, (n,)), order, begin, row, root)
        for k in range(n):
            point[k] += shift[k]
        gradient = np.zeros(n)
        logp = _log_density(data, point, gradient)
        value[0] = logp
        if not np.isfinite(logp):
            return _NOT_A_NUMBER
        for k in range(n):
            if not np.isfinite(gradient[k]):
                return _NO_GRADIENT
        turned_back(gradient, numba.carray(out, (n,)), order, begin, row, root)
        return 0

    return density


_POINTER: Final = types.CPointer(types.double)
density_callback: Final = numba.cfunc(
    types.int64(types.uint64, _POINTER, _POINTER, _POINTER, types.voidptr),
    cache=True,
    error_model="numpy",
)(_density_of(source_stamp()))
