"""The result of a fit on the natural scale as a DataTree: no PyMC here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.models.linear_scale.design import LinearDesign
from reconcile.models.linear_scale.reference import (
    LinearLatent,
    left_out_logp,
    linear_soundness,
    reread,
)
from reconcile.results.provenance import attributes, claim_columns, column

__all__ = ["linear_tree"]

type Array = NDArray[np.float64]
_DIMS: Final = {
    **dict.fromkeys(("estimate", "tau", "truth_z", "tau_z"), "quantity"),
    **dict.fromkeys(("theta", "deviation", "theta_z"), "voice"),
}
_CONSTANTS: Final = {
    **dict.fromkeys(("prior_mean", "prior_sd", "spread"), "quantity"),
    **dict.fromkeys(("centre", "precision"), "voice"),
    **dict.fromkeys(("error", "low", "high", "sound", "failure", "weight"), "claim"),
}
# A figure with more claims is not worked out: the matrix would not fit.
_MOST_CLAIMS: Final = 3000


def linear_tree(
    plan: LinearDesign,
    latent: LinearLatent,
    before: LinearLatent,
    *,
    shape: tuple[int, int],
    variables: Mapping[str, Array],
    statistics: xr.Dataset,
    seed: int,
    settings: Mapping[str, int],
    rng: np.random.Generator,
) -> xr.DataTree:
    """Put draws, their consequences, the claims and their provenance into one tree.

    Parameters
    ----------
    plan : LinearDesign
        Of the model.
    latent, before : LinearLatent
        Draws from the posterior, and from the prior.
    shape : tuple of int
        Chains, and draws of each.
    variables : mapping of str to ndarray
        Free variables of the sampler, leading axis draw; none where there was no sampler.
    statistics : xarray.Dataset
        What the sampler says of its draws.
    seed : int
        Root seed, recorded.
    settings : mapping of str to int
        ``draws``, ``tune`` and ``chains``, recorded.
    rng : numpy.random.Generator
        For predicted readings.

    Returns
    -------
    xarray.DataTree
        Groups as those of a fit on the log scale, with ``reading``, ``sum``, ``stated`` and
        ``deviation`` in place of ``reading_log``, ``sum_log``, ``stated_log`` and ``bias_log``.
    """
    truth = latent.estimate[:, plan.quantity_of]
    root = attributes(plan.claims, plan.priors, seed, settings)
    tree = xr.DataTree(dataset=xr.Dataset(attrs=root))
    by_claim = {"reading": reread(plan, latent, rng), "sum": truth}
    likelihood = {"reading": left_out_logp(plan, latent)}
    groups = {
        "posterior": _draws(plan, latent, shape, variables),
        "prior": _draws(plan, before, (1, len(before.estimate)), {}),
        "log_likelihood": _dataset(plan, likelihood, dict.fromkeys(likelihood, "claim"), shape),
        "posterior_predictive": _dataset(plan, by_claim, dict.fromkeys(by_claim, "claim"), shape),
        "sample_stats": statistics,
        "observed_data": xr.Dataset(
            {"reading": ("claim", plan.number)}, coords=_coords(plan, "claim")
        ),
        "constant_data": xr.Dataset(
            {name: (dim, getattr(plan, name)) for name, dim in _CONSTANTS.items()},
            coords=_coords(plan, "quantity", "voice", "claim"),
        ),
        "claims": _claims(plan, latent, truth),
        "independence": _independence(plan),
    }
    for name, group in groups.items():
        tree[name] = xr.DataTree(dataset=group)
    return tree


def _draws(
    plan: LinearDesign,
    latent: LinearLatent,
    shape: tuple[int, int],
    variables: Mapping[str, Array],
) -> xr.Dataset:
    names = ("estimate", "tau", "theta", "deviation")
    values = {name: getattr(latent, name) for name in names} | dict(variables)
    return _dataset(plan, values, _DIMS, shape)


def _dataset(
    plan: LinearDesign,
    values: Mapping[str, Array],
    dims: Mapping[str, str],
    shape: tuple[int, int],
) -> xr.Dataset:
    """Draws with readable coordinates."""
    used = dict.fromkeys(dims[name] for name in values)
    return xr.Dataset(
        {
            name: (("chain", "draw", dims[name]), array.reshape(*shape, -1))
            for name, array in values.items()
        },
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            **_coords(plan, *used),
        },
    )


def _coords(plan: LinearDesign, *dims: str) -> dict[str, Any]:
    """Labels of each dimension, and what a label is made of, as further coordinates."""
    quantities, voices = plan.quantities, plan.voices
    by_dim: dict[str, dict[str, list[Any]]] = {
        "claim": {"claim": list(range(1, len(plan.claims) + 1))},
        "quantity": {
            "quantity": [q.label for q in quantities],
            "quantity_population": [q.population for q in quantities],
            "quantity_figure": [q.figure for q in quantities],
            "quantity_date": ["" for _ in quantities],
        },
        "voice": {
            "voice": list(plan.voice_labels),
            "voice_source": [v.source for v in voices],
            "voice_population": [v.population for v in voices],
            "voice_figure": [v.figure for v in voices],
            "voice_role": [v.role for v in voices],
        },
    }
    return {name: (dim, column(cells)) for dim in dims for name, cells in by_dim[dim].items()}


def _claims(plan: LinearDesign, latent: LinearLatent, truth: Array) -> xr.Dataset:
    """The claim table, and for each claim the truth it speaks of."""
    columns = claim_columns(plan.claims)
    is_truth = [claim.kind == "truth" for claim in plan.claims]
    spoken = [
        None if known else plan.voice_labels[k]
        for known, k in zip(is_truth, plan.voice_of, strict=True)
    ]
    roles = [plan.claims.role_of(claim) for claim in plan.claims]
    columns["voice_label"] = ("claim", column([label or "" for label in spoken]))
    columns["resolved_role"] = ("claim", column(roles))
    columns["resolved_interest"] = ("claim", column([claim.interest for claim in plan.claims]))
    columns["stated"] = ("claim", plan.number)
    columns["sum_median"] = ("claim", np.median(truth, axis=0))
    columns["sound_prior"] = ("claim", plan.sound * (1 - plan.failure))
    columns["sound_probability"] = ("claim", linear_soundness(plan, latent).mean(axis=0))
    return xr.Dataset(columns, coords=_coords(plan, "claim"))


def _independence(plan: LinearDesign) -> xr.Dataset:
    """How many independent claims those on each figure are worth."""
    spoken = np.array([claim.kind != "truth" for claim in plan.claims])
    rows = []
    for k, quantity in enumerate(plan.quantities):
        mine = np.flatnonzero(spoken & (plan.quantity_of == k))
        if len(mine):
            rows.append((quantity.population, quantity.figure, len(mine), _worth(plan, mine)))
    population, figure, n_claims, n_effective = zip(*rows, strict=True)
    return xr.Dataset(
        {
            "population": ("spoken_of", column(list(population))),
            "figure": ("spoken_of", column(list(figure))),
            "n_claims": ("spoken_of", np.array(n_claims)),
            "n_effective": ("spoken_of", np.array(n_effective)),
        }
    )


def _worth(plan: LinearDesign, members: NDArray[np.intp]) -> float:
    """Number of claims with independent errors that would say as much, as on the log scale."""
    kept = members[plan.weight[members] > 0]
    if not len(kept) or len(kept) > _MOST_CLAIMS:
        return float("nan") if len(kept) else 1.0
    voice = plan.voice_of[kept]
    own = plan.error[kept] ** 2 / plan.weight[kept]
    shared = plan.spread[plan.quantity_of[kept[0]]] ** 2
    covariance = shared * (voice[:, None] == voice[None, :]) + np.diag(own)
    sd = np.sqrt(np.diag(covariance))
    # Solved voice by voice, and so that a source that repeats itself is no singular matrix.
    correlation = covariance / np.outer(sd, sd)
    worth = float(np.linalg.lstsq(correlation, np.ones(len(kept)))[0].sum())
    return min(max(worth, 1.0), float(len(kept)))
