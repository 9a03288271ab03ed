"""From a design to the arrays that the kernel reads: the data of the model, flat and complete."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.arrays import level_sizes, model_data
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.design.readings import STATED
from reconcile.models.log_scale.kernel.arrays import (
    DATA,
    FREE,
    LAID_OUT,
    OF_CLAIMS,
    OF_ENTRIES,
    ROOMS,
    WHOLE,
)
from reconcile.models.log_scale.kernel.coordinates import level_dates, model_variables
from reconcile.models.log_scale.kernel.density import density_callback
from reconcile.models.log_scale.kernel.desks import desks_of
from reconcile.models.log_scale.kernel.sparsity import touched
from reconcile.models.log_scale.reference.forward import reading_scales

__all__ = ["kernel_data", "kernel_density", "starting_point"]

type Array = NDArray[np.float64]
# What a claim has of a term that no claim of the set has; all else is left empty.
_NONE_OF_IT = {
    "category_of": 0,
    "category_sd": 0.0,
    "width_log": 0.0,
    "stated_of": 0,
    "excess_share": 0.0,
    "anchor_share": 0.0,
    "is_revised": 0.0,
    "is_linear": 0.0,
    "unit_log": 0.0,
    "tilt_log": 0.0,
}


def kernel_density(plan: Design) -> CompiledDensity:
    """Density of the model of a design; nothing is compiled for it.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    CompiledDensity
    """
    start = starting_point(plan)
    data = kernel_data(plan)
    data["begins"] = _begins([start[name].size for name in FREE]).astype(np.int64)
    sizes = _room_sizes(data)
    data["rooms"] = _begins([sizes[name] for name in ROOMS]).astype(np.int64)
    data |= desks_of(int(data["rooms"][-1]))
    of_model = functools.partial(model_variables, plan)
    start = {name: start[name] for name in FREE}
    return CompiledDensity.of(
        density_callback,
        data,
        start,
        model_variables=of_model,
        width=plan.structure.n_accruing * len(plan.structure.dates),
        sparsity_pattern=functools.partial(touched, data),
    )


def starting_point(plan: Design) -> dict[str, Array]:
    """Means of the free variables, from which chains start.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to ndarray
        By the names of ``FREE``; those that the design does not need
        are empty.
    """
    structure, priors = plan.structure, plan.priors
    populations, steps = len(plan.claims.populations), plan.innovations.shape[1]
    has_width = bool(plan.readings.width_log.any())
    sizes = level_sizes(plan)
    medians = [priors.overconfidence_median[kind] for kind in STATED if has_width]
    return {
        "level_z": np.zeros(len(structure.series)),
        "common_bias_z": np.zeros(populations),
        "bias_z": np.zeros(len(plan.speakers.voices)),
        "noise_log": np.log([role.noise_median_log for role in plan.role_priors]),
        "overconfidence_log": np.log(np.array(medians)),
        "path_spread_z": np.zeros(2 if steps else 0),
        "path_shared": np.zeros((populations if steps else 0, steps)),
        "path_own": np.zeros((structure.n_accruing if steps else 0, steps)),
    } | {
        name: np.zeros(sizes.get(name, 0))
        for name in ("role_z", "camp_z", "category_z", "drift_z", "register_z")
    }


def kernel_data(plan: Design) -> dict[str, NDArray[Any]]:
    """All arrays that the kernel reads.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to ndarray
        One-dimensional, by the names of ``DATA`` without the last two,
        which follow from the others. The claims are in the order of their voices, not in that of
        the table.
    """
    given: dict[str, NDArray[Any]] = dict(model_data(plan))
    n = len(plan.claims)
    given |= {
        "noise_mean": given["noise_prior"][:, 0],
        "noise_sd": given["noise_prior"][:, 1],
        "sound": plan.sound,
        "unsound": 1 - plan.sound,
        "stated_log": plan.readings.centre_log,
        "path_population": plan.path_population,
        "path_spread": np.array([PATH_SPREAD]),
        "level_date": _taken(plan),
        "path_centre": np.zeros(2),
        "knot_step": plan.knots.walk[-1],
        "knot_before": plan.knots.before,
        "knot_share": plan.knots.share,
    }
    for name in ("claim", "below"):
        if f"{name}_node" in given and f"{name}_weight" not in given:
            given[f"{name}_weight"] = np.ones(given[f"{name}_node"].size)
    if "overconfidence_prior" in given:
        prior = given["overconfidence_prior"]
        given |= {"excess_mean": prior[:, 0], "excess_sd": prior[:, 1]}
    if "register_prior" in given:
        prior = given["register_prior"]
        given |= {"register_mean": prior[:, 0], "register_sd": prior[:, 1]}
    given |= _ranges(plan) | _ceilings(plan)
    for name, value in _NONE_OF_IT.items():
        given.setdefault(name, np.full(n, value))
    given.setdefault("anchor", np.arange(n))
    given = _by_voice(given, n)
    return {
        name: np.ascontiguousarray(
            given.get(name, np.empty(0)), dtype=np.int64 if name in WHOLE else np.float64
        )
        for name in DATA
        if name not in LAID_OUT
    }


def _by_voice(given: Mapping[str, NDArray[Any]], n: int) -> dict[str, NDArray[Any]]:
    """The same claims, those of one voice after the other.

    What they share is then at hand: where there are a million, to fetch it from memory takes as
    long as to work with it.
    """
    order = np.lexsort((given["category_of"], given["voice_of"]))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    found = dict(given) | {name: given[name][order] for name in OF_CLAIMS}
    found["anchor"] = place[found["anchor"]]
    for row, *others in (entries for entries in OF_ENTRIES if entries[0] in given):
        sequence = np.argsort(place[given[row]], kind="stable")
        found |= {name: given[name][sequence] for name in others}
        found[row] = place[given[row]][sequence]
    if "register_claim" in given:
        found["register_claim"] = place[given["register_claim"]]
    return found


def _room_sizes(data: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """How much room each thing that the kernel works out takes."""
    n = {name: array.size for name, array in data.items()}
    begins = dict(zip(FREE, data["begins"].tolist(), strict=False))
    point, running, dates = int(data["begins"][-1]), n["level_date"], n["days_log"]
    path, changes = point - begins["path_shared"], running * n["knot_step"]
    totals = n["total_mean_log"]
    of_claims = ("base", "square", "width", "by_base", "by_square", "by_width", "above")
    sizes = dict.fromkeys(of_claims, n["said"])
    sizes |= dict.fromkeys(("point", "gradient"), point)
    sizes |= {"below": n["said"] if n["below_node"] else 0, "pressing": n["group_begin"] - 1}
    sizes |= dict.fromkeys(("part", "whole"), n["register_claim"])
    sizes |= dict.fromkeys(("nodes", "by_node"), 2 * running * dates + totals - running)
    sizes |= dict.fromkeys(("free_log", "total_log", "by_total", "by_free"), totals)
    sizes |= dict.fromkeys(("fading", "z", "by_z", "by_faded"), path)
    sizes |= dict.fromkeys(("changes", "by_change"), changes)
    sizes |= {"share": running * dates, "reached_log": running, "by_share": dates}
    sizes |= {"at_knots": n["knot_step"] + 1, "excess": n["excess_mean"]}
    sizes |= dict.fromkeys(("bias", "by_bias"), n["bias_mean_log"])
    return sizes | dict.fromkeys(("noise", "by_noise"), n["noise_mean"])


def _taken(plan: Design) -> NDArray[np.intp]:
    """Date at which each running total is taken, where claims are as sharp as expected."""
    if not plan.structure.n_accruing:
        return np.empty(0, dtype=np.intp)
    start = {name: values[None] for name, values in starting_point(plan).items() if values.size}
    return level_dates(plan, reading_scales(plan, start)[0])


def _ranges(plan: Design) -> dict[str, NDArray[Any]]:
    """Priors of sums and ratios of series."""
    found: dict[str, NDArray[Any]] = {
        "range_mean_log": np.array([middle for *_, middle, _ in plan.ranges]),
        "range_sd_log": np.array([spread for *_, spread in plan.ranges]),
    }
    for place, side in enumerate(("above", "below")):
        members = [tuple(plan.ranges[k][place]) for k in range(len(plan.ranges))]  # type: ignore[arg-type]
        found[f"range_{side}_series"] = _flat(members)
        found[f"range_{side}_row"] = np.repeat(np.arange(len(members)), _lengths(members))
    return found


def _ceilings(plan: Design) -> dict[str, NDArray[Any]]:
    """Series that each ceiling's sum is made of, and those that each population's shrink."""
    sums = [members for group in plan.ceilings for members, _ in group]
    shrunk = [tuple(sorted({k for members, _ in g for k in members})) for g in plan.ceilings]
    return {
        "ceiling_log": np.array([bound for group in plan.ceilings for _, bound in group]),
        "ceiling_series": _flat(sums),
        "ceiling_begin": _begins(_lengths(sums)),
        "group_begin": _begins([len(group) for group in plan.ceilings]),
        "shrunk_series": _flat(shrunk),
        "shrunk_begin": _begins(_lengths(shrunk)),
    }


def _lengths(groups: list[tuple[int, ...]]) -> list[int]:
    return [len(group) for group in groups]


def _flat(groups: list[tuple[int, ...]]) -> NDArray[np.intp]:
    return np.array([k for group in groups for k in group], dtype=np.intp)


def _begins(lengths: list[int]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.intp))]).astype(np.intp)
