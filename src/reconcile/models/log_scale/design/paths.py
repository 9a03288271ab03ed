"""Paths of running totals: how a smooth log rate becomes shares of the total (NumPy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["PATH_SPREAD", "Ceilings", "Knots", "knots_of", "node_values", "squash"]

type Array = NDArray[np.float64]
type Ceilings = tuple[tuple[tuple[tuple[int, ...], float], ...], ...]
# Spread of the standard deviations of changes of log rates, log scale: each is known to a factor of
# two or so.
PATH_SPREAD: Final = 0.4
_FEWEST_KNOTS, _MOST_KNOTS = 8, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Knots:
    """Where a log rate is free to bend, and how it goes on between.

    Parameters
    ----------
    walk : ndarray of shape (knot, innovation)
        Log rate at each knot for standard normal innovations; the first knot is at 0, since only
        differences of the log rate matter.
    before : ndarray of int of shape (date,)
        Last knot before the middle of each stretch.
    share : ndarray of shape (date,)
        How far the middle is on the way from there to the next one, from 0 to 1.
    """

    walk: Array
    before: NDArray[np.intp]
    share: Array

    @property
    def matrix(self) -> Array:
        """Log rate in each stretch for standard normal innovations: shape (date, innovation)."""
        share = self.share[:, None]
        return np.asarray((1 - share) * self.walk[self.before] + share * self.walk[self.before + 1])


def knots_of(days: Array, *, time_scale: float) -> Knots:
    """Knots of the log rate of running totals.

    A random walk with unit standard deviation over the time scale, taken at knots and interpolated
    linearly between them. The scale is a number of days and not the span of the claims, or an
    empty claim for a far day would stiffen the path everywhere else. There is a knot for each
    stretch up to eight, then about two for each square root of their number. The number of claims
    plays no part, or a claim that says nothing would change the prior.

    Parameters
    ----------
    days : ndarray of shape (date,)
        Length of each stretch in days.
    time_scale : float
        Days in which the log rate changes by one standard deviation.

    Returns
    -------
    Knots
        With one innovation fewer than knots, and none for a single stretch.
    """
    if len(days) < 2:
        return Knots(
            walk=np.zeros((2, 0)), before=np.zeros(len(days), np.intp), share=np.zeros(len(days))
        )
    middles = (np.cumsum(days) - days / 2) / time_scale
    wanted = round(2 * np.sqrt(len(days)))
    n_knots = min(len(days), max(_FEWEST_KNOTS, min(wanted, _MOST_KNOTS)))
    knots = np.quantile(middles, np.linspace(0, 1, n_knots))
    steps = np.sqrt(np.diff(knots))
    before = np.clip(np.searchsorted(knots, middles, side="right") - 1, 0, n_knots - 2)
    return Knots(
        walk=np.tril(np.broadcast_to(steps, (n_knots, n_knots - 1)), k=-1),
        before=before,
        share=np.clip((middles - knots[before]) / np.diff(knots)[before], 0.0, 1.0),
    )


def squash(free_log: Array, ceilings: Ceilings) -> Array:
    """Totals below every ceiling, by shrinking all series of a population that have one alike.

    With the gauge ``g``, the largest ratio of a sum to its ceiling, each total is divided by
    ``1 + g``. Along every ray this maps all positive totals onto those that keep all ceilings;
    the logarithm of its Jacobian, in logs of totals, is ``-log(1 + g)``.

    Parameters
    ----------
    free_log : ndarray of shape (..., series)
        Log totals before any ceiling.
    ceilings : tuple of tuple of (tuple of int, float)
        For each population, the series that each ceiling's sum is made of, and its log.

    Returns
    -------
    ndarray of shape (..., series)
        Log totals.
    """
    total_log = np.array(free_log)
    for of_population in ceilings:
        gauges = [
            np.logaddexp.reduce(total_log[..., list(members)], axis=-1) - ceiling_log
            for members, ceiling_log in of_population
        ]
        shrunk = sorted({k for members, _ in of_population for k in members})
        total_log[..., shrunk] -= np.logaddexp(0.0, np.max(gauges, axis=0))[..., None]
    return total_log


def node_values(total_log: Array, log_rate: Array, days: Array) -> Array:
    """Running totals, increments and fixed figures, in the order of the nodes.

    Parameters
    ----------
    total_log : ndarray of shape (..., series)
        Log totals at the last date; accruing series first.
    log_rate : ndarray of shape (..., accruing series, date)
        Log rate in each stretch, up to a constant.
    days : ndarray of shape (date,)
        Length of each stretch.

    Returns
    -------
    ndarray of shape (..., node)
        Natural scale.
    """
    n_accruing = log_rate.shape[-2]
    with np.errstate(divide="ignore"):
        share_log = log_rate + np.log(days)
    if share_log.size:
        share_log = share_log - np.logaddexp.reduce(share_log, axis=-1, keepdims=True)
    cells = np.exp(total_log[..., :n_accruing, None] + share_log)
    running = np.cumsum(cells, axis=-1)
    flat = (*total_log.shape[:-1], -1)
    fixed = np.exp(total_log[..., n_accruing:])
    return np.concatenate([running.reshape(flat), cells.reshape(flat), fixed], axis=-1)
