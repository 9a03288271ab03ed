"""Situation of a speaker: role, interest, setting, and time since the event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reconcile.claims.claim_set import ClaimSet

__all__ = ["Context", "Situation", "ages", "contexts_of", "passed_days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Case to which a population's figures belong.

    Parameters
    ----------
    case : str
        Its name; empty where there is only one.
    setting : str
        Its setting.
    over : datetime.date, optional
        Last day of the event, if known.
    """

    case: str
    setting: str
    over: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Determinants of the expected bias of a source."""

    role: str
    interest: str
    setting: str


def contexts_of(claims: ClaimSet, *, case: str = "") -> dict[str, Context]:
    """Context of every population of a case.

    A case without a setting in which a source is an enemy is a war. An event without a known end is
    taken to end when it began, and without a known start when it was first spoken of.
    """
    setting = claims.setting
    if setting == "other" and "enemy" in claims.claim_roles:
        setting = "war"
    known = claims.end or claims.start
    first = {} if known else _first_spoken_of(claims)
    return {
        population: Context(case=case, setting=setting, over=known or first.get(population))
        for population in claims.populations
    }


def _first_spoken_of(claims: ClaimSet) -> dict[str, dt.date]:
    """Day of the first claim on each population, truths excluded."""
    columns = claims.columns
    said, date = columns.days("said"), columns.days("date")
    day = np.where(np.isnan(said), date, said)
    counts = columns.spoken & ~np.isnan(day)
    first = np.full(len(claims.populations), np.inf)
    np.minimum.at(first, columns["population"].codes[counts], day[counts])
    days = zip(claims.populations, first.tolist(), strict=True)
    return {name: dt.date.fromordinal(int(day)) for name, day in days if day < np.inf}


def ages(claims: ClaimSet, contexts: Mapping[str, Context]) -> np.ndarray:
    """Days, at least 0, from a total's last day or a fixed figure's event; 0 if unknown."""
    return np.asarray(np.fmax(passed_days(claims, contexts), 0.0))


def passed_days(claims: ClaimSet, contexts: Mapping[str, Context]) -> np.ndarray:
    """Days from a total's last day or a fixed figure's event; nan if unknown."""
    columns, compositions = claims.columns, claims.compositions
    said, date = columns.days("said"), columns.days("date")
    over = columns["population"].map(
        lambda name: day.toordinal() if (day := contexts[name].over) else np.nan
    )
    is_dated = columns["figure"].map(lambda name: compositions[name].is_dated)
    return np.asarray(np.where(np.isnan(said), date, said) - np.where(is_dated, date, over))
