"""Running totals and levels on any day, from the draws of a fit.

The model holds the rate constant between two dates. Here its logarithm goes on as the random walk
that it is from one stretch to the next: a bridge between the middles of the stretches, and a free
walk before the first middle and after the last. Totals at the dates of the fit stay as they are.
The noise is seeded by the seed of the fit, so that all days and figures lie on the same paths.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.composition import base_parts
from reconcile.claims.figure import Figure

__all__ = ["Askable", "Paths", "askable_days"]

type Array = NDArray[np.float64]
# Most steps of constant rate in a stretch; with as many days or fewer, each day is one.
_MOST_STEPS: Final = 64
# The model gives the log rates of stretches the variance of a walk at their middles. Means of a
# walk over stretches have two thirds of it.
_OF_MEANS: Final = 1.5
# Keeps sums strictly below a ceiling in floating point, as in the model.
_BELOW: Final = 1 - 1e-9
# Room that is left, at least: none at all would be zero over zero.
_TINY: Final = 1e-300
# Start of the keys of the seeds, apart from those of the fit.
_KEY: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Askable:
    """First and last day with an estimate of every dated figure, and what they are."""

    first: dt.date
    last: dt.date
    first_is: str
    last_is: str

    def __str__(self) -> str:
        return f"{self.first} ({self.first_is}) to {self.last} ({self.last_is})"


def askable_days(tree: xr.DataTree) -> Askable | None:
    """The days with an estimate of every dated figure; None if the fit has no paths."""
    constants = tree["constant_data"].to_dataset() if "constant_data" in tree else xr.Dataset()
    if "stretch_end" not in constants:
        return None
    ends = _days(constants["stretch_end"])
    start, horizon = json.loads(tree.attrs["case"])["start"], _horizon(tree)
    return Askable(
        first=dt.date.fromisoformat(start) if start else ends[0],
        last=ends[-1] + dt.timedelta(days=horizon),
        first_is="start of the case" if start else "first date of the fit; the case has no start",
        last_is=f"{horizon} days after the last date of the fit",
    )


def _days(texts: xr.DataArray) -> list[dt.date]:
    return [dt.date.fromisoformat(str(day)) for day in texts.values]


def _horizon(tree: xr.DataTree) -> int:
    """Days for which paths are continued."""
    return max(1, round(float(json.loads(tree.attrs["priors"])["path_days"])))


class Paths:
    """Paths of the figures of one population, in the draws of a group of a fit."""

    def __init__(
        self, tree: xr.DataTree, figures: Mapping[str, Figure], population: str, *, group: str
    ) -> None:
        self._draws, self._constants = tree[group].to_dataset(), tree["constant_data"].to_dataset()
        self._priors, self._figures = json.loads(tree.attrs["priors"]), figures
        self._seed, self._group = int(tree.attrs["random_seed"]), int(group == "prior")
        labels = self._draws["series"].values.astype(str).tolist()
        names = {base: " | ".join(filter(None, (population, base))) for base in figures}
        self._place = {base: labels.index(name) for base, name in names.items() if name in labels}
        every = tree["claims"].to_dataset()["population"].values.astype(str).tolist()
        self._population = list(dict.fromkeys(every)).index(population)
        self._lengths = np.exp(self._constants["days_log"].values)
        last = [float(day.toordinal()) for day in _days(self._constants["stretch_end"])]
        # A day is counted at its end. After the last date, one more stretch continues the path.
        self._ends = [last[0] - round(self._lengths[0]), *last, last[-1] + _horizon(tree)]
        self._middles = (np.array(self._ends[1:-1]) + np.array(self._ends[:-2])) / 2
        over = json.loads(tree.attrs["case"])["end"]
        self._over = dt.date.fromisoformat(over).toordinal() if over else np.inf
        self._free = _free_levels(tree, figures, population)
        self._sds = self._scales()
        self._amounts: dict[str, Array] = {}
        self._latest: dict[str, tuple[int, Array]] = {}

    def values(self, bases: Sequence[str], days: Iterable[dt.date]) -> Array:
        """Sum of figures without parts on each day, shape (day, chain, draw)."""
        found = [np.sum([self._on(b, day.toordinal()) for b in bases], axis=0) for day in days]
        shape = self._draws.sizes["chain"], self._draws.sizes["draw"]
        return np.reshape(found, (len(found), *shape))

    def _flat(self, name: str) -> Array:
        """Draws of a variable, chains one after the other, shape (draw, ...)."""
        found = self._draws[name].transpose("chain", "draw", ...).to_numpy()
        return np.asarray(found.reshape(-1, *found.shape[2:]))

    def _scales(self) -> Array:
        """Standard deviations of the walk over ``path_days``, shared and own, shape (draw, 2)."""
        medians = np.array([self._priors["path_shared_sd"], self._priors["path_own_sd"]])
        if "path_spread_z" in self._draws:
            spread = self._flat("path_spread_z")
        else:
            # A fit with one date has no use for them: they are drawn from their prior.
            spread = self._normal(2, 0, 0, (len(self._flat("total_log")), 2))
        # One figure has no path beside that of its population.
        running = (self._figures[base] for base in self._place)
        medians[1] *= sum(bool(figure.accrues or figure.level) for figure in running) > 1
        return np.asarray(medians * np.exp(self._constants["path_spread"].values * spread))

    def _normal(self, what: int, place: int, segment: int, shape: tuple[int, int]) -> Array:
        """Standard normal draws, the same in each call."""
        key = (_KEY, self._group, what, place, segment)
        seeds = np.random.SeedSequence(self._seed, spawn_key=key)
        return np.random.default_rng(seeds).standard_normal(shape)

    def _by_stretch(self, base: str) -> Array:
        """Amounts in each stretch, as in the model, shape (draw, stretch)."""
        if base not in self._amounts:
            k = self._place[base]
            log = np.zeros((len(self._sds), len(self._lengths)))
            if "path_own_z" in self._draws:
                shared = self._sds[:, :1] * self._flat("path_shared_z")[:, self._population]
                own = self._sds[:, 1:] * self._flat("path_own_z")[:, k]
                log = (shared + own) @ self._constants["innovations"].values.T
            total = np.exp(self._flat("total_log")[:, k])
            self._amounts[base] = _split(total, log + self._constants["days_log"].values)
        return self._amounts[base]

    def _on(self, base: str, day: int) -> Array:
        """Running total at the end of a day, or the level on it."""
        stretch = int(np.searchsorted(self._ends, day)) - 1
        if base not in self._latest or self._latest[base][0] != stretch:
            self._latest[base] = stretch, self._running(base, stretch)
        edges, running = self._edges(stretch), self._latest[base][1]

        def until(end: float) -> Array:
            step = max(int(np.searchsorted(edges, end)) - 1, 0)
            passed = (end - edges[step]) / (edges[step + 1] - edges[step])
            rise = running[:, step + 1] - running[:, step]
            return np.asarray(np.minimum(running[:, step] + passed * rise, running[:, step + 1]))

        return until(day) - until(day - 1) if self._figures[base].level else until(day)

    def _edges(self, stretch: int) -> Array:
        """Ends of the steps of a stretch."""
        first, last = self._ends[stretch : stretch + 2]
        return np.linspace(first, last, 1 + min(round(last - first), _MOST_STEPS))

    def _running(self, base: str, stretch: int) -> Array:
        """Running totals at the ends of the steps of a stretch, shape (draw, step + 1)."""
        ends = np.cumsum(self._by_stretch(base), axis=1)
        begin = ends[:, stretch - 1] if stretch else np.zeros(len(ends))
        if stretch == len(self._middles):
            return np.cumsum(np.column_stack([begin, self._continued(base)]), axis=1)
        log = self._rate_log(base, stretch)
        if base in self._free:
            steps = np.exp(log) * np.diff(self._edges(stretch))
            return np.cumsum(np.column_stack([begin, steps]), axis=1)
        steps = _split(self._by_stretch(base)[:, stretch], log)
        # Rounding does not let a total fall from one stretch to the next.
        running = np.cumsum(np.column_stack([begin, steps]), axis=1)
        return np.asarray(np.minimum(running, ends[:, stretch, None]))

    def _middle_log(self, base: str, stretch: int) -> Array:
        """Log rate in the middle of a stretch, shape (draw,)."""
        return np.asarray(np.log(self._by_stretch(base)[:, stretch] / self._lengths[stretch]))

    def _rate_log(self, base: str, stretch: int) -> Array:
        """Log rate in the steps of a stretch, shape (draw, step)."""
        steps = len(self._edges(stretch)) - 1
        before, after = self._walk(base, stretch), self._walk(base, stretch + 1)
        first = before[:, before.shape[1] - steps // 2 :]
        middle = self._middle_log(base, stretch)[:, None]
        return np.hstack([first, *([middle] * (steps % 2)), after[:, : steps // 2]])

    def _walk(self, base: str, k: int) -> Array:
        """Log rate in the steps between the middles of stretches ``k - 1`` and ``k``, in order.

        Before the first middle and after the last there is only one: the walk is free.
        """
        n, at = len(self._middles), []
        for stretch in range(max(k - 1, 0), k + 1):
            edges = self._edges(stretch)
            steps = (edges[1:] + edges[:-1]) / 2
            half = len(steps) // 2
            if stretch < n:
                steps = steps[:half] if stretch == k else steps[len(steps) - half :]
            at.append(steps)
        days = np.concatenate(at)
        if k in (0, n):
            pin = min(k, n - 1)
            away = np.abs(days - self._middles[pin])
            nearest = np.argsort(away)
            noise = self._noise(base, k, away[nearest])[:, np.argsort(nearest)]
            return np.asarray(self._middle_log(base, pin)[:, None] + noise)
        left, right = self._middle_log(base, k - 1), self._middle_log(base, k)
        length = self._middles[k] - self._middles[k - 1]
        away = days - self._middles[k - 1]
        noise = self._noise(base, k, np.append(away, length))
        share = away / length
        bridge = noise[:, :-1] - share * noise[:, -1:]
        return np.asarray(left[:, None] + share * (right - left)[:, None] + bridge)

    def _noise(self, base: str, segment: int, away: Array) -> Array:
        """A walk from 0 at ascending distances in days, shape (draw, distance)."""
        shape = len(self._sds), len(away)
        shared = self._sds[:, :1] * self._normal(0, self._population, segment, shape)
        own = self._sds[:, 1:] * self._normal(1, self._place[base], segment, shape)
        variance = (1.0 if base in self._free else _OF_MEANS) / self._priors["path_days"]
        gaps = np.diff(away, prepend=0.0)
        return np.asarray(np.cumsum(np.sqrt(variance * gaps) * (shared + own), axis=1))

    def _continued(self, base: str) -> Array:
        """Amounts in the steps after the last date, within the ceilings, shape (draw, step)."""
        ceilings = {} if self._figures[base].level else self._ceilings()
        together = dict.fromkeys(part for parts in ceilings for part in parts)
        if base not in together:
            return self._grown(base)
        grown = {part: self._grown(part) for part in together}
        room = {
            parts: most - np.sum([self._by_stretch(part) for part in parts], axis=(0, 2))
            for parts, most in ceilings.items()
        }
        for step in range(grown[base].shape[1]):
            rise = {parts: np.sum([grown[p][:, step] for p in parts], axis=0) for parts in room}
            # A step takes less than all the room that is left.
            left = {parts: np.maximum(most, _TINY) for parts, most in room.items()}
            kept = np.min([most / (most + rise[parts]) for parts, most in left.items()], axis=0)
            for part in together:
                grown[part][:, step] *= kept
            room = {parts: most - kept * rise[parts] for parts, most in room.items()}
        return grown[base]

    def _grown(self, base: str) -> Array:
        """Amounts in the steps after the last date, whatever the ceilings."""
        n = len(self._middles)
        edges, days = self._edges(n), np.diff(self._edges(n))
        log = self._walk(base, n)[:, -len(days) :]
        if base not in self._free:
            # The rate has no jump where the last stretch ends.
            inside = np.exp(self._rate_log(base, n - 1)).mean(axis=1)
            log = log + (self._middle_log(base, n - 1) - np.log(inside))[:, None]
        if not self._figures[base].level:
            # What is over grows no more.
            days = np.clip(self._over - edges[:-1], 0.0, days)
        return np.asarray(np.exp(log) * days)

    def _ceilings(self) -> dict[tuple[str, ...], float]:
        """Ceilings of sums of running totals, by the figures without parts in them."""
        found: dict[tuple[str, ...], float] = {}
        for name, figure in self._figures.items():
            parts = tuple(part for part in base_parts(self._figures, name) if part in self._place)
            if figure.ceiling is not None and parts and self._figures[parts[0]].accrues:
                found[parts] = min(found.get(parts, np.inf), _BELOW * figure.ceiling)
        return found


def _free_levels(tree: xr.DataTree, figures: Mapping[str, Figure], population: str) -> set[str]:
    """Levels with no claim on their mean over a period, which their days would have to respect."""
    claims = tree["claims"].to_dataset()
    columns = (claims[name].values.astype(str) for name in ("population", "parts", "since"))
    told = {
        part
        for whose, parts, since in zip(*columns, strict=True)
        if whose == population and since
        for part in parts.split(" + ")
    }
    return {name for name, figure in figures.items() if figure.level} - told


def _split(whole: Array, log: Array) -> Array:
    """A whole (draw,) split in proportion to the exponentials of ``log`` (draw, part)."""
    parts = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(parts * (whole / parts.sum(axis=1))[:, None])
