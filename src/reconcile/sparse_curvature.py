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
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_array, csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from reconcile.whitening import DIFFERENCE, LEAST_CURVATURE, NOTHING, Root, seen_through

__all__ = ["elimination_order", "sparse_curved", "sparse_whitening"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
type Slope = Callable[[Array], tuple[float, Array]]

# Entries that a factor may have: some 300 MB.
_MOST_ENTRIES: Final = 20_000_000
# Pairs that may be looked at for each of them.
_PAIRS: Final = 20
# Steps after which the way down is seen with the curvature where it has come to, how often, and the
# last step that is too short, in standard deviations, to go on.
_STEPS: Final = 20
_MOST_WAYS: Final = 20
_NEAR: Final = 0.01


def sparse_whitening(slope: Slope, start: Array, touches: csr_array) -> tuple[Array, Root] | None:
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
    (ndarray of shape (n,), Root) or None
        None if the variables hang together so much that the factor would not be sparse.
    """
    order = elimination_order(touches)
    if order is None:
        return None
    mode = start
    for _ in range(_MOST_WAYS):
        root = sparse_curved(slope, mode, touches=touches, order=order)
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


def elimination_order(touches: csr_array) -> Indices | None:
    """Order of the variables in which the factor of their curvature stays sparse.

    Parameters
    ----------
    touches : sparse array of shape (term, n)
        Which variables each term of the density depends on.

    Returns
    -------
    ndarray of int of shape (n,), or None
        Those that most others depend on come last. None if they hang together so much that no
        order will do.
    """
    # Before anything that large is built: as many pairs as that are in it at most.
    if int((np.diff(touches.indptr).astype(float) ** 2).sum()) > _PAIRS * _MOST_ENTRIES:
        return None
    pattern, hubs, others = _pattern(touches)
    # Rows of the factor that may have no zero in them.
    most = _MOST_ENTRIES - pattern.shape[0] * len(hubs)
    order = _fewest_first(csr_array(pattern[others][:, others]), most)
    return None if order is None else np.concatenate([others[order], hubs])


def sparse_curved(slope: Slope, point: Array, *, touches: csr_array, order: Indices) -> Root:
    """Coordinates from the curvature of a density at a point.

    Parameters
    ----------
    slope : callable
        Minus the log density at a point, and its gradient; called from several threads.
    point : ndarray of shape (n,)
        At or near its mode.
    touches : sparse array of shape (term, n)
        Which variables each term of the density depends on.
    order : ndarray of int of shape (n,)
        As :func:`elimination_order` gives it.

    Returns
    -------
    Root
    """
    return _factor(_by_colours(slope, point, *_pattern(touches)), order)


def _pattern(touches: csr_array) -> tuple[csr_array, Indices, Indices]:
    """Where the curvature can be, the variables that many depend on, and the others."""
    pattern = csr_array(touches.T @ touches)
    pattern.sort_indices()
    hubs = _hubs(np.diff(pattern.indptr))
    return pattern, hubs, np.setdiff1d(np.arange(pattern.shape[0]), hubs)


def _hubs(degrees: Indices) -> Indices:
    """Variables that so many depend on that a column of their own is cheaper than more colours."""
    most = np.unique(degrees)
    columns = [int((degrees > degree).sum()) + int(degree) for degree in most]
    return np.flatnonzero(degrees > most[int(np.argmin(columns))])


def _by_colours(
    slope: Slope,
    point: Array,
    pattern: csr_array,
    hubs: Indices,
    others: Indices,
) -> csc_array:
    """Second derivatives, by differences of the gradient along columns that share no row."""
    n, here = point.size, slope(point)[1]
    inner = csr_array(pattern[others][:, others])
    colour = _coloured(inner.indptr.astype(np.int64), inner.indices.astype(np.int64), others.size)

    def moved(columns: Indices) -> Array:
        for difference in (DIFFERENCE, -DIFFERENCE):
            there = point.copy()
            there[columns] += difference
            value, gradient = slope(there)
            if np.isfinite(value):
                return (gradient - here) / difference
        raise ArithmeticError("the density is not a number on either side of a point")

    order = np.argsort(colour, kind="stable")
    alike = np.split(others[order], np.cumsum(np.bincount(colour))[:-1]) if others.size else []
    rows, columns, values = [], [], []
    with ThreadPoolExecutor() as pool:
        for same, change in zip(alike, pool.map(moved, alike), strict=True):
            part = coo_array(inner[:, np.searchsorted(others, same)])
            row = others[part.row]
            rows.append(row)
            columns.append(same[part.col])
            values.append(change[row])
        for hub, change in zip(hubs, pool.map(moved, hubs[:, None]), strict=True):
            # Twice what is beside the block of the others, of which half is kept below.
            at = np.flatnonzero(change)
            outer = np.isin(at, others)
            there, self_hub = np.where(outer, 2.0, 1.0) * change[at], np.full(at.size, hub)
            rows.append(at)
            columns.append(self_hub)
            values.append(there)
    found = csc_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n)
    )
    return csc_array(0.5 * (found + found.T))


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


def _factor(curvature: csc_array, order: Indices) -> Root:
    """Sparse Cholesky factor of a curvature, made positive where it is not."""
    n = order.size
    scale = np.sqrt(np.maximum(curvature.diagonal(), LEAST_CURVATURE))
    entries = coo_array(curvature)
    inside = np.abs(entries.data) > NOTHING * scale[entries.row] * scale[entries.col]
    inside &= entries.row != entries.col
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    rows, columns = place[entries.row[inside]], place[entries.col[inside]]
    off = csc_array((entries.data[inside], (rows, columns)), shape=(n, n))
    square, added = scale[order] ** 2, 0.0
    while True:
        # SuperLU's factors of a positive matrix in its own order are those of Cholesky.
        whole = csc_array(off + diags_array((1 + added) * square))
        try:
            found = splu(
                whole,
                permc_spec="NATURAL",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError:
            found = None
        if found is not None and (found.perm_r == np.arange(n)).all():
            widths = found.U.diagonal()
            if (widths > 0).all():
                break
        added = max(10 * added, 1e-3)
    lower = csc_array(found.L)
    lower.sort_indices()
    return Root(
        order=order.astype(np.int64),
        begin=lower.indptr.astype(np.int64),
        row=lower.indices.astype(np.int64),
        value=lower.data * np.repeat(np.sqrt(widths), np.diff(lower.indptr)),
    )


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
