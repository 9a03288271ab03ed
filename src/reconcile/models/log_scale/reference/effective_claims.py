"""How many independent claims a number of claims is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.repeats import content_of
from reconcile.models.log_scale.design.sums import canonical_name

__all__ = ["Independence", "independence_of"]

type Array = NDArray[np.float64]
# A figure with more claims is not worked out: the matrix would not fit.
_MOST_CLAIMS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Independence:
    """Claims on one figure of one population, and what they are worth.

    Parameters
    ----------
    population, figure : str
        Whose, and what.
    n_claims : int
        How many claims speak of it directly, at any date; truths left out.
    n_effective : float
        How many claims with independent errors would say as much; nan beyond 3,000 claims.
    """

    population: str
    figure: str
    n_claims: int
    n_effective: float


def independence_of(plan: Design) -> tuple[Independence, ...]:
    r"""Effective number of claims on every figure that somebody speaks of.

    With the prior correlation matrix :math:`R` of the errors of the claims,
    :math:`1^\top R^{-1} 1`: all of them if no error is shared, one if all are. Errors are shared
    by a situation, a camp or group, a voice or origin, and by a source's successive claims; the
    error common to all claims is left out, since no number of claims tells it. Repeats count once,
    and a claim that was revised not beside its revision.

    Parameters
    ----------
    plan : Design
        Of the model.

    Returns
    -------
    tuple of Independence
        In the order of the claims.
    """
    about: dict[tuple[str, str], list[int]] = {}
    for k, claim in enumerate(plan.claims):
        if claim.kind != "truth":
            name = canonical_name(plan.claims, claim.figure)
            about.setdefault((claim.population, name), []).append(k)
    return tuple(
        Independence(
            population=population,
            figure=figure,
            n_claims=len(members),
            n_effective=_effective(plan, members),
        )
        for (population, figure), members in about.items()
    )


def _effective(plan: Design, members: list[int]) -> float:
    first: dict[object, int] = {}
    predecessors = set(plan.chains.predecessor[plan.chains.share > 0].tolist())
    for k in members:
        if plan.chains.is_revised[k]:
            continue
        content = content_of(plan.claims, plan.claims.claims[k])
        key = int(plan.speakers.voice_of[k]), content
        # Of copies, the one that other claims hang on stands for all.
        if key not in first or k in predecessors:
            first[key] = k
    kept = [k for k in first.values() if plan.chains.weight[k] > 0]
    if len(kept) > _MOST_CLAIMS:
        return float("nan")
    covariance = _shared(plan, np.array(kept)) + _noise(plan, np.array(kept))
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    worth = float(np.linalg.solve(correlation, np.ones(len(kept))).sum())
    return min(max(worth, 1.0), float(len(kept)))


def _shared(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of biases, the common error left out."""
    own = plan.biases.matrix[kept][:, plan.biases.spans["common_bias_z"].stop :]
    return np.asarray((own @ own.T).toarray())


def _noise(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of noise: each claim keeps a share of the error of its predecessor."""
    place = {int(k): row for row, k in enumerate(kept)}
    hangs = np.zeros((len(kept), len(kept)))
    for row, k in enumerate(kept.tolist()):
        predecessor = int(plan.chains.predecessor[k])
        if plan.chains.share[k] and predecessor in place:
            hangs[row, place[predecessor]] = plan.chains.share[k]
    spread = np.linalg.inv(np.eye(len(kept)) - hangs)
    weight = np.where(plan.readings.is_bound, plan.chains.weight, 1.0)
    fresh = (plan.noise.expected_variance * (1 - plan.chains.share**2) / weight.clip(1e-9))[kept]
    return np.asarray(spread @ (fresh[:, None] * spread.T))
