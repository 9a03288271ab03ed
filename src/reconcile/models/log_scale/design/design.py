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
from reconcile.models.log_scale.design.biases import Drift, Levels, drift_of, levels_of
from reconcile.models.log_scale.design.completeness import (
    Registers,
    expected_completeness_log,
    registers_of,
)
from reconcile.models.log_scale.design.figure_priors import Ranges, figure_priors
from reconcile.models.log_scale.design.paths import Ceilings, Knots, knots_of
from reconcile.models.log_scale.design.readings import Readings, coarse_numbers, readings_of
from reconcile.models.log_scale.design.repeats import contents_of, estimands_of
from reconcile.models.log_scale.design.scatter import scatter_of
from reconcile.models.log_scale.design.serial import Chains, chains_of
from reconcile.models.log_scale.design.shares import (
    Shares,
    best_widths,
    common_sd,
    expected_variance,
    first_ages,
    fixed_scale_log,
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

# Draws stay below a ceiling in floating point too.
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
    levels : Levels
        Prior of the biases.
    chains : Chains
        Which claims follow others.
    drift : Drift
        Slow changes of biases.
    shares : Shares
        What of each error a claim takes on.
    registers : Registers
        What registered counts consist of.
    roles : tuple of str
        Roles that occur, apart for each case; each has a noise scale.
    role_of, stated_of, population_of, category_of : ndarray of shape (claim,)
        Index of each claim's role; of its stated width's kind in ``STATED`` (0 where it has none,
        with width 0); of its population; of its voice and figure.
    categories : tuple of (int, str)
        Voice and figure of each category, of voices that speak of several.
    category_share : ndarray of shape (claim,)
        1 where the claim's voice speaks of several figures.
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
    levels: Levels
    chains: Chains
    drift: Drift
    shares: Shares
    registers: Registers
    roles: tuple[str, ...]
    role_of: Indices
    stated_of: Indices
    population_of: Indices
    category_of: Indices
    categories: tuple[tuple[int, str], ...]
    category_share: Array
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
    def fixed_log(self) -> Array:
        """Logistic scale of each claim that no parameter bears on."""
        return fixed_scale_log(self.readings, self.shares, self.priors)

    @property
    def innovations(self) -> Array:
        """Log rate in each stretch for standard normal innovations: shape (date, innovation)."""
        return self.knots.matrix

    @property
    def role_names(self) -> tuple[str, ...]:
        """Roles without the names of their cases."""
        return tuple(_bare(role) for role in self.roles)

    @property
    def role_priors(self) -> tuple[RolePrior, ...]:
        """Prior constants of each of the roles."""
        return tuple(self.priors.roles[name] for name in self.role_names)


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
    roles = _roles(claims, speakers, contexts)
    populations = {name: k for k, name in enumerate(claims.populations)}
    population_of = claims.columns["population"].codes
    settings = [contexts[name].setting for name in claims.populations]
    categories, category_of, category_share = _categories(claims, speakers, readings)
    measured = is_measured(settings, population_of, readings)
    best = best_widths(len(populations), population_of, readings, measured)
    levels = levels_of(speakers, priors)
    coarse = coarse_numbers(claims.columns, measures)
    shares = shares_of(settings, population_of, readings, speakers, age, measured, coarse, priors)
    expected = shares.bias * levels.mean_log[speakers.voice_of]
    expected = expected + expected_completeness_log(registers, len(claims))
    totals = figure_priors(claims, structure, readings, priors, expected)
    stated_of = stated_kinds(claims, measured)
    noise = roles.map(lambda role: priors.roles[_bare(role)].noise_median_log)
    sd = levels.sd_log[speakers.voice_of]
    variance = expected_variance(readings, shares, sd, noise, stated_of, priors)
    scatter = scatter_of(claims, structure, readings, speakers, expected, variance, priors)
    return Design(
        claims=claims,
        priors=priors,
        contexts=contexts,
        structure=structure,
        readings=readings,
        speakers=speakers,
        levels=levels,
        chains=chains_of(claims, readings, speakers.voice_of, priors, contents),
        drift=drift_of(claims, speakers.voice_of, contents),
        shares=shares,
        registers=registers,
        roles=roles.cells,
        role_of=roles.codes,
        stated_of=stated_of,
        population_of=population_of,
        category_of=category_of,
        categories=categories,
        category_share=category_share,
        sound=soundness_of(claims, speakers, readings, priors),
        one_sided=readings.is_one_sided,
        best_width=best,
        scatter_log=scatter,
        common_sd_log=common_sd(settings, best, scatter, priors),
        total_mean_log=totals.mean_log,
        total_sd_log=totals.sd_log,
        ranges=totals.ranges,
        ceilings=tuple(
            tuple((members, bound_log + np.log1p(-_MARGIN)) for members, bound_log in group)
            for group in totals.ceilings
        ),
        knots=knots_of(structure.days, time_scale=priors.path_days),
        path_population=np.array(
            [populations[population] for population, _ in structure.series[: structure.n_accruing]],
            dtype=np.intp,
        ),
    )


def _bare(role: str) -> str:
    return role.rpartition(" | ")[2]


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


def _categories(
    claims: ClaimSet, speakers: Voices, readings: Readings
) -> tuple[tuple[tuple[int, str], ...], Indices, Array]:
    """Voices by figure, where a voice speaks of several figures."""
    estimands, estimand_of = estimands_of(claims)
    # One number for each voice and thing.
    keys = speakers.voice_of * len(estimands) + estimand_of
    # Ratios and what is guaranteed do not tell of the bias of a voice.
    has_bias = readings.bias_share > 0
    pairs = np.unique(keys[has_bias])
    voices = pairs // len(estimands)
    several = np.bincount(voices, minlength=len(speakers.voices))[voices] > 1
    kept = pairs[several]
    categories = tuple(
        (key // len(estimands), estimands[key % len(estimands)]) for key in kept.tolist()
    )
    if not len(kept):
        return (), np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys))
    at = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
    is_one = kept[at] == keys
    return categories, np.where(is_one, at, 0), (is_one & has_bias).astype(float)
