r"""Cholesky factors of a Hessian, as preconditioners of the sampler.

With :math:`H = L L^\top`, rows and columns ordered so that the factor stays sparse, a step
:math:`z` of the sampler is the step :math:`L^{-\top} z` of the variables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

__all__ = [
    "MAX_DENSE",
    "CholeskyFactor",
    "dense_factor",
    "identity_factor",
    "solve",
    "solve_transpose",
    "sparse_factor",
]

type Array = NDArray[np.float64]
# Lower limit of eigenvalues and diagonal entries; most parameters have a prior curvature of 1.
_MIN_CURVATURE: Final = 0.5
# Number of variables up to which the factor is dense, and eigenvalues are computed.
MAX_DENSE: Final = 400
# Correlations below this are noise of the finite differences.
_NEGLIGIBLE: Final = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class CholeskyFactor:
    """A lower triangular factor, sparse or dense, with a permutation.

    A sparse factor is stored by columns, diagonal first. Of a dense one the inverse is stored, by
    rows up to the diagonal: multiplying by it takes a third of the time of solving.

    Parameters
    ----------
    order : ndarray of int of shape (n,)
        Variable of each row; empty for the identity.
    begin : ndarray of int of shape (n + 1,)
        Start of each column; empty if dense.
    row : ndarray of int of shape (entry,)
        Row of each entry; empty if dense.
    value : ndarray of shape (entry,)
        Value of each entry.
    """

    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    row: NDArray[np.int64]
    value: Array

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All fields, as numba functions take them."""
        return self.order, self.begin, self.row, self.value

    @property
    def size(self) -> int:
        """Number of variables; 0 for the identity."""
        return self.order.size

    @property
    def variance(self) -> Array:
        """Variance of each variable if steps of the sampler are standard normal."""
        return np.asarray((self.apply(np.eye(self.size)) ** 2).sum(axis=0))

    def covariance(self, rows: NDArray[np.intp]) -> Array:
        """Covariance within each row of variables, shape (row, n, n), on the same assumption."""
        deviations = self.apply(np.eye(self.size))[:, rows]
        return np.asarray(np.einsum("kri,krj->rij", deviations, deviations, optimize=True))

    def in_units(self, unit: Array) -> CholeskyFactor:
        """Factor for variables of which these steps are multiples of a unit each; dense ones."""
        by_row = np.tile(unit[self.order], (self.size, 1))[np.tril_indices(self.size)]
        return replace(self, value=self.value * by_row)

    def apply(self, steps: Array) -> Array:
        """Steps of the variables for steps of the sampler, along the last axis."""
        if not self.size:
            return steps
        flat = np.ascontiguousarray(steps.reshape(-1, steps.shape[-1]))
        return np.asarray(_solve_each(flat, *self.arrays)).reshape(steps.shape)


def identity_factor() -> CholeskyFactor:
    """The identity."""
    none = np.empty(0, dtype=np.int64)
    return CholeskyFactor(order=none, begin=none, row=none, value=np.empty(0))


def dense_factor(curvature: Array) -> CholeskyFactor:
    """Factor of a symmetric dense Hessian, made positive definite; sparse if it is large."""
    n = len(curvature)
    if n <= MAX_DENSE:
        widths, directions = np.linalg.eigh(curvature)
        curvature = (directions * np.maximum(widths, _MIN_CURVATURE)) @ directions.T
        inverse = solve_triangular(cholesky(curvature, lower=True), np.eye(n), lower=True)
        none = np.empty(0, dtype=np.int64)
        return CholeskyFactor(
            order=np.arange(n), begin=none, row=none, value=inverse[np.tril_indices(n)]
        )
    scale = _scale(np.diag(curvature))
    inside = np.abs(curvature) > _NEGLIGIBLE * np.outer(scale, scale)
    # Only SuperLU's fill-reducing order is used here.
    pattern = csc_array(np.where(inside, 1e-9, 0.0) + np.eye(n))
    found = _superlu(pattern, "MMD_AT_PLUS_A").perm_c
    return sparse_factor(csc_array(np.where(inside, curvature, 0.0)), np.argsort(found))


def sparse_factor(curvature: csc_array, order: NDArray[np.intp]) -> CholeskyFactor:
    """Factor of a sparse symmetric Hessian in a given order, with enough added to its diagonal."""
    n = order.size
    if not np.isfinite(curvature.data).all():
        raise ArithmeticError("the Hessian is not finite")
    scale = _scale(curvature.diagonal())
    entries = coo_array(curvature)
    inside = np.abs(entries.data) > _NEGLIGIBLE * scale[entries.row] * scale[entries.col]
    inside &= entries.row != entries.col
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    rows, columns = place[entries.row[inside]], place[entries.col[inside]]
    off = csc_array((entries.data[inside], (rows, columns)), shape=(n, n))
    square, added = scale[order] ** 2, 0.0
    while True:
        # Without pivoting, SuperLU's factors of a positive definite matrix are those of Cholesky.
        whole = csc_array(off + diags_array((1 + added) * square))
        try:
            found = _superlu(whole, "NATURAL")
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


def _superlu(matrix: csc_array, order: Literal["NATURAL", "MMD_AT_PLUS_A"]) -> Any:
    """SuperLU's factors of a symmetric matrix, pivoting on the diagonal."""
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def _scale(diagonal: Array) -> Array:
    return np.sqrt(np.maximum(diagonal, _MIN_CURVATURE))


# Reassociation lets sums be vectorised.
_FAST: Final = {"reassoc", "nsz"}
# Inlined, so that the process that compiles it and later ones add up in the same order; a separate
# function may be linked to differently compiled code.
_inlined: Final = numba.njit(cache=True, error_model="numpy", fastmath=_FAST, forceinline=True)


@_inlined  # type: ignore[untyped-decorator]  # numba has no types
def solve(step: Any, here: Any, order: Any, begin: Any, row: Any, value: Any) -> None:
    """Set ``here`` to the step of the variables for a step of the sampler."""
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


@_inlined  # type: ignore[untyped-decorator]
def solve_transpose(slope: Any, out: Any, order: Any, begin: Any, row: Any, value: Any) -> None:
    """Set ``out`` to the gradient in the coordinates of the sampler."""
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
def _solve_each(steps: Any, order: Any, begin: Any, row: Any, value: Any) -> Any:
    found = np.empty(steps.shape)
    for k in range(len(steps)):
        solve(steps[k], found[k], order, begin, row, value)
    return found
