"""From figures to the sums and ratios that claims speak of, and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.kernel.jit import jit
from reconcile.kernel.table import given

__all__ = ["claim_sums", "sums_backwards"]


@jit
def _summed(nodes: Any, node: Any, row: Any, weight: Any, n: int) -> Any:
    found = np.zeros(n)
    for k in range(node.size):
        found[row[k]] += weight[k] * nodes[node[k]]
    return found


@jit
def claim_sums(data: Any, nodes: Any, register_z: Any, base: Any) -> tuple[Any, Any, Any, Any]:
    """Set where claims are expected to the log of what they speak of.

    Returns the sums above and below the line, and those of registers: what is in them, and all.
    """
    n = base.size
    node, row = given(data, "claim_node"), given(data, "claim_row")
    above = _summed(nodes, node, row, given(data, "claim_weight"), n)
    # To make room takes as long as to add up a claim, so there is none for what is not there.
    below = part = whole = given(data, "below_weight")
    for i in range(n):
        base[i] = math.log(above[i])
    below_node = given(data, "below_node")
    if below_node.size:
        row, weight = given(data, "below_row"), given(data, "below_weight")
        below = _summed(nodes, below_node, row, weight, n)
        for i in range(n):
            if below[i] > 0.0:
                base[i] -= math.log(below[i])
    if register_z.size:
        part, whole = _registered(data, nodes, register_z, base)
    return above, below, part, whole


@jit
def _registered(data: Any, nodes: Any, register_z: Any, base: Any) -> tuple[Any, Any]:
    """What registers hold, and all of it; adds the share that they hold to what is expected."""
    claim, count = given(data, "register_claim"), given(data, "register_count")
    node, weight = given(data, "register_node"), given(data, "register_weight")
    part, whole = np.zeros(claim.size), np.zeros(claim.size)
    for k in range(node.size):
        all_of_it = weight[k] * nodes[node[k]]
        whole[count[k]] += all_of_it
        part[count[k]] += all_of_it * _complete(data, register_z, k)
    for c in range(claim.size):
        base[claim[c]] += math.log(part[c]) - math.log(whole[c])
    return part, whole


@jit
def _complete(data: Any, register_z: Any, k: int) -> float:
    """Share of a cell that a register holds."""
    r = given(data, "register_of")[given(data, "register_count")[k]]
    logit = given(data, "register_mean")[r] + given(data, "register_sd")[r] * register_z[r]
    return 1.0 / (1.0 + math.exp(-logit - given(data, "register_gain")[k]))


@jit
def sums_backwards(
    data: Any, nodes: Any, register_z: Any, found: Any, by_base: Any, by_node: Any, by_register: Any
) -> None:
    """Add to the slopes of nodes and registers what those of the claims make of them."""
    above, below, part, whole = found
    node, row = given(data, "claim_node"), given(data, "claim_row")
    _sum_slopes(node, row, given(data, "claim_weight"), above, by_base, by_node, 1.0)
    node, row = given(data, "below_node"), given(data, "below_row")
    _sum_slopes(node, row, given(data, "below_weight"), below, by_base, by_node, -1.0)
    claim, count = given(data, "register_claim"), given(data, "register_count")
    node, weight = given(data, "register_node"), given(data, "register_weight")
    of, sd = given(data, "register_of"), given(data, "register_sd")
    for k in range(node.size):
        c = count[k]
        held = _complete(data, register_z, k)
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
