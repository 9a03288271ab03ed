"""The arrays that a compiled model reads: all of them can be replaced without compiling again."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.design.readings import STATED

__all__ = ["DATA_DIMS", "coordinates", "level_sizes", "model_data", "noise_floors"]

type Array = NDArray[np.float64]


def noise_floors(plan: Design) -> Array:
    """Least scale of the noise of each role.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    ndarray of shape (role,)
        Log scale of the figure.
    """
    return np.array([plan.priors.noise_floor * role.noise_median_log for role in plan.role_priors])


# Data along a named dimension; the others are constants and index arrays.
DATA_DIMS: Final = MappingProxyType(
    dict.fromkeys(("total_mean_log", "total_sd_log"), "series")
    | dict.fromkeys(
        ("bias_mean_log", "bias_sd_log", "role_level", "camp_level", "voice_level"), "voice"
    )
    | dict.fromkeys(("situation_of", "camp_of"), "voice")
    | {"common_sd_log": "population"}
    | dict.fromkeys(
        (
            "said",
            "stated_log",
            "is_linear",
            "unit_log",
            "tilt_log",
            "down_log",
            "up_log",
            "width_log",
            "one_sided",
            "sound",
            "weight",
            "voice_of",
            "role_of",
            "stated_of",
            "population_of",
            "common_share",
            "bias_share",
            "noise_share",
            "excess_share",
            "coarse_log",
            "anchor",
            "anchor_share",
            "is_revised",
            "category_of",
            "category_sd",
        ),
        "claim",
    )
)


def model_data(plan: Design) -> dict[str, NDArray[np.generic]]:
    """Claims, weights and prior constants of a design, by their names in the model.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to ndarray
        Log scale where a name ends in ``_log``.
    """
    priors, readings, structure = plan.priors, plan.readings, plan.structure
    speakers, levels, chains, shares = plan.speakers, plan.levels, plan.chains, plan.shares
    data: dict[str, NDArray[np.generic]] = {
        "total_mean_log": plan.total_mean_log,
        "total_sd_log": plan.total_sd_log,
        "bias_mean_log": levels.mean_log,
        "bias_sd_log": levels.sd_log,
        "voice_level": levels.voice_log,
        "common_sd_log": plan.common_sd_log,
        "noise_prior": np.array(
            [[np.log(role.noise_median_log), role.noise_sd_log] for role in plan.role_priors]
        ),
        "noise_floor": noise_floors(plan),
        "unsound_scale_log": np.array([priors.unsound_scale_log]),
        "said": readings.said,
        "down_log": readings.down_log,
        "up_log": readings.up_log,
        "one_sided": plan.one_sided.astype(float),
        "sound": plan.sound,
        "weight": chains.weight,
        "voice_of": speakers.voice_of,
        "role_of": plan.role_of,
        "population_of": plan.population_of,
        "common_share": shares.common,
        "bias_share": shares.bias,
        "noise_share": shares.noise,
        "coarse_log": plan.fixed_log,
    }
    data |= _optional_data(plan)
    data |= _register_data(plan)
    matrices = {
        "claim": structure.claims,
        "below": structure.below,
        "quantity": structure.estimates,
    }
    for name, matrix in matrices.items():
        pairs = matrix.tocoo()
        if not pairs.nnz:
            continue
        data |= {f"{name}_node": pairs.col, f"{name}_row": pairs.row}
        if (pairs.data != 1).any():
            data[f"{name}_weight"] = pairs.data
    if plan.ceilings:
        data["ceiling_log"] = np.array(
            [bound for of_population in plan.ceilings for _, bound in of_population]
        )
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
        }
    return {
        name: array.astype(np.int32) if array.dtype.kind == "i" else array
        for name, array in data.items()
    }


def _optional_data(plan: Design) -> dict[str, NDArray[np.generic]]:
    """Data of the terms that only some sets of claims have."""
    priors, speakers, chains = plan.priors, plan.speakers, plan.chains
    data: dict[str, NDArray[np.generic]] = {}
    sizes = level_sizes(plan)
    if "role_z" in sizes:
        data |= {"role_level": plan.levels.role_log, "situation_of": speakers.situation_of}
    if "camp_z" in sizes:
        data |= {"camp_level": plan.levels.camp_log, "camp_of": speakers.camp_of}
    if "category_z" in sizes:
        data |= {
            "category_of": plan.category_of,
            "category_sd": priors.category_sd_log * plan.category_share,
        }
    if "drift_z" in sizes:
        data |= {
            "drift_claim": plan.drift.claim,
            "drift_step": plan.drift.step,
            "drift_sd": priors.drift_sd_log * plan.drift.reach,
        }
    if plan.readings.width_log.any():
        data |= {
            "width_log": plan.readings.width_log,
            "stated_of": plan.stated_of,
            "excess_share": plan.shares.excess,
            "overconfidence_prior": np.array(
                [
                    [np.log(priors.overconfidence_median[kind]), priors.overconfidence_sd_log]
                    for kind in STATED
                ]
            ),
        }
    if plan.readings.tilt_log.any():
        data["tilt_log"] = plan.readings.tilt_log
    if plan.readings.is_linear.any():
        data |= {
            "is_linear": plan.readings.is_linear.astype(float),
            "unit_log": plan.readings.unit_log,
        }
    if chains.share.any():
        data |= {
            "stated_log": plan.readings.centre_log,
            "anchor": chains.anchor,
            "anchor_share": chains.share,
            "is_revised": chains.is_revised.astype(float),
        }
    return data


def _register_data(plan: Design) -> dict[str, NDArray[np.generic]]:
    """Data of registered counts, where there are such."""
    registers = plan.registers
    if not registers.labels:
        return {}
    return {
        "register_prior": np.column_stack([registers.mean, registers.sd]),
        "register_of": registers.register_of,
        "register_claim": registers.claim,
        "register_count": registers.count,
        "register_node": registers.node,
        "register_weight": registers.weight,
        "register_gain": registers.gain,
    }


def coordinates(plan: Design) -> dict[str, list[str] | list[int]]:
    """Readable labels of every dimension of the model.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to list
        ``claim`` counts from 1, in the order of the table.
    """
    series = [" | ".join(filter(None, names)) for names in plan.structure.series]
    return {
        "claim": list(range(1, len(plan.claims) + 1)),
        "series": series,
        "running": series[: plan.structure.n_accruing],
        "path": ["shared", "own"],
        "innovation": list(range(1, plan.innovations.shape[1] + 1)),
        "quantity": [quantity.label for quantity in plan.structure.quantities],
        "population": list(plan.claims.populations),
        "voice": [voice.label for voice in plan.speakers.voices],
        "situation": [f"{s.role} | {s.interest} | {s.setting}" for s in plan.speakers.situations],
        "camp": list(plan.speakers.camps),
        "category": [
            f"{plan.speakers.voices[voice].label} | {figure}" for voice, figure in plan.categories
        ],
        "drift": list(plan.drift.labels),
        "register": list(plan.registers.labels),
        "role": list(plan.roles),
        "stated": list(STATED),
    }


def level_sizes(plan: Design) -> dict[str, int]:
    """Standard normal parameters beside the biases of voices, where the claims have them.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to int
        Lengths of ``role_z``, ``camp_z``, ``category_z``, ``drift_z`` and ``register_z``.
    """
    sizes = {}
    if plan.levels.role_log.any():
        sizes["role_z"] = len(plan.speakers.situations)
    if plan.levels.camp_log.any():
        sizes["camp_z"] = len(plan.speakers.camps)
    if plan.categories:
        sizes["category_z"] = len(plan.categories)
    if plan.drift.labels:
        sizes["drift_z"] = len(plan.drift.labels)
    if plan.registers.labels:
        sizes["register_z"] = len(plan.registers.labels)
    return sizes
