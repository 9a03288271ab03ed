"""Prior draws of the parameters, subject to limits and ranges of sums (NumPy)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr, ndtri

from reconcile.errors import ClaimError, Problem
from reconcile.models.log_scale.design.arrays import overconfidence_prior
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import common_log
from reconcile.models.log_scale.design.wholes import totals_of_weights

__all__ = ["draw_parameters"]

# Candidates per draw where there are factors on sums, and where there are only linear ones.
_OVERSAMPLE: Final = 50
_OVERSAMPLE_LINEAR: Final = 4
# At least so many candidates.
_FEWEST: Final = 400
_MOST_TRIES: Final = 1000
type Array = NDArray[np.float64]


def draw_parameters(plan: Design, rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Prior draws by parameter name, leading axis ``n``, subject to limits and ranges of sums."""
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
        names = ("register_z", "register_slope_z", "register_never_z")
        for name in names if plan.registers.some_never else names[:2]:
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
    """Log totals and common errors, by rejection at limits and resampling for factors.

    Factors on one root, or on the ratio of two roots or of two parts of one whole, are jointly
    normal with apparent totals and enter exactly, but for what they say of the common error.
    """
    given = _conditioned(plan)
    sums = [r for k, r in enumerate(plan.ranges) if given is None or k not in given.exact]
    limits = list(_limits(plan))
    wanted = n
    if plan.ranges or limits:
        wanted = max(n * (_OVERSAMPLE if sums else _OVERSAMPLE_LINEAR), _FEWEST)
    kept: list[dict[str, Array]] = []
    found = 0
    for _ in range(_MOST_TRIES):
        drawn = _unbounded(plan, rng, wanted, given)
        is_within = np.ones(wanted, dtype=bool)
        for members, low, high in limits:
            whole = np.logaddexp.reduce(drawn["total_log"][:, list(members)], axis=1)
            is_within &= (whole >= low) & (whole <= high)
        kept.append({name: values[is_within] for name, values in drawn.items()})
        found += int(is_within.sum())
        if found >= wanted:
            break
    else:
        raise ClaimError(list(_unreachable(plan)))
    drawn = {name: np.concatenate([part[name] for part in kept])[:wanted] for name in kept[0]}
    log_weight = drawn.pop("log_weight")
    if wanted == n:
        return drawn
    for members, others, middle, spread in sums:
        whole = _whole_log(drawn["total_log"], members, others)
        log_weight = log_weight - 0.5 * ((whole - middle) / spread) ** 2
    weight = np.exp(log_weight - log_weight.max())
    chosen = rng.choice(wanted, size=n, p=weight / weight.sum())
    return {name: values[chosen] for name, values in drawn.items()}


def _whole_log(totals: Array, members: Sequence[int], others: Sequence[int]) -> Array:
    """Log of a sum of series, or of its ratio to a second one."""
    whole: Array = np.logaddexp.reduce(totals[:, list(members)], axis=1)
    if others:
        whole = whole - np.logaddexp.reduce(totals[:, list(others)], axis=1)
    return whole


def _limits(plan: Design) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Lowest and highest log total of each sum that is limited."""
    for group in plan.limits:
        floors = dict(zip(group.series, group.floor, strict=True))
        for k, floor in floors.items():
            if floor:
                yield (k,), math.log(floor), math.inf
        for limit in group.sums:
            bound = math.log(math.exp(limit.log) + sum(floors[k] for k in limit.series))
            low, high = (bound, math.inf) if limit.is_floor else (-math.inf, bound)
            yield limit.series, low, high


def _unreachable(plan: Design) -> Iterator[Problem]:
    """Ceilings and floors, of which no draw keeps all."""
    for figure in plan.claims.figures.values():
        for key, where in (("ceiling", "below"), ("floor", "above")):
            if limit := getattr(figure, key):
                yield Problem(
                    field=f"figures.{figure.name}.{key}",
                    value=limit,
                    wrong=f"far {where} what is claimed or plausible",
                    legal=f"a {key} that the prior of the figure can be {where}",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditioned:
    """Normal nodes given linear factors on true totals, whose common error varies.

    With residuals :math:`r` of the factors at the prior mean, the mean is shifted by ``gain @ r``,
    ``root`` is the covariance root and ``precision`` that of the residuals. ``exact`` are the
    numbers of the factors that this accounts for, ``loadings`` theirs on nodes, ``errors`` those on
    the common errors of series.
    """

    exact: tuple[int, ...]
    loadings: Array
    errors: Array
    middle: Array
    gain: Array
    precision: Array
    root: Array


def _conditioned(plan: Design) -> _Conditioned | None:
    """The normal prior of the nodes given factors that are linear in them; None without such."""
    wholes, group = plan.wholes, plan.difficulties.group_of_series
    n_nodes = wholes.root.size
    place = {series: wholes.n_series + j for j, series in enumerate(wholes.series)}
    exact, loadings, errors = [], [], []
    for k, (members, others, *_) in enumerate(plan.ranges):
        node = members[0] if len(members) == 1 else place.get(frozenset(members), -1)
        linear, error = np.zeros(n_nodes), np.zeros(wholes.n_series)
        linear[node], error[members[0]] = 1.0, 1.0
        if others:
            linear[others[0]] -= 1.0
            error[others[0]] -= 1.0
            # Log weights, of which a whole has none, differ as log totals do.
            alike = wholes.parent[node] == wholes.parent[others[0]]
            usable = alike and len(members) == len(others) == 1
        else:
            # The parts of a whole with one common error are as far off as the whole.
            one_error = len(set(group[list(members)].tolist())) == 1
            usable = node >= 0 and wholes.parent[node] < 0 and one_error
        if usable:
            exact.append(k)
            loadings.append(linear)
            errors.append(error)
    if not exact:
        return None
    chosen, loading = [plan.ranges[k][2:] for k in exact], np.array(loadings)
    middle, spread = np.array(chosen).T
    covariance = np.diag(np.concatenate([plan.total_sd_log, wholes.sd_log]) ** 2)
    precision = np.linalg.inv(loading @ covariance @ loading.T + np.diag(spread**2))
    gain = covariance @ loading.T @ precision
    return _Conditioned(
        exact=tuple(exact),
        loadings=loading,
        errors=np.array(errors),
        middle=middle,
        gain=gain,
        precision=precision,
        root=np.linalg.cholesky(covariance - gain @ loading @ covariance),
    )


def _unbounded(
    plan: Design, rng: np.random.Generator, n: int, given: _Conditioned | None
) -> dict[str, Array]:
    """Draws regardless of limits and sums, with the log weights of what was conditioned on."""
    drawn = {
        "difficulty_z": rng.standard_normal((n, len(plan.difficulties.labels))),
        "common_z": rng.standard_normal((n, len(plan.common.labels))),
    }
    common = common_log(plan.difficulties, plan.common, drawn, plan.priors)
    wholes = plan.wholes
    mean = np.concatenate([plan.total_mean_log, wholes.mean_log])
    if given is None:
        sd = np.concatenate([plan.total_sd_log, wholes.sd_log])
        z, log_weight = _truncated(plan, rng, common, mean, sd)
        nodes = mean + sd * z
    else:
        residual = given.middle + common @ given.errors.T - mean @ given.loadings.T
        log_weight = -0.5 * np.einsum("ni,ij,nj->n", residual, given.precision, residual)
        nodes = rng.standard_normal((n, mean.size)) @ given.root.T
        nodes += mean + residual @ given.gain.T
    apparent = totals_of_weights(nodes, wholes.parts)[:, : wholes.n_series]
    return drawn | {"total_log": apparent - common, "log_weight": log_weight}


def _truncated(
    plan: Design, rng: np.random.Generator, common: Array, mean: Array, sd: Array
) -> tuple[Array, Array]:
    """Standard normal nodes, single series truncated at their limits; the log of what is left."""
    shape = len(common), mean.size
    low, high = np.full(shape, -math.inf), np.full(shape, math.inf)
    for (k, *others), least, most in _limits(plan):
        if not others and plan.wholes.parent[k] < 0:
            low[:, k] = np.maximum(low[:, k], (least + common[:, k] - mean[k]) / sd[k])
            high[:, k] = np.minimum(high[:, k], (most + common[:, k] - mean[k]) / sd[k])
    if np.isinf(low).all() and np.isinf(high).all():
        return rng.standard_normal(shape), np.zeros(len(common))
    # The normal distribution function is exact in its lower tail only.
    flipped = low > 0
    low, high = np.where(flipped, -high, low), np.where(flipped, -low, high)
    below, above = ndtr(low), ndtr(high)
    z = ndtri(below + (above - below) * rng.random(shape))
    with np.errstate(divide="ignore"):
        left = np.where(np.isinf(low), log_ndtr(high), np.log(above - below))
    return np.where(flipped, -z, z), left.sum(axis=1)
