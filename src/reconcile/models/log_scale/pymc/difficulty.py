"""Difficulty and the common error, in PyTensor: twin of ``design.difficulty``."""

from __future__ import annotations

from typing import Any

import pymc as pm
import pytensor.tensor as pt

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import FARTHEST_LOG, HIGHEST_EXPONENT
from reconcile.models.log_scale.pymc.likelihood import ModelData
from reconcile.models.log_scale.pymc.products import product_of

__all__ = ["common_errors", "difficulties", "error_factors_log"]


def difficulties(data: ModelData) -> Any:
    """Log difficulty of each group."""
    found = data("difficulty_sd_log") * pm.Normal("difficulty_z", 0, 1, dims="group")
    return pm.Deterministic("difficulty_log", found, dims="group")


def error_factors_log(difficulty_log: Any, lifted: Any, data: ModelData) -> Any:
    """Log factor on errors of which ``lifted`` tells how far the fog about them has lifted."""
    floor, power = data("fog")[0], data("fog")[1]
    stays = pt.sigmoid(pt.log(floor / (1 - floor)) + power * difficulty_log) - floor
    return difficulty_log + pt.log1p(lifted * stays)


def common_errors(plan: Design, data: ModelData, difficulty_log: Any, *, sd_log: Any = None) -> Any:
    """Log ratio of the apparent to the true total of each series; ``sd_log`` if it is unknown."""
    z = pm.Normal("common_z", 0, 1, dims="common")
    zeta = product_of("common", z, len(plan.structure.series), data)
    sd = data("common_sd_log") if sd_log is None else sd_log
    hard, power = difficulty_log[data("common_group")], data("common_power")
    best = error_factors_log(hard, data("common_lifted"), data) - hard
    exponent = power[0] * hard + power[1] * best + data("common_tail") * zeta**2 / 2
    stretch = pt.exp(pt.minimum(exponent, HIGHEST_EXPONENT))
    found = pt.clip(sd * stretch * zeta, -FARTHEST_LOG, FARTHEST_LOG)
    return pm.Deterministic("common_bias_log", found, dims="series")
