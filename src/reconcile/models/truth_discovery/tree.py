"""The result of a fit of figures on record as a DataTree, independent of PyMC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.models._trees import (
    Labels,
    by_claim,
    claim_group,
    coords_of,
    draws_of,
    estimand_labels,
    fit_tree,
    independence_group,
    labels_of,
    no_divergence,
)
from reconcile.models.independence import Independence
from reconcile.models.truth_discovery.design import RecordDesign
from reconcile.models.truth_discovery.gibbs import RecordDraws
from reconcile.models.truth_discovery.grid import SCALES_LOG
from reconcile.results.provenance import PRIOR_DRAWS

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
    """A fit as a tree like that of the log-scale model; ``found`` has the draws of each chain."""
    names = [name for name in _DIMS if plan.voices or name == "estimate"]
    values = {name: np.concatenate([getattr(chain, name) for chain in found]) for name in names}
    shape = len(found), len(found[0].estimate)
    labels = _labels(plan)
    z = prior_rng.standard_normal((PRIOR_DRAWS, len(plan.quantities)))
    before = {"estimate": np.exp(plan.mean_log + plan.sd_log * z)}
    estimate = values["estimate"]
    sums = np.log(estimate[:, plan.quantity_of_claim]).astype(np.float32)
    groups = {
        "posterior": draws_of(values, _DIMS, labels, shape),
        "prior": draws_of(before, _DIMS, labels, (1, PRIOR_DRAWS)),
        "log_likelihood": by_claim({"reading_log": _likelihood(plan, found)}, labels, shape),
        "posterior_predictive": by_claim({"sum_log": sums}, labels, shape),
        "sample_stats": no_divergence(shape),
        "observed_data": xr.Dataset(
            {"reading_log": ("claim", _stated(plan))}, coords=coords_of(labels, "claim")
        ),
        "constant_data": xr.Dataset(
            {"mean_log": ("quantity", plan.mean_log), "sd_log": ("quantity", plan.sd_log)},
            coords=coords_of(labels, "quantity"),
        ),
        "claims": _claims(plan, found, np.median(estimate, axis=0), labels),
        "independence": independence_group(_independence(plan)),
    }
    return fit_tree(plan.claims, plan.priors, groups, seed=seed, settings=settings)


def _labels(plan: RecordDesign) -> Labels:
    """Labels of each dimension, and their components as further coordinates."""
    of_voice = {
        "voice": [f"{source} ({role})" for source, role in plan.voices],
        "voice_source": [source for source, _ in plan.voices],
        "voice_role": [role for _, role in plan.voices],
    }
    return labels_of(
        {
            "claim": range(1, len(plan.claims) + 1),
            "quantity": estimand_labels(plan.quantities),
            "voice": of_voice,
            "role": plan.roles,
            "scale": SCALES_LOG,
        }
    )


def _stated(plan: RecordDesign) -> Array:
    """Log of the number of each claim; minus infinity for 0."""
    values = np.array([float(claim.value or 0) for claim in plan.claims])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))


def _likelihood(plan: RecordDesign, found: Sequence[RecordDraws]) -> NDArray[np.float32]:
    """Log probability of each claim given the figure and the others, divided among repeats."""
    is_number = plan.witness_of_claim >= 0
    of = plan.witness_of_claim[is_number]
    values = np.zeros((sum(len(chain.estimate) for chain in found), len(plan.claims)), np.float32)
    if of.size:
        logp = np.concatenate([chain.witness_logp for chain in found])
        values[:, is_number] = logp[:, of] / np.bincount(of)[of]
    return values


def _claims(
    plan: RecordDesign, found: Sequence[RecordDraws], median: Array, labels: Labels
) -> xr.Dataset:
    """The claim table, with the probability that each number is the one on record."""
    of = plan.witness_of_claim
    is_number = of >= 0
    voices = np.array(["", *(f"{source} ({role})" for source, role in plan.voices)], dtype=object)
    sound, before = np.full((2, len(plan.claims)), np.nan)
    voice = np.zeros(len(plan.claims), dtype=np.intp)
    if is_number.any():
        voice[is_number] = plan.voice_of[of[is_number]] + 1
        right = np.mean([chain.right.mean(axis=0) for chain in found], axis=0)
        sound[is_number] = right[of[is_number]]
        # The prior of a role's mean reliability is uniform.
        before[is_number] = 0.5
    return claim_group(
        plan.claims,
        labels,
        voices=voices[voice].tolist(),
        roles=plan.claims.claim_roles,
        interests=[claim.interest for claim in plan.claims],
        stated={"stated_log": _stated(plan)},
        sum_median=median[plan.quantity_of_claim],
        sound_prior=before,
        sound_probability=sound,
    )


def _independence(plan: RecordDesign) -> Iterator[Independence]:
    """Number of claims on each figure, and of distinct witnesses."""
    n = len(plan.quantities)
    n_claims = np.bincount(plan.quantity_of_claim, minlength=n)
    n_witnesses = np.bincount(plan.quantity_of_variant[plan.variant_of_witness], minlength=n)
    for quantity, claims, witnesses in zip(plan.quantities, n_claims, n_witnesses, strict=True):
        yield Independence(
            population=quantity.population,
            figure=quantity.figure,
            n_claims=int(claims),
            n_effective=max(float(witnesses), 1.0),
        )
