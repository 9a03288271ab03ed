"""R-hat and effective sample sizes of many variables at once.

They are those of ``arviz_stats``, which works out one variable at a time: 2 to 4 ms for each of
three statistics, a minute and more for ten thousand estimates. A test holds the two together.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

__all__ = ["ess_bulk", "ess_tail", "r_hat"]

type Array = NDArray[np.float64]

# Variables worked on at a time, so that memory does not grow with their number.
_AT_ONCE: Final = 500
_TAIL: Final = 0.05


def r_hat(draws: Array) -> Array:
    """Rank-normalised split R-hat, the larger of that of the bulk and that of the tails.

    Parameters
    ----------
    draws : ndarray of shape (chain, draw, variable)
        At least two chains.

    Returns
    -------
    ndarray of shape (variable,)
        NaN where a draw is not a number, or all are the same.
    """

    def of(some: Array) -> Array:
        split = _split(some)
        folded = np.abs(split - np.median(split, axis=(0, 1)))
        return np.fmax(_plain_r_hat(_ranked(split)), _plain_r_hat(_ranked(folded)))

    return _in_parts(draws, of)


def ess_bulk(draws: Array) -> Array:
    """Effective sample size of the bulk.

    Parameters
    ----------
    draws : ndarray of shape (chain, draw, variable)

    Returns
    -------
    ndarray of shape (variable,)
        NaN where a draw is not a number.
    """
    return _in_parts(draws, lambda some: _ess(_ranked(_split(some))))


def ess_tail(draws: Array) -> Array:
    """Effective sample size of the tails, the smaller of those of the 5 and 95 % quantiles.

    Parameters
    ----------
    draws : ndarray of shape (chain, draw, variable)

    Returns
    -------
    ndarray of shape (variable,)
        NaN where a draw is not a number.
    """

    def of(some: Array) -> Array:
        ends = np.quantile(some, [_TAIL, 1 - _TAIL], axis=(0, 1))
        low, high = (_ess(_split((some <= end).astype(float))) for end in ends)
        return np.minimum(low, high)

    return _in_parts(draws, of)


def _in_parts(draws: Array, of: object) -> Array:
    assert callable(of)
    found = [
        np.where(np.isnan(part).any(axis=(0, 1)), np.nan, of(part))
        for begin in range(0, draws.shape[2], _AT_ONCE)
        for part in (np.asarray(draws[:, :, begin : begin + _AT_ONCE], dtype=float),)
    ]
    return np.concatenate(found) if found else np.zeros(0)


def _split(draws: Array) -> Array:
    """Both halves of each chain as chains of their own."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _ranked(draws: Array) -> Array:
    """Normal scores of the ranks among all draws of a variable."""
    flat = draws.reshape(-1, draws.shape[2])
    ranks = rankdata(flat, method="average", axis=0)
    return np.asarray(ndtri((ranks - 3 / 8) / (len(flat) + 1 / 4))).reshape(draws.shape)


def _plain_r_hat(draws: Array) -> Array:
    n = draws.shape[1]
    between = n * draws.mean(axis=1).var(axis=0, ddof=1)
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((between / within + n - 1) / n))


def _ess(draws: Array) -> Array:
    """Effective sample size of the mean, by Geyer's initial monotone sequence."""
    chains, n, _ = draws.shape
    covariance = _autocovariance(draws).mean(axis=0)
    mean_variance = covariance[0] * n / (n - 1)
    total = mean_variance * (n - 1) / n
    if chains > 1:
        total = total + draws.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (mean_variance - covariance) / total
    rho[0] = 1.0
    # Sums of neighbours must be positive, and fall; the last pair looked at is not one of them.
    most = max((n - 3) // 2, 0)
    pairs = rho[0 : 2 * most + 1 : 2] + rho[1 : 2 * most + 2 : 2]
    ended = pairs <= 0
    last = np.where(ended.any(axis=0), ended.argmax(axis=0), most)
    falling = np.minimum.accumulate(pairs, axis=0)
    inside = np.arange(len(pairs))[:, None] < last
    place = np.arange(rho.shape[1])
    even, both = rho[2 * last, place], pairs[last, place]
    tau = -1 + 2 * np.where(inside, falling, 0.0).sum(axis=0)
    tau = tau + np.where((even > 0) | (both >= 0), even, 0.0)
    size = chains * n
    # A variable that never moves is taken for known.
    span = draws.max(axis=(0, 1)) - draws.min(axis=(0, 1))
    found = size / np.maximum(tau, 1 / np.log10(size))
    return np.asarray(np.where(span < np.finfo(float).resolution, float(size), found))


def _autocovariance(draws: Array) -> Array:
    n = draws.shape[1]
    length = next_fast_len(2 * n)
    spectrum = rfft(draws - draws.mean(axis=1, keepdims=True), n=length, axis=1)
    return np.asarray(irfft(np.abs(spectrum) ** 2, n=length, axis=1)[:, :n] / n)
