"""Finding what a caller asks for in a fit: a figure, of a population, as of a date."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._text import one_of
from reconcile.results.scales import SCALES, Scale

__all__ = ["Selected", "claims_on", "draws_of", "is_spoken", "last_claimed", "scale_of", "select"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """One quantity of a fit.

    Parameters
    ----------
    position : int
        Along the dimension ``quantity``.
    population, figure : str
        Whose, and what.
    date : datetime.date, optional
        Last day it covers; None for a fixed figure.
    unit : str
        What one of it is; empty if unknown.
    parts : str
        Figures without parts that it is the sum of, in alphabetical order, joined by ``+``.
    level : bool
        Whether it is a level, and no total.
    scale : Scale
        On which the errors of its claims add up.
    """

    position: int
    population: str
    figure: str
    date: dt.date | None
    unit: str
    parts: str
    level: bool
    scale: Scale


def scale_of(tree: xr.DataTree) -> Scale:
    """Scale on which the errors of a fit add up, the same for all of its figures."""
    figures = json.loads(tree.attrs["case"])["figures"]
    claimed = [str(parts) for parts in tree["claims"].to_dataset()["parts"].values]
    names = {name for name, figure in figures.items() if figure.get("scale") == "linear"}
    return SCALES["linear" if names.intersection(claimed) else "log"]


def select(
    tree: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
) -> Selected:
    """Find one estimate of a fit; raises ValueError listing what there is."""
    quantities = tree["posterior"].coords["quantity"]
    if quantities.sizes["quantity"] == 0:
        raise ValueError("the fit estimates nothing")
    coords = {
        name: [str(v) for v in tree["posterior"].coords[f"quantity_{name}"].values]
        for name in ("population", "figure", "date")
    }
    case = json.loads(tree.attrs["case"])
    wanted, figures = _bases(case, figure), case["figures"]
    matching = [k for k, name in enumerate(coords["figure"]) if _bases(case, name) == wanted]
    if not matching:
        legal = one_of(dict.fromkeys(coords["figure"]), figure)
        raise ValueError(f"no figure {figure!r} in this fit; there are: {legal}")
    matching = _of_population(matching, coords["population"], population)
    if date is None or type(date).__name__ == "NaTType":
        date = _last_claimed(tree, case, coords["population"][matching[0]], None)
        date = date if date and date.isoformat() in {coords["date"][k] for k in matching} else None
    k = _of_date(matching, coords["date"], date)
    return Selected(
        position=k,
        population=coords["population"][k],
        figure=coords["figure"][k],
        date=dt.date.fromisoformat(coords["date"][k]) if coords["date"][k] else None,
        unit=_unit(case, wanted, coords["figure"][k]),
        parts=" + ".join(sorted(wanted)),
        level=any(figures.get(base, {}).get("level", False) for base in wanted),
        scale=scale_of(tree),
    )


def last_claimed(tree: xr.DataTree, selected: Selected) -> dt.date | None:
    """Last date for which a claim speaks of a figure or of a part of it; None if undated."""
    case = json.loads(tree.attrs["case"])
    return _last_claimed(tree, case, selected.population, _bases(case, selected.figure))


def _last_claimed(
    tree: xr.DataTree, case: dict[str, object], population: str, bases: frozenset[str] | None
) -> dt.date | None:
    """Last date of the claims on a population, or on some of its figures."""
    claims = tree["claims"].to_dataset()
    dates = [
        str(date)
        for whose, figure, date in zip(
            claims["population"].values, claims["figure"].values, claims["date"].values, strict=True
        )
        if str(whose) == population
        and str(date)
        and (bases is None or bases & _bases(case, str(figure)))
    ]
    return dt.date.fromisoformat(max(dates)) if dates else None


def _of_population(positions: list[int], names: list[str], wanted: str | None) -> list[int]:
    there = list(dict.fromkeys(names[k] for k in positions))
    if wanted is None:
        if len(there) > 1:
            raise ValueError(f"several populations: give population=, one of {', '.join(there)}")
        return positions
    found = [k for k in positions if names[k] == wanted]
    if not found:
        legal = one_of([name or "(without a name)" for name in there], wanted)
        raise ValueError(f"no population {wanted!r} for this figure; there are: {legal}")
    return found


def _of_date(positions: list[int], days: list[str], wanted: dt.date | str | None) -> int:
    if wanted is None:
        return max(positions, key=lambda k: days[k])
    text = wanted.isoformat() if isinstance(wanted, dt.date) else str(wanted)
    text = text[:10] if text[10:] in ("T00:00:00", " 00:00:00") else text
    for k in positions:
        if days[k] == text:
            return k
    if not any(days[k] for k in positions):
        raise ValueError(f"date={text!r}: this is one fixed number; leave the date out")
    there = ", ".join(days[k] for k in positions)
    raise ValueError(f"no estimate for {text!r}; the fit has estimates for: {there}")


def _bases(case: dict[str, object], figure: str) -> frozenset[str]:
    """Figures without parts that a sum is made of."""
    figures: dict[str, dict[str, list[str]]] = case["figures"]  # type: ignore[assignment]
    found: set[str] = set()
    for name in (part.strip() for part in figure.split("+")):
        parts = figures.get(name, {}).get("parts") or []
        for part in parts:
            found |= _bases(case, part)
        if not parts:
            found.add(name)
    return frozenset(found)


def _unit(case: dict[str, object], bases: frozenset[str], figure: str) -> str:
    figures: dict[str, dict[str, str]] = case["figures"]  # type: ignore[assignment]
    own = figures.get(figure, {}).get("unit", "")
    units = {figures.get(base, {}).get("unit", "") for base in bases}
    unit = own or (units.pop() if len(units) == 1 else "")
    (size, *_) = {figures.get(base, {}).get("unit_size", 1) for base in bases}
    return unit if float(size) == 1 else f"times {float(size):,g} {unit}".strip()


def draws_of(tree: xr.DataTree, selected: Selected, *, group: str = "posterior") -> xr.DataArray:
    """Draws of one quantity, natural scale, dimensions ``chain`` and ``draw``."""
    return tree[group].to_dataset()["estimate"].isel(quantity=selected.position)


def claims_on(tree: xr.DataTree, selected: Selected) -> xr.Dataset:
    """Claims that speak of exactly this figure of this population, at any date."""
    claims = tree["claims"].to_dataset()
    mine = (claims["parts"].values == selected.parts) & (
        claims["population"].values == selected.population
    )
    return claims.isel(claim=np.flatnonzero(mine))


def is_spoken(claims: xr.Dataset) -> NDArray[np.bool_]:
    """Which claims of a fit somebody made: all but truths, which are the answer."""
    return np.asarray(claims["kind"].values != "truth")
