"""Estimands on the natural scale and their priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from reconcile._text import few_of
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.errors import AssumptionWarning, ClaimError, Problem, warn
from reconcile.models.estimand import Estimand
from reconcile.models.linear_scale.random_effects import TauPrior
from reconcile.models.linear_scale.readings import is_number, number_of
from reconcile.models.linear_scale.spread import RANGE_Z, judged_spread

__all__ = ["LinearEstimand", "linear_estimands"]

# Without a plausible range the prior is so many times as wide as sources are apart; with bounds
# alone it is the prior that says how far beyond them the figure may lie.
_WIDE: Final = 100.0
_WIDE_BY_BOUNDS: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearEstimand(Estimand):
    """A figure of a population and its prior, natural scale.

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
    """

    mean: float
    sd: float
    spread: float
    tau: TauPrior
    common: float
    common_error: float
    logistic: bool


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
        guessed += [f"{figure} ({spread.unit:.2g})"] * spread.is_guess
        mean, sd = _prior(declared, standing, spread.unit)
        found.append(
            LinearEstimand(
                population=population,
                figure=figure,
                logistic=declared.noise == "logistic",
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
    if figure.plausible:
        low, high = figure.plausible
        return low + 0.5 * (high - low), 0.5 * (high - low) / RANGE_Z
    numbers = [number_of(claim) for claim in standing if is_number(claim)]
    wide = _WIDE if numbers else _WIDE_BY_BOUNDS
    middle = np.median(sorted(numbers or [number_of(claim) for claim in standing]))
    return float(middle), wide * spread
