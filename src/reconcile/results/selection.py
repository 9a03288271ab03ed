"""Find an estimate in a fit by figure, population and date."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._text import one_of
from reconcile.claims.composition import base_parts, memoised_parts, unit_sizes
from reconcile.claims.figure import Figure, parse_ratio, parse_sum
from reconcile.claims.percent import whole_of
from reconcile.results.paths import Paths, askable_days
from reconcile.results.scales import SCALES, Scale

__all__ = [
    "Selected",
    "ask",
    "bases_of",
    "claims_on",
    "dates_of",
    "draws_of",
    "draws_on",
    "figures_of",
    "is_spoken",
    "last_claimed",
    "scale_of",
    "select",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """One estimate of a fit.

    Parameters
    ----------
    position : int, optional
        Along the dimension ``quantity``; None for a day that is no date of the fit.
    population, figure, date
        As in its coordinates; the date is None for a fixed figure.
    thing : str
        Unit for display; empty if unknown.
    unit_size : float
        Number of single things in one unit.
    parts : str
        Figures without parts that it is the sum of, sorted, joined by ``+``; of both sides of a
        ratio, joined by ``/``.
    level : bool
        Whether it is a level and not a total.
    scale : Scale
        On which the errors of its claims add up, as results show it: of shares in their unit.
    limits : tuple of float
        Between which it lies whatever is claimed.
    below : Selected, optional
        The denominator of a ratio.
    """

    position: int | None
    population: str
    figure: str
    date: dt.date | None
    thing: str
    unit_size: float
    parts: str
    level: bool
    scale: Scale
    limits: tuple[float, float]
    below: Selected | None = None

    @property
    def unit(self) -> str:
        """Unit with the factor that its numbers are counted in."""
        if self.unit_size == 1:
            return self.thing
        return f"times {self.unit_size:,g} {self.thing}".strip()


def scale_of(tree: xr.DataTree) -> Scale:
    """Scale on which the errors of a fit add up, the same for all of its figures."""
    return SCALES["linear" if "deviation" in tree["posterior"].to_dataset() else "log"]


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
    populations, names, days = (
        [str(v) for v in quantities.coords[f"quantity_{name}"].values]
        for name in ("population", "figure", "date")
    )
    figures = figures_of(tree)
    wanted = frozenset(base_parts(figures, figure))
    matching = [k for k, name in enumerate(names) if wanted == {*base_parts(figures, name)}]
    if not matching:
        legal = one_of(dict.fromkeys(names), figure)
        raise ValueError(f"no figure {figure!r} in this fit; its figures are: {legal}")
    matching = _of_population(matching, populations, population)
    if date is None or type(date).__name__ == "NaTType":
        date = _last_claimed(tree, populations[matching[0]], None)
        date = date if date and date.isoformat() in {days[k] for k in matching} else None
    day = _day_of(tree, [days[k] for k in matching], date)
    position = next((k for k in matching if days[k] == day), None)
    k = matching[0]
    return Selected(
        position=position,
        population=populations[k],
        figure=names[k],
        date=dt.date.fromisoformat(day) if day else None,
        thing=_thing(figures, wanted, names[k]),
        unit_size=float(unit_sizes(figures, wanted).pop()),
        parts=" + ".join(sorted(wanted)),
        level=any(figures[base].level for base in wanted),
        scale=scale_of(tree),
        limits=_limits_of(figures[next(iter(wanted))]),
    )


def _limits_of(figure: Figure) -> tuple[float, float]:
    """Between which a figure, or a sum of such, lies by its scale."""
    if figure.scale == "share":
        return 0.0, whole_of(figure.unit)
    return (-math.inf if figure.scale == "linear" else 0.0), math.inf


def ask(
    tree: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
) -> Selected:
    """As :func:`select`, also one figure or sum over another."""
    sides = [select(tree, side, population=population, date=date) for side in parse_ratio(figure)]
    if len(sides) > 2:
        raise ValueError(f"{figure!r} has {len(sides)} sides: a ratio has two")
    if len(sides) == 1:
        return sides[0]
    above, below = sides
    return replace(
        above,
        figure=f"{above.figure} / {below.figure}",
        thing="",
        unit_size=1.0,
        parts=f"{above.parts} / {below.parts}",
        below=below,
    )


def bases_of(selected: Selected) -> frozenset[str]:
    """Figures without parts that an estimate is made of."""
    sides = parse_ratio(selected.parts)
    return frozenset(part for side in sides for part in parse_sum(side))


def last_claimed(tree: xr.DataTree, selected: Selected) -> dt.date | None:
    """Last date of the claims on a figure or on a part of it; None if undated."""
    return _last_claimed(tree, selected.population, bases_of(selected))


def _last_claimed(
    tree: xr.DataTree, population: str, bases: frozenset[str] | None
) -> dt.date | None:
    """Last date of the claims on a population, or on some of its figures."""
    claims = tree["claims"].to_dataset()
    bases_of = memoised_parts(figures_of(tree))
    columns = (claims[name].values.astype(str) for name in ("population", "figure", "date"))
    dates = [
        date
        for whose, figure, date in zip(*columns, strict=True)
        if whose == population and date and (bases is None or bases.intersection(bases_of(figure)))
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
        legal = one_of([name or "(unnamed)" for name in there], wanted)
        raise ValueError(f"no population {wanted!r} for this figure; its populations are: {legal}")
    return found


def _day_of(tree: xr.DataTree, days: Sequence[str], wanted: dt.date | str | None) -> str:
    """A day on which there is an estimate, as text; empty for a fixed figure."""
    if wanted is None:
        return max(days)
    text = wanted.isoformat() if isinstance(wanted, dt.date) else str(wanted)
    text = text[:10] if text[10:] in ("T00:00:00", " 00:00:00") else text
    if text in days:
        return text
    if not any(days):
        raise ValueError(f"date={text!r}: this is one fixed number; leave the date out")
    askable = askable_days(tree)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"date={text!r} is not a day: write one as {max(days)}") from error
    if askable is None:
        raise ValueError(f"no estimate for {text!r}; the fit has estimates for: {', '.join(days)}")
    if not askable.first <= day <= askable.last:
        raise ValueError(f"no estimate for {text!r}; any day can be asked from {askable}")
    return text


def figures_of(tree: xr.DataTree) -> dict[str, Figure]:
    """Figures of the case of a fit."""
    figures = json.loads(tree.attrs["case"])["figures"]
    return {name: Figure(**figure) for name, figure in figures.items()}


def _thing(figures: Mapping[str, Figure], bases: frozenset[str], figure: str) -> str:
    """What a figure or a sum counts."""
    units = {figures[base].unit for base in bases}
    own = figures[figure].unit if figure in figures else ""
    return own or (units.pop() if len(units) == 1 else "")


def draws_of(tree: xr.DataTree, selected: Selected, *, group: str = "posterior") -> xr.DataArray:
    """Draws of one estimate, natural scale, dimensions ``chain`` and ``draw``."""
    if selected.below is not None:
        parts, _ = parse_ratio(selected.parts)
        above = draws_of(tree, replace(selected, parts=parts, below=None), group=group)
        return (above / draws_of(tree, selected.below, group=group)).rename("ratio")
    estimate = tree[group].to_dataset()["estimate"]
    if selected.position is not None:
        return estimate.isel(quantity=selected.position)
    (values,) = draws_on(tree, selected, [selected.date], group=group)
    label = {"quantity_date": str(selected.date)}
    label |= {"quantity_population": selected.population, "quantity_figure": selected.figure}
    coords = {name: estimate[name] for name in ("chain", "draw")} | label
    return xr.DataArray(values, dims=("chain", "draw"), coords=coords, name="estimate")


def draws_on(
    tree: xr.DataTree,
    selected: Selected,
    days: Sequence[dt.date | None],
    *,
    group: str = "posterior",
) -> NDArray[np.float64]:
    """Draws of a running total or level on several days, shape (day, chain, draw)."""
    dates = dates_of(tree, selected)
    estimate = tree[group].to_dataset()["estimate"].transpose("quantity", "chain", "draw").values
    found = np.empty((len(days), *estimate.shape[1:]))
    others = [k for k, day in enumerate(days) if day not in dates]
    for k in set(range(len(days))).difference(others):
        found[k] = estimate[dates[days[k]]]
    if others:
        paths = Paths(tree, figures_of(tree), selected.population, group=group)
        wanted = [day for day in days if day and day not in dates]
        found[others] = paths.values(selected.parts.split(" + "), wanted)
    return found


def dates_of(tree: xr.DataTree, selected: Selected) -> dict[dt.date | None, int]:
    """Position of the estimate of a figure at each date of the fit."""
    quantities = tree["posterior"].coords["quantity"].coords
    columns = (quantities[f"quantity_{x}"].values for x in ("figure", "population", "date"))
    return {
        dt.date.fromisoformat(str(date)) if date else None: k
        for k, (figure, population, date) in enumerate(zip(*columns, strict=True))
        if figure == selected.figure and population == selected.population
    }


def claims_on(tree: xr.DataTree, selected: Selected) -> xr.Dataset:
    """Claims on exactly this figure of this population, at any date."""
    claims = tree["claims"].to_dataset()
    mine = (claims["parts"].values == selected.parts) & (
        claims["population"].values == selected.population
    )
    return claims.isel(claim=np.flatnonzero(mine))


def is_spoken(claims: xr.Dataset) -> NDArray[np.bool_]:
    """Which claims of a fit are made by a source: all but truths."""
    return np.asarray(claims["kind"].values != "truth")
