"""Difficulty: how far off all sources are about one figure; and the error common to them all.

A group is an estimand of one population: a figure, a sum or a ratio. Its difficulty is a factor on
every error of the claims about it. The common error separates the true figure from the *apparent*
one, which all claims are about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit, logit

from reconcile.claims.claim_set import ClaimSet
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.situations import Context
from reconcile.models.log_scale.design.sums import Incidence
from reconcile.priors.priors import Priors

__all__ = [
    "FARTHEST_LOG",
    "HIGHEST_EXPONENT",
    "Common",
    "Difficulties",
    "common_error",
    "common_log",
    "common_of",
    "difficulties_of",
    "difficulty_log",
    "error_factors_log",
]

# Logistic scale of the best source's error to which the constants of the common error refer.
REFERENCE_LOG: Final = 0.1
# The most that all sources together are off by: beyond it the tails are not to be believed.
FARTHEST_LOG: Final = float(np.log(1000.0))
# The largest exponent in it: the tails are so heavy that draws would overflow.
HIGHEST_EXPONENT: Final = 700.0

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
type _Key = tuple[str, str]
# Largest standard deviation of what measurements have in common, however rough they are.
_MOST_LOG: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difficulties:
    """Groups of claims with one difficulty.

    Parameters
    ----------
    labels, cases : tuple of str
        Label of each group, and the name of its case.
    group_of : ndarray of shape (claim,)
        Index of the group.
    group_of_series : ndarray of shape (series,)
        Index of the group whose difficulty and common error a series has.
    sd_log : ndarray of shape (group,)
        Standard deviation of the log difficulty.
    """

    labels: tuple[str, ...]
    cases: tuple[str, ...]
    group_of: Indices
    group_of_series: Indices
    sd_log: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The common error of each series, a function of standard normal variables.

    Parameters
    ----------
    labels : tuple of str
        One per variable.
    matrix : sparse array of shape (series, variable)
        Loadings, with rows of unit norm.
    sd_log, tail : ndarray of shape (series,)
        Standard deviation at difficulty 1 without tails, and the weight of the tails.
    best : ndarray of shape (series,)
        The claim with the least expected error.
    spoken : ndarray of bool, shape (series,)
        Whether there is one.
    lifted : ndarray of shape (series,)
        That of :class:`Shares`, of the best claim.
    """

    labels: tuple[str, ...]
    matrix: csr_array
    sd_log: Array
    tail: Array
    best: Indices
    spoken: NDArray[np.bool_]
    lifted: Array


def difficulties_of(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    contexts: Mapping[str, Context],
    priors: Priors,
) -> Difficulties:
    """Groups of all claims and series.

    A series has the group of its own figure where a number for its level is told, else that of the
    smallest claimed sum that contains it.
    """
    columns = claims.columns
    found = columns.group_by("population", "figure")
    examples = [claims.claims[k] for k in found.first.tolist()]
    keys = [(c.population, claims.composition_of(c.figure).estimand) for c in examples]
    groups: dict[_Key, int] = {}
    labels: list[str] = []
    for key, claim in zip(keys, examples, strict=True):
        if key not in groups:
            labels.append(_label(claim.population, claims.composition_of(claim.figure).canonical))
        groups.setdefault(key, len(groups))
    told = np.bincount(found.codes, readings.tells_level, minlength=len(examples)) > 0
    spoken = np.bincount(found.codes, columns.spoken, minlength=len(examples)) > 0
    sums: dict[_Key, set[tuple[int, str]]] = {}
    alone: set[_Key] = set()
    for (population, estimand), claim, level, said in zip(
        keys, examples, told.tolist(), spoken.tolist(), strict=True
    ):
        bases = claims.composition_of(claim.figure).bases
        if "/" in claim.figure or not said:
            continue
        if len(bases) == 1 and level:
            alone.add((population, estimand))
        for base in bases if len(bases) > 1 else ():
            sums.setdefault((population, base), set()).add((len(bases), estimand))
    of_series = []
    for population, base in structure.series:
        own = population, claims.composition_of(base).estimand
        containing = sums.get((population, base), set()) if own not in alone else set()
        key = (population, min(containing)[1]) if containing else own
        if key not in groups:
            labels.append(_label(population, base))
        of_series.append(groups.setdefault(key, len(groups)))
    of_group = [contexts[population] for population, _ in groups]
    return Difficulties(
        labels=tuple(labels),
        cases=tuple(context.case for context in of_group),
        group_of=np.array([groups[key] for key in keys], dtype=np.intp)[found.codes],
        group_of_series=np.array(of_series, dtype=np.intp),
        sd_log=np.array([priors.by_setting("difficulty_sd_log", c.setting) for c in of_group]),
    )


def _label(population: str, figure: str) -> str:
    return " | ".join(filter(None, (population, figure)))


def _best_claims(
    groups: Difficulties, readings: Readings, expected: Array
) -> tuple[Indices, NDArray[np.bool_]]:
    """The claim with the least ``expected`` error on each series' group, and whether there is one.

    A number for the level, else one for a ratio; bounds have no say.
    """
    best, found = np.zeros(len(groups.labels), dtype=np.intp), np.zeros(len(groups.labels), bool)
    told = ~(readings.is_bound.astype(bool) | readings.is_truth.astype(bool))
    # Later ones overwrite: the best last, and any number that tells a level after all others.
    spoken = np.flatnonzero(told & (expected > 0))
    order = spoken[np.lexsort((-expected[spoken], readings.tells_level[spoken]))]
    best[groups.group_of[order]], found[groups.group_of[order]] = order, True
    return best[groups.group_of_series], found[groups.group_of_series]


def common_of(
    groups: Difficulties,
    readings: Readings,
    settings: Sequence[str],
    common_width: Array,
    expected: Array,
    lifted: Array,
    priors: Priors,
) -> Common:
    """The common error of series in these settings.

    ``common_width`` is that of ``common_widths`` for a series' group; ``expected`` errors and
    ``lifted`` are those of claims: what all miss is in proportion to what the best can know.
    """
    # A case with one group has one variable; others have one more, for what they share.
    used = {group: groups.cases[group] for group in groups.group_of_series.tolist()}
    several = [case for case, n_groups in Counter(used.values()).items() if n_groups > 1]
    of_case = {case: k for k, case in enumerate(several)}
    of_group = {group: len(of_case) + k for k, group in enumerate(used)}
    entries = []
    for series, group in enumerate(groups.group_of_series.tolist()):
        shared = priors.common_share if used[group] in of_case else 0.0
        entries.append((series, of_group[group], np.sqrt(1 - shared)))
        if shared:
            entries.append((series, of_case[used[group]], np.sqrt(shared)))
    row, column, value = (np.array(part) for part in zip(*entries, strict=True))
    names = tuple(case or "all figures" for case in several)
    labels = (*names, *(groups.labels[group] for group in used))
    matrix = csr_array((value, (row, column)), shape=(len(settings), len(labels)))
    usual = np.array([priors.by_setting("common_bias_sd_log", setting) for setting in settings])
    best, spoken = _best_claims(groups, readings, expected)
    least_error = np.where(spoken, expected[best], REFERENCE_LOG)
    usual *= (least_error / REFERENCE_LOG) ** priors.common_best
    measured = common_width > 0
    return Common(
        labels=labels,
        matrix=matrix,
        sd_log=np.where(measured, priors.measured_common * common_width, usual),
        tail=np.array([priors.by_setting("common_tail", setting) for setting in settings]),
        best=best,
        spoken=spoken,
        lifted=np.where(spoken & ~measured, lifted[best], 0.0),
    )


def difficulty_log(groups: Difficulties, parameters: Mapping[str, Array]) -> Array:
    """Log difficulty of each group, shape (n, group)."""
    return np.asarray(groups.sd_log * parameters["difficulty_z"])


def error_factors_log(difficulty_log: Array, lifted: Array, priors: Priors) -> Array:
    """Log factor on errors of which ``lifted`` tells how far the fog about them has lifted.

    Of a hard figure more stays for good than ``fog_floor``, the share at difficulty 1.
    """
    floor = priors.fog_floor
    stays = expit(logit(floor) + priors.fog_difficulty * difficulty_log) - floor
    return np.asarray(difficulty_log + np.log1p(lifted * stays))


def common_error(exponent: Array, zeta: Array, *, sd: Array, tail: Array) -> Array:
    """Tukey's h distribution: a normal one stretched by ``exp(tail * zeta ** 2 / 2)``."""
    stretch = np.exp(np.minimum(exponent + tail * zeta**2 / 2, HIGHEST_EXPONENT))
    return np.asarray(np.clip(sd * stretch * zeta, -FARTHEST_LOG, FARTHEST_LOG))


def common_log(
    groups: Difficulties, common: Common, parameters: Mapping[str, Array], priors: Priors
) -> Array:
    """Log ratio of the apparent to the true total of each series, shape (n, series)."""
    zeta = np.ascontiguousarray((common.matrix @ parameters["common_z"].T).T)
    hard = difficulty_log(groups, parameters)[:, groups.group_of_series]
    best = error_factors_log(hard, common.lifted, priors) - hard
    exponent = priors.common_difficulty * hard + priors.common_best * best
    return common_error(exponent, zeta, sd=common.sd_log, tail=common.tail)
