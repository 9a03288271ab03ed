"""Prior constants of one bias, one role, one register."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from reconcile.errors import ClaimError, Problem

__all__ = [
    "KNOWN_SD",
    "BiasPrior",
    "CompletenessPrior",
    "RolePrior",
    "check_constants",
    "prior_error",
]

# Small enough to change nothing.
KNOWN_SD: Final = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasPrior:
    """How far off sources of one role and interest are on average, on the log scale.

    Parameters
    ----------
    mean_log : float
        Mean log ratio of what such a source says to the truth; -0.2 is 18 % too low.
    mean_sd_log : float, default 0.1
        How well that mean is known: its standard deviation, above 0.
    sd_log : float
        Standard deviation of the ratio between sources of different cases, above 0.
    fog_rate : float, default 0.05
        Bias and noise shrink with (1 + days since the event) to the power of minus this, above 0.
    """

    mean_log: float
    mean_sd_log: float = 0.1
    sd_log: float
    fog_rate: float = 0.05

    def __post_init__(self) -> None:
        check_constants("fog_rate", self.fog_rate, 0, math.inf)
        check_constants("mean_log", self.mean_log, -math.inf, math.inf)
        check_constants("mean_sd_log", self.mean_sd_log, 0, math.inf)
        check_constants("sd_log", self.sd_log, 0, math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePrior:
    """How single claims of sources of one role err about the source's bias.

    Parameters
    ----------
    noise_median_log : float
        Median of the logistic scale of a reading, log scale of the figure, above 0.
    noise_sd_log : float
        Standard deviation of the logarithm of that scale between cases, above 0.
    at_least_failure, at_most_failure : float
        Probability, in (0, 1), that an "at least" or an "at most" says nothing about the reading.
        That of a verbal quantity is the first.
    standing_sound, withdrawn_sound : float
        Probability, in (0, 1), that a claim that stands, or one that was withdrawn, is a reading
        at all and not a gross error.
    """

    noise_median_log: float
    noise_sd_log: float
    at_least_failure: float
    at_most_failure: float
    standing_sound: float
    withdrawn_sound: float

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_constants(
                name, getattr(self, name), 0, 1 if name.endswith(("failure", "sound")) else 9
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessPrior:
    """What share of the truth a register holds, if sources of one role keep it.

    Parameters
    ----------
    mean_logit : float
        Mean logit of the share of those who died (or else are counted) on the day of the claim
        itself; 0 is one half.
    sd_logit : float
        Standard deviation of that logit between registers, above 0.
    growth : float
        What is added to the logit for each unit of log(1 + days since), at least 0.

    Examples
    --------
    >>> import reconcile as rc
    >>> half = rc.CompletenessPrior(mean_logit=0.0, sd_logit=0.5, growth=0.0)
    >>> rc.Priors(completeness={"expert": half}).completeness["expert"].growth
    0.0
    """

    mean_logit: float
    sd_logit: float
    growth: float

    def __post_init__(self) -> None:
        check_constants("mean_logit", self.mean_logit, -math.inf, math.inf)
        check_constants("sd_logit", self.sd_logit, 0, math.inf)
        if self.growth != 0:
            check_constants("growth", self.growth, 0, math.inf)


def check_constants(name: str, value: object, above: float, below: float) -> None:
    """Refuse a constant that is not a number between two others."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < below:
        raise prior_error(name, value, "not in its range", f"a number in ({above:g}, {below:g})")


def prior_error(name: str, value: object, wrong: str, legal: str) -> ClaimError:
    """The error about one constant."""
    return ClaimError([Problem(field=f"priors.{name}", value=value, wrong=wrong, legal=legal)])
