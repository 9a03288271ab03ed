"""Completeness of counts: the share of what is to be counted that they hold, growing with time.

The same sums over cells serve claims about true cells instead of apparent ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.situations import Context, passed_days
from reconcile.models.log_scale.design.sums import Incidence
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.constants import CompletenessPrior
from reconcile.priors.priors import Priors

__all__ = ["Registers", "completeness_log", "expected_completeness_log", "registers_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Kinds whose number may come from a count that still grows.
_SETTLING: Final = frozenset(("point", "about", "between", "interval", "at_least"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Composition of the counts, and of claims about true cells, among some claims.

    A register belongs to one voice and one figure. Its completeness applies to every cell that it
    covers; on the logit scale it is a level plus a slope times the log age of the cell. It grows
    towards the share that is ever counted. Registered counts hold a share of true cells, other
    numbers a share of apparent ones.

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
    age_log : ndarray of shape (pair,)
        Log of one plus the days since the cell.
    mean, sd, tail : ndarray of shape (register,)
        Prior of the logit completeness at age 0: normal, but for the weight of its tails.
    growth, growth_sd_log : ndarray of shape (register,)
        Lognormal prior of the slope: its median, and the standard deviation of its log.
    never, never_sd_log : ndarray of shape (register,)
        Lognormal prior of minus the log share that is ever counted.
    """

    labels: tuple[str, ...]
    claim: Indices
    register_of: Indices
    is_true: NDArray[np.bool_]
    count: Indices
    node: Indices
    series: Indices
    weight: Array
    age_log: Array
    mean: Array
    sd: Array
    tail: Array
    growth: Array
    growth_sd_log: Array
    never: Array
    never_sd_log: Array

    @property
    def some_never(self) -> bool:
        """Whether a register may lack something for good, so that there are variables for it."""
        return bool(self.never.any())

    def share(self, z: Array, slope_z: Array, never_z: Array) -> Array:
        """Completeness of each pair, shape (n, pair); 1 without a register."""
        register = self.register_of[self.count]
        known = register >= 0
        share = np.ones((len(z), len(register)))
        level = self.mean + self.sd * z * np.exp(self.tail * z**2 / 2)
        slope = self.growth * np.exp(self.growth_sd_log * slope_z)
        which = register[known]
        logit = level[:, which] + slope[:, which] * self.age_log[known]
        share[:, known] = expit(logit)
        if self.some_never:
            ever = np.exp(-self.never * np.exp(self.never_sd_log * never_z))
            share[:, known] *= ever[:, which]
        return share


def registers_of(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    speakers: Voices,
    contexts: Mapping[str, Context],
    age: Array,
    priors: Priors,
) -> Registers:
    """Registers among some claims; ``age`` in days is that of each claim's cells."""
    whole = (readings.is_truth | readings.is_certain).astype(bool) & ~is_ratio(structure)
    found = _found(claims, structure, readings, speakers, contexts, priors)
    counted = np.flatnonzero(whole | np.array([key is not None for key in found]))
    keys = [None if whole[k] else found[k] for k in counted.tolist()]
    registers = {key: k for k, key in enumerate(key for key in dict.fromkeys(keys) if key)}
    constants = [key.prior for key in registers]
    pairs: list[tuple[int, int, float, float]] = []
    for count, (k, key) in enumerate(zip(counted.tolist(), keys, strict=True)):
        if key is None:
            span = slice(*structure.claims.indptr[k : k + 2])
            nodes = zip(structure.claims.indices[span], structure.claims.data[span], strict=True)
            pairs += [(count, node, weight, 0.0) for node, weight in nodes]
            continue
        cells = _aged_cells(claims, structure, k, float(age[k]))
        pairs += [(count, node, weight, float(np.log1p(passed))) for node, weight, passed in cells]
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    on = table[:, 1].astype(np.intp)
    return Registers(
        labels=tuple(key.label for key in registers),
        claim=counted,
        register_of=np.array([registers[key] if key else -1 for key in keys], dtype=np.intp),
        is_true=np.array([not key or key.is_true for key in keys], dtype=bool),
        count=table[:, 0].astype(np.intp),
        node=on,
        series=structure.series_of_node[on],
        weight=table[:, 2],
        age_log=table[:, 3],
        mean=np.array([c.mean_logit for c in constants]),
        sd=np.array([c.sd_logit for c in constants]),
        tail=np.array([c.tail for c in constants]),
        growth=np.array([c.growth for c in constants]),
        growth_sd_log=np.array([c.growth_sd_log for c in constants]),
        never=np.array([c.never for c in constants]),
        never_sd_log=np.array([c.never_sd_log for c in constants]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Register:
    """One register: its label, its prior, and whether it counts true cells."""

    label: str
    prior: CompletenessPrior
    is_true: bool


def _found(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    speakers: Voices,
    contexts: Mapping[str, Context],
    priors: Priors,
) -> list[_Register | None]:
    """Register of each claim.

    Levels do not settle, and what is of unknown age may be of any time after the event.
    """
    columns, compositions = claims.columns, claims.compositions
    settles = columns["kind"].map(_SETTLING.__contains__) & ~np.isnan(passed_days(claims, contexts))
    settles &= ~columns["figure"].map(lambda name: compositions[name].is_level)
    settles &= ~(readings.is_certain.astype(bool) | is_ratio(structure))
    is_register = readings.is_register.astype(bool)
    groups = group_by([columns["population"], columns["figure"], speakers.voice_of, is_register])
    of_group: list[_Register | None] = []
    for k in groups.first.tolist():
        claim, voice = claims.claims[k], speakers.voices[speakers.voice_of[k]]
        kind = "completeness" if is_register[k] else "settling"
        prior = priors.register_of(voice.role, contexts[claim.population].setting, kind=kind)
        label = f"{voice.label} | {claims.estimand_of(claim.figure)}"
        if is_register[k]:
            label = f"{label}, confirmed"
        is_true = bool(is_register[k])
        of_group.append(_Register(label=label, prior=prior, is_true=is_true) if prior else None)
    has_one = (settles | is_register).tolist()
    return [
        of_group[g] if has else None for g, has in zip(groups.codes.tolist(), has_one, strict=True)
    ]


def is_ratio(structure: Incidence) -> NDArray[np.bool_]:
    """Whether each claim is about a ratio."""
    return np.asarray(np.diff(structure.below.indptr) > 0)


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


def completeness_log(
    registers: Registers, nodes: Array, z: Array, slope_z: Array, never_z: Array, common: Array
) -> Array:
    """Log share of each apparent sum that a count holds, shape (n, count).

    From apparent nodes (natural scale), the standard normal variables of registers and the
    ``common`` error by series.
    """
    whole = nodes[:, registers.node] * registers.weight
    true = np.where(registers.is_true[registers.count], common[:, registers.series], 0.0)
    part = whole * registers.share(z, slope_z, never_z) * np.exp(-true)
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
        expected[registers.claim] = completeness_log(registers, nodes, z, z, z, common)[0]
    return expected
