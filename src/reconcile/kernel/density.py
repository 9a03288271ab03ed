"""Log density of the model and its gradient as one C function that reads its data at pointers.

It is a twin of the PyMC model of :mod:`reconcile.model`, written by hand: that graph of some 150
small operations takes 80 microseconds for seven claims, and compiles anew for every number of
them. Every length is data here, so that one compiled function serves all models.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any, Final

import numba
import numpy as np
from numba import types

from reconcile.kernel.errors import errors_backwards, expected_errors
from reconcile.kernel.figures import totals_backwards, totals_of
from reconcile.kernel.jit import jit, source_stamp
from reconcile.kernel.likelihood import Expected, claims_logp
from reconcile.kernel.paths import (
    changes_of,
    changes_slopes,
    nodes_of,
    path_slopes,
    shares_of,
    total_slopes,
)
from reconcile.kernel.sums import claim_sums, sums_backwards
from reconcile.kernel.table import (
    DATA,
    read_begins,
    read_claims,
    read_errors,
    read_figures,
    read_priors,
    read_root,
    read_sums,
)
from reconcile.whitening import turned, turned_back

__all__ = ["FREE", "density_callback"]

# Free variables in the order of the point. Those of totals and paths are coordinates of their own
# (reconcile.kernel.coordinates), the others variables of the model.
FREE: Final = (
    "level_z",
    "common_bias_z",
    "bias_z",
    "role_z",
    "camp_z",
    "category_z",
    "drift_z",
    "noise_log",
    "register_z",
    "overconfidence_log",
    "path_spread_z",
    "path_shared",
    "path_own",
)
Free = namedtuple(  # numba takes these, not typing.NamedTuple with types
    "Free",
    "level_z common_bias_z bias_z role_z camp_z category_z drift_z noise_log register_z"
    " overconfidence_log path_spread_z path_shared path_own",
)

_HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)
# Length of the table of pointers: address and length of all data, and of five arrays more.
_TABLE: Final = 2 * (len(DATA) + 5)
_NOT_A_NUMBER: Final = 4
_NO_GRADIENT: Final = 3


@jit
def _free(point: Any, begins: Any) -> Any:
    """Parts of a point by variable."""
    return Free(
        point[begins[0] : begins[1]],
        point[begins[1] : begins[2]],
        point[begins[2] : begins[3]],
        point[begins[3] : begins[4]],
        point[begins[4] : begins[5]],
        point[begins[5] : begins[6]],
        point[begins[6] : begins[7]],
        point[begins[7] : begins[8]],
        point[begins[8] : begins[9]],
        point[begins[9] : begins[10]],
        point[begins[10] : begins[11]],
        point[begins[11] : begins[12]],
        point[begins[12] : begins[13]],
    )


@jit
def _normal_logp(values: Any, mean: Any, sd: Any, out: Any) -> float:
    """Log density of normal variables; adds to their slopes."""
    total = 0.0
    for k in range(values.size):
        off = (values[k] - mean[k]) / sd[k]
        total -= 0.5 * off * off + math.log(sd[k]) + _HALF_LOG_2PI
        out[k] -= off / sd[k]
    return float(total)


@jit
def _standard_logp(values: Any, out: Any) -> float:
    """Log density of standard normal variables; adds to their slopes."""
    total = 0.0
    for k in range(values.size):
        total -= 0.5 * values[k] * values[k]
        out[k] -= values[k]
    return float(total - values.size * _HALF_LOG_2PI)


@jit
def _prior_logp(free: Any, priors: Any, out: Any) -> float:
    """Log prior of all but totals and paths; adds to their slopes."""
    logp = _standard_logp(free.common_bias_z, out.common_bias_z)
    logp += _standard_logp(free.bias_z, out.bias_z)
    logp += _standard_logp(free.role_z, out.role_z)
    logp += _standard_logp(free.camp_z, out.camp_z)
    logp += _standard_logp(free.category_z, out.category_z)
    logp += _standard_logp(free.drift_z, out.drift_z)
    logp += _standard_logp(free.register_z, out.register_z)
    logp += _normal_logp(free.noise_log, priors.noise_mean, priors.noise_sd, out.noise_log)
    logp += _normal_logp(
        free.overconfidence_log, priors.excess_mean, priors.excess_sd, out.overconfidence_log
    )
    logp += _standard_logp(free.path_spread_z, out.path_spread_z)
    return float(logp)


@jit
def _log_density(table: Any, point: Any, gradient: Any) -> float:
    """Log density at a point; adds to its gradient."""
    begins = read_begins(table)
    figures, sums, errors = read_figures(table), read_sums(table), read_errors(table)
    claims, priors = read_claims(table), read_priors(table)
    free, out = _free(point, begins), _free(gradient, begins)
    n = claims.said.size
    expected = Expected(np.zeros(n), np.empty(n), np.empty(n))
    slopes = Expected(np.zeros(n), np.zeros(n), np.zeros(n))
    logp = _prior_logp(free, priors, out)
    spread_z = free.path_spread_z
    shared_z, own_z, changes = changes_of(figures, spread_z, free.path_shared, free.path_own)
    share, reached_log = shares_of(figures, changes)
    free_log, total_log, pressing = totals_of(figures, free.level_z, reached_log)
    nodes = nodes_of(total_log, share)
    found = claim_sums(sums, nodes, free.register_z, expected.base)
    expected_errors(errors, free, expected)
    logp += claims_logp(claims, expected, slopes)
    errors_backwards(errors, free, slopes, out)
    by_node, by_total = np.zeros(nodes.size), np.zeros(total_log.size)
    by_free = np.zeros(total_log.size)
    # To make room takes as long as to add up a claim, so there is none for what is not there.
    by_change = np.zeros(changes.size) if changes.size else changes
    sums_backwards(sums, nodes, free.register_z, found, slopes.base, by_node, out.register_z)
    total_slopes(nodes, share, by_node, by_total)
    logp += totals_backwards(figures, free_log, total_log, pressing, by_total, by_free)
    for s in range(by_free.size):
        out.level_z[s] += by_free[s] * figures.total_sd_log[s]
    path_slopes(figures, nodes, share, reached_log, by_node, by_free, by_change)
    logp += changes_slopes(
        figures,
        spread_z,
        free.path_shared,
        free.path_own,
        shared_z,
        own_z,
        by_change,
        out.path_spread_z,
        out.path_shared,
        out.path_own,
    )
    return float(logp)


def _density_of(stamp: str) -> Any:
    """What nutpie calls; the stamp is part of the key under which numba keeps it on disk."""

    def density(dim: int, step: Any, out: Any, value: Any, data: Any) -> int:
        n = np.int64(dim) if len(stamp) else 0
        table = numba.carray(data, (_TABLE,), np.int64)
        shift, order, begin, row, root = read_root(table)
        point = turned(numba.carray(step, (n,)), order, begin, row, root)
        for k in range(n):
            point[k] += shift[k]
        gradient = np.zeros(n)
        logp = _log_density(table, point, gradient)
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
