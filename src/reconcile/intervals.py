"""Probability that a reading lies in an interval, exact in every tail (NumPy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["claim_logp", "interval_logp", "sound_logp"]


def interval_logp(
    value: ArrayLike,
    *,
    location: ArrayLike,
    scale: ArrayLike,
    down: ArrayLike,
    up: ArrayLike,
) -> NDArray[np.float64]:
    r"""Log probability of an interval under a logistic distribution.

    .. math:: \log P = -\mathrm{softplus}(-b) - \mathrm{softplus}(a) + \log(1 - e^{-(b - a)}),
        \quad a = (v - d - m) / s, \quad b = (v + u - m) / s

    which neither cancels nor underflows, since :math:`b - a = (d + u) / s` is known without a
    difference.

    Parameters
    ----------
    value : array_like
        A point of the interval, :math:`v`.
    location, scale : array_like
        Of the logistic distribution, :math:`m` and :math:`s > 0`.
    down, up : array_like
        Distances :math:`d` and :math:`u` from ``value`` to the ends, 0 to infinity, not both 0.

    Returns
    -------
    ndarray
        Broadcast shape; natural logarithm of a probability.

    Examples
    --------
    >>> from reconcile.intervals import interval_logp
    >>> float(interval_logp(0.0, location=0.0, scale=1.0, down=0.0, up=float("inf")).round(6))
    -0.693147
    """
    value, location, scale, down, up = map(np.asarray, (value, location, scale, down, up))
    below = (value - down - location) / scale
    above = (value + up - location) / scale
    width = (down + up) / scale
    return -_softplus(-above) - _softplus(below) + _log1mexp(width)


def _softplus(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.logaddexp(0.0, x)


def _log1mexp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 - exp(-x)) for x > 0, by the form that is accurate on each side of log 2."""
    with np.errstate(divide="ignore"):
        return np.where(x < np.log(2), np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


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
