"""Figures with a known truth: their claims as the library's own design arranges them.

A figure is the claims about one estimand of one population, without its truth; all figures are
pooled into one design, from which :class:`Terms` takes what bears on each.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.learning.pooled import pool_cases
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.priors.constants import KNOWN_SD, STATED
from reconcile.priors.priors import Priors

__all__ = ["Z90", "Figure", "Pool", "Terms", "claims_and_truths", "figures_of", "hashed"]

type Array = NDArray[np.float64]

# 90 % of the belief about a truth lies between its ends.
Z90: Final = 1.645
_LOGISTIC_SD: Final = math.pi / math.sqrt(3)
_KNOWN_VARIANCE: Final = (2 * KNOWN_SD) ** 2
# An error is not carried over in full: else the scale of the next one would be zero.
_MOST_SHARED: Final = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The claims about a figure, and its truth.

    Parameters
    ----------
    family, case, name : str
        Where it comes from, its case, and population and figure.
    claims : ClaimSet
        Without truths.
    truth_log, sd_log : float
        Best value, and how well it is known.
    """

    family: str
    case: str
    name: str
    claims: ClaimSet
    truth_log: float
    sd_log: float

    @property
    def known(self) -> tuple[float, float]:
        """What is known of the truth."""
        return self.truth_log, self.sd_log

    @property
    def setting(self) -> str:
        """Setting of the case."""
        return self.claims.setting


def claims_and_truths(claims: ClaimSet) -> Iterator[tuple[Claim, ClaimSet]]:
    """Truths of figures by themselves, and the claims about the same, if there are any."""
    for truth in claims:
        # A sum has no prior of its own here.
        if not truth.is_truth or set("+/") & set(truth.figure):
            continue
        # Of a running total, every day is a figure.
        about = _about(claims, truth)
        mine = [c for c in claims if not c.is_truth and _about(claims, c) == about]
        if mine:
            yield truth, claims.replace(mine)


def _about(claims: ClaimSet, claim: Claim) -> tuple[object, ...]:
    days = (claim.date, claim.since) if is_dated(claims, claim.figure) else ()
    return claim.population, claim.figure, *days


def figures_of(
    case: str, claims: ClaimSet, *, family: str = "", most: int | None = None, salt: str = ""
) -> Iterator[Figure]:
    """Figures of a case that have a truth and claims, of these a random ``most``."""
    for truth, mine in claims_and_truths(claims):
        name = f"{truth.population} | {truth.figure}"
        ends = [x for x in (truth.low, truth.high, truth.value) if x]
        # Of a range from zero, what rounds to one.
        ends += [min(0.5 * claims.figures[truth.figure].unit_size, *ends)] * (truth.low == 0)
        if ends:
            low, high = math.log(min(ends)), math.log(max(ends))
            yield Figure(
                family=family,
                case=case,
                name=name,
                claims=_some(mine, most, f"{salt}{case} | {name}"),
                truth_log=math.log(truth.value) if truth.value else 0.5 * (low + high),
                sd_log=(high - low) / (2 * Z90),
            )


def _some(claims: ClaimSet, most: int | None, name: str) -> ClaimSet:
    """At most so many claims: random ones, by a hash of the name."""
    if not most or len(claims) <= most:
        return claims
    said, rng = list(claims), np.random.default_rng(hashed(name))
    return claims.replace(said[k] for k in sorted(rng.choice(len(said), most, replace=False)))


def hashed(text: str) -> int:
    """A number that stands for a text, the same on every machine."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


class Terms(NamedTuple):
    """The claims on a figure, in the order of camps and voices, and the constants they are under.

    All on the log scale. Arrays of shape ``(claim,)`` but for the two of first positions.
    """

    centre: Array
    down: Array
    up: Array
    mean: Array  # expected bias
    camp: Array  # loading of what a camp of several voices has in common
    scale: Array  # logistic scale of all other errors of the source
    noise: Array  # the part of that scale that differs between readings of one source
    lifted: Array  # by how much those three grow for each unit more that stays for good
    fixed: Array  # scale of counting, rounding and coarse numbers
    width: Array  # stated scale
    excess: Array  # by which difficulty of 1 widens it
    sound: Array
    unsound: Array  # logistic scale of a claim that is not sound
    apart: Array  # probability that a claim is no copy, and that it is one and has its number
    copied: Array
    weight: Array
    predecessor: Array  # position of the claim whose error this one shares; -1 if none
    shared: Array  # share of the predecessor's error
    revised: Array
    counted: Array  # whether the number is of a count that still grows
    level: Array  # logit of its completeness on the day: mean and standard deviation
    level_sd: Array
    level_tail: Array  # weight of the tails of that
    slope: Array  # growth of the logit: median, and standard deviation of its logarithm
    slope_sd: Array
    never: (
        Array  # minus the log share ever counted: median, and standard deviation of its logarithm
    )
    never_sd: Array
    age_log: Array
    voices: NDArray[np.intp]  # position of the first claim of each voice, and the end
    camps: NDArray[np.intp]  # number of the first voice of each camp, and the end
    # Follow, difficulty sd, power, common sd, tail, mean and sd of the prior, share that stays, its
    # power, lifted of the best claim, power of the best error
    constants: Array

    def differs_from(self, other: Terms) -> bool:
        """Whether any number does."""
        return not all(map(np.array_equal, self, other))


class Pool:
    """All figures, in one design.

    Parameters
    ----------
    figures : sequence of Figure
        At least one.
    """

    def __init__(self, figures: Sequence[Figure]) -> None:
        self.figures = tuple(figures)
        # Numbers and not names, which may hold signs that figures may not.
        pooled = {str(k): figure.claims for k, figure in enumerate(self.figures)}
        self._claims, self._contexts = pool_cases(pooled)
        of_population = [int(self._contexts[name].case) for name in self._claims.populations]
        of_claim = np.array(of_population)[self._claims.columns["population"].codes]
        self._rows = [np.flatnonzero(of_claim == k) for k in range(len(self.figures))]

    def design(self, priors: Priors) -> Design:
        """Design of all figures."""
        return design(self._claims, priors, contexts=self._contexts)

    def terms(self, priors: Priors) -> list[Terms]:
        """Terms of every figure under these priors."""
        plan = self.design(priors)
        columns = _columns(plan)
        series = {population: k for k, (population, _) in enumerate(plan.structure.series)}
        speakers, found = plan.speakers, []
        for members in self._rows:
            voice = speakers.voice_of[members]
            rows = members[np.lexsort((voice, speakers.camp_of[voice]))]
            voice = speakers.voice_of[rows]
            mine = {name: column[rows] for name, column in columns.items()}
            position = np.full(len(plan.claims), -1)
            position[rows] = np.arange(len(rows))
            before = plan.serial.predecessor[rows]
            mine["predecessor"] = np.where(before == rows, -1, position[before])
            voices = _firsts(voice)
            camps = _firsts(speakers.camp_of[voice][voices[:-1]])
            k = series[plan.claims.claims[rows[0]].population]
            constants = _constants(plan, k)
            found.append(Terms(**mine, voices=voices, camps=camps, constants=constants))
        return found

    def grids(self) -> list[Array]:
        """Apparent log figures, dense about the claims, at which each figure is looked at."""
        plan = self.design(Priors())
        width = np.zeros(len(plan.difficulties.labels))
        width[plan.difficulties.group_of_series] = plan.common_width
        return [
            _grid(plan.readings.centre_log[rows], float(width[plan.difficulties.group_of[rows[0]]]))
            for rows in self._rows
        ]


def _firsts(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions at which sorted codes begin, and their number."""
    return np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)]])


def _columns(plan: Design) -> dict[str, Array]:
    """Terms of all claims of a design, but for those that depend on their order."""
    readings, noise, serial = plan.readings, plan.noise, plan.serial
    # What is linear on the natural scale is nearly so on the log scale, if it is small.
    relative = np.where(readings.is_linear, np.exp(readings.unit_log - readings.centre_log), 1.0)
    squares = plan.biases.matrix.multiply(plan.biases.matrix).tocsc()
    own = squares[:, plan.biases.spans["bias_z"]].sum(axis=1)
    several = np.bincount(plan.speakers.camp_of)[plan.speakers.camp_of] > 1
    others = squares.sum(axis=1) - own
    # How well a mean is known does not count where it is known.
    several = several[plan.speakers.voice_of] & (others > _KNOWN_VARIANCE)
    camp = np.where(several, others, 0.0)
    bias = (own + others - camp) / _LOGISTIC_SD**2
    of_noise = np.where(noise.factor > 0, noise.expected_log, 0.0)
    variance = bias + of_noise**2
    of_bias = np.divide(bias, variance, out=np.zeros_like(bias), where=variance > 0)
    shared = of_bias + (1 - of_bias) * serial.share
    median = [plan.priors.overconfidence_median[kind] for kind in STATED]
    return {
        "centre": readings.centre_log,
        "down": readings.down_log * np.where(np.isfinite(readings.down_log), relative, 1.0),
        "up": readings.up_log * np.where(np.isfinite(readings.up_log), relative, 1.0),
        "mean": plan.biases.mean_log,
        "camp": np.sqrt(camp),
        "scale": np.sqrt(variance),
        "noise": of_noise,
        "lifted": plan.shares.lifted,
        "fixed": np.sqrt(noise.fixed),
        "width": noise.width * relative,
        "excess": noise.excess * relative * np.array(median)[noise.stated_of],
        "sound": plan.sound,
        "unsound": np.where(
            readings.is_one_sided, plan.priors.unsound_bound_log, plan.priors.unsound_scale_log
        ),
        "apart": plan.copies.apart,
        "copied": plan.copies.copied,
        "weight": serial.weight,
        "shared": np.where(serial.share > 0, np.minimum(shared, _MOST_SHARED), 0.0),
        "revised": serial.is_revised,
        **_counts(plan),
    }


def _counts(plan: Design) -> dict[str, Array]:
    """Prior of the completeness of each claim's count, if it has one."""
    registers, n = plan.registers, len(plan.claims)
    names = {"level": "mean", "level_sd": "sd", "level_tail": "tail"}
    names |= {"slope": "growth", "slope_sd": "growth_sd_log"}
    names |= {"never": "never", "never_sd": "never_sd_log"}
    found = {name: np.zeros(n) for name in (*names, "age_log")}
    counted = np.zeros(n, dtype=bool)
    known = registers.register_of >= 0
    counted[registers.claim[known]] = True
    for name, of_register in names.items():
        values = getattr(registers, of_register)[registers.register_of[known]]
        found[name][registers.claim[known]] = values
    found["age_log"][registers.claim[registers.count]] = registers.age_log
    return {"counted": counted, **found}


def _constants(plan: Design, series: int) -> Array:
    """Constants of a figure, in the order that ``Terms`` names."""
    group = plan.difficulties.group_of_series[series]
    return np.array(
        [
            plan.priors.serial_follow,
            plan.difficulties.sd_log[group],
            plan.priors.common_difficulty,
            plan.common.sd_log[series],
            plan.common.tail[series],
            plan.total_mean_log[series],
            plan.total_sd_log[series],
            plan.priors.fog_floor,
            plan.priors.fog_difficulty,
            plan.common.lifted[series],
            plan.priors.common_best,
        ]
    )


def _grid(centres: Array, stated: float) -> Array:
    """Points in geometric steps from every number, and even ones between and beyond them."""
    told = centres[np.isfinite(centres)]
    if stated > 0:
        away = stated * np.concatenate([[0.0], 0.1 * 1.35 ** np.arange(28)])
        return np.unique(np.concatenate([told + away[:, None], told - away[:, None]]))
    away = np.concatenate([[0.0], 0.004 * 1.6 ** np.arange(15)])
    low, high = told.min() - 1.5, told.max() + 2.0
    even = np.arange(low, high, max(0.05, (high - low) / 150))
    near = np.concatenate([told + away[:, None], told - away[:, None]]).ravel()
    kept: list[float] = []
    for point in np.unique(np.concatenate([near, even])).tolist():
        if not kept or point - kept[-1] >= 0.003:
            kept.append(point)
    return np.array(kept)
