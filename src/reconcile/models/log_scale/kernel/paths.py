"""Running totals and cells from the innovations of log rates, and back: twin of ``design.paths``.

The sampler's parametrization is applied here. A running total is parametrized at the median date of
its claims, since the last date may lie far beyond all of them. An innovation that the claims
determine stays put when its standard deviation changes; one that they do not scales with it.

Innovations come in rows: one per population, shared by its figures, then one per running total.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.models.log_scale.kernel.arrays import array, scratch, variable, variables
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.totals import HALF_LOG_2PI

__all__ = [
    "changes_gradient",
    "path_gradient",
    "set_changes",
    "set_nodes",
    "set_shares",
    "total_gradient",
]


@jit
def _path_sd(data: Any, spread_z: Any, part: int) -> float:
    """Standard deviation of the shared (0) or figure-specific (1) innovations."""
    return float(
        array(data, "path_sd")[part] * math.exp(array(data, "path_spread")[0] * spread_z[part])
    )


@jit
def _first_own(data: Any) -> int:
    """Offset of the rows of the running totals."""
    begins = array(data, "begins")
    return int(begins[-2] - begins[-3])


@jit
def set_changes(data: Any, point: Any, work: Any) -> None:
    """Set scaled innovations of all totals, their standard normals and rescaling factors."""
    n, population = array(data, "knot_step").size, array(data, "path_population")
    apart = array(data, "path_apart")
    spread_z = variable(data, point, "path_spread_z")
    values, z = variables(data, point, "path_shared", "path_own"), scratch(data, work, "z")
    information, centre = array(data, "path_information"), array(data, "path_centre")
    rotation, rescale = array(data, "path_rotation"), scratch(data, work, "rescale")
    first_own, spread = _first_own(data), array(data, "path_spread")[0]
    for k in range(information.size):
        part = 1 if k >= first_own else 0
        rescale[k] = math.exp(-spread * (spread_z[part] - centre[part]) * information[k])
    for k in range(z.size):
        if information.size == 0:
            z[k] = values[k]
        else:
            first, total = k - k % n, 0.0
            for j in range(n):
                total += rotation[k * n + j] * rescale[first + j] * values[first + j]
            z[k] = total
    changes = scratch(data, work, "changes")
    if changes.size:
        shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
        for s in range(population.size):
            shared, own, sd = population[s] * n, first_own + s * n, apart[s] * own_sd
            for k in range(n):
                changes[s * n + k] = shared_sd * z[shared + k] + sd * z[own + k]


@jit
def changes_gradient(data: Any, point: Any, work: Any) -> float:
    """Log prior of the innovations; adds the gradient with respect to them and their scales."""
    n, population = array(data, "knot_step").size, array(data, "path_population")
    apart = array(data, "path_apart")
    values = variables(data, point, "path_shared", "path_own")
    gradient = scratch(data, work, "gradient")
    if values.size == 0:
        return 0.0
    spread_z = variable(data, point, "path_spread_z")
    grad_spread = variable(data, gradient, "path_spread_z")
    grad_value = variables(data, gradient, "path_shared", "path_own")
    z, grad_z = scratch(data, work, "z"), scratch(data, work, "grad_z")
    grad_change = scratch(data, work, "grad_change")
    spread, first_own = array(data, "path_spread")[0], _first_own(data)
    shared_sd, own_sd = _path_sd(data, spread_z, 0), _path_sd(data, spread_z, 1)
    logp = -HALF_LOG_2PI * z.size
    for k in range(z.size):
        logp -= 0.5 * z[k] * z[k]
        grad_z[k] = -z[k]
    for s in range(population.size):
        shared, own = population[s] * n, first_own + s * n
        for k in range(n):
            grad_shared = shared_sd * grad_change[s * n + k]
            grad_own = apart[s] * own_sd * grad_change[s * n + k]
            grad_z[shared + k] += grad_shared
            grad_z[own + k] += grad_own
            grad_spread[0] += spread * grad_shared * z[shared + k]
            grad_spread[1] += spread * grad_own * z[own + k]
    information, rotation = array(data, "path_information"), array(data, "path_rotation")
    if information.size == 0:
        for k in range(z.size):
            grad_value[k] += grad_z[k]
        return float(logp)
    grad_rescaled, rescale = scratch(data, work, "grad_rescaled"), scratch(data, work, "rescale")
    for k in range(z.size):
        first = k - k % n
        for j in range(n):
            grad_rescaled[first + j] += rotation[k * n + j] * grad_z[k]
    for k in range(z.size):
        grad_value[k] += grad_rescaled[k] * rescale[k]
        grad_log_sd = -information[k] * (grad_rescaled[k] * rescale[k] * values[k] + 1.0)
        grad_spread[1 if k >= first_own else 0] += spread * grad_log_sd
        logp += math.log(rescale[k])
    return float(logp)


@jit
def set_shares(data: Any, work: Any) -> None:
    """Set the share of each time step in each total, and the log share reached at its date."""
    level_date, n_dates = array(data, "level_date"), array(data, "days_log").size
    share, reached_log = scratch(data, work, "share"), scratch(data, work, "reached_log")
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
    """Set the shares of one running total; the log rate is linear between knots."""
    days_log, step = array(data, "days_log"), array(data, "knot_step")
    before, part = array(data, "knot_before"), array(data, "knot_share")
    changes, share = scratch(data, work, "changes"), scratch(data, work, "share")
    at_knots = scratch(data, work, "at_knots")
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
    n_running, n_dates = array(data, "level_date").size, array(data, "days_log").size
    total_log, nodes = scratch(data, work, "total_log"), scratch(data, work, "nodes")
    share = scratch(data, work, "share")
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
def total_gradient(data: Any, work: Any) -> None:
    """Add the gradient with respect to log totals, from that of the nodes."""
    n_running, n_dates = array(data, "level_date").size, array(data, "days_log").size
    nodes, grad_node = scratch(data, work, "nodes"), scratch(data, work, "grad_node")
    grad_total = scratch(data, work, "grad_total")
    cells = n_running * n_dates
    for s in range(n_running):
        for d in range(s * n_dates, (s + 1) * n_dates):
            grad_total[s] += grad_node[d] * nodes[d] + grad_node[cells + d] * nodes[cells + d]
    for s in range(n_running, grad_total.size):
        node = 2 * cells + s - n_running
        grad_total[s] += grad_node[node] * nodes[node]


@jit
def path_gradient(data: Any, work: Any) -> None:
    """Add the gradient with respect to innovations, from that of the nodes and free totals."""
    step, before = array(data, "knot_step"), array(data, "knot_before")
    parts, level_date = array(data, "knot_share"), array(data, "level_date")
    n_running, n_dates, n_knots = level_date.size, array(data, "days_log").size, step.size
    if n_knots == 0 or n_running == 0:
        return
    nodes, grad_node = scratch(data, work, "nodes"), scratch(data, work, "grad_node")
    share, grad_share = scratch(data, work, "share"), scratch(data, work, "grad_share")
    reached_log, grad_free = scratch(data, work, "reached_log"), scratch(data, work, "grad_free")
    root, of_root = array(data, "level_root"), array(data, "level_part")
    grad_knot, grad_change = scratch(data, work, "at_knots"), scratch(data, work, "grad_change")
    cells = n_running * n_dates
    for s in range(n_running):
        first = s * n_dates
        total = nodes[first + n_dates - 1]
        level = level_date[s]
        grad_level = -grad_free[root[s]] * of_root[s] * math.exp(-reached_log[s])
        if level == n_dates - 1:
            grad_level = 0.0
        # Gradient in the share of each time step, which enters all later running totals.
        later, mean = 0.0, 0.0
        for d in range(n_dates - 1, -1, -1):
            later += grad_node[first + d]
            grad_share[d] = total * (later + grad_node[cells + first + d])
            if d <= level:
                grad_share[d] += grad_level
            mean += grad_share[d] * share[first + d]
        for k in range(n_knots + 1):
            grad_knot[k] = 0.0
        for d in range(n_dates):
            grad_rate = share[first + d] * (grad_share[d] - mean)
            k, part = before[d], parts[d]
            grad_knot[k] += (1.0 - part) * grad_rate
            grad_knot[k + 1] += part * grad_rate
        beyond = 0.0
        for k in range(n_knots - 1, -1, -1):
            beyond += grad_knot[k + 1]
            grad_change[s * n_knots + k] += beyond * step[k]
