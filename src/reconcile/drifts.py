"""Slow change of the bias of a voice that speaks often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.chains import contents_of
from reconcile.claimset import ClaimSet
from reconcile.columns import alike
from reconcile.incidence import is_dated

__all__ = ["Drift", "drift_of"]

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
        What :func:`reconcile.chains.contents_of` gives.

    Returns
    -------
    Drift
    """
    columns = claims.columns
    days_of = columns.days("date")
    moves = columns["figure"].map(lambda name: is_dated(claims, name)) & ~np.isnan(days_of)
    moves &= columns.spoken
    walking = np.flatnonzero(moves)
    groups = alike([voice_of[walking]])
    sizes = np.bincount(groups.of, minlength=len(groups))
    by_voice, ends = walking[np.argsort(groups.of, kind="stable")], np.cumsum(sizes)
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
