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

from reconcile.models.log_scale.kernel.arrays import given, room, variable, variables
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.totals import HALF_LOG_2PI

__all__ = [
    "changes_slopes",
    "path_slopes",
    "set_changes",
    "set_nodes",
    "set_shares",
    "total_slopes",
]


@jit
def _path_sd(data: Any, spread_z: Any, part: int) -> float:
    """Standard deviation of the changes that are shared (0), or of one figure only (1)."""
    return float(
        given(data, "path_sd")[part] * math.exp(given(data, "path_spread")[0] * spread_z[part])
    )


@jit
def _first_own(data: Any) -> int:
    """Where the rows of the running totals begin."""
    begins = given(data, "begins")
    return int(begins[-2] - begins[-3])


@jit
def set_changes(data: Any, point: Any, work: Any) -> None:
    """Set the changes of all running totals, and what they are made of.

    Those are the standardised changes, each row turned back to the knots, and what each change is
    multiplied by as its standard deviation moves.
    """
    n, population = given(data, "knot_step").size, given(data, "path_population")
    spread_z = variable(data, point, "path_spread_z")
    values, z = variables(data, point, "path_shared", "path_own"), room(data, work, "z")
    pull, centre = given(data, "path_pull"), given(data, "path_centre")
    turn, fading = given(data, "path_turn"), room(data, work, "fading")
    first_own, spread = _first_own(data), given(data, "path_spread")[0]
    for k in range(pull.size):
        part = 1 if k >= first_own else 0
        fading[k] = math.exp(-spread * (spread_z[part] - centre[part]) * pull[k])
    for k in range(z.size):
        if pull.size == 0:
            z[k] = values[k]
        else:
            first, total = k - k % n, 0.0
            for j in range(n):
                total += turn[k * n + j] * fading[first + j] * values[first + j]
            z[k] = total
    changes = room(data, work, "changes")
    if changes.size:
        shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
        for s in range(population.size):
            shared, own = population[s] * n, first_own + s * n
            for k in range(n):
                changes[s * n + k] = shared_sd * z[shared + k] + own_sd * z[own + k]


@jit
def changes_slopes(data: Any, point: Any, work: Any) -> float:
    """Log prior of changes; adds to the slopes of all that they are made of."""
    n, population = given(data, "knot_step").size, given(data, "path_population")
    values, gradient = (
        variables(data, point, "path_shared", "path_own"),
        room(data, work, "gradient"),
    )
    if values.size == 0:
        return 0.0
    spread_z, by_spread = (
        variable(data, point, "path_spread_z"),
        variable(data, gradient, "path_spread_z"),
    )
    by_value = variables(data, gradient, "path_shared", "path_own")
    z, by_z, by_change = (
        room(data, work, "z"),
        room(data, work, "by_z"),
        room(data, work, "by_change"),
    )
    spread, first_own = given(data, "path_spread")[0], _first_own(data)
    shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
    logp = -HALF_LOG_2PI * z.size
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
    pull, turn = given(data, "path_pull"), given(data, "path_turn")
    if pull.size == 0:
        for k in range(z.size):
            by_value[k] += by_z[k]
        return float(logp)
    by_faded, fading = room(data, work, "by_faded"), room(data, work, "fading")
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
def set_shares(data: Any, work: Any) -> None:
    """Set the share of each stretch of time in each running total, and of all until it is taken."""
    level_date, n_dates = given(data, "level_date"), given(data, "days_log").size
    share, reached_log = room(data, work, "share"), room(data, work, "reached_log")
    for s in range(level_date.size):
        _set_share(data, work, s)
        reached_log[s] = 0.0
        if level_date[s] < n_dates - 1:
            reached = 0.0
            for d in range(level_date[s] + 1):
                reached += share[s * n_dates + d]
            reached_log[s] = math.log(reached)


@jit
def _set_share(data: Any, work: Any, s: int) -> None:
    """Set the shares of one running total: the log rate is straight between knots."""
    days_log, step = given(data, "days_log"), given(data, "knot_step")
    before, part = given(data, "knot_before"), given(data, "knot_share")
    changes, share, at_knots = (
        room(data, work, "changes"),
        room(data, work, "share"),
        room(data, work, "at_knots"),
    )
    first = s * days_log.size
    at_knots[0] = 0.0
    for k in range(step.size):
        at_knots[k + 1] = at_knots[k] + step[k] * changes[s * step.size + k]
    most = -np.inf
    for d in range(days_log.size):
        rate = days_log[d]
        if step.size:
            low, high = at_knots[before[d]], at_knots[before[d] + 1]
            rate += low + part[d] * (high - low)
        share[first + d] = rate
        most = max(most, rate)
    whole = 0.0
    for d in range(days_log.size):
        share[first + d] = math.exp(share[first + d] - most)
        whole += share[first + d]
    for d in range(days_log.size):
        share[first + d] /= whole


@jit
def set_nodes(data: Any, work: Any) -> None:
    """Set the values of all nodes."""
    n_running, n_dates = given(data, "level_date").size, given(data, "days_log").size
    total_log, share, nodes = (
        room(data, work, "total_log"),
        room(data, work, "share"),
        room(data, work, "nodes"),
    )
    cells = n_running * n_dates
    for s in range(n_running):
        total, running = math.exp(total_log[s]), 0.0
        for d in range(s * n_dates, (s + 1) * n_dates):
            running += share[d]
            nodes[d] = total * running
            nodes[cells + d] = total * share[d]
    for s in range(n_running, total_log.size):
        nodes[2 * cells + s - n_running] = math.exp(total_log[s])


@jit
def total_slopes(data: Any, work: Any) -> None:
    """Add to the slopes of log totals what those of the nodes make of them."""
    n_running, n_dates = given(data, "level_date").size, given(data, "days_log").size
    nodes, by_node, by_total = (
        room(data, work, "nodes"),
        room(data, work, "by_node"),
        room(data, work, "by_total"),
    )
    cells = n_running * n_dates
    for s in range(n_running):
        for d in range(s * n_dates, (s + 1) * n_dates):
            by_total[s] += by_node[d] * nodes[d] + by_node[cells + d] * nodes[cells + d]
    for s in range(n_running, by_total.size):
        node = 2 * cells + s - n_running
        by_total[s] += by_node[node] * nodes[node]


@jit
def path_slopes(data: Any, work: Any) -> None:
    """Add to the slopes of changes what those of the nodes and of free totals make of them."""
    step, before = given(data, "knot_step"), given(data, "knot_before")
    parts, level_date = given(data, "knot_share"), given(data, "level_date")
    n_running, n_dates, n_knots = level_date.size, given(data, "days_log").size, step.size
    if n_knots == 0 or n_running == 0:
        return
    nodes, by_node = room(data, work, "nodes"), room(data, work, "by_node")
    share, by_share = room(data, work, "share"), room(data, work, "by_share")
    reached_log, by_free = room(data, work, "reached_log"), room(data, work, "by_free")
    by_knot, by_change = room(data, work, "at_knots"), room(data, work, "by_change")
    cells = n_running * n_dates
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
            mean += by_share[d] * share[first + d]
        for k in range(n_knots + 1):
            by_knot[k] = 0.0
        for d in range(n_dates):
            by_rate = share[first + d] * (by_share[d] - mean)
            k, part = before[d], parts[d]
            by_knot[k] += (1.0 - part) * by_rate
            by_knot[k + 1] += part * by_rate
        beyond = 0.0
        for k in range(n_knots - 1, -1, -1):
            beyond += by_knot[k + 1]
            by_change[s * n_knots + k] += beyond * step[k]
