"""Peers for many figures and sources: mean, median, Gaussian truth model.

Each takes a table with columns ``figure``, ``source`` and ``value`` and returns numbers by figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

__all__ = [
    "PEERS",
    "gaussian_truth_model",
    "mean_of_claims",
    "median_of_claims",
    "without_outliers",
]

# Of the published Gaussian truth model: priors of the truth, in standard deviations of the claims,
# and of a source's variance (inverse gamma).
_PRIOR_MEAN, _PRIOR_VARIANCE, _SHAPE, _RATE = 0.0, 1.0, 10.0, 10.0
_ROUNDS = 100
_STILL = 1e-8


def mean_of_claims(claims: pd.DataFrame) -> pd.Series:
    """Mean claim of each figure."""
    return claims.groupby("figure")["value"].mean()


def median_of_claims(claims: pd.DataFrame) -> pd.Series:
    """Median claim of each figure."""
    return claims.groupby("figure")["value"].median()


def gaussian_truth_model(claims: pd.DataFrame) -> pd.Series:
    """The Gaussian truth model [1]_, fitted by expectation maximisation.

    The numbers of each figure are standardised; each source has a variance, with an inverse-gamma
    prior, and each truth a normal prior.

    References
    ----------
    .. [1] Zhao, B. and Han, J. (2012). A probabilistic model for estimating real-valued truth from
       conflicting sources. 10th International Workshop on Quality in Databases (QDB).
    """
    figure, figures = pd.factorize(claims["figure"])
    source, sources = pd.factorize(claims["source"])
    value = claims["value"].to_numpy(dtype=float)
    said = np.bincount(figure)
    mean = np.bincount(figure, value) / said
    sd = np.sqrt(np.bincount(figure, (value - mean[figure]) ** 2) / said)
    sd = np.where(sd > 0, sd, 1.0)
    standard = (value - mean[figure]) / sd[figure]
    # The published algorithm starts from the median.
    truth = pd.Series(standard).groupby(figure).median().to_numpy()
    n_said = np.bincount(source, minlength=len(sources))
    for _ in range(_ROUNDS):
        square = np.bincount(source, (standard - truth[figure]) ** 2, len(sources))
        variance = (2 * _RATE + square) / (2 * (_SHAPE + 1) + n_said)
        weight = 1.0 / variance[source]
        top = _PRIOR_MEAN / _PRIOR_VARIANCE + np.bincount(figure, weight * standard)
        found = top / (1 / _PRIOR_VARIANCE + np.bincount(figure, weight))
        moved = np.abs(found - truth).max()
        truth = found
        if moved < _STILL:
            break
    return pd.Series(mean + sd * truth, index=figures)


def without_outliers(claims: pd.DataFrame, *, share: float = 0.9) -> pd.DataFrame:
    """Claims within ``share`` of the median of their figure, or all if there are none."""
    middle = claims.groupby("figure")["value"].transform("median")
    near = (claims["value"] - middle).abs() <= share * middle
    left = near.groupby(claims["figure"]).transform("any")
    return claims[near | ~left]


PEERS: Final[Mapping[str, Callable[[pd.DataFrame], pd.Series]]] = MappingProxyType(
    {"mean": mean_of_claims, "median": median_of_claims, "gtm": gaussian_truth_model}
)
