"""Totals below every ceiling from free variables, and back: twin of ``design.paths.squash``.

Free are apparent totals; ceilings and factors are on true ones, smaller by the common error.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from reconcile.models.log_scale.kernel.arrays import array, scratch, variable
from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["HALF_LOG_2PI", "set_totals", "totals_backward"]

HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)


@jit
def set_totals(data: Any, point: Any, work: Any) -> None:
    """Set log totals before and after ceilings.

    From levels at ``level_date`` if they accrue; of true totals where ``level_true``.
    """
    is_true = array(data, "level_true")
    common, true = scratch(data, work, "common"), scratch(data, work, "true_log")
    mean_log, sd_log = array(data, "total_mean_log"), array(data, "total_sd_log")
    ceiling_log, begin = array(data, "ceiling_log"), array(data, "ceiling_begin")
    series, group_begin = array(data, "ceiling_series"), array(data, "group_begin")
    shrunk_begin, shrunk = array(data, "shrunk_begin"), array(data, "shrunk_series")
    level_z, reached_log = variable(data, point, "level_z"), scratch(data, work, "reached_log")
    free, total = scratch(data, work, "free_log"), scratch(data, work, "total_log")
    for s in range(level_z.size):
        free[s] = mean_log[s] + sd_log[s] * level_z[s]
        if s < reached_log.size:
            free[s] -= reached_log[s]
        free[s] += is_true[s] * common[s]
        true[s] = free[s] - common[s]
        total[s] = free[s]
    binding = scratch(data, work, "binding")
    for g in range(binding.size):
        worst, most = 0, -np.inf
        for c in range(group_begin[g], group_begin[g + 1]):
            gauge = _sum_log(free, common, series, begin[c], begin[c + 1]) - ceiling_log[c]
            if gauge > most:
                worst, most = c, gauge
        binding[g] = worst
        shrink = max(most, 0.0) + math.log1p(math.exp(-abs(most)))
        for k in range(shrunk_begin[g], shrunk_begin[g + 1]):
            total[shrunk[k]] -= shrink
            true[shrunk[k]] -= shrink


@jit
def _sum_log(free: Any, common: Any, series: Any, begin: int, end: int) -> float:
    """Log of the sum that a ceiling bounds, from totals before ceilings."""
    most = -np.inf
    for k in range(begin, end):
        most = max(most, free[series[k]] - common[series[k]])
    total = 0.0
    for k in range(begin, end):
        total += math.exp(free[series[k]] - common[series[k]] - most)
    return float(most + math.log(total))


@jit
def totals_backward(data: Any, work: Any) -> float:
    """Log prior of totals; adds the gradient with respect to the free variables."""
    mean_log, sd_log = array(data, "total_mean_log"), array(data, "total_sd_log")
    free, total = scratch(data, work, "free_log"), scratch(data, work, "total_log")
    grad_free, grad_total = scratch(data, work, "grad_free"), scratch(data, work, "grad_total")
    grad_common, grad_true = scratch(data, work, "grad_common"), scratch(data, work, "grad_true")
    logp = -HALF_LOG_2PI * free.size
    if array(data, "range_mean_log").size:
        logp += _ranges_logp(data, scratch(data, work, "true_log"), grad_true)
    for s in range(free.size):
        off = (free[s] - mean_log[s]) / sd_log[s]
        logp -= 0.5 * off * off
        grad_free[s] = -off / sd_log[s]
    binding = scratch(data, work, "binding")
    if binding.size:
        for s in range(free.size):
            here, before = total[s] - mean_log[s], free[s] - mean_log[s]
            square = sd_log[s] * sd_log[s]
            logp -= 0.5 * (here * here - before * before) / square
            grad_total[s] -= here / square
            grad_free[s] += before / square
        logp += _squash_logp(data, work)
    gradient = scratch(data, work, "gradient")
    grad_level, is_true = variable(data, gradient, "level_z"), array(data, "level_true")
    for s in range(free.size):
        grad_free[s] += grad_total[s] + grad_true[s]
        grad_common[s] += is_true[s] * grad_free[s] - grad_true[s]
        grad_level[s] += grad_free[s] * sd_log[s]
    return float(logp)


@jit
def _squash_logp(data: Any, work: Any) -> float:
    """Log Jacobian determinant of the binding ceilings; adds gradients in free totals."""
    ceiling_log, begin = array(data, "ceiling_log"), array(data, "ceiling_begin")
    series, shrunk = array(data, "ceiling_series"), array(data, "shrunk_series")
    shrunk_begin, logp = array(data, "shrunk_begin"), 0.0
    free, common = scratch(data, work, "free_log"), scratch(data, work, "common")
    grad_free, grad_common = scratch(data, work, "grad_free"), scratch(data, work, "grad_common")
    grad_total, grad_true = scratch(data, work, "grad_total"), scratch(data, work, "grad_true")
    binding = scratch(data, work, "binding")
    for g in range(binding.size):
        c = int(binding[g])
        whole = _sum_log(free, common, series, begin[c], begin[c + 1])
        gauge = whole - ceiling_log[c]
        logp -= max(gauge, 0.0) + math.log1p(math.exp(-abs(gauge)))
        grad_shrink = -1.0
        for k in range(shrunk_begin[g], shrunk_begin[g + 1]):
            grad_shrink -= grad_total[shrunk[k]] + grad_true[shrunk[k]]
        grad_gauge = grad_shrink / (1.0 + math.exp(-gauge))
        for k in range(begin[c], begin[c + 1]):
            s = series[k]
            grad_here = grad_gauge * math.exp(free[s] - common[s] - whole)
            grad_free[s] += grad_here
            grad_common[s] -= grad_here
    return logp


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
