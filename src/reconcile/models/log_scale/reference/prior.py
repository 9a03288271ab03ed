"""Prior draws of the parameters, subject to ceilings and ranges of sums (NumPy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile.errors import ClaimError, Problem
from reconcile.models.log_scale.design.arrays import overconfidence_prior
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import common_log

__all__ = ["draw_parameters"]

# Candidates per draw where there are factors on sums, and where there are only linear ones.
_OVERSAMPLE: Final = 50
_OVERSAMPLE_LINEAR: Final = 4
# At least so many candidates.
_FEWEST: Final = 400
_MOST_TRIES: Final = 1000
type Array = NDArray[np.float64]


def draw_parameters(plan: Design, rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Prior draws by parameter name, leading axis ``n``, subject to ceilings and ranges of sums."""
    accruing = plan.structure.n_accruing
    steps = plan.innovations.shape[1]
    drawn = _draw_totals(plan, rng, n)
    for name, size in plan.biases.sizes.items():
        drawn[name] = rng.standard_normal((n, size))
    medians, sds = zip(
        *((r.noise_median_log, r.noise_sd_log) for r in plan.role_priors), strict=True
    )
    drawn["noise_log"] = rng.normal(np.log(medians), sds, (n, len(medians)))
    if plan.registers.labels:
        for name in ("register_z", "register_slope_z"):
            drawn[name] = rng.standard_normal((n, len(plan.registers.labels)))
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


def _draw_totals(plan: Design, rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Log totals and common errors, by rejection at the ceilings and resampling for factors.

    Factors on one figure, or on the ratio of two, are jointly normal with apparent totals and enter
    exactly, but for what they say of the common error.
    """
    linear = [r for r in plan.ranges if len(r[0]) == 1 and len(r[1]) <= 1]
    sums = [r for r in plan.ranges if r not in linear]
    given = _conditioned(plan, linear)
    wanted = n
    if plan.ranges:
        wanted = max(n * (_OVERSAMPLE if sums else _OVERSAMPLE_LINEAR), _FEWEST)
    kept: list[dict[str, Array]] = []
    found = 0
    for _ in range(_MOST_TRIES):
        drawn = _unbounded(plan, rng, wanted, given)
        below = np.ones(wanted, dtype=bool)
        for members, ceiling_log in (pair for group in plan.ceilings for pair in group):
            whole = np.logaddexp.reduce(drawn["total_log"][:, list(members)], axis=1)
            below &= whole <= ceiling_log
        kept.append({name: values[below] for name, values in drawn.items()})
        found += int(below.sum())
        if found >= wanted:
            break
    else:
        raise _far_below(plan)
    drawn = {name: np.concatenate([part[name] for part in kept])[:wanted] for name in kept[0]}
    log_weight = drawn.pop("log_weight")
    if not plan.ranges:
        return drawn
    totals = drawn["total_log"]
    for members, others, middle, spread in sums:
        whole = np.logaddexp.reduce(totals[:, list(members)], axis=1)
        if others:
            whole = whole - np.logaddexp.reduce(totals[:, list(others)], axis=1)
        log_weight = log_weight - 0.5 * ((whole - middle) / spread) ** 2
    weight = np.exp(log_weight - log_weight.max())
    chosen = rng.choice(wanted, size=n, p=weight / weight.sum())
    return {name: values[chosen] for name, values in drawn.items()}


def _far_below(plan: Design) -> ClaimError:
    """An error about ceilings that no draw respects."""
    ceilings = {f.name: f.ceiling for f in plan.claims.figures.values() if f.ceiling}
    return ClaimError(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditioned:
    """Normal apparent log totals given linear factors on true ones, whose common error varies.

    With residuals :math:`r` of the factors at the prior mean, the mean is shifted by ``gain @ r``,
    ``root`` is the covariance root and ``precision`` that of the residuals.
    """

    loadings: Array
    middle: Array
    gain: Array
    precision: Array
    root: Array


def _conditioned(plan: Design, factors: Sequence[Any]) -> _Conditioned | None:
    """The normal prior of the totals given factors on single figures and ratios of two."""
    if not factors:
        return None
    loadings = np.zeros((len(factors), len(plan.total_mean_log)))
    for k, ((mine,), other, *_) in enumerate(factors):
        loadings[k, mine] = 1.0
        loadings[k, list(other)] -= 1.0
    middle, spread = np.array([factor[2:] for factor in factors]).T
    covariance = np.diag(plan.total_sd_log**2)
    precision = np.linalg.inv(loadings @ covariance @ loadings.T + np.diag(spread**2))
    gain = covariance @ loadings.T @ precision
    return _Conditioned(
        loadings=loadings,
        middle=middle,
        gain=gain,
        precision=precision,
        root=np.linalg.cholesky(covariance - gain @ loadings @ covariance),
    )


def _unbounded(
    plan: Design, rng: np.random.Generator, n: int, given: _Conditioned | None
) -> dict[str, Array]:
    """Draws regardless of ceilings and sums, with the log weights of the linear factors."""
    drawn = {
        "difficulty_z": rng.standard_normal((n, len(plan.difficulties.labels))),
        "common_z": rng.standard_normal((n, len(plan.common.labels))),
    }
    power = plan.priors.common_difficulty
    common = common_log(plan.difficulties, plan.common, drawn, power=power)
    apparent = rng.standard_normal((n, len(plan.total_mean_log)))
    log_weight = np.zeros(n)
    if given is None:
        apparent *= plan.total_sd_log
    else:
        residual = given.middle + (common - plan.total_mean_log) @ given.loadings.T
        log_weight = -0.5 * np.einsum("ni,ij,nj->n", residual, given.precision, residual)
        apparent = residual @ given.gain.T + apparent @ given.root.T
    total_log = plan.total_mean_log + apparent - common
    return drawn | {"total_log": total_log, "log_weight": log_weight}
