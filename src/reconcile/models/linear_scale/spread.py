"""How far the sources of a figure are off: the prior of the standard deviation between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from reconcile.claims.claim import Claim
from reconcile.claims.figure import Figure
from reconcile.kinds.rounding import half_cell
from reconcile.models.linear_scale.random_effects import TauPrior
from reconcile.models.linear_scale.readings import is_number, number_of, stated_error

__all__ = ["RANGE_Z", "Spread", "judged_spread"]

# A plausible range is a central 95 % range; it is so many times as wide as sources are apart.
RANGE_Z: Final = float(ndtri(0.975))
_PLAUSIBLE_SHARE: Final = 0.1
# Several sources: the density is flat below this share of their stated errors, or of the rounding,
# then log-uniform up to so many times the distance between them. A single one: half-Cauchy.
_STATED_SHARE: Final = 0.5
_FAR: Final = 100.0
_LOG_UNIFORM, _CAUCHY = 1.0, 2.0
# A single source that states no error: in median distances of three or more earlier numbers of it
# (as vintages of GDP were found to err), else as a share of its number; and in units of its last
# digit.
_PER_REVISION: Final = 4.0
_FEWEST_REVISIONS: Final = 3
_SHARE: Final = 0.1
_PER_UNIT: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far sources are apart, roughly (``unit``), its prior, and whether it is a mere guess."""

    unit: float
    tau: TauPrior
    is_guess: bool = False


def judged_spread(figure: Figure, standing: Sequence[Claim], earlier: Sequence[Claim]) -> Spread:
    """What is declared, or else judged from claims; ``unit`` 0 if there is nothing to judge by."""
    numbers = [claim for claim in standing if is_number(claim)]
    means = _means(numbers or standing)
    differ = float(np.std(means, ddof=1)) if np.ptp(means) else 0.0
    if figure.spread:
        return _half_normal(figure.spread)
    if not numbers:
        return _half_normal(differ or _plausible(figure))
    stated = [stated_error(c, figure) for c in numbers if c.kind in ("interval", "between")]
    if len(means) == 1:
        return _alone(figure, numbers, stated, earlier)
    error = float(np.median(stated or [stated_error(claim, figure) for claim in numbers]))
    unit = max(differ, error)
    flat = _STATED_SHARE * error if stated else error
    return Spread(unit=unit, tau=_falling(flat, _LOG_UNIFORM, unit))


def _alone(
    figure: Figure, numbers: Sequence[Claim], stated: Sequence[float], earlier: Sequence[Claim]
) -> Spread:
    """The error of a single source: as it states it, as it has revised itself, or a guess."""
    own = [number_of(claim) for claim in numbers]
    number = float(np.mean(own))
    differ = float(np.std(own, ddof=1)) if np.ptp(own) else 0.0
    if stated:
        return _half_cauchy(max(differ, _STATED_SHARE * float(np.median(stated))))
    rounding = 2 * _PER_UNIT * half_cell(abs(number), unit_size=figure.unit_size)
    revised = [abs(number_of(claim) - number) for claim in earlier if is_number(claim)]
    if len(revised) >= _FEWEST_REVISIONS:
        return _half_cauchy(max(differ, rounding, _PER_REVISION * float(np.median(revised))))
    if differ:
        return _half_cauchy(max(differ, rounding))
    if figure.plausible:
        return _half_normal(_plausible(figure))
    return _half_cauchy(max(rounding, _SHARE * abs(number)), is_guess=True)


def _falling(flat: float, power: float, unit: float) -> TauPrior:
    """Flat, then a power; steeper far out, so that it has a mean."""
    return TauPrior(math.inf, flat, power, _FAR * unit)


def _half_cauchy(scale: float, *, is_guess: bool = False) -> Spread:
    return Spread(unit=scale, tau=_falling(scale, _CAUCHY, scale), is_guess=is_guess)


def _half_normal(scale: float) -> Spread:
    return Spread(unit=scale, tau=TauPrior(scale))


def _plausible(figure: Figure) -> float:
    """A tenth of the standard deviation of the plausible range; 0 without one."""
    if not figure.plausible:
        return 0.0
    low, high = figure.plausible
    return _PLAUSIBLE_SHARE * 0.5 * (high - low) / RANGE_Z


def _means(claims: Sequence[Claim]) -> np.ndarray:
    """Mean number of each source; sorted, so that the order does not matter to the last digit."""
    by_source: dict[str, list[float]] = {}
    for claim in claims:
        by_source.setdefault(claim.origin or claim.source, []).append(number_of(claim))
    return np.array(sorted(float(np.mean(sorted(own))) for own in by_source.values()))
