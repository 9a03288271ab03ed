"""Probability of each claim, given what is expected of it (NumPy).

An error on the natural scale, as of an interval that is symmetric there, has its location and its
scales in units of half that interval; all others have them on the log scale.
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
    "judged",
    "log_likelihood",
    "observation",
    "observation_of",
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

    The density of what is said is that of a logistic distribution with the scale
    :math:`s_\uparrow` where the truth :math:`m` lies above it and :math:`s_\downarrow` where it
    lies below, times :math:`2 s / (s_\uparrow + s_\downarrow)`, so that it is whole and has no
    step at :math:`m`. The interval is taken to be on the side of its ``value``: one that reaches
    over :math:`m` must be short, or its two scales the same.

    Parameters
    ----------
    value, location, down, up : array_like
        As for :func:`interval_logp`.
    above, below : array_like
        Scales :math:`s_\uparrow` and :math:`s_\downarrow`, above 0.

    Returns
    -------
    ndarray
        Broadcast shape.
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
    one_sided: ArrayLike,
    unsound_scale: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Log probability of a claim: its interval if sound, next to nothing if not.

    .. math:: \log\bigl(\pi P(m, s) + (1 - \pi) P_0\bigr)

    with :math:`P_0 = 1/2` for a bound with one end, which says "at least" or "at most" at random if
    it is not sound, and :math:`P(m, s_0)` with a wide scale otherwise.

    Parameters
    ----------
    value, location, above, below, down, up : array_like
        As for :func:`sound_logp`.
    sound : array_like
        Probability :math:`\pi`, in (0, 1), that the claim is sound.
    one_sided : array_like
        Whether the claim is a bound with one end (1 or 0).
    unsound_scale : array_like
        Wide scale :math:`s_0`.

    Returns
    -------
    logp : ndarray
        Broadcast shape.
    sound_log : ndarray
        Log probability that the claim is sound, now that it was made.
    """
    inside = sound_logp(value, location=location, above=above, below=below, down=down, up=up)
    wide = interval_logp(value, location=location, scale=unsound_scale, down=down, up=up)
    sound = np.asarray(sound)
    if_sound = np.log(sound) + inside
    logp = np.logaddexp(if_sound, np.log1p(-sound) + np.where(one_sided, np.log(0.5), wide))
    return logp, if_sound - logp


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
    return observation_of(
        plan, latent.location_log, latent.noise_log, latent.width_log, latent.fade
    )


def observation_of(
    plan: Design, location_log: Array, noise_log: Array, width: Array, faded: Array
) -> Observation:
    """The same from its parts."""
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
    readings, seen, weight = plan.readings, observation(plan, latent), plan.serial.weight
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
