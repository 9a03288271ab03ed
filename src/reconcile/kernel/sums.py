"""From figures to the sums and ratios that claims speak of, and back."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np

from reconcile.kernel.jit import jit

__all__ = ["Sums", "claim_sums", "sums_backwards"]

# Sparse matrices of sums over nodes, and what registered counts consist of.
Sums = namedtuple(  # numba takes these, not typing.NamedTuple with types
    "Sums",
    "claim_node claim_row claim_weight below_node below_row below_weight"
    " register_mean register_sd register_of register_claim register_count register_node"
    " register_weight register_gain",
)


@jit
def _summed(nodes: Any, node: Any, row: Any, weight: Any, n: int) -> Any:
    found = np.zeros(n)
    for k in range(node.size):
        found[row[k]] += weight[k] * nodes[node[k]]
    return found


@jit
def claim_sums(sums: Any, nodes: Any, register_z: Any, base: Any) -> tuple[Any, Any, Any, Any]:
    """Set where claims are expected to the log of what they speak of.

    Returns the sums above and below the line, and those of registers: what is in them, and all.
    """
    n = base.size
    above = _summed(nodes, sums.claim_node, sums.claim_row, sums.claim_weight, n)
    below, part, whole = sums.below_weight, sums.register_gain, sums.register_gain
    for i in range(n):
        base[i] = math.log(above[i])
    if sums.below_node.size:
        below = _summed(nodes, sums.below_node, sums.below_row, sums.below_weight, n)
        for i in range(n):
            if below[i] > 0.0:
                base[i] -= math.log(below[i])
    if sums.register_claim.size:
        part, whole = np.zeros(sums.register_claim.size), np.zeros(sums.register_claim.size)
    for k in range(sums.register_node.size):
        c = sums.register_count[k]
        all_of_it = sums.register_weight[k] * nodes[sums.register_node[k]]
        whole[c] += all_of_it
        part[c] += all_of_it * _complete(sums, register_z, k)
    for c in range(sums.register_claim.size):
        base[sums.register_claim[c]] += math.log(part[c]) - math.log(whole[c])
    return above, below, part, whole


@jit
def _complete(sums: Any, register_z: Any, k: int) -> float:
    """Share of a cell that a register holds."""
    r = sums.register_of[sums.register_count[k]]
    logit = sums.register_mean[r] + sums.register_sd[r] * register_z[r] + sums.register_gain[k]
    return 1.0 / (1.0 + math.exp(-logit))


@jit
def sums_backwards(
    sums: Any, nodes: Any, register_z: Any, found: Any, by_base: Any, by_node: Any, by_register: Any
) -> None:
    """Add to the slopes of nodes and registers what those of the claims make of them."""
    above, below, part, whole = found
    _sum_slopes(sums.claim_node, sums.claim_row, sums.claim_weight, above, by_base, by_node, 1.0)
    _sum_slopes(sums.below_node, sums.below_row, sums.below_weight, below, by_base, by_node, -1.0)
    for k in range(sums.register_node.size):
        c, node = sums.register_count[k], sums.register_node[k]
        held = _complete(sums, register_z, k)
        slope = by_base[sums.register_claim[c]]
        by_node[node] += slope * sums.register_weight[k] * (held / part[c] - 1.0 / whole[c])
        inside = sums.register_weight[k] * nodes[node] * held * (1.0 - held)
        r = sums.register_of[c]
        by_register[r] += slope * inside / part[c] * sums.register_sd[r]


@jit
def _sum_slopes(
    node: Any, row: Any, weight: Any, total: Any, by_log: Any, by_node: Any, sign: float
) -> None:
    """Add to the slopes of nodes what those of the logs of their sums make of them."""
    for k in range(node.size):
        i = row[k]
        by_node[node[k]] += sign * by_log[i] * weight[k] / total[i]
