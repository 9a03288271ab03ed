"""Independent draws from a conjugate design: normal but for one integral."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign
from reconcile.models.linear_scale.random_effects import (
    draw_effects,
    even_points,
    evidence_log,
)
from reconcile.models.linear_scale.reference import LinearLatent

__all__ = ["draw_exactly"]


def draw_exactly(plan: LinearDesign, n: int, rng: np.random.Generator) -> LinearLatent:
    """Draws from the posterior of a conjugate design: a random-effects meta-analysis each."""
    drawn = [_draw_quantity(plan, k, n, rng) for k in range(len(plan.quantities))]
    theta = np.empty((n, len(plan.voices)))
    for k, one in enumerate(drawn):
        theta[:, plan.voice_quantity == k] = one.theta
    estimate, apparent, tau = (
        np.concatenate([getattr(one, name) for one in drawn], axis=1)
        for name in ("estimate", "apparent", "tau")
    )
    deviation = theta - estimate[:, plan.voice_quantity]
    return LinearLatent(
        estimate=estimate, apparent=apparent, tau=tau, theta=theta, deviation=deviation
    )


def _draw_quantity(plan: LinearDesign, k: int, n: int, rng: np.random.Generator) -> LinearLatent:
    """Draws of one figure: all is normal given tau and the part of the common error."""
    mine = np.flatnonzero(plan.voice_quantity == k)
    off, sigma = plan.centre[mine] - plan.mean[k], plan.precision[mine] ** -0.5
    points = even_points(n, len(mine) + 4, rng)
    times, prior = (1.0, plan.wide), plan.tau_prior(k)
    sds = [plan.apparent_sd(k, wide) for wide in times]
    right, wrong = (evidence_log(off, sigma, mu_sd=sd, tau_prior=prior) for sd in sds)
    is_wide = points[:, 0] < expit(logit(WIDE_SHARE) + wrong - right)
    apparent, tau, theta = np.empty(n), np.empty(n), np.empty((n, len(mine)))
    for sd, rows in zip(sds, (~is_wide, is_wide), strict=True):
        apparent[rows], tau[rows], theta[rows] = draw_effects(
            points[rows, 2:], off, sigma, mu_sd=sd, tau_prior=prior
        )
    common = plan.common[k] * np.hypot(tau, plan.common_error[k]) * np.where(is_wide, plan.wide, 1)
    kept = 1 / (1 + (common / plan.sd[k]) ** 2)
    estimate = kept * apparent + np.sqrt(kept) * common * ndtri(points[:, 1])
    return LinearLatent(
        estimate=(estimate + plan.mean[k])[:, None],
        apparent=(apparent + plan.mean[k])[:, None],
        tau=tau[:, None],
        theta=theta + plan.mean[k],
        deviation=theta - estimate[:, None],
    )
