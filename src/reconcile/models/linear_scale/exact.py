"""Independent draws from a conjugate design: normal but for one integral."""

from __future__ import annotations

import numpy as np

from reconcile.models.linear_scale.design import LinearDesign
from reconcile.models.linear_scale.random_effects import draw_effects, even_points
from reconcile.models.linear_scale.reference import LinearLatent

__all__ = ["draw_exactly"]


def draw_exactly(plan: LinearDesign, n: int, rng: np.random.Generator) -> LinearLatent:
    """Draws from the posterior of a conjugate design: a random-effects meta-analysis each."""
    estimate = np.empty((n, len(plan.quantities)))
    tau = np.empty_like(estimate)
    theta = np.empty((n, len(plan.voices)))
    deviation = np.empty_like(theta)
    for k, mean in enumerate(plan.mean):
        mine = np.flatnonzero(plan.voice_quantity == k)
        effect, tau[:, k], off = draw_effects(
            even_points(n, len(mine) + 2, rng),
            plan.centre[mine] - mean,
            plan.precision[mine] ** -0.5,
            mu_sd=float(plan.sd[k]),
            tau_prior=plan.tau_prior(k),
        )
        estimate[:, k] = mean + effect
        theta[:, mine] = mean + off
        deviation[:, mine] = off - effect[:, None]
    return LinearLatent(estimate=estimate, tau=tau, theta=theta, deviation=deviation)
