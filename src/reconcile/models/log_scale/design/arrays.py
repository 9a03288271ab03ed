"""Data of the compiled models; all of it can be replaced without recompilation."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.priors.constants import STATED

__all__ = ["DATA_DIMS", "coordinates", "model_data", "overconfidence_prior", "variable_dims"]

type Arrays = dict[str, NDArray[np.generic]]

# Data along a named dimension; the others are constants and index arrays.
DATA_DIMS: Final = MappingProxyType(
    dict.fromkeys(
        (
            *("total_mean_log", "total_sd_log", "common_sd_log", "common_tail", "common_group"),
            "common_lifted",
        ),
        "series",
    )
    | dict.fromkeys(("whole_mean_log", "whole_sd_log"), "whole")
    | dict.fromkeys(("bias_mean_log", "bias_sd_log"), "voice")
    | {"difficulty_sd_log": "group"}
    | dict.fromkeys(
        (
            *("said", "stated_log", "is_linear", "unit_log", "tilt_log", "down_log", "up_log"),
            *("one_sided", "sound", "weight", "error_mean_log", "difficulty_of"),
            *("apart_log", "copied_log"),
            *("role_of", "noise_fixed", "noise_factor", "lifted"),
            *("stated_of", "width_log", "width_excess"),
            *("predecessor", "serial_share", "is_revised"),
        ),
        "claim",
    )
)


def model_data(plan: Design) -> Arrays:
    """Claims, weights and prior constants by their names in the model; ``_log`` for log scale."""
    readings, noise = plan.readings, plan.noise
    apart_log, copied_log = plan.copies.logs
    data: Arrays = {
        "total_mean_log": plan.total_mean_log,
        "total_sd_log": plan.total_sd_log,
        "bias_mean_log": plan.biases.voice_mean_log,
        "bias_sd_log": plan.biases.voice_sd_log,
        "difficulty_of": plan.difficulties.group_of,
        "difficulty_sd_log": plan.difficulties.sd_log,
        "common_group": plan.difficulties.group_of_series,
        "common_sd_log": plan.common.sd_log,
        "common_tail": plan.common.tail,
        "common_lifted": plan.common.lifted,
        "common_power": np.array([plan.priors.common_difficulty, plan.priors.common_best]),
        "fog": np.array([plan.priors.fog_floor, plan.priors.fog_difficulty]),
        "lifted": plan.shares.lifted,
        "error_mean_log": plan.biases.mean_log,
        "noise_prior": np.array(
            [[np.log(role.noise_median_log), role.noise_sd_log] for role in plan.role_priors]
        ),
        "role_of": noise.role_of,
        "noise_floor": noise.floor,
        "noise_fixed": noise.fixed,
        "noise_factor": noise.factor,
        "unsound_scale_log": np.array(
            [plan.priors.unsound_scale_log, plan.priors.unsound_bound_log]
        ),
        "said": readings.said,
        "down_log": readings.down_log,
        "up_log": readings.up_log,
        "one_sided": plan.readings.is_one_sided.astype(float),
        "sound": plan.sound,
        "apart_log": apart_log,
        "copied_log": copied_log,
        "weight": plan.serial.weight,
    }
    data |= _operators(plan) | _figures(plan) | _optional_data(plan) | _register_data(plan)
    return {
        name: array.astype(np.int32) if array.dtype.kind == "i" else array
        for name, array in data.items()
    }


def _operators(plan: Design) -> Arrays:
    """Sparse matrices in coordinate form; values are omitted where all are 1."""
    structure, biases = plan.structure, plan.biases
    matrices = {
        "sum": structure.claims,
        "below": structure.below,
        "quantity": structure.estimates,
        "error": biases.matrix,
        "bias": biases.voices,
        "common": plan.common.matrix,
    }
    data: Arrays = {}
    for name, matrix in matrices.items():
        entries = matrix.tocoo()
        if entries.nnz:
            data |= {f"{name}_row": entries.row, f"{name}_column": entries.col}
            if (entries.data != 1).any():
                data[f"{name}_value"] = entries.data
    return data


def _figures(plan: Design) -> Arrays:
    """Wholes, limits, priors of sums and paths, where present."""
    priors, structure = plan.priors, plan.structure
    data: Arrays = {}
    if plan.wholes.parts:
        data |= {"whole_mean_log": plan.wholes.mean_log, "whole_sd_log": plan.wholes.sd_log}
    if plan.limits:
        sums = [limit for group in plan.limits for limit in group.sums]
        data["limit_log"] = np.array([limit.log for limit in sums])
        data["floor"] = np.array([floor for group in plan.limits for floor in group.floor])
    if plan.ranges:
        data["range_prior"] = np.array([[middle, spread] for *_, middle, spread in plan.ranges])
    if structure.n_accruing:
        data |= {
            "days_log": np.log(structure.days),
            "past": np.tril(np.ones((len(structure.days), len(structure.days)))),
        }
    if plan.innovations.shape[1]:
        data |= {
            "innovations": plan.innovations,
            "path_sd": np.array([priors.path_shared_sd, priors.path_own_sd]),
            "path_spread": np.array([PATH_SPREAD]),
            "path_apart": plan.path_apart,
        }
    return data


def _optional_data(plan: Design) -> Arrays:
    """Data that only some sets of claims need."""
    readings, noise, serial = plan.readings, plan.noise, plan.serial
    data: Arrays = {}
    if readings.width_log.any():
        data |= {
            "width_log": noise.width,
            "width_excess": noise.excess,
            "stated_of": noise.stated_of,
            "overconfidence_prior": overconfidence_prior(plan),
        }
    if readings.tilt_log.any():
        data["tilt_log"] = readings.tilt_log
    if readings.is_linear.any():
        data |= {"is_linear": readings.is_linear.astype(float), "unit_log": readings.unit_log}
    if serial.share.any():
        data |= {
            "stated_log": readings.centre_log,
            "predecessor": serial.predecessor,
            "serial_share": serial.share,
            "is_revised": serial.is_revised.astype(float),
            "serial_follow": np.array([plan.priors.serial_follow]),
        }
    return data


def overconfidence_prior(plan: Design) -> NDArray[np.float64]:
    """Mean and standard deviation of the log overconfidence, shape (kind of width, 2)."""
    medians, sd = plan.priors.overconfidence_median, plan.priors.overconfidence_sd_log
    return np.array([[np.log(medians[kind]), sd] for kind in STATED])


def _register_data(plan: Design) -> Arrays:
    """Data of counts and claims about true cells, if any."""
    registers = plan.registers
    if not len(registers.claim):
        return {}
    data: Arrays = {
        "register_claim": registers.claim,
        "register_true": registers.is_true.astype(float),
        "register_count": registers.count,
        "register_node": registers.node,
        "register_series": registers.series,
        "register_weight": registers.weight,
    }
    if registers.labels:
        data |= {
            "register_prior": np.column_stack([registers.mean, registers.sd]),
            "register_tail": registers.tail,
            "register_growth": np.column_stack([registers.growth, registers.growth_sd_log]),
            "register_of": registers.register_of,
            "register_age_log": registers.age_log,
        }
    if registers.some_never:
        data["register_never"] = np.column_stack([registers.never, registers.never_sd_log])
    return data


def coordinates(plan: Design) -> dict[str, list[str] | list[int]]:
    """Readable labels of every dimension of the model; claims are numbered from 1."""
    series = [" | ".join(filter(None, names)) for names in plan.structure.series]
    labels: dict[str, list[str] | list[int]] = {
        "claim": list(range(1, len(plan.claims) + 1)),
        "population": list(plan.claims.populations),
        "series": series,
        "running": series[: plan.structure.n_accruing],
        "path": ["shared", "own"],
        "innovation": list(range(1, plan.innovations.shape[1] + 1)),
        "group": list(plan.difficulties.labels),
        "common": list(plan.common.labels),
        "quantity": [quantity.label for quantity in plan.structure.quantities],
        "register": list(plan.registers.labels),
        "role": list(plan.noise.roles),
        "whole": list(plan.wholes.labels),
        "stated": list(STATED),
    }
    return labels | {term.dim: list(term.labels) for term in plan.biases.terms}


def variable_dims(plan: Design) -> dict[str, tuple[str, ...]]:
    """Dimensions of every variable that a fit keeps."""
    return {
        "estimate": ("quantity",),
        "total_log": ("series",),
        "total_z": ("series",),
        "whole_z": ("whole",),
        "bias_log": ("voice",),
        "common_bias_log": ("series",),
        "common_z": ("common",),
        "difficulty_log": ("group",),
        "difficulty_z": ("group",),
        "noise_log": ("role",),
        "register_z": ("register",),
        "register_slope_z": ("register",),
        "register_never_z": ("register",),
        "overconfidence_log": ("stated",),
        "path_spread_z": ("path",),
        "path_shared_z": ("population", "innovation"),
        "path_own_z": ("running", "innovation"),
        **{term.name: (term.dim,) for term in plan.biases.terms},
    }
