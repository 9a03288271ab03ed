"""The arrays of the model of figures on record; no PyMC here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.roles import DEFAULT_ROLE, warn_of_missing_roles
from reconcile.claims.units import measure_of
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.registry import KINDS
from reconcile.models.estimand import Estimand
from reconcile.priors.priors import Priors, priors_or_default

__all__ = ["DiscoveryDesign", "discovery_design"]

_NUMBERS = ("point", "about")
_BOUNDS = ("at_least", "at_most")
_NORMAL_95 = 1.959963984540054
# Centre of the log of a figure without numbers or a range.
_UNKNOWN_MEAN_LOG = math.log(100.0)
type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryDesign:
    """Arrays of a model of figures on record.

    A *variant* is a number given for a quantity, and a *witness* a source (or origin) that gives
    it, however often. Variants are sorted by quantity, witnesses by variant.

    Parameters
    ----------
    claims : ClaimSet
        Standing numbers and bounds on fixed figures.
    priors : Priors
        Prior constants.
    quantities : tuple of Estimand
        What is estimated.
    voices : tuple of (str, str)
        Source and role of everybody who gives a number.
    roles : tuple of str
        Their roles.
    role_of_voice : ndarray of shape (voice,)
        Index of the role.
    mean_log, sd_log : ndarray of shape (quantity,)
        Normal prior of the log of each quantity.
    variant_start : ndarray of shape (quantity + 1,)
        First variant of each quantity.
    said_log, down_log, up_log : ndarray of shape (variant,)
        Log of the number, and extent of its rounding cell below and above.
    witness_start : ndarray of shape (variant + 1,)
        First witness of each variant.
    voice_of : ndarray of shape (witness,)
        Voice of each witness.
    variant_of_claim, witness_of_claim, quantity_of_claim : ndarray of shape (claim,)
        Indices; -1 for the variant and the witness of a bound.
    bounds : tuple of (int, float, bool, float)
        Quantity, log of the bound, whether it is an upper one, probability that it is empty;
        repeats left out.
    """

    claims: ClaimSet
    priors: Priors
    quantities: tuple[Estimand, ...]
    voices: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    role_of_voice: Indices
    mean_log: Array
    sd_log: Array
    variant_start: Indices
    said_log: Array
    down_log: Array
    up_log: Array
    witness_start: Indices
    voice_of: Indices
    variant_of_claim: Indices
    witness_of_claim: Indices
    quantity_of_claim: Indices
    bounds: tuple[tuple[int, float, bool, float], ...]

    @property
    def role_of_witness(self) -> Indices:
        """Index of the role of each witness."""
        return self.role_of_voice[self.voice_of]

    @property
    def variant_of_witness(self) -> Indices:
        """Variant of each witness."""
        return np.repeat(np.arange(len(self.said_log)), np.diff(self.witness_start))

    @property
    def quantity_of_variant(self) -> Indices:
        """Quantity of each variant."""
        return np.repeat(np.arange(len(self.quantities)), np.diff(self.variant_start))


def discovery_design(claims: ClaimSet, priors: Priors | None = None) -> DiscoveryDesign:
    """Build the arrays of the model; raises ClaimError listing the claims it cannot take."""
    priors = priors_or_default(priors)
    problems = list(_problems(claims))
    if problems:
        raise ClaimError(problems)
    warn_of_missing_roles(
        claims, f"they are treated as {DEFAULT_ROLE!r}, whose sources share one mean reliability"
    )
    roles = [role or DEFAULT_ROLE for role in claims.claim_roles]
    keys = [(claim.population, claim.figure) for claim in claims]
    place = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    quantity_of = np.array([place[key] for key in keys], dtype=np.intp)
    cells = [_cell(claims, claim) for claim in claims]
    who = _speakers(claims, roles, quantity_of, cells)
    numbers = [k for k, claim in enumerate(claims) if claim.kind in _NUMBERS]
    voices = tuple(dict.fromkeys(who[k] for k in numbers))
    told = tuple(dict.fromkeys(role for _, role in voices))
    variants = sorted({(int(quantity_of[k]), cells[k]) for k in numbers})
    variant_at = {variant: k for k, variant in enumerate(variants)}
    voice_at = {voice: k for k, voice in enumerate(voices)}
    pairs = {k: (variant_at[int(quantity_of[k]), cells[k]], voice_at[who[k]]) for k in numbers}
    witnesses = sorted(set(pairs.values()))
    witness_at = {witness: k for k, witness in enumerate(witnesses)}
    of_claim = np.full((2, len(claims)), -1, dtype=np.intp)
    for k, pair in pairs.items():
        of_claim[:, k] = pair[0], witness_at[pair]
    said = np.array([cell for _, cell in variants], dtype=float).reshape(-1, 3)
    n_variants, n = len(variants), len(place)
    start = np.searchsorted([k for k, _ in variants], np.arange(n + 1))
    bounds = _bounds(claims, quantity_of, who, priors)
    prior = [
        _prior(claims, figure, said[start[k] : start[k + 1], 0], priors)
        for (_, figure), k in place.items()
    ]
    return DiscoveryDesign(
        claims=claims,
        priors=priors,
        quantities=tuple(Estimand(population=p, figure=f) for p, f in place),
        voices=voices,
        roles=told,
        role_of_voice=np.array([told.index(role) for _, role in voices], dtype=np.intp),
        mean_log=np.array([mean for mean, _ in prior]),
        sd_log=np.array([sd for _, sd in prior]),
        variant_start=start.astype(np.intp),
        said_log=said[:, 0].copy(),
        down_log=said[:, 1].copy(),
        up_log=said[:, 2].copy(),
        witness_start=np.searchsorted([k for k, _ in witnesses], np.arange(n_variants + 1)).astype(
            np.intp
        ),
        voice_of=np.array([voice for _, voice in witnesses], dtype=np.intp),
        variant_of_claim=of_claim[0],
        witness_of_claim=of_claim[1],
        quantity_of_claim=quantity_of,
        bounds=bounds,
    )


def _problems(claims: ClaimSet) -> Iterator[Problem]:
    """Claims that the model cannot take."""
    for row, claim in enumerate(claims, start=1):

        def problem(field: str, value: object, wrong: str, legal: str) -> Problem:
            return Problem(
                field=field, value=value, wrong=wrong, legal=legal, row=row, source=claim.source  # noqa: B023
            )  # fmt: skip

        figure = claims.figures.get(claim.figure)
        if claim.kind not in (*_NUMBERS, *_BOUNDS):
            legal = ", ".join((*_NUMBERS, *_BOUNDS))
            yield problem("kind", claim.kind, "not available for figures on record", legal)
        elif claim.state != "standing":
            legal = "standing; leave out revised and withdrawn claims"
            yield problem("status", claim.status, "not available for figures on record", legal)
        elif figure is None or figure.parts or len(claim.sides) > 1:
            wrong, legal = "a sum of figures on record", "one figure without parts"
            yield problem("figure", claim.figure, wrong, legal)
        elif figure.accrues or figure.level or claim.since or claim.per:
            wrong = "changes with time, so it is not a figure on record"
            legal = "accrues = false at the figure; a figure of its own for each date"
            yield problem("figure", claim.figure, wrong, legal)
    for figure, key in product(claims.figures.values(), ("ceiling", "floor")):
        if (limit := getattr(figure, key)) is not None:
            yield Problem(
                field=f"figures.{figure.name}.{key}",
                value=limit,
                wrong="not available for figures on record",
                legal="not set; give a plausible range instead",
            )
    for ratio in claims.ratios:
        wrong = "not available for figures on record"
        yield Problem(field=f"ratios.{ratio.of}", value=ratio.about, wrong=wrong, legal="no ratios")


def _cell(claims: ClaimSet, claim: Claim) -> tuple[float, float, float]:
    """Log of a number, and the extent of its rounding cell below and above."""
    reading = KINDS[claim.kind].reading(claim, measure_of(claims, claim))
    return float(reading.centre_log), float(reading.down_log), float(reading.up_log)


def _speakers(
    claims: ClaimSet,
    roles: list[str],
    quantity_of: Indices,
    cells: list[tuple[float, float, float]],
) -> list[tuple[str, str]]:
    """Speaker of each claim; a source's second number for a figure counts as another speaker."""
    names = [claim.origin or claim.source for claim in claims]
    told: dict[tuple[str, int], set[tuple[float, float, float]]] = {}
    for name, claim, quantity, cell in zip(names, claims, quantity_of, cells, strict=True):
        if claim.kind in _NUMBERS:
            told.setdefault((name, int(quantity)), set()).add(cell)
    # By size, so that the order of the table does not matter.
    place = {key: sorted(said) for key, said in told.items()}
    found = []
    for k, (name, claim) in enumerate(zip(names, claims, strict=True)):
        nth = 1
        if claim.kind in _NUMBERS:
            nth += place[name, int(quantity_of[k])].index(cells[k])
        found.append((f"{name}, number {nth}" if nth > 1 else name, roles[k]))
    return found


def _bounds(
    claims: ClaimSet, quantity_of: Indices, who: list[tuple[str, str]], priors: Priors
) -> tuple[tuple[int, float, bool, float], ...]:
    """The bounds, repeats left out."""
    found: dict[object, tuple[int, float, bool, float]] = {}
    for k, claim in enumerate(claims):
        if claim.kind in _BOUNDS and claim.value:
            upper = claim.kind == "at_most"
            role = priors.roles[who[k][1]]
            empty = role.at_most_failure if upper else role.at_least_failure
            entry = int(quantity_of[k]), math.log(claim.value), upper, empty
            found.setdefault((who[k], *entry), entry)
    return tuple(found.values())


def _prior(
    claims: ClaimSet,
    figure: str,
    said_log: Array,
    priors: Priors,
) -> tuple[float, float]:
    """Prior mean and standard deviation of the log of a figure, as on the log scale."""
    plausible = claims.figures[figure].plausible
    if plausible:
        low, high = map(math.log, plausible)
        return 0.5 * (low + high), (high - low) / (2 * _NORMAL_95)
    if said_log.size:
        return float(np.median(said_log)), priors.figure_sd_log
    # Bounds speak through their likelihood alone.
    return _UNKNOWN_MEAN_LOG, priors.unknown_sd_log
