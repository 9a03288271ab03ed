"""Draws from the prior on the natural scale, before any claim is read."""

from __future__ import annotations

import numpy as np

from reconcile.linear.density import LinearLatent
from reconcile.linear.design import LinearDesign
from reconcile.linear.readings import LOGISTIC_SD

__all__ = ["draw_prior"]


def draw_prior(plan: LinearDesign, rng: np.random.Generator, n: int) -> LinearLatent:
    """Draw truths, and what sources take for them.

    Parameters
    ----------
    plan : LinearDesign
        Of the model; what was found out later is left out.
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        Draws.

    Returns
    -------
    LinearLatent
    """
    estimate = rng.normal(plan.prior_mean, plan.prior_sd, (n, len(plan.quantities)))
    tau = np.abs(rng.normal(0.0, plan.spread, estimate.shape))
    of, shape = plan.voice_quantity, (n, len(plan.voices))
    heavy = rng.logistic(size=shape) / LOGISTIC_SD
    noise = np.where(plan.logistic[of] > 0, heavy, rng.normal(size=shape))
    deviation = tau[:, of] * noise
    return LinearLatent(
        estimate=estimate, tau=tau, theta=estimate[:, of] + deviation, deviation=deviation
    )
