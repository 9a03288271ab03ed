"""The model as a plain ``pm.Model``, with claims, weights and prior constants as its data."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.models.log_scale.design.arrays import coordinates, model_data
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.pymc.difficulty import (
    common_errors,
    difficulties,
    error_factors_log,
)
from reconcile.models.log_scale.pymc.likelihood import ModelData, observe
from reconcile.models.log_scale.pymc.products import dense_product, product_of

__all__ = ["model_of", "sums_of"]

# Number of products up to which matrices are multiplied elementwise.
_SMALL: Final = 20_000


def model_of(plan: Design) -> pm.Model:
    """PyMC model of a design."""
    with pm.Model(coords=coordinates(plan)) as model:
        data = ModelData(model_data(plan))
        difficulty_log = difficulties(data)
        common = common_errors(plan, data, difficulty_log)
        _observe(plan, sums_of(plan, data, common), difficulty_log, data)
    return model


def sums_of(plan: Design, data: ModelData, common: Any, known: Any = 0.0) -> Any:
    """Add the figures to the model; log of each claim's apparent sum or ratio that is counted.

    Where ``known`` is 1 and not 0, the prior of a series is that of the true total.
    """
    nodes = _nodes(plan, _totals(plan, data, common, known) + common, data)
    true = nodes * pt.exp(-common)[plan.structure.series_of_node]
    estimate = product_of("quantity", true, len(plan.structure.quantities), data)
    pm.Deterministic("estimate", estimate, dims="quantity")
    sums = pt.log(product_of("sum", nodes, len(plan.claims), data))
    if plan.structure.below.nnz:
        below = product_of("below", nodes, len(plan.claims), data)
        sums = sums - pt.log(pt.where(pt.gt(below, 0), below, 1.0))
    return sums + _completeness_log(plan, nodes, common, data)


def _completeness_log(plan: Design, nodes: Any, common: Any, data: ModelData) -> Any:
    """Twin of ``completeness_log``; 0 for claims about all apparent cells."""
    if not len(plan.registers.claim):
        return 0.0
    count = data("register_count")
    whole = nodes[data("register_node")] * data("register_weight")
    part = whole * pt.exp(-data("register_true")[count] * common[data("register_series")])
    if plan.registers.labels:
        prior = data("register_prior")
        z = pm.Normal("register_z", 0, 1, dims="register")
        level = prior[:, 0] + prior[:, 1] * z * pt.exp(data("register_tail") * z**2 / 2)
        growth = data("register_growth")
        slope = growth[:, 1] * pm.Normal("register_slope_z", 0, 1, dims="register")
        slope = growth[:, 0] * pt.exp(slope)
        register = data("register_of")[count]
        share = pt.sigmoid(level[register] + slope[register] * data("register_age_log"))
        if plan.registers.some_never:
            never = data("register_never")
            ever = never[:, 1] * pm.Normal("register_never_z", 0, 1, dims="register")
            share = share * pt.exp(-never[:, 0] * pt.exp(ever))[register]
        part = part * pt.where(pt.ge(register, 0), share, 1.0)
    zeros = pt.zeros(len(plan.registers.claim))
    held = pt.log(zeros[count].inc(part)) - pt.log(zeros[count].inc(whole))
    return pt.zeros(len(plan.claims))[data("register_claim")].inc(held)


def _totals(plan: Design, data: ModelData, common: Any, known: Any) -> Any:
    """True log totals of the series, within all limits."""
    mean = data("total_mean_log")
    sd = data("total_sd_log")
    free = mean + sd * pm.Normal("total_z", 0, 1, dims="series")
    if plan.wholes.parts:
        wholes = pm.Normal("whole_z", 0, 1, dims="whole")
        mean = pt.concatenate([mean, data("whole_mean_log")])
        sd = pt.concatenate([sd, data("whole_sd_log")])
        wholes = data("whole_mean_log") + data("whole_sd_log") * wholes
        free = _of_weights(plan, pt.concatenate([free, wholes]))
    total_log = free - (1.0 - known) * common
    if plan.limits:
        total_log, log_det = _within(plan, total_log, data)
        # The prior applies to the apparent totals, truncated where the true ones reach a limit:
        # hence the change of variables.
        change = _prior_logp(plan, total_log + common, mean, sd)
        pm.Potential("limits", change - _prior_logp(plan, free, mean, sd) + log_det)
    if plan.ranges:
        constants = data("range_prior")
        for k, (above, below, _, _) in enumerate(plan.ranges):
            belief = pm.Normal.dist(constants[k, 0], constants[k, 1])
            sum_log = pt.logsumexp(total_log[list(above)])
            if below:
                sum_log = sum_log - pt.logsumexp(total_log[list(below)])
            pm.Potential(f"plausible_{k}", pm.logp(belief, sum_log))
    return pm.Deterministic("total_log", total_log, dims="series")


def _of_weights(plan: Design, nodes: Any) -> Any:
    """Log totals of the series; twin of ``totals_of_weights``."""
    n_series = plan.wholes.n_series
    for j in range(len(plan.wholes.parts) - 1, -1, -1):
        parts = list(plan.wholes.parts[j])
        nodes = nodes[parts].inc(nodes[n_series + j] - pt.logsumexp(nodes[parts]))
    return nodes[:n_series]


def _prior_logp(plan: Design, log: Any, mean: Any, sd: Any) -> Any:
    """Log prior of log totals but for a constant; the level of parts' weights is integrated out."""
    weight = sd**-2
    off, every = [], [log]
    for parts in map(list, plan.wholes.parts):
        here = pt.concatenate(every)[parts]
        every.append(pt.logsumexp(here)[None])
        far = here - mean[parts]
        middle = pt.sum(far * weight[parts]) / pt.sum(weight[parts])
        off.append(pt.sum((far - middle) ** 2 * weight[parts]))
    roots = np.flatnonzero(plan.wholes.parent < 0)
    here = pt.concatenate(every)[roots]
    return -0.5 * (pt.sum(((here - mean[roots]) / sd[roots]) ** 2) + sum(off))


def _within(plan: Design, free: Any, data: ModelData) -> tuple[Any, Any]:
    """Twin of ``within``."""
    total_log, log_det, k, first = free, 0.0, 0, 0
    limit_log, floor = data("limit_log"), data("floor")
    for group in plan.limits:
        members: list[int] = list(group.series)
        gauges: tuple[list[Any], list[Any]] = [], []
        for limit in group.sums:
            gauge = pt.logsumexp(free[list(limit.series)]) - limit_log[k]
            gauges[limit.is_floor].append(-gauge if limit.is_floor else gauge)
            k += 1
        shift, by_ray = _ray(*(pt.max(pt.stack(side)) if side else None for side in gauges))
        rest = free[members] + shift
        bounded = [n for n, least in enumerate(group.floor) if least]
        log_det = log_det + by_ray
        whole = rest
        if bounded:
            least = pt.log(floor[[first + n for n in bounded]])
            whole = rest[bounded].set(pt.logaddexp(least, rest[bounded]))
            log_det = log_det + pt.sum((rest - whole)[bounded])
        total_log = total_log[members].set(whole)
        first += len(members)
    return total_log, log_det


def _ray(over: Any, under: Any) -> tuple[Any, Any]:
    """Twin of ``ray``; None where there is no ceiling, or no floor."""
    if under is None:
        shrink = 0.0 if over is None else pt.softplus(over)
        return -shrink, -shrink
    if over is None:
        return pt.softplus(under), -pt.softplus(under)
    room = -(over + under)
    most = room + pt.log(-pt.expm1(-room))
    far = -pt.logaddexp(under, -most)
    return pt.softplus(far) + under, -pt.softplus(-far) - pt.softplus(-under - most)


def _nodes(plan: Design, total_log: Any, data: ModelData) -> Any:
    """Running totals, cells and fixed figures as one vector, in the order of the incidence."""
    accruing = plan.structure.n_accruing
    if not accruing:
        return pt.exp(total_log)
    share_log = data("days_log")[None, :] * pt.ones((accruing, 1))
    if plan.innovations.shape[1]:
        share_log = share_log + _log_rate(plan, data)
    share_log = share_log - pt.logsumexp(share_log, axis=1, keepdims=True)
    cells = pt.exp(total_log[:accruing, None] + share_log)
    n_dates = len(plan.structure.dates)
    if accruing * n_dates**2 <= _SMALL:
        running = dense_product(cells, data("past"))
    else:
        running = pt.cumsum(cells, axis=1)
    return pt.concatenate([running.ravel(), cells.ravel(), pt.exp(total_log[accruing:])])


def _log_rate(plan: Design, data: ModelData) -> Any:
    """Log rate of each running total in each time step."""
    innovations = data("innovations")
    spread = pm.Normal("path_spread_z", 0, 1, dims="path")
    sd = data("path_sd") * pt.exp(data("path_spread")[0] * spread)
    shared = sd[0] * pm.Normal("path_shared_z", 0, 1, dims=("population", "innovation"))
    own = sd[1] * pm.Normal("path_own_z", 0, 1, dims=("running", "innovation"))
    rate = shared[plan.path_population] + data("path_apart")[:, None] * own
    if plan.structure.n_accruing * plan.innovations.size <= _SMALL:
        return dense_product(rate, innovations)
    return rate @ innovations.T


def _observe(plan: Design, sum_log: Any, difficulty_log: Any, data: ModelData) -> None:
    """Biases, noise, and the claims as observed intervals."""
    biases = plan.biases
    z = {term.name: pm.Normal(term.name, 0, 1, dims=term.dim) for term in biases.terms}
    data("bias_sd_log")  # unused here, read by the plots
    every = pt.concatenate(list(z.values()))
    bias = product_of("bias", every, len(plan.speakers.voices), data)
    pm.Deterministic("bias_log", data("bias_mean_log") + bias, dims="voice")
    error = data("error_mean_log") + product_of("error", every, len(plan.claims), data)
    prior = data("noise_prior")
    noise_log = pm.Normal("noise_log", prior[:, 0], prior[:, 1], dims="role")
    difficulty_log = difficulty_log[data("difficulty_of")]
    role_of = data("role_of")
    factor_log = error_factors_log(difficulty_log, data("lifted"), data)
    usual = pt.exp(2 * (noise_log[role_of] + factor_log))
    noise = data("noise_factor") * (data("noise_floor")[role_of] + usual)
    width: Any = np.zeros(1)
    if plan.readings.width_log.any():
        prior = data("overconfidence_prior")
        excess_log = pm.Normal("overconfidence_log", prior[:, 0], prior[:, 1], dims="stated")
        excess = data("width_excess") * pt.exp(excess_log[data("stated_of")] + difficulty_log)
        width = data("width_log") + excess
    observe(
        plan,
        data,
        base=sum_log + pt.exp(factor_log) * error,
        square=data("noise_fixed") + noise,
        width=width,
        sound=data("sound"),
    )
