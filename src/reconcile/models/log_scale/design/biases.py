"""Biases: every error that is linear in standard normal variables, as one sparse matrix.

A reading is expected at ``sum + mean + E z`` on the log scale. A term of the bias is written here
and nowhere else: :func:`biases_of` puts the matrices of all terms side by side. The NumPy
reference, the PyMC model and the compiled density read ``mean`` and ``E``, and name no term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import group_by
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import contents_of, estimands_of
from reconcile.models.log_scale.design.shares import Shares
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.priors import Priors

__all__ = [
    "BiasTerm",
    "Biases",
    "Categories",
    "biases_of",
    "categories_of",
    "common_term",
    "drift_term",
    "prior_variance",
    "voice_means_log",
    "voice_terms",
]

# Voices with fewer claims on running totals do not drift: nothing could be learnt of it.
_FEWEST_CLAIMS = 20
_KNOT_DAYS = 60.0
_YEAR_DAYS = 365.25

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasTerm:
    """One term of the bias.

    Parameters
    ----------
    name : str
        Of its standard normal variables in the model.
    dim : str
        Their dimension.
    labels : tuple of str
        One for each variable.
    matrix : sparse array of shape (voice or claim, label)
        What each variable adds to the bias of each voice, or to the error of each claim.
    """

    name: str
    dim: str
    labels: tuple[str, ...]
    matrix: csr_array

    @classmethod
    def by_row(
        cls, name: str, dim: str, labels: tuple[str, ...], of: Indices, loading: Array
    ) -> BiasTerm:
        """A term of which every row takes on one variable, ``of``, by so much."""
        n = len(loading)
        matrix = csr_array((loading, of, np.arange(n + 1)), shape=(n, len(labels)))
        return cls(name=name, dim=dim, labels=labels, matrix=_compact(matrix))


@dataclass(frozen=True, slots=True, kw_only=True)
class Biases:
    """All terms of the bias, as matrices from one vector ``z`` of standard normal variables.

    Parameters
    ----------
    terms : tuple of BiasTerm
        In the order of ``z``: the common error, terms of voices, terms of claims.
    mean_log : ndarray of shape (claim,)
        Prior mean of the error of each claim.
    matrix : sparse array of shape (claim, z)
        What each variable adds to the error of each claim.
    voice_mean_log : ndarray of shape (voice,)
        Prior mean of the bias of each voice.
    voices : sparse array of shape (voice, z)
        What each variable adds to the bias of each voice; the common error is not part of it.
    """

    terms: tuple[BiasTerm, ...]
    mean_log: Array
    matrix: csr_array
    voice_mean_log: Array
    voices: csr_array

    @property
    def sizes(self) -> dict[str, int]:
        """Number of variables of each term, by their name."""
        return {term.name: len(term.labels) for term in self.terms}

    @property
    def spans(self) -> dict[str, slice]:
        """Where the variables of each term stand in ``z``, by their name."""
        ends = list(accumulate(self.sizes.values()))
        return {
            name: slice(end - size, end)
            for (name, size), end in zip(self.sizes.items(), ends, strict=True)
        }

    @property
    def voice_sd_log(self) -> Array:
        """Prior standard deviation of the bias of each voice."""
        return np.sqrt(_squares(self.voices))

    def z(self, parameters: Mapping[str, Array]) -> Array:
        """The variables of all terms in their order, shape (n, z)."""
        return np.concatenate([parameters[term.name] for term in self.terms], axis=1)


def biases_of(
    common: BiasTerm,
    of_voices: Sequence[BiasTerm],
    of_claims: Sequence[BiasTerm],
    *,
    voice_mean_log: Array,
    voice_of: Indices,
    share: Array,
) -> Biases:
    """Put all terms side by side; a claim takes on a share of its voice's bias and its own."""
    selected = [term.matrix[voice_of] for term in of_voices]
    own = diags_array(share) @ hstack([*selected, *(term.matrix for term in of_claims)])
    n_voices = len(voice_mean_log)
    widths = [len(common.labels), *(len(term.labels) for term in of_claims)]
    before, after = (csr_array((n_voices, n)) for n in (widths[0], sum(widths[1:])))
    return Biases(
        terms=(common, *of_voices, *of_claims),
        mean_log=share * voice_mean_log[voice_of],
        matrix=_compact(hstack([common.matrix, own])),
        voice_mean_log=voice_mean_log,
        voices=_compact(hstack([before, *(term.matrix for term in of_voices), after])),
    )


def voice_means_log(speakers: Voices, priors: Priors) -> Array:
    """Prior mean of the bias of each voice."""
    means = [priors.bias_of(s.role, s.interest, s.setting).mean_log for s in speakers.situations]
    return np.array(means)[speakers.situation_of]


def voice_terms(speakers: Voices, priors: Priors) -> list[BiasTerm]:
    """What a voice has to itself, and what it shares with its situation and its camp.

    A term that would belong to one voice alone is put into the voice's own, so that no two
    variables stand for the same thing.
    """
    situation, camp = speakers.situation_of, speakers.camp_of
    constants = [priors.bias_of(s.role, s.interest, s.setting) for s in speakers.situations]
    sd = np.array([bias.sd_log for bias in constants])[situation]
    mean_sd = np.array([bias.mean_sd_log for bias in constants])[situation]
    shares = [priors.group_share if v.group else priors.camp_share for v in speakers.voices]
    share = np.array(shares)
    pairs = group_by([situation, camp]).first
    camps, situations = np.bincount(situation[pairs]), np.bincount(camp[pairs])
    same = (camps[situation] == 1) & (situations[camp] == 1)
    single = np.bincount(camp)[camp] == 1
    alone = ~same & (np.bincount(situation)[situation] == 1)
    camp_variance = share * sd**2 + np.where(same, mean_sd**2, 0.0)
    own = (1 - share) * sd**2
    own = own + np.where(single, camp_variance, 0.0) + np.where(alone, mean_sd**2, 0.0)
    of_situation = np.where(same | alone, 0.0, mean_sd)
    of_camp = np.where(single, 0.0, np.sqrt(camp_variance))
    labels = tuple(f"{s.role} | {s.interest} | {s.setting}" for s in speakers.situations)
    voices = tuple(voice.label for voice in speakers.voices)
    terms = [
        BiasTerm.by_row("bias_z", "voice", voices, np.arange(len(voices)), np.sqrt(own)),
        BiasTerm.by_row("role_z", "situation", labels, situation, of_situation),
        BiasTerm.by_row("camp_z", "camp", tuple(speakers.camps), camp, of_camp),
    ]
    return [terms[0], *(term for term in terms[1:] if term.matrix.nnz)]


def prior_variance(terms: Sequence[BiasTerm]) -> Array:
    """What independent terms add up to, for each of their rows; log scale."""
    return np.asarray(sum(_squares(term.matrix) for term in terms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """Voices by figure, where a voice speaks of several figures.

    Parameters
    ----------
    labels : tuple of str
        Voice and figure.
    of : ndarray of shape (claim,)
        Index of each claim's category; 0 where it has none.
    share : ndarray of shape (claim,)
        1 where it has one, else 0.
    """

    labels: tuple[str, ...]
    of: Indices
    share: Array

    def terms(self, sd_log: float) -> list[BiasTerm]:
        """What a voice's error on one figure has to itself, if there is any category."""
        if not self.labels:
            return []
        loading = sd_log * self.share
        return [BiasTerm.by_row("category_z", "category", self.labels, self.of, loading)]


def categories_of(claims: ClaimSet, speakers: Voices, readings: Readings) -> Categories:
    """Group the claims by voice and figure."""
    estimands, estimand_of = estimands_of(claims)
    # One number for each voice and estimand.
    keys = speakers.voice_of * len(estimands) + estimand_of
    # Ratios and what is guaranteed do not tell of the bias of a voice.
    has_bias = readings.bias_share > 0
    pairs = np.unique(keys[has_bias])
    voices = pairs // len(estimands)
    several = np.bincount(voices, minlength=len(speakers.voices))[voices] > 1
    kept = pairs[several]
    if not len(kept):
        return Categories(labels=(), of=np.zeros_like(keys), share=np.zeros(len(keys)))
    at = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
    has_one = kept[at] == keys
    return Categories(
        labels=tuple(
            f"{speakers.voices[key // len(estimands)].label} | {estimands[key % len(estimands)]}"
            for key in kept.tolist()
        ),
        of=np.where(has_one, at, 0),
        share=(has_one & has_bias).astype(float),
    )


def common_term(populations: Sequence[str], of: Indices, sd_log: Array, shares: Shares) -> BiasTerm:
    """The error that all claims on a population share."""
    share = shares.common * sd_log[of]
    return BiasTerm.by_row("common_bias_z", "population", tuple(populations), of, share)


def drift_term(
    claims: ClaimSet, voice_of: Indices, sd_log: float, contents: Indices | None = None
) -> list[BiasTerm]:
    """Random walks of the biases of voices with many claims on running totals, if there are any.

    A knot every two months, linear in between; at the first claim the walk is at 0. ``sd_log`` is
    for the root of a year; ``contents`` is what ``contents_of`` gives.
    """
    columns = claims.columns
    days_of = columns.days("date")
    moves = columns["figure"].map(lambda name: is_dated(claims, name)) & ~np.isnan(days_of)
    moves &= columns.spoken
    walking = np.flatnonzero(moves)
    groups = group_by([voice_of[walking]])
    sizes = np.bincount(groups.codes, minlength=len(groups))
    by_voice, ends = walking[np.argsort(groups.codes, kind="stable")], np.cumsum(sizes)
    entries: list[tuple[Array, Indices, Indices]] = []
    labels: list[str] = []
    for group in np.flatnonzero(sizes >= _FEWEST_CLAIMS).tolist():
        of = by_voice[ends[group] - sizes[group] : ends[group]]
        voice, days = int(voice_of[of[0]]), days_of[of]
        contents = contents_of(claims) if contents is None else contents
        n_steps = int(np.ceil((days.max() - days.min()) / _KNOT_DAYS))
        if len(np.unique(contents[of])) < _FEWEST_CLAIMS or not n_steps:
            continue
        passed = (days - days.min()) / _KNOT_DAYS
        for step in range(n_steps):
            share = np.clip(passed - step, 0.0, 1.0)
            there = np.flatnonzero(share)
            entries.append((share[there], of[there], np.full(len(there), len(labels))))
            labels.append(f"{voice}, {step + 1}")
    if not labels:
        return []
    share, rows, at = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    loading = sd_log * np.sqrt(_KNOT_DAYS / _YEAR_DAYS) * share
    matrix = csr_array((loading, (rows, at)), shape=(len(claims), len(labels)))
    return [BiasTerm(name="drift_z", dim="drift", labels=tuple(labels), matrix=matrix)]


def _compact(matrix: Any) -> csr_array:
    """Sorted rows without zeros, in an array of its own."""
    found = csr_array(matrix, copy=True)
    found.eliminate_zeros()
    found.sort_indices()
    return found


def _squares(matrix: csr_array) -> Array:
    """Sum of squares of each row."""
    return np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
