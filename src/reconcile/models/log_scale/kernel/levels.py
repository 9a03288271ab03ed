"""Parametrization of totals: in units of their difficulty, about what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit
from scipy.stats import logistic, norm

from reconcile.models.log_scale.design.completeness import expected_completeness_log
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import difficulty_log, error_factors_log
from reconcile.models.log_scale.design.noise import LOGISTIC_VARIANCE

__all__ = ["level_dates", "level_shifts", "level_steps", "said_levels", "true_levels"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Totals with a prior or a range of a standard deviation up to this, log scale, are parametrized at
# the last date.
_KNOWN: Final = 1.0
# Claims are weighted by precision; their scales are clipped to this range.
_EXACT, _ROUGH = 1e-3, 0.1
# Where claims may agree, as quantiles of what they say, and steps from there.
_STARTS: Final = (0.5, 0.0, 0.25, 0.75, 1.0)
_STEPS: Final = 4
# Probability of an unsound claim from which on levels are not stretched, and the least taken.
_MOST_UNSOUND, _LEAST_UNSOUND = 0.5, 1e-3
# Claims agree if each is sound with at least this share of its prior probability.
_ALIKE: Final = 0.5
# Completeness is kept this far from 0 and 1.
_LEAST_HELD: Final = 1e-9
# Where levels are stretched: beyond the sound part by this, and how smoothly; standard normal.
_BEYOND, _SMOOTH = 0.4, 0.4


def level_dates(plan: Design, scale: Array) -> Indices:
    """Index of each total's median claimed date; the last one if unclaimed or well known."""
    structure = plan.structure
    n_running, n_dates = structure.n_accruing, len(structure.dates)
    found = np.full(n_running, n_dates - 1)
    cells = n_running * n_dates
    if not cells:
        return found
    both = [matrix.tocoo() for matrix in (structure.claims, structure.below)]
    nodes = np.concatenate([matrix.col for matrix in both])
    scale = np.clip(scale, _EXACT, _ROUGH)
    weight = scale[np.concatenate([matrix.row for matrix in both])] ** -2.0
    of_path = nodes < 2 * cells
    places = nodes[of_path] % cells
    weights = np.bincount(places, weight[of_path], minlength=cells).reshape(n_running, n_dates)
    so_far = np.cumsum(weights, axis=1)
    taken = (so_far[:, -1] > 0) & ~_well_known(plan)
    found[taken] = np.argmax(so_far >= so_far[:, -1:] / 2, axis=1)[taken]
    return found


def true_levels(plan: Design) -> NDArray[np.bool_]:
    """Whether each root is parametrized as the true total, since that is what is known."""
    wholes = plan.wholes
    known = np.zeros(wholes.root.size, dtype=bool)
    registers = plan.registers
    is_truth = plan.readings.is_truth.astype(bool)[registers.claim[registers.count]]
    known[registers.series[is_truth]] = True
    place = {series: wholes.n_series + j for j, series in enumerate(wholes.series)}
    for above, below, _, spread in plan.ranges:
        node = above[0] if len(above) == 1 else place.get(frozenset(above), -1)
        if not below and node >= 0 and spread < plan.common.sd_log[above[0]]:
            known[node] = True
    return np.asarray(known & (wholes.parent < 0))


def _well_known(plan: Design) -> NDArray[np.bool_]:
    """Whether each running total is in a sum of which a narrow plausible range is known."""
    wholes, sd_log = plan.wholes, np.concatenate([plan.total_sd_log, plan.wholes.sd_log])
    known = np.zeros(wholes.n_series, dtype=bool)
    for members, others, _, spread in plan.ranges:
        if not others and spread <= _KNOWN:
            known[list(members)] = True
    narrow = sd_log[wholes.root[: plan.structure.n_accruing]] <= _KNOWN
    return np.asarray(narrow | known[: plan.structure.n_accruing])


def said_levels(plan: Design, level_date: Indices) -> dict[str, NDArray[Any]]:
    """How each root is parametrized: about what is said of it, in units of its difficulty.

    Numbers are carried to the date of the level at a constant rate.
    """
    known, readings = true_levels(plan), plan.readings
    sd = np.concatenate([plan.total_sd_log, plan.wholes.sd_log])
    mean = np.concatenate([plan.total_mean_log, plan.wholes.mean_log])
    root, carry = _told(plan, level_date)
    register_of, age_of, held_log, held_variance = _counted(plan)
    matrix, unsound = plan.biases.matrix, float(plan.priors.unsound_scale_log)
    alone = plan.noise.expected_variance + (matrix * matrix).sum(axis=1)
    use = np.flatnonzero(root >= 0)
    use = use[~known[root[use]]]
    root, sound = root[use], plan.sound[use]
    said = readings.centre_log[use] + carry[use] - held_log[use]
    variance = alone[use] + held_variance[use] + carry[use] ** 2
    middle, near = _agreed(root, said, variance, sound, unsound, sd.size)
    # The claim that knows it best, of those near.
    order, best = np.argsort(near / variance, kind="stable"), np.zeros(sd.size, dtype=np.intp)
    best[root[order]] = use[order]
    n_told = np.bincount(root, minlength=sd.size)
    # About one of several modes, in units of the difficulty, the others would be far and curved.
    told = (n_told > 0) & (np.bincount(root, near < _ALIKE * sound, minlength=sd.size) == 0)
    others = np.bincount(root, near / variance, minlength=sd.size)
    fixed = LOGISTIC_VARIANCE * (plan.noise.fixed + readings.relative_width**2)
    register = np.where(told, register_of[best], -1)
    is_true = np.zeros(len(plan.registers.labels) + 1, dtype=bool)
    is_true[plan.registers.register_of] = plan.registers.is_true
    here, chance = alone[best], np.clip(1 - plan.sound[best], _LEAST_UNSOUND, 1 - _LEAST_UNSOUND)
    of_best = np.zeros(sd.size)
    of_best[root[order]] = (near / variance)[order]
    others = np.maximum(others - of_best, 0.0)
    slab = (sd**2 * (unsound**-2.0 + others) + 1) ** -0.5
    onset = norm.isf(chance / 2)
    return {
        "level_offset": np.where(told, middle + held_log[best] - mean, 0.0),
        "level_scale_log": np.where(told, 0.5 * np.log(here / sd**2), 0.0),
        "level_fixed": np.where(told, fixed[best] / here, 1.0),
        "level_prior": np.where(told, here / (here + sd**2), 0.0),
        "level_lifted": np.where(told, plan.shares.lifted[best], 0.0),
        "level_slab": np.where(told & (n_told == 1) & (chance < _MOST_UNSOUND), slab, 0.0),
        "level_onset": (onset + _BEYOND) ** 2,
        "level_width": _SMOOTH * 2 * (onset + _BEYOND),
        "level_register": register,
        "level_age": np.where(register >= 0, age_of[best], 0.0),
        "level_true": known | (register >= 0) & is_true[register],
    }


def _agreed(
    root: Indices, said: Array, variance: Array, sound: Array, unsound: float, n: int
) -> tuple[Array, Array]:
    """On what most claims on each root agree, and the probability that each claim means that.

    Unlike a mean it is not between claims that contradict each other.
    """
    order = np.lexsort((said, root))
    size = np.bincount(root, minlength=n)
    first = np.cumsum(size) - size
    middle, best = np.zeros(n), np.full(n, -np.inf)
    filled = np.flatnonzero(size)

    def at(centre: Array) -> tuple[Array, Array]:
        off = said - centre[root]
        inside = np.log(sound) - 0.5 * (off**2 / variance + np.log(2 * np.pi * variance))
        outside = np.log1p(-sound) + logistic.logpdf(off / unsound) - np.log(unsound)
        either = np.logaddexp(inside, outside)
        return np.exp(inside - either), np.bincount(root, either, minlength=n)

    for share in _STARTS:
        centre = np.zeros(n)
        centre[filled] = said[
            order[first[filled] + (share * (size[filled] - 1)).round().astype(int)]
        ]
        for _ in range(_STEPS):
            weight = at(centre)[0] / variance
            whole = np.bincount(root, weight, minlength=n)
            mean = np.bincount(root, weight * said, minlength=n)
            centre = np.divide(mean, whole, out=centre, where=whole > 0)
        found = at(centre)[1]
        middle, best = np.where(found > best, (centre, found), (middle, best))
    return middle, at(middle)[0]


def _told(plan: Design, level_date: Indices) -> tuple[Indices, Array]:
    """Root whose number each claim tells, -1 if none; log ratio of its level to that number."""
    structure, wholes, groups = plan.structure, plan.wholes, plan.difficulties
    n_dates, found = len(structure.dates), np.full(len(plan.claims), -1)
    cells, carry = structure.n_accruing * n_dates, np.zeros(len(plan.claims))
    told = ~(plan.readings.is_bound | plan.readings.is_truth).astype(bool)
    filled = np.flatnonzero(told & (np.diff(structure.claims.indptr) > 0))
    if not filled.size:
        return found, carry
    rows = structure.claims[filled]
    node, begin = rows.indices, rows.indptr[:-1]
    series, date = structure.series_of_node[node], np.where(node < cells, node % max(n_dates, 1), 0)
    root = wholes.root[series]
    is_sum = (rows.data == 1.0) & ((node < cells) | (node >= 2 * cells))
    alike = np.logical_and.reduceat(is_sum, begin)
    for values in (root, date):
        alike &= np.minimum.reduceat(values, begin) == np.maximum.reduceat(values, begin)
    # All series of the root, and with its difficulty.
    sizes = np.bincount(wholes.root[: wholes.n_series], minlength=wholes.root.size)
    alike &= np.diff(rows.indptr) == sizes[root[begin]]
    alike &= np.diff(structure.below.indptr)[filled] == 0
    alike &= groups.group_of_series[series[begin]] == groups.group_of[filled]
    found[filled[alike]] = root[begin][alike]
    running = alike & (node[begin] < cells)
    so_far = np.log(np.cumsum(structure.days))
    at = level_date[series[begin][running]]
    carry[filled[running]] = so_far[at] - so_far[date[begin][running]]
    return found, carry


def _counted(plan: Design) -> tuple[Indices, Array, Array, Array]:
    """Register of each claim (-1 if none), log age, log completeness and its variance."""
    registers, n = plan.registers, len(plan.claims)
    register, age = np.full(n, -1), np.zeros(n)
    held, variance = expected_completeness_log(registers, n), np.zeros(n)
    register[registers.claim] = registers.register_of
    at = np.flatnonzero(register >= 0)
    of, share = register[at], np.clip(np.exp(held[at]), _LEAST_HELD, 1 - _LEAST_HELD)
    # As if all that it counts were of one age.
    rise = logit(share) - registers.mean[of]
    age[at] = np.divide(rise, registers.growth[of], out=rise * 0, where=registers.growth[of] > 0)
    spread = registers.growth[of] * registers.growth_sd_log[of] * age[at]
    variance[at] = (1 - share) ** 2 * (registers.sd[of] ** 2 + spread**2)
    return register, age, held, variance


def level_steps(
    plan: Design, data: Mapping[str, NDArray[Any]], difficulty_z: Array, level_z: Array
) -> tuple[Array, Array]:
    """Distance of each level from what is said, in prior standard deviations; log of its slope.

    Narrow near 0, in units of the difficulty; far off as wide as if the number were unsound.
    """
    hard = difficulty_log(plan.difficulties, {"difficulty_z": difficulty_z})
    group = plan.difficulties.group_of_series[data["level_leaf"]]
    square = np.exp(2 * error_factors_log(hard[..., group], data["level_lifted"], plan.priors))
    square = data["level_fixed"] + (1 - data["level_fixed"]) * square
    prior = data["level_prior"]
    scale_log = data["level_scale_log"] + 0.5 * np.log(square / (1 - prior + prior * square))
    stretch = 0.5 * np.log1p((data["level_slab"] / np.exp(scale_log)) ** 2)
    far = expit((level_z**2 - data["level_onset"]) / data["level_width"])
    steep = far * (1 - far) * 2 * level_z**2 / data["level_width"]
    slope_log = scale_log + far * stretch
    return level_z * np.exp(slope_log), slope_log + np.log1p(stretch * steep)


def level_shifts(
    plan: Design, data: Mapping[str, NDArray[Any]], variables: Mapping[str, Array]
) -> Array:
    """Logs that are added to each root for what is said of it and for what its register lacks."""
    shift = data["level_offset"] + np.zeros((*variables["difficulty_z"].shape[:-1], 1))
    at = np.flatnonzero(data["level_register"] >= 0)
    if at.size:
        r, registers = data["level_register"][at], plan.registers
        slope = registers.growth * np.exp(registers.growth_sd_log * variables["register_slope_z"])
        level = (registers.mean + registers.sd * variables["register_z"])[..., r]
        shift[..., at] -= log_expit(level + slope[..., r] * data["level_age"][at])
    return shift
