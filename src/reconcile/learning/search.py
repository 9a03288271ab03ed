"""The constants under which truths are most likely given the claims about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from reconcile.learning.figures import Figure, Pool, Terms
from reconcile.learning.linear import LinearFigure, linear_log_score
from reconcile.learning.quadrature import Grid, log_score
from reconcile.priors.priors import Priors

__all__ = ["LinearScale", "LogScale", "Search"]

type Array = NDArray[np.float64]

_DIFFERENCE: Final = 0.05
_LONGEST: Final = 0.8
_HALVINGS: Final = 5
# Of a parameter to which figures add less precision than this share of its prior's, nothing is
# learnt: it would move by a hundredth of its standard deviation or so.
_LEAST_INFORMATION: Final = 0.02


class Scored(Protocol):
    """Figures, and how likely their truths are."""

    def scores(self, priors: Priors) -> Array:
        """Log density of each truth given the claims, shape (figure,)."""

    def changes(self, priors: Priors) -> Array:
        """What these scores would be, less those asked for last; for priors that are near."""


class LogScale:
    """Figures on the log scale.

    Parameters
    ----------
    figures : sequence of Figure
        At least one.
    executor : Executor
        Of threads: the density is computed without Python.
    """

    def __init__(self, figures: Sequence[Figure], executor: Executor) -> None:
        self._pool, self._executor = Pool(figures), executor
        self._grids = [Grid.of(points) for points in self._pool.grids()]
        self._near, self._scores = self._grids, np.zeros(0)
        self._terms: list[Terms] = []

    def scores(self, priors: Priors) -> Array:
        """Log density of each truth given the claims, shape (figure,)."""
        terms = self._pool.terms(priors)
        found = self._log_scores(range(len(terms)), terms, self._grids)
        self._near, self._terms = [near for _, near in found], terms
        self._scores = np.array([score for score, _ in found])
        return self._scores

    def changes(self, priors: Priors) -> Array:
        """What these scores would be, less those asked for last; for priors that are near."""
        terms = self._pool.terms(priors)
        moved = [k for k, old in enumerate(self._terms) if old.differs_from(terms[k])]
        found = np.zeros(len(terms))
        for k, (score, _) in zip(moved, self._log_scores(moved, terms, self._near), strict=True):
            found[k] = score - self._scores[k]
        return found

    def _log_scores(
        self, members: Sequence[int], terms: Sequence[Terms], grids: Sequence[Grid]
    ) -> list[tuple[float, Grid]]:
        figures = self._pool.figures
        return list(
            self._executor.map(lambda k: log_score(figures[k], terms[k], grids[k]), members)
        )


class LinearScale:
    """Figures on the natural scale."""

    def __init__(self, figures: Sequence[LinearFigure]) -> None:
        self._figures, self._scores = figures, np.zeros(0)

    def scores(self, priors: Priors) -> Array:
        """Log density of each truth given the claims, shape (figure,)."""
        self._scores = self._log_scores(priors)
        return self._scores

    def changes(self, priors: Priors) -> Array:
        """What these scores would be, less those asked for last."""
        return self._log_scores(priors) - self._scores

    def _log_scores(self, priors: Priors) -> Array:
        return np.array([linear_log_score(figure, priors) for figure in self._figures])


class Search:
    """Maximises the weighted score of figures plus the log density of normal priors.

    Steps are those of Berndt, Hall, Hall and Hausman [1]_, halved until they improve.

    Parameters
    ----------
    groups : sequence of Scored
        Figures.
    weight : ndarray of shape (figure,)
        Weight of the score of each figure, in the order of the groups.
    mean, sd : ndarray of shape (parameter,)
        Their priors.
    priors_of : callable
        The priors that parameters stand for.

    References
    ----------
    .. [1] Berndt, E. K., Hall, B. H., Hall, R. E. and Hausman, J. A. (1974). Estimation and
       inference in nonlinear structural models. Annals of Economic and Social Measurement 3,
       653-665.
    """

    def __init__(
        self,
        groups: Sequence[Scored],
        *,
        weight: Array,
        mean: Array,
        sd: Array,
        priors_of: Callable[[Array], Priors],
    ) -> None:
        self._groups, self.weight, self._priors_of = groups, weight, priors_of
        self._mean, self._precision = mean, sd**-2.0
        self._at, self._scores = np.full_like(mean, np.nan), np.zeros(0)

    def scores(self, theta: Array) -> Array:
        """Log score of each figure."""
        # A step begins where the last one ended.
        if not np.array_equal(theta, self._at):
            priors = self._priors_of(theta)
            self._scores = np.concatenate([group.scores(priors) for group in self._groups])
            self._at = theta.copy()
        return self._scores

    def bears(self, theta: Array) -> NDArray[np.bool_]:
        """Whether the figures tell anything of each parameter beside what its prior does."""
        self.scores(theta)
        slope = np.array([self._slope(theta, k) for k in range(theta.size)])
        return np.asarray(slope**2 @ self.weight > _LEAST_INFORMATION * self._precision)

    def step(self, theta: Array, *, only: NDArray[np.bool_]) -> tuple[Array, float]:
        """The next parameters, of which others than ``only`` stay, and what they gain."""
        if not only.any():
            return theta, 0.0
        scores = self.scores(theta)
        slope = np.array([self._slope(theta, k) for k in np.flatnonzero(only).tolist()])
        precision, off = self._precision[only], (theta - self._mean)[only]
        gradient = slope @ self.weight - precision * off
        curvature = (slope * self.weight) @ slope.T + np.diag(precision)
        step = np.zeros(theta.size)
        step[only] = np.clip(np.linalg.solve(curvature, gradient), -_LONGEST, _LONGEST)
        before = self._objective(theta, scores)
        for halvings in range(_HALVINGS):
            there = theta + step / 2**halvings
            gain = self._objective(there, self.scores(there)) - before
            if gain > 0:
                return there, gain
        return theta, 0.0

    def _slope(self, theta: Array, parameter: int) -> Array:
        """Derivatives of all scores with respect to a parameter."""
        there = theta.copy()
        there[parameter] += _DIFFERENCE
        priors = self._priors_of(there)
        return np.concatenate([g.changes(priors) for g in self._groups]) / _DIFFERENCE

    def _objective(self, theta: Array, scores: Array) -> float:
        off = theta - self._mean
        return float(self.weight @ scores - 0.5 * (self._precision @ off**2))
