"""From parameters to what claims and estimates would be: the model forwards, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.design import Design
from reconcile.errors import ClaimError, Problem
from reconcile.intervals import claim_logp
from reconcile.paths import node_values, squash
from reconcile.readings import STATED

__all__ = ["Latent", "draw_parameters", "forward", "log_likelihood", "read"]

_OVERSAMPLE: Final = 50
_MOST_TRIES: Final = 1000

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """What the parameters imply, for each of ``n`` draws.

    Parameters
    ----------
    total_log : ndarray of shape (n, series)
        Log totals, every ceiling kept.
    estimate : ndarray of shape (n, quantity)
        Natural scale.
    sum_log : ndarray of shape (n, claim)
        Log of the true sum that each claim speaks of.
    bias_log : ndarray of shape (n, voice)
        Log ratio of what a voice says to the truth, the common error left out.
    location_log, scale_log : ndarray of shape (n, claim)
        Of the reading behind each claim.
    """

    total_log: Array
    estimate: Array
    sum_log: Array
    bias_log: Array
    location_log: Array
    scale_log: Array


def draw_parameters(plan: Design, rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Draw parameters from their prior, ceilings and plausible ranges of sums included.

    Parameters
    ----------
    plan : Design
        Of the model.
    rng : numpy.random.Generator
        Advanced by the call.
    n : int
        Number of draws.

    Returns
    -------
    dict of str to ndarray
        As the model names them, each with a leading axis of length ``n``.
    """
    priors = plan.priors
    accruing = plan.structure.n_accruing
    steps = plan.innovations.shape[1]
    drawn = {
        "total_log": _draw_totals(plan, rng, n),
        "common_bias_log": rng.normal(
            0, priors.common_bias_sd_log, (n, len(plan.claims.populations))
        ),
        "bias_z": rng.standard_normal((n, len(plan.voices))),
        "noise_log": rng.normal(
            np.log(priors.noise_median_log), priors.noise_sd_log, (n, len(plan.roles))
        ),
    }
    if plan.readings.width_log.any():
        excess = np.abs(rng.normal(0, priors.overconfidence_sd, (n, len(STATED))))
        drawn["overconfidence_excess"] = excess
    if steps:
        populations = len(plan.claims.populations)
        drawn |= {
            "path_shared_scale": np.abs(rng.normal(0, priors.path_shared_sd, n)),
            "path_own_scale": np.abs(rng.normal(0, priors.path_own_sd, n)),
            "path_shared_z": rng.standard_normal((n, populations, steps)),
            "path_own_z": rng.standard_normal((n, accruing, steps)),
        }
    return drawn


def _draw_totals(plan: Design, rng: np.random.Generator, n: int) -> Array:
    """Log totals below every ceiling by rejection, ranges of sums by resampling."""
    kept: list[Array] = []
    wanted, found = n * (_OVERSAMPLE if plan.ranges else 1), 0
    for _ in range(_MOST_TRIES):
        drawn = rng.normal(
            plan.total_mean_log, plan.total_sd_log, (wanted, len(plan.structure.series))
        )
        below = np.ones(wanted, dtype=bool)
        for members, ceiling_log in (pair for group in plan.ceilings for pair in group):
            below &= np.logaddexp.reduce(drawn[:, list(members)], axis=1) <= ceiling_log
        kept.append(drawn[below])
        found += len(kept[-1])
        if found >= wanted:
            break
    else:
        ceilings = {f.name: f.ceiling for f in plan.claims.figures.values() if f.ceiling}
        raise ClaimError(
            [
                Problem(
                    field=f"figures.{name}.ceiling",
                    value=ceiling,
                    wrong="far below what is claimed or plausible",
                    legal="a ceiling that the prior of the figure can be below",
                )
                for name, ceiling in ceilings.items()
            ]
        )
    totals = np.concatenate(kept)[:wanted]
    log_weight = np.zeros(wanted)
    for members, middle, spread in plan.ranges:
        whole = np.logaddexp.reduce(totals[:, list(members)], axis=1)
        log_weight -= 0.5 * ((whole - middle) / spread) ** 2
    if not plan.ranges:
        return totals
    weight = np.exp(log_weight - log_weight.max())
    return totals[rng.choice(wanted, size=n, p=weight / weight.sum())]


def forward(plan: Design, parameters: Mapping[str, Array]) -> Latent:
    """Compute what draws of the parameters imply.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        As :func:`draw_parameters` gives them, or as they are sampled, with ``total_z``
        (standardised log totals before any ceiling) in place of ``total_log``.

    Returns
    -------
    Latent
    """
    if "total_log" in parameters:
        total_log = parameters["total_log"]
    else:
        free = plan.total_mean_log + plan.total_sd_log * parameters["total_z"]
        total_log = squash(free, plan.ceilings)
    accruing, n_dates = plan.structure.n_accruing, len(plan.structure.dates)
    log_rate = np.zeros((len(total_log), accruing, n_dates))
    if "path_shared_z" in parameters:
        shared = parameters["path_shared_scale"][:, None, None] * parameters["path_shared_z"]
        own = parameters["path_own_scale"][:, None, None] * parameters["path_own_z"]
        log_rate = (shared[:, plan.path_population] + own) @ plan.innovations.T
    nodes = node_values(total_log, log_rate, plan.structure.days)
    with np.errstate(divide="ignore"):
        sum_log = np.log((plan.structure.claims @ nodes.T).T)
    mean, sd = role_constants(plan)
    bias = mean + sd * parameters["bias_z"]
    common = parameters["common_bias_log"][:, plan.population_of]
    scale = np.exp(parameters["noise_log"])[:, plan.role_of]
    if "overconfidence_excess" in parameters:
        excess = parameters["overconfidence_excess"][:, plan.stated_of]
        scale = np.hypot(scale, plan.readings.width_log * (1 + excess))
    return Latent(
        total_log=total_log,
        estimate=(plan.structure.estimates @ nodes.T).T,
        sum_log=sum_log,
        bias_log=bias,
        location_log=sum_log + common + bias[:, plan.voice_of],
        scale_log=scale,
    )


def role_constants(plan: Design) -> tuple[Array, Array]:
    """Prior mean and standard deviation of each voice's bias, log scale."""
    roles = [plan.priors.roles[voice.role] for voice in plan.voices]
    return (
        np.array([role.bias_mean_log for role in roles]),
        np.array([role.bias_sd_log for role in roles]),
    )


def log_likelihood(plan: Design, latent: Latent) -> Array:
    """Log probability of each claim.

    Parameters
    ----------
    plan : Design
        Of the model.
    latent : Latent
        Draws.

    Returns
    -------
    ndarray of shape (n, claim)
        Weighted, as the model sums it.
    """
    return claim_logp(
        plan.readings.centre_log,
        location=latent.location_log,
        scale=latent.scale_log,
        down=plan.readings.down_log,
        up=plan.readings.up_log,
        sound=plan.sound,
        is_bound=plan.readings.is_bound,
        unsound_scale=plan.priors.unsound_scale_log,
        weight=plan.weight,
    )


def read(plan: Design, latent: Latent, rng: np.random.Generator) -> tuple[Array, NDArray[np.bool_]]:
    """Draw the readings behind the claims.

    Parameters
    ----------
    plan : Design
        Of the model.
    latent : Latent
        Draws.
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    reading_log : ndarray of shape (n, claim)
        Log scale.
    sound : ndarray of shape (n, claim)
        Whether each claim is sound in that draw.
    """
    sound = rng.random(latent.location_log.shape) < plan.sound
    scale = np.where(
        sound | plan.readings.is_bound, latent.scale_log, plan.priors.unsound_scale_log
    )
    return rng.logistic(latent.location_log, scale), sound
