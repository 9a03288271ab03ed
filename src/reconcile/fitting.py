"""Fit claims with the model of their family."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import xarray as xr

from reconcile.claims.claim_set import ClaimSet, family_of
from reconcile.inference.settings import check_settings
from reconcile.models.linear_scale.design import linear_design
from reconcile.models.linear_scale.fit import fit_linear
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import Method, sample_design
from reconcile.models.truth_discovery.design import discovery_design
from reconcile.models.truth_discovery.fit import fit_discovery
from reconcile.priors.priors import Priors

__all__ = ["Method", "fit"]


def fit(
    claims: ClaimSet,
    *,
    priors: Priors | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: int | None = None,
    progressbar: bool = True,
    target_accept: float = 0.85,
    method: Method = "nuts",
) -> xr.DataTree:
    """Estimate the figures that claims are about.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors, optional
        Prior constants; the defaults if not given.
    draws, tune : int, default 1000
        Draws kept from each chain, and warm-up draws before them. If the fit has not converged by
        then, up to three further rounds are sampled, each about twice as long.
    chains : int, default 4
        Independent chains, at least two for R-hat.
    cores : int, optional
        Chains run at a time; by default as many as there are processors.
    random_seed : int, optional
        Root of all randomness, at least 0. Without one a seed is drawn; either way it is recorded
        in the result. The same claims, seed and versions give the same numbers.
    progressbar : bool, default True
        Whether to show progress.
    target_accept : float, default 0.85
        Target acceptance rate of NUTS, in (0, 1), in the first round.
    method : {"nuts", "laplace"}
        ``nuts`` samples the posterior. ``laplace`` draws from the normal approximation at its mode
        in a fraction of the time, for a first look at thousands of claims. Its error is checked by
        importance weights; docs/method.md compares the two.

    Returns
    -------
    xarray.DataTree
        With draws of ``estimate`` (natural scale, dimension ``quantity``) and ``bias_log`` (log
        scale, dimension ``voice``) in the group ``posterior``. It is what all functions on fits
        take, also after ``to_netcdf`` and ``xarray.open_datatree``. Figures with scale linear or
        share have ``tau`` (standard deviation between sources, dimension ``quantity``; of a share,
        in log odds), ``theta`` (what a voice believes) and ``deviation`` (``theta`` minus the
        truth) in place of biases, natural scale.

    Raises
    ------
    ValueError
        If a setting is out of its range.
    ClaimError
        If all claims are truths, or the scale of the errors on a linear figure is unknown.
    TypeError
        If ``claims`` is not a ClaimSet.

    Warns
    -----
    ConvergenceWarning
        If after all rounds R-hat of an estimate is above 1.01 or an effective sample size below
        400, or more than one draw in a thousand diverged; with ``laplace``, if the Pareto k of its
        importance weights is above 0.7. The result is marked, and warns again wherever it is used.
    AssumptionWarning
        If a claim's source has no role.

    Notes
    -----
    Figures with scale linear or share have a model of their own, a random-effects meta-analysis of
    their sources, of shares in log odds. Of ``priors`` only the failures of bounds, the soundness
    of withdrawn claims, ``linear`` and ``sources`` apply, since biases were learnt on the log
    scale. With normal noise and standing numbers and ranges only, draws are independent and exact,
    and ``tune``, ``cores`` and ``target_accept`` unused.

    Figures on record (setting ``record``) have one too, whose posterior holds ``estimate``,
    ``reliability`` (by voice) and ``role_reliability``; ``target_accept`` is unused.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [
    ...         rc.Claim.point(120, figure="killed", source="a hospital", role="expert"),
    ...         rc.Claim.about(200, figure="killed", source="the rebels", role="enemy"),
    ...     ]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> posterior.attrs["random_seed"]
    1
    """
    check_settings(
        draws=draws, tune=tune, chains=chains, random_seed=random_seed, target_accept=target_accept
    )
    if cores is not None and cores < 1:
        raise ValueError(f"cores={cores!r} must be a whole number of at least 1, or None")
    seed = int(
        np.random.SeedSequence().generate_state(1)[0] if random_seed is None else random_seed
    )
    settings: dict[str, Any] = {"draws": int(draws), "tune": int(tune), "chains": int(chains)}
    settings |= {"random_seed": seed, "cores": cores, "progressbar": progressbar}
    settings |= {"target_accept": target_accept}
    if method not in get_args(Method.__value__):
        raise ValueError(f"method={method!r} must be 'nuts' or 'laplace'")
    family = family_of(claims)
    if family == "log_scale":
        return sample_design(design(claims, priors), method=method, **settings)
    if method != "nuts":
        where = {"linear_scale": "for figures with scale linear or share"}.get(
            family, "in the setting record"
        )
        raise ValueError(f"method={method!r} is not available {where}: use 'nuts'")
    if family == "linear_scale":
        return fit_linear(linear_design(claims, priors), **settings)
    return fit_discovery(discovery_design(claims, priors), **settings)
