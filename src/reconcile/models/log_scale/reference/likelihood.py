"""Probability of each claim given the latent quantities (NumPy).

Location and scales are on the log scale, except for an error on the natural scale, as of an
interval that is symmetric there: then they are in units of half the interval's length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reconcile.models.intervals import interval_logp
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.forward import Latent

__all__ = [
    "Observation",
    "claim_logp",
    "log_likelihood",
    "loglik_and_soundness",
    "observation",
    "sound_logp",
]


def sound_logp(
    value: ArrayLike,
    *,
    location: ArrayLike,
    above: ArrayLike,
    below: ArrayLike,
    down: ArrayLike,
    up: ArrayLike,
) -> NDArray[np.float64]:
    r"""Log probability of an interval under a logistic distribution with two scales.

    The density of the stated number is logistic with scale :math:`s_\uparrow` where the truth
    :math:`m` lies above it and :math:`s_\downarrow` where it lies below, times
    :math:`2 s / (s_\uparrow + s_\downarrow)`: normalised and continuous at :math:`m`. The interval
    is taken to lie on the side of its ``value``, so one that contains :math:`m` must be short or
    have equal scales.
    """
    above, below = np.asarray(above), np.asarray(below)
    scale = np.where(np.asarray(location) > value, above, below)
    inside = interval_logp(value, location=location, scale=scale, down=down, up=up)
    return np.asarray(inside + np.log(2 * scale / (above + below)))


def claim_logp(
    value: ArrayLike,
    *,
    location: ArrayLike,
    above: ArrayLike,
    below: ArrayLike,
    down: ArrayLike,
    up: ArrayLike,
    sound: ArrayLike,
    unsound_scale: ArrayLike,
    following: tuple[ArrayLike, Observation] | None = None,
    copies: tuple[ArrayLike, ArrayLike] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Log probability of a claim, and log posterior probability that it is sound.

    .. math:: \log\bigl((1 - q) (\pi (F P(m', s') + (1 - F) P(m, s)) + (1 - \pi) P_0) + q K\bigr)

    where ``following`` is the probability :math:`F` that the claim follows its predecessor, and the
    observation with :math:`m', s'` if it does. Unsound claims have :math:`P_0 = P(m, s_0)` with a
    wide scale :math:`s_0`. Of ``copies``, the logs of :math:`1 - q` and :math:`q K`, a claim's
    number has probability :math:`K`; it is sound or not if it is none.
    """
    inside = sound_logp(value, location=location, above=above, below=below, down=down, up=up)
    if following is not None:
        follow, after = following
        ends = {"above": after.above, "below": after.below, "down": down, "up": up}
        followed = sound_logp(value, location=after.location, **ends)
        with np.errstate(divide="ignore"):
            inside = np.logaddexp(np.log(follow) + followed, np.log1p(-np.asarray(follow)) + inside)
    wide = interval_logp(value, location=location, scale=unsound_scale, down=down, up=up)
    sound = np.asarray(sound)
    if_sound = np.log(sound) + inside
    logp = np.logaddexp(if_sound, np.log1p(-sound) + wide)
    sound_log = if_sound - logp
    if copies is not None:
        apart_log, copied_log = copies
        logp = np.logaddexp(np.asarray(apart_log) + logp, copied_log)
    return logp, sound_log


type Array = NDArray[np.float64]
# Just below the largest exponent that does not overflow.
_HIGHEST_LOG = 700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Distribution of readings, each on the scale of its own error; shape ``(n, claim)``.

    Parameters
    ----------
    location : ndarray
        Median.
    above, below : ndarray
        Logistic scales where the truth lies above and below the stated number.
    unsound : ndarray
        Logistic scale of a gross error.
    """

    location: Array
    above: Array
    below: Array
    unsound: Array


def observation(
    plan: Design, latent: Latent, location_log: Array | None = None, factor: Array | None = None
) -> Observation:
    """Distribution of readings, by default of claims that do not follow their predecessors."""
    readings, width = plan.readings, latent.width_log
    location_log = latent.location_log if location_log is None else location_log
    factor = plan.serial.alone if factor is None else factor
    linear = readings.is_linear.astype(bool)
    natural = np.exp(np.minimum(location_log - readings.unit_log, _HIGHEST_LOG))
    noise = np.where(linear, latent.noise_log * natural, latent.noise_log)
    tilt = np.exp(readings.tilt_log)
    bound, other = plan.priors.unsound_bound_log, plan.priors.unsound_scale_log
    unsound = np.where(readings.is_one_sided, bound, other)
    return Observation(
        location=np.where(linear, natural, location_log),
        above=factor * np.hypot(noise, width * tilt),
        below=factor * np.hypot(noise, width / tilt),
        unsound=np.where(linear, unsound * np.hypot(natural, 1.0), unsound),
    )


def log_likelihood(plan: Design, latent: Latent) -> Array:
    """Log probability of each claim, shape (n, claim), weighted as in the model."""
    return loglik_and_soundness(plan, latent)[0]


def loglik_and_soundness(plan: Design, latent: Latent) -> tuple[Array, Array]:
    """Weighted log probability of each claim, and probability it is sound; shape (n, claim)."""
    readings, serial, weight = plan.readings, plan.serial, plan.serial.weight
    seen, following = observation(plan, latent), None
    if serial.follows.any():
        factor = serial.alone * serial.narrowing
        after = observation(plan, latent, latent.location_log + latent.shift_log, factor)
        following = np.where(serial.follows, plan.priors.serial_follow, 0.0), after
    logp, sound_log = claim_logp(
        readings.said,
        location=seen.location,
        above=seen.above,
        below=seen.below,
        down=readings.down_log,
        up=readings.up_log,
        sound=plan.sound,
        unsound_scale=seen.unsound,
        following=following,
        copies=plan.copies.logs,
    )
    return weight * logp, np.where(weight > 0, np.exp(sound_log), plan.sound)
