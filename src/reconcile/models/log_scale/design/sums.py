"""Series, dates and cells, and the sparse matrices that sum cells into claims.

A level is modelled as a rate: its cells hold rate times days, like those of a running total, and a
claim about a day refers to the cell of that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.sparse import coo_array, csr_array

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import Groups
from reconcile.claims.figure import parse_ratio
from reconcile.models.estimand import Estimand

__all__ = ["Incidence", "incidence", "is_dated", "named_by_series"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """Sparse structure of a set of claims.

    A *series* is one figure without parts in one population; those that change with time (running
    totals and levels) come first. A *cell* is the increment of such a series over one time step, or
    a fixed series. *Nodes* are the terms of sums: the running totals at each date (series by date),
    the cells (series by date), then the fixed series. Most claims need one node per part instead of
    one per cell.

    Parameters
    ----------
    series : tuple of (str, str)
        Population and figure.
    n_accruing : int
        Number of series that change with time.
    dates : tuple of datetime.date
        Last day of each time step.
    days : ndarray of shape (date,)
        Length of each time step.
    claims, below : csr_array of shape (claim, node)
        Weights of the nodes in each claim, or in the numerator of a ratio; and in its denominator
        (empty rows for other claims). A level is divided by the days of its period.
    quantities : tuple of Estimand
        Everything that is estimated.
    estimates : csr_array of shape (quantity, node)
        Weights of the nodes in each quantity.
    """

    series: tuple[tuple[str, str], ...]
    n_accruing: int
    dates: tuple[dt.date, ...]
    days: np.ndarray
    claims: csr_array
    below: csr_array
    quantities: tuple[Estimand, ...]
    estimates: csr_array

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return 2 * self.n_accruing * len(self.dates) + len(self.series) - self.n_accruing

    @property
    def series_of_node(self) -> np.ndarray:
        """Index of the series of each node."""
        running = np.repeat(np.arange(self.n_accruing), len(self.dates))
        return np.concatenate([running, running, np.arange(self.n_accruing, len(self.series))])

    def cells_of(self, claim: int) -> dict[int, tuple[float, dt.date | None]]:
        """Weight and last day (None if fixed), by node, of the cells that a claim sums."""
        n, span = len(self.dates), slice(*self.claims.indptr[claim : claim + 2])
        running = self.n_accruing * n
        found: dict[int, tuple[float, dt.date | None]] = {}
        pairs = zip(self.claims.indices[span], self.claims.data[span], strict=True)
        for node, weight in ((int(node), float(weight)) for node, weight in pairs):
            if node >= 2 * running:
                found[node] = weight, None
                continue
            end = node % n
            for cell in range(0 if node < running else end, end + 1):
                series = node % running // n
                found[running + series * n + cell] = weight, self.dates[cell]
        return found


def incidence(claims: ClaimSet) -> Incidence:
    """Series, dates and cells that a set of claims needs."""
    series, n_accruing = _series(claims)
    ends = _ends(claims)
    days = np.diff([end.toordinal() for end in ends]).astype(float)
    dates = tuple(ends[1:])
    nodes = _Nodes(
        series={name: k for k, name in enumerate(series)},
        n_accruing=n_accruing,
        ends={end: k for k, end in enumerate(ends)},
        days=days,
    )
    groups = claims.columns.group_by("population", "figure", "date", "since")
    above, below = _summed(claims, groups, nodes)
    quantities = _quantities(claims, series, dates)
    wanted = [nodes.of(claims, q.population, q.figure, q.date, None) for q in quantities]
    return Incidence(
        series=series,
        n_accruing=n_accruing,
        dates=dates,
        days=days,
        claims=_matrix(above, nodes.n)[groups.codes],
        below=_matrix(below, nodes.n)[groups.codes],
        quantities=quantities,
        estimates=_matrix(wanted, nodes.n),
    )


def _series(claims: ClaimSet) -> tuple[tuple[tuple[str, str], ...], int]:
    """Every population and base figure that occurs, dated ones first; and the number of these."""
    order = {name: k for k, name in enumerate(claims.figures)}
    populations = {name: k for k, name in enumerate(claims.populations)}
    found = {
        (claim.population, base)
        for claim in claims.columns.examples("population", "figure")
        for base in claims.compositions[claim.figure].bases
    }
    compositions = claims.compositions
    series = sorted(
        found, key=lambda s: (not compositions[s[1]].is_dated, populations[s[0]], order[s[1]])
    )
    return tuple(series), sum(compositions[figure].is_dated for _, figure in series)


def is_dated(claims: ClaimSet, figure: str) -> bool:
    """Whether a figure, sum or ratio changes with time; a sum's parts all do, or none."""
    return claims.composition_of(figure).is_dated


def _ends(claims: ClaimSet) -> list[dt.date]:
    """Ends of all time steps, preceded by the day before the first; empty if nothing accrues."""
    day = dt.timedelta(days=1)
    compositions = claims.compositions
    if not any(about.is_dated for about in compositions.values()):
        return []
    examples = claims.columns.examples("figure", "date", "since")
    running = [claim for claim in examples if compositions[claim.figure].is_dated]
    if not running:
        return []
    found = {c.date for c in running if c.date} | {c.since - day for c in running if c.since}
    # A level on a day refers to that day, not to the mean since the last claim.
    found |= {c.date - day for c in running if c.date and compositions[c.figure].is_level}
    last = sorted(found)
    if claims.start:
        origin = claims.start - day
    else:
        # Unknown start: the first time step is as long as the span of the claims.
        origin = min(last) - max(day, max(last) - min(last))
        origin = min([origin, *(c.since - day for c in running if c.since)])
    return [origin, *(end for end in last if end > origin)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nodes:
    """Indices of the nodes that a sum over figures and time consists of."""

    series: dict[tuple[str, str], int]
    n_accruing: int
    ends: dict[dt.date, int]
    days: np.ndarray

    @property
    def n_dates(self) -> int:
        return max(len(self.ends) - 1, 0)

    @property
    def n(self) -> int:
        return 2 * self.n_accruing * self.n_dates + len(self.series) - self.n_accruing

    def of(
        self,
        claims: ClaimSet,
        population: str,
        figure: str,
        date: dt.date | None,
        since: dt.date | None,
    ) -> dict[int, float]:
        """Weights of the nodes of a sum."""
        found: dict[int, float] = {}
        for base in claims.base_parts(figure):
            k = self.series[population, base]
            if k >= self.n_accruing:
                found[2 * self.n_accruing * self.n_dates + k - self.n_accruing] = 1.0
                continue
            assert date is not None  # checked by the claim set
            end = self.ends[date] - 1
            level = claims.compositions[base].is_level
            start = 0 if since is None else self.ends[since - dt.timedelta(days=1)]
            if level and since is None:
                start = end
            first = (self.n_accruing + k) * self.n_dates
            if start == 0 and not level:
                found[k * self.n_dates + end] = 1.0
                continue
            weight = 1.0 / float(self.days[start : end + 1].sum()) if level else 1.0
            found.update(dict.fromkeys(range(first + start, first + end + 1), weight))
        return found


def _summed(claims: ClaimSet, groups: Groups, nodes: _Nodes) -> tuple[list[dict[int, float]], ...]:
    """Node weights of each group's claim: numerators, and denominators of ratios."""
    above, below = [], []
    for claim in (claims.claims[k] for k in groups.first.tolist()):
        sums = [
            nodes.of(claims, claim.population, side, claim.date, claim.since)
            for side in claim.sides
        ]
        above.append(sums[0])
        below.append(sums[1] if len(sums) > 1 else {})
    return above, below


def _quantities(
    claims: ClaimSet, series: tuple[tuple[str, str], ...], dates: tuple[dt.date, ...]
) -> tuple[Estimand, ...]:
    """Every base figure, declared whole and claimed sum, at every date if it has such.

    Running totals are estimated at all dates except those that only levels need, levels on the days
    for which one is claimed.
    """
    known = set(series)
    compositions = claims.compositions
    columns = claims.columns
    dated = columns.examples("figure", "date")
    on_level = {c.date for c in dated if compositions[c.figure].is_level}
    day = dt.timedelta(days=1)
    others = {*columns["date"].cells} | {since - day for since in columns["since"].cells if since}
    of_total = tuple(date for date in dates if date in others)
    of_level = tuple(date for date in dates if date in on_level)
    claimed: dict[str, dict[str, None]] = {population: {} for population in claims.populations}
    for claim in columns.examples("population", "figure"):
        claimed[claim.population].update(dict.fromkeys(parse_ratio(claim.figure)))
    declared = named_by_series(claims, series, claims.figures)
    found: dict[Estimand, None] = {}
    for population in claims.populations:
        for name in dict.fromkeys([*declared[population], *claimed[population]]):
            about = claims.composition_of(name)
            if not all((population, base) in known for base in about.bases):
                continue
            when: tuple[dt.date | None, ...] = (None,)
            if about.is_dated:
                when = of_level if about.is_level else of_total
            found.update(
                {
                    Estimand(population=population, figure=about.canonical, date=d): None
                    for d in when
                }
            )
    return tuple(found)


def named_by_series(
    claims: ClaimSet, series: tuple[tuple[str, str], ...], names: Iterable[str]
) -> dict[str, list[str]]:
    """Names of figures of which some part is a series, by population."""
    # Inverted index: populations times figures can be large.
    listed = tuple(names)
    containing: dict[str, list[int]] = {}
    for k, name in enumerate(listed):
        for base in claims.base_parts(name):
            containing.setdefault(base, []).append(k)
    found: dict[str, set[int]] = {population: set() for population in claims.populations}
    for population, base in series:
        found[population].update(containing.get(base, ()))
    return {population: [listed[k] for k in sorted(there)] for population, there in found.items()}


def _matrix(rows: list[dict[int, float]], n_nodes: int) -> csr_array:
    """Sparse matrix from the weights of each row."""
    sizes = np.fromiter(map(len, rows), dtype=np.intp, count=len(rows))
    n = int(sizes.sum())
    node = np.fromiter(chain.from_iterable(rows), dtype=np.intp, count=n)
    weights = chain.from_iterable(map(dict.values, rows))
    values = np.fromiter(weights, dtype=float, count=n)
    row = np.repeat(np.arange(len(rows)), sizes)
    return csr_array(coo_array((values, (row, node)), shape=(len(rows), n_nodes)))
