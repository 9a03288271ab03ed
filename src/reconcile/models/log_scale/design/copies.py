"""Numbers that may have been taken from other sources instead of being found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import about_of
from reconcile.models.log_scale.design.shares import Shares
from reconcile.models.log_scale.design.situations import spoken_days
from reconcile.priors.priors import Priors

__all__ = ["Copies", "copies_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Kinds that may be copied.
_PLAIN_NUMBERS: Final = ("point", "about")
# Of copies, the share that is exact; others are rounded or brought up to date.
_EXACT: Final = 0.8
# Log distance within which the others lie, with a triangular density.
_NEAR: Final = 0.1
# Log distance of equal numbers.
_SAME: Final = 1e-9
# Earlier numbers that are looked at.
_LOOKED_AT: Final = 30
# Errors that differ by no more than this factor are equal.
_AS_GOOD: Final = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Whether claims are copies, as far as numbers tell; arrays of shape ``(claim,)``.

    Parameters
    ----------
    apart : ndarray
        Prior probability that a claim is no copy.
    copied : ndarray
        Probability that it is one, times that of its number if so.
    """

    apart: Array
    copied: Array

    @property
    def logs(self) -> tuple[Array, Array]:
        """Logarithms of both; minus infinity of a claim that is like no other."""
        with np.errstate(divide="ignore"):
            return np.log(self.apart), np.log(self.copied)


def copies_of(
    claims: ClaimSet,
    readings: Readings,
    voice_of: Indices,
    shares: Shares,
    error: Array,
    priors: Priors,
) -> Copies:
    """Copies of what other voices said before that know no less; undated claims come last.

    Nobody copies a voice whose ``error``, of shape ``(claim,)``, was expected to be larger from the
    day of the event on. The number of a copy is one of the earlier ones, each with equal chances,
    or lies near it.
    """
    columns = claims.columns
    told = columns["kind"].map(lambda kind: kind in _PLAIN_NUMBERS) & columns.spoken
    told &= np.isfinite(readings.centre_log) & ~readings.is_linear.astype(bool)
    about = group_by([*about_of(claims), columns["population"]]).codes
    said, name = spoken_days(claims), columns["source"].ranks()
    rows = np.flatnonzero(told)
    # Days that are not known sort last.
    key = readings.centre_log, name, error, said, about
    rows = rows[np.lexsort([each[rows] for each in key])]
    about, voice, number = about[rows], voice_of[rows], readings.centre_log[rows]
    cell = np.minimum((readings.down_log + readings.up_log)[rows], _NEAR) / _NEAR
    at_once = (error / shares.fog)[rows]
    likeness, n = np.zeros(len(rows)), np.zeros(len(rows))
    most = int(np.bincount(about).max(initial=0))
    for lag in range(1, min(most, _LOOKED_AT + 1)):
        other = (about[lag:] == about[:-lag]) & (voice[lag:] != voice[:-lag])
        other &= at_once[:-lag] < at_once[lag:] * _AS_GOOD
        off = np.abs(number[lag:] - number[:-lag])
        near = _EXACT * (off < _SAME) + (1 - _EXACT) * cell[lag:] * np.maximum(1 - off / _NEAR, 0)
        likeness[lag:] += np.where(other, near, 0.0)
        n[lag:] += other
    share, chance = np.zeros((2, len(told)))
    share[rows] = np.where(n > 0, priors.copied_share, 0.0)
    chance[rows] = likeness / np.maximum(n, 1)
    return Copies(apart=1 - share, copied=share * chance)
