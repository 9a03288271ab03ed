"""How far the sources of a population contradict each other."""

from __future__ import annotations

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
    said: dict[Any, dict[Any, set[tuple[float, float]]]] = {}
    for (thing, voice), value, expected in zip(
        groups, log.tolist(), variance.tolist(), strict=True
    ):
        said.setdefault(thing, {}).setdefault(voice, set()).add((value, expected))
    total, freedom = 0.0, 0
    for voices in said.values():
        value, expected = np.array([np.median(list(v), axis=0) for v in voices.values()]).T
        weight = expected.min() / expected
        off = value - np.average(value, weights=weight)
        # With equal weights this is the sample variance times its degrees of freedom.
        total += len(value) * float(np.average(off**2, weights=weight))
        freedom += len(value) - 1
    return float(np.sqrt(total / freedom)) if freedom else 0.0
