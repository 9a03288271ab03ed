"""Log totals of series from those of roots and the weights of parts, and their prior.

Free are apparent totals; limits and factors are on true ones, smaller by the common error.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from reconcile.models.log_scale.kernel.arrays import array, scratch, variable
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.limits import limits_backward, set_within
from reconcile.models.log_scale.kernel.operators import sum_log

__all__ = ["HALF_LOG_2PI", "set_totals", "totals_backward"]

HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)


@jit
def set_totals(data: Any, point: Any, work: Any) -> None:
    """Set log totals before and after limits.

    From levels at ``level_date`` if they accrue; of true totals where ``level_true``.
    """
    mean_log, sd_log = array(data, "total_mean_log"), array(data, "total_sd_log")
    level_z, free = variable(data, point, "level_z"), scratch(data, work, "free_log")
    reached_log, root = scratch(data, work, "reached_log"), array(data, "level_root")
    part = array(data, "level_part")
    for node in range(level_z.size):
        free[node] = mean_log[node] + sd_log[node] * level_z[node]
    for s in range(reached_log.size):
        free[root[s]] -= part[s] * reached_log[s]
    is_true, leaf = array(data, "level_true"), array(data, "level_leaf")
    common = scratch(data, work, "common")
    for node in range(free.size):
        free[node] += is_true[node] * common[leaf[node]]
    off = scratch(data, work, "node_off")
    for node in range(level_z.size):
        off[node] = (free[node] - mean_log[node]) / sd_log[node]
    begin, nodes = array(data, "part_begin"), array(data, "part_node")
    n_series = free.size - begin.size + 1
    for j in range(begin.size - 2, -1, -1):
        shift = free[n_series + j] - sum_log(free, nodes, begin[j], begin[j + 1])
        for k in range(begin[j], begin[j + 1]):
            free[nodes[k]] += shift
    set_within(data, work)


@jit
def totals_backward(data: Any, work: Any) -> float:
    """Log prior of totals; adds the gradient with respect to the free variables."""
    sd_log = array(data, "total_sd_log")
    free, total = scratch(data, work, "free_log"), scratch(data, work, "total_log")
    grad_free, grad_total = scratch(data, work, "grad_free"), scratch(data, work, "grad_total")
    grad_common, grad_true = scratch(data, work, "grad_common"), scratch(data, work, "grad_true")
    is_true, leaf = array(data, "level_true"), array(data, "level_leaf")
    off = scratch(data, work, "node_off")
    logp = -HALF_LOG_2PI * free.size
    if array(data, "range_mean_log").size:
        logp += _ranges_logp(data, scratch(data, work, "true_log"), grad_true)
    if array(data, "limited_series").size:
        # The prior applies to the totals: that of the free ones is put in its place.
        logp += _prior_logp(data, work, total, grad_total, 1.0)
        logp += _prior_logp(data, work, free, grad_free, -1.0)
    for s in range(total.size):
        # Apparent totals are true ones times the common error.
        grad_common[s] += grad_total[s]
        grad_true[s] += grad_total[s]
    logp += limits_backward(data, work)
    for s in range(total.size):
        grad_common[s] -= grad_true[s]
        grad_free[s] += grad_true[s]
    begin, nodes = array(data, "part_begin"), array(data, "part_node")
    for j in range(begin.size - 1):
        # A part is the whole plus its weight less the log of the sum of all.
        of_whole = 0.0
        for k in range(begin[j], begin[j + 1]):
            of_whole += grad_free[nodes[k]]
        whole = total.size + j
        grad_free[whole] += of_whole
        for k in range(begin[j], begin[j + 1]):
            grad_free[nodes[k]] -= of_whole * math.exp(free[nodes[k]] - free[whole])
    grad_level = variable(data, scratch(data, work, "gradient"), "level_z")
    for node in range(free.size):
        logp -= 0.5 * off[node] * off[node]
        grad_free[node] -= off[node] / sd_log[node]
        grad_level[node] += grad_free[node] * sd_log[node]
        grad_common[leaf[node]] += is_true[node] * grad_free[node]
    return float(logp)


@jit
def _prior_logp(data: Any, work: Any, log: Any, grad: Any, sign: float) -> float:
    """Log prior of totals up to a constant, times a sign; adds its gradient in the totals.

    The level of the weights of parts is integrated out: what is left is their spread about the mean
    weighted by precision.
    """
    mean_log, sd_log = array(data, "total_mean_log"), array(data, "total_sd_log")
    begin, nodes = array(data, "part_begin"), array(data, "part_node")
    here, grad_here = scratch(data, work, "node_log"), scratch(data, work, "grad_here")
    is_part, n_series = scratch(data, work, "is_part"), mean_log.size - begin.size + 1
    for node in range(mean_log.size):
        here[node] = log[node] if node < n_series else 0.0
        grad_here[node], is_part[node] = 0.0, 0.0
    logp = 0.0
    for j in range(begin.size - 1):
        here[n_series + j] = sum_log(here, nodes, begin[j], begin[j + 1])
        weight, middle = 0.0, 0.0
        for k in range(begin[j], begin[j + 1]):
            c = nodes[k]
            is_part[c] = 1.0
            weight += 1.0 / (sd_log[c] * sd_log[c])
            middle += (here[c] - mean_log[c]) / (sd_log[c] * sd_log[c])
        for k in range(begin[j], begin[j + 1]):
            c = nodes[k]
            off = (here[c] - mean_log[c] - middle / weight) / sd_log[c]
            logp -= 0.5 * off * off
            grad_here[c] -= off / sd_log[c]
    for node in range(mean_log.size - 1, -1, -1):
        if is_part[node] == 0.0:
            off = (here[node] - mean_log[node]) / sd_log[node]
            logp -= 0.5 * off * off
            grad_here[node] -= off / sd_log[node]
    for j in range(begin.size - 2, -1, -1):
        whole = n_series + j
        for k in range(begin[j], begin[j + 1]):
            share = math.exp(here[nodes[k]] - here[whole])
            grad_here[nodes[k]] += grad_here[whole] * share
    for s in range(n_series):
        grad[s] += sign * grad_here[s]
    return float(sign * logp)


@jit
def _ranges_logp(data: Any, total: Any, grad_total: Any) -> float:
    """Log prior of the sums and ratios that have one; adds its gradient in the totals."""
    mean_log, sd_log = array(data, "range_mean_log"), array(data, "range_sd_log")
    above_series, above_row = array(data, "range_above_series"), array(data, "range_above_row")
    below_series, below_row = array(data, "range_below_series"), array(data, "range_below_row")
    n = mean_log.size
    above, below, grad, logp = np.zeros(n), np.zeros(n), np.zeros(n), 0.0
    for k in range(above_series.size):
        above[above_row[k]] += math.exp(total[above_series[k]])
    for k in range(below_series.size):
        below[below_row[k]] += math.exp(total[below_series[k]])
    for r in range(n):
        found = math.log(above[r]) - (math.log(below[r]) if below[r] > 0.0 else 0.0)
        off = (found - mean_log[r]) / sd_log[r]
        logp -= 0.5 * off * off + math.log(sd_log[r]) + HALF_LOG_2PI
        grad[r] = -off / sd_log[r]
    for k in range(above_series.size):
        r, s = above_row[k], above_series[k]
        grad_total[s] += grad[r] * math.exp(total[s]) / above[r]
    for k in range(below_series.size):
        r, s = below_row[k], below_series[k]
        grad_total[s] -= grad[r] * math.exp(total[s]) / below[r]
    return logp
