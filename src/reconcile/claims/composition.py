"""What figures consist of, and which of them are running totals or counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

import numpy as np

from reconcile.claims.columns import Columns
from reconcile.claims.figure import Figure, parse_ratio, parse_sum
from reconcile.kinds.kind import WITH_ZERO

__all__ = [
    "Accrual",
    "Composition",
    "accrual",
    "base_parts",
    "completed",
    "compositions",
    "counted_figures",
    "memoised_parts",
    "named_parts",
    "sort_of",
    "unit_sizes",
]


def base_parts(figures: Mapping[str, Figure], name: str) -> tuple[str, ...]:
    """Leaves of a figure or sum, repeats kept; of a ratio, those of both sides, each once."""
    if "/" in name:
        sides = [base_parts(figures, side) for side in parse_ratio(name)]
        return tuple(dict.fromkeys(base for side in sides for base in side))
    if "+" not in name:
        part = name.strip()
        whole = figures.get(part)
        if whole is None or not whole.parts:
            return (part,)
    found: list[str] = []
    for part in (piece.strip() for piece in name.split("+")):
        own = figures[part].parts if part in figures else ()
        found.extend(base for piece in own for base in base_parts(figures, piece))
        if not own:
            found.append(part)
    return tuple(found)


def memoised_parts(figures: Mapping[str, Figure]) -> Callable[[str], tuple[str, ...]]:
    """:func:`base_parts` of some figures, remembered by name."""
    return cache(partial(base_parts, figures))


def sort_of(figures: Mapping[str, Figure], name: str) -> str:
    """Sort of a figure; only figures of one sort can be added up."""
    figure = figures.get(name)
    if figure is None:
        return "total"
    return "linear" if figure.scale in WITH_ZERO else "level" if figure.level else "total"


def unit_sizes(figures: Mapping[str, Figure], names: Iterable[str]) -> set[float]:
    """Unit sizes of figures; 1 for undeclared ones."""
    return {figures[name].unit_size if name in figures else 1.0 for name in names}


# Settings in which even whole numbers are not counts.
_UNCOUNTED: Final = ("measurement", "economy")


def completed(
    declared: Mapping[str, Figure], said: Iterable[str], totals: frozenset[str]
) -> dict[str, Figure]:
    """Every figure declared, a part or claimed; ``accrues`` and scale set, and what a whole has."""
    parts = [part for figure in declared.values() for part in figure.parts]
    names = dict.fromkeys(
        [*declared, *parts, *(part for name in said for part in named_parts(name))]
    )
    bases_of = memoised_parts(declared)
    found = {}
    for name in names:
        accrues = not totals.isdisjoint(bases_of(name))
        figure = declared.get(name) or Figure(name=name)
        found[name] = replace(figure, accrues=accrues, scale=figure.scale or "log")
    for whole in (figure for figure in declared.values() if figure.civilians is not None):
        for base in bases_of(whole.name):
            if found[base].civilians is None:
                found[base] = replace(found[base], civilians=whole.civilians)
    return found


def named_parts(name: str) -> tuple[str, ...]:
    """Names in a sum or a ratio."""
    if "+" not in name and "/" not in name:
        return (name.strip(),)
    return tuple(part for side in parse_ratio(name) for part in parse_sum(side))


def counted_figures(
    figures: Mapping[str, Figure], columns: Columns, setting: str
) -> frozenset[str]:
    """Leaf figures that count single things: as declared of them or a whole, else as judged."""
    told: dict[str, bool] = {}
    for figure in figures.values():
        if figure.counts is not None:
            told.update(dict.fromkeys(base_parts(figures, figure.name), figure.counts))
    broken, countable = _not_whole(figures, columns), setting not in _UNCOUNTED
    return frozenset(
        name
        for name, figure in figures.items()
        if not figure.parts
        and told.get(name, name not in broken and sort_of(figures, name) == "total" and countable)
    )


def _not_whole(figures: Mapping[str, Figure], columns: Columns) -> set[str]:
    """Figures with a claim whose number is not a whole number of single things."""
    bases_of = memoised_parts(figures)
    size = columns["figure"].map(lambda name: float(max(unit_sizes(figures, bases_of(name)))))
    is_count = columns["kind"].map(lambda kind: kind != "ratio") & ~columns["per"].map(bool)
    broken = np.zeros(len(size), dtype=bool)
    for name in ("value", "low", "high"):
        # Comparisons with NaN are false.
        with np.errstate(over="ignore", invalid="ignore"):
            number = columns.numbers(name) * size
            broken |= np.abs(number - np.round(number)) > _WHOLE * np.maximum(1.0, np.abs(number))
    names = columns["figure"].among(broken & is_count)
    return {base for name in names for base in bases_of(name)}


_WHOLE: Final = 1e-9


# Settings in which an event goes on, so that claims for two days speak of two numbers.
_ONGOING: Final = ("war", "disease")
# Settings of figures that do not change.
_CONSTANT: Final = ("measurement", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """Which leaf figures are running totals, and of which that is a guess."""

    totals: frozenset[str]
    guessed: frozenset[str]


def accrual(
    figures: Mapping[str, Figure],
    columns: Columns,
    *,
    setting: str,
    start: dt.date | None,
    end: dt.date | None,
) -> Accrual:
    """Leaf figures that accrue: as declared of them or a whole, else as :class:`ClaimSet` says."""
    bases_of = memoised_parts(figures)
    # Both sides of a ratio are totals, or neither is.
    sums = {frozenset(bases_of(name)) for name in figures}
    sums |= {frozenset(bases_of(name)) for name in columns["figure"].cells}
    dates = _dates(columns, bases_of)
    windows = columns["since"].map(bool) | columns["per"].map(bool)
    windowed = {base for name in columns["figure"].among(windows) for base in bases_of(name)}
    declared = _declared(figures, bases_of)
    totals = {base for base, said in declared.items() if True in said}
    open_ = {base for bases in sums for base in bases} - declared.keys()
    changing = {base for base in open_ - windowed if len(dates.get(base, ())) > 1}
    if end is not None:
        changing = {base for base in changing if end != start and end > min(dates[base])}
    totals |= open_ & windowed
    totals |= changing if setting in _ONGOING else set()
    return Accrual(
        totals=frozenset(_spread(totals, sums, declared.keys())),
        guessed=frozenset(() if setting in _CONSTANT else changing),
    )


def _dates(columns: Columns, bases_of: Callable[[str], tuple[str, ...]]) -> dict[str, set[dt.date]]:
    """Dates that claims name of each leaf figure; nothing if all claims have the same."""
    dates: dict[str, set[dt.date]] = {}
    for claim in columns.examples("figure", "date") if len(columns["date"]) > 1 else ():
        if claim.date:
            for base in bases_of(claim.figure):
                dates.setdefault(base, set()).add(claim.date)
    return dates


def _declared(
    figures: Mapping[str, Figure], bases_of: Callable[[str], tuple[str, ...]]
) -> dict[str, set[bool]]:
    """What is declared of ``accrues`` for each leaf figure, by itself or a whole."""
    declared: dict[str, set[bool]] = {}
    for figure in figures.values():
        fixed = figure.level or figure.scale in WITH_ZERO
        if figure.accrues is not None or fixed:
            for base in bases_of(figure.name):
                declared.setdefault(base, set()).add(bool(figure.accrues) and not fixed)
    return declared


def _spread(totals: set[str], sums: set[frozenset[str]], declared: Set[str]) -> set[str]:
    """Add whatever is summed with a running total and not declared fixed."""
    summed: dict[str, list[frozenset[str]]] = {}
    for bases in sums:
        for base in bases if len(bases) > 1 else ():
            summed.setdefault(base, []).append(bases)
    found, waiting = set(totals), list(totals)
    while waiting:
        # Each sum is visited once per part, however long the chain of sums.
        for bases in summed.pop(waiting.pop(), ()):
            more = [base for base in bases if base not in found and base not in declared]
            found.update(more)
            waiting += more
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """What a figure, a sum or a ratio consists of.

    Parameters
    ----------
    bases : tuple of str
        Figures without parts; those of both sides of a ratio.
    estimand : str
        Its leaves in one order, the same for every way of writing a sum.
    canonical : str
        The declared whole that it equals, or else its parts in declared order.
    is_dated : bool
        Whether it changes with time.
    is_level : bool
        Whether it is a level.
    """

    bases: tuple[str, ...]
    estimand: str
    canonical: str
    is_dated: bool
    is_level: bool


def compositions(figures: Mapping[str, Figure], names: Iterable[str]) -> dict[str, Composition]:
    """Compositions of some figures, sums and ratios, and of each side of a ratio, by name."""
    bases_of = memoised_parts(figures)
    order = {name: k for k, name in enumerate(figures)}
    wholes: dict[frozenset[str], str] = {}
    for name in figures:
        wholes.setdefault(frozenset(bases_of(name)), name)

    def canonical(side: str) -> str:
        whole = wholes.get(frozenset(bases_of(side)))
        return whole or " + ".join(sorted(parse_sum(side), key=order.__getitem__))

    found: dict[str, Composition] = {}
    for given in names:
        sides = parse_ratio(given)
        for name in (given, *sides) if len(sides) > 1 else (given,):
            if name in found:
                continue
            bases, of = bases_of(name), parse_ratio(name)
            first = figures[bases[0]]
            found[name] = Composition(
                bases=bases,
                estimand=" / ".join(" + ".join(sorted(bases_of(side))) for side in of),
                canonical=" / ".join(map(canonical, of)),
                is_dated=bool(first.accrues) or first.level,
                is_level=first.level,
            )
    return found
