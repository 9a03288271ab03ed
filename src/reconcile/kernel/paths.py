"""From changes of log rates to running totals and cells, and back: twin of ``paths``.

The sampler's coordinates are made here too. A running total is taken at a day in the midst of its
claims; what it comes to at the last day is then that and what the path makes of it, where the last
day may lie far beyond all claims. And where claims pin a change down, its standard deviation
moves without it; where they do not, the change moves along.

Changes come in rows, one for each population, which its figures share, then one for each running
total.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.kernel.figures import HALF_LOG_2PI
from reconcile.kernel.jit import jit
from reconcile.kernel.table import given

__all__ = ["changes_of", "changes_slopes", "nodes_of", "path_slopes", "shares_of", "total_slopes"]


@jit
def _path_sd(data: Any, spread_z: Any, part: int) -> float:
    """Standard deviation of the changes that are shared (0), or of one figure only (1)."""
    return float(
        given(data, "path_sd")[part] * math.exp(given(data, "path_spread")[0] * spread_z[part])
    )


@jit
def _first_own(data: Any, values: Any) -> int:
    """Where the rows of the running totals begin."""
    return int(values.size - given(data, "path_population").size * given(data, "knot_step").size)


@jit
def _fading(data: Any, spread_z: Any, values: Any) -> Any:
    """What each change is multiplied by as its standard deviation moves; empty if by nothing."""
    pull, centre = given(data, "path_pull"), given(data, "path_centre")
    first, spread = _first_own(data, values), given(data, "path_spread")[0]
    found = np.empty(pull.size)
    for k in range(pull.size):
        part = 1 if k >= first else 0
        found[k] = math.exp(-spread * (spread_z[part] - centre[part]) * pull[k])
    return found


@jit
def _standard(data: Any, values: Any, fading: Any) -> Any:
    """Standardised changes: each row turned back to the knots."""
    turn, n = given(data, "path_turn"), given(data, "knot_step").size
    if fading.size == 0:
        return values
    found = np.empty(values.size)
    for k in range(values.size):
        first, total = k - k % n, 0.0
        for j in range(n):
            total += turn[k * n + j] * fading[first + j] * values[first + j]
        found[k] = total
    return found


@jit
def changes_of(data: Any, spread_z: Any, values: Any) -> tuple[Any, Any, Any]:
    """Changes of all running totals; the standardised ones they are made of, and their fading."""
    n, population = given(data, "knot_step").size, given(data, "path_population")
    if values.size == 0:
        return values, values, values
    fading = _fading(data, spread_z, values)
    z, first_own = _standard(data, values, fading), _first_own(data, values)
    shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
    changes = np.empty(values.size - first_own)
    for s in range(population.size):
        shared, own = population[s] * n, first_own + s * n
        for k in range(n):
            changes[s * n + k] = shared_sd * z[shared + k] + own_sd * z[own + k]
    return changes, z, fading


@jit
def changes_slopes(
    data: Any,
    spread_z: Any,
    values: Any,
    made: Any,
    by_change: Any,
    by_spread: Any,
    by_value: Any,
) -> float:
    """Log prior of changes; adds to the slopes of all that they are made of."""
    n, population = given(data, "knot_step").size, given(data, "path_population")
    if values.size == 0:
        return 0.0
    _, z, fading = made
    spread, first_own = given(data, "path_spread")[0], _first_own(data, values)
    shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
    logp, by_z = -HALF_LOG_2PI * z.size, np.empty(z.size)
    for k in range(z.size):
        logp -= 0.5 * z[k] * z[k]
        by_z[k] = -z[k]
    for s in range(population.size):
        shared, own = population[s] * n, first_own + s * n
        for k in range(n):
            by_shared, by_own = shared_sd * by_change[s * n + k], own_sd * by_change[s * n + k]
            by_z[shared + k] += by_shared
            by_z[own + k] += by_own
            by_spread[0] += spread * by_shared * z[shared + k]
            by_spread[1] += spread * by_own * z[own + k]
    if fading.size == 0:
        for k in range(z.size):
            by_value[k] += by_z[k]
        return float(logp)
    pull, turn = given(data, "path_pull"), given(data, "path_turn")
    by_faded = np.zeros(z.size)
    for k in range(z.size):
        first = k - k % n
        for j in range(n):
            by_faded[first + j] += turn[k * n + j] * by_z[k]
    for k in range(z.size):
        by_value[k] += by_faded[k] * fading[k]
        by_log_sd = -pull[k] * (by_faded[k] * fading[k] * values[k] + 1.0)
        by_spread[1 if k >= first_own else 0] += spread * by_log_sd
        logp += math.log(fading[k])
    return float(logp)


@jit
def shares_of(data: Any, changes: Any) -> tuple[Any, Any]:
    """Share of each stretch of time in each running total, and of all until it is taken (log)."""
    days_log, level_date = given(data, "days_log"), given(data, "level_date")
    n_running, n_dates, n_knots = level_date.size, days_log.size, given(data, "knot_step").size
    share, reached_log = np.empty((n_running, n_dates)), np.zeros(n_running)
    for s in range(n_running):
        _shares(data, changes, s * n_knots, share, s)
        if level_date[s] < n_dates - 1:
            reached = 0.0
            for d in range(level_date[s] + 1):
                reached += share[s, d]
            reached_log[s] = math.log(reached)
    return share, reached_log


@jit
def _shares(data: Any, changes: Any, first: int, share: Any, s: int) -> None:
    """Shares of one running total: the log rate is straight between knots."""
    days_log, step = given(data, "days_log"), given(data, "knot_step")
    before, part = given(data, "knot_before"), given(data, "knot_share")
    at_knots = np.zeros(step.size + 1)
    for k in range(step.size):
        at_knots[k + 1] = at_knots[k] + step[k] * changes[first + k]
    most = -np.inf
    for d in range(days_log.size):
        rate = days_log[d]
        if step.size:
            low, high = at_knots[before[d]], at_knots[before[d] + 1]
            rate += low + part[d] * (high - low)
        share[s, d] = rate
        most = max(most, rate)
    whole = 0.0
    for d in range(days_log.size):
        share[s, d] = math.exp(share[s, d] - most)
        whole += share[s, d]
    for d in range(days_log.size):
        share[s, d] /= whole


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
    data: Any,
    nodes: Any,
    share: Any,
    reached_log: Any,
    by_node: Any,
    by_free: Any,
    by_change: Any,
) -> None:
    """Add to the slopes of changes what those of the nodes and of free totals make of them."""
    n_running, n_dates = share.shape
    step, before = given(data, "knot_step"), given(data, "knot_before")
    parts, level_date = given(data, "knot_share"), given(data, "level_date")
    cells, n_knots = n_running * n_dates, step.size
    if n_knots == 0 or n_running == 0:
        return
    by_share = np.empty(n_dates)
    for s in range(n_running):
        first = s * n_dates
        total = nodes[first + n_dates - 1]
        level, slope = level_date[s], -by_free[s] * math.exp(-reached_log[s])
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
