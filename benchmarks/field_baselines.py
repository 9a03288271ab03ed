"""Baselines and specialists of the field test.

Each takes a :class:`Question` and the questions of the other cases of its family, and returns draws
on the scale of the question: logarithms, or the numbers themselves where these may be negative.
"Calibrated" ones and specialists know how a method erred in these other cases.

.. [1] Shirani-Mehr, H. et al. (2018). Disentangling bias and variance in election polls. Journal of
   the American Statistical Association 113, 607-614. https://doi.org/10.1080/01621459.2018.1448823
.. [2] Particle Data Group, Navas, S. et al. (2024). Review of particle physics. Physical Review D
   110, 030001 (section 5.2.2, scale factor). https://doi.org/10.1103/PhysRevD.110.030001
.. [3] Cooke, R. M. (1991). Experts in uncertainty. Oxford University Press (classical model).
.. [4] Mack, T. (1993). Distribution-free calculation of the standard error of chain ladder reserve
   estimates. ASTIN Bulletin 23, 213-225. https://doi.org/10.2143/AST.23.2.2005092
.. [5] Birge, R. T. (1932). The calculation of errors by the method of least squares. Physical
   Review 40, 207-227. https://doi.org/10.1103/PhysRev.40.207
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from baselines import random_effects_mean

__all__ = ["BASELINES", "N_DRAWS", "SPECIALISTS", "Question"]

type Array = NDArray[np.float64]
N_DRAWS: Final = 2000
_SEED: Final = 7
_DEGREES: Final = 4
# Error of a number that states none: log scale, or a share of the number.
_USUAL: Final = 0.1
# Quantiles that experts state, and the share of them between two.
_BINS: Final = np.array([0.05, 0.45, 0.45, 0.05])
_OVERSHOOT: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The numbers about one figure, in order of time, and its truth.

    Parameters
    ----------
    case, name : str
        Of the case, and of population and figure within it.
    number, error, low, high : ndarray of shape (claim,)
        Numbers, their stated standard errors and ends of ranges (NaN where none is stated).
    sources : tuple of str
        Who says so.
    truth : float
        What became known.
    """

    case: str
    name: str
    number: Array
    error: Array
    low: Array
    high: Array
    sources: tuple[str, ...]
    truth: float

    @property
    def sigma(self) -> Array:
        """Standard errors; a usual one where none is stated."""
        return np.where(np.isnan(self.error), _USUAL, np.maximum(self.error, 1e-12))


type Method = Callable[[Question, Sequence[Question]], Array]


def _rng(question: Question) -> np.random.Generator:
    return np.random.default_rng([_SEED, *f"{question.case}{question.name}".encode()])


def _middle(question: Question) -> float:
    return float(np.median(question.number))


def _last(question: Question) -> float:
    return float(question.number[-1])


def _t(point: Callable[[Question], float]) -> Method:
    """A t distribution with 4 degrees of freedom and the standard deviation of the numbers."""

    def method(question: Question, others: Sequence[Question]) -> Array:
        if len(question.number) > 1:
            sd = float(np.std(question.number, ddof=1))
        else:
            sd = float(np.std([point(other) - other.truth for other in others])) or 1.0
        return point(question) + max(sd, 1e-9) * _rng(question).standard_t(_DEGREES, N_DRAWS)

    return method


def _calibrated(point: Callable[[Question], float]) -> Method:
    """The errors that a point had in other cases."""

    def method(question: Question, others: Sequence[Question]) -> Array:
        errors = np.array([other.truth - point(other) for other in others])
        return point(question) + _rng(question).choice(errors, N_DRAWS)

    return method


def linear_pool(question: Question, _: Sequence[Question]) -> Array:
    """Every claim is as likely as any other to be right, within its error."""
    rng = _rng(question)
    which = rng.integers(len(question.number), size=N_DRAWS)
    return question.number[which] + question.sigma[which] * rng.normal(size=N_DRAWS)


def dersimonian_laird(question: Question, _: Sequence[Question]) -> Array:
    """Random-effects mean, with the variance between sources by moments."""
    mean, sd = random_effects_mean(question.number, question.sigma)
    return np.asarray(mean + sd * _rng(question).normal(size=N_DRAWS))


def poll_average(question: Question, others: Sequence[Question]) -> Array:
    """Mean of the polls; an error of the election beside that of single polls, as in [1]_."""
    errors = np.array([np.mean(other.number) - other.truth for other in others])
    several = [other for other in others if len(other.number) > 1]
    single = float(np.mean([np.var(other.number, ddof=1) for other in several]))
    sizes = np.array([len(other.number) for other in others])
    election = max(float(np.mean((errors - errors.mean()) ** 2 - single / sizes)), 0.0)
    sd = math.sqrt(election + single / len(question.number))
    return (
        float(np.mean(question.number)) - errors.mean() + sd * _rng(question).normal(size=N_DRAWS)
    )


def scale_factor(question: Question, _: Sequence[Question]) -> Array:
    """Weighted mean of measurements, its error widened by their scatter [2]_."""
    weight = question.sigma**-2.0
    mean, n = np.average(question.number, weights=weight), len(weight)
    scatter = float(weight @ (question.number - mean) ** 2)
    widened = max(math.sqrt(scatter / (n - 1)), 1.0) if n > 1 else 1.0
    sd = widened * weight.sum() ** -0.5
    return np.asarray(mean + sd * _rng(question).normal(size=N_DRAWS))


def birge_latest(question: Question, others: Sequence[Question]) -> Array:
    """The latest value; its stated error times what such errors were found to be worth [5]_."""
    ratio = math.sqrt(np.mean([((o.truth - _last(o)) / o.sigma[-1]) ** 2 for o in others]))
    sd = ratio * float(question.sigma[-1])
    return _last(question) + sd * _rng(question).normal(size=N_DRAWS)


def chain_ladder(question: Question, others: Sequence[Question]) -> Array:
    """The latest count times the mean factor from there to the last one [4]_, on the log scale."""
    counts = np.exp([_last(other) for other in others])
    finals = np.exp([other.truth for other in others])
    factor = math.log(finals.sum() / counts.sum())
    rest = np.log(finals / counts) - factor
    sd = math.sqrt(float(np.mean(rest**2)))
    return _last(question) + factor + sd * _rng(question).normal(size=N_DRAWS)


def revision_mean(question: Question, others: Sequence[Question]) -> Array:
    """The latest vintage plus the mean revision of others, as uncertain as revisions were."""
    revisions = np.array([other.truth - _last(other) for other in others])
    sd = float(np.std(revisions, ddof=1))
    return _last(question) + revisions.mean() + sd * _rng(question).normal(size=N_DRAWS)


def performance_weights(question: Question, others: Sequence[Question]) -> Array:
    """Mixture of experts by calibration times information on the other items of the study [3]_.

    All experts alike where none of them answered other items.
    """
    weights = np.array([_weight(source, others) for source in question.sources])
    usable = ~np.isnan(question.low) & ~np.isnan(question.high)
    if not usable.any():
        return linear_pool(question, others)
    weights = np.where(usable, weights, 0.0)
    weights = weights if weights.sum() > 0 else usable.astype(float)
    rng = _rng(question)
    which = rng.choice(len(weights), p=weights / weights.sum(), size=N_DRAWS)
    bottom, top = _background(question)
    knots = np.column_stack(
        [np.full(len(weights), bottom), question.low, question.number, question.high]
    )
    knots = np.column_stack([knots, np.full(len(weights), top)])[which]
    band = rng.choice(len(_BINS), p=_BINS, size=N_DRAWS)
    rows = np.arange(N_DRAWS)
    below, above = knots[rows, band], knots[rows, band + 1]
    return np.asarray(below + (above - below) * rng.random(N_DRAWS))


def _background(question: Question) -> tuple[float, float]:
    """The range of all that experts say, and a tenth more."""
    bottom, top = float(np.nanmin(question.low)), float(np.nanmax(question.high))
    more = _OVERSHOOT * (top - bottom)
    return bottom - more, top + more


def _weight(source: str, others: Sequence[Question]) -> float:
    """Calibration times information of an expert on some items."""
    hits, information = np.zeros(len(_BINS)), []
    for other in others:
        if source not in other.sources:
            continue
        k = other.sources.index(source)
        ends = other.low[k], other.number[k], other.high[k]
        if np.isnan(ends).any():
            continue
        hits[int(np.searchsorted(ends, other.truth))] += 1
        bottom, top = _background(other)
        widths = np.maximum(np.diff([bottom, *ends, top]), 1e-9)
        information.append(math.log(top - bottom) + float(_BINS @ np.log(_BINS / widths)))
    if not hits.sum():
        return 0.0
    share = hits / hits.sum()
    there = share > 0
    surprise = float((share[there] * np.log(share[there] / _BINS[there])).sum())
    calibration = float(chi2.sf(2 * hits.sum() * surprise, len(_BINS) - 1))
    return calibration * float(np.mean(information))


BASELINES: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "median, t": _t(_middle),
        "latest, t": _t(_last),
        "median, calibrated": _calibrated(_middle),
        "latest, calibrated": _calibrated(_last),
        "linear pool": linear_pool,
        "DerSimonian-Laird": dersimonian_laird,
    }
)
SPECIALISTS: Final[Mapping[str, tuple[str, Method]]] = MappingProxyType(
    {
        "polls": ("poll average with an election-level error", poll_average),
        "pdg": ("PDG scale factor", scale_factor),
        "pdg_signed": ("PDG scale factor", scale_factor),
        "codata": ("latest, with a Birge ratio", birge_latest),
        "codata_signed": ("latest, with a Birge ratio", birge_latest),
        "cooke": ("performance weights", performance_weights),
        "cooke_signed": ("performance weights", performance_weights),
        "hospitalisations": ("chain ladder", chain_ladder),
        "gdp_vintages": ("revision mean", revision_mean),
    }
)
