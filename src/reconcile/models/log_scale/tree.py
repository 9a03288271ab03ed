"""The result of a fit as a DataTree that needs nothing else to be read: no PyMC here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._parallel import in_blocks
from reconcile.models.log_scale.design.arrays import DATA_DIMS, coordinates, model_data
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.reference.effective_claims import independence_of
from reconcile.models.log_scale.reference.forward import Amounts, amounts, forward
from reconcile.models.log_scale.reference.likelihood import judged
from reconcile.models.log_scale.reference.predictive import read
from reconcile.results.provenance import (
    PRIOR_DRAWS,
    attributes,
    claim_columns,
    column,
    sample_stats,
)

__all__ = ["predictive_draws", "result_tree"]

type Array = NDArray[np.float64]


def result_tree(
    plan: Design,
    parameters: Mapping[str, Array],
    statistics: xr.Dataset,
    *,
    seed: int,
    settings: Mapping[str, int],
    prior_parameters: Mapping[str, Array],
    predictive_rng: np.random.Generator,
) -> xr.DataTree:
    """Put draws, their consequences, the claims and their provenance into one tree.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        Draws of the free variables, leading axes chain and draw.
    statistics : xarray.Dataset
        What the sampler says of its draws.
    seed : int
        Root seed, recorded.
    settings : mapping of str to int
        ``draws``, ``tune`` and ``chains``, recorded.
    prior_parameters : mapping of str to ndarray
        Prior draws, ``PRIOR_DRAWS`` of them.
    predictive_rng : numpy.random.Generator
        For predicted readings.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior``, ``prior``, ``log_likelihood``, ``posterior_predictive``,
        ``sample_stats``, ``observed_data``, ``constant_data``, ``claims`` and ``independence``.
    """
    shape = next(iter(parameters.values())).shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    found = predictive_draws(plan, flat, predictive_rng)
    tree = xr.DataTree(
        dataset=xr.Dataset(attrs=attributes(plan.claims, plan.priors, seed, settings))
    )
    groups = {
        "posterior": _draws(plan, flat, found.amounts, shape),
        "prior": _draws(
            plan, prior_parameters, _of_prior(plan, prior_parameters), (1, PRIOR_DRAWS)
        ),
        "log_likelihood": _by_claim(plan, found.log_likelihood, shape),
        "posterior_predictive": _predicted(plan, found, shape),
        "sample_stats": sample_stats(statistics),
        "observed_data": xr.Dataset(
            {"reading_log": ("claim", plan.readings.said)}, coords=_coords(plan, "claim")
        ),
        "constant_data": _constants(plan),
        "claims": _claims(plan, found),
        "independence": _independence(plan),
    }
    for name, group in groups.items():
        tree[name] = xr.DataTree(dataset=group)
    return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Consequences:
    """What draws imply, by draw and claim; the soundness of each claim is its mean."""

    amounts: Amounts
    sum_log: Array
    reading_log: Array
    log_likelihood: Array
    soundness: Array


def predictive_draws(
    plan: Design, flat: Mapping[str, Array], rng: np.random.Generator
) -> _Consequences:
    """Work out what draws imply, and draw readings anew."""
    n = len(next(iter(flat.values())))
    root = int(rng.integers(2**63))

    def work(block: slice, number: int) -> tuple[Array, ...]:
        latent = forward(plan, {name: values[block] for name, values in flat.items()})
        seeds = np.random.SeedSequence(root, spawn_key=(number,))
        reading_log, _ = read(plan, latent, np.random.default_rng(seeds))
        logp, soundness = judged(plan, latent)
        estimated = latent.total_log, latent.estimate, latent.bias_log
        return *estimated, latent.sum_log, reading_log, logp, soundness.sum(axis=0, keepdims=True)

    of_claims = len(plan.claims), plan.biases.matrix.shape[1], plan.registers.node.size
    parts = in_blocks(work, n, each=max(_width(plan), *of_claims))
    total_log, estimate, bias_log, sum_log, reading_log, logp, soundness = map(
        np.concatenate, zip(*parts, strict=True)
    )
    return _Consequences(
        amounts=Amounts(total_log=total_log, estimate=estimate, bias_log=bias_log),
        sum_log=sum_log,
        reading_log=reading_log,
        log_likelihood=logp,
        soundness=soundness.sum(axis=0) / n,
    )


def _of_prior(plan: Design, parameters: Mapping[str, Array]) -> Amounts:
    """What draws of the prior imply for what is estimated."""

    def work(block: slice, _: int) -> tuple[Array, ...]:
        found = amounts(plan, {name: values[block] for name, values in parameters.items()})
        return found.total_log, found.estimate, found.bias_log

    parts = in_blocks(work, PRIOR_DRAWS, each=_width(plan))
    total_log, estimate, bias_log = map(np.concatenate, zip(*parts, strict=True))
    return Amounts(total_log=total_log, estimate=estimate, bias_log=bias_log)


def _width(plan: Design) -> int:
    """Numbers of the largest array of one draw, claims left out."""
    structure = plan.structure
    return max(structure.n_nodes, len(structure.quantities), len(plan.speakers.voices))


_DIMS: Final = {
    "estimate": ("quantity",),
    "total_log": ("series",),
    "total_z": ("series",),
    "bias_log": ("voice",),
    "bias_z": ("voice",),
    "common_bias_log": ("population",),
    "common_bias_z": ("population",),
    "role_z": ("situation",),
    "camp_z": ("camp",),
    "category_z": ("category",),
    "drift_z": ("drift",),
    "noise_log": ("role",),
    "register_z": ("register",),
    "overconfidence_log": ("stated",),
    "path_spread_z": ("path",),
    "path_shared_z": ("population", "innovation"),
    "path_own_z": ("running", "innovation"),
}


def _draws(
    plan: Design, parameters: Mapping[str, Array], implied: Amounts, shape: tuple[int, int]
) -> xr.Dataset:
    """Draws by the names they have in the model, with readable coordinates."""
    values = {
        "estimate": implied.estimate,
        "total_log": implied.total_log,
        "bias_log": implied.bias_log,
        "common_bias_log": plan.common_sd_log * parameters["common_bias_z"],
        **parameters,
    }
    used = {dim for name in values for dim in _DIMS[name]}
    return xr.Dataset(
        {
            name: (("chain", "draw", *_DIMS[name]), array.reshape(*shape, *array.shape[1:]))
            for name, array in values.items()
        },
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            **_coords(plan, *used),
        },
    )


def _coords(plan: Design, *dims: str) -> dict[str, Any]:
    """Labels of each dimension, and what a label is made of, as further coordinates."""
    quantities, voices = plan.structure.quantities, plan.speakers.voices
    labels = coordinates(plan)
    by_dim: dict[str, dict[str, list[Any]]] = {dim: {dim: [*labels[dim]]} for dim in dims}
    if "quantity" in dims:
        by_dim["quantity"] |= {
            "quantity_population": [q.population for q in quantities],
            "quantity_figure": [q.figure for q in quantities],
            "quantity_date": [q.date.isoformat() if q.date else "" for q in quantities],
        }
    if "voice" in dims:
        by_dim["voice"] |= {
            "voice_source": [v.source for v in voices],
            "voice_population": [v.population for v in voices],
            "voice_role": [v.role for v in voices],
            "voice_interest": [v.interest for v in voices],
        }
    return {name: (dim, column(cells)) for dim in dims for name, cells in by_dim[dim].items()}


def _by_claim(plan: Design, values: Array, shape: tuple[int, int]) -> xr.Dataset:
    return xr.Dataset(
        {"reading_log": (("chain", "draw", "claim"), values.reshape(*shape, -1))},
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            **_coords(plan, "claim"),
        },
    )


def _predicted(plan: Design, found: _Consequences, shape: tuple[int, int]) -> Any:
    """Readings drawn anew, and the true sums that the claims speak of."""
    sums = _by_claim(plan, found.sum_log, shape)["reading_log"]
    return _by_claim(plan, found.reading_log, shape).assign(sum_log=sums)


def _constants(plan: Design) -> xr.Dataset:
    """The data of the model, as it was given them."""
    variables = {}
    for name, array in model_data(plan).items():
        dims = tuple(f"{name}_dim_{k}" for k in range(array.ndim))
        variables[name] = ((DATA_DIMS[name],) if name in DATA_DIMS else dims, array)
    return xr.Dataset(variables, coords=_coords(plan, "voice", "series", "claim", "population"))


def _claims(plan: Design, found: _Consequences) -> xr.Dataset:
    """The claim table, and for each claim the sum it speaks of."""
    columns = claim_columns(plan.claims)
    speakers = plan.speakers
    spoken = [
        None if c.kind == "truth" else speakers.voices[k]
        for c, k in zip(plan.claims, speakers.voice_of, strict=True)
    ]
    columns["voice_label"] = ("claim", column([v.label if v else "" for v in spoken]))
    columns["resolved_role"] = ("claim", column([v.role if v else "" for v in spoken]))
    columns["resolved_interest"] = ("claim", column([v.interest if v else "" for v in spoken]))
    columns["stated_log"] = ("claim", plan.readings.centre_log)
    columns["sum_median"] = ("claim", np.exp(np.median(found.sum_log, axis=0)))
    columns["sound_prior"] = ("claim", plan.sound)
    columns["sound_probability"] = ("claim", found.soundness)
    return xr.Dataset(columns, coords=_coords(plan, "claim"))


def _independence(plan: Design) -> xr.Dataset:
    """How many independent claims those on each figure are worth."""
    found = independence_of(plan)
    return xr.Dataset(
        {
            "population": ("spoken_of", column([each.population for each in found])),
            "figure": ("spoken_of", column([each.figure for each in found])),
            "n_claims": ("spoken_of", np.array([each.n_claims for each in found])),
            "n_effective": ("spoken_of", np.array([each.n_effective for each in found])),
        }
    )
