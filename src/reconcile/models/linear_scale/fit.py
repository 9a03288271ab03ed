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
    LinearLatent,
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
    shape = (int(chains), int(draws))
    variables: Mapping[str, NDArray[np.float64]] = {}
    if plan.is_conjugate if exact is None else exact:
        latent = draw_exactly(plan, chains * draws, np.random.default_rng(sampler_seed))
        statistics = no_divergence(shape)
    else:
        settings = {"draws": int(draws), "tune": int(tune), "chains": int(chains)}
        latent, variables, statistics = _sampled(
            plan,
            settings | {"seed": int(sampler_seed.generate_state(1)[0])},
            cores=cores,
            progressbar=progressbar,
            target_accept=target_accept,
        )
        latent = bounded(plan, latent, predictive_rng)
    tree = linear_tree(
        plan,
        latent,
        draw_prior(plan, np.random.default_rng(prior_seed), PRIOR_DRAWS),
        shape=shape,
        variables=variables,
        statistics=statistics,
        seed=random_seed,
        settings={"draws": int(draws), "tune": int(tune), "chains": int(chains)},
        rng=predictive_rng,
    )
    if variables:
        mark_converged(tree)
    else:
        # Independent draws cannot fail to converge.
        tree.attrs |= {"converged": 1, "convergence_problems": ""}
    return tree


def _sampled(
    plan: LinearDesign,
    settings: Mapping[str, int],
    *,
    cores: int | None,
    progressbar: bool,
    target_accept: float,
) -> tuple[LinearLatent, dict[str, NDArray[np.float64]], xr.Dataset]:
    """NUTS draws, with the free variables and the statistics of the sampler."""
    from reconcile.inference.pytensor_density import compile_density
    from reconcile.models.linear_scale.pymc import linear_model

    found, statistics = compile_density(linear_model(plan)).sample(
        **settings, cores=cores, progress_bar=progressbar, target_accept=target_accept
    )
    flat = {name: x.reshape(-1, *x.shape[2:]) for name, x in found.items()}
    return linear_forward(plan, flat), flat, sample_stats(statistics)
