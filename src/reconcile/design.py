"""Everything a model of some claims consists of, as plain arrays: no PyMC here."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.errors import AssumptionWarning
from reconcile.figure_priors import figure_priors
from reconcile.incidence import Incidence, incidence
from reconcile.paths import Ceilings, innovation_matrix
from reconcile.priors import Priors
from reconcile.readings import STATED, Readings, reading_of

__all__ = ["DEFAULT_ROLE", "Design", "Voice", "design"]

DEFAULT_ROLE = "third"
# Draws stay below a ceiling in floating point too.
_MARGIN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A source speaking of a population in one role: what a bias belongs to."""

    source: str
    population: str
    role: str

    @property
    def label(self) -> str:
        """Readable label."""
        about = f" on {self.population}" if self.population else ""
        return f"{self.source}{about} ({self.role})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Arrays of a model.

    Parameters
    ----------
    claims : ClaimSet
        What it is made from.
    priors : Priors
        The prior constants.
    structure : Incidence
        Cells and sums.
    readings : Readings
        Intervals on the log scale.
    voices : tuple of Voice
        Whose biases there are.
    roles : tuple of str
        Roles that occur; each has a noise scale.
    voice_of, role_of, stated_of : ndarray of shape (claim,)
        Index of each claim's voice and role; of its kind in ``STATED`` (0 where it has none,
        with width 0).
    population_of : ndarray of shape (claim,)
        Index of each claim's population.
    sound, weight : ndarray of shape (claim,)
        Prior probability of being a reading; 1 / number of exact repeats, which are claims that
        agree in all columns but ``said``, ``interest``, ``origin`` and the provenance.
    total_mean_log, total_sd_log : ndarray of shape (series,)
        Prior of each series' log total.
    ranges : tuple of (tuple of int, float, float)
        Prior mean and standard deviation of the log of a sum of series.
    ceilings : tuple of tuple of (tuple of int, float)
        For each population, the series that each ceiling's sum is made of, and its log.
    innovations : ndarray of shape (date, innovation)
        See :func:`reconcile.paths.innovation_matrix`.
    path_population : ndarray of shape (accruing series,)
        Index of the population of each accruing series.
    """

    claims: ClaimSet
    priors: Priors
    structure: Incidence
    readings: Readings
    voices: tuple[Voice, ...]
    roles: tuple[str, ...]
    voice_of: np.ndarray
    role_of: np.ndarray
    stated_of: np.ndarray
    population_of: np.ndarray
    sound: np.ndarray
    weight: np.ndarray
    total_mean_log: np.ndarray
    total_sd_log: np.ndarray
    ranges: tuple[tuple[tuple[int, ...], float, float], ...]
    ceilings: Ceilings
    innovations: np.ndarray
    path_population: np.ndarray


def design(claims: ClaimSet, priors: Priors | None = None) -> Design:
    """Lay out the model of a set of claims.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors, optional
        The defaults if not given.

    Returns
    -------
    Design

    Raises
    ------
    TypeError
        If ``claims`` is something else.

    Warns
    -----
    AssumptionWarning
        If a claim's source has no role to its population.
    """
    if not isinstance(claims, ClaimSet):
        kind = type(claims).__name__
        raise TypeError(f"not a ClaimSet but {kind}: make one with read_claims or ClaimSet")
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    priors = priors or Priors()
    structure = incidence(claims)
    voices = _voices(claims)
    roles = tuple(dict.fromkeys(voice.role for voice in voices))
    distinct = tuple(dict.fromkeys(voices))
    position = {voice: k for k, voice in enumerate(distinct)}
    populations = {name: k for k, name in enumerate(claims.populations)}
    readings = _readings(claims)
    totals = figure_priors(claims, structure, priors)
    return Design(
        claims=claims,
        priors=priors,
        structure=structure,
        readings=readings,
        voices=distinct,
        roles=roles,
        voice_of=np.array([position[voice] for voice in voices], dtype=np.intp),
        role_of=np.array([roles.index(voice.role) for voice in voices], dtype=np.intp),
        stated_of=np.array(
            [STATED.index(c.kind) if c.kind in STATED else 0 for c in claims], dtype=np.intp
        ),
        population_of=np.array([populations[c.population] for c in claims], dtype=np.intp),
        sound=_soundness(claims, voices, readings.is_bound, priors),
        weight=_weights(claims),
        total_mean_log=totals.mean_log,
        total_sd_log=totals.sd_log,
        ranges=totals.ranges,
        ceilings=tuple(
            tuple((members, bound_log + np.log1p(-_MARGIN)) for members, bound_log in group)
            for group in totals.ceilings
        ),
        innovations=innovation_matrix(structure.days, time_scale=priors.path_days),
        path_population=np.array(
            [populations[population] for population, _ in structure.series[: structure.n_accruing]],
            dtype=np.intp,
        ),
    )


def _voices(claims: ClaimSet) -> tuple[Voice, ...]:
    """Voice of each claim; a source without a role is taken for a third party, with a warning."""
    without = sorted({claim.source for claim in claims if not claims.role_of(claim)})
    if without:
        warnings.warn(
            f"no role is given for {', '.join(without)}: taken for {DEFAULT_ROLE!r}, with no bias "
            "either way expected; give roles in the column 'role' or in case.toml",
            AssumptionWarning,
            stacklevel=4,
        )
    return tuple(
        Voice(
            source=claim.source,
            population=claim.population,
            role=claims.role_of(claim) or DEFAULT_ROLE,
        )
        for claim in claims
    )


def _readings(claims: ClaimSet) -> Readings:
    return Readings.stack([reading_of(c, unit_size=unit_size_of(claims, c)) for c in claims])


def unit_size_of(claims: ClaimSet, claim: Claim) -> float:
    """How many single things a claim's numbers are counted in; all parts of a sum share it."""
    return claims.figures[claims.base_parts(claim.figure)[0]].unit_size


def _soundness(
    claims: ClaimSet, voices: tuple[Voice, ...], is_bound: np.ndarray, priors: Priors
) -> np.ndarray:
    failure = np.array([priors.roles[voice.role].bound_failure for voice in voices])
    stands = np.array([priors.sound[claim.state] for claim in claims])
    return stands * np.where(is_bound, 1 - failure, 1.0)


def _weights(claims: ClaimSet) -> np.ndarray:
    """Share of each claim among its exact repeats, which say nothing new."""
    said = [_content(claims, claim) for claim in claims]
    repeats = Counter(said)
    return np.array([1 / repeats[content] for content in said])


def _content(claims: ClaimSet, claim: Claim) -> Claim:
    """A claim without what does not bear on its number: provenance, and a fixed figure's date."""
    bases = sorted(claims.base_parts(claim.figure))
    return replace(
        claim,
        figure=" + ".join(bases),
        role=claims.role_of(claim),
        since=None if claim.since == claims.start else claim.since,
        date=claim.date if claims.figures[bases[0]].accrues else None,
        status=claim.state,
        said=None,
        interest="",
        origin="",
        quote="",
        url="",
        note="",
        extra=(),
    )
