"""True totals within ceilings and floors, and back: twin of ``design.limits``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.models.log_scale.kernel.arrays import array, scratch
from reconcile.models.log_scale.kernel.jit import jit
from reconcile.models.log_scale.kernel.operators import sum_log

__all__ = ["limits_backward", "set_within"]


@jit
def set_within(data: Any, work: Any) -> None:
    """Set the log totals within all limits, from the free apparent ones."""
    free, common = scratch(data, work, "free_log"), scratch(data, work, "common")
    before, true = scratch(data, work, "before_log"), scratch(data, work, "true_log")
    total = scratch(data, work, "total_log")
    for s in range(total.size):
        before[s] = free[s] - common[s]
        true[s], total[s] = before[s], free[s]
    limit_log, begin = array(data, "limit_log"), array(data, "limit_begin")
    series, group_begin = array(data, "limit_series"), array(data, "group_begin")
    limited_begin, limited = array(data, "limited_begin"), array(data, "limited_series")
    is_floor, floor = array(data, "limit_is_floor"), array(data, "floor")
    binding = scratch(data, work, "binding")
    for g in range(limited_begin.size - 1):
        over, under, ceiling, lowest = -np.inf, -np.inf, -1, -1
        for c in range(group_begin[g], group_begin[g + 1]):
            gauge = sum_log(before, series, begin[c], begin[c + 1]) - limit_log[c]
            if is_floor[c] > 0.0:
                if -gauge > under:
                    under, lowest = -gauge, c
            elif gauge > over:
                over, ceiling = gauge, c
        binding[2 * g], binding[2 * g + 1] = ceiling, lowest
        shift = _ray(over, under)[0]
        for k in range(limited_begin[g], limited_begin[g + 1]):
            s = limited[k]
            rest = before[s] + shift
            true[s] = rest
            if floor[k] > 0.0:
                least = math.log(floor[k])
                true[s] = max(rest, least) + math.log1p(math.exp(-abs(rest - least)))
            total[s] = true[s] + common[s]


@jit
def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@jit
def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


@jit
def _ray(over: float, under: float) -> tuple[float, float, float, float, float, float]:
    """Shift and log determinant; derivatives of both in the excess and in the shortfall."""
    if under == -np.inf:
        if over == -np.inf:
            return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        shrink, share = _softplus(over), _sigmoid(over)
        return -shrink, -shrink, -share, 0.0, -share, 0.0
    if over == -np.inf:
        grow, share = _softplus(under), _sigmoid(under)
        return grow, -grow, 0.0, share, 0.0, -share
    room = -over - under
    most = room + math.log(-math.expm1(-room))
    far = -(max(under, -most) + math.log1p(math.exp(-abs(under + most))))
    shift = _softplus(far) + under
    log_det = -_softplus(-far) - _softplus(-under - most)
    # Derivatives in the distance above the floor and in the room between both limits.
    near, beyond, steep = _sigmoid(most + under), _sigmoid(far), -1.0 / math.expm1(-room)
    step, wide = beyond * near, beyond * (1.0 - near) * steep
    bent = (1.0 - beyond) * near - (1.0 - near)
    spread = (2.0 - beyond) * (1.0 - near) * steep
    return shift, log_det, -wide, 1.0 - step - wide, -spread, -bent - spread


@jit
def limits_backward(data: Any, work: Any) -> float:
    """Log determinant of the limits; makes the gradient in true totals that before limits."""
    before, true = scratch(data, work, "before_log"), scratch(data, work, "true_log")
    grad = scratch(data, work, "grad_true")
    begin, limit_log = array(data, "limit_begin"), array(data, "limit_log")
    series, is_floor = array(data, "limit_series"), array(data, "limit_is_floor")
    limited_begin, limited = array(data, "limited_begin"), array(data, "limited_series")
    floor, binding, logp = array(data, "floor"), scratch(data, work, "binding"), 0.0
    gauges = np.empty(2)
    for g in range(limited_begin.size - 1):
        gauges[0] = gauges[1] = -np.inf
        for side in range(2):
            c = int(binding[2 * g + side])
            if c >= 0:
                gauge = sum_log(before, series, begin[c], begin[c + 1]) - limit_log[c]
                gauges[side] = -gauge if is_floor[c] > 0.0 else gauge
        shift, log_det, by_over, by_under, det_over, det_under = _ray(gauges[0], gauges[1])
        logp += log_det
        grad_shift = 0.0
        for k in range(limited_begin[g], limited_begin[g + 1]):
            s = limited[k]
            if floor[k] > 0.0:
                # The total is the floor plus the rest: its slope is the share of the rest.
                rest = before[s] + shift
                share = math.exp(rest - true[s])
                logp += rest - true[s]
                grad[s] = grad[s] * share + 1.0 - share
            grad_shift += grad[s]
        for side in range(2):
            c = int(binding[2 * g + side])
            if c >= 0:
                grad_gauge = grad_shift * by_over + det_over
                if side == 1:
                    grad_gauge = -(grad_shift * by_under + det_under)
                whole = sum_log(before, series, begin[c], begin[c + 1])
                for k in range(begin[c], begin[c + 1]):
                    grad[series[k]] += grad_gauge * math.exp(before[series[k]] - whole)
    return float(logp)
