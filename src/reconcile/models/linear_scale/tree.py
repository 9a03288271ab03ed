"""The result of a fit as a DataTree, draws in the units of their figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
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
)
from reconcile.models.independence import MOST_CLAIMS, Independence, effective_number
from reconcile.models.linear_scale.design import LinearDesign
from reconcile.models.linear_scale.reference import (
    LinearLatent,
    left_out_logp,
    linear_soundness,
    reread,
)

__all__ = ["linear_tree"]

type Array = NDArray[np.float64]
_DIMS: Final = {
    **dict.fromkeys(
        ("estimate", "apparent", "tau", "apparent_z", "truth_z", "tau_z"), ("quantity",)
    ),
    **dict.fromkeys(("theta", "deviation", "theta_z"), ("voice",)),
}
_CONSTANTS: Final = {
    **dict.fromkeys(("prior_mean", "prior_sd", "spread"), "quantity"),
    **dict.fromkeys(("tau_scale", "tau_flat", "tau_power", "tau_far"), "quantity"),
    **dict.fromkeys(("common", "common_error"), "quantity"),
    **dict.fromkeys(("centre", "precision"), "voice"),
    **dict.fromkeys(("error", "low", "high", "sound", "failure", "weight"), "claim"),
}
# Where a source is known by its name.
_NAMED: Final = ("bias", "bias_sd", "noise", "named")


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
    """A fit as a tree; arrays are (chain * draw, ...), ``before`` has draws from the prior."""
    shown, of = _natural(plan, latent), plan.quantity_of
    truth = shown.estimate[:, of]
    labels = _labels(plan)
    predicted = {"reading": plan.natural(reread(plan, latent, rng), of), "sum": truth}
    constants = _CONSTANTS | (dict.fromkeys(_NAMED, "voice") if plan.named.any() else {})
    groups = {
        "posterior": _draws(shown, labels, shape, variables),
        "prior": _draws(_natural(plan, before), labels, (1, len(before.estimate)), {}),
        "log_likelihood": by_claim({"reading": left_out_logp(plan, latent)}, labels, shape),
        "posterior_predictive": by_claim(predicted, labels, shape),
        "sample_stats": statistics,
        "observed_data": xr.Dataset(
            {"reading": ("claim", plan.natural(plan.number, of))},
            coords=coords_of(labels, "claim"),
        ),
        "constant_data": xr.Dataset(
            {name: (dim, getattr(plan, name)) for name, dim in constants.items()},
            coords=coords_of(labels, "quantity", "voice", "claim"),
        ),
        "claims": _claims(plan, latent, truth, labels),
        "independence": independence_group(_independence(plan)),
    }
    return fit_tree(plan.claims, plan.priors, groups, seed=seed, settings=settings)


def _natural(plan: LinearDesign, latent: LinearLatent) -> LinearLatent:
    """Draws in the units of their figures, but for the standard deviations of log odds."""
    estimate = plan.natural(latent.estimate)
    of = plan.voice_quantity
    theta = plan.natural(latent.theta, of)
    points = theta - estimate[:, of]
    return replace(
        latent,
        estimate=estimate,
        apparent=plan.natural(latent.apparent),
        theta=theta,
        deviation=np.where(plan.whole[of] > 0, points, latent.deviation),
    )


def _draws(
    latent: LinearLatent, labels: Labels, shape: tuple[int, int], variables: Mapping[str, Array]
) -> xr.Dataset:
    """Draws of what is estimated, and of the free variables."""
    names = ("estimate", "apparent", "tau", "theta", "deviation")
    values = {name: getattr(latent, name) for name in names} | dict(variables)
    return draws_of(values, _DIMS, labels, shape)


def _labels(plan: LinearDesign) -> Labels:
    """Labels of each dimension, with their components as further coordinates."""
    of_voice = {
        "voice": plan.voice_labels,
        "voice_source": [v.source for v in plan.voices],
        "voice_population": [v.population for v in plan.voices],
        "voice_figure": [v.figure for v in plan.voices],
        "voice_role": [v.role for v in plan.voices],
    }
    of_claim = range(1, len(plan.claims) + 1)
    of_quantity = estimand_labels(plan.quantities)
    return labels_of({"claim": of_claim, "quantity": of_quantity, "voice": of_voice})


def _claims(plan: LinearDesign, latent: LinearLatent, truth: Array, labels: Labels) -> xr.Dataset:
    """The claim table, and for each claim the truth it speaks of."""
    voices = zip(plan.voice_of.tolist(), plan.claims.columns.spoken, strict=True)
    return claim_group(
        plan.claims,
        labels,
        voices=[plan.voice_labels[k] if spoken else "" for k, spoken in voices],
        roles=plan.claims.claim_roles,
        interests=[claim.interest for claim in plan.claims],
        stated={"stated": plan.natural(plan.number, plan.quantity_of)},
        sum_median=np.median(truth, axis=0),
        sound_prior=plan.sound * (1 - plan.failure),
        sound_probability=linear_soundness(plan, latent).mean(axis=0),
    )


def _independence(plan: LinearDesign) -> Iterator[Independence]:
    """Effective number of claims on every figure that somebody speaks of."""
    spoken = plan.claims.columns.spoken
    for k, quantity in enumerate(plan.quantities):
        mine = np.flatnonzero(spoken & (plan.quantity_of == k))
        if len(mine):
            yield Independence(
                population=quantity.population,
                figure=quantity.figure,
                n_claims=len(mine),
                n_effective=_worth(plan, mine),
            )


def _worth(plan: LinearDesign, members: NDArray[np.intp]) -> float:
    """Effective number of some claims on one figure, as on the log scale."""
    kept = members[plan.weight[members] > 0]
    if not len(kept) or len(kept) > MOST_CLAIMS:
        return float("nan") if len(kept) else 1.0
    voice = plan.voice_of[kept]
    own = plan.error[kept] ** 2 / plan.weight[kept]
    of = plan.quantity_of[kept[0]]
    shared = plan.spread[of] ** 2
    covariance = shared * (voice[:, None] == voice[None, :]) + np.diag(own)
    covariance += plan.common_sd(plan.spread)[of] ** 2
    # A source that repeats itself makes the matrix singular.
    return effective_number(covariance, solve=lambda a, b: np.linalg.lstsq(a, b)[0])
