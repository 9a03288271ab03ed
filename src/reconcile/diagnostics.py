"""R-hat and effective sample sizes of many variables at once.

They are those of ``arviz_stats``, which works out one variable at a time: 2 to 4 ms for each of
three statistics, a minute and more for ten thousand estimates. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

__all__ = ["convergence_statistics", "ess_bulk", "ess_tail", "r_hat"]

type Array = NDArray[np.float64]

# Variables worked on at a time, so that memory does not grow with their number.
_AT_ONCE: Final = 500
_TAIL: Final = 0.05


def convergence_statistics(draws: Array) -> dict[str, Array]:
    """All three at once, which share the ranks.

    Parameters
    ----------
    draws : ndarray of shape (chain, draw, variable)
        Natural or log scale.

    Returns
    -------
    dict of str to ndarray of shape (variable,)
        ``r_hat``, ``ess_bulk`` and ``ess_tail``; NaN where a draw is not a number.
    """
    return _in_parts(draws, tuple(_STATISTICS))


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
    return _in_parts(draws, ("r_hat",))["r_hat"]


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
    return _in_parts(draws, ("ess_bulk",))["ess_bulk"]


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
    return _in_parts(draws, ("ess_tail",))["ess_tail"]


def _in_parts(draws: Array, names: tuple[str, ...]) -> dict[str, Array]:
    found: dict[str, list[Array]] = {name: [] for name in names}
    for begin in range(0, draws.shape[2], _AT_ONCE):
        # One variable after the other in memory.
        part = np.moveaxis(np.asarray(draws[:, :, begin : begin + _AT_ONCE], dtype=float), 2, 0)
        part = np.ascontiguousarray(part)
        halves = _split(part)
        ranked = halves if names == ("ess_tail",) else _ranked(halves)
        bad = np.isnan(part).any(axis=(1, 2))
        for name in names:
            found[name].append(np.where(bad, np.nan, _STATISTICS[name](part, halves, ranked)))
    return {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in found.items()}


def _r_hat(part: Array, halves: Array, ranked: Array) -> Array:
    folded = np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True))
    return np.fmax(_plain_r_hat(ranked), _plain_r_hat(_ranked(folded)))


def _ess_bulk(part: Array, halves: Array, ranked: Array) -> Array:
    return _ess(ranked)


def _ess_tail(part: Array, halves: Array, ranked: Array) -> Array:
    ends = np.quantile(part, [_TAIL, 1 - _TAIL], axis=(1, 2), keepdims=True)
    low, high = (_ess((halves <= end).astype(float)) for end in ends)
    return np.minimum(low, high)


# Each takes draws of shape (variable, chain, draw), the halves of the chains, and their scores.
_STATISTICS: Final[Mapping[str, Callable[[Array, Array, Array], Array]]] = MappingProxyType(
    {"r_hat": _r_hat, "ess_bulk": _ess_bulk, "ess_tail": _ess_tail}
)


def _split(draws: Array) -> Array:
    """Both halves of each chain as chains of their own."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[..., :half], draws[..., -half:]], axis=1)


def _ranked(draws: Array) -> Array:
    """Normal scores of the ranks among all draws of a variable."""
    flat = draws.reshape(len(draws), -1)
    n = flat.shape[1]
    order = np.argsort(flat, axis=1)
    ranks = np.empty(flat.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, n + 1)[None], axis=1)
    inside = np.take_along_axis(flat, order, axis=1)
    tied = (inside[:, 1:] == inside[:, :-1]).any(axis=1)
    if tied.any():
        ranks[tied] = rankdata(flat[tied], method="average", axis=1)
    return np.asarray(ndtri((ranks - 3 / 8) / (n + 1 / 4))).reshape(draws.shape)


def _plain_r_hat(draws: Array) -> Array:
    n = draws.shape[2]
    between = n * draws.mean(axis=2).var(axis=1, ddof=1)
    within = draws.var(axis=2, ddof=1).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((between / within + n - 1) / n))


def _ess(draws: Array) -> Array:
    """Effective sample size of the mean, by Geyer's initial monotone sequence."""
    _, chains, n = draws.shape
    covariance = _autocovariance(draws).mean(axis=1)
    mean_variance = covariance[:, :1] * n / (n - 1)
    total = mean_variance * (n - 1) / n
    if chains > 1:
        total = total + draws.mean(axis=2).var(axis=1, ddof=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (mean_variance - covariance) / total
    rho[:, 0] = 1.0
    # Sums of neighbours must be positive, and fall; the last pair looked at is not one of them.
    most = max((n - 3) // 2, 0)
    pairs = rho[:, 0 : 2 * most + 1 : 2] + rho[:, 1 : 2 * most + 2 : 2]
    ended = pairs <= 0
    last = np.where(ended.any(axis=1), ended.argmax(axis=1), most)
    falling = np.minimum.accumulate(pairs, axis=1)
    inside = np.arange(pairs.shape[1]) < last[:, None]
    place = np.arange(len(rho))
    even, both = rho[place, 2 * last], pairs[place, last]
    tau = -1 + 2 * np.where(inside, falling, 0.0).sum(axis=1)
    tau = tau + np.where((even > 0) | (both >= 0), even, 0.0)
    size = chains * n
    # A variable that never moves is taken for known.
    span = draws.max(axis=(1, 2)) - draws.min(axis=(1, 2))
    found = size / np.maximum(tau, 1 / np.log10(size))
    return np.asarray(np.where(span < np.finfo(float).resolution, float(size), found))


def _autocovariance(draws: Array) -> Array:
    n = draws.shape[2]
    length = next_fast_len(2 * n, real=True)
    spectrum = rfft(draws - draws.mean(axis=2, keepdims=True), n=length)
    return np.asarray(irfft(np.abs(spectrum) ** 2, n=length)[..., :n] / n)
