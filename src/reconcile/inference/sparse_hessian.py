"""The curvature of a density of very many variables, few of which depend on each other.

Columns of the curvature that have no row in common are found by one difference of the gradient
[1]_. The few variables that nearly all others depend on, such as the noise of a role, have columns
of their own, and come last in the factor.

References
----------
.. [1] Curtis, A. R., Powell, M. J. D. and Reid, J. K. (1974). On the estimation of sparse Jacobian
   matrices. IMA Journal of Applied Mathematics 13(1). https://doi.org/10.1093/imamat/13.1.117
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_array, csc_array, csr_array

from reconcile.inference.cholesky import CholeskyFactor, sparse_root
from reconcile.inference.mode import DIFFERENCE, seen_through

__all__ = ["MOST_ENTRIES", "Columns", "SparseCurvature", "sparse_whitening"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
type Slope = Callable[[Array], tuple[float, Array]]
# Entries that a factor may have: some 300 MB.
MOST_ENTRIES: Final = 20_000_000
# Pairs that may be looked at for each of them.
_PAIRS: Final = 20
# Steps after which the way down is seen with the curvature where it has come to, how often, and the
# last step that is too short, in standard deviations, to go on.
_STEPS: Final = 20
_MOST_WAYS: Final = 20
_NEAR: Final = 0.01


def sparse_whitening(
    slope: Slope, start: Array, touches: csr_array
) -> tuple[Array, CholeskyFactor] | None:
    """Find the mode of a density of very many variables, and its curvature there.

    The way down goes in coordinates that know the curvature where it has come to.

    Parameters
    ----------
    slope : callable
        Minus the log density at a point, and its gradient; called from several threads.
    start : ndarray of shape (n,)
        Where to begin.
    touches : sparse array of shape (term, n)
        Which variables each term of the density depends on.

    Returns
    -------
    (ndarray of shape (n,), CholeskyFactor) or None
        None if the variables hang together so much that the factor would not be sparse.
    """
    curvature = SparseCurvature.of(touches)
    if curvature is None:
        return None
    mode = start
    for _ in range(_MOST_WAYS):
        root = curvature.root(slope, mode)
        step = minimize(
            seen_through(slope, mode, root),
            np.zeros(mode.size),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _STEPS, "maxcor": _STEPS},
        ).x
        mode = mode + root.apply(step)
        if np.abs(step).max() < _NEAR:
            break
    return mode, root


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of a curvature that one difference of the gradient finds.

    Parameters
    ----------
    moved : ndarray of int of shape (column,)
        Variables that are moved together.
    row, column : ndarray of int of shape (entry,)
        Where the curvature can be.
    share : ndarray of shape (entry,)
        How much of an entry is kept: those found once, of the two that are alike, count twice.
    """

    moved: Indices
    row: Indices
    column: Indices
    share: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseCurvature:
    """How the curvature of a density is worked out and factored, wherever the point is.

    Parameters
    ----------
    order : ndarray of int of shape (n,)
        Of the variables in the factor; those that most others depend on come last.
    parts : tuple of Columns
        All columns.
    """

    order: Indices
    parts: tuple[Columns, ...]

    @classmethod
    def of(cls, touches: csr_array) -> SparseCurvature | None:
        """Of a density whose terms depend on few variables each.

        Parameters
        ----------
        touches : sparse array of shape (term, n)
            Which variables each term of the density depends on.

        Returns
        -------
        SparseCurvature or None
            None if the variables hang together so much that no order keeps the factor sparse.
        """
        # Before anything that large is built: as many pairs as that are in it at most.
        if int((np.diff(touches.indptr).astype(float) ** 2).sum()) > _PAIRS * MOST_ENTRIES:
            return None
        pattern = csr_array(touches.T @ touches)
        pattern.sort_indices()
        n = pattern.shape[0]
        hubs = _hubs(np.diff(pattern.indptr))
        others = np.setdiff1d(np.arange(n), hubs)
        inner = csr_array(pattern[others][:, others])
        # Rows of the factor that may have no zero in them.
        order = _fewest_first(inner, MOST_ENTRIES - n * len(hubs))
        if order is None:
            return None
        parts = (*_alike(inner, others), *_alone(pattern, hubs))
        return cls(order=np.concatenate([others[order], hubs]), parts=parts)

    def root(self, slope: Slope, point: Array) -> CholeskyFactor:
        """Coordinates from the curvature at a point.

        Parameters
        ----------
        slope : callable
            Minus the log density at a point, and its gradient; called from several threads.
        point : ndarray of shape (n,)
            At or near its mode.

        Returns
        -------
        CholeskyFactor

        Raises
        ------
        ArithmeticError
            If there is no density on either side of the point.
        """
        n, here = point.size, slope(point)[1]

        def values(part: Columns) -> Array:
            for difference in (DIFFERENCE, -DIFFERENCE):
                there = point.copy()
                there[part.moved] += difference
                value, gradient = slope(there)
                if np.isfinite(value):
                    return np.asarray(part.share * ((gradient - here) / difference)[part.row])
            raise ArithmeticError("the density is not a number on either side of a point")

        with ThreadPoolExecutor() as pool:
            found = np.concatenate(list(pool.map(values, self.parts)))
        row, column = (
            np.concatenate([getattr(part, side) for part in self.parts])
            for side in ("row", "column")
        )
        half = csc_array((0.5 * found, (row, column)), shape=(n, n))
        return sparse_root(csc_array(half + half.T), self.order)


def _hubs(degrees: Indices) -> Indices:
    """Variables that so many depend on that a column of their own is cheaper than more colours."""
    most = np.unique(degrees)
    columns = [int((degrees > degree).sum()) + int(degree) for degree in most]
    return np.flatnonzero(degrees > most[int(np.argmin(columns))])


def _alike(inner: csr_array, others: Indices) -> list[Columns]:
    """Columns of the block without hubs, those together that share no row."""
    if not others.size:
        return []
    colour = _coloured(inner.indptr.astype(np.int64), inner.indices.astype(np.int64), others.size)
    found = []
    for same in np.split(np.argsort(colour, kind="stable"), np.cumsum(np.bincount(colour))[:-1]):
        part = coo_array(inner[:, same])
        found.append(
            Columns(
                moved=others[same],
                row=others[part.row],
                column=others[same[part.col]],
                share=np.ones(part.nnz),
            )
        )
    return found


def _alone(pattern: csr_array, hubs: Indices) -> list[Columns]:
    """Columns of the hubs; their rows are not found again."""
    found = []
    for hub in hubs:
        row = pattern.indices[pattern.indptr[hub] : pattern.indptr[hub + 1]].astype(np.intp)
        found.append(
            Columns(
                moved=np.array([hub]),
                row=row,
                column=np.full(row.size, hub),
                share=np.where(np.isin(row, hubs), 1.0, 2.0),
            )
        )
    return found


def _fewest_first(pattern: csr_array, most: int) -> Indices | None:
    """Order that keeps the factor sparse, fewest neighbours first; None if none does."""
    n = pattern.shape[0]
    ends = pattern.indptr.tolist()
    near = [
        set(pattern.indices[a:b].tolist()) - {k}
        for k, (a, b) in enumerate(itertools.pairwise(ends))
    ]
    waiting = [(len(neighbours), k) for k, neighbours in enumerate(near)]
    heapq.heapify(waiting)
    order: list[int] = []
    done, entries, work = bytearray(n), 0, 0
    while waiting:
        size, k = heapq.heappop(waiting)
        if done[k] or size != len(near[k]):
            continue
        left = n - len(order)
        entries += size if size < left - 1 else left * size // 2
        work += size**2
        if entries > most or work > _PAIRS * most:
            return None
        if size == left - 1:
            # All that is left hangs together: any order will do.
            order += [j for j in range(n) if not done[j]]
            break
        done[k] = 1
        order.append(k)
        for j in near[k]:
            near[j] |= near[k]
            near[j] -= {j, k}
            heapq.heappush(waiting, (len(near[j]), j))
        near[k] = set()
    return np.array(order, dtype=np.intp)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _coloured(begin: Any, row: Any, n: Any) -> Any:
    """A colour for each column, none twice among those that have a row in common."""
    colour, taken = np.full(n, -1), np.full(n + 1, -1)
    for j in range(n):
        for a in range(begin[j], begin[j + 1]):
            i = row[a]
            for b in range(begin[i], begin[i + 1]):
                if colour[row[b]] >= 0:
                    taken[colour[row[b]]] = j
        c = 0
        while taken[c] == j:
            c += 1
        colour[j] = c
    return colour
