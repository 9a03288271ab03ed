"""The result of a fit as a DataTree that needs nothing else to be read: no PyMC here."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._version import __version__
from reconcile.claims import COLUMNS
from reconcile.design import Design
from reconcile.effective_number import independence_of
from reconcile.figures import Figure
from reconcile.latent import Latent, forward
from reconcile.measures import measure_of
from reconcile.model_data import DATA_DIMS, coordinates, model_data
from reconcile.observation import log_likelihood, read, soundness
from reconcile.tables import claim_rows

__all__ = ["PRIOR_DRAWS", "result_tree"]

PRIOR_DRAWS: Final = 2000
_PACKAGES: Final = ("numpy", "scipy", "pymc", "pytensor", "nutpie", "arviz", "xarray")
_NUMBERS: Final = ("value", "low", "high", "coverage")
# nutpie's names of the statistics of its draws, and ArviZ's.
_STATISTICS: Final = {
    "diverging": "diverging",
    "energy": "energy",
    "depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size_bar": "step_size",
    "mean_tree_accept": "acceptance_rate",
    "maxdepth_reached": "reached_max_treedepth",
    "logp": "lp",
}

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
    latent = forward(plan, flat)
    reading_log, _ = read(plan, latent, predictive_rng)
    tree = xr.DataTree(dataset=xr.Dataset(attrs=_attributes(plan, seed, settings)))
    groups = {
        "posterior": _draws(plan, flat, latent, shape),
        "prior": _draws(plan, prior_parameters, forward(plan, prior_parameters), (1, PRIOR_DRAWS)),
        "log_likelihood": _by_claim(plan, log_likelihood(plan, latent), shape),
        "posterior_predictive": _predicted(plan, latent, reading_log, shape),
        "sample_stats": _sample_stats(statistics),
        "observed_data": xr.Dataset(
            {"reading_log": ("claim", plan.readings.said)}, coords=_coords(plan, "claim")
        ),
        "constant_data": _constants(plan),
        "claims": _claims(plan, latent),
        "independence": _independence(plan),
    }
    for name, group in groups.items():
        tree[name] = xr.DataTree(dataset=group)
    return tree


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
    "path_shared": ("population", "innovation"),
    "path_own": ("running", "innovation"),
}


def _draws(
    plan: Design, parameters: Mapping[str, Array], latent: Latent, shape: tuple[int, int]
) -> xr.Dataset:
    """Draws by the names they have in the model, with readable coordinates."""
    values = {
        "estimate": latent.estimate,
        "total_log": latent.total_log,
        "bias_log": latent.bias_log,
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
    return {name: (dim, _column(cells)) for dim in dims for name, cells in by_dim[dim].items()}


def _column(cells: list[Any]) -> NDArray[Any]:
    """Cells as an array that netCDF can hold."""
    return (
        np.array(cells, dtype=object) if any(isinstance(c, str) for c in cells) else np.array(cells)
    )


def _by_claim(plan: Design, values: Array, shape: tuple[int, int]) -> xr.Dataset:
    return xr.Dataset(
        {"reading_log": (("chain", "draw", "claim"), values.reshape(*shape, -1))},
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            **_coords(plan, "claim"),
        },
    )


def _predicted(plan: Design, latent: Latent, reading_log: Array, shape: tuple[int, int]) -> Any:
    """Readings drawn anew, and the true sums that the claims speak of."""
    sums = _by_claim(plan, latent.sum_log, shape)["reading_log"]
    return _by_claim(plan, reading_log, shape).assign(sum_log=sums)


def _sample_stats(statistics: xr.Dataset) -> xr.Dataset:
    kept = {new: statistics[old] for old, new in _STATISTICS.items() if old in statistics}
    return xr.Dataset(kept).drop_attrs()


def _constants(plan: Design) -> xr.Dataset:
    """The data of the model, as it was given them."""
    variables = {}
    for name, array in model_data(plan).items():
        dims = tuple(f"{name}_dim_{k}" for k in range(array.ndim))
        variables[name] = ((DATA_DIMS[name],) if name in DATA_DIMS else dims, array)
    return xr.Dataset(variables, coords=_coords(plan, "voice", "series", "claim", "population"))


def _claims(plan: Design, latent: Latent) -> xr.Dataset:
    """The claim table, and for each claim the sum it speaks of."""
    rows = claim_rows(plan.claims)
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        cells = [row[name] for row in rows]
        if name in _NUMBERS:
            columns[name] = ("claim", np.array([np.nan if c is None else c for c in cells], float))
        else:
            texts = ["" if c is None else _text(c) for c in cells]
            columns[name] = ("claim", _column(texts))
    # Names of unknown columns may hold what netCDF does not allow.
    extra = [json.dumps(dict(claim.extra), default=str) for claim in plan.claims]
    columns["extra"] = ("claim", _column(extra))
    parts = [plan.claims.thing(claim.figure) for claim in plan.claims]
    columns["parts"] = ("claim", _column(parts))
    speakers = plan.speakers
    spoken = [
        None if c.kind == "truth" else speakers.voices[k]
        for c, k in zip(plan.claims, speakers.voice_of, strict=True)
    ]
    columns["voice_label"] = ("claim", _column([v.label if v else "" for v in spoken]))
    columns["resolved_role"] = ("claim", _column([v.role if v else "" for v in spoken]))
    columns["resolved_interest"] = ("claim", _column([v.interest if v else "" for v in spoken]))
    times = [measure_of(plan.claims, claim).times if claim.per else 1.0 for claim in plan.claims]
    columns["times"] = ("claim", np.array(times))
    columns["stated_log"] = ("claim", plan.readings.centre_log)
    columns["sum_median"] = ("claim", np.exp(np.median(latent.sum_log, axis=0)))
    columns["sound_prior"] = ("claim", plan.sound)
    columns["sound_probability"] = ("claim", soundness(plan, latent).mean(axis=0))
    return xr.Dataset(columns, coords=_coords(plan, "claim"))


def _independence(plan: Design) -> xr.Dataset:
    """How many independent claims those on each figure are worth."""
    found = independence_of(plan)
    return xr.Dataset(
        {
            "population": ("spoken_of", _column([each.population for each in found])),
            "figure": ("spoken_of", _column([each.figure for each in found])),
            "n_claims": ("spoken_of", np.array([each.n_claims for each in found])),
            "n_effective": ("spoken_of", np.array([each.n_effective for each in found])),
        }
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _attributes(plan: Design, seed: int, settings: Mapping[str, int]) -> dict[str, Any]:
    """Provenance: what it takes to get the same numbers again."""
    claims = plan.claims
    case = {
        "title": claims.title,
        "setting": claims.setting,
        "start": claims.start.isoformat() if claims.start else "",
        "end": claims.end.isoformat() if claims.end else "",
        "figures": {
            figure.name: {field.name: getattr(figure, field.name) for field in fields(Figure)}
            for figure in claims.figures.values()
        },
        "sources": {
            source.name: {"roles": dict(source.roles), "group": source.group}
            for source in claims.sources.values()
        },
        "ratios": {r.of: {"about": r.about, "sd_log": r.sd_log} for r in claims.ratios},
    }
    priors = plan.priors.as_table()
    table = json.dumps([case, claim_rows(claims)], default=str, sort_keys=True)
    return {
        "reconcile_version": __version__,
        "versions": json.dumps(
            {"python": platform.python_version()} | {p: version(p) for p in _PACKAGES}
        ),
        "random_seed": seed,
        **settings,
        "claims_sha256": hashlib.sha256(table.encode()).hexdigest(),
        "case": json.dumps(case),
        "priors": json.dumps(priors),
    }
