"""The result of a fit of figures on record as a DataTree: no PyMC here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.models.truth_discovery.design import RecordDesign
from reconcile.models.truth_discovery.gibbs import RecordDraws
from reconcile.models.truth_discovery.grid import SCALES_LOG
from reconcile.results.provenance import PRIOR_DRAWS, attributes, claim_columns, column

__all__ = ["record_tree"]

type Array = NDArray[np.float64]
_DIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "estimate": ("quantity",),
    "reliability": ("voice",),
    "role_reliability": ("role",),
    "likeness": (),
    "freshness": (),
    "scale_share": ("role", "scale"),
}


def record_tree(
    plan: RecordDesign,
    found: Sequence[RecordDraws],
    *,
    seed: int,
    settings: Mapping[str, int],
    prior_rng: np.random.Generator,
) -> xr.DataTree:
    """Put draws, the claims and their provenance into one tree.

    Parameters
    ----------
    plan : RecordDesign
        Of the model.
    found : sequence of RecordDraws
        One for each chain.
    seed : int
        Root seed, recorded.
    settings : mapping of str to int
        ``draws``, ``tune`` and ``chains``, recorded.
    prior_rng : numpy.random.Generator
        For draws from the prior.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior``, ``prior``, ``log_likelihood``, ``posterior_predictive``,
        ``sample_stats``, ``observed_data``, ``constant_data``, ``claims`` and ``independence``.
    """
    names = [name for name in _DIMS if plan.voices or name == "estimate"]
    posterior = _dataset(
        plan, {name: np.stack([getattr(chain, name) for chain in found]) for name in names}
    )
    shape = posterior.sizes["chain"], posterior.sizes["draw"]
    z = prior_rng.standard_normal((1, PRIOR_DRAWS, len(plan.quantities)))
    root = attributes(plan.claims, plan.priors, seed, settings)
    tree = xr.DataTree(dataset=xr.Dataset(attrs=root))
    estimate = posterior["estimate"].to_numpy()
    median = np.median(estimate.reshape(-1, len(plan.quantities)), axis=0)
    groups = {
        "posterior": posterior,
        "prior": _dataset(plan, {"estimate": np.exp(plan.mean_log + plan.sd_log * z)}),
        "log_likelihood": _by_claim(plan, "reading_log", _likelihood(plan, found)),
        "posterior_predictive": _by_claim(
            plan, "sum_log", np.log(estimate[..., plan.quantity_of_claim]).astype(np.float32)
        ),
        "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), np.zeros(shape, dtype=bool))}),
        "observed_data": xr.Dataset(
            {"reading_log": ("claim", _stated(plan))}, coords=_coords(plan, "claim")
        ),
        "constant_data": xr.Dataset(
            {"mean_log": ("quantity", plan.mean_log), "sd_log": ("quantity", plan.sd_log)},
            coords=_coords(plan, "quantity"),
        ),
        "claims": _claims(plan, found, median),
        "independence": _independence(plan),
    }
    for name, group in groups.items():
        tree[name] = xr.DataTree(dataset=group)
    return tree


def _dataset(plan: RecordDesign, values: Mapping[str, Array]) -> xr.Dataset:
    """Draws with readable coordinates."""
    dims = dict.fromkeys(dim for name in values for dim in _DIMS[name])
    return xr.Dataset(
        {name: (("chain", "draw", *_DIMS[name]), array) for name, array in values.items()},
        coords=_coords(plan, *dims),
    )


def _by_claim(plan: RecordDesign, name: str, values: NDArray[Any]) -> xr.Dataset:
    return xr.Dataset({name: (("chain", "draw", "claim"), values)}, coords=_coords(plan, "claim"))


def _coords(plan: RecordDesign, *dims: str) -> dict[str, Any]:
    """Labels of each dimension, and what a label is made of."""
    by_dim: dict[str, dict[str, list[Any]]] = {
        "claim": {"claim": list(range(1, len(plan.claims) + 1))},
        "quantity": {
            "quantity": [q.label for q in plan.quantities],
            "quantity_population": [q.population for q in plan.quantities],
            "quantity_figure": [q.figure for q in plan.quantities],
            "quantity_date": ["" for _ in plan.quantities],
        },
        "voice": {
            "voice": [f"{source} ({role})" for source, role in plan.voices],
            "voice_source": [source for source, _ in plan.voices],
            "voice_role": [role for _, role in plan.voices],
        },
        "role": {"role": list(plan.roles)},
        "scale": {"scale": list(SCALES_LOG)},
    }
    return {name: (dim, column(cells)) for dim in dims for name, cells in by_dim[dim].items()}


def _stated(plan: RecordDesign) -> Array:
    """Log of the number of each claim; of a bound of none minus infinity."""
    values = np.array([float(claim.value or 0) for claim in plan.claims])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))


def _likelihood(plan: RecordDesign, found: Sequence[RecordDraws]) -> NDArray[np.float32]:
    """Log probability of each claim given the figure and the other claims; 0 for bounds.

    What a source repeats is shared out among the repeats.
    """
    is_number = plan.witness_of_claim >= 0
    of = plan.witness_of_claim[is_number]
    shape = len(found), len(found[0].estimate), len(plan.claims)
    values = np.zeros(shape, dtype=np.float32)
    if of.size:
        times = np.bincount(of)[of]
        for k, chain in enumerate(found):
            values[k][:, is_number] = chain.witness_logp[:, of] / times
    return values


def _claims(plan: RecordDesign, found: Sequence[RecordDraws], median: Array) -> xr.Dataset:
    """The claim table, with the probability of each number that it is the one on record."""
    columns = claim_columns(plan.claims)
    is_number = plan.witness_of_claim >= 0
    of = plan.witness_of_claim[is_number]
    labels = [""] * len(plan.claims)
    sound, before = np.full((2, len(plan.claims)), np.nan)
    if of.size:
        voice = np.zeros(len(plan.claims), dtype=np.intp)
        voice[is_number] = plan.voice_of[of]
        labels = [
            f"{plan.voices[v][0]} ({plan.voices[v][1]})" if there else ""
            for v, there in zip(voice, is_number, strict=True)
        ]
        sound[is_number] = np.mean([chain.right.mean(axis=0) for chain in found], axis=0)[of]
        # The prior of the mean of a role is even.
        before[is_number] = 0.5
    roles = [plan.claims.role_of(claim) for claim in plan.claims]
    columns["voice_label"] = ("claim", column(labels))
    columns["resolved_role"] = ("claim", column(roles))
    columns["resolved_interest"] = ("claim", column([c.interest for c in plan.claims]))
    columns["stated_log"] = ("claim", _stated(plan))
    columns["sum_median"] = ("claim", median[plan.quantity_of_claim])
    columns["sound_prior"] = ("claim", before)
    columns["sound_probability"] = ("claim", sound)
    return xr.Dataset(columns, coords=_coords(plan, "claim"))


def _independence(plan: RecordDesign) -> xr.Dataset:
    """How many claims there are on each figure, and how many of them are different witnesses."""
    n_claims = np.bincount(plan.quantity_of_claim, minlength=len(plan.quantities))
    of_witness = plan.quantity_of_variant[plan.variant_of_witness]
    n_witnesses = np.bincount(of_witness, minlength=len(plan.quantities)).astype(float)
    return xr.Dataset(
        {
            "population": ("spoken_of", column([q.population for q in plan.quantities])),
            "figure": ("spoken_of", column([q.figure for q in plan.quantities])),
            "n_claims": ("spoken_of", n_claims),
            "n_effective": ("spoken_of", np.maximum(n_witnesses, 1.0)),
        }
    )
