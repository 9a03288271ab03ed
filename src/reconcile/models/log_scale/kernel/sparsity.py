"""Sparsity of the Hessian: which free variables each term of the log density depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array, vstack
from scipy.sparse.csgraph import connected_components

from reconcile.models.log_scale.kernel.arrays import VARIABLES

__all__ = ["sparsity_pattern"]

type Indices = NDArray[np.intp]
# Pairs of series with common limits or wholes beyond which sparsity does not pay.
_MOST_PAIRS: Final = 20_000_000


def sparsity_pattern(data: Mapping[str, NDArray[Any]]) -> csr_array | None:
    """Incidence of free variables in the terms of the log density, shape (term, variable).

    Two variables that share no row have no mixed second derivative. None if limits and
    wholes tie so many series together that the Hessian is nearly dense.
    """
    begins = dict(zip(VARIABLES, data["begins"].tolist(), strict=False))
    n, n_claims = int(data["begins"][-1]), data["said"].size
    n_series = data["total_mean_log"].size - data["part_begin"].size + 1
    groups = _tied(data, n)
    if int((groups.sum(axis=1) ** 2).sum()) > _MOST_PAIRS:
        return None
    claims = _of_claims(data, begins, n)
    ranges = [
        _at(data[f"range_{side}_row"], data[f"range_{side}_series"], (data["range_sd_log"].size, n))
        for side in ("above", "below")
    ]
    # A limit, on true totals, couples all series that it moves and their common errors; a whole all
    # of its parts.
    common = _common(data, begins, n)
    together = csr_array(groups.T @ groups)[:n_series]
    together = csr_array(together + together[:, :n_series] @ common)
    groups = csr_array(groups + groups[:, :n_series] @ common)
    sides = ranges[0] + ranges[1]
    sides = sides + sides[:, :n_series] @ common
    # Apparent totals of these depend on the common error.
    moved = csr_array(diags_array(data["level_true"][:n_series]) @ common)
    claims = claims + claims[:, :n_series] @ moved
    counted = data["register_claim"][data["register_count"]], data["register_series"]
    claims = claims + _at(*counted, (n_claims, n_series)) @ common
    seen, sides = (csr_array(each + each[:, :n_series] @ together) for each in (claims, sides))
    following = np.flatnonzero(data["serial_share"] > 0)
    others = _at(following, data["predecessor"][following], (n_claims, n_claims))
    seen = seen + others @ seen
    # All days of a running total, and its total, depend on all of its innovations.
    changes = _changes(data, begins, n)
    totals = _at(np.arange(n_series), np.arange(n_series), (n_series, n)) + moved
    of_totals = (seen, sides, groups, totals)
    terms = [csr_array(each + each[:, :n_series] @ changes) for each in of_totals]
    whole = csr_array(vstack([*terms, diags_array(np.ones(n))]))
    whole.data = np.ones(whole.nnz)
    return whole


def _tied(data: Mapping[str, NDArray[Any]], n: int) -> csr_array:
    """Series and wholes that limits and wholes tie together, shape (group, variable)."""
    n_nodes = data["total_mean_log"].size
    n_series = n_nodes - data["part_begin"].size + 1
    parts, limited = np.diff(data["part_begin"]), np.diff(data["limited_begin"])
    whole = np.repeat(np.arange(parts.size) + n_series, parts)
    group = np.repeat(np.arange(limited.size) + n_nodes, limited)
    size = n_nodes + limited.size
    ends = (
        np.concatenate([whole, group]),
        np.concatenate([data["part_node"], data["limited_series"]]),
    )
    _, label = connected_components(_at(*ends, (size, size)), directed=False)
    nodes = np.flatnonzero(np.bincount(label)[label[:n_nodes]] > 1)
    distinct, row = np.unique(label[nodes], return_inverse=True)
    return _at(row, nodes, (distinct.size, n))


def _of_claims(data: Mapping[str, NDArray[Any]], begins: Mapping[str, int], n: int) -> csr_array:
    """Free variables that enter each claim directly."""
    n_claims = data["said"].size
    every, has_width = np.arange(n_claims), np.flatnonzero(data["width_excess"])
    claim, count = data["register_claim"], data["register_count"]
    registered = np.flatnonzero(data["register_of"] >= 0)
    pairs: list[tuple[str, Indices, Indices]] = [
        ("error_z", *_entries(data, "error")),
        ("noise_log", every, data["role_of"]),
        ("difficulty_z", every, data["difficulty_of"]),
        ("register_z", claim[registered], data["register_of"][registered]),
        ("register_slope_z", claim[registered], data["register_of"][registered]),
        ("register_never_z", claim[registered], data["register_of"][registered]),
        ("level_z", claim[count], _series_of(data, data["register_node"])),
        ("overconfidence_log", has_width, data["stated_of"][has_width]),
    ]
    for side in ("sum", "below"):
        row, node = _entries(data, side)
        pairs.append(("level_z", row, _series_of(data, node)))
    # Not every model has all of them.
    following = dict(zip(VARIABLES, [*list(begins.values())[1:], n], strict=True))
    found = [(row, begins[name] + at) for name, row, at in pairs if following[name] > begins[name]]
    rows, columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _at(rows, columns, (n_claims, n))


def _entries(data: Mapping[str, NDArray[Any]], operator: str) -> tuple[Indices, Indices]:
    """Rows and columns of the entries of a sparse matrix."""
    begin = data[f"{operator}_begin"]
    return np.repeat(np.arange(begin.size - 1), np.diff(begin)), data[f"{operator}_column"]


def _common(data: Mapping[str, NDArray[Any]], begins: Mapping[str, int], n: int) -> csr_array:
    """Free variables on which the common error of each series depends, shape (series, variable)."""
    row, column = _entries(data, "common")
    series = np.arange(data["common_group"].size)
    rows = np.concatenate([row, series])
    columns = [begins["common_z"] + column, begins["difficulty_z"] + data["common_group"]]
    return _at(rows, np.concatenate(columns), (series.size, n))


def _changes(data: Mapping[str, NDArray[Any]], begins: Mapping[str, int], n: int) -> csr_array:
    """Innovations, and their scales, on which each series depends."""
    shape = (data["total_mean_log"].size - data["part_begin"].size + 1, n)
    running, knots = data["level_date"].size, data["knot_step"].size
    if not running * knots:
        return csr_array(shape)
    series, step = np.repeat(np.arange(running), knots), np.tile(np.arange(knots), running)
    shared = begins["path_shared"] + data["path_population"][series] * knots + step
    own = begins["path_own"] + series * knots + step
    spread = [np.full(series.size, begins["path_spread_z"] + part) for part in range(2)]
    return _at(np.tile(series, 4), np.concatenate([shared, own, *spread]), shape)


def _series_of(data: Mapping[str, NDArray[Any]], node: Indices) -> Indices:
    """Series of each node."""
    running, dates = data["level_date"].size, data["days_log"].size
    cells = running * dates
    of_cell = (node % max(cells, 1)) // max(dates, 1)
    return np.where(node < 2 * cells, of_cell, node - 2 * cells + running)


def _at(rows: Indices, columns: Indices, shape: tuple[int, int]) -> csr_array:
    """Sparse array with ones at these positions."""
    return csr_array(coo_array((np.ones(rows.size), (rows, columns)), shape=shape))
