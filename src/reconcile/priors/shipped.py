"""The prior constants that the package ships."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from reconcile._text import one_of
from reconcile.priors.checks import ENTRIES
from reconcile.priors.constants import prior_error

__all__ = ["of_table", "shipped", "table_of"]


@functools.cache
def shipped() -> Mapping[str, Any]:
    """The default of every constant."""
    table = _data("default_priors.json")["priors"]
    return MappingProxyType({name: of_table(name, value) for name, value in table.items()})


def profile_table(name: str) -> dict[str, Any]:
    """All constants of a profile, in the form that JSON can represent."""
    known = profiles()
    if name not in known:
        raise prior_error("profile", name, "unknown profile", one_of(known, name))
    table: dict[str, Any] = _over(_data("default_priors.json")["priors"], known[name]["priors"])
    return table | {"learnt_from": known[name]["learnt_from"]}


@functools.cache
def profiles() -> Mapping[str, Any]:
    """What is known of each profile; its ``priors`` are those that are not as in the defaults."""
    return MappingProxyType(_data("profiles.json")["profiles"])


def _over(value: Any, change: Any) -> Any:
    """A table with the entries of another one in place of its own."""
    if not isinstance(change, Mapping):
        return change
    return {**value, **{key: _over(value.get(key, {}), entry) for key, entry in change.items()}}


def _data(name: str) -> dict[str, Any]:
    """What a shipped file holds."""
    text = (files("reconcile") / "data" / name).read_text(encoding="utf-8")
    return dict(json.loads(text))


def table_of(value: Any) -> Any:
    """A constant in a form that JSON can represent; inverse of :func:`of_table`."""
    if not isinstance(value, Mapping):
        return value
    return {key: v if isinstance(v, float | int) else asdict(v) for key, v in value.items()}


def of_table(name: str, value: Any) -> Any:
    """A constant from the form that JSON can represent."""
    if name in ENTRIES:
        return {key: ENTRIES[name](**entry) for key, entry in value.items()}
    return value
