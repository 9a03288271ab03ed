"""The parameters that the default priors are learnt in, and the priors that they stand for.

Every parameter has a normal prior, on a scale on which no value is illegal. An error is a sum of
parts on the log scale: the usual one, what the role and interest add, what the setting adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import reconcile as rc
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.priors.constants import KNOWN_SD

__all__ = ["JUDGED", "PARAMETERS", "Parameter", "priors_of", "start", "table"]

type Array = NDArray[np.float64]

_LOGISTIC_SD: Final = math.pi / math.sqrt(3)
# Kinds of source that are told apart; others take the constants of the nearest.
KINDS: Final = (
    *("own/none", "own/low", "own/high", "enemy/high", "enemy/low", "enemy/none"),
    *("expert", "media", "third", "rumour"),
)
# Of an error, what a source's readings share, as long as its role has no interest.
_BIAS_SHARE: Final = 0.5
# Of an error of those with an interest: at least so much is shared by a source's readings.
_LEAST_BIAS_SHARE: Final = 0.2
# What is not learnt: too little depends on it, or nothing in the cases.
_MEAN_SD: Final = 0.1
_NOISE_SD: Final = 0.3
_OVERCONFIDENCE_SD: Final = 0.3
# Weight of the tails of how much of a figure is counted at once: all who died in a crash, one in a
# hundred of those in a great earthquake.
_COUNT_TAIL: Final = 0.2
# Between registers, of the log share that they never hold: most hold all, one in twenty lacks 7 %.
_NEVER_SD: Final = 2.0
JUDGED: Final = (
    *("group_share", "category_sd_log", "drift_sd_log", "common_share", "serial_days"),
    *("register_noise", "documented_sound", "noise_floor", "unsound_bound_log"),
    *("copied_share", "figure_sd_log", "unknown_sd_log", "part_sd_log"),
    *("path_days", "path_shared_sd", "path_own_sd", "mean_sd_log of biases"),
    *(
        "noise_sd_log of roles",
        "overconfidence_sd_log",
        "tail of completeness",
        "never_sd_log of completeness",
    ),
)
# Settings in which numbers are of counts that still grow.
_COUNTED: Final = ("disaster", "disease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter and its normal prior; the search begins at ``start``, by default the mean."""

    name: str
    mean: float
    sd: float
    what: str
    first: float | None = None

    @property
    def start(self) -> float:
        """Where the search begins."""
        return self.mean if self.first is None else self.first


def _parameters() -> Iterator[Parameter]:
    def one(name: str, mean: float, sd: float, what: str, first: float | None = None) -> Parameter:
        return Parameter(name=name, mean=mean, sd=sd, what=what, first=first)

    yield one("error", -1.2, 1.0, "log logistic scale of the error of a claim on the day itself")
    for kind in KINDS:
        yield one(f"error {kind}", 0, 0.6, "what the kind of source adds to that")
    for setting in SETTINGS:
        yield one(f"error {setting}", 0, 0.6, "what the setting adds to that")
    for kind, mean, first in (
        ("own/low", 0.0, -0.2),
        ("own/high", 0.5, 1.3),
        ("enemy/high", 0.5, 0.75),
        ("enemy/low", 0.0, -0.16),
    ):
        yield one(f"mean {kind}", mean, 0.4, "expected bias on the day itself", first)
    yield one("camp_share", 1, 0.7, "logit share of the variance of biases that a camp shares")
    yield one("difficulty", -0.2, 0.4, "log standard deviation of the log difficulty", 0.0)
    yield one("common", -1.8, 0.8, "log standard deviation of the common error", -2.5)
    yield one("tail", -1.5, 0.6, "log weight of the tails of the common error", -1.0)
    for setting in SETTINGS:
        yield one(f"difficulty {setting}", 0, 0.25, "what the setting adds to the first of three")
        yield one(f"common {setting}", 0, 0.7, "what the setting adds to the second")
        yield one(f"tail {setting}", 0, 0.5, "what the setting adds to the third")
    yield one("common_difficulty", 0.5, 0.3, "power of the difficulty in the common error")
    yield one("common_best", 0.5, 0.3, "power of the best source's error in the common error")
    yield one("measured_common", 0.3, 0.7, "log common error of measurements, in stated scales")
    yield one("elicited_common", 0.7, 0.7, "log of so many times as much, where ranges are wider")
    yield one("elicited_own", 0.0, 1.0, "logit power of what an expert states beside the others")
    yield one("measured_typical", 0.3, 0.3, "share of the median in those stated scales")
    yield one("count_dispersion", -1.5, 1, "log variance of a count, beside that of Poisson's")
    yield one("fog none", -1, 0.7, "log rate at which errors shrink with age")
    yield one("fog own/low", -0.5, 1, "the same of a side that wants its number low")
    yield one("fog high", -2.5, 0.7, "the same of those who want a number high")
    yield one("fog_floor", -1.5, 0.7, "logit share of the error that stays")
    yield one("fog_difficulty", 1, 0.5, "power of the difficulty in the odds of that share", 1.5)
    yield one("coarse", -1, 0.5, "log scale of numbers with one significant digit")
    yield one("standing_sound", 3, 0.7, "logit probability that a standing claim is sound")
    yield one("withdrawn_sound", 0, 1, "logit probability that a withdrawn claim is")
    yield one("at_most_failure", -1.2, 0.5, "logit probability that an upper bound fails")
    yield one("at_least_failure", -1.6, 0.5, "logit probability that a lower bound fails")
    yield one("unsound_scale", 0.5, 0.4, "log scale of claims that are not sound")
    yield one("serial_share", 2, 0.7, "logit share of the last claim's error that carries over")
    yield one("serial_follow", 2, 0.7, "logit probability that it does")
    for kind in (*_COUNTED, "confirmed"):
        yield one(f"completeness {kind}", 1.5, 1, "mean logit of the completeness of a count")
        yield one(f"completeness sd {kind}", 0, 0.4, "log standard deviation of that", 0.2)
        yield one(f"growth {kind}", 0, 0.5, "log growth of that logit")
        yield one(f"growth sd {kind}", -1, 0.4, "log standard deviation of that growth's log")
    yield one("never confirmed", -6, 0.7, "log of the share that a register never holds")
    for kind in ("between", "interval", "measured"):
        mean = 0.0 if kind == "measured" else -0.7
        yield one(f"overconfidence {kind}", mean, 0.7, "log overconfidence of stated widths")


PARAMETERS: Final = tuple(_parameters())
_PLACE: Final = {parameter.name: k for k, parameter in enumerate(PARAMETERS)}


def start(known: Mapping[str, float] | None = None) -> Array:
    """Where a search begins: at values that are known, else at those of the table."""
    known = known or {}
    return np.array([known.get(p.name, p.start) for p in PARAMETERS])


def table(theta: Array) -> dict[str, float]:
    """Values by name, to four digits."""
    return {p.name: float(f"{x:.4g}") for p, x in zip(PARAMETERS, theta, strict=True)}


def priors_of(theta: Array, *, learnt_from: str = "", digits: int | None = None) -> rc.Priors:
    """The priors that parameters stand for; what is not learnt as in the defaults."""
    of = _Values(theta)
    by_setting = {
        "difficulty_sd_log": of.by_setting("difficulty"),
        "common_bias_sd_log": of.by_setting("common"),
        "common_tail": of.by_setting("tail"),
        "noise_setting": {s: math.exp(of[f"error {s}"]) for s in SETTINGS},
    }
    found = by_setting | {
        "biases": _biases(of),
        "roles": {role: _role(of, role) for role in ROLES},
        "completeness": _completeness(of),
        "settling": {f"{r}/{s}": _count(of, s) for r in ROLES for s in _COUNTED},
        "camp_share": of.share("camp_share"),
        "common_difficulty": max(of["common_difficulty"], 0.0),
        "common_best": max(of["common_best"], 0.0),
        "measured_common": math.exp(of["measured_common"]),
        "elicited_common": math.exp(of["elicited_common"]),
        "elicited_own": of.share("elicited_own"),
        "measured_typical": min(max(of["measured_typical"], 0.0), 1.0),
        "overconfidence_median": {
            kind: math.exp(of[f"overconfidence {kind}"])
            for kind in ("between", "interval", "measured")
        },
        "overconfidence_sd_log": _OVERCONFIDENCE_SD,
        "coarse_log": math.exp(of["coarse"]),
        "serial_share": of.share("serial_share"),
        "serial_follow": of.share("serial_follow"),
        "count_dispersion": math.exp(of["count_dispersion"]),
        "fog_floor": of.share("fog_floor"),
        "fog_difficulty": max(of["fog_difficulty"], 0.0),
        "unsound_scale_log": math.exp(of["unsound_scale"]),
        "learnt_from": learnt_from or "a trial",
    }
    rounded = _rounded(found, digits) if digits else found
    return rc.Priors.of_table(rc.Priors().as_table() | rounded)


class _Values:
    """Parameters by name."""

    def __init__(self, theta: Array) -> None:
        self._theta = theta

    def __getitem__(self, name: str) -> float:
        return float(self._theta[_PLACE[name]])

    def share(self, name: str) -> float:
        """A parameter on the logit scale."""
        return 1 / (1 + math.exp(-self[name]))

    def by_setting(self, name: str) -> dict[str, float]:
        """A positive constant by setting."""
        return {s: math.exp(self[name] + self[f"{name} {s}"]) for s in SETTINGS}


def _kind(role: str, interest: str) -> str:
    """The kind of source whose constants a role with an interest has."""
    full = f"{role}/{interest}"
    if full in KINDS:
        return full
    if role in KINDS:
        return role
    return "rumour" if role == "leak" else "own/none"


def _error(of: _Values, role: str, interest: str) -> float:
    return math.exp(of["error"] + of[f"error {_kind(role, interest)}"])


def _noise(of: _Values, role: str) -> float:
    """Noise of a role: the part of its usual error that readings do not share."""
    usual = _error(of, role, "high" if role == "enemy" else "none")
    return usual * math.sqrt(1 - _BIAS_SHARE)


def _mean(of: _Values, role: str, interest: str) -> float:
    if interest == "none":
        return 0.0
    side = role if role in ("own", "enemy") else "enemy"
    return of[f"mean {side}/{interest}"]


def _fog(of: _Values, role: str, interest: str) -> float:
    if (role, interest) == ("own", "low"):
        return math.exp(of["fog own/low"])
    return math.exp(of["fog high" if interest == "high" else "fog none"])


def _biases(of: _Values) -> dict[str, dict[str, float]]:
    """Biases by role and interest, and by setting: the part of an error that readings share."""
    found = {}
    for role in ROLES:
        noise = _noise(of, role)
        for interest in INTERESTS:
            error = _error(of, role, interest)
            spread = max(error**2 - noise**2, _LEAST_BIAS_SHARE * error**2)
            constants = {
                "mean_log": _mean(of, role, interest),
                "mean_sd_log": KNOWN_SD if interest == "none" else _MEAN_SD,
                "fog_rate": _fog(of, role, interest),
            }
            usual = _LOGISTIC_SD * math.sqrt(spread)
            found[f"{role}/{interest}"] = constants | {"sd_log": usual}
            for setting in SETTINGS:
                factor = math.exp(of[f"error {setting}"])
                found[f"{role}/{interest}/{setting}"] = constants | {"sd_log": usual * factor}
        found[role] = found[f"{role}/none"]
    return found


def _role(of: _Values, role: str) -> dict[str, float]:
    return {
        "noise_median_log": _noise(of, role),
        "noise_sd_log": _NOISE_SD,
        **{
            name: of.share(name)
            for name in (
                *("at_least_failure", "at_most_failure"),
                *("standing_sound", "withdrawn_sound"),
            )
        },
    }


def _count(of: _Values, kind: str) -> dict[str, float]:
    return {
        "mean_logit": of[f"completeness {kind}"],
        "sd_logit": math.exp(of[f"completeness sd {kind}"]),
        "growth": math.exp(of[f"growth {kind}"]),
        "growth_sd_log": math.exp(of[f"growth sd {kind}"]),
        "tail": 0.0 if kind == "confirmed" else _COUNT_TAIL,
    }


def _completeness(of: _Values) -> dict[str, Any]:
    """That of registered counts: learnt where cases have them, elsewhere as in the defaults."""
    known = rc.Priors().as_table()["completeness"]
    judged = {role: known[role] for role in ROLES}
    count = _count(of, "confirmed")
    count |= {"never": math.exp(of["never confirmed"]), "never_sd_log": _NEVER_SD}
    # The counts learnt from are of a disease. The dead of an event are found as fast as any number
    # of them grows.
    taken = ("growth", "growth_sd_log", "tail")
    after_event = {name: _count(of, "disaster")[name] for name in taken}
    of_setting = {"disaster": count | after_event, "disease": count}
    return judged | {f"{r}/{s}": of_setting[s] for r in ROLES for s in _COUNTED}


def _rounded(value: Any, digits: int) -> Any:
    """Every number of a table to so many significant digits."""
    if isinstance(value, Mapping):
        return {key: _rounded(one, digits) for key, one in value.items()}
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value
