"""From figures to the sums and ratios that claims speak of, and back."""

from __future__ import annotations

import math
from typing import Any

from reconcile.models.log_scale.kernel.arrays import given, room, variable
from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["claim_sums", "sums_backwards"]


@jit
def _add_up(nodes: Any, node: Any, row: Any, weight: Any, out: Any) -> None:
    for k in range(node.size):
        out[row[k]] += weight[k] * nodes[node[k]]


@jit
def claim_sums(data: Any, point: Any, work: Any) -> None:
    """Set where claims are expected to the log of what they speak of."""
    nodes, base = room(data, work, "nodes"), room(data, work, "base")
    node, row = given(data, "claim_node"), given(data, "claim_row")
    above = room(data, work, "above")
    _add_up(nodes, node, row, given(data, "claim_weight"), above)
    for i in range(base.size):
        base[i] = math.log(above[i])
    below_node, row = given(data, "below_node"), given(data, "below_row")
    if below_node.size:
        below = room(data, work, "below")
        _add_up(nodes, below_node, row, given(data, "below_weight"), below)
        for i in range(base.size):
            if below[i] > 0.0:
                base[i] -= math.log(below[i])
    if variable(data, point, "register_z").size:
        _add_registered(data, point, work)


@jit
def _add_registered(data: Any, point: Any, work: Any) -> None:
    """Add the share of what claims speak of that registers hold."""
    claim, count = given(data, "register_claim"), given(data, "register_count")
    node, weight = given(data, "register_node"), given(data, "register_weight")
    nodes, base = room(data, work, "nodes"), room(data, work, "base")
    part, whole = room(data, work, "part"), room(data, work, "whole")
    for k in range(node.size):
        all_of_it = weight[k] * nodes[node[k]]
        whole[count[k]] += all_of_it
        part[count[k]] += all_of_it * _complete(data, point, k)
    for c in range(claim.size):
        base[claim[c]] += math.log(part[c]) - math.log(whole[c])


@jit
def _complete(data: Any, point: Any, k: int) -> float:
    """Share of a cell that a register holds."""
    r = given(data, "register_of")[given(data, "register_count")[k]]
    z = variable(data, point, "register_z")[r]
    logit = given(data, "register_mean")[r] + given(data, "register_sd")[r] * z
    return 1.0 / (1.0 + math.exp(-logit - given(data, "register_gain")[k]))


@jit
def sums_backwards(data: Any, point: Any, work: Any) -> None:
    """Add to the slopes of nodes and registers what those of the claims make of them."""
    by_base, by_node = room(data, work, "by_base"), room(data, work, "by_node")
    node, row, weight = (
        given(data, "claim_node"),
        given(data, "claim_row"),
        given(data, "claim_weight"),
    )
    _sum_slopes(node, row, weight, room(data, work, "above"), by_base, by_node, 1.0)
    node, row, weight = (
        given(data, "below_node"),
        given(data, "below_row"),
        given(data, "below_weight"),
    )
    _sum_slopes(node, row, weight, room(data, work, "below"), by_base, by_node, -1.0)
    if variable(data, point, "register_z").size:
        _register_slopes(data, point, work)


@jit
def _register_slopes(data: Any, point: Any, work: Any) -> None:
    """Add to the slopes of registers, and of what is in them."""
    by_base, by_node = room(data, work, "by_base"), room(data, work, "by_node")
    nodes, gradient = room(data, work, "nodes"), room(data, work, "gradient")
    part, whole = room(data, work, "part"), room(data, work, "whole")
    claim, count = given(data, "register_claim"), given(data, "register_count")
    node, weight = given(data, "register_node"), given(data, "register_weight")
    of, sd = given(data, "register_of"), given(data, "register_sd")
    by_register = variable(data, gradient, "register_z")
    for k in range(node.size):
        c = count[k]
        held = _complete(data, point, k)
        slope = by_base[claim[c]]
        by_node[node[k]] += slope * weight[k] * (held / part[c] - 1.0 / whole[c])
        inside = weight[k] * nodes[node[k]] * held * (1.0 - held)
        by_register[of[c]] += slope * inside / part[c] * sd[of[c]]


@jit
def _sum_slopes(
    node: Any, row: Any, weight: Any, total: Any, by_log: Any, by_node: Any, sign: float
) -> None:
    """Add to the slopes of nodes what those of the logs of their sums make of them."""
    for k in range(node.size):
        i = row[k]
        by_node[node[k]] += sign * by_log[i] * weight[k] / total[i]
