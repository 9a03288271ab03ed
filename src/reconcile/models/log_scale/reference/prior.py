"""Prior draws of the parameters, subject to ceilings and ranges of sums (NumPy)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile.errors import ClaimError, Problem
from reconcile.models.log_scale.design.arrays import overconfidence_prior
from reconcile.models.log_scale.design.design import Design

__all__ = ["draw_parameters"]

_OVERSAMPLE: Final = 50
_MOST_TRIES: Final = 1000
type Array = NDArray[np.float64]


def draw_parameters(plan: Design, rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Prior draws by parameter name, leading axis ``n``, subject to ceilings and ranges of sums."""
    accruing = plan.structure.n_accruing
    steps = plan.innovations.shape[1]
    drawn = {"total_log": _draw_totals(plan, rng, n)}
    for name, size in plan.biases.sizes.items():
        drawn[name] = rng.standard_normal((n, size))
    medians, sds = zip(
        *((r.noise_median_log, r.noise_sd_log) for r in plan.role_priors), strict=True
    )
    drawn["noise_log"] = rng.normal(np.log(medians), sds, (n, len(medians)))
    if plan.registers.labels:
        drawn["register_z"] = rng.standard_normal((n, len(plan.registers.labels)))
    if plan.readings.width_log.any():
        mean, sd = overconfidence_prior(plan).T
        drawn["overconfidence_log"] = rng.normal(mean, sd, (n, len(mean)))
    if steps:
        populations = len(plan.claims.populations)
        drawn |= {
            "path_spread_z": rng.standard_normal((n, 2)),
            "path_shared_z": rng.standard_normal((n, populations, steps)),
            "path_own_z": rng.standard_normal((n, accruing, steps)),
        }
    return drawn


def _draw_totals(plan: Design, rng: np.random.Generator, n: int) -> Array:
    """Log totals, by rejection at the ceilings and resampling for ranges of sums.

    Ratios of two single figures are jointly normal with them and enter exactly.
    """
    kept: list[Array] = []
    ranges = [r for r in plan.ranges if len(r[0]) != 1 or len(r[1]) != 1]
    mean, root = _with_ratios(plan, [r for r in plan.ranges if r not in ranges])
    wanted, found = n * (_OVERSAMPLE if ranges else 1), 0
    for _ in range(_MOST_TRIES):
        drawn = mean + rng.standard_normal((wanted, len(mean))) @ root.T
        below = np.ones(wanted, dtype=bool)
        for members, ceiling_log in (pair for group in plan.ceilings for pair in group):
            below &= np.logaddexp.reduce(drawn[:, list(members)], axis=1) <= ceiling_log
        kept.append(drawn[below])
        found += len(kept[-1])
        if found >= wanted:
            break
    else:
        ceilings = {f.name: f.ceiling for f in plan.claims.figures.values() if f.ceiling}
        raise ClaimError(
            [
                Problem(
                    field=f"figures.{name}.ceiling",
                    value=ceiling,
                    wrong="far below what is claimed or plausible",
                    legal="a ceiling that the prior of the figure can be below",
                )
                for name, ceiling in ceilings.items()
            ]
        )
    totals = np.concatenate(kept)[:wanted]
    log_weight = np.zeros(wanted)
    for members, others, middle, spread in ranges:
        whole: Array = np.logaddexp.reduce(totals[:, list(members)], axis=1)
        if others:
            whole = whole - np.logaddexp.reduce(totals[:, list(others)], axis=1)
        log_weight -= 0.5 * ((whole - middle) / spread) ** 2
    if not ranges:
        return totals
    weight = np.exp(log_weight - log_weight.max())
    return totals[rng.choice(wanted, size=n, p=weight / weight.sum())]


def _with_ratios(plan: Design, ratios: Sequence[Any]) -> tuple[Array, Array]:
    """Mean and covariance root of the log totals, conditioned on ratios of single figures."""
    mean, covariance = plan.total_mean_log.copy(), np.diag(plan.total_sd_log**2)
    for (mine,), (other,), middle, spread in ratios:
        gain = covariance[:, mine] - covariance[:, other]
        variance = gain[mine] - gain[other] + spread**2
        mean += gain * (middle - mean[mine] + mean[other]) / variance
        covariance -= np.outer(gain, gain) / variance
    return mean, np.linalg.cholesky(covariance) if ratios else np.diag(plan.total_sd_log)
