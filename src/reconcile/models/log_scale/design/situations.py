"""In which situation a source speaks: its role and interest, the setting, the time since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reconcile.claims.claim_set import ClaimSet

__all__ = ["Context", "Situation", "ages", "contexts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where and when the figures of a population belong: of the case, or of one among many.

    Parameters
    ----------
    case : str
        Name of the case; empty where there is only one.
    setting : str
        Of the case.
    over : datetime.date, optional
        Day on which the event was over, as far as it is known.
    """

    case: str
    setting: str
    over: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides which way a source is expected to err, and by how much."""

    role: str
    interest: str
    setting: str


def contexts_of(claims: ClaimSet, *, case: str = "") -> dict[str, Context]:
    """Context of every population of a case.

    A case without a setting in which somebody is an enemy is a war. An event whose end is not
    known was over when it began, and one whose start is not known either when it was first
    spoken of.

    Parameters
    ----------
    claims : ClaimSet
        Of one case.
    case : str, optional
        Its name.

    Returns
    -------
    dict of str to Context
        By population.
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
    """Day on which each population was first spoken of, truths left out."""
    columns = claims.columns
    said, date = columns.days("said"), columns.days("date")
    day = np.where(np.isnan(said), date, said)
    counts = columns.spoken & ~np.isnan(day)
    first = np.full(len(claims.populations), np.inf)
    np.minimum.at(first, columns["population"].codes[counts], day[counts])
    days = zip(claims.populations, first.tolist(), strict=True)
    return {name: dt.date.fromordinal(int(day)) for name, day in days if day < np.inf}


def ages(claims: ClaimSet, contexts: Mapping[str, Context]) -> np.ndarray:
    """Days from what is spoken of to the claim; 0 where nothing is known.

    For a running total they count from the last day that it covers, for a fixed figure from the
    end of the event.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    contexts : mapping of str to Context
        By population.

    Returns
    -------
    ndarray of shape (claim,)
    """
    columns, compositions = claims.columns, claims.compositions
    said, date = columns.days("said"), columns.days("date")
    over = columns["population"].map(
        lambda name: day.toordinal() if (day := contexts[name].over) else np.nan
    )
    is_dated = columns["figure"].map(lambda name: compositions[name].is_dated)
    passed = np.where(np.isnan(said), date, said) - np.where(is_dated, date, over)
    return np.asarray(np.fmax(passed, 0.0))
