"""Baselines: simple ways to combine contradictory claims.

Each takes the claims about one figure of one population at one date, at least one of them not a
truth, and returns draws of its natural logarithm, shape ``(4000,)``: quantiles at even levels, so
that the same claims always give the same draws.

Every claim is reduced to one number: a bound to the bound, a range to its stated best value or
geometric mean, words to the middle (or only end) of their interval in the lexicon. Numbers of zero
or below become 0.5. Claims of kind ``truth`` are ignored; withdrawn and revised ones are not.

``calibrated`` spreads a baseline by its errors in other cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student_t

from reconcile.claims.claim import Claim
from reconcile.kinds.lexicon import interval_of_words

__all__ = [
    "BASELINES",
    "N_DRAWS",
    "Predictor",
    "calibrated",
    "dersimonian_laird",
    "latest_claim",
    "linear_pool",
    "median_of_claims",
    "median_t",
    "random_effects_mean",
]

type Predictor = Callable[[Sequence[Claim]], np.ndarray]

N_DRAWS: Final = 4000

_ZERO: Final = 0.5
_LEAST_SPREAD: Final = 0.05
_SD_LOG: Final = 0.1
_MAD_TO_SD: Final = 1.4826
_DEGREES: Final = 4
# Coverage assumed for a range that states none.
_RANGE_COVERAGE: Final = 0.9


def median_of_claims(claims: Sequence[Claim]) -> np.ndarray:
    """A log-normal about the median claim, as wide as the claims scatter.

    The standard deviation is 1.4826 times the median absolute deviation of the log numbers, and
    at least 0.05.
    """
    values_log, _ = _numbers(_usable(claims))
    centre = float(np.median(values_log))
    spread = _MAD_TO_SD * float(np.median(np.abs(values_log - centre)))
    return _normal(centre, max(spread, _LEAST_SPREAD))


def median_t(claims: Sequence[Claim]) -> np.ndarray:
    """A t distribution about the median claim, with the standard deviation of the claims.

    On the log scale, with 4 degrees of freedom; the scale is at least 0.05.
    """
    values_log, _ = _numbers(_usable(claims))
    scale = float(values_log.std(ddof=1)) if values_log.size > 1 else 0.0
    wide = max(scale, _LEAST_SPREAD) * student_t.ppf(_levels(N_DRAWS), _DEGREES)
    return np.asarray(float(np.median(values_log)) + wide)


def latest_claim(claims: Sequence[Claim]) -> np.ndarray:
    """A log-normal about the latest claim, as wide as the distance of the others from it.

    The latest by ``said``, or else ``date``; the later row of two on one day; the last row if no
    claim has a date. The standard deviation is the root mean square distance of the others, on the
    log scale, and at least 0.05.
    """
    usable = _usable(claims)
    values_log, _ = _numbers(usable)
    days = [claim.said or claim.date for claim in usable]
    dated = [(day, row) for row, day in enumerate(days) if day is not None]
    last = max(dated)[1] if dated else len(usable) - 1
    others = np.delete(values_log, last) - values_log[last]
    spread = math.sqrt(float(np.mean(others**2))) if others.size else 0.0
    return _normal(float(values_log[last]), max(spread, _LEAST_SPREAD))


def linear_pool(claims: Sequence[Claim]) -> np.ndarray:
    """The equal-weight mixture of the claims, each a log-normal; draws in increasing order.

    Standard deviations follow from stated widths as in :func:`dersimonian_laird`, else 0.1.
    """
    values_log, sds_log = _numbers(_usable(claims))
    parts = [
        _normal(centre, sd, n=levels.size)
        for centre, sd, levels in zip(
            values_log, sds_log, np.array_split(np.arange(N_DRAWS), values_log.size), strict=True
        )
    ]
    return np.sort(np.concatenate(parts))


def dersimonian_laird(claims: Sequence[Claim]) -> np.ndarray:
    """The mean of a random-effects meta-analysis of the log numbers, with its standard error.

    The standard error of a claim is half its stated log width over the normal quantile of its
    stated coverage; a range or words without one count as 90 %; all others have 0.1.

    References
    ----------
    .. [1] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled
       Clinical Trials 7, 177-188. https://doi.org/10.1016/0197-2456(86)90046-2
    """
    return _normal(*random_effects_mean(*_numbers(_usable(claims))))


def random_effects_mean(values: np.ndarray, sds: np.ndarray) -> tuple[float, float]:
    """Mean and standard error, with the variance between sources by moments."""
    weights = sds**-2.0
    total = weights.sum()
    heterogeneity = float(weights @ (values - weights @ values / total) ** 2)
    excess = heterogeneity - (values.size - 1)
    # Beside a value that is all but exact, the others tell nothing of that variance.
    rest = total - weights @ weights / total
    between = excess / rest if excess > 0 and rest > 1e-9 * total else 0.0
    weights = 1.0 / (sds**2 + between)
    return float(weights @ values / weights.sum()), float(weights.sum() ** -0.5)


BASELINES: Final[Mapping[str, Predictor]] = MappingProxyType(
    {
        "median_of_claims": median_of_claims,
        "median_t": median_t,
        "latest_claim": latest_claim,
        "linear_pool": linear_pool,
        "dersimonian_laird": dersimonian_laird,
    }
)


def calibrated(
    predict_median: Callable[[Sequence[Claim]], object],
    errors_log: Mapping[str, Sequence[float]],
) -> Predictor:
    """The baseline with its median shifted and spread by its errors in other cases.

    ``errors_log`` holds log truth minus the baseline's median by case, without the case to predict.
    Every case weighs the same, and so does every error within it; cases without errors are skipped.
    """
    cases = [np.asarray(errors, dtype=float) for errors in errors_log.values() if len(errors)]
    if not cases or not all(np.isfinite(errors).all() for errors in cases):
        raise ValueError("errors_log: at least one error is needed, and all must be finite")
    errors = np.concatenate(cases)
    weights = np.concatenate([np.full(case.size, 1.0 / case.size) for case in cases])
    order = np.argsort(errors, kind="stable")
    reached = np.cumsum(weights[order]) / len(cases)
    # Rounding may leave the last cumulative weight just below one.
    rows = np.minimum(np.searchsorted(reached, _levels(N_DRAWS)), errors.size - 1)
    shifts = errors[order][rows]

    def predict(claims: Sequence[Claim]) -> np.ndarray:
        """Draw from the calibrated baseline."""
        return float(np.median(np.asarray(predict_median(claims), dtype=float))) + shifts

    return predict


def _usable(claims: Sequence[Claim]) -> list[Claim]:
    usable = [claim for claim in claims if claim.kind != "truth"]
    if not usable:
        raise ValueError("no claims")
    return usable


def _numbers(claims: list[Claim]) -> tuple[np.ndarray, np.ndarray]:
    """Log number of each claim, and its standard deviation on the log scale."""
    values_log, sds_log = zip(*map(_number, claims), strict=True)
    return np.array(values_log), np.array(sds_log)


def _number(claim: Claim) -> tuple[float, float]:
    low, high = claim.low, claim.high
    if claim.kind == "vague":
        low, high = interval_of_words(claim.words)
        if math.isinf(high):
            return _log(low), _SD_LOG
    if low is None or high is None:
        if claim.value is None:
            raise ValueError(f"a claim of kind {claim.kind} without a number")
        return _log(claim.value), _SD_LOG
    middle = _log(claim.value) if claim.value else 0.5 * (_log(low) + _log(high))
    z = float(norm.ppf(0.5 + 0.5 * (claim.coverage or _RANGE_COVERAGE)))
    sd = abs(_log(high) - _log(low)) / (2.0 * z)
    return middle, sd or _SD_LOG


def _log(value: float) -> float:
    return math.log(value if value > 0 else _ZERO)


def _normal(centre: float, sd: float, n: int = N_DRAWS) -> np.ndarray:
    return centre + sd * norm.ppf(_levels(n))


def _levels(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) / n
