"""Errors of sources in past cases: claim minus truth, on the scale of the figure."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

import numpy as np

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.percent import is_percentage
from reconcile.claims.roles import DEFAULT_ROLE
from reconcile.errors import AssumptionWarning
from reconcile.models.linear_scale.design import linear_design
from reconcile.models.linear_scale.readings import is_number, placed
from reconcile.models.log_scale.design.completeness import expected_completeness_log
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.design.interests import NO_INTEREST
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.priors.priors import Priors

__all__ = ["PastError", "past_errors"]


class PastError(NamedTuple):
    """What one source was off by about one figure: the mean of its numbers.

    Parameters
    ----------
    kind : tuple of str
        Scale, unit (of linear figures), and setting (of others): errors of different kinds are
        not compared.
    source : str
        Its name, or that of the origin that it repeats.
    figure, case, block : str
        Figure with its case and population, its case, and the year that it is about.
    role : str
        Role and interest, whose mean error is not the source's own.
    error : float
        Claimed minus true, less what is expected of the role.
    stated : float
        Standard deviation that is known.
    unit : float
        What the rest of its standard deviation is in proportion to.
    share : float
        Share of the source's bias that is in it.
    """

    kind: tuple[str, str, str]
    source: str
    figure: str
    case: str
    block: str
    role: str
    error: float
    stated: float
    unit: float
    share: float


def past_errors(cases: Mapping[str, ClaimSet], priors: Priors) -> list[PastError]:
    """Errors of all sources in cases with truths; figures on record have none."""
    found: list[PastError] = []
    with warnings.catch_warnings():
        # Each fit says what it assumes; that is not for here.
        warnings.simplefilter("ignore", AssumptionWarning)
        for name, case in sorted(cases.items()):
            if case.family == "truth_discovery" or case.columns.spoken.all():
                continue
            each = _linear if case.family == "linear_scale" else _log
            if case.columns.spoken.any():
                found += each(name, case, priors)
    return sorted(found)


def _linear(name: str, case: ClaimSet, priors: Priors) -> Iterator[PastError]:
    truths = {
        (c.population, c.figure): placed(c, case.figures[c.figure]) for c in case if c.is_truth
    }
    # Bounds alone may not be enough for a design.
    told = {
        (c.population, c.figure)
        for c in case
        if not c.is_truth and c.state == "standing" and is_number(c)
    }
    kept = [c for c in case if (c.population, c.figure) in truths.keys() & told]
    if not kept:
        return
    case = case.replace(kept)
    plan = linear_design(case, priors)
    years: dict[int, str] = {}
    interests: dict[int, str] = {}
    for claim, voice in zip(case, plan.voice_of.tolist(), strict=True):
        if not claim.is_truth:
            years.setdefault(voice, _year(name, case, claim))
            interests.setdefault(voice, claim.interest or NO_INTEREST)
    for k, voice in enumerate(plan.voices):
        about = voice.population, voice.figure
        if about not in truths or plan.precision[k] == 0:
            continue
        figure = case.figures[voice.figure]
        is_share, percent = figure.scale == "share", is_percentage(figure.unit)
        unit = "" if is_share else "percent" if percent else figure.unit
        yield PastError(
            kind=(figure.scale, unit, ""),
            source=voice.source,
            figure=" | ".join((name, *about)),
            case=name,
            block=years[k],
            role=f"{voice.role or DEFAULT_ROLE} | {interests[k]}",
            error=float(plan.centre[k] - truths[about]),
            stated=float(plan.precision[k] ** -0.5),
            unit=1.0 if percent or is_share else float(plan.spread[plan.voice_quantity[k]]),
            share=1.0,
        )


def _log(name: str, case: ClaimSet, priors: Priors) -> Iterator[PastError]:
    plan = design(case, priors)
    said = plan.readings.centre_log
    truths = {
        _about(case, c): said[k] for k, c in enumerate(case) if c.is_truth and c.kind == "truth"
    }
    expected = plan.biases.mean_log + expected_completeness_log(plan.registers, len(case))
    of_bias = plan.shares.bias * plan.biases.voice_sd_log[plan.speakers.voice_of]
    unit = np.sqrt(of_bias**2 + plan.noise.expected_variance)
    rows = []
    for k, claim in enumerate(case):
        told = (
            claim.is_truth
            or claim.state != "standing"
            or plan.readings.is_bound[k]
            or claim.kind == "ratio"
        )
        if told or not np.isfinite(said[k]) or _about(case, claim) not in truths:
            continue
        voice = plan.speakers.voices[plan.speakers.voice_of[k]]
        key = voice.source, claim.population, claim.figure
        off = said[k] - truths[_about(case, claim)] - expected[k]
        role = f"{voice.role or DEFAULT_ROLE} | {voice.interest}"
        rows.append((key, role, _year(name, case, claim), off, unit[k], plan.shares.bias[k]))
    for key, group in groupby(sorted(rows), key=lambda row: row[0]):
        mine = list(group)
        error, size, share = np.mean([row[3:] for row in mine], axis=0).tolist()
        yield PastError(
            kind=("log", "", case.setting),
            source=key[0],
            figure=" | ".join((name, *key[1:])),
            case=name,
            block=mine[0][2],
            role=mine[0][1],
            error=error,
            stated=0.0,
            unit=size,
            share=share,
        )


def _about(case: ClaimSet, claim: Claim) -> tuple[object, ...]:
    days = (claim.date, claim.since) if is_dated(case, claim.figure) else ()
    return claim.population, claim.figure, claim.per, *days


def _year(name: str, case: ClaimSet, claim: Claim) -> str:
    """The year that a claim is about; without one, its case."""
    day = claim.date or case.end or claim.said
    return str(day.year) if day else name
