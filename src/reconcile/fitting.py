"""Fit the model of some claims with NUTS."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from reconcile.claimset import ClaimSet
from reconcile.convergence import mark_converged
from reconcile.design import Design, design
from reconcile.linear.design import is_linear, linear_design
from reconcile.linear.fitting import fit_linear
from reconcile.model import model_of
from reconcile.model_data import model_data
from reconcile.prior_draws import draw_parameters
from reconcile.priors import Priors
from reconcile.record.design import is_record, record_design
from reconcile.record.fitting import fit_record
from reconcile.sampler import CompiledDensity, compile_density
from reconcile.tree import PRIOR_DRAWS, result_tree

__all__ = ["fit"]

# With so many claims the posterior is nearly normal, and too narrow in too many directions for the
# sampler to learn them from its own draws; with so many parameters learning them takes longer than
# all else (20 s of 22 s for 166 of them).
_MANY = 100


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
    target_accept: float = 0.95,
) -> xr.DataTree:
    """Fit the figures that claims speak of.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors, optional
        Prior constants; the defaults if not given.
    draws, tune : int, default 1000
        Draws kept from each chain, and draws before them in which the sampler adapts.
    chains : int, default 4
        Independent chains; two at least, or R-hat cannot be computed.
    cores : int, optional
        How many chains run at a time; by default as many as there are processors.
    random_seed : int, optional
        Root of all randomness, at least 0. Without one a seed is drawn; either way it is recorded
        in the result. The same claims, seed and versions give the same numbers.
    progressbar : bool, default True
        Whether to show progress.
    target_accept : float, default 0.95
        Acceptance rate that the sampler's step size aims for, in (0, 1).

    Returns
    -------
    xarray.DataTree
        With the draws of ``estimate`` (natural scale, dimension ``quantity``) and ``bias_log``
        (log scale, dimension ``voice``) in the group ``posterior``. Every function that takes a
        fit takes this tree, also after ``to_netcdf`` and ``xarray.open_datatree``. For figures with
        scale linear, ``tau`` (standard deviation between sources, dimension ``quantity``),
        ``theta`` (what a voice takes for the truth) and ``deviation`` (less the truth) are there
        in place of biases, natural scale.

    Raises
    ------
    ValueError
        If a setting is out of its range.
    ClaimError
        If all claims are truths, or nothing says how far apart the sources of a linear figure are.
    TypeError
        If ``claims`` is not a ClaimSet.

    Warns
    -----
    ConvergenceWarning
        If R-hat is above 1.01, an effective sample size below 400, or a draw diverged. The result
        is marked, and warns again wherever it is used.
    AssumptionWarning
        If a claim's source has no role.

    Notes
    -----
    Figures with scale linear have a model of their own: a meta-analysis of what their sources say.
    Of ``priors`` only the failures of bounds and the soundness of withdrawn claims apply to it,
    since biases were learnt on the log scale. Where noise is normal and there are only standing
    numbers and ranges, it is drawn exactly, and ``tune``, ``cores`` and ``target_accept`` are not
    used.

    Figures on record (setting ``record``) have one too: the posterior holds ``estimate``, the
    ``reliability`` of each voice and ``role_reliability``; ``target_accept`` is not used.

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
    _check_settings(draws=draws, tune=tune, chains=chains, random_seed=random_seed)
    if cores is not None and cores < 1:
        raise ValueError(f"cores={cores!r}: legal is a whole number of at least 1, or None")
    if not 0 < target_accept < 1:
        raise ValueError(f"target_accept={target_accept!r}: legal is a number between 0 and 1")
    seed = int(
        np.random.SeedSequence().generate_state(1)[0] if random_seed is None else random_seed
    )
    settings: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains}
    settings |= {"random_seed": seed, "cores": cores, "progressbar": progressbar}
    settings |= {"target_accept": target_accept}
    if is_linear(claims):
        return fit_linear(linear_design(claims, priors), **settings)
    if is_record(claims):
        return fit_record(record_design(claims, priors), **settings)
    plan = design(claims, priors)
    return sample_design(plan, compile_density(model_of(plan)), **settings)


def _check_settings(*, draws: int, tune: int, chains: int, random_seed: int | None) -> None:
    for name, value, least in (("draws", draws, 10), ("tune", tune, 10), ("chains", chains, 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name}={value!r}: legal is a whole number of at least {least}")
    if random_seed is not None and (
        not isinstance(random_seed, int | np.integer) or not 0 <= random_seed < 2**63
    ):
        raise ValueError(
            f"random_seed={random_seed!r}: legal is a whole number from 0 to 2**63 - 1"
        )


def sample_design(
    plan: Design,
    density: CompiledDensity,
    *,
    draws: int,
    tune: int,
    chains: int,
    cores: int | None,
    random_seed: int,
    progressbar: bool,
    target_accept: float,
) -> xr.DataTree:
    """Sample a design with a density compiled for one of its shape, and put it through the gate.

    Parameters
    ----------
    plan : Design
        What to fit; its data replace those that the density was compiled with.
    density : CompiledDensity
        Of a model of the same structure.
    draws, tune, chains, cores, random_seed, progressbar, target_accept
        As for :func:`fit`.

    Returns
    -------
    xarray.DataTree
        As :func:`fit` returns it.
    """
    # What is recorded must be enough to repeat the fit: everything comes from this one number.
    sampler_seed, prior_seed, predictive_seed = np.random.SeedSequence(int(random_seed)).spawn(3)
    # Before sampling: a case that contradicts itself is found out here.
    prior_rng = np.random.default_rng(prior_seed)
    prior_parameters = draw_parameters(plan, prior_rng, PRIOR_DRAWS)
    density = density.with_data(model_data(plan))
    if max(len(plan.claims), len(density.shift)) >= _MANY:
        density = density.whitened()
    parameters, statistics = density.sample(
        draws=int(draws),
        tune=int(tune),
        chains=int(chains),
        cores=cores,
        seed=int(sampler_seed.generate_state(1)[0]),
        progress_bar=progressbar,
        target_accept=target_accept,
    )
    tree = result_tree(
        plan,
        parameters,
        statistics,
        seed=int(random_seed),
        settings={"draws": int(draws), "tune": int(tune), "chains": int(chains)},
        prior_parameters=prior_parameters,
        predictive_rng=np.random.default_rng(predictive_seed),
    )
    mark_converged(tree, stacklevel=4)
    return tree
