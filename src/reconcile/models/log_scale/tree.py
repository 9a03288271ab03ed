"""The result of a fit as a self-contained DataTree, independent of PyMC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._parallel import in_blocks
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
from reconcile.models.log_scale.design.arrays import (
    DATA_DIMS,
    coordinates,
    model_data,
    variable_dims,
)
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.reference.effective_claims import independence_of
from reconcile.models.log_scale.reference.forward import Amounts, amounts, forward
from reconcile.models.log_scale.reference.likelihood import loglik_and_soundness
from reconcile.models.log_scale.reference.predictive import draw_readings
from reconcile.results.provenance import PRIOR_DRAWS, column, sample_stats

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
    """A fit as a tree: draws (chain, draw, ...), derived quantities, claims, provenance."""
    shape = next(iter(parameters.values())).shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    found = predictive_draws(plan, flat, predictive_rng)
    before = _of_prior(plan, prior_parameters)
    labels = _labels(plan)
    predicted = {"reading_log": found.reading_log, "sum_log": found.sum_log}
    groups = {
        "posterior": _draws(plan, flat, found.amounts, labels, shape),
        "prior": _draws(plan, prior_parameters, before, labels, (1, PRIOR_DRAWS)),
        "log_likelihood": by_claim({"reading_log": found.log_likelihood}, labels, shape),
        "posterior_predictive": by_claim(predicted, labels, shape),
        "sample_stats": sample_stats(statistics),
        "observed_data": xr.Dataset(
            {"reading_log": ("claim", plan.readings.said)}, coords=coords_of(labels, "claim")
        ),
        "constant_data": _constants(plan, labels),
        "claims": _claims(plan, found, labels),
        "independence": independence_group(independence_of(plan)),
    }
    tree = fit_tree(plan.claims, plan.priors, groups, seed=seed, settings=settings)
    tree.attrs["assumptions"] = "; ".join(plan.speakers.assumptions)
    return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """Quantities derived from draws; the soundness of each claim is averaged over draws."""

    amounts: Amounts
    sum_log: Array
    reading_log: Array
    log_likelihood: Array
    soundness: Array


def predictive_draws(plan: Design, flat: Mapping[str, Array], rng: np.random.Generator) -> _Derived:
    """Derived quantities of draws, and predictive readings."""
    n = len(next(iter(flat.values())))
    root = int(rng.integers(2**63))

    def work(block: slice, number: int) -> tuple[Array, ...]:
        latent = forward(plan, {name: values[block] for name, values in flat.items()})
        seeds = np.random.SeedSequence(root, spawn_key=(number,))
        reading_log, _ = draw_readings(plan, latent, np.random.default_rng(seeds))
        logp, soundness = loglik_and_soundness(plan, latent)
        others = latent.sum_log, reading_log, logp, soundness.sum(axis=0, keepdims=True)
        return *_arrays(latent), *others

    of_claims = len(plan.claims), plan.biases.matrix.shape[1], plan.registers.node.size
    parts = in_blocks(work, n, each=max(_width(plan), *of_claims))
    *found, sum_log, reading_log, logp, soundness = map(np.concatenate, zip(*parts, strict=True))
    return _Derived(
        amounts=Amounts(**dict(zip(_NAMES, found, strict=True))),
        sum_log=sum_log,
        reading_log=reading_log,
        log_likelihood=logp,
        soundness=soundness.sum(axis=0) / n,
    )


def _of_prior(plan: Design, parameters: Mapping[str, Array]) -> Amounts:
    """Estimates and biases of prior draws."""

    def work(block: slice, _: int) -> tuple[Array, ...]:
        some = {name: values[block] for name, values in parameters.items()}
        return _arrays(amounts(plan, some)[0])

    parts = in_blocks(work, PRIOR_DRAWS, each=_width(plan))
    found = map(np.concatenate, zip(*parts, strict=True))
    return Amounts(**dict(zip(_NAMES, found, strict=True)))


_NAMES: Final = tuple(field.name for field in fields(Amounts))


def _arrays(found: Amounts) -> tuple[Array, ...]:
    return tuple(getattr(found, name) for name in _NAMES)


def _width(plan: Design) -> int:
    """Size of the largest array of one draw, claims excluded."""
    structure = plan.structure
    return max(structure.n_nodes, len(structure.quantities), len(plan.speakers.voices))


def _draws(
    plan: Design,
    parameters: Mapping[str, Array],
    implied: Amounts,
    labels: Labels,
    shape: tuple[int, int],
) -> xr.Dataset:
    """Draws by their names in the model."""
    values = {
        **dict(zip(_NAMES, _arrays(implied), strict=True)),
        **parameters,
    }
    return draws_of(values, variable_dims(plan), labels, shape)


def _labels(plan: Design) -> Labels:
    """Labels of each dimension, and their components as further coordinates."""
    voices = plan.speakers.voices
    of_voice = {
        "voice": [v.label for v in voices],
        "voice_source": [v.source for v in voices],
        "voice_population": [v.population for v in voices],
        "voice_role": [v.role for v in voices],
        "voice_interest": [v.interest for v in voices],
    }
    of_quantity = estimand_labels(plan.structure.quantities)
    return labels_of(coordinates(plan) | {"quantity": of_quantity, "voice": of_voice})


def _constants(plan: Design, labels: Labels) -> xr.Dataset:
    """The data of the model."""
    variables: dict[str, tuple[tuple[str, ...], NDArray[Any]]] = {}
    for name, array in model_data(plan).items():
        dims = tuple(f"{name}_dim_{k}" for k in range(array.ndim))
        variables[name] = ((DATA_DIMS[name],) if name in DATA_DIMS else dims, array)
    if plan.structure.dates:
        # For estimates on other days, with which the model has nothing to do.
        variables["stretch_end"] = (
            ("stretch",),
            column([str(day) for day in plan.structure.dates]),
        )
        variables["path_spread"] = (("path_spread_dim_0",), np.array([PATH_SPREAD]))
    named = plan.speakers.named(plan.priors).named
    if named.any():
        variables["named"] = (("voice",), named)
    names = "voice", "series", "whole", "claim", "population", "group"
    return xr.Dataset(variables, coords=coords_of(labels, *names))


def _claims(plan: Design, found: _Derived, labels: Labels) -> xr.Dataset:
    """The claim table, with the posterior median of each claim's sum and its soundness."""
    voices, of = plan.speakers.voices, plan.speakers.voice_of.tolist()
    spoken = [
        voices[k] if is_spoken else None
        for k, is_spoken in zip(of, plan.claims.columns.spoken, strict=True)
    ]
    return claim_group(
        plan.claims,
        labels,
        voices=[v.label if v else "" for v in spoken],
        roles=[v.role if v else "" for v in spoken],
        interests=[v.interest if v else "" for v in spoken],
        stated={"stated_log": plan.readings.centre_log},
        sum_median=np.exp(np.median(found.sum_log, axis=0)),
        sound_prior=plan.sound,
        sound_probability=found.soundness,
    )
