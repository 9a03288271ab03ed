"""The arrays of the model on the natural scale, of shares in log odds; no PyMC here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.roles import DEFAULT_ROLE, check_spoken, warn_of_missing_roles
from reconcile.claims.source import ROLES
from reconcile.models.linear_scale.figure_priors import LinearEstimand, linear_estimands
from reconcile.models.linear_scale.random_effects import Between, TauPrior, tau_posterior
from reconcile.models.linear_scale.readings import LinearReading, reading_of
from reconcile.priors.named import named_errors
from reconcile.priors.priors import Priors, priors_or_default

__all__ = ["WIDE_SHARE", "LinearDesign", "LinearVoice", "linear_design"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Scale of a gross error, which is Cauchy, in units of the spread.
_UNSOUND: Final = 5.0
# How often what all sources have in common is far off.
WIDE_SHARE: Final = 0.1
# All quantities.
_EVERY: Final = slice(None)
# Normal quantile at which the width of the distribution of log tau is taken; its most skew.
_TAU_REACH: Final = 1.5
_MOST_SKEW: Final = 0.9
# How often a bound of each kind is empty, by role.
_FAILURES: Final = MappingProxyType({"at_least": "at_least_failure", "at_most": "at_most_failure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearVoice:
    """A source, or an origin, speaking of one quantity.

    Parameters
    ----------
    source, population, figure, role : str
        The role, which may be empty, is only for display.
    """

    source: str
    population: str
    figure: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearDesign:
    """Arrays of a model on the natural scale, of shares in log odds.

    Parameters
    ----------
    claims : ClaimSet
        Claims on linear figures.
    priors : Priors
        Of which failures of bounds and soundness of withdrawn claims are used.
    quantities, voices : tuple
        Estimands, and who speaks of them.
    voice_quantity : ndarray of shape (voice,)
        Quantity of each voice.
    prior_mean, prior_sd : ndarray of shape (quantity,)
        Normal prior of the truth.
    mean, sd : ndarray of shape (quantity,)
        The same, updated by claims of kind ``truth``.
    spread : ndarray of shape (quantity,)
        How far sources are apart, roughly: the unit of bounds and gross errors.
    tau_scale, tau_flat, tau_power, tau_far : ndarray of shape (quantity,)
        Prior of the standard deviation between sources, as in ``TauPrior``.
    common, common_error : ndarray of shape (quantity,)
        Of the error that all sources share: see ``common_sd``.
    wide : float
        By how much more it is off where it is.
    logistic : ndarray of shape (quantity,)
        1 where errors are logistic.
    whole : ndarray of shape (quantity,)
        What a share is a part of; 0 for other figures. All else on a share is in log odds.
    bias, bias_sd, noise, named : ndarray of shape (voice,)
        What is known of a source by its name, as in ``SourcePrior``; else 0, 0, 1 and 0.
    centre, precision : ndarray of shape (voice,)
        Precision-weighted mean of the numbers of a voice; precision 0 where it has none.
    voice_of, quantity_of : ndarray of shape (claim,)
        Voice (0 for truths, which have none) and quantity of each claim.
    number, error, low, high, is_bound, of_truth : ndarray of shape (claim,)
        As in ``LinearReading``; the last two 1 or 0.
    sound, failure : ndarray of shape (claim,)
        Probability that a claim is no gross error, and that a bound is empty.
    weight : ndarray of shape (claim,)
        1 / number of exact repeats; 0 for revised claims beside their revision.
    """

    claims: ClaimSet
    priors: Priors
    quantities: tuple[LinearEstimand, ...]
    voices: tuple[LinearVoice, ...]
    voice_quantity: Indices
    prior_mean: Array
    prior_sd: Array
    mean: Array
    sd: Array
    spread: Array
    tau_scale: Array
    tau_flat: Array
    tau_power: Array
    tau_far: Array
    common: Array
    common_error: Array
    wide: float
    logistic: Array
    whole: Array
    bias: Array
    bias_sd: Array
    noise: Array
    named: Array
    centre: Array
    precision: Array
    voice_of: Indices
    quantity_of: Indices
    number: Array
    error: Array
    low: Array
    high: Array
    is_bound: Array
    of_truth: Array
    sound: Array
    failure: Array
    weight: Array

    @property
    def voice_labels(self) -> tuple[str, ...]:
        """Readable labels of the voices."""
        return tuple(
            " | ".join(filter(None, (v.source, v.population, v.figure))) for v in self.voices
        )

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Which claims are truths, which ``mean`` and ``sd`` contain."""
        return np.asarray((self.of_truth > 0) & (self.is_bound == 0))

    @property
    def is_number(self) -> NDArray[np.bool_]:
        """Which claims are standing numbers, and so readings of theta."""
        return np.asarray((self.of_truth == 0) & (self.is_bound == 0) & (self.sound == 1))

    @property
    def is_conjugate(self) -> bool:
        """Whether the model is normal given the standard deviations between sources."""
        counts = self.weight > 0
        plain = not self.is_bound[counts].any() and (self.sound[counts] == 1).all()
        return bool(plain and not self.logistic.any())

    def tau_prior(self, quantity: int) -> TauPrior:
        """Prior of the standard deviation between the sources of a quantity."""
        columns = (self.tau_scale, self.tau_flat, self.tau_power, self.tau_far)
        return TauPrior(*(float(column[quantity]) for column in columns))

    @property
    def tau_coordinates(self) -> Array:
        """Middle, width and skew of log tau given the numbers alone, if all were normal.

        ``log(tau) = middle + width * z + skew * (sqrt(1 + z^2) - 1)``, with ``z`` about standard
        normal, shape (3, quantity).
        """
        found = []
        for k in range(len(self.quantities)):
            mine = (self.voice_quantity == k) & (self.precision > 0)
            posterior = tau_posterior(
                self.off(mine, k),
                self.precision[mine] ** -0.5,
                mu_sd=self.apparent_sd(k),
                tau_prior=self.tau_prior(k),
                between=self.between(mine),
            )
            at = np.asarray(ndtr([-_TAU_REACH, 0.0, _TAU_REACH]), dtype=float)
            low, middle, high = np.log(posterior.quantiles(at))
            width = 0.5 * (high - low) / _TAU_REACH
            skew = (0.5 * (high + low) - middle) / (np.hypot(1, _TAU_REACH) - 1)
            most = _MOST_SKEW * width
            found.append([middle, width, np.clip(skew, -most, most)])
        return np.array(found).T

    def off(self, voices: Any = _EVERY, quantity: int | Indices | None = None) -> Array:
        """How far the numbers of voices, less what is known of their bias, are from the prior."""
        of = self.voice_quantity[voices] if quantity is None else quantity
        return np.asarray(self.centre[voices] - self.bias[voices] - self.mean[of])

    def between(self, voices: Any = _EVERY) -> Between:
        """Standard deviation of what voices believe, given tau; last axis voice."""
        # Exactly tau where nothing is known by name.
        noise, sd = self.noise[voices], self.bias_sd[voices]
        return lambda tau: np.asarray(tau * np.sqrt(noise**2 + (sd / tau) ** 2))

    def apparent_sd(self, quantity: int, wide: float = 1.0) -> Callable[[Array], Array]:
        """Prior standard deviation of what all take for a figure, given tau."""
        return lambda tau: np.hypot(self.sd[quantity], wide * self.common_sd(tau, quantity))

    def common_sd(self, tau: Array, quantity: int | slice = _EVERY) -> Array:
        """Standard deviation of what sources so far apart have in common, last axis quantity."""
        return np.asarray(self.common[quantity] * np.hypot(tau, self.common_error[quantity]))

    def natural(self, values: Array, quantities: Indices | slice = _EVERY) -> Array:
        """Values in the units of their figures, last axis some quantities."""
        whole = self.whole[quantities]
        return np.where(whole > 0, whole * expit(values), values) if whole.any() else values

    @property
    def unsound_scale(self) -> Array:
        """Scale of a gross error, which is Cauchy, by quantity."""
        return _UNSOUND * self.spread


def linear_design(claims: ClaimSet, priors: Priors | None = None) -> LinearDesign:
    """Build the arrays of the model; raises ClaimError where a spread or a claim is missing."""
    priors = priors_or_default(priors)
    check_spoken(claims)
    # Roles matter only for bounds and withdrawn claims.
    warn_of_missing_roles(
        claims,
        f"their bounds and withdrawn claims are taken to fail like those of {DEFAULT_ROLE!r}",
        among=claims.columns["kind"].map(_FAILURES.__contains__)
        | claims.columns["state"].map(lambda state: state != "standing"),
    )
    quantities = linear_estimands(claims, priors.linear)
    place = {(q.population, q.figure): k for k, q in enumerate(quantities)}
    of_quantity = np.array([place[c.population, c.figure] for c in claims], dtype=np.intp)
    said = [
        reading_of(claim, claims.figures[claim.figure], quantities[k].spread)
        for claim, k in zip(claims, of_quantity.tolist(), strict=True)
    ]
    voices, voice_of = _voices(claims)
    said_of = [claims.figures[voice.figure] for voice in voices]
    named = named_errors(
        priors.sources,
        [voice.source for voice in voices],
        [figure.scale for figure in said_of],
        [figure.unit for figure in said_of],
    )
    arrays = _claim_arrays(claims, priors, said, named.noise[voice_of])
    weight = _weights(claims, voice_of)
    mean, sd = _after_truths(quantities, of_quantity, claims, arrays)
    centre, precision = _centres(len(voices), voice_of, weight, arrays)
    return LinearDesign(
        claims=claims,
        priors=priors,
        quantities=quantities,
        voices=voices,
        voice_quantity=np.array([place[v.population, v.figure] for v in voices], dtype=np.intp),
        prior_mean=np.array([q.mean for q in quantities]),
        prior_sd=np.array([q.sd for q in quantities]),
        mean=mean,
        sd=sd,
        spread=np.array([q.spread for q in quantities]),
        **_arrays("tau_scale tau_flat tau_power tau_far", [q.tau for q in quantities]),
        common=np.array([q.common for q in quantities]),
        common_error=np.array([q.common_error for q in quantities]),
        wide=priors.linear["common_wide"],
        logistic=np.array([float(q.logistic) for q in quantities]),
        whole=np.array([q.whole for q in quantities]),
        bias=named.bias,
        bias_sd=named.bias_sd,
        noise=named.noise,
        named=named.named,
        centre=centre,
        precision=precision,
        voice_of=voice_of,
        quantity_of=of_quantity,
        weight=weight,
        **arrays,
    )


def _voices(claims: ClaimSet) -> tuple[tuple[LinearVoice, ...], Indices]:
    """Voices in order of appearance, and the voice of each claim; 0 for truths."""
    keys = [(c.origin or c.source, c.population, c.figure) for c in claims]
    roles: dict[tuple[str, str, str], set[str]] = {}
    for key, claim in zip(keys, claims, strict=True):
        if not claim.is_truth:
            roles.setdefault(key, set()).add(claims.role_of(claim))
    place = {key: k for k, key in enumerate(roles)}
    voices = tuple(
        LinearVoice(
            source=source,
            population=population,
            figure=figure,
            role=next((role for role in ROLES if role in told), ""),
        )
        for (source, population, figure), told in roles.items()
    )
    of_claim = [0 if c.is_truth else place[key] for key, c in zip(keys, claims, strict=True)]
    return voices, np.array(of_claim, dtype=np.intp)


def _claim_arrays(
    claims: ClaimSet, priors: Priors, said: list[LinearReading], noise: Array
) -> dict[str, Array]:
    """Arrays of shape ``(claim,)`` by their names in :class:`LinearDesign`."""
    roles = [priors.roles[claims.role_of(claim) or DEFAULT_ROLE] for claim in claims]
    columns = {
        "number": [s.number for s in said],
        "error": [
            s.error * (1.0 if s.is_bound or s.of_truth else factor)
            for s, factor in zip(said, noise.tolist(), strict=True)
        ],
        "low": [s.low for s in said],
        "high": [s.high for s in said],
        "is_bound": [float(s.is_bound) for s in said],
        "of_truth": [float(s.of_truth) for s in said],
        "sound": [
            1.0 if claim.state == "standing" else role.withdrawn_sound
            for claim, role in zip(claims, roles, strict=True)
        ],
        "failure": [
            getattr(role, _FAILURES[claim.kind]) if claim.kind in _FAILURES else 0.0
            for claim, role in zip(claims, roles, strict=True)
        ],
    }
    return {name: np.array(column, dtype=float) for name, column in columns.items()}


def _weights(claims: ClaimSet, voice_of: Indices) -> Array:
    """One over the number of exact repeats; 0 for what its voice revised. Shape (claim,)."""
    said = [
        (c.kind, voice, c.population, c.figure, c.value, c.low, c.high, c.coverage, c.state)
        for c, voice in zip(claims, voice_of.tolist(), strict=True)
    ]
    repeats = Counter(said)
    abouts = [key[1:4] for key in said]
    stands = {
        about
        for about, claim in zip(abouts, claims, strict=True)
        if claim.state == "standing" and not claim.is_truth
    }
    return np.array(
        [
            0.0 if claim.state == "revised" and about in stands else 1 / repeats[key]
            for claim, about, key in zip(claims, abouts, said, strict=True)
        ]
    )


def _after_truths(
    quantities: tuple[LinearEstimand, ...],
    of_quantity: Indices,
    claims: ClaimSet,
    arrays: dict[str, Array],
) -> tuple[Array, Array]:
    """Mean and standard deviation of each truth given the claims of kind ``truth``."""
    prior = np.array([[q.mean, q.sd] for q in quantities])
    is_truth = ~claims.columns.spoken
    means, sds = prior.T.copy()
    for k in range(len(quantities)):
        mine = is_truth & (of_quantity == k)
        # A truth that is told twice counts once.
        found = dict.fromkeys(zip(arrays["number"][mine], arrays["error"][mine], strict=True))
        precision = sds[k] ** -2 + sum(error**-2 for _, error in found)
        means[k] += sum((number - means[k]) * error**-2 for number, error in found) / precision
        sds[k] = precision**-0.5
    return means, sds


def _centres(
    n: int, voice_of: Indices, weight: Array, arrays: dict[str, Array]
) -> tuple[Array, Array]:
    """Precision-weighted mean of the numbers of each voice, and its precision."""
    plain = (arrays["is_bound"] == 0) & (arrays["of_truth"] == 0) & (arrays["sound"] == 1)
    each = np.where(plain, weight, 0.0) / arrays["error"] ** 2
    precision = np.bincount(voice_of, each, n)
    # Relative to the first number of each voice, lest large numbers lose digits.
    origin = np.zeros(n)
    for k in np.flatnonzero(each > 0)[::-1]:
        origin[voice_of[k]] = arrays["number"][k]
    off = arrays["number"] - origin[voice_of]
    mean = np.bincount(voice_of, each * np.where(each > 0, off, 0.0), n)
    return origin + mean / np.where(precision > 0, precision, 1.0), precision


def _arrays(names: str, rows: Sequence[Iterable[float]]) -> dict[str, Array]:
    """Columns of numbers by name."""
    return dict(zip(names.split(), np.array(rows, dtype=float).T, strict=True))
