r"""Normal random-effects meta-analysis by exact independent draws.

Estimates :math:`y_i \sim N(\theta_i, \sigma_i)` of effects :math:`\theta_i \sim N(\mu, \tau)`,
with :math:`\mu \sim N(m, s)` and a half-normal :math:`\tau`, or one times a power that is flat
near zero. Given :math:`\tau` all else is normal, which leaves one integral over :math:`\tau`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import trapezoid
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri
from scipy.stats import qmc

from reconcile._version import __version__
from reconcile.errors import ClaimError, Problem

__all__ = [
    "Between",
    "TauPrior",
    "alike",
    "between_study_logp",
    "draw_effects",
    "even_points",
    "meta_analysis",
    "overall",
    "tau_posterior",
]

type Array = NDArray[np.float64]
# Prior standard deviation of the overall effect, which may depend on that between studies.
type MuSd = float | Callable[[Array], Array]
# Standard deviation of each study about the overall effect, given tau with an axis of length one.
type Between = Callable[[Array], Array]
# Points of the grid, and the log density below which a point is negligible.
_POINTS: Final = 8001
_NOTHING: Final = -50.0
_REFINEMENTS: Final = 4
# Distance of points from the faces of the unit cube.
_EDGE: Final = 1e-10
# Range of the first grid of tau, as factors of the scale beyond which its prior falls.
_LOWEST, _HIGHEST = 1e-18, 1e3


class TauPrior(NamedTuple):
    """Half-normal of ``scale``; with a power from ``flat`` on and 2 more from ``far`` on."""

    scale: float
    flat: float = 1.0
    power: float = 0.0
    far: float = math.inf

    def logp(self, tau: Array) -> Array:
        """Log density up to a constant."""
        falling = 0.5 * self.power * np.log1p((tau / self.flat) ** 2)
        falling = falling + np.log1p((tau / self.far) ** 2)
        return np.asarray(-0.5 * (tau / self.scale) ** 2 - falling)

    def quantiles(self, p: Array) -> Array:
        """Quantiles of tau before any study."""
        none = np.zeros(0)
        return tau_posterior(none, none, mu_sd=1.0, tau_prior=self).quantiles(p)


def meta_analysis(
    y: ArrayLike,
    sigma: ArrayLike,
    *,
    mu_mean: float,
    mu_sd: float,
    tau_scale: float,
    draws: int = 1000,
    chains: int = 4,
    random_seed: int | None = None,
) -> xr.DataTree:
    """Random-effects meta-analysis of estimates with stated standard errors.

    Parameters
    ----------
    y : array_like of shape (study,)
        Estimates, of any sign.
    sigma : array_like of shape (study,)
        Their standard errors, above 0, taken to be known.
    mu_mean, mu_sd : float
        Mean and standard deviation of the normal prior of the overall effect, unit of ``y``.
    tau_scale : float
        Scale of the half-normal prior of the standard deviation between studies, above 0.
    draws : int, default 1000
        Draws of each chain.
    chains : int, default 4
        Chains that the draws are split into; all are independent.
    random_seed : int, optional
        At least 0. Without one a seed is drawn; either way it is recorded.

    Returns
    -------
    xarray.DataTree
        Group ``posterior`` with ``mu``, ``tau``, and ``theta`` (dimension ``study``); group
        ``observed_data`` with ``y`` and ``sigma``.

    Raises
    ------
    ClaimError
        If numbers are out of range; all of them are listed.

    Notes
    -----
    The density of ``tau`` is integrated on a grid that is refined about its mass; ``mu`` and
    ``theta`` are drawn from their normal distributions given ``tau`` [1]_. All are transforms of a
    scrambled Sobol sequence in random order, so that each draw is exact and quantiles are more
    accurate than those of independent draws.

    References
    ----------
    .. [1] Röver, C. (2020). Bayesian random-effects meta-analysis using the bayesmeta R package.
       Journal of Statistical Software, 93(6). https://doi.org/10.18637/jss.v093.i06

    Examples
    --------
    >>> import reconcile as rc
    >>> tree = rc.meta_analysis(
    ...     [0.1, -0.3], [0.1, 0.2], mu_mean=0, mu_sd=1, tau_scale=0.5, random_seed=1
    ... )
    >>> bool(tree["posterior"]["tau"].min() > 0)
    True
    """
    estimates, errors = np.atleast_1d(np.asarray(y, float)), np.atleast_1d(np.asarray(sigma, float))
    _check(estimates, errors, mu_mean=mu_mean, mu_sd=mu_sd, tau_scale=tau_scale)
    if random_seed is None:
        random_seed = int(np.random.SeedSequence().generate_state(1)[0])
    n, k = draws * chains, len(estimates)
    points = even_points(n, k + 2, np.random.default_rng(random_seed))
    # Relative to the prior mean, lest large estimates lose digits.
    off = estimates - mu_mean
    tau = tau_posterior(off, errors, mu_sd=mu_sd, tau_prior=TauPrior(tau_scale)).quantiles(
        points[:, 0]
    )
    mu, theta = draw_effects(tau, points[:, 1:], off, errors, mu_sd=mu_sd)
    shape = (chains, draws)
    posterior = xr.Dataset(
        {
            "mu": (("chain", "draw"), (mu_mean + mu).reshape(shape)),
            "tau": (("chain", "draw"), tau.reshape(shape)),
            "theta": (("chain", "draw", "study"), (mu_mean + theta).reshape(*shape, k)),
        },
        coords={"chain": range(chains), "draw": range(draws), "study": range(1, k + 1)},
    )
    observed = xr.Dataset({"y": ("study", estimates), "sigma": ("study", errors)})
    attributes = {"random_seed": random_seed, "reconcile_version": __version__}
    root = xr.Dataset(
        attrs=attributes | {"tau_scale": tau_scale, "mu_mean": mu_mean} | {"mu_sd": mu_sd}
    )
    groups: dict[str, Any] = {"/": root, "posterior": posterior, "observed_data": observed}
    return xr.DataTree.from_dict(groups)


def alike(tau: Array) -> Array:
    """All studies are as far off as each other."""
    return tau


def draw_effects(
    tau: Array,
    points: Array,
    off: Array,
    sigma: Array,
    *,
    mu_sd: float | Array,
    between: Between = alike,
) -> tuple[Array, Array]:
    """Draws of mu (draw,) and theta (draw, study) given tau, less the prior mean of mu."""
    centre, spread = overall(tau, off, sigma, mu_sd, between)
    mu = centre + spread * ndtri(points[:, 0])
    kept = 1 / (1 + (sigma / between(tau[:, None])) ** 2)
    theta = kept * off + (1 - kept) * mu[:, None] + np.sqrt(kept) * sigma * ndtri(points[:, 1:])
    return mu, theta


def even_points(n: int, dimensions: int, rng: np.random.Generator) -> Array:
    """Randomised quasi-Monte Carlo points of the open unit cube, shape (n, dimensions)."""
    sequence = qmc.Sobol if dimensions <= qmc.Sobol.MAXDIM else qmc.LatinHypercube
    with warnings.catch_warnings():
        # That n is not a power of two.
        warnings.simplefilter("ignore", UserWarning)
        points = sequence(dimensions, rng=rng).random(n)
    return np.asarray(np.clip(rng.permutation(points), _EDGE, 1 - _EDGE), dtype=float)


def between_study_logp(
    tau: ArrayLike,
    off: Array,
    sigma: Array,
    *,
    mu_sd: MuSd,
    tau_prior: TauPrior,
    between: Between = alike,
) -> Array:
    """Log density of tau up to a constant, with mu and theta integrated out."""
    at = np.asarray(tau, dtype=float)
    variance = sigma**2 + between(at[..., None]) ** 2
    prior_sd = mu_sd(at) if callable(mu_sd) else mu_sd
    centre, spread = overall(at, off, sigma, prior_sd, between)
    logs = -0.5 * np.log(variance).sum(axis=-1) + np.log(spread / prior_sd)
    misfit = ((off - centre[..., None]) ** 2 / variance).sum(axis=-1) + (centre / prior_sd) ** 2
    return np.asarray(logs - 0.5 * misfit + tau_prior.logp(at))


def overall(
    tau: Array, off: Array, sigma: Array, mu_sd: float | Array, between: Between = alike
) -> tuple[Array, Array]:
    """Mean and standard deviation of the overall effect, given the one between studies."""
    weight = 1 / (sigma**2 + between(tau[..., None]) ** 2)
    precision = weight.sum(axis=-1) + mu_sd**-2.0
    return (weight * off).sum(axis=-1) / precision, precision**-0.5


class TauPosterior(NamedTuple):
    """Even points of log tau about its mass, and their log density up to a constant."""

    log_tau: Array
    logp: Array

    def quantiles(self, p: Array) -> Array:
        """Quantiles of tau."""
        height = np.exp(self.logp - self.logp.max())
        mass = np.concatenate([[0.0], np.cumsum(0.5 * (height[1:] + height[:-1]))])
        mass /= mass[-1]
        rising = np.concatenate([[True], np.diff(mass) > 0])
        return np.asarray(np.exp(PchipInterpolator(mass[rising], self.log_tau[rising])(p)))

    @property
    def evidence_log(self) -> float:
        """Log density of all studies, up to a constant that does not depend on that of mu."""
        most = self.logp.max()
        return float(most + np.log(trapezoid(np.exp(self.logp - most), self.log_tau)))


def tau_posterior(
    off: Array, sigma: Array, *, mu_sd: MuSd, tau_prior: TauPrior, between: Between = alike
) -> TauPosterior:
    """The density of the standard deviation between studies, on a grid."""
    unit = min(tau_prior.scale, tau_prior.far)
    low, high = np.log(_LOWEST * unit), np.log(_HIGHEST * unit)
    for _ in range(_REFINEMENTS):
        logs = np.linspace(low, high, _POINTS)
        tau = np.exp(logs)
        # The density of log(tau).
        density = logs + between_study_logp(
            tau, off, sigma, mu_sd=mu_sd, tau_prior=tau_prior, between=between
        )
        there = np.flatnonzero(density > density.max() + _NOTHING)
        step = logs[1] - logs[0]
        low, high = logs[there[0]] - step, logs[there[-1]] + step
    return TauPosterior(logs, density)


def _check(y: Array, sigma: Array, **constants: float) -> None:
    """Raise ClaimError with every number that is out of range."""
    problems = []
    if y.ndim != 1 or y.shape != sigma.shape or not y.size:
        shapes = f"{y.shape} and {sigma.shape}"
        legal = "one standard error for each estimate, and at least one"
        problems.append(Problem(field="sigma", value=shapes, wrong="shapes differ", legal=legal))
    given = [("y", value, k) for k, value in enumerate(y.ravel(), 1)]
    given += [("sigma", value, k) for k, value in enumerate(sigma.ravel(), 1)]
    for name, value, row in [*given, *((name, x, None) for name, x in constants.items())]:
        positive = name not in ("y", "mu_mean")
        if not np.isfinite(value) or (positive and value <= 0):
            legal = "a finite number" + (" above 0" if positive else "")
            problems.append(
                Problem(row=row, field=name, value=value, wrong="out of range", legal=legal)
            )
    if problems:
        raise ClaimError(problems)
