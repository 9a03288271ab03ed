"""A mixture of multivariate t distributions: where the parts of a posterior lie, and how wide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import gammaln, logsumexp

__all__ = ["DEGREES", "Mixture", "fitted", "halves"]

type Array = NDArray[np.float64]
# Degrees of freedom: tails heavier than those of the posterior, so that all of it is proposed.
DEGREES: Final = 6.0
_STEPS: Final = 10
_LEAST_SHARE: Final = 0.01
# The previous scale of a part counts as this many draws for each variable.
_PRIOR_WORTH: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Centres (part, n), lower triangular roots of the scale (part, n, n), and shares (part,)."""

    centre: Array
    root: Array
    share: Array

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return len(self.share)

    @property
    def log_height(self) -> Array:
        """Log of share times density at the centre of each part."""
        n = self.centre.shape[1]
        constant = gammaln((DEGREES + n) / 2) - gammaln(DEGREES / 2)
        constant -= n / 2 * np.log(DEGREES * np.pi)
        widths = np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(np.log(self.share) + constant - widths)

    @property
    def arrays(self) -> tuple[Array, Array, Array, Array]:
        """What the compiled sampler reads."""
        return (
            np.ascontiguousarray(self.centre),
            np.ascontiguousarray(self.root),
            self.log_height,
            np.cumsum(self.share),
        )

    def part(self, k: int) -> Mixture:
        """One part by itself."""
        one = slice(k, k + 1)
        return Mixture(centre=self.centre[one], root=self.root[one], share=np.ones(1))

    def log_terms(self, points: Array) -> tuple[Array, Array]:
        """Log of share times density of points (point, n) by part, and squared distances."""
        n = points.shape[1]
        off = [
            solve_triangular(root, (points - centre).T, lower=True)
            for centre, root in zip(self.centre, self.root, strict=True)
        ]
        square = np.stack([(part**2).sum(axis=0) for part in off], axis=1)
        return self.log_height - (DEGREES + n) / 2 * np.log1p(square / DEGREES), square


def fitted(start: Mixture, points: Array) -> Mixture:
    """The mixture after some steps of EM on points (point, n)."""
    n, found = points.shape[1], start
    for _ in range(_STEPS):
        terms, square = found.log_terms(points)
        member = np.exp(terms - logsumexp(terms, axis=1, keepdims=True))
        # A t distribution is a mixture of normal ones of all scales.
        weight = member * (DEGREES + n) / (DEGREES + square)
        count, worth = member.sum(axis=0), _PRIOR_WORTH * n
        centre, root = found.centre.copy(), found.root.copy()
        for k in np.flatnonzero(count >= 1):
            centre[k] = weight[:, k] @ points / weight[:, k].sum()
            off = points - centre[k]
            scale = (weight[:, k] * off.T) @ off + worth * root[k] @ root[k].T
            root[k] = np.linalg.cholesky(scale / (count[k] + worth))
        share = np.maximum(count / count.sum(), _LEAST_SHARE)
        found = Mixture(centre=centre, root=root, share=share / share.sum())
    return found


def halves(points: Array, scale: Array) -> Mixture:
    """A start for two parts: the halves of points (point, n) along their least normal axis.

    ``scale`` is a covariance for where there are few points, as in :func:`fitted`.
    """
    n = points.shape[1]
    scaled = (points - points.mean(axis=0)) / np.sqrt(np.diag(scale))
    # Variables and their principal components.
    along = np.concatenate([scaled, scaled @ np.linalg.eigh(scaled.T @ scaled)[1]], axis=1)
    along /= along.std(axis=0)
    odd = np.abs((along**3).mean(axis=0)) + np.abs((along**4).mean(axis=0) - 3)
    parts = np.array_split(points[np.argsort(along[:, np.argmax(odd)])], 2)
    worth = _PRIOR_WORTH * n
    scales = [
        ((part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) + worth * scale)
        / (len(part) + worth)
        for part in parts
    ]
    return Mixture(
        centre=np.array([part.mean(axis=0) for part in parts]),
        root=np.linalg.cholesky(np.array(scales)),
        share=np.full(2, 0.5),
    )
