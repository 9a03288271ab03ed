"""Hard minima and maxima of totals, and the map onto what they leave (NumPy)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import ClaimError, Problem
from reconcile.models.log_scale.design.sums import named_by_series
from reconcile.models.log_scale.design.wholes import components

__all__ = ["Limit", "Limits", "limits_of", "ray", "within"]

type Array = NDArray[np.float64]
# Keeps draws strictly within limits in floating point.
_MARGIN: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Ceiling or floor of a sum of series: what it leaves beyond the floors of the series."""

    series: tuple[int, ...]
    log: float
    is_floor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Series whose limits have to do with each other.

    Parameters
    ----------
    series : tuple of int
        All series that are limited, alone or in a sum.
    floor : tuple of float
        Floor of each on the natural scale, 0 if it has none.
    sums : tuple of Limit
        Ceilings, and floors of sums.
    """

    series: tuple[int, ...]
    floor: tuple[float, ...]
    sums: tuple[Limit, ...]


def limits_of(claims: ClaimSet, series: tuple[tuple[str, str], ...]) -> tuple[Limits, ...]:
    """Limits of all populations; raises ClaimError for floors and ceilings that no map serves."""
    position = {name: k for k, name in enumerate(series)}
    limited = [f.name for f in claims.figures.values() if f.ceiling or f.floor]
    found: list[Limits] = []
    problems: list[Problem] = []
    for population, names in named_by_series(claims, series, limited).items():
        floors: dict[int, float] = {}
        stated: list[tuple[str, tuple[int, ...], float, bool]] = []
        for name in names:
            figure, bases = claims.figures[name], claims.base_parts(name)
            known = tuple(position[population, b] for b in bases if (population, b) in position)
            if figure.ceiling:
                stated.append((name, known, figure.ceiling * (1 - _MARGIN), False))
            # A floor of which only some parts are there says nothing of these.
            if figure.floor and len(known) == len(bases):
                if len(known) > 1:
                    stated.append((name, known, figure.floor * (1 + _MARGIN), True))
                else:
                    floors[known[0]] = max(figure.floor * (1 + _MARGIN), floors.get(known[0], 0.0))
        every = {k for _, members, *_ in stated for k in members} | floors.keys()
        for group in components(every, [members for _, members, *_ in stated]):
            mine = [each for each in stated if each[1][0] in group]
            sums = _left(mine, floors)
            problems += _contradictions(claims, sums)
            found.append(
                Limits(
                    series=group,
                    floor=tuple(floors.get(k, 0.0) for k in group),
                    sums=tuple(limit for _, limit in sums),
                )
            )
    if problems:
        raise ClaimError(list(dict.fromkeys(problems)))
    return tuple(found)


def _left(
    stated: Sequence[tuple[str, tuple[int, ...], float, bool]], floors: dict[int, float]
) -> list[tuple[str, Limit]]:
    """Limits of sums less the floors of their series, those that hold anyway left out."""
    found = []
    for name, members, bound, is_floor in stated:
        left = bound - sum(floors.get(k, 0.0) for k in members)
        if left > 0:
            limit = Limit(series=members, log=math.log(left), is_floor=is_floor)
            found.append((name, limit))
        elif not is_floor:
            found.append((name, Limit(series=members, log=-math.inf, is_floor=False)))
    return found


def _contradictions(claims: ClaimSet, sums: Sequence[tuple[str, Limit]]) -> list[Problem]:
    """Ceilings at or below floors, and floors of sums beside ceilings on others."""
    found = []
    floors = [(name, limit) for name, limit in sums if limit.is_floor]
    for name, ceiling in ((name, limit) for name, limit in sums if not limit.is_floor):
        field, value = f"figures.{name}.ceiling", claims.figures[name].ceiling
        if ceiling.log == -math.inf:
            wrong = "not above the floors of its parts"
            found.append(Problem(field=field, value=value, wrong=wrong, legal="a higher ceiling"))
        for other, floor in floors:
            # Only then every direction from the origin has totals that keep both.
            if set(ceiling.series) <= set(floor.series) and floor.log < ceiling.log:
                continue
            found.append(
                Problem(
                    field=f"figures.{other}.floor",
                    value=claims.figures[other].floor,
                    wrong=f"a floor of a sum beside the ceiling of {name}",
                    legal="floors of single figures; or of a sum, if every ceiling is on it or on "
                    "a part of it and is higher",
                )
            )
    return found


def within(free_log: Array, limits: Sequence[Limits]) -> tuple[Array, Array]:
    """Log totals within all limits, and the log Jacobian determinant, from free log totals.

    Each total is its floor plus a rest. All rests of a group are the free totals times one factor,
    which along every ray from the origin maps all positive rests onto those within the limits.
    """
    total_log, log_det = np.array(free_log), np.zeros(np.shape(free_log)[:-1])
    for group in limits:
        members = list(group.series)
        worst = [np.full(log_det.shape, -np.inf) for _ in range(2)]
        for limit in group.sums:
            gauge = np.logaddexp.reduce(free_log[..., list(limit.series)], axis=-1) - limit.log
            side = int(limit.is_floor)
            worst[side] = np.maximum(worst[side], -gauge if limit.is_floor else gauge)
        shift, by_ray = ray(*worst)
        rest_log = free_log[..., members] + shift[..., None]
        with np.errstate(divide="ignore"):
            whole_log = np.logaddexp(np.log(group.floor), rest_log)
        total_log[..., members] = whole_log
        log_det = log_det + by_ray + (rest_log - whole_log).sum(axis=-1)
    return total_log, log_det


def ray(over: Array, under: Array) -> tuple[Array, Array]:
    r"""Shift along a ray, and its log derivative plus one, given the worst excess and shortfall.

    With :math:`g` the log of a sum over its ceiling and :math:`h` the log of a floor over its sum,
    shifts in :math:`(h, -g)` keep both. With :math:`r = e^{-h}` and :math:`m = e^{-g-h} - 1`, the
    distance above the floor becomes :math:`1 + 1 / (1/r + 1/m)`.
    """
    if np.isinf(under).all():
        # No floor, and perhaps no ceiling.
        return -np.logaddexp(0.0, over), -np.logaddexp(0.0, over)
    if np.isinf(over).all():
        return np.logaddexp(0.0, under), -np.logaddexp(0.0, under)
    room_log = -(over + under)
    most_log = room_log + np.log(-np.expm1(-room_log))
    far_log = -np.logaddexp(under, -most_log)
    slope_log = -np.logaddexp(0.0, -far_log) - np.logaddexp(0.0, -under - most_log)
    return np.logaddexp(0.0, far_log) + under, slope_log
