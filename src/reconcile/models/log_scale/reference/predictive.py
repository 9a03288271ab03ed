"""Draws of the readings behind the claims (NumPy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import Latent, predecessor_trust, scale_factor
from reconcile.models.log_scale.reference.likelihood import Observation, observation

__all__ = ["draw_readings", "draw_readings_in_sequence"]

type Array = NDArray[np.float64]


def draw_readings(
    plan: Design, latent: Latent, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Readings given the stated predecessors, and whether each is sound; shape (n, claim)."""
    shape = latent.location_log.shape
    sound = rng.random(shape) < plan.sound
    seen = observation(plan, latent)
    return _drawn(
        seen, sound | plan.readings.is_one_sided, rng.logistic(0, 1, shape), rng.random(shape)
    ), sound


def _drawn(seen: Observation, usual: NDArray[np.bool_], noise: Array, side: Array) -> Array:
    """Readings from standard logistic noise, and uniforms that pick the side of asymmetric ones."""
    # An overstatement has the truth below it.
    over = side < seen.below / (seen.below + seen.above)
    lopsided = np.where(over, seen.below * np.abs(noise), -seen.above * np.abs(noise))
    plain = np.where(seen.below == seen.above, seen.above * noise, lopsided)
    return np.asarray(seen.location + np.where(usual, plain, seen.unsound * noise))


def draw_readings_in_sequence(
    plan: Design, latent: Latent, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Readings given the predecessors' drawn readings, and whether each is sound."""
    shape = latent.base_log.shape
    sound = rng.random(shape) < plan.sound
    usual = sound | plan.readings.is_one_sided
    noise, side = rng.logistic(0, 1, shape), rng.random(shape)
    serial, unsound_scale = plan.serial, plan.priors.unsound_scale_log
    scale_log = np.hypot(latent.noise_log, latent.width_log)
    trust, off = np.zeros(shape), np.zeros(shape)

    def drawn(location_log: Array, factor: Array) -> Array:
        return _drawn(observation(plan, latent, location_log, factor), usual, noise, side)

    reading = drawn(latent.base_log, np.ones(shape))
    done = serial.share == 0
    while not done.all():
        ready = np.flatnonzero(~done & done[serial.predecessor])
        predecessor = serial.predecessor[ready]
        off[:, ready] = (
            _on_log_scale(plan, reading)[:, predecessor] - latent.base_log[:, predecessor]
        )
        trust[:, ready] = np.where(
            serial.is_revised[ready],
            1.0,
            predecessor_trust(
                off[:, ready], scale_log[:, predecessor], plan.sound[predecessor], unsound_scale
            ),
        )
        following = drawn(latent.base_log + serial.share * trust * off, scale_factor(plan, trust))
        reading[:, ready] = following[:, ready]
        done[ready] = True
    return reading, sound


def _on_log_scale(plan: Design, reading: Array) -> Array:
    """Readings on the log scale; nonpositive ones are clipped just above zero."""
    linear = plan.readings.is_linear.astype(bool)
    natural = np.log(np.maximum(reading, _LEAST)) + plan.readings.unit_log
    return np.where(linear, natural, reading)


_LEAST = 1e-3
