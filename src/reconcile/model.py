"""The model as a plain ``pm.Model``: claims, weights and prior constants are its data."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.claimset import ClaimSet
from reconcile.design import Design, design
from reconcile.intervals_pytensor import claim_logp
from reconcile.model_data import DATA_DIMS, coordinates, model_data
from reconcile.priors import Priors

__all__ = ["build_model", "model_of"]

# Number of products up to which matrices are multiplied elementwise.
_SMALL: Final = 20_000


def build_model(claims: ClaimSet, *, priors: Priors | None = None) -> pm.Model:
    """Build the PyMC model of a set of claims.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors, optional
        Prior constants; the defaults if not given.

    Returns
    -------
    pymc.Model
        With ``reading_log`` observed (log scale, dimension ``claim``), ``estimate`` (natural
        scale, dimension ``quantity``) and ``bias_log`` (log scale, dimension ``voice``).

    Warns
    -----
    AssumptionWarning
        If a claim's source has no role.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> sorted(variable.name for variable in rc.build_model(claims).observed_RVs)
    ['reading_log']
    """
    return model_of(design(claims, priors))


def model_of(plan: Design) -> pm.Model:
    """Build the PyMC model of a design."""
    with pm.Model(coords=coordinates(plan)) as model:
        data = _Data(model_data(plan))
        total_log = _totals(plan, data)
        nodes = _nodes(plan, total_log, data)
        sums = pt.log(_summed(nodes, len(plan.claims), "claim", data))
        estimate = _summed(nodes, len(plan.structure.quantities), "quantity", data)
        pm.Deterministic("estimate", estimate, dims="quantity")
        _observe(plan, sums, data)
    return model


class _Data:
    """Arrays of the model, registered as its data where they are used."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._arrays = arrays

    def __call__(self, name: str) -> Any:
        return pm.Data(name, self._arrays[name], dims=DATA_DIMS.get(name))


def _totals(plan: Design, data: _Data) -> Any:
    """Log totals of the series, below every ceiling."""
    mean = data("total_mean_log")
    sd = data("total_sd_log")
    free = mean + sd * pm.Normal("total_z", 0, 1, dims="series")
    total_log = free
    if plan.ceilings:
        total_log, slope = _squashed(plan, free, data("ceiling_log"))
        # The prior is meant for the totals themselves, cut off at the ceilings: put it there, with
        # the Jacobian of the way from the free values.
        belief = pm.Normal.dist(mean, sd)
        pm.Potential("ceiling", pt.sum(pm.logp(belief, total_log) - pm.logp(belief, free)) + slope)
    if plan.ranges:
        constants = data("range_prior")
        for k, (members, _, _) in enumerate(plan.ranges):
            belief = pm.Normal.dist(constants[k, 0], constants[k, 1])
            pm.Potential(f"plausible_{k}", pm.logp(belief, pt.logsumexp(total_log[list(members)])))
    return pm.Deterministic("total_log", total_log, dims="series")


def _squashed(plan: Design, free: Any, ceiling_log: Any) -> tuple[Any, Any]:
    """Twin of :func:`reconcile.paths.squash`, with the log of its Jacobian."""
    total_log, slope, k = free, 0.0, 0
    for of_population in plan.ceilings:
        gauges = []
        for members, _ in of_population:
            gauges.append(pt.logsumexp(free[list(members)]) - ceiling_log[k])
            k += 1
        shrink = pt.softplus(pt.max(pt.stack(gauges)))
        shrunk = sorted({member for members, _ in of_population for member in members})
        total_log = total_log[shrunk].inc(-shrink)
        slope = slope - shrink
    return total_log, slope


def _nodes(plan: Design, total_log: Any, data: _Data) -> Any:
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
        running = _product(cells, data("past"))
    else:
        running = pt.cumsum(cells, axis=1)
    return pt.concatenate([running.ravel(), cells.ravel(), pt.exp(total_log[accruing:])])


def _log_rate(plan: Design, data: _Data) -> Any:
    innovations = data("innovations")
    path_sd = data("path_sd")
    shared_scale = pm.HalfNormal("path_shared_scale", path_sd[0])
    own_scale = pm.HalfNormal("path_own_scale", path_sd[1])
    shared = pm.Normal("path_shared_z", 0, 1, dims=("population", "innovation"))
    own = pm.Normal("path_own_z", 0, 1, dims=("running", "innovation"))
    rate = shared_scale * shared[plan.path_population] + own_scale * own
    if plan.structure.n_accruing * plan.innovations.size <= _SMALL:
        return _product(rate, innovations)
    return rate @ innovations.T


def _product(left: Any, right: Any) -> Any:
    """Rows of ``left`` times rows of ``right``, elementwise and summed.

    Small matrices only: it spares the 20 s and more that numba takes, the first time on a
    machine, to compile a matrix product.
    """
    return pt.sum(left[:, None, :] * right[None, :, :], axis=2)


def _summed(nodes: Any, n: int, name: str, data: _Data) -> Any:
    """Sums of nodes by the rows of a sparse 0/1 matrix."""
    return pt.zeros(n)[data(f"{name}_row")].inc(nodes[data(f"{name}_node")])


def _observe(plan: Design, sum_log: Any, data: _Data) -> None:
    """Biases, noise, and the claims as observed intervals."""
    common = pm.Normal("common_bias_log", 0, data("common_bias_sd_log")[0], dims="population")
    bias_z = pm.Normal("bias_z", 0, 1, dims="voice")
    bias = data("bias_mean_log") + data("bias_sd_log") * bias_z
    pm.Deterministic("bias_log", bias, dims="voice")
    noise_prior = data("noise_prior")
    noise_log = pm.Normal("noise_log", noise_prior[0], noise_prior[1], dims="role")
    scale = pt.exp(noise_log)[data("role_of")]
    if plan.readings.width_log.any():
        excess = pm.HalfNormal("overconfidence_excess", data("overconfidence_sd")[0], dims="stated")
        stated = data("width_log") * (1 + excess[data("stated_of")])
        scale = pt.sqrt(scale**2 + stated**2)
    location = sum_log + common[data("population_of")] + bias[data("voice_of")]
    pm.CustomDist(
        "reading_log",
        location,
        scale,
        data("down_log"),
        data("up_log"),
        data("sound"),
        data("is_bound"),
        data("unsound_scale_log")[0],
        data("weight"),
        logp=claim_logp,
        random=_random,
        signature="(),(),(),(),(),(),(),()->()",
        observed=data("stated_log"),
        dims="claim",
    )


def _random(
    location: np.ndarray,
    scale: np.ndarray,
    down: np.ndarray,
    up: np.ndarray,
    sound: np.ndarray,
    is_bound: np.ndarray,
    unsound_scale: np.ndarray,
    weight: np.ndarray,
    rng: np.random.Generator | None = None,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Draw readings; the width of the interval is how a reading is reported, not part of it."""
    rng = np.random.default_rng(rng)
    keep = rng.random(size=np.shape(location) if size is None else size) < sound
    return rng.logistic(location, np.where(keep | (is_bound > 0), scale, unsound_scale), size=size)
