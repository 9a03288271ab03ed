"""Coordinates for the sampler where the standard deviation of changes of log rates is unknown."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from reconcile.roots import Root
from reconcile.sampler import CompiledDensity
from reconcile.whitening import curved, whitening

__all__ = ["whitened_paths"]

_SPREAD: Final = "path_spread_z"
# What each of them is the spread of.
_CHANGES: Final = ("path_shared", "path_own")
_STEPS: Final = 3
# No further than this from the median of the prior, in its standard deviations.
_FARTHEST: Final = 3.5

type Array = NDArray[np.float64]


def whitened_paths(density: CompiledDensity) -> CompiledDensity:
    """A density in coordinates in which it is about as wide in all directions.

    Changes of log rates are standard normal variables times a standard deviation that is to be
    found. At the mode of both together the changes are far smaller than they are, and that
    far larger, so the coordinates are taken where it is most likely whatever the
    changes. Expected changes and most likely standard deviation in turn (the EM algorithm, with
    the variance about the mode) creep there by ever the same share of the way: three steps tell
    where to.

    Parameters
    ----------
    density : CompiledDensity
        Of the kernel.

    Returns
    -------
    CompiledDensity
        Its draws are those of the variables themselves.
    """
    owner = np.repeat(density.names, _sizes(density))
    fixed = owner == _SPREAD
    if not fixed.any():
        return density.whitened()
    if len(density.shift) > density.most_whitened:
        return density
    spread = float(density.compiled.shared_data["path_spread"][0])
    of_path = [owner == name for name in _CHANGES]
    found, mode, root = [np.zeros(len(_CHANGES))], density.shift, None
    for _ in range(_STEPS):
        mode, root = _conditional(density, fixed, found[-1], mode, root)
        square = mode**2 + root.variance
        steps = [
            _most_likely(z, int(mask.sum()), float(square[mask].sum()), spread)
            for z, mask in zip(found[-1], of_path, strict=True)
        ]
        found.append(np.array(steps))
    mode, root = _conditional(density, fixed, _limit(np.array(found)), mode, root)
    turned, mode = _turned(density, mode, root, np.flatnonzero(np.any(of_path, axis=0)))
    return turned.moved(mode, curved(turned.slope, mode))


def _turned(
    density: CompiledDensity, mode: Array, root: Root, paths: NDArray[np.intp]
) -> tuple[CompiledDensity, Array]:
    """Paths in the directions that claims tell most of, and least; the mode in them.

    With :math:`V` the covariance of the changes of one row where their standard deviation is
    known, :math:`1 - V` is how far the claims pin them down, and so how far they stay where they
    are when the standard deviation moves.
    """
    n = len(density.compiled.shared_data["knot_step"])
    rows = paths.reshape(-1, n)
    centre = mode[np.repeat(density.names, _sizes(density)) == _SPREAD]
    covariance = root.covariance(rows)
    pull, turn = np.linalg.eigh(np.eye(n) - covariance)
    data = {
        "path_centre": centre,
        "path_turn": turn.ravel(),
        "path_pull": np.clip(pull, 0.0, 1.0).ravel(),
    }
    mode = mode.copy()
    mode[rows] = np.einsum("rij,ri->rj", turn, mode[rows])
    return density.with_data(data), mode


def _conditional(
    density: CompiledDensity,
    fixed: NDArray[np.bool_],
    spread_z: Array,
    start: Array,
    root: Root | None,
) -> tuple[Array, Root]:
    """Mode and curvature where the standard deviations of changes are known."""
    start = start.copy()
    start[fixed] = spread_z

    def slope(point: Array) -> tuple[float, Array]:
        here = point.copy()
        here[fixed] = spread_z
        value, gradient = density.slope(here)
        # What is known is left alone: a parabola about it.
        gradient[fixed] = point[fixed] - spread_z
        return value + 0.5 * float(np.sum(gradient[fixed] ** 2)), gradient

    return whitening(slope, start, root)


def _sizes(density: CompiledDensity) -> list[int]:
    return [int(np.prod(shape)) for shape in density.shapes]


def _most_likely(z: float, n: int, square: float, spread: float) -> float:
    """Spread that is most likely if ``n`` changes have this sum of squares at the spread ``z``.

    With :math:`x` the new spread, :math:`-n s x - Q e^{-2 s (x - z)} / 2 - x^2 / 2` is largest.
    """
    known = np.log(2 * spread**2 * square) + 2 * spread * (z + spread * n)
    return float(np.clip(wrightomega(known) / (2 * spread) - spread * n, -_FARTHEST, _FARTHEST))


def _limit(values: Array) -> Array:
    """Where a sequence leads that covers the same share of the way each time (Aitken)."""
    first, second = values[-2] - values[-3], values[-1] - values[-2]
    share = np.clip(np.divide(second, first, out=np.zeros_like(first), where=first != 0), 0.0, 0.98)
    limit = values[-1] + second * share / (1 - share)
    return np.asarray(np.clip(limit, -_FARTHEST, _FARTHEST))
