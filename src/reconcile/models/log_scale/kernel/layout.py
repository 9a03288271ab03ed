"""The arrays that the kernel reads, from a design: flat and complete."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.arrays import model_data, overconfidence_prior
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.kernel.arrays import (
    BY_CLAIM,
    DATA,
    INTEGER,
    LAYOUT,
    OPERATORS,
    SCRATCH,
    VARIABLES,
)
from reconcile.models.log_scale.kernel.coordinates import (
    level_dates,
    model_variables,
    true_levels,
)
from reconcile.models.log_scale.kernel.density import density_callback
from reconcile.models.log_scale.kernel.sparsity import sparsity_pattern
from reconcile.models.log_scale.reference.forward import reading_scales

__all__ = ["kernel_data", "kernel_density", "starting_point"]

type Array = NDArray[np.float64]
# Values of claim data that no claim of the set needs.
_DEFAULTS = {
    "width_log": 0.0,
    "width_excess": 0.0,
    "stated_of": 0,
    "serial_share": 0.0,
    "is_revised": 0.0,
    "is_linear": 0.0,
    "unit_log": 0.0,
    "tilt_log": 0.0,
}
# Tables of two columns, and the names of these.
_SPLIT = {
    "overconfidence_prior": ("excess_mean", "excess_sd"),
    "register_prior": ("register_mean", "register_sd"),
    "register_growth": ("register_slope", "register_slope_sd"),
    "register_never": ("register_never", "register_never_sd"),
}


def kernel_density(plan: Design) -> CompiledDensity:
    """Density of a design; needs no compilation of its own."""
    start = starting_point(plan)
    data = kernel_data(plan)
    data["begins"] = _begins([start[name].size for name in VARIABLES]).astype(np.int64)
    sizes = _scratch_sizes(data)
    data["scratch_begins"] = _begins([sizes[name] for name in SCRATCH]).astype(np.int64)
    start = {name: start[name] for name in VARIABLES}
    return CompiledDensity.of(
        density_callback,
        data,
        start,
        model_variables=functools.partial(model_variables, plan),
        width=plan.structure.n_accruing * len(plan.structure.dates),
        sparsity_pattern=functools.partial(sparsity_pattern, data),
    )


def starting_point(plan: Design) -> dict[str, Array]:
    """Prior means of the free variables, at which chains start; some may be empty."""
    structure = plan.structure
    populations, steps = len(plan.claims.populations), plan.innovations.shape[1]
    has_width = bool(plan.readings.width_log.any())
    return {
        "level_z": np.zeros(plan.wholes.root.size),
        "error_z": np.zeros(plan.biases.matrix.shape[1]),
        "difficulty_z": np.zeros(len(plan.difficulties.labels)),
        "common_z": np.zeros(len(plan.common.labels)),
        "register_z": np.zeros(len(plan.registers.labels)),
        "register_slope_z": np.zeros(len(plan.registers.labels)),
        "register_never_z": np.zeros(len(plan.registers.labels) * plan.registers.some_never),
        "noise_log": np.log([role.noise_median_log for role in plan.role_priors]),
        "overconfidence_log": overconfidence_prior(plan)[:, 0] if has_width else np.zeros(0),
        "path_spread_z": np.zeros(2 if steps else 0),
        "path_shared": np.zeros((populations if steps else 0, steps)),
        "path_own": np.zeros((structure.n_accruing if steps else 0, steps)),
    }


def kernel_data(plan: Design) -> dict[str, NDArray[Any]]:
    """All arrays that the kernel reads, by the names in ``DATA`` without ``LAYOUT``."""
    n = len(plan.claims)
    # Sorted by voice, claims find what they share in cache: memory access would double the time.
    order = np.lexsort((plan.categories.category_of, plan.speakers.voice_of))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    data: dict[str, NDArray[Any]] = dict(model_data(plan))
    prior = data["noise_prior"]
    data |= {
        "noise_mean": prior[:, 0],
        "noise_sd": prior[:, 1],
        "unsound": 1 - plan.sound,
        "stated_log": plan.readings.centre_log,
        "path_population": plan.path_population,
        "path_apart": plan.path_apart,
        "path_spread": np.array([PATH_SPREAD]),
        "level_date": _level_dates(plan),
        "level_true": true_levels(plan),
        "path_centre": np.zeros(2),
        "knot_step": plan.knots.walk[-1],
        "knot_before": plan.knots.before,
        "knot_share": plan.knots.share,
    }
    for old, (middle, spread) in _SPLIT.items():
        if old in data:
            data |= {middle: data[old][:, 0], spread: data[old][:, 1]}
    data |= _wholes(plan) | _ranges(plan) | _limits(plan)
    data.setdefault("register_of", plan.registers.register_of)
    data.setdefault("register_age_log", plan.registers.age_log)
    data = {name: np.full(n, value) for name, value in _DEFAULTS.items()} | data
    data.setdefault("predecessor", np.arange(n))
    data.setdefault("serial_follow", np.ones(1))
    data["predecessor"] = place[data["predecessor"]]
    data |= {name: data[name][order] for name in BY_CLAIM}
    if "register_claim" in data:
        data["register_claim"] = place[data["register_claim"]]
    by_claim = plan.structure.claims, plan.structure.below, plan.biases.matrix
    matrices = *(matrix[order] for matrix in by_claim), plan.common.matrix
    for name, rows in zip(OPERATORS, matrices, strict=True):
        data |= {f"{name}_begin": rows.indptr, f"{name}_column": rows.indices}
        data[f"{name}_value"] = rows.data
    return {
        name: np.ascontiguousarray(
            data.get(name, np.empty(0)), dtype=np.int64 if name in INTEGER else np.float64
        )
        for name in DATA
        if name not in LAYOUT
    }


def _scratch_sizes(data: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """Size of each scratch array."""
    n = {name: array.size for name, array in data.items()}
    begins = dict(zip(VARIABLES, data["begins"].tolist(), strict=False))
    point, running, dates = int(data["begins"][-1]), n["level_date"], n["days_log"]
    path, changes = point - begins["path_shared"], running * n["knot_step"]
    both = n["total_mean_log"]
    totals = both - n["part_begin"] + 1
    sizes = dict.fromkeys(("error", "base", "square", "width", "above"), n["said"])
    sizes |= dict.fromkeys(("grad_base", "grad_square", "grad_width"), n["said"])
    sizes |= dict.fromkeys(("point", "gradient"), point)
    sizes |= {
        "below": n["said"] if n["below_column"] else 0,
        "binding": 2 * (n["limited_begin"] - 1),
    }
    sizes |= dict.fromkeys(("part", "whole"), n["register_claim"])
    sizes |= dict.fromkeys(("slope", "never", "ever"), n["register_mean"])
    sizes |= dict.fromkeys(("nodes", "grad_node"), 2 * running * dates + totals - running)
    of_totals = ("before_log", "true_log", "total_log", "grad_total", "grad_true")
    sizes |= dict.fromkeys(
        (*of_totals, "common", "common_slope", "common_rise", "grad_common"), totals
    )
    sizes |= dict.fromkeys(("free_log", "grad_free", "node_off"), both)
    of_limits = both if n["limited_series"] else 0
    sizes |= dict.fromkeys(("node_log", "grad_here", "is_part"), of_limits)
    of_groups = ("difficulty", "stays", "stays_slope", "grad_difficulty")
    sizes |= dict.fromkeys(of_groups, n["difficulty_sd_log"])
    sizes |= dict.fromkeys(("rescale", "z", "grad_z", "grad_rescaled"), path)
    sizes |= dict.fromkeys(("changes", "grad_change"), changes)
    sizes |= {"share": running * dates, "reached_log": running, "grad_share": dates}
    sizes |= {"at_knots": n["knot_step"] + 1, "excess": n["excess_mean"]}
    return sizes | dict.fromkeys(("noise", "grad_noise"), n["noise_mean"])


def _level_dates(plan: Design) -> NDArray[np.intp]:
    """Date at which each running total is parametrized, for claims as precise as expected."""
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
    both = {"above": [above for above, *_ in plan.ranges], "below": [r[1] for r in plan.ranges]}
    for side, members in both.items():
        found[f"range_{side}_series"] = _flat(members)
        found[f"range_{side}_row"] = np.repeat(np.arange(len(members)), list(map(len, members)))
    return found


def _limits(plan: Design) -> dict[str, NDArray[Any]]:
    """Members of each limited sum, and the series that move together."""
    limits = plan.limits
    sums = [limit for group in limits for limit in group.sums]
    return {
        "limit_series": _flat([limit.series for limit in sums]),
        "limit_begin": _begins([len(limit.series) for limit in sums]),
        "limit_is_floor": np.array([float(limit.is_floor) for limit in sums]),
        "group_begin": _begins([len(group.sums) for group in limits]),
        "limited_series": _flat([group.series for group in limits]),
        "limited_begin": _begins([len(group.series) for group in limits]),
    }


def _wholes(plan: Design) -> dict[str, NDArray[Any]]:
    """Priors and parts of wholes; running totals are moved to their dates together, by root."""
    wholes = plan.wholes
    root = wholes.root[: plan.structure.n_accruing]
    return {
        "total_mean_log": np.concatenate([plan.total_mean_log, wholes.mean_log]),
        "total_sd_log": np.concatenate([plan.total_sd_log, wholes.sd_log]),
        "part_node": _flat(wholes.parts),
        "part_begin": _begins(list(map(len, wholes.parts))),
        "level_root": root,
        # The series whose common error a root has.
        "level_leaf": np.array([*range(wholes.n_series), *map(min, wholes.series)]),
        "level_part": 1.0 / np.bincount(root, minlength=1)[root],
    }


def _flat(groups: Sequence[tuple[int, ...]]) -> NDArray[np.intp]:
    """Concatenated groups."""
    return np.array([k for group in groups for k in group], dtype=np.intp)


def _begins(lengths: list[int]) -> NDArray[np.intp]:
    """Offsets of consecutive groups, with the total at the end."""
    return np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.intp))]).astype(np.intp)
