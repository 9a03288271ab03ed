"""From changes of log rates to running totals and cells, and back: twin of ``paths``.

The sampler's coordinates are made here too. A running total is taken at a day in the midst of its
claims; what it comes to at the last day is then that and what the path makes of it, where the last
day may lie far beyond all claims. And where claims pin a change down, its standard deviation
moves without it; where they do not, the change moves along.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from reconcile.kernel.jit import jit

__all__ = ["changes_of", "changes_slopes", "nodes_of", "path_slopes", "shares_of", "total_slopes"]

_HALF_LOG_2PI: Final = 0.5 * math.log(2.0 * math.pi)


@jit
def _path_sd(figures: Any, spread_z: Any, part: int) -> float:
    """Standard deviation of the changes that are shared (0), or of one figure only (1)."""
    return float(figures.path_sd[part] * math.exp(figures.path_spread[0] * spread_z[part]))


@jit
def _faded(figures: Any, values: Any, spread_z: Any, part: int, first: int) -> Any:
    """Changes as the sampler moves them, with what their standard deviation does to them.

    The rows of one part begin at ``first`` among all rows.
    """
    faded, n = values.copy(), figures.knot_step.size
    if figures.path_pull.size:
        moved = figures.path_spread[0] * (spread_z[part] - figures.path_centre[part])
        for k in range(values.size):
            faded[k] *= math.exp(-moved * figures.path_pull[first * n + k])
    return faded


@jit
def _standard(figures: Any, faded: Any, first: int) -> Any:
    """Standardised changes: each row turned back to the knots."""
    n = figures.knot_step.size
    if figures.path_turn.size == 0:
        return faded.copy()
    found = np.empty(faded.size)
    for row in range(faded.size // n):
        for i in range(n):
            place = ((first + row) * n + i) * n
            total = 0.0
            for j in range(n):
                total += figures.path_turn[place + j] * faded[row * n + j]
            found[row * n + i] = total
    return found


@jit
def changes_of(figures: Any, spread_z: Any, shared: Any, own: Any) -> tuple[Any, Any, Any]:
    """Standardised changes of the rate, shared and own; changes of all running totals."""
    n_knots, population = figures.knot_step.size, figures.path_population
    if own.size == 0:
        return shared, own, own
    changes = np.empty(population.size * n_knots)
    rows = shared.size // n_knots
    shared_z = _standard(figures, _faded(figures, shared, spread_z, 0, 0), 0)
    own_z = _standard(figures, _faded(figures, own, spread_z, 1, rows), rows)
    shared_sd, own_sd = _path_sd(figures, spread_z, 0), _path_sd(figures, spread_z, 1)
    for s in range(population.size):
        p, first = population[s] * n_knots, s * n_knots
        for k in range(n_knots):
            changes[first + k] = shared_sd * shared_z[p + k] + own_sd * own_z[first + k]
    return shared_z, own_z, changes


@jit
def changes_slopes(  # the variables and their slopes
    figures: Any,
    spread_z: Any,
    shared: Any,
    own: Any,
    shared_z: Any,
    own_z: Any,
    by_change: Any,
    by_spread: Any,
    by_shared: Any,
    by_own: Any,
) -> float:
    """Log prior of changes; adds to the slopes of all that they are made of."""
    if own.size == 0:
        return 0.0
    n_knots, population = figures.knot_step.size, figures.path_population
    shared_sd, own_sd = _path_sd(figures, spread_z, 0), _path_sd(figures, spread_z, 1)
    by_shared_z, by_own_z = np.zeros(shared.size), np.zeros(own.size)
    for s in range(population.size):
        p, first = population[s] * n_knots, s * n_knots
        for k in range(n_knots):
            by_shared_z[p + k] += shared_sd * by_change[first + k]
            by_own_z[first + k] += own_sd * by_change[first + k]
    rows = shared.size // n_knots
    logp = _row_slopes(figures, spread_z, shared, shared_z, by_shared_z, 0, 0, by_spread, by_shared)
    logp += _row_slopes(figures, spread_z, own, own_z, by_own_z, 1, rows, by_spread, by_own)
    return float(logp)


@jit
def _row_slopes(
    figures: Any,
    spread_z: Any,
    values: Any,
    z: Any,
    by_z: Any,
    part: int,
    first: int,
    by_spread: Any,
    out: Any,
) -> float:
    """Log prior of the changes of one part; adds to the slopes of what they are made of."""
    n, spread = figures.knot_step.size, figures.path_spread[0]
    logp, by_log_sd = -_HALF_LOG_2PI * z.size, 0.0
    for k in range(z.size):
        logp -= 0.5 * z[k] * z[k]
        by_log_sd += by_z[k] * z[k]
        by_z[k] -= z[k]
    if figures.path_turn.size == 0:
        for k in range(z.size):
            out[k] += by_z[k]
    else:
        faded = _faded(figures, values, spread_z, part, first)
        moved = spread * (spread_z[part] - figures.path_centre[part])
        for row in range(z.size // n):
            for j in range(n):
                by_faded = 0.0
                for i in range(n):
                    turn = figures.path_turn[((first + row) * n + i) * n + j]
                    by_faded += turn * by_z[row * n + i]
                k = row * n + j
                pull = figures.path_pull[first * n + k]
                out[k] += by_faded * math.exp(-moved * pull)
                by_log_sd -= pull * (by_faded * faded[k] + 1.0)
                logp -= moved * pull
    by_spread[part] += spread * by_log_sd
    return float(logp)


@jit
def shares_of(figures: Any, changes: Any) -> tuple[Any, Any]:
    """Share of each stretch of time in each running total, and of all until it is taken (log)."""
    n_running, n_dates = figures.path_population.size, figures.days_log.size
    knots = figures.knot_step, figures.knot_before, figures.knot_share
    n_knots = figures.knot_step.size
    share = np.empty((n_running, n_dates))
    reached_log = np.zeros(n_running) if n_running else changes
    for s in range(n_running):
        _shares(figures.days_log, knots, changes[s * n_knots : (s + 1) * n_knots], share[s])
        if figures.level_date[s] < n_dates - 1:
            reached = 0.0
            for d in range(figures.level_date[s] + 1):
                reached += share[s, d]
            reached_log[s] = math.log(reached)
    return share, reached_log


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
def nodes_of(total_log: Any, share: Any) -> Any:
    """Values of all nodes."""
    n_running, n_dates = share.shape
    cells = n_running * n_dates
    nodes = np.empty(2 * cells + total_log.size - n_running)
    for s in range(n_running):
        total, running = math.exp(total_log[s]), 0.0
        for d in range(n_dates):
            running += share[s, d]
            nodes[s * n_dates + d] = total * running
            nodes[cells + s * n_dates + d] = total * share[s, d]
    for s in range(n_running, total_log.size):
        nodes[2 * cells + s - n_running] = math.exp(total_log[s])
    return nodes


@jit
def total_slopes(nodes: Any, share: Any, by_node: Any, by_total: Any) -> None:
    """Add to the slopes of log totals what those of the nodes make of them."""
    n_running, n_dates = share.shape
    cells = n_running * n_dates
    for s in range(n_running):
        for d in range(s * n_dates, (s + 1) * n_dates):
            by_total[s] += by_node[d] * nodes[d] + by_node[cells + d] * nodes[cells + d]
    for s in range(n_running, by_total.size):
        node = 2 * cells + s - n_running
        by_total[s] += by_node[node] * nodes[node]


@jit
def path_slopes(
    figures: Any,
    nodes: Any,
    share: Any,
    reached_log: Any,
    by_node: Any,
    by_free: Any,
    by_change: Any,
) -> None:
    """Add to the slopes of changes what those of the nodes and of free totals make of them."""
    n_running, n_dates = share.shape
    cells, n_knots = n_running * n_dates, figures.knot_step.size
    step, before, parts = figures.knot_step, figures.knot_before, figures.knot_share
    if n_knots == 0 or n_running == 0:
        return
    by_share = np.empty(n_dates)
    for s in range(n_running):
        first = s * n_dates
        total = nodes[first + n_dates - 1]
        level, slope = figures.level_date[s], -by_free[s] * math.exp(-reached_log[s])
        if level == n_dates - 1:
            slope = 0.0
        # Slopes by the share of each stretch, which all later running totals have in them.
        later, mean = 0.0, 0.0
        for d in range(n_dates - 1, -1, -1):
            later += by_node[first + d]
            by_share[d] = total * (later + by_node[cells + first + d])
            if d <= level:
                by_share[d] += slope
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
