"""The log-scale model of a set of claims as plain arrays, independent of PyMC."""

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
    claim_terms,
    voice_means_log,
    voice_terms,
)
from reconcile.models.log_scale.design.completeness import (
    Registers,
    expected_completeness_log,
    registers_of,
)
from reconcile.models.log_scale.design.copies import Copies, copies_of
from reconcile.models.log_scale.design.difficulty import (
    Common,
    Difficulties,
    common_of,
    difficulties_of,
)
from reconcile.models.log_scale.design.figure_priors import Ranges, figure_priors
from reconcile.models.log_scale.design.limits import Limits, limits_of
from reconcile.models.log_scale.design.noise import LOGISTIC_VARIANCE, Noise, noise_of
from reconcile.models.log_scale.design.paths import Knots, apart, knots_of
from reconcile.models.log_scale.design.readings import Readings, coarse_numbers, readings_of
from reconcile.models.log_scale.design.repeats import contents_of
from reconcile.models.log_scale.design.serial import Serial, serial_of
from reconcile.models.log_scale.design.shares import (
    Shares,
    common_widths,
    elicited_readings,
    first_ages,
    is_measured,
    last_ages,
    shares_of,
    soundness_of,
    stated_kinds,
)
from reconcile.models.log_scale.design.situations import Context, ages, contexts_of
from reconcile.models.log_scale.design.sums import Incidence, incidence
from reconcile.models.log_scale.design.voices import Voices, voices_of
from reconcile.models.log_scale.design.wholes import Wholes
from reconcile.priors.constants import RolePrior
from reconcile.priors.priors import Priors, priors_or_default

__all__ = ["Design", "design"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Arrays of a model.

    Parameters
    ----------
    claims, priors : ClaimSet, Priors
        The claims, and the prior constants.
    contexts : mapping of str to Context
        Setting and end of the event, by population.
    structure, readings, speakers, serial : Incidence, Readings, Voices, Serial
        Sums of cells, intervals on the log scale, voices, and serial dependence of the claims.
    biases, noise, shares : Biases, Noise, Shares
        Errors that are linear in standard normals, scales of the independent errors, and the
        loadings of both on each claim.
    difficulties, common : Difficulties, Common
        Groups of claims with one difficulty, and the error common to all claims about a series.
    registers : Registers
        Composition of counts, and of claims about true cells.
    population_of : ndarray of shape (claim,)
        Index of the population.
    categories : Categories
        Voice-by-figure categories.
    sound : ndarray of shape (claim,)
        Prior probability that the claim is a genuine reading.
    copies : Copies
        Whether claims repeat what others found out.
    common_width : ndarray of shape (series,)
        Stated scale that the common error of a population's measurements goes by; 0 if none.
    total_mean_log, total_sd_log : ndarray of shape (series,)
        Normal prior of each apparent log total, or of its weight in a whole.
    wholes : Wholes
        Sums of series that have a prior of their own, of which their parts are shares.
    ranges : tuple of (tuple of int, tuple of int, float, float)
        Normal factors on the log of a true sum of series, or of its ratio to a second sum.
    limits : tuple of Limits
        Ceilings and floors.
    knots : Knots
        Knots of the log rates of running totals.
    path_population : ndarray of shape (accruing series,)
        Index of the population.
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
    difficulties: Difficulties
    common: Common
    registers: Registers
    population_of: Indices
    categories: Categories
    sound: Array
    copies: Copies
    common_width: Array
    total_mean_log: Array
    total_sd_log: Array
    wholes: Wholes
    ranges: Ranges
    limits: tuple[Limits, ...]
    knots: Knots
    path_population: Indices

    @property
    def path_apart(self) -> Array:
        """1 for running totals with a path of their own beside that of their population, else 0."""
        return apart(self.path_population)

    @property
    def innovations(self) -> Array:
        """Log rate in each time step per standard normal innovation, shape (date, innovation)."""
        return self.knots.matrix

    @property
    def role_priors(self) -> tuple[RolePrior, ...]:
        """Prior constants of each noise role."""
        return tuple(self.priors.roles[name] for name in self.noise.role_names)


@without_collection()
def design(
    claims: ClaimSet, priors: Priors | None = None, *, contexts: Mapping[str, Context] | None = None
) -> Design:
    """Arrays of a set of claims; ``contexts`` by population where they are of several cases."""
    priors, contexts = _checked_priors(claims, priors), contexts or contexts_of(claims)
    structure, speakers = incidence(claims), voices_of(claims, contexts)
    contents, aged, measures = contents_of(claims), ages(claims, contexts), measures_of(claims)
    readings = readings_of(claims.columns, measures)
    age = first_ages(contents, aged)
    counted = np.where(readings.is_register, last_ages(contents, aged), age)
    registers = registers_of(claims, structure, readings, speakers, contexts, counted, priors)
    population_of = claims.columns["population"].codes
    settings = [contexts[name].setting for name in claims.populations]
    measured = is_measured(settings, population_of, readings)
    readings = elicited_readings(claims, readings, measured, priors)
    coarse = coarse_numbers(claims.columns, measures)
    shares = shares_of(settings, population_of, readings, speakers, age, measured, coarse, priors)
    means_log, of_voices = voice_means_log(speakers, priors), voice_terms(speakers, priors)
    of_sources = shares.bias * means_log[speakers.voice_of]
    expected = of_sources + expected_completeness_log(registers, len(claims))
    totals = figure_priors(claims, structure, readings, priors, expected)
    roles = _roles(claims, speakers, contexts)
    noise = noise_of(roles, speakers, readings, shares, stated_kinds(claims, measured), priors)
    categories = categories_of(claims, speakers, readings)
    biases = biases_of(
        of_voices,
        claim_terms(claims, speakers, categories, contents, priors),
        voice_mean_log=means_log,
        voice_of=speakers.voice_of,
        share=shares.bias,
    )
    groups = difficulties_of(claims, structure, readings, contexts, priors)
    of_series = _populations_of_series(claims, structure)
    in_setting = [settings[k] for k in of_series]
    error = _expected_errors(shares, biases, speakers, noise)
    widths = common_widths(claims, readings, measured, groups, priors)
    common = common_of(groups, readings, in_setting, widths, error, shares.lifted, priors)
    return Design(
        claims=claims,
        priors=priors,
        contexts=contexts,
        structure=structure,
        readings=readings,
        speakers=speakers,
        serial=serial_of(claims, readings, speakers.voice_of, priors, contents, structure),
        biases=biases,
        noise=noise,
        shares=shares,
        difficulties=groups,
        common=common,
        registers=registers,
        population_of=population_of,
        categories=categories,
        sound=soundness_of(claims, speakers, readings, measured, priors),
        copies=copies_of(claims, readings, speakers.voice_of, shares, error, priors),
        common_width=widths,
        total_mean_log=totals.mean_log,
        total_sd_log=totals.sd_log,
        wholes=totals.wholes,
        ranges=totals.ranges,
        limits=limits_of(claims, structure.series),
        knots=knots_of(structure.days, time_scale=priors.path_days),
        path_population=of_series[: structure.n_accruing],
    )


def _checked_priors(claims: ClaimSet, priors: Priors | None) -> Priors:
    """The priors, by default the shipped ones; rejects another model's claims and wrong types."""
    if family_of(claims) == "truth_discovery":
        raise ValueError(
            "claims on figures on record have no PyMC model: fit draws them without one"
        )
    return priors_or_default(priors)


def _expected_errors(shares: Shares, biases: Biases, speakers: Voices, noise: Noise) -> Array:
    """Expected logistic scale of bias and noise of each claim, at difficulty 1."""
    of_bias = shares.bias * biases.voice_sd_log[speakers.voice_of] / np.sqrt(LOGISTIC_VARIANCE)
    return np.asarray(np.hypot(of_bias, noise.expected_log))


def _populations_of_series(claims: ClaimSet, structure: Incidence) -> Indices:
    """Index of the population of each series."""
    place = {name: k for k, name in enumerate(claims.populations)}
    return np.array([place[name] for name, _ in structure.series], dtype=np.intp)


def _roles(claims: ClaimSet, speakers: Voices, contexts: Mapping[str, Context]) -> Coded[str]:
    """Role of each claim, prefixed with the name of its case where there are several."""
    groups = group_by([speakers.voice_of, claims.columns["population"]])
    cases = [contexts[claims.claims[k].population].case for k in groups.first.tolist()]
    voices = [speakers.voices[k] for k in speakers.voice_of[groups.first].tolist()]
    return groups.column(
        [
            f"{case} | {voice.role}" if case else voice.role
            for case, voice in zip(cases, voices, strict=True)
        ]
    )
