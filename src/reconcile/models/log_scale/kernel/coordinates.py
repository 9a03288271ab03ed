"""Parametrization of the kernel: coordinates for the sampler, and back to the model's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from reconcile.inference.cholesky import CholeskyFactor
from reconcile.inference.density import CompiledDensity
from reconcile.inference.mode import Units, hessian_factor, whitening
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import common_log
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.reference.forward import path_changes

__all__ = [
    "SPREAD",
    "aitken_limit",
    "level_dates",
    "model_variables",
    "most_likely_spread",
    "true_levels",
    "whitened_paths",
]

type Array = NDArray[np.float64]
# Totals with a prior or a range of a standard deviation up to this, log scale, are parametrized at
# the last date.
_KNOWN: Final = 1.0
# Claims are weighted by precision; their scales are clipped to this range.
_EXACT, _ROUGH = 1e-3, 0.1
_ERRORS: Final = ("difficulty_z", "common_z")
_PATHS: Final = (("path_shared", "path_shared_z"), ("path_own", "path_own_z"))


def level_dates(plan: Design, scale: Array) -> NDArray[np.intp]:
    """Index of each total's median claimed date; the last one if unclaimed or well known."""
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
    taken = (so_far[:, -1] > 0) & ~_well_known(plan)
    found[taken] = np.argmax(so_far >= so_far[:, -1:] / 2, axis=1)[taken]
    return found


def true_levels(plan: Design) -> NDArray[np.bool_]:
    """Whether each root is parametrized as the true total, since that is what is known."""
    wholes = plan.wholes
    known = np.zeros(wholes.root.size, dtype=bool)
    registers = plan.registers
    is_truth = plan.readings.is_truth.astype(bool)[registers.claim[registers.count]]
    known[registers.series[is_truth]] = True
    place = {series: wholes.n_series + j for j, series in enumerate(wholes.series)}
    for above, below, _, spread in plan.ranges:
        node = above[0] if len(above) == 1 else place.get(frozenset(above), -1)
        if not below and node >= 0 and spread < plan.common.sd_log[above[0]]:
            known[node] = True
    return np.asarray(known & (wholes.parent < 0))


def model_variables(
    plan: Design, data: Mapping[str, NDArray[Any]], found: Mapping[str, Array]
) -> dict[str, Array]:
    """Model variables from points of the kernel (arrays by variable name, any leading axes)."""
    variables = {name: values for name, values in found.items() if name not in dict(_PATHS)}
    total_z, error_z = variables.pop("level_z").copy(), variables.pop("error_z")
    variables |= {name: error_z[..., span] for name, span in plan.biases.spans.items()}
    if "path_own" in found:
        n, row = len(data["knot_step"]), 0
        for part, (name, standard) in enumerate(_PATHS):
            values, rows = found[name], found[name].shape[-2]
            if data["path_rotation"].size:
                rotation = data["path_rotation"].reshape(-1, n, n)[row : row + rows]
                information = data["path_information"].reshape(-1, n)[row : row + rows]
                moved = found["path_spread_z"][..., part] - data["path_centre"][part]
                values = values * np.exp(-PATH_SPREAD * moved[..., None, None] * information)
                values = np.einsum("rij,...rj->...ri", rotation, values)
            variables[standard] = values
            row += rows
    n_running, level = plan.structure.n_accruing, data["level_date"]
    log_rate = np.log(plan.structure.days) + np.zeros((*total_z.shape[:-1], n_running, 1))
    if "path_own" in found:
        log_rate = log_rate + path_changes(plan, variables) @ plan.innovations.T
    share = np.exp(log_rate - log_rate.max(axis=-1, keepdims=True)) if n_running else log_rate
    reached = np.where(np.arange(len(plan.structure.days)) <= level[:, None], share, 0.0)
    reached_log = np.log(reached.sum(axis=-1) / share.sum(axis=-1))
    parts = data["level_part"] * reached_log / _sd_of_roots(plan)
    for s, root in enumerate(plan.wholes.root[:n_running].tolist()):
        total_z[..., root] -= parts[..., s]
    if data["level_true"].any():
        flat = {name: variables[name].reshape(-1, variables[name].shape[-1]) for name in _ERRORS}
        common = common_log(plan.difficulties, plan.common, flat, plan.priors)
        moved = data["level_true"] * common[:, data["level_leaf"]] / _sd_of_nodes(plan)
        total_z += moved.reshape(total_z.shape)
    found_z = {"total_z": total_z[..., : plan.wholes.n_series]}
    if plan.wholes.parts:
        found_z["whole_z"] = total_z[..., plan.wholes.n_series :]
    return {**found_z, **variables}


def _well_known(plan: Design) -> NDArray[np.bool_]:
    """Whether each running total is in a sum of which a narrow plausible range is known."""
    known = np.zeros(plan.wholes.n_series, dtype=bool)
    for members, others, _, spread in plan.ranges:
        if not others and spread <= _KNOWN:
            known[list(members)] = True
    narrow = _sd_of_roots(plan) <= _KNOWN
    return np.asarray(narrow | known[: plan.structure.n_accruing])


def _sd_of_nodes(plan: Design) -> Array:
    """Prior standard deviation of each series and whole."""
    return np.concatenate([plan.total_sd_log, plan.wholes.sd_log])


def _sd_of_roots(plan: Design) -> Array:
    """Prior standard deviation of the root above each running total."""
    roots = plan.wholes.root[: plan.structure.n_accruing]
    return np.asarray(_sd_of_nodes(plan)[roots])


SPREAD: Final = "path_spread_z"
# The variables whose scales they are.
_CHANGES: Final = ("path_shared", "path_own")
_STEPS: Final = 3
# Largest distance from the prior median, in prior standard deviations.
_FARTHEST: Final = 3.5


def whitened_paths(density: CompiledDensity, units: Units | None = None) -> CompiledDensity:
    """A density in coordinates of about equal scale in all directions.

    Innovations are standard normals times an unknown standard deviation. At their joint mode the
    innovations are far too small and the standard deviation is far off, so the coordinates are
    taken at its marginal mode instead. An EM algorithm (variance about the conditional mode)
    converges there linearly; three steps suffice for Aitken extrapolation.
    """
    owner = np.repeat(density.names, _sizes(density))
    fixed = owner == SPREAD
    if not fixed.any():
        return density.whitened(units)
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
    rotated, mode = _rotated(density, mode, root, np.flatnonzero(np.any(of_path, axis=0)))
    return rotated.with_coordinates(mode, hessian_factor(rotated.slope, mode))


def _rotated(
    density: CompiledDensity, mode: Array, root: CholeskyFactor, paths: NDArray[np.intp]
) -> tuple[CompiledDensity, Array]:
    """Innovations in the eigenvectors of the information that claims carry; the mode in these.

    With :math:`V` the covariance of one row of innovations for a known standard deviation, the
    eigenvalues of :math:`1 - V` say how far the claims determine them, and hence how far they stay
    put when the standard deviation changes.
    """
    n = len(density.compiled.shared_data["knot_step"])
    rows = paths.reshape(-1, n)
    centre = mode[np.repeat(density.names, _sizes(density)) == SPREAD]
    covariance = root.covariance(rows)
    information, rotation = np.linalg.eigh(np.eye(n) - covariance)
    data = {
        "path_centre": centre,
        "path_rotation": rotation.ravel(),
        "path_information": np.clip(information, 0.0, 1.0).ravel(),
    }
    mode = mode.copy()
    mode[rows] = np.einsum("rij,ri->rj", rotation, mode[rows])
    return density.with_data(data), mode


def _conditional(
    density: CompiledDensity,
    fixed: NDArray[np.bool_],
    spread_z: Array,
    start: Array,
    root: CholeskyFactor | None,
) -> tuple[Array, CholeskyFactor]:
    """Mode and Hessian factor for known standard deviations of the innovations."""
    start = start.copy()
    start[fixed] = spread_z

    def value_and_gradient(point: Array) -> tuple[float, Array]:
        here = point.copy()
        here[fixed] = spread_z
        value, gradient = density.slope(here)
        # A parabola keeps the fixed coordinates in place.
        gradient[fixed] = point[fixed] - spread_z
        return value + 0.5 * float(np.sum(gradient[fixed] ** 2)), gradient

    return whitening(value_and_gradient, start, root)


def _sizes(density: CompiledDensity) -> list[int]:
    """Number of elements of each variable."""
    return [int(np.prod(shape)) for shape in density.shapes]


def most_likely_spread(z: float, n: int, square: float, spread: float) -> float:
    """EM update: the spread maximising the expected log density of ``n`` changes.

    With :math:`x` the new spread, :math:`-n s x - Q e^{-2 s (x - z)} / 2 - x^2 / 2` is largest,
    where :math:`Q` is the expected ``square`` at the spread ``z``.
    """
    known = np.log(2 * spread**2 * square) + 2 * spread * (z + spread * n)
    return float(np.clip(wrightomega(known) / (2 * spread) - spread * n, -_FARTHEST, _FARTHEST))


def aitken_limit(values: Array) -> Array:
    """Limit of a linearly convergent sequence (Aitken's delta-squared)."""
    first, second = values[-2] - values[-3], values[-1] - values[-2]
    share = np.clip(np.divide(second, first, out=np.zeros_like(first), where=first != 0), 0.0, 0.98)
    limit = values[-1] + second * share / (1 - share)
    return np.asarray(np.clip(limit, -_FARTHEST, _FARTHEST))
