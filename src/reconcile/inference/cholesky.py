r"""Triangular matrices that turn steps of the sampler into steps of the variables.

With the Cholesky factor :math:`H = L L^\top` of a curvature, rows and columns ordered so that it
stays sparse, a step :math:`z` of the sampler is the step :math:`L^{-\top} z` of the variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

__all__ = [
    "MOST_FULL",
    "CholeskyFactor",
    "full_root",
    "no_root",
    "solve",
    "solve_transpose",
    "sparse_root",
]

type Array = NDArray[np.float64]
# Directions flatter than this, or bent the wrong way, are taken for as wide as this; the prior of
# most parameters has a curvature of 1.
_LEAST_CURVATURE: Final = 0.5
# Up to so many parameters all directions of the curvature are looked at.
MOST_FULL: Final = 400
# Correlations below this are noise of the differences.
_NOTHING: Final = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class CholeskyFactor:
    """A triangular matrix, sparse or full, and the order of its rows.

    A sparse one is held by columns, diagonal first, and its transpose is solved for each step. Of
    a full one of a few hundred rows the inverse is held, by rows up to the diagonal, since
    products wait for nothing: its transpose times a step takes a third of the time.

    Parameters
    ----------
    order : ndarray of int of shape (n,)
        Variable that each row stands for; empty for the identity.
    begin : ndarray of int of shape (n + 1,)
        Where each column begins; empty for a full one.
    row : ndarray of int of shape (entry,)
        Row of each entry; empty for a full one.
    value : ndarray of shape (entry,)
        Its value.
    """

    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    row: NDArray[np.int64]
    value: Array

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All of it."""
        return self.order, self.begin, self.row, self.value

    @property
    def size(self) -> int:
        """Number of variables; 0 for the identity."""
        return self.order.size

    @property
    def variance(self) -> Array:
        """Of each variable, where steps of the sampler are standard normal."""
        return np.asarray((self.apply(np.eye(self.size)) ** 2).sum(axis=0))

    def covariance(self, rows: NDArray[np.intp]) -> Array:
        """Of the variables of each row of places: shape (row, place, place)."""
        deviations = self.apply(np.eye(self.size))[:, rows]
        return np.asarray(np.einsum("kri,krj->rij", deviations, deviations, optimize=True))

    def apply(self, steps: Array) -> Array:
        """Steps of the variables for steps of the sampler, along the last axis."""
        if not self.size:
            return steps
        flat = np.ascontiguousarray(steps.reshape(-1, steps.shape[-1]))
        return np.asarray(_all_turned(flat, *self.arrays)).reshape(steps.shape)


def no_root() -> CholeskyFactor:
    """The identity."""
    none = np.empty(0, dtype=np.int64)
    return CholeskyFactor(order=none, begin=none, row=none, value=np.empty(0))


def full_root(curvature: Array) -> CholeskyFactor:
    """Cholesky factor of a full curvature, made positive where it is not.

    Parameters
    ----------
    curvature : ndarray of shape (n, n)
        Symmetric.

    Returns
    -------
    CholeskyFactor
        Full for few variables, sparse for many.
    """
    n = len(curvature)
    if n <= MOST_FULL:
        widths, directions = np.linalg.eigh(curvature)
        curvature = (directions * np.maximum(widths, _LEAST_CURVATURE)) @ directions.T
        inverse = solve_triangular(cholesky(curvature, lower=True), np.eye(n), lower=True)
        none = np.empty(0, dtype=np.int64)
        return CholeskyFactor(
            order=np.arange(n), begin=none, row=none, value=inverse[np.tril_indices(n)]
        )
    scale = _scale(np.diag(curvature))
    inside = np.abs(curvature) > _NOTHING * np.outer(scale, scale)
    # SuperLU's order for symmetric matrices; its factors are not used.
    pattern = csc_array(np.where(inside, 1e-9, 0.0) + np.eye(n))
    found = _factored(pattern, "MMD_AT_PLUS_A").perm_c
    return sparse_root(csc_array(np.where(inside, curvature, 0.0)), np.argsort(found))


def sparse_root(curvature: csc_array, order: NDArray[np.intp]) -> CholeskyFactor:
    """Sparse Cholesky factor of a curvature, with as much on the diagonal as it takes.

    Parameters
    ----------
    curvature : sparse array of shape (n, n)
        Symmetric; correlations that are noise of its differences are left out.
    order : ndarray of int of shape (n,)
        Of its rows in the factor.

    Returns
    -------
    CholeskyFactor

    Raises
    ------
    ArithmeticError
        If the curvature is not a number somewhere.
    """
    n = order.size
    if not np.isfinite(curvature.data).all():
        raise ArithmeticError("the curvature is not a number everywhere")
    scale = _scale(curvature.diagonal())
    entries = coo_array(curvature)
    inside = np.abs(entries.data) > _NOTHING * scale[entries.row] * scale[entries.col]
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
            found = _factored(whole, "NATURAL")
        except RuntimeError:
            found = None
        if found is not None and (found.perm_r == np.arange(n)).all():
            widths = found.U.diagonal()
            if (widths > 0).all():
                break
        added = max(10 * added, 1e-3)
    lower = csc_array(found.L)
    lower.sort_indices()
    return CholeskyFactor(
        order=order.astype(np.int64),
        begin=lower.indptr.astype(np.int64),
        row=lower.indices.astype(np.int64),
        value=lower.data * np.repeat(np.sqrt(widths), np.diff(lower.indptr)),
    )


def _factored(matrix: csc_array, order: Literal["NATURAL", "MMD_AT_PLUS_A"]) -> Any:
    """SuperLU's factors of a symmetric matrix, its diagonal for pivots."""
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def _scale(diagonal: Array) -> Array:
    return np.sqrt(np.maximum(diagonal, _LEAST_CURVATURE))


# Sums may be added up in any order, or they are not added four at a time.
_FAST: Final = {"reassoc", "nsz"}
# Inlined, since a function with a name can be linked to other machine code, whose sums are in
# another order, in the process that compiles it than in later ones.
_turning: Final = numba.njit(cache=True, error_model="numpy", fastmath=_FAST, forceinline=True)


@_turning  # type: ignore[untyped-decorator]  # numba has no types
def solve(step: Any, here: Any, order: Any, begin: Any, row: Any, value: Any) -> None:
    """Set a step of the variables for a step of the sampler."""
    n = step.size
    if order.size == 0:
        for i in range(n):
            here[i] = step[i]
        return
    if begin.size == 0:
        first = 0
        for j in range(n):
            here[j] = 0.0
            for i in range(j + 1):
                here[i] += value[first + i] * step[j]
            first += j + 1
        return
    solved = np.empty(n)
    for i in range(n):
        j = n - 1 - i
        total = step[j]
        for k in range(begin[j] + 1, begin[j + 1]):
            total -= value[k] * solved[row[k]]
        solved[j] = total / value[begin[j]]
        here[order[j]] = solved[j]


@_turning  # type: ignore[untyped-decorator]
def solve_transpose(slope: Any, out: Any, order: Any, begin: Any, row: Any, value: Any) -> None:
    """Gradient in the coordinates of the sampler."""
    n = slope.size
    if order.size == 0:
        for i in range(n):
            out[i] = slope[i]
        return
    if begin.size == 0:
        first = 0
        for j in range(n):
            total = 0.0
            for i in range(j + 1):
                total += value[first + i] * slope[i]
            out[j] = total
            first += j + 1
        return
    for j in range(n):
        out[j] = slope[order[j]]
    for j in range(n):
        out[j] /= value[begin[j]]
        for k in range(begin[j] + 1, begin[j + 1]):
            out[row[k]] -= value[k] * out[j]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _all_turned(steps: Any, order: Any, begin: Any, row: Any, value: Any) -> Any:
    found = np.empty(steps.shape)
    for k in range(len(steps)):
        solve(steps[k], found[k], order, begin, row, value)
    return found
