"""What looks like a slip in claims that are legal: names, days, numbers beyond known limits."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from reconcile._text import plain
from reconcile.claims.claim import Claim
from reconcile.claims.columns import Columns
from reconcile.claims.composition import Composition
from reconcile.claims.fields import LAST_REPORT
from reconcile.claims.figure import Figure
from reconcile.claims.percent import is_percent, outside_share
from reconcile.claims.source import Source
from reconcile.errors import AssumptionWarning, warn
from reconcile.kinds.lexicon import interval_of_words

__all__ = ["warn_of_doubts", "without_doubts"]

_MOST: Final = 10
_YEAR: Final = 366
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


class _Case(Protocol):
    """The part of a claim set that is looked at."""

    @property
    def claims(self) -> tuple[Claim, ...]: ...
    @property
    def columns(self) -> Columns: ...
    @property
    def figures(self) -> Mapping[str, Figure]: ...
    @property
    def sources(self) -> Mapping[str, Source]: ...
    @property
    def compositions(self) -> Mapping[str, Composition]: ...
    @property
    def start(self) -> dt.date | None: ...
    @property
    def end(self) -> dt.date | None: ...


@contextmanager
def without_doubts() -> Iterator[None]:
    """Make claim sets without these warnings: for copies, and where rows have other numbers."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def warn_of_doubts(
    case: _Case, declared: Iterable[str], *, row_of: Callable[[int], str] | None = None
) -> None:
    """Warn of possible slips, once for each sort; ``row_of`` names the row of a claim."""
    if _quiet.get():
        return

    def place(k: int) -> str:
        row = row_of(k) if row_of else f"row {k + 1}"
        return f"{row}, source {case.claims[k].source!r}"

    names = list(_name_doubts(case, frozenset(declared)))
    if names:
        warn(
            f"names that differ little are taken for different ones: {_listed(names)}; write them "
            "alike if they are the same, or declare both in case.toml",
            AssumptionWarning,
        )
    days = list(_day_doubts(case, place))
    if days:
        warn(f"days that may be slips: {_listed(days)}; check the year", AssumptionWarning)
    shares = list(_share_doubts(case, place))
    if shares:
        warn(
            f"percentages above 100 beside others: {_listed(shares)}; their figures are not taken "
            'for shares: correct the numbers, or set scale = "share", or "log" for what may '
            "exceed 100",
            AssumptionWarning,
        )
    limits = list(_limit_doubts(case, place))
    if limits:
        warn(
            f"claims that break a limit of the case: {_listed(limits)}; no draw agrees with them: "
            "check the numbers, and ceiling and floor in case.toml",
            AssumptionWarning,
        )


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST:,} more" if len(texts) > _MOST else ""
    return "; ".join(texts[:_MOST]) + more


def _name_doubts(case: _Case, declared: frozenset[str]) -> Iterator[str]:
    """Names of figures, populations and sources that differ in capitals, or contain another."""
    columns = case.columns
    sources = dict.fromkeys([*columns["source"].cells, *columns["origin"].cells])
    for sort, names in (
        ("figures", tuple(case.figures)),
        ("populations", columns["population"].cells),
        ("sources", tuple(filter(None, sources))),
    ):
        for one, other in _near(names):
            if not {one, other} <= declared and not _are_used_together(case, sort, one, other):
                yield f"{sort} {one!r} and {other!r}"


def _near(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names with the same words but for capitals, or whose words are some of another's."""
    known: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        known.setdefault(tuple(re.findall(r"\w+", name.casefold())), []).append(name)
    known.pop((), None)
    for words, alike in known.items():
        yield from ((alike[0], other) for other in alike[1:])
        n = len(words)
        if n > _MOST_WORDS:
            continue
        for size in range(1, n):
            for k in range(n - size + 1):
                yield from ((part, alike[0]) for part in known.get(words[k : k + size], ())[:1])


def _share_doubts(case: _Case, place: Callable[[int], str]) -> Iterator[str]:
    """Claims in percent above 100 on figures of which most others are below."""
    for name, figure in case.figures.items():
        if figure.scale != "log" or figure.level or not is_percent(figure.unit):
            continue
        mine = [k for k, claim in enumerate(case.claims) if claim.figure == name]
        off = [k for k in mine if outside_share(case.claims[k], 100.0)]
        if 0 < 2 * len(off) < len(mine):
            yield from (place(k) for k in off)


# Longer names are sentences, and contain anything.
_MOST_WORDS: Final = 12


def _are_used_together(case: _Case, sort: str, one: str, other: str) -> bool:
    """Whether two figures are told apart by a sum or a ratio of both."""
    if sort != "figures":
        return False
    return any(
        {one, other} <= {*figure.parts, name} for name, figure in case.figures.items()
    ) or any({one, other} <= set(claim.parts) for claim in case.columns.examples("figure", "kind"))


def _day_doubts(case: _Case, place: Callable[[int], str]) -> Iterator[str]:
    """Days that no clock has reached, and days far from all others."""
    columns = case.columns
    today = dt.date.today()  # noqa: DTZ011 - days of claims have no time zone
    dated = columns["figure"].map(lambda name: case.compositions[name].is_dated)
    days = {name: columns.days(name) for name in ("date", "said")}
    # "Last report" is resolved.
    since = columns["since"].map(
        lambda day: np.nan if day is None or day == LAST_REPORT else float(day.toordinal())
    )
    days["since"] = np.where(columns.spoken, since, np.nan)
    days |= {name: np.where(columns.spoken, days[name], np.nan) for name in ("date", "said")}
    event = [float(day.toordinal()) for day in (case.start, case.end) if day]
    of_event = [("since", np.ones_like(dated)), ("date", dated)]
    of_speech = [("date", ~dated), ("said", np.ones_like(dated))]
    told: set[tuple[str, int]] = set()
    for fields, may_be_late in ((of_event, False), (of_speech, True)):
        found = [np.where(among, days[name], np.nan) for name, among in fields]
        every = np.concatenate([event, *found])
        outlying = _outlying(every[~np.isnan(every)], may_be_late=may_be_late)
        for (name, _), column in zip(fields, found, strict=True):
            late = column > today.toordinal()
            for k in np.flatnonzero(late | np.isin(column, list(outlying))).tolist():
                if (name, k) in told:
                    continue
                told.add((name, k))
                day = dt.date.fromordinal(int(column[k]))
                why = "in the future" if late[k] else "far from all others"
                yield f"{place(k)}: {name} {day} is {why}"


def _outlying(days: NDArray[np.float64], *, may_be_late: bool) -> set[float]:
    """Days at either end, a year and thrice the span of the others away from twice as many."""
    left, found = np.sort(days), set()
    while len(left) > 2:
        gaps = np.diff(left)
        breaks = np.flatnonzero(gaps > _YEAR)
        if not len(breaks):
            break
        for cut, early in ((breaks[0] + 1, True), (breaks[-1] + 1, False)):
            some, rest = (left[:cut], left[cut:]) if early else (left[cut:], left[:cut])
            far = gaps[cut - 1] > 3 * np.ptp(rest) and 2 * len(some) <= len(rest)
            if far and (early or not may_be_late):
                found |= set(some.tolist())
                left = rest
                break
        else:
            break
    return found


def _limit_doubts(case: _Case, place: Callable[[int], str]) -> Iterator[str]:
    """Standing claims that lie beyond the ceiling or below the floor of what they speak of."""
    if all(f.ceiling is None and f.floor is None for f in case.figures.values()):
        return
    last = max((claim.date for claim in case.claims if claim.date), default=None)
    limits: dict[str, tuple[_Limit, _Limit]] = {}
    # Figures with limits that each series is a part of.
    limited: dict[str, set[str]] = {}
    for name, figure in case.figures.items():
        if figure.ceiling is not None or figure.floor is not None:
            for base in case.compositions[name].bases:
                limited.setdefault(base, set()).add(name)
    for k, claim in enumerate(case.claims):
        if claim.kind == "ratio" or claim.per or claim.state != "standing":
            continue
        if claim.figure not in limits:
            limits[claim.figure] = _limits(case, claim.figure, limited)
        (floor, of_floor), (ceiling, of_ceiling) = limits[claim.figure]
        least, most = _bounds(claim)
        # A floor is one of the whole period.
        composition = case.compositions[claim.figure]
        is_whole = not claim.since and (not composition.is_dated or claim.date == last)
        if least > ceiling:
            said = f"{claim.figure} {plain(least)} is above the ceiling {plain(ceiling)}"
            yield f"{place(k)}: {said} of {of_ceiling}"
        elif most < floor and is_whole:
            said = f"{claim.figure} {plain(most)} is below the floor {plain(floor)}"
            yield f"{place(k)}: {said} of {of_floor}"


type _Limit = tuple[float, str]


def _limits(case: _Case, name: str, limited: Mapping[str, set[str]]) -> tuple[_Limit, _Limit]:
    """Floor and ceiling of a figure or sum, each with the figure that it belongs to."""
    bases = set(case.compositions[name].bases)
    floor, ceiling = (0.0, name), (math.inf, name)
    for other in set().union(*(limited.get(base, set()) for base in bases)):
        figure = case.figures[other]
        parts = set(case.compositions[figure.name].bases)
        if figure.floor is not None and parts <= bases:
            floor = max(floor, (figure.floor, figure.name))
        if figure.ceiling is not None and parts >= bases:
            ceiling = min(ceiling, (figure.ceiling, figure.name))
    return floor, ceiling


def _bounds(claim: Claim) -> tuple[float, float]:
    """The least and the most that a claim says, natural scale."""
    if claim.words:
        return interval_of_words(claim.words)
    low = claim.low if claim.low is not None else claim.value
    high = claim.high if claim.high is not None else claim.value
    least = -math.inf if low is None or claim.kind == "at_most" else low
    most = math.inf if high is None or claim.kind == "at_least" else high
    return least, most
