"""Laplace approximation: a normal distribution at the mode, and a measure of its error."""

from __future__ import annotations

import numpy as np
import xarray as xr

from reconcile.inference.cholesky import identity_factor
from reconcile.inference.density import CompiledDensity

__all__ = ["laplace_draws"]

# Number of draws whose importance weights are computed.
_MAX_WEIGHTS = 1000


def laplace_draws(
    density: CompiledDensity, *, draws: int, chains: int, seed: int
) -> tuple[dict[str, np.ndarray], xr.Dataset, float]:
    """Draws, statistics and Pareto k of the Laplace approximation; needs a whitened density."""
    from arviz_stats.base import array_stats

    n = density.shift.size
    if not density.root.size:
        most = density.most_whitened
        raise ValueError(
            f"method='laplace': the model has {n} variables, and their Hessian is computed for at "
            f"most {most}, or for more only if no rate changes and each depends on few others; use "
            "method='nuts' or fewer claims"
        )
    steps = np.random.default_rng(seed).standard_normal((chains, draws, n))
    some = steps.reshape(-1, n)[:_MAX_WEIGHTS]
    points = density.shift + density.root.apply(some)
    plain = density.with_coordinates(density.shift, identity_factor())
    # The Jacobian of the coordinates is constant.
    weights = np.array([-plain.slope(point)[0] for point in points]) + 0.5 * (some**2).sum(axis=1)
    # Below 0.7 the error is small; rare with many variables. https://jmlr.org/papers/v25/19-556.html
    # ArviZ takes log-likelihoods, whose negatives are the log weights.
    _, pareto_k = array_stats.psislw(weights.max() - weights)
    none = np.zeros((chains, draws), dtype=bool)
    statistics = xr.Dataset({"diverging": (("chain", "draw"), none)})
    return density.unpacked(steps), statistics, float(pareto_k)
