"""Everything a model on the natural scale consists of, as plain arrays: no PyMC here."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.errors import AssumptionWarning, ClaimError, Problem
from reconcile.figures import Figure
from reconcile.linear.readings import Stated, number_of, stated_error, stated_of
from reconcile.priors import Priors

__all__ = ["LinearDesign", "LinearQuantity", "LinearVoice", "is_linear", "linear_design"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]

# Where nothing else is known of a figure, its prior is so many times as wide as the claims spread.
_WIDE: Final = 10.0
# A claim that is no reading lies so many times the spread away.
_UNSOUND: Final = 5.0
# A plausible range is a central one of 95 %.
_RANGE_Z: Final = float(ndtri(0.975))
_DEFAULT_ROLE: Final = "third"
# Which way a bound is closer.
_SIDES: Final = MappingProxyType({"at_least": 1.0, "at_most": -1.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearQuantity:
    """A figure of a population, and what is assumed of it; natural scale.

    Parameters
    ----------
    population, figure : str
        Whose, and what.
    mean, sd : float
        Of the normal prior of the truth.
    spread : float
        Scale of the half-normal prior of the standard deviation between sources.
    logistic : bool
        Whether errors are logistic and not normal.
    """

    population: str
    figure: str
    mean: float
    sd: float
    spread: float
    logistic: bool

    @property
    def label(self) -> str:
        """Readable label."""
        return " | ".join(filter(None, (self.population, self.figure)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearVoice:
    """A source, or an origin, speaking of one quantity.

    Parameters
    ----------
    source, population, figure, role : str
        Who, of whom and what, and in what role; the role may be empty.
    """

    source: str
    population: str
    figure: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearDesign:
    """Arrays of a model on the natural scale.

    Parameters
    ----------
    claims : ClaimSet
        What it is made from.
    priors : Priors
        Of whose constants only the failures of bounds and the soundness of withdrawn claims count.
    quantities : tuple of LinearQuantity
        What is estimated.
    voices : tuple of LinearVoice
        Who speaks of them.
    voice_quantity : ndarray of shape (voice,)
        Index of each voice's quantity.
    prior_mean, prior_sd : ndarray of shape (quantity,)
        Of the truth, before any claim.
    mean, sd : ndarray of shape (quantity,)
        The same after what was found out later (kind ``truth``).
    spread : ndarray of shape (quantity,)
        Scale of the prior of the standard deviation between sources.
    logistic : ndarray of shape (quantity,)
        1 where errors are logistic.
    centre, precision : ndarray of shape (voice,)
        Mean of the numbers a voice stated, and one over their variance, 0 where it stated none.
    voice_of, quantity_of : ndarray of shape (claim,)
        Index of each claim's voice (0 for truths, which have none) and quantity.
    number, error, low, high : ndarray of shape (claim,)
        See :class:`reconcile.linear.readings.Stated`.
    is_bound, of_truth : ndarray of shape (claim,)
        Whether a claim is a bound, and whether it speaks of the truth itself; 1 or 0.
    sound, failure : ndarray of shape (claim,)
        Probability of being a reading at all, 1 where that is certain, and of an empty bound.
    weight : ndarray of shape (claim,)
        1 / number of exact repeats; 0 for what was revised, where the revision is there.
    """

    claims: ClaimSet
    priors: Priors
    quantities: tuple[LinearQuantity, ...]
    voices: tuple[LinearVoice, ...]
    voice_quantity: Indices
    prior_mean: Array
    prior_sd: Array
    mean: Array
    sd: Array
    spread: Array
    logistic: Array
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
        """Which claims say what was found out later: the prior of the truth has them already."""
        return np.asarray((self.of_truth > 0) & (self.is_bound == 0))

    @property
    def is_number(self) -> NDArray[np.bool_]:
        """Which claims are numbers that stand, and so tell what their voice takes for the truth."""
        return np.asarray((self.of_truth == 0) & (self.is_bound == 0) & (self.sound == 1))

    @property
    def is_conjugate(self) -> bool:
        """Whether everything is normal, given the standard deviations between sources."""
        counts = self.weight > 0
        plain = not self.is_bound[counts].any() and (self.sound[counts] == 1).all()
        return bool(plain and not self.logistic.any())

    @property
    def unsound_sd(self) -> Array:
        """Standard deviation of a claim that is no reading, by quantity."""
        return _UNSOUND * self.spread


def is_linear(claims: ClaimSet) -> bool:
    """Whether claims are about figures that may be negative.

    Parameters
    ----------
    claims : ClaimSet
        A set either has such figures only, or none.

    Returns
    -------
    bool
    """
    if not isinstance(claims, ClaimSet):
        return False  # whoever takes it for a set will say so
    bases = claims.base_parts(claims.claims[0].figure)
    return claims.figures[bases[0]].scale == "linear"


def linear_design(claims: ClaimSet, priors: Priors | None = None) -> LinearDesign:
    """Lay out the model of claims on figures with scale linear.

    Parameters
    ----------
    claims : ClaimSet
        What was said, of such figures only.
    priors : Priors, optional
        The defaults if not given.

    Returns
    -------
    LinearDesign

    Raises
    ------
    ClaimError
        If all claims are truths, or nothing says on what scale the sources of a figure differ.

    Warns
    -----
    AssumptionWarning
        If the source of a bound, or of a claim that was taken back, has no role.
    """
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    priors = priors or Priors()
    spoken = [claim for claim in claims if claim.kind != "truth"]
    if not spoken:
        wrong = "nothing but truths"
        legal = "one claim at least that somebody made"
        raise ClaimError([Problem(field="kind", value="truth", wrong=wrong, legal=legal)])
    _warn_of_missing_roles(claims)
    quantities = _quantities(claims)
    place = {(q.population, q.figure): k for k, q in enumerate(quantities)}
    of_quantity = np.array([place[c.population, c.figure] for c in claims], dtype=np.intp)
    said = [
        stated_of(claim, claims.figures[claim.figure], quantities[k].spread)
        for claim, k in zip(claims, of_quantity.tolist(), strict=True)
    ]
    voices, voice_of = _voices(claims)
    arrays = _claim_arrays(claims, priors, said)
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
        logistic=np.array([float(q.logistic) for q in quantities]),
        centre=centre,
        precision=precision,
        voice_of=voice_of,
        quantity_of=of_quantity,
        weight=weight,
        **arrays,
    )


def _voices(claims: ClaimSet) -> tuple[tuple[LinearVoice, ...], Indices]:
    """Who speaks of what, in order of appearance, in the role of the first claim; 0 for truths."""
    keys = [(c.origin or c.source, c.population, c.figure) for c in claims]
    roles: dict[tuple[str, str, str], str] = {}
    for key, claim in zip(keys, claims, strict=True):
        if claim.kind != "truth":
            roles.setdefault(key, claims.role_of(claim))
    place = {key: k for k, key in enumerate(roles)}
    voices = tuple(
        LinearVoice(source=source, population=population, figure=figure, role=role)
        for (source, population, figure), role in roles.items()
    )
    of_claim = [0 if c.kind == "truth" else place[key] for key, c in zip(keys, claims, strict=True)]
    return voices, np.array(of_claim, dtype=np.intp)


def _warn_of_missing_roles(claims: ClaimSet) -> None:
    """Roles matter only for bounds and for what was taken back."""
    without = sorted(
        {
            claim.source
            for claim in claims
            if (claim.kind in ("at_least", "at_most") or claim.state != "standing")
            and not claims.role_of(claim)
        }
    )
    if without:
        warnings.warn(
            f"no role is given for {', '.join(without)}: bounds and withdrawn claims fail as often "
            f"as those of {_DEFAULT_ROLE!r}; give roles in the column 'role' or in case.toml",
            AssumptionWarning,
            stacklevel=4,
        )


def _quantities(claims: ClaimSet) -> tuple[LinearQuantity, ...]:
    """What is claimed, in order of appearance, each with its prior."""
    about: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        about.setdefault((claim.population, claim.figure), []).append(claim)
    problems: list[Problem] = []
    found = []
    for (population, figure), members in about.items():
        prior = _prior(claims.figures[figure], members)
        if prior is None:
            problems.append(
                Problem(
                    field=f"figures.{figure}.spread",
                    value=None,
                    wrong="no two sources differ, none states an error, and no range is given: "
                    "nothing says on what scale sources of this figure are off",
                    legal="a number above 0, or a plausible range [low, high]",
                )
            )
            continue
        logistic = claims.figures[figure].noise == "logistic"
        found.append(
            LinearQuantity(population=population, figure=figure, logistic=logistic, **prior)
        )
    if problems:
        raise ClaimError(problems)
    return tuple(found)


def _prior(figure: Figure, members: list[Claim]) -> dict[str, float] | None:
    """Prior mean and standard deviation of the truth, and scale of the one between sources."""
    spoken = [c for c in members if c.kind != "truth" and c.coverage != 1]
    standing = [c for c in spoken if c.state == "standing"] or spoken or members
    numbers = np.array(sorted(number_of(claim) for claim in standing))
    seen = _seen_spread(figure, standing)
    middle = float(np.median(numbers))
    if figure.plausible:
        low, high = figure.plausible
        middle, sd = low + 0.5 * (high - low), 0.5 * (high - low) / _RANGE_Z
        spread = figure.spread or seen or sd / _WIDE
    else:
        spread = figure.spread or seen
        sd = _WIDE * max(seen, spread)
    if not spread:
        return None
    return {"mean": middle, "sd": sd, "spread": spread}


def _seen_spread(figure: Figure, members: list[Claim]) -> float:
    """How far sources differ, or how large an error they state, if that is more; 0 if neither.

    The standard deviation of the means of the sources, and the median of the stated errors.
    """
    by_source: dict[str, list[float]] = {}
    for claim in members:
        by_source.setdefault(claim.origin or claim.source, []).append(number_of(claim))
    errors = [
        stated_error(claim, figure)
        for claim in members
        if claim.kind in ("interval", "between") and claim.coverage != 1
    ]
    # Sorted, so that the order of the claims does not matter to the last digit.
    means = np.array(sorted(float(np.mean(sorted(own))) for own in by_source.values()))
    differ = float(np.std(means, ddof=1)) if len(means) > 1 else 0.0
    return max(differ, float(np.median(errors)) if errors else 0.0)


def _claim_arrays(claims: ClaimSet, priors: Priors, said: list[Stated]) -> dict[str, Array]:
    """Arrays of shape ``(claim,)`` by their names in :class:`LinearDesign`."""
    roles = [priors.roles[claims.role_of(claim) or _DEFAULT_ROLE] for claim in claims]
    failures = {"at_least": "at_least_failure", "at_most": "at_most_failure"}
    columns = {
        "number": [s.number for s in said],
        "error": [s.error for s in said],
        "low": [s.low for s in said],
        "high": [s.high for s in said],
        "is_bound": [float(s.is_bound) for s in said],
        "of_truth": [float(s.of_truth) for s in said],
        "sound": [
            1.0 if claim.state == "standing" else role.withdrawn_sound
            for claim, role in zip(claims, roles, strict=True)
        ],
        "failure": [
            getattr(role, failures[claim.kind]) if claim.kind in failures else 0.0
            for claim, role in zip(claims, roles, strict=True)
        ],
    }
    return {name: np.array(column, dtype=float) for name, column in columns.items()}


def _weights(claims: ClaimSet, voice_of: Indices) -> Array:
    """Share of each claim among its exact repeats; 0 for what its voice has revised or outdone.

    Of several bounds on one side that a voice lets stand, only the closest says anything.
    """
    said = [
        (c.kind, voice, c.population, c.figure, c.value, c.low, c.high, c.coverage, c.state)
        for c, voice in zip(claims, voice_of.tolist(), strict=True)
    ]
    repeats = Counter(said)
    stands = {key[1:4] for key in said if key[-1] == "standing" and key[0] != "truth"}
    return np.array(
        [0.0 if key[-1] == "revised" and key[1:4] in stands else 1 / repeats[key] for key in said]
    )


def _after_truths(
    quantities: tuple[LinearQuantity, ...],
    of_quantity: Indices,
    claims: ClaimSet,
    arrays: dict[str, Array],
) -> tuple[Array, Array]:
    """Mean and standard deviation of each truth, once what was found out is known."""
    prior = np.array([[q.mean, q.sd] for q in quantities])
    is_truth = np.array([claim.kind == "truth" for claim in claims])
    means, sds = prior.T.copy()
    for k in range(len(quantities)):
        mine = is_truth & (of_quantity == k)
        # What was found out once and is told twice was found out once.
        found = dict.fromkeys(zip(arrays["number"][mine], arrays["error"][mine], strict=True))
        precision = sds[k] ** -2 + sum(error**-2 for _, error in found)
        means[k] += sum((number - means[k]) * error**-2 for number, error in found) / precision
        sds[k] = precision**-0.5
    return means, sds


def _centres(
    n: int, voice_of: Indices, weight: Array, arrays: dict[str, Array]
) -> tuple[Array, Array]:
    """Mean of the numbers that each voice stated, weighted by their precision; and the latter."""
    plain = (arrays["is_bound"] == 0) & (arrays["of_truth"] == 0) & (arrays["sound"] == 1)
    each = np.where(plain, weight, 0.0) / arrays["error"] ** 2
    precision = np.bincount(voice_of, each, n)
    # About the first number of each voice: nothing is lost where numbers are large.
    origin = np.zeros(n)
    for k in np.flatnonzero(each > 0)[::-1]:
        origin[voice_of[k]] = arrays["number"][k]
    off = arrays["number"] - origin[voice_of]
    mean = np.bincount(voice_of, each * np.where(each > 0, off, 0.0), n)
    return origin + mean / np.where(precision > 0, precision, 1.0), precision
