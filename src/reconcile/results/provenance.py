"""What every fit records: claims, provenance, statistics of the sampler."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._version import __version__
from reconcile.claims.claim import COLUMNS
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.fields import NUMBERS
from reconcile.claims.serialise import case_table, claim_rows
from reconcile.claims.units import measure_of
from reconcile.priors.priors import Priors

__all__ = ["PRIOR_DRAWS", "attributes", "claim_columns", "column", "sample_stats"]

# Draws from the prior in every fit.
PRIOR_DRAWS: Final = 2000
_PACKAGES: Final = ("numpy", "scipy", "pymc", "pytensor", "nutpie", "arviz", "xarray")
_MOST_CHARACTERS: Final = 1_000_000
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


def column(cells: list[Any]) -> NDArray[Any]:
    """Cells as an array that netCDF can hold."""
    if not any(isinstance(cell, str) for cell in cells):
        return np.array(cells)
    # pandas inspects objects each time xarray copies them; but fixed-width text is as wide as the
    # longest cell.
    whole = len(cells) * max(len(str(cell)) for cell in cells)
    return np.array(cells, dtype=str if whole < _MOST_CHARACTERS else object)


def sample_stats(statistics: xr.Dataset) -> xr.Dataset:
    """Statistics of the sampler by ArviZ's names."""
    kept = {new: statistics[old] for old, new in _STATISTICS.items() if old in statistics}
    return xr.Dataset(kept)


def claim_columns(claims: ClaimSet) -> dict[str, Any]:
    """The claim table as variables along ``claim``; ``extra`` as JSON."""
    rows = claim_rows(claims)
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        cells = [row[name] for row in rows]
        if name in NUMBERS:
            columns[name] = ("claim", np.array([np.nan if c is None else c for c in cells], float))
        else:
            texts = ["" if c is None else _text(c) for c in cells]
            columns[name] = ("claim", column(texts))
    # Names of unknown columns may hold what netCDF does not allow.
    extra = [json.dumps(dict(claim.extra), default=str) for claim in claims]
    columns["extra"] = ("claim", column(extra))
    # The figures without parts that each claim is about.
    parts = [claims.estimand_of(claim.figure) for claim in claims]
    columns["parts"] = ("claim", column(parts))
    # Number of periods that a rate covers.
    times = [measure_of(claims, claim).times if claim.per else 1.0 for claim in claims]
    columns["times"] = ("claim", np.array(times))
    return columns


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


@cache
def _versions() -> str:
    """Versions of the packages that the numbers depend on, as JSON."""
    found = {"python": platform.python_version()} | {p: version(p) for p in _PACKAGES}
    return json.dumps(found)


def attributes(
    claims: ClaimSet, priors: Priors, seed: int, settings: Mapping[str, int]
) -> dict[str, Any]:
    """Attributes of the root of a fit: what it takes to get the same numbers again."""
    case = case_table(claims)
    case |= {key: case[key].isoformat() if case[key] else "" for key in ("start", "end")}
    table = json.dumps([case, claim_rows(claims)], default=str, sort_keys=True)
    return {
        "reconcile_version": __version__,
        "versions": _versions(),
        "random_seed": seed,
        **settings,
        "claims_sha256": hashlib.sha256(table.encode()).hexdigest(),
        "case": json.dumps(case),
        "priors": json.dumps(priors.as_table()),
    }
