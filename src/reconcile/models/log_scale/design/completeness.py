"""Completeness of registered counts: the share of the truth they hold, growing with time."""

from __future__ import annotations

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
    """Composition of the registered counts among some claims.

    A register belongs to one voice and one figure. Its completeness applies to every cell that it
    covers; on the logit scale it is a level plus a gain that grows with the age of the cell.

    Parameters
    ----------
    labels : tuple of str
        One per register.
    claim, register_of : ndarray of shape (count,)
        Position of each registered count among the claims, and index of its register.
    count, node, weight : ndarray of shape (pair,)
        Count, node (a cell, not a running total) and its weight in the sum.
    gain : ndarray of shape (pair,)
        Increase of the logit completeness with the time since the cell.
    mean, sd : ndarray of shape (register,)
        Normal prior of the logit completeness at age 0.
    """

    labels: tuple[str, ...]
    claim: Indices
    register_of: Indices
    count: Indices
    node: Indices
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
    counted = np.flatnonzero(readings.is_register)
    keys = [
        (int(speakers.voice_of[k]), claims.estimand_of(claims.claims[k].figure))
        for k in counted.tolist()
    ]
    registers = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    constants = [priors.completeness[speakers.voices[voice].role] for voice, _ in registers]
    position = {date: k for k, date in enumerate(structure.dates)}
    pairs: list[tuple[int, int, float, float]] = []
    for count, k in enumerate(counted.tolist()):
        growth = constants[registers[keys[count]]].growth
        claim = claims.claims[k]
        for node, (weight, last) in structure.cells_of(k).items():
            passed = float(age[k])
            if last is not None and claim.date is not None:
                # Its mean age if it accrued evenly over its time step.
                half = 0.5 * float(structure.days[position[last]] - 1)
                passed += (claim.date - last).days + half
            pairs.append((count, node, weight, growth * float(np.log1p(passed))))
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    return Registers(
        labels=tuple(f"{speakers.voices[voice].label} | {figure}" for voice, figure in registers),
        claim=counted,
        register_of=np.array([registers[key] for key in keys], dtype=np.intp),
        count=table[:, 0].astype(np.intp),
        node=table[:, 1].astype(np.intp),
        weight=table[:, 2],
        gain=table[:, 3],
        mean=np.array([c.mean_logit for c in constants]),
        sd=np.array([c.sd_logit for c in constants]),
    )


def completeness_log(registers: Registers, nodes: Array, z: Array) -> Array:
    """Log completeness of each count, shape (n, count), from natural-scale nodes and ``z``."""
    logit = (registers.mean + registers.sd * z)[:, registers.register_of[registers.count]]
    whole = nodes[:, registers.node] * registers.weight
    part = whole * expit(logit + registers.gain)
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
        z = np.zeros((1, len(registers.labels)))
        expected[registers.claim] = completeness_log(registers, nodes, z)[0]
    return expected
