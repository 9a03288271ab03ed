"""Draw the readings behind the claims (NumPy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import Latent, fade, predecessor_trust
from reconcile.models.log_scale.reference.likelihood import Observation, observation, observation_of

__all__ = ["read", "read_in_turn"]

type Array = NDArray[np.float64]


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
    serial, unsound_scale = plan.serial, plan.priors.unsound_scale_log
    scale_log = np.hypot(latent.noise_log, latent.width_log)
    trust, off = np.zeros(shape), np.zeros(shape)

    def drawn(location_log: Array, faded: Array) -> Array:
        seen = observation_of(plan, location_log, latent.noise_log, latent.width_log, faded)
        return _drawn(seen, usual, noise, side)

    reading = drawn(latent.base_log, np.ones(shape))
    done = serial.share == 0
    while not done.all():
        ready = np.flatnonzero(~done & done[serial.predecessor])
        predecessor = serial.predecessor[ready]
        off[:, ready] = _in_logs(plan, reading)[:, predecessor] - latent.base_log[:, predecessor]
        trust[:, ready] = np.where(
            serial.is_revised[ready],
            1.0,
            predecessor_trust(
                off[:, ready], scale_log[:, predecessor], plan.sound[predecessor], unsound_scale
            ),
        )
        moved = drawn(latent.base_log + serial.share * trust * off, fade(plan, trust))
        reading[:, ready] = moved[:, ready]
        done[ready] = True
    return reading, sound


def _in_logs(plan: Design, reading: Array) -> Array:
    """Readings on the log scale; what lies at or below zero just above it."""
    linear = plan.readings.is_linear.astype(bool)
    natural = np.log(np.maximum(reading, _LEAST)) + plan.readings.unit_log
    return np.where(linear, natural, reading)


_LEAST = 1e-3
