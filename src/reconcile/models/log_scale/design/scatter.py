"""Scatter: the disagreement between the sources of a population."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.figure_priors import extrapolation_log
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import estimands_of
from reconcile.models.log_scale.design.sums import Incidence
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.priors import Priors

__all__ = ["scatter_of", "scatters"]

type Array = NDArray[np.float64]


def scatter_of(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    speakers: Voices,
    expected: Array,
    variance: Array,
    priors: Priors,
) -> Array:
    """Standard deviation between sources of each population, log scale."""
    columns, compositions = claims.columns, claims.compositions
    is_level = columns["figure"].map(lambda name: compositions[name].is_level)
    is_total = columns["figure"].map(lambda name: compositions[name].is_dated) & ~is_level
    days = columns.days("date")
    # Levels change, so only claims for the same days can disagree.
    since = np.where(is_level, columns["since"].codes + 1, 0)
    date = np.where(is_level, columns["date"].codes + 1, 0)
    off = readings.centre_log - expected
    if is_total.any():
        off += extrapolation_log(claims, structure)
        passed = structure.dates[-1].toordinal() - days[is_total]
        date[is_total] = passed // priors.path_days
    kept = np.flatnonzero(readings.tells_level)
    about = group_by([estimands_of(claims)[1][kept], since[kept], date[kept]])
    return scatters(
        columns["population"].codes[kept],
        about.codes,
        speakers.voice_of[kept],
        off[kept],
        variance[kept],
        n=len(claims.populations),
    )


type Indices = NDArray[np.intp]


def scatters(
    population: Indices, estimand: Indices, voice: Indices, log: Array, variance: Array, *, n: int
) -> Array:
    """Standard deviation between voices on the same estimand, pooled over estimands, shape (n,).

    Each voice contributes the median of its distinct numbers ``log`` (less the expected bias),
    weighted by the inverse of its expected ``variance``, so that a rough number beside a precise
    one is no disagreement. 0 where no two voices speak of one estimand.
    """
    said = group_by([population, estimand, voice])
    middles = np.stack(_middles(said.codes, log, variance), axis=-1)
    about = group_by([population[said.first], estimand[said.first]])
    by_estimand = np.argsort(about.codes, kind="stable")
    sizes = np.bincount(about.codes, minlength=len(about))
    first = np.cumsum(sizes) - sizes
    squares = np.zeros(len(about))
    # Estimands with equally many voices are processed as one table.
    for size in np.unique(sizes[sizes > 1]).tolist():
        same = np.flatnonzero(sizes == size)
        rows = middles[by_estimand[first[same][:, None] + np.arange(size)]]
        squares[same] = _weighted_squares(rows[..., 0], rows[..., 1])
    population_of = population[said.first][about.first]
    total = np.bincount(population_of, squares, minlength=n)
    free = np.bincount(population_of, sizes - 1, minlength=n)
    return np.sqrt(total / np.maximum(free, 1))


def _weighted_squares(value: Array, expected: Array) -> Array:
    """Weighted sum of squares about each row's mean, scaled as the unweighted one."""
    weight = expected.min(axis=1, keepdims=True) / expected
    of_all = weight.sum(axis=1)
    off = value - ((value * weight).sum(axis=1) / of_all)[:, None]
    return np.asarray(value.shape[1] * ((off**2 * weight).sum(axis=1) / of_all))


def _middles(group: Indices, *columns: Array) -> list[Array]:
    """Medians over the distinct rows of each group, column by column."""
    order = np.lexsort((*columns, group))
    table = np.stack([group, *columns])[:, order]
    is_new = np.append(True, (np.diff(table) != 0).any(axis=0))[: len(order)]
    kept = order[is_new]
    sizes = np.bincount(group[kept])
    first = np.cumsum(sizes) - sizes
    found = []
    for column in columns:
        ranked = column[kept][np.lexsort((column[kept], group[kept]))]
        low, high = (ranked[first + k] for k in ((sizes - 1) // 2, sizes // 2))
        found.append((low + high) / 2)
    return found
