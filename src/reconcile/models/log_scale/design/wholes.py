"""Wholes: sums of series that have a prior of their own, of which their parts are shares (NumPy).

Series and wholes are *nodes*, numbered in this order. A node without a parent, a root, has a normal
prior of its log total. The parts of a whole have normal weights, log scale, and the log total of
each is that of the whole plus its weight less the log of the summed exponentials of all: shares are
logistic-normal. The number of parts that nobody tells apart thus has no say in the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Whole", "Wholes", "arranged", "components", "totals_of_weights"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Series that a whole is the sum of, and its parts: nodes, each a series or a whole."""

    series: frozenset[int]
    parts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Wholes:
    """Wholes, parts before what contains them.

    Parameters
    ----------
    n_series : int
        Number of series.
    parts : tuple of tuple of int
        Nodes that each whole is the sum of.
    labels : tuple of str
        Population and figures.
    mean_log, sd_log : ndarray of shape (whole,)
        Normal prior of the log total of a root, of the weight of a part.
    """

    n_series: int
    parts: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    mean_log: Array
    sd_log: Array

    @cached_property
    def parent(self) -> Indices:
        """Node of the whole that each node is a part of, -1 for roots."""
        found = np.full(self.n_series + len(self.parts), -1)
        for j, parts in enumerate(self.parts):
            found[list(parts)] = self.n_series + j
        return found

    @cached_property
    def series(self) -> tuple[frozenset[int], ...]:
        """Series that each whole is the sum of."""
        found: list[frozenset[int]] = []
        for parts in self.parts:
            below = (found[k - self.n_series] if k >= self.n_series else {k} for k in parts)
            found.append(frozenset().union(*below))
        return tuple(found)

    @cached_property
    def root(self) -> Indices:
        """Root above each node, itself if it is one."""
        found = np.arange(self.n_series + len(self.parts))
        for node in range(found.size - 1, -1, -1):
            if self.parent[node] >= 0:
                found[node] = found[self.parent[node]]
        return found


def totals_of_weights(nodes: Array, parts: Sequence[Sequence[int]]) -> Array:
    """Log totals of all nodes, shape (..., node), from those of roots and the weights of parts."""
    found = np.array(nodes)
    n_series = found.shape[-1] - len(parts)
    for j in range(len(parts) - 1, -1, -1):
        weights = found[..., list(parts[j])]
        all_log = np.logaddexp.reduce(weights, axis=-1, keepdims=True)
        found[..., list(parts[j])] = weights + found[..., [n_series + j]] - all_log
    return found


def arranged(
    n_series: int,
    sums: Iterable[frozenset[int]],
    apart: Collection[int],
    together: Iterable[frozenset[int]],
) -> tuple[Whole, ...]:
    """Wholes with their parts, from distinct ``sums``, the preferred first among equally large.

    A sum that partly overlaps a larger one is no whole. Series ``apart`` are parts by themselves;
    the rest of a whole is one part of it, and series that are in none are one whole if ``together``
    connects them.
    """
    inner, kept, outer = np.full(n_series, -1), list[frozenset[int]](), list[int]()
    for series in sorted(sums, key=len, reverse=True):
        # Larger sums came before: nested in each or disjoint from it if innermost in the same one.
        around = {int(inner[k]) for k in series}
        if len(around) == 1:
            inner[list(series)] = len(kept)
            kept.append(series)
            outer.extend(around)
    parts: list[list[int]] = [[] for _ in kept]
    rest: list[list[int]] = [[] for _ in kept]
    loose = []
    for k, j in enumerate(inner.tolist()):
        if j >= 0:
            (parts if k in apart else rest)[j].append(k)
        elif k not in apart:
            loose.append(k)
    found = [
        Whole(series=frozenset(group), parts=tuple(group))
        for group in components(loose, together)
        if len(group) > 1
    ]
    for j in range(len(kept) - 1, -1, -1):
        if len(rest[j]) > 1 and parts[j]:
            found.append(Whole(series=frozenset(rest[j]), parts=tuple(rest[j])))
            rest[j] = [n_series + len(found) - 1]
        found.append(Whole(series=kept[j], parts=tuple(sorted(parts[j] + rest[j]))))
        if outer[j] >= 0:
            parts[outer[j]].append(n_series + len(found) - 1)
    return tuple(found)


def components(
    series: Collection[int], together: Iterable[Collection[int]]
) -> list[tuple[int, ...]]:
    """Series in groups that ``together`` connects, each sorted."""
    above = {k: k for k in series}

    def top(k: int) -> int:
        while above[k] != k:
            above[k] = k = above[above[k]]
        return k

    for group in together:
        tops = sorted({top(k) for k in group if k in above})
        above.update(dict.fromkeys(tops, tops[0]) if tops else {})
    found: dict[int, list[int]] = {}
    for k in sorted(above):
        found.setdefault(top(k), []).append(k)
    return [tuple(group) for group in found.values()]
