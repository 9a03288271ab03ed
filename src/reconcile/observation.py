"""From what is expected of each claim to what is said: likelihood and readings (NumPy).

An error on the natural scale, as of an interval that is symmetric there, has its location and its
scales in units of half that interval; all others have them on the log scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.design import Design
from reconcile.intervals import claim_logp
from reconcile.latent import Latent, anchor_trust, fade

__all__ = ["Observation", "judged", "log_likelihood", "observation", "read", "read_in_turn"]

type Array = NDArray[np.float64]

# Above the largest power of e that is a number.
_HIGHEST_LOG = 700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Distribution of what is said, each claim on the scale of its own error.

    Parameters
    ----------
    location : ndarray of shape (n, claim)
        Middle.
    above, below : ndarray of shape (n, claim)
        Logistic scales where the truth lies above, or below, what was said.
    unsound : ndarray of shape (n, claim)
        Logistic scale of a gross error.
    """

    location: Array
    above: Array
    below: Array
    unsound: Array


def observation(plan: Design, latent: Latent) -> Observation:
    """Put every claim on the scale of its own error.

    Parameters
    ----------
    plan : Design
        Of the model.
    latent : Latent
        Draws.

    Returns
    -------
    Observation
    """
    return _observation(plan, latent.location_log, latent.noise_log, latent.width_log, latent.fade)


def _observation(
    plan: Design, location_log: Array, noise_log: Array, width: Array, faded: Array
) -> Observation:
    readings = plan.readings
    linear = readings.is_linear.astype(bool)
    natural = np.exp(np.minimum(location_log - readings.unit_log, _HIGHEST_LOG))
    noise = np.where(linear, noise_log * natural, noise_log)
    tilt = np.exp(readings.tilt_log)
    unsound = plan.priors.unsound_scale_log
    return Observation(
        location=np.where(linear, natural, location_log),
        above=faded * np.hypot(noise, width * tilt),
        below=faded * np.hypot(noise, width / tilt),
        unsound=np.where(linear, unsound * np.hypot(natural, 1.0), unsound),
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
    return judged(plan, latent)[0]


def judged(plan: Design, latent: Latent) -> tuple[Array, Array]:
    """Log probability of each claim, and of its being a reading.

    Parameters
    ----------
    plan : Design
        Of the model.
    latent : Latent
        Draws.

    Returns
    -------
    log_likelihood : ndarray of shape (n, claim)
        Weighted, as the model sums it.
    soundness : ndarray of shape (n, claim)
        Probability that it is a reading, and not a gross error or an empty bound, given each draw;
        in (0, 1).
    """
    readings, seen, weight = plan.readings, observation(plan, latent), plan.chains.weight
    logp, sound_log = claim_logp(
        readings.said,
        location=seen.location,
        above=seen.above,
        below=seen.below,
        down=readings.down_log,
        up=readings.up_log,
        sound=plan.sound,
        one_sided=plan.one_sided,
        unsound_scale=seen.unsound,
    )
    return weight * logp, np.where(weight > 0, np.exp(sound_log), plan.sound)


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
    reading : ndarray of shape (n, claim)
        Each on the scale of its own error.
    sound : ndarray of shape (n, claim)
        Whether each claim is sound in that draw.
    """
    shape = latent.location_log.shape
    sound = rng.random(shape) < plan.sound
    seen = observation(plan, latent)
    return _drawn(seen, sound | plan.one_sided, rng.logistic(0, 1, shape), rng.random(shape)), sound


def _drawn(seen: Observation, usual: NDArray[np.bool_], noise: Array, side: Array) -> Array:
    """Readings from standard logistic noise, and what decides the side of a lopsided one."""
    # Where more is said than is true, the truth lies below.
    over = side < seen.below / (seen.below + seen.above)
    lopsided = np.where(over, seen.below * np.abs(noise), -seen.above * np.abs(noise))
    plain = np.where(seen.below == seen.above, seen.above * noise, lopsided)
    found: Array = seen.location + np.where(usual, plain, seen.unsound * noise)
    return found


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
    reading : ndarray of shape (n, claim)
        Each on the scale of its own error.
    sound : ndarray of shape (n, claim)
        Whether each claim is sound in that draw.
    """
    shape = latent.base_log.shape
    sound = rng.random(shape) < plan.sound
    usual = sound | plan.one_sided
    noise, side = rng.logistic(0, 1, shape), rng.random(shape)
    chains, unsound_scale = plan.chains, plan.priors.unsound_scale_log
    scale_log = np.hypot(latent.noise_log, latent.width_log)
    trust, off = np.zeros(shape), np.zeros(shape)

    def drawn(location_log: Array, faded: Array) -> Array:
        seen = _observation(plan, location_log, latent.noise_log, latent.width_log, faded)
        return _drawn(seen, usual, noise, side)

    reading = drawn(latent.base_log, np.ones(shape))
    done = chains.share == 0
    while not done.all():
        ready = np.flatnonzero(~done & done[chains.anchor])
        anchor = chains.anchor[ready]
        off[:, ready] = _in_logs(plan, reading)[:, anchor] - latent.base_log[:, anchor]
        trust[:, ready] = np.where(
            chains.is_revised[ready],
            1.0,
            anchor_trust(off[:, ready], scale_log[:, anchor], plan.sound[anchor], unsound_scale),
        )
        moved = drawn(latent.base_log + chains.share * trust * off, fade(plan, trust))
        reading[:, ready] = moved[:, ready]
        done[ready] = True
    return reading, sound


def _in_logs(plan: Design, reading: Array) -> Array:
    """Readings on the log scale; what lies at or below zero just above it."""
    linear = plan.readings.is_linear.astype(bool)
    natural = np.log(np.maximum(reading, _LEAST)) + plan.readings.unit_log
    return np.where(linear, natural, reading)


_LEAST = 1e-3
