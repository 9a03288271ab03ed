"""Voices, to which biases belong, and the camps and situations that voices share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import Coded, coded, group_by
from reconcile.claims.roles import DEFAULT_ROLE, check_spoken, warn_of_missing_roles
from reconcile.claims.source import ROLES
from reconcile.models.log_scale.design.assumptions import assumptions_of
from reconcile.models.log_scale.design.interests import (
    NO_INTEREST,
    SIDES,
    counted_in,
    judged_interest,
)
from reconcile.models.log_scale.design.situations import Context, Situation
from reconcile.priors.named import NamedErrors, named_errors
from reconcile.priors.priors import Priors

__all__ = ["Voice", "Voices", "origin_roles", "voices_of"]

type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A source speaking of a population in one role and interest.

    Claims that repeat something belong to the voice of their ``origin``.
    """

    source: str
    population: str
    role: str
    interest: str
    group: str
    ambiguous: bool = False

    @property
    def label(self) -> str:
        """Readable label."""
        about = f" on {self.population}" if self.population else ""
        wish = f", interest {self.interest}" if self.ambiguous else ""
        return f"{self.source}{about} ({self.role}{wish})"

    @property
    def camp(self) -> str:
        """Label of the voices it shares errors with: its group, or all of its role and interest."""
        return f"{self.population} | {self.group or f'{self.role}, {self.interest}'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Voices of a set of claims.

    Parameters
    ----------
    voices, situations, camps : tuple
        Distinct voices, situations and labels of camps.
    voice_of : ndarray of shape (claim,)
        Index of the voice; 0 for truths, which have none.
    situation_of, camp_of : ndarray of shape (voice,)
        Index of the situation and of the camp.
    assumptions : tuple of str
        What was assumed of what they speak of, in words.
    """

    voices: tuple[Voice, ...]
    voice_of: Indices
    situations: tuple[Situation, ...]
    situation_of: Indices
    camps: tuple[str, ...]
    camp_of: Indices
    assumptions: tuple[str, ...] = ()

    def named(self, priors: Priors) -> NamedErrors:
        """What is known of each voice by its name."""
        names = [voice.source for voice in self.voices]
        return named_errors(priors.sources, names, ["log"] * len(names), [""] * len(names))


def voices_of(claims: ClaimSet, contexts: Mapping[str, Context]) -> Voices:
    """Identify the voices of a set of claims; warns of missing roles."""
    columns = claims.columns
    spoken = columns.spoken
    check_spoken(claims)
    role_of = coded(claims.claim_roles)
    warn_of_missing_roles(claims, f"they are treated as {DEFAULT_ROLE!r}, with no expected bias")
    roles = origin_roles(claims)
    subject = _subjects(claims, contexts, {*role_of.cells, *roles.values()})
    fields = [columns[name] for name in ("source", "origin", "population", "interest")]
    groups = group_by([*fields, role_of, subject, spoken.astype(np.intp)])
    position: dict[tuple[str, str, str, str], int] = {}
    of_group = []
    judged: dict[str, None] = {}
    for k in groups.first.tolist():
        if not spoken[k]:
            of_group.append(0)
            continue
        claim = claims.claims[k]
        role = claims.claim_roles[k] or DEFAULT_ROLE
        if claim.origin:
            role = roles[claim.origin, claim.population]
        interest = claim.interest
        if not interest:
            counted = subject.cells[subject.codes[k]]
            interest = judged_interest(role, counted) if role in SIDES else NO_INTEREST
            judged |= {counted: None} if role in SIDES else {}
        key = claim.origin or claim.source, claim.population, role, interest
        of_group.append(position.setdefault(key, len(position)))
    voices = _disambiguate([_voice(claims, *key) for key in position])
    situations = coded(
        [(v.role, v.interest, contexts[v.population].setting) for v in voices]
    ).recoded(lambda about: Situation(role=about[0], interest=about[1], setting=about[2]))
    camps = coded([voice.camp for voice in voices])
    return Voices(
        voices=voices,
        voice_of=np.array(of_group, dtype=np.intp)[groups.codes],
        situations=situations.cells,
        situation_of=situations.codes,
        camps=camps.cells,
        camp_of=camps.codes,
        assumptions=assumptions_of(claims, contexts, judged),
    )


def _subjects(
    claims: ClaimSet, contexts: Mapping[str, Context], roles: Iterable[str]
) -> Coded[str]:
    """Subject of each claim, where a role could make its source partial; else empty."""
    if not any(role in SIDES for role in roles):
        return Coded(cells=("",), codes=np.zeros(len(claims), dtype=np.intp))
    setting = claims.columns["population"].recoded(lambda name: contexts[name].setting)
    groups = group_by([claims.columns["figure"], setting])
    subjects = [
        counted_in(claims, claims.claims[k].figure, setting.cells[setting.codes[k]])
        for k in groups.first.tolist()
    ]
    return groups.column(subjects)


def origin_roles(claims: ClaimSet) -> dict[tuple[str, str], str]:
    """Role by (origin, population): its own as a source, else that of most who repeat it."""
    if not any(claims.columns["origin"].cells):
        return {}
    repeaters: dict[tuple[str, str], set[tuple[str, str]]] = {}
    own: dict[tuple[str, str], str] = {}
    for claim, role in zip(claims, claims.claim_roles, strict=True):
        if claim.is_truth:
            continue
        if role:
            own[claim.source, claim.population] = role
        if claim.origin:
            repeater = claim.source, role or DEFAULT_ROLE
            repeaters.setdefault((claim.origin, claim.population), set()).add(repeater)
    roles = {}
    for (origin, population), sources in repeaters.items():
        source = claims.sources.get(origin)
        counted = Counter(role for _, role in sources)
        most = max(counted, key=lambda role: (counted[role], -ROLES.index(role)))
        declared = source.role_to(population) if source else ""
        roles[origin, population] = declared or own.get((origin, population)) or most
    return roles


def _voice(claims: ClaimSet, speaker: str, population: str, role: str, interest: str) -> Voice:
    """The voice of a source or origin."""
    source = claims.sources.get(speaker)
    group = source.group if source else ""
    return Voice(source=speaker, population=population, role=role, interest=interest, group=group)


def _disambiguate(voices: list[Voice]) -> tuple[Voice, ...]:
    """Add the interest to labels of voices that differ in it alone."""
    times = Counter(voice.label for voice in voices)
    return tuple(replace(v, ambiguous=True) if times[v.label] > 1 else v for v in voices)
