"""Fit on the natural scale: exactly where the model is conjugate, else with NUTS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.inference.rounds import rounds
from reconcile.models._trees import first_converged, no_divergence
from reconcile.models.linear_scale.design import LinearDesign
from reconcile.models.linear_scale.exact import draw_exactly
from reconcile.models.linear_scale.reference import (
    LinearLatent,
    bounded,
    draw_prior,
    linear_forward,
)
from reconcile.models.linear_scale.tree import linear_tree
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
    settings: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains}
    complete = partial(
        _tree,
        plan,
        before=draw_prior(plan, np.random.default_rng(prior_seed), PRIOR_DRAWS),
        predictive_seed=predictive_seed,
        shape=(chains, draws),
        seed=random_seed,
        settings=settings,
    )
    if plan.is_conjugate if exact is None else exact:
        latent = draw_exactly(plan, chains * draws, np.random.default_rng(sampler_seed))
        tree = complete({}, no_divergence((chains, draws)), latent=latent)
        # Independent draws cannot fail to converge.
        tree.attrs |= {"converged": 1, "convergence_problems": ""}
        return tree
    from reconcile.inference.pytensor_density import compile_density
    from reconcile.models.linear_scale.pymc import linear_model

    found = rounds(
        compile_density(linear_model(plan)),
        **settings,
        seed=int(sampler_seed.generate_state(1)[0]),
        cores=cores,
        progress_bar=progressbar,
        target_accept=target_accept,
    )
    return first_converged(found, complete)


def _tree(
    plan: LinearDesign,
    drawn: Mapping[str, NDArray[np.float64]],
    statistics: xr.Dataset,
    *,
    before: LinearLatent,
    predictive_seed: np.random.SeedSequence,
    latent: LinearLatent | None = None,
    **known: Any,
) -> xr.DataTree:
    """The tree of some draws, with predictive draws from the same seed every time."""
    rng = np.random.default_rng(predictive_seed)
    variables = {name: x.reshape(-1, *x.shape[2:]) for name, x in drawn.items()}
    if latent is None:
        latent = bounded(plan, linear_forward(plan, variables), rng)
    statistics = sample_stats(statistics)
    return linear_tree(
        plan, latent, before, variables=variables, statistics=statistics, rng=rng, **known
    )
