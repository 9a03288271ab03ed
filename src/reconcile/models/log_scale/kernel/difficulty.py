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
    """Set the difficulty of each group, and the common error of each series and its slopes."""
    z, sd = variable(data, point, "difficulty_z"), array(data, "difficulty_sd_log")
    difficulty, stays = scratch(data, work, "difficulty"), scratch(data, work, "stays")
    stays_slope, (floor, fog_power) = scratch(data, work, "stays_slope"), array(data, "fog")
    for g in range(difficulty.size):
        difficulty[g] = math.exp(sd[g] * z[g])
        share = 1.0 / (1.0 + (1.0 / floor - 1.0) * math.exp(-fog_power * sd[g] * z[g]))
        stays[g], stays_slope[g] = share - floor, fog_power * share * (1.0 - share)
    begin, column = array(data, "common_begin"), array(data, "common_column")
    value, common_z = array(data, "common_value"), variable(data, point, "common_z")
    size, tail = array(data, "common_sd_log"), array(data, "common_tail")
    group, (power, best) = array(data, "common_group"), array(data, "common_power")
    common, slope = scratch(data, work, "common"), scratch(data, work, "common_slope")
    lifted, rise = array(data, "common_lifted"), scratch(data, work, "common_rise")
    for s in range(common.size):
        zeta, g = row_product(begin, column, value, common_z, s), group[s]
        square = tail[s] * zeta * zeta
        left = 1.0 + lifted[s] * stays[g]
        exponent = power * sd[g] * z[g] + best * math.log(left) + 0.5 * square
        scale = size[s] * math.exp(min(exponent, HIGHEST_EXPONENT))
        rise[s] = power + best * lifted[s] * stays_slope[g] / left
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
    group, rise = array(data, "common_group"), scratch(data, work, "common_rise")
    grad_common = scratch(data, work, "grad_common")
    grad_difficulty = scratch(data, work, "grad_difficulty")
    for s in range(common.size):
        add_transpose(begin, column, value, grad_common[s] * slope[s], s, grad_z)
        if slope[s] > 0.0:
            grad_difficulty[group[s]] += grad_common[s] * rise[s] * common[s]
    sd, grad_z = array(data, "difficulty_sd_log"), variable(data, gradient, "difficulty_z")
    for g in range(grad_z.size):
        grad_z[g] += grad_difficulty[g] * sd[g]
