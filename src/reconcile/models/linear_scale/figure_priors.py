"""Estimands and their priors, placed as the gauges of their figures do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from reconcile._text import few_of
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.claims.percent import whole_of
from reconcile.errors import AssumptionWarning, ClaimError, Problem, warn
from reconcile.models.estimand import Estimand
from reconcile.models.linear_scale.gauges import RANGE_Z, gauge_of
from reconcile.models.linear_scale.random_effects import TauPrior
from reconcile.models.linear_scale.readings import is_number, number_of, placed
from reconcile.models.linear_scale.spread import judged_spread

__all__ = ["LinearEstimand", "linear_estimands"]

# Without a plausible range the prior is so many times as wide as sources are apart; with bounds
# alone it is the prior that says how far beyond them the figure may lie.
_WIDE: Final = 100.0
_WIDE_BY_BOUNDS: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearEstimand(Estimand):
    """A figure of a population and its prior, natural scale; of a share, its log odds.

    Parameters
    ----------
    population, figure, date
        As of any estimand; without a date.
    mean, sd : float
        Of the normal prior of the truth.
    spread : float
        How far sources are apart, roughly.
    tau : TauPrior
        Prior of the standard deviation between sources.
    common, common_error : float
        Standard deviation of the error that all sources share, as a multiple of the root of the
        squares of that between sources and of this error.
    logistic : bool
        Whether errors are logistic and not normal.
    whole : float
        What a share is a part of, 100 or 1; 0 of a figure that is none.
    """

    mean: float
    sd: float
    spread: float
    tau: TauPrior
    common: float
    common_error: float
    logistic: bool
    whole: float = 0.0


def linear_estimands(
    claims: ClaimSet, constants: Mapping[str, float]
) -> tuple[LinearEstimand, ...]:
    """Estimands with their priors, in order of the claims; raises ClaimError without a spread."""
    about: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        about.setdefault((claim.population, claim.figure), []).append(claim)
    problems: list[Problem] = []
    found, guessed = [], []
    for (population, figure), members in about.items():
        declared = claims.figures[figure]
        standing = _standing(members)
        revised = [c for c in members if c.state == "revised"]
        spread = judged_spread(declared, standing, revised, constants)
        if not spread.unit:
            problems.append(
                Problem(
                    field=f"figures.{figure}.spread",
                    value=None,
                    wrong="the scale of the sources' errors is unknown: nobody gives a number, "
                    "and there is no plausible range",
                    legal="a number above 0, or a plausible range [low, high]",
                )
            )
            continue
        if spread.is_guess:
            said = float(np.median([number_of(claim) for claim in standing]))
            guessed.append(f"{figure} ({gauge_of(declared).unstep(said, spread.unit):.2g})")
        mean, sd = _prior(declared, standing, spread.unit)
        found.append(
            LinearEstimand(
                population=population,
                figure=figure,
                logistic=declared.noise == "logistic",
                whole=whole_of(declared.unit) if declared.scale == "share" else 0.0,
                mean=mean,
                sd=sd,
                spread=spread.unit,
                tau=spread.tau,
                common=spread.common,
                common_error=spread.error,
            )
        )
    if problems:
        raise ClaimError(problems)
    if guessed:
        warn(
            f"one source alone speaks of {few_of(sorted(set(guessed)))} and states no error; it is "
            "taken to be off by something like the amount in brackets: state its error, or give "
            "'spread' or 'plausible' in case.toml",
            AssumptionWarning,
        )
    return tuple(found)


def _standing(members: list[Claim]) -> list[Claim]:
    """Claims that stand; where there are none, all."""
    spoken = [c for c in members if not c.is_truth and c.coverage != 1]
    return [c for c in spoken if c.state == "standing"] or spoken or members


def _prior(figure: Figure, standing: list[Claim], spread: float) -> tuple[float, float]:
    """Prior mean and standard deviation of the truth."""
    gauge = gauge_of(figure)
    numbers = [placed(claim, figure) for claim in standing if is_number(claim)]
    ends = gauge.plausible()
    if ends and figure.plausible:
        low, high = ends
        return low + 0.5 * (high - low), 0.5 * (high - low) / RANGE_Z
    middle = float(np.median(sorted(numbers or _limits(standing, figure))))
    if ends and not numbers:
        return middle, gauge.widest
    wide = _WIDE if numbers else _WIDE_BY_BOUNDS
    return middle, min(wide * spread, gauge.widest)


def _limits(standing: list[Claim], figure: Figure) -> list[float]:
    """Bounds that exclude something, or else a half."""
    gauge = gauge_of(figure)
    found = [gauge.limit(number_of(c), lower=c.kind != "at_most") for c in standing]
    return [limit for limit in found if math.isfinite(limit)] or [0.0]
