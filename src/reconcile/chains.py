"""Claims that follow another one of the same voice: serial error, revisions, repeats."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims import COLUMNS, Claim
from reconcile.claimset import ClaimSet
from reconcile.incidence import is_dated
from reconcile.priors import Priors
from reconcile.readings import Readings

__all__ = ["Chains", "chains_of", "content_of", "contents_of", "things_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """What each claim hangs on; arrays of shape ``(claim,)``.

    Parameters
    ----------
    anchor : ndarray of int
        Index of the claim whose residual a claim shares: the last exact one of its voice on the
        same figure, or its own revision; its own index where there is none.
    share : ndarray
        Share of that residual, 0 where there is none, 1 for a claim that was revised.
    is_revised : ndarray of bool
        Whether the anchor is the claim's revision.
    weight : ndarray
        1 / number of exact repeats; less for bounds that follow each other.
    """

    anchor: Indices
    share: Array
    is_revised: NDArray[np.bool_]
    weight: Array


def chains_of(
    claims: ClaimSet,
    readings: Readings,
    voice_of: Indices,
    priors: Priors,
    contents: Indices | None = None,
) -> Chains:
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
    Chains
    """
    n = len(claims)
    anchor, share = np.arange(n), np.zeros(n)
    revised = np.zeros(n, dtype=bool)
    contents = contents_of(claims) if contents is None else contents
    # Exact repeats share the weight of one: they say nothing new.
    weight = 1 / np.bincount(contents)[contents]
    for members in _threads(claims, voice_of, contents):
        later = _revisions(claims, readings, members)
        exact: tuple[int, float] | None = None
        bounds: dict[tuple[bool, bool, str], tuple[list[int], float]] = {}
        for k, (first, copies) in enumerate(members):
            claim = claims.claims[first]
            day = _day(claims, claim)
            if claim.state == "revised":
                revision = later[k]
                if revision is not None and not readings.is_bound[first]:
                    anchor[copies], share[copies], revised[copies] = revision, 1.0, True
                    continue
            # What a source's noise does not bear on shares none of it, and an error on the natural
            # scale is none that one on the log scale could hang on.
            alone = readings.is_linear[first] or not readings.noise_share[first]
            if exact is not None and not alone:
                kept = _kept(day - exact[1], priors)
                anchor[copies], share[copies] = exact[0], kept
            if readings.is_bound[first]:
                # A bound that was given up is no match for one that stands, nor the other way.
                side = (
                    bool(np.isinf(readings.down_log[first])),
                    bool(np.isinf(readings.up_log[first])),
                    claim.state,
                )
                before, then = bounds.get(side, (None, 0.0))
                if before is None:
                    bounds[side] = copies, day
                    continue
                weaker = _weaker(readings, before[0], first)
                same = _is_same(claims.claims[before[0]], claim)
                weight[copies if weaker == first else before] *= (
                    0.0 if same else 1 - _kept(day - then, priors)
                )
                if weaker != first:
                    bounds[side] = copies, day
            elif claim.state == "standing" and not alone:
                exact = first, day
    return Chains(anchor=anchor, share=share, is_revised=revised, weight=weight)


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
    claims: ClaimSet, readings: Readings, members: list[tuple[int, list[int]]]
) -> list[int | None]:
    """For each, the next exact number of the same voice that was not given up in turn."""
    found: list[int | None] = []
    following: int | None = None
    for first, _ in reversed(members):
        found.append(following)
        if claims.claims[first].state != "withdrawn" and not readings.is_bound[first]:
            following = first
    return found[::-1]


def _threads(
    claims: ClaimSet, voice_of: Indices, contents: Indices
) -> Iterator[list[tuple[int, list[int]]]]:
    """Distinct claims of each voice on each figure, in time, with the indices of their copies.

    Only where there are several: one alone hangs on nothing.
    """
    things, thing_of = things_of(claims)
    sinces: dict[dt.date | None, int] = {claims.start: 0, None: 0}
    since_of = [sinces.setdefault(claim.since, len(sinces)) for claim in claims]
    key = (voice_of * len(things) + thing_of) * (len(sinces) + 1) + since_of
    spoken = np.flatnonzero([claim.kind != "truth" for claim in claims])
    order = spoken[np.argsort(key[spoken], kind="stable")]
    ends = np.flatnonzero(np.diff(key[order], append=-1)) + 1
    for begin, end in zip([0, *ends.tolist()], ends.tolist(), strict=False):
        if end - begin == 1:
            continue
        indices = order[begin:end].tolist()
        copies: dict[int, list[int]] = defaultdict(list)
        for k, content in zip(indices, contents[indices].tolist(), strict=True):
            copies[content].append(k)
        if len(copies) == 1:
            continue
        place = {k: _order(claims, claims.claims[k]) for k in indices}
        members = [(min(same, key=place.__getitem__), same) for same in copies.values()]
        members.sort(key=lambda member: place[member[0]])
        yield members


def _order(claims: ClaimSet, claim: Claim) -> tuple[object, ...]:
    """Time first; what is left does not depend on the order of the table."""
    stated = (claim.value, claim.low, claim.high, claim.coverage)
    numbers = tuple(-math.inf if x is None else x for x in stated)
    said = claim.said.toordinal() if claim.said else 0
    texts = (claim.state, claims.role_of(claim), claim.interest, claim.origin, claim.source)
    first = (_day(claims, claim), claim.state != "revised")
    return *first, claim.kind, numbers, claim.words, said, *texts


def _day(claims: ClaimSet, claim: Claim) -> float:
    """Day that a claim belongs to: of a running total, the last it covers; else when it was made.

    Undated claims are taken for claims of one day.
    """
    is_total = is_dated(claims, claim.figure)
    day: dt.date | None = claim.date if is_total else claim.said or claim.date
    return float(day.toordinal()) if day else 0.0


def things_of(claims: ClaimSet) -> tuple[tuple[str, ...], Indices]:
    """What the claims speak of, however their sums are written.

    Parameters
    ----------
    claims : ClaimSet
        What was said.

    Returns
    -------
    things : tuple of str
        Each once; see :meth:`reconcile.ClaimSet.thing`.
    thing_of : ndarray of shape (claim,)
        Index of each claim's thing.
    """
    things: dict[str, int] = {}
    of_name = {
        name: things.setdefault(about.thing, len(things)) for name, about in claims.made_of.items()
    }
    return tuple(things), np.array([of_name[claim.figure] for claim in claims], dtype=np.intp)


def contents_of(claims: ClaimSet) -> Indices:
    """Which claims are exact repeats of each other.

    Parameters
    ----------
    claims : ClaimSet
        What was said.

    Returns
    -------
    ndarray of shape (claim,)
        A number for each distinct content, counted from 0; see :func:`content_of`.
    """
    position: dict[tuple[object, ...], int] = {}
    made_of, start = claims.made_of, claims.start
    found: list[int] = []
    for claim, role in zip(claims, claims.claim_roles, strict=True):
        about = made_of[claim.figure]
        content = (
            about.thing,
            role,
            None if claim.since == start else claim.since,
            claim.date if about.is_dated else None,
            claim.state,
            *_same(claim),
        )
        found.append(position.setdefault(content, len(position)))
    return np.array(found, dtype=np.intp)


# What :func:`content_of` neither changes nor leaves out.
_CHANGED: Final = ("figure", "role", "since", "date", "status", "said", "quote", "url", "note")
_same: Final = attrgetter(*(name for name in COLUMNS if name not in _CHANGED))


def content_of(claims: ClaimSet, claim: Claim) -> Claim:
    """A claim without what does not bear on its number: provenance, and a fixed figure's date.

    Parameters
    ----------
    claims : ClaimSet
        What it belongs to.
    claim : Claim
        One of them.

    Returns
    -------
    Claim
        Equal for exact repeats.
    """
    return replace(
        claim,
        figure=claims.thing(claim.figure),
        role=claims.role_of(claim),
        since=None if claim.since == claims.start else claim.since,
        date=claim.date if is_dated(claims, claim.figure) else None,
        status=claim.state,
        said=None,
        quote="",
        url="",
        note="",
        extra=(),
    )
