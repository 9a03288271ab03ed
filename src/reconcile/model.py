"""The model as a plain ``pm.Model``: claims, weights and prior constants are its data."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.claimset import ClaimSet
from reconcile.design import Design, design
from reconcile.intervals_pytensor import claim_logp
from reconcile.latent import role_constants
from reconcile.priors import Priors
from reconcile.readings import STATED

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
    with pm.Model(coords=_coords(plan)) as model:
        total_log = _totals(plan)
        nodes = _nodes(plan, total_log)
        sums = pt.log(_summed(plan.structure.claims, nodes, "claim"))
        estimate = _summed(plan.structure.estimates, nodes, "quantity")
        pm.Deterministic("estimate", estimate, dims="quantity")
        _observe(plan, sums)
    return model


def _coords(plan: Design) -> dict[str, Any]:
    return {
        "claim": np.arange(1, len(plan.claims) + 1),
        "series": [" | ".join(filter(None, names)) for names in plan.structure.series],
        "quantity": [quantity.label for quantity in plan.structure.quantities],
        "population": list(plan.claims.populations),
        "voice": [voice.label for voice in plan.voices],
        "role": list(plan.roles),
        "stated": list(STATED),
    }


def _totals(plan: Design) -> Any:
    """Log totals of the series, below every ceiling."""
    mean = pm.Data("total_mean_log", plan.total_mean_log, dims="series")
    sd = pm.Data("total_sd_log", plan.total_sd_log, dims="series")
    free = pm.Normal("total_free_log", mean, sd, dims="series")
    total_log = free
    if plan.ceilings:
        ceiling_log = pm.Data("ceiling_log", [bound for _, bound in plan.ceilings])
        slope = 0.0
        for k, (members, _) in enumerate(plan.ceilings):
            over = pt.logsumexp(total_log[list(members)]) - ceiling_log[k]
            total_log = total_log[list(members)].inc(-pt.softplus(over))
            slope = slope - pt.softplus(over)
        # The prior is meant for the totals themselves, cut off at the ceiling: put it there, with
        # the Jacobian of the way from the free values.
        moved = pm.logp(pm.Normal.dist(mean, sd), total_log) - pm.logp(
            pm.Normal.dist(mean, sd), free
        )
        pm.Potential("ceiling", pt.sum(moved) + slope)
    for k, (members, middle, spread) in enumerate(plan.ranges):
        constants = pm.Data(f"range_{k}", [middle, spread])
        whole = pt.logsumexp(total_log[list(members)])
        pm.Potential(f"plausible_{k}", pm.logp(pm.Normal.dist(constants[0], constants[1]), whole))
    return pm.Deterministic("total_log", total_log, dims="series")


def _nodes(plan: Design, total_log: Any) -> Any:
    """Running totals, cells and fixed figures as one vector, in the order of the incidence."""
    accruing = plan.structure.n_accruing
    if not accruing:
        return pt.exp(total_log)
    share_log = pm.Data("days_log", np.log(plan.structure.days))[None, :] * pt.ones((accruing, 1))
    if plan.innovations.shape[1]:
        share_log = share_log + _log_rate(plan)
    share_log = share_log - pt.logsumexp(share_log, axis=1, keepdims=True)
    cells = pt.exp(total_log[:accruing, None] + share_log)
    n_dates = len(plan.structure.dates)
    if accruing * n_dates**2 <= _SMALL:
        running = _product(cells, pm.Data("past", np.tril(np.ones((n_dates, n_dates)))))
    else:
        running = pt.cumsum(cells, axis=1)
    return pt.concatenate([running.ravel(), cells.ravel(), pt.exp(total_log[accruing:])])


def _log_rate(plan: Design) -> Any:
    innovations = pm.Data("innovations", plan.innovations)
    path_sd = pm.Data("path_sd", [plan.priors.path_shared_sd, plan.priors.path_own_sd])
    steps = plan.innovations.shape[1]
    populations = len(plan.claims.populations)
    shared_scale = pm.HalfNormal("path_shared_scale", path_sd[0])
    own_scale = pm.HalfNormal("path_own_scale", path_sd[1])
    shared = pm.Normal("path_shared_z", 0, 1, shape=(populations, steps))
    own = pm.Normal("path_own_z", 0, 1, shape=(plan.structure.n_accruing, steps))
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


def _summed(matrix: Any, nodes: Any, name: str) -> Any:
    """Sums of nodes by the rows of a 0/1 matrix, without a dense matrix."""
    pairs = matrix.tocoo()
    node = pm.Data(f"{name}_node", pairs.col.astype(np.int64))
    row = pm.Data(f"{name}_row", pairs.row.astype(np.int64))
    return pt.zeros(matrix.shape[0])[row].inc(nodes[node])


def _observe(plan: Design, sum_log: Any) -> None:
    """Biases, noise, and the claims as observed intervals."""
    mean, sd = role_constants(plan)
    priors, readings = plan.priors, plan.readings
    common_sd = pm.Data("common_bias_sd_log", [priors.common_bias_sd_log])[0]
    common = pm.Normal("common_bias_log", 0, common_sd, dims="population")
    bias_z = pm.Normal("bias_z", 0, 1, dims="voice")
    bias = pm.Deterministic(
        "bias_log",
        pm.Data("bias_mean_log", mean, dims="voice")
        + pm.Data("bias_sd_log", sd, dims="voice") * bias_z,
        dims="voice",
    )
    noise_prior = pm.Data("noise_prior", [np.log(priors.noise_median_log), priors.noise_sd_log])
    noise_log = pm.Normal("noise_log", noise_prior[0], noise_prior[1], dims="role")
    scale = pt.exp(noise_log)[_index("role_of", plan.role_of)]
    if readings.width_log.any():
        excess = pm.HalfNormal(
            "overconfidence_excess",
            pm.Data("overconfidence_sd", [priors.overconfidence_sd])[0],
            dims="stated",
        )
        width = pm.Data("width_log", readings.width_log, dims="claim")
        stated = width * (1 + excess[_index("stated_of", plan.stated_of)])
        scale = pt.sqrt(scale**2 + stated**2)
    location = (
        sum_log
        + common[_index("population_of", plan.population_of)]
        + bias[_index("voice_of", plan.voice_of)]
    )
    pm.CustomDist(
        "reading_log",
        location,
        scale,
        pm.Data("down_log", readings.down_log, dims="claim"),
        pm.Data("up_log", readings.up_log, dims="claim"),
        pm.Data("sound", plan.sound, dims="claim"),
        pm.Data("is_bound", readings.is_bound.astype(float), dims="claim"),
        pm.Data("unsound_scale_log", [priors.unsound_scale_log])[0],
        pm.Data("weight", plan.weight, dims="claim"),
        logp=claim_logp,
        random=_random,
        signature="(),(),(),(),(),(),(),()->()",
        observed=readings.centre_log,
        dims="claim",
    )


def _index(name: str, values: np.ndarray) -> Any:
    return pm.Data(name, values.astype(np.int64), dims="claim")


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
