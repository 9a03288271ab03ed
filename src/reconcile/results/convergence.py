"""Whether a fit has converged: the check, the attributes it sets, and the warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import xarray as xr

from reconcile.errors import ConvergenceWarning, warn
from reconcile.results.diagnostics import convergence_statistics

__all__ = ["convergence_problems", "mark_approximate", "mark_converged", "warn_unless_converged"]

WORST_R_HAT: Final = 1.01
LEAST_ESS: Final = 400.0
MOST_PARETO_K: Final = 0.7
# Statistics, with their smallest and largest acceptable values.
_LIMITS: Final[Mapping[str, tuple[str, float, float]]] = MappingProxyType(
    {
        "R-hat": ("r_hat", -math.inf, WORST_R_HAT),
        "bulk ESS": ("ess_bulk", LEAST_ESS, math.inf),
        "tail ESS": ("ess_tail", LEAST_ESS, math.inf),
    }
)


def convergence_problems(posterior: xr.Dataset, diverging: xr.DataArray) -> list[str]:
    """Failed convergence diagnostics, a line each, with the worst parameter."""
    # Vehtari et al. (2021), Bayesian Analysis 16(2), https://doi.org/10.1214/20-BA1221
    problems = []
    several = posterior.sizes["chain"] > 1
    found: dict[str, list[tuple[str, int, float]]] = {kind: [] for kind in _LIMITS}
    arrays = {
        str(name): array.transpose("chain", "draw", ...).to_numpy()
        for name, array in posterior.data_vars.items()
    }
    flat = {name: array.reshape(*array.shape[:2], -1) for name, array in arrays.items()}
    places = [(name, k) for name, array in flat.items() for k in range(array.shape[2])]
    statistics = convergence_statistics(np.concatenate(list(flat.values()), axis=2))
    for kind, (statistic, least, most) in _LIMITS.items():
        if kind == "R-hat" and not several:
            continue
        values = statistics[statistic]
        # NaN fails.
        for k in np.flatnonzero(~((least <= values) & (values <= most))).tolist():
            found[kind].append((*places[k], float(values[k])))
    if not several:
        problems.append("one chain only: R-hat cannot be computed")
    for kind, bad in found.items():
        if bad:
            problems.append(_failure(posterior, kind, bad, len(places)))
    n_divergent = int(diverging.sum())
    if n_divergent:
        problems.append(f"{n_divergent} of {diverging.size} draws diverged")
    return problems


def mark_converged(tree: xr.DataTree) -> None:
    """Record in the attributes of a fit whether it has converged; warn if not."""
    problems = convergence_problems(
        tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()["diverging"]
    )
    tree.attrs["converged"] = int(not problems)
    tree.attrs["convergence_problems"] = "; ".join(problems)
    if problems:
        warn(
            f"the fit has not converged, do not use it: {'; '.join(problems)}. Longer chains "
            "(tune, draws) or a higher target_accept may help",
            ConvergenceWarning,
        )


def _failure(
    posterior: xr.Dataset, kind: str, bad: list[tuple[str, int, float]], count: int
) -> str:
    """One line on a failed diagnostic; NaN is the worst value."""
    _, least, _ = _LIMITS[kind]
    limit = f"below {least:g}" if least > -math.inf else f"above {WORST_R_HAT:g}"
    sign = 1 if least > -math.inf else -1
    name, place, value = min(bad, key=lambda one: (not math.isnan(one[2]), sign * one[2]))
    array = posterior[name].transpose("chain", "draw", ...)
    index = np.unravel_index(place, array.shape[2:])
    cell = [str(array.coords[dim].values[k]) for dim, k in zip(array.dims[2:], index, strict=True)]
    where = f"[{', '.join(cell)}]" if cell else ""
    return f"{kind} {limit} for {len(bad)} of {count} parameters, worst {name}{where}: {value:.4g}"


def mark_approximate(tree: xr.DataTree, pareto_k: float) -> None:
    """Record in the attributes of a fit whether its normal approximation is good; warn if not."""
    good = pareto_k <= MOST_PARETO_K
    problem = (
        ""
        if good
        else "the normal approximation at the mode is far from the posterior (Pareto k "
        f"{pareto_k:.2f}, above {MOST_PARETO_K:g}): intervals may be too narrow"
    )
    tree.attrs["converged"] = int(good)
    tree.attrs["convergence_problems"] = problem
    if not good:
        warn(
            f"a first look only: {problem}. Use method='nuts' for anything to be published",
            ConvergenceWarning,
        )


def warn_unless_converged(tree: xr.DataTree) -> bool:
    """Whether a fit has converged; warn if not."""
    converged = bool(tree.attrs.get("converged", 0))
    if not converged:
        why = tree.attrs.get("convergence_problems", "its convergence is unknown")
        warn(f"not converged, do not use: {why}", ConvergenceWarning)
    return converged
