"""Parts of the result tree shared by the models: attributes, draws, coordinates, claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.inference.rounds import Round
from reconcile.models.estimand import Estimand
from reconcile.models.independence import Independence
from reconcile.priors.priors import Priors
from reconcile.results.convergence import judged, mark
from reconcile.results.provenance import attributes, claim_columns, column

__all__ = [
    "Labels",
    "by_claim",
    "claim_group",
    "coords_of",
    "draws_of",
    "estimand_labels",
    "first_converged",
    "fit_tree",
    "independence_group",
    "labels_of",
    "no_divergence",
]

type Array = NDArray[np.float64]
# Coordinates by dimension: its labels, and what these are made of.
type Labels = Mapping[str, Mapping[str, tuple[str, NDArray[Any]]]]
_CLAIM: Final = ("claim",)


def fit_tree(
    claims: ClaimSet,
    priors: Priors,
    groups: Mapping[str, xr.Dataset],
    *,
    seed: int,
    settings: Mapping[str, int],
) -> xr.DataTree:
    """A tree of groups whose root has the attributes needed to reproduce the fit."""
    tree = xr.DataTree(dataset=xr.Dataset(attrs=attributes(claims, priors, seed, settings)))
    for name, group in groups.items():
        tree[name] = xr.DataTree(dataset=group)
    return tree


def labels_of(labels: Mapping[str, Mapping[str, Sequence[Any]] | Sequence[Any]]) -> Labels:
    """Coordinates from labels by dimension, or from mappings with further coordinates."""
    return {
        dim: {
            name: (dim, column(list(cells)))
            for name, cells in (given if isinstance(given, Mapping) else {dim: given}).items()
        }
        for dim, given in labels.items()
    }


def estimand_labels(estimands: Iterable[Estimand]) -> dict[str, list[str]]:
    """Labels of the dimension ``quantity``."""
    every = list(estimands)
    return {
        "quantity": [each.label for each in every],
        "quantity_population": [each.population for each in every],
        "quantity_figure": [each.figure for each in every],
        "quantity_date": [each.date.isoformat() if each.date else "" for each in every],
    }


def coords_of(labels: Labels, *dims: str) -> dict[str, Any]:
    """Coordinates of some dimensions."""
    return {name: cells for dim in dims for name, cells in labels[dim].items()}


def draws_of(
    values: Mapping[str, NDArray[Any]],
    dims: Mapping[str, tuple[str, ...]],
    labels: Labels,
    shape: tuple[int, int],
) -> xr.Dataset:
    """Arrays of shape (chain * draw, ...) as variables with coordinates."""
    used = dict.fromkeys(dim for name in values for dim in dims[name])
    return xr.Dataset(
        {
            name: (("chain", "draw", *dims[name]), array.reshape(*shape, *array.shape[1:]))
            for name, array in values.items()
        },
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            **coords_of(labels, *used),
        },
    )


def by_claim(
    values: Mapping[str, NDArray[Any]], labels: Labels, shape: tuple[int, int]
) -> xr.Dataset:
    """Arrays of shape (chain * draw, claim) as variables."""
    return draws_of(values, dict.fromkeys(values, _CLAIM), labels, shape)


def claim_group(
    claims: ClaimSet,
    labels: Labels,
    *,
    voices: Iterable[str],
    roles: Iterable[str],
    interests: Iterable[str],
    stated: Mapping[str, Array],
    sum_median: Array,
    sound_prior: Array,
    sound_probability: Array,
) -> xr.Dataset:
    """The claim table, and what the model adds; ``stated`` maps its name to numbers."""
    texts = {"voice_label": voices, "resolved_role": roles, "resolved_interest": interests}
    columns = {name: column(list(cells)) for name, cells in texts.items()} | dict(stated)
    columns["sum_median"] = sum_median
    columns["sound_prior"] = sound_prior
    columns["sound_probability"] = sound_probability
    further = {name: ("claim", cells) for name, cells in columns.items()}
    return xr.Dataset(claim_columns(claims) | further, coords=coords_of(labels, "claim"))


def independence_group(found: Iterable[Independence]) -> xr.Dataset:
    """A row for each figure with claims."""
    names = ("population", "figure", "n_claims", "n_effective")
    rows = list(found)
    return xr.Dataset(
        {name: ("spoken_of", column([getattr(row, name) for row in rows])) for name in names}
    )


def first_converged(
    found: Iterable[Round], complete: Callable[[Mapping[str, Array], xr.Dataset], xr.DataTree]
) -> xr.DataTree:
    """The tree of the first round that converged, else of the last one; marked."""
    for each in found:
        tree = complete(each.parameters, each.statistics)
        verdict = judged(tree)
        if verdict.converged or not verdict.may_change:
            break
    tree.attrs |= each.attributes
    mark(tree, verdict)
    return tree


def no_divergence(shape: tuple[int, int]) -> xr.Dataset:
    """Statistics of draws without trajectories."""
    return xr.Dataset({"diverging": (("chain", "draw"), np.zeros(shape, dtype=bool))})
