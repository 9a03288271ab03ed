"""How far the sources of a population contradict each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.figure_priors import carried_on
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
    """How far the numbers given for each population contradict each other."""
    columns, compositions = claims.columns, claims.compositions
    is_level = columns["figure"].map(lambda name: compositions[name].is_level)
    is_total = columns["figure"].map(lambda name: compositions[name].is_dated) & ~is_level
    days = columns.days("date")
    # A level that changes is no contradiction: only claims for the same days are.
    since = np.where(is_level, columns["since"].codes + 1, 0)
    date = np.where(is_level, columns["date"].codes + 1, 0)
    off = readings.centre_log - expected
    if is_total.any():
        off += carried_on(claims, structure)
        passed = structure.dates[-1].toordinal() - days[is_total]
        date[is_total] = passed // priors.path_days
    given = np.flatnonzero(readings.tells_level)
    about = group_by([estimands_of(claims)[1][given], since[given], date[given]])
    return scatters(
        columns["population"].codes[given],
        about.codes,
        speakers.voice_of[given],
        off[given],
        variance[given],
        n=len(claims.populations),
    )


type Indices = NDArray[np.intp]


def scatters(
    population: Indices, thing: Indices, voice: Indices, log: Array, variance: Array, *, n: int
) -> Array:
    """Standard deviation of what several voices say of one thing, pooled over things.

    Every voice counts with the median of its distinct numbers, and with the inverse of the
    variance that was expected of it: a rough number beside a sharp one is no contradiction.

    Parameters
    ----------
    population, thing, voice : ndarray of shape (claim,)
        Whose figure each claim speaks of, which of the figures, and in whose voice; numbers
        counted from 0.
    log : ndarray of shape (claim,)
        What it says, less the bias that is expected; log scale.
    variance : ndarray of shape (claim,)
        Variance that its error was expected to have.
    n : int
        Number of populations.

    Returns
    -------
    ndarray of shape (n,)
        Log scale; 0 where no two voices speak of one thing.

    Examples
    --------
    >>> import numpy as np
    >>> from reconcile.models.log_scale.design.scatter import scatters
    >>> same, said = np.zeros(2, dtype=int), np.array([0.0, 2.0])
    >>> scatters(same, same, np.array([0, 1]), said, np.ones(2), n=1).round(3)
    array([1.414])
    """
    said = group_by([population, thing, voice])
    middles = np.stack(_middles(said.codes, log, variance), axis=-1)
    about = group_by([population[said.first], thing[said.first]])
    # The voices of each thing, in the order of the claims.
    by_thing = np.argsort(about.codes, kind="stable")
    sizes = np.bincount(about.codes, minlength=len(about))
    first = np.cumsum(sizes) - sizes
    squares = np.zeros(len(about))
    # Things of which as many voices speak are one table.
    for size in np.unique(sizes[sizes > 1]).tolist():
        same = np.flatnonzero(sizes == size)
        rows = middles[by_thing[first[same][:, None] + np.arange(size)]]
        squares[same] = _weighted_squares(rows[..., 0], rows[..., 1])
    whose = population[said.first][about.first]
    total = np.bincount(whose, squares, minlength=n)
    free = np.bincount(whose, sizes - 1, minlength=n)
    return np.sqrt(total / np.maximum(free, 1))


def _weighted_squares(value: Array, expected: Array) -> Array:
    """Squares about the mean of each row, by the inverse of the variance that was expected.

    With equal weights this is the sample variance times its degrees of freedom.
    """
    weight = expected.min(axis=1, keepdims=True) / expected
    of_all = weight.sum(axis=1)
    off = value - ((value * weight).sum(axis=1) / of_all)[:, None]
    return np.asarray(value.shape[1] * ((off**2 * weight).sum(axis=1) / of_all))


def _middles(group: Indices, *columns: Array) -> list[Array]:
    """Medians of the distinct rows of each group, of each column by itself."""
    order = np.lexsort((*columns, group))
    table = np.stack([group, *columns])[:, order]
    is_new = np.append(True, (np.diff(table) != 0).any(axis=0))[: len(order)]
    kept = order[is_new]
    sizes = np.bincount(group[kept])
    first = np.cumsum(sizes) - sizes
    found = []
    for column in columns:
        # The groups keep their places, whatever the order within them.
        ranked = column[kept][np.lexsort((column[kept], group[kept]))]
        low, high = (ranked[first + k] for k in ((sizes - 1) // 2, sizes // 2))
        found.append((low + high) / 2)
    return found
