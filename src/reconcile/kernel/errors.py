"""From parameters to where readings are expected: twin of :mod:`reconcile.latent`, and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.kernel.jit import jit
from reconcile.kernel.table import given, variable

__all__ = ["errors_backwards", "expected_errors"]


@jit
def _voice_biases(data: Any, point: Any) -> Any:
    """Bias of each voice."""
    mean_log, level = given(data, "bias_mean_log"), given(data, "voice_level")
    bias_z, bias = variable(data, point, "bias_z"), np.empty(mean_log.size)
    for v in range(bias.size):
        bias[v] = mean_log[v] + level[v] * bias_z[v]
    role_z, camp_z = variable(data, point, "role_z"), variable(data, point, "camp_z")
    _add_level(bias, given(data, "role_level"), given(data, "situation_of"), role_z)
    _add_level(bias, given(data, "camp_level"), given(data, "camp_of"), camp_z)
    return bias


@jit
def _exponentials(values: Any, times: float) -> Any:
    """Exponentials of multiples, in a loop: numba takes a second for an expression of arrays."""
    found = np.empty(values.size)
    for k in range(values.size):
        found[k] = math.exp(times * values[k])
    return found


@jit
def _add_level(bias: Any, level: Any, of: Any, z: Any) -> None:
    """Add what voices share; there may be nothing."""
    if z.size:
        for v in range(bias.size):
            bias[v] += level[v] * z[of[v]]


@jit
def expected_errors(data: Any, point: Any, base: Any, square: Any, width: Any) -> None:
    """Add the error of each claim to where it is expected, and set its noise and width.

    ``base`` is where readings are expected, nothing known of their noise, ``square`` the square of
    the scale of that noise, and ``width`` the scale that a stated width has.
    """
    bias = _voice_biases(data, point)
    noise, floor = (
        _exponentials(variable(data, point, "noise_log"), 2.0),
        given(data, "noise_floor"),
    )
    for r in range(noise.size):
        noise[r] += floor[r] * floor[r]
    common_sd, common_z = given(data, "common_sd_log"), variable(data, point, "common_bias_z")
    voice_of, population_of = given(data, "voice_of"), given(data, "population_of")
    role_of, coarse = given(data, "role_of"), given(data, "coarse_log")
    common_share, bias_share = given(data, "common_share"), given(data, "bias_share")
    noise_share = given(data, "noise_share")
    for i in range(voice_of.size):
        p = population_of[i]
        base[i] += bias_share[i] * bias[voice_of[i]] + common_share[i] * common_sd[p] * common_z[p]
        fluctuating = noise_share[i] * noise_share[i] * noise[role_of[i]]
        square[i] = fluctuating + coarse[i] * coarse[i]
    category_z = variable(data, point, "category_z")
    if category_z.size:
        category_of, category_sd = given(data, "category_of"), given(data, "category_sd")
        for i in range(voice_of.size):
            base[i] += bias_share[i] * category_sd[i] * category_z[category_of[i]]
    drift_z = variable(data, point, "drift_z")
    claim, step, sd = given(data, "drift_claim"), given(data, "drift_step"), given(data, "drift_sd")
    for k in range(step.size):
        base[claim[k]] += bias_share[claim[k]] * sd[k] * drift_z[step[k]]
    excess_log = variable(data, point, "overconfidence_log")
    if excess_log.size:
        excess, excess_share = _exponentials(excess_log, 1.0), given(data, "excess_share")
        width_log, stated_of = given(data, "width_log"), given(data, "stated_of")
        for i in range(voice_of.size):
            width[i] = width_log[i] * (1.0 + excess_share[i] * excess[stated_of[i]])
    else:
        for i in range(voice_of.size):
            width[i] = 0.0


@jit
def errors_backwards(
    data: Any, point: Any, by_base: Any, by_square: Any, by_width: Any, gradient: Any
) -> None:
    """Add to the slopes of the free variables what those of the claims make of them."""
    noise_log, by_noise_log = (
        variable(data, point, "noise_log"),
        variable(data, gradient, "noise_log"),
    )
    by_bias, by_noise = np.zeros(given(data, "bias_mean_log").size), np.zeros(noise_log.size)
    voice_of, population_of = given(data, "voice_of"), given(data, "population_of")
    role_of, noise_share = given(data, "role_of"), given(data, "noise_share")
    common_share, bias_share = given(data, "common_share"), given(data, "bias_share")
    common_sd, by_common = given(data, "common_sd_log"), variable(data, gradient, "common_bias_z")
    for i in range(voice_of.size):
        p = population_of[i]
        by_common[p] += by_base[i] * common_share[i] * common_sd[p]
        by_bias[voice_of[i]] += by_base[i] * bias_share[i]
        by_noise[role_of[i]] += by_square[i] * noise_share[i] * noise_share[i]
    for r in range(by_noise.size):
        by_noise_log[r] += by_noise[r] * 2.0 * math.exp(2.0 * noise_log[r])
    by_category = variable(data, gradient, "category_z")
    if by_category.size:
        category_of, category_sd = given(data, "category_of"), given(data, "category_sd")
        for i in range(voice_of.size):
            by_category[category_of[i]] += by_base[i] * bias_share[i] * category_sd[i]
    by_drift = variable(data, gradient, "drift_z")
    claim, step, sd = given(data, "drift_claim"), given(data, "drift_step"), given(data, "drift_sd")
    for k in range(step.size):
        by_drift[step[k]] += by_base[claim[k]] * bias_share[claim[k]] * sd[k]
    _excess_slopes(data, point, by_width, gradient)
    level, by_bias_z = given(data, "voice_level"), variable(data, gradient, "bias_z")
    for v in range(by_bias.size):
        by_bias_z[v] += by_bias[v] * level[v]
    by_role, by_camp = variable(data, gradient, "role_z"), variable(data, gradient, "camp_z")
    _level_slopes(by_bias, given(data, "role_level"), given(data, "situation_of"), by_role)
    _level_slopes(by_bias, given(data, "camp_level"), given(data, "camp_of"), by_camp)


@jit
def _excess_slopes(data: Any, point: Any, by_width: Any, gradient: Any) -> None:
    """Add to the slopes of overconfidence what those of the widths make of them."""
    excess_log = variable(data, point, "overconfidence_log")
    if excess_log.size:
        excess, out = _exponentials(excess_log, 1.0), variable(data, gradient, "overconfidence_log")
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
