r"""Coordinates in which a posterior is about as wide in all directions.

The curvature :math:`H` at the mode tells the directions. Where many claims see sums of many
parameters no diagonal metric will do, and the sampler cannot learn a full one from its own draws.
With the Cholesky factor :math:`H = L L^\top`, rows and columns ordered so that it stays sparse, a
step :math:`z` of the sampler is the step :math:`L^{-\top} z` of the variables.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from reconcile.inference.cholesky import MOST_FULL, CholeskyFactor, full_root, solve_transpose

__all__ = ["DIFFERENCE", "curved", "hessian", "seen_through", "whitening"]

type Array = NDArray[np.float64]
type Slope = Callable[[Array], tuple[float, Array]]
# Step of the differences from which the curvature is worked out.
DIFFERENCE: Final = 1e-4
# Up to so many the way down to the mode knows the curvature everywhere.
_FEWEST: Final = 100
# Slope at which a mode is reached, where parameters are of the order of 1.
_FLAT: Final = 1e-4


def whitening(
    slope: Slope, start: Array, root: CholeskyFactor | None = None
) -> tuple[Array, CholeskyFactor]:
    """Find the mode of a density, and its curvature there.

    Parameters
    ----------
    slope : callable
        Minus the log density at a point, and its gradient; called from several threads.
    start : ndarray of shape (n,)
        Where to begin.
    root : CholeskyFactor, optional
        Of a density much like this one, whose mode ``start`` is.

    Returns
    -------
    mode : ndarray of shape (n,)
    root : CholeskyFactor
    """
    mode = start if root else _descended(slope, start)
    if start.size > MOST_FULL or root:
        # Hundreds of parameters along narrow ridges: the way down is short in coordinates that
        # know the curvature half way.
        root = root or full_root(hessian(slope, mode))
        found = _descended(seen_through(slope, mode, root), np.zeros(mode.size))
        mode = mode + root.apply(found)
    return mode, curved(slope, mode)


def curved(slope: Slope, point: Array) -> CholeskyFactor:
    """Coordinates from the curvature of a density at a point.

    Parameters
    ----------
    slope : callable
        Minus the log density at a point, and its gradient; called from several threads.
    point : ndarray of shape (n,)
        At or near its mode.

    Returns
    -------
    CholeskyFactor
    """
    return full_root(hessian(slope, point))


def _descended(slope: Slope, start: Array) -> Array:
    if start.size <= _FEWEST:
        # A dozen curvatures of few parameters cost less than a hundred steps without.
        curvature: Any = lambda point: hessian(slope, point)  # noqa: E731
        found = minimize(
            slope,
            start,
            jac=True,
            hess=curvature,
            method="trust-exact",
            options={"maxiter": 100, "gtol": _FLAT},
        )
    else:
        found = minimize(
            slope,
            start,
            jac=True,
            method="L-BFGS-B",
            options={
                "maxiter": 500,
                "maxfun": 1000,
                "maxcor": 30 if start.size > MOST_FULL else 10,
            },
        )
    return np.asarray(found.x)


def seen_through(slope: Slope, mode: Array, root: CholeskyFactor) -> Slope:
    """A density in the coordinates of the sampler.

    Parameters
    ----------
    slope : callable
        Minus the log density at a point, and its gradient.
    mode : ndarray of shape (n,)
        Their origin.
    root : CholeskyFactor
        What their steps are turned by.

    Returns
    -------
    callable
        Minus the log density after a step, and its gradient by the step.
    """

    def seen(step: Array) -> tuple[float, Array]:
        value, gradient = slope(mode + root.apply(step))
        out = np.empty_like(step)
        solve_transpose(gradient, out, *root.arrays)
        return value, out

    return seen


def hessian(slope: Slope, point: Array) -> Array:
    """Matrix of second derivatives of minus the log density, by differences of the gradient."""
    here = slope(point)[1]

    def row(k: int) -> Array:
        moved = point.copy()
        moved[k] += DIFFERENCE
        return (slope(moved)[1] - here) / DIFFERENCE

    if point.size > MOST_FULL:
        with ThreadPoolExecutor() as pool:
            found = np.array(list(pool.map(row, range(point.size))))
    else:
        found = np.array([row(k) for k in range(point.size)])
    return np.asarray(0.5 * (found + found.T))
