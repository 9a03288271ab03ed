"""Difficulty and the common error, and their gradients: twin of ``design.difficulty``."""

from __future__ import annotations

import math
from typing import Any

from reconcile.models.log_scale.design.difficulty import FARTHEST_LOG, HIGHEST_EXPONENT
from reconcile.models.log_scale.kernel.arrays import array, scratch, variable
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.operators import add_transpose, row_product

__all__ = ["difficulty_backward", "set_difficulty"]


@jit
def set_difficulty(data: Any, point: Any, work: Any) -> None:
    """Set the difficulty of each group, and the common error of each series and its slope."""
    z, sd = variable(data, point, "difficulty_z"), array(data, "difficulty_sd_log")
    difficulty = scratch(data, work, "difficulty")
    for g in range(difficulty.size):
        difficulty[g] = math.exp(sd[g] * z[g])
    begin, column = array(data, "common_begin"), array(data, "common_column")
    value, common_z = array(data, "common_value"), variable(data, point, "common_z")
    size, tail = array(data, "common_sd_log"), array(data, "common_tail")
    group, power = array(data, "common_group"), array(data, "common_power")[0]
    common, slope = scratch(data, work, "common"), scratch(data, work, "common_slope")
    for s in range(common.size):
        zeta, g = row_product(begin, column, value, common_z, s), group[s]
        square = tail[s] * zeta * zeta
        exponent = min(power * sd[g] * z[g] + 0.5 * square, HIGHEST_EXPONENT)
        scale = size[s] * math.exp(exponent)
        common[s], slope[s] = scale * zeta, scale * (1.0 + square)
        if abs(common[s]) > FARTHEST_LOG:
            common[s], slope[s] = math.copysign(FARTHEST_LOG, zeta), 0.0


@jit
def difficulty_backward(data: Any, work: Any) -> None:
    """Add the gradient with respect to difficulty and common variables."""
    gradient = scratch(data, work, "gradient")
    common, slope = scratch(data, work, "common"), scratch(data, work, "common_slope")
    begin, column = array(data, "common_begin"), array(data, "common_column")
    value, grad_z = array(data, "common_value"), variable(data, gradient, "common_z")
    group, power = array(data, "common_group"), array(data, "common_power")[0]
    grad_common = scratch(data, work, "grad_common")
    grad_difficulty = scratch(data, work, "grad_difficulty")
    for s in range(common.size):
        add_transpose(begin, column, value, grad_common[s] * slope[s], s, grad_z)
        if slope[s] > 0.0:
            grad_difficulty[group[s]] += grad_common[s] * power * common[s]
    sd, grad_z = array(data, "difficulty_sd_log"), variable(data, gradient, "difficulty_z")
    for g in range(grad_z.size):
        grad_z[g] += grad_difficulty[g] * sd[g]
