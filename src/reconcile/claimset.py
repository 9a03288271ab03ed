"""Claims about one case, with what is known of its figures and sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from reconcile._text import one_of
from reconcile.claims import LAST_REPORT, Claim
from reconcile.errors import ClaimError, Problem
from reconcile.figures import Figure, parse_ratio, parse_sum
from reconcile.ratios import Ratio
from reconcile.sources import Source

__all__ = ["SETTINGS", "ClaimSet"]

SETTINGS: Final = ("war", "disaster", "disease", "crowd", "economy", "measurement", "other")


@dataclass(frozen=True, slots=True, init=False, eq=False)
class ClaimSet:
    """Claims about one case. Knows what was said, not how it is modelled.

    Parameters
    ----------
    claims : iterable of Claim
        At least one.
    figures : iterable of Figure, optional
        What is known of the figures. A figure that only claims name gets the defaults.
    sources : iterable of Source, optional
        What is known of the sources.
    setting : str, default "other"
        ``war``, ``disaster``, ``disease``, ``crowd``, ``economy``, ``measurement`` or ``other``.
    title : str, optional
        What the case is called.
    start, end : datetime.date or str, optional
        First and last day of the event.
    ratios : iterable of Ratio, optional
        What is known beforehand of one figure over another.

    Attributes
    ----------
    claims : tuple of Claim
        In the order given.
    figures : mapping of str to Figure
        Declared figures first, then those that only claims name; ``accrues`` and ``counts`` are
        decided.
    sources : mapping of str to Source
        The same for sources.
    populations : tuple of str
        Whose figures the claims are about, in order of appearance.

    Raises
    ------
    ClaimError
        If the claims contradict the case or cannot be told apart; every bad row is listed.

    Notes
    -----
    A figure whose ``accrues`` is not given is read as a running total if its claims carry two or
    more dates, a ``since`` or a ``per``, or if it is summed with one that is; otherwise as one
    fixed number.
    One whose ``counts`` is not given counts single things if every number said of it is a whole
    number of them, unless the setting is ``measurement`` or ``economy``, or it is a level.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet([rc.Claim.at_least(1351, figure="killed", source="Kremlin")])
    >>> len(claims), claims.populations
    (1, ('',))
    """

    claims: tuple[Claim, ...]
    figures: Mapping[str, Figure]
    sources: Mapping[str, Source]
    setting: str
    title: str
    start: dt.date | None
    end: dt.date | None
    ratios: tuple[Ratio, ...]

    def __init__(
        self,
        claims: Iterable[Claim],
        *,
        figures: Iterable[Figure] = (),
        sources: Iterable[Source] = (),
        setting: str = "other",
        title: str = "",
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
        ratios: Iterable[Ratio] = (),
    ) -> None:
        claims = _only_claims(claims)
        put = object.__setattr__
        put(self, "claims", claims)
        put(self, "setting", setting)
        put(self, "title", title)
        put(self, "start", _day(start, "start"))
        put(self, "end", _day(end, "end"))
        put(self, "ratios", tuple(ratios))
        declared = _by_name(figures, "figures")
        known = _by_name(sources, "sources")
        for claim in claims:
            known.setdefault(claim.source, Source(name=claim.source))
        put(self, "sources", MappingProxyType(known))
        put(self, "figures", MappingProxyType(declared))
        problems = list(_case_problems(self))
        if not problems:
            claims = _with_scale(declared, _with_period(_with_population(claims)))
            put(self, "claims", claims)
            problems = list(_claim_set_problems(self))
        if problems:
            raise ClaimError(problems)
        put(self, "figures", MappingProxyType(_completed(declared, claims, setting)))

    def __len__(self) -> int:
        return len(self.claims)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClaimSet):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.claims, self.setting, self.title, self.start, self.end))

    def __repr__(self) -> str:
        title = f"{self.title!r}, " if self.title else ""
        return (
            f"<ClaimSet: {title}{len(self)} claims by {len({c.source for c in self})} sources "
            f"on {', '.join(self.figures)}>"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _claim_set, self._content()

    def _content(self) -> tuple[object, ...]:
        figures, sources = tuple(self.figures.values()), tuple(self.sources.values())
        return self.claims, figures, sources, self.setting, self.title, *self._rest()

    def _rest(self) -> tuple[object, ...]:
        return self.start, self.end, self.ratios

    @property
    def populations(self) -> tuple[str, ...]:
        """Whose figures the claims are about, in order of appearance."""
        return tuple(dict.fromkeys(claim.population for claim in self.claims))

    def role_of(self, claim: Claim) -> str:
        """Role of a claim's source to its population; empty where nothing says it, and of truths.

        Parameters
        ----------
        claim : Claim
            A claim of this set.

        Returns
        -------
        str
            A role, or ``""``.
        """
        if claim.kind == "truth":
            return ""
        return claim.role or self.sources[claim.source].role_to(claim.population)

    def base_parts(self, name: str) -> tuple[str, ...]:
        """Figures without parts that a figure is the sum of; those of both sides of a ratio.

        Parameters
        ----------
        name : str
            A figure of this set, a sum ``"killed + wounded"`` or a ratio of such.

        Returns
        -------
        tuple of str
            The figure itself where it has no parts.
        """
        return base_parts(self.figures, name)

    def thing(self, name: str) -> str:
        """A figure, sum or ratio by the figures without parts that it is made of.

        Parameters
        ----------
        name : str
            A figure of this set, a sum ``"killed + wounded"`` or a ratio of such.

        Returns
        -------
        str
            The same however the sum was written.
        """
        sides = parse_ratio(name)
        return " / ".join(" + ".join(sorted(base_parts(self.figures, side))) for side in sides)

    def replace(self, claims: Iterable[Claim]) -> ClaimSet:
        """The same case with other claims.

        Parameters
        ----------
        claims : iterable of Claim
            The new claims.

        Returns
        -------
        ClaimSet
        """
        return ClaimSet(
            claims,
            figures=self.figures.values(),
            sources=self.sources.values(),
            setting=self.setting,
            title=self.title,
            start=self.start,
            end=self.end,
            ratios=self.ratios,
        )


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


def _claim_set(
    claims: tuple[Claim, ...],
    figures: tuple[Figure, ...],
    sources: tuple[Source, ...],
    setting: str,
    title: str,
    start: dt.date | None,
    end: dt.date | None,
    ratios: tuple[Ratio, ...],
) -> ClaimSet:
    """Rebuild a pickled set."""
    return ClaimSet(
        claims,
        figures=figures,
        sources=sources,
        setting=setting,
        title=title,
        start=start,
        end=end,
        ratios=ratios,
    )


def _only_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    claims = tuple(claims)
    legal = "reconcile.Claim; reconcile.read_claims reads tables"
    problems = [
        Problem(row=row, field="claims", value=claim, wrong="not a Claim", legal=legal)
        for row, claim in enumerate(claims, start=1)
        if not isinstance(claim, Claim)
    ]
    if problems:
        raise ClaimError(problems)
    return claims


def _by_name[Named: (Figure, Source)](items: Iterable[Named], key: str) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for item in items:
        if item.name in found:
            field = f"{key}.{item.name}"
            raise ClaimError(
                [Problem(field=field, value=item.name, wrong="declared twice", legal="one of each")]
            )
        found[item.name] = item
    return found


def _day(value: dt.date | str | None, key: str) -> dt.date | None:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    elif value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    legal = "a day such as 2022-02-24"
    raise ClaimError([Problem(field=key, value=value, wrong="not a day", legal=legal)])


def _with_population(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Give the only population its name where a claim leaves it out."""
    named = {claim.population for claim in claims if claim.population}
    if len(named) != 1:
        return claims
    (only,) = named
    return tuple(c if c.population else replace(c, population=only) for c in claims)


def _with_period(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Put the day after the source's last report where a claim counts from there.

    A claim that has none before it is left as it is, for a problem to be made of it.
    """

    def resolved(claim: Claim) -> Claim:
        if claim.since != LAST_REPORT:
            return claim
        about = (claim.source, claim.population, claim.figure)
        before = [
            c.date
            for c in claims
            if (c.source, c.population, c.figure) == about
            and c.date
            and claim.date
            and c.date < claim.date
        ]
        if not before:
            return claim
        return replace(claim, since=max(before) + dt.timedelta(days=1))

    return tuple(map(resolved, claims))


def _with_scale(figures: Mapping[str, Figure], claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Mark the claims on figures that may be negative."""

    def marked(claim: Claim) -> Claim:
        linear = {
            figures[base].scale == "linear"
            for base in base_parts(figures, claim.figure)
            if base in figures
        }
        return replace(claim, scale="linear") if linear == {True} and not claim.scale else claim

    return tuple(map(marked, claims))


# Settings in which numbers are no counts, however whole they are.
_UNCOUNTED: Final = ("measurement", "economy")


def _completed(
    declared: Mapping[str, Figure], claims: tuple[Claim, ...], setting: str
) -> dict[str, Figure]:
    """Every figure that is declared, a part, or claimed, with what was left open decided."""
    names = dict.fromkeys(declared)
    for figure in declared.values():
        names.update(dict.fromkeys(figure.parts))
    for claim in claims:
        names.update(dict.fromkeys(claim.parts))
    totals = running_totals(declared, claims)
    figures = {name: declared.get(name, Figure(name=name)) for name in names}
    broken = _not_whole(declared, claims)

    def counts(name: str, figure: Figure) -> bool:
        if figure.counts is not None:
            return figure.counts
        bases = base_parts(declared, name)
        plain = all(figures[b].scale == "log" and not figures[b].level for b in bases)
        return plain and setting not in _UNCOUNTED and broken.isdisjoint(bases)

    return {
        name: replace(
            figure,
            accrues=not totals.isdisjoint(base_parts(declared, name)),
            counts=counts(name, figure),
        )
        for name, figure in figures.items()
    }


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


def _case_problems(case: ClaimSet) -> Iterator[Problem]:
    """What is wrong with the case, before any claim is looked at."""
    if case.setting not in SETTINGS:
        legal = one_of(SETTINGS, case.setting)
        yield Problem(field="setting", value=case.setting, wrong="not a setting", legal=legal)
    if case.start and case.end and case.start > case.end:
        wrong = f"after the end {case.end}"
        yield Problem(field="start", value=case.start, wrong=wrong, legal="a day up to the end")
    if not case.claims:
        yield Problem(field="claims", value=None, wrong="no claims", legal="one claim or more")
    for figure in case.figures.values():
        yield from _whole_problems(case.figures, figure)
    for ratio in case.ratios:
        yield from _ratio_problems(case, ratio)


def _ratio_problems(case: ClaimSet, ratio: Ratio) -> Iterator[Problem]:
    """A ratio must be of figures of the case, and be one at all."""
    field = f"ratios.{ratio.of}"
    known = set(case.figures) | {part for f in case.figures.values() for part in f.parts}
    known |= {part for claim in case.claims for part in claim.parts}
    for name in (part for side in ratio.sides for part in parse_sum(side)):
        if name not in known:
            legal = one_of(sorted(known), name)
            yield Problem(field=field, value=ratio.of, wrong=f"{name!r} is unknown", legal=legal)
            return
    if len({_sort(case.figures, base) for base in base_parts(case.figures, ratio.of)}) > 1:
        wrong = "mixes a level with a total, or a figure with scale linear with others"
        legal = "two totals or two levels"
        yield Problem(field=field, value=ratio.of, wrong=wrong, legal=legal)
    elif any(_sort(case.figures, b) == "linear" for b in base_parts(case.figures, ratio.of)):
        wrong, legal = "of figures with scale linear", "a ratio of figures above zero"
        yield Problem(field=field, value=ratio.of, wrong=wrong, legal=legal)


def _whole_problems(figures: Mapping[str, Figure], figure: Figure) -> Iterator[Problem]:
    """Parts must not lead back to their whole, be counted twice, or differ in accruing."""
    field = f"figures.{figure.name}.parts"
    try:
        bases = base_parts(figures, figure.name)
    except RecursionError:
        yield Problem(
            field=field,
            value=list(figure.parts),
            wrong="leads back to the figure itself",
            legal="parts that do not contain their whole",
        )
        return
    if len(set(bases)) < len(bases):
        yield Problem(
            field=field,
            value=list(figure.parts),
            wrong="counts a part twice",
            legal="parts that do not overlap",
        )
    said = {figures[name].accrues for name in {*bases, figure.name} if name in figures}
    if {True, False} <= said:
        yield _mixed(figure)
    if len({_sort(figures, name) for name in bases}) > 1 or (figure.parts and figure.level):
        yield Problem(
            field=field,
            value=list(figure.parts),
            wrong="mixes levels, or figures with scale linear, with others",
            legal="parts that are all totals or fixed numbers, or all levels; level stands at each",
        )
    sizes = unit_sizes(figures, bases)
    if figure.parts and (len(sizes) > 1 or figure.unit_size not in {1, *sizes}):
        yield Problem(
            field=f"figures.{figure.name}.unit_size",
            value=figure.unit_size,
            wrong="not the unit_size of its parts",
            legal="one unit_size for all parts, and the same or none for the whole",
        )


def _sort(figures: Mapping[str, Figure], name: str) -> str:
    """Which figures may be added up: those of one sort."""
    figure = figures.get(name)
    if figure is None:
        return "total"
    return "linear" if figure.scale == "linear" else "level" if figure.level else "total"


def unit_sizes(figures: Mapping[str, Figure], names: Iterable[str]) -> set[float]:
    """What figures are counted in; 1 where nothing is declared."""
    return {figures[name].unit_size if name in figures else 1.0 for name in names}


def _mixed(figure: Figure) -> Problem:
    return Problem(
        field=f"figures.{figure.name}.accrues",
        value=figure.accrues,
        wrong="mixes running totals and fixed numbers",
        legal="a whole and its parts that all accrue, or none",
    )


def _claim_set_problems(case: ClaimSet) -> Iterator[Problem]:
    """What is wrong with the claims taken together."""
    named = {claim.population for claim in case.claims if claim.population}
    known = set(case.figures) | {part for f in case.figures.values() for part in f.parts}
    known |= {claim.figure.strip() for claim in case.claims if len(claim.parts) == 1}
    known |= {side for claim in case.claims for side in claim.sides if "+" not in side}
    totals = running_totals(case.figures, case.claims)
    for figure in case.figures.values():
        if len({base in totals for base in base_parts(case.figures, figure.name)}) > 1:
            yield _mixed(figure)
    yield from _mixed_scale_problems(case)
    for row, claim in enumerate(case.claims, start=1):
        yield from _claim_in_case_problems(case, claim, row, named, known, totals)


def _mixed_scale_problems(case: ClaimSet) -> Iterator[Problem]:
    """Figures that may be negative have a model of their own."""
    about = {
        base: _sort(case.figures, base) == "linear"
        for claim in case.claims
        for base in base_parts(case.figures, claim.figure)
    }
    linear = [base for base, is_linear in about.items() if is_linear]
    others = [base for base, is_linear in about.items() if not is_linear]
    if linear and others:
        wrong = f"claims on figures with scale linear ({', '.join(linear)}) beside others"
        legal = "figures of one scale: fit them apart"
        yield Problem(field="figure", value=", ".join(others), wrong=wrong, legal=legal)


def _claim_in_case_problems(
    case: ClaimSet,
    claim: Claim,
    row: int,
    named: set[str],
    known: set[str],
    totals: frozenset[str],
) -> Iterator[Problem]:
    """What is wrong with one claim given its case."""

    def problem(field: str, wrong: str, legal: str) -> Problem:
        value = getattr(claim, field)
        return Problem(
            row=row, source=claim.source, field=field, value=value, wrong=wrong, legal=legal
        )

    if not claim.population and len(named) > 1:
        legal = "one of " + ", ".join(sorted(named))
        yield problem("population", f"the claims speak of {len(named)} populations", legal)
    if len(claim.parts) > 1:
        for part in claim.parts:
            if part not in known:
                wrong = f"{part!r} in this sum is an unknown figure"
                legal = one_of(sorted(known), part) + "; others are declared in the case"
                yield problem("figure", wrong, legal)
        for bases in (base_parts(case.figures, side) for side in claim.sides):
            if len(set(bases)) < len(bases):
                twice = sorted({base for base in bases if bases.count(base) > 1})
                wrong = f"{', '.join(twice)} is also counted in its whole"
                yield problem("figure", wrong, "a sum in which nothing is counted twice")
            if len(unit_sizes(case.figures, bases)) > 1:
                wrong = "adds numbers of different unit_size"
                yield problem("figure", wrong, "one unit_size in a sum")
    yield from _share_problems(case, claim, problem)
    yield from _scale_problems(case, claim, problem)
    yield from _period_problems(case, claim, totals, problem)


def _share_problems(
    case: ClaimSet, claim: Claim, problem: Callable[[str, str, str], Problem]
) -> Iterator[Problem]:
    """A part over its whole is a share, and below one; a thing over itself is no ratio."""
    if claim.kind != "ratio":
        return
    above, below = (set(base_parts(case.figures, side)) for side in claim.sides)
    if above == below:
        yield problem("figure", "a ratio of a figure to itself", "two different figures")
    elif above < below or above > below:
        share = above < below
        for name in ("value", "low"):
            number = getattr(claim, name)
            if number is not None and (number >= 1 if share else number <= 1):
                what = "a part over its whole" if share else "a whole over its part"
                legal = "a number below 1" if share else "a number above 1"
                yield problem(name, f"{what} that is not {'below' if share else 'above'} 1", legal)


def _scale_problems(
    case: ClaimSet, claim: Claim, problem: Callable[[str, str, str], Problem]
) -> Iterator[Problem]:
    """Only a figure that may be negative has numbers below zero, and no logarithm."""
    sorts = {_sort(case.figures, base) for base in base_parts(case.figures, claim.figure)}
    if len(sorts) > 1:
        wrong = "puts levels, or figures with scale linear, together with others"
        yield problem("figure", wrong, "figures that are all totals or fixed numbers, or levels")
    elif sorts == {"linear"}:
        if len(claim.parts) > 1:
            yield problem("figure", "a sum or ratio of figures with scale linear", "one figure")
        if claim.kind in ("ratio", "vague", "confirmed"):
            legal = "point, about, at_least, at_most, between, interval, truth"
            yield problem("kind", f"{claim.figure} has scale linear", legal)
        if claim.scale == "log":
            yield problem("scale", f"{claim.figure} has scale linear", "linear, or empty")
    elif claim.scale == "linear" and claim.kind != "interval":
        wrong = f"{claim.figure} is on the log scale"
        legal = "empty; figures.NAME.scale = linear for what may be negative"
        yield problem("scale", wrong, legal)


def _period_problems(
    case: ClaimSet,
    claim: Claim,
    totals: frozenset[str],
    problem: Callable[[str, str, str], Problem],
) -> Iterator[Problem]:
    for name in ("date", "since"):
        day = getattr(claim, name)
        if isinstance(day, dt.date) and case.start and day < case.start:
            yield problem(name, f"before the start {case.start}", "a day from the start on")
    bases = base_parts(case.figures, claim.figure)
    kinds = {base in totals for base in bases}
    levels = {_sort(case.figures, base) for base in bases} == {"level"}
    if kinds == {True, False}:
        wrong = "adds a running total to a fixed number"
        yield problem("figure", wrong, "a sum of figures that all accrue, or none")
    elif (kinds == {True} or levels) and claim.date is None:
        wrong = f"{claim.figure} is {'a level' if levels else 'a running total'}"
        yield problem("date", wrong, "the last day the number covers, such as 2022-03-25")
    elif kinds == {False} and not levels and claim.since is not None:
        wrong = f"{claim.figure} is one fixed number (accrues = false)"
        yield problem("since", wrong, "empty")
    elif claim.since == LAST_REPORT:
        wrong = "no earlier claim of this source on this figure has a date"
        yield problem("since", wrong, "the first day the number covers, or empty")
    if not claim.per:
        return
    if kinds != {True}:
        wrong = f"{claim.figure} is no running total"
        yield problem("per", wrong, "empty; a level is a rate already")
    elif claim.since is None and case.start is None:
        wrong = "a rate over a period whose beginning nobody says"
        yield problem("per", wrong, "a rate with since, or a case with a start")
