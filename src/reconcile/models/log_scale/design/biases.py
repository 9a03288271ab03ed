"""Biases: every error that is linear in standard normal variables, as one sparse matrix.

The expected error is ``mean + E z`` on the log scale, times the difficulty of the figure. Each
bias term is defined here and nowhere else: :func:`biases_of` stacks the matrices of all terms. The
NumPy reference, the PyMC model and the compiled density read ``mean`` and ``E`` and refer to no
term by name.
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
from reconcile.models.log_scale.design.interests import NO_INTEREST
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.repeats import contents_of, estimands_of
from reconcile.models.log_scale.design.sums import is_dated
from reconcile.models.log_scale.design.voices import Voice, Voices
from reconcile.priors.priors import Priors

__all__ = [
    "BiasTerm",
    "Biases",
    "Categories",
    "biases_of",
    "categories_of",
    "claim_terms",
    "drift_terms",
    "voice_means_log",
    "voice_terms",
]

# With fewer claims on running totals the drift of a voice is not identifiable.
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
    name, dim : str
        Name of its standard normal variables in the model, and of their dimension.
    labels : tuple of str
        One label per variable.
    matrix : sparse array of shape (voice or claim, label)
        Loading of each variable on each voice, or on each claim.
    """

    name: str
    dim: str
    labels: tuple[str, ...]
    matrix: csr_array

    @classmethod
    def by_row(
        cls, name: str, dim: str, labels: tuple[str, ...], column: Indices, loading: Array
    ) -> BiasTerm:
        """A term in which row i loads on the single variable ``column[i]``."""
        n = len(loading)
        matrix = csr_array((loading, column, np.arange(n + 1)), shape=(n, len(labels)))
        return cls(name=name, dim=dim, labels=labels, matrix=_compact(matrix))


@dataclass(frozen=True, slots=True, kw_only=True)
class Biases:
    """All bias terms, as matrices acting on one vector ``z`` of standard normal variables.

    Parameters
    ----------
    terms : tuple of BiasTerm
        In the order of ``z``: terms of voices, terms of claims.
    mean_log : ndarray of shape (claim,)
        Prior mean of the error.
    matrix : sparse array of shape (claim, z)
        Loadings on the claims.
    voice_mean_log : ndarray of shape (voice,)
        Prior mean of the bias.
    voices : sparse array of shape (voice, z)
        Loadings on the biases of voices.
    """

    terms: tuple[BiasTerm, ...]
    mean_log: Array
    matrix: csr_array
    voice_mean_log: Array
    voices: csr_array

    @property
    def sizes(self) -> dict[str, int]:
        """Number of variables by term name."""
        return {term.name: len(term.labels) for term in self.terms}

    @property
    def spans(self) -> dict[str, slice]:
        """Slice of ``z`` by term name."""
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
        """Concatenated variables of all terms, shape (n, z)."""
        return np.concatenate([parameters[term.name] for term in self.terms], axis=1)


def biases_of(
    of_voices: Sequence[BiasTerm],
    of_claims: Sequence[BiasTerm],
    *,
    voice_mean_log: Array,
    voice_of: Indices,
    share: Array,
) -> Biases:
    """Stack all terms; each claim takes ``share`` of its voice's bias and of its own terms."""
    selected = [term.matrix[voice_of] for term in of_voices]
    own = diags_array(share) @ hstack([*selected, *(term.matrix for term in of_claims)])
    n_voices = len(voice_mean_log)
    after = csr_array((n_voices, sum(len(term.labels) for term in of_claims)))
    return Biases(
        terms=(*of_voices, *of_claims),
        mean_log=share * voice_mean_log[voice_of],
        matrix=_compact(own),
        voice_mean_log=voice_mean_log,
        voices=_compact(hstack([*(term.matrix for term in of_voices), after])),
    )


def voice_means_log(speakers: Voices, priors: Priors) -> Array:
    """Prior mean of the bias of each voice: that of its role, and what is its own."""
    means = [priors.bias_of(s.role, s.interest, s.setting).mean_log for s in speakers.situations]
    return np.array(means)[speakers.situation_of] + speakers.named(priors).bias


def _camp_share(voice: Voice, priors: Priors) -> float:
    """Share of the variance of a bias that a voice has in common with its camp.

    Only those with an interest err together; what others share is the common error.
    """
    if voice.group:
        return priors.group_share
    return 0.0 if voice.interest == NO_INTEREST else priors.camp_share


def voice_terms(speakers: Voices, priors: Priors) -> list[BiasTerm]:
    """Voice, situation and camp terms; one that only a single voice has is merged into its own."""
    situation, camp = speakers.situation_of, speakers.camp_of
    constants = [priors.bias_of(s.role, s.interest, s.setting) for s in speakers.situations]
    named = speakers.named(priors)
    sd = np.array([bias.sd_log for bias in constants])[situation]
    sd = np.hypot(named.noise * sd, named.bias_sd)
    mean_sd = np.array([bias.mean_sd_log for bias in constants])[situation]
    share = np.array([_camp_share(voice, priors) for voice in speakers.voices])
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """Voice-by-figure categories, for voices that speak of several figures.

    Parameters
    ----------
    labels : tuple of str
        Voice and figure.
    category_of : ndarray of shape (claim,)
        Index of the category; 0 if none.
    share : ndarray of shape (claim,)
        1 if the claim has a category, else 0.
    """

    labels: tuple[str, ...]
    category_of: Indices
    share: Array

    def terms(self, sd_log: float) -> list[BiasTerm]:
        """The category term, if there are any categories."""
        if not self.labels:
            return []
        loading = sd_log * self.share
        return [BiasTerm.by_row("category_z", "category", self.labels, self.category_of, loading)]


def categories_of(claims: ClaimSet, speakers: Voices, readings: Readings) -> Categories:
    """Group the claims by voice and figure."""
    estimands, estimand_of = estimands_of(claims)
    keys = speakers.voice_of * len(estimands) + estimand_of
    # Ratios and guaranteed claims carry no information on the bias of a voice.
    has_bias = readings.bias_share > 0
    pairs = np.unique(keys[has_bias])
    voices = pairs // len(estimands)
    several = np.bincount(voices, minlength=len(speakers.voices))[voices] > 1
    kept = pairs[several]
    if not len(kept):
        return Categories(labels=(), category_of=np.zeros_like(keys), share=np.zeros(len(keys)))
    at = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
    has_one = kept[at] == keys
    return Categories(
        labels=tuple(
            f"{speakers.voices[key // len(estimands)].label} | {estimands[key % len(estimands)]}"
            for key in kept.tolist()
        ),
        category_of=np.where(has_one, at, 0),
        share=(has_one & has_bias).astype(float),
    )


def claim_terms(
    claims: ClaimSet, speakers: Voices, categories: Categories, contents: Indices, priors: Priors
) -> list[BiasTerm]:
    """Terms that differ between the claims of a voice."""
    return [
        *categories.terms(priors.category_sd_log),
        *drift_terms(claims, speakers.voice_of, priors.drift_sd_log, contents),
    ]


def drift_terms(
    claims: ClaimSet, voice_of: Indices, sd_log: float, contents: Indices | None = None
) -> list[BiasTerm]:
    """Random walks of voices with many claims on totals; ``sd_log`` is that after a year."""
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
    """A copy as CSR with sorted rows and no explicit zeros."""
    found = csr_array(matrix, copy=True)
    found.eliminate_zeros()
    found.sort_indices()
    return found


def _squares(matrix: csr_array) -> Array:
    """Row-wise sum of squares."""
    return np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
