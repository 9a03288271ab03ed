"""Slow change of the bias of a voice that speaks often."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.chains import content_of
from reconcile.claimset import ClaimSet
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


def drift_of(claims: ClaimSet, voice_of: NDArray[np.intp]) -> Drift:
    """Random walks of the biases of voices with many claims on running totals.

    A knot every two months, linear in between; at the first claim the walk is at 0.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    voice_of : ndarray of shape (claim,)
        Index of each claim's voice.

    Returns
    -------
    Drift
    """
    by_voice: dict[int, list[int]] = defaultdict(list)
    for k, claim in enumerate(claims):
        if is_dated(claims, claim.figure) and claim.date and claim.kind != "truth":
            by_voice[int(voice_of[k])].append(k)
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    labels: list[str] = []
    for voice, members in by_voice.items():
        days = np.array([_day(claims, k) for k in members])
        n_steps = int(np.ceil((days.max() - days.min()) / _KNOT_DAYS))
        distinct = {content_of(claims, claims.claims[k]) for k in members}
        if len(distinct) < _FEWEST_CLAIMS or not n_steps:
            continue
        passed = (days - days.min()) / _KNOT_DAYS
        for step in range(n_steps):
            share = np.clip(passed - step, 0.0, 1.0)
            for k, part in zip(members, share, strict=True):
                if part > 0:
                    rows.append(k)
                    columns.append(len(labels))
                    values.append(float(part) * float(np.sqrt(_KNOT_DAYS / _YEAR_DAYS)))
            labels.append(f"{voice}, {step + 1}")
    return Drift(
        claim=np.array(rows, dtype=np.intp),
        step=np.array(columns, dtype=np.intp),
        reach=np.array(values),
        labels=tuple(labels),
    )


def _day(claims: ClaimSet, k: int) -> int:
    day = claims.claims[k].date
    assert day is not None  # only dated claims are asked for
    return day.toordinal()
