"""The sparse Hessian of a density of very many variables.

Columns of the Hessian that share no row are found from one difference of the gradient [1]_. The few
variables that nearly all others depend on, such as the noise of a role, are differenced one by one
and come last in the factor.

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

from reconcile.inference.cholesky import CholeskyFactor, sparse_factor
from reconcile.inference.mode import DIFFERENCE, preconditioned

__all__ = ["ColumnGroup", "SparseHessian", "sparse_whitening"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
type Slope = Callable[[Array], tuple[float, Array]]
# Entries of a factor: about 300 MB.
MAX_ENTRIES: Final = 20_000_000
# Pairs of variables examined per entry.
_PAIRS_PER_ENTRY: Final = 20
# L-BFGS steps per Hessian, number of Hessians, and step, in standard deviations, at which to stop.
_STEPS: Final = 20
_MAX_RESTARTS: Final = 20
_STEP_TOLERANCE: Final = 0.01


def sparse_whitening(
    slope: Slope, start: Array, sparsity_pattern: csr_array
) -> tuple[Array, CholeskyFactor] | None:
    """Minimise, preconditioned by the Hessian at the current point; None if no factor is sparse."""
    hessian = SparseHessian.of(sparsity_pattern)
    if hessian is None:
        return None
    mode = start
    for _ in range(_MAX_RESTARTS):
        root = hessian.factor(slope, mode)
        step = minimize(
            preconditioned(slope, mode, root),
            np.zeros(mode.size),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _STEPS, "maxcor": _STEPS},
        ).x
        mode = mode + root.apply(step)
        if np.abs(step).max() < _STEP_TOLERANCE:
            break
    return mode, root


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGroup:
    """Columns of a Hessian found from one difference of the gradient.

    Parameters
    ----------
    perturbed : ndarray of int of shape (column,)
        Variables perturbed together.
    row, column : ndarray of int of shape (entry,)
        Positions of the entries.
    weight : ndarray of shape (entry,)
        2 for an entry whose mirror image is not computed, else 1.
    """

    perturbed: Indices
    row: Indices
    column: Indices
    weight: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseHessian:
    """A plan to compute and factor the Hessian of a density at any point.

    Parameters
    ----------
    order : ndarray of int of shape (n,)
        Order of the variables in the factor; hubs, on which most others depend, come last.
    groups : tuple of ColumnGroup
        All columns.
    """

    order: Indices
    groups: tuple[ColumnGroup, ...]

    @classmethod
    def of(cls, sparsity_pattern: csr_array) -> SparseHessian | None:
        """Plan for a sparsity pattern (term, n); None if no order keeps the factor sparse."""
        # An upper limit of the number of pairs, checked before they are stored.
        n_pairs = int((np.diff(sparsity_pattern.indptr).astype(float) ** 2).sum())
        if n_pairs > _PAIRS_PER_ENTRY * MAX_ENTRIES:
            return None
        pattern = csr_array(sparsity_pattern.T @ sparsity_pattern)
        pattern.sort_indices()
        n = pattern.shape[0]
        hubs = _hubs(np.diff(pattern.indptr))
        others = np.setdiff1d(np.arange(n), hubs)
        inner = csr_array(pattern[others][:, others])
        # The rows of the hubs may be full.
        order = _minimum_degree_order(inner, MAX_ENTRIES - n * len(hubs))
        if order is None:
            return None
        groups = (*_grouped_columns(inner, others), *_hub_columns(pattern, hubs))
        return cls(order=np.concatenate([others[order], hubs]), groups=groups)

    def factor(self, slope: Slope, point: Array) -> CholeskyFactor:
        """Factor of the Hessian at a point; ArithmeticError if the density is undefined there."""
        n, here = point.size, slope(point)[1]

        def values(group: ColumnGroup) -> Array:
            for difference in (DIFFERENCE, -DIFFERENCE):
                there = point.copy()
                there[group.perturbed] += difference
                value, gradient = slope(there)
                if np.isfinite(value):
                    return np.asarray(group.weight * ((gradient - here) / difference)[group.row])
            raise ArithmeticError("the density is undefined on both sides of a point")

        with ThreadPoolExecutor() as pool:
            found = np.concatenate(list(pool.map(values, self.groups)))
        row, column = (
            np.concatenate([getattr(group, side) for group in self.groups])
            for side in ("row", "column")
        )
        half = csc_array((0.5 * found, (row, column)), shape=(n, n))
        return sparse_factor(csc_array(half + half.T), self.order)


def _hubs(degrees: Indices) -> Indices:
    """Variables with so many neighbours that a difference each is cheaper than more colours."""
    most = np.unique(degrees)
    columns = [int((degrees > degree).sum()) + int(degree) for degree in most]
    return np.flatnonzero(degrees > most[int(np.argmin(columns))])


def _grouped_columns(inner: csr_array, others: Indices) -> list[ColumnGroup]:
    """Columns of the block without hubs, grouped so that no two in a group share a row."""
    if not others.size:
        return []
    begin, row = inner.indptr.astype(np.int64), inner.indices.astype(np.int64)
    colour = _greedy_colouring(begin, row, others.size)
    found = []
    for same in np.split(np.argsort(colour, kind="stable"), np.cumsum(np.bincount(colour))[:-1]):
        part = coo_array(inner[:, same])
        found.append(
            ColumnGroup(
                perturbed=others[same],
                row=others[part.row],
                column=others[same[part.col]],
                weight=np.ones(part.nnz),
            )
        )
    return found


def _hub_columns(pattern: csr_array, hubs: Indices) -> list[ColumnGroup]:
    """One group per hub; by symmetry its column also gives its row."""
    found = []
    for hub in hubs:
        row = pattern.indices[pattern.indptr[hub] : pattern.indptr[hub + 1]].astype(np.intp)
        found.append(
            ColumnGroup(
                perturbed=np.array([hub]),
                row=row,
                column=np.full(row.size, hub),
                weight=np.where(np.isin(row, hubs), 1.0, 2.0),
            )
        )
    return found


def _minimum_degree_order(pattern: csr_array, most: int) -> Indices | None:
    """Minimum-degree elimination order; None if the factor has more than ``most`` entries."""
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
        if entries > most or work > _PAIRS_PER_ENTRY * most:
            return None
        if size == left - 1:
            # The remaining variables form a clique: any order will do.
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
def _greedy_colouring(begin: Any, row: Any, n: Any) -> Any:
    """Greedy colouring of the columns: columns that share a row differ."""
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
