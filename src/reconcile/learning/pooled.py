"""Pooling many cases into one set of claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.doubts import without_doubts
from reconcile.claims.figure import Figure
from reconcile.claims.roles import DEFAULT_ROLE
from reconcile.claims.source import Source
from reconcile.claims.units import measure_of
from reconcile.errors import ClaimError, Problem
from reconcile.models.log_scale.design.interests import interest_of
from reconcile.models.log_scale.design.situations import Context, contexts_of
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.models.log_scale.design.voices import origin_roles

__all__ = ["pool_cases"]

_LEGAL: Final = "figures on the log scale, in any setting but record: bias is learnt as a factor"


def pool_cases(cases: Mapping[str, ClaimSet]) -> tuple[ClaimSet, dict[str, Context]]:
    """Pool cases, prefixing every name with its case; the claims, and contexts by population."""
    # Each date of a running total becomes a fixed figure: errors are learnt, not growth.
    problems = []
    for name, case in cases.items():
        if case.family == "linear_scale":
            field, wrong = "figures", "its figures have scale linear or share"
        elif case.family == "truth_discovery":
            field, wrong = "setting", "its figures are on record"
        else:
            continue
        problems.append(Problem(field=field, value=name, wrong=wrong, legal=_LEGAL))
    if problems:
        raise ClaimError(problems)
    claims: list[Claim] = []
    figures: dict[str, Figure] = {}
    sources: dict[str, Source] = {}
    contexts: dict[str, Context] = {}
    for name, case in cases.items():
        of_case = contexts_of(case, case=name)
        of_origin = origin_roles(case)
        for claim in case:
            context = of_case[claim.population]
            pooled, parts = _pooled_claim(name, case, claim, context, of_origin)
            claims.append(pooled)
            figures.update({figure.name: figure for figure in parts})
            for source in case.sources.values():
                role = source.role_to(claim.population)
                sources[f"{name} | {source.name}"] = _source(
                    name, source, pooled.population, role, sources
                )
            if claim.date and is_dated(case, claim.figure):
                context = replace(context, over=claim.date)
            contexts[pooled.population] = context
    with without_doubts():
        pool = ClaimSet(claims, figures=figures.values(), sources=sources.values())
    return pool, contexts


def _source(
    name: str, source: Source, population: str, role: str, known: Mapping[str, Source]
) -> Source:
    """A source with its name in the pool, and its role to one more population."""
    label = f"{name} | {source.name}"
    roles = dict(known[label].roles) if label in known else {}
    if role:
        roles[population] = role
    group = f"{name} | {source.group}" if source.group else ""
    return Source(name=label, roles=roles, group=group)


def _pooled_claim(
    name: str,
    case: ClaimSet,
    claim: Claim,
    context: Context,
    of_origin: Mapping[tuple[str, str], str],
) -> tuple[Claim, list[Figure]]:
    """A claim with the names that its figure, population and source have in the pool."""
    when = ""
    if is_dated(case, claim.figure):
        since = f" since {claim.since}" if claim.since else ""
        when = f" to {claim.date}{since}"
    bases = [case.figures[base] for base in case.base_parts(claim.figure)]
    figures = [
        Figure(
            name=f"{name} | {f.name}{when}",
            accrues=False,
            unit_size=f.unit_size,
            counts=f.counts,
        )
        for f in bases
    ]
    sides = [
        " + ".join(f"{name} | {base}{when}" for base in case.base_parts(side))
        for side in claim.sides
    ]
    # A rate becomes the total over its period.
    times = measure_of(case, claim).times if claim.per else 1.0
    numbers: dict[str, Any] = {
        key: None if getattr(claim, key) is None else getattr(claim, key) * times
        for key in ("value", "low", "high")
    }
    role = "" if claim.is_truth else case.role_of(claim) or DEFAULT_ROLE
    speaker = of_origin.get((claim.origin, claim.population), role)
    interest = interest_of(case, claim, setting=context.setting, role=speaker)
    pooled = replace(
        claim,
        figure=" / ".join(sides),
        per="",
        **numbers,
        population=f"{name} | {claim.population}{when}",
        source=f"{name} | {claim.source}",
        origin=f"{name} | {claim.origin}" if claim.origin else "",
        role=role,
        interest="" if claim.is_truth else interest,
        since=None,
        extra=(),
    )
    return pooled, figures
