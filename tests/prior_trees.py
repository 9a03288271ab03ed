"""Result trees without sampling."""

import numpy as np
import xarray as xr

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.models.log_scale.tree import PRIOR_DRAWS, result_tree


def prior_tree(claims: rc.ClaimSet, *, draws: int = 250, seed: int = 1) -> xr.DataTree:
    """What ``fit`` returns, with draws from the prior in place of sampled ones; no compiler runs.

    Its four chains are independent draws, and it is marked as converged.
    """
    plan = design(claims)
    drawn = draw_parameters(plan, np.random.default_rng(seed), 4 * draws)
    parameters = {name: x.reshape(4, draws, *x.shape[1:]) for name, x in drawn.items()}
    tree = result_tree(
        plan,
        parameters,
        xr.Dataset({"diverging": (("chain", "draw"), np.zeros((4, draws), dtype=bool))}),
        seed=seed,
        settings={"draws": draws, "tune": 0, "chains": 4},
        prior_parameters=draw_parameters(plan, np.random.default_rng(seed + 1), PRIOR_DRAWS),
        predictive_rng=np.random.default_rng(seed + 2),
    )
    tree.attrs |= {"converged": 1, "convergence_problems": ""}
    return tree
