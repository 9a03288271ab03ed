"""Whether the sampler has converged: the gate every fit goes through, and the mark it leaves."""

from __future__ import annotations

import math
import warnings
from typing import Final

import numpy as np
import xarray as xr

from reconcile.errors import ConvergenceWarning

__all__ = ["convergence_problems", "mark_converged", "warn_unless_converged"]

WORST_R_HAT: Final = 1.01
LEAST_ESS: Final = 400.0


def convergence_problems(posterior: xr.Dataset, diverging: xr.DataArray) -> list[str]:
    """What speaks against the convergence of a fit.

    R-hat is the rank-normalised split one, the effective sample sizes those of the bulk and the
    tails [1]_.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws with dimensions ``chain`` and ``draw``.
    diverging : xarray.DataArray
        Whether each draw's trajectory diverged.

    Returns
    -------
    list of str
        One line for every failure, naming what failed and the worst case; empty if nothing did.

    References
    ----------
    .. [1] Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Bürkner, P.-C. (2021).
       Rank-normalization, folding, and localization: an improved R-hat for assessing convergence
       of MCMC. Bayesian Analysis 16(2). https://doi.org/10.1214/20-BA1221
    """
    import arviz_stats

    problems = []
    if posterior.sizes["chain"] < 2:
        problems.append("one chain only: R-hat cannot be computed")
    else:
        problems += _failures("R-hat", _flat(arviz_stats.rhat(posterior)), most=WORST_R_HAT)
    for kind in ("bulk", "tail"):
        ess = _flat(arviz_stats.ess(posterior, method=kind))
        problems += _failures(f"{kind} ESS", ess, least=LEAST_ESS)
    n_divergent = int(diverging.sum())
    if n_divergent:
        problems.append(f"{n_divergent} of {diverging.size} draws diverged")
    return problems


def mark_converged(tree: xr.DataTree, *, stacklevel: int) -> None:
    """Put a fit through the gate and write down what came of it.

    Parameters
    ----------
    tree : xarray.DataTree
        A fit; its attributes are changed.
    stacklevel : int
        Of the warning, as seen from here.

    Warns
    -----
    ConvergenceWarning
        If it has not converged.
    """
    problems = convergence_problems(
        tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()["diverging"]
    )
    tree.attrs["converged"] = int(not problems)
    tree.attrs["convergence_problems"] = "; ".join(problems)
    if problems:
        warnings.warn(
            f"the fit has not converged, do not use it: {'; '.join(problems)}. Longer chains "
            "(tune, draws) or a higher target_accept may help",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )


def _flat(statistics: xr.Dataset) -> dict[str, float]:
    """One statistic per parameter, labelled ``variable[coordinate]``."""
    found = {}
    for name, array in statistics.data_vars.items():
        for index in np.ndindex(array.shape):
            cell = array[index]
            where = ", ".join(str(cell.coords[dim].item()) for dim in array.dims)
            found[f"{name}[{where}]" if where else str(name)] = float(cell)
    return found


def _failures(
    what: str, values: dict[str, float], *, most: float = math.inf, least: float = -math.inf
) -> list[str]:
    """Failures of one statistic; one that is not a number has failed, and is the worst."""
    bad = {name: value for name, value in values.items() if not least <= value <= most}
    if not bad:
        return []
    limit = f"below {least:g}" if least > -math.inf else f"above {most:g}"
    sign = 1 if least > -math.inf else -1
    worst = min(bad, key=lambda name: (not math.isnan(bad[name]), sign * bad[name]))
    of = f"{len(bad)} of {len(values)} parameters"
    return [f"{what} {limit} for {of}, worst {worst}: {bad[worst]:.4g}"]


def warn_unless_converged(tree: xr.DataTree) -> bool:
    """Warn again, wherever numbers are taken from a fit that has not converged.

    Parameters
    ----------
    tree : xarray.DataTree
        A fit.

    Returns
    -------
    bool
        Whether it has converged.

    Warns
    -----
    ConvergenceWarning
        If it has not.
    """
    converged = bool(tree.attrs.get("converged", 0))
    if not converged:
        why = tree.attrs.get("convergence_problems", "nothing is known of its convergence")
        warnings.warn(f"not converged, do not use: {why}", ConvergenceWarning, stacklevel=3)
    return converged
