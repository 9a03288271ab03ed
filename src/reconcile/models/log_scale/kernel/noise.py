"""From parameters to where readings are expected, and back: twin of the NumPy reference."""

from __future__ import annotations

import math
from typing import Any

from reconcile.models.log_scale.kernel.arrays import given, room, variable
from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["errors_backwards", "expected_errors"]


@jit
def _voice_biases(data: Any, point: Any, bias: Any) -> None:
    """Set the bias of each voice."""
    mean_log, level = given(data, "bias_mean_log"), given(data, "voice_level")
    bias_z = variable(data, point, "bias_z")
    for v in range(bias.size):
        bias[v] = mean_log[v] + level[v] * bias_z[v]
    role_z, camp_z = variable(data, point, "role_z"), variable(data, point, "camp_z")
    _add_level(bias, given(data, "role_level"), given(data, "situation_of"), role_z)
    _add_level(bias, given(data, "camp_level"), given(data, "camp_of"), camp_z)


@jit
def _exponentials(values: Any, times: float, out: Any) -> None:
    """Set to exponentials of multiples; an expression of arrays takes long to compile."""
    for k in range(values.size):
        out[k] = math.exp(times * values[k])


@jit
def _add_level(bias: Any, level: Any, of: Any, z: Any) -> None:
    """Add what voices share; there may be nothing."""
    if z.size:
        for v in range(bias.size):
            bias[v] += level[v] * z[of[v]]


@jit
def expected_errors(data: Any, point: Any, work: Any) -> None:
    """Add the error of each claim to where it is expected, and set its noise and width."""
    base, square, width = (
        room(data, work, "base"),
        room(data, work, "square"),
        room(data, work, "width"),
    )
    bias, noise = room(data, work, "bias"), room(data, work, "noise")
    _voice_biases(data, point, bias)
    _exponentials(variable(data, point, "noise_log"), 2.0, noise)
    floor = given(data, "noise_floor")
    for r in range(noise.size):
        noise[r] += floor[r] * floor[r]
    common_sd, common_z = given(data, "common_sd_log"), variable(data, point, "common_bias_z")
    voice_of, population_of = given(data, "voice_of"), given(data, "population_of")
    role_of, coarse = given(data, "role_of"), given(data, "coarse_log")
    common_share, bias_share = given(data, "common_share"), given(data, "bias_share")
    noise_share = given(data, "noise_share")
    category_of, category_sd = given(data, "category_of"), given(data, "category_sd")
    category_z = variable(data, point, "category_z")
    for i in range(voice_of.size):
        p, off = population_of[i], bias[voice_of[i]]
        if category_z.size:
            off += category_sd[i] * category_z[category_of[i]]
        base[i] += bias_share[i] * off + common_share[i] * common_sd[p] * common_z[p]
        fluctuating = noise_share[i] * noise_share[i] * noise[role_of[i]]
        square[i] = fluctuating + coarse[i] * coarse[i]
    drift_z = variable(data, point, "drift_z")
    claim, step, sd = given(data, "drift_claim"), given(data, "drift_step"), given(data, "drift_sd")
    for k in range(step.size):
        base[claim[k]] += bias_share[claim[k]] * sd[k] * drift_z[step[k]]
    excess_log = variable(data, point, "overconfidence_log")
    if excess_log.size:
        excess, excess_share = room(data, work, "excess"), given(data, "excess_share")
        _exponentials(excess_log, 1.0, excess)
        width_log, stated_of = given(data, "width_log"), given(data, "stated_of")
        for i in range(voice_of.size):
            width[i] = width_log[i] * (1.0 + excess_share[i] * excess[stated_of[i]])
    else:
        for i in range(voice_of.size):
            width[i] = 0.0


@jit
def errors_backwards(data: Any, point: Any, work: Any) -> None:
    """Add to the slopes of the free variables what those of the claims make of them."""
    gradient, by_base = room(data, work, "gradient"), room(data, work, "by_base")
    by_bias, by_noise = room(data, work, "by_bias"), room(data, work, "by_noise")
    by_square = room(data, work, "by_square")
    noise_log = variable(data, point, "noise_log")
    by_noise_log = variable(data, gradient, "noise_log")
    voice_of, population_of = given(data, "voice_of"), given(data, "population_of")
    role_of, noise_share = given(data, "role_of"), given(data, "noise_share")
    common_share, bias_share = given(data, "common_share"), given(data, "bias_share")
    common_sd, by_common = given(data, "common_sd_log"), variable(data, gradient, "common_bias_z")
    category_of, category_sd = given(data, "category_of"), given(data, "category_sd")
    by_category = variable(data, gradient, "category_z")
    for i in range(voice_of.size):
        p, by_off = population_of[i], by_base[i] * bias_share[i]
        by_common[p] += by_base[i] * common_share[i] * common_sd[p]
        by_bias[voice_of[i]] += by_off
        by_noise[role_of[i]] += by_square[i] * noise_share[i] * noise_share[i]
        if by_category.size:
            by_category[category_of[i]] += by_off * category_sd[i]
    for r in range(by_noise.size):
        by_noise_log[r] += by_noise[r] * 2.0 * math.exp(2.0 * noise_log[r])
    by_drift = variable(data, gradient, "drift_z")
    claim, step, sd = given(data, "drift_claim"), given(data, "drift_step"), given(data, "drift_sd")
    for k in range(step.size):
        by_drift[step[k]] += by_base[claim[k]] * bias_share[claim[k]] * sd[k]
    if variable(data, gradient, "overconfidence_log").size:
        _excess_slopes(data, work)
    level, by_bias_z = given(data, "voice_level"), variable(data, gradient, "bias_z")
    for v in range(by_bias.size):
        by_bias_z[v] += by_bias[v] * level[v]
    by_role, by_camp = variable(data, gradient, "role_z"), variable(data, gradient, "camp_z")
    _level_slopes(by_bias, given(data, "role_level"), given(data, "situation_of"), by_role)
    _level_slopes(by_bias, given(data, "camp_level"), given(data, "camp_of"), by_camp)


@jit
def _excess_slopes(data: Any, work: Any) -> None:
    """Add to the slopes of overconfidence what those of the widths make of them."""
    by_width, excess = room(data, work, "by_width"), room(data, work, "excess")
    out = variable(data, room(data, work, "gradient"), "overconfidence_log")
    width_log, stated_of = given(data, "width_log"), given(data, "stated_of")
    excess_share = given(data, "excess_share")
    for i in range(by_width.size):
        k = stated_of[i]
        out[k] += by_width[i] * width_log[i] * excess_share[i] * excess[k]


@jit
def _level_slopes(by_bias: Any, level: Any, of: Any, out: Any) -> None:
    """Add to the slopes of what voices share; there may be nothing."""
    if out.size:
        for v in range(by_bias.size):
            out[of[v]] += by_bias[v] * level[v]
