"""Effective number of claims: how many independent ones would say as much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.models.independence import MOST_CLAIMS, Independence, effective_number
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.repeats import content_of
from reconcile.models.log_scale.design.sums import canonical_name

__all__ = ["independence_of"]

type Array = NDArray[np.float64]


def independence_of(plan: Design) -> tuple[Independence, ...]:
    """Effective number of claims on every figure that somebody speaks of."""
    # The error common to all claims is left out: no number of claims tells it.
    about: dict[tuple[str, str], list[int]] = {}
    for k, claim in enumerate(plan.claims):
        if not claim.is_truth:
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
    predecessors = set(plan.serial.predecessor[plan.serial.share > 0].tolist())
    for k in members:
        if plan.serial.is_revised[k]:
            continue
        content = content_of(plan.claims, plan.claims.claims[k])
        key = int(plan.speakers.voice_of[k]), content
        # Of copies, the one that other claims follow stands for all.
        if key not in first or k in predecessors:
            first[key] = k
    kept = [k for k in first.values() if plan.serial.weight[k] > 0]
    if len(kept) > MOST_CLAIMS:
        return float("nan")
    return effective_number(_shared(plan, np.array(kept)) + _noise(plan, np.array(kept)))


def _shared(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of biases, the common error left out."""
    own = plan.biases.matrix[kept][:, plan.biases.spans["common_bias_z"].stop :]
    return np.asarray((own @ own.T).toarray())


def _noise(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of noise: each claim keeps a share of the error of its predecessor."""
    place = {int(k): row for row, k in enumerate(kept)}
    hangs = np.zeros((len(kept), len(kept)))
    for row, k in enumerate(kept.tolist()):
        predecessor = int(plan.serial.predecessor[k])
        if plan.serial.share[k] and predecessor in place:
            hangs[row, place[predecessor]] = plan.serial.share[k]
    spread = np.linalg.inv(np.eye(len(kept)) - hangs)
    weight = np.where(plan.readings.is_bound, plan.serial.weight, 1.0)
    fresh = (plan.noise.expected_variance * (1 - plan.serial.share**2) / weight.clip(1e-9))[kept]
    return np.asarray(spread @ (fresh[:, None] * spread.T))
