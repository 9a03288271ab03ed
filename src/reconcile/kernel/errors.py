"""From parameters to where readings are expected: twin of :mod:`reconcile.latent`, and back."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np

from reconcile.kernel.jit import jit

__all__ = ["Errors", "errors_backwards", "expected_errors"]

# Data of biases and noise: constants of voices, roles and populations, and shares of claims.
Errors = namedtuple(  # numba takes these, not typing.NamedTuple with types
    "Errors",
    "bias_mean_log voice_level role_level situation_of camp_level camp_of common_sd_log"
    " voice_of population_of category_of category_sd drift_claim drift_step drift_sd"
    " common_share bias_share noise_share noise_floor role_of coarse_log"
    " width_log stated_of excess_share",
)


@jit
def _voice_biases(errors: Any, free: Any) -> Any:
    """Bias of each voice."""
    bias = np.empty(free.bias_z.size)
    for v in range(bias.size):
        bias[v] = errors.bias_mean_log[v] + errors.voice_level[v] * free.bias_z[v]
    _add_level(bias, errors.role_level, errors.situation_of, free.role_z)
    _add_level(bias, errors.camp_level, errors.camp_of, free.camp_z)
    return bias


@jit
def _exponentials(values: Any, times: float) -> Any:
    """Exponentials of multiples, in a loop: numba takes a second for an expression of arrays."""
    if values.size == 0:
        return values
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
def expected_errors(errors: Any, free: Any, expected: Any) -> None:
    """Add the error of each claim to where it is expected, and set its noise and width."""
    bias = _voice_biases(errors, free)
    drifted = _drifted(errors, free.drift_z)
    noise, excess = _exponentials(free.noise_log, 2.0), _exponentials(free.overconfidence_log, 1.0)
    for r in range(noise.size):
        noise[r] += errors.noise_floor[r] ** 2
    common = np.empty(free.common_bias_z.size)
    for p in range(common.size):
        common[p] = errors.common_sd_log[p] * free.common_bias_z[p]
    # Arrays by names of their own: taken from the record one by one, each access is counted.
    voice_of, population_of, role_of = errors.voice_of, errors.population_of, errors.role_of
    common_share, bias_share, noise_share = (
        errors.common_share,
        errors.bias_share,
        errors.noise_share,
    )
    category_z, category_of, category_sd = free.category_z, errors.category_of, errors.category_sd
    coarse, width_log, stated_of = errors.coarse_log, errors.width_log, errors.stated_of
    excess_share, base, square, width = (
        errors.excess_share,
        expected.base,
        expected.square,
        expected.width,
    )
    for i in range(voice_of.size):
        own = bias[voice_of[i]]
        if category_z.size:
            own += category_sd[i] * category_z[category_of[i]]
        if drifted.size:
            own += drifted[i]
        base[i] += bias_share[i] * own + common_share[i] * common[population_of[i]]
        square[i] = noise_share[i] ** 2 * noise[role_of[i]] + coarse[i] ** 2
        width[i] = 0.0
        if excess.size:
            width[i] = width_log[i] * (1.0 + excess_share[i] * excess[stated_of[i]])


@jit
def _drifted(errors: Any, drift_z: Any) -> Any:
    """Change of the bias of each claim; empty where nothing drifts."""
    claim, step, sd = errors.drift_claim, errors.drift_step, errors.drift_sd
    if step.size == 0:
        return drift_z
    found = np.zeros(errors.voice_of.size)
    for k in range(step.size):
        found[claim[k]] += sd[k] * drift_z[step[k]]
    return found


@jit
def errors_backwards(errors: Any, free: Any, slopes: Any, out: Any) -> None:
    """Add to the slopes of the free variables what those of the claims make of them."""
    by_bias = np.zeros(errors.bias_mean_log.size)
    by_noise, by_excess = np.zeros(free.noise_log.size), free.overconfidence_log
    if by_excess.size:
        by_excess = np.zeros(by_excess.size)
    by_common = np.zeros(free.common_bias_z.size)
    by_category, by_base = out.category_z, slopes.base
    by_square, by_width = slopes.square, slopes.width
    voice_of, population_of, role_of = errors.voice_of, errors.population_of, errors.role_of
    common_share, bias_share, noise_share = (
        errors.common_share,
        errors.bias_share,
        errors.noise_share,
    )
    category_of, category_sd = errors.category_of, errors.category_sd
    width_log, stated_of, excess_share = errors.width_log, errors.stated_of, errors.excess_share
    for i in range(voice_of.size):
        own = by_base[i] * bias_share[i]
        by_common[population_of[i]] += by_base[i] * common_share[i]
        by_bias[voice_of[i]] += own
        if by_category.size:
            by_category[category_of[i]] += own * category_sd[i]
        by_noise[role_of[i]] += by_square[i] * noise_share[i] ** 2
        if by_excess.size:
            by_excess[stated_of[i]] += by_width[i] * width_log[i] * excess_share[i]
    for p in range(by_common.size):
        out.common_bias_z[p] += by_common[p] * errors.common_sd_log[p]
    for r in range(by_noise.size):
        out.noise_log[r] += by_noise[r] * 2.0 * math.exp(2.0 * free.noise_log[r])
    for k in range(by_excess.size):
        out.overconfidence_log[k] += by_excess[k] * math.exp(free.overconfidence_log[k])
    _drifts_backwards(errors, by_base, out.drift_z)
    for v in range(by_bias.size):
        out.bias_z[v] += by_bias[v] * errors.voice_level[v]
    _levels_backwards(by_bias, errors.role_level, errors.situation_of, out.role_z)
    _levels_backwards(by_bias, errors.camp_level, errors.camp_of, out.camp_z)


@jit
def _drifts_backwards(errors: Any, by_base: Any, out: Any) -> None:
    """Add to the slopes of slow changes."""
    claim, step, sd, share = (
        errors.drift_claim,
        errors.drift_step,
        errors.drift_sd,
        errors.bias_share,
    )
    for k in range(step.size):
        out[step[k]] += by_base[claim[k]] * share[claim[k]] * sd[k]


@jit
def _levels_backwards(by_bias: Any, level: Any, of: Any, out: Any) -> None:
    """Add to the slopes of what voices share; there may be nothing."""
    if out.size:
        for v in range(by_bias.size):
            out[of[v]] += by_bias[v] * level[v]
