"""Coordinates for the sampler where the scale of changes of log rates is integrated out."""

from __future__ import annotations

from typing import Final

import numpy as np

from reconcile.sampler import CompiledDensity
from reconcile.whitening import Root, whitening

__all__ = ["whitened_paths"]

_PATHS: Final = ("path_shared", "path_own")
_NORMAL_FREEDOM: Final = 1e6
_STEPS: Final = 3
# No further than by this factor from the scale of the prior.
_FARTHEST: Final = 4.0


def whitened_paths(density: CompiledDensity) -> CompiledDensity:
    """A density in coordinates in which it is about as wide in all directions.

    Changes of log rates are a multivariate t: normal with a standard deviation that is integrated
    out. The mode of a t distribution says nothing of its width, that of a normal one does, so
    the standard deviation is put in that the claims make most likely. Expected and most likely
    value in turn (the EM algorithm, with the variance about the mode) creep towards it by
    ever the same share of the way: three steps tell where to.

    Parameters
    ----------
    density : CompiledDensity
        Of the kernel.

    Returns
    -------
    CompiledDensity
        Its draws are those of the variables themselves.
    """
    n_changes = {name: np.prod(density.shapes[density.names.index(name)]) for name in _PATHS}
    if not all(n_changes.values()) or len(density.shift) > density.most_whitened:
        return density.whitened()
    prior = density.compiled.shared_data["path_sd"]
    freedom = float(density.compiled.shared_data["path_freedom"][0])
    owner = np.repeat(density.names, [int(np.prod(shape)) for shape in density.shapes])
    of_path = [owner == name for name in _PATHS]
    factors = [np.zeros(len(_PATHS))]
    mode, root = density.shift, None
    for _ in range(_STEPS):
        mode, root = _normal(density, prior * np.exp(factors[-1]), mode, root)
        square = mode**2 + root.variance
        found = []
        for mask, sd in zip(of_path, prior, strict=True):
            ratio = (freedom + square[mask].sum() / sd**2) / (freedom + mask.sum())
            found.append(0.5 * np.log(ratio))
        factors.append(np.array(found))
    limit = _limit(np.array(factors))
    mode, root = _normal(density, prior * np.exp(limit), mode, root)
    return density.moved(mode, root)


def _normal(
    density: CompiledDensity, sd: np.ndarray, start: np.ndarray, root: Root | None
) -> tuple[np.ndarray, Root]:
    """Mode and curvature with normal changes."""
    normal = density.with_data({"path_freedom": np.array([_NORMAL_FREEDOM]), "path_sd": sd})
    return whitening(normal.slope, start, root)


def _limit(values: np.ndarray) -> np.ndarray:
    """Where a sequence leads that covers the same share of the way each time (Aitken)."""
    first, second = values[-2] - values[-3], values[-1] - values[-2]
    share = np.clip(np.divide(second, first, out=np.zeros_like(first), where=first != 0), 0.0, 0.98)
    limit = values[-1] + second * share / (1 - share)
    return np.asarray(np.clip(limit, -np.log(_FARTHEST), np.log(_FARTHEST)))
