"""The model on the natural scale in NumPy: forward draws, densities, the prior."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign
from reconcile.models.linear_scale.readings import LOGISTIC_SD

__all__ = [
    "LinearLatent",
    "bounded",
    "claims_logp",
    "draw_prior",
    "left_out_logp",
    "linear_forward",
    "linear_logp",
    "linear_soundness",
    "reread",
    "truth_given",
]

type Array = NDArray[np.float64]
_HALF_LOG_2PI: Final = 0.5 * math.log(2 * math.pi)
_LOG_HALF: Final = math.log(0.5)
# A smaller share of a precision is rounding error.
_NOTHING: Final = 1e-9
_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearLatent:
    """Draws on the natural scale, leading axis draw.

    Parameters
    ----------
    estimate, apparent, tau : ndarray of shape (draw, quantity)
        Truth, what all sources would take for it on average, and standard deviation between them.
    theta, deviation : ndarray of shape (draw, voice)
        What each voice believes, and its distance from the truth.
    """

    estimate: Array
    apparent: Array
    tau: Array
    theta: Array
    deviation: Array


def linear_forward(plan: LinearDesign, parameters: Mapping[str, Array]) -> LinearLatent:
    """Draws of truths and readings from the free variables."""
    tau = np.exp(_tau_log(plan, parameters["tau_z"])[0])
    of = plan.voice_quantity
    middle, reach = _middle(plan, tau)
    apparent = middle + reach * parameters["apparent_z"]
    kept, step = truth_given(plan.common_sd(tau), plan.sd)
    estimate = plan.mean + kept * (apparent - plan.mean) + step * parameters["truth_z"]
    own, expected = plan.between()(tau[:, of]), apparent[:, of] + plan.bias
    square = plan.precision * own**2
    away = square / (1 + square) * (plan.centre - expected)
    away = away + own / np.sqrt(1 + square) * parameters["theta_z"]
    theta = expected + away
    return LinearLatent(
        estimate=estimate,
        apparent=apparent,
        tau=tau,
        theta=theta,
        deviation=theta - estimate[:, of],
    )


def truth_given(common: Array, sd: Array | float) -> tuple[Array, Array]:
    """Mean and standard deviation of a truth given the apparent figure, both from the prior mean.

    The mean as a share of how far the apparent figure is; ``sd`` is that of the prior.
    """
    kept = 1 / (1 + (common / sd) ** 2)
    return kept, np.sqrt(kept) * common


def _tau_log(plan: LinearDesign, z: Array) -> tuple[Array, Array]:
    """Log of tau at its coordinate, and that of its slope there."""
    middle, width, skew = plan.tau_coordinates
    bend = np.sqrt(1 + z**2)
    tau_log = middle + width * z + skew * (bend - 1)
    return tau_log, tau_log + np.log(width + skew * z / bend)


def _middle(plan: LinearDesign, tau: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each apparent figure given the numbers, if all were normal."""
    of, n = plan.voice_quantity, len(plan.quantities)
    weight = plan.precision / (1 + plan.precision * plan.between()(tau[:, of]) ** 2)
    member = (of[:, None] == np.arange(n)).astype(float)
    sd = np.hypot(plan.sd, plan.common_sd(tau))
    precision = sd**-2 + weight @ member
    moved = (weight * plan.off()) @ member / precision
    return plan.mean + moved, precision**-0.5


def linear_logp(plan: LinearDesign, parameters: Mapping[str, Array]) -> Array:
    """Joint log density of the free variables and claims up to a constant, shape (draw,)."""
    latent = linear_forward(plan, parameters)
    of = plan.voice_quantity
    _, reach = _middle(plan, latent.tau)
    _, step = truth_given(plan.common_sd(latent.tau), plan.sd)
    truth = _normal(latent.estimate - plan.mean, plan.sd) + np.log(reach) + np.log(step)
    truth = truth + _common_logp(plan, latent)
    falling = plan.tau_power * np.log1p((latent.tau / plan.tau_flat) ** 2)
    falling = falling + 2 * np.log1p((latent.tau / plan.tau_far) ** 2)
    tau = _tau_log(plan, parameters["tau_z"])[1]
    tau = tau - 0.5 * ((latent.tau / plan.tau_scale) ** 2 + falling)
    away, own = latent.theta - latent.apparent[:, of] - plan.bias, plan.between()(latent.tau[:, of])
    among = _density(away, own, plan.logistic[of])
    step = np.log(own) - 0.5 * np.log1p(plan.precision * own**2)
    return np.asarray(
        truth.sum(axis=1)
        + tau.sum(axis=1)
        + (among + step).sum(axis=1)
        + claims_logp(plan, latent)[:, ~plan.is_known].sum(axis=1)
    )


def _common_logp(plan: LinearDesign, latent: LinearLatent) -> Array:
    """Log density of what all sources have in common: normal, narrow or wide."""
    off, sd = latent.apparent - latent.estimate, plan.common_sd(latent.tau)
    return np.logaddexp(
        math.log1p(-WIDE_SHARE) + _normal(off, sd),
        math.log(WIDE_SHARE) + _normal(off, plan.wide * sd),
    )


def claims_logp(plan: LinearDesign, latent: LinearLatent) -> Array:
    """Log density of every claim, shape (draw, claim); bounds and doubts integrate theta out."""
    about, error = _expected(
        plan, latent, plan.centre[plan.voice_of], plan.precision[plan.voice_of]
    )
    number = plan.is_number
    about = np.where(number, latent.theta[:, plan.voice_of], about)
    return _mixed(plan, *_parts(plan, latent, about, np.where(number, plan.error, error)))


def left_out_logp(plan: LinearDesign, latent: LinearLatent) -> Array:
    """As :func:`claims_logp`, with theta given the other claims of the voice integrated out."""
    return _mixed(plan, *_left_out(plan, latent))


def linear_soundness(plan: LinearDesign, latent: LinearLatent) -> Array:
    """Probability that each claim is neither a gross error nor an empty bound, (draw, claim)."""
    inside, otherwise = _left_out(plan, latent)
    empty = np.exp(_log(plan.failure) + _LOG_HALF - inside)
    sound = np.where(plan.sound == 1, 0.5, plan.sound)
    odds = np.clip(np.log1p(-sound) - np.log(sound) + otherwise - inside, -700, 700)
    reading = np.where(plan.sound == 1, 1.0, 1 / (1 + np.exp(odds)))
    return np.asarray(reading * (1 - empty))


def reread(plan: LinearDesign, latent: LinearLatent, rng: np.random.Generator) -> Array:
    """Posterior predictive readings, shape (draw, claim)."""
    truth = latent.estimate[:, plan.quantity_of]
    of_truth = plan.of_truth > 0
    about = np.where(of_truth, truth, latent.theta[:, plan.voice_of])
    logistic = (plan.logistic[plan.quantity_of] > 0) & ~of_truth
    noise = np.where(
        logistic, rng.logistic(size=truth.shape) / LOGISTIC_SD, rng.normal(size=truth.shape)
    )
    sound = rng.random(truth.shape) < plan.sound
    wide = np.hypot(plan.error, plan.unsound_scale[plan.quantity_of])
    far = truth + wide * rng.standard_cauchy(truth.shape)
    return np.asarray(np.where(sound, about + plan.error * noise, far))


def bounded(plan: LinearDesign, latent: LinearLatent, rng: np.random.Generator) -> LinearLatent:
    """Redraw theta of voices with bounds, which the model integrates out, by importance."""
    theta, n = latent.theta.copy(), len(latent.theta)
    heard = (plan.is_bound > 0) & (plan.of_truth == 0) & (plan.sound == 1) & (plan.weight > 0)
    for voice in np.unique(plan.voice_of[heard]):
        claims = np.flatnonzero(heard & (plan.voice_of == voice))
        quantity = plan.voice_quantity[voice]
        expected = latent.apparent[:, quantity] + plan.bias[voice]
        own = plan.between(voice)(latent.tau[:, quantity])
        square = plan.precision[voice] * own**2
        middle = expected + square / (1 + square) * (plan.centre[voice] - expected)
        shape = (n, _CANDIDATES)
        heavy = rng.logistic(size=shape) / LOGISTIC_SD
        noise = heavy if plan.logistic[quantity] else rng.normal(size=shape)
        candidates = middle[:, None] + (own / np.sqrt(1 + square))[:, None] * noise
        weight = np.zeros(shape)
        for k in claims:
            weight += _bound(plan, candidates[..., None], plan.error, [k])[..., 0]
        # The Gumbel-max trick: each is chosen with probability proportional to its weight.
        chosen = np.argmax(weight + rng.gumbel(size=shape), axis=1)
        theta[:, voice] = candidates[np.arange(n), chosen]
    return replace(latent, theta=theta, deviation=theta - latent.estimate[:, plan.voice_quantity])


def _left_out(plan: LinearDesign, latent: LinearLatent) -> tuple[Array, Array]:
    """As :func:`_parts`, given the other claims of the voice."""
    whole, own = (
        plan.precision[plan.voice_of],
        np.where(plan.is_number, plan.weight, 0) / plan.error**2,
    )
    rest = np.where(whole - own > _NOTHING * whole, whole - own, 0.0)
    centre = plan.centre[plan.voice_of]
    off = np.where(own > 0, plan.number - centre, 0.0)
    centre = centre - own * off / np.where(rest > 0, rest, 1.0)
    return _parts(plan, latent, *_expected(plan, latent, centre, rest))


def _expected(
    plan: LinearDesign, latent: LinearLatent, centre: Array, precision: Array
) -> tuple[Array, Array]:
    """Mean and standard deviation of each claim given numbers of its voice."""
    expected = latent.apparent[:, plan.quantity_of] + plan.bias[plan.voice_of]
    own = plan.between(plan.voice_of)(latent.tau[:, plan.quantity_of])
    square = precision * own**2
    about = expected + square / (1 + square) * (centre - expected)
    error = np.sqrt(own**2 / (1 + square) + plan.error**2)
    of_truth = plan.of_truth > 0
    return np.where(of_truth, latent.estimate[:, plan.quantity_of], about), np.where(
        of_truth, plan.error, error
    )


def _parts(
    plan: LinearDesign, latent: LinearLatent, about: Array, error: Array
) -> tuple[Array, Array]:
    """Log density of each claim as a reading and as a gross error."""
    truth = latent.estimate[:, plan.quantity_of]
    logistic = plan.logistic[plan.quantity_of]
    bound = plan.is_bound > 0
    # Truths are normal, whatever the noise of sources.
    number = _density(plan.number - about, error, np.where(plan.is_known, 0.0, logistic))
    within = _bound(plan, about, error, np.arange(len(plan.number)))
    wide = np.hypot(plan.error, plan.unsound_scale[plan.quantity_of])
    far = -np.log(math.pi * wide) - np.log1p(((plan.number - truth) / wide) ** 2)
    return np.where(bound, within, number), np.where(bound, _LOG_HALF, far)


def _bound(plan: LinearDesign, about: Array, error: Array, claims: Any) -> Array:
    """Log probability of some bounds, last axis ``claims``."""
    error = np.broadcast_to(error, np.broadcast_shapes(error.shape, plan.error.shape))[..., claims]
    failure = plan.failure[claims]
    above = (about - plan.low[claims]) * LOGISTIC_SD / error
    below = (plan.high[claims] - about) * LOGISTIC_SD / error
    # With probability failure the bound says nothing: (1 - failure) P + failure / 2.
    within = -np.logaddexp(0.0, -above) - np.logaddexp(0.0, -below)
    return np.asarray(np.logaddexp(np.log1p(-failure) + within, _log(failure) + _LOG_HALF))


def _mixed(plan: LinearDesign, inside: Array, otherwise: Array) -> Array:
    """Weighted log density of the mixture of readings and gross errors."""
    certain = plan.sound == 1
    sound = np.where(certain, 0.5, plan.sound)
    mixed = np.logaddexp(np.log(sound) + inside, np.log1p(-sound) + otherwise)
    return np.asarray(plan.weight * np.where(certain, inside, mixed))


def _density(x: Array, sd: Array, logistic: Array) -> Array:
    """Log density of a normal or logistic distribution of this standard deviation."""
    y = np.abs(x) * LOGISTIC_SD / sd
    heavy = math.log(LOGISTIC_SD) - y - 2 * np.log1p(np.exp(-y)) - np.log(sd)
    return np.where(logistic > 0, heavy, _normal(x, sd))


def _normal(x: Array, sd: Array | float) -> Array:
    return np.asarray(-0.5 * (x / sd) ** 2 - np.log(sd) - _HALF_LOG_2PI)


def _log(x: Array) -> Array:
    """Logarithm; minus infinity for zero."""
    with np.errstate(divide="ignore"):
        return np.log(x)


def draw_prior(plan: LinearDesign, rng: np.random.Generator, n: int) -> LinearLatent:
    """Draws from the prior, without what was found out later."""
    estimate = rng.normal(plan.prior_mean, plan.prior_sd, (n, len(plan.quantities)))
    each = range(len(plan.quantities))
    tau = np.column_stack([plan.tau_prior(k).quantiles(rng.random(n)) for k in each])
    of, shape = plan.voice_quantity, (n, len(plan.voices))
    heavy = rng.logistic(size=shape) / LOGISTIC_SD
    noise = np.where(plan.logistic[of] > 0, heavy, rng.normal(size=shape))
    wide = np.where(rng.random(tau.shape) < WIDE_SHARE, plan.wide, 1.0)
    apparent = estimate + plan.common_sd(tau) * wide * rng.normal(size=tau.shape)
    theta = apparent[:, of] + plan.bias + plan.between()(tau[:, of]) * noise
    return LinearLatent(
        estimate=estimate,
        apparent=apparent,
        tau=tau,
        theta=theta,
        deviation=theta - estimate[:, of],
    )
