"""Effective number of independent claims on a figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_CLAIMS", "Independence", "effective_number"]

type Array = NDArray[np.float64]
# Beyond this the covariance matrix would not fit into memory.
MOST_CLAIMS: Final = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Independence:
    """Effective number of claims on one figure of one population.

    Parameters
    ----------
    population, figure : str
        The population, and the figure.
    n_claims : int
        Claims on exactly this figure, at any date; truths excluded.
    n_effective : float
        Number of claims with independent errors that would be as informative; nan beyond 3,000
        claims.
    """

    population: str
    figure: str
    n_claims: int
    n_effective: float


def effective_number(
    covariance: Array, *, solve: Callable[[Array, Array], Array] = np.linalg.solve
) -> float:
    r"""Sum of the inverse of the correlation matrix, :math:`1^\top R^{-1} 1`, from 1 to ``n``."""
    sd = np.sqrt(np.diag(covariance))
    n = len(sd)
    worth = float(solve(covariance / np.outer(sd, sd), np.ones(n)).sum())
    return min(max(worth, 1.0), float(n))
