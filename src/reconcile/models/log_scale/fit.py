"""Sample the log-scale model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from reconcile.inference.laplace import laplace_draws
from reconcile.inference.modes import modes_of
from reconcile.inference.rounds import MAX_JUMPING, rounds
from reconcile.models._trees import first_converged
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.kernel.coordinates import SPREAD, whitened_paths
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.kernel.starts import claim_starts, units_of_needles
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.models.log_scale.tree import result_tree
from reconcile.results.convergence import mark_approximate
from reconcile.results.provenance import PRIOR_DRAWS

__all__ = ["Method", "sample_design"]

type Method = Literal["nuts", "laplace"]


def sample_design(
    plan: Design,
    *,
    draws: int,
    tune: int,
    chains: int,
    cores: int | None,
    random_seed: int,
    progressbar: bool,
    target_accept: float,
    method: Method = "nuts",
) -> xr.DataTree:
    """Sample a design as :func:`reconcile.fit` does, and check convergence."""
    # Everything derives from the one recorded seed, so that the fit can be repeated.
    sampler_seed, prior_seed, predictive_seed = np.random.SeedSequence(int(random_seed)).spawn(3)
    # Drawn before sampling, so that contradictory ceilings fail early.
    prior_rng = np.random.default_rng(prior_seed)
    prior_parameters = draw_parameters(plan, prior_rng, PRIOR_DRAWS)
    # On small matrices BLAS threads wait for each other thirty times as long as they compute.
    with threadpool_limits(limits=1, user_api="blas"):
        density = kernel_density(plan)
        # A normal distribution at one needle would not know of others.
        units = units_of_needles(plan, density) if method == "nuts" else None
        density = whitened_paths(density, units)
        searched = method == "nuts" and 0 < density.root.size <= MAX_JUMPING
        starts = claim_starts(plan, density) if searched else []
        modes = modes_of(density, starts, density.owner == SPREAD, units) if searched else []
    seed = int(sampler_seed.generate_state(1)[0])
    settings: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains}
    complete = partial(
        _tree,
        plan,
        method=method,
        seed=random_seed,
        settings=settings,
        prior_parameters=prior_parameters,
        predictive_seed=predictive_seed,
    )
    if method == "laplace":
        parameters, statistics, pareto_k = laplace_draws(
            density, draws=draws, chains=chains, seed=seed
        )
        tree = complete(parameters, statistics)
        tree.attrs["pareto_k"] = pareto_k
        mark_approximate(tree, pareto_k)
        return tree
    found = rounds(
        density,
        modes,
        starts=starts,
        **settings,
        seed=seed,
        cores=cores,
        progress_bar=progressbar,
        target_accept=target_accept,
    )
    return first_converged(found, complete)


def _tree(
    plan: Design,
    parameters: Mapping[str, NDArray[np.float64]],
    statistics: xr.Dataset,
    *,
    method: Method,
    predictive_seed: np.random.SeedSequence,
    **known: Any,
) -> xr.DataTree:
    """The tree of some draws, with predictive draws from the same seed every time."""
    rng = np.random.default_rng(predictive_seed)
    tree = result_tree(plan, parameters, statistics, predictive_rng=rng, **known)
    tree.attrs["method"] = method
    return tree
