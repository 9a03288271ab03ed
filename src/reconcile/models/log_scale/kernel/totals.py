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

    From levels at ``level_date`` if they accrue; of true totals where ``level_true``; about what is
    said of them, in units of their difficulty.
    """
    _set_steps(data, point, work)
    step, offset = scratch(data, work, "level_step"), array(data, "level_offset")
    mean_log, sd_log = array(data, "total_mean_log"), array(data, "total_sd_log")
    level_z, free = variable(data, point, "level_z"), scratch(data, work, "free_log")
    reached_log, root = scratch(data, work, "reached_log"), array(data, "level_root")
    part = array(data, "level_part")
    for node in range(level_z.size):
        free[node] = mean_log[node] + offset[node] + sd_log[node] * step[node]
    for s in range(reached_log.size):
        free[root[s]] -= part[s] * reached_log[s]
    is_true, leaf = array(data, "level_true"), array(data, "level_leaf")
    common = scratch(data, work, "common")
    for node in range(free.size):
        free[node] += is_true[node] * common[leaf[node]]
    if array(data, "register_mean").size:
        _add_missing(data, point, work)
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
def _set_steps(data: Any, point: Any, work: Any) -> None:
    """Set the distance of each level from what is said, and the derivatives of it and its slope."""
    level_z, log = variable(data, point, "level_z"), array(data, "level_scale_log")
    fixed, prior = array(data, "level_fixed"), array(data, "level_prior")
    lifted, leaf = array(data, "level_lifted"), array(data, "level_leaf")
    slab, onset = array(data, "level_slab"), array(data, "level_onset")
    width, step = array(data, "level_width"), scratch(data, work, "level_step")
    slope_log, bend = scratch(data, work, "level_slope_log"), scratch(data, work, "level_bend")
    moved, turned = scratch(data, work, "level_moved"), scratch(data, work, "level_turned")
    difficulty, group = scratch(data, work, "difficulty"), array(data, "common_group")
    stays, stays_slope = scratch(data, work, "stays"), scratch(data, work, "stays_slope")
    for node in range(level_z.size):
        z, scale_log, rise = level_z[node], log[node], 0.0
        if fixed[node] < 1.0:
            g = group[leaf[node]]
            left = 1.0 + lifted[node] * stays[g]
            grown = (1.0 - fixed[node]) * (difficulty[g] * left) ** 2
            square = fixed[node] + grown
            bounded = 1.0 - prior[node] + prior[node] * square
            scale_log += 0.5 * math.log(square / bounded)
            rise = grown * (1.0 + lifted[node] * stays_slope[g] / left)
            rise *= (1.0 - prior[node]) / (square * bounded)
        slope_log[node], bend[node], moved[node], turned[node] = scale_log, 0.0, rise, rise
        if slab[node] > 0.0:
            ratio = slab[node] * math.exp(-scale_log)
            stretch = 0.5 * math.log1p(ratio * ratio)
            shrink = ratio * ratio / (1.0 + ratio * ratio)
            far = 1.0 / (1.0 + math.exp((onset[node] - z * z) / width[node]))
            near = 2.0 * far * (1.0 - far) / width[node]
            steep = near * z * z
            whole = 1.0 + stretch * steep
            scale_log += far * stretch
            slope_log[node] = scale_log + math.log(whole)
            curve = 2.0 * near * z * ((1.0 - 2.0 * far) * z * z / width[node] + 1.0)
            bend[node] = stretch * (near * z + curve / whole)
            moved[node] = rise * (1.0 - far * shrink)
            turned[node] = moved[node] - rise * shrink * steep / whole
        step[node] = z * math.exp(scale_log)


@jit
def _add_missing(data: Any, point: Any, work: Any) -> None:
    """Set the slope of each register; add to levels what the registers that tell them lack."""
    z, slope = variable(data, point, "register_slope_z"), scratch(data, work, "slope")
    middle, sd = array(data, "register_slope"), array(data, "register_slope_sd")
    for r in range(slope.size):
        slope[r] = middle[r] * math.exp(sd[r] * z[r])
    register, age = array(data, "level_register"), array(data, "level_age")
    mean, sd = array(data, "register_mean"), array(data, "register_sd")
    z, free = variable(data, point, "register_z"), scratch(data, work, "free_log")
    lacking = scratch(data, work, "lacking")
    for node in range(free.size):
        r = register[node]
        if r >= 0:
            logit = mean[r] + sd[r] * z[r] + slope[r] * age[node]
            small = math.exp(-abs(logit))
            free[node] += max(-logit, 0.0) + math.log1p(small)
            lacking[node] = (small if logit > 0.0 else 1.0) / (1.0 + small)


@jit
def _missing_backward(data: Any, work: Any) -> None:
    """Add the gradient of what registers lack."""
    gradient, grad_free = scratch(data, work, "gradient"), scratch(data, work, "grad_free")
    register, age = array(data, "level_register"), array(data, "level_age")
    grad_z, sd = variable(data, gradient, "register_z"), array(data, "register_sd")
    grad_slope = variable(data, gradient, "register_slope_z")
    slope_sd, slope = array(data, "register_slope_sd"), scratch(data, work, "slope")
    lacking = scratch(data, work, "lacking")
    for node in range(grad_free.size):
        r = register[node]
        if r >= 0:
            grad = -grad_free[node] * lacking[node]
            grad_z[r] += grad * sd[r]
            grad_slope[r] += grad * age[node] * slope[r] * slope_sd[r]


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
    for node in range(free.size):
        logp -= 0.5 * off[node] * off[node]
        grad_free[node] -= off[node] / sd_log[node]
        grad_common[leaf[node]] += is_true[node] * grad_free[node]
    if array(data, "register_mean").size:
        _missing_backward(data, work)
    return float(logp + _levels_backward(data, work))


@jit
def _levels_backward(data: Any, work: Any) -> float:
    """Log slopes of levels; adds the gradient in levels and difficulty."""
    grad_free, grad = scratch(data, work, "grad_free"), scratch(data, work, "grad_difficulty")
    grad_level = variable(data, scratch(data, work, "gradient"), "level_z")
    slope_log, bend = scratch(data, work, "level_slope_log"), scratch(data, work, "level_bend")
    moved, turned = scratch(data, work, "level_moved"), scratch(data, work, "level_turned")
    step, leaf = scratch(data, work, "level_step"), array(data, "level_leaf")
    group, sd_log, logp = array(data, "common_group"), array(data, "total_sd_log"), 0.0
    for node in range(step.size):
        here = grad_free[node] * sd_log[node]
        grad_level[node] += here * math.exp(slope_log[node]) + bend[node]
        grad[group[leaf[node]]] += here * step[node] * moved[node] + turned[node]
        logp += slope_log[node]
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
