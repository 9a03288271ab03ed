"""Estimands on the natural scale and their priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure
from reconcile.errors import ClaimError, Problem
from reconcile.models.estimand import Estimand
from reconcile.models.linear_scale.readings import number_of, stated_error

__all__ = ["LinearEstimand", "linear_estimands"]

# Without a plausible range the prior is so many times as wide as the spread of the claims.
_WIDE: Final = 10.0
# A plausible range is a central 95 % range.
_RANGE_Z: Final = float(ndtri(0.975))


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
        Scale of the half-normal prior of the standard deviation between sources.
    logistic : bool
        Whether errors are logistic and not normal.
    """

    mean: float
    sd: float
    spread: float
    logistic: bool


def linear_estimands(claims: ClaimSet) -> tuple[LinearEstimand, ...]:
    """Estimands with their priors, in order of the claims; raises ClaimError without a spread."""
    about: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        about.setdefault((claim.population, claim.figure), []).append(claim)
    problems: list[Problem] = []
    found = []
    for (population, figure), members in about.items():
        prior = _prior(claims.figures[figure], members)
        if prior is None:
            problems.append(
                Problem(
                    field=f"figures.{figure}.spread",
                    value=None,
                    wrong="the scale of the sources' errors is unknown: no two sources differ, "
                    "none states an error, and there is no plausible range",
                    legal="a number above 0, or a plausible range [low, high]",
                )
            )
            continue
        logistic = claims.figures[figure].noise == "logistic"
        found.append(
            LinearEstimand(
                population=population,
                figure=figure,
                logistic=logistic,
                mean=prior[0],
                sd=prior[1],
                spread=prior[2],
            )
        )
    if problems:
        raise ClaimError(problems)
    return tuple(found)


def _prior(figure: Figure, members: list[Claim]) -> tuple[float, float, float] | None:
    """Prior mean and SD of the truth, and prior scale of the SD between sources."""
    spoken = [c for c in members if not c.is_truth and c.coverage != 1]
    standing = [c for c in spoken if c.state == "standing"] or spoken or members
    numbers = np.array(sorted(number_of(claim) for claim in standing))
    seen = _seen_spread(figure, standing)
    middle = float(np.median(numbers))
    if figure.plausible:
        low, high = figure.plausible
        middle, sd = low + 0.5 * (high - low), 0.5 * (high - low) / _RANGE_Z
        spread = figure.spread or seen or sd / _WIDE
    else:
        spread = figure.spread or seen
        sd = _WIDE * max(seen, spread)
    if not spread:
        return None
    return middle, sd, spread


def _seen_spread(figure: Figure, members: list[Claim]) -> float:
    """The larger of the SD of the sources' means and the median stated error; 0 if neither."""
    by_source: dict[str, list[float]] = {}
    for claim in members:
        by_source.setdefault(claim.origin or claim.source, []).append(number_of(claim))
    errors = [
        stated_error(claim, figure)
        for claim in members
        if claim.kind in ("interval", "between") and claim.coverage != 1
    ]
    # Sorted, so that the order of the claims does not matter to the last digit.
    means = np.array(sorted(float(np.mean(sorted(own))) for own in by_source.values()))
    differ = float(np.std(means, ddof=1)) if len(means) > 1 else 0.0
    return max(differ, float(np.median(errors)) if errors else 0.0)
