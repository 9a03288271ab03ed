"""Difficulty and the common error, in PyTensor: twin of ``design.difficulty``."""

from __future__ import annotations

from typing import Any

import pymc as pm
import pytensor.tensor as pt

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import FARTHEST_LOG, HIGHEST_EXPONENT
from reconcile.models.log_scale.pymc.likelihood import ModelData
from reconcile.models.log_scale.pymc.products import product_of

__all__ = ["common_errors", "difficulties"]


def difficulties(data: ModelData) -> Any:
    """Log difficulty of each group."""
    found = data("difficulty_sd_log") * pm.Normal("difficulty_z", 0, 1, dims="group")
    return pm.Deterministic("difficulty_log", found, dims="group")


def common_errors(plan: Design, data: ModelData, difficulty_log: Any, *, sd_log: Any = None) -> Any:
    """Log ratio of the apparent to the true total of each series; ``sd_log`` if it is unknown."""
    z = pm.Normal("common_z", 0, 1, dims="common")
    zeta = product_of("common", z, len(plan.structure.series), data)
    sd = data("common_sd_log") if sd_log is None else sd_log
    power = data("common_power")[0] * difficulty_log[data("common_group")]
    stretch = pt.exp(pt.minimum(power + data("common_tail") * zeta**2 / 2, HIGHEST_EXPONENT))
    found = pt.clip(sd * stretch * zeta, -FARTHEST_LOG, FARTHEST_LOG)
    return pm.Deterministic("common_bias_log", found, dims="series")
