"""How far the sources of a population contradict each other."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["scatter_of"]

type Array = NDArray[np.float64]


def scatter_of(groups: Iterable[tuple[Any, Any]], log: Array, variance: Array) -> float:
    """Standard deviation of what several voices say of one thing, pooled over things.

    Every voice counts with the median of its distinct numbers, and with the inverse of the
    variance that was expected of it: a rough number beside a sharp one is no contradiction.

    Parameters
    ----------
    groups : iterable of (thing, voice)
        What each claim speaks of, and in whose voice.
    log : ndarray of shape (claim,)
        What it says, less the bias that is expected; log scale.
    variance : ndarray of shape (claim,)
        Variance that its error was expected to have.

    Returns
    -------
    float
        Log scale; 0 where no two voices speak of one thing.

    Examples
    --------
    >>> import numpy as np
    >>> from reconcile.scatter import scatter_of
    >>> round(scatter_of([("killed", "A"), ("killed", "B")], np.array([0.0, 2.0]), np.ones(2)), 3)
    1.414
    """
    said: dict[Any, dict[Any, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for (thing, voice), value, expected in zip(
        groups, log.tolist(), variance.tolist(), strict=True
    ):
        said[thing][voice].append((value, expected))
    several = [voices for voices in said.values() if len(voices) > 1]
    if not several:
        return 0.0
    middles = np.array([_middle(pairs) for voices in several for pairs in voices.values()])
    sizes = np.array([len(voices) for voices in several])
    first = np.cumsum(sizes) - sizes
    squares = np.zeros(len(several))
    # Things of which as many voices speak are one table.
    for size in np.unique(sizes).tolist():
        alike = np.flatnonzero(sizes == size)
        rows = middles[first[alike][:, None] + np.arange(size)]
        squares[alike] = _weighted_squares(rows[..., 0], rows[..., 1])
    # Added up one by one, whatever their number.
    total = float(np.cumsum(squares)[-1])
    return float(np.sqrt(total / int((sizes - 1).sum())))


def _weighted_squares(value: Array, expected: Array) -> Array:
    """Squares about the mean of each row, by the inverse of the variance that was expected.

    With equal weights this is the sample variance times its degrees of freedom.
    """
    weight = expected.min(axis=1, keepdims=True) / expected
    of_all = weight.sum(axis=1)
    off = value - ((value * weight).sum(axis=1) / of_all)[:, None]
    return np.asarray(value.shape[1] * ((off**2 * weight).sum(axis=1) / of_all))


def _middle(pairs: list[tuple[float, float]]) -> tuple[float, ...]:
    """Medians of the distinct pairs, of each of the two numbers by itself."""
    if len(pairs) == 1:
        return pairs[0]
    return tuple(statistics.median(each) for each in zip(*set(pairs), strict=True))
