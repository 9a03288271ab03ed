"""Paths of running totals: shares of the total from a smooth log rate (NumPy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["PATH_SPREAD", "Knots", "apart", "knots_of", "node_values"]

type Array = NDArray[np.float64]
# Prior log standard deviation of the innovation scales: known to within a factor of two or so.
PATH_SPREAD: Final = 0.4
_FEWEST_KNOTS, _MOST_KNOTS = 8, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Knots:
    """Piecewise linear log rate: values at knots, and interpolation weights.

    Parameters
    ----------
    walk : ndarray of shape (knot, innovation)
        Log rate at each knot per standard normal innovation. It is 0 at the first knot, since only
        differences matter.
    before : ndarray of int of shape (date,)
        Last knot before the middle of each time step.
    share : ndarray of shape (date,)
        Position of the middle between that knot and the next, in [0, 1].
    """

    walk: Array
    before: NDArray[np.intp]
    share: Array

    @property
    def matrix(self) -> Array:
        """Log rate in each time step per standard normal innovation, shape (date, innovation)."""
        share = self.share[:, None]
        return np.asarray((1 - share) * self.walk[self.before] + share * self.walk[self.before + 1])


def knots_of(days: Array, *, time_scale: float) -> Knots:
    """Knots of a random walk with unit standard deviation over ``time_scale`` days.

    The scale is fixed, not the span of the claims, or a vacuous claim about a distant day would
    stiffen the path elsewhere. Up to eight time steps have a knot each; more have about twice the
    square root of their number. The number of claims has no influence, so that a vacuous claim
    leaves the prior unchanged.
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


def apart(population: NDArray[np.intp]) -> Array:
    """1 for running totals with a path of their own beside that of their population, else 0.

    What one figure has to itself and what a population shares cannot be told apart if it is alone.
    """
    return np.asarray(np.bincount(population)[population] > 1, dtype=float)


def node_values(total_log: Array, log_rate: Array, days: Array) -> Array:
    """Natural-scale nodes, (..., node), from log totals and log rates up to a constant."""
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
