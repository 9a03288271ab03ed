"""Situation of a speaker: role, interest, setting, and time since the event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from reconcile.claims.claim_set import ClaimSet

__all__ = ["Context", "Situation", "ages", "contexts_of", "passed_days", "spoken_days"]

# Of a claim whose day is unknown: who leaves out the days has no running news in mind, and a month
# later most tolls of the track record had settled.
USUAL_AGE_DAYS: Final = 30.0


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

    An event without a known end is taken to end when it began, and without a known start when it
    was first spoken of.
    """
    known = claims.end or claims.start
    first = {} if known else _first_spoken_of(claims)
    return {
        population: Context(case=case, setting=claims.setting, over=known or first.get(population))
        for population in claims.populations
    }


def _first_spoken_of(claims: ClaimSet) -> dict[str, dt.date]:
    """Day of the first claim on each population, truths excluded."""
    columns, day = claims.columns, spoken_days(claims)
    counts = columns.spoken & ~np.isnan(day)
    first = np.full(len(claims.populations), np.inf)
    np.minimum.at(first, columns["population"].codes[counts], day[counts])
    days = zip(claims.populations, first.tolist(), strict=True)
    return {name: dt.date.fromordinal(int(day)) for name, day in days if day < np.inf}


def ages(claims: ClaimSet, contexts: Mapping[str, Context]) -> np.ndarray:
    """Days, at least 0, from a total's last day or a fixed figure's event."""
    passed = passed_days(claims, contexts)
    return np.where(np.isnan(passed), USUAL_AGE_DAYS, np.fmax(passed, 0.0))


def passed_days(claims: ClaimSet, contexts: Mapping[str, Context]) -> np.ndarray:
    """Days from a total's last day or a fixed figure's event; nan if unknown."""
    columns, compositions = claims.columns, claims.compositions
    over = columns["population"].map(
        lambda name: day.toordinal() if (day := contexts[name].over) else np.nan
    )
    is_dated = columns["figure"].map(lambda name: compositions[name].is_dated)
    return np.asarray(spoken_days(claims) - np.where(is_dated, columns.days("date"), over))


def spoken_days(claims: ClaimSet) -> np.ndarray:
    """Day on which each claim was made, or else that it is about; nan if unknown."""
    said, date = claims.columns.days("said"), claims.columns.days("date")
    return np.where(np.isnan(said), date, said)
