"""Prior constants of a bias, a role and a register."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from reconcile._text import one_of, tidy
from reconcile.claims.figure import FIGURE_SCALES
from reconcile.errors import ClaimError, Problem

__all__ = [
    "KNOWN_SD",
    "LINEAR",
    "STATED",
    "BiasPrior",
    "CompletenessPrior",
    "RolePrior",
    "SourcePrior",
    "check_constants",
    "prior_error",
]

# Standard deviation of a constant taken as known.
KNOWN_SD: Final = 0.001
# Kinds of stated width, each with its own overconfidence.
STATED: Final = ("between", "interval", "measured")
# Constants of figures on the natural scale.
LINEAR: Final = (
    *("common_measured", "common_interval", "common_bare", "common_wide"),
    *("power_measured", "power_interval", "stated_flat"),
    *("alone_flat", "alone_power", "alone_points"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasPrior:
    """Prior of the bias of sources with one role and interest, on the log scale.

    Parameters
    ----------
    mean_log : float
        Mean log ratio of claimed to true values; -0.2 is 18 % too low.
    mean_sd_log : float, default 0.1
        Standard deviation of that mean, above 0: how well it is known.
    sd_log : float
        Standard deviation of the bias between sources of different cases, above 0.
    fog_rate : float, default 0.05
        Bias and noise shrink in proportion to (1 + days since the event) ** -fog_rate; above 0.
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
    """Prior of the errors of single claims about the source's bias, for sources of one role.

    Parameters
    ----------
    noise_median_log : float
        Median of the logistic scale of a claim's noise, log scale of the figure, above 0.
    noise_sd_log : float
        Standard deviation, between cases, of the logarithm of that scale, above 0.
    at_least_failure, at_most_failure : float
        Probability, in (0, 1), that an "at least" or an "at most" is uninformative. The first also
        applies to verbal quantities.
    standing_sound, withdrawn_sound : float
        Probability, in (0, 1), that a standing or a withdrawn claim is sound, that is, not a gross
        error.
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
    """Prior of the share of the truth that a register has recorded, for sources of one role.

    With the days since, it grows towards the share that the register will ever record.

    Parameters
    ----------
    mean_logit : float
        Mean logit of the share recorded, of what will ever be, of the deaths (or other counts) of
        the day of the claim itself; 0 is one half.
    sd_logit : float
        Standard deviation of that logit between registers, above 0; without its tails.
    tail : float, default 0.0
        Weight of its tails, at least 0: a standard normal ``z`` is stretched by ``exp(tail * z**2
        / 2)``.
    growth : float
        Increase of the logit per unit of log(1 + days since), at least 0: its median between
        registers.
    growth_sd_log : float, default 0.4
        Standard deviation of the logarithm of that increase between registers, at least 0.
    never : float, default 0.0
        Minus the log of the share that will ever be recorded, at least 0: its median between
        registers; 0.02 leaves 2 % out for good.
    never_sd_log : float, default 1.0
        Standard deviation of the logarithm of ``never`` between registers, at least 0.

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
    growth_sd_log: float = 0.4
    tail: float = 0.0
    never: float = 0.0
    never_sd_log: float = 1.0

    def __post_init__(self) -> None:
        check_constants("mean_logit", self.mean_logit, -math.inf, math.inf)
        check_constants("sd_logit", self.sd_logit, 0, math.inf)
        for name in ("growth", "growth_sd_log", "tail", "never", "never_sd_log"):
            if getattr(self, name) != 0:
                check_constants(name, getattr(self, name), 0, math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePrior:
    """What is known of the errors of one source by its name, beside what holds for its role.

    Parameters
    ----------
    scale : {"log", "linear", "share"}
        Scale of its errors; of figures on another one nothing is known.
    unit : str, default ""
        On the scale ``linear``, the unit of ``bias`` and ``bias_sd``, and of the only figures of
        which something is known; all percentages have one unit, points.
    bias : float, default 0.0
        Mean error of the source, claimed minus true, beyond what is expected of its role and what
        all sources of a case have in common. A log ratio on the scale ``log``,
        a difference of log odds on the scale ``share``.
    bias_sd : float, default 0.0
        Standard deviation of its mean error in the next case about that one, at least 0.
    noise : float, default 1.0
        Factor on the rest of its errors, those that it states among them, above 0; 1 for a source
        like any other of its role.
    cases : int, default 0
        Number of cases that this was learnt from.

    Examples
    --------
    >>> import reconcile as rc
    >>> ministry = rc.SourcePrior(scale="log", bias=0.2, bias_sd=0.1)
    >>> rc.Priors(sources={"the ministry": ministry}).sources["the ministry"].noise
    1.0
    """

    scale: str
    unit: str = ""
    bias: float = 0.0
    bias_sd: float = 0.0
    noise: float = 1.0
    cases: int = 0

    def __post_init__(self) -> None:
        if self.scale not in FIGURE_SCALES:
            legal = one_of(FIGURE_SCALES, self.scale)
            raise prior_error("sources.scale", self.scale, "unknown scale", legal)
        if not isinstance(self.unit, str):
            raise prior_error("sources.unit", self.unit, "not text", "text")
        object.__setattr__(self, "unit", tidy(self.unit))
        check_constants("sources.bias", self.bias, -math.inf, math.inf)
        check_constants("sources.noise", self.noise, 0, math.inf)
        for name in ("bias_sd", "cases"):
            if (value := getattr(self, name)) != 0 or isinstance(value, bool):
                check_constants(f"sources.{name}", value, 0, math.inf)


def check_constants(name: str, value: object, above: float, below: float) -> None:
    """Raise unless a constant is a number in the open interval (above, below)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < below:
        raise prior_error(name, value, "out of range", f"a number in ({above:g}, {below:g})")


def prior_error(name: str, value: object, wrong: str, legal: str) -> ClaimError:
    """An error about one constant."""
    return ClaimError([Problem(field=f"priors.{name}", value=value, wrong=wrong, legal=legal)])
