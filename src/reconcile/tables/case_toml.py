"""Read and write ``case.toml``: figures, sources and setting of a table of claims."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from reconcile._text import one_of
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure, Ratio
from reconcile.claims.percent import is_percent
from reconcile.claims.serialise import case_table
from reconcile.claims.source import Source
from reconcile.errors import ClaimError, Problem

__all__ = ["Case", "read_case", "write_case"]

_KEYS: Final = ("title", "setting", "start", "end", "figures", "sources", "ratios")
_FIGURE_KEYS: Final = tuple(field.name for field in fields(Figure) if field.name != "name")
_SOURCE_KEYS: Final = ("role", "roles", "group")
_RATIO_KEYS: Final = ("about", "sd_log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything about a case but its claims."""

    title: str = ""
    setting: str = "other"
    start: dt.date | str | None = None
    end: dt.date | str | None = None
    figures: tuple[Figure, ...] = ()
    sources: tuple[Source, ...] = ()
    ratios: tuple[Ratio, ...] = ()

    def claim_set(self, claims: Iterable[Claim]) -> ClaimSet:
        """Claims of this case; raises ClaimError where they contradict it."""
        return ClaimSet(claims, **{field.name: getattr(self, field.name) for field in fields(self)})


def read_case(case: str | Path | Mapping[str, object] | None) -> Case:
    """Read a ``case.toml``, or a mapping like one; every problem in it is listed."""
    if case is None:
        return Case()
    if isinstance(case, Mapping):
        table: Mapping[str, Any] = case
    else:
        try:
            table = tomllib.loads(Path(case).read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            name = Path(case).name
            raise ClaimError(
                [Problem(field=name, value=name, wrong=f"not TOML: {error}", legal="a TOML file")]
            ) from None
    problems: list[Problem] = []
    _unknown_keys("", table, _KEYS, problems)
    problems.extend(
        Problem(field=key, value=table[key], wrong="not text", legal="text")
        for key in ("title", "setting")
        if not isinstance(table.get(key, ""), str)
    )
    figures = _each(table, "figures", _figure, problems)
    sources = _each(table, "sources", _source, problems)
    ratios = _each(table, "ratios", _ratio, problems)
    if problems:
        raise ClaimError(problems)
    made = {"figures": tuple(figures), "sources": tuple(sources), "ratios": tuple(ratios)}
    return Case(**(dict(table) | made))


def _each(table: Mapping[str, Any], key: str, make: Any, problems: list[Problem]) -> list[Any]:
    """Make every figure, source or ratio of a case, and collect the problems of each."""
    entries = table.get(key, {})
    if not isinstance(entries, Mapping) or not all(
        isinstance(entry, Mapping) for entry in entries.values()
    ):
        legal = f"one table [{key}.NAME] each"
        problems.append(Problem(field=key, value=entries, wrong="not a set of tables", legal=legal))
        return []
    made = []
    for name, entry in entries.items():
        try:
            made.append(make(str(name), entry, problems))
        except ClaimError as error:
            problems.extend(error.problems)
    return made


def _figure(name: str, entry: Mapping[str, Any], problems: list[Problem]) -> Figure:
    known = _unknown_keys(f"figures.{name}.", entry, _FIGURE_KEYS, problems)
    return Figure(name=name, **known)


def _ratio(name: str, entry: Mapping[str, Any], problems: list[Problem]) -> Ratio:
    known = _unknown_keys(f"ratios.{name}.", entry, _RATIO_KEYS, problems)
    return Ratio(of=name, about=known.get("about", 0.0), sd_log=known.get("sd_log", 0.0))


def _source(name: str, entry: Mapping[str, Any], problems: list[Problem]) -> Source:
    known = _unknown_keys(f"sources.{name}.", entry, _SOURCE_KEYS, problems)
    roles = known.get("roles", {})
    if "role" in known and isinstance(roles, Mapping):
        roles = {"*": known["role"], **roles}
    return Source(name=name, roles=roles, group=known.get("group", ""))


def _unknown_keys(
    prefix: str, entry: Mapping[str, Any], legal: tuple[str, ...], problems: list[Problem]
) -> dict[str, Any]:
    """The legal keys; every other one is a problem, since it may be a misspelt one."""
    problems.extend(
        Problem(
            field=f"{prefix}{key}",
            value=entry[key],
            wrong="unknown key",
            legal=one_of(legal, key),
        )
        for key in entry
        if key not in legal
    )
    return {key: value for key, value in entry.items() if key in legal}


# Written only where they differ from the default; the scale of percentages, which is judged, too.
_USUAL: Final = ("unit_size", "level", "scale", "noise")
_DEFAULTS: Final = Figure(name="any", scale="log")


def write_case(claims: ClaimSet) -> str:
    """The ``case.toml`` of a set of claims, as text."""
    import tomli_w

    table = case_table(claims)
    for figure in table["figures"].values():
        del figure["name"]
        for key in _USUAL:
            is_judged = key == "scale" and is_percent(figure["unit"])
            if figure[key] == getattr(_DEFAULTS, key) and not is_judged:
                del figure[key]
    for kind in ("figures", "sources"):
        table[kind] = {name: _without_empty(entry) for name, entry in table[kind].items()}
    return tomli_w.dumps(_without_empty(table))


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in table.items()
        if value not in (None, "", (), {})
    }
