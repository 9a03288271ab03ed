"""Everything a model of some claims consists of, as plain arrays: no PyMC here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile._collector import without_collection
from reconcile.chains import Chains, chains_of, contents_of, things_of
from reconcile.claimset import ClaimSet
from reconcile.columns import Coded, alike
from reconcile.drifts import Drift, drift_of
from reconcile.figure_priors import Ranges, carried_on, figure_priors
from reconcile.incidence import Incidence, incidence
from reconcile.kinds.registry import KINDS
from reconcile.measures import measures_of
from reconcile.paths import Ceilings, Knots, knots_of
from reconcile.priors import Priors, RolePrior
from reconcile.readings import STATED, Readings, coarse_numbers, readings_of
from reconcile.record.design import is_record
from reconcile.registers import Registers, expected_completeness_log, registers_of
from reconcile.scatter import scatters
from reconcile.situations import Context, ages, contexts_of
from reconcile.voices import Levels, Voices, levels_of, voices_of

__all__ = ["Design", "Shares", "design"]

# Draws stay below a ceiling in floating point too.
_MARGIN = 1e-9
# A truth is sound for certain; short of 1, so that logarithms stay finite.
_CERTAIN = 1 - 1e-12
# Of a logistic distribution of scale 1.
_LOGISTIC_VARIANCE = np.pi**2 / 3

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What of each error a claim takes on; arrays of shape ``(claim,)``.

    Parameters
    ----------
    age : ndarray
        Days from the event to the claim.
    fog : ndarray
        Share of the source's bias and noise that is left at that age.
    own : ndarray
        1 where a source's own bias and noise bear on the claim.
    common, bias, noise : ndarray
        Share of the common error, the bias and the noise; all 0 for a truth, bias and noise 0
        for a measurement with a stated error.
    excess : ndarray
        1 where the stated width may be too narrow.
    coarse : ndarray
        1 where the number has one significant digit.
    """

    age: Array
    fog: Array
    own: Array
    common: Array
    bias: Array
    noise: Array
    excess: Array
    coarse: Array


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
    if not isinstance(claims, ClaimSet):
        kind = type(claims).__name__
        raise TypeError(f"not a ClaimSet but {kind}: make one with read_claims or ClaimSet")
    if is_record(claims):
        raise ValueError(
            "claims on figures on record have no PyMC model: fit draws them without one"
        )
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    priors = priors or Priors()
    contexts = contexts or contexts_of(claims)
    structure = incidence(claims)
    speakers = voices_of(claims, contexts)
    measures = measures_of(claims)
    readings = readings_of(claims.columns, measures)
    contents = contents_of(claims)
    age = _first_ages(contents, ages(claims, contexts))
    registers = registers_of(claims, structure, readings, speakers, age, priors)
    roles = _roles(claims, speakers, contexts)
    populations = {name: k for k, name in enumerate(claims.populations)}
    population_of = claims.columns["population"].of
    settings = [contexts[name].setting for name in claims.populations]
    categories, category_of, category_share = _categories(claims, speakers, readings)
    measured = _is_measured(settings, population_of, readings)
    best = _best_widths(len(populations), population_of, readings, measured)
    levels = levels_of(speakers, priors)
    coarse = coarse_numbers(claims.columns, measures)
    shares = _shares(settings, population_of, readings, speakers, age, measured, coarse, priors)
    expected = shares.bias * levels.mean_log[speakers.voice_of]
    expected = expected + expected_completeness_log(registers, len(claims))
    totals = figure_priors(claims, structure, readings, priors, expected)
    stated_of = _stated(claims, measured)
    noise = roles.map(lambda role: priors.roles[_bare(role)].noise_median_log)
    sd = levels.sd_log[speakers.voice_of]
    variance = _expected_variance(readings, shares, sd, noise, stated_of, priors)
    scatter = _scatters(claims, structure, readings, speakers, expected, variance, priors)
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
        role_of=roles.of,
        stated_of=stated_of,
        population_of=population_of,
        category_of=category_of,
        categories=categories,
        category_share=category_share,
        sound=_soundness(claims, speakers, readings, priors),
        one_sided=readings.is_one_sided,
        best_width=best,
        scatter_log=scatter,
        common_sd_log=_common_sd(settings, best, scatter, priors),
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
    groups = alike([speakers.voice_of, claims.columns["population"]])
    cases = [contexts[claims.claims[k].population].case for k in groups.first.tolist()]
    voices = [speakers.voices[k] for k in speakers.voice_of[groups.first].tolist()]
    return groups.column(
        [
            f"{case} | {voice.role}" if case else voice.role
            for case, voice in zip(cases, voices, strict=True)
        ]
    )


def _is_measured(
    settings: list[str], population_of: Indices, readings: Readings
) -> NDArray[np.bool_]:
    """Measurements with a stated error, which sets the scale in place of the role."""
    setting = np.array([name == "measurement" for name in settings])[population_of]
    stated = (readings.width_log > 0) & readings.tells_level
    return np.asarray(setting & stated)


def _stated(claims: ClaimSet, measured: NDArray[np.bool_]) -> Indices:
    position = {name: STATED.index(kind.stated or STATED[0]) for name, kind in KINDS.items()}
    of_kind = claims.columns["kind"].map(position.__getitem__)
    return np.where(measured, STATED.index("measured"), of_kind)


def _categories(
    claims: ClaimSet, speakers: Voices, readings: Readings
) -> tuple[tuple[tuple[int, str], ...], Indices, Array]:
    """Voices by figure, where a voice speaks of several figures."""
    things, thing_of = things_of(claims)
    # One number for each voice and thing.
    keys = speakers.voice_of * len(things) + thing_of
    # Ratios and what is guaranteed do not tell of the bias of a voice.
    has_bias = readings.bias_share > 0
    pairs = np.unique(keys[has_bias])
    voices = pairs // len(things)
    several = np.bincount(voices, minlength=len(speakers.voices))[voices] > 1
    kept = pairs[several]
    categories = tuple((key // len(things), things[key % len(things)]) for key in kept.tolist())
    if not len(kept):
        return (), np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys))
    at = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
    is_one = kept[at] == keys
    return categories, np.where(is_one, at, 0), (is_one & has_bias).astype(float)


def _shares(
    settings: list[str],
    population_of: Indices,
    readings: Readings,
    speakers: Voices,
    age: Array,
    measured: NDArray[np.bool_],
    coarse: Array,
    priors: Priors,
) -> Shares:
    in_time = np.array([setting != "measurement" for setting in settings])[population_of]
    constants = [priors.bias_of(s.role, s.interest, s.setting) for s in speakers.situations]
    rate = np.array([c.fog_rate for c in constants])[speakers.situation_of][speakers.voice_of]
    usual = np.array([priors.noise_setting[setting] for setting in settings])[population_of]
    left = priors.fog_floor + (1 - priors.fog_floor) * (1 + age) ** -rate
    fog = np.where(in_time, left, 1.0)
    own = np.where(measured, 0.0, 1.0)
    return Shares(
        age=np.where(in_time, age, 0.0),
        fog=fog,
        own=own * readings.noise_share,
        common=readings.common_share,
        bias=own * fog * readings.bias_share,
        noise=own * fog * usual * readings.noise_share,
        excess=np.where(readings.is_truth, 0.0, 1.0),
        coarse=own * coarse,
    )


def _first_ages(contents: Indices, age: Array) -> Array:
    """Age of each claim when it was first made: said again later, it is no better known."""
    first = np.full(int(contents.max()) + 1, np.inf)
    np.minimum.at(first, contents, age)
    return first[contents]


def _soundness(claims: ClaimSet, speakers: Voices, readings: Readings, priors: Priors) -> Array:
    """Prior probability that each claim is a reading, and a bound not an empty one."""
    by_voice = [priors.roles[voice.role] for voice in speakers.voices]
    constants = np.array(
        [
            (r.standing_sound, r.withdrawn_sound, r.at_most_failure, r.at_least_failure)
            for r in by_voice
        ]
    )[speakers.voice_of]
    standing = claims.columns["state"].map(lambda state: state == "standing")
    sound = np.where(standing, constants[:, 0], constants[:, 1])
    kept = 1 - np.where(readings.is_upper, constants[:, 2], constants[:, 3])
    is_certain = readings.is_certain.astype(bool)
    is_bound = readings.is_bound.astype(bool) & ~is_certain
    known = readings.is_truth.astype(bool) | (is_certain & standing)
    return np.where(known, _CERTAIN, np.where(is_bound, sound * kept, sound))


def _best_widths(
    n_populations: int, population_of: Indices, readings: Readings, measured: NDArray[np.bool_]
) -> Array:
    """Smallest stated scale of each population's measurements, 0 where there is none."""
    best = np.full(n_populations, np.inf)
    np.minimum.at(best, population_of[measured], readings.relative_width[measured])
    return np.where(np.isinf(best), 0.0, best)


def _common_sd(settings: list[str], best: Array, scatter: Array, priors: Priors) -> Array:
    """Standard deviation of the common error.

    Of a measured constant by the best stated error, else by the setting; more where the sources
    contradict each other.
    """
    usual = [priors.common_sd_of(setting) for setting in settings]
    alone = np.where(best > 0, priors.measured_common * best, usual)
    return np.asarray(np.hypot(alone, priors.common_per_scatter * scatter))


def _scatters(
    claims: ClaimSet,
    structure: Incidence,
    readings: Readings,
    speakers: Voices,
    expected: Array,
    variance: Array,
    priors: Priors,
) -> Array:
    """How far the numbers given for each population contradict each other."""
    columns, made_of = claims.columns, claims.made_of
    is_level = columns["figure"].map(lambda name: made_of[name].is_level)
    is_total = columns["figure"].map(lambda name: made_of[name].is_dated) & ~is_level
    days = columns.days("date")
    # A level that changes is no contradiction: only claims for the same days are.
    since = np.where(is_level, columns["since"].of + 1, 0)
    date = np.where(is_level, columns["date"].of + 1, 0)
    off = readings.centre_log - expected
    if is_total.any():
        off += carried_on(claims, structure)
        passed = structure.dates[-1].toordinal() - days[is_total]
        date[is_total] = passed // priors.path_days
    given = np.flatnonzero(readings.tells_level)
    about = alike([things_of(claims)[1][given], since[given], date[given]])
    return scatters(
        columns["population"].of[given],
        about.of,
        speakers.voice_of[given],
        off[given],
        variance[given],
        n=len(claims.populations),
    )


def fixed_scale_log(readings: Readings, shares: Shares, priors: Priors) -> Array:
    """Logistic scale of each claim that no parameter bears on.

    Parameters
    ----------
    readings : Readings
        Of the claims.
    shares : Shares
        Of the errors.
    priors : Priors
        For round numbers.

    Returns
    -------
    ndarray of shape (claim,)
        Of round numbers, of small counts, and what comes with a kind.
    """
    round_log = priors.coarse_log * shares.coarse
    return np.asarray(np.sqrt(round_log**2 + readings.spread_log**2 + readings.sampling_log**2))


def _expected_variance(
    readings: Readings,
    shares: Shares,
    sd: Array,
    noise: Array,
    stated_of: Indices,
    priors: Priors,
) -> Array:
    """Variance that the error of each claim is expected to have, the common one left out."""
    excess = np.array([priors.overconfidence_median[kind] for kind in STATED])[stated_of]
    square = (shares.noise * noise) ** 2 + fixed_scale_log(readings, shares, priors) ** 2
    square = square + (readings.relative_width * (1 + shares.excess * excess)) ** 2
    return np.asarray((shares.bias * sd) ** 2 + _LOGISTIC_VARIANCE * square)
