"""Checks of the prior constants: their keys, types and ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from reconcile._text import one_of, tidy
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.priors.constants import (
    LINEAR,
    STATED,
    BiasPrior,
    CompletenessPrior,
    RolePrior,
    SourcePrior,
    check_constants,
    prior_error,
)

__all__ = [
    "BY_KEY",
    "ENTRIES",
    "NUMBERS",
    "check_by_setting",
    "check_names",
    "check_range",
    "merged",
]

_REGISTERS: Final = ("completeness", "settling")
# Mappings of which a more specific key applies first, and the parts of their keys.
BY_KEY: Final[Mapping[str, tuple[Sequence[str], ...]]] = MappingProxyType(
    {"biases": (ROLES, INTERESTS, SETTINGS), **dict.fromkeys(_REGISTERS, (ROLES, SETTINGS))}
)
# Mappings to plain numbers, above 0, and their keys.
NUMBERS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {"noise_setting": SETTINGS, "overconfidence_median": STATED, "linear": LINEAR}
)
# Mappings to entries, and their type.
ENTRIES: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "roles": RolePrior,
        "sources": SourcePrior,
        "biases": BiasPrior,
        **dict.fromkeys(_REGISTERS, CompletenessPrior),
    }
)
_SHARES: Final = (
    *("camp_share", "group_share", "serial_share", "common_share", "serial_follow"),
    *("fog_floor", "noise_floor", "documented_sound", "measured_typical", "copied_share"),
    "elicited_own",
)
# May be 0, or be 1.
_FROM_ZERO: Final = (
    *("difficulty_sd_log", "common_tail", "common_difficulty", "common_best", "fog_difficulty"),
    *("common_share", "serial_follow", "measured_typical", "copied_share"),
    "elicited_own",
)
_TO_ONE: Final = ("common_share", "serial_follow", "measured_typical", "elicited_own")


def check_range(name: str, value: object) -> None:
    """Raise unless a constant is in its range."""
    ends = (0,) * (name in _FROM_ZERO) + (1,) * (name in _TO_ONE)
    if value not in ends or isinstance(value, bool):
        check_constants(name, value, 0, 1 if name in _SHARES else math.inf)


def check_by_setting(name: str, values: Mapping[str, object]) -> None:
    """Raise unless a constant has known settings and is in its range in all of them."""
    for setting, value in values.items():
        if setting not in SETTINGS:
            raise prior_error(name, setting, "unknown setting", one_of(SETTINGS, setting))
        check_range(name, value)


def check_names(mappings: Mapping[str, Mapping[str, object]]) -> None:
    """Raise unless every key is known, and every entry of its type or in its range."""
    _check_mappings(mappings)
    for name, known in {"roles": ROLES, **NUMBERS}.items():
        for key in mappings[name]:
            if key not in known:
                raise prior_error(name, key, "unknown key", one_of(known, key))
    _check_sources(mappings["sources"])
    for name, parts in BY_KEY.items():
        for key in mappings[name]:
            _check_key(name, key, parts)
    for name, kind in ENTRIES.items():
        for key, value in mappings[name].items():
            if not isinstance(value, kind):
                wrong = f"not a {kind.__name__}"
                raise prior_error(f"{name}.{key}", value, wrong, f"a {kind.__name__}")
    for name in NUMBERS:
        for key, value in mappings[name].items():
            check_constants(f"{name}.{key}", value, 0, math.inf)


def _check_mappings(mappings: Mapping[str, object]) -> None:
    for name, given in mappings.items():
        if not isinstance(given, Mapping):
            raise prior_error(name, given, "not a mapping", "a mapping, such as a dict")


def _check_sources(names: Iterable[object]) -> None:
    """Raise unless every name is text and not empty."""
    for name in names:
        if not isinstance(name, str) or not tidy(name):
            raise prior_error("sources", name, "a source needs a name", "a non-empty text")


def _check_key(name: str, key: str, known: tuple[Sequence[str], ...]) -> None:
    for part, legal in zip(key.split("/"), known, strict=False):
        if part not in legal:
            raise prior_error(name, key, f"unknown part {part!r}", one_of(legal, part))
    if key.count("/") >= len(known):
        full = "role/interest/setting" if name == "biases" else "role/setting"
        raise prior_error(name, key, "too many parts", full)


def merged[Prior](
    name: str, old: Mapping[str, Prior], new: Mapping[str, Prior]
) -> dict[str, Prior]:
    """Merge entries of a mapping; a new one replaces all old ones that are more specific."""
    if name == "sources":
        # Who is not named is a source like any other.
        return {tidy(source): prior for source, prior in new.items()}
    kept = {
        key: prior for key, prior in old.items() if not any(name in new for name in _prefixes(key))
    }
    return {**kept, **new}


def _prefixes(key: str) -> tuple[str, ...]:
    """A key and all less specific ones."""
    parts = key.split("/")
    return tuple("/".join(parts[: k + 1]) for k in range(len(parts)))
