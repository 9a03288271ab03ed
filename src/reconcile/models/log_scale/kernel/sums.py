"""Sums and ratios of claims from the nodes, and their gradients."""

from __future__ import annotations

import math
from typing import Any

from reconcile.models.log_scale.kernel.arrays import array, scratch, variable
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.operators import add_transpose, row_product

__all__ = ["claim_sums", "sums_backward"]


@jit
def claim_sums(data: Any, point: Any, work: Any) -> None:
    """Set the expectation of each claim to the log of its sum or ratio."""
    nodes, base = scratch(data, work, "nodes"), scratch(data, work, "base")
    above, below = scratch(data, work, "above"), scratch(data, work, "below")
    begin, column = array(data, "sum_begin"), array(data, "sum_column")
    value = array(data, "sum_value")
    for i in range(base.size):
        above[i] = row_product(begin, column, value, nodes, i)
        base[i] = math.log(above[i])
    begin, column = array(data, "below_begin"), array(data, "below_column")
    value = array(data, "below_value")
    for i in range(below.size):
        below[i] = row_product(begin, column, value, nodes, i)
        if below[i] > 0.0:
            base[i] -= math.log(below[i])
    if variable(data, point, "register_z").size:
        _add_registered(data, point, work)


@jit
def _add_registered(data: Any, point: Any, work: Any) -> None:
    """Add the log completeness of registered counts."""
    claim, count = array(data, "register_claim"), array(data, "register_count")
    node, weight = array(data, "register_node"), array(data, "register_weight")
    nodes, base = scratch(data, work, "nodes"), scratch(data, work, "base")
    part, whole = scratch(data, work, "part"), scratch(data, work, "whole")
    for k in range(node.size):
        amount = weight[k] * nodes[node[k]]
        whole[count[k]] += amount
        part[count[k]] += amount * _complete(data, point, k)
    for c in range(claim.size):
        base[claim[c]] += math.log(part[c]) - math.log(whole[c])


@jit
def _complete(data: Any, point: Any, k: int) -> float:
    """Completeness of the register for one cell."""
    r = array(data, "register_of")[array(data, "register_count")[k]]
    z = variable(data, point, "register_z")[r]
    logit = array(data, "register_mean")[r] + array(data, "register_sd")[r] * z
    return 1.0 / (1.0 + math.exp(-logit - array(data, "register_gain")[k]))


@jit
def sums_backward(data: Any, point: Any, work: Any) -> None:
    """Add the gradient with respect to nodes and registers."""
    grad_base, grad_node = scratch(data, work, "grad_base"), scratch(data, work, "grad_node")
    above, below = scratch(data, work, "above"), scratch(data, work, "below")
    begin, column = array(data, "sum_begin"), array(data, "sum_column")
    value = array(data, "sum_value")
    for i in range(grad_base.size):
        add_transpose(begin, column, value, grad_base[i] / above[i], i, grad_node)
    begin, column = array(data, "below_begin"), array(data, "below_column")
    value = array(data, "below_value")
    for i in range(below.size):
        if below[i] > 0.0:
            add_transpose(begin, column, value, -grad_base[i] / below[i], i, grad_node)
    if variable(data, point, "register_z").size:
        _register_gradient(data, point, work)


@jit
def _register_gradient(data: Any, point: Any, work: Any) -> None:
    """Add the gradient with respect to registers and the nodes that they count."""
    grad_base, grad_node = scratch(data, work, "grad_base"), scratch(data, work, "grad_node")
    nodes, gradient = scratch(data, work, "nodes"), scratch(data, work, "gradient")
    part, whole = scratch(data, work, "part"), scratch(data, work, "whole")
    claim, count = array(data, "register_claim"), array(data, "register_count")
    node, weight = array(data, "register_node"), array(data, "register_weight")
    of, sd = array(data, "register_of"), array(data, "register_sd")
    grad_register = variable(data, gradient, "register_z")
    for k in range(node.size):
        c = count[k]
        held = _complete(data, point, k)
        grad = grad_base[claim[c]]
        grad_node[node[k]] += grad * weight[k] * (held / part[c] - 1.0 / whole[c])
        inside = weight[k] * nodes[node[k]] * held * (1.0 - held)
        grad_register[of[c]] += grad * inside / part[c] * sd[of[c]]
