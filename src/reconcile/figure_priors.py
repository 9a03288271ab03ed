"""Priors of figures: where a plausible range is given, that; else wide about what is claimed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import norm

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.figures import parse_ratio
from reconcile.incidence import Incidence, is_level
from reconcile.measures import measure_of
from reconcile.paths import Ceilings
from reconcile.priors import Priors
from reconcile.readings import Reading, reading_of

__all__ = ["FigurePriors", "Ranges", "carried_on", "figure_priors"]

# Members above and below the line, mean and standard deviation of the log of the sum or ratio.
type Ranges = tuple[tuple[tuple[int, ...], tuple[int, ...], float, float], ...]

_NORMAL_95: Final = float(norm.ppf(0.975))
# Where nothing at all is said of the size of a figure: 95 % between 1 in 200 and 2 million.
_UNKNOWN_MEAN_LOG: Final = math.log(100.0)
_UNKNOWN_SD_LOG: Final = 5.0
# Of two bounds further apart than this, the upper one is taken for empty.
_FAR_APART_LOG: Final = math.log(1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePriors:
    """Priors of the log totals of series, and of the logs of their sums and ratios."""

    mean_log: np.ndarray
    sd_log: np.ndarray
    ranges: Ranges
    ceilings: Ceilings


def figure_priors(
    claims: ClaimSet, structure: Incidence, priors: Priors, expected_log: np.ndarray
) -> FigurePriors:
    """Priors of every series, and of every sum that has a plausible range or a ceiling.

    Parameters
    ----------
    claims : ClaimSet
        What was said, and of what.
    structure : Incidence
        Series and dates.
    priors : Priors
        What to assume where no plausible range is given.
    expected_log : ndarray of shape (claim,)
        Error that the bias of each claim's voice leads one to expect.

    Returns
    -------
    FigurePriors
    """
    mean, sd = [], []
    unknown = []
    for population, figure in structure.series:
        plausible = claims.figures[figure].plausible
        found = _from_claims(claims, structure, population, figure, priors, expected_log)
        if plausible:
            middle, spread = _from_range(plausible)
            found = middle + _days_log(claims, structure, figure), spread
        unknown.append(found is None)
        middle, spread = found or _of_nothing(claims, figure, priors)
        mean.append(middle)
        sd.append(spread)
    position = {name: k for k, name in enumerate(structure.series)}
    _from_ratios(claims, structure, position, priors, mean, sd, unknown)
    ranges: list[tuple[tuple[int, ...], tuple[int, ...], float, float]] = []
    ceilings = []
    for population in claims.populations:

        def members_of(name: str, population: str = population) -> tuple[int, ...]:
            """Series of a figure or sum; empty unless all are there."""
            bases = claims.base_parts(name)
            known = all((population, base) in position for base in bases)
            return tuple(position[population, base] for base in bases) if known else ()

        of_population = []
        for whole in claims.figures.values():
            bases = claims.base_parts(whole.name)
            members = tuple(position[population, b] for b in bases if (population, b) in position)
            if members and whole.ceiling is not None:
                of_population.append((members, math.log(whole.ceiling)))
            if members_of(whole.name) and whole.plausible and whole.parts:
                middle, spread = _from_range(whole.plausible)
                middle += _days_log(claims, structure, whole.name)
                ranges.append((members, (), middle, spread))
        for ratio in claims.ratios:
            above, below = map(members_of, ratio.sides)
            if above and below:
                middle = math.log(ratio.about) - _units_log(claims, ratio.of)
                ranges.append((above, below, middle, ratio.sd_log))
        if of_population:
            ceilings.append(tuple(of_population))
    return FigurePriors(
        mean_log=np.array(mean),
        sd_log=np.array(sd),
        ranges=tuple(ranges),
        ceilings=tuple(ceilings),
    )


def _units_log(claims: ClaimSet, ratio: str) -> float:
    """Log of what one unit above the line is to one below it."""
    sizes = [claims.figures[claims.base_parts(s)[0]].unit_size for s in parse_ratio(ratio)]
    return math.log(sizes[0] / sizes[1])


def _days_log(claims: ClaimSet, structure: Incidence, figure: str) -> float:
    """Log of all days, for a level, whose total is its mean times these; else 0."""
    return math.log(structure.days.sum()) if is_level(claims, figure) else 0.0


def _of_nothing(claims: ClaimSet, figure: str, priors: Priors) -> tuple[float, float]:
    """Prior of a figure of whose size nothing is said."""
    middle = _UNKNOWN_MEAN_LOG - math.log(claims.figures[figure].unit_size)
    return middle, max(priors.figure_sd_log, _UNKNOWN_SD_LOG)


def _from_ratios(
    claims: ClaimSet,
    structure: Incidence,
    position: dict[tuple[str, str], int],
    priors: Priors,
    mean: list[float],
    sd: list[float],
    unknown: list[bool],
) -> None:
    """Centre figures of which only a ratio speaks on that ratio to what is known; in place."""
    stated = [
        (claim.population, claim.sides, reading_of(claim, measure_of(claims, claim)).centre_log)
        for claim in claims
        if claim.kind == "ratio"
    ]
    stated += [
        (population, ratio.sides, math.log(ratio.about) - _units_log(claims, ratio.of))
        for population in claims.populations
        for ratio in claims.ratios
    ]
    while True:
        # What follows from what is known now; of several ratios, whatever their order, the median.
        following: dict[int, set[float]] = {}
        for population, sides, log in stated:
            above, below = ([(population, b) for b in claims.base_parts(side)] for side in sides)
            for mine, other, sign in ((above, below, 1), (below, above, -1)):
                known = [position[s] for s in other if s in position and not unknown[position[s]]]
                if len(known) < len(other) or set(mine) & set(other):
                    continue
                whole = sign * log + float(np.logaddexp.reduce([mean[k] for k in known]))
                for k in (position[s] for s in mine if s in position and unknown[position[s]]):
                    following.setdefault(k, set()).add(whole - math.log(len(mine)))
        if not following:
            return
        for k, middles in following.items():
            mean[k], sd[k] = float(np.median(sorted(middles))), priors.figure_sd_log
            unknown[k] = False


def _from_range(plausible: tuple[float, float]) -> tuple[float, float]:
    low, high = (math.log(end) for end in plausible)
    return 0.5 * (low + high), (high - low) / (2 * _NORMAL_95)


def _from_claims(
    claims: ClaimSet,
    structure: Incidence,
    population: str,
    figure: str,
    priors: Priors,
    expected_log: np.ndarray,
) -> tuple[float, float] | None:
    """Middle of what is claimed of a series, and how far it may lie from there.

    What its source's bias leads one to expect is taken off each claim, or the prior would pull the
    figure back to what biased sources say. Direct numbers come first, then sums, then bounds.
    Bounds are looked at only where there are no numbers, and then only the tightest, so that a
    vacuous bound changes nothing. Truths say
    where the figure lies better than a prior could; they are taken only if nothing else is there.
    A sum is shared out evenly among its parts, and a number for part of the time is carried on to
    the last date at the same rate. None where nothing is said of its size.
    """
    unit_size = claims.figures[figure].unit_size
    numbers: dict[bool, list[float]] = {False: [], True: []}
    truths: dict[bool, list[float]] = {False: [], True: []}
    lower: dict[bool, list[float]] = {False: [], True: []}
    upper: dict[bool, list[float]] = {False: [], True: []}
    for claim, expected in zip(claims, expected_log.tolist(), strict=True):
        bases = claims.base_parts(claim.figure)
        if claim.population != population or figure not in bases or claim.kind == "ratio":
            continue
        reading = reading_of(claim, measure_of(claims, claim))
        if reading.is_bound and reading.up_log == math.inf and _is_vacuous(reading, unit_size):
            continue
        log = reading.centre_log - expected - math.log(len(bases))
        log += carried_on(claims, structure, claim) + _days_log(claims, structure, figure)
        kind = truths if reading.is_truth else numbers
        if reading.is_bound and math.inf in (reading.down_log, reading.up_log):
            kind = lower if reading.up_log == math.inf else upper
        kind[len(bases) > 1].append(log)
    for is_sum in (False, True):
        if numbers[is_sum]:
            return float(np.median(list(set(numbers[is_sum])))), priors.figure_sd_log
    for is_sum in (False, True):
        if lower[is_sum] or upper[is_sum]:
            slack = math.log(priors.bound_slack)
            return _between_bounds(lower[is_sum], upper[is_sum], slack), priors.bound_sd_log
    if truths[False]:
        return float(np.median(truths[False])), priors.figure_sd_log
    return None


def _is_vacuous(reading: Reading, unit_size: float) -> bool:
    """Whether a lower bound says no more than that there is one at all."""
    return reading.down_log == math.inf or reading.centre_log <= -math.log(unit_size)


def _between_bounds(lower: list[float], upper: list[float], slack: float) -> float:
    """Middle of the tightest bounds; by the slack from one where the other is none or far off."""
    if not lower:
        return min(upper) - slack
    if not upper or min(upper) - max(lower) > _FAR_APART_LOG:
        return max(lower) + slack
    return 0.5 * (max(lower) + min(upper))


def carried_on(claims: ClaimSet, structure: Incidence, claim: Claim) -> float:
    """Log of the whole time over the time that a claim on a running total covers.

    Parameters
    ----------
    claims : ClaimSet
        What the claim belongs to.
    structure : Incidence
        Of these claims.
    claim : Claim
        One of them.

    Returns
    -------
    float
        0 where that is not known, and for what is no running total.
    """
    begin = claim.since or claims.start
    accrues = claims.figures[claims.base_parts(claim.figure)[0]].accrues
    if claim.date is None or begin is None or not accrues:
        return 0.0
    covered = (claim.date - begin).days + 1
    whole = (structure.dates[-1] - (claims.start or begin)).days + 1
    return math.log(whole / covered)
