"""From free variables to running totals, cells and fixed figures: twin of ``paths``, and back."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any, Final

import numpy as np

from reconcile.kernel.jit import jit

__all__ = [
    "Figures",
    "changes_of",
    "changes_slopes",
    "node_slopes",
    "nodes_of",
    "totals_backwards",
    "totals_of",
]

_HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)

# Priors of totals, of their sums and ratios, ceilings, and the paths of running totals.
Figures = namedtuple(  # numba takes these, not typing.NamedTuple with types
    "Figures",
    "total_mean_log total_sd_log range_mean_log range_sd_log range_above_series range_above_row"
    " range_below_series range_below_row ceiling_log ceiling_begin ceiling_series group_begin"
    " shrunk_begin shrunk_series"
    " days_log knot_step knot_before knot_share path_population path_sd path_spread",
)


@jit
def totals_of(figures: Any, total_z: Any) -> tuple[Any, Any, Any]:
    """Log totals: free, and below every ceiling; the ceiling that presses most on each group."""
    free, total = np.empty(total_z.size), np.empty(total_z.size)
    for s in range(total_z.size):
        free[s] = figures.total_mean_log[s] + figures.total_sd_log[s] * total_z[s]
        total[s] = free[s]
    pressing = np.zeros(figures.group_begin.size - 1, dtype=np.int64)
    for g in range(pressing.size):
        worst, most = 0, -np.inf
        for c in range(figures.group_begin[g], figures.group_begin[g + 1]):
            gauge = _sum_log(free, figures, c) - figures.ceiling_log[c]
            if gauge > most:
                worst, most = c, gauge
        pressing[g] = worst
        shrink = max(most, 0.0) + math.log1p(math.exp(-abs(most)))
        for k in range(figures.shrunk_begin[g], figures.shrunk_begin[g + 1]):
            total[figures.shrunk_series[k]] -= shrink
    return free, total, pressing


@jit
def _sum_log(free: Any, figures: Any, c: int) -> float:
    """Log of the sum that a ceiling is for."""
    begin, end = figures.ceiling_begin[c], figures.ceiling_begin[c + 1]
    most = -np.inf
    for k in range(begin, end):
        most = max(most, free[figures.ceiling_series[k]])
    total = 0.0
    for k in range(begin, end):
        total += math.exp(free[figures.ceiling_series[k]] - most)
    return float(most + math.log(total))


@jit
def totals_backwards(
    figures: Any, free: Any, total: Any, pressing: Any, by_total: Any, out: Any
) -> float:
    """Log prior of totals beside that of the standard normal variables; adds to their slopes."""
    logp = _ranges_logp(figures, total, by_total)
    by_free = np.zeros(free.size)
    if pressing.size:
        for s in range(free.size):
            spread = figures.total_sd_log[s]
            here, before = total[s] - figures.total_mean_log[s], free[s] - figures.total_mean_log[s]
            logp -= 0.5 * (here * here - before * before) / (spread * spread)
            by_total[s] -= here / (spread * spread)
            by_free[s] += before / (spread * spread)
    for g in range(pressing.size):
        c = pressing[g]
        whole = _sum_log(free, figures, c)
        gauge = whole - figures.ceiling_log[c]
        logp -= max(gauge, 0.0) + math.log1p(math.exp(-abs(gauge)))
        by_shrink = -1.0
        for k in range(figures.shrunk_begin[g], figures.shrunk_begin[g + 1]):
            by_shrink -= by_total[figures.shrunk_series[k]]
        by_gauge = by_shrink / (1.0 + math.exp(-gauge))
        for k in range(figures.ceiling_begin[c], figures.ceiling_begin[c + 1]):
            s = figures.ceiling_series[k]
            by_free[s] += by_gauge * math.exp(free[s] - whole)
    for s in range(free.size):
        out[s] += (by_free[s] + by_total[s]) * figures.total_sd_log[s]
    return float(logp)


@jit
def _ranges_logp(figures: Any, total: Any, by_total: Any) -> float:
    """Log prior of the sums and ratios that have one."""
    n = figures.range_mean_log.size
    if n == 0:
        return 0.0
    above, below = np.zeros(n), np.zeros(n)
    for k in range(figures.range_above_series.size):
        above[figures.range_above_row[k]] += math.exp(total[figures.range_above_series[k]])
    for k in range(figures.range_below_series.size):
        below[figures.range_below_row[k]] += math.exp(total[figures.range_below_series[k]])
    logp, slope = 0.0, np.zeros(n)
    for r in range(n):
        spread = figures.range_sd_log[r]
        found = math.log(above[r]) - (math.log(below[r]) if below[r] > 0.0 else 0.0)
        off = (found - figures.range_mean_log[r]) / spread
        logp -= 0.5 * off * off + math.log(spread) + _HALF_LOG_2PI
        slope[r] = -off / spread
    for k in range(figures.range_above_series.size):
        r, s = figures.range_above_row[k], figures.range_above_series[k]
        by_total[s] += slope[r] * math.exp(total[s]) / above[r]
    for k in range(figures.range_below_series.size):
        r, s = figures.range_below_row[k], figures.range_below_series[k]
        by_total[s] -= slope[r] * math.exp(total[s]) / below[r]
    return logp


@jit
def _path_sd(figures: Any, free: Any, part: int) -> float:
    """Standard deviation of the changes that are shared (0), or of one figure only (1)."""
    return float(
        figures.path_sd[part] * math.exp(figures.path_spread[0] * free.path_spread_z[part])
    )


@jit
def changes_of(figures: Any, free: Any) -> Any:
    """Changes of the log rate of all running totals, one after the other."""
    n_knots, population = figures.knot_step.size, figures.path_population
    changes = np.empty(population.size * n_knots)
    if changes.size == 0:
        return changes
    shared, own = _path_sd(figures, free, 0), _path_sd(figures, free, 1)
    for s in range(population.size):
        p, first = population[s] * n_knots, s * n_knots
        for k in range(n_knots):
            changes[first + k] = (
                shared * free.path_shared_z[p + k] + own * free.path_own_z[first + k]
            )
    return changes


@jit
def changes_slopes(figures: Any, free: Any, by_change: Any, out: Any) -> None:
    """Add to the slopes of what changes are made of what those of the changes make of them."""
    n_knots, population = figures.knot_step.size, figures.path_population
    if by_change.size == 0:
        return
    shared, own = _path_sd(figures, free, 0), _path_sd(figures, free, 1)
    by_shared, by_own = 0.0, 0.0
    for s in range(population.size):
        p, first = population[s] * n_knots, s * n_knots
        for k in range(n_knots):
            slope = by_change[first + k]
            out.path_shared_z[p + k] += shared * slope
            out.path_own_z[first + k] += own * slope
            by_shared += slope * free.path_shared_z[p + k]
            by_own += slope * free.path_own_z[first + k]
    out.path_spread_z[0] += figures.path_spread[0] * shared * by_shared
    out.path_spread_z[1] += figures.path_spread[0] * own * by_own


@jit
def nodes_of(figures: Any, total_log: Any, changes: Any) -> tuple[Any, Any]:
    """Values of all nodes, and the share of each stretch of time in each running total."""
    n_running, n_dates = figures.path_population.size, figures.days_log.size
    cells = n_running * n_dates
    knots = figures.knot_step, figures.knot_before, figures.knot_share
    days_log, n_knots = figures.days_log, figures.knot_step.size
    nodes = np.empty(2 * cells + total_log.size - n_running)
    share = np.empty((n_running, n_dates))
    for s in range(n_running):
        _shares(days_log, knots, changes[s * n_knots : (s + 1) * n_knots], share[s])
        total, running = math.exp(total_log[s]), 0.0
        for d in range(n_dates):
            running += share[s, d]
            nodes[s * n_dates + d] = total * running
            nodes[cells + s * n_dates + d] = total * share[s, d]
    for s in range(n_running, total_log.size):
        nodes[2 * cells + s - n_running] = math.exp(total_log[s])
    return nodes, share


@jit
def _shares(days_log: Any, knots: Any, changes: Any, share: Any) -> None:
    """Shares of one running total: the log rate is straight between knots."""
    step, before, part = knots
    at_knots = np.zeros(step.size + 1)
    for k in range(step.size):
        at_knots[k + 1] = at_knots[k] + step[k] * changes[k]
    most = -np.inf
    for d in range(share.size):
        rate = days_log[d]
        if step.size:
            low, high = at_knots[before[d]], at_knots[before[d] + 1]
            rate += low + part[d] * (high - low)
        share[d] = rate
        most = max(most, rate)
    whole = 0.0
    for d in range(share.size):
        share[d] = math.exp(share[d] - most)
        whole += share[d]
    for d in range(share.size):
        share[d] /= whole


@jit
def node_slopes(
    figures: Any, nodes: Any, share: Any, by_node: Any, by_total: Any, by_change: Any
) -> None:
    """Add to the slopes of log totals and changes what those of the nodes make of them."""
    n_running, n_dates = share.shape
    cells, n_knots = n_running * n_dates, figures.knot_step.size
    step, before, parts = figures.knot_step, figures.knot_before, figures.knot_share
    by_share = np.empty(n_dates)
    for s in range(n_running):
        first = s * n_dates
        for d in range(first, first + n_dates):
            by_total[s] += by_node[d] * nodes[d] + by_node[cells + d] * nodes[cells + d]
        if n_knots == 0:
            continue
        total = nodes[first + n_dates - 1]
        # Slopes by the share of each stretch, which all later running totals have in them.
        later, mean = 0.0, 0.0
        for d in range(n_dates - 1, -1, -1):
            later += by_node[first + d]
            by_share[d] = total * (later + by_node[cells + first + d])
            mean += by_share[d] * share[s, d]
        by_knot = np.zeros(n_knots + 1)
        for d in range(n_dates):
            by_rate = share[s, d] * (by_share[d] - mean)
            k, part = before[d], parts[d]
            by_knot[k] += (1.0 - part) * by_rate
            by_knot[k + 1] += part * by_rate
        beyond = 0.0
        for k in range(n_knots - 1, -1, -1):
            beyond += by_knot[k + 1]
            by_change[s * n_knots + k] += beyond * step[k]
    for s in range(n_running, by_total.size):
        node = 2 * cells + s - n_running
        by_total[s] += by_node[node] * nodes[node]
