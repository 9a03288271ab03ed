"""Priors of figures: from the plausible range if there is one, else wide around the claims."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.claims.figure import parse_ratio
from reconcile.models.log_scale.design.paths import Ceilings
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.sums import Incidence, named_by_series
from reconcile.priors.priors import Priors

__all__ = ["FigurePriors", "Ranges", "extrapolation_log", "figure_priors"]

type Indices = NDArray[np.intp]
# Mean and standard deviation of a log.
type _Prior = tuple[float, float]
# Log totals that claims imply for a series, by kind of claim and whether it is on a sum.
type _Implied = dict[tuple[str, bool], list[float]]
# Series of numerator and denominator; mean and standard deviation of the log of sum or ratio.
type Ranges = tuple[tuple[tuple[int, ...], tuple[int, ...], float, float], ...]
_NORMAL_95: Final = float(norm.ppf(0.975))
# Without any information on the size of a figure: 95 % between 1 in 200 and 2 million.
_UNKNOWN_MEAN_LOG: Final = math.log(100.0)
_UNKNOWN_SD_LOG: Final = 5.0
# Keeps draws strictly below a ceiling in floating point.
_MARGIN_LOG: Final = float(np.log1p(-1e-9))
# Of two bounds further apart than this, the upper one is taken to be vacuous.
_FAR_APART_LOG: Final = math.log(1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePriors:
    """Normal priors of the log totals of series and of logs of sums and ratios; ceilings."""

    mean_log: np.ndarray
    sd_log: np.ndarray
    ranges: Ranges
    ceilings: Ceilings


def figure_priors(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    priors: Priors,
    expected_log: np.ndarray,
) -> FigurePriors:
    """Priors of series, sums and ratios; ``expected_log`` is the prior mean error of each claim."""
    mean, sd, unknown = [], [], []
    implied = _implied_logs(claims, structure, readings, expected_log)
    for k, (_, figure) in enumerate(structure.series):
        found = _from_range(claims, structure, figure) or _from_claims(implied.get(k, {}), priors)
        unknown.append(found is None)
        middle, spread = found or _uninformed(claims, figure, priors)
        mean.append(middle)
        sd.append(spread)
    position = {name: k for k, name in enumerate(structure.series)}
    _from_ratios(claims, readings, position, priors, mean, sd, unknown)
    ranges: list[tuple[tuple[int, ...], tuple[int, ...], float, float]] = []
    ceilings = []
    names = [
        figure.name
        for figure in claims.figures.values()
        if figure.ceiling is not None or (figure.plausible and figure.parts)
    ]
    wholes = named_by_series(claims, structure.series, names)
    for population in claims.populations:

        def members_of(name: str, population: str = population) -> tuple[int, ...]:
            """Series of a figure or sum; empty unless all are there."""
            bases = claims.base_parts(name)
            known = all((population, base) in position for base in bases)
            return tuple(position[population, base] for base in bases) if known else ()

        of_population = []
        for whole in (claims.figures[name] for name in wholes[population]):
            bases = claims.base_parts(whole.name)
            members = tuple(position[population, b] for b in bases if (population, b) in position)
            if members and whole.ceiling is not None:
                of_population.append((members, math.log(whole.ceiling) + _MARGIN_LOG))
            belief = _from_range(claims, structure, whole.name) if whole.parts else None
            if belief and len(members) == len(bases):
                ranges.append((members, (), *belief))
        for ratio in claims.ratios:
            above, below = map(members_of, ratio.sides)
            if above and below:
                middle = math.log(ratio.about) - _units_log(claims, ratio.of)
                ranges.append((above, below, middle, ratio.sd_log))
        if of_population:
            ceilings.append(tuple(of_population))
    return FigurePriors(
        mean_log=np.array(mean), sd_log=np.array(sd), ranges=tuple(ranges), ceilings=tuple(ceilings)
    )


def _units_log(claims: ClaimSet, ratio: str) -> float:
    """Log ratio of the unit of the numerator to that of the denominator."""
    sizes = [claims.figures[claims.base_parts(s)[0]].unit_size for s in parse_ratio(ratio)]
    return math.log(sizes[0] / sizes[1])


def _uninformed(claims: ClaimSet, figure: str, priors: Priors) -> tuple[float, float]:
    """Prior of a figure about whose size the claims say nothing."""
    middle = _UNKNOWN_MEAN_LOG - math.log(claims.figures[figure].unit_size)
    return middle, max(priors.figure_sd_log, _UNKNOWN_SD_LOG)


def _from_ratios(
    claims: ClaimSet,
    readings: Readings,
    position: dict[tuple[str, str], int],
    priors: Priors,
    mean: list[float],
    sd: list[float],
    unknown: list[bool],
) -> None:
    """In place, centre figures known only through a ratio on that ratio times the known side."""
    is_ratio = claims.columns["kind"].map(lambda kind: kind == "ratio")
    ratios = [(k, claims.claims[k]) for k in np.flatnonzero(is_ratio).tolist()]
    stated = [(claim.population, claim.sides, float(readings.centre_log[k])) for k, claim in ratios]
    stated += [
        (population, ratio.sides, math.log(ratio.about) - _units_log(claims, ratio.of))
        for population in claims.populations
        for ratio in claims.ratios
    ]
    speaking = _by_series(claims, stated, position)
    waiting: Iterable[int] = range(len(stated)) if any(unknown) else ()
    while True:
        # The median over ratios makes the result independent of their order.
        following: dict[int, set[float]] = {}
        for population, sides, log in (stated[k] for k in waiting):
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
        # Only ratios of series that have just become known carry new information.
        waiting = sorted({of for k in following for of in speaking.get(k, ())})


def _by_series(
    claims: ClaimSet,
    stated: Sequence[tuple[str, tuple[str, ...], float]],
    position: Mapping[tuple[str, str], int],
) -> dict[int, list[int]]:
    """Indices of the ratios that involve each series."""
    found: dict[int, list[int]] = {}
    for k, (population, sides, _) in enumerate(stated):
        for base in {base for side in sides for base in claims.base_parts(side)}:
            if (population, base) in position:
                found.setdefault(position[population, base], []).append(k)
    return found


def _from_range(claims: ClaimSet, structure: Incidence, figure: str) -> _Prior | None:
    """Prior whose central 95 % is the plausible range; None if there is none."""
    plausible = claims.figures[figure].plausible
    if not plausible:
        return None
    low, high = (math.log(end) for end in plausible)
    # The total of a level is its mean times all days.
    days = structure.days.sum() if claims.composition_of(figure).is_level else 1.0
    return 0.5 * (low + high) + math.log(days), (high - low) / (2 * _NORMAL_95)


def _implied_logs(
    claims: ClaimSet, structure: Incidence, readings: Readings, expected_log: np.ndarray
) -> dict[int, _Implied]:
    """Log totals of each series that the claims imply, by kind of claim and whether of a sum.

    The expected bias is subtracted, or the prior would be centred on what biased sources say. A sum
    is divided evenly among its parts, and a claim on part of the time is extrapolated at a constant
    rate.
    """
    claim, series, n_parts = _parts(claims, structure)
    log = readings.centre_log - expected_log
    log = log - np.array([math.log(n or 1) for n in range(n_parts.max() + 1)])[n_parts]
    log = log + _whole_time_log(claims, structure)
    kind = _kinds_of(readings)
    # A lower bound of one unit or less is uninformative.
    units = [claims.figures[figure].unit_size for _, figure in structure.series]
    least = np.array([-math.log(unit) for unit in units])[series]
    is_empty = (np.isinf(readings.down_log) & np.isinf(readings.up_log))[claim]
    is_empty |= readings.centre_log[claim] <= least
    informative = np.flatnonzero(~is_empty | (kind[claim] != _LOWER))
    claim, series = claim[informative], series[informative]
    is_sum = n_parts[claim] > 1
    groups = group_by([series, kind[claim], is_sum.astype(np.intp)])
    logs = log[claim[np.argsort(groups.codes, kind="stable")]].tolist()
    found: dict[int, _Implied] = {}
    begin = 0
    for k, size in zip(groups.first.tolist(), np.bincount(groups.codes).tolist(), strict=True):
        said = found.setdefault(int(series[k]), {})
        said[_KINDS[kind[claim[k]]], bool(is_sum[k])] = logs[begin : begin + size]
        begin += size
    return found


def _parts(claims: ClaimSet, structure: Incidence) -> tuple[Indices, Indices, Indices]:
    """Claim and series of each part that a claim sums, and the number of parts of each claim."""
    position = {name: k for k, name in enumerate(structure.series)}
    groups = claims.columns.group_by("population", "figure")
    # A ratio alone carries no information on the size of its figures.
    parts = [
        [] if "/" in c.figure else [position[c.population, b] for b in claims.base_parts(c.figure)]
        for c in claims.columns.examples("population", "figure")
    ]
    sizes = np.array([len(each) for each in parts], dtype=np.intp)
    first, n_parts = (np.cumsum(sizes) - sizes)[groups.codes], sizes[groups.codes]
    claim = np.repeat(np.arange(len(claims)), n_parts)
    within = np.arange(len(claim)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    listed = np.array([k for each in parts for k in each], dtype=np.intp)
    return claim, listed[first[claim] + within], n_parts


def _whole_time_log(claims: ClaimSet, structure: Incidence) -> np.ndarray:
    """Log factor from each claim's number to the total over all days."""
    if not len(structure.days):
        return np.zeros(len(claims))
    of_level = math.log(structure.days.sum())
    level = claims.columns["figure"].map(lambda name: claims.compositions[name].is_level)
    return extrapolation_log(claims, structure) + np.where(level, of_level, 0.0)


_KINDS: Final = ("number", "truth", "upper", "lower")
_NUMBER, _TRUTH, _UPPER, _LOWER = range(4)


def _kinds_of(readings: Readings) -> Indices:
    """Index in ``_KINDS`` of each claim."""
    is_bound, up = readings.is_bound.astype(bool), readings.up_log == math.inf
    kinds = np.where(readings.is_truth.astype(bool), _TRUTH, _NUMBER)
    kinds = np.where(is_bound & (readings.down_log == math.inf), _UPPER, kinds)
    return np.where(is_bound & up, _LOWER, kinds)


def _from_claims(said: _Implied, priors: Priors) -> _Prior | None:
    """Mean and standard deviation implied by the claims on a series, None if they are silent.

    Direct numbers come first, then sums, then bounds, of which only the tightest count, so that a
    vacuous bound changes nothing. Truths are used only if there is nothing else: they locate the
    figure better than any prior.
    """
    for is_sum in (False, True):
        if numbers := said.get(("number", is_sum)):
            return statistics.median(set(numbers)), priors.figure_sd_log
    for is_sum in (False, True):
        lower, upper = (said.get((kind, is_sum), []) for kind in ("lower", "upper"))
        if lower or upper:
            slack = math.log(priors.bound_slack)
            return _between_bounds(lower, upper, slack), priors.bound_sd_log
    if truths := said.get(("truth", False)):
        return statistics.median(truths), priors.figure_sd_log
    return None


def _between_bounds(lower: list[float], upper: list[float], slack: float) -> float:
    """Midpoint of the tightest bounds; if one is absent or far, the other offset by the slack."""
    if not lower:
        return min(upper) - slack
    if not upper or min(upper) - max(lower) > _FAR_APART_LOG:
        return max(lower) + slack
    return 0.5 * (max(lower) + min(upper))


def extrapolation_log(claims: ClaimSet, structure: Incidence) -> np.ndarray:
    """Log ratio of the whole time to the time each claim on a running total covers; else 0."""
    columns = claims.columns
    names = ("figure", "date", "since")
    found = [_extrapolation_log(claims, structure, claim) for claim in columns.examples(*names)]
    return np.array(found)[columns.group_by(*names).codes]


def _extrapolation_log(claims: ClaimSet, structure: Incidence, claim: Claim) -> float:
    """The same for one claim."""
    begin = claim.since or claims.start
    accrues = claims.figures[claims.composition_of(claim.figure).bases[0]].accrues
    if claim.date is None or begin is None or not accrues:
        return 0.0
    covered = (claim.date - begin).days + 1
    whole = (structure.dates[-1] - (claims.start or begin)).days + 1
    return math.log(whole / covered)
