"""Serial dependence between the claims of one voice: serial error, revisions, repeats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import coded, group_by
from reconcile.claims.fields import NUMBERS
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import estimands_of, first_days
from reconcile.models.log_scale.design.sums import Incidence, is_dated
from reconcile.priors.priors import Priors

__all__ = ["Serial", "serial_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Fields in which a bound and its repeat agree.
_statement = attrgetter("kind", "value", "high", "words", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """The preceding claim whose error each claim shares; arrays of shape ``(claim,)``.

    Parameters
    ----------
    predecessor : ndarray of int
        Index of the last exact claim of the same voice on the same figure, or of the claim's own
        revision; the claim's own index if there is none.
    share : ndarray
        Share of the predecessor's residual: 0 without one, 1 for a claim that was revised.
    is_revised : ndarray of bool
        Whether the predecessor is the claim's revision.
    weight : ndarray
        1 / number of exact repeats, or of retellings on one day; less for successive bounds.
    contents : ndarray of int
        Index of what each claim says; equal for repeats and retellings.
    """

    predecessor: Indices
    share: Array
    is_revised: NDArray[np.bool_]
    weight: Array
    contents: Indices

    @property
    def alone(self) -> Array:
        """Factor on the scale of a claim that does not follow its predecessor.

        The square root of 2 for revised claims, since two readings differ by both noises.
        """
        return np.where(self.is_revised, np.sqrt(2.0), 1.0)

    @property
    def follows(self) -> NDArray[np.bool_]:
        """Whether each claim may follow its predecessor."""
        return np.asarray((self.share > 0) & ~self.is_revised)

    @property
    def narrowing(self) -> Array:
        """Further factor on the scale of a claim that follows its predecessor."""
        return np.where(self.follows, np.sqrt(1 - np.minimum(self.share, 1.0) ** 2), 1.0)


def serial_of(
    claims: ClaimSet,
    readings: Readings,
    voice_of: Indices,
    priors: Priors,
    contents: Indices,
    structure: Incidence,
) -> Serial:
    """Serial dependence of all claims; ``contents`` is the result of ``contents_of``."""
    # Claims free of the source's noise share none of it, and errors on the natural scale cannot be
    # shared with those on the log scale.
    alone = (readings.is_linear.astype(bool) | (readings.noise_share == 0)).tolist()
    of_day = _days(claims)
    bound, days, states = readings.is_bound.tolist(), of_day.tolist(), _states(claims)
    begins = _begins(claims, structure).tolist()
    # Exact repeats and retellings share the weight of one claim.
    contents = _retold(claims, np.array([alone, bound]), voice_of, contents, of_day)
    weight = 1 / np.bincount(contents)[contents]
    links: list[tuple[int, int, float, bool]] = []
    for members in _sequences(claims, voice_of, contents, of_day):
        later = _revisions(states, bound, members)
        exact: tuple[int, float] | None = None
        bounds: dict[tuple[bool, bool, str], tuple[list[int], float]] = {}
        for k, (first, copies) in enumerate(members):
            day, state = days[first], states[first]
            if state == "revised":
                revision = later[k]
                if revision is not None and not bound[first]:
                    links += [(copy, revision, 1.0, True) for copy in copies]
                    continue
            if exact is not None and not alone[first]:
                remaining = _remaining_share(exact[1], day, begins[first], priors)
                links += [(copy, exact[0], remaining, False) for copy in copies]
            if bound[first]:
                # Withdrawn bounds are compared only with withdrawn ones.
                side = (
                    bool(np.isinf(readings.down_log[first])),
                    bool(np.isinf(readings.up_log[first])),
                    state,
                )
                before, then = bounds.get(side, (None, 0.0))
                if before is None:
                    bounds[side] = copies, day
                    continue
                weaker = _weaker(readings, before[0], first)
                same = _statement(claims.claims[before[0]]) == _statement(claims.claims[first])
                weight[copies if weaker == first else before] *= (
                    0.0 if same else 1 - _remaining_share(then, day, begins[first], priors)
                )
                if weaker != first:
                    bounds[side] = copies, day
            elif state == "standing" and not alone[first]:
                exact = first, day
    predecessor, share = np.arange(len(claims)), np.zeros(len(claims))
    revised = np.zeros(len(claims), dtype=bool)
    if links:
        which, on, by, is_revised = map(np.array, zip(*links, strict=True))
        predecessor[which], share[which], revised[which] = on, by, is_revised
    return Serial(
        predecessor=predecessor,
        share=share,
        is_revised=revised,
        weight=weight,
        contents=contents,
    )


def _retold(
    claims: ClaimSet, kind: NDArray[np.bool_], voice_of: Indices, contents: Indices, days: Array
) -> Indices:
    """Contents, where all numbers that several sources have from one origin, of one day, are one.

    Or else the agreement of papers that copy one agency would show how well it counts.
    """
    alone, bound = kind
    when = (days.astype(np.intp), first_days(claims))
    what = (estimands_of(claims)[1], claims.columns["state"], alone.astype(np.intp))
    group = group_by((voice_of, *when, *what)).codes
    source = claims.columns["source"].codes
    least = np.full(len(claims), len(claims))
    most = np.full(len(claims), -1)
    np.minimum.at(least, group[~bound], source[~bound])
    np.maximum.at(most, group[~bound], source[~bound])
    retold = (most > least)[group] & ~bound
    return group_by([np.where(retold, group, -1), np.where(retold, 0, contents)]).codes


def _states(claims: ClaimSet) -> list[str]:
    """Whether each claim is standing, revised or withdrawn."""
    state = claims.columns["state"]
    return [state.cells[k] for k in state.codes.tolist()]


def _remaining_share(then: float, now: float, begin: float, priors: Priors) -> float:
    """Share of a residual that remains from one day to another, of a total since ``begin``.

    A tally adds to what it had. Errors of what it adds each day that are independent make errors of
    two days correlated by the root of the ratio of the days so far.
    """
    kept = priors.serial_share * math.exp((then - now) / priors.serial_days)
    return max(kept, math.sqrt((then - begin) / (now - begin))) if begin < then < now else kept


def _begins(claims: ClaimSet, structure: Incidence) -> Array:
    """The day before each running total begins; NaN for other claims."""
    columns, compositions = claims.columns, claims.compositions
    total = columns["figure"].map(
        lambda name: compositions[name].is_dated and not compositions[name].is_level
    )
    if not total.any():
        return np.full(len(claims), np.nan)
    origin = structure.dates[0].toordinal() - structure.days[0]
    since = columns.days("since") - 1
    return np.where(total, np.where(np.isnan(since), origin, since), np.nan)


def _weaker(readings: Readings, before: int, now: int) -> int:
    """The less informative of two bounds on the same side.

    A running total does not fall, so a repeated "at least" adds nothing later, and a repeated
    "at most" makes the earlier one redundant.
    """
    is_upper = np.isinf(readings.down_log[now])
    old, new = (_strength(readings, k) for k in (before, now))
    return before if new > old or (new == old and is_upper) else now


def _strength(readings: Readings, k: int) -> float:
    """How much a bound excludes: increasing for lower bounds, decreasing for upper ones."""
    down, up = np.isinf(readings.down_log[k]), np.isinf(readings.up_log[k])
    return float(readings.centre_log[k]) * (float(up) - float(down))


def _revisions(
    states: list[str], bound: list[bool], members: list[tuple[int, list[int]]]
) -> list[int | None]:
    """For each claim, the next exact number of the same voice that was not withdrawn in turn."""
    found: list[int | None] = []
    following: int | None = None
    for first, _ in reversed(members):
        found.append(following)
        if states[first] != "withdrawn" and not bound[first]:
            following = first
    return found[::-1]


def _sequences(
    claims: ClaimSet, voice_of: Indices, contents: Indices, days: Array
) -> Iterator[list[tuple[int, list[int]]]]:
    """Distinct claims, in time order with their copies, of voices with several on one figure."""
    estimands, estimand_of = estimands_of(claims)
    since = first_days(claims)
    key = (voice_of * len(estimands) + estimand_of) * len(since) + since.codes
    spoken = np.flatnonzero(claims.columns.spoken)
    order = spoken[np.argsort(key[spoken], kind="stable")]
    place = _time_ranks(claims, days)
    ends = np.flatnonzero(np.diff(key[order], append=-1)) + 1
    for begin, end in zip([0, *ends.tolist()], ends.tolist(), strict=False):
        if end - begin == 1:
            continue
        indices = order[begin:end].tolist()
        copies: dict[int, list[int]] = {}
        for k, content in zip(indices, contents[order[begin:end]].tolist(), strict=True):
            copies.setdefault(content, []).append(k)
        if len(copies) == 1:
            continue
        members = [(min(same, key=place.__getitem__), same) for same in copies.values()]
        members.sort(key=lambda member: place[member[0]])
        yield members


def _time_ranks(claims: ClaimSet, days: Array) -> list[int]:
    """Rank of each claim in time; ties are broken independently of the order of the table."""
    columns = claims.columns
    state = columns["state"]
    numbers = [np.nan_to_num(columns.numbers(name), nan=-np.inf) for name in NUMBERS]
    said = np.nan_to_num(columns.days("said"))
    others = [columns["interest"], columns["origin"], columns["source"]]
    order = [
        *(days, state.map(lambda name: name != "revised"), columns["kind"].ranks()),
        *(*numbers, columns["words"].ranks(), said, state.ranks()),
        *(coded(claims.claim_roles).ranks(), *(column.ranks() for column in others)),
    ]
    # The last key of lexsort is the primary one; constant keys are dropped.
    deciding = [values for values in reversed(order) if (values != values[0]).any()]
    places = np.arange(len(claims))
    if deciding:
        places[np.lexsort(deciding)] = np.arange(len(claims))
    found: list[int] = places.tolist()
    return found


def _days(claims: ClaimSet) -> Array:
    """Last day that a total covers, else the day the claim was said; 0 for undated claims."""
    columns = claims.columns
    said, date = columns.days("said"), columns.days("date")
    is_total = columns["figure"].map(lambda name: is_dated(claims, name))
    return np.nan_to_num(np.where(is_total | np.isnan(said), date, said))
