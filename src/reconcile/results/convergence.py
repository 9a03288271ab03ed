"""Whether a fit has converged: the check, the attributes it sets, and the warnings."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.errors import ConvergenceWarning, warn
from reconcile.results.diagnostics import convergence_statistics

__all__ = [
    "Verdict",
    "convergence_problems",
    "judged",
    "mark",
    "mark_approximate",
    "mark_converged",
    "rows_converged",
    "warn_unless_converged",
]

WORST_R_HAT: Final = 1.01
LEAST_ESS: Final = 400.0
MOST_PARETO_K: Final = 0.7
# Share of divergent draws. NUTS has trouble where they begin; a few in thousands, where R-hat and
# effective sample sizes hold, are mostly single steps that went wrong, not a part of the posterior
# that is never reached (Gabry et al. 2019, https://doi.org/10.1111/rssa.12378, on false positives).
MOST_DIVERGENT: Final = 1e-3
_ESTIMATE: Final = "estimate"
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
    (found,) = _failures(posterior, set(posterior.data_vars))
    return [*found, *_fit_problems(diverging)]


def _fit_problems(diverging: xr.DataArray) -> list[str]:
    """What fails for all parameters."""
    problems = []
    if diverging.sizes["chain"] < 2:
        problems.append("one chain only: R-hat cannot be computed")
    n_divergent = int(diverging.sum())
    if n_divergent > MOST_DIVERGENT * diverging.size:
        problems.append(f"{n_divergent} of {diverging.size} draws diverged")
    return problems


def _failures(posterior: xr.Dataset, *groups: Set[Hashable]) -> list[list[str]]:
    """Failed statistics of some groups of variables, a line each; computed together."""
    # Vehtari et al. (2021), Bayesian Analysis 16(2), https://doi.org/10.1214/20-BA1221
    arrays = {
        str(name): array.transpose("chain", "draw", ...).to_numpy()
        for name, array in posterior.data_vars.items()
    }
    flat = {name: array.reshape(*array.shape[:2], -1) for name, array in arrays.items()}
    places = [(name, k) for name, array in flat.items() for k in range(array.shape[2])]
    statistics = convergence_statistics(np.concatenate(list(flat.values()), axis=2))
    lines: list[list[str]] = [[] for _ in groups]
    for kind, (statistic, least, most) in _LIMITS.items():
        if kind == "R-hat" and posterior.sizes["chain"] < 2:
            continue
        values = statistics[statistic]
        # NaN fails.
        failed = np.flatnonzero(~((least <= values) & (values <= most))).tolist()
        for group, found in zip(groups, lines, strict=True):
            bad = [(*places[k], float(values[k])) for k in failed if places[k][0] in group]
            if bad:
                count = sum(name in group for name, _ in places)
                found.append(_failure(posterior, kind, bad, count))
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate says of a fit: what condemns it, and what is wrong with other parameters only.

    Parameters
    ----------
    problems : tuple of str
        Failures of estimates, or of the fit as a whole; empty if it has converged.
    remarks : tuple of str
        Failures of parameters that are no estimates.
    whole : bool
        Whether the fit as a whole fails, and so every estimate.
    may_change : bool
        Whether more draws could pass.
    """

    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    whole: bool
    may_change: bool

    @property
    def converged(self) -> bool:
        """Whether all estimates pass."""
        return not self.problems


def judged(tree: xr.DataTree) -> Verdict:
    """The gate: each estimate by itself, and the share of divergent draws."""
    posterior = tree["posterior"].to_dataset()
    diverging = tree["sample_stats"].to_dataset()["diverging"]
    of_fit = _fit_problems(diverging)
    estimates, others = _failures(posterior, {_ESTIMATE}, set(posterior.data_vars) - {_ESTIMATE})
    several = diverging.sizes["chain"] > 1
    return Verdict(
        problems=(*estimates, *of_fit),
        remarks=tuple(others),
        whole=bool(of_fit),
        may_change=several and diverging.size >= LEAST_ESS,
    )


def mark(tree: xr.DataTree, verdict: Verdict) -> None:
    """Record a verdict in the attributes of a fit; warn if it has not converged."""
    tree.attrs["converged"] = int(verdict.converged)
    tree.attrs["convergence_problems"] = "; ".join(verdict.problems)
    tree.attrs["convergence_remarks"] = "; ".join(verdict.remarks)
    tree.attrs["no_estimate_converged"] = int(verdict.whole)
    if not verdict.converged:
        warn(
            f"the fit has not converged, do not use it: {'; '.join(verdict.problems)}. Longer "
            "chains (tune, draws) or a higher target_accept may help",
            ConvergenceWarning,
        )


def mark_converged(tree: xr.DataTree) -> None:
    """Judge a fit, and mark it."""
    mark(tree, judged(tree))


def rows_converged(tree: xr.DataTree, statistics: Mapping[str, NDArray[np.float64]]) -> list[bool]:
    """Whether each estimate passes, given its statistics; all fail if the fit as a whole does."""
    attrs, n = tree.attrs, len(statistics["r_hat"])
    if attrs.get("converged", 0):
        return [True] * n
    if attrs.get("no_estimate_converged", 1):
        return [False] * n
    inside = [
        (least <= statistics[name]) & (statistics[name] <= most)
        for name, least, most in _LIMITS.values()
    ]
    return [bool(each) for each in np.all(inside, axis=0)]


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
    tree.attrs["no_estimate_converged"] = int(not good)
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
