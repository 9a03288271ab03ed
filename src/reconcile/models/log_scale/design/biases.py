"""Biases of voices: prior, levels that voices share, and slow drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.repeats import contents_of
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.priors import Priors

__all__ = ["Drift", "Levels", "drift_of", "levels_of"]

# Voices with fewer claims on running totals do not drift: nothing could be learnt of it.
_FEWEST_CLAIMS = 20
_KNOT_DAYS = 60.0
_YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A sparse matrix from standard normal innovations to changes of biases.

    Parameters
    ----------
    claim, step : ndarray of shape (entry,)
        Row and column.
    reach : ndarray of shape (entry,)
        Value: square root of years.
    labels : tuple of str
        One for each column: number of the voice and of its step.
    """

    claim: NDArray[np.intp]
    step: NDArray[np.intp]
    reach: NDArray[np.float64]
    labels: tuple[str, ...]


def drift_of(
    claims: ClaimSet, voice_of: NDArray[np.intp], contents: NDArray[np.intp] | None = None
) -> Drift:
    """Random walks of the biases of voices with many claims on running totals.

    A knot every two months, linear in between; at the first claim the walk is at 0.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    voice_of : ndarray of shape (claim,)
        Index of each claim's voice.
    contents : ndarray of shape (claim,), optional
        What ``contents_of`` gives.

    Returns
    -------
    Drift
    """
    columns = claims.columns
    days_of = columns.days("date")
    moves = columns["figure"].map(lambda name: is_dated(claims, name)) & ~np.isnan(days_of)
    moves &= columns.spoken
    walking = np.flatnonzero(moves)
    groups = group_by([voice_of[walking]])
    sizes = np.bincount(groups.codes, minlength=len(groups))
    by_voice, ends = walking[np.argsort(groups.codes, kind="stable")], np.cumsum(sizes)
    rows: list[NDArray[np.intp]] = []
    steps: list[NDArray[np.intp]] = []
    values: list[NDArray[np.float64]] = []
    labels: list[str] = []
    for group in np.flatnonzero(sizes >= _FEWEST_CLAIMS).tolist():
        of = by_voice[ends[group] - sizes[group] : ends[group]]
        voice, days = int(voice_of[of[0]]), days_of[of]
        contents = contents_of(claims) if contents is None else contents
        n_steps = int(np.ceil((days.max() - days.min()) / _KNOT_DAYS))
        if len(np.unique(contents[of])) < _FEWEST_CLAIMS or not n_steps:
            continue
        passed = (days - days.min()) / _KNOT_DAYS
        for step in range(n_steps):
            share = np.clip(passed - step, 0.0, 1.0)
            there = share > 0
            rows.append(of[there])
            steps.append(np.full(len(rows[-1]), len(labels), dtype=np.intp))
            values.append(share[there] * float(np.sqrt(_KNOT_DAYS / _YEAR_DAYS)))
            labels.append(f"{voice}, {step + 1}")
    return Drift(
        claim=np.concatenate([np.zeros(0, dtype=np.intp), *rows]),
        step=np.concatenate([np.zeros(0, dtype=np.intp), *steps]),
        reach=np.concatenate([np.zeros(0), *values]),
        labels=tuple(labels),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Prior of the biases, as a sum of independent terms; arrays of shape ``(voice,)``.

    A level that would belong to one voice alone is put into the level below it, so that no two
    parameters stand for the same thing.

    Parameters
    ----------
    mean_log : ndarray
        Prior mean.
    role_log, camp_log, voice_log : ndarray
        Standard deviations of what is shared by a situation, shared by a camp, and a voice's own.
    """

    mean_log: np.ndarray
    role_log: np.ndarray
    camp_log: np.ndarray
    voice_log: np.ndarray

    @property
    def sd_log(self) -> np.ndarray:
        """Prior standard deviation of each bias."""
        total: np.ndarray = np.sqrt(self.role_log**2 + self.camp_log**2 + self.voice_log**2)
        return total


def levels_of(found: Voices, priors: Priors) -> Levels:
    """Prior of the bias of every voice.

    Parameters
    ----------
    found : Voices
        Who speaks.
    priors : Priors
        The prior constants.

    Returns
    -------
    Levels
    """
    situation, camp = found.situation_of, found.camp_of
    constants = [priors.bias_of(s.role, s.interest, s.setting) for s in found.situations]
    sd = np.array([bias.sd_log for bias in constants])[situation]
    mean_sd = np.array([bias.mean_sd_log for bias in constants])[situation]
    share = np.array([priors.group_share if v.group else priors.camp_share for v in found.voices])
    pairs = group_by([situation, camp]).first
    camps, situations = np.bincount(situation[pairs]), np.bincount(camp[pairs])
    same = (camps[situation] == 1) & (situations[camp] == 1)
    single = np.bincount(camp)[camp] == 1
    alone = ~same & (np.bincount(situation)[situation] == 1)
    camp_variance = share * sd**2 + np.where(same, mean_sd**2, 0.0)
    return Levels(
        mean_log=np.array([bias.mean_log for bias in constants])[situation],
        role_log=np.where(same | alone, 0.0, mean_sd),
        camp_log=np.where(single, 0.0, np.sqrt(camp_variance)),
        voice_log=np.sqrt(
            (1 - share) * sd**2
            + np.where(single, camp_variance, 0.0)
            + np.where(alone, mean_sd**2, 0.0)
        ),
    )
