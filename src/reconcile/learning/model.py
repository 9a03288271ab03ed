"""The hierarchical model of many cases, in which the prior constants are unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.learning.hyperpriors import (
    HYPERPRIORS,
    bias_means,
    cell_index,
    common_logs,
    failures,
    fog_rates,
    noise_logs,
    noise_setting_logs,
    spread_logs,
)
from reconcile.models.log_scale.design.arrays import coordinates, model_data
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import REFERENCE_LOG
from reconcile.models.log_scale.design.interests import NO_INTEREST
from reconcile.models.log_scale.design.noise import LOGISTIC_VARIANCE
from reconcile.models.log_scale.pymc.difficulty import (
    common_errors,
    difficulties,
    error_factors_log,
)
from reconcile.models.log_scale.pymc.likelihood import ModelData, observe
from reconcile.models.log_scale.pymc.model import sums_of

__all__ = ["learning_model"]


def learning_model(plan: Design) -> pm.Model:
    """The model of a design of all cases."""
    # Here a camp has a variable even if it is one voice.
    camps = {"camp": list(plan.speakers.camps)}
    with pm.Model(coords=coordinates(plan) | camps) as model:
        data = ModelData(model_data(plan))
        values = {name: _hyper(name) for name in HYPERPRIORS}
        difficulty_log = difficulties(data)
        hard_log = difficulty_log[data("difficulty_of")]
        factor_log = error_factors_log(hard_log, data("lifted"), data)
        factor = pt.exp(pt.where(plan.shares.listed, 0.0, factor_log))
        noise = _loading(plan, values, "noise") * pt.exp(_noise(plan, values))
        error, spread = _bias(plan, values)
        common = common_errors(
            plan, data, difficulty_log, sd_log=_common_sd(plan, values, spread, noise)
        )
        known = pm.Data("total_known", np.zeros(len(plan.structure.series)))
        width: Any = np.zeros(1)
        if plan.readings.width_log.any():
            excess = pt.exp(hard_log) * pt.exp(values["excess_log"])[data("stated_of")]
            width = data("width_log") + data("width_excess") * excess
        fixed = plan.readings.spread_log**2
        fixed = fixed + plan.priors.count_dispersion * plan.readings.counting_log**2
        observe(
            plan,
            data,
            base=sums_of(plan, data, common, known) + factor * error,
            square=(factor * noise) ** 2 + (values["coarse"] * plan.shares.coarse) ** 2 + fixed,
            width=width,
            sound=_sound(plan, values),
        )
    return model


def _hyper(name: str) -> Any:
    shape, kind, constants = HYPERPRIORS[name]
    if kind == "halfnormal":
        return pm.HalfNormal(name, constants[0], shape=shape)
    return pm.Normal(name, *constants, shape=shape)


def _loading(plan: Design, values: Mapping[str, Any], name: str) -> Any:
    """Loading of the bias or the noise on each claim, with the unknown fog in place of the known.

    That of the noise is without the factor of the setting, which is unknown too.
    """
    rate = fog_rates(values, pt.exp)[_cells(plan)[plan.speakers.voice_of]]
    floor = plan.priors.fog_floor
    left = floor + (1 - floor) * pt.exp(-rate * np.log1p(plan.shares.age))
    known = getattr(plan.shares, name) / plan.shares.fog
    if name == "noise":
        settings = [plan.contexts[claim.population].setting for claim in plan.claims]
        known = known / np.array([plan.priors.noise_setting[setting] for setting in settings])
    return known * left


def _cells(plan: Design) -> np.ndarray:
    """Cell (role, interest and setting) of each voice."""
    speakers = plan.speakers
    cells = np.array([cell_index(s.role, s.interest, s.setting) for s in speakers.situations])
    return np.asarray(cells[speakers.situation_of])


def _bias(plan: Design, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """Bias of each claim, of voice and category, and its standard deviation; at difficulty 1."""
    speakers = plan.speakers
    voices = speakers.voices
    cells = _cells(plan)
    means = pm.Data("role_bias", np.ones(1))[0] * bias_means(values, lambda constant: constant)
    mean = means[cells]
    spread = pt.exp(spread_logs(values))[cells]
    in_group = np.array([bool(v.group) for v in voices])
    share = pt.where(in_group, plan.priors.group_share, pt.sigmoid(values["camp_share_logit"]))
    # Only those with an interest err together; the square root has no gradient at zero.
    alone = np.array([not v.group and v.interest == NO_INTEREST for v in voices])
    shared = pt.where(alone, 0.0, pt.sqrt(share))
    own = pt.where(alone, 1.0, pt.sqrt(1 - share))
    camp = pm.Normal("camp_z", 0, 1, dims="camp")[speakers.camp_of]
    voice = pm.Normal("bias_z", 0, 1, dims="voice")
    bias = mean + spread * (shared * camp + own * voice)
    of_claim = bias[speakers.voice_of]
    if plan.categories.labels:
        category = pm.Normal("category_z", 0, 1, dims="category")[plan.categories.category_of]
        of_claim = of_claim + values["category_sd"] * plan.categories.share * category
    loading = _loading(plan, values, "bias")
    return loading * of_claim, loading * spread[speakers.voice_of]


def _common_sd(plan: Design, values: Mapping[str, Any], spread: Any, noise: Any) -> Any:
    """Standard deviation of the common error of each series, at difficulty 1."""
    stated = plan.common_width
    settings = [plan.contexts[name].setting for name, _ in plan.structure.series]
    usual = pt.exp(common_logs(values))[np.array([SETTINGS.index(s) for s in settings])]
    # Of the source that the priors hold to be the best.
    best, spoken = plan.common.best, plan.common.spoken
    error = pt.sqrt(spread[best] ** 2 / LOGISTIC_VARIANCE + noise[best] ** 2)
    error = pt.where(spoken, error / REFERENCE_LOG, 1.0)
    usual = usual * error**plan.priors.common_best
    return pt.where(stated > 0, values["measured_common"] * stated, usual)


def _noise(plan: Design, values: Mapping[str, Any]) -> Any:
    """Log noise scale of each claim."""
    middle = noise_logs(values)[np.array([ROLES.index(name) for name in plan.noise.role_names])]
    own = pm.Normal("noise_z", 0, 1, dims="role")
    settings = [plan.contexts[claim.population].setting for claim in plan.claims]
    of_setting = noise_setting_logs(values)[np.array([SETTINGS.index(s) for s in settings])]
    scale = middle + values["noise_case_sd"] * own
    return scale[plan.noise.role_of] + of_setting


def _sound(plan: Design, values: Mapping[str, Any]) -> Any:
    """Probability that each claim is sound: no gross error, and no uninformative bound."""
    claims = list(plan.claims)
    role = np.array([ROLES.index(v.role) for v in plan.speakers.voices])[plan.speakers.voice_of]
    empty, standing, withdrawn = (pt.sigmoid(logit) for logit in failures(values))
    stands = np.array([claim.state == "standing" for claim in claims])
    side = len(ROLES) * plan.readings.is_upper
    sound = pt.where(stands, standing[role], withdrawn[role])
    is_bound = plan.readings.is_bound.astype(bool)
    sound = sound * pt.where(is_bound, 1 - empty[role + side], 1.0)
    is_known = (plan.readings.is_truth | plan.readings.is_certain).astype(bool)
    return pt.where(is_known, plan.sound, sound)
