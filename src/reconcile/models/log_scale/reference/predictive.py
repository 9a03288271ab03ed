"""Draws of the readings behind the claims (NumPy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import Latent
from reconcile.models.log_scale.reference.likelihood import Observation, observation

__all__ = ["draw_readings", "draw_readings_in_sequence"]

type Array = NDArray[np.float64]


def draw_readings(
    plan: Design, latent: Latent, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Readings given the stated predecessors, and whether each is sound; shape (n, claim)."""
    chances = _chances(plan, latent.base_log.shape, rng)
    return _given(plan, latent, chances, latent.location_log, latent.shift_log), chances.sound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chances:
    """What chance decides about each claim, shape (n, claim).

    Whether it is sound, whether it follows its predecessor; standard logistic noise, and a uniform
    that picks its side.
    """

    sound: NDArray[np.bool_]
    follows: NDArray[np.bool_]
    noise: Array
    side: Array


def _chances(plan: Design, shape: tuple[int, ...], rng: np.random.Generator) -> _Chances:
    sound = rng.random(shape) < plan.sound
    follows = (rng.random(shape) < plan.priors.serial_follow) & sound & plan.serial.follows
    noise, side = rng.logistic(0, 1, shape), rng.random(shape)
    return _Chances(sound=sound, follows=follows, noise=noise, side=side)


def _given(
    plan: Design, latent: Latent, chances: _Chances, location_log: Array, shift_log: Array
) -> Array:
    """Readings given what chance decides."""
    factor = plan.serial.alone * np.where(chances.follows, plan.serial.narrowing, 1.0)
    location = location_log + np.where(chances.follows, shift_log, 0.0)
    seen = observation(plan, latent, location, factor)
    return _drawn(seen, chances.sound, chances.noise, chances.side)


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
    serial, shape = plan.serial, latent.base_log.shape
    chances = _chances(plan, shape, rng)
    off = np.zeros(shape)

    def drawn() -> Array:
        location = latent.base_log + np.where(serial.is_revised, off, 0.0)
        return _given(plan, latent, chances, location, serial.share * off)

    reading = drawn()
    done = serial.share == 0
    while not done.all():
        ready = np.flatnonzero(~done & done[serial.predecessor])
        before = serial.predecessor[ready]
        off[:, ready] = _on_log_scale(plan, reading)[:, before] - latent.base_log[:, before]
        reading[:, ready] = drawn()[:, ready]
        done[ready] = True
    return reading, chances.sound


def _on_log_scale(plan: Design, reading: Array) -> Array:
    """Readings on the log scale; nonpositive ones are clipped just above zero."""
    linear = plan.readings.is_linear.astype(bool)
    natural = np.log(np.maximum(reading, _LEAST)) + plan.readings.unit_log
    return np.where(linear, natural, reading)


_LEAST = 1e-3
