"""Independent draws from a conjugate design: normal but for one integral."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign
from reconcile.models.linear_scale.random_effects import (
    draw_effects,
    even_points,
    tau_posterior,
)
from reconcile.models.linear_scale.reference import LinearLatent, truth_given

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
    off, sigma = plan.off(mine, k), plan.precision[mine] ** -0.5
    between = plan.between(mine)
    points = even_points(n, len(mine) + 4, rng)
    parts = [
        tau_posterior(
            off,
            sigma,
            mu_sd=plan.apparent_sd(k, wide),
            tau_prior=plan.tau_prior(k),
            between=between,
        )
        for wide in (1.0, plan.wide)
    ]
    right, wrong = (part.evidence_log for part in parts)
    is_wide = points[:, 0] < expit(logit(WIDE_SHARE) + wrong - right)
    tau = np.empty(n)
    for part, rows in zip(parts, (~is_wide, is_wide), strict=True):
        tau[rows] = part.quantiles(points[rows, 2])
    common = plan.common_sd(tau, k) * np.where(is_wide, plan.wide, 1.0)
    apparent, theta = draw_effects(
        tau, points[:, 3:], off, sigma, mu_sd=np.hypot(plan.sd[k], common), between=between
    )
    theta = theta + plan.bias[mine]
    kept, step = truth_given(common, plan.sd[k])
    estimate = kept * apparent + step * ndtri(points[:, 1])
    return LinearLatent(
        estimate=(estimate + plan.mean[k])[:, None],
        apparent=(apparent + plan.mean[k])[:, None],
        tau=tau[:, None],
        theta=theta + plan.mean[k],
        deviation=theta - estimate[:, None],
    )
