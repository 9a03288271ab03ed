"""Priors of figures: where a plausible range is given, that; else wide about what is claimed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import norm

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.priors import Priors
from reconcile.readings import reading_of

__all__ = ["FigurePriors", "figure_priors"]

_NORMAL_95: Final = float(norm.ppf(0.975))
# Where nothing at all is said of the size of a figure: 95 % between 1 in 200 and 2 million.
_UNKNOWN_MEAN_LOG: Final = math.log(100.0)
_UNKNOWN_SD_LOG: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePriors:
    """Priors of the log totals of series, and of the logs of their sums."""

    mean_log: np.ndarray
    sd_log: np.ndarray
    ranges: tuple[tuple[tuple[int, ...], float, float], ...]
    ceilings: tuple[tuple[tuple[int, ...], float], ...]


def figure_priors(
    claims: ClaimSet, series: tuple[tuple[str, str], ...], priors: Priors
) -> FigurePriors:
    """Priors of every series, and of every sum that has a plausible range or a ceiling.

    Parameters
    ----------
    claims : ClaimSet
        What was said, and of what.
    series : tuple of (str, str)
        Population and figure of each series.
    priors : Priors
        What to assume where no plausible range is given.

    Returns
    -------
    FigurePriors
    """
    mean, sd = [], []
    for population, figure in series:
        plausible = claims.figures[figure].plausible
        if plausible:
            middle, spread = _from_range(plausible)
        else:
            middle, spread = _from_claims(claims, population, figure, priors)
        mean.append(middle)
        sd.append(spread)
    position = {name: k for k, name in enumerate(series)}
    ranges, ceilings = [], []
    for whole in claims.figures.values():
        bases = claims.base_parts(whole.name)
        for population in claims.populations:
            members = tuple(position[population, b] for b in bases if (population, b) in position)
            if members and whole.ceiling is not None:
                ceilings.append((members, math.log(whole.ceiling)))
            if len(members) == len(bases) and whole.plausible and whole.parts:
                ranges.append((members, *_from_range(whole.plausible)))
    return FigurePriors(
        mean_log=np.array(mean),
        sd_log=np.array(sd),
        ranges=tuple(ranges),
        ceilings=tuple(ceilings),
    )


def _from_range(plausible: tuple[float, float]) -> tuple[float, float]:
    low, high = (math.log(end) for end in plausible)
    return 0.5 * (low + high), (high - low) / (2 * _NORMAL_95)


def _from_claims(
    claims: ClaimSet, population: str, figure: str, priors: Priors
) -> tuple[float, float]:
    """Middle of what is claimed of a series, and how far it may lie from there.

    Direct numbers come first, then sums, then bounds.

    Bounds are looked at only where there are no numbers, and then only the tightest, so that a
    vacuous bound changes nothing. A sum is shared out evenly among its parts, and a number for
    part of the time is carried on to the last date at the same rate.
    """
    speaking = [
        (claim, claims.base_parts(claim.figure))
        for claim in claims
        if claim.population == population and figure in claims.base_parts(claim.figure)
    ]
    last = max((c.date for c, _ in speaking if c.date), default=None)

    def log_of(claim: Claim, n_parts: int) -> float:
        unit_size = claims.figures[figure].unit_size
        log = reading_of(claim, unit_size=unit_size).centre_log - math.log(n_parts)
        begin = claim.since or claims.start
        if claim.date and last and begin and claims.figures[figure].accrues:
            whole = (last - (claims.start or begin)).days + 1
            log += math.log(max(whole, 1) / ((claim.date - begin).days + 1))
        return log

    def logs(kinds: tuple[str, ...], parts: Iterable[int]) -> list[float]:
        allowed = set(parts)
        return [
            log_of(claim, len(bases))
            for claim, bases in speaking
            if claim.kind in kinds and (len(bases) > 1) in allowed and not _is_zero(claim)
        ]

    for several in (False, True):
        numbers = logs(("point", "about", "between", "interval"), [several])
        if numbers:
            return float(np.median(numbers)), priors.figure_sd_log
    for several in (False, True):
        lower, upper = logs(("at_least", "vague"), [several]), logs(("at_most",), [several])
        if lower or upper:
            middle = max(lower) if lower else min(upper) - math.log(priors.at_most_slack)
            return middle, priors.figure_sd_log
    return _UNKNOWN_MEAN_LOG, max(priors.figure_sd_log, _UNKNOWN_SD_LOG)


def _is_zero(claim: Claim) -> bool:
    return claim.value == 0 or (claim.kind == "vague" and claim.words.lower().strip() == "none")
