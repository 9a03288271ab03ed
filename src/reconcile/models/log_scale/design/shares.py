"""Loadings of each error on each claim, and the prior probability that it is a genuine reading."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.kinds.interval import is_standard_error
from reconcile.kinds.registry import KINDS
from reconcile.models.log_scale.design.difficulty import Difficulties
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.constants import STATED
from reconcile.priors.priors import Priors

__all__ = [
    "Shares",
    "common_widths",
    "elicited_readings",
    "first_ages",
    "is_measured",
    "is_standard",
    "last_ages",
    "shares_of",
    "soundness_of",
    "stated_kinds",
]

# Truths are certain; just below 1 keeps logarithms finite.
_CERTAIN = 1 - 1e-12
type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Loadings of each error on each claim; arrays of shape ``(claim,)``.

    Parameters
    ----------
    age : ndarray
        Days from the event to the claim.
    fog : ndarray
        Share of the source's initial bias and noise that remains at that age:
        ``fog_floor + (1 - fog_floor) * (1 + age) ** -fog_rate``, constants of the priors, at
        difficulty 1.
    lifted : ndarray
        By how much that share grows, in proportion, for each unit that more than ``fog_floor``
        stays for good.
    own : ndarray
        1 where the source's own noise applies.
    bias, noise : ndarray
        Loadings of the bias and the noise; 0 for a truth, and for a measurement with a stated
        error.
    listed : ndarray of bool
        Whether the noise does not grow with the difficulty: a name stands on a list or not, however
        hard the figure is to know. Not where a register is as rough as other counts.
    excess, coarse : ndarray
        1 where the stated width may be too narrow, and where the number has one significant digit.
    """

    age: Array
    fog: Array
    lifted: Array
    own: Array
    bias: Array
    noise: Array
    listed: NDArray[np.bool_]
    excess: Array
    coarse: Array


def is_measured(
    settings: list[str], population_of: Indices, readings: Readings
) -> NDArray[np.bool_]:
    """Whether each claim is a measurement whose stated error replaces the noise of its role."""
    setting = np.array([name == "measurement" for name in settings])[population_of]
    stated = (readings.width_log > 0) & readings.tells_level
    return np.asarray(setting & stated)


def is_standard(claims: ClaimSet) -> NDArray[np.bool_]:
    """Whether each claim states a standard error: a range with about its coverage."""
    return claims.columns["coverage"].map(is_standard_error)


def stated_kinds(claims: ClaimSet, measured: NDArray[np.bool_]) -> Indices:
    """Index in ``STATED`` of each claim's kind of stated width."""
    position = {
        name: STATED.index(kind.overconfidence or STATED[0]) for name, kind in KINDS.items()
    }
    of_kind = claims.columns["kind"].map(position.__getitem__)
    return np.where(measured & is_standard(claims), STATED.index("measured"), of_kind)


def shares_of(
    settings: list[str],
    population_of: Indices,
    readings: Readings,
    speakers: Voices,
    age: Array,
    measured: NDArray[np.bool_],
    coarse: Array,
    priors: Priors,
) -> Shares:
    """Loadings of all errors on all claims."""
    in_time = np.array([setting != "measurement" for setting in settings])[population_of]
    constants = [priors.bias_of(s.role, s.interest, s.setting) for s in speakers.situations]
    rate = np.array([c.fog_rate for c in constants])[speakers.situation_of][speakers.voice_of]
    usual = np.array([priors.noise_setting[setting] for setting in settings])[population_of]
    passing = np.where(in_time, (1 + age) ** -rate, 1.0)
    fog = priors.fog_floor + (1 - priors.fog_floor) * passing
    own = np.where(measured, 0.0, 1.0)
    registered = [priors.by_setting("register_noise", setting) for setting in settings]
    counted = np.where(readings.is_register, np.array(registered)[population_of], 1.0)
    return Shares(
        age=np.where(in_time, age, 0.0),
        fog=fog,
        lifted=own * (1 - passing) / fog,
        own=own * readings.noise_share,
        bias=own * fog * readings.bias_share,
        listed=counted < 1,
        noise=own * fog * usual * readings.noise_share * counted,
        excess=np.where(readings.is_truth, 0.0, 1.0),
        coarse=own * coarse,
    )


def first_ages(contents: Indices, age: Array) -> Array:
    """Age of each claim when it was first made, since repeating does not improve knowledge."""
    first = np.full(int(contents.max()) + 1, np.inf)
    np.minimum.at(first, contents, age)
    return first[contents]


def last_ages(contents: Indices, age: Array) -> Array:
    """Age of each claim when it was last made: a count that is repeated has not grown since."""
    return -first_ages(contents, -age)


def soundness_of(
    claims: ClaimSet,
    speakers: Voices,
    readings: Readings,
    measured: NDArray[np.bool_],
    priors: Priors,
) -> Array:
    """Prior probability that each claim is a genuine reading and no vacuous bound."""
    by_voice = [priors.roles[voice.role] for voice in speakers.voices]
    constants = np.array(
        [
            (r.standing_sound, r.withdrawn_sound, r.at_most_failure, r.at_least_failure)
            for r in by_voice
        ]
    )[speakers.voice_of]
    standing = claims.columns["state"].map(lambda state: state == "standing")
    documented = readings.is_register.astype(bool) | measured
    usual = np.where(documented, priors.documented_sound, constants[:, 0])
    sound = np.where(standing, usual, constants[:, 1])
    kept = 1 - np.where(readings.is_upper, constants[:, 2], constants[:, 3])
    is_certain = readings.is_certain.astype(bool)
    is_bound = readings.is_bound.astype(bool) & ~is_certain
    known = readings.is_truth.astype(bool) | (is_certain & standing)
    return np.where(known, _CERTAIN, np.where(is_bound, sound * kept, sound))


def elicited_readings(
    claims: ClaimSet, readings: Readings, measured: NDArray[np.bool_], priors: Priors
) -> Readings:
    """Readings in which measurements with ranges wider than standard errors are beliefs of experts.

    To which side an expert leaves more room does not tell on which side the truth is, and those
    with narrow ranges are not that much better: these are drawn to the median one of the figure.
    """
    elicited = measured & ~is_standard(claims)
    if not elicited.any():
        return readings
    low, high, coverage = map(claims.columns.numbers, ("low", "high", "coverage"))
    even = elicited & ~np.isnan(coverage) & (low > 0)
    width = np.zeros(len(claims))
    width[even] = 0.5 * np.log(high[even] / low[even]) / (2 * np.arctanh(coverage[even]))
    readings = readings.even_on_log_scale(even, width)
    about = claims.columns.group_by("population", "figure").codes
    believed = readings.width_log.copy()
    for group in np.unique(about[elicited]).tolist():
        mine = elicited & (about == group)
        width = np.log(readings.relative_width[mine])
        short = np.maximum(np.median(width) - width, 0.0)
        believed[mine] *= np.exp((1 - priors.elicited_own) * short)
    return replace(readings, width_log=believed)


def common_widths(
    claims: ClaimSet,
    readings: Readings,
    measured: NDArray[np.bool_],
    groups: Difficulties,
    priors: Priors,
) -> Array:
    """Stated scale that the common error of each series goes by; 0 if none is measured.

    Between the smallest and the median one of the measurements that stand, else of all. Ranges
    that are wider than standard errors count as so many times as wide.
    """
    standing = claims.columns["state"].map(lambda state: state == "standing")
    widths = readings.relative_width * np.where(is_standard(claims), 1.0, priors.elicited_common)
    group_of, found = groups.group_of, np.zeros(len(groups.labels))
    for kept in (measured, measured & standing):
        of = np.flatnonzero(kept)
        of = of[np.lexsort((widths[of], group_of[of]))]
        at, first, size = np.unique(group_of[of], return_index=True, return_counts=True)
        width = widths[of]
        middle = np.sqrt(width[first + (size - 1) // 2] * width[first + size // 2])
        typical = priors.measured_typical
        found[at] = width[first] ** (1 - typical) * middle**typical
    return found[groups.group_of_series]
