"""Coordinates of the kernel: for the sampler, and back to the variables of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from reconcile.inference.cholesky import CholeskyFactor
from reconcile.inference.density import CompiledDensity
from reconcile.inference.mode import hessian_factor, whitening
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.reference.forward import path_changes

__all__ = [
    "aitken_limit",
    "level_dates",
    "model_variables",
    "most_likely_spread",
    "whitened_paths",
]

type Array = NDArray[np.float64]
# Totals that are known better than this, log scale, are taken at the last day.
_KNOWN: Final = 1.0
# Claims that are sharper than the first weigh no more, and all that are less sharp than the
# second weigh the same.
_EXACT, _ROUGH = 1e-3, 0.1
_PATHS: Final = (("path_shared", "path_shared_z"), ("path_own", "path_own_z"))


def level_dates(plan: Design, scale: Array) -> NDArray[np.intp]:
    """Date at which each running total is taken: the median of those that its claims are for.

    Parameters
    ----------
    plan : Design
        Of the model.
    scale : ndarray of shape (claim,)
        Of the readings of the claims, log scale: those of a few per cent weigh more.

    Returns
    -------
    ndarray of int of shape (running,)
        The last one where nothing is claimed, or the total is known.
    """
    structure = plan.structure
    n_running, n_dates = structure.n_accruing, len(structure.dates)
    found = np.full(n_running, n_dates - 1)
    cells = n_running * n_dates
    if not cells:
        return found
    both = [matrix.tocoo() for matrix in (structure.claims, structure.below)]
    nodes = np.concatenate([matrix.col for matrix in both])
    scale = np.clip(scale, _EXACT, _ROUGH)
    weight = scale[np.concatenate([matrix.row for matrix in both])] ** -2.0
    of_path = nodes < 2 * cells
    places = nodes[of_path] % cells
    weights = np.bincount(places, weight[of_path], minlength=cells).reshape(n_running, n_dates)
    so_far = np.cumsum(weights, axis=1)
    taken = (so_far[:, -1] > 0) & (plan.total_sd_log[:n_running] > _KNOWN)
    found[taken] = np.argmax(so_far >= so_far[:, -1:] / 2, axis=1)[taken]
    return found


def model_variables(
    plan: Design, data: Mapping[str, NDArray[Any]], found: Mapping[str, Array]
) -> dict[str, Array]:
    """Variables of the model for points of the kernel.

    Parameters
    ----------
    plan : Design
        Of the model.
    data : mapping of str to ndarray
        What the kernel reads.
    found : mapping of str to ndarray
        Points by the names of the kernel's variables, with any leading axes.

    Returns
    -------
    dict of str to ndarray
        ``total_z``, ``path_shared_z`` and ``path_own_z`` in place of ``level_z``, ``path_shared``
        and ``path_own``.
    """
    variables = {name: values for name, values in found.items() if name not in dict(_PATHS)}
    total_z, error_z = variables.pop("level_z").copy(), variables.pop("error_z")
    variables |= {name: error_z[..., span] for name, span in plan.biases.spans.items()}
    if "path_own" in found:
        n, row = len(data["knot_step"]), 0
        for part, (name, standard) in enumerate(_PATHS):
            values, rows = found[name], found[name].shape[-2]
            if data["path_turn"].size:
                turn = data["path_turn"].reshape(-1, n, n)[row : row + rows]
                pull = data["path_pull"].reshape(-1, n)[row : row + rows]
                moved = found["path_spread_z"][..., part] - data["path_centre"][part]
                values = values * np.exp(-PATH_SPREAD * moved[..., None, None] * pull)
                values = np.einsum("rij,...rj->...ri", turn, values)
            variables[standard] = values
            row += rows
    n_running, level = plan.structure.n_accruing, data["level_date"]
    log_rate = np.log(plan.structure.days) + np.zeros((*total_z.shape[:-1], n_running, 1))
    if "path_own" in found:
        log_rate = log_rate + path_changes(plan, variables) @ plan.innovations.T
    share = np.exp(log_rate - log_rate.max(axis=-1, keepdims=True)) if n_running else log_rate
    reached = np.where(np.arange(len(plan.structure.days)) <= level[:, None], share, 0.0)
    reached_log = np.log(reached.sum(axis=-1) / share.sum(axis=-1))
    total_z[..., :n_running] -= reached_log / plan.total_sd_log[:n_running]
    return {"total_z": total_z, **variables}


_SPREAD: Final = "path_spread_z"
# What each of them is the spread of.
_CHANGES: Final = ("path_shared", "path_own")
_STEPS: Final = 3
# No further than this from the median of the prior, in its standard deviations.
_FARTHEST: Final = 3.5


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
            most_likely_spread(z, int(mask.sum()), float(square[mask].sum()), spread)
            for z, mask in zip(found[-1], of_path, strict=True)
        ]
        found.append(np.array(steps))
    mode, root = _conditional(density, fixed, aitken_limit(np.array(found)), mode, root)
    turned, mode = _turned(density, mode, root, np.flatnonzero(np.any(of_path, axis=0)))
    return turned.with_coordinates(mode, hessian_factor(turned.slope, mode))


def _turned(
    density: CompiledDensity, mode: Array, root: CholeskyFactor, paths: NDArray[np.intp]
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
    root: CholeskyFactor | None,
) -> tuple[Array, CholeskyFactor]:
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


def most_likely_spread(z: float, n: int, square: float, spread: float) -> float:
    """Spread that is most likely if ``n`` changes have this sum of squares at the spread ``z``.

    With :math:`x` the new spread, :math:`-n s x - Q e^{-2 s (x - z)} / 2 - x^2 / 2` is largest.
    """
    known = np.log(2 * spread**2 * square) + 2 * spread * (z + spread * n)
    return float(np.clip(wrightomega(known) / (2 * spread) - spread * n, -_FARTHEST, _FARTHEST))


def aitken_limit(values: Array) -> Array:
    """Where a sequence leads that covers the same share of the way each time (Aitken)."""
    first, second = values[-2] - values[-3], values[-1] - values[-2]
    share = np.clip(np.divide(second, first, out=np.zeros_like(first), where=first != 0), 0.0, 0.98)
    limit = values[-1] + second * share / (1 - share)
    return np.asarray(np.clip(limit, -_FARTHEST, _FARTHEST))
