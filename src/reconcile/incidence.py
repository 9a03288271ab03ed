"""Which cells each claim sums: series, dates, cells, and the sparse matrices between them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from reconcile.claimset import ClaimSet

__all__ = ["Incidence", "Quantity", "accrues", "canonical_name", "incidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Something that is estimated: a figure of a population, as of a date.

    Parameters
    ----------
    population, figure : str
        Whose, and what; ``figure`` may be a sum.
    date : datetime.date, optional
        Last day it covers; None for a fixed figure.
    """

    population: str
    figure: str
    date: dt.date | None = None

    @property
    def label(self) -> str:
        """Readable label: what is there of population, figure and date."""
        pieces = (self.population, self.figure, self.date.isoformat() if self.date else "")
        return " | ".join(piece for piece in pieces if piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """Sparse structure of a set of claims.

    A *series* is one figure without parts in one population; accruing series come first. A
    *cell* is the increment of an accruing series between two dates, or a fixed series. *Nodes*
    are what claims and quantities sum: the running totals at each date (series by date), the
    cells (series by date), then the fixed series. Most claims need one node for each part, not
    one for each cell.

    Parameters
    ----------
    series : tuple of (str, str)
        Population and figure.
    n_accruing : int
        How many of them accrue.
    dates : tuple of datetime.date
        Last day of each stretch of time.
    days : ndarray of shape (date,)
        Length of each stretch in days.
    claims : csr_array of shape (claim, node)
        Which nodes each claim sums.
    quantities : tuple of Quantity
        Everything that is estimated.
    estimates : csr_array of shape (quantity, node)
        Which nodes each quantity sums.
    """

    series: tuple[tuple[str, str], ...]
    n_accruing: int
    dates: tuple[dt.date, ...]
    days: np.ndarray
    claims: csr_array
    quantities: tuple[Quantity, ...]
    estimates: csr_array

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return 2 * self.n_accruing * len(self.dates) + len(self.series) - self.n_accruing


def incidence(claims: ClaimSet) -> Incidence:
    """Work out the series, dates and cells that a set of claims needs.

    Parameters
    ----------
    claims : ClaimSet
        Of any size.

    Returns
    -------
    Incidence

    Examples
    --------
    >>> import reconcile as rc
    >>> from reconcile.incidence import incidence
    >>> days = ("2022-03-01", "2022-03-05")
    >>> made = [rc.Claim.point(9, figure="killed", source="A", date=day) for day in days]
    >>> structure = incidence(rc.ClaimSet(made))
    >>> structure.dates[-1].isoformat(), structure.claims.shape
    ('2022-03-05', (2, 4))
    """
    series, n_accruing = _series(claims)
    ends = _ends(claims)
    days = np.diff([end.toordinal() for end in ends]).astype(float)
    dates = tuple(ends[1:])
    nodes = _Nodes(
        series={name: k for k, name in enumerate(series)},
        n_accruing=n_accruing,
        ends={end: k for k, end in enumerate(ends)},
    )
    rows = [nodes.of(claims, c.population, c.figure, c.date, c.since) for c in claims]
    quantities = _quantities(claims, series, n_accruing, dates)
    wanted = [nodes.of(claims, q.population, q.figure, q.date, None) for q in quantities]
    return Incidence(
        series=series,
        n_accruing=n_accruing,
        dates=dates,
        days=days,
        claims=_matrix(rows, nodes.n),
        quantities=quantities,
        estimates=_matrix(wanted, nodes.n),
    )


def _series(claims: ClaimSet) -> tuple[tuple[tuple[str, str], ...], int]:
    """Every population and base figure that some claim speaks of, accruing ones first."""
    found: dict[tuple[str, str], None] = {}
    order = {name: k for k, name in enumerate(claims.figures)}
    populations = {name: k for k, name in enumerate(claims.populations)}
    for claim in claims:
        found.update({(claim.population, base): None for base in claims.base_parts(claim.figure)})
    series = sorted(
        found,
        key=lambda s: (not claims.figures[s[1]].accrues, populations[s[0]], order[s[1]]),
    )
    return tuple(series), sum(bool(claims.figures[figure].accrues) for _, figure in series)


def accrues(claims: ClaimSet, figure: str) -> bool:
    """Whether a figure or a sum is a running total; all parts of a sum are, or none.

    Parameters
    ----------
    claims : ClaimSet
        What knows the figure.
    figure : str
        Its name, or a sum.

    Returns
    -------
    bool
    """
    return bool(claims.figures[claims.base_parts(figure)[0]].accrues)


def _ends(claims: ClaimSet) -> list[dt.date]:
    """Ends of all stretches, the day before the first one leading; empty if nothing accrues."""
    day = dt.timedelta(days=1)
    running = [claim for claim in claims if accrues(claims, claim.figure)]
    if not running:
        return []
    last = sorted({c.date for c in running if c.date} | {c.since - day for c in running if c.since})
    if claims.start:
        origin = claims.start - day
    else:
        # Nobody says when it began: allow the first stretch as much time as the claims span.
        origin = min(last) - max(day, max(last) - min(last))
        origin = min([origin, *(c.since - day for c in running if c.since)])
    return [origin, *(end for end in last if end > origin)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nodes:
    """Numbers of the nodes that a sum over figures and time consists of."""

    series: dict[tuple[str, str], int]
    n_accruing: int
    ends: dict[dt.date, int]

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
    ) -> list[int]:
        found: list[int] = []
        for base in claims.base_parts(figure):
            k = self.series[population, base]
            if k >= self.n_accruing:
                found.append(2 * self.n_accruing * self.n_dates + k - self.n_accruing)
                continue
            assert date is not None  # the claim set has checked that running totals have a date
            end = self.ends[date] - 1
            start = 0 if since is None else self.ends[since - dt.timedelta(days=1)]
            if start == 0:
                found.append(k * self.n_dates + end)
            else:
                first = (self.n_accruing + k) * self.n_dates
                found.extend(range(first + start, first + end + 1))
        return found


def _quantities(
    claims: ClaimSet,
    series: tuple[tuple[str, str], ...],
    n_accruing: int,
    dates: tuple[dt.date, ...],
) -> tuple[Quantity, ...]:
    """Every base figure, declared whole and claimed sum, at every date if it accrues."""
    known = set(series)
    found: dict[Quantity, None] = {}
    for population in claims.populations:
        claimed = [claim.figure for claim in claims if claim.population == population]
        for name in dict.fromkeys([*claims.figures, *claimed]):
            bases = claims.base_parts(name)
            if not all((population, base) in known for base in bases):
                continue
            figure = canonical_name(claims, name)
            when: tuple[dt.date | None, ...] = dates if accrues(claims, name) else (None,)
            found.update(
                {Quantity(population=population, figure=figure, date=d): None for d in when}
            )
    return tuple(found)


def canonical_name(claims: ClaimSet, name: str) -> str:
    """A sum by the name of the declared whole it equals, else with its parts in one order."""
    bases = set(claims.base_parts(name))
    for figure in claims.figures.values():
        if set(claims.base_parts(figure.name)) == bases:
            return figure.name
    order = {known: k for k, known in enumerate(claims.figures)}
    return " + ".join(sorted((part.strip() for part in name.split("+")), key=order.__getitem__))


def _matrix(rows: list[list[int]], n_nodes: int) -> csr_array:
    row = np.repeat(np.arange(len(rows)), [len(nodes) for nodes in rows])
    node = np.array([node for nodes in rows for node in nodes], dtype=np.intp)
    values = np.ones(len(node))
    return csr_array(coo_array((values, (row, node)), shape=(len(rows), n_nodes)))
