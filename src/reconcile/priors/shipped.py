"""The prior constants that the package ships."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from reconcile.priors.checks import ENTRIES

__all__ = ["of_table", "shipped", "table_of"]


@functools.cache
def shipped() -> Mapping[str, Any]:
    """The default of every constant."""
    text = (files("reconcile") / "data" / "default_priors.json").read_text(encoding="utf-8")
    table = json.loads(text)["priors"]
    return MappingProxyType({name: of_table(name, value) for name, value in table.items()})


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
