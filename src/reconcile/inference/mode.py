"""The mode of a density and the Cholesky factor of its Hessian there, to precondition the sampler.

If many claims are about sums of many parameters, a diagonal metric is not enough, and the sampler
cannot learn a dense one from its own draws.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from reconcile.inference.cholesky import MAX_DENSE, CholeskyFactor, dense_factor, solve_transpose

__all__ = [
    "DIFFERENCE",
    "Slope",
    "Units",
    "hessian_factor",
    "in_units",
    "preconditioned",
    "whitening",
    "whitening_in_units",
]

type Array = NDArray[np.float64]
type Slope = Callable[[Array], tuple[float, Array]]
# Length of each coordinate over which a density changes about a point.
type Units = Callable[[Array], Array]
# Step of the finite differences for the Hessian.
DIFFERENCE: Final = 1e-5
# Number of variables up to which the mode is found by a trust-region method with the Hessian.
_MAX_TRUST_REGION: Final = 100
# At a mode, units are not smaller than this many of those by which it was found.
_SAME_UNIT: Final = 0.1
_MOST_UNITS: Final = 10
# Largest gradient at a mode; parameters are of order 1.
_GRADIENT_TOLERANCE: Final = 1e-4


def whitening(
    slope: Slope, start: Array, root: CholeskyFactor | None = None
) -> tuple[Array, CholeskyFactor]:
    """Mode of a density and factor of its Hessian there; with ``root``, ``start`` is near it."""
    mode = start if root else _minimise(slope, start)
    if start.size > MAX_DENSE or root:
        # Narrow ridges in many dimensions: restart, preconditioned by the Hessian at this point.
        root = root or dense_factor(numerical_hessian(slope, mode))
        found = _minimise(preconditioned(slope, mode, root), np.zeros(mode.size))
        mode = mode + root.apply(found)
    return mode, hessian_factor(slope, mode)


def whitening_in_units(slope: Slope, start: Array, units: Units) -> tuple[Array, CholeskyFactor]:
    """As :func:`whitening`, where a density may be far narrower than its differences are wide."""
    for _ in range(_MOST_UNITS):
        unit = units(start)
        mode, root = whitening(in_units(slope, start, unit), np.zeros(start.size))
        start = start + unit * mode
        if (units(start) >= _SAME_UNIT * unit).all():
            break
    return start, root.in_units(unit)


def in_units(slope: Slope, origin: Array, unit: Array) -> Slope:
    """A density in coordinates about a point, measured in units."""

    def scaled(step: Array) -> tuple[float, Array]:
        value, gradient = slope(origin + unit * step)
        return value, unit * gradient

    return scaled


def hessian_factor(slope: Slope, *points: Array) -> CholeskyFactor:
    """Factor of the Hessian of a density at a point, or of its mean over several."""
    # One after the other: of thousands of variables each takes hundreds of megabytes.
    curvature = numerical_hessian(slope, points[0])
    for point in points[1:]:
        curvature += numerical_hessian(slope, point)
    return dense_factor(curvature / len(points))


def _minimise(slope: Slope, start: Array) -> Array:
    if start.size <= _MAX_TRUST_REGION:
        # With few variables a dozen Hessians cost less than a hundred steps without one.
        settings: dict[str, Any] = {
            "method": "trust-exact",
            "hess": lambda point: numerical_hessian(slope, point),
            "options": {"maxiter": 100, "gtol": _GRADIENT_TOLERANCE},
        }
    else:
        maxcor = 30 if start.size > MAX_DENSE else 10
        options = {"maxiter": 500, "maxfun": 1000, "maxcor": maxcor}
        settings = {"method": "L-BFGS-B", "options": options}
    return np.asarray(minimize(slope, start, jac=True, **settings).x)


def preconditioned(slope: Slope, mode: Array, root: CholeskyFactor) -> Slope:
    """The density as a function of the sampler's steps about ``mode``."""

    def at_step(step: Array) -> tuple[float, Array]:
        value, gradient = slope(mode + root.apply(step))
        out = np.empty_like(step)
        solve_transpose(gradient, out, *root.arrays)
        return value, out

    return at_step


def numerical_hessian(slope: Slope, point: Array) -> Array:
    """Hessian of the negative log density, by forward differences of the gradient."""
    here = slope(point)[1]

    def row(k: int) -> Array:
        perturbed = point.copy()
        perturbed[k] += DIFFERENCE
        return (slope(perturbed)[1] - here) / DIFFERENCE

    if point.size > MAX_DENSE:
        with ThreadPoolExecutor() as pool:
            rows = np.array(list(pool.map(row, range(point.size))))
    else:
        rows = np.array([row(k) for k in range(point.size)])
    return np.asarray(0.5 * (rows + rows.T))
