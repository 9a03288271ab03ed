"""From the coordinates of the kernel to the variables of the model (NumPy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile.design import Design
from reconcile.latent import path_changes
from reconcile.paths import PATH_SPREAD

__all__ = ["level_dates", "model_variables"]

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
    total_z = variables.pop("level_z").copy()
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
