"""What is learnt: by how much the constants of some priors change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.fields import INTERESTS
from reconcile.claims.source import ROLES
from reconcile.models.log_scale.design.interests import NO_INTEREST
from reconcile.priors.constants import LINEAR, STATED
from reconcile.priors.priors import Priors

__all__ = ["Adjustment", "adjusted", "linear_adjustments", "log_adjustments"]

type Array = NDArray[np.float64]
# A constant in the table of the priors.
type Place = tuple[str, ...]

# How a number moves: a shift, a shift of its logarithm, or one of its log odds.
_MOVES: Final[Mapping[str, Callable[[float, float], float]]] = MappingProxyType(
    {
        "shift": lambda value, by: value + by,
        "factor": lambda value, by: value * math.exp(by),
        "odds": lambda value, by: value * math.exp(by) / (1 - value + value * math.exp(by)),
    }
)
# Constants that are one number for all, and the standard deviation of their adjustment.
_SINGLE: Final = MappingProxyType(
    {
        "factor": {
            **dict.fromkeys(("common_difficulty", "common_best", "fog_difficulty"), 0.5),
            **dict.fromkeys(("measured_common", "elicited_common"), 0.7),
            **dict.fromkeys(("coarse_log", "unsound_scale_log", "unsound_bound_log"), 0.5),
            "count_dispersion": 1.0,
        },
        "odds": {
            **dict.fromkeys(("camp_share", "serial_share", "serial_follow", "copied_share"), 0.7),
            **dict.fromkeys(("fog_floor", "documented_sound"), 0.7),
            **dict.fromkeys(("elicited_own", "measured_typical"), 1.0),
        },
    }
)
_BY_SETTING: Final = MappingProxyType(
    {
        "difficulty_sd_log": 0.4,
        "common_bias_sd_log": 1.0,
        "common_tail": 0.7,
        "register_noise": 0.7,
    }
)
_OF_ROLES: Final = MappingProxyType(
    {
        **dict.fromkeys(("standing_sound", "withdrawn_sound"), 0.7),
        **dict.fromkeys(("at_least_failure", "at_most_failure"), 0.5),
    }
)
_OF_BIAS: Final = (("sd_log", "factor", 0.5), ("fog_rate", "factor", 1.0))
# Of the mean of a bias: those who have an interest differ by more between fields.
_MEAN_SD, _MEAN_SD_INTEREST = 0.3, 0.5
_OF_COUNTS: Final = (
    *(("mean_logit", "shift", 1.0), ("sd_logit", "factor", 0.5), ("growth", "factor", 0.7)),
    *(("growth_sd_log", "factor", 0.5), ("never", "factor", 1.0)),
)
_NOISE_SD: Final = 0.5
_OVERCONFIDENCE_SD: Final = 0.7
_LINEAR_SD: Final = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A change of one constant, or of several by the same amount.

    Parameters
    ----------
    name : str
        For people.
    move : {"shift", "factor", "odds"}
        Whether the constant moves, its logarithm, or its log odds.
    sd : float
        Standard deviation of the normal prior of that move, about 0.
    places : tuple of tuple of str
        Keys of the constants in :meth:`Priors.as_table`, outermost first.
    """

    name: str
    move: str
    sd: float
    places: tuple[Place, ...]


def log_adjustments(priors: Priors, settings: Sequence[str]) -> Iterator[Adjustment]:
    """All adjustments of the priors of figures on the log scale, in these settings."""
    for move, constants in _SINGLE.items():
        for name, sd in constants.items():
            yield Adjustment(name=name, move=move, sd=sd, places=((name,),))
    for name, sd in _OF_ROLES.items():
        places = tuple(("roles", role, name) for role in ROLES)
        yield Adjustment(name=name, move="odds", sd=sd, places=places)
    for kind in STATED:
        yield _factor(_OVERCONFIDENCE_SD, "overconfidence_median", kind)
    for setting in settings:
        for name, sd in _BY_SETTING.items():
            yield _factor(sd, name, setting)
    for role in ROLES:
        yield _factor(_NOISE_SD, "roles", role, "noise_median_log")
        for interest in INTERESTS:
            yield from _of_bias(role, interest, settings)
    for kind in ("completeness", "settling"):
        yield from _of_counts(priors, kind, settings)


def linear_adjustments() -> Iterator[Adjustment]:
    """All adjustments of the priors of figures on the natural scale."""
    return (_factor(_LINEAR_SD, "linear", name) for name in LINEAR)


def _factor(sd: float, *place: str) -> Adjustment:
    return Adjustment(name=" ".join(place), move="factor", sd=sd, places=(place,))


def _of_bias(role: str, interest: str, settings: Sequence[str]) -> Iterator[Adjustment]:
    """Those of the bias of a role and interest in all settings of the cases."""
    keys = [f"{role}/{interest}/{setting}" for setting in settings]
    mean_sd = _MEAN_SD if interest == NO_INTEREST else _MEAN_SD_INTEREST
    for name, move, sd in (("mean_log", "shift", mean_sd), *_OF_BIAS):
        places = tuple(("biases", key, name) for key in keys)
        yield Adjustment(name=f"{role}/{interest} {name}", move=move, sd=sd, places=places)


def _of_counts(priors: Priors, kind: str, settings: Sequence[str]) -> Iterator[Adjustment]:
    """Those of the completeness of counts in each setting, of all roles together."""
    for setting in settings:
        keys = [
            f"{role}/{setting}" for role in ROLES if priors.register_of(role, setting, kind=kind)
        ]
        for name, move, sd in _OF_COUNTS if keys else ():
            places = tuple((kind, key, name) for key in keys)
            yield Adjustment(name=f"{kind} {setting} {name}", move=move, sd=sd, places=places)


def adjusted(
    priors: Priors, changes: Sequence[Adjustment], theta: Array, *, learnt_from: str
) -> Priors:
    """Priors after some adjustments."""
    moved = [(change, by) for change, by in zip(changes, theta.tolist(), strict=True) if by]
    table = _with_every_key(priors, [change for change, _ in moved])
    for change, by in moved:
        for *keys, last in change.places:
            entry = table
            for key in keys:
                entry = entry[key]
            entry[last] = _MOVES[change.move](entry[last], by)
    return Priors.of_table(table | {"learnt_from": learnt_from})


def _with_every_key(priors: Priors, changes: Sequence[Adjustment]) -> dict[str, Any]:
    """The table of priors, with the specific entries that are changed filled from general ones."""
    table = priors.as_table()
    for kind, key in {place[:2] for change in changes for place in change.places if place[2:]}:
        if key not in table[kind]:
            of: Any = priors.bias_of if kind == "biases" else partial(priors.register_of, kind=kind)
            table[kind][key] = asdict(of(*key.split("/")))
    return table
