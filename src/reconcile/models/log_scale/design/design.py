"""Everything a model of some claims consists of, as plain arrays: no PyMC here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.bulk import without_collection
from reconcile.claims.claim_set import ClaimSet, family_of
from reconcile.claims.columns import Coded, group_by
from reconcile.claims.units import measures_of
from reconcile.models.log_scale.design.biases import (
    Biases,
    Categories,
    biases_of,
    categories_of,
    common_term,
    drift_term,
    prior_variance,
    voice_means_log,
    voice_terms,
)
from reconcile.models.log_scale.design.completeness import (
    Registers,
    expected_completeness_log,
    registers_of,
)
from reconcile.models.log_scale.design.figure_priors import Ranges, figure_priors
from reconcile.models.log_scale.design.noise import Noise, noise_of
from reconcile.models.log_scale.design.paths import Ceilings, Knots, knots_of
from reconcile.models.log_scale.design.readings import Readings, coarse_numbers, readings_of
from reconcile.models.log_scale.design.repeats import contents_of
from reconcile.models.log_scale.design.scatter import scatter_of
from reconcile.models.log_scale.design.serial import Serial, serial_of
from reconcile.models.log_scale.design.shares import (
    Shares,
    best_widths,
    common_sd,
    first_ages,
    is_measured,
    shares_of,
    soundness_of,
    stated_kinds,
)
from reconcile.models.log_scale.design.situations import Context, ages, contexts_of
from reconcile.models.log_scale.design.sums import Incidence, incidence
from reconcile.models.log_scale.design.voices import Voices, voices_of
from reconcile.priors.constants import RolePrior
from reconcile.priors.priors import Priors, priors_or_default

__all__ = ["Design", "design"]

_MARGIN = 1e-9
type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Arrays of a model.

    Parameters
    ----------
    claims : ClaimSet
        What it is made from.
    priors : Priors
        The prior constants.
    contexts : mapping of str to Context
        Setting and end of the event, by population.
    structure : Incidence
        Cells and sums.
    readings : Readings
        Intervals on the log scale.
    speakers : Voices
        Whose biases there are, and which claim is in whose voice.
    serial : Serial
        Which claims follow others.
    biases : Biases
        All errors that are linear in standard normal variables.
    noise : Noise
        Scales of the errors that each claim has to itself.
    shares : Shares
        What of each error a claim takes on.
    registers : Registers
        What registered counts consist of.
    population_of : ndarray of shape (claim,)
        Index of each claim's population.
    categories : Categories
        Voices by figure.
    sound : ndarray of shape (claim,)
        Prior probability of being a reading.
    one_sided : ndarray of shape (claim,)
        Whether it is a bound with one end.
    best_width : ndarray of shape (population,)
        Smallest stated scale of the measurements of a population, 0 where there is none.
    scatter_log : ndarray of shape (population,)
        How far the sources of each population contradict each other.
    common_sd_log : ndarray of shape (population,)
        Standard deviation of the error that all claims of a population share.
    total_mean_log, total_sd_log : ndarray of shape (series,)
        Prior of each series' log total.
    ranges : tuple of (tuple of int, tuple of int, float, float)
        Prior mean and standard deviation of the log of a sum of series, or of its ratio to a
        second sum.
    ceilings : tuple of tuple of (tuple of int, float)
        For each population, the series that each ceiling's sum is made of, and its log.
    knots : Knots
        Where the log rates of running totals are free to bend.
    path_population : ndarray of shape (accruing series,)
        Index of the population of each accruing series.
    """

    claims: ClaimSet
    priors: Priors
    contexts: Mapping[str, Context]
    structure: Incidence
    readings: Readings
    speakers: Voices
    serial: Serial
    biases: Biases
    noise: Noise
    shares: Shares
    registers: Registers
    population_of: Indices
    categories: Categories
    sound: Array
    one_sided: NDArray[np.bool_]
    best_width: Array
    scatter_log: Array
    common_sd_log: Array
    total_mean_log: Array
    total_sd_log: Array
    ranges: Ranges
    ceilings: Ceilings
    knots: Knots
    path_population: Indices

    @property
    def innovations(self) -> Array:
        """Log rate in each stretch for standard normal innovations: shape (date, innovation)."""
        return self.knots.matrix

    @property
    def role_priors(self) -> tuple[RolePrior, ...]:
        """Prior constants of each of the roles."""
        return tuple(self.priors.roles[name] for name in self.noise.role_names)


@without_collection()
def design(
    claims: ClaimSet,
    priors: Priors | None = None,
    *,
    contexts: Mapping[str, Context] | None = None,
) -> Design:
    """Lay out the model of a set of claims.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors, optional
        The defaults if not given.
    contexts : mapping of str to Context, optional
        By population, where the claims are of several cases.

    Returns
    -------
    Design

    Raises
    ------
    TypeError
        If ``claims`` is something else.
    ClaimError
        If all claims are truths.
    ValueError
        If the figures are on record.

    Warns
    -----
    AssumptionWarning
        If a claim's source has no role to its population.
    """
    if family_of(claims) == "truth_discovery":
        raise ValueError(
            "claims on figures on record have no PyMC model: fit draws them without one"
        )
    priors = priors_or_default(priors)
    contexts = contexts or contexts_of(claims)
    structure = incidence(claims)
    speakers = voices_of(claims, contexts)
    measures = measures_of(claims)
    readings = readings_of(claims.columns, measures)
    contents = contents_of(claims)
    age = first_ages(contents, ages(claims, contexts))
    registers = registers_of(claims, structure, readings, speakers, age, priors)
    population_of = claims.columns["population"].codes
    settings = [contexts[name].setting for name in claims.populations]
    measured = is_measured(settings, population_of, readings)
    best = best_widths(len(settings), population_of, readings, measured)
    coarse = coarse_numbers(claims.columns, measures)
    shares = shares_of(settings, population_of, readings, speakers, age, measured, coarse, priors)
    means_log, of_voices = voice_means_log(speakers, priors), voice_terms(speakers, priors)
    expected = shares.bias * means_log[speakers.voice_of]
    expected = expected + expected_completeness_log(registers, len(claims))
    totals = figure_priors(claims, structure, readings, priors, expected)
    roles, stated_of = _roles(claims, speakers, contexts), stated_kinds(claims, measured)
    noise = noise_of(roles, readings, shares, stated_of, priors)
    of_bias = shares.bias**2 * prior_variance(of_voices)[speakers.voice_of]
    variance = of_bias + noise.expected_variance
    scatter = scatter_of(claims, structure, readings, speakers, expected, variance, priors)
    common_sd_log = common_sd(settings, best, scatter, priors)
    categories = categories_of(claims, speakers, readings)
    biases = biases_of(
        common_term(claims.populations, population_of, common_sd_log, shares),
        of_voices,
        [
            *categories.terms(priors.category_sd_log),
            *drift_term(claims, speakers.voice_of, priors.drift_sd_log, contents),
        ],
        voice_mean_log=means_log,
        voice_of=speakers.voice_of,
        share=shares.bias,
    )
    return Design(
        claims=claims,
        priors=priors,
        contexts=contexts,
        structure=structure,
        readings=readings,
        speakers=speakers,
        serial=serial_of(claims, readings, speakers.voice_of, priors, contents),
        biases=biases,
        noise=noise,
        shares=shares,
        registers=registers,
        population_of=population_of,
        categories=categories,
        sound=soundness_of(claims, speakers, readings, priors),
        one_sided=readings.is_one_sided,
        best_width=best,
        scatter_log=scatter,
        common_sd_log=common_sd_log,
        total_mean_log=totals.mean_log,
        total_sd_log=totals.sd_log,
        ranges=totals.ranges,
        ceilings=_with_margin(totals.ceilings),
        knots=knots_of(structure.days, time_scale=priors.path_days),
        path_population=_path_populations(claims, structure),
    )


def _with_margin(ceilings: Ceilings) -> Ceilings:
    """Ceilings lowered so that draws stay below them in floating point too."""
    return tuple(
        tuple((members, bound_log + np.log1p(-_MARGIN)) for members, bound_log in group)
        for group in ceilings
    )


def _path_populations(claims: ClaimSet, structure: Incidence) -> Indices:
    """Index of the population of each accruing series."""
    place = {name: k for k, name in enumerate(claims.populations)}
    accruing = structure.series[: structure.n_accruing]
    return np.array([place[population] for population, _ in accruing], dtype=np.intp)


def _check(claims: ClaimSet, priors: Priors | None) -> None:
    """Refuse what is no set of claims, or has another model, and what is no Priors."""
    if family_of(claims) == "truth_discovery":
        raise ValueError(
            "claims on figures on record have no PyMC model: fit draws them without one"
        )
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")


def _roles(claims: ClaimSet, speakers: Voices, contexts: Mapping[str, Context]) -> Coded[str]:
    """Role of each claim, with the name of its case where there are several."""
    groups = group_by([speakers.voice_of, claims.columns["population"]])
    cases = [contexts[claims.claims[k].population].case for k in groups.first.tolist()]
    voices = [speakers.voices[k] for k in speakers.voice_of[groups.first].tolist()]
    return groups.column(
        [
            f"{case} | {voice.role}" if case else voice.role
            for case, voice in zip(cases, voices, strict=True)
        ]
    )
