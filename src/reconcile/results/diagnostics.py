"""R-hat and effective sample sizes of many variables at once.

The same as those of ``arviz_stats``, which takes 2 to 4 ms for each variable and statistic, or more
than a minute for ten thousand estimates. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri

from reconcile._parallel import in_blocks

__all__ = ["convergence_statistics", "distinct_variables", "ess_bulk", "ess_tail", "r_hat"]

type Array = NDArray[np.float64]
_TAIL: Final = 0.05
# Draws by which linear relations are found, and the tolerance to which they must hold.
_PROBES: Final = 12
_ROUNDING: Final = 1e-9


def convergence_statistics(draws: Array) -> dict[str, Array]:
    """``r_hat``, ``ess_bulk``, ``ess_tail`` of draws (chain, draw, variable); NaN if any is NaN."""
    distinct, of = distinct_variables(draws)
    found = _in_parts(draws, tuple(_STATISTICS), distinct)
    return {name: values[of] for name, values in found.items()}


def distinct_variables(draws: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Variables that are no increasing linear function of another, and the one each one equals."""
    # A total has the ranks of the standard normal variable behind it: half of all can be skipped.
    n = draws.shape[2]
    flat = draws.reshape(draws.shape[0] * draws.shape[1], n)
    some = flat[np.linspace(0, len(flat) - 1, min(_PROBES, len(flat)), dtype=int)]
    with np.errstate(divide="ignore", invalid="ignore"):
        key = np.round((some - some[0]) / (some[-1] - some[0]), 8)
        falls = some[-1:] < some[:1]
    alike: dict[bytes, int] = {}
    distinct: list[int] = []
    of = np.empty(n, dtype=np.intp)
    for k, column in enumerate(np.concatenate([key, falls]).T):
        found = alike.get(column.tobytes()) if np.isfinite(column).all() else None
        if found is not None and _is_line(flat[:, distinct[found]], flat[:, k]):
            of[k] = found
            continue
        alike[column.tobytes()] = of[k] = len(distinct)
        distinct.append(k)
    return np.array(distinct, dtype=np.intp), of


def _is_line(one: Array, other: Array) -> bool:
    slope = (other[-1] - other[0]) / (one[-1] - one[0])
    off = np.abs(other - other[0] - slope * (one - one[0]))
    return bool(off.max() <= _ROUNDING * np.ptp(other))


def r_hat(draws: Array) -> Array:
    """Rank-normalised split R-hat, the larger of bulk and folded, shape (variable,)."""
    return _in_parts(draws, ("r_hat",))["r_hat"]


def ess_bulk(draws: Array) -> Array:
    """Bulk effective sample size, shape (variable,)."""
    return _in_parts(draws, ("ess_bulk",))["ess_bulk"]


def ess_tail(draws: Array) -> Array:
    """Tail effective sample size, the smaller of the 5 and 95 % quantiles, shape (variable,)."""
    return _in_parts(draws, ("ess_tail",))["ess_tail"]


def _in_parts(
    draws: Array, names: tuple[str, ...], variables: NDArray[np.intp] | None = None
) -> dict[str, Array]:
    which = np.arange(draws.shape[2]) if variables is None else variables
    if not which.size:
        return {name: np.zeros(0) for name in names}

    def work(block: slice, _: int) -> list[Array]:
        # One variable after the other in memory.
        part = np.moveaxis(np.asarray(draws[:, :, which[block]], dtype=float), 2, 0)
        part = np.ascontiguousarray(part)
        halves = _split(part)
        scores, inside = _ranked(halves)
        bad = np.isnan(part).any(axis=(1, 2))
        return [
            np.where(bad, np.nan, _STATISTICS[name](part, halves, scores, inside)) for name in names
        ]

    parts = in_blocks(work, which.size, each=draws.shape[0] * draws.shape[1])
    return dict(zip(names, map(np.concatenate, zip(*parts, strict=True)), strict=True))


def _r_hat(part: Array, halves: Array, scores: Array, inside: Array) -> Array:
    n = inside.shape[1]
    # The exact median: rounding would decide how the two middle draws rank.
    median = (inside[:, (n - 1) // 2] + inside[:, n // 2]) / 2
    folded = np.abs(halves - median[:, None, None])
    return np.fmax(_plain_r_hat(scores), _plain_r_hat(_ranked(folded)[0]))


def _ess_bulk(part: Array, halves: Array, scores: Array, inside: Array) -> Array:
    return _ess(scores)


def _ess_tail(part: Array, halves: Array, scores: Array, inside: Array) -> Array:
    if part.size > inside.size:
        # The middle draw of an odd chain is in neither half.
        inside = np.sort(part.reshape(len(part), -1), axis=1)
    ends = [_quantile(inside, share)[:, None, None] for share in (_TAIL, 1 - _TAIL)]
    low, high = (_ess((halves <= end).astype(float)) for end in ends)
    return np.minimum(low, high)


def _quantile(inside: Array, share: float) -> Array:
    """Quantile of each row of sorted numbers, linearly interpolated."""
    place = share * (inside.shape[1] - 1)
    below = int(place)
    above = min(below + 1, inside.shape[1] - 1)
    return np.asarray(inside[:, below] + (place - below) * (inside[:, above] - inside[:, below]))


# Each takes draws (variable, chain, draw), half chains, their normal scores, and all draws sorted.
_STATISTICS: Final[Mapping[str, Callable[[Array, Array, Array, Array], Array]]] = MappingProxyType(
    {"r_hat": _r_hat, "ess_bulk": _ess_bulk, "ess_tail": _ess_tail}
)


def _split(draws: Array) -> Array:
    """Halves of chains as chains."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[..., :half], draws[..., -half:]], axis=1)


def _ranked(draws: Array) -> tuple[Array, Array]:
    """Normal scores of the ranks among all draws of a variable; all draws sorted."""
    flat = draws.reshape(len(draws), -1)
    n = flat.shape[1]
    order = np.argsort(flat, axis=1)
    # Ranks in steps of a half, for ties.
    by_rank = ndtri((np.arange(1.0, n + 0.5, 0.5) - 3 / 8) / (n + 1 / 4))
    scores = np.empty(flat.shape)
    np.put_along_axis(scores, order, by_rank[None, ::2], axis=1)
    inside = np.take_along_axis(flat, order, axis=1)
    same = inside[:, 1:] == inside[:, :-1]
    for k in np.flatnonzero(same.any(axis=1)).tolist():
        begins = np.flatnonzero(np.concatenate([[True], ~same[k]]))
        ends = np.append(begins[1:], n)
        scores[k, order[k]] = np.repeat(by_rank[begins + ends - 1], ends - begins)
    return scores.reshape(draws.shape), inside


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
    # Sums of pairs must be positive and decreasing; the last pair examined is excluded.
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
    # A constant variable is known.
    span = draws.max(axis=(1, 2)) - draws.min(axis=(1, 2))
    found = size / np.maximum(tau, 1 / np.log10(size))
    return np.asarray(np.where(span < np.finfo(float).resolution, float(size), found))


def _autocovariance(draws: Array) -> Array:
    n = draws.shape[2]
    length = next_fast_len(2 * n, real=True)
    spectrum = rfft(draws - draws.mean(axis=2, keepdims=True), n=length)
    return np.asarray(irfft(np.abs(spectrum) ** 2, n=length)[..., :n] / n)
