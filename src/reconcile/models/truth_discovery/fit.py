"""Fit the truth discovery model."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from reconcile.models.truth_discovery.design import RecordDesign
from reconcile.models.truth_discovery.gibbs import run_chain
from reconcile.models.truth_discovery.grid import nodes_of
from reconcile.models.truth_discovery.tree import record_tree
from reconcile.results.convergence import mark_converged

__all__ = ["fit_record"]


def fit_record(
    plan: RecordDesign,
    *,
    draws: int,
    tune: int,
    chains: int,
    cores: int | None,
    random_seed: int,
    progressbar: bool,  # unused: a fit takes seconds
    target_accept: float,  # unused: conditional draws are exact
) -> xr.DataTree:
    """Fit a design as :func:`reconcile.fit` does."""
    sampler_seed, prior_seed = np.random.SeedSequence(random_seed).spawn(2)
    nodes = nodes_of(plan)
    with ThreadPoolExecutor(max_workers=cores or os.cpu_count() or 1) as pool:
        found = list(
            pool.map(
                lambda seed: run_chain(
                    plan, nodes, draws=draws, tune=tune, rng=np.random.default_rng(seed)
                ),
                sampler_seed.spawn(chains),
            )
        )
    tree = record_tree(
        plan,
        found,
        seed=random_seed,
        settings={"draws": draws, "tune": tune, "chains": chains},
        prior_rng=np.random.default_rng(prior_seed),
    )
    mark_converged(tree)
    return tree
