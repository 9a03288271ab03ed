"""Claims that follow another one of the same voice: serial error, revisions, repeats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import coded
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import contents_of, estimands_of, first_days
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.priors.priors import Priors

__all__ = ["Serial", "serial_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """What each claim hangs on; arrays of shape ``(claim,)``.

    Parameters
    ----------
    predecessor : ndarray of int
        Index of the claim whose residual a claim shares: the last exact one of its voice on the
        same figure, or its own revision; its own index where there is none.
    share : ndarray
        Share of that residual, 0 where there is none, 1 for a claim that was revised.
    is_revised : ndarray of bool
        Whether the predecessor is the claim's revision.
    weight : ndarray
        1 / number of exact repeats; less for bounds that follow each other.
    """

    predecessor: Indices
    share: Array
    is_revised: NDArray[np.bool_]
    weight: Array


def serial_of(
    claims: ClaimSet,
    readings: Readings,
    voice_of: Indices,
    priors: Priors,
    contents: Indices | None = None,
) -> Serial:
    """Put the claims of each voice on each figure in the order of time.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    readings : Readings
        Of the claims.
    voice_of : ndarray of shape (claim,)
        Index of each claim's voice.
    priors : Priors
        For the serial error.
    contents : ndarray of shape (claim,), optional
        What :func:`contents_of` gives.

    Returns
    -------
    Serial
    """
    contents = contents_of(claims) if contents is None else contents
    # Exact repeats share the weight of one: they say nothing new.
    weight = 1 / np.bincount(contents)[contents]
    # What a source's noise does not bear on shares none of it, and an error on the natural scale is
    # none that one on the log scale could hang on.
    alone = (readings.is_linear.astype(bool) | (readings.noise_share == 0)).tolist()
    of_day = _days(claims)
    bound, days, states = readings.is_bound.tolist(), of_day.tolist(), _states(claims)
    hung: list[tuple[int, int, float, bool]] = []
    for members in _threads(claims, voice_of, contents, of_day):
        later = _revisions(states, bound, members)
        exact: tuple[int, float] | None = None
        bounds: dict[tuple[bool, bool, str], tuple[list[int], float]] = {}
        for k, (first, copies) in enumerate(members):
            day, state = days[first], states[first]
            if state == "revised":
                revision = later[k]
                if revision is not None and not bound[first]:
                    hung += [(copy, revision, 1.0, True) for copy in copies]
                    continue
            if exact is not None and not alone[first]:
                kept = _kept(day - exact[1], priors)
                hung += [(copy, exact[0], kept, False) for copy in copies]
            if bound[first]:
                # A bound that was given up is no match for one that stands, nor the other way.
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
                same = _is_same(claims.claims[before[0]], claims.claims[first])
                weight[copies if weaker == first else before] *= (
                    0.0 if same else 1 - _kept(day - then, priors)
                )
                if weaker != first:
                    bounds[side] = copies, day
            elif state == "standing" and not alone[first]:
                exact = first, day
    predecessor, share = np.arange(len(claims)), np.zeros(len(claims))
    revised = np.zeros(len(claims), dtype=bool)
    if hung:
        which, on, by, is_revised = map(np.array, zip(*hung, strict=True))
        predecessor[which], share[which], revised[which] = on, by, is_revised
    return Serial(predecessor=predecessor, share=share, is_revised=revised, weight=weight)


def _states(claims: ClaimSet) -> list[str]:
    """Whether each claim is standing, revised or withdrawn."""
    state = claims.columns["state"]
    return [state.cells[k] for k in state.codes.tolist()]


def _kept(days: float, priors: Priors) -> float:
    return priors.serial_share * math.exp(-days / priors.serial_days)


def _weaker(readings: Readings, before: int, now: int) -> int:
    """Of two bounds on the same side, the one that says less.

    A running total does not fall, so the same "at least" said again later says nothing new, and
    the same "at most" said again later says all.
    """
    is_upper = np.isinf(readings.down_log[now])
    old, new = (_strength(readings, k) for k in (before, now))
    return before if new > old or (new == old and is_upper) else now


def _strength(readings: Readings, k: int) -> float:
    """How much a bound excludes: a high one from below, a low one from above."""
    down, up = np.isinf(readings.down_log[k]), np.isinf(readings.up_log[k])
    return float(readings.centre_log[k]) * (float(up) - float(down))


def _is_same(old: Claim, new: Claim) -> bool:
    return (old.kind, old.value, old.high, old.words, old.state) == (
        new.kind,
        new.value,
        new.high,
        new.words,
        new.state,
    )


def _revisions(
    states: list[str], bound: list[bool], members: list[tuple[int, list[int]]]
) -> list[int | None]:
    """For each, the next exact number of the same voice that was not given up in turn."""
    found: list[int | None] = []
    following: int | None = None
    for first, _ in reversed(members):
        found.append(following)
        if states[first] != "withdrawn" and not bound[first]:
            following = first
    return found[::-1]


def _threads(
    claims: ClaimSet, voice_of: Indices, contents: Indices, days: Array
) -> Iterator[list[tuple[int, list[int]]]]:
    """Distinct claims of each voice on each figure, in time, with the indices of their copies.

    Only where there are several: one alone hangs on nothing.
    """
    estimands, estimand_of = estimands_of(claims)
    since = first_days(claims)
    key = (voice_of * len(estimands) + estimand_of) * len(since) + since.codes
    spoken = np.flatnonzero(claims.columns.spoken)
    order = spoken[np.argsort(key[spoken], kind="stable")]
    place = _places(claims, days)
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


def _places(claims: ClaimSet, days: Array) -> list[int]:
    """Place of every claim in one order: time first; the rest does not depend on the table."""
    columns = claims.columns
    state = columns["state"]
    numbers = [
        np.nan_to_num(columns.numbers(name), nan=-np.inf)
        for name in ("value", "low", "high", "coverage")
    ]
    said = np.nan_to_num(columns.days("said"))
    told = [columns["interest"], columns["origin"], columns["source"]]
    order = [
        *(days, state.map(lambda name: name != "revised"), columns["kind"].ranks()),
        *(*numbers, columns["words"].ranks(), said, state.ranks()),
        *(coded(claims.claim_roles).ranks(), *(column.ranks() for column in told)),
    ]
    # The last is the one that it goes by first; what is the same for all decides nothing.
    deciding = [values for values in reversed(order) if (values != values[0]).any()]
    places = np.arange(len(claims))
    if deciding:
        places[np.lexsort(deciding)] = np.arange(len(claims))
    found: list[int] = places.tolist()
    return found


def _days(claims: ClaimSet) -> Array:
    """Day that each claim belongs to: the last a running total covers; else when it was made.

    Undated claims are taken for claims of one day.
    """
    columns = claims.columns
    said, date = columns.days("said"), columns.days("date")
    is_total = columns["figure"].map(lambda name: is_dated(claims, name))
    return np.nan_to_num(np.where(is_total | np.isnan(said), date, said))
