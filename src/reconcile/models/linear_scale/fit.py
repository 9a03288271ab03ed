"""Fit on the natural scale: exactly where the model is conjugate, else with NUTS."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.models._trees import no_divergence
from reconcile.models.linear_scale.design import LinearDesign
from reconcile.models.linear_scale.exact import draw_exactly
from reconcile.models.linear_scale.reference import (
    bounded,
    draw_prior,
    linear_forward,
)
from reconcile.models.linear_scale.tree import linear_tree
from reconcile.results.convergence import mark_converged
from reconcile.results.provenance import PRIOR_DRAWS, sample_stats

__all__ = ["fit_linear"]


def fit_linear(
    plan: LinearDesign,
    *,
    draws: int,
    tune: int,
    chains: int,
    cores: int | None,
    random_seed: int,
    progressbar: bool,
    target_accept: float,
    exact: bool | None = None,
) -> xr.DataTree:
    """Fit a design as :func:`reconcile.fit` does; ``exact`` overrides whether NUTS is needed."""
    sampler_seed, prior_seed, predictive_seed = np.random.SeedSequence(random_seed).spawn(3)
    predictive_rng = np.random.default_rng(predictive_seed)
    settings = {"draws": draws, "tune": tune, "chains": chains}
    variables: Mapping[str, NDArray[np.float64]] = {}
    if plan.is_conjugate if exact is None else exact:
        latent = draw_exactly(plan, chains * draws, np.random.default_rng(sampler_seed))
        statistics = no_divergence((chains, draws))
    else:
        from reconcile.inference.pytensor_density import compile_density
        from reconcile.models.linear_scale.pymc import linear_model

        found, sampled = compile_density(linear_model(plan)).sample(
            **settings,
            seed=int(sampler_seed.generate_state(1)[0]),
            cores=cores,
            progress_bar=progressbar,
            target_accept=target_accept,
        )
        variables = {name: x.reshape(-1, *x.shape[2:]) for name, x in found.items()}
        statistics = sample_stats(sampled)
        latent = bounded(plan, linear_forward(plan, variables), predictive_rng)
    tree = linear_tree(
        plan,
        latent,
        draw_prior(plan, np.random.default_rng(prior_seed), PRIOR_DRAWS),
        shape=(chains, draws),
        variables=variables,
        statistics=statistics,
        seed=random_seed,
        settings=settings,
        rng=predictive_rng,
    )
    if variables:
        mark_converged(tree)
    else:
        # Independent draws cannot fail to converge.
        tree.attrs |= {"converged": 1, "convergence_problems": ""}
    return tree
