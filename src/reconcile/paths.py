"""Paths of running totals: how a smooth log rate becomes shares of the total (NumPy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["innovation_matrix", "node_values", "squash"]

type Array = NDArray[np.float64]

_FEWEST_KNOTS, _MOST_KNOTS = 8, 40


def innovation_matrix(days: Array) -> Array:
    """Log rate in each stretch of time as a linear map of standard normal innovations.

    A random walk of unit standard deviation over the whole span, taken at knots and interpolated
    linearly between them. There is a knot for each stretch up to eight, then about two for each
    square root of their number. The number of claims plays no part, or a claim that says nothing
    would change the prior.

    Parameters
    ----------
    days : ndarray of shape (date,)
        Length of each stretch in days.

    Returns
    -------
    ndarray of shape (date, innovation)
        One innovation fewer than knots; the first knot is at 0, since only differences of the
        log rate matter.
    """
    if len(days) < 2:
        return np.zeros((len(days), 0))
    ends = np.cumsum(days)
    middles = (ends - days / 2) / ends[-1]
    wanted = round(2 * np.sqrt(len(days)))
    n_knots = min(len(days), max(_FEWEST_KNOTS, min(wanted, _MOST_KNOTS)))
    knots = np.quantile(middles, np.linspace(0, 1, n_knots))
    walk = np.tril(np.ones((n_knots - 1, n_knots - 1))) * np.sqrt(np.diff(knots))
    at_knots = np.vstack([np.zeros(n_knots - 1), walk])
    return np.column_stack([np.interp(middles, knots, column) for column in at_knots.T])


def squash(free_log: Array, ceilings: list[tuple[list[int], float]]) -> Array:
    """Totals below every ceiling, by shrinking the parts of each sum that has one.

    Parameters
    ----------
    free_log : ndarray of shape (..., series)
        Log totals before any ceiling.
    ceilings : list of (list of int, float)
        Series that a ceiling's sum is made of, and the log of the ceiling.

    Returns
    -------
    ndarray of shape (..., series)
        Log totals; each sum ``W`` became ``1 / (1 / W + 1 / ceiling)``, one after another.
    """
    total_log = np.array(free_log)
    for members, ceiling_log in ceilings:
        whole = np.logaddexp.reduce(total_log[..., members], axis=-1)
        total_log[..., members] -= np.logaddexp(0.0, whole - ceiling_log)[..., None]
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
