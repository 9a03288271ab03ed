"""What figures are made of, and what is judged of them where nobody says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconcile.claims import Claim
from reconcile.figures import Figure, parse_ratio

__all__ = ["base_parts", "completed", "counted_figures", "running_totals", "sort_of", "unit_sizes"]


def base_parts(figures: Mapping[str, Figure], name: str) -> tuple[str, ...]:
    """Figures without parts that a figure, a sum or a ratio is made of.

    Repeats are kept, but for those of both sides of a ratio.
    """
    if "/" in name:
        sides = [base_parts(figures, side) for side in parse_ratio(name)]
        return tuple(dict.fromkeys(base for side in sides for base in side))
    found: list[str] = []
    for part in (piece.strip() for piece in name.split("+")):
        own = figures[part].parts if part in figures else ()
        found.extend(base for piece in own for base in base_parts(figures, piece))
        if not own:
            found.append(part)
    return tuple(found)


def sort_of(figures: Mapping[str, Figure], name: str) -> str:
    """Which figures may be added up: those of one sort."""
    figure = figures.get(name)
    if figure is None:
        return "total"
    return "linear" if figure.scale == "linear" else "level" if figure.level else "total"


def unit_sizes(figures: Mapping[str, Figure], names: Iterable[str]) -> set[float]:
    """What figures are counted in; 1 where nothing is declared."""
    return {figures[name].unit_size if name in figures else 1.0 for name in names}


# Settings in which numbers are no counts, however whole they are.
_UNCOUNTED: Final = ("measurement", "economy")


def completed(declared: Mapping[str, Figure], claims: tuple[Claim, ...]) -> dict[str, Figure]:
    """Every figure that is declared, a part, or claimed, with ``accrues`` decided."""
    names = dict.fromkeys(declared)
    for figure in declared.values():
        names.update(dict.fromkeys(figure.parts))
    for claim in claims:
        names.update(dict.fromkeys(claim.parts))
    totals = running_totals(declared, claims)
    figures = {name: declared.get(name, Figure(name=name)) for name in names}
    return {
        name: replace(figure, accrues=not totals.isdisjoint(base_parts(declared, name)))
        for name, figure in figures.items()
    }


def counted_figures(
    figures: Mapping[str, Figure], claims: tuple[Claim, ...], setting: str
) -> frozenset[str]:
    """Figures without parts that count single things, as they or their wholes say, or as judged."""
    told: dict[str, bool] = {}
    for figure in figures.values():
        if figure.counts is not None:
            told.update(dict.fromkeys(base_parts(figures, figure.name), figure.counts))
    broken, countable = _not_whole(figures, claims), setting not in _UNCOUNTED
    return frozenset(
        name
        for name, figure in figures.items()
        if not figure.parts
        and told.get(name, name not in broken and sort_of(figures, name) == "total" and countable)
    )


def _not_whole(figures: Mapping[str, Figure], claims: Iterable[Claim]) -> set[str]:
    """Figures of which somebody states a number that is no whole number of single things."""
    found: set[str] = set()
    for claim in claims:
        bases = base_parts(figures, claim.figure)
        size = max(unit_sizes(figures, bases))
        numbers = [x for x in (claim.value, claim.low, claim.high) if x is not None]
        if claim.kind == "ratio" or claim.per:
            continue
        if any(abs(x * size - round(x * size)) > _WHOLE * max(1.0, abs(x * size)) for x in numbers):
            found.update(bases)
    return found


_WHOLE: Final = 1e-9


def running_totals(figures: Mapping[str, Figure], claims: Iterable[Claim]) -> frozenset[str]:
    """Figures without parts that accrue: as declared of them or their wholes, else as claimed."""
    dates: dict[str, set[dt.date]] = {}
    windowed: set[str] = set()
    sums = {frozenset(base_parts(figures, name)) for name in figures}
    for claim in claims:
        bases = base_parts(figures, claim.figure)
        # The sides of a ratio are no sum, but both are totals or neither is.
        sums.add(frozenset(bases))
        for base in bases:
            dates.setdefault(base, set()).update([claim.date] if claim.date else [])
            windowed.update([base] if claim.since or claim.per else [])
    declared: dict[str, set[bool]] = {}
    for figure in figures.values():
        fixed = figure.level or figure.scale == "linear"
        if figure.accrues is not None or fixed:
            for base in base_parts(figures, figure.name):
                declared.setdefault(base, set()).add(bool(figure.accrues) and not fixed)
    totals = {base for base, said in declared.items() if True in said}
    totals |= {b for b in dates.keys() - declared.keys() if len(dates[b]) > 1 or b in windowed}
    # What is summed with a running total is one too, unless it is declared fixed.
    more = totals
    while more:
        summed = {base for bases in sums if not totals.isdisjoint(bases) for base in bases}
        more = summed - totals - declared.keys()
        totals |= more
    return frozenset(totals)
