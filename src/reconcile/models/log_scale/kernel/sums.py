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
    if array(data, "register_claim").size:
        _add_counted(data, point, work)


@jit
def _add_counted(data: Any, point: Any, work: Any) -> None:
    """Add the log share of apparent sums that counts, and claims about true cells, hold."""
    claim, count = array(data, "register_claim"), array(data, "register_count")
    node, weight = array(data, "register_node"), array(data, "register_weight")
    nodes, base = scratch(data, work, "nodes"), scratch(data, work, "base")
    part, whole = scratch(data, work, "part"), scratch(data, work, "whole")
    _set_registers(data, point, work)
    for k in range(node.size):
        amount = weight[k] * nodes[node[k]]
        whole[count[k]] += amount
        held = _complete(data, point, work, k) * _ever(data, work, k)
        part[count[k]] += amount * held * _true_share(data, work, k)
    for c in range(claim.size):
        base[claim[c]] += math.log(part[c]) - math.log(whole[c])


@jit
def _set_registers(data: Any, point: Any, work: Any) -> None:
    """Set the slope of each register, and minus the log share that it will ever count."""
    z, slope = variable(data, point, "register_slope_z"), scratch(data, work, "slope")
    middle, sd = array(data, "register_slope"), array(data, "register_slope_sd")
    for r in range(slope.size):
        slope[r] = middle[r] * math.exp(sd[r] * z[r])
    z, never = variable(data, point, "register_never_z"), scratch(data, work, "never")
    middle, sd = array(data, "register_never"), array(data, "register_never_sd")
    ever = scratch(data, work, "ever")
    ever[:] = 1.0
    for r in range(z.size):
        never[r] = middle[r] * math.exp(sd[r] * z[r])
        ever[r] = math.exp(-never[r])


@jit
def _true_share(data: Any, work: Any, k: int) -> float:
    """Ratio of the true to the apparent cell; 1 for a count of apparent cells."""
    if array(data, "register_true")[array(data, "register_count")[k]] == 0.0:
        return 1.0
    return math.exp(-scratch(data, work, "common")[array(data, "register_series")[k]])


@jit
def _ever(data: Any, work: Any, k: int) -> float:
    """Share that the register will ever count; 1 without a register."""
    r = array(data, "register_of")[array(data, "register_count")[k]]
    return 1.0 if r < 0 else float(scratch(data, work, "ever")[r])


@jit
def _complete(data: Any, point: Any, work: Any, k: int) -> float:
    """Share of that which it has counted of one cell; 1 without a register."""
    r = array(data, "register_of")[array(data, "register_count")[k]]
    if r < 0:
        return 1.0
    z = variable(data, point, "register_z")[r]
    stretch = math.exp(0.5 * array(data, "register_tail")[r] * z * z)
    logit = array(data, "register_mean")[r] + array(data, "register_sd")[r] * z * stretch
    logit += scratch(data, work, "slope")[r] * array(data, "register_age_log")[k]
    return 1.0 / (1.0 + math.exp(-logit))


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
    if array(data, "register_claim").size:
        _counted_gradient(data, point, work)


@jit
def _counted_gradient(data: Any, point: Any, work: Any) -> None:
    """Add the gradient with respect to registers, common errors and the nodes that they count."""
    grad_base, grad_node = scratch(data, work, "grad_base"), scratch(data, work, "grad_node")
    nodes, gradient = scratch(data, work, "nodes"), scratch(data, work, "gradient")
    part, whole = scratch(data, work, "part"), scratch(data, work, "whole")
    claim, count = array(data, "register_claim"), array(data, "register_count")
    node, weight = array(data, "register_node"), array(data, "register_weight")
    of, sd = array(data, "register_of"), array(data, "register_sd")
    z, tail = variable(data, point, "register_z"), array(data, "register_tail")
    is_true, series = array(data, "register_true"), array(data, "register_series")
    grad_register = variable(data, gradient, "register_z")
    grad_slope, slope_sd = (
        variable(data, gradient, "register_slope_z"),
        array(data, "register_slope_sd"),
    )
    grad_never, never_sd = (
        variable(data, gradient, "register_never_z"),
        array(data, "register_never_sd"),
    )
    slope, age_log = scratch(data, work, "slope"), array(data, "register_age_log")
    never = scratch(data, work, "never")
    grad_common = scratch(data, work, "grad_common")
    for k in range(node.size):
        c = count[k]
        complete = _complete(data, point, work, k)
        held = complete * _ever(data, work, k) * _true_share(data, work, k)
        grad = grad_base[claim[c]]
        grad_node[node[k]] += grad * weight[k] * (held / part[c] - 1.0 / whole[c])
        inside = grad * weight[k] * nodes[node[k]] * held / part[c]
        grad_common[series[k]] -= inside * is_true[c]
        if of[c] >= 0:
            r, grad_logit = of[c], inside * (1.0 - complete)
            square = tail[r] * z[r] * z[r]
            grad_register[r] += grad_logit * sd[r] * (1.0 + square) * math.exp(0.5 * square)
            grad_slope[r] += grad_logit * age_log[k] * slope[r] * slope_sd[r]
            if grad_never.size:
                grad_never[r] -= inside * never[r] * never_sd[r]
