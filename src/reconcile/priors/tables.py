"""Tables of prior constants: the shipped ones, and mappings of which the most specific applies."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from reconcile._text import one_of
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.priors.constants import BiasPrior, CompletenessPrior, RolePrior, prior_error

__all__ = ["BY_KEY", "REGISTERS", "check_key", "merged", "of_table", "shipped"]

REGISTERS: Final = ("completeness", "settling")
# Mappings of which a more specific key applies first, and the parts of their keys.
BY_KEY: Final = MappingProxyType(
    {"biases": (ROLES, INTERESTS, SETTINGS), **dict.fromkeys(REGISTERS, (ROLES, SETTINGS))}
)


@functools.cache
def _shipped() -> Mapping[str, Any]:
    """The default priors, written by ``benchmarks/track_record.py``."""
    text = (files("reconcile") / "data" / "default_priors.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)["priors"]
    return MappingProxyType(loaded)


def shipped(name: str) -> Any:
    """A constant of the default priors."""
    return of_table(name, _shipped()[name])


def of_table(name: str, value: Any) -> Any:
    """A constant from its form in JSON."""
    kinds: dict[str, Any] = {"biases": BiasPrior, "roles": RolePrior}
    kind = kinds.get(name) or (CompletenessPrior if name in REGISTERS else None)
    return {key: kind(**entry) for key, entry in value.items()} if kind else value


def check_key(name: str, key: str, known: tuple[Sequence[str], ...]) -> None:
    """Raise unless the parts of a key are known."""
    for part, legal in zip(key.split("/"), known, strict=False):
        if part not in legal:
            raise prior_error(name, key, f"unknown part {part!r}", one_of(legal, part))
    if key.count("/") >= len(known):
        full = "role/interest/setting" if name == "biases" else "role/setting"
        raise prior_error(name, key, "too many parts", full)


def merged[Prior](old: Mapping[str, Prior], new: Mapping[str, Prior]) -> dict[str, Prior]:
    """Merge entries; a new one replaces all old ones that are more specific."""
    kept = {
        key: prior for key, prior in old.items() if not any(name in new for name in _prefixes(key))
    }
    return {**kept, **new}


def _prefixes(key: str) -> tuple[str, ...]:
    """A key and all less specific ones."""
    parts = key.split("/")
    return tuple("/".join(parts[: k + 1]) for k in range(len(parts)))
