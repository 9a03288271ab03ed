"""Effective number of independent claims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.models.independence import MOST_CLAIMS, Independence, effective_number
from reconcile.models.log_scale.design.design import Design

__all__ = ["independence_of"]

type Array = NDArray[np.float64]


def independence_of(plan: Design) -> tuple[Independence, ...]:
    """Effective number of claims on every figure with claims, at difficulty 1."""
    about: dict[tuple[str, str], list[int]] = {}
    for k, claim in enumerate(plan.claims):
        if not claim.is_truth:
            name = plan.claims.composition_of(claim.figure).canonical
            about.setdefault((claim.population, name), []).append(k)
    contents = plan.serial.contents.tolist()
    return tuple(
        Independence(
            population=population,
            figure=figure,
            n_claims=len(members),
            n_effective=_effective(plan, members, contents),
        )
        for (population, figure), members in about.items()
    )


def _effective(plan: Design, members: list[int], contents: list[int]) -> float:
    """Effective number of these claims, nan if too many."""
    first: dict[tuple[int, int], int] = {}
    certain = plan.readings.is_certain.astype(bool)
    predecessors = set(plan.serial.predecessor[plan.serial.share > 0].tolist())
    for k in members:
        if plan.serial.is_revised[k]:
            continue
        # What a voice guarantees it guarantees once.
        key = int(plan.speakers.voice_of[k]), -1 if certain[k] else contents[k]
        # Among copies, keep the one that is a predecessor.
        if key not in first or k in predecessors:
            first[key] = k
    kept = [k for k in first.values() if plan.serial.weight[k] > 0]
    if len(kept) > MOST_CLAIMS:
        return float("nan")
    return effective_number(_shared(plan, np.array(kept)) + _noise(plan, np.array(kept)))


def _shared(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of the biases and of the error common to all claims on this figure."""
    own = plan.biases.matrix[kept]
    claim = plan.claims.claims[kept[0]]
    named = {(claim.population, base) for base in plan.claims.base_parts(claim.figure)}
    mine = [k for k, series in enumerate(plan.structure.series) if series in named]
    loading = plan.common.sd_log[mine] @ plan.common.matrix[mine].toarray() / len(mine)
    common = plan.readings.common_share[kept]
    return np.asarray((own @ own.T).toarray() + (loading @ loading) * np.outer(common, common))


def _noise(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of the noise: each claim inherits a share of its predecessor's error."""
    expected = plan.priors.serial_follow * plan.serial.share
    place = {int(k): row for row, k in enumerate(kept)}
    follows = np.zeros((len(kept), len(kept)))
    for row, k in enumerate(kept.tolist()):
        predecessor = int(plan.serial.predecessor[k])
        if plan.serial.share[k] and predecessor in place:
            follows[row, place[predecessor]] = expected[k]
    spread = np.linalg.inv(np.eye(len(kept)) - follows)
    weight = np.where(plan.readings.is_bound, plan.serial.weight, 1.0)
    fresh = (plan.noise.expected_variance * (1 - expected**2) / weight.clip(1e-9))[kept]
    return np.asarray(spread @ (fresh[:, None] * spread.T))
