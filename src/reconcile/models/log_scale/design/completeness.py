"""Completeness of registered counts: the share of the truth they hold, growing with time.

The same sums over cells serve claims about true cells instead of apparent ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from reconcile.claims.claim_set import ClaimSet
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.sums import Incidence
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.priors import Priors

__all__ = ["Registers", "completeness_log", "expected_completeness_log", "registers_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Composition of the registered counts, and of claims about true cells, among some claims.

    A register belongs to one voice and one figure. Its completeness applies to every cell that it
    covers; on the logit scale it is a level plus a gain that grows with the age of the cell.

    Parameters
    ----------
    labels : tuple of str
        One per register.
    claim, register_of : ndarray of shape (count,)
        Position of each count among the claims, and index of its register; -1 for a claim about
        the whole truth.
    is_true : ndarray of bool of shape (count,)
        Whether it counts true cells, as opposed to apparent ones.
    count, node, series, weight : ndarray of shape (pair,)
        Count, node (of a register, a cell and not a running total), its series and its weight in
        the sum.
    gain : ndarray of shape (pair,)
        Increase of the logit completeness with the time since the cell.
    mean, sd : ndarray of shape (register,)
        Normal prior of the logit completeness at age 0.
    """

    labels: tuple[str, ...]
    claim: Indices
    register_of: Indices
    is_true: NDArray[np.bool_]
    count: Indices
    node: Indices
    series: Indices
    weight: Array
    gain: Array
    mean: Array
    sd: Array


def registers_of(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    speakers: Voices,
    age: Array,
    priors: Priors,
) -> Registers:
    """Registers among some claims; ``age`` in days is that of the first identical claim."""
    is_register = readings.is_register.astype(bool)
    whole = (readings.is_truth | readings.is_certain).astype(bool) & ~is_register
    # Ratios are about apparent figures.
    whole &= np.diff(structure.below.indptr) == 0
    counted = np.flatnonzero(is_register | whole)
    keys = [
        (int(speakers.voice_of[k]), claims.estimand_of(claims.claims[k].figure))
        if is_register[k]
        else None
        for k in counted.tolist()
    ]
    registers = {key: k for k, key in enumerate(key for key in dict.fromkeys(keys) if key)}
    constants = [priors.completeness[speakers.voices[voice].role] for voice, _ in registers]
    pairs: list[tuple[int, int, float, float]] = []
    for count, (k, key) in enumerate(zip(counted.tolist(), keys, strict=True)):
        if key is None:
            span = slice(*structure.claims.indptr[k : k + 2])
            nodes = zip(structure.claims.indices[span], structure.claims.data[span], strict=True)
            pairs += [(count, node, weight, 0.0) for node, weight in nodes]
            continue
        growth = constants[registers[key]].growth
        for node, weight, passed in _aged_cells(claims, structure, k, float(age[k])):
            pairs.append((count, node, weight, growth * float(np.log1p(passed))))
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    node = table[:, 1].astype(np.intp)
    return Registers(
        labels=tuple(f"{speakers.voices[voice].label} | {figure}" for voice, figure in registers),
        claim=counted,
        register_of=np.array(
            [-1 if key is None else registers[key] for key in keys], dtype=np.intp
        ),
        is_true=np.ones(len(counted), dtype=bool),
        count=table[:, 0].astype(np.intp),
        node=node,
        series=structure.series_of_node[node],
        weight=table[:, 2],
        gain=table[:, 3],
        mean=np.array([c.mean_logit for c in constants]),
        sd=np.array([c.sd_logit for c in constants]),
    )


def _aged_cells(
    claims: ClaimSet, structure: Incidence, k: int, age: float
) -> Iterator[tuple[int, float, float]]:
    """Node, weight and age in days of each cell that a claim sums."""
    claim, days = claims.claims[k], dict(zip(structure.dates, structure.days, strict=True))
    for node, (weight, last) in structure.cells_of(k).items():
        passed = age
        if last is not None and claim.date is not None:
            # Its mean age if it accrued evenly over its time step.
            passed += (claim.date - last).days + 0.5 * float(days[last] - 1)
        yield node, weight, passed


def completeness_log(registers: Registers, nodes: Array, z: Array, common: Array) -> Array:
    """Log share of each apparent sum that a count holds, shape (n, count).

    From apparent nodes (natural scale), ``z`` by register and the ``common`` error by series.
    """
    register = registers.register_of[registers.count]
    logit = np.full((len(nodes), len(register)), np.inf)
    known = register >= 0
    level = registers.mean + registers.sd * z
    logit[:, known] = level[:, register[known]] + registers.gain[known]
    whole = nodes[:, registers.node] * registers.weight
    true = np.where(registers.is_true[registers.count], common[:, registers.series], 0.0)
    part = whole * expit(logit) * np.exp(-true)
    summed = np.zeros((2, len(nodes), len(registers.claim)))
    for total, terms in zip(summed, (part, whole), strict=True):
        np.add.at(total.T, registers.count, terms.T)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(summed[0]) - np.log(summed[1]))


def expected_completeness_log(registers: Registers, n_claims: int) -> Array:
    """Log prior completeness of each claim, for cells of equal size; 0 for other claims."""
    expected = np.zeros(n_claims)
    if len(registers.claim):
        # Any positive number will do, since all nodes are equal.
        nodes = np.ones((1, int(registers.node.max()) + 1))
        common = np.zeros((1, int(registers.series.max()) + 1))
        z = np.zeros((1, len(registers.labels)))
        expected[registers.claim] = completeness_log(registers, nodes, z, common)[0]
    return expected
