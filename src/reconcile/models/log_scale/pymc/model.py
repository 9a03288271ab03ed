"""The model as a plain ``pm.Model``, with claims, weights and prior constants as its data."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.models.log_scale.design.arrays import coordinates, model_data
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.pymc.difficulty import common_errors, difficulties
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


def sums_of(plan: Design, data: ModelData, common: Any) -> Any:
    """Add the figures to the model; log of each claim's apparent sum or ratio that is counted."""
    nodes = _nodes(plan, _totals(plan, data, common) + common, data)
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
        level = prior[:, 0] + prior[:, 1] * pm.Normal("register_z", 0, 1, dims="register")
        growth = data("register_growth")
        slope = growth[:, 1] * pm.Normal("register_slope_z", 0, 1, dims="register")
        slope = growth[:, 0] * pt.exp(slope)
        register = data("register_of")[count]
        share = pt.sigmoid(level[register] + slope[register] * data("register_age_log"))
        part = part * pt.where(pt.ge(register, 0), share, 1.0)
    zeros = pt.zeros(len(plan.registers.claim))
    held = pt.log(zeros[count].inc(part)) - pt.log(zeros[count].inc(whole))
    return pt.zeros(len(plan.claims))[data("register_claim")].inc(held)


def _totals(plan: Design, data: ModelData, common: Any) -> Any:
    """True log totals of the series, below every ceiling."""
    mean = data("total_mean_log")
    sd = data("total_sd_log")
    free = mean + sd * pm.Normal("total_z", 0, 1, dims="series")
    total_log = free - common
    if plan.ceilings:
        total_log, log_det = _squashed(plan, total_log, data("ceiling_log"))
        # The prior applies to the apparent totals, truncated where the true ones reach the
        # ceilings: hence the change of variables.
        belief = pm.Normal.dist(mean, sd)
        apparent = pm.logp(belief, total_log + common)
        pm.Potential("ceiling", pt.sum(apparent - pm.logp(belief, free)) + log_det)
    if plan.ranges:
        constants = data("range_prior")
        for k, (above, below, _, _) in enumerate(plan.ranges):
            belief = pm.Normal.dist(constants[k, 0], constants[k, 1])
            sum_log = pt.logsumexp(total_log[list(above)])
            if below:
                sum_log = sum_log - pt.logsumexp(total_log[list(below)])
            pm.Potential(f"plausible_{k}", pm.logp(belief, sum_log))
    return pm.Deterministic("total_log", total_log, dims="series")


def _squashed(plan: Design, free: Any, ceiling_log: Any) -> tuple[Any, Any]:
    """Twin of ``squash``, with its log Jacobian determinant."""
    total_log, log_det, k = free, 0.0, 0
    for of_population in plan.ceilings:
        gauges = []
        for members, _ in of_population:
            gauges.append(pt.logsumexp(free[list(members)]) - ceiling_log[k])
            k += 1
        shrink = pt.softplus(pt.max(pt.stack(gauges)))
        shrunk = sorted({member for members, _ in of_population for member in members})
        total_log = total_log[shrunk].inc(-shrink)
        log_det = log_det - shrink
    return total_log, log_det


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
    rate = shared[plan.path_population] + own
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
    of_role = (data("noise_floor") + pt.exp(2 * noise_log))[data("role_of")]
    noise = data("noise_factor") * of_role * pt.exp(2 * difficulty_log)
    width: Any = np.zeros(1)
    if plan.readings.width_log.any():
        prior = data("overconfidence_prior")
        excess_log = pm.Normal("overconfidence_log", prior[:, 0], prior[:, 1], dims="stated")
        excess = data("width_excess") * pt.exp(excess_log)[data("stated_of")]
        width = data("width_log") + excess
    observe(
        plan,
        data,
        base=sum_log + pt.exp(difficulty_log) * error,
        square=data("noise_fixed") + noise,
        width=width,
        sound=data("sound"),
    )
