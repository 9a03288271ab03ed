"""Claims that follow another one of the same voice: serial error, revisions, repeats."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.priors import Priors
from reconcile.readings import Readings

__all__ = ["Chains", "chains_of", "content_of"]

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
    fade : ndarray
        What the scale is multiplied by, since part of the error is known.
    weight : ndarray
        1 / number of exact repeats; less for bounds that follow each other.
    """

    anchor: Indices
    share: Array
    is_revised: NDArray[np.bool_]
    fade: Array
    weight: Array


def chains_of(claims: ClaimSet, readings: Readings, voice_of: Indices, priors: Priors) -> Chains:
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

    Returns
    -------
    Chains
    """
    n = len(claims)
    anchor, share = np.arange(n), np.zeros(n)
    revised, fade = np.zeros(n, dtype=bool), np.ones(n)
    weight = _weights(claims)
    for members in _threads(claims, voice_of).values():
        exact: tuple[int, float] | None = None
        bound: list[int] | None = None
        bound_day = 0.0
        for k, (first, copies) in enumerate(members):
            claim = claims.claims[first]
            day = _day(claims, claim)
            if claim.state == "revised":
                revision = _revision(claims, readings, members[k + 1 :])
                if revision is not None and not readings.is_bound[first]:
                    anchor[copies], share[copies], revised[copies] = revision, 1.0, True
                    # Two readings differ by the noise of both.
                    fade[copies] = math.sqrt(2)
                    continue
            if exact is not None:
                kept = _kept(day - exact[1], priors)
                anchor[copies], share[copies] = exact[0], kept
                fade[copies] = math.sqrt(1 - kept**2)
            if readings.is_bound[first]:
                if bound is not None:
                    weight[_weaker(claims, bound, copies)] = 0.0
                    weight[copies] *= 1 - _kept(day - bound_day, priors)
                bound, bound_day = copies, day
            elif claim.state == "standing":
                exact = first, day
    return Chains(anchor=anchor, share=share, is_revised=revised, fade=fade, weight=weight)


def _kept(days: float, priors: Priors) -> float:
    return priors.serial_share * math.exp(-days / priors.serial_days)


def _weaker(claims: ClaimSet, before: list[int], now: list[int]) -> list[int]:
    """Of two bounds that follow each other, the one that the other implies; none if neither does.

    A running total does not fall, so the same "at least" said again later says nothing new, and
    the same "at most" said again later says all.
    """
    old, new = claims.claims[before[0]], claims.claims[now[0]]
    if old.kind != new.kind or old.value != new.value or old.words != new.words:
        return []
    return before if new.kind == "at_most" else now


def _revision(
    claims: ClaimSet, readings: Readings, later: list[tuple[int, list[int]]]
) -> int | None:
    """The next exact number of the same voice that was not given up in turn."""
    for first, _ in later:
        if claims.claims[first].state != "withdrawn" and not readings.is_bound[first]:
            return first
    return None


def _threads(claims: ClaimSet, voice_of: Indices) -> dict[Hashable, list[tuple[int, list[int]]]]:
    """Distinct claims of each voice on each figure, in time, with the indices of their copies."""
    copies: dict[tuple[int, Claim], list[int]] = defaultdict(list)
    for k, claim in enumerate(claims):
        if claim.kind != "truth":
            copies[int(voice_of[k]), content_of(claims, claim)].append(k)
    threads: dict[Hashable, list[tuple[int, list[int]]]] = defaultdict(list)
    for (voice, content), indices in copies.items():
        threads[voice, content.figure, content.since].append((indices[0], indices))
    for members in threads.values():
        members.sort(key=lambda member: _order(claims, claims.claims[member[0]]))
    return threads


def _order(claims: ClaimSet, claim: Claim) -> tuple[object, ...]:
    """Time first; what is left does not depend on the order of the table."""
    numbers = tuple(-1.0 if x is None else x for x in (claim.value, claim.low, claim.high))
    return _day(claims, claim), claim.state != "revised", claim.kind, numbers, claim.source


def _day(claims: ClaimSet, claim: Claim) -> float:
    """Day that a claim belongs to: of a running total, the last it covers; else when it was made.

    Undated claims are taken for claims of one day.
    """
    accrues = claims.figures[claims.base_parts(claim.figure)[0]].accrues
    day: dt.date | None = claim.date if accrues else claim.said or claim.date
    return float(day.toordinal()) if day else 0.0


def _weights(claims: ClaimSet) -> Array:
    """Share of each claim among its exact repeats, which say nothing new."""
    said = [content_of(claims, claim) for claim in claims]
    repeats = Counter(said)
    return np.array([1 / repeats[content] for content in said])


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
    bases = sorted(claims.base_parts(claim.figure))
    return replace(
        claim,
        figure=" + ".join(bases),
        role=claims.role_of(claim),
        since=None if claim.since == claims.start else claim.since,
        date=claim.date if claims.figures[bases[0]].accrues else None,
        status=claim.state,
        said=None,
        quote="",
        url="",
        note="",
        extra=(),
    )
