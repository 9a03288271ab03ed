"""Effective number of claims: how many independent ones would say as much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconcile.models.independence import MOST_CLAIMS, Independence, effective_number
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.readings import STATED
from reconcile.models.log_scale.design.repeats import content_of
from reconcile.models.log_scale.design.sums import canonical_name

__all__ = ["independence_of"]

type Array = NDArray[np.float64]
# Variance of a logistic distribution of scale 1.
_LOGISTIC_VARIANCE = np.pi**2 / 3


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
    anchors = set(plan.chains.anchor[plan.chains.share > 0].tolist())
    for k in members:
        if plan.chains.is_revised[k]:
            continue
        content = content_of(plan.claims, plan.claims.claims[k])
        key = int(plan.speakers.voice_of[k]), content
        # Of copies, the one that other claims follow stands for all.
        if key not in first or k in anchors:
            first[key] = k
    kept = [k for k in first.values() if plan.chains.weight[k] > 0]
    if len(kept) > MOST_CLAIMS:
        return float("nan")
    return effective_number(_shared(plan, np.array(kept)) + _noise(plan, np.array(kept)))


def _shared(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of biases."""
    voice = plan.speakers.voice_of[kept]
    levels, speakers = plan.levels, plan.speakers
    total = np.zeros((len(kept), len(kept)))
    terms = [
        (levels.role_log[voice], speakers.situation_of[voice]),
        (levels.camp_log[voice], speakers.camp_of[voice]),
        (levels.voice_log[voice], voice),
        (plan.priors.category_sd_log * plan.category_share[kept], plan.category_of[kept]),
    ]
    for sd, group in terms:
        total += np.outer(sd, sd) * (group[:, None] == group[None, :])
    share = plan.shares.bias[kept]
    return np.asarray(total * np.outer(share, share))


def _noise(plan: Design, kept: NDArray[np.intp]) -> Array:
    """Covariance of noise: each claim keeps a share of the error of the one it hangs on."""
    priors, shares = plan.priors, plan.shares
    roles = [role.noise_median_log for role in plan.role_priors]
    excess = np.array([priors.overconfidence_median[kind] for kind in STATED])[plan.stated_of]
    stated = plan.readings.relative_width * (1 + shares.excess * excess)
    noise = shares.noise * np.array(roles)[plan.role_of]
    variance = _LOGISTIC_VARIANCE * (noise**2 + plan.fixed_log**2 + stated**2)
    place = {int(k): row for row, k in enumerate(kept)}
    hangs = np.zeros((len(kept), len(kept)))
    for row, k in enumerate(kept.tolist()):
        anchor = int(plan.chains.anchor[k])
        if plan.chains.share[k] and anchor in place:
            hangs[row, place[anchor]] = plan.chains.share[k]
    spread = np.linalg.inv(np.eye(len(kept)) - hangs)
    weight = np.where(plan.readings.is_bound, plan.chains.weight, 1.0)
    fresh = (variance * (1 - plan.chains.share**2) / weight.clip(1e-9))[kept]
    return np.asarray(spread @ (fresh[:, None] * spread.T))
