"""Claims by column, coded as integers, for operations on all claims of a set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import Claim

__all__ = ["MOST_KEYS", "Coded", "Columns", "Groups", "coded", "group_by"]

type Indices = NDArray[np.intp]
# Combined keys stay below this, so that they fit 64 bits.
MOST_KEYS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded[Cell: Hashable]:
    """A column coded by its distinct cells.

    Parameters
    ----------
    cells : tuple
        Distinct cells in order of first appearance.
    codes : ndarray of shape (claim,)
        Index of the cell of each claim.
    """

    cells: tuple[Cell, ...]
    codes: Indices

    def __len__(self) -> int:
        return len(self.cells)

    def map[Value](self, function: Callable[[Cell], Value]) -> NDArray[Any]:
        """Values of a function of the cells, called once per distinct cell; shape (claim,)."""
        return np.array([function(cell) for cell in self.cells])[self.codes]

    def ranks(self) -> Indices:
        """Rank of every claim's cell among the distinct cells."""
        cells: tuple[Any, ...] = self.cells
        order = sorted(range(len(cells)), key=cells.__getitem__)
        places = np.empty(len(order), dtype=np.intp)
        places[order] = np.arange(len(order))
        return places[self.codes]

    def recoded[Other: Hashable](self, function: Callable[[Cell], Other]) -> Coded[Other]:
        """The column of a function of the cells."""
        return coded(list(map(function, self.cells))).at(self.codes)

    def at(self, places: Indices) -> Coded[Cell]:
        """The column at some positions."""
        return Coded(cells=self.cells, codes=self.codes[places])

    def among(self, which: NDArray[np.bool_]) -> list[Cell]:
        """The distinct cells of some claims."""
        return [self.cells[k] for k in np.unique(self.codes[which]).tolist()]


def coded[Cell: Hashable](cells: Sequence[Cell]) -> Coded[Cell]:
    """Code a column."""
    place = {cell: k for k, cell in enumerate(dict.fromkeys(cells))}
    codes = np.fromiter(map(place.__getitem__, cells), dtype=np.intp, count=len(cells))
    return Coded(cells=tuple(place), codes=codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Groups of claims that agree in some columns.

    Parameters
    ----------
    first : ndarray of shape (group,)
        Position of the first claim of each group, increasing.
    codes : ndarray of shape (claim,)
        Index of the group of each claim.
    """

    first: Indices
    codes: Indices

    def __len__(self) -> int:
        return len(self.first)

    def column[Cell: Hashable](self, cells: Sequence[Cell]) -> Coded[Cell]:
        """A column from one cell per group."""
        return coded(cells).at(self.codes)


def group_by(columns: Iterable[Coded[Any] | Indices]) -> Groups:
    """Group claims that agree in all of some columns: coded, or codes of shape (claim,)."""
    keys: Indices | None = None
    n_keys = 1
    for column in columns:
        codes, n = (column.codes, len(column)) if isinstance(column, Coded) else (column, None)
        n = int(codes.max(initial=0)) + 1 if n is None else n
        if keys is None:
            keys, n_keys = codes, n
            continue
        if n == 1:
            continue
        if n_keys > MOST_KEYS // n:
            distinct, keys = np.unique(keys, return_inverse=True)
            n_keys = len(distinct)
        keys, n_keys = keys * n + codes, n_keys * n
    assert keys is not None  # one column at least
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Groups(first=first[order], codes=place[group])


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of some claims, each coded when it is first used.

    Parameters
    ----------
    claims : tuple of Claim
        The rows.
    """

    claims: tuple[Claim, ...]
    _known: dict[str, Coded[Any]] = field(default_factory=dict, repr=False)
    _groups: dict[tuple[str, ...], Groups] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Coded[Any]:
        """A column by the name of a field of the claims, or of a property such as ``state``."""
        if name not in self._known:
            self._known[name] = coded(list(map(attrgetter(name), self.claims)))
        return self._known[name]

    def group_by(self, *names: str) -> Groups:
        """Groups of the claims that agree in some columns, by name."""
        if names not in self._groups:
            self._groups[names] = group_by(self[name] for name in names)
        return self._groups[names]

    def examples(self, *names: str) -> list[Claim]:
        """The first claim of each group."""
        return [self.claims[k] for k in self.group_by(*names).first.tolist()]

    @property
    def spoken(self) -> NDArray[np.bool_]:
        """Which claims are made by a source: all but truths."""
        return ~self["is_truth"].map(bool)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Numbers of a column; NaN for none."""
        return np.array([np.nan if x is None else x for x in self[name].cells])[self[name].codes]

    def days(self, name: str) -> NDArray[np.float64]:
        """Proleptic Gregorian ordinals of a column of days; NaN for none."""
        return self[name].map(_ordinal).astype(float)


def _ordinal(day: dt.date | None) -> float:
    return float(day.toordinal()) if day else np.nan
