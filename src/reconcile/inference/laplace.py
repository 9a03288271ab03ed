"""The normal distribution about the mode, and how far it is from the posterior."""

from __future__ import annotations

import numpy as np
import xarray as xr

from reconcile.inference.cholesky import no_root
from reconcile.inference.density import CompiledDensity

__all__ = ["laplace_draws"]

# Importance weights are worked out for so many draws at most.
_WEIGHED = 1000


def laplace_draws(
    density: CompiledDensity, *, draws: int, chains: int, seed: int
) -> tuple[dict[str, np.ndarray], xr.Dataset, float]:
    """Draw from the normal distribution with the mode and the curvature of a density.

    Parameters
    ----------
    density : CompiledDensity
        In coordinates that know its curvature.
    draws, chains : int
        How many, and in how many parts.
    seed : int
        Of all randomness.

    Returns
    -------
    parameters : dict of str to ndarray of shape (chain, draw, ...)
        Free variables.
    statistics : xarray.Dataset
        ``diverging``, never.
    pareto_k : float
        Shape of the tail of the importance weights [1]_: below 0.7 they could mend what is wrong
        with the draws, so that little is; with many variables it seldom is.

    Raises
    ------
    ValueError
        If the density has too many variables for its curvature.

    References
    ----------
    .. [1] Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed
       importance sampling. Journal of Machine Learning Research 25(72).
       https://jmlr.org/papers/v25/19-556.html
    """
    from arviz_stats.base import array_stats

    n = density.shift.size
    if not density.root.size:
        most = density.most_whitened
        raise ValueError(
            f"method='laplace': the model has {n} variables; their curvature is worked out for at "
            f"most {most}, and for more only where no rate changes and each depends on few others; "
            "fit with method='nuts', or fewer claims"
        )
    steps = np.random.default_rng(seed).standard_normal((chains, draws, n))
    some = steps.reshape(-1, n)[:_WEIGHED]
    points = density.shift + density.root.apply(some)
    plain = density.moved(density.shift, no_root())
    # The determinant of the coordinates is the same for all.
    weights = np.array([-plain.slope(point)[0] for point in points]) + 0.5 * (some**2).sum(axis=1)
    _, pareto_k = array_stats.psislw(weights - weights.max())
    none = np.zeros((chains, draws), dtype=bool)
    statistics = xr.Dataset({"diverging": (("chain", "draw"), none)})
    return density.unpacked(steps), statistics, float(pareto_k)
