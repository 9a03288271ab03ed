"""Expected errors and noise scales of readings from the parameters, and their gradients.

Twin of :mod:`reconcile.models.log_scale.reference.forward`. All bias terms are one sparse matrix.
"""

from __future__ import annotations

import math
from typing import Any

from reconcile.models.log_scale.kernel.arrays import array, scratch, variable
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.operators import add_transpose, row_product

__all__ = ["errors_backward", "expected_errors"]


@jit
def expected_errors(data: Any, point: Any, work: Any) -> None:
    """Add the expected error of each claim to its expectation; set its noise and width."""
    base, square = scratch(data, work, "base"), scratch(data, work, "square")
    begin, column = array(data, "error_begin"), array(data, "error_column")
    value, z = array(data, "error_value"), variable(data, point, "error_z")
    mean_log, role_of = array(data, "error_mean_log"), array(data, "role_of")
    fixed, factor = array(data, "noise_fixed"), array(data, "noise_factor")
    difficulty, group = scratch(data, work, "difficulty"), array(data, "difficulty_of")
    error, lifted = scratch(data, work, "error"), array(data, "lifted")
    stays = scratch(data, work, "stays")
    noise_log, noise = variable(data, point, "noise_log"), scratch(data, work, "noise")
    floor = array(data, "noise_floor")
    for r in range(noise.size):
        noise[r] = math.exp(2.0 * noise_log[r])
    for i in range(base.size):
        hard = difficulty[group[i]] * (1.0 + lifted[i] * stays[group[i]])
        error[i] = mean_log[i] + row_product(begin, column, value, z, i)
        base[i] += hard * error[i]
        square[i] = fixed[i] + factor[i] * (floor[role_of[i]] + noise[role_of[i]] * hard * hard)
    _set_widths(data, point, work)


@jit
def _set_widths(data: Any, point: Any, work: Any) -> None:
    """Set the stated width of each claim, inflated by overconfidence and difficulty."""
    width, stated = scratch(data, work, "width"), array(data, "width_log")
    excess_log, excess = variable(data, point, "overconfidence_log"), scratch(data, work, "excess")
    factor, stated_of = array(data, "width_excess"), array(data, "stated_of")
    difficulty, group = scratch(data, work, "difficulty"), array(data, "difficulty_of")
    for i in range(width.size):
        width[i] = stated[i]
    for k in range(excess.size):
        excess[k] = math.exp(excess_log[k])
    if excess.size:
        for i in range(width.size):
            width[i] += factor[i] * excess[stated_of[i]] * difficulty[group[i]]


@jit
def errors_backward(data: Any, point: Any, work: Any) -> None:
    """Add the gradient with respect to errors, noise, difficulty and overconfidence."""
    gradient, grad_base = scratch(data, work, "gradient"), scratch(data, work, "grad_base")
    begin, column = array(data, "error_begin"), array(data, "error_column")
    value, grad_z = array(data, "error_value"), variable(data, gradient, "error_z")
    grad_square, grad_noise = scratch(data, work, "grad_square"), scratch(data, work, "grad_noise")
    role_of, factor = array(data, "role_of"), array(data, "noise_factor")
    difficulty, group = scratch(data, work, "difficulty"), array(data, "difficulty_of")
    error, grad_difficulty = scratch(data, work, "error"), scratch(data, work, "grad_difficulty")
    lifted, stays = array(data, "lifted"), scratch(data, work, "stays")
    slope = scratch(data, work, "stays_slope")
    noise, grad_noise_log = scratch(data, work, "noise"), variable(data, gradient, "noise_log")
    for i in range(grad_base.size):
        left = 1.0 + lifted[i] * stays[group[i]]
        hard, rise = difficulty[group[i]] * left, 1.0 + lifted[i] * slope[group[i]] / left
        grad_error = grad_base[i] * hard
        grad_here = grad_square[i] * factor[i] * hard * hard
        add_transpose(begin, column, value, grad_error, i, grad_z)
        grad_noise[role_of[i]] += grad_here
        of_noise = 2.0 * grad_here * noise[role_of[i]]
        grad_difficulty[group[i]] += rise * (grad_error * error[i] + of_noise)
    for r in range(noise.size):
        grad_noise_log[r] += grad_noise[r] * 2.0 * noise[r]
    excess, grad_width = scratch(data, work, "excess"), scratch(data, work, "grad_width")
    grad_excess_log = variable(data, gradient, "overconfidence_log")
    stated_of, factor = array(data, "stated_of"), array(data, "width_excess")
    if excess.size:
        for i in range(grad_width.size):
            k = stated_of[i]
            grad_wide = grad_width[i] * factor[i] * excess[k] * difficulty[group[i]]
            grad_excess_log[k] += grad_wide
            grad_difficulty[group[i]] += grad_wide
