"""Learn the constants of figures on the natural scale from figures with a known truth.

``python benchmarks/linear_constants.py`` maximises the log density of each truth given the claims
about it, by quadrature over the standard deviation between sources, on the public half of the field
families, and prints the constants; ``--write`` also writes them into
``src/reconcile/data/default_priors.json`` and the scores into ``linear_constants.json`` beside this
file. Every case counts once, a family as at most 25 cases.

Bare numbers of several sources are in no family. That of several polls or experts without their
errors is not a stand-in: what these have in common is known to be large, and that of others is not.
So ``common_bare`` is judged, and so is how often the common error is wide.
"""

from __future__ import annotations

import argparse
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from machine import versions
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

import reconcile as rc
from error_constants import DEFAULTS, MOST_CASES
from error_figures import FIELD, hashed
from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign, linear_design
from reconcile.models.linear_scale.random_effects import between_study_logp, overall

HERE = Path(__file__).parent
FAMILIES: Final = ("polls", "cooke_signed", "pdg_signed", "codata_signed", "gdp_vintages")
# Figures taken of a family, by a hash of their case.
_MOST_FIGURES: Final = 120
# Median of each constant before anything is known, and standard deviation of its log.
PRIOR: Final = {
    "common_measured": (0.1, 1.0),
    "common_interval": (0.9, 1.0),
    "common_wide": (3.0, 0.3),
    "power_measured": (1.5, 0.3),
    "power_interval": (3.0, 0.3),
    "stated_flat": (0.5, 0.5),
    "alone_flat": (0.5, 0.7),
    "alone_power": (4.0, 0.3),
    "alone_points": (1.0, 1.0),
}
_GRID: Final = np.exp(np.linspace(math.log(1e-3), math.log(60), 70))
# A truth is not held to be known better than this share of how far sources are apart.
_LEAST_KNOWN: Final = 0.05
# No figure has a log density below this, so that none decides by itself.
_LEAST: Final = -28.0
_Z90: Final = 1.645

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Claims about one figure, its truth, and its weight; ``unit`` makes figures comparable."""

    family: str
    claims: rc.ClaimSet
    truth: float
    unit: float
    sd: float
    weight: float


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=_MOST_FIGURES, help="figures of a family")
    parser.add_argument("--steps", type=int, default=400, help="evaluations of the search")
    parser.add_argument("--write", action="store_true", help="write the default priors")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    figures = [figure for family in FAMILIES for figure in gathered(family, arguments.most)]
    constants, scores = learnt(figures, steps=arguments.steps)
    print(json.dumps({"constants": constants, "scores": scores}, indent=1))
    if arguments.write:
        write(constants, scores)


def gathered(family: str, most: int) -> list[Figure]:
    """Figures of a family, without their truths among the claims."""
    found: list[tuple[str, rc.ClaimSet, rc.Claim]] = []
    for case, claims in rc.track_record(folder=FIELD / family).items():
        for truth in (claim for claim in claims if claim.is_truth and claim.value is not None):
            about = truth.population, truth.figure
            mine = [c for c in claims if (c.population, c.figure) == about and not c.is_truth]
            if mine:
                found.append((case, claims.replace(mine), truth))
    found = sorted(found, key=lambda one: hashed(one[0]))[:most]
    cases = [case for case, _, _ in found]
    share = min(1.0, MOST_CASES / len(set(cases)))
    return [
        Figure(
            family=family,
            claims=claims,
            truth=truth.value or 0.0,
            unit=float(linear_design(claims).spread[0]),
            sd=0.0 if truth.low is None else ((truth.high or 0.0) - truth.low) / (2 * _Z90),
            weight=share / cases.count(case),
        )
        for case, claims, truth in found
    ]


def learnt(
    figures: Sequence[Figure], *, steps: int
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Constants at the maximum, and mean scores by family before and there."""
    middle = np.log([median for median, _ in PRIOR.values()])
    sd = np.array([sd for _, sd in PRIOR.values()])

    def loss(theta: Array) -> float:
        priors = priors_of(theta)
        score = sum(figure.weight * log_score(figure, priors) for figure in figures)
        return float(0.5 * (((theta - middle) / sd) ** 2).sum() - score)

    simplex = np.vstack([middle, middle + 0.5 * np.eye(len(middle))])
    options = {"maxfev": steps, "initial_simplex": simplex, "xatol": 0.03, "fatol": 0.03}
    found = minimize(loss, middle, method="Nelder-Mead", options=options)
    constants = {
        name: float(f"{value:.3g}")
        for name, value in zip(PRIOR, np.exp(found.x).tolist(), strict=True)
    }
    scores = {
        family: {
            name: round(
                float(np.mean([log_score(f, priors) for f in figures if f.family == family])), 3
            )
            for name, priors in (("first", priors_of(middle)), ("learnt", priors_of(found.x)))
        }
        for family in dict.fromkeys(figure.family for figure in figures)
    }
    return constants, scores


def priors_of(theta: Array) -> rc.Priors:
    """Priors with the constants at one point of the search."""
    return rc.Priors().replace(linear=dict(zip(PRIOR, np.exp(theta).tolist(), strict=True)))


def log_score(figure: Figure, priors: rc.Priors) -> float:
    """Log density of the truth, in its unit."""
    plan = linear_design(figure.claims, priors)
    middle, variance, common, weight = moments(plan)
    known = max(figure.sd, _LEAST_KNOWN * figure.unit)
    logs = [
        math.log(share)
        + normal_logpdf(figure.truth - middle, variance + (by * common) ** 2 + known**2)
        for share, by in ((1 - WIDE_SHARE, 1.0), (WIDE_SHARE, plan.wide))
    ]
    return max(float(logsumexp(np.array(logs) + weight)) + math.log(figure.unit), _LEAST)


def moments(plan: LinearDesign) -> tuple[Array, Array, Array, Array]:
    """Mean and variance of the apparent figure, common error, and log weight, on a grid of tau."""
    there = plan.precision > 0
    off, sigma = plan.centre[there] - plan.mean[0], plan.precision[there] ** -0.5
    prior = plan.tau_prior(0)
    tau = _GRID * max(plan.spread[0], min(prior.flat, prior.scale))
    logs = between_study_logp(tau, off, sigma, mu_sd=float(plan.sd[0]), tau_prior=prior)
    logs += np.log(tau)
    middle, sd = overall(tau, off, sigma, math.inf)
    return plan.mean[0] + middle, sd**2, plan.common_sd(tau, 0), logs - logsumexp(logs)


def normal_logpdf(off: Array, variance: Array) -> Array:
    """Log density of a normal distribution."""
    return np.asarray(-0.5 * (off**2 / variance + np.log(2 * np.pi * variance)))


def write(constants: Mapping[str, float], scores: Mapping[str, Any]) -> None:
    """Write the constants among the defaults, and the scores beside this file."""
    table = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    table["priors"]["linear"] |= constants
    DEFAULTS.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    result = {"command": "python benchmarks/linear_constants.py --write", "constants": constants}
    result |= {"scores": scores, "versions": versions()}
    (HERE / "linear_constants.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
