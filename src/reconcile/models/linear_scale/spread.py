"""How far the sources of a figure are off: the prior of the standard deviation between them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from reconcile.claims.claim import Claim
from reconcile.claims.figure import Figure
from reconcile.claims.percent import is_percentage
from reconcile.kinds.interval import is_standard_error
from reconcile.models.linear_scale.gauges import RANGE_Z, gauge_of
from reconcile.models.linear_scale.random_effects import TauPrior
from reconcile.models.linear_scale.readings import is_number, number_of, placed, stated_error

__all__ = ["Spread", "judged_spread"]

# How far sources are apart, as a share of the standard deviation of a plausible range.
_PLAUSIBLE_SHARE: Final = 0.1
# The density falls faster beyond so many times the distance between sources.
_FAR: Final = 100.0
# Powers of the density of several sources that state no error, and of one whose error is a guess.
_LOG_UNIFORM, _CAUCHY = 1.0, 2.0
# A single source: the last of so many earlier numbers tells how it errs; one alone may be a slip.
# Without a stated error, a share of its number, and units of its last digit.
_FEWEST_REVISIONS: Final = 2
_SHARE: Final = 0.1
_PER_UNIT: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far sources are apart, roughly (``unit``), its prior, and whether it is a mere guess.

    What they have in common is ``common`` times the root of the squares of how far they are apart
    and of the ``error`` that they state.
    """

    unit: float
    tau: TauPrior
    is_guess: bool = False
    common: float = 0.0
    error: float = 0.0


def judged_spread(
    figure: Figure,
    standing: Sequence[Claim],
    earlier: Sequence[Claim],
    constants: Mapping[str, float],
) -> Spread:
    """What is declared, or else judged from claims; ``unit`` 0 if there is nothing to judge by.

    ``constants`` are the ``linear`` ones of the priors.
    """
    numbers = [claim for claim in standing if is_number(claim)]
    kinds = [_kind(claim, figure) for claim in numbers or standing]
    common = _mean([constants[f"common_{kind}"] for kind in kinds])
    stated = [stated_error(claim, figure) for claim in numbers if claim.low is not None]
    found = _judged(figure, standing, numbers, earlier, stated, constants)
    return replace(found, common=common, error=float(np.median(stated)) if stated else 0.0)


def _mean(constants: Sequence[float]) -> float:
    """Geometric mean."""
    return float(np.exp(np.mean(np.log(constants))))


def _kind(claim: Claim, figure: Figure) -> str:
    """How the error of a claim is known; that of percentages is as in surveys."""
    if claim.low is None and not _is_percentage(figure):
        return "bare"
    return "measured" if is_standard_error(claim.coverage) else "interval"


def _is_percentage(figure: Figure) -> bool:
    return figure.scale == "share" or is_percentage(figure.unit)


def _judged(
    figure: Figure,
    standing: Sequence[Claim],
    numbers: Sequence[Claim],
    earlier: Sequence[Claim],
    stated: Sequence[float],
    constants: Mapping[str, float],
) -> Spread:
    means = _means(numbers or standing, figure)
    differ = float(np.std(means, ddof=1)) if np.ptp(means) else 0.0
    if figure.spread:
        middle = float(np.median([number_of(claim) for claim in numbers or standing]))
        return _half_normal(gauge_of(figure).step(middle, figure.spread))
    if not numbers:
        return _half_normal(differ or _plausible(figure))
    if len(means) == 1:
        return _alone(figure, numbers, stated, earlier, constants)
    error = float(np.median(stated or [stated_error(claim, figure) for claim in numbers]))
    unit = max(differ, error)
    if stated:
        kinds = [_kind(claim, figure) for claim in numbers if claim.low is not None]
        power = _mean([constants[f"power_{kind}"] for kind in kinds])
        return Spread(unit=unit, tau=_falling(constants["stated_flat"] * error, power, unit))
    return Spread(unit=unit, tau=_falling(error, _LOG_UNIFORM, unit))


def _alone(
    figure: Figure,
    numbers: Sequence[Claim],
    stated: Sequence[float],
    earlier: Sequence[Claim],
    constants: Mapping[str, float],
) -> Spread:
    """The error of a single source: as it states it, as it has revised itself, or a guess."""
    own, gauge = [placed(claim, figure) for claim in numbers], gauge_of(figure)
    number = float(np.mean(own))
    differ = float(np.std(own, ddof=1)) if np.ptp(own) else 0.0
    revised = sorted((c for c in earlier if is_number(c)), key=lambda c: c.said or dt.date.min)
    enough = len(revised) >= _FEWEST_REVISIONS
    moved = abs(placed(revised[-1], figure) - number) if enough else 0.0
    power = constants["alone_power"]
    if stated:
        unit = max(differ, moved, float(np.median(stated)))
        return Spread(unit=unit, tau=_falling(constants["alone_flat"] * unit, power, unit))
    said = float(np.mean([number_of(claim) for claim in numbers]))
    unit = max(differ, moved, gauge.step(said, 2 * _PER_UNIT * gauge.rounding(said)))
    guess = not (enough or figure.plausible)
    if _is_percentage(figure):
        unit = max(unit, gauge.step(said, gauge.points(said, constants["alone_points"])))
        return Spread(unit=unit, tau=_falling(unit, power, unit), is_guess=guess)
    if differ:
        return Spread(unit=unit, tau=_falling(unit, _CAUCHY, unit))
    if figure.plausible:
        return _half_normal(_plausible(figure))
    unit = max(unit, _SHARE * abs(number))
    return Spread(unit=unit, tau=_falling(unit, _CAUCHY, unit), is_guess=guess)


def _falling(flat: float, power: float, unit: float) -> TauPrior:
    """Flat, then a power; steeper far out, so that it has a mean."""
    return TauPrior(math.inf, flat, power, _FAR * unit)


def _half_normal(scale: float) -> Spread:
    return Spread(unit=scale, tau=TauPrior(scale))


def _plausible(figure: Figure) -> float:
    """A tenth of the standard deviation of the plausible range; 0 without one."""
    ends = gauge_of(figure).plausible()
    if not ends:
        return 0.0
    low, high = ends
    return _PLAUSIBLE_SHARE * 0.5 * (high - low) / RANGE_Z


def _means(claims: Sequence[Claim], figure: Figure) -> np.ndarray:
    """Mean number of each source; sorted, so that the order does not matter to the last digit."""
    by_source: dict[str, list[float]] = {}
    for claim in claims:
        by_source.setdefault(claim.origin or claim.source, []).append(placed(claim, figure))
    return np.array(sorted(float(np.mean(sorted(own))) for own in by_source.values()))
