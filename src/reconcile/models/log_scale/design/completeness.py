"""Registered counts: what share of the truth a register holds, and how that grows with time."""

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
    """What the registered counts among some claims consist of.

    A register is kept by one voice, of one figure. Its completeness is a share of every cell that
    it covers, on the logit scale: its own level, and more the longer ago a cell is.

    Parameters
    ----------
    labels : tuple of str
        Of the registers.
    claim : ndarray of shape (count,)
        Position of each registered count among the claims.
    register_of : ndarray of shape (count,)
        Index of its register.
    count, node : ndarray of shape (pair,)
        Which count sums which node; cells, and not running totals.
    weight : ndarray of shape (pair,)
        Of the node in the sum.
    gain : ndarray of shape (pair,)
        What the time since the cell adds to the logit of the completeness.
    mean, sd : ndarray of shape (register,)
        Prior of that logit on the day itself.
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
    """Work out the registers among some claims.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    structure : Incidence
        What each claim sums.
    readings : Readings
        Of the claims.
    speakers : Voices
        Who speaks.
    age : ndarray of shape (claim,)
        Days from the event, or from the last day covered, to when the claim was first made: said
        again later, the same count is no fuller.
    priors : Priors
        For the completeness.

    Returns
    -------
    Registers
    """
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
                # Spread evenly over its stretch, a cell is as old as the middle of it.
                half = 0.5 * float(structure.days[position[last]] - 1)
                passed += (claim.date - last).days + half
            pairs.append((count, node, weight, growth * float(np.log1p(passed))))
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    return Registers(
        labels=tuple(f"{speakers.voices[voice].label} | {thing}" for voice, thing in registers),
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
    """Log of the share of the truth that each registered count holds.

    Parameters
    ----------
    registers : Registers
        What they consist of.
    nodes : ndarray of shape (n, node)
        Values of the nodes, natural scale, for each of ``n`` draws.
    z : ndarray of shape (n, register)
        Standardised logit of each register's completeness.

    Returns
    -------
    ndarray of shape (n, count)
        At most 0.
    """
    logit = (registers.mean + registers.sd * z)[:, registers.register_of[registers.count]]
    whole = nodes[:, registers.node] * registers.weight
    part = whole * expit(logit + registers.gain)
    summed = np.zeros((2, len(nodes), len(registers.claim)))
    for total, terms in zip(summed, (part, whole), strict=True):
        np.add.at(total.T, registers.count, terms.T)
    with np.errstate(divide="ignore"):
        found: Array = np.log(summed[0]) - np.log(summed[1])
    return found


def expected_completeness_log(registers: Registers, n_claims: int) -> Array:
    """Log of the completeness expected of each claim, cells taken for equal; 0 of no register.

    Parameters
    ----------
    registers : Registers
        What they consist of.
    n_claims : int
        How many claims there are.

    Returns
    -------
    ndarray of shape (claim,)
    """
    expected = np.zeros(n_claims)
    if len(registers.claim):
        # Any number above zero will do for the nodes: they are all the same.
        nodes = np.ones((1, int(registers.node.max()) + 1))
        z = np.zeros((1, len(registers.labels)))
        expected[registers.claim] = completeness_log(registers, nodes, z)[0]
    return expected
