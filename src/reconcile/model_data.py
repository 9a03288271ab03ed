"""The arrays that a compiled model reads: all of them can be replaced without compiling again."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.design import Design
from reconcile.latent import role_constants
from reconcile.readings import STATED

__all__ = ["DATA_DIMS", "coordinates", "model_data"]

# Data along a named dimension; the others are constants and index arrays.
DATA_DIMS: Final = MappingProxyType(
    dict.fromkeys(("total_mean_log", "total_sd_log"), "series")
    | dict.fromkeys(("bias_mean_log", "bias_sd_log"), "voice")
    | dict.fromkeys(
        (
            "stated_log",
            "down_log",
            "up_log",
            "width_log",
            "is_bound",
            "sound",
            "weight",
            "voice_of",
            "role_of",
            "stated_of",
            "population_of",
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
    bias_mean, bias_sd = role_constants(plan)
    data: dict[str, NDArray[np.generic]] = {
        "total_mean_log": plan.total_mean_log,
        "total_sd_log": plan.total_sd_log,
        "bias_mean_log": bias_mean,
        "bias_sd_log": bias_sd,
        "common_bias_sd_log": np.array([priors.common_bias_sd_log]),
        "noise_prior": np.array([np.log(priors.noise_median_log), priors.noise_sd_log]),
        "overconfidence_sd": np.array([priors.overconfidence_sd]),
        "unsound_scale_log": np.array([priors.unsound_scale_log]),
        "stated_log": readings.centre_log,
        "down_log": readings.down_log,
        "up_log": readings.up_log,
        "width_log": readings.width_log,
        "is_bound": readings.is_bound.astype(float),
        "sound": plan.sound,
        "weight": plan.weight,
        "voice_of": plan.voice_of,
        "role_of": plan.role_of,
        "stated_of": plan.stated_of,
        "population_of": plan.population_of,
    }
    for name, matrix in (("claim", structure.claims), ("quantity", structure.estimates)):
        pairs = matrix.tocoo()
        data |= {f"{name}_node": pairs.col, f"{name}_row": pairs.row}
    if plan.ceilings:
        data["ceiling_log"] = np.array(
            [bound for of_population in plan.ceilings for _, bound in of_population]
        )
    if plan.ranges:
        data["range_prior"] = np.array([[middle, spread] for _, middle, spread in plan.ranges])
    if structure.n_accruing:
        data |= {
            "days_log": np.log(structure.days),
            "past": np.tril(np.ones((len(structure.days), len(structure.days)))),
        }
    if plan.innovations.shape[1]:
        data |= {
            "innovations": plan.innovations,
            "path_sd": np.array([priors.path_shared_sd, priors.path_own_sd]),
        }
    return {
        name: array.astype(np.int32) if array.dtype.kind == "i" else array
        for name, array in data.items()
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
        "innovation": list(range(1, plan.innovations.shape[1] + 1)),
        "quantity": [quantity.label for quantity in plan.structure.quantities],
        "population": list(plan.claims.populations),
        "voice": [voice.label for voice in plan.voices],
        "role": list(plan.roles),
        "stated": list(STATED),
    }
