"""From free variables to totals below every ceiling, and back: twin of ``paths.squash``."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any, Final

import numpy as np

from reconcile.kernel.jit import jit

__all__ = ["Figures", "totals_backwards", "totals_of"]

_HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)

# Priors of totals, of their sums and ratios, ceilings, and the paths of running totals; then the
# coordinates of the sampler: where each running total is taken, and how its changes are turned.
Figures = namedtuple(  # numba takes these, not typing.NamedTuple with types
    "Figures",
    "total_mean_log total_sd_log range_mean_log range_sd_log range_above_series range_above_row"
    " range_below_series range_below_row ceiling_log ceiling_begin ceiling_series group_begin"
    " shrunk_begin shrunk_series"
    " days_log knot_step knot_before knot_share path_population path_sd path_spread"
    " level_date path_centre path_turn path_pull",
)


@jit
def totals_of(figures: Any, level_z: Any, reached_log: Any) -> tuple[Any, Any, Any]:
    """Log totals: free, and below every ceiling; the ceiling that presses most on each group.

    Running totals are given at the day at which they are taken, when they had reached a share of
    what they come to.
    """
    free, total = np.empty(level_z.size), np.empty(level_z.size)
    for s in range(level_z.size):
        free[s] = figures.total_mean_log[s] + figures.total_sd_log[s] * level_z[s]
        if s < reached_log.size:
            free[s] -= reached_log[s]
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
    figures: Any, free: Any, total: Any, pressing: Any, by_total: Any, by_free: Any
) -> float:
    """Log prior of totals; sets the slopes of the free ones."""
    logp = _ranges_logp(figures, total, by_total) - _HALF_LOG_2PI * free.size
    for s in range(free.size):
        off = (free[s] - figures.total_mean_log[s]) / figures.total_sd_log[s]
        logp -= 0.5 * off * off
        by_free[s] = -off / figures.total_sd_log[s]
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
        by_free[s] += by_total[s]
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
