"""The modes of a density that descents from given points reach."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from reconcile.inference.cholesky import CholeskyFactor
from reconcile.inference.density import CompiledDensity
from reconcile.inference.mode import (
    Slope,
    Units,
    hessian_factor,
    preconditioned,
    whitening_in_units,
)

__all__ = ["Mode", "modes_of"]

type Array = NDArray[np.float64]
# Modes whose normal approximation has less than e^-10 of the mass of the best are left out.
_LEAST_LOG_MASS: Final = -10.0
# Points this near by each other's curvature, in standard deviations, belong to one mode.
_NEAR: Final = 3.0
# A start within one standard deviation of the mode where its parabola holds is in its basin.
_INSIDE: Final = 1.0
_AS_PARABOLA: Final = 0.5
# Descents end well within a standard deviation of a mode.
_DESCENT: Final = MappingProxyType({"maxiter": 100, "ftol": 1e-7, "gtol": 1e-2})
_ARRIVED: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A mode, the Hessian's factor and its inverse, and the mass of the normal approximation."""

    point: Array
    root: CholeskyFactor
    spread: Array
    log_mass: float

    def distance(self, point: Array) -> float:
        """Distance of a point in standard deviations."""
        return float(np.linalg.norm(np.linalg.solve(self.spread.T, point - self.point)))


def modes_of(
    density: CompiledDensity,
    starts: Iterable[Array],
    held: NDArray[np.bool_] | None = None,
    units: Units | None = None,
) -> list[Mode]:
    """Modes with noticeable mass, the heaviest first: of a whitened density, and from ``starts``.

    Variables ``held`` stay where the density has its origin. With ``units``, descents take the
    steps that fit the density where they are.
    """
    # Making it plain for each gradient takes longer than the gradient.
    plain = density.plain.slope
    slope = plain if held is None or not held.any() else _holding(plain, density.shift, held)
    value = slope(density.shift)[0]
    found = [_mode(density, density.shift, density.root, value)]
    at_step = preconditioned(slope, density.shift, density.root)
    to_step = np.linalg.inv(found[0].spread.T)
    for start in starts:
        step = to_step @ (start - density.shift)
        square = float(step @ step)
        rise = at_step(step)[0] - value
        if square < _INSIDE and abs(rise - square / 2) < _AS_PARABOLA:
            continue
        if units:
            point, root = whitening_in_units(slope, start, units)
            least = slope(point)[0]
        else:
            best: Any = minimize(at_step, step, jac=True, method="L-BFGS-B", options=dict(_DESCENT))  # type: ignore[call-overload]
            if np.linalg.norm(best.x) < _ARRIVED:
                continue
            point, least = density.shift + density.root.apply(best.x), best.fun
            root = hessian_factor(plain, point)
        if not math.isfinite(least):
            continue
        here = _mode(density, point, root, least)
        if all(max(here.distance(m.point), m.distance(point)) > _NEAR for m in found):
            found.append(here)
    most = max(mode.log_mass for mode in found)
    found = [mode for mode in found if mode.log_mass > most + _LEAST_LOG_MASS]
    return sorted(found, key=lambda mode: -mode.log_mass)


def _mode(density: CompiledDensity, point: Array, root: CholeskyFactor, value: float) -> Mode:
    spread = root.apply(np.eye(point.size))
    log_mass = -value + float(np.linalg.slogdet(spread)[1])
    return Mode(point=point, root=root, spread=spread, log_mass=log_mass)


def _holding(density: Slope, point: Array, held: NDArray[np.bool_]) -> Slope:
    """The density with some variables kept where they are in a point, by a parabola."""
    place = point[held]

    def slope(point: Array) -> tuple[float, Array]:
        here = point.copy()
        here[held] = place
        value, gradient = density(here)
        gradient[held] = point[held] - place
        return value + 0.5 * float(np.sum(gradient[held] ** 2)), gradient

    return slope
