"""From parameters to what claims and estimates would be: the model forwards, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from reconcile.design import Design
from reconcile.errors import ClaimError, Problem
from reconcile.intervals import claim_logp, interval_logp
from reconcile.paths import node_values, squash
from reconcile.readings import STATED

__all__ = [
    "PATH_FREEDOM",
    "Latent",
    "anchor_trust",
    "draw_changes",
    "draw_parameters",
    "fade",
    "forward",
    "level_sizes",
    "log_likelihood",
    "noise_floors",
    "read",
    "read_in_turn",
    "soundness",
]

# Degrees of freedom of the changes of log rates: their scale is known to a factor of two or so.
PATH_FREEDOM: Final = 4.0
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
    base_log : ndarray of shape (n, claim)
        Where the reading behind each claim is expected, nothing known of its noise.
    location_log, scale_log : ndarray of shape (n, claim)
        Of the reading, given the claim that it hangs on.
    full_scale_log : ndarray of shape (n, claim)
        Of the reading, nothing known of its noise.
    """

    total_log: Array
    estimate: Array
    sum_log: Array
    bias_log: Array
    base_log: Array
    location_log: Array
    scale_log: Array
    full_scale_log: Array


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
        "common_bias_z": rng.standard_normal((n, len(plan.claims.populations))),
        "bias_z": rng.standard_normal((n, len(plan.speakers.voices))),
        "noise_log": rng.normal(
            [np.log(role.noise_median_log) for role in plan.role_priors],
            [role.noise_sd_log for role in plan.role_priors],
            (n, len(plan.roles)),
        ),
    }
    for name, size in level_sizes(plan).items():
        drawn[name] = rng.standard_normal((n, size))
    if plan.readings.width_log.any():
        middle = np.log([priors.overconfidence_median[kind] for kind in STATED])
        spread = priors.overconfidence_sd_log
        drawn["overconfidence_log"] = rng.normal(middle, spread, (n, len(STATED)))
    if steps:
        populations = len(plan.claims.populations)
        drawn |= {
            "path_shared": draw_changes(rng, priors.path_shared_sd, (n, populations, steps)),
            "path_own": draw_changes(rng, priors.path_own_sd, (n, accruing, steps)),
        }
    return drawn


def draw_changes(
    rng: np.random.Generator,
    scale: float,
    shape: tuple[int, ...],
    *,
    freedom: float = PATH_FREEDOM,
) -> Array:
    """Draw changes of log rates: normal, with one standard deviation for each draw.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.
    scale : float
        Of the multivariate t that they follow together.
    shape : tuple of int
        Draws, then rows and changes of one draw.
    freedom : float, default 4
        Its degrees of freedom.

    Returns
    -------
    ndarray of that shape
    """
    spread = scale * np.sqrt(freedom / rng.chisquare(freedom, (*shape[:-2], 1, 1)))
    return np.asarray(spread * rng.standard_normal(shape))


def level_sizes(plan: Design) -> dict[str, int]:
    """Parameters of the bias beside those of single voices, where the claims have them.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    dict of str to int
        Lengths of ``role_z``, ``camp_z``, ``category_z`` and ``drift_z``.
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
    return sizes


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
    if "path_shared" in parameters:
        rate = parameters["path_shared"][:, plan.path_population] + parameters["path_own"]
        log_rate = rate @ plan.innovations.T
    nodes = node_values(total_log, log_rate, plan.structure.days)
    with np.errstate(divide="ignore"):
        sum_log = np.log((plan.structure.claims @ nodes.T).T)
    bias = _biases(plan, parameters)
    base = sum_log + _errors(plan, parameters, bias)
    scale = _scales(plan, parameters)
    known, trust = _known_error(plan, base, scale)
    return Latent(
        total_log=total_log,
        estimate=(plan.structure.estimates @ nodes.T).T,
        sum_log=sum_log,
        bias_log=bias,
        base_log=base,
        location_log=base + plan.chains.share * trust * known,
        scale_log=scale * fade(plan, trust),
        full_scale_log=scale,
    )


def _biases(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Bias of each voice: what its situation, its camp and itself add to the prior mean."""
    levels, speakers = plan.levels, plan.speakers
    bias = levels.mean_log + levels.voice_log * parameters["bias_z"]
    if "role_z" in parameters:
        bias = bias + levels.role_log * parameters["role_z"][:, speakers.situation_of]
    if "camp_z" in parameters:
        bias = bias + levels.camp_log * parameters["camp_z"][:, speakers.camp_of]
    return bias


def _errors(plan: Design, parameters: Mapping[str, Array], bias: Array) -> Array:
    """Error of each claim apart from its noise, log scale."""
    of_claim = bias[:, plan.speakers.voice_of]
    if "category_z" in parameters:
        category = parameters["category_z"][:, plan.category_of]
        of_claim = of_claim + plan.priors.category_sd_log * plan.category_share * category
    if "drift_z" in parameters:
        drift = plan.drift
        moved = np.zeros_like(of_claim)
        reach = plan.priors.drift_sd_log * drift.reach * parameters["drift_z"][:, drift.step]
        np.add.at(moved.T, drift.claim, reach.T)
        of_claim = of_claim + moved
    common = (plan.common_sd_log * parameters["common_bias_z"])[:, plan.population_of]
    return plan.shares.common * common + plan.shares.bias * of_claim


def _scales(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Logistic scale of each claim, nothing known of its error."""
    least = noise_floors(plan)
    noise = plan.shares.noise * np.hypot(np.exp(parameters["noise_log"]), least)[:, plan.role_of]
    scale = np.hypot(noise, plan.priors.coarse_log * plan.shares.coarse)
    if "overconfidence_log" in parameters:
        excess = np.exp(parameters["overconfidence_log"])[:, plan.stated_of]
        scale = np.hypot(scale, plan.readings.width_log * (1 + plan.shares.excess * excess))
    return scale


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


def _known_error(plan: Design, base: Array, scale: Array) -> tuple[Array, Array]:
    """What the claim that each claim hangs on was off, and how far that is to be trusted."""
    anchor = plan.chains.anchor
    off = (plan.readings.centre_log - base)[:, anchor]
    trust = anchor_trust(off, scale[:, anchor], plan.sound[anchor], plan.priors.unsound_scale_log)
    return off, np.where(plan.chains.is_revised, 1.0, trust)


def fade(plan: Design, trust: Array) -> Array:
    """What the scale of each claim is multiplied by, since part of its error is known.

    Parameters
    ----------
    plan : Design
        Of the model.
    trust : ndarray of shape (n, claim)
        Probability that the claim that each hangs on is a reading.

    Returns
    -------
    ndarray of shape (n, claim)
        In (0, 1]; for a claim that was revised the square root of 2, since two readings differ by
        the noise of both.
    """
    known = np.sqrt(1 - (plan.chains.share * trust) ** 2 * ~plan.chains.is_revised)
    return np.asarray(np.where(plan.chains.is_revised, np.sqrt(2.0), known))


def anchor_trust(off: Array, scale: Array, sound: Array, unsound_scale: float) -> Array:
    """Probability that a claim that is off by so much is a reading and not a gross error.

    Parameters
    ----------
    off : ndarray
        Distance from where it was expected, log scale.
    scale : ndarray
        Logistic scale of a reading.
    sound : ndarray
        Prior probability, in (0, 1).
    unsound_scale : float
        Logistic scale of a gross error.

    Returns
    -------
    ndarray
        In (0, 1).
    """
    odds = np.log1p(-sound) - np.log(sound)
    odds = odds + _logistic_logpdf(off, unsound_scale) - _logistic_logpdf(off, scale)
    trust: Array = expit(-odds)
    return trust


def _logistic_logpdf(x: Array, scale: Array | float) -> Array:
    y = np.abs(x) / scale
    density: Array = -y - 2 * np.log1p(np.exp(-y)) - np.log(scale)
    return density


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
        one_sided=plan.one_sided,
        unsound_scale=plan.priors.unsound_scale_log,
        weight=plan.chains.weight,
    )


def soundness(plan: Design, latent: Latent) -> Array:
    """Probability of each claim that it is a reading, and not a gross error or an empty bound.

    Parameters
    ----------
    plan : Design
        Of the model.
    latent : Latent
        Draws.

    Returns
    -------
    ndarray of shape (n, claim)
        In (0, 1), given each draw.
    """
    readings = plan.readings
    inside = interval_logp(
        readings.centre_log,
        location=latent.location_log,
        scale=latent.scale_log,
        down=readings.down_log,
        up=readings.up_log,
    )
    whole = log_likelihood(plan, latent) / np.where(plan.chains.weight > 0, plan.chains.weight, 1.0)
    found: Array = np.exp(np.log(plan.sound) + inside - whole)
    return np.where(plan.chains.weight > 0, np.clip(found, 0.0, 1.0), plan.sound)


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
    return rng.logistic(latent.location_log, _spread(plan, latent, sound)), sound


def read_in_turn(
    plan: Design, latent: Latent, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Draw readings of which each hangs on the drawn, not on the stated one before it.

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
    usual = sound | plan.one_sided
    noise = rng.logistic(0, 1, latent.base_log.shape)
    chains, unsound_scale = plan.chains, plan.priors.unsound_scale_log
    trust, off = np.zeros_like(noise), np.zeros_like(noise)
    reading = latent.base_log + np.where(usual, latent.full_scale_log, unsound_scale) * noise
    done = chains.share == 0
    while not done.all():
        ready = np.flatnonzero(~done & done[chains.anchor])
        anchor = chains.anchor[ready]
        off[:, ready] = reading[:, anchor] - latent.base_log[:, anchor]
        trust[:, ready] = np.where(
            chains.is_revised[ready],
            1.0,
            anchor_trust(
                off[:, ready], latent.full_scale_log[:, anchor], plan.sound[anchor], unsound_scale
            ),
        )
        scale = np.where(usual, latent.full_scale_log * fade(plan, trust), unsound_scale)
        moved = latent.base_log + chains.share * trust * off + scale * noise
        reading[:, ready] = moved[:, ready]
        done[ready] = True
    return reading, sound


def _spread(plan: Design, latent: Latent, sound: NDArray[np.bool_]) -> Array:
    usual = sound | plan.one_sided
    spread: Array = np.where(usual, latent.scale_log, plan.priors.unsound_scale_log)
    return spread
