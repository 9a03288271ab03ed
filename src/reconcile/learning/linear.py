"""The truth of one figure on the natural scale given its claims, by quadrature over tau."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from reconcile.claims.claim_set import ClaimSet
from reconcile.learning.figures import claims_and_truths
from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign, linear_design
from reconcile.models.linear_scale.random_effects import between_study_logp, overall
from reconcile.models.linear_scale.readings import is_number, placed, stated_error
from reconcile.priors.priors import Priors

__all__ = ["LinearFigure", "linear_figures", "linear_log_score"]

type Array = NDArray[np.float64]

# Standard deviations between sources, in spreads.
_GRID: Final = np.exp(np.linspace(math.log(1e-3), math.log(60), 70))
# A truth is not held to be known better than this share of how far sources are apart.
_LEAST_KNOWN: Final = 0.05
# No figure has a log density below this, so that none decides by itself.
_LEAST: Final = -28.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearFigure:
    """Claims about one figure without its truth, the truth, and how well that is known.

    A share in log odds. ``unit`` makes figures comparable.
    """

    case: str
    claims: ClaimSet
    truth: float
    sd: float
    unit: float

    @property
    def known(self) -> tuple[float, float]:
        """What is known of the truth."""
        return self.truth, self.sd


def linear_figures(case: str, claims: ClaimSet) -> Iterator[LinearFigure]:
    """Figures of a case that have numbers and a truth."""
    for truth, mine in claims_and_truths(claims):
        if not any(is_number(c) and c.state == "standing" for c in mine):
            continue
        plan = linear_design(mine)
        if (plan.precision > 0).any():
            figure = claims.figures[truth.figure]
            yield LinearFigure(
                case=case,
                claims=mine,
                truth=placed(truth, figure),
                sd=0.0 if truth.low == truth.high else stated_error(truth, figure),
                unit=float(plan.spread[0]),
            )


def linear_log_score(figure: LinearFigure, priors: Priors) -> float:
    """Log density of the truth given the claims, in the unit of the figure."""
    plan = linear_design(figure.claims, priors)
    middle, variance, common, weight = _moments(plan)
    known = max(figure.sd, _LEAST_KNOWN * figure.unit)
    logs = [
        math.log(share)
        + _normal_logpdf(figure.truth - middle, variance + (by * common) ** 2 + known**2)
        for share, by in ((1 - WIDE_SHARE, 1.0), (WIDE_SHARE, plan.wide))
    ]
    return max(float(logsumexp(np.array(logs) + weight)) + math.log(figure.unit), _LEAST)


def _moments(plan: LinearDesign) -> tuple[Array, Array, Array, Array]:
    """Mean and variance of the apparent figure, common error, and log weight, on a grid of tau."""
    there = plan.precision > 0
    off, sigma = plan.centre[there] - plan.mean[0], plan.precision[there] ** -0.5
    prior = plan.tau_prior(0)
    tau = _GRID * max(plan.spread[0], min(prior.flat, prior.scale))
    logs = between_study_logp(tau, off, sigma, mu_sd=float(plan.sd[0]), tau_prior=prior)
    logs += np.log(tau)
    middle, sd = overall(tau, off, sigma, math.inf)
    return plan.mean[0] + middle, sd**2, plan.common_sd(tau, 0), logs - logsumexp(logs)


def _normal_logpdf(off: Array, variance: Array) -> Array:
    return np.asarray(-0.5 * (off**2 / variance + np.log(2 * np.pi * variance)))
