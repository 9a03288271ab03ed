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
from reconcile.claims.figure import parse_ratio
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.sums import Incidence, named_by_series
from reconcile.models.log_scale.design.wholes import Whole, Wholes, arranged
from reconcile.priors.priors import Priors

__all__ = ["FigurePriors", "Ranges", "extrapolation_log", "figure_priors"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Mean and standard deviation of a log.
type _Prior = tuple[float, float]
# Series that a claim sums.
type Series = frozenset[int]
# Population, sides, and log of the ratio.
type _Ratio = tuple[str, tuple[str, ...], float]
# Series of numerator and denominator; mean and standard deviation of the log of sum or ratio.
type Ranges = tuple[tuple[tuple[int, ...], tuple[int, ...], float, float], ...]
# Standard deviation of an apparent total whose true one has a plausible range, in units of that of
# the range, which it narrows by 2 %.
_WIDE: Final = 5.0
_NORMAL_95: Final = float(norm.ppf(0.975))
# Centre of a figure of whose size nothing is known, in single things.
_UNKNOWN_MEAN_LOG: Final = math.log(100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePriors:
    """Normal priors of the log totals of series and wholes, and of logs of sums and ratios."""

    mean_log: np.ndarray
    sd_log: np.ndarray
    wholes: Wholes
    ranges: Ranges


def figure_priors(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    priors: Priors,
    expected_log: np.ndarray,
) -> FigurePriors:
    """Priors of series, sums and ratios; ``expected_log`` is the prior mean error of each claim.

    Bounds take no part: their likelihood alone is monotone in the figure, so that a lower bound
    never lowers a median and an upper bound never raises one.
    """
    position = {name: k for k, name in enumerate(structure.series)}
    said, sums = _centres(claims, structure, readings, expected_log)
    plausible = _plausible(claims, structure, position)
    ratios = _stated_ratios(claims, readings)
    wholes = _arranged(claims, structure, said, sums, plausible, ratios)
    mean, sd, unknown = _nodes(claims, structure, wholes, said, plausible, priors)
    _from_ratios(claims, ratios, position, priors, mean, sd, unknown)
    n_series = len(structure.series)
    labels = [_label(structure, whole) for whole in wholes]
    tree = Wholes(
        n_series=n_series,
        parts=tuple(whole.parts for whole in wholes),
        labels=tuple(labels),
        mean_log=mean[n_series:],
        sd_log=sd[n_series:],
    )
    ranges = [(tuple(sorted(series)), (), *belief) for series, belief in plausible.items()]
    return FigurePriors(
        mean_log=mean[:n_series],
        sd_log=sd[:n_series],
        wholes=tree,
        ranges=(*ranges, *_known_ratios(claims, position)),
    )


def _arranged(
    claims: ClaimSet,
    structure: Incidence,
    said: Mapping[Series, float],
    sums: Sequence[Series],
    plausible: Mapping[Series, _Prior],
    ratios: Sequence[_Ratio],
) -> tuple[Whole, ...]:
    """Wholes: sums with numbers or a plausible range, and series that nobody tells apart."""
    names = structure.series
    position = {name: k for k, name in enumerate(names)}

    def preference(series: Series) -> tuple[object, ...]:
        """Order of sums that does not depend on the order of the claims."""
        figures = sorted(names[k] for k in series)
        return series not in plausible, -said.get(series, -math.inf), figures

    known = {*said, *plausible}
    apart = {k for series in known if len(series) == 1 for k in series}
    for population, sides, _ in ratios:
        both = {(population, base) for side in sides for base in claims.base_parts(side)}
        apart |= {position[one] for one in both if one in position}
    candidates = sorted((series for series in known if len(series) > 1), key=preference)
    return arranged(len(names), candidates, apart, [*sums, *plausible])


def _nodes(
    claims: ClaimSet,
    structure: Incidence,
    wholes: Sequence[Whole],
    said: Mapping[Series, float],
    plausible: Mapping[Series, _Prior],
    priors: Priors,
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Mean and sd of each series and whole, and whether nothing is known of its size."""
    n_series = len(structure.series)
    every = [frozenset((k,)) for k in range(n_series)] + [whole.series for whole in wholes]
    whole_of = {k: j for j, whole in enumerate(wholes) for k in whole.parts}
    mean, unknown = np.zeros(len(every)), np.zeros(len(every), dtype=bool)
    sd = np.full(len(every), priors.figure_sd_log)
    split = _split(said)
    # Wholes come after their parts.
    for node in range(len(every) - 1, -1, -1):
        series, j = every[node], whole_of.get(node)
        if series in plausible:
            # Wide: the range itself is a factor on the true total.
            mean[node], spread = plausible[series]
            sd[node] = max(priors.figure_sd_log, _WIDE * spread)
        elif series in said:
            mean[node] = said[series]
        elif j is not None:
            mean[node] = mean[n_series + j] - math.log(len(wholes[j].parts))
            sd[node] = priors.part_sd_log
        elif series <= split.keys():
            # Only of a sum that overlaps another.
            mean[node] = np.logaddexp.reduce([split[k] for k in sorted(series)])
        else:
            unknown[node], sd[node] = True, priors.unknown_sd_log
            mean[node] = _unknown_log(claims, structure, series)
    return mean, sd, unknown


def _split(said: Mapping[Series, float]) -> dict[int, float]:
    """Log total of each series in a sum with numbers, if the smallest such is split evenly."""
    by_size = sorted(((len(s), log, sorted(s)) for s, log in said.items()), reverse=True)
    return {k: log - math.log(size) for size, log, series in by_size for k in series}


def _unknown_log(claims: ClaimSet, structure: Incidence, series: Series) -> float:
    """Centre of the log total of a figure about whose size the claims say nothing."""
    figure = structure.series[min(series)][1]
    middle = _UNKNOWN_MEAN_LOG - math.log(claims.figures[figure].unit_size)
    return middle + _days_log(claims, structure, figure)


def _days_log(claims: ClaimSet, structure: Incidence, figure: str) -> float:
    """The total of a level is its mean times all days: the log of these, else 0."""
    is_level = claims.composition_of(figure).is_level
    return math.log(structure.days.sum()) if is_level else 0.0


def _label(structure: Incidence, whole: Whole) -> str:
    """Population and figures of a whole."""
    names = [structure.series[k] for k in sorted(whole.series)]
    return " | ".join(filter(None, (names[0][0], " + ".join(figure for _, figure in names))))


def _plausible(
    claims: ClaimSet, structure: Incidence, position: Mapping[tuple[str, str], int]
) -> dict[Series, _Prior]:
    """Priors whose central 95 % is the plausible range of a figure, by its series."""
    found = {}
    stated = [figure.name for figure in claims.figures.values() if figure.plausible]
    for population, names in named_by_series(claims, structure.series, stated).items():
        for name in names:
            bases = [(population, base) for base in claims.base_parts(name)]
            if all(base in position for base in bases):
                low, high = (math.log(end) for end in claims.figures[name].plausible or ())
                middle = 0.5 * (low + high) + _days_log(claims, structure, name)
                series = frozenset(position[base] for base in bases)
                found[series] = middle, (high - low) / (2 * _NORMAL_95)
    return found


def _stated_ratios(claims: ClaimSet, readings: Readings) -> list[_Ratio]:
    """Ratios claimed, and known beforehand in each population."""
    is_ratio = claims.columns["kind"].map(lambda kind: kind == "ratio")
    ratios = [(k, claims.claims[k]) for k in np.flatnonzero(is_ratio).tolist()]
    stated = [(claim.population, claim.sides, float(readings.centre_log[k])) for k, claim in ratios]
    return stated + [
        (population, ratio.sides, math.log(ratio.about) - _units_log(claims, ratio.of))
        for population in claims.populations
        for ratio in claims.ratios
    ]


def _known_ratios(claims: ClaimSet, position: Mapping[tuple[str, str], int]) -> Ranges:
    """Priors of ratios known beforehand, in each population that has both sides."""
    found = []
    for population in claims.populations:
        for ratio in claims.ratios:
            sides = [
                [position.get((population, base)) for base in claims.base_parts(side)]
                for side in ratio.sides
            ]
            above, below = (tuple(k for k in side if k is not None) for side in sides)
            if [len(above), len(below)] == [len(side) for side in sides]:
                middle = math.log(ratio.about) - _units_log(claims, ratio.of)
                found.append((above, below, middle, ratio.sd_log))
    return tuple(found)


def _units_log(claims: ClaimSet, ratio: str) -> float:
    """Log ratio of the unit of the numerator to that of the denominator."""
    sizes = [claims.figures[claims.base_parts(s)[0]].unit_size for s in parse_ratio(ratio)]
    return math.log(sizes[0] / sizes[1])


def _from_ratios(
    claims: ClaimSet,
    stated: Sequence[_Ratio],
    position: Mapping[tuple[str, str], int],
    priors: Priors,
    mean: Array,
    sd: Array,
    unknown: NDArray[np.bool_],
) -> None:
    """In place, centre figures known only through a ratio on that ratio times the known side."""
    speaking = _by_series(claims, stated, position)
    waiting: Iterable[int] = range(len(stated)) if unknown.any() else ()
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
    stated: Sequence[_Ratio],
    position: Mapping[tuple[str, str], int],
) -> dict[int, list[int]]:
    """Indices of the ratios that involve each series."""
    found: dict[int, list[int]] = {}
    for k, (population, sides, _) in enumerate(stated):
        for base in {base for side in sides for base in claims.base_parts(side)}:
            if (population, base) in position:
                found.setdefault(position[population, base], []).append(k)
    return found


def _centres(
    claims: ClaimSet, structure: Incidence, readings: Readings, expected_log: Array
) -> tuple[dict[Series, float], list[Series]]:
    """Log total of each sum of which claims give numbers, by its series; and all claimed sums.

    The median of the distinct standing numbers, less the expected bias, or the prior would be
    centred on what biased sources say. A number for part of the time is extrapolated at a constant
    rate. Superseded numbers count for series of which no standing one speaks, then truths, which
    locate a figure better than any prior.
    """
    position = {name: k for k, name in enumerate(structure.series)}
    groups = claims.columns.group_by("population", "figure")
    # A ratio alone carries no information on the size of its figures.
    sums = [
        frozenset[int]()
        if "/" in claim.figure
        else frozenset(position[claim.population, b] for b in claims.base_parts(claim.figure))
        for claim in claims.columns.examples("population", "figure")
    ]
    log = readings.centre_log - expected_log + _whole_time_log(claims, structure)
    standing = claims.columns["state"].map(lambda state: state == "standing")
    is_truth, one_sided = readings.is_truth.astype(bool), readings.is_one_sided
    tiers = (~is_truth & standing, ~is_truth & ~standing, is_truth)
    found: dict[Series, float] = {}
    for tier in tiers:
        told: dict[Series, set[float]] = {}
        kept = np.flatnonzero(tier & ~one_sided)
        for group, number in zip(groups.codes[kept].tolist(), log[kept].tolist(), strict=True):
            if sums[group]:
                told.setdefault(sums[group], set()).add(number)
        known = {k for series in found for k in series}
        found |= {
            series: statistics.median(sorted(numbers))
            for series, numbers in told.items()
            if known.isdisjoint(series)
        }
    return found, [series for series in dict.fromkeys(sums) if series]


def _whole_time_log(claims: ClaimSet, structure: Incidence) -> np.ndarray:
    """Log factor from each claim's number to the total over all days."""
    if not len(structure.days):
        return np.zeros(len(claims))
    of_level = math.log(structure.days.sum())
    level = claims.columns["figure"].map(lambda name: claims.compositions[name].is_level)
    return extrapolation_log(claims, structure) + np.where(level, of_level, 0.0)


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
